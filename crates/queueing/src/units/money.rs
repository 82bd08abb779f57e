use std::iter::Sum;
use std::ops::Add;

use super::UnitError;

/// Hours in a month, as AWS bills it.
pub const HOURS_PER_MONTH: u64 = 730;

/// Money per hour, in whole nano-dollars.
///
/// Prices are decimals (`0.0336 USD`), and a search compares sums of them: eight small instances often cost exactly
/// what four large ones do. Whole numbers keep such ties exact, in any order of summing. The largest value is
/// 1.8 × 10¹⁰ dollars an hour; sums saturate there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Price(u64);

impl Price {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    const NANO: f64 = 1e9;
    const MAX_USD_PER_HOUR: f64 = 1e10;

    /// Makes a price from US dollars an hour, rounded to the nearest nano-dollar.
    ///
    /// # Errors
    ///
    /// [`UnitError`] unless `0 ≤ value ≤ 10¹⁰`.
    pub fn usd_per_hour(value: f64) -> Result<Self, UnitError> {
        if (0.0..=Self::MAX_USD_PER_HOUR).contains(&value) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 ≤ value·10⁹ ≤ 10¹⁹ < 2⁶⁴")]
            Ok(Self((value * Self::NANO).round() as u64))
        } else {
            Err(UnitError { quantity: "price per hour", value, domain: "between 0 and 10,000,000,000 USD" })
        }
    }

    /// Makes a price from US dollars a month of [`HOURS_PER_MONTH`] hours.
    ///
    /// # Errors
    ///
    /// As [`Price::usd_per_hour`].
    pub fn usd_per_month(value: f64) -> Result<Self, UnitError> {
        Self::usd_per_hour(value / HOURS_PER_MONTH as f64)
    }

    /// The same thing `count` times.
    #[must_use]
    pub const fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count))
    }

    /// The price in nano-dollars an hour.
    pub const fn nano_usd_per_hour(self) -> u64 {
        self.0
    }

    /// US dollars for a month of [`HOURS_PER_MONTH`] hours.
    pub fn monthly_usd(self) -> f64 {
        self.0 as f64 * HOURS_PER_MONTH as f64 / Self::NANO
    }
}

impl Add for Price {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Price {
    fn sum<I: Iterator<Item = Self>>(prices: I) -> Self {
        prices.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_small_cost_exactly_four_large() {
        let small = Price::usd_per_hour(0.0816).expect("a price");
        let large = Price::usd_per_hour(0.1632).expect("a price");
        assert_eq!(small.times(8), large.times(4));
    }

    #[test]
    fn a_month_has_730_hours() {
        assert_eq!(Price::usd_per_hour(1.0).expect("a price").monthly_usd(), 730.0);
    }

    #[test]
    fn a_price_that_is_no_number_is_refused() {
        assert_eq!(
            Price::usd_per_hour(f64::NAN).expect_err("refused").to_string(),
            "price per hour of NaN is not between 0 and 10,000,000,000 USD"
        );
    }
}
