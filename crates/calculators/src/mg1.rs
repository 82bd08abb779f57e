use serde::{Deserialize, Serialize};

use capplan_queueing::queues::{Mg1, ServiceBranch, ServiceShape};
use capplan_queueing::units::{ArrivalRate, Seconds};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed_with_gaps};
use super::error::named;
use super::law_inputs::{LawFigures, TIMES, TRANSFORM_AT, law_figures};
use super::quantiles::{QUANTILES, Quantiles, keyed, quantile_probabilities};
use super::small_figures::SmallFigures;
use super::stations::{ARRIVAL_RATE, STATES};

const SERVICE_SCV: Input = Input::optional(
    "service_scv",
    InputKind::Number,
    "squared coefficient of variation of the service, at least 0; 1 is exponential",
);

pub(super) const MG1: Calculator = Calculator {
    name: "mg1",
    summary: "M/G/1 station in order of arrival: means, law of the wait, and the mean under processor sharing",
    inputs: &[
        ARRIVAL_RATE,
        Input::optional("service_time", InputKind::Number, "mean service seconds; `hyperexp2` has its own"),
        SERVICE_SCV,
        Input::optional(
            "service_distribution",
            InputKind::Choice(&["deterministic", "exponential", "erlang", "hyperexp2"]),
            "law of the service (default: one with the two moments `service_time` and `service_scv`)",
        ),
        Input::optional("stages", InputKind::Count, "stages of an `erlang` service, 1 to 10,000"),
        Input::optional("branch_probabilities", InputKind::Numbers, "probabilities of the branches of `hyperexp2`"),
        Input::optional("branch_rates", InputKind::Numbers, "completions per second in the branches of `hyperexp2`"),
        QUANTILES,
        TIMES,
        TRANSFORM_AT,
        STATES,
    ],
    formula: &[
        "branches p = {branch_probabilities} of rates r = {branch_rates}:  S = Σ p/r = {result.service_time}",
        "ρ = λ·S = {arrival_rate}·{result.service_time} = {utilization} = P(wait)",
        "s = Var S/S² = {result.service_scv}",
        "W_q = λ·S²·(1 + s)/(2·(1 − ρ)) = {arrival_rate}·{result.service_time}²·(1 + {result.service_scv})/(2·(1 − {utilization})) = {waiting_time}",
        "W = W_q + S = {waiting_time} + {result.service_time} = {sojourn_time}",
        "L_q = λ·W_q = {arrival_rate}·{waiting_time} = {mean_in_queue}",
        "L = L_q + ρ = {mean_in_queue} + {utilization} = {mean_in_system}",
        "processor sharing: W = S/(1 − ρ) = {result.service_time}/(1 − {utilization}) = {processor_sharing_sojourn_time}",
        "P(W_q > t): {waiting_time_tail},  P(W > t): {sojourn_time_tail}",
        "E e^(−u·W_q) = (1 − ρ)·u/(u − λ + λ·E e^(−u·S)): {waiting_time_transform}",
        "E e^(−u·W) = E e^(−u·W_q)·E e^(−u·S): {sojourn_time_transform}",
        "p_n·P(A = 0) = p_0·P(A > n − 1) + Σ_(0<j<n) p_j·P(A > n − j),  A arrivals in a service;  n = {states}: {state_probabilities}",
        "quantiles of the wait: {waiting_time_quantiles}",
        "quantiles of wait and service: {sojourn_time_quantiles}",
    ],
    reference: "Kleinrock 1975, §5.7 (Pollaczek–Khinchine); Tijms 2003, §9.2",
    answer: |input| typed_with_gaps(&MG1_GAPS, input, mg1),
};

/// Figures that may be below the doubles.
const MG1_GAPS: [&str; 10] = [
    "utilization",
    "wait_probability",
    "mean_in_queue",
    "mean_in_system",
    "waiting_time",
    "waiting_time_tail",
    "sojourn_time_tail",
    "waiting_time_transform",
    "sojourn_time_transform",
    "state_probabilities",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mg1Input {
    arrival_rate: f64,
    service_time: Option<f64>,
    service_scv: Option<f64>,
    service_distribution: Option<String>,
    stages: Option<u64>,
    branch_probabilities: Option<Vec<f64>>,
    branch_rates: Option<Vec<f64>>,
    quantiles: Option<Vec<f64>>,
    times: Option<Vec<f64>>,
    transform_at: Option<Vec<f64>>,
    states: Option<Vec<u64>>,
}

#[derive(Serialize)]
struct Mg1Answer {
    utilization: Option<f64>,
    service_time: f64,
    service_scv: f64,
    wait_probability: Option<f64>,
    mean_in_queue: Option<f64>,
    mean_in_system: Option<f64>,
    waiting_time: Option<f64>,
    sojourn_time: f64,
    processor_sharing_sojourn_time: f64,
    waiting_time_quantiles: Quantiles,
    sojourn_time_quantiles: Quantiles,
    #[serde(flatten)]
    laws: LawFigures,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_probabilities: Option<Vec<Option<f64>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    below_double_precision: Vec<&'static str>,
    method: &'static str,
    exact: bool,
}

fn mg1(input: &Mg1Input) -> Result<Mg1Answer, CalcError> {
    let arrivals = named("arrival_rate", ArrivalRate::new(input.arrival_rate))?;
    let law = shape(input)?;
    let service_time = match (&law, input.service_time) {
        (ServiceShape::Hyperexponential(branches), None) => {
            branches.iter().map(|branch| branch.probability / branch.rate).sum()
        }
        (_, given) => needed("service_time", given)?,
    };
    let queue = Mg1::new(arrivals, named("service_time", Seconds::new(service_time))?, &law)?;
    let probabilities = quantile_probabilities(input.quantiles.as_deref())?;
    // The law of a service known by two moments is chosen, unless they leave no choice.
    let exact = !matches!(law, ServiceShape::TwoMoments(scv) if scv != 0.0);
    let laws = law_figures(&queue, input.times.as_deref(), input.transform_at.as_deref())?;
    let states = input.states.as_ref().map(|_| queue.states());
    let mut small = SmallFigures::of(arrivals);
    laws.note(&mut small);
    let wait = small.figure("wait_probability", queue.utilization());
    Ok(Mg1Answer {
        utilization: small.figure("utilization", queue.utilization()),
        service_time: queue.service_time(),
        service_scv: queue.service_scv(),
        wait_probability: wait,
        mean_in_queue: small.following("mean_in_queue", queue.mean_in_queue(), wait),
        mean_in_system: small.figure("mean_in_system", queue.mean_in_system()),
        waiting_time: small.following("waiting_time", queue.waiting_time(), wait),
        sojourn_time: queue.sojourn_time(),
        processor_sharing_sojourn_time: queue.processor_sharing_sojourn_time(),
        waiting_time_quantiles: keyed(&probabilities, |p| Ok(queue.waiting_time_quantile(p)?))?,
        sojourn_time_quantiles: keyed(&probabilities, |p| Ok(queue.sojourn_time_quantile(p)?))?,
        laws,
        state_probabilities: small
            .states(input.states.as_deref(), |jobs| states.as_ref().map(|states| states.probability(jobs))),
        below_double_precision: small.names()?,
        method: if exact {
            "exact: M/G/1, Pollaczek–Khinchine and the law of the wait in closed form"
        } else {
            "M/G/1: exact means (Pollaczek–Khinchine); quantiles, laws and states are those of a service law with these \
             two moments: a mixture of Erlang laws for an scv below 1 (constant below 1e-4), two exponential branches with \
             balanced means above"
        },
        exact,
    })
}

fn shape(input: &Mg1Input) -> Result<ServiceShape, CalcError> {
    let name = input.service_distribution.as_deref();
    let only = |field: &str, of: &str, given: bool| {
        if given && name != Some(of) {
            return Err(CalcError::invalid(format!("`{field}` is only for `service_distribution` \"{of}\"")));
        }
        Ok(())
    };
    only("stages", "erlang", input.stages.is_some())?;
    only("branch_probabilities", "hyperexp2", input.branch_probabilities.is_some())?;
    only("branch_rates", "hyperexp2", input.branch_rates.is_some())?;
    let law = match name {
        None => return Ok(ServiceShape::TwoMoments(needed("service_scv", input.service_scv)?)),
        Some("deterministic") => ServiceShape::Deterministic,
        Some("exponential") => ServiceShape::Exponential,
        Some("erlang") => {
            let stages = needed("stages", input.stages)?;
            ServiceShape::Erlang(u32::try_from(stages).unwrap_or(u32::MAX))
        }
        Some(_) => {
            let probabilities = needed("branch_probabilities", input.branch_probabilities.as_ref())?;
            let rates = needed("branch_rates", input.branch_rates.as_ref())?;
            if probabilities.len() != rates.len() {
                return Err(CalcError::invalid(format!(
                    "`branch_rates` has {} entries for {} branches",
                    rates.len(),
                    probabilities.len()
                )));
            }
            let branches = probabilities
                .iter()
                .zip(rates)
                .map(|(&probability, &rate)| ServiceBranch { probability, rate })
                .collect();
            ServiceShape::Hyperexponential(branches)
        }
    };
    if input.service_scv.is_some() {
        return Err(CalcError::invalid(
            "`service_scv` follows from `service_distribution`; leave one of them out".to_owned(),
        ));
    }
    Ok(law)
}

fn needed<T>(field: &str, value: Option<T>) -> Result<T, CalcError> {
    value.ok_or_else(|| CalcError::invalid(format!("`mg1` also needs `{field}` for this service")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::run;

    #[test]
    fn a_service_says_what_it_needs() {
        let message = |input: serde_json::Value| run("mg1", &input).expect_err("refused").message;
        assert_eq!(
            message(json!({"arrival_rate": 0.5, "service_time": 1})),
            "`mg1` also needs `service_scv` for this service"
        );
        assert_eq!(
            message(json!({"arrival_rate": 0.5, "service_time": 1, "service_distribution": "erlang"})),
            "`mg1` also needs `stages` for this service"
        );
        assert_eq!(
            message(json!({"arrival_rate": 0.5, "service_time": 1, "service_scv": 1, "stages": 2})),
            "`stages` is only for `service_distribution` \"erlang\""
        );
        assert_eq!(
            message(
                json!({"arrival_rate": 0.5, "service_time": 1, "service_distribution": "exponential", "service_scv": 1})
            ),
            "`service_scv` follows from `service_distribution`; leave one of them out"
        );
    }
}
