use serde::{Deserialize, Serialize};

use capplan_queueing::overload::{
    RetriedStation, RetryClass, RetryPolicy, collapse_arrival_rate, retry_equilibrium, self_recovery_arrival_rate,
};
use capplan_queueing::queues::{Mmc, Mmck, QueueError};
use capplan_queueing::units::{ArrivalRate, Seconds, Servers, ServiceRate};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed_with_gaps};
use super::error::named;
use super::times::seconds;

pub(super) const RETRY_FIXED_POINT: Calculator = Calculator {
    name: "retry_fixed_point",
    summary: "loads at which a station's timeouts and the retries they cause agree, and when it collapses",
    inputs: &[
        Input::required("arrival_rate", InputKind::Number, "requests of users per second, above 0"),
        Input::required("servers", InputKind::Count, "parallel servers, at least 1"),
        Input::required("service_rate", InputKind::Number, "requests per second of one server, above 0"),
        Input::required("timeout", InputKind::Number, "seconds after which an attempt is given up; the work is done"),
        Input::required("max_retries", InputKind::Count, "attempts after the first, at most 1000"),
        Input::optional(
            "system_capacity",
            InputKind::Count,
            "most requests waiting and in service; more are refused (default no limit)",
        ),
        Input::optional("retry_budget", InputKind::Number, "retries as a share of the requests (default no limit)"),
    ],
    formula: &[
        "Λ = λ·min(Σ_(j=0..r) p(Λ)^j, 1 + b),  p(Λ) = P(R > {timeout} s) in M/M/c at Λ, 1 from c·μ on",
        "with room for {system_capacity}: p(Λ) = P(refused) + P(accepted, R > {timeout} s) in M/M/c/K",
        "λ = {arrival_rate},  c·μ = {servers}·{service_rate},  r = {max_retries}:  {class}",
        "first point: Λ = {fixed_points[0].offered_rate},  p = {fixed_points[0].p_attempt_fail}",
        "it ends by itself at λ = {collapse_arrival_rate}",
        "any overload passes below λ = c·μ/min(r + 1, 1 + b) = {self_recovery_arrival_rate}",
    ],
    reference: "Bronson et al. 2021; Huang et al. 2022; Bolch et al. 2006, §6.5",
    answer: |question| {
        typed_with_gaps(
            &["collapse_arrival_rate", "self_recovery_arrival_rate", "self_recovery_utilization"],
            question,
            retry_point,
        )
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RetryInput {
    arrival_rate: f64,
    servers: u64,
    service_rate: f64,
    timeout: f64,
    max_retries: u64,
    system_capacity: Option<u64>,
    retry_budget: Option<f64>,
}

#[derive(Serialize)]
struct RetryAnswer {
    class: &'static str,
    fixed_points: Vec<Point>,
    /// `null` when more load is worse by degrees only.
    collapse_arrival_rate: Option<f64>,
    /// `null` for a bounded queue.
    self_recovery_arrival_rate: Option<f64>,
    /// `null` for a bounded queue.
    self_recovery_utilization: Option<f64>,
    method: &'static str,
    exact: bool,
}

#[derive(Serialize)]
struct Point {
    offered_rate: f64,
    amplification: f64,
    p_attempt_fail: f64,
    p_user_fail: f64,
    goodput_rate: f64,
    stable: bool,
}

/// The station at which attempts fail.
struct Attempts {
    service_rate: ServiceRate,
    servers: Servers,
    room: Option<u64>,
    timeout: Seconds,
}

impl Attempts {
    /// The probability that an attempt fails when `rate` come a second.
    fn failure(&self, rate: f64) -> Result<f64, CalcError> {
        let arrivals = named("arrival_rate", ArrivalRate::new(rate))?;
        if let Some(room) = self.room {
            let station = Mmck::new(arrivals, self.service_rate, self.servers, room)?;
            let refused = station.blocking_probability();
            let late = station.sojourn_time_tail(self.timeout);
            return Ok((refused + (1.0 - refused) * late).clamp(0.0, 1.0));
        }
        match Mmc::new(arrivals, self.service_rate, self.servers) {
            Ok(station) => Ok(station.sojourn_time_tail(self.timeout).min(1.0)),
            Err(QueueError::Unstable { .. }) => Ok(1.0),
            Err(error) => Err(error.into()),
        }
    }
}

fn retry_point(input: &RetryInput) -> Result<RetryAnswer, CalcError> {
    let attempts = Attempts {
        service_rate: named("service_rate", ServiceRate::new(input.service_rate))?,
        servers: named("servers", Servers::new(input.servers))?,
        room: input.system_capacity,
        timeout: seconds("timeout", input.timeout)?,
    };
    let capacity = input.servers as f64 * input.service_rate;
    let station = RetriedStation {
        arrival_rate: named("arrival_rate", ArrivalRate::new(input.arrival_rate))?,
        policy: RetryPolicy::new(input.max_retries, input.retry_budget)?,
        capacity: named("service_rate", ArrivalRate::new(capacity))?,
    };
    let balance = retry_equilibrium(&station, |rate| attempts.failure(rate))?;
    let collapse = collapse_arrival_rate(&station, |rate| attempts.failure(rate))?;
    let recovery = input.system_capacity.is_none().then(|| self_recovery_arrival_rate(&station));
    let points = balance.fixed_points.iter().map(|point| Point {
        offered_rate: point.offered_rate,
        amplification: point.amplification,
        p_attempt_fail: point.attempt_failure,
        p_user_fail: point.user_failure,
        goodput_rate: point.goodput,
        stable: point.stable,
    });
    Ok(RetryAnswer {
        class: match balance.class {
            RetryClass::Bistable => "bistable",
            RetryClass::Good => "good",
            RetryClass::Degraded => "degraded",
            RetryClass::Collapsed => "collapsed",
        },
        fixed_points: points.collect(),
        collapse_arrival_rate: collapse,
        self_recovery_arrival_rate: recovery,
        self_recovery_utilization: recovery.map(|rate| rate / capacity),
        method: "approximate: mean field, attempts come as one Poisson stream; the station itself is exact",
        exact: false,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::run;

    #[test]
    fn a_queue_shorter_than_the_timeout_has_no_bad_state() {
        let class = |capacity: Option<u64>| {
            let input = json!({"arrival_rate": 300, "servers": 8, "service_rate": 50, "timeout": 0.2, "max_retries": 2,
                               "system_capacity": capacity});
            run("retry_fixed_point", &input).expect("an answer")["class"].clone()
        };
        assert_eq!((class(None), class(Some(24))), (json!("bistable"), json!("good")));
    }

    #[test]
    fn less_room_than_servers_is_refused() {
        let input = json!({"arrival_rate": 300, "servers": 8, "service_rate": 50, "timeout": 0.2, "max_retries": 2,
                           "system_capacity": 4});
        assert_eq!(
            run("retry_fixed_point", &input).expect_err("refused").message,
            "capacity of 4 is not between the number of servers and 1,000,000,000"
        );
    }
}
