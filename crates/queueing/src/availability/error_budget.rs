use crate::units::{Probability, Seconds};

use super::AvailabilityError;
use super::binomial::unavailability;

/// The short window that ends an alert is this share of the long one.
const SHORT_WINDOW: f64 = 1.0 / 12.0;

/// Leaves a whole number whole that rounding has lifted by some last digits.
const ROUNDING: f64 = 1e-12;

/// An alert on how fast an error budget is spent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BurnRateAlert {
    /// The objective, the share of requests that must succeed; below 1.
    pub slo: Probability,
    /// The period of the objective.
    pub period: Seconds,
    /// Share of the budget whose loss within the long window fires the alert.
    pub budget_fraction: Probability,
    /// The long window.
    pub long_window: Seconds,
}

/// The settings that follow from an alert. Times in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BurnRateSettings {
    /// Multiple of the speed that spends the budget exactly in the period.
    pub burn_rate: f64,
    /// Error share at which the alert fires.
    pub error_rate_threshold: f64,
    /// The short window, a twelfth of the long one: it ends the alert soon after the incident.
    pub short_window: f64,
    /// Time to spend the whole budget at the threshold.
    pub time_to_exhaustion: f64,
    /// Whether any error share reaches the threshold.
    pub can_fire: bool,
}

/// How an alert answers an incident. Times in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IncidentAlert {
    /// Multiple of the speed that spends the budget exactly in the period.
    pub burn_rate: f64,
    /// Time until the incident has spent the whole budget; `None` without errors.
    pub budget_exhausted_after: Option<f64>,
    /// What the alert does; `None` when it does not fire.
    pub fired: Option<FiredAlert>,
}

/// An alert that fires. Times in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FiredAlert {
    /// From the incident's begin to the alert.
    pub detection: f64,
    /// Share of the budget that is spent by then, whatever the error share is.
    pub budget_spent: f64,
    /// From the incident's end to that of the alert.
    pub reset: f64,
    /// The same without the short window.
    pub reset_long_window_only: f64,
}

impl BurnRateAlert {
    /// Returns the alert's threshold and windows.
    ///
    /// # Formula
    ///
    /// ```text
    /// burn rate B = budget share·period/window     threshold = B·(1 − SLO)     short window = window/12
    /// ```
    ///
    /// # Errors
    ///
    /// [`AvailabilityError::OutOfDomain`] for an objective of 1, a budget share of 0 or a window of 0,
    /// [`AvailabilityError::Above`] for a window longer than the period.
    ///
    /// # References
    ///
    /// [Beyer18](crate::references#beyer18) ch. 5.
    ///
    /// # Examples
    ///
    /// ```
    /// use capplan_queueing::availability::BurnRateAlert;
    /// use capplan_queueing::units::{Probability, Seconds};
    ///
    /// let page = BurnRateAlert {
    ///     slo: Probability::new(0.999)?,
    ///     period: Seconds::new(30.0 * 86_400.0)?,
    ///     budget_fraction: Probability::new(0.02)?,
    ///     long_window: Seconds::new(3600.0)?,
    /// };
    /// assert!((page.settings()?.burn_rate - 14.4).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn settings(&self) -> Result<BurnRateSettings, AvailabilityError> {
        let (period, window, share) = (self.period.get(), self.long_window.get(), self.budget_fraction.get());
        let refused = |what, value, domain| Err(AvailabilityError::OutOfDomain { what, value, domain });
        if self.slo.get() == 1.0 {
            return refused("objective", 1.0, "below 1; it leaves no budget");
        }
        if share == 0.0 {
            return refused("share of the budget", share, "above 0");
        }
        if window == 0.0 {
            return refused("long window", window, "above 0");
        }
        if window > period {
            return Err(AvailabilityError::Above {
                what: "long window",
                value: window,
                limit_name: "period",
                limit: period,
            });
        }
        let burn_rate = share * period / window;
        let error_rate_threshold = burn_rate * (1.0 - self.slo.get());
        Ok(BurnRateSettings {
            burn_rate,
            error_rate_threshold,
            short_window: window * SHORT_WINDOW,
            time_to_exhaustion: period / burn_rate,
            can_fire: error_rate_threshold <= 1.0,
        })
    }

    /// Returns how the alert answers an incident of a constant error share, with nothing but successes before.
    ///
    /// # Formula
    ///
    /// ```text
    /// detection = window·threshold/e     budget spent by then = B·window/period
    /// reset = short window·(1 − threshold/e)
    /// ```
    ///
    /// # Errors
    ///
    /// As [`BurnRateAlert::settings`].
    ///
    /// # References
    ///
    /// [Beyer18](crate::references#beyer18) ch. 5.
    pub fn incident(&self, error_rate: Probability) -> Result<IncidentAlert, AvailabilityError> {
        let settings = self.settings()?;
        let (e, threshold, window) = (error_rate.get(), settings.error_rate_threshold, self.long_window.get());
        let burn_rate = e / (1.0 - self.slo.get());
        let fired = (e >= threshold).then(|| FiredAlert {
            detection: window * threshold / e,
            budget_spent: settings.burn_rate * window / self.period.get(),
            reset: settings.short_window * (1.0 - threshold / e),
            reset_long_window_only: window * (1.0 - threshold / e),
        });
        let budget_exhausted_after = (e > 0.0).then(|| self.period.get() / burn_rate);
        Ok(IncidentAlert { burn_rate, budget_exhausted_after, fired })
    }
}

/// An alert on few requests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LowTraffic {
    /// Requests per hour.
    pub requests_per_hour: f64,
    /// The objective, the share of requests that must succeed; below 1.
    pub slo: Probability,
    /// The period of the objective.
    pub period: Seconds,
    /// The alert's long window.
    pub long_window: Seconds,
    /// The alert's burn rate.
    pub burn_rate: f64,
    /// Share of requests that fail when nothing is wrong.
    pub healthy_error_rate: Probability,
}

/// How few errors fire an alert on few requests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LowTrafficAlert {
    /// Requests in the long window, rounded.
    pub requests_in_window: u64,
    /// Errors in the window that fire the alert.
    pub errors_to_fire: u64,
    /// Share of the period's budget that one error spends.
    pub budget_fraction_per_error: f64,
    /// Burn rate over the window that a single error makes.
    pub burn_rate_of_one_error: f64,
    /// Probability that a window without an incident fires the alert.
    pub false_alert_probability: f64,
    /// Least number of requests per hour with which one error does not fire it.
    pub min_requests_per_hour: u64,
}

const HOUR: f64 = 3600.0;
const MAX_REQUESTS: f64 = 1e15;

/// Returns how a burn-rate alert behaves on so few requests that single errors count.
///
/// # Formula
///
/// ```text
/// N = requests per hour·window     errors to fire m = ⌈B·(1 − SLO)·N⌉     false alert P(Bin(N, p) ≥ m)
/// ```
///
/// # Accuracy
///
/// Exact for independent errors; relative precision however small.
///
/// # Errors
///
/// [`AvailabilityError::OutOfDomain`] for an objective of 1, a burn rate or period of 0, and fewer than one or more than
/// 10¹⁵ requests in the window.
///
/// # References
///
/// [Beyer18](crate::references#beyer18) ch. 5, low-traffic services.
pub fn low_traffic_alert(traffic: &LowTraffic) -> Result<LowTrafficAlert, AvailabilityError> {
    let refused = |what, value, domain| Err(AvailabilityError::OutOfDomain { what, value, domain });
    let budget = 1.0 - traffic.slo.get();
    if budget == 0.0 {
        return refused("objective", 1.0, "below 1; it leaves no budget");
    }
    if !(traffic.burn_rate > 0.0 && traffic.burn_rate.is_finite()) {
        return refused("burn rate", traffic.burn_rate, "above 0");
    }
    if traffic.period.get() == 0.0 {
        return refused("period", 0.0, "above 0");
    }
    let hours = traffic.long_window.get() / HOUR;
    let requests = (traffic.requests_per_hour * hours).round();
    if !(1.0..=MAX_REQUESTS).contains(&requests) {
        return refused("number of requests in the long window", requests, "between 1 and 1e15");
    }
    let threshold = traffic.burn_rate * budget;
    let errors = (threshold * requests * (1.0 - ROUNDING)).ceil().max(1.0);
    let least = 1.0 / (threshold * hours);
    if least > MAX_REQUESTS {
        return refused("burn rate", traffic.burn_rate, "large enough for a second error to matter");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 1e15")]
    let (count, errors_to_fire) = (requests as u64, errors.min(MAX_REQUESTS) as u64);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 1e15")]
    let min_requests_per_hour = ((least * (1.0 + ROUNDING)).floor() + 1.0) as u64;
    let false_alert_probability = if errors_to_fire > count {
        0.0
    } else {
        unavailability(count - errors_to_fire + 1, count, traffic.healthy_error_rate)
    };
    let period_hours = traffic.period.get() / HOUR;
    Ok(LowTrafficAlert {
        requests_in_window: count,
        errors_to_fire,
        budget_fraction_per_error: 1.0 / (budget * traffic.requests_per_hour * period_hours),
        burn_rate_of_one_error: 1.0 / (requests * budget),
        false_alert_probability,
        min_requests_per_hour,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(value: f64) -> Probability {
        Probability::new(value).expect("a probability")
    }

    fn days(value: f64) -> Seconds {
        Seconds::new(value * 86_400.0).expect("a time")
    }

    fn alert(slo: f64, budget_fraction: f64, window: f64) -> BurnRateAlert {
        BurnRateAlert {
            slo: p(slo),
            period: days(30.0),
            budget_fraction: p(budget_fraction),
            long_window: Seconds::new(window * HOUR).expect("a time"),
        }
    }

    fn traffic(requests_per_hour: f64, healthy: f64) -> LowTraffic {
        LowTraffic {
            requests_per_hour,
            slo: p(0.99),
            period: days(30.0),
            long_window: Seconds::new(HOUR).expect("a time"),
            burn_rate: 10.0,
            healthy_error_rate: p(healthy),
        }
    }

    #[test]
    fn the_budget_spent_at_detection_does_not_depend_on_the_incident() {
        for e in [0.05, 0.5, 1.0] {
            let answer = alert(0.999, 0.05, 6.0).incident(p(e)).expect("an answer");
            let fired = answer.fired.expect("fires");
            assert!((fired.budget_spent - 0.05).abs() < 1e-15);
            // Spent at the incident's own speed until detection.
            assert!((fired.detection / days(30.0).get() * answer.burn_rate - 0.05).abs() < 1e-15);
        }
    }

    #[test]
    fn a_slow_burn_does_not_fire() {
        let answer = alert(0.999, 0.02, 1.0).incident(p(0.01)).expect("an answer");
        assert_eq!(answer.fired, None);
        assert_eq!(alert(0.999, 0.02, 1.0).incident(p(0.0)).expect("an answer").budget_exhausted_after, None);
    }

    #[test]
    fn a_loose_objective_can_never_fire_fast() {
        assert!(!alert(0.9, 0.02, 1.0).settings().expect("settings").can_fire);
        assert!(alert(0.94, 0.02, 1.0).settings().expect("settings").can_fire);
    }

    #[test]
    fn a_single_error_pages_where_a_tenth_of_the_requests_is_below_one() {
        let few = low_traffic_alert(&traffic(9.0, 0.001)).expect("an answer");
        assert_eq!((few.errors_to_fire, few.min_requests_per_hour), (1, 11));
        assert!((few.false_alert_probability - (1.0 - 0.999_f64.powi(9))).abs() < 1e-15);
        assert_eq!(low_traffic_alert(&traffic(10.0, 0.001)).expect("an answer").errors_to_fire, 1);
        assert_eq!(low_traffic_alert(&traffic(11.0, 0.001)).expect("an answer").errors_to_fire, 2);
    }

    #[test]
    fn more_errors_than_requests_never_come() {
        let steep = LowTraffic { burn_rate: 1000.0, ..traffic(9.0, 1.0) };
        assert_eq!(low_traffic_alert(&steep).expect("an answer").false_alert_probability, 0.0);
    }

    #[test]
    fn what_is_no_alert_is_refused() {
        let message = |alert: BurnRateAlert| alert.settings().expect_err("refused").to_string();
        assert_eq!(message(alert(1.0, 0.1, 1.0)), "objective of 1 is not below 1; it leaves no budget");
        assert_eq!(message(alert(0.9, 0.0, 1.0)), "share of the budget of 0 is not above 0");
        assert_eq!(message(alert(0.9, 0.1, 0.0)), "long window of 0 is not above 0");
        assert_eq!(
            message(alert(0.9, 0.1, 721.0)),
            "long window of 2595600 is above the period of 2592000; it may be at most that"
        );
        assert_eq!(
            low_traffic_alert(&traffic(0.1, 0.0)).expect_err("refused").to_string(),
            "number of requests in the long window of 0 is not between 1 and 1e15"
        );
    }
}
