//! The inverse questions of a class at an M/M/c station with priorities.

use capplan_queueing::queues::{
    PriorityDiscipline, PriorityObjective, ServerObjective, priority_laws_mmc, priority_max_arrival_rate,
    priority_min_servers,
};
use capplan_queueing::units::{ArrivalRate, Servers, ServiceRate};

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, choices, inputs};
use crate::error::named;

use super::objective::ObjectiveInput;

choices! {
    PriorityDiscipline {
        "nonpreemptive" => Self::NonPreemptive,
        "preemptive_resume" => Self::PreemptiveResume,
    }
}

inputs! {
    /// The class with the objective, and the objective.
    struct ClassObjective {
        /// place of the class with the objective; 0 is the most urgent
        class: u64,
        /// `nonpreemptive` or `preemptive_resume`: whether urgent jobs interrupt
        discipline: PriorityDiscipline = "nonpreemptive",
        ..objective: ObjectiveInput,
    }
}

inputs! {
    struct MinServersInput {
        /// arrivals per second of each class, most urgent first
        arrival_rates: Vec<ArrivalRate>,
        service_rate: ServiceRate,
        ..asked: ClassObjective,
    }
}

pub(crate) const PRIORITY_MIN_SERVERS: Calculator = Calculator {
    name: "priority_min_servers",
    summary: "least number of servers with which a class of an M/M/c station with priorities meets an objective",
    inputs: MinServersInput::INPUTS,
    formula: &[
        "least c with {metric}(c) ≤ {limit} for class {class} of λ = {arrival_rates},  μ = {service_rate},  {discipline}",
        "c = {result.servers}:  {metric} = {value} ≤ {limit}",
    ],
    reference: "Davis 1966; Kella and Yechiali 1985",
    answer: |question| question.answer(fewest),
};

inputs! {
    struct MaxArrivalRateInput {
        /// arrivals per second of each class, most urgent first
        arrival_rates: Vec<ArrivalRate>,
        service_rate: ServiceRate,
        servers: Servers,
        ..asked: ClassObjective,
    }
}

pub(crate) const PRIORITY_MAX_ARRIVAL_RATE: Calculator = Calculator {
    name: "priority_max_arrival_rate",
    summary: "greatest arrival rate of a class at which it meets an objective at an M/M/c station with priorities",
    inputs: MaxArrivalRateInput::INPUTS,
    formula: &[
        "greatest λ of class {class} with {metric}(λ) ≤ {limit}, the others of {arrival_rates} as they are",
        "c = {servers},  μ = {service_rate},  {discipline}",
        "λ = {arrival_rate}:  {metric} = {value} ≤ {limit}",
    ],
    reference: "Davis 1966; Kella and Yechiali 1985",
    answer: |question| question.answer(most),
};

impl ClassObjective {
    fn objective(&self, rates: &[ArrivalRate]) -> Result<PriorityObjective, CalcError> {
        let (class, classes) = (self.class, rates.len());
        let class = usize::try_from(class).ok().filter(|&class| class < classes).ok_or_else(|| {
            CalcError::invalid(format!("`class` is {class}, but `arrival_rates` has {classes} classes, counted from 0"))
        })?;
        let objective = self.objective.objective()?;
        if matches!(objective, ServerObjective::LostShare(_)) {
            return Err(CalcError::invalid(
                "`metric` is \"p_loss\", but nobody is lost here; limit `p_wait`, `wq`, `w` or a percentile",
            ));
        }
        Ok(PriorityObjective { class, discipline: self.discipline, objective })
    }
}

fn fewest(input: &MinServersInput) -> Result<Answer, CalcError> {
    let rates = &input.arrival_rates;
    let least = priority_min_servers(rates, input.service_rate, &input.asked.objective(rates)?)?;
    Ok(Answer::exact("exact: M/M/c with priorities, search over the number of servers")
        .with("feasible", least.is_some())
        .with_some("servers", least.map(|least| least.servers.get()))
        .with_some("value", least.map(|least| least.value)))
}

fn most(input: &MaxArrivalRateInput) -> Result<Answer, CalcError> {
    let &MaxArrivalRateInput { arrival_rates: ref rates, service_rate, servers, ref asked } = input;
    let objective = asked.objective(rates)?;
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
    let greatest = priority_max_arrival_rate(rates, ceiling, &objective, laws)?;
    Ok(Answer::exact("exact: M/M/c with priorities, halving over the arrival rate")
        .with("feasible", greatest.is_some())
        .with_some("arrival_rate", greatest.map(|greatest| greatest.arrival_rate))
        .with_some("value", greatest.map(|greatest| greatest.value)))
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
