use serde::{Deserialize, Serialize};

use capplan_queueing::queues::{self, halfin_whitt};
use capplan_queueing::units::{Erlangs, Probability, Seconds, Servers, ServiceRate};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::named;
use super::stations::{OFFERED_LOAD, SERVERS, SERVICE_RATE};

pub(super) const STAFFING: Calculator = Calculator {
    name: "staffing",
    summary: "least number of servers with which at most a given share of the jobs waits (Erlang C)",
    inputs: &[
        OFFERED_LOAD,
        Input::required(
            "wait_probability_target",
            InputKind::Number,
            "largest probability to wait, above 0 and at most 1",
        ),
    ],
    formula: &[
        "least c > a = {offered_load} with C(c, a) ≤ {wait_probability_target},  C = Erlang C",
        "c = {servers}:  C({servers}, {offered_load}) = {wait_probability}",
        "by the square-root rule c ≈ a + β·√a = {square_root_servers},  β = {beta}",
    ],
    reference: "Bolch et al. 2006, ch. 6; Halfin and Whitt 1981",
    answer: |input| typed(input, staffing),
};

pub(super) const MAX_UTILIZATION: Calculator = Calculator {
    name: "max_utilization",
    summary: "greatest utilization at which a percentile of wait and service of an M/M/c station keeps to its objective",
    inputs: &[
        SERVERS,
        SERVICE_RATE,
        Input::required("percentile", InputKind::Number, "probability of the percentile, such as 0.99, below 1"),
        Input::required("response_time_objective", InputKind::Number, "what the percentile may be, in seconds"),
    ],
    formula: &[
        "greatest ρ = λ/(cμ) with the {percentile} quantile of W at most {response_time_objective} s, in M/M/c",
        "ρ = {max_utilization},  λ = {arrival_rate};  0 where the service alone takes longer",
    ],
    reference: "Bolch et al. 2006, ch. 6",
    answer: |input| typed(input, max_utilization),
};

pub(super) const HALFIN_WHITT: Calculator = Calculator {
    name: "halfin_whitt",
    summary: "limit of the probability to wait with a + β·√a servers for a growing load a",
    inputs: &[Input::required("beta", InputKind::Number, "spare servers in units of √a, at least 0")],
    formula: &["P(wait) → 1/(1 + β·Φ(β)/φ(β)) = {p_wait_limit},  β = {beta}"],
    reference: "Halfin and Whitt 1981",
    answer: |input| typed(input, limit),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StaffingInput {
    offered_load: f64,
    wait_probability_target: f64,
}

#[derive(Serialize)]
struct StaffingAnswer {
    servers: u64,
    wait_probability: f64,
    beta: f64,
    square_root_servers: f64,
    method: &'static str,
    exact: bool,
}

fn staffing(input: &StaffingInput) -> Result<StaffingAnswer, CalcError> {
    let load = named("offered_load", Erlangs::new(input.offered_load))?;
    let target = named("wait_probability_target", Probability::new(input.wait_probability_target))?;
    let least = queues::staffing(load, target)?.ok_or_else(|| {
        CalcError::new(
            super::ErrorKind::OutOfRange,
            format!("offered load of {} needs more than {} servers", load.get(), Servers::MAX),
        )
    })?;
    let beta = queues::halfin_whitt_beta(target)?;
    Ok(StaffingAnswer {
        servers: least.servers.get(),
        wait_probability: least.value,
        beta,
        square_root_servers: load.get() + beta * load.get().sqrt(),
        method: "exact: M/M/c, search over the number of servers",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MaxUtilizationInput {
    servers: u64,
    service_rate: f64,
    percentile: f64,
    response_time_objective: f64,
}

#[derive(Serialize)]
struct MaxUtilizationAnswer {
    max_utilization: f64,
    arrival_rate: f64,
    method: &'static str,
    exact: bool,
}

fn max_utilization(input: &MaxUtilizationInput) -> Result<MaxUtilizationAnswer, CalcError> {
    let servers = named("servers", Servers::new(input.servers))?;
    let service_rate = named("service_rate", ServiceRate::new(input.service_rate))?;
    let greatest = queues::max_utilization(
        service_rate,
        servers,
        named("percentile", Probability::new(input.percentile))?,
        named("response_time_objective", Seconds::new(input.response_time_objective))?,
    )?;
    Ok(MaxUtilizationAnswer {
        max_utilization: greatest,
        arrival_rate: greatest * servers.get() as f64 * service_rate.get(),
        method: "exact: M/M/c sojourn quantile, halving over the arrival rate",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitInput {
    beta: f64,
}

#[derive(Serialize)]
struct LimitAnswer {
    p_wait_limit: f64,
    method: &'static str,
    exact: bool,
}

fn limit(input: &LimitInput) -> Result<LimitAnswer, CalcError> {
    Ok(LimitAnswer {
        p_wait_limit: halfin_whitt(input.beta)?,
        method: "limit for many servers; M/M/c comes to it as 1/√a",
        exact: false,
    })
}
