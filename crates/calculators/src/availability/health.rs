use capplan_queueing::availability::{
    CheckedFleet, HealthCheck, ProbeFailure, ProbeNoise, detection_errors, false_removal,
};
use capplan_queueing::units::{ArrivalRate, Probability, Seconds};

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, choices, inputs};

use crate::read::{Hours, YEAR};

inputs! {
    struct HealthInput {
        /// seconds between probes of a target, above 0
        interval: Seconds,
        /// seconds until a probe counts as failed, at most `interval`
        timeout: Seconds,
        /// failed probes in a row until removal, at least 1
        unhealthy_threshold: u64,
        /// how a failed target answers, `refused` at once or `hang`
        failure_mode: ProbeFailure = "hang",
        /// targets, at least 1
        targets: u64,
        /// requests per second over all targets
        arrival_rate: ArrivalRate,
        /// mean time up of a target in hours, above 0
        mtbf_hours: Hours,
        /// mean time until a failed target serves again in hours
        mttr_hours: Hours,
    }
}

pub(crate) const HEALTH_CHECK: Calculator = Calculator {
    name: "health_check",
    summary: "time until health checks remove a failed target, and the requests that fail until then",
    inputs: HealthInput::INPUTS,
    formula: &[
        "detection = (u − 1)·I + v to u·I + v,  I = {interval} s,  u = {unhealthy_threshold},  v = timeout of \
         {timeout} s if it hangs, 0 if it refuses:  {detect_min} s to {detect_max} s, mean {detect_mean} s",
        "failed requests = λ/n·t = {arrival_rate}/{targets}·{detect_mean} = {failed_requests_per_failure_mean} a failure",
        "to first order min(t, MTTR)/(MTBF + MTTR) = {request_error_fraction_first_order} of all requests fail",
        "q·(1 − p_R^n) + p_R^n = {request_error_fraction},  with one retry {request_error_fraction_one_retry}",
    ],
    reference: "Trivedi and Bobbio 2017, ch. 3",
    answer: |question| question.answer(health_check),
};

inputs! {
    struct RemovalInput {
        /// probability that a probe of a working target fails
        p_probe_fail: Probability,
        /// failed probes in a row until removal, 1 to 1000
        unhealthy_threshold: u64,
        /// passed probes in a row until return, 1 to 1000
        healthy_threshold: u64,
        /// seconds between probes, at least 0.01
        interval: Seconds,
        /// targets, at least 1
        targets: u64,
    }
}

pub(crate) const HEALTH_CHECK_FALSE_REMOVAL: Calculator = Calculator {
    name: "health_check_false_removal",
    summary: "how often health checks remove targets that work",
    inputs: RemovalInput::INPUTS,
    formula: &[
        "N_u = (1 − p^u)/(p^u·(1 − p)) probes, p = {p_probe_fail}, u = {unhealthy_threshold}:  removed after \
         {mean_time_to_false_removal} s",
        "N_h with 1 − p and h = {healthy_threshold}:  back after {mean_time_to_return} s",
        "removed = N_h/(N_u + N_h) = {fraction_removed} of the time,  {expected_targets_removed} of {targets} targets",
        "removals = {false_removals_per_day_fleet} a day",
    ],
    reference: "Feller 1968, §XIII.7",
    answer: |question| question.answer(removal),
};

choices! {
    ProbeFailure {
        "refused" => Self::Refused,
        "hang" => Self::Hang,
    }
}

fn health_check(input: &HealthInput) -> Result<Answer, CalcError> {
    let check = HealthCheck {
        interval: input.interval,
        timeout: input.timeout,
        unhealthy_threshold: input.unhealthy_threshold,
    };
    let fleet = CheckedFleet {
        targets: input.targets,
        arrival_rate: input.arrival_rate,
        mtbf: input.mtbf_hours.0,
        mttr: input.mttr_hours.0,
    };
    let detection = check.detection_time(input.failure_mode)?;
    let errors = detection_errors(&check, input.failure_mode, &fleet)?;
    Ok(Answer::exact("exact: periodic probes of random phase, independent targets")
        .with("detect_min", detection.min)
        .with("detect_mean", detection.mean)
        .with("detect_max", detection.max)
        .with("peak_error_rate", errors.peak_error_rate)
        .with("failed_requests_per_failure_mean", errors.failed_per_failure_mean)
        .with("failed_requests_per_failure_max", errors.failed_per_failure_max)
        .with("request_error_fraction_first_order", errors.first_order_error_share)
        .with("request_error_fraction", errors.error_share)
        .with("request_error_fraction_one_retry", errors.error_share_one_retry)
        .with("failures_per_year_fleet", errors.failure_rate * YEAR))
}

fn removal(input: &RemovalInput) -> Result<Answer, CalcError> {
    let answer = false_removal(&ProbeNoise {
        failure_probability: input.p_probe_fail,
        unhealthy_threshold: input.unhealthy_threshold,
        healthy_threshold: input.healthy_threshold,
        interval: input.interval,
        targets: input.targets,
    })?;
    Ok(Answer::exact("exact: runs of independent probes")
        .with("mean_time_to_false_removal", answer.mean_time_to_removal)
        .with("mean_time_to_return", answer.mean_time_to_return)
        .with("fraction_removed", answer.fraction_removed)
        .with("expected_targets_removed", answer.expected_removed)
        .with("prob_target_removed_within_24h", answer.removed_within_a_day)
        .with("prob_any_target_removed_within_24h", answer.any_removed_within_a_day)
        .with("prob_healthy_below_half", answer.below_half)
        .with("prob_all_removed", answer.all_removed)
        .with("false_removals_per_day_fleet", answer.removals_per_day))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::run;

    #[test]
    fn a_timeout_above_the_interval_is_refused() {
        let input = json!({"interval": 5, "timeout": 6, "unhealthy_threshold": 2, "targets": 2, "arrival_rate": 1,
                           "mtbf_hours": 100, "mttr_hours": 1});
        assert_eq!(
            run("health_check", &input).expect_err("refused").message,
            "health-check timeout of 6 is above the interval of 5; it may be at most that"
        );
    }

    #[test]
    fn a_probability_past_one_is_refused() {
        let input =
            json!({"p_probe_fail": 1.2, "unhealthy_threshold": 2, "healthy_threshold": 2, "interval": 5, "targets": 2});
        assert_eq!(
            run("health_check_false_removal", &input).expect_err("refused").message,
            "`p_probe_fail`: probability of 1.2 is not between 0 and 1"
        );
    }
}
