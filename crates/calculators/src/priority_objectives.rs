//! The inverse questions of a class at an M/M/c station with priorities.

use serde::{Deserialize, Serialize};

use capplan_queueing::queues::{
    PriorityDiscipline, PriorityObjective, ServerObjective, priority_laws_mmc, priority_max_arrival_rate,
    priority_min_servers,
};
use capplan_queueing::units::{ArrivalRate, Servers, ServiceRate};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::{listed, named};
use super::objectives::{LIMIT, METRIC, objective};
use super::stations::{SERVERS, SERVICE_RATE};

const ARRIVAL_RATES: Input =
    Input::required("arrival_rates", InputKind::Numbers, "arrivals per second of each class, most urgent first");
const CLASS: Input =
    Input::required("class", InputKind::Count, "place of the class with the objective; 0 is the most urgent");
const DISCIPLINE: Input = Input::optional(
    "discipline",
    InputKind::Choice(&["nonpreemptive", "preemptive_resume"]),
    "`nonpreemptive` or `preemptive_resume`: whether urgent jobs interrupt (default nonpreemptive)",
);

pub(super) const PRIORITY_MIN_SERVERS: Calculator = Calculator {
    name: "priority_min_servers",
    summary: "least number of servers with which a class of an M/M/c station with priorities meets an objective",
    inputs: &[ARRIVAL_RATES, SERVICE_RATE, CLASS, DISCIPLINE, METRIC, LIMIT],
    formula: &[
        "least c with {metric}(c) ≤ {limit} for class {class} of λ = {arrival_rates},  μ = {service_rate},  {discipline|nonpreemptive}",
        "c = {result.servers}:  {metric} = {value} ≤ {limit}",
    ],
    reference: "Davis 1966; Kella and Yechiali 1985",
    answer: |input| typed(input, fewest),
};

pub(super) const PRIORITY_MAX_ARRIVAL_RATE: Calculator = Calculator {
    name: "priority_max_arrival_rate",
    summary: "greatest arrival rate of a class at which it meets an objective at an M/M/c station with priorities",
    inputs: &[ARRIVAL_RATES, SERVICE_RATE, SERVERS, CLASS, DISCIPLINE, METRIC, LIMIT],
    formula: &[
        "greatest λ of class {class} with {metric}(λ) ≤ {limit}, the others of {arrival_rates} as they are",
        "c = {servers},  μ = {service_rate},  {discipline|nonpreemptive}",
        "λ = {arrival_rate}:  {metric} = {value} ≤ {limit}",
    ],
    reference: "Davis 1966; Kella and Yechiali 1985",
    answer: |input| typed(input, most),
};

/// What both questions say. The table of inputs has refused other fields.
#[derive(Deserialize)]
struct Asked {
    arrival_rates: Vec<f64>,
    service_rate: f64,
    servers: Option<u64>,
    class: u64,
    discipline: Option<String>,
    metric: String,
    limit: f64,
}

impl Asked {
    fn rates(&self) -> Result<Vec<ArrivalRate>, CalcError> {
        listed("arrival_rates", &self.arrival_rates, ArrivalRate::new)
    }

    fn objective(&self) -> Result<PriorityObjective, CalcError> {
        let classes = self.arrival_rates.len();
        let class = usize::try_from(self.class).ok().filter(|&class| class < classes).ok_or_else(|| {
            CalcError::invalid(format!(
                "`class` is {}, but `arrival_rates` has {classes} classes, counted from 0",
                self.class
            ))
        })?;
        let objective = objective(&self.metric, self.limit)?;
        if matches!(objective, ServerObjective::LostShare(_)) {
            return Err(CalcError::invalid(
                "`metric` is \"p_loss\", but nobody is lost here; limit `p_wait`, `wq`, `w` or a percentile",
            ));
        }
        let discipline = match self.discipline.as_deref() {
            Some("preemptive_resume") => PriorityDiscipline::PreemptiveResume,
            _ => PriorityDiscipline::NonPreemptive,
        };
        Ok(PriorityObjective { class, discipline, objective })
    }
}

#[derive(Serialize)]
struct FewestAnswer {
    feasible: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    servers: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    method: &'static str,
    exact: bool,
}

fn fewest(input: &Asked) -> Result<FewestAnswer, CalcError> {
    let service_rate = named("service_rate", ServiceRate::new(input.service_rate))?;
    let least = priority_min_servers(&input.rates()?, service_rate, &input.objective()?)?;
    Ok(FewestAnswer {
        feasible: least.is_some(),
        servers: least.map(|least| least.servers.get()),
        value: least.map(|least| least.value),
        method: "exact: M/M/c with priorities, search over the number of servers",
        exact: true,
    })
}

#[derive(Serialize)]
struct MostAnswer {
    feasible: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    arrival_rate: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    method: &'static str,
    exact: bool,
}

fn most(input: &Asked) -> Result<MostAnswer, CalcError> {
    let service_rate = named("service_rate", ServiceRate::new(input.service_rate))?;
    let servers = named("servers", Servers::new(input.servers.unwrap_or_default()))?;
    let (rates, objective) = (input.rates()?, input.objective()?);
    let others = |(place, rate): (usize, &ArrivalRate)| if place == objective.class { 0.0 } else { rate.get() };
    let left = (servers.get() as f64 * service_rate.get()) - rates.iter().enumerate().map(others).sum::<f64>();
    // Without room for a single job of the class the others overload the station, and the laws say so.
    let ceiling = named("service_rate", ArrivalRate::new(left.max(0.0)))?;
    let laws = |rates: &[ArrivalRate]| priority_laws_mmc(rates, service_rate, servers);
    if left <= 0.0 {
        let mut alone = rates.clone();
        if let Some(own) = alone.get_mut(objective.class) {
            *own = ceiling;
        }
        laws(&alone)?;
    }
    let greatest = priority_max_arrival_rate(&rates, ceiling, &objective, laws)?;
    Ok(MostAnswer {
        feasible: greatest.is_some(),
        arrival_rate: greatest.map(|greatest| greatest.arrival_rate),
        value: greatest.map(|greatest| greatest.value),
        method: "exact: M/M/c with priorities, halving over the arrival rate",
        exact: true,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{ErrorKind, run};

    fn figure(rates: &Value, servers: u64, field: &str, class: usize, key: &str) -> f64 {
        let input = json!({"model": "mmc", "arrival_rates": rates, "service_rate": 1, "servers": servers});
        let value = &run("priority", &input).expect("stable")[field][class];
        if key.is_empty() { value } else { &value[key] }.as_f64().expect("a number")
    }

    #[test]
    fn one_server_fewer_misses_the_objective() {
        let rates = json!([3.0, 4.0]);
        let mut input =
            json!({"arrival_rates": rates, "service_rate": 1, "class": 1, "metric": "wq_p99", "limit": 1.0});
        let field = "nonpreemptive_waiting_time_quantiles";
        let servers = run("priority_min_servers", &input).expect("an answer")["servers"].as_u64().expect("a count");
        assert!(figure(&rates, servers, field, 1, "0.99") <= 1.0);
        assert!(figure(&rates, servers - 1, field, 1, "0.99") > 1.0);
        input["class"] = json!(0);
        let urgent = run("priority_min_servers", &input).expect("an answer")["servers"].as_u64().expect("a count");
        assert!(urgent < servers);
    }

    /// The most urgent of those that interrupt has M/M/1 for itself: W = 1/(μ − λ).
    #[test]
    fn the_urgent_have_the_station_for_themselves() {
        let input = json!({"arrival_rates": [0.1, 0.4], "service_rate": 1, "servers": 1, "class": 0,
                           "discipline": "preemptive_resume", "metric": "w", "limit": 2});
        let rate = run("priority_max_arrival_rate", &input).expect("an answer")["arrival_rate"].as_f64();
        assert!(rate.is_some_and(|rate| (rate - 0.5).abs() < 1e-9), "{rate:?}");
    }

    #[test]
    fn faults_are_named() {
        let mut input = json!({"arrival_rates": [0.1, 1.4], "service_rate": 1, "servers": 1, "class": 2, "metric": "w",
                               "limit": 2});
        let ask = |input: &Value| run("priority_max_arrival_rate", input).expect_err("refused");
        assert_eq!(ask(&input).message, "`class` is 2, but `arrival_rates` has 2 classes, counted from 0");
        input["class"] = json!(0);
        let full = ask(&input);
        assert_eq!(full.kind, ErrorKind::Unstable);
        assert_eq!(full.message, "offered load of 1.4 is too much for 1 server; at least 2 are needed");
        input["metric"] = json!("p_loss");
        (input["limit"], input["arrival_rates"]) = (json!(0.5), json!([0.1, 0.4]));
        assert_eq!(
            ask(&input).message,
            "`metric` is \"p_loss\", but nobody is lost here; limit `p_wait`, `wq`, `w` or a percentile"
        );
    }
}
