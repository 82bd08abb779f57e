use serde::{Deserialize, Serialize};

use crate::network::{Behaviour, finite_users, interactive_law, partly_open, users_to_load};
use crate::units::{Servers, ServiceRate};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::named;

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
    summary: "a fixed number of users with think time at one station (machine repairman)",
    inputs: &[
        Input::required("users", InputKind::Count, "number of users"),
        THINK_TIME,
        Input::required("service_rate", InputKind::Number, "completions per second of one busy server, above 0"),
        Input::required("servers", InputKind::Count, "number of parallel servers, at least 1"),
    ],
    formula: &[
        "N = {users},  Z = {think_time},  μ = {service_rate},  c = {servers}",
        "X = Σ_n p_n·min(n, c)·μ = {throughput}",
        "R = N/X − Z = {response_time},  ρ = X/(c·μ) = {utilization}",
    ],
    reference: "Bolch et al. 2006, ch. 6",
    answer: |input| typed(input, finite),
};

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
    let response_time = interactive_law(input.users, input.throughput, input.think_time)?;
    Ok(InteractiveAnswer { response_time, method: "exact: Little's law", exact: true })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FiniteInput {
    users: u64,
    think_time: f64,
    service_rate: f64,
    servers: u64,
}

#[derive(Serialize)]
struct FiniteAnswer {
    throughput: f64,
    response_time: f64,
    utilization: f64,
    method: &'static str,
    exact: bool,
}

fn finite(input: &FiniteInput) -> Result<FiniteAnswer, CalcError> {
    let service_rate = named("service_rate", ServiceRate::new(input.service_rate))?;
    let servers = named("servers", Servers::new(input.servers))?;
    let figures = finite_users(input.users, input.think_time, service_rate, servers)?;
    Ok(FiniteAnswer {
        throughput: figures.throughput,
        response_time: figures.response_time,
        utilization: figures.utilization,
        method: "exact: closed network of think time and one station",
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
    let load = users_to_load(
        input.daily_users,
        input.sessions_per_user,
        input.requests_per_session,
        input.peak_to_average,
        input.session,
    )?;
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
    let figures = partly_open(input.session_rate, input.return_probability)?;
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
