use super::{UnitError, checked};

/// An amount of memory or data in bytes, at least 0. Exact up to 2⁵³ (8 PiB).
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Bytes(f64);

impl Bytes {
    /// Bytes in one GiB.
    pub const GIB: f64 = 1_073_741_824.0;

    /// Makes the quantity from a number of bytes.
    ///
    /// # Errors
    ///
    /// [`UnitError`] unless `value` is finite and at least 0.
    pub fn new(value: f64) -> Result<Self, UnitError> {
        checked(value, value >= 0.0, "amount of data", "finite and at least 0").map(Self)
    }

    /// The number of bytes.
    pub const fn get(self) -> f64 {
        self.0
    }
}
