use std::f64::consts::TAU;

use crate::numeric::{deviance, stirling_error};
use crate::units::Probability;

use super::AvailabilityError;

/// The largest fleet whose whole distribution [`up_probabilities`] lists.
pub const MAX_INSTANCES: u64 = 1_000_000;

/// Returns the probability that fewer than `needed` of `instances` equal, independent instances are up.
///
/// # Formula
///
/// ```text
/// U = P(D ≥ n − k + 1) = Σ_{d = n−k+1}^{n} C(n, d) u^d (1 − u)^(n−d)
/// ```
///
/// where `D` counts the instances that are down, `n` is `instances`, `k` is `needed` and `u` is
/// `instance_unavailability`.
///
/// # Method
///
/// The sum starts at its largest term, by [Loader00](crate::references#loader00)'s saddle-point form, and goes on by the
/// ratio of neighbours until a term no longer counts: some `√n` terms at worst, two or three when `u` is small. Left
/// of the mean the complement is summed instead. No memory is used.
///
/// # Accuracy
///
/// Relative error below 10⁻¹¹ for `n ≤ 10⁶` and `U ≥ 10⁻³⁰⁰`, however small `U` is.
///
/// # Special cases
///
/// `U = 0` when nothing is needed, `1` when more is needed than there is, `u^n` for `k = 1`, `1 − (1 − u)^n` for
/// `k = n`.
///
/// # References
///
/// [Trivedi17](crate::references#trivedi17) ch. 4, k-out-of-n.
///
/// # Examples
///
/// ```
/// use capplan_queueing::availability::unavailability;
/// use capplan_queueing::units::Probability;
///
/// // Two instances of 99 %, one of which is enough, are down together 0.01 % of the time.
/// assert!((unavailability(1, 2, Probability::new(0.01)?) - 1e-4).abs() < 1e-18);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn unavailability(needed: u64, instances: u64, instance_unavailability: Probability) -> f64 {
    let u = instance_unavailability.get();
    if needed == 0 || (u == 0.0 && needed <= instances) {
        return 0.0;
    }
    if needed > instances || u == 1.0 {
        return 1.0;
    }
    let fatal = instances - needed + 1;
    let (n, first) = (instances as f64, fatal as f64);
    let up = 1.0 - u;
    if first > n * u {
        let odds = u / up;
        let mut sum = 1.0;
        let mut term = 1.0;
        let mut down = first;
        while down < n && term > sum * f64::EPSILON {
            term *= (n - down) / (down + 1.0) * odds;
            sum += term;
            down += 1.0;
        }
        (mass(instances, fatal, u) * sum).clamp(0.0, 1.0)
    } else {
        let odds = up / u;
        let mut sum = 1.0;
        let mut term = 1.0;
        let mut down = first - 1.0;
        while down > 0.0 && term > sum * f64::EPSILON {
            term *= down / (n - down + 1.0) * odds;
            sum += term;
            down -= 1.0;
        }
        (1.0 - mass(instances, fatal - 1, u) * sum).max(0.0)
    }
}

/// Returns the probabilities that exactly 0, 1, …, `instances` of equal, independent instances are up.
///
/// # Accuracy
///
/// Each has a relative error below 10⁻¹² down to 10⁻³⁰⁰.
///
/// # Errors
///
/// [`AvailabilityError::TooMany`] past [`MAX_INSTANCES`].
///
/// # References
///
/// [Loader00](crate::references#loader00).
pub fn up_probabilities(instances: u64, instance_unavailability: Probability) -> Result<Vec<f64>, AvailabilityError> {
    if instances > MAX_INSTANCES {
        return Err(AvailabilityError::TooMany { what: "instances", count: instances, limit: MAX_INSTANCES });
    }
    let u = instance_unavailability.get();
    Ok((0..=instances).map(|up| mass(instances, instances - up, u)).collect())
}

/// Returns `C(n, d) u^d (1 − u)^(n−d)` without the cancellation of a difference of log-factorials.
pub(super) fn mass(n: u64, d: u64, u: f64) -> f64 {
    if u == 0.0 || u == 1.0 {
        return if (u == 0.0 && d == 0) || (u == 1.0 && d == n) { 1.0 } else { 0.0 };
    }
    let (total, down, up) = (n as f64, d as f64, (n - d) as f64);
    if d == 0 {
        return (total * (-u).ln_1p()).exp();
    }
    if d == n {
        return u.powf(total);
    }
    let exponent = stirling_error(n)
        - stirling_error(d)
        - stirling_error(n - d)
        - deviance(down, total * u)
        - deviance(up, total * (1.0 - u));
    exponent.exp() * (total / (TAU * down * up)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounding of an exponent near 700 and of the first term's factors.
    const RELATIVE: f64 = 1e-12;

    fn u(value: f64) -> Probability {
        Probability::new(value).expect("a probability")
    }

    fn assert_close(got: f64, want: f64) {
        assert!((got - want).abs() <= RELATIVE * want.abs(), "{got:e} is not {want:e}");
    }

    #[test]
    fn tails_agree_with_sums_in_sixty_digits() {
        // mpmath 1.3, 60 digits, direct sum of the binomial terms at the exact value of each double.
        assert_close(unavailability(700, 1000, u(0.05)), 9.469_773_159_587_207e-144);
        assert_close(unavailability(1, 100, u(1e-3)), 1.000_000_000_000_002_1e-300);
        assert_close(unavailability(999_000, 1_000_000, u(2.0_f64.powi(-11))), 8.480_572_007_361_6e-92);
        assert_close(unavailability(8, 10, u(1e-12)), 1.199_999_999_993_7e-34);
        assert_close(unavailability(500, 1000, u(0.4)), 6.700_977_013_472_17e-11);
        assert_close(unavailability(150, 200, u(0.02)), 1.573_197_579_262_356_5e-40);
        assert_close(unavailability(995_000, 1_000_000, u(0.004)), 7.526_156_704_136_033e-53);
    }

    #[test]
    fn the_edges_are_exact() {
        assert_eq!(unavailability(0, 3, u(0.5)), 0.0);
        assert_eq!(unavailability(0, 0, u(0.5)), 0.0);
        assert_eq!(unavailability(4, 3, u(0.0)), 1.0);
        assert_eq!(unavailability(3, 3, u(0.0)), 0.0);
        assert_eq!(unavailability(1, 3, u(1.0)), 1.0);
        assert_eq!(unavailability(1, 0, u(0.1)), 1.0);
    }

    #[test]
    fn one_of_one_is_the_instance_itself() {
        assert_close(unavailability(1, 1, u(5e-4)), 5e-4);
        assert_close(unavailability(1, 1, u(0.9)), 0.9);
    }

    #[test]
    fn four_of_seven_coins_fall_short_half_of_the_time() {
        assert_close(unavailability(4, 7, u(0.5)), 0.5);
    }

    #[test]
    fn a_distribution_sums_to_one_and_its_head_is_the_unavailability() {
        for (n, p) in [(1, 0.3), (9, 1e-4), (60, 0.5), (5000, 0.01), (5000, 0.999)] {
            let distribution = up_probabilities(n, u(p)).expect("a small fleet");
            assert_close(distribution.iter().sum(), 1.0);
            for needed in [1, n / 2, n] {
                let count = usize::try_from(needed).expect("a small fleet");
                let head: f64 = distribution[..count].iter().sum();
                let got = unavailability(needed, n, u(p));
                assert!((got - head).abs() <= 1e-11 * head, "n = {n}, p = {p}, k = {needed}: {got:e}, {head:e}");
            }
        }
    }

    #[test]
    fn a_distribution_of_too_many_is_refused() {
        assert_eq!(
            up_probabilities(1_000_001, u(0.5)).expect_err("refused").to_string(),
            "1000001 instances are more than the 1000000 that this formula takes"
        );
    }
}
