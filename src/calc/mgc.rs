use serde::{Deserialize, Serialize};

use crate::queues::{MgcService, MgcTimes, StationFigures};
use crate::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};

use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::named;
use super::stations::{ARRIVAL_RATE, SERVERS};
use super::{CalcError, ErrorKind};

pub(super) const MGC: Calculator = Calculator {
    name: "mgc",
    summary: "M/G/c station by two moments of the service: probability, mean and percentiles of the wait",
    inputs: &[
        SERVERS,
        ARRIVAL_RATE,
        Input::required("service_time", InputKind::Number, "mean service seconds, above 0"),
        Input::required(
            "service_scv",
            InputKind::Number,
            "squared coefficient of variation of the service, at least 0; 1 is exponential",
        ),
        Input::optional(
            "service_distribution",
            InputKind::Choice(&[
                "deterministic",
                "exponential",
                "erlang",
                "gamma",
                "hyperexponential",
                "hyperexponential balanced means",
                "lognormal",
            ]),
            "law of the service with these two moments (default: gamma below an scv of 1, hyperexponential above)",
        ),
    ],
    formula: &[
        "ρ = λ·S/c = {utilization},  P(wait) ≈ C(c, a) = {wait_probability}",
        "W_q = W_M·(1 + s)/(2s + (1 − s)/(W_D/W_M)) for s ≤ 5 (Kimura), by Whitt above: {waiting_time}",
        "the wait of those who wait is gamma with that mean and scv 2ρ − 1 + 4(1 − ρ)·E[S³]/E[S]³/(3(s + 1)²)",
        "percentiles of the wait: p95 {waiting_time_p95}, p99 {waiting_time_p99}",
        "of wait and service: p50 {sojourn_time_p50}, p95 {sojourn_time_p95}, p99 {sojourn_time_p99}",
    ],
    reference: "Kimura 1986; Whitt 1993",
    answer: |input| typed(input, mgc),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MgcInput {
    servers: u64,
    arrival_rate: f64,
    service_time: f64,
    service_scv: f64,
    service_distribution: Option<String>,
}

#[derive(Serialize)]
struct MgcAnswer {
    utilization: f64,
    wait_probability: f64,
    waiting_time: f64,
    sojourn_time: f64,
    waiting_time_p95: f64,
    waiting_time_p99: f64,
    sojourn_time_p50: f64,
    sojourn_time_p95: f64,
    sojourn_time_p99: f64,
    method: &'static str,
    exact: bool,
}

fn mgc(input: &MgcInput) -> Result<MgcAnswer, CalcError> {
    let service_time = named("service_time", Seconds::new(input.service_time))?;
    let service = mgc_service(input.service_distribution.as_deref(), input.service_scv)?;
    let queue = MgcTimes::new(
        named("arrival_rate", ArrivalRate::new(input.arrival_rate))?,
        named("service_time", ServiceRate::new(1.0 / service_time.get()))?,
        named("servers", Servers::new(input.servers))?,
        service,
    )?;
    let probability =
        |value| Probability::new(value).map_err(|error| CalcError::new(ErrorKind::OutOfRange, error.to_string()));
    let wait = |value| Ok::<f64, CalcError>(queue.waiting_time_quantile(probability(value)?)?);
    let sojourn = |value| Ok::<f64, CalcError>(queue.sojourn_time_quantile(probability(value)?)?);
    let exact = service == MgcService::TwoMoments(1.0);
    Ok(MgcAnswer {
        utilization: queue.exponential().utilization(),
        wait_probability: queue.wait_probability(),
        waiting_time: queue.waiting_time(),
        sojourn_time: queue.sojourn_time(),
        waiting_time_p95: wait(0.95)?,
        waiting_time_p99: wait(0.99)?,
        sojourn_time_p50: sojourn(0.5)?,
        sojourn_time_p95: sojourn(0.95)?,
        sojourn_time_p99: sojourn(0.99)?,
        method: if exact { "exact: M/M/c" } else { "approximation: M/G/c by two moments, Kimura's and Whitt's" },
        exact,
    })
}

fn mgc_service(name: Option<&str>, scv: f64) -> Result<MgcService, CalcError> {
    let is = |holds: bool, limit: &str, service| {
        if holds {
            Ok(service)
        } else {
            let name = name.unwrap_or_default();
            Err(CalcError::invalid(format!(
                "`service_scv` of {scv} is not {limit}, as a service that is {name} has it"
            )))
        }
    };
    let moments = MgcService::TwoMoments(scv);
    match name {
        None => Ok(if scv == 0.0 { MgcService::Deterministic } else { moments }),
        Some("deterministic") => is(scv == 0.0, "0", MgcService::Deterministic),
        Some("exponential") => is(scv == 1.0, "1", moments),
        Some("erlang" | "gamma") => is(scv > 0.0 && scv <= 1.0, "above 0 and at most 1", moments),
        Some("lognormal") => is(scv > 0.0, "above 0", MgcService::Lognormal(scv)),
        Some(_) => is(scv >= 1.0, "at least 1", moments),
    }
}
