use capplan_queueing::queues::{
    ClassLaws, Mmc, PriorityClass, PriorityTimes, StationFigures, priority_laws_mg1, priority_laws_mmc, priority_mg1,
    priority_mmc,
};
use capplan_queueing::units::{ArrivalRate, Seconds, Servers, ServiceRate};

use crate::CalcError;
use crate::answer::{Answer, Figure, Method};
use crate::declare::{Calculator, Inputs, choices, inputs};
use crate::error::named;

use super::details::{Times, TransformPoints};
use super::priority_classes::{Class, JobCount, with_classes};
use super::quantiles::Quantiles;

inputs! {
    pub(super) struct PriorityInput {
        /// `mg1`: one server, needs `service_times`; `mmc`: servers of one rate, needs `service_rate` and `servers`
        model: Model,
        /// arrivals per second of each class, most urgent first; each at least 0
        arrival_rates: Vec<ArrivalRate>,
        /// mean service seconds of each class, for `mg1`
        service_times: Option<Vec<Seconds>>,
        /// squared coefficients of variation of the services, each between 0 and 1e12, for `mg1` (default 1 each)
        service_scvs: Option<Vec<f64>>,
        /// completions per second of one busy server, the same for all classes, for `mmc`
        service_rate: Option<ServiceRate>,
        /// number of parallel servers, for `mmc`
        servers: Option<Servers>,
        quantiles: Quantiles,
        times: Option<Times>,
        transform_at: Option<TransformPoints>,
        /// numbers of jobs whose probabilities are asked for, each at most 100000: of each class waiting, of each
        /// class at a single server, of all classes with `mmc`
        states: Option<Vec<JobCount>>,
    }
}

pub(crate) const PRIORITY: Calculator = Calculator {
    name: "priority",
    summary: "classes of a station with priorities, non-preemptive and preemptive-resume: means, quantiles, laws",
    inputs: PriorityInput::INPUTS,
    formula: &[
        "σ_k = utilization by the classes 1 … k: {cumulative_utilization}",
        "R = ½·Σ_i λ_i·S_i²·(1 + s_i) = {mean_residual_service}  (λ: {arrival_rates}, S: {service_times}, s: {service_scvs|1 each})",
        "R = C(c, a)/(c·μ) = {wait_probability}/({servers}·{service_rate}) = {mean_residual_service}",
        "non-preemptive W_q,1 = R/(1 − σ_1) = {mean_residual_service}/(1 − {cumulative_utilization[0]}) = {nonpreemptive_waiting_time[0]}",
        "non-preemptive W_q,2 = R/((1 − σ_1)(1 − σ_2)) = {mean_residual_service}/((1 − {cumulative_utilization[0]})(1 − {cumulative_utilization[1]})) = {nonpreemptive_waiting_time[1]}",
        "W_q,k = R/((1 − σ_(k−1))(1 − σ_k)): {nonpreemptive_waiting_time}",
        "W_k = W_q,k + S_k: {nonpreemptive_sojourn_time}  (S: {service_times})",
        "W_k = W_q,k + 1/μ = W_q,k + 1/{service_rate}: {nonpreemptive_sojourn_time}",
        "preemptive W_k = S_k/(1 − σ_(k−1)) + ½·Σ_(i≤k) λ_i·S_i²·(1 + s_i)/((1 − σ_(k−1))(1 − σ_k)): {preemptive_resume_sojourn_time}  (S: {service_times})",
        "preemptive W_k = 1/μ + (L_q(Λ_k) − L_q(Λ_(k−1)))/λ_k with μ = {service_rate}: {preemptive_resume_sojourn_time}",
        "E e^(−s·W_q,k) = (1 − ρ + Σ_(j>k) ρ_j·r_j(z))/(1 − Σ_(i≤k) ρ_i·r_i(z)),  s = z·(1 − Σ_(i<k) ρ_i·r_i(z)),  r_i(z) = (1 − B_i(z))/(z·S_i)  (S: {service_times})",
        "E e^(−s·W_q,k) = 1 − C + C·(1 − σ_k)·η/(1 − σ_k·η),  η(s): busy period of M/M/1 with λ_(i<k) and {servers}·{service_rate}",
        "P(W_q > t): {nonpreemptive_waiting_time_tail},  P(W > t): {nonpreemptive_sojourn_time_tail}",
        "preemptive P(W > t): {preemptive_resume_sojourn_time_tail}",
        "quantiles of the wait: {nonpreemptive_waiting_time_quantiles}",
        "quantiles of wait and service: {nonpreemptive_sojourn_time_quantiles}",
        "preemptive: {preemptive_resume_sojourn_time_quantiles}",
        "P(n of class k wait) = P(n arrivals of the class during its wait): {nonpreemptive_waiting_probabilities}",
    ],
    reference: "Cobham 1954; Davis 1966; Kleinrock 1976, ch. 3; Kella and Yechiali 1985",
    answer: |question| question.answer(priority),
};

choices! {
    pub(super) enum Model {
        Mg1 = "mg1",
        Mmc = "mmc",
    }
}

/// A station as it was solved.
struct Solved {
    cumulative_utilization: Vec<f64>,
    mean_residual_service: f64,
    times: Vec<PriorityTimes>,
    laws: Vec<ClassLaws>,
    /// All classes together, for several servers of one rate.
    together: Option<Mmc>,
    /// One server keeps the order of a class; several may let a later job go first.
    servers: Servers,
}

fn priority(input: &PriorityInput) -> Result<Answer, CalcError> {
    if input.arrival_rates.is_empty() {
        return Err(CalcError::invalid("`arrival_rates` is empty; it holds one rate for each class"));
    }
    let solved = match input.model {
        Model::Mg1 => solved_mg1(input)?,
        Model::Mmc => solved_mmc(input)?,
    };
    let column = |figure: fn(&PriorityTimes) -> f64| solved.times.iter().map(figure).collect::<Vec<_>>();
    let smoothed = solved.laws.iter().any(|laws| {
        [&laws.nonpreemptive_wait, &laws.nonpreemptive_sojourn, &laws.preemptive_resume_sojourn]
            .iter()
            .any(|law| law.is_smoothed())
    });
    let wait_probability = solved.laws.first().map_or(0.0, |laws| laws.nonpreemptive_wait_probability);
    let answer = Answer::by(method(input.model, smoothed)).at_rate(total(input)?);
    let waiting_times = match answer.above_zero(wait_probability) {
        Figure::BelowDouble => vec![Figure::BelowDouble; solved.times.len()],
        _ => solved.times.iter().map(|times| answer.above_zero(times.nonpreemptive_waiting_time)).collect(),
    };
    let answer = answer
        .with("cumulative_utilization", solved.cumulative_utilization)
        .positive("wait_probability", wait_probability)
        .following("wait_probability", "mean_residual_service", solved.mean_residual_service)
        .with("nonpreemptive_waiting_time", Figure::List(waiting_times))
        .with("nonpreemptive_sojourn_time", column(|times| times.nonpreemptive_sojourn_time))
        .with("preemptive_resume_sojourn_time", column(|times| times.preemptive_resume_sojourn_time));
    let classes = solved.laws.iter().zip(&input.arrival_rates);
    let classes: Vec<Class> = classes.map(|(laws, &arrival_rate)| Class { laws, arrival_rate }).collect();
    let answer = with_classes(answer, &classes, solved.servers, input)?;
    let states = input.states.as_deref().zip(solved.together).map(|(states, station)| {
        states.iter().map(|jobs| answer.above_zero(station.state_probability(jobs.0.into()))).collect()
    });
    Ok(answer.with_some("state_probabilities", states.map(Figure::List)))
}

const fn method(model: Model, smoothed: bool) -> Method {
    match (model, smoothed) {
        (Model::Mg1, false) => Method::Exact(
            "exact: M/G/1 with priorities, means of Cobham and preemptive-resume, laws by delay cycles inverted to 1e-9",
        ),
        (Model::Mg1, true) => Method::Approximate(
            "means and state probabilities exact: M/G/1 with priorities, Cobham and preemptive-resume; tails and \
             quantiles by delay cycles, steps of constant services spread over some 0.1 % of the time",
        ),
        (Model::Mmc, _) => Method::Exact(
            "exact: M/M/c with priorities, means of Cobham and nested M/M/c, waits as mixtures of exponentials, \
             preemptive sojourns by the chain of the jobs before, inverted to 1e-9",
        ),
    }
}

/// The arrivals of all classes.
fn total(input: &PriorityInput) -> Result<ArrivalRate, CalcError> {
    let total = input.arrival_rates.iter().map(|rate| rate.get()).sum();
    named("arrival_rates", ArrivalRate::new(total))
}

fn solved_mg1(input: &PriorityInput) -> Result<Solved, CalcError> {
    not_of("mg1", "service_rate", input.service_rate.is_some())?;
    not_of("mg1", "servers", input.servers.is_some())?;
    let rates = &input.arrival_rates;
    let times = needed("mg1", "service_times", input.service_times.as_ref())?;
    same_length("service_times", times.len(), rates.len())?;
    let scvs = input.service_scvs.clone().unwrap_or_else(|| vec![1.0; rates.len()]);
    same_length("service_scvs", scvs.len(), rates.len())?;
    let class =
        |((&arrival_rate, &service_time), service_scv)| PriorityClass { arrival_rate, service_time, service_scv };
    let classes: Vec<PriorityClass> = rates.iter().zip(times).zip(scvs).map(class).collect();
    let load = |class: &PriorityClass| class.arrival_rate.get() * class.service_time.get();
    let residual = |class: &PriorityClass| 0.5 * load(class) * class.service_time.get() * (1.0 + class.service_scv);
    Ok(Solved {
        cumulative_utilization: sums(classes.iter().map(load)),
        mean_residual_service: classes.iter().map(residual).sum(),
        times: priority_mg1(&classes)?,
        laws: priority_laws_mg1(&classes)?,
        together: None,
        servers: Servers::ONE,
    })
}

fn solved_mmc(input: &PriorityInput) -> Result<Solved, CalcError> {
    not_of("mmc", "service_times", input.service_times.is_some())?;
    not_of("mmc", "service_scvs", input.service_scvs.is_some())?;
    let rates = &input.arrival_rates;
    let rate = needed("mmc", "service_rate", input.service_rate)?;
    let servers = needed("mmc", "servers", input.servers)?;
    let total_rate = servers.get() as f64 * rate.get();
    let together = Mmc::new(total(input)?, rate, servers)?;
    Ok(Solved {
        cumulative_utilization: sums(rates.iter().map(|rate| rate.get() / total_rate)),
        mean_residual_service: together.wait_probability() / total_rate,
        times: priority_mmc(rates, rate, servers)?,
        laws: priority_laws_mmc(rates, rate, servers)?,
        together: Some(together),
        servers,
    })
}

fn sums(parts: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sum = 0.0;
    let add = |part| {
        sum += part;
        sum
    };
    parts.map(add).collect()
}

fn needed<T>(model: &str, field: &str, value: Option<T>) -> Result<T, CalcError> {
    value.ok_or_else(|| CalcError::invalid(format!("model `{model}` also needs `{field}`")))
}

fn not_of(model: &str, field: &str, given: bool) -> Result<(), CalcError> {
    if given { Err(CalcError::invalid(format!("model `{model}` takes no `{field}`"))) } else { Ok(()) }
}

fn same_length(field: &str, found: usize, classes: usize) -> Result<(), CalcError> {
    if found == classes {
        return Ok(());
    }
    let message =
        format!("`{field}` has {found} entries and `arrival_rates` has {classes}; each class has one in both");
    Err(CalcError::invalid(message))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::run;

    fn message(input: &Value) -> String {
        run("priority", input).expect_err("refused").message
    }

    #[test]
    fn a_model_says_what_it_needs() {
        assert_eq!(message(&json!({"model": "mg1", "arrival_rates": [0.1]})), "model `mg1` also needs `service_times`");
        assert_eq!(
            message(&json!({"model": "mg1", "arrival_rates": [0.1, 0.2], "service_times": [1]})),
            "`service_times` has 1 entries and `arrival_rates` has 2; each class has one in both"
        );
        assert_eq!(
            message(
                &json!({"model": "mmc", "arrival_rates": [1], "service_rate": 1, "servers": 2, "service_scvs": [1]})
            ),
            "model `mmc` takes no `service_scvs`"
        );
        assert_eq!(
            message(&json!({"model": "mmc", "arrival_rates": [], "service_rate": 1, "servers": 2})),
            "`arrival_rates` is empty; it holds one rate for each class"
        );
        assert_eq!(
            message(
                &json!({"model": "mmc", "arrival_rates": [1], "service_rate": 1, "servers": 2, "states": [0, 100_001]})
            ),
            "`states[1]` is 100001; at most 100000 jobs of a class are counted"
        );
    }

    fn number(value: &Value) -> f64 {
        value.as_f64().expect("a number")
    }

    /// Where the urgent interrupt, the first class has M/M/1 for itself: exponential of rate 1 − 0.2.
    #[test]
    fn each_class_has_its_laws_and_states() {
        let input = json!({"model": "mmc", "arrival_rates": [0.2, 0.3], "service_rate": 1, "servers": 1,
            "quantiles": [0.9], "times": [2], "transform_at": [1], "states": [0, 3]});
        let answer = run("priority", &input).expect("an answer");
        let near = |got: &Value, want: f64| (number(got) - want).abs() < 1e-9;
        assert!(near(&answer["preemptive_resume_sojourn_time_quantiles"][0]["0.9"], 10_f64.ln() / 0.8));
        assert!(near(&answer["preemptive_resume_sojourn_time_tail"][0]["2"], (-1.6_f64).exp()));
        assert!(near(&answer["preemptive_resume_sojourn_time_cdf"][0]["2"], 1.0 - (-1.6_f64).exp()));
        assert!(near(&answer["preemptive_resume_sojourn_time_transform"][0]["1"], 0.8 / 1.8));
        assert!(near(&answer["preemptive_resume_state_probabilities"][0][1], 0.8 * 0.2_f64.powi(3)));
        assert!(near(&answer["state_probabilities"][1], 0.5 * 0.5_f64.powi(3)));
        assert_eq!(answer["nonpreemptive_waiting_probabilities"][1].as_array().map(Vec::len), Some(2));
        assert_eq!(answer["exact"], json!(true));
        // Where jobs of a class leave out of order their number says nothing of their times.
        let mut several = input;
        several["servers"] = json!(2);
        let answer = run("priority", &several).expect("an answer");
        assert!(answer.get("preemptive_resume_state_probabilities").is_none());
        assert!(answer.get("state_probabilities").is_some());
    }

    #[test]
    fn what_is_below_the_doubles_is_a_gap() {
        let input = json!({"model": "mmc", "arrival_rates": [0.1, 0.1], "service_rate": 1, "servers": 200,
                           "quantiles": [], "times": [1]});
        let answer = run("priority", &input).expect("an answer");
        let names = [
            "wait_probability",
            "mean_residual_service",
            "nonpreemptive_waiting_time",
            "preemptive_resume_wait_probability",
            "nonpreemptive_waiting_time_tail",
        ];
        for name in names {
            assert!(
                answer["below_double_precision"].as_array().is_some_and(|all| all.contains(&json!(name))),
                "{name}"
            );
        }
        assert!(answer["nonpreemptive_waiting_time"][1].is_null());
        assert!(answer["nonpreemptive_waiting_time_tail"][0]["1"].is_null());
        assert_eq!(answer["nonpreemptive_sojourn_time"][0], 1.0);
    }

    /// A class of constant services leaves steps in the laws of the others: smoothed, they still rise.
    #[test]
    fn distributions_rise_around_the_steps_of_constant_services() {
        let input = json!({"model": "mg1", "arrival_rates": [0.1, 0.2, 0.3], "service_times": [1, 1, 1],
            "service_scvs": [0, 0, 0], "quantiles": [], "times": [1.99, 1.995, 1.999, 2, 2.001, 4.99264, 4.99764, 5]});
        let answer = run("priority", &input).expect("an answer");
        for class in 1..3 {
            let law = answer["preemptive_resume_sojourn_time_cdf"][class].as_object().expect("a map");
            let values: Vec<f64> = law.values().map(number).collect();
            assert!(values.windows(2).all(|pair| pair[0] <= pair[1]), "{class}: {values:?}");
        }
    }

    #[test]
    fn constant_services_are_not_called_exact() {
        let ask = |scvs: Value| {
            let input =
                json!({"model": "mg1", "arrival_rates": [0.2, 0.3], "service_times": [1, 1], "service_scvs": scvs});
            run("priority", &input).expect("an answer")["exact"].clone()
        };
        assert_eq!(ask(json!([0, 1])), json!(false));
        assert_eq!(ask(json!([0.5, 1])), json!(true));
        let alone = json!({"model": "mg1", "arrival_rates": [0.5], "service_times": [1], "service_scvs": [0]});
        assert_eq!(run("priority", &alone).expect("an answer")["exact"], json!(true));
    }

    #[test]
    fn full_servers_are_refused() {
        let full = json!({"model": "mg1", "arrival_rates": [0.5, 0.5], "service_times": [1, 1]});
        assert_eq!(message(&full), "offered load of 1 is too much for 1 server; at least 2 are needed");
    }
}
