use capplan_queueing::network::{Bounds, bounds_closed, bounds_open};
use capplan_queueing::units::{ArrivalRate, Seconds};

use crate::CalcError;
use crate::answer::{Answer, Figure};
use crate::declare::{Calculator, Inputs, inputs};

inputs! {
    struct ClosedInput {
        /// jobs in the network, at least 1
        population: u64,
        /// seconds from an answer to the next request
        think_time: Seconds = 0,
        /// visits times service time of each single server, in seconds
        service_demands: Vec<f64>,
    }
}

pub(crate) const BOUNDS_CLOSED: Calculator = Calculator {
    name: "bounds_closed",
    summary: "bounds of a closed network without solving it: asymptotic, balanced job and geometric",
    inputs: ClosedInput::INPUTS,
    formula: &[
        "N = {population},  Z = {think_time},  D_k = {service_demands}",
        "asymptotic: N/(Z + N·D) ≤ X ≤ min(1/D_max, N/(D + Z)):  {aba.x_lower} ≤ X ≤ {aba.x_upper}",
        "balanced: {bjb.x_lower} ≤ X ≤ {bjb.x_upper},  {bjb.r_lower} ≤ R ≤ {bjb.r_upper}",
        "geometric: {geometric.x_lower} ≤ X ≤ {geometric.x_upper}",
        "N* = (D + Z)/D_max = {n_star},  X_max = 1/D_max = {x_max}",
    ],
    reference: "Lazowska et al. 1984, ch. 5; Casale, Muntz and Serazzi 2008",
    answer: |question| question.answer(closed),
};

inputs! {
    struct OpenInput {
        /// arrivals per second
        arrival_rate: ArrivalRate,
        /// visits times service time of each single server, in seconds
        service_demands: Vec<f64>,
    }
}

pub(crate) const BOUNDS_OPEN: Calculator = Calculator {
    name: "bounds_open",
    summary: "bounds of an open network without solving it: asymptotic and balanced job",
    inputs: OpenInput::INPUTS,
    formula: &[
        "λ = {arrival_rate},  D_k = {service_demands}",
        "λ < 1/D_max = {x_upper},  R ≥ D = {r_lower_aba}",
        "D/(1 − λ·D_avg) = {r_lower_bjb} ≤ R ≤ D/(1 − λ·D_max) = {r_upper_bjb}",
    ],
    reference: "Lazowska et al. 1984, ch. 5",
    answer: |question| question.answer(open),
};

fn closed(input: &ClosedInput) -> Result<Answer, CalcError> {
    let bounds = bounds_closed(input.population, input.think_time, &input.service_demands)?;
    let figure = |bounds: Bounds| {
        Figure::named([
            ("x_lower", bounds.throughput_lower),
            ("x_upper", bounds.throughput_upper),
            ("r_lower", bounds.response_time_lower),
            ("r_upper", bounds.response_time_upper),
        ])
    };
    Ok(Answer::approximate("bounds: asymptotic, balanced job, geometric")
        .with("aba", figure(bounds.asymptotic))
        .with("bjb", figure(bounds.balanced))
        .with("geometric", figure(bounds.geometric))
        .with("n_star", bounds.saturation_population)
        .with("x_max", bounds.greatest_throughput)
        .with("bottleneck", bounds.bottleneck))
}

fn open(input: &OpenInput) -> Result<Answer, CalcError> {
    let bounds = bounds_open(input.arrival_rate, &input.service_demands)?;
    Ok(Answer::approximate("bounds: asymptotic, balanced job")
        .with("x_upper", bounds.throughput_upper)
        .with("r_lower_aba", bounds.response_time_lower)
        .with("r_lower_bjb", bounds.balanced_response_time_lower)
        .with("r_upper_bjb", bounds.balanced_response_time_upper))
}
