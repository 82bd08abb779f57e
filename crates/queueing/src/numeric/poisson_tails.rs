use super::ln_poisson;

/// Returns the Poisson probability of exactly `count` events, `e^(−m) m^k / k!`.
///
/// # Units
///
/// `mean` is a number of events, finite and at least 0.
///
/// # Accuracy
///
/// Relative error below 10⁻¹² down to 10⁻³⁰⁰, for counts up to 10⁹.
pub fn poisson_mass(count: u64, mean: f64) -> f64 {
    ln_poisson(count as f64, mean).exp()
}

/// Returns the Poisson probability of at most `count` events.
///
/// # Units
///
/// As [`poisson_mass`].
///
/// # Method
///
/// Below the mean the terms are summed downwards from the largest, so that a small tail keeps its relative precision;
/// above it the complement is summed. Some `√m` terms at worst.
///
/// # Accuracy
///
/// As [`poisson_mass`].
pub fn poisson_at_most(count: u64, mean: f64) -> f64 {
    if count as f64 >= mean {
        return 1.0 - upper_tail(count, mean);
    }
    let mut sum = 1.0;
    let mut term = 1.0;
    let mut k = count as f64;
    while k > 0.0 && term > sum * f64::EPSILON {
        term *= k / mean;
        sum += term;
        k -= 1.0;
    }
    (poisson_mass(count, mean) * sum).clamp(0.0, 1.0)
}

/// Returns the Poisson probability of more than `count` events.
///
/// # Units
///
/// As [`poisson_mass`].
///
/// # Accuracy
///
/// As [`poisson_mass`].
pub fn poisson_above(count: u64, mean: f64) -> f64 {
    if count as f64 >= mean { upper_tail(count, mean) } else { 1.0 - poisson_at_most(count, mean) }
}

/// `P(N > k)` for `k ≥ m`, from its largest term upwards.
fn upper_tail(count: u64, mean: f64) -> f64 {
    let first = count.saturating_add(1);
    let mut sum = 1.0;
    let mut term = 1.0;
    let mut k = first as f64;
    while term > sum * f64::EPSILON {
        k += 1.0;
        term *= mean / k;
        sum += term;
    }
    (poisson_mass(first, mean) * sum).clamp(0.0, 1.0)
}

/// Returns the least count that a Poisson number exceeds with a probability of at most `tail`.
///
/// # Units
///
/// `mean` as in [`poisson_mass`] and at most 10¹²; `tail` is above 0.
pub fn poisson_quantile(tail: f64, mean: f64) -> u64 {
    if mean == 0.0 {
        return 0;
    }
    let enough = |count: u64| poisson_above(count, mean) <= tail;
    let mut high = 1_u64;
    while !enough(high) {
        high = high.saturating_mul(2);
    }
    let mut low = 0_u64;
    while low < high {
        let middle = u64::midpoint(low, high);
        if enough(middle) { high = middle } else { low = middle + 1 }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(got: f64, want: f64) {
        assert!((got - want).abs() <= 1e-12 * want, "{got:e} is not {want:e}");
    }

    #[test]
    fn masses_sum_to_their_tails() {
        for mean in [0.01_f64, 0.9, 7.3, 150.0] {
            for count in [0_u64, 1, 5, 40, 200] {
                let below: f64 = (0..=count).map(|k| poisson_mass(k, mean)).sum();
                assert_close(poisson_at_most(count, mean), below.min(1.0));
                let above: f64 = (count + 1..count + 400).map(|k| poisson_mass(k, mean)).sum();
                assert_close(poisson_above(count, mean), above);
            }
        }
    }

    #[test]
    fn no_event_has_probability_e_to_minus_the_mean() {
        assert_eq!(poisson_at_most(0, 2.0), (-2.0_f64).exp());
        assert_eq!(poisson_mass(0, 0.0), 1.0);
        assert_eq!(poisson_mass(3, 0.0), 0.0);
        assert_eq!(poisson_above(0, 0.0), 0.0);
    }

    #[test]
    fn a_quantile_is_the_least_count() {
        assert_eq!(poisson_quantile(0.01, 0.4), 2);
        assert_eq!(poisson_quantile(0.5, 0.0), 0);
        assert_eq!(poisson_quantile(1.0, 3.0), 0);
        let count = poisson_quantile(0.001, 1e6);
        assert!(poisson_above(count, 1e6) <= 0.001 && poisson_above(count - 1, 1e6) > 0.001);
    }
}
