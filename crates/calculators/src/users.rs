use serde::{Deserialize, Serialize};

use capplan_queueing::network::{Behaviour, DailyUsers, interactive_law, partly_open, users_to_load};
use capplan_queueing::queues::{FiniteUsers, TimeLaws};
use capplan_queueing::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed, typed_with_gaps};
use super::error::named;
use super::law_inputs::{TIMES, TRANSFORM_AT, distribution, transform};
use super::quantiles::{Keyed, QUANTILES, Quantiles, keyed, quantile_probabilities};
use super::small_figures::SmallFigures;
use super::stations::STATES;

const THINK_TIME: Input =
    Input::required("think_time", InputKind::Number, "seconds from an answer to the next request, at least 0");

pub(super) const INTERACTIVE_LAW: Calculator = Calculator {
    name: "interactive_law",
    summary: "response time of N users who complete X requests per second",
    inputs: &[
        Input::required("users", InputKind::Number, "number of users"),
        Input::required("throughput", InputKind::Number, "requests per second, above 0"),
        THINK_TIME,
    ],
    formula: &["R = N/X − Z = {users}/{throughput} − {think_time} = {response_time}"],
    reference: "Lazowska et al. 1984, §3.5",
    answer: |input| typed(input, interactive),
};

pub(super) const FINITE_USERS: Calculator = Calculator {
    name: "finite_users",
    summary: "a fixed number of users with think time at one station (machine repairman): means and laws of the wait and of \
              the response time",
    inputs: &[
        Input::required("users", InputKind::Count, "number of users, 1 to 10^9"),
        THINK_TIME,
        Input::required("service_rate", InputKind::Number, "completions per second of one busy server, above 0"),
        Input::required("servers", InputKind::Count, "number of parallel servers, at least 1"),
        QUANTILES,
        TIMES,
        TRANSFORM_AT,
        STATES,
    ],
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
    answer: |input| typed_with_gaps(&FINITE_USERS_GAPS, input, finite),
};

/// Figures that may be below the doubles.
const FINITE_USERS_GAPS: [&str; 11] = [
    "throughput",
    "utilization",
    "wait_probability",
    "waiting_time",
    "mean_in_queue",
    "mean_in_system",
    "waiting_time_tail",
    "response_time_tail",
    "waiting_time_transform",
    "response_time_transform",
    "state_probabilities",
];

pub(super) const USERS_TO_LOAD: Calculator = Calculator {
    name: "users_to_load",
    summary: "request rates and concurrent sessions from daily users",
    inputs: &[
        Input::required("daily_users", InputKind::Number, "users of a day"),
        Input::required("sessions_per_user", InputKind::Number, "sessions of a user in a day"),
        Input::required("requests_per_session", InputKind::Number, "requests of a session"),
        Input::required("peak_to_average", InputKind::Number, "rate of the peak over that of the day, at least 1"),
        Input::required("session", InputKind::Number, "length of a session in seconds"),
    ],
    formula: &[
        "average = {daily_users}·{sessions_per_user}·{requests_per_session}/86400 = {average_rate}",
        "peak = average·{peak_to_average} = {peak_rate}",
        "concurrent sessions = {peak_session_starts_per_s}·{session} = {peak_concurrent_sessions}",
    ],
    reference: "Little 1961",
    answer: |input| typed(input, load),
};

pub(super) const PARTLY_OPEN: Calculator = Calculator {
    name: "partly_open",
    summary: "users who come, make some requests one after the other, and leave: open or closed?",
    inputs: &[
        Input::required("session_rate", InputKind::Number, "sessions that begin per second"),
        Input::required("return_probability", InputKind::Number, "probability of another request, below 1"),
    ],
    formula: &[
        "requests per session = 1/(1 − {return_probability}) = {requests_per_session}",
        "request rate = {session_rate}·{requests_per_session} = {request_rate}",
        "up to 5 requests it behaves as an open system, from 10 as a closed one: {behaves}",
    ],
    reference: "Schroeder, Wierman and Harchol-Balter 2006",
    answer: |input| typed(input, partly),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InteractiveInput {
    users: f64,
    throughput: f64,
    think_time: f64,
}

#[derive(Serialize)]
struct InteractiveAnswer {
    response_time: f64,
    method: &'static str,
    exact: bool,
}

fn interactive(input: &InteractiveInput) -> Result<InteractiveAnswer, CalcError> {
    let throughput = named("throughput", ArrivalRate::new(input.throughput))?;
    let think_time = named("think_time", Seconds::new(input.think_time))?;
    let response_time = interactive_law(input.users, throughput, think_time)?;
    Ok(InteractiveAnswer { response_time, method: "exact: Little's law", exact: true })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FiniteInput {
    users: u64,
    think_time: f64,
    service_rate: f64,
    servers: u64,
    quantiles: Option<Vec<f64>>,
    times: Option<Vec<f64>>,
    transform_at: Option<Vec<f64>>,
    states: Option<Vec<u64>>,
}

#[derive(Serialize)]
struct FiniteAnswer {
    throughput: Option<f64>,
    response_time: f64,
    utilization: Option<f64>,
    wait_probability: Option<f64>,
    waiting_time: Option<f64>,
    mean_in_queue: Option<f64>,
    mean_in_system: Option<f64>,
    waiting_time_quantiles: Quantiles,
    response_time_quantiles: Quantiles,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_time_cdf: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_time_tail: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_time_cdf: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_time_tail: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_time_transform: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_time_transform: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_probabilities: Option<Vec<Option<f64>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    below_double_precision: Vec<&'static str>,
    method: &'static str,
    exact: bool,
}

fn finite(input: &FiniteInput) -> Result<FiniteAnswer, CalcError> {
    let think_time = named("think_time", Seconds::new(input.think_time))?;
    let service_rate = named("service_rate", ServiceRate::new(input.service_rate))?;
    let servers = named("servers", Servers::new(input.servers))?;
    let station = FiniteUsers::new(input.users, think_time, service_rate, servers)?;
    let probabilities = quantile_probabilities(input.quantiles.as_deref())?;
    let (times, points) = (input.times.as_deref(), input.transform_at.as_deref());
    let wait = distribution(times, |time| TimeLaws::waiting_time_tail(&station, time))?;
    let response = distribution(times, |time| station.sojourn_time_tail(time))?;
    let waiting_time_transform = transform(points, |s| station.waiting_time_transform(s))?;
    let response_time_transform = transform(points, |s| station.sojourn_time_transform(s))?;
    // Users always come back: each figure is above 0 but for waits where there are servers for all.
    let mut small = SmallFigures::of(named("users", ArrivalRate::new(input.users as f64))?);
    small.note("waiting_time_tail", wait.tail.as_ref());
    small.note("response_time_tail", response.tail.as_ref());
    small.note("waiting_time_transform", waiting_time_transform.as_ref());
    small.note("response_time_transform", response_time_transform.as_ref());
    let (wait_probability, waiting_time, mean_in_queue) = if station.never_waits() {
        (Some(0.0), Some(0.0), Some(0.0))
    } else {
        let probability = small.figure("wait_probability", station.wait_probability());
        (
            probability,
            small.following("waiting_time", station.waiting_time(), probability),
            small.following("mean_in_queue", station.mean_in_queue(), probability),
        )
    };
    // Without a think time all users are at the station.
    let state = |jobs: u64| {
        let possible = if input.think_time == 0.0 { jobs == input.users } else { jobs <= input.users };
        possible.then(|| station.state_probability(jobs))
    };
    Ok(FiniteAnswer {
        throughput: small.figure("throughput", station.throughput()),
        response_time: station.response_time(),
        utilization: small.figure("utilization", station.utilization()),
        wait_probability,
        waiting_time,
        mean_in_queue,
        mean_in_system: small.figure("mean_in_system", station.mean_in_system()),
        waiting_time_quantiles: keyed(&probabilities, |p| Ok(station.waiting_time_quantile(p)?))?,
        response_time_quantiles: keyed(&probabilities, |p| Ok(station.response_time_quantile(p)?))?,
        waiting_time_cdf: wait.cdf,
        waiting_time_tail: wait.tail,
        response_time_cdf: response.cdf,
        response_time_tail: response.tail,
        waiting_time_transform,
        response_time_transform,
        state_probabilities: small.states(input.states.as_deref(), state),
        below_double_precision: small.names()?,
        method: "exact: closed network of think time and one station; laws by what a request finds",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LoadInput {
    daily_users: f64,
    sessions_per_user: f64,
    requests_per_session: f64,
    peak_to_average: f64,
    session: f64,
}

#[derive(Serialize)]
struct LoadAnswer {
    average_rate: f64,
    peak_rate: f64,
    peak_session_starts_per_s: f64,
    peak_concurrent_sessions: f64,
    method: &'static str,
    exact: bool,
}

fn load(input: &LoadInput) -> Result<LoadAnswer, CalcError> {
    let load = users_to_load(&DailyUsers {
        users: input.daily_users,
        sessions_per_user: input.sessions_per_user,
        requests_per_session: input.requests_per_session,
        peak_to_average: input.peak_to_average,
        session: named("session", Seconds::new(input.session))?,
    })?;
    Ok(LoadAnswer {
        average_rate: load.average_rate,
        peak_rate: load.peak_rate,
        peak_session_starts_per_s: load.peak_session_starts,
        peak_concurrent_sessions: load.peak_concurrent_sessions,
        method: "exact: arithmetic and Little's law",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartlyInput {
    session_rate: f64,
    return_probability: f64,
}

#[derive(Serialize)]
struct PartlyAnswer {
    requests_per_session: f64,
    request_rate: f64,
    behaves: &'static str,
    method: &'static str,
    exact: bool,
}

fn partly(input: &PartlyInput) -> Result<PartlyAnswer, CalcError> {
    let session_rate = named("session_rate", ArrivalRate::new(input.session_rate))?;
    let again = named("return_probability", Probability::new(input.return_probability))?;
    let figures = partly_open(session_rate, again)?;
    Ok(PartlyAnswer {
        requests_per_session: figures.requests_per_session,
        request_rate: figures.request_rate,
        behaves: match figures.behaviour {
            Behaviour::Open => "open",
            Behaviour::Between => "between",
            Behaviour::Closed => "closed",
        },
        method: "exact: geometric sessions; the label is that of Schroeder et al.",
        exact: true,
    })
}
