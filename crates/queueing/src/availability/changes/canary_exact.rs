use crate::availability::AvailabilityError;
use crate::availability::binomial::{mass, unavailability};
use crate::units::Probability;

use super::canary_size::inside;
use super::{Sides, critical_value};

/// The most requests of either version.
pub const MAX_CANARY_REQUESTS: u64 = 10_000_000;

/// Control counts rarer than this are left out: together they stay below 10⁻¹³.
const NEGLIGIBLE: f64 = 1e-20;

/// A test of two versions on their requests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CanaryTest {
    /// Error share of the old version.
    pub baseline: Probability,
    /// Error share of a regressed version.
    pub regressed: Probability,
    /// Nominal probability of an alarm for a sound version.
    pub alpha: Probability,
    /// Whether only more errors count, or any difference.
    pub sides: Sides,
    /// Requests of the canary.
    pub canary: u64,
    /// Requests of the old version in the same time.
    pub control: u64,
}

/// What a test does, not what it promises.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExactCanary {
    /// Probability of an alarm for a sound version.
    pub size: f64,
    /// Probability of an alarm for a regressed one.
    pub power: f64,
}

/// Returns the exact size and power of the pooled z-test of two proportions.
///
/// # Formula
///
/// ```text
/// alarm when (x/n₁ − y/n₀)/√(p̄q̄(1/n₁ + 1/n₀)) > z,   p̄ = (x + y)/(n₁ + n₀)
/// P(alarm) = Σ_y P(Y = y)·P(X ≥ x(y))
/// ```
///
/// with `Y` ~ Bin(n₀, p₀) errors of the old version and `X` ~ Bin(n₁, p) of the canary, `p = p₀` for the size and
/// `p = p₁` for the power; with two sides the alarms below are added. No error at all is no alarm.
///
/// # Method
///
/// The standardized difference grows with `x` and falls with `y`, so that the boundary `x(y)` is walked along once.
///
/// # Accuracy
///
/// Absolute error below 10⁻¹¹.
///
/// # Errors
///
/// As [`critical_value`]; [`AvailabilityError::OutOfDomain`] unless the error shares are above 0 and below 1,
/// [`AvailabilityError::Empty`] without requests, [`AvailabilityError::TooMany`] past [`MAX_CANARY_REQUESTS`].
///
/// # References
///
/// [Fleiss03](crate::references#fleiss03) ch. 4.
pub fn exact_canary(test: &CanaryTest) -> Result<ExactCanary, AvailabilityError> {
    let (p0, p1) = (test.baseline.get(), test.regressed.get());
    inside("error share of the old version", p0)?;
    inside("error share of the regressed version", p1)?;
    let critical = critical_value(test.alpha, test.sides)?;
    for (nothing, what, count) in
        [("canary request", "canary requests", test.canary), ("control request", "control requests", test.control)]
    {
        if count == 0 {
            return Err(AvailabilityError::Empty(nothing));
        }
        if count > MAX_CANARY_REQUESTS {
            return Err(AvailabilityError::TooMany { what, count, limit: MAX_CANARY_REQUESTS });
        }
    }
    let mut answer = ExactCanary { size: 0.0, power: 0.0 };
    let mut boundary = Boundary { test, critical, upper: Alarm::START, lower: Alarm::START };
    let (first, last) = common_counts(test.control, p0);
    for y in first..=last {
        let weight = mass(test.control, y, p0);
        let alarm = boundary.alarm(y);
        answer.size += weight * alarm.size;
        answer.power += weight * alarm.power;
    }
    let share = |sum| Ok::<f64, AvailabilityError>(Probability::from_computed(sum)?.get());
    Ok(ExactCanary { size: share(answer.size)?, power: share(answer.power)? })
}

/// The range of counts that are not negligible.
fn common_counts(n: u64, p: f64) -> (u64, u64) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and n")]
    let mode = ((n as f64 * p) as u64).min(n);
    let common = |count: &u64| mass(n, *count, p) > NEGLIGIBLE;
    let first = (0..mode).rev().take_while(common).last().unwrap_or(mode);
    let last = (mode + 1..=n).take_while(common).last().unwrap_or(mode);
    (first, last)
}

/// The probabilities of an alarm on one side, for the count of canary errors at its boundary.
#[derive(Debug, Clone, Copy)]
struct Alarm {
    /// Least count that raises an alarm above, or number of counts that raise one below.
    count: u64,
    at: Option<u64>,
    size: f64,
    power: f64,
}

impl Alarm {
    const START: Self = Self { count: 0, at: None, size: 0.0, power: 0.0 };
}

struct Boundary<'a> {
    test: &'a CanaryTest,
    critical: f64,
    upper: Alarm,
    lower: Alarm,
}

impl Boundary<'_> {
    /// The probabilities of an alarm beside `y` errors of the old version; `y` only grows from call to call.
    fn alarm(&mut self, y: u64) -> ExactCanary {
        let n = self.test.canary;
        while self.upper.count <= n && self.difference(self.upper.count, y) <= self.critical {
            self.upper.count += 1;
        }
        let upper = self.upper.count;
        if self.upper.at != Some(upper) {
            // At least `upper` of `n` fail.
            let tail = |p| unavailability(n + 1 - upper, n, p);
            self.upper = Alarm {
                count: upper,
                at: Some(upper),
                size: tail(self.test.baseline),
                power: tail(self.test.regressed),
            };
        }
        if self.test.sides == Sides::One {
            return ExactCanary { size: self.upper.size, power: self.upper.power };
        }
        while self.lower.count <= n && self.difference(self.lower.count, y) < -self.critical {
            self.lower.count += 1;
        }
        let lower = self.lower.count;
        if self.lower.at != Some(lower) {
            // Fewer than `lower` of `n` fail: more than `n − lower` do not.
            let head = |p: Probability| {
                if lower == 0 { 0.0 } else { unavailability(lower, n, p.complement()) }
            };
            self.lower = Alarm {
                count: lower,
                at: Some(lower),
                size: head(self.test.baseline),
                power: head(self.test.regressed),
            };
        }
        ExactCanary { size: self.upper.size + self.lower.size, power: self.upper.power + self.lower.power }
    }

    /// The standardized difference; 0 where nothing or everything failed.
    fn difference(&self, x: u64, y: u64) -> f64 {
        let (n1, n0) = (self.test.canary as f64, self.test.control as f64);
        let (canary, control) = (x as f64, y as f64);
        let pooled = (canary + control) / (n1 + n0);
        let variance = pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n0);
        if variance <= 0.0 { 0.0 } else { (canary / n1 - control / n0) / variance.sqrt() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(canary: u64, control: u64, sides: Sides) -> CanaryTest {
        let p = |value| Probability::new(value).expect("a probability");
        CanaryTest { baseline: p(0.1), regressed: p(0.4), alpha: p(0.05), sides, canary, control }
    }

    #[test]
    fn every_pair_of_counts_is_judged_once() {
        for (canary, control) in [(1, 1), (7, 30), (30, 7), (25, 25)] {
            for sides in [Sides::One, Sides::Two] {
                let one = test(canary, control, sides);
                let critical = critical_value(one.alpha, sides).expect("a value");
                let boundary = Boundary { test: &one, critical, upper: Alarm::START, lower: Alarm::START };
                let mut want = ExactCanary { size: 0.0, power: 0.0 };
                for x in 0..=canary {
                    for y in 0..=control {
                        let z = boundary.difference(x, y);
                        if z > critical || (sides == Sides::Two && z < -critical) {
                            want.size += mass(canary, x, 0.1) * mass(control, y, 0.1);
                            want.power += mass(canary, x, 0.4) * mass(control, y, 0.1);
                        }
                    }
                }
                let got = exact_canary(&one).expect("an answer");
                assert!((got.size - want.size).abs() < 1e-12 && (got.power - want.power).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn what_is_no_test_is_refused() {
        let message = |test| exact_canary(&test).expect_err("refused").to_string();
        assert_eq!(message(test(0, 5, Sides::One)), "no canary request given; at least one is needed");
        assert_eq!(
            message(test(5, 10_000_001, Sides::One)),
            "10000001 control requests are more than the 10000000 that this formula takes"
        );
    }
}
