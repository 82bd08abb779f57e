use serde::{Deserialize, Serialize};

use capplan_queueing::network::{Bounds, bounds_closed, bounds_open};
use capplan_queueing::units::{ArrivalRate, Seconds};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::named;

const SERVICE_DEMANDS: Input = Input::required(
    "service_demands",
    InputKind::Numbers,
    "visits times service time of each single server, in seconds",
);

pub(super) const BOUNDS_CLOSED: Calculator = Calculator {
    name: "bounds_closed",
    summary: "bounds of a closed network without solving it: asymptotic, balanced job and geometric",
    inputs: &[
        Input::required("population", InputKind::Count, "jobs in the network, at least 1"),
        Input::optional("think_time", InputKind::Number, "seconds from an answer to the next request (default 0)"),
        SERVICE_DEMANDS,
    ],
    formula: &[
        "N = {population},  Z = {think_time|0},  D_k = {service_demands}",
        "asymptotic: N/(Z + N·D) ≤ X ≤ min(1/D_max, N/(D + Z)):  {aba.x_lower} ≤ X ≤ {aba.x_upper}",
        "balanced: {bjb.x_lower} ≤ X ≤ {bjb.x_upper},  {bjb.r_lower} ≤ R ≤ {bjb.r_upper}",
        "geometric: {geometric.x_lower} ≤ X ≤ {geometric.x_upper}",
        "N* = (D + Z)/D_max = {n_star},  X_max = 1/D_max = {x_max}",
    ],
    reference: "Lazowska et al. 1984, ch. 5; Casale, Muntz and Serazzi 2008",
    answer: |input| typed(input, closed),
};

pub(super) const BOUNDS_OPEN: Calculator = Calculator {
    name: "bounds_open",
    summary: "bounds of an open network without solving it: asymptotic and balanced job",
    inputs: &[Input::required("arrival_rate", InputKind::Number, "arrivals per second"), SERVICE_DEMANDS],
    formula: &[
        "λ = {arrival_rate},  D_k = {service_demands}",
        "λ < 1/D_max = {x_upper},  R ≥ D = {r_lower_aba}",
        "D/(1 − λ·D_avg) = {r_lower_bjb} ≤ R ≤ D/(1 − λ·D_max) = {r_upper_bjb}",
    ],
    reference: "Lazowska et al. 1984, ch. 5",
    answer: |input| typed(input, open),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClosedInput {
    population: u64,
    #[serde(default)]
    think_time: f64,
    service_demands: Vec<f64>,
}

#[derive(Serialize)]
struct BoundsAnswer {
    x_lower: f64,
    x_upper: f64,
    r_lower: f64,
    r_upper: f64,
}

impl From<Bounds> for BoundsAnswer {
    fn from(bounds: Bounds) -> Self {
        Self {
            x_lower: bounds.throughput_lower,
            x_upper: bounds.throughput_upper,
            r_lower: bounds.response_time_lower,
            r_upper: bounds.response_time_upper,
        }
    }
}

#[derive(Serialize)]
struct ClosedAnswer {
    aba: BoundsAnswer,
    bjb: BoundsAnswer,
    geometric: BoundsAnswer,
    n_star: f64,
    x_max: f64,
    bottleneck: usize,
    method: &'static str,
    exact: bool,
}

fn closed(input: &ClosedInput) -> Result<ClosedAnswer, CalcError> {
    let bounds =
        bounds_closed(input.population, named("think_time", Seconds::new(input.think_time))?, &input.service_demands)?;
    Ok(ClosedAnswer {
        aba: bounds.asymptotic.into(),
        bjb: bounds.balanced.into(),
        geometric: bounds.geometric.into(),
        n_star: bounds.saturation_population,
        x_max: bounds.greatest_throughput,
        bottleneck: bounds.bottleneck,
        method: "bounds: asymptotic, balanced job, geometric",
        exact: false,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenInput {
    arrival_rate: f64,
    service_demands: Vec<f64>,
}

#[derive(Serialize)]
struct OpenAnswer {
    x_upper: f64,
    r_lower_aba: f64,
    r_lower_bjb: f64,
    r_upper_bjb: f64,
    method: &'static str,
    exact: bool,
}

fn open(input: &OpenInput) -> Result<OpenAnswer, CalcError> {
    let bounds = bounds_open(named("arrival_rate", ArrivalRate::new(input.arrival_rate))?, &input.service_demands)?;
    Ok(OpenAnswer {
        x_upper: bounds.throughput_upper,
        r_lower_aba: bounds.response_time_lower,
        r_lower_bjb: bounds.balanced_response_time_lower,
        r_upper_bjb: bounds.balanced_response_time_upper,
        method: "bounds: asymptotic, balanced job",
        exact: false,
    })
}
