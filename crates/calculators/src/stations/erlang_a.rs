use capplan_queueing::queues::{ErlangA, StationFigures};
use capplan_queueing::units::{ArrivalRate, Seconds, Servers, ServiceRate};

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};

use super::details::{Details, above_zero};

inputs! {
    struct ErlangAInput {
        arrival_rate: ArrivalRate,
        service_rate: ServiceRate,
        servers: Servers,
        /// one over the mean time, in seconds, that a waiting job stays, above 0
        abandonment_rate: ServiceRate,
        ..asked: Details,
    }
}

pub(crate) const ERLANG_A: Calculator = Calculator {
    name: "erlang_a",
    summary: "M/M/c station whose waiting jobs give up (Erlang A): waits and shares of the served and of those who leave",
    inputs: ErlangAInput::INPUTS,
    formula: &[
        "h(t) = exp(−cμ·t + λ/θ·(1 − e^(−θt))),  Z = cμ·∫ h(t) dt,  θ = {abandonment_rate}",
        "P(wait) = Z/(1/B − 1 + Z) = {wait_probability},  B = Erlang B({servers}, {offered_load})",
        "P(abandon | wait) = ∫ (1 − e^(−θt))·h/∫ h = {abandonment_probability_given_wait}",
        "P(abandon) = {abandonment_probability},  W_q of all = P(abandon)/θ = {waiting_time}",
        "served: λ·(1 − P(abandon)) = {throughput},  their mean wait {served_waiting_time}",
        "mean wait of those who give up: {abandoned_waiting_time}",
        "V, the wait that infinite patience would have: P(V > t) = P(wait)·∫_t^∞ h/∫ h: {offered_wait_tail}",
        "served: P(W_q > t): {served_waiting_time_tail},  P(W > t): {served_sojourn_time_tail}",
        "E e^(−s·V) = 1 − P(wait) + P(wait)·∫ e^(−st)·h/∫ h: {offered_wait_transform}",
        "served: E e^(−s·W_q): {served_waiting_time_transform},  E e^(−s·W): {served_sojourn_time_transform}",
        "p_n of n = {states}: {state_probabilities}",
        "quantiles of the offered wait: {offered_wait_quantiles}",
        "quantiles of the wait of the served: {served_waiting_time_quantiles}",
        "quantiles of their wait and service: {served_sojourn_time_quantiles}",
    ],
    reference: "Mandelbaum and Zeltyn 2007",
    answer: |question| question.answer(erlang_a),
};

fn erlang_a(input: &ErlangAInput) -> Result<Answer, CalcError> {
    let queue = ErlangA::new(input.arrival_rate, input.service_rate, input.servers, input.abandonment_rate)?;
    let Details { quantiles, times, transform_at, states } = &input.asked;
    let (times, points) = (times.as_ref(), transform_at.as_ref());
    let tail = |of: fn(&ErlangA, Seconds) -> f64| {
        let (queue, idle) = (&queue, input.arrival_rate.get() == 0.0);
        move |time| if idle { Ok(of(queue, time)) } else { above_zero(of(queue, time)) }
    };
    let answer = Answer::exact("exact: M/M/c+M (Erlang A), integrals of the offered wait")
        .at_rate(input.arrival_rate)
        .positive("wait_probability", queue.wait_probability())
        .following("wait_probability", "abandonment_probability", queue.abandonment_probability())
        .positive("abandonment_probability_given_wait", queue.abandonment_probability_given_wait())
        .positive("throughput", queue.throughput())
        .positive("utilization", queue.utilization())
        .positive("offered_load", queue.offered_load())
        .following("wait_probability", "mean_in_queue", queue.mean_in_queue())
        .positive("mean_in_system", queue.mean_in_system())
        .following("wait_probability", "waiting_time", queue.time_in_queue())
        .following("wait_probability", "served_waiting_time", queue.served_waiting_time())
        .positive("abandoned_waiting_time", queue.abandoned_waiting_time())
        .quantiles("offered_wait_quantiles", quantiles, |p| queue.offered_wait_quantile(p))?
        .quantiles("served_waiting_time_quantiles", quantiles, |p| queue.served_waiting_time_quantile(p))?
        .quantiles("served_sojourn_time_quantiles", quantiles, |p| queue.served_sojourn_time_quantile(p))?
        .distribution("offered_wait", times, tail(ErlangA::offered_wait_tail))?
        .distribution("served_waiting_time", times, tail(ErlangA::served_waiting_time_tail))?
        .distribution("served_sojourn_time", times, tail(ErlangA::served_sojourn_time_tail))?
        .transform("offered_wait", points, |s| queue.offered_wait_transform(s))?
        .transform("served_waiting_time", points, |s| queue.served_waiting_time_transform(s))?
        .transform("served_sojourn_time", points, |s| queue.served_sojourn_time_transform(s))?;
    Ok(answer.states(states.as_ref(), |jobs| Some(queue.state_probability(jobs))))
}
