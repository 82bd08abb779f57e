use capplan_queueing::network::{Behaviour, DailyUsers, interactive_law, partly_open, users_to_load};
use capplan_queueing::units::{ArrivalRate, Probability, Seconds};

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};

inputs! {
    struct InteractiveInput {
        /// number of users
        users: f64,
        /// requests per second, above 0
        throughput: ArrivalRate,
        /// seconds from an answer to the next request, at least 0
        think_time: Seconds,
    }
}

pub(crate) const INTERACTIVE_LAW: Calculator = Calculator {
    name: "interactive_law",
    summary: "response time of N users who complete X requests per second",
    inputs: InteractiveInput::INPUTS,
    formula: &["R = N/X − Z = {users}/{throughput} − {think_time} = {response_time}"],
    reference: "Lazowska et al. 1984, §3.5",
    answer: |question| question.answer(interactive),
};

inputs! {
    struct LoadInput {
        /// users of a day
        daily_users: f64,
        /// sessions of a user in a day
        sessions_per_user: f64,
        /// requests of a session
        requests_per_session: f64,
        /// rate of the peak over that of the day, at least 1
        peak_to_average: f64,
        /// length of a session in seconds
        session: Seconds,
    }
}

pub(crate) const USERS_TO_LOAD: Calculator = Calculator {
    name: "users_to_load",
    summary: "request rates and concurrent sessions from daily users",
    inputs: LoadInput::INPUTS,
    formula: &[
        "average = {daily_users}·{sessions_per_user}·{requests_per_session}/86400 = {average_rate}",
        "peak = average·{peak_to_average} = {peak_rate}",
        "concurrent sessions = {peak_session_starts_per_s}·{session} = {peak_concurrent_sessions}",
    ],
    reference: "Little 1961",
    answer: |question| question.answer(load),
};

inputs! {
    struct PartlyInput {
        /// sessions that begin per second
        session_rate: ArrivalRate,
        /// probability of another request, below 1
        return_probability: Probability,
    }
}

pub(crate) const PARTLY_OPEN: Calculator = Calculator {
    name: "partly_open",
    summary: "users who come, make some requests one after the other, and leave: open or closed?",
    inputs: PartlyInput::INPUTS,
    formula: &[
        "requests per session = 1/(1 − {return_probability}) = {requests_per_session}",
        "request rate = {session_rate}·{requests_per_session} = {request_rate}",
        "up to 5 requests it behaves as an open system, from 10 as a closed one: {behaves}",
    ],
    reference: "Schroeder, Wierman and Harchol-Balter 2006",
    answer: |question| question.answer(partly),
};

fn interactive(input: &InteractiveInput) -> Result<Answer, CalcError> {
    let response_time = interactive_law(input.users, input.throughput, input.think_time)?;
    Ok(Answer::exact("exact: Little's law").with("response_time", response_time))
}

fn load(input: &LoadInput) -> Result<Answer, CalcError> {
    let load = users_to_load(&DailyUsers {
        users: input.daily_users,
        sessions_per_user: input.sessions_per_user,
        requests_per_session: input.requests_per_session,
        peak_to_average: input.peak_to_average,
        session: input.session,
    })?;
    Ok(Answer::exact("exact: arithmetic and Little's law")
        .with("average_rate", load.average_rate)
        .with("peak_rate", load.peak_rate)
        .with("peak_session_starts_per_s", load.peak_session_starts)
        .with("peak_concurrent_sessions", load.peak_concurrent_sessions))
}

fn partly(input: &PartlyInput) -> Result<Answer, CalcError> {
    let figures = partly_open(input.session_rate, input.return_probability)?;
    Ok(Answer::exact("exact: geometric sessions; the label is that of Schroeder et al.")
        .with("requests_per_session", figures.requests_per_session)
        .with("request_rate", figures.request_rate)
        .with(
            "behaves",
            match figures.behaviour {
                Behaviour::Open => "open",
                Behaviour::Between => "between",
                Behaviour::Closed => "closed",
            },
        ))
}
