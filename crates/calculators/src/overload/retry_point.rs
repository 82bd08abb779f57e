use capplan_queueing::overload::{
    RetriedStation, RetryClass, RetryPolicy, collapse_arrival_rate, retry_equilibrium, self_recovery_arrival_rate,
};
use capplan_queueing::queues::attempt_failure;
use capplan_queueing::units::{ArrivalRate, Seconds, Servers, ServiceRate};

use crate::CalcError;
use crate::answer::{Answer, Figure};
use crate::declare::{Calculator, Inputs, inputs};

use crate::error::named;

inputs! {
    struct RetryInput {
        /// requests of users per second, above 0
        arrival_rate: ArrivalRate,
        /// parallel servers, at least 1
        servers: Servers,
        /// requests per second of one server, above 0
        service_rate: ServiceRate,
        /// seconds after which an attempt is given up; the work is done
        timeout: Seconds,
        /// attempts after the first, at most 1000
        max_retries: u64,
        /// most requests waiting and in service; more are refused (default no limit)
        system_capacity: Option<u64>,
        /// retries as a share of the requests (default no limit)
        retry_budget: Option<f64>,
    }
}

pub(crate) const RETRY_FIXED_POINT: Calculator = Calculator {
    name: "retry_fixed_point",
    summary: "loads at which a station's timeouts and the retries they cause agree, and when it collapses",
    inputs: RetryInput::INPUTS,
    formula: &[
        "Λ = λ·min(Σ_(j=0..r) p(Λ)^j, 1 + b),  p(Λ) = P(R > {timeout} s) in M/M/c at Λ, 1 from c·μ on",
        "with room for {system_capacity}: p(Λ) = P(refused) + P(accepted, R > {timeout} s) in M/M/c/K",
        "λ = {arrival_rate},  c·μ = {servers}·{service_rate},  r = {max_retries}:  {class}",
        "first point: Λ = {fixed_points[0].offered_rate},  p = {fixed_points[0].p_attempt_fail}",
        "it ends by itself at λ = {collapse_arrival_rate}",
        "any overload passes below λ = c·μ/min(r + 1, 1 + b) = {self_recovery_arrival_rate}",
    ],
    reference: "Bronson et al. 2021; Huang et al. 2022; Bolch et al. 2006, §6.5",
    answer: |question| question.answer(retry_point),
};

fn retry_point(input: &RetryInput) -> Result<Answer, CalcError> {
    let &RetryInput { servers, service_rate, timeout, system_capacity, .. } = input;
    let capacity = servers.get() as f64 * service_rate.get();
    let station = RetriedStation {
        arrival_rate: input.arrival_rate,
        policy: RetryPolicy::new(input.max_retries, input.retry_budget)?,
        capacity: named("service_rate", ArrivalRate::new(capacity))?,
    };
    let failure = |rate| -> Result<f64, CalcError> {
        let arrivals = named("arrival_rate", ArrivalRate::new(rate))?;
        Ok(attempt_failure(arrivals, service_rate, servers, system_capacity, timeout)?)
    };
    let balance = retry_equilibrium(&station, failure)?;
    let collapse = collapse_arrival_rate(&station, failure)?;
    let recovery = system_capacity.is_none().then(|| self_recovery_arrival_rate(&station));
    let points = balance.fixed_points.iter().map(|point| {
        let figures = [
            ("offered_rate", Figure::Number(point.offered_rate)),
            ("amplification", point.amplification.into()),
            ("p_attempt_fail", point.attempt_failure.into()),
            ("p_user_fail", point.user_failure.into()),
            ("goodput_rate", point.goodput.into()),
            ("stable", point.stable.into()),
        ];
        Figure::named(figures)
    });
    let class = match balance.class {
        RetryClass::Bistable => "bistable",
        RetryClass::Good => "good",
        RetryClass::Degraded => "degraded",
        RetryClass::Collapsed => "collapsed",
    };
    let method = "approximate: mean field, attempts come as one Poisson stream; the station itself is exact";
    Ok(Answer::approximate(method)
        .with("class", class)
        .with("fixed_points", Figure::List(points.collect()))
        // None where more load is worse by degrees only.
        .with("collapse_arrival_rate", collapse)
        // None for a bounded queue.
        .with("self_recovery_arrival_rate", recovery)
        .with("self_recovery_utilization", recovery.map(|rate| rate / capacity)))
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
