use capplan_queueing::queues::{self, halfin_whitt, halfin_whitt_beta};
use capplan_queueing::units::{Erlangs, Probability, Seconds, Servers, ServiceRate};

use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};
use crate::{CalcError, ErrorKind};

inputs! {
    struct StaffingInput {
        offered_load: Erlangs,
        /// largest probability to wait, above 0 and at most 1
        wait_probability_target: Probability,
    }
}

pub(crate) const STAFFING: Calculator = Calculator {
    name: "staffing",
    summary: "least number of servers with which at most a given share of the jobs waits (Erlang C)",
    inputs: StaffingInput::INPUTS,
    formula: &[
        "least c > a = {offered_load} with C(c, a) ≤ {wait_probability_target},  C = Erlang C",
        "c = {servers}:  C({servers}, {offered_load}) = {wait_probability}",
        "by the square-root rule c ≈ a + β·√a = {square_root_servers},  β = {beta}",
    ],
    reference: "Bolch et al. 2006, ch. 6; Halfin and Whitt 1981",
    answer: |question| question.answer(staffing),
};

inputs! {
    struct MaxUtilizationInput {
        servers: Servers,
        service_rate: ServiceRate,
        /// probability of the percentile, such as 0.99, below 1
        percentile: Probability,
        /// what the percentile may be, in seconds
        response_time_objective: Seconds,
    }
}

pub(crate) const MAX_UTILIZATION: Calculator = Calculator {
    name: "max_utilization",
    summary: "greatest utilization at which a percentile of wait and service of an M/M/c station keeps to its objective",
    inputs: MaxUtilizationInput::INPUTS,
    formula: &[
        "greatest ρ = λ/(cμ) with the {percentile} quantile of W at most {response_time_objective} s, in M/M/c",
        "ρ = {max_utilization},  λ = {arrival_rate};  0 where the service alone takes longer",
    ],
    reference: "Bolch et al. 2006, ch. 6",
    answer: |question| question.answer(max_utilization),
};

inputs! {
    struct LimitInput {
        /// spare servers in units of √a, at least 0
        beta: f64,
    }
}

pub(crate) const HALFIN_WHITT: Calculator = Calculator {
    name: "halfin_whitt",
    summary: "limit of the probability to wait with a + β·√a servers for a growing load a",
    inputs: LimitInput::INPUTS,
    formula: &["P(wait) → 1/(1 + β·Φ(β)/φ(β)) = {p_wait_limit},  β = {beta}"],
    reference: "Halfin and Whitt 1981",
    answer: |question| question.answer(limit),
};

fn staffing(input: &StaffingInput) -> Result<Answer, CalcError> {
    let &StaffingInput { offered_load, wait_probability_target: target } = input;
    let load = offered_load.get();
    let least = queues::staffing(offered_load, target)?.ok_or_else(|| {
        let message = format!("offered load of {load} needs more than {} servers", Servers::MAX);
        CalcError::new(ErrorKind::OutOfRange, message)
    })?;
    let beta = halfin_whitt_beta(target)?;
    Ok(Answer::exact("exact: M/M/c, search over the number of servers")
        .with("servers", least.servers.get())
        .with("wait_probability", least.value)
        .with("beta", beta)
        .with("square_root_servers", load + beta * load.sqrt()))
}

fn max_utilization(input: &MaxUtilizationInput) -> Result<Answer, CalcError> {
    let &MaxUtilizationInput { servers, service_rate, percentile, response_time_objective } = input;
    let greatest = queues::max_utilization(service_rate, servers, percentile, response_time_objective)?;
    Ok(Answer::exact("exact: M/M/c sojourn quantile, halving over the arrival rate")
        .with("max_utilization", greatest)
        .with("arrival_rate", greatest * servers.get() as f64 * service_rate.get()))
}

fn limit(input: &LimitInput) -> Result<Answer, CalcError> {
    Ok(Answer::approximate("limit for many servers; M/M/c comes to it as 1/√a")
        .with("p_wait_limit", halfin_whitt(input.beta)?))
}
