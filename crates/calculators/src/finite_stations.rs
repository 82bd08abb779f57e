use serde::{Deserialize, Serialize};

use capplan_queueing::queues::{ErlangA, MmInf, Mmck, QueueError};
use capplan_queueing::units::{ArrivalRate, Seconds, Servers, ServiceRate};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed_with_gaps};
use super::error::named;
use super::law_inputs::{LawFigures, TIMES, TRANSFORM_AT, distribution, law_figures, transform};
use super::quantiles::{Keyed, QUANTILES, Quantiles, keyed, quantile_probabilities};
use super::small_figures::SmallFigures;
use super::stations::{ARRIVAL_RATE, SERVERS, SERVICE_RATE, STATES};

pub(super) const MMCK: Calculator = Calculator {
    name: "mmck",
    summary: "M/M/c/K station: room for K jobs in all, who finds it full is lost; waits are those of accepted jobs",
    inputs: &[
        ARRIVAL_RATE,
        SERVICE_RATE,
        SERVERS,
        Input::required("capacity", InputKind::Count, "room for jobs, those in service included, at least `servers`"),
        QUANTILES,
        TIMES,
        TRANSFORM_AT,
        STATES,
    ],
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
    answer: |input| typed_with_gaps(&MMCK_GAPS, input, mmck),
};

/// Figures that may be below the doubles.
const MMCK_GAPS: [&str; 14] = [
    "blocking_probability",
    "throughput",
    "utilization",
    "offered_load",
    "wait_probability",
    "empty_probability",
    "mean_in_queue",
    "mean_in_system",
    "waiting_time",
    "waiting_time_tail",
    "sojourn_time_tail",
    "waiting_time_transform",
    "sojourn_time_transform",
    "state_probabilities",
];

pub(super) const MM_INF: Calculator = Calculator {
    name: "mm_inf",
    summary: "station where nobody waits: law of the number of jobs in it (M/M/∞)",
    inputs: &[ARRIVAL_RATE, SERVICE_RATE, QUANTILES, TIMES, TRANSFORM_AT, STATES],
    formula: &[
        "a = λ/μ = {arrival_rate}/{service_rate} = {offered_load}",
        "N is Poisson with mean a: L = a = {mean_in_system},  P(N = 0) = e^(−a) = {empty_probability}",
        "W_q = 0,  W = 1/μ = {sojourn_time},  P(W > t) = e^(−μt),  E e^(−s·W) = μ/(μ + s)",
        "P(W > t): {sojourn_time_tail}",
        "E e^(−s·W): {sojourn_time_transform}",
        "p_n = e^(−a)·a^n/n!,  n = {states}: {state_probabilities}",
        "quantiles of N: {in_system_quantiles}",
        "quantiles of W: {sojourn_time_quantiles}",
    ],
    reference: "Kleinrock 1975, §3.4",
    answer: |input| typed_with_gaps(&MM_INF_GAPS, input, mm_inf),
};

/// Figures that may be below the doubles.
const MM_INF_GAPS: [&str; 6] = [
    "offered_load",
    "mean_in_system",
    "empty_probability",
    "sojourn_time_tail",
    "sojourn_time_transform",
    "state_probabilities",
];

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
        TIMES,
        TRANSFORM_AT,
        STATES,
    ],
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
    answer: |input| typed_with_gaps(&ERLANG_A_GAPS, input, erlang_a),
};

/// Figures that may be below the doubles.
const ERLANG_A_GAPS: [&str; 18] = [
    "wait_probability",
    "abandonment_probability",
    "abandonment_probability_given_wait",
    "throughput",
    "utilization",
    "offered_load",
    "mean_in_queue",
    "mean_in_system",
    "waiting_time",
    "served_waiting_time",
    "abandoned_waiting_time",
    "offered_wait_tail",
    "served_waiting_time_tail",
    "served_sojourn_time_tail",
    "offered_wait_transform",
    "served_waiting_time_transform",
    "served_sojourn_time_transform",
    "state_probabilities",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MmckInput {
    arrival_rate: f64,
    service_rate: f64,
    servers: u64,
    capacity: u64,
    quantiles: Option<Vec<f64>>,
    times: Option<Vec<f64>>,
    transform_at: Option<Vec<f64>>,
    states: Option<Vec<u64>>,
}

#[derive(Serialize)]
struct MmckAnswer {
    blocking_probability: Option<f64>,
    throughput: Option<f64>,
    utilization: Option<f64>,
    offered_load: Option<f64>,
    wait_probability: Option<f64>,
    empty_probability: Option<f64>,
    mean_in_queue: Option<f64>,
    mean_in_system: Option<f64>,
    waiting_time: Option<f64>,
    sojourn_time: f64,
    waiting_time_quantiles: Quantiles,
    sojourn_time_quantiles: Quantiles,
    #[serde(flatten)]
    laws: LawFigures,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_probabilities: Option<Vec<Option<f64>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    below_double_precision: Vec<&'static str>,
    method: &'static str,
    exact: bool,
}

fn mmck(input: &MmckInput) -> Result<MmckAnswer, CalcError> {
    let arrival_rate = named("arrival_rate", ArrivalRate::new(input.arrival_rate))?;
    let queue = Mmck::new(
        arrival_rate,
        named("service_rate", ServiceRate::new(input.service_rate))?,
        named("servers", Servers::new(input.servers))?,
        input.capacity,
    )?;
    let probabilities = quantile_probabilities(input.quantiles.as_deref())?;
    let laws = law_figures(&queue, input.times.as_deref(), input.transform_at.as_deref())?;
    let mut small = SmallFigures::of(arrival_rate);
    laws.note(&mut small);
    let (wait_probability, waiting_time, mean_in_queue) = if queue.never_waits() {
        (Some(0.0), Some(0.0), Some(0.0))
    } else {
        let wait_probability = small.figure("wait_probability", queue.wait_probability());
        (
            wait_probability,
            small.following("waiting_time", queue.waiting_time(), wait_probability),
            small.following("mean_in_queue", queue.mean_in_queue(), wait_probability),
        )
    };
    let state = |jobs| (jobs <= input.capacity).then(|| queue.state_probability(jobs));
    Ok(MmckAnswer {
        blocking_probability: small.figure("blocking_probability", queue.blocking_probability()),
        throughput: small.figure("throughput", queue.throughput()),
        utilization: small.figure("utilization", queue.utilization()),
        offered_load: small.figure("offered_load", queue.offered_load()),
        wait_probability,
        empty_probability: small.figure("empty_probability", queue.empty_probability()),
        mean_in_queue,
        mean_in_system: small.figure("mean_in_system", queue.mean_in_system()),
        waiting_time,
        sojourn_time: queue.sojourn_time(),
        waiting_time_quantiles: keyed(&probabilities, |p| Ok(queue.waiting_time_quantile(p)?))?,
        sojourn_time_quantiles: keyed(&probabilities, |p| Ok(queue.sojourn_time_quantile(p)?))?,
        laws,
        state_probabilities: small.states(input.states.as_deref(), state),
        below_double_precision: small.names()?,
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
    times: Option<Vec<f64>>,
    transform_at: Option<Vec<f64>>,
    states: Option<Vec<u64>>,
}

#[derive(Serialize)]
struct MmInfAnswer {
    offered_load: Option<f64>,
    mean_in_system: Option<f64>,
    waiting_time: f64,
    sojourn_time: f64,
    empty_probability: Option<f64>,
    in_system_quantiles: Quantiles,
    sojourn_time_quantiles: Quantiles,
    #[serde(flatten)]
    laws: LawFigures,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_probabilities: Option<Vec<Option<f64>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    below_double_precision: Vec<&'static str>,
    method: &'static str,
    exact: bool,
}

fn mm_inf(input: &MmInfInput) -> Result<MmInfAnswer, CalcError> {
    let arrival_rate = named("arrival_rate", ArrivalRate::new(input.arrival_rate))?;
    let station = MmInf::new(arrival_rate, named("service_rate", ServiceRate::new(input.service_rate))?)?;
    let probabilities = quantile_probabilities(input.quantiles.as_deref())?;
    let laws = law_figures(&station, input.times.as_deref(), input.transform_at.as_deref())?;
    let mut small = SmallFigures::of(arrival_rate);
    laws.note(&mut small);
    Ok(MmInfAnswer {
        offered_load: small.figure("offered_load", station.offered_load()),
        mean_in_system: small.figure("mean_in_system", station.mean_in_system()),
        waiting_time: 0.0,
        sojourn_time: station.sojourn_time(),
        empty_probability: small.figure("empty_probability", station.empty_probability()),
        in_system_quantiles: keyed(&probabilities, |p| Ok(station.in_system_quantile(p)? as f64))?,
        sojourn_time_quantiles: keyed(&probabilities, |p| Ok(station.sojourn_time_quantile(p)?))?,
        laws,
        state_probabilities: small.states(input.states.as_deref(), |jobs| Some(station.state_probability(jobs))),
        below_double_precision: small.names()?,
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
    times: Option<Vec<f64>>,
    transform_at: Option<Vec<f64>>,
    states: Option<Vec<u64>>,
}

#[derive(Serialize)]
struct ErlangAAnswer {
    wait_probability: Option<f64>,
    abandonment_probability: Option<f64>,
    abandonment_probability_given_wait: Option<f64>,
    throughput: Option<f64>,
    utilization: Option<f64>,
    offered_load: Option<f64>,
    mean_in_queue: Option<f64>,
    mean_in_system: Option<f64>,
    waiting_time: Option<f64>,
    served_waiting_time: Option<f64>,
    abandoned_waiting_time: Option<f64>,
    offered_wait_quantiles: Quantiles,
    served_waiting_time_quantiles: Quantiles,
    served_sojourn_time_quantiles: Quantiles,
    #[serde(flatten)]
    laws: PatienceLaws,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_probabilities: Option<Vec<Option<f64>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    below_double_precision: Vec<&'static str>,
    method: &'static str,
    exact: bool,
}

/// The laws of those who wait with limited patience, at the times and points that are asked for.
#[derive(Serialize)]
struct PatienceLaws {
    #[serde(skip_serializing_if = "Option::is_none")]
    offered_wait_cdf: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offered_wait_tail: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    served_waiting_time_cdf: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    served_waiting_time_tail: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    served_sojourn_time_cdf: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    served_sojourn_time_tail: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offered_wait_transform: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    served_waiting_time_transform: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    served_sojourn_time_transform: Option<Keyed>,
}

impl PatienceLaws {
    fn of(queue: &ErlangA, input: &ErlangAInput) -> Result<Self, CalcError> {
        let (times, points) = (input.times.as_deref(), input.transform_at.as_deref());
        let arrivals = input.arrival_rate > 0.0;
        let positive = |figure, tail: f64| {
            if arrivals && tail < f64::MIN_POSITIVE {
                return Err(QueueError::BelowDouble { figure, logarithm: None });
            }
            Ok(tail)
        };
        let at = |tail: fn(&ErlangA, Seconds) -> f64, figure| {
            distribution(times, |time| positive(figure, tail(queue, time)))
        };
        let offered = at(ErlangA::offered_wait_tail, "tail of the offered wait")?;
        let wait = at(ErlangA::served_waiting_time_tail, "tail of the wait of the served")?;
        let sojourn = at(ErlangA::served_sojourn_time_tail, "tail of the sojourn time of the served")?;
        Ok(Self {
            offered_wait_cdf: offered.cdf,
            offered_wait_tail: offered.tail,
            served_waiting_time_cdf: wait.cdf,
            served_waiting_time_tail: wait.tail,
            served_sojourn_time_cdf: sojourn.cdf,
            served_sojourn_time_tail: sojourn.tail,
            offered_wait_transform: transform(points, |s| queue.offered_wait_transform(s))?,
            served_waiting_time_transform: transform(points, |s| queue.served_waiting_time_transform(s))?,
            served_sojourn_time_transform: transform(points, |s| queue.served_sojourn_time_transform(s))?,
        })
    }

    fn note(&self, small: &mut SmallFigures) {
        for (name, figures) in [
            ("offered_wait_tail", &self.offered_wait_tail),
            ("served_waiting_time_tail", &self.served_waiting_time_tail),
            ("served_sojourn_time_tail", &self.served_sojourn_time_tail),
            ("offered_wait_transform", &self.offered_wait_transform),
            ("served_waiting_time_transform", &self.served_waiting_time_transform),
            ("served_sojourn_time_transform", &self.served_sojourn_time_transform),
        ] {
            small.note(name, figures.as_ref());
        }
    }
}

fn erlang_a(input: &ErlangAInput) -> Result<ErlangAAnswer, CalcError> {
    let arrival_rate = named("arrival_rate", ArrivalRate::new(input.arrival_rate))?;
    let queue = ErlangA::new(
        arrival_rate,
        named("service_rate", ServiceRate::new(input.service_rate))?,
        named("servers", Servers::new(input.servers))?,
        named("abandonment_rate", ServiceRate::new(input.abandonment_rate))?,
    )?;
    let probabilities = quantile_probabilities(input.quantiles.as_deref())?;
    let laws = PatienceLaws::of(&queue, input)?;
    let mut small = SmallFigures::of(arrival_rate);
    laws.note(&mut small);
    let wait = small.figure("wait_probability", queue.wait_probability());
    let mut of_waits = |name, value| small.following(name, value, wait);
    let abandonment_probability = of_waits("abandonment_probability", queue.abandonment_probability());
    let mean_in_queue = of_waits("mean_in_queue", queue.mean_in_queue());
    let waiting_time = of_waits("waiting_time", queue.waiting_time());
    let served_waiting_time = of_waits("served_waiting_time", queue.served_waiting_time());
    let given_wait = "abandonment_probability_given_wait";
    Ok(ErlangAAnswer {
        wait_probability: wait,
        abandonment_probability,
        abandonment_probability_given_wait: small.figure(given_wait, queue.abandonment_probability_given_wait()),
        throughput: small.figure("throughput", queue.throughput()),
        utilization: small.figure("utilization", queue.utilization()),
        offered_load: small.figure("offered_load", queue.offered_load()),
        mean_in_queue,
        mean_in_system: small.figure("mean_in_system", queue.mean_in_system()),
        waiting_time,
        served_waiting_time,
        abandoned_waiting_time: small.figure("abandoned_waiting_time", queue.abandoned_waiting_time()),
        offered_wait_quantiles: keyed(&probabilities, |p| Ok(queue.offered_wait_quantile(p)?))?,
        served_waiting_time_quantiles: keyed(&probabilities, |p| Ok(queue.served_waiting_time_quantile(p)?))?,
        served_sojourn_time_quantiles: keyed(&probabilities, |p| Ok(queue.served_sojourn_time_quantile(p)?))?,
        laws,
        state_probabilities: small.states(input.states.as_deref(), |jobs| Some(queue.state_probability(jobs))),
        below_double_precision: small.names()?,
        method: "exact: M/M/c+M (Erlang A), integrals of the offered wait",
        exact: true,
    })
}
