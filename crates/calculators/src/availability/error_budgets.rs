use capplan_queueing::availability::{BurnRateAlert, LowTraffic, low_traffic_alert};
use capplan_queueing::units::Probability;

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};

use crate::read::{Days, HOUR, Hours, MINUTE};

inputs! {
    struct BurnInput {
        /// objective, the share of requests that must succeed, below 1
        slo: Probability,
        /// period of the objective in days
        window_days: Days = 30,
        /// share of the budget whose loss fires the alert, above 0
        budget_fraction: Probability,
        /// long window in hours, at most the period
        long_window_hours: Hours,
        /// error share of an incident
        incident_error_rate: Probability = 1,
    }
}

pub(crate) const BURN_RATE: Calculator = Calculator {
    name: "burn_rate",
    summary: "multi-window burn-rate alert: threshold, detection and reset for an incident",
    inputs: BurnInput::INPUTS,
    formula: &[
        "B = budget share·period/window = {budget_fraction}·{window_days}·24/{long_window_hours} = {burn_rate}",
        "threshold = B·(1 − SLO) = {burn_rate}·(1 − {slo}) = {error_rate_threshold},  short window = window/12 = \
         {short_window_minutes} min",
        "detection = window·threshold/e = {long_window_hours} h·{error_rate_threshold}/{incident_error_rate} = \
         {detection} s,  {budget_spent_at_detection} of the budget spent",
        "reset = short window·(1 − threshold/e) = {reset_after_incident} s",
    ],
    reference: "Beyer et al. 2018, ch. 5",
    answer: |question| question.answer(burn_rate),
};

inputs! {
    struct TrafficInput {
        /// requests per hour
        requests_per_hour: f64,
        /// objective, the share of requests that must succeed, below 1
        slo: Probability,
        /// period of the objective in days
        window_days: Days = 30,
        /// long window in hours
        long_window_hours: Hours,
        /// burn rate of the alert, above 0
        burn_rate: f64,
        /// error share when nothing is wrong
        healthy_error_rate: Probability = 0,
    }
}

pub(crate) const BURN_RATE_LOW_TRAFFIC: Calculator = Calculator {
    name: "burn_rate_low_traffic",
    summary: "how few errors fire a burn-rate alert on little traffic, and how often none was wrong",
    inputs: TrafficInput::INPUTS,
    formula: &[
        "N = {requests_per_hour}·{long_window_hours} = {requests_in_window} requests in the window",
        "errors to fire = ⌈B·(1 − SLO)·N⌉ = ⌈{burn_rate}·(1 − {slo})·{requests_in_window}⌉ = {errors_to_fire}",
        "P(false alert) = P(Bin(N, {healthy_error_rate}) ≥ {errors_to_fire}) = {prob_false_alert_per_window} a window",
        "one error spends {budget_fraction_per_error} of the budget and burns {burn_rate_of_one_error} times too fast",
    ],
    reference: "Beyer et al. 2018, ch. 5",
    answer: |question| question.answer(low_traffic),
};

fn burn_rate(input: &BurnInput) -> Result<Answer, CalcError> {
    let alert = BurnRateAlert {
        slo: input.slo,
        period: input.window_days.0,
        budget_fraction: input.budget_fraction,
        long_window: input.long_window_hours.0,
    };
    let settings = alert.settings()?;
    let incident = alert.incident(input.incident_error_rate)?;
    let fired = incident.fired;
    Ok(Answer::exact("exact: even traffic, a constant error share, no errors before")
        .with("burn_rate", settings.burn_rate)
        .with("error_rate_threshold", settings.error_rate_threshold)
        .with("short_window_minutes", settings.short_window / MINUTE)
        .with("time_to_exhaustion_hours", settings.time_to_exhaustion / HOUR)
        .with("alert_can_fire", settings.can_fire)
        .with("fires", fired.is_some())
        .with("detection", fired.map(|fired| fired.detection))
        .with("budget_spent_at_detection", fired.map(|fired| fired.budget_spent))
        .with("reset_after_incident", fired.map(|fired| fired.reset))
        .with("reset_long_window_only", fired.map(|fired| fired.reset_long_window_only))
        .with("incident_burn_rate", incident.burn_rate)
        .with("budget_exhausted_after", incident.budget_exhausted_after))
}

fn low_traffic(input: &TrafficInput) -> Result<Answer, CalcError> {
    let answer = low_traffic_alert(&LowTraffic {
        requests_per_hour: input.requests_per_hour,
        slo: input.slo,
        period: input.window_days.0,
        long_window: input.long_window_hours.0,
        burn_rate: input.burn_rate,
        healthy_error_rate: input.healthy_error_rate,
    })?;
    Ok(Answer::exact("exact: independent errors, binomial law")
        .with("requests_in_window", answer.requests_in_window)
        .with("errors_to_fire", answer.errors_to_fire)
        .with("budget_fraction_per_error", answer.budget_fraction_per_error)
        .with("burn_rate_of_one_error", answer.burn_rate_of_one_error)
        .with("prob_false_alert_per_window", answer.false_alert_probability)
        .with("min_requests_per_hour_to_need_2_errors", answer.min_requests_per_hour))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::run;

    #[test]
    fn a_perfect_objective_has_no_budget() {
        let input = json!({"slo": 1, "budget_fraction": 0.02, "long_window_hours": 1});
        assert_eq!(
            run("burn_rate", &input).expect_err("refused").message,
            "objective of 1 is not below 1; it leaves no budget"
        );
    }
}
