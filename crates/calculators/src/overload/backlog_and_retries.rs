use capplan_queueing::overload::{
    Degradation, RetryPolicy, Trigger, metastable_trigger, overload_backlog, retry_amplification,
};
use capplan_queueing::units::{ArrivalRate, Probability, Seconds};

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};

inputs! {
    struct BacklogInput {
        /// requests per second, below `normal_capacity`
        arrival_rate: ArrivalRate,
        /// requests per second served while it lasts
        degraded_capacity: ArrivalRate,
        /// requests per second served afterwards
        normal_capacity: ArrivalRate,
        /// seconds that it lasts
        degraded_time: Seconds,
        /// seconds that a request may wait
        waiting_time_objective: Seconds = 0,
    }
}

pub(crate) const OVERLOAD_BACKLOG: Calculator = Calculator {
    name: "overload_backlog",
    summary: "backlog, drain time and waits during and after a time of lower capacity",
    inputs: BacklogInput::INPUTS,
    formula: &[
        "backlog = (λ − C_d)·D = ({arrival_rate} − {degraded_capacity})·{degraded_time} = {peak_backlog}",
        "drain = backlog/(C_n − λ) = {peak_backlog}/({normal_capacity} − {arrival_rate}) = {drain_time} s",
        "longest wait = D·(1 − C_d/λ) = {peak_waiting_time} s",
        "requests that wait more than {waiting_time_objective} s come for {time_over_objective} s:  \
         {requests_over_objective}",
    ],
    reference: "Kleinrock 1976, §2.7",
    answer: |question| question.answer(backlog),
};

inputs! {
    struct AmplificationInput {
        /// probability that an attempt at the service fails
        p_attempt_fail: Probability,
        /// retries of each layer, the one next to the service first, each at most 1000
        retries_per_layer: Vec<u64>,
        /// retries as a share of the calls, for each layer
        retry_budget: Option<f64>,
    }
}

pub(crate) const RETRY_AMPLIFICATION: Calculator = Calculator {
    name: "retry_amplification",
    summary: "how layers of retries multiply the load of a failing service",
    inputs: AmplificationInput::INPUTS,
    formula: &[
        "attempts_i = min(Σ_(j=0..r_i) f^j, 1 + b),  f ← f^(r_i+1);  f = {p_attempt_fail},  r = {retries_per_layer}",
        "budget b = {retry_budget}",
        "attempts = {attempts_per_layer},  amplification = their product = {amplification}",
        "P(user fails) = {user_failure_probability},  at worst {worst_case_amplification} times the load",
    ],
    reference: "Beyer et al. 2016, ch. 22",
    answer: |question| question.answer(amplification),
};

inputs! {
    struct TriggerInput {
        /// requests of users per second, below `capacity`
        arrival_rate: ArrivalRate,
        /// requests per second served before and after
        capacity: ArrivalRate,
        /// requests per second served during the trigger
        trigger_capacity: ArrivalRate,
        /// requests of users per second during the trigger (default `arrival_rate`)
        trigger_arrival_rate: Option<ArrivalRate>,
        /// seconds that the trigger lasts
        trigger: Seconds,
        /// seconds after which an attempt is given up
        timeout: Seconds,
        /// attempts after the first
        max_retries: u64,
    }
}

pub(crate) const METASTABLE_TRIGGER: Calculator = Calculator {
    name: "metastable_trigger",
    summary: "whether an overload with timeouts and retries outlives the trouble that caused it",
    inputs: TriggerInput::INPUTS,
    formula: &[
        "retries begin after τ·C_t/(λ_t − C_t) = {retry_onset|never} s,  τ = {timeout} s",
        "backlog after the trigger of {trigger} s = {backlog_after_trigger},  wait {delay_after_trigger} s",
        "with retries λ·(r + 1) = {arrival_rate}·({max_retries} + 1) against C = {capacity}:  vulnerable {vulnerable}",
        "metastable {metastable},  recovery after {recovery|no time} s",
        "longest trigger that is survived {max_self_recovering_trigger|any} s,  safe load C/(r + 1) = \
         {safe_arrival_rate}",
    ],
    reference: "Bronson et al. 2021",
    answer: |question| question.answer(trigger),
};

fn backlog(input: &BacklogInput) -> Result<Answer, CalcError> {
    let degradation = Degradation {
        arrival_rate: input.arrival_rate,
        degraded_capacity: input.degraded_capacity,
        normal_capacity: input.normal_capacity,
        length: input.degraded_time,
    };
    Ok(Answer::approximate("approximate: fluid queue in order of arrival, without randomness")
        .record(&overload_backlog(&degradation, input.waiting_time_objective)?))
}

fn amplification(input: &AmplificationInput) -> Result<Answer, CalcError> {
    let layer = |&retries| RetryPolicy::new(retries, input.retry_budget);
    let layers = input.retries_per_layer.iter().map(layer).collect::<Result<Vec<_>, _>>()?;
    let answer = retry_amplification(input.p_attempt_fail, &layers)?;
    Ok(Answer::exact("exact: attempts fail independently of one another and of the load")
        .with("amplification", answer.amplification)
        .with("user_failure_probability", answer.user_failure)
        .with("attempts_per_layer", answer.attempts_per_layer)
        .with("worst_case_amplification", answer.worst_case_amplification))
}

fn trigger(input: &TriggerInput) -> Result<Answer, CalcError> {
    let answer = metastable_trigger(&Trigger {
        arrival_rate: input.arrival_rate,
        capacity: input.capacity,
        trigger_capacity: input.trigger_capacity,
        trigger_arrival_rate: input.trigger_arrival_rate.unwrap_or(input.arrival_rate),
        length: input.trigger,
        timeout: input.timeout,
        max_retries: input.max_retries,
    })?;
    Ok(Answer::approximate("approximate: fluid queue whose clients give up after the timeout, without randomness")
        .with("backlog_after_trigger", answer.backlog_after_trigger)
        .with("retry_onset", answer.retry_onset)
        .with("delay_after_trigger", answer.waiting_time_after_trigger)
        .with("recovers", !answer.is_metastable())
        .with("recovery", answer.recovery)
        .with("metastable", answer.is_metastable())
        .with("max_self_recovering_trigger", answer.max_self_recovering_trigger)
        .with("vulnerable", answer.vulnerable)
        .with("safe_arrival_rate", answer.safe_arrival_rate)
        .with("shed_fraction_to_recover", answer.shed_fraction_to_recover))
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
