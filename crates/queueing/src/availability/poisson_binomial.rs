use crate::units::Probability;

use super::AvailabilityError;

/// The most instances of unequal availability: the convolution takes `n²` steps.
pub const MAX_UNEQUAL_INSTANCES: u64 = 10_000;

/// What a group of unequal, independent instances delivers.
#[derive(Debug, Clone, PartialEq)]
pub struct MixedRedundancy {
    /// Probability that fewer than the needed instances are up.
    pub unavailability: f64,
    /// Probability that enough are up.
    pub availability: f64,
    /// Mean number of instances up.
    pub expected_up: f64,
    /// Probability of exactly 0, 1, …, `n` instances up.
    pub up_probabilities: Vec<f64>,
}

/// Returns how often `needed` of unequal, independent instances are up.
///
/// # Formula
///
/// The number up has a Poisson-binomial law, built one instance at a time:
///
/// ```text
/// P_i(m) = P_{i−1}(m) u_i + P_{i−1}(m − 1) (1 − u_i),   U = Σ_{m < k} P_n(m)
/// ```
///
/// # Accuracy
///
/// Sums of products of positive numbers: the relative error stays near `n` roundings, however small `U` is.
///
/// # Errors
///
/// [`AvailabilityError::Empty`] without instances, [`AvailabilityError::TooMany`] past [`MAX_UNEQUAL_INSTANCES`].
///
/// # References
///
/// [Trivedi17](crate::references#trivedi17) ch. 4, non-identical k-out-of-n.
pub fn mixed_redundancy(needed: u64, unavailabilities: &[Probability]) -> Result<MixedRedundancy, AvailabilityError> {
    if unavailabilities.is_empty() {
        return Err(AvailabilityError::Empty("instance"));
    }
    let count = unavailabilities.len() as u64;
    if count > MAX_UNEQUAL_INSTANCES {
        return Err(AvailabilityError::TooMany { what: "unequal instances", count, limit: MAX_UNEQUAL_INSTANCES });
    }
    let up_probabilities = convolve(unavailabilities.iter().map(|u| (u.get(), 1.0 - u.get())));
    let split = usize::try_from(needed).unwrap_or(usize::MAX).min(up_probabilities.len());
    let (short, enough) = up_probabilities.split_at(split);
    Ok(MixedRedundancy {
        unavailability: total(short).clamp(0.0, 1.0),
        availability: total(enough).clamp(0.0, 1.0),
        expected_up: unavailabilities.iter().map(|u| 1.0 - u.get()).sum(),
        up_probabilities,
    })
}

/// Returns the sum of probabilities. `Iterator::sum` of none is −0, which no probability should print as.
pub(super) fn total(law: &[f64]) -> f64 {
    law.iter().fold(0.0, |sum, probability| sum + probability)
}

/// Returns the law of the number up of parts given as (probability down, probability up).
pub(super) fn convolve(parts: impl Iterator<Item = (f64, f64)>) -> Vec<f64> {
    let mut law = vec![1.0];
    for (down, up) in parts {
        law.push(0.0);
        for m in (1..law.len()).rev() {
            law[m] = law[m] * down + law[m - 1] * up;
        }
        law[0] *= down;
    }
    law
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::availability::{unavailability, up_probabilities};

    fn probabilities(values: &[f64]) -> Vec<Probability> {
        values.iter().map(|&value| Probability::new(value).expect("a probability")).collect()
    }

    #[test]
    fn equal_instances_follow_the_binomial_law() {
        let equal = probabilities(&[0.01; 12]);
        let mixed = mixed_redundancy(10, &equal).expect("an answer");
        let binomial = up_probabilities(12, equal[0]).expect("a small fleet");
        for (got, want) in mixed.up_probabilities.iter().zip(binomial) {
            assert!((got - want).abs() <= 1e-13 * want);
        }
        let want = unavailability(10, 12, equal[0]);
        assert!((mixed.unavailability - want).abs() <= 1e-13 * want);
    }

    #[test]
    fn two_unequal_instances_are_down_together_by_the_product() {
        let mixed = mixed_redundancy(1, &probabilities(&[1e-9, 1e-12])).expect("an answer");
        assert!((mixed.unavailability - 1e-21).abs() < 1e-34);
    }

    #[test]
    fn more_needed_than_there_are_is_always_down() {
        let mixed = mixed_redundancy(3, &probabilities(&[0.1, 0.2])).expect("an answer");
        assert!((mixed.unavailability - 1.0).abs() < 1e-15);
        assert!(mixed.availability == 0.0 && mixed.availability.is_sign_positive());
    }

    #[test]
    fn an_empty_group_is_refused() {
        assert_eq!(
            mixed_redundancy(1, &[]).expect_err("refused").to_string(),
            "no instance given; at least one is needed"
        );
    }
}
