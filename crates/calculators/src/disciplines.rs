use serde::{Deserialize, Serialize};

use capplan_queueing::queues::{ExponentialVisit, Fleet, Mmc, QueueError, RoundRobin};
use capplan_queueing::units::{ArrivalRate, Servers, ServiceRate};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed_with_gaps};
use super::error::named;
use super::law_inputs::{TIMES, distribution};
use super::quantiles::{Keyed, QUANTILES, Quantiles, keyed, quantile_probabilities};
use super::small_figures::SmallFigures;
use super::stations::{ARRIVAL_RATE, SERVICE_RATE};

pub(super) const DISPATCH: Calculator = Calculator {
    name: "dispatch",
    summary: "single-server instances behind one queue, a random split or round robin: means and quantiles",
    inputs: &[
        ARRIVAL_RATE,
        SERVICE_RATE,
        Input::required("instances", InputKind::Count, "number of single-server instances, at least 1"),
        QUANTILES,
        TIMES,
    ],
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
    answer: |input| typed_with_gaps(&DISPATCH_GAPS, input, dispatch),
};

/// Figures that may be below the doubles.
const DISPATCH_GAPS: [&str; 7] = [
    "pooled_waiting_time",
    "random_waiting_time",
    "round_robin_sigma",
    "round_robin_waiting_time",
    "pooled_sojourn_time_tail",
    "random_sojourn_time_tail",
    "round_robin_sojourn_time_tail",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DispatchInput {
    arrival_rate: f64,
    service_rate: f64,
    instances: u64,
    quantiles: Option<Vec<f64>>,
    times: Option<Vec<f64>>,
}

#[derive(Serialize)]
struct DispatchAnswer {
    pooled_waiting_time: Option<f64>,
    pooled_sojourn_time: f64,
    pooled_sojourn_time_quantiles: Quantiles,
    random_waiting_time: Option<f64>,
    random_sojourn_time: f64,
    random_sojourn_time_quantiles: Quantiles,
    round_robin_sigma: Option<f64>,
    round_robin_waiting_time: Option<f64>,
    round_robin_sojourn_time: f64,
    round_robin_sojourn_time_quantiles: Quantiles,
    #[serde(skip_serializing_if = "Option::is_none")]
    pooled_sojourn_time_tail: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    random_sojourn_time_tail: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    round_robin_sojourn_time_tail: Option<Keyed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    below_double_precision: Vec<&'static str>,
    method: &'static str,
    exact: bool,
}

fn dispatch(input: &DispatchInput) -> Result<DispatchAnswer, CalcError> {
    let arrivals = named("arrival_rate", ArrivalRate::new(input.arrival_rate))?;
    let service_rate = named("service_rate", ServiceRate::new(input.service_rate))?;
    let instances = named("instances", Servers::new(input.instances))?;
    let one = named("instances", Servers::new(1))?;
    let pooled = Mmc::new(arrivals, service_rate, instances)?;
    let share = named("arrival_rate", ArrivalRate::new(arrivals.get() / instances.get() as f64))?;
    let random = Mmc::new(share, service_rate, one)?;
    let turns = RoundRobin::new(&Fleet { arrival_rate: arrivals, service_rate, servers: instances, workers: one })?;
    let dealt = turns.visit();
    let probabilities = quantile_probabilities(input.quantiles.as_deref())?;
    let tail = |visit: ExponentialVisit| {
        let figure = "tail of the sojourn time";
        distribution(input.times.as_deref(), |time| match visit.tail(time.get()) {
            tail if tail < f64::MIN_POSITIVE => Err(QueueError::BelowDouble { figure, logarithm: None }),
            tail => Ok(tail),
        })
    };
    let (pooled_tail, random_tail, dealt_tail) = (tail(pooled.visit())?, tail(random.visit())?, tail(dealt)?);
    let mut small = SmallFigures::of(arrivals);
    small.note("pooled_sojourn_time_tail", pooled_tail.tail.as_ref());
    small.note("random_sojourn_time_tail", random_tail.tail.as_ref());
    small.note("round_robin_sojourn_time_tail", dealt_tail.tail.as_ref());
    let pooled_wait = small.figure("pooled_waiting_time", pooled.wait_probability());
    let sigma = small.figure("round_robin_sigma", turns.sigma());
    Ok(DispatchAnswer {
        pooled_waiting_time: small.following("pooled_waiting_time", pooled.waiting_time(), pooled_wait),
        pooled_sojourn_time: pooled.sojourn_time(),
        pooled_sojourn_time_quantiles: keyed(&probabilities, |p| Ok(pooled.sojourn_time_quantile(p)?))?,
        random_waiting_time: small.figure("random_waiting_time", random.waiting_time()),
        random_sojourn_time: random.sojourn_time(),
        random_sojourn_time_quantiles: keyed(&probabilities, |p| Ok(random.sojourn_time_quantile(p)?))?,
        round_robin_sigma: sigma,
        round_robin_waiting_time: small.following("round_robin_waiting_time", dealt.waiting_time(), sigma),
        round_robin_sojourn_time: dealt.mean(),
        round_robin_sojourn_time_quantiles: keyed(&probabilities, |p| Ok(dealt.quantile(p)?))?,
        pooled_sojourn_time_tail: pooled_tail.tail,
        random_sojourn_time_tail: random_tail.tail,
        round_robin_sojourn_time_tail: dealt_tail.tail,
        below_double_precision: small.names()?,
        method: "exact: M/M/n pooled, M/M/1 each at random, E_n/M/1 each in turn",
        exact: true,
    })
}
