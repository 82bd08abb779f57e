use serde::{Deserialize, Serialize};

use capplan_queueing::availability::{BurnRateAlert, LowTraffic, low_traffic_alert};
use capplan_queueing::units::Probability;

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed, typed_with_gaps};
use super::changes::thirty;
use super::error::named;
use super::times::{DAY, HOUR, MINUTE, hours, time};

pub(super) const BURN_RATE: Calculator = Calculator {
    name: "burn_rate",
    summary: "multi-window burn-rate alert: threshold, detection and reset for an incident",
    inputs: &[
        Input::required("slo", InputKind::Number, "objective, the share of requests that must succeed, below 1"),
        Input::optional("window_days", InputKind::Number, "period of the objective in days (default 30)"),
        Input::required(
            "budget_fraction",
            InputKind::Number,
            "share of the budget whose loss fires the alert, above 0",
        ),
        Input::required("long_window_hours", InputKind::Number, "long window in hours, at most the period"),
        Input::optional("incident_error_rate", InputKind::Number, "error share of an incident (default 1)"),
    ],
    formula: &[
        "B = budget share·period/window = {budget_fraction}·{window_days|30}·24/{long_window_hours} = {burn_rate}",
        "threshold = B·(1 − SLO) = {burn_rate}·(1 − {slo}) = {error_rate_threshold},  short window = window/12 = \
         {short_window_minutes} min",
        "detection = window·threshold/e = {long_window_hours} h·{error_rate_threshold}/{incident_error_rate|1} = \
         {detection} s,  {budget_spent_at_detection} of the budget spent",
        "reset = short window·(1 − threshold/e) = {reset_after_incident} s",
    ],
    reference: "Beyer et al. 2018, ch. 5",
    answer: |question| {
        typed_with_gaps(
            &[
                "detection",
                "budget_spent_at_detection",
                "reset_after_incident",
                "reset_long_window_only",
                "budget_exhausted_after",
            ],
            question,
            burn_rate,
        )
    },
};

pub(super) const BURN_RATE_LOW_TRAFFIC: Calculator = Calculator {
    name: "burn_rate_low_traffic",
    summary: "how few errors fire a burn-rate alert on little traffic, and how often none was wrong",
    inputs: &[
        Input::required("requests_per_hour", InputKind::Number, "requests per hour"),
        Input::required("slo", InputKind::Number, "objective, the share of requests that must succeed, below 1"),
        Input::optional("window_days", InputKind::Number, "period of the objective in days (default 30)"),
        Input::required("long_window_hours", InputKind::Number, "long window in hours"),
        Input::required("burn_rate", InputKind::Number, "burn rate of the alert, above 0"),
        Input::optional("healthy_error_rate", InputKind::Number, "error share when nothing is wrong (default 0)"),
    ],
    formula: &[
        "N = {requests_per_hour}·{long_window_hours} = {requests_in_window} requests in the window",
        "errors to fire = ⌈B·(1 − SLO)·N⌉ = ⌈{burn_rate}·(1 − {slo})·{requests_in_window}⌉ = {errors_to_fire}",
        "P(false alert) = P(Bin(N, {healthy_error_rate|0}) ≥ {errors_to_fire}) = {prob_false_alert_per_window} a window",
        "one error spends {budget_fraction_per_error} of the budget and burns {burn_rate_of_one_error} times too fast",
    ],
    reference: "Beyer et al. 2018, ch. 5",
    answer: |question| typed(question, low_traffic),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BurnInput {
    slo: f64,
    #[serde(default = "thirty")]
    window_days: f64,
    budget_fraction: f64,
    long_window_hours: f64,
    incident_error_rate: Option<f64>,
}

#[derive(Serialize)]
struct BurnAnswer {
    burn_rate: f64,
    error_rate_threshold: f64,
    short_window_minutes: f64,
    time_to_exhaustion_hours: f64,
    alert_can_fire: bool,
    fires: bool,
    detection: Option<f64>,
    budget_spent_at_detection: Option<f64>,
    reset_after_incident: Option<f64>,
    reset_long_window_only: Option<f64>,
    incident_burn_rate: f64,
    budget_exhausted_after: Option<f64>,
    method: &'static str,
    exact: bool,
}

fn burn_rate(input: &BurnInput) -> Result<BurnAnswer, CalcError> {
    let alert = BurnRateAlert {
        slo: named("slo", Probability::new(input.slo))?,
        period: time("window_days", input.window_days, DAY)?,
        budget_fraction: named("budget_fraction", Probability::new(input.budget_fraction))?,
        long_window: hours("long_window_hours", input.long_window_hours)?,
    };
    let settings = alert.settings()?;
    let error_rate = input.incident_error_rate.unwrap_or(1.0);
    let incident = alert.incident(named("incident_error_rate", Probability::new(error_rate))?)?;
    let fired = incident.fired;
    Ok(BurnAnswer {
        burn_rate: settings.burn_rate,
        error_rate_threshold: settings.error_rate_threshold,
        short_window_minutes: settings.short_window / MINUTE,
        time_to_exhaustion_hours: settings.time_to_exhaustion / HOUR,
        alert_can_fire: settings.can_fire,
        fires: fired.is_some(),
        detection: fired.map(|fired| fired.detection),
        budget_spent_at_detection: fired.map(|fired| fired.budget_spent),
        reset_after_incident: fired.map(|fired| fired.reset),
        reset_long_window_only: fired.map(|fired| fired.reset_long_window_only),
        incident_burn_rate: incident.burn_rate,
        budget_exhausted_after: incident.budget_exhausted_after,
        method: "exact: even traffic, a constant error share, no errors before",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrafficInput {
    requests_per_hour: f64,
    slo: f64,
    #[serde(default = "thirty")]
    window_days: f64,
    long_window_hours: f64,
    burn_rate: f64,
    #[serde(default)]
    healthy_error_rate: f64,
}

#[derive(Serialize)]
struct TrafficAnswer {
    requests_in_window: u64,
    errors_to_fire: u64,
    budget_fraction_per_error: f64,
    burn_rate_of_one_error: f64,
    prob_false_alert_per_window: f64,
    min_requests_per_hour_to_need_2_errors: u64,
    method: &'static str,
    exact: bool,
}

fn low_traffic(input: &TrafficInput) -> Result<TrafficAnswer, CalcError> {
    let answer = low_traffic_alert(&LowTraffic {
        requests_per_hour: input.requests_per_hour,
        slo: named("slo", Probability::new(input.slo))?,
        period: time("window_days", input.window_days, DAY)?,
        long_window: hours("long_window_hours", input.long_window_hours)?,
        burn_rate: input.burn_rate,
        healthy_error_rate: named("healthy_error_rate", Probability::new(input.healthy_error_rate))?,
    })?;
    Ok(TrafficAnswer {
        requests_in_window: answer.requests_in_window,
        errors_to_fire: answer.errors_to_fire,
        budget_fraction_per_error: answer.budget_fraction_per_error,
        burn_rate_of_one_error: answer.burn_rate_of_one_error,
        prob_false_alert_per_window: answer.false_alert_probability,
        min_requests_per_hour_to_need_2_errors: answer.min_requests_per_hour,
        method: "exact: independent errors, binomial law",
        exact: true,
    })
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
