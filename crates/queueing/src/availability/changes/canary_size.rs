use std::f64::consts::SQRT_2;

use statrs::function::erf::erfc_inv;

use crate::availability::AvailabilityError;
use crate::units::Probability;

/// Whether a test looks for a regression only, or for any difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    /// More errors than before.
    One,
    /// More or fewer.
    Two,
}

/// What a canary is to find, and how surely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CanaryDesign {
    /// Error share of the old version.
    pub baseline: Probability,
    /// Error share of a new version that must be found.
    pub regressed: Probability,
    /// Probability of an alarm for a sound version, nominally.
    pub alpha: Probability,
    /// Probability of an alarm for a regressed version.
    pub power: Probability,
    /// Which differences count.
    pub sides: Sides,
    /// Share of the traffic that goes to the canary.
    pub fraction: Probability,
}

/// Requests that a canary needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CanarySize {
    /// With the pooled variance under the hypothesis of no difference.
    pub pooled: f64,
    /// With both variances apart.
    pub unpooled: f64,
    /// By the arcsine transformation.
    pub arcsine: f64,
    /// Requests of the old version for each one of the canary.
    pub control_per_canary: f64,
}

/// Returns how many requests a canary needs to find a regression.
///
/// # Formula
///
/// For the test of two proportions, with `r = (1 − f)/f` requests of the old version for each of the canary and
/// `p̄ = (p₁ + r·p₀)/(1 + r)`:
///
/// ```text
/// pooled    [z_α √(p̄q̄(1 + 1/r)) + z_β √(p₁q₁ + p₀q₀/r)]²/(p₁ − p₀)²
/// unpooled  (z_α + z_β)²·(p₁q₁ + p₀q₀/r)/(p₁ − p₀)²
/// arcsine   (z_α + z_β)²·(1 + 1/r)/(2 asin √p₁ − 2 asin √p₀)²
/// ```
///
/// # Accuracy
///
/// Approximate by the normal law: with rare errors and a small canary the nominal `α` is not kept (0.001 becomes 0.003);
/// [`exact_canary`](super::exact_canary()) says what the test does.
///
/// # Errors
///
/// [`AvailabilityError::OutOfDomain`] unless all are above 0 and below 1 and the error shares differ, and for one side
/// unless the regression is the larger share.
///
/// # References
///
/// [Fleiss03](crate::references#fleiss03) ch. 4.
pub fn canary_size(design: &CanaryDesign) -> Result<CanarySize, AvailabilityError> {
    let (p0, p1) = (design.baseline.get(), design.regressed.get());
    inside("error share of the old version", p0)?;
    inside("error share of the regressed version", p1)?;
    inside("power", design.power.get())?;
    inside("share of the traffic", design.fraction.get())?;
    if p1 == p0 || (p1 < p0 && design.sides == Sides::One) {
        return Err(AvailabilityError::OutOfDomain {
            what: "error share of the regressed version",
            value: p1,
            domain: "above that of the old version",
        });
    }
    let z_alpha = critical_value(design.alpha, design.sides)?;
    let z_beta = SQRT_2 * erfc_inv(2.0 * (1.0 - design.power.get()));
    let r = (1.0 - design.fraction.get()) / design.fraction.get();
    let pooled = (p1 + r * p0) / (1.0 + r);
    let null = (pooled * (1.0 - pooled) * (1.0 + 1.0 / r)).sqrt();
    let variance = p1 * (1.0 - p1) + p0 * (1.0 - p0) / r;
    let arc = 2.0 * (p1.sqrt().asin() - p0.sqrt().asin());
    Ok(CanarySize {
        pooled: ((z_alpha * null + z_beta * variance.sqrt()) / (p1 - p0)).powi(2),
        unpooled: ((z_alpha + z_beta) / (p1 - p0)).powi(2) * variance,
        arcsine: ((z_alpha + z_beta) / arc).powi(2) * (1.0 + 1.0 / r),
        control_per_canary: r,
    })
}

/// Returns the standardized difference past which a test of level `alpha` raises an alarm.
///
/// # Errors
///
/// [`AvailabilityError::OutOfDomain`] unless `alpha` is above 0 and below 1.
pub fn critical_value(alpha: Probability, sides: Sides) -> Result<f64, AvailabilityError> {
    inside("level of the test", alpha.get())?;
    Ok(match sides {
        Sides::One => SQRT_2 * erfc_inv(2.0 * alpha.get()),
        Sides::Two => SQRT_2 * erfc_inv(alpha.get()),
    })
}

/// Refuses 0 and 1.
pub(super) fn inside(what: &'static str, value: f64) -> Result<f64, AvailabilityError> {
    if value > 0.0 && value < 1.0 {
        Ok(value)
    } else {
        Err(AvailabilityError::OutOfDomain { what, value, domain: "above 0 and below 1" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(value: f64) -> Probability {
        Probability::new(value).expect("a probability")
    }

    fn design(baseline: f64, regressed: f64, fraction: f64) -> CanaryDesign {
        CanaryDesign {
            baseline: p(baseline),
            regressed: p(regressed),
            alpha: p(0.05),
            power: p(0.8),
            sides: Sides::One,
            fraction: p(fraction),
        }
    }

    #[test]
    fn critical_values_are_the_tables() {
        // Half a unit of the last printed decimal; the last one from mpmath, 30 digits.
        let value = |alpha, sides| critical_value(p(alpha), sides).expect("a value");
        assert!((value(0.05, Sides::One) - 1.644_853_626_951_472_2).abs() < 1e-14);
        assert!((value(0.05, Sides::Two) - 1.959_963_984_540_054).abs() < 1e-14);
        assert!((value(1e-9, Sides::One) - 5.997_807_015_007_686_6).abs() < 1e-12);
    }

    #[test]
    fn a_larger_canary_needs_more_of_its_own_requests_and_less_time() {
        let (small, half) = (canary_size(&design(0.01, 0.02, 0.05)), canary_size(&design(0.01, 0.02, 0.5)));
        let (small, half) = (small.expect("a size"), half.expect("a size"));
        assert!(small.pooled < half.pooled && small.pooled / 0.05 > half.pooled / 0.5);
    }

    #[test]
    fn what_cannot_be_told_apart_is_refused() {
        let message = |design| canary_size(&design).expect_err("refused").to_string();
        let not_worse = "error share of the regressed version of 0.01 is not above that of the old version";
        assert_eq!(message(design(0.01, 0.01, 0.1)), not_worse);
        assert_eq!(message(design(0.02, 0.01, 0.1)), not_worse);
        assert_eq!(message(design(0.0, 0.01, 0.1)), "error share of the old version of 0 is not above 0 and below 1");
        assert_eq!(message(design(0.01, 0.02, 1.0)), "share of the traffic of 1 is not above 0 and below 1");
        assert_eq!(
            message(CanaryDesign { alpha: p(0.0), ..design(0.01, 0.02, 0.1) }),
            "level of the test of 0 is not above 0 and below 1"
        );
    }
}
