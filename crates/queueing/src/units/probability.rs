use super::{UnitError, checked};

/// How far past 0 or 1 the rounding of a sum of some thousand terms can carry a probability.
const ROUNDING: f64 = 4096.0 * f64::EPSILON;

/// A probability, or the share of something: `0 ≤ p ≤ 1`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Probability(f64);

impl Probability {
    /// What never happens.
    pub const ZERO: Self = Self(0.0);

    /// What always happens.
    pub const ONE: Self = Self(1.0);

    /// Makes the quantity from a plain number that somebody states.
    ///
    /// # Errors
    ///
    /// [`UnitError`] unless `value` is between 0 and 1.
    pub fn new(value: f64) -> Result<Self, UnitError> {
        checked(value, (0.0..=1.0).contains(&value), "probability", "between 0 and 1").map(Self)
    }

    /// Makes the quantity from a number that a formula computed.
    ///
    /// A value that misses the interval by rounding alone, at most 4096 ulps of 1 (9.1e-13), becomes 0 or 1.
    ///
    /// # Errors
    ///
    /// [`UnitError`] if `value` is not a number, or farther outside than rounding explains: the computation failed.
    ///
    /// # Examples
    ///
    /// ```
    /// use capplan_queueing::units::Probability;
    ///
    /// assert_eq!(Probability::from_computed(1.0 + 2.0 * f64::EPSILON)?, Probability::ONE);
    /// assert!(Probability::from_computed(f64::NAN).is_err());
    /// assert!(Probability::from_computed(1.001).is_err());
    /// # Ok::<(), capplan_queueing::units::UnitError>(())
    /// ```
    pub fn from_computed(value: f64) -> Result<Self, UnitError> {
        let rounding = -ROUNDING..=1.0 + ROUNDING;
        Self::new(if rounding.contains(&value) { value.clamp(0.0, 1.0) } else { value })
    }

    /// The probability of the opposite, `1 − p`.
    #[must_use]
    pub fn complement(self) -> Self {
        Self(1.0 - self.0)
    }

    /// The probability as a number from 0 to 1.
    pub const fn get(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_forgiven_at_both_ends() {
        assert_eq!(Probability::from_computed(-1e-16), Ok(Probability::ZERO));
        assert_eq!(Probability::from_computed(1.0 + 1e-13), Ok(Probability::ONE));
        assert_eq!(Probability::from_computed(0.25).map(Probability::complement), Probability::new(0.75));
    }

    #[test]
    fn a_failed_computation_is_refused() {
        let refused = |value| Probability::from_computed(value).expect_err("refused").to_string();
        assert_eq!(refused(f64::NAN), "probability of NaN is not between 0 and 1");
        assert_eq!(refused(-1e-9), "probability of -0.000000001 is not between 0 and 1");
        assert_eq!(refused(f64::INFINITY), "probability of inf is not between 0 and 1");
    }
}
