use super::{UnitError, checked};

/// A probability, or the share of something: `0 ≤ p ≤ 1`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Probability(f64);

impl Probability {
    /// Certainty.
    pub const ONE: Self = Self(1.0);

    /// Makes the quantity from a plain number.
    ///
    /// # Errors
    ///
    /// [`UnitError`] unless `value` is between 0 and 1.
    pub fn new(value: f64) -> Result<Self, UnitError> {
        checked(value, (0.0..=1.0).contains(&value), "probability", "between 0 and 1").map(Self)
    }

    /// The plain number.
    pub const fn get(self) -> f64 {
        self.0
    }
}
