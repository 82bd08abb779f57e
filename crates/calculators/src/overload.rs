use serde::{Deserialize, Serialize};

use capplan_queueing::overload::{
    Degradation, RetryPolicy, Trigger, metastable_trigger, overload_backlog, retry_amplification,
};
use capplan_queueing::units::{ArrivalRate, Probability};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed, typed_with_gaps};
use super::error::named;
use super::times::seconds;

pub(super) const OVERLOAD_BACKLOG: Calculator = Calculator {
    name: "overload_backlog",
    summary: "backlog, drain time and waits during and after a time of lower capacity",
    inputs: &[
        Input::required("arrival_rate", InputKind::Number, "requests per second, below `normal_capacity`"),
        Input::required("degraded_capacity", InputKind::Number, "requests per second served while it lasts"),
        Input::required("normal_capacity", InputKind::Number, "requests per second served afterwards"),
        Input::required("degraded_time", InputKind::Number, "seconds that it lasts"),
        Input::optional("waiting_time_objective", InputKind::Number, "seconds that a request may wait (default 0)"),
    ],
    formula: &[
        "backlog = (λ − C_d)·D = ({arrival_rate} − {degraded_capacity})·{degraded_time} = {peak_backlog}",
        "drain = backlog/(C_n − λ) = {peak_backlog}/({normal_capacity} − {arrival_rate}) = {drain_time} s",
        "longest wait = D·(1 − C_d/λ) = {peak_waiting_time} s",
        "requests that wait more than {waiting_time_objective|0} s come for {time_over_objective} s:  \
         {requests_over_objective}",
    ],
    reference: "Kleinrock 1976, §2.7",
    answer: |question| typed(question, backlog),
};

pub(super) const RETRY_AMPLIFICATION: Calculator = Calculator {
    name: "retry_amplification",
    summary: "how layers of retries multiply the load of a failing service",
    inputs: &[
        Input::required("p_attempt_fail", InputKind::Number, "probability that an attempt at the service fails"),
        Input::required(
            "retries_per_layer",
            InputKind::Counts,
            "retries of each layer, the one next to the service first, each at most 1000",
        ),
        Input::optional("retry_budget", InputKind::Number, "retries as a share of the calls, for each layer"),
    ],
    formula: &[
        "attempts_i = min(Σ_(j=0..r_i) f^j, 1 + b),  f ← f^(r_i+1);  f = {p_attempt_fail},  r = {retries_per_layer}",
        "budget b = {retry_budget}",
        "attempts = {attempts_per_layer},  amplification = their product = {amplification}",
        "P(user fails) = {user_failure_probability},  at worst {worst_case_amplification} times the load",
    ],
    reference: "Beyer et al. 2016, ch. 22",
    answer: |question| typed(question, amplification),
};

pub(super) const METASTABLE_TRIGGER: Calculator = Calculator {
    name: "metastable_trigger",
    summary: "whether an overload with timeouts and retries outlives the trouble that caused it",
    inputs: &[
        Input::required("arrival_rate", InputKind::Number, "requests of users per second, below `capacity`"),
        Input::required("capacity", InputKind::Number, "requests per second served before and after"),
        Input::required("trigger_capacity", InputKind::Number, "requests per second served during the trigger"),
        Input::optional(
            "trigger_arrival_rate",
            InputKind::Number,
            "requests of users per second during the trigger (default `arrival_rate`)",
        ),
        Input::required("trigger", InputKind::Number, "seconds that the trigger lasts"),
        Input::required("timeout", InputKind::Number, "seconds after which an attempt is given up"),
        Input::required("max_retries", InputKind::Count, "attempts after the first"),
    ],
    formula: &[
        "retries begin after τ·C_t/(λ_t − C_t) = {retry_onset|never} s,  τ = {timeout} s",
        "backlog after the trigger of {trigger} s = {backlog_after_trigger},  wait {delay_after_trigger} s",
        "with retries λ·(r + 1) = {arrival_rate}·({max_retries} + 1) against C = {capacity}:  vulnerable {vulnerable}",
        "metastable {metastable},  recovery after {recovery|no time} s",
        "longest trigger that is survived {max_self_recovering_trigger|any} s,  safe load C/(r + 1) = \
         {safe_arrival_rate}",
    ],
    reference: "Bronson et al. 2021",
    answer: |question| typed_with_gaps(&["retry_onset", "recovery", "max_self_recovering_trigger"], question, trigger),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BacklogInput {
    arrival_rate: f64,
    degraded_capacity: f64,
    normal_capacity: f64,
    degraded_time: f64,
    #[serde(default)]
    waiting_time_objective: f64,
}

#[derive(Serialize)]
struct BacklogAnswer {
    peak_backlog: f64,
    drain_time: f64,
    peak_waiting_time: f64,
    time_over_objective: f64,
    requests_over_objective: f64,
    total_impact_time: f64,
    method: &'static str,
    exact: bool,
}

fn backlog(input: &BacklogInput) -> Result<BacklogAnswer, CalcError> {
    let degradation = Degradation {
        arrival_rate: rate("arrival_rate", input.arrival_rate)?,
        degraded_capacity: rate("degraded_capacity", input.degraded_capacity)?,
        normal_capacity: rate("normal_capacity", input.normal_capacity)?,
        length: seconds("degraded_time", input.degraded_time)?,
    };
    let cost = overload_backlog(&degradation, seconds("waiting_time_objective", input.waiting_time_objective)?)?;
    Ok(BacklogAnswer {
        peak_backlog: cost.peak_backlog,
        drain_time: cost.drain_time,
        peak_waiting_time: cost.peak_waiting_time,
        time_over_objective: cost.time_over_objective,
        requests_over_objective: cost.requests_over_objective,
        total_impact_time: cost.total_impact_time,
        method: "approximate: fluid queue in order of arrival, without randomness",
        exact: false,
    })
}

fn rate(input: &str, value: f64) -> Result<ArrivalRate, CalcError> {
    named(input, ArrivalRate::new(value))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AmplificationInput {
    p_attempt_fail: f64,
    retries_per_layer: Vec<u64>,
    retry_budget: Option<f64>,
}

#[derive(Serialize)]
struct AmplificationAnswer {
    amplification: f64,
    user_failure_probability: f64,
    attempts_per_layer: Vec<f64>,
    worst_case_amplification: f64,
    method: &'static str,
    exact: bool,
}

fn amplification(input: &AmplificationInput) -> Result<AmplificationAnswer, CalcError> {
    let layers = input
        .retries_per_layer
        .iter()
        .map(|&retries| RetryPolicy::new(retries, input.retry_budget))
        .collect::<Result<Vec<_>, _>>()?;
    let failure = named("p_attempt_fail", Probability::new(input.p_attempt_fail))?;
    let answer = retry_amplification(failure, &layers)?;
    Ok(AmplificationAnswer {
        amplification: answer.amplification,
        user_failure_probability: answer.user_failure,
        attempts_per_layer: answer.attempts_per_layer,
        worst_case_amplification: answer.worst_case_amplification,
        method: "exact: attempts fail independently of one another and of the load",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TriggerInput {
    arrival_rate: f64,
    capacity: f64,
    trigger_capacity: f64,
    trigger_arrival_rate: Option<f64>,
    trigger: f64,
    timeout: f64,
    max_retries: u64,
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the answer")]
struct TriggerAnswer {
    backlog_after_trigger: f64,
    retry_onset: Option<f64>,
    delay_after_trigger: f64,
    recovers: bool,
    recovery: Option<f64>,
    metastable: bool,
    max_self_recovering_trigger: Option<f64>,
    vulnerable: bool,
    safe_arrival_rate: f64,
    shed_fraction_to_recover: f64,
    method: &'static str,
    exact: bool,
}

fn trigger(input: &TriggerInput) -> Result<TriggerAnswer, CalcError> {
    let answer = metastable_trigger(&Trigger {
        arrival_rate: rate("arrival_rate", input.arrival_rate)?,
        capacity: rate("capacity", input.capacity)?,
        trigger_capacity: rate("trigger_capacity", input.trigger_capacity)?,
        trigger_arrival_rate: rate("trigger_arrival_rate", input.trigger_arrival_rate.unwrap_or(input.arrival_rate))?,
        length: seconds("trigger", input.trigger)?,
        timeout: seconds("timeout", input.timeout)?,
        max_retries: input.max_retries,
    })?;
    Ok(TriggerAnswer {
        backlog_after_trigger: answer.backlog_after_trigger,
        retry_onset: answer.retry_onset,
        delay_after_trigger: answer.waiting_time_after_trigger,
        recovers: !answer.is_metastable(),
        recovery: answer.recovery,
        metastable: answer.is_metastable(),
        max_self_recovering_trigger: answer.max_self_recovering_trigger,
        vulnerable: answer.vulnerable,
        safe_arrival_rate: answer.safe_arrival_rate,
        shed_fraction_to_recover: answer.shed_fraction_to_recover,
        method: "approximate: fluid queue whose clients give up after the timeout, without randomness",
        exact: false,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{ErrorKind, run};

    #[test]
    fn an_overload_that_never_ends_is_unstable() {
        let input = json!({"arrival_rate": 10, "degraded_capacity": 5, "normal_capacity": 8, "degraded_time": 1});
        let error = run("overload_backlog", &input).expect_err("refused");
        assert_eq!(error.kind, ErrorKind::Unstable);
        assert_eq!(error.message, "arrival rate of 10 is not below the capacity of 8; the backlog would never drain");
    }

    #[test]
    fn no_layer_is_refused() {
        let input = json!({"p_attempt_fail": 0.5, "retries_per_layer": []});
        assert_eq!(
            run("retry_amplification", &input).expect_err("refused").message,
            "number of layers of 0 is not at least 1"
        );
    }
}
