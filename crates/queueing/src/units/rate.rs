use super::{UnitError, checked};

/// Arrivals per second, `λ ≥ 0`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct ArrivalRate(f64);

impl ArrivalRate {
    /// Makes the quantity from a plain number.
    ///
    /// # Errors
    ///
    /// [`UnitError`] unless `value` is finite and at least 0.
    pub fn new(value: f64) -> Result<Self, UnitError> {
        checked(value, value >= 0.0, "arrival rate", "finite and at least 0").map(Self)
    }

    /// The rate in events per second.
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// Completions per second of one busy server, `μ > 0`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct ServiceRate(f64);

impl ServiceRate {
    /// Makes the quantity from a plain number.
    ///
    /// # Errors
    ///
    /// [`UnitError`] unless `value` is finite and above 0.
    pub fn new(value: f64) -> Result<Self, UnitError> {
        checked(value, value > 0.0, "service rate", "finite and above 0").map(Self)
    }

    /// The rate in events per second.
    pub const fn get(self) -> f64 {
        self.0
    }
}
