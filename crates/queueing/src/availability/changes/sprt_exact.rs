use crate::availability::AvailabilityError;

use super::{SprtDesign, sprt};

/// The most states of a mean test: requests times the counts of failures still open. Rare tests last some 30 times as
/// long.
const MAX_STATES: u64 = 10_000_000;

/// The walk ends when the undecided share is this small against every answer.
const UNDECIDED: f64 = 1e-14;

/// What a sequential test does, not what it promises.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExactSprt {
    /// Probability of an alarm for a sound version.
    pub type_1_error: f64,
    /// Probability of an alarm for a regressed version.
    pub power: f64,
    /// Mean number of requests until a sound version is judged.
    pub mean_requests_sound: f64,
    /// The same for a regressed version.
    pub mean_requests_regressed: f64,
}

/// Returns the exact error probabilities and mean lengths of [`sprt()`].
///
/// # Method
///
/// Follows the law of the number of failures, request by request, over the counts whose sum is still between the
/// bounds. Sums of products of probabilities only.
///
/// # Accuracy
///
/// Relative error below 10⁻⁹.
///
/// # Errors
///
/// As [`sprt()`]; [`AvailabilityError::TooMany`] when more than 10⁷ states would have to be followed on average: the error
/// shares are too close.
///
/// # References
///
/// [Wald45](crate::references#wald45).
pub fn exact_sprt(design: &SprtDesign) -> Result<ExactSprt, AvailabilityError> {
    let test = sprt(design)?;
    let (p0, p1) = (design.baseline.get(), design.regressed.get());
    let width = (test.upper - test.lower) / (test.per_failure - test.per_success) + 1.0;
    let states = test.mean_requests_sound.max(test.mean_requests_regressed) * width;
    if states > MAX_STATES as f64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "above 10⁷; a huge one saturates")]
        let count = states as u64;
        return Err(AvailabilityError::TooMany { what: "states of the test", count, limit: MAX_STATES });
    }
    let sum = |requests: u64, failures: u64| {
        failures as f64 * test.per_failure + (requests - failures) as f64 * test.per_success
    };
    // Open counts of failures from `first` on, each with its probability for a sound and for a regressed version.
    let mut open = vec![(1.0, 1.0)];
    let mut first = 0_u64;
    let mut requests = 0_u64;
    let mut answer =
        ExactSprt { type_1_error: 0.0, power: 0.0, mean_requests_sound: 0.0, mean_requests_regressed: 0.0 };
    let mut missed = 0.0;
    loop {
        let (sound, regressed) = open.iter().fold((0.0, 0.0), |(s, r), (a, b)| (s + a, r + b));
        answer.mean_requests_sound += sound;
        answer.mean_requests_regressed += regressed;
        if sound <= UNDECIDED * answer.type_1_error && regressed <= UNDECIDED * missed {
            return Ok(answer);
        }
        requests += 1;
        open.push((0.0, 0.0));
        for place in (1..open.len()).rev() {
            let (below, here) = (open[place - 1], open[place]);
            open[place] = (here.0 * (1.0 - p0) + below.0 * p0, here.1 * (1.0 - p1) + below.1 * p1);
        }
        if let Some(none) = open.first_mut() {
            *none = (none.0 * (1.0 - p0), none.1 * (1.0 - p1));
        }
        while let Some(&(sound, regressed)) = open.last() {
            if sum(requests, first + open.len() as u64 - 1) < test.upper {
                break;
            }
            answer.type_1_error += sound;
            answer.power += regressed;
            open.pop();
        }
        let accepted = (0..open.len() as u64).take_while(|&i| sum(requests, first + i) <= test.lower).count();
        missed += open.drain(..accepted).map(|(_, regressed)| regressed).sum::<f64>();
        first += accepted as u64;
        if open.is_empty() {
            return Ok(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Probability;

    fn design(baseline: f64, regressed: f64, alpha: f64, beta: f64) -> SprtDesign {
        let p = |value| Probability::new(value).expect("a probability");
        SprtDesign { baseline: p(baseline), regressed: p(regressed), alpha: p(alpha), beta: p(beta) }
    }

    #[test]
    fn walds_bound_on_both_errors_holds() {
        for (p0, p1) in [(0.01, 0.05), (0.05, 0.1), (0.2, 0.5)] {
            let exact = exact_sprt(&design(p0, p1, 0.05, 0.1)).expect("an answer");
            assert!(exact.type_1_error <= 0.05 / 0.9 && 1.0 - exact.power <= 0.1 / 0.95);
        }
    }

    #[test]
    fn a_symmetric_walk_is_the_gamblers_ruin() {
        // Shares q and 1 − q: steps of ±s with s = ln((1 − q)/q), absorbed three steps away on either side.
        let (q, steps) = (0.2_f64, 3);
        let odds = (1.0 - q) / q;
        // ln((1 − α)/α) between two and three steps.
        let alpha = 1.0 / (1.0 + odds.powf(2.5));
        let exact = exact_sprt(&design(q, 1.0 - q, alpha, alpha)).expect("an answer");
        let ruin = 1.0 / (1.0 + odds.powi(steps));
        assert!((exact.type_1_error / ruin - 1.0).abs() < 1e-12, "{} {ruin}", exact.type_1_error);
        let length = f64::from(steps) * (1.0 - 2.0 * ruin) / (1.0 - 2.0 * q);
        assert!((exact.mean_requests_sound / length - 1.0).abs() < 1e-12);
    }

    #[test]
    fn shares_too_close_to_follow_are_refused() {
        let error = exact_sprt(&design(0.1, 0.100_01, 0.05, 0.05)).expect_err("refused");
        assert!(matches!(error, AvailabilityError::TooMany { what: "states of the test", .. }));
    }
}
