use super::{UnitError, checked};

/// Offered load in erlangs: the mean number of busy servers if none were ever short, `a = λ/μ ≥ 0`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Erlangs(f64);

impl Erlangs {
    /// Makes the quantity from a plain number.
    ///
    /// # Errors
    ///
    /// [`UnitError`] unless `value` is finite and at least 0.
    pub fn new(value: f64) -> Result<Self, UnitError> {
        checked(value, value >= 0.0, "offered load", "finite and at least 0").map(Self)
    }

    /// The load in erlangs.
    pub const fn get(self) -> f64 {
        self.0
    }
}
