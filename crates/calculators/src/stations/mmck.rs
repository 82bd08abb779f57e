use capplan_queueing::queues::{Mmck, StationFigures};
use capplan_queueing::units::{ArrivalRate, Servers, ServiceRate};

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};

use super::details::Details;

inputs! {
    struct MmckInput {
        arrival_rate: ArrivalRate,
        service_rate: ServiceRate,
        servers: Servers,
        /// room for jobs, those in service included, at least `servers`
        capacity: u64,
        ..asked: Details,
    }
}

pub(crate) const MMCK: Calculator = Calculator {
    name: "mmck",
    summary: "M/M/c/K station: room for K jobs in all, who finds it full is lost; waits are those of accepted jobs",
    inputs: MmckInput::INPUTS,
    formula: &[
        "a = λ/μ = {arrival_rate}/{service_rate} = {offered_load},  ρ = a/c,  m = K − c = {capacity} − {servers}",
        "p_c = 1/(1/B(c, a) + ρ + … + ρ^m),  p_(c+j) = p_c·ρ^j,  B = Erlang B",
        "p_K = {blocking_probability},  accepted: λ·(1 − p_K) = {arrival_rate}·(1 − {blocking_probability}) = {throughput}",
        "P(wait | accepted) = (p_c + … + p_(K−1))/(1 − p_K) = {wait_probability}",
        "L_q = Σ j·p_(c+j) = {mean_in_queue},  W_q = L_q/(λ·(1 − p_K)) = {waiting_time}",
        "W = W_q + 1/μ = {waiting_time} + 1/{service_rate} = {sojourn_time}",
        "P(W_q > t | accepted) = p_c/(1 − p_K)·Σ_(j<m) ρ^j·P(Poisson(cμt) ≤ j)",
        "P(W_q > t): {waiting_time_tail},  P(W > t): {sojourn_time_tail}",
        "E e^(−s·W_q) = P(no wait) + p_c/(1 − p_K)·z·(1 − (ρz)^m)/(1 − ρz),  z = cμ/(cμ + s): {waiting_time_transform}",
        "E e^(−s·W) = E e^(−s·W_q)·μ/(μ + s): {sojourn_time_transform}",
        "p_n of n = {states}: {state_probabilities}",
        "quantiles of the wait: {waiting_time_quantiles}",
        "quantiles of wait and service: {sojourn_time_quantiles}",
    ],
    reference: "Bolch et al. 2006, ch. 6",
    answer: |question| question.answer(mmck),
};

fn mmck(input: &MmckInput) -> Result<Answer, CalcError> {
    let queue = Mmck::new(input.arrival_rate, input.service_rate, input.servers, input.capacity)?;
    let wait_probability = (!queue.never_waits()).then(|| queue.wait_probability());
    Answer::exact("exact: M/M/c/K, birth-death closed form")
        .at_rate(input.arrival_rate)
        .positive("blocking_probability", queue.blocking_probability())
        .positive("throughput", queue.throughput())
        .positive("utilization", queue.utilization())
        .positive("offered_load", queue.offered_load())
        .positive_or_zero("wait_probability", wait_probability)
        .positive("empty_probability", queue.empty_probability())
        .following("wait_probability", "mean_in_queue", queue.mean_in_queue())
        .positive("mean_in_system", queue.mean_in_system())
        .following("wait_probability", "waiting_time", queue.waiting_time())
        .with("sojourn_time", queue.sojourn_time())
        .station(&queue, &input.asked, |jobs| (jobs <= input.capacity).then(|| queue.state_probability(jobs)))
}
