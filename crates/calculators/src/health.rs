use serde::{Deserialize, Serialize};

use capplan_queueing::availability::{
    CheckedFleet, HealthCheck, ProbeFailure, ProbeNoise, detection_errors, false_removal,
};
use capplan_queueing::units::{ArrivalRate, Probability};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::named;
use super::times::{YEAR, hours, seconds};

pub(super) const HEALTH_CHECK: Calculator = Calculator {
    name: "health_check",
    summary: "time until health checks remove a failed target, and the requests that fail until then",
    inputs: &[
        Input::required("interval", InputKind::Number, "seconds between probes of a target, above 0"),
        Input::required("timeout", InputKind::Number, "seconds until a probe counts as failed, at most `interval`"),
        Input::required("unhealthy_threshold", InputKind::Count, "failed probes in a row until removal, at least 1"),
        Input::optional(
            "failure_mode",
            InputKind::Choice(&["refused", "hang"]),
            "how a failed target answers, `refused` at once or `hang` (default `hang`)",
        ),
        Input::required("targets", InputKind::Count, "targets, at least 1"),
        Input::required("arrival_rate", InputKind::Number, "requests per second over all targets"),
        Input::required("mtbf_hours", InputKind::Number, "mean time up of a target in hours, above 0"),
        Input::required("mttr_hours", InputKind::Number, "mean time until a failed target serves again in hours"),
    ],
    formula: &[
        "detection = (u − 1)·I + v to u·I + v,  I = {interval} s,  u = {unhealthy_threshold},  v = timeout of \
         {timeout} s if it hangs, 0 if it refuses:  {detect_min} s to {detect_max} s, mean {detect_mean} s",
        "failed requests = λ/n·t = {arrival_rate}/{targets}·{detect_mean} = {failed_requests_per_failure_mean} a failure",
        "to first order min(t, MTTR)/(MTBF + MTTR) = {request_error_fraction_first_order} of all requests fail",
        "q·(1 − p_R^n) + p_R^n = {request_error_fraction},  with one retry {request_error_fraction_one_retry}",
    ],
    reference: "Trivedi and Bobbio 2017, ch. 3",
    answer: |question| typed(question, health_check),
};

pub(super) const HEALTH_CHECK_FALSE_REMOVAL: Calculator = Calculator {
    name: "health_check_false_removal",
    summary: "how often health checks remove targets that work",
    inputs: &[
        Input::required("p_probe_fail", InputKind::Number, "probability that a probe of a working target fails"),
        Input::required("unhealthy_threshold", InputKind::Count, "failed probes in a row until removal, 1 to 1000"),
        Input::required("healthy_threshold", InputKind::Count, "passed probes in a row until return, 1 to 1000"),
        Input::required("interval", InputKind::Number, "seconds between probes, at least 0.01"),
        Input::required("targets", InputKind::Count, "targets, at least 1"),
    ],
    formula: &[
        "N_u = (1 − p^u)/(p^u·(1 − p)) probes, p = {p_probe_fail}, u = {unhealthy_threshold}:  removed after \
         {mean_time_to_false_removal} s",
        "N_h with 1 − p and h = {healthy_threshold}:  back after {mean_time_to_return} s",
        "removed = N_h/(N_u + N_h) = {fraction_removed} of the time,  {expected_targets_removed} of {targets} targets",
        "removals = {false_removals_per_day_fleet} a day",
    ],
    reference: "Feller 1968, §XIII.7",
    answer: |question| typed(question, removal),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HealthInput {
    interval: f64,
    timeout: f64,
    unhealthy_threshold: u64,
    #[serde(default)]
    failure_mode: FailureMode,
    targets: u64,
    arrival_rate: f64,
    mtbf_hours: f64,
    mttr_hours: f64,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum FailureMode {
    Refused,
    #[default]
    Hang,
}

#[derive(Serialize)]
struct HealthAnswer {
    detect_min: f64,
    detect_mean: f64,
    detect_max: f64,
    peak_error_rate: f64,
    failed_requests_per_failure_mean: f64,
    failed_requests_per_failure_max: f64,
    request_error_fraction_first_order: f64,
    request_error_fraction: f64,
    request_error_fraction_one_retry: f64,
    failures_per_year_fleet: f64,
    method: &'static str,
    exact: bool,
}

fn health_check(input: &HealthInput) -> Result<HealthAnswer, CalcError> {
    let check = HealthCheck {
        interval: seconds("interval", input.interval)?,
        timeout: seconds("timeout", input.timeout)?,
        unhealthy_threshold: input.unhealthy_threshold,
    };
    let failure = match input.failure_mode {
        FailureMode::Refused => ProbeFailure::Refused,
        FailureMode::Hang => ProbeFailure::Hang,
    };
    let fleet = CheckedFleet {
        targets: input.targets,
        arrival_rate: named("arrival_rate", ArrivalRate::new(input.arrival_rate))?,
        mtbf: hours("mtbf_hours", input.mtbf_hours)?,
        mttr: hours("mttr_hours", input.mttr_hours)?,
    };
    let detection = check.detection_time(failure)?;
    let errors = detection_errors(&check, failure, &fleet)?;
    Ok(HealthAnswer {
        detect_min: detection.min,
        detect_mean: detection.mean,
        detect_max: detection.max,
        peak_error_rate: errors.peak_error_rate,
        failed_requests_per_failure_mean: errors.failed_per_failure_mean,
        failed_requests_per_failure_max: errors.failed_per_failure_max,
        request_error_fraction_first_order: errors.first_order_error_share,
        request_error_fraction: errors.error_share,
        request_error_fraction_one_retry: errors.error_share_one_retry,
        failures_per_year_fleet: errors.failure_rate * YEAR,
        method: "exact: periodic probes of random phase, independent targets",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemovalInput {
    p_probe_fail: f64,
    unhealthy_threshold: u64,
    healthy_threshold: u64,
    interval: f64,
    targets: u64,
}

#[derive(Serialize)]
struct RemovalAnswer {
    mean_time_to_false_removal: f64,
    mean_time_to_return: f64,
    fraction_removed: f64,
    expected_targets_removed: f64,
    prob_target_removed_within_24h: f64,
    prob_any_target_removed_within_24h: f64,
    prob_healthy_below_half: f64,
    prob_all_removed: f64,
    false_removals_per_day_fleet: f64,
    method: &'static str,
    exact: bool,
}

fn removal(input: &RemovalInput) -> Result<RemovalAnswer, CalcError> {
    let answer = false_removal(&ProbeNoise {
        failure_probability: named("p_probe_fail", Probability::new(input.p_probe_fail))?,
        unhealthy_threshold: input.unhealthy_threshold,
        healthy_threshold: input.healthy_threshold,
        interval: seconds("interval", input.interval)?,
        targets: input.targets,
    })?;
    Ok(RemovalAnswer {
        mean_time_to_false_removal: answer.mean_time_to_removal,
        mean_time_to_return: answer.mean_time_to_return,
        fraction_removed: answer.fraction_removed,
        expected_targets_removed: answer.expected_removed,
        prob_target_removed_within_24h: answer.removed_within_a_day,
        prob_any_target_removed_within_24h: answer.any_removed_within_a_day,
        prob_healthy_below_half: answer.below_half,
        prob_all_removed: answer.all_removed,
        false_removals_per_day_fleet: answer.removals_per_day,
        method: "exact: runs of independent probes",
        exact: true,
    })
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
