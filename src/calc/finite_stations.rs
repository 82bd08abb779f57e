use serde::{Deserialize, Serialize};

use crate::queues::{ErlangA, MmInf, Mmck};
use crate::units::{ArrivalRate, Servers, ServiceRate};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::named;
use super::quantiles::{QUANTILES, Quantiles, keyed, quantile_probabilities};
use super::stations::{ARRIVAL_RATE, SERVERS, SERVICE_RATE};

pub(super) const MMCK: Calculator = Calculator {
    name: "mmck",
    summary: "M/M/c/K station: room for K jobs in all, who finds it full is lost; waits are those of accepted jobs",
    inputs: &[
        ARRIVAL_RATE,
        SERVICE_RATE,
        SERVERS,
        Input::required("capacity", InputKind::Count, "room for jobs, those in service included, at least `servers`"),
        QUANTILES,
    ],
    formula: &[
        "a = λ/μ = {arrival_rate}/{service_rate} = {offered_load},  ρ = a/c,  m = K − c = {capacity} − {servers}",
        "p_c = 1/(1/B(c, a) + ρ + … + ρ^m),  p_(c+j) = p_c·ρ^j,  B = Erlang B",
        "p_K = {blocking_probability},  accepted: λ·(1 − p_K) = {arrival_rate}·(1 − {blocking_probability}) = {throughput}",
        "P(wait | accepted) = (p_c + … + p_(K−1))/(1 − p_K) = {wait_probability}",
        "L_q = Σ j·p_(c+j) = {mean_in_queue},  W_q = L_q/(λ·(1 − p_K)) = {waiting_time}",
        "W = W_q + 1/μ = {waiting_time} + 1/{service_rate} = {sojourn_time}",
        "P(W_q > t | accepted) = p_c/(1 − p_K)·Σ_(j<m) ρ^j·P(Poisson(cμt) ≤ j)",
        "quantiles of the wait: {waiting_time_quantiles}",
        "quantiles of wait and service: {sojourn_time_quantiles}",
    ],
    reference: "Bolch et al. 2006, ch. 6",
    answer: |input| typed(input, mmck),
};

pub(super) const MM_INF: Calculator = Calculator {
    name: "mm_inf",
    summary: "station where nobody waits: law of the number of jobs in it (M/M/∞)",
    inputs: &[ARRIVAL_RATE, SERVICE_RATE, QUANTILES],
    formula: &[
        "a = λ/μ = {arrival_rate}/{service_rate} = {offered_load}",
        "N is Poisson with mean a: L = a = {mean_in_system},  P(N = 0) = e^(−a) = {empty_probability}",
        "W = 1/μ = {sojourn_time}",
        "quantiles of N: {in_system_quantiles}",
    ],
    reference: "Kleinrock 1975, §3.4",
    answer: |input| typed(input, mm_inf),
};

pub(super) const ERLANG_A: Calculator = Calculator {
    name: "erlang_a",
    summary: "M/M/c station whose waiting jobs give up (Erlang A): waits and shares of the served and of those who leave",
    inputs: &[
        ARRIVAL_RATE,
        SERVICE_RATE,
        SERVERS,
        Input::required(
            "abandonment_rate",
            InputKind::Number,
            "one over the mean time, in seconds, that a waiting job stays, above 0",
        ),
        QUANTILES,
    ],
    formula: &[
        "h(t) = exp(−cμ·t + λ/θ·(1 − e^(−θt))),  Z = cμ·∫ h(t) dt,  θ = {abandonment_rate}",
        "P(wait) = Z/(1/B − 1 + Z) = {wait_probability},  B = Erlang B({servers}, {offered_load})",
        "P(abandon | wait) = ∫ (1 − e^(−θt))·h/∫ h = {abandonment_probability_given_wait}",
        "P(abandon) = {abandonment_probability},  W_q of all = P(abandon)/θ = {waiting_time}",
        "served: λ·(1 − P(abandon)) = {throughput},  their mean wait {served_waiting_time}",
        "mean wait of those who give up: {abandoned_waiting_time}",
        "quantiles of the offered wait: {offered_wait_quantiles}",
        "quantiles of the wait of the served: {served_waiting_time_quantiles}",
        "quantiles of their wait and service: {served_sojourn_time_quantiles}",
    ],
    reference: "Mandelbaum and Zeltyn 2007",
    answer: |input| typed(input, erlang_a),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MmckInput {
    arrival_rate: f64,
    service_rate: f64,
    servers: u64,
    capacity: u64,
    quantiles: Option<Vec<f64>>,
}

#[derive(Serialize)]
struct MmckAnswer {
    blocking_probability: f64,
    throughput: f64,
    utilization: f64,
    offered_load: f64,
    wait_probability: f64,
    empty_probability: f64,
    mean_in_queue: f64,
    mean_in_system: f64,
    waiting_time: f64,
    sojourn_time: f64,
    waiting_time_quantiles: Quantiles,
    sojourn_time_quantiles: Quantiles,
    method: &'static str,
    exact: bool,
}

fn mmck(input: &MmckInput) -> Result<MmckAnswer, CalcError> {
    let queue = Mmck::new(
        named("arrival_rate", ArrivalRate::new(input.arrival_rate))?,
        named("service_rate", ServiceRate::new(input.service_rate))?,
        named("servers", Servers::new(input.servers))?,
        input.capacity,
    )?;
    let probabilities = quantile_probabilities(input.quantiles.as_deref())?;
    Ok(MmckAnswer {
        blocking_probability: queue.blocking_probability(),
        throughput: queue.throughput(),
        utilization: queue.utilization(),
        offered_load: queue.offered_load(),
        wait_probability: queue.wait_probability(),
        empty_probability: queue.empty_probability(),
        mean_in_queue: queue.mean_in_queue(),
        mean_in_system: queue.mean_in_system(),
        waiting_time: queue.waiting_time(),
        sojourn_time: queue.sojourn_time(),
        waiting_time_quantiles: keyed(&probabilities, |p| Ok(queue.waiting_time_quantile(p)?))?,
        sojourn_time_quantiles: keyed(&probabilities, |p| Ok(queue.sojourn_time_quantile(p)?))?,
        method: "exact: M/M/c/K, birth-death closed form",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MmInfInput {
    arrival_rate: f64,
    service_rate: f64,
    quantiles: Option<Vec<f64>>,
}

#[derive(Serialize)]
struct MmInfAnswer {
    offered_load: f64,
    mean_in_system: f64,
    waiting_time: f64,
    sojourn_time: f64,
    empty_probability: f64,
    in_system_quantiles: Quantiles,
    method: &'static str,
    exact: bool,
}

fn mm_inf(input: &MmInfInput) -> Result<MmInfAnswer, CalcError> {
    let arrival_rate = named("arrival_rate", ArrivalRate::new(input.arrival_rate))?;
    let station = MmInf::new(arrival_rate, named("service_rate", ServiceRate::new(input.service_rate))?)?;
    let probabilities = quantile_probabilities(input.quantiles.as_deref())?;
    Ok(MmInfAnswer {
        offered_load: station.offered_load(),
        mean_in_system: station.mean_in_system(),
        waiting_time: 0.0,
        sojourn_time: station.sojourn_time(),
        empty_probability: station.empty_probability(),
        in_system_quantiles: keyed(&probabilities, |p| Ok(station.in_system_quantile(p)? as f64))?,
        method: "exact: M/M/∞, Poisson number in the system",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ErlangAInput {
    arrival_rate: f64,
    service_rate: f64,
    servers: u64,
    abandonment_rate: f64,
    quantiles: Option<Vec<f64>>,
}

#[derive(Serialize)]
struct ErlangAAnswer {
    wait_probability: f64,
    abandonment_probability: f64,
    abandonment_probability_given_wait: f64,
    throughput: f64,
    utilization: f64,
    offered_load: f64,
    mean_in_queue: f64,
    mean_in_system: f64,
    waiting_time: f64,
    served_waiting_time: f64,
    abandoned_waiting_time: f64,
    offered_wait_quantiles: Quantiles,
    served_waiting_time_quantiles: Quantiles,
    served_sojourn_time_quantiles: Quantiles,
    method: &'static str,
    exact: bool,
}

fn erlang_a(input: &ErlangAInput) -> Result<ErlangAAnswer, CalcError> {
    let queue = ErlangA::new(
        named("arrival_rate", ArrivalRate::new(input.arrival_rate))?,
        named("service_rate", ServiceRate::new(input.service_rate))?,
        named("servers", Servers::new(input.servers))?,
        named("abandonment_rate", ServiceRate::new(input.abandonment_rate))?,
    )?;
    let probabilities = quantile_probabilities(input.quantiles.as_deref())?;
    Ok(ErlangAAnswer {
        wait_probability: queue.wait_probability(),
        abandonment_probability: queue.abandonment_probability(),
        abandonment_probability_given_wait: queue.abandonment_probability_given_wait(),
        throughput: queue.throughput(),
        utilization: queue.utilization(),
        offered_load: queue.offered_load(),
        mean_in_queue: queue.mean_in_queue(),
        mean_in_system: queue.mean_in_system(),
        waiting_time: queue.waiting_time(),
        served_waiting_time: queue.served_waiting_time(),
        abandoned_waiting_time: queue.abandoned_waiting_time(),
        offered_wait_quantiles: keyed(&probabilities, |p| Ok(queue.offered_wait_quantile(p)?))?,
        served_waiting_time_quantiles: keyed(&probabilities, |p| Ok(queue.served_waiting_time_quantile(p)?))?,
        served_sojourn_time_quantiles: keyed(&probabilities, |p| Ok(queue.served_sojourn_time_quantile(p)?))?,
        method: "exact: M/M/c+M (Erlang A), integrals of the offered wait",
        exact: true,
    })
}
