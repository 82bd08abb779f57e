use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::queues::{ErlangA, MmInf, Mmck};
use crate::units::{ArrivalRate, Servers, ServiceRate};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::named;
use super::stations::{ARRIVAL_RATE, QUANTILES, SERVERS, SERVICE_RATE, keyed, quantile_probabilities};

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
    answer: |input| typed(input, mmck),
};

pub(super) const MM_INF: Calculator = Calculator {
    name: "mm_inf",
    summary: "station where nobody waits: law of the number of jobs in it (M/M/∞)",
    inputs: &[ARRIVAL_RATE, SERVICE_RATE, QUANTILES],
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
    waiting_time_quantiles: Map<String, Value>,
    sojourn_time_quantiles: Map<String, Value>,
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
        method: "M/M/c/K",
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
    in_system_quantiles: Map<String, Value>,
    method: &'static str,
    exact: bool,
}

fn mm_inf(input: &MmInfInput) -> Result<MmInfAnswer, CalcError> {
    let arrival_rate = named("arrival_rate", ArrivalRate::new(input.arrival_rate))?;
    let station = MmInf::new(arrival_rate, named("service_rate", ServiceRate::new(input.service_rate))?)?;
    let probabilities = quantile_probabilities(input.quantiles.as_deref())?;
    let quantiles = probabilities
        .iter()
        .map(|&p| Ok((p.get().to_string(), Value::from(station.in_system_quantile(p)?))))
        .collect::<Result<_, CalcError>>()?;
    Ok(MmInfAnswer {
        offered_load: station.offered_load(),
        mean_in_system: station.mean_in_system(),
        waiting_time: 0.0,
        sojourn_time: station.sojourn_time(),
        empty_probability: station.empty_probability(),
        in_system_quantiles: quantiles,
        method: "M/M/∞",
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
    offered_wait_quantiles: Map<String, Value>,
    served_waiting_time_quantiles: Map<String, Value>,
    served_sojourn_time_quantiles: Map<String, Value>,
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
        method: "M/M/c+M (Erlang A)",
        exact: true,
    })
}
