use crate::units::Probability;

use crate::queues::QueueError;

/// The logarithm of a tail is hit to this many units, relative to its size: the last digits of a time.
const LN_TOLERANCE: f64 = 4.0 * f64::EPSILON;

/// More steps than any tail needs: each second one halves the bracket.
const MAX_STEPS: u32 = 300;

/// Returns `1 − p`, which has to be above 0 for a quantile to exist.
pub(in crate::queues) fn tail_of(probability: Probability) -> Result<f64, QueueError> {
    let tail = 1.0 - probability.get();
    if tail > 0.0 {
        Ok(tail)
    } else {
        Err(QueueError::Domain { parameter: "probability", value: probability.get(), domain: "below 1" })
    }
}

/// Returns the time at which a continuous falling `tail` reaches `target`, 0 where it starts at or below it.
///
/// # Method
///
/// A bracket by doubling or halving from `guess`, then secants of the logarithm of the tail, which is nearly a straight
/// line, inside the bracket; a step that fails to halve the bracket is followed by one that does.
pub(in crate::queues) fn time_of_tail(tail: impl Fn(f64) -> f64, target: f64, guess: f64) -> f64 {
    let distance = |time: f64| tail(time).max(f64::MIN_POSITIVE).ln() - target.ln();
    let at_zero = distance(0.0);
    // Also where the tail starts at the target itself.
    if at_zero.is_nan() || at_zero <= 0.0 {
        return 0.0;
    }
    let (mut low, mut at_low) = (0.0, at_zero);
    let mut high = if guess > 0.0 && guess.is_finite() { guess } else { 1.0 };
    let mut at_high = distance(high);
    if at_high > 0.0 {
        while at_high > 0.0 && high < f64::MAX / 4.0 {
            (low, at_low) = (high, at_high);
            high *= 2.0;
            at_high = distance(high);
        }
    } else {
        // A guess far too large would cost a bit of the bracket each step.
        while 0.5 * high > f64::MIN_POSITIVE {
            let half = distance(0.5 * high);
            if half > 0.0 {
                (low, at_low) = (0.5 * high, half);
                break;
            }
            (high, at_high) = (0.5 * high, half);
        }
    }
    let accepted = LN_TOLERANCE * (1.0 + target.ln().abs());
    let mut halve = false;
    for _ in 0..MAX_STEPS {
        if high - low <= f64::EPSILON * high {
            break;
        }
        let secant = low + (high - low) * at_low / (at_low - at_high);
        let time = if halve || !(secant > low && secant < high) { f64::midpoint(low, high) } else { secant };
        let value = distance(time);
        if value.abs() <= accepted {
            return time;
        }
        let width = high - low;
        if value > 0.0 {
            (low, at_low) = (time, value);
        } else {
            (high, at_high) = (time, value);
        }
        halve = !halve && high - low > 0.5 * width;
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponential_tail_has_its_logarithm() {
        for guess in [1e-9, 1.0, 1e9, f64::INFINITY] {
            for target in [0.5, 1e-3, 1e-15, 1e-300] {
                let time = time_of_tail(|t| (-2.0 * t).exp(), target, guess);
                assert!((time / (-0.5 * target.ln()) - 1.0).abs() < 1e-14, "{guess} {target}: {time}");
            }
        }
    }

    #[test]
    fn a_tail_that_starts_low_is_reached_at_once() {
        assert_eq!(time_of_tail(|t| 0.3 * (-t).exp(), 0.3, 1.0), 0.0);
        assert_eq!(time_of_tail(|_| 0.0, 0.01, 1.0), 0.0);
    }

    #[test]
    fn no_time_is_long_enough_for_certainty() {
        assert_eq!(
            tail_of(Probability::ONE).map_err(|error| error.to_string()),
            Err("probability of 1 is not below 1".to_owned())
        );
    }
}
