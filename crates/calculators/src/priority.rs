use serde::Serialize;

use capplan_queueing::queues::PriorityTimes;
use capplan_queueing::units::ArrivalRate;

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed_with_gaps};
use super::error::named;
use super::law_inputs::{TIMES, TRANSFORM_AT};
use super::priority_figures::{Asked, ClassFigures, class_figures};
use super::priority_station::{PriorityInput, solved_mg1, solved_mmc};
use super::quantiles::QUANTILES;
use super::small_figures::SmallFigures;

pub(super) const PRIORITY: Calculator = Calculator {
    name: "priority",
    summary: "classes of a station with priorities, non-preemptive and preemptive-resume: means, quantiles, laws",
    inputs: &[
        Input::required(
            "model",
            InputKind::Choice(&["mg1", "mmc"]),
            "`mg1`: one server, needs `service_times`; `mmc`: servers of one rate, needs `service_rate` and `servers`",
        ),
        Input::required(
            "arrival_rates",
            InputKind::Numbers,
            "arrivals per second of each class, most urgent first; each at least 0",
        ),
        Input::optional("service_times", InputKind::Numbers, "mean service seconds of each class, for `mg1`"),
        Input::optional(
            "service_scvs",
            InputKind::Numbers,
            "squared coefficients of variation of the services, each between 0 and 1e12, for `mg1` (default 1 each)",
        ),
        Input::optional(
            "service_rate",
            InputKind::Number,
            "completions per second of one busy server, the same for all classes, for `mmc`",
        ),
        Input::optional("servers", InputKind::Count, "number of parallel servers, for `mmc`"),
        QUANTILES,
        TIMES,
        TRANSFORM_AT,
        Input::optional(
            "states",
            InputKind::Counts,
            "numbers of jobs whose probabilities are asked for, each at most 100000: of each class waiting, of each class at a \
             single server, of all classes with `mmc`",
        ),
    ],
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
    answer: |input| typed_with_gaps(&PRIORITY_GAPS, input, priority),
};

/// Figures that may be below the doubles.
const PRIORITY_GAPS: [&str; 14] = [
    "wait_probability",
    "mean_residual_service",
    "nonpreemptive_waiting_time",
    "preemptive_resume_wait_probability",
    "nonpreemptive_waiting_time_tail",
    "nonpreemptive_sojourn_time_tail",
    "preemptive_resume_sojourn_time_tail",
    "nonpreemptive_waiting_time_transform",
    "nonpreemptive_sojourn_time_transform",
    "preemptive_resume_sojourn_time_transform",
    "nonpreemptive_waiting_probabilities",
    "nonpreemptive_state_probabilities",
    "preemptive_resume_state_probabilities",
    "state_probabilities",
];

#[derive(Serialize)]
struct PriorityAnswer {
    cumulative_utilization: Vec<f64>,
    wait_probability: Option<f64>,
    mean_residual_service: Option<f64>,
    nonpreemptive_waiting_time: Vec<Option<f64>>,
    nonpreemptive_sojourn_time: Vec<f64>,
    preemptive_resume_sojourn_time: Vec<f64>,
    #[serde(flatten)]
    laws: ClassFigures,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_probabilities: Option<Vec<Option<f64>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    below_double_precision: Vec<&'static str>,
    method: &'static str,
    exact: bool,
}

fn priority(input: &PriorityInput) -> Result<PriorityAnswer, CalcError> {
    if input.arrival_rates.is_empty() {
        return Err(CalcError::invalid("`arrival_rates` is empty; it holds one rate for each class"));
    }
    let solved = if input.model == "mg1" { solved_mg1(input)? } else { solved_mmc(input)? };
    let column = |figure: fn(&PriorityTimes) -> f64| solved.times.iter().map(figure).collect();
    let asked = Asked {
        quantiles: input.quantiles.as_deref(),
        times: input.times.as_deref(),
        points: input.transform_at.as_deref(),
        states: input.states.as_deref(),
    };
    let laws = class_figures(&solved.laws, &solved.arrival_rates, solved.server_count, asked)?;
    let smoothed = solved.laws.iter().any(|laws| {
        [&laws.nonpreemptive_wait, &laws.nonpreemptive_sojourn, &laws.preemptive_resume_sojourn]
            .iter()
            .any(|law| law.is_smoothed())
    });
    let all = named("arrival_rates", ArrivalRate::new(input.arrival_rates.iter().sum()))?;
    let mut small = SmallFigures::of(all);
    let wait_probability = solved.laws.first().map_or(0.0, |laws| laws.nonpreemptive_wait_probability);
    let wait_probability = small.figure("wait_probability", wait_probability);
    let state_probabilities = solved
        .together
        .and_then(|station| small.states(input.states.as_deref(), |jobs| Some(station.state_probability(jobs))));
    laws.note(&mut small);
    Ok(PriorityAnswer {
        cumulative_utilization: solved.cumulative_utilization,
        wait_probability,
        mean_residual_service: small.following("mean_residual_service", solved.mean_residual_service, wait_probability),
        nonpreemptive_waiting_time: solved
            .times
            .iter()
            .map(|times| {
                small.following("nonpreemptive_waiting_time", times.nonpreemptive_waiting_time, wait_probability)
            })
            .collect(),
        nonpreemptive_sojourn_time: column(|times| times.nonpreemptive_sojourn_time),
        preemptive_resume_sojourn_time: column(|times| times.preemptive_resume_sojourn_time),
        laws,
        state_probabilities,
        below_double_precision: small.names()?,
        method: match (input.model.as_str(), smoothed) {
            ("mg1", false) => {
                "exact: M/G/1 with priorities, means of Cobham and preemptive-resume, laws by delay cycles inverted to 1e-9"
            }
            ("mg1", true) => {
                "means and state probabilities exact: M/G/1 with priorities, Cobham and preemptive-resume; tails and \
                 quantiles by delay cycles, steps of constant services spread over some 0.1 % of the time"
            }
            _ => {
                "exact: M/M/c with priorities, means of Cobham and nested M/M/c, waits as mixtures of exponentials, \
                 preemptive sojourns by the chain of the jobs before, inverted to 1e-9"
            }
        },
        exact: !smoothed,
    })
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
