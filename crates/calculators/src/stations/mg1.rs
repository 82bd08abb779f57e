use capplan_queueing::queues::{Mg1, ServiceBranch, ServiceShape, StationFigures};
use capplan_queueing::units::{ArrivalRate, Seconds};

use crate::CalcError;
use crate::answer::{Answer, Method};
use crate::declare::{Calculator, Inputs, choices, inputs};

use super::details::Details;

inputs! {
    struct Mg1Input {
        arrival_rate: ArrivalRate,
        /// mean service seconds; `hyperexp2` has its own
        service_time: Option<Seconds>,
        /// squared coefficient of variation of the service, at least 0; 1 is exponential
        service_scv: Option<f64>,
        /// law of the service (default: one with the two moments `service_time` and `service_scv`)
        service_distribution: Option<Service>,
        /// stages of an `erlang` service, 1 to 10,000
        stages: Option<u64>,
        /// probabilities of the branches of `hyperexp2`
        branch_probabilities: Option<Vec<f64>>,
        /// completions per second in the branches of `hyperexp2`
        branch_rates: Option<Vec<f64>>,
        ..asked: Details,
    }
}

pub(crate) const MG1: Calculator = Calculator {
    name: "mg1",
    summary: "M/G/1 station in order of arrival: means, law of the wait, and the mean under processor sharing",
    inputs: Mg1Input::INPUTS,
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
    answer: |question| question.answer(mg1),
};

choices! {
    enum Service {
        Deterministic = "deterministic",
        Exponential = "exponential",
        Erlang = "erlang",
        Hyperexponential = "hyperexp2",
    }
}

fn mg1(input: &Mg1Input) -> Result<Answer, CalcError> {
    let law = shape(input)?;
    let service_time = match (&law, input.service_time) {
        (ServiceShape::Hyperexponential(branches), None) => {
            let mean = branches.iter().map(|branch| branch.probability / branch.rate).sum();
            Seconds::new(mean).map_err(|error| CalcError::invalid(format!("`branch_rates`: mean {error}")))?
        }
        (_, given) => needed("service_time", given)?,
    };
    let queue = Mg1::new(input.arrival_rate, service_time, &law)?;
    // The law of a service known by two moments is chosen, unless they leave no choice.
    let method = match law {
        ServiceShape::TwoMoments(scv) if scv != 0.0 => Method::Approximate(
            "M/G/1: exact means (Pollaczek–Khinchine); quantiles, laws and states are those of a service law with these \
             two moments: a mixture of Erlang laws for an scv below 1 (constant below 1e-4), two exponential branches with \
             balanced means above",
        ),
        _ => Method::Exact("exact: M/G/1, Pollaczek–Khinchine and the law of the wait in closed form"),
    };
    let states = input.asked.states.as_ref().map(|_| queue.states());
    Answer::by(method)
        .at_rate(input.arrival_rate)
        .positive("utilization", queue.utilization())
        .with("service_time", queue.service_time())
        .with("service_scv", queue.service_scv())
        .positive("wait_probability", queue.utilization())
        .following("wait_probability", "mean_in_queue", queue.mean_in_queue())
        .positive("mean_in_system", queue.mean_in_system())
        .following("wait_probability", "waiting_time", queue.waiting_time())
        .with("sojourn_time", queue.sojourn_time())
        .with("processor_sharing_sojourn_time", queue.processor_sharing_sojourn_time())
        .station(&queue, &input.asked, |jobs| states.as_ref().map(|states| states.probability(jobs)))
}

fn shape(input: &Mg1Input) -> Result<ServiceShape, CalcError> {
    let only = |field: &str, of: Service, given: bool| {
        if given && input.service_distribution != Some(of) {
            let of = of.name();
            return Err(CalcError::invalid(format!("`{field}` is only for `service_distribution` \"{of}\"")));
        }
        Ok(())
    };
    only("stages", Service::Erlang, input.stages.is_some())?;
    only("branch_probabilities", Service::Hyperexponential, input.branch_probabilities.is_some())?;
    only("branch_rates", Service::Hyperexponential, input.branch_rates.is_some())?;
    let law = match input.service_distribution {
        None => return Ok(ServiceShape::TwoMoments(needed("service_scv", input.service_scv)?)),
        Some(Service::Deterministic) => ServiceShape::Deterministic,
        Some(Service::Exponential) => ServiceShape::Exponential,
        Some(Service::Erlang) => {
            let stages = needed("stages", input.stages)?;
            ServiceShape::Erlang(u32::try_from(stages).unwrap_or(u32::MAX))
        }
        Some(Service::Hyperexponential) => ServiceShape::Hyperexponential(branches(input)?),
    };
    if input.service_scv.is_some() {
        return Err(CalcError::invalid("`service_scv` follows from `service_distribution`; leave one of them out"));
    }
    Ok(law)
}

fn branches(input: &Mg1Input) -> Result<Vec<ServiceBranch>, CalcError> {
    let probabilities = needed("branch_probabilities", input.branch_probabilities.as_ref())?;
    let rates = needed("branch_rates", input.branch_rates.as_ref())?;
    if probabilities.len() != rates.len() {
        let (rates, branches) = (rates.len(), probabilities.len());
        return Err(CalcError::invalid(format!("`branch_rates` has {rates} entries for {branches} branches")));
    }
    let branch = |(&probability, &rate)| ServiceBranch { probability, rate };
    Ok(probabilities.iter().zip(rates).map(branch).collect())
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
