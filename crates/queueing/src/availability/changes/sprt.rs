use crate::availability::AvailabilityError;
use crate::numeric::deviance;
use crate::units::Probability;

use super::canary_size::inside;

/// A sequential test of the error share of a canary.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SprtDesign {
    /// Error share of the old version, taken as known.
    pub baseline: Probability,
    /// Error share of a new version that must be found; above the baseline.
    pub regressed: Probability,
    /// Accepted probability of an alarm for a sound version.
    pub alpha: Probability,
    /// Accepted probability of no alarm for a regressed version.
    pub beta: Probability,
}

/// The bounds and the cost of a sequential test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sprt {
    /// The sum at which the canary is rolled back, A.
    pub upper: f64,
    /// The sum at which it is accepted, B.
    pub lower: f64,
    /// What a failed request adds.
    pub per_failure: f64,
    /// What a successful one adds.
    pub per_success: f64,
    /// Mean number of requests until a sound version is judged, by Wald's approximation.
    pub mean_requests_sound: f64,
    /// The same for a regressed version.
    pub mean_requests_regressed: f64,
    /// Fewest failures, one after the other, that stop a canary.
    pub min_failures_to_stop: u64,
}

/// Returns Wald's sequential probability ratio test for an error share.
///
/// # Formula
///
/// ```text
/// A = ln((1 − β)/α)     B = ln(β/(1 − α))
/// failure ln(p₁/p₀)     success ln((1 − p₁)/(1 − p₀))
/// E₀[N] ≈ ((1 − α)·B + α·A)/E₀[step]     E₁[N] ≈ (β·B + (1 − β)·A)/E₁[step]
/// ```
///
/// # Method
///
/// The mean steps are `−KL(p₀‖p₁)` and `KL(p₁‖p₀)`, each a sum of two positive terms: nothing cancels where the error
/// shares are close.
///
/// # Accuracy
///
/// Bounds exact; the means neglect how far the last step overshoots the bound, and are some 10 to 30 % low for steps
/// that are large against the bounds. [`exact_sprt`](super::exact_sprt()) counts them.
///
/// # Errors
///
/// [`AvailabilityError::OutOfDomain`] unless all are above 0 and below 1, the regressed share is above the baseline and
/// `α + β` is below 1.
///
/// # References
///
/// [Wald45](crate::references#wald45).
///
/// # Examples
///
/// ```
/// use capplan_queueing::availability::{SprtDesign, sprt};
/// use capplan_queueing::units::Probability;
///
/// let design = SprtDesign {
///     baseline: Probability::new(0.01)?,
///     regressed: Probability::new(0.02)?,
///     alpha: Probability::new(0.05)?,
///     beta: Probability::new(0.1)?,
/// };
/// assert_eq!(sprt(&design)?.mean_requests_sound.round(), 639.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sprt(design: &SprtDesign) -> Result<Sprt, AvailabilityError> {
    let p0 = inside("error share of the old version", design.baseline.get())?;
    let p1 = inside("error share of the regressed version", design.regressed.get())?;
    let alpha = inside("probability of a false alarm", design.alpha.get())?;
    let beta = inside("probability of a missed regression", design.beta.get())?;
    if p1 <= p0 {
        return Err(AvailabilityError::OutOfDomain {
            what: "error share of the regressed version",
            value: p1,
            domain: "above that of the old version",
        });
    }
    if alpha + beta >= 1.0 {
        return Err(AvailabilityError::OutOfDomain {
            what: "sum of both probabilities of error",
            value: alpha + beta,
            domain: "below 1; guessing is as good",
        });
    }
    let (upper, lower) = (((1.0 - beta) / alpha).ln(), (beta / (1.0 - alpha)).ln());
    let (q0, q1) = (1.0 - p0, 1.0 - p1);
    let per_failure = (p1 / p0).ln();
    let per_success = (-(p1 - p0) / q0).ln_1p();
    let drift_sound = -(deviance(p0, p1) + deviance(q0, q1));
    let drift_regressed = deviance(p1, p0) + deviance(q1, q0);
    let failures = (upper / per_failure).ceil();
    if failures > 1e15 {
        return Err(AvailabilityError::OutOfDomain {
            what: "error share of the regressed version",
            value: p1,
            domain: "far enough above that of the old version to be told apart",
        });
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 1e15")]
    let min_failures_to_stop = failures as u64;
    Ok(Sprt {
        upper,
        lower,
        per_failure,
        per_success,
        mean_requests_sound: ((1.0 - alpha) * lower + alpha * upper) / drift_sound,
        mean_requests_regressed: (beta * lower + (1.0 - beta) * upper) / drift_regressed,
        min_failures_to_stop,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn design(baseline: f64, regressed: f64, alpha: f64, beta: f64) -> SprtDesign {
        let p = |value| Probability::new(value).expect("a probability");
        SprtDesign { baseline: p(baseline), regressed: p(regressed), alpha: p(alpha), beta: p(beta) }
    }

    #[test]
    fn close_shares_take_requests_as_their_distance_squared() {
        let at = |distance: f64| sprt(&design(0.1, 0.1 + distance, 0.05, 0.05)).expect("a test").mean_requests_sound;
        assert!((at(1e-6) / at(1e-5) / 100.0 - 1.0).abs() < 1e-3);
    }

    #[test]
    fn what_cannot_be_told_apart_is_refused() {
        let message = |design| sprt(&design).expect_err("refused").to_string();
        assert_eq!(
            message(design(0.02, 0.01, 0.05, 0.1)),
            "error share of the regressed version of 0.01 is not above that of the old version"
        );
        assert_eq!(
            message(design(0.01, 0.02, 0.5, 0.5)),
            "sum of both probabilities of error of 1 is not below 1; guessing is as good"
        );
        assert_eq!(
            message(design(0.01, 0.02, 0.0, 0.5)),
            "probability of a false alarm of 0 is not above 0 and below 1"
        );
    }
}
