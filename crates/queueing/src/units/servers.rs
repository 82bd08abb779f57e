use super::UnitError;

/// A number of parallel servers, `1 ≤ c ≤ 10⁹`.
///
/// The upper limit keeps every count exact in an `f64` and far above any real system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Servers(u64);

impl Servers {
    /// The largest number of servers that any model takes.
    pub const MAX: u64 = 1_000_000_000;

    /// A single server.
    pub const ONE: Self = Self(1);

    /// Makes the count.
    ///
    /// # Errors
    ///
    /// [`UnitError`] unless `1 ≤ count ≤` [`Servers::MAX`].
    pub fn new(count: u64) -> Result<Self, UnitError> {
        if (1..=Self::MAX).contains(&count) {
            Ok(Self(count))
        } else {
            Err(UnitError {
                quantity: "server count",
                value: count as f64,
                domain: "a whole number between 1 and 1,000,000,000",
            })
        }
    }

    /// The count.
    pub const fn get(self) -> u64 {
        self.0
    }
}
