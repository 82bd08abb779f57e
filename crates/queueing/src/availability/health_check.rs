use crate::units::{ArrivalRate, Seconds};

use super::AvailabilityError;

/// How a failed target answers a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeFailure {
    /// The connection is refused: the verdict comes at once.
    Refused,
    /// No answer comes: the verdict waits for the timeout.
    Hang,
}

/// How a load balancer probes its targets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HealthCheck {
    /// Time from one probe of a target to the next.
    pub interval: Seconds,
    /// Time after which a probe without answer counts as failed; at most the interval.
    pub timeout: Seconds,
    /// Failed probes in a row until the target is removed.
    pub unhealthy_threshold: u64,
}

/// Seconds from a target's failure until it is removed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DetectionTime {
    /// When the next probe follows at once.
    pub min: f64,
    /// On average.
    pub mean: f64,
    /// When a probe has just passed.
    pub max: f64,
}

impl HealthCheck {
    /// Returns the time from a failure until the target is removed.
    ///
    /// # Formula
    ///
    /// ```text
    /// min (u − 1)·I + v,   mean (u − ½)·I + v,   max u·I + v
    /// ```
    ///
    /// with the interval `I`, the threshold `u`, and the time `v` of a verdict: the timeout of a target that hangs, 0 of
    /// one that refuses. Probes come periodically whatever they find, and the failure falls anywhere between two.
    ///
    /// # Errors
    ///
    /// [`AvailabilityError::OutOfDomain`] for an interval or threshold of 0, [`AvailabilityError::Above`] for a timeout
    /// above the interval: probes of one target would overlap.
    pub fn detection_time(&self, failure: ProbeFailure) -> Result<DetectionTime, AvailabilityError> {
        let (interval, timeout) = (self.interval.get(), self.timeout.get());
        let refused = |what, domain| Err(AvailabilityError::OutOfDomain { what, value: 0.0, domain });
        if interval == 0.0 {
            return refused("health-check interval", "above 0");
        }
        if self.unhealthy_threshold == 0 {
            return refused("unhealthy threshold", "at least 1");
        }
        if timeout > interval {
            return Err(AvailabilityError::Above {
                what: "health-check timeout",
                value: timeout,
                limit_name: "interval",
                limit: interval,
            });
        }
        let verdict = match failure {
            ProbeFailure::Refused => 0.0,
            ProbeFailure::Hang => timeout,
        };
        let threshold = self.unhealthy_threshold as f64;
        Ok(DetectionTime {
            min: (threshold - 1.0) * interval + verdict,
            mean: (threshold - 0.5) * interval + verdict,
            max: threshold * interval + verdict,
        })
    }
}

/// Targets behind a load balancer that checks them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CheckedFleet {
    /// Targets there are.
    pub targets: u64,
    /// Requests per second over all of them.
    pub arrival_rate: ArrivalRate,
    /// Mean time up of a target.
    pub mtbf: Seconds,
    /// Mean time from its failure until it serves again.
    pub mttr: Seconds,
}

/// What requests see of failing targets until these are removed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DetectionErrors {
    /// Share of requests that fail while one target is down and not yet removed.
    pub peak_error_rate: f64,
    /// Requests that fail in one failure, on average.
    pub failed_per_failure_mean: f64,
    /// Requests that fail in one failure, at worst.
    pub failed_per_failure_max: f64,
    /// Share of all requests that fail, to first order: time until detection or repair over time between failures.
    pub first_order_error_share: f64,
    /// Share of all requests that fail.
    pub error_share: f64,
    /// The same when a failed request is tried once more, at another target if there is one.
    pub error_share_one_retry: f64,
    /// Failures of targets per second.
    pub failure_rate: f64,
}

/// Returns what the time until detection costs in failed requests.
///
/// # Formula
///
/// Over the mean cycle `MTBF + MTTR` of a target, with detection after `t` on average:
///
/// ```text
/// p_U = MTBF/cycle      p_F = min(t, MTTR)/cycle, down but in rotation      p_R = the rest, removed
/// q = p_F/(p_U + p_F)   error share = q·(1 − p_R^n) + p_R^n
/// one retry: q²·P(M ≥ 2) + q·P(M = 1) + P(M = 0)      first order: p_F, whatever n is
/// ```
///
/// with `M` of the `n` targets in rotation, binomial. With all removed the balancer sends to all (fail open), and all
/// fail. Targets take equal shares; one that fails fast attracts more under least outstanding requests, at worst
/// everything.
///
/// # Accuracy
///
/// Exact for independent targets. Relative precision however small.
///
/// # Errors
///
/// As [`HealthCheck::detection_time`]; [`AvailabilityError::Empty`] without targets,
/// [`AvailabilityError::OutOfDomain`] for an MTBF of 0.
///
/// # References
///
/// [Trivedi17](crate::references#trivedi17) ch. 3, alternating renewal.
pub fn detection_errors(
    check: &HealthCheck,
    failure: ProbeFailure,
    fleet: &CheckedFleet,
) -> Result<DetectionErrors, AvailabilityError> {
    let detection = check.detection_time(failure)?;
    if fleet.targets == 0 {
        return Err(AvailabilityError::Empty("target"));
    }
    let (up, down) = (fleet.mtbf.get(), fleet.mttr.get());
    if up == 0.0 {
        return Err(AvailabilityError::OutOfDomain {
            what: "mean time between failures",
            value: up,
            domain: "above 0",
        });
    }
    let n = fleet.targets as f64;
    let cycle = up + down;
    let unnoticed = detection.mean.min(down);
    let removed = (down - unnoticed) / cycle;
    let in_rotation = (up + unnoticed) / cycle;
    let failing = unnoticed / (up + unnoticed);
    let none = removed.powf(n);
    // P(M = 1) and P(M ≥ 2); with few removed the second is nearly 1 and needs no digits of its own.
    let one = n * in_rotation * removed.powf(n - 1.0);
    let more = (1.0 - none - one).max(0.0);
    let per_target = fleet.arrival_rate.get() / n;
    Ok(DetectionErrors {
        peak_error_rate: 1.0 / n,
        failed_per_failure_mean: per_target * unnoticed,
        failed_per_failure_max: per_target * detection.max.min(down),
        first_order_error_share: unnoticed / cycle,
        error_share: failing * (1.0 - none) + none,
        error_share_one_retry: failing * failing * more + failing * one + none,
        failure_rate: n / cycle,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(value: f64) -> Seconds {
        Seconds::new(value).expect("a time")
    }

    fn check(interval: f64, timeout: f64, unhealthy_threshold: u64) -> HealthCheck {
        HealthCheck { interval: seconds(interval), timeout: seconds(timeout), unhealthy_threshold }
    }

    fn fleet(targets: u64, mtbf: f64, mttr: f64) -> CheckedFleet {
        let arrival_rate = ArrivalRate::new(100.0).expect("a rate");
        CheckedFleet { targets, arrival_rate, mtbf: seconds(mtbf), mttr: seconds(mttr) }
    }

    #[test]
    fn a_target_that_hangs_is_found_a_timeout_later() {
        let refused = check(30.0, 5.0, 2).detection_time(ProbeFailure::Refused).expect("times");
        assert_eq!((refused.min, refused.mean, refused.max), (30.0, 45.0, 60.0));
        let hangs = check(30.0, 5.0, 2).detection_time(ProbeFailure::Hang).expect("times");
        assert_eq!((hangs.min, hangs.mean, hangs.max), (35.0, 50.0, 65.0));
    }

    #[test]
    fn the_error_share_is_that_of_all_states() {
        // Three targets, each up, failing or removed: 27 states.
        let errors = detection_errors(&check(10.0, 5.0, 1), ProbeFailure::Refused, &fleet(3, 20.0, 10.0));
        let errors = errors.expect("an answer");
        let shares = [20.0 / 30.0, 5.0 / 30.0, 5.0 / 30.0];
        let (mut first, mut retried) = (0.0, 0.0);
        for state in 0..27_usize {
            let targets = [state % 3, state / 3 % 3, state / 9];
            let p: f64 = targets.iter().map(|&kind| shares[kind]).product();
            let failing = targets.iter().filter(|&&kind| kind == 1).count() as f64;
            let rotation = targets.iter().filter(|&&kind| kind != 2).count() as f64;
            let share = if rotation == 0.0 { 1.0 } else { failing / rotation };
            first += p * share;
            let again = if rotation > 1.0 { (failing - 1.0).max(0.0) / (rotation - 1.0) } else { 1.0 };
            retried += p * share * again;
        }
        assert!((errors.error_share - first).abs() < 1e-15);
        assert!((errors.error_share_one_retry - retried).abs() < 1e-15);
    }

    #[test]
    fn a_repair_before_detection_removes_nobody() {
        let errors = detection_errors(&check(60.0, 5.0, 3), ProbeFailure::Hang, &fleet(1, 99.0, 1.0)).expect("shares");
        assert!((errors.error_share - 0.01).abs() < 1e-16);
        // Nor do more fail than come until the repair.
        assert_eq!((errors.failed_per_failure_max, errors.first_order_error_share), (100.0, 0.01));
    }

    #[test]
    fn what_cannot_be_checked_is_refused() {
        let message = |check: HealthCheck| check.detection_time(ProbeFailure::Hang).expect_err("refused").to_string();
        assert_eq!(
            message(check(5.0, 6.0, 2)),
            "health-check timeout of 6 is above the interval of 5; it may be at most that"
        );
        assert_eq!(message(check(0.0, 0.0, 2)), "health-check interval of 0 is not above 0");
        assert_eq!(message(check(5.0, 1.0, 0)), "unhealthy threshold of 0 is not at least 1");
        let nobody = detection_errors(&check(5.0, 1.0, 1), ProbeFailure::Hang, &fleet(0, 1.0, 1.0));
        assert_eq!(nobody.expect_err("refused").to_string(), "no target given; at least one is needed");
    }
}
