use super::{UnitError, checked};

/// A length of time in seconds, `t ≥ 0`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Seconds(f64);

impl Seconds {
    /// No time.
    pub const ZERO: Self = Self(0.0);

    /// Makes the quantity from a plain number.
    ///
    /// # Errors
    ///
    /// [`UnitError`] unless `value` is finite and at least 0.
    pub fn new(value: f64) -> Result<Self, UnitError> {
        checked(value, value >= 0.0, "time", "finite and at least 0").map(Self)
    }

    /// The time in seconds.
    pub const fn get(self) -> f64 {
        self.0
    }
}
