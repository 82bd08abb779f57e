use serde::{Deserialize, Serialize};

use crate::queues::{Fleet, Mmc, RoundRobin};
use crate::units::{ArrivalRate, Servers, ServiceRate};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::named;
use super::quantiles::{QUANTILES, Quantiles, keyed, quantile_probabilities};
use super::stations::{ARRIVAL_RATE, SERVICE_RATE};

pub(super) const DISPATCH: Calculator = Calculator {
    name: "dispatch",
    summary: "single-server instances behind one queue, a random split or round robin: means and quantiles",
    inputs: &[
        ARRIVAL_RATE,
        SERVICE_RATE,
        Input::required("instances", InputKind::Count, "number of single-server instances, at least 1"),
        QUANTILES,
    ],
    formula: &[
        "one queue: M/M/n with n = {instances}:  W_q = {pooled_waiting_time},  W = {pooled_sojourn_time}",
        "random split: M/M/1 with λ/n each:  W_q = {random_waiting_time},  W = {random_sojourn_time}",
        "round robin: E_n/M/1,  σ = (λ/(λ + μ(1 − σ)))^n = {round_robin_sigma}",
        "W_q = σ/(μ(1 − σ)) = {round_robin_waiting_time},  W = 1/(μ(1 − σ)) = {round_robin_sojourn_time}",
        "quantiles of W, one queue: {pooled_sojourn_time_quantiles}",
        "random split: {random_sojourn_time_quantiles}",
        "round robin: {round_robin_sojourn_time_quantiles}",
    ],
    reference: "Kleinrock 1975, §6.4; Bolch et al. 2006, ch. 6",
    answer: |input| typed(input, dispatch),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DispatchInput {
    arrival_rate: f64,
    service_rate: f64,
    instances: u64,
    quantiles: Option<Vec<f64>>,
}

#[derive(Serialize)]
struct DispatchAnswer {
    pooled_waiting_time: f64,
    pooled_sojourn_time: f64,
    pooled_sojourn_time_quantiles: Quantiles,
    random_waiting_time: f64,
    random_sojourn_time: f64,
    random_sojourn_time_quantiles: Quantiles,
    round_robin_sigma: f64,
    round_robin_waiting_time: f64,
    round_robin_sojourn_time: f64,
    round_robin_sojourn_time_quantiles: Quantiles,
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
    Ok(DispatchAnswer {
        pooled_waiting_time: pooled.waiting_time(),
        pooled_sojourn_time: pooled.sojourn_time(),
        pooled_sojourn_time_quantiles: keyed(&probabilities, |p| Ok(pooled.sojourn_time_quantile(p)?))?,
        random_waiting_time: random.waiting_time(),
        random_sojourn_time: random.sojourn_time(),
        random_sojourn_time_quantiles: keyed(&probabilities, |p| Ok(random.sojourn_time_quantile(p)?))?,
        round_robin_sigma: turns.sigma(),
        round_robin_waiting_time: dealt.waiting_time(),
        round_robin_sojourn_time: dealt.mean(),
        round_robin_sojourn_time_quantiles: keyed(&probabilities, |p| Ok(dealt.quantile(p)?))?,
        method: "exact: M/M/n pooled, M/M/1 each at random, E_n/M/1 each in turn",
        exact: true,
    })
}
