use crate::units::{ArrivalRate, Probability, Seconds};

use super::NetworkError;

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// Requests per session up to which a partly open system behaves as an open one.
pub const OPEN_UP_TO: f64 = 5.0;

/// Requests per session from which a partly open system behaves as a closed one.
pub const CLOSED_FROM: f64 = 10.0;

/// How far a computed number of requests per session may miss a limit: shares do not sum exactly in binary.
const LABEL_TOLERANCE: f64 = 1e-9;

/// Returns the response time of `users` users who complete `throughput` requests per second.
///
/// # Formula
///
/// ```text
/// R = N/X − Z
/// ```
///
/// # Errors
///
/// [`NetworkError::Parameter`] for a number outside its domain, and for a throughput that so many users cannot reach:
/// the response time would be negative.
///
/// # References
///
/// [Lazowska84](crate::references#lazowska84) §3.5.
pub fn interactive_law(users: f64, throughput: ArrivalRate, think_time: Seconds) -> Result<f64, NetworkError> {
    let users = at_least_zero("users", users)?;
    let throughput = above_zero("throughput", throughput.get())?;
    let think_time = think_time.get();
    if throughput * think_time > users {
        let domain = "at most users / think time: the response time would be negative";
        return Err(NetworkError::Parameter { what: "throughput", value: throughput, domain });
    }
    Ok(users / throughput - think_time)
}

/// What the users of a day do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DailyUsers {
    /// Users that come on a day.
    pub users: f64,
    /// Sessions of a user on a day.
    pub sessions_per_user: f64,
    /// Requests of a session.
    pub requests_per_session: f64,
    /// Rate at the peak over the mean rate of the day, at least 1.
    pub peak_to_average: f64,
    /// Length of a session.
    pub session: Seconds,
}

/// The load that the users of a day make.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DailyLoad {
    /// Requests per second over the day.
    pub average_rate: f64,
    /// Requests per second at the peak.
    pub peak_rate: f64,
    /// Sessions that begin per second at the peak.
    pub peak_session_starts: f64,
    /// Sessions at the same time at the peak.
    pub peak_concurrent_sessions: f64,
}

/// Turns daily users into rates.
///
/// # Formula
///
/// ```text
/// average = users·sessions·requests/86,400,   peak = average·peak_to_average
/// concurrent sessions = peak session starts · session (Little)
/// ```
///
/// # Errors
///
/// [`NetworkError::Parameter`] for a number outside its domain.
pub fn users_to_load(day: &DailyUsers) -> Result<DailyLoad, NetworkError> {
    let users = at_least_zero("daily users", day.users)?;
    let sessions = at_least_zero("sessions per user", day.sessions_per_user)?;
    let requests = at_least_zero("requests per session", day.requests_per_session)?;
    let (session, peak_to_average) = (day.session.get(), day.peak_to_average);
    if !(peak_to_average >= 1.0 && peak_to_average.is_finite()) {
        let domain = "finite and at least 1";
        return Err(NetworkError::Parameter { what: "peak to average", value: peak_to_average, domain });
    }
    let starts = users * sessions / DAY;
    let peak_session_starts = starts * peak_to_average;
    Ok(DailyLoad {
        average_rate: starts * requests,
        peak_rate: peak_session_starts * requests,
        peak_session_starts,
        peak_concurrent_sessions: peak_session_starts * session,
    })
}

/// How a workload reacts to slow answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// As if requests came whatever the response time.
    Open,
    /// In between: neither model fits.
    Between,
    /// As if a fixed number of users waited for each answer.
    Closed,
}

/// A system to which users come, make requests one after the other, and leave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PartlyOpen {
    /// Mean requests of a session.
    pub requests_per_session: f64,
    /// Requests per second.
    pub request_rate: f64,
    /// Which model fits.
    pub behaviour: Behaviour,
}

/// Returns what a partly open system is like: after each answer a user makes another request with
/// `return_probability`.
///
/// # Formula
///
/// ```text
/// requests per session = 1/(1 − p),   request rate = session rate/(1 − p)
/// ```
///
/// Up to [`OPEN_UP_TO`] requests it behaves as an open system, from [`CLOSED_FROM`] as a closed one.
///
/// # Errors
///
/// [`NetworkError::Parameter`] for a number outside its domain.
///
/// # References
///
/// [Schroeder06](crate::references#schroeder06).
pub fn partly_open(session_rate: ArrivalRate, return_probability: Probability) -> Result<PartlyOpen, NetworkError> {
    let (session_rate, return_probability) = (session_rate.get(), return_probability.get());
    if return_probability >= 1.0 {
        let domain = "at least 0 and below 1";
        return Err(NetworkError::Parameter { what: "return probability", value: return_probability, domain });
    }
    let requests = 1.0 / (1.0 - return_probability);
    let behaviour = if requests <= OPEN_UP_TO * (1.0 + LABEL_TOLERANCE) {
        Behaviour::Open
    } else if requests >= CLOSED_FROM * (1.0 - LABEL_TOLERANCE) {
        Behaviour::Closed
    } else {
        Behaviour::Between
    };
    Ok(PartlyOpen { requests_per_session: requests, request_rate: session_rate * requests, behaviour })
}

fn at_least_zero(what: &'static str, value: f64) -> Result<f64, NetworkError> {
    if value >= 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(NetworkError::Parameter { what, value, domain: "finite and at least 0" })
    }
}

fn above_zero(what: &'static str, value: f64) -> Result<f64, NetworkError> {
    if value > 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(NetworkError::Parameter { what, value, domain: "finite and above 0" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_throughput_than_users_is_refused() {
        let (throughput, think_time) = (ArrivalRate::new(5.0).expect("a rate"), Seconds::new(3.0).expect("a time"));
        assert_eq!(
            interactive_law(10.0, throughput, think_time).expect_err("refused").to_string(),
            "throughput is 5; it must be at most users / think time: the response time would be negative"
        );
    }

    #[test]
    fn the_limits_belong_to_their_labels() {
        let ask = |p| partly_open(ArrivalRate::new(1.0).expect("a rate"), Probability::new(p).expect("a share"));
        let label = |p| ask(p).expect("valid").behaviour;
        assert_eq!([label(0.8), label(0.85), label(0.9)], [Behaviour::Open, Behaviour::Between, Behaviour::Closed]);
        assert_eq!(
            ask(1.0).expect_err("for ever").to_string(),
            "return probability is 1; it must be at least 0 and below 1"
        );
    }

    #[test]
    fn a_peak_below_the_average_is_refused() {
        let session = Seconds::new(1.0).expect("a time");
        let day =
            DailyUsers { users: 1.0, sessions_per_user: 1.0, requests_per_session: 1.0, peak_to_average: 0.5, session };
        assert_eq!(
            users_to_load(&day).expect_err("refused").to_string(),
            "peak to average is 0.5; it must be finite and at least 1"
        );
    }
}
