use capplan_queueing::queues::{BalancedFleet, ExponentialVisit, Mmc, RoundRobin, StationFigures};
use capplan_queueing::units::{ArrivalRate, Servers, ServiceRate};

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};
use crate::error::named;

use super::details::{Times, above_zero, distribution};
use super::quantiles::Quantiles;

inputs! {
    struct DispatchInput {
        arrival_rate: ArrivalRate,
        service_rate: ServiceRate,
        /// number of single-server instances, at least 1
        instances: Servers,
        quantiles: Quantiles,
        times: Option<Times>,
    }
}

pub(crate) const DISPATCH: Calculator = Calculator {
    name: "dispatch",
    summary: "single-server instances behind one queue, a random split or round robin: means and quantiles",
    inputs: DispatchInput::INPUTS,
    formula: &[
        "one queue: M/M/n with n = {instances}:  W_q = {pooled_waiting_time},  W = {pooled_sojourn_time}",
        "random split: M/M/1 with λ/n each:  W_q = {random_waiting_time},  W = {random_sojourn_time}",
        "round robin: E_n/M/1,  σ = (λ/(λ + μ(1 − σ)))^n = {round_robin_sigma}",
        "W_q = σ/(μ(1 − σ)) = {round_robin_waiting_time},  W = 1/(μ(1 − σ)) = {round_robin_sojourn_time}",
        "P(W > t), one queue: {pooled_sojourn_time_tail},  random split: {random_sojourn_time_tail}",
        "P(W > t), round robin: {round_robin_sojourn_time_tail}",
        "quantiles of W, one queue: {pooled_sojourn_time_quantiles}",
        "random split: {random_sojourn_time_quantiles}",
        "round robin: {round_robin_sojourn_time_quantiles}",
    ],
    reference: "Kleinrock 1975, §6.4; Bolch et al. 2006, ch. 6",
    answer: |question| question.answer(dispatch),
};

fn dispatch(input: &DispatchInput) -> Result<Answer, CalcError> {
    let &DispatchInput { arrival_rate, service_rate, instances, ref quantiles, .. } = input;
    let pooled = Mmc::new(arrival_rate, service_rate, instances)?;
    let share = named("arrival_rate", ArrivalRate::new(arrival_rate.get() / instances.get() as f64))?;
    let random = Mmc::new(share, service_rate, Servers::ONE)?;
    let turns =
        RoundRobin::new(&BalancedFleet { arrival_rate, service_rate, servers: instances, workers: Servers::ONE })?;
    let dealt = turns.visit();
    let tail = |visit: ExponentialVisit| {
        let times = input.times.as_ref();
        let tail = times.map(|times| distribution(times, |time| above_zero(visit.tail(time.get())))).transpose();
        tail.map(|figures| figures.map(|[_, tail]| tail))
    };
    Ok(Answer::exact("exact: M/M/n pooled, M/M/1 each at random, E_n/M/1 each in turn")
        .at_rate(arrival_rate)
        .positive("pooled_waiting_time", pooled.waiting_time())
        .with("pooled_sojourn_time", pooled.sojourn_time())
        .quantiles("pooled_sojourn_time_quantiles", quantiles, |p| pooled.sojourn_time_quantile(p))?
        .positive("random_waiting_time", random.waiting_time())
        .with("random_sojourn_time", random.sojourn_time())
        .quantiles("random_sojourn_time_quantiles", quantiles, |p| random.sojourn_time_quantile(p))?
        .positive("round_robin_sigma", turns.sigma())
        .following("round_robin_sigma", "round_robin_waiting_time", dealt.waiting_time())
        .with("round_robin_sojourn_time", dealt.sojourn_time())
        .quantiles("round_robin_sojourn_time_quantiles", quantiles, |p| dealt.sojourn_time_quantile(p))?
        .with_some("pooled_sojourn_time_tail", tail(pooled.visit())?)
        .with_some("random_sojourn_time_tail", tail(random.visit())?)
        .with_some("round_robin_sojourn_time_tail", tail(dealt)?))
}
