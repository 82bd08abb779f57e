use capplan_queueing::queues::{FiniteUsers, StationFigures, StationLaws};
use capplan_queueing::units::{Seconds, Servers, ServiceRate};

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};

use super::details::Details;

inputs! {
    struct FiniteInput {
        /// number of users, 1 to 10^9
        users: u64,
        /// seconds from an answer to the next request, at least 0
        think_time: Seconds,
        service_rate: ServiceRate,
        servers: Servers,
        ..asked: Details,
    }
}

pub(crate) const FINITE_USERS: Calculator = Calculator {
    name: "finite_users",
    summary: "a fixed number of users with think time at one station (machine repairman): means and laws of the wait and of \
              the response time",
    inputs: FiniteInput::INPUTS,
    formula: &[
        "N = {users},  Z = {think_time},  μ = {service_rate},  c = {servers}",
        "a request finds what N − 1 users leave: v_(n+1)/v_n = (N − 1 − n)/(Z·μ·min(n + 1, c))",
        "P(wait) = Σ_(n≥c) v_n = {wait_probability}",
        "W_q = Σ_(n≥c) v_n·(n − c + 1)/(c·μ) = {waiting_time}",
        "R = W_q + 1/μ = {waiting_time} + 1/{service_rate} = {response_time}",
        "X = N/(Z + R) = {users}/({think_time} + {response_time}) = {throughput}",
        "ρ = X/(c·μ) = {throughput}/({servers}·{service_rate}) = {utilization}",
        "L = X·R = {throughput}·{response_time} = {mean_in_system},  L_q = X·W_q = {mean_in_queue}",
        "P(W_q > t) = P(wait)·P(Poisson(m + cμt) ≤ K)/P(Poisson(m) ≤ K),  m = c·Z·μ,  K = N − 1 − c: {waiting_time_tail}",
        "P(R > t), the wait and a service: {response_time_tail}",
        "E e^(−s·W_q) = P(no wait) + Σ_j v_(c+j)·(cμ/(s + cμ))^(j+1): {waiting_time_transform}",
        "E e^(−s·R) = E e^(−s·W_q)·μ/(s + μ): {response_time_transform}",
        "p_(n+1)/p_n = (N − n)/(Z·μ·min(n + 1, c)),  n = {states}: {state_probabilities}",
        "quantiles of the wait: {waiting_time_quantiles}",
        "quantiles of the response time: {response_time_quantiles}",
    ],
    reference: "Bolch et al. 2006, ch. 6; Sevcik and Mitrani 1981",
    answer: |question| question.answer(finite),
};

fn finite(input: &FiniteInput) -> Result<Answer, CalcError> {
    let station = FiniteUsers::new(input.users, input.think_time, input.service_rate, input.servers)?;
    let Details { quantiles, times, transform_at, states } = &input.asked;
    let (times, points) = (times.as_ref(), transform_at.as_ref());
    let wait_probability = (!station.never_waits()).then(|| station.wait_probability());
    // Without a think time all users are at the station.
    let fewest = if input.think_time.get() == 0.0 { input.users } else { 0 };
    // Users always come back: each figure is above 0 but for waits where there are servers for all.
    let answer = Answer::exact("exact: closed network of think time and one station; laws by what a request finds")
        .positive("throughput", station.throughput())
        .with("response_time", station.sojourn_time())
        .positive("utilization", station.utilization())
        .positive_or_zero("wait_probability", wait_probability)
        .following("wait_probability", "waiting_time", station.waiting_time())
        .following("wait_probability", "mean_in_queue", station.mean_in_queue())
        .positive("mean_in_system", station.mean_in_system())
        .quantiles("waiting_time_quantiles", quantiles, |p| station.waiting_time_quantile(p))?
        .quantiles("response_time_quantiles", quantiles, |p| station.sojourn_time_quantile(p))?
        .distribution("waiting_time", times, |time| station.waiting_time_tail(time))?
        .distribution("response_time", times, |time| station.sojourn_time_tail(time))?
        .transform("waiting_time", points, |s| station.waiting_time_transform(s))?
        .transform("response_time", points, |s| station.sojourn_time_transform(s))?;
    Ok(answer.states(states.as_ref(), |jobs| {
        (fewest..=input.users).contains(&jobs).then(|| station.state_probability(jobs))
    }))
}
