use crate::units::HOURS_PER_MONTH;

/// The time over which downtime is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// 365 days, 8760 hours.
    Year,
    /// 730 hours, the month in which AWS bills and gives service credits.
    Month,
    /// 30 days, the usual window of a service-level objective.
    ThirtyDays,
}

impl Period {
    /// The length in minutes.
    pub const fn minutes(self) -> f64 {
        match self {
            Self::Year => 525_600.0,
            Self::Month => HOURS_PER_MONTH as f64 * 60.0,
            Self::ThirtyDays => 43_200.0,
        }
    }
}

/// Returns the mean minutes down in a period, `U` times its length.
///
/// # Units
///
/// `unavailability` is a share of time between 0 and 1.
pub fn downtime_minutes(unavailability: f64, period: Period) -> f64 {
    unavailability * period.minutes()
}

/// Returns the number of nines, `−log₁₀ U`; `None` for a system that is never down.
///
/// # Units
///
/// `unavailability` is a share of time between 0 and 1.
pub fn nines(unavailability: f64) -> Option<f64> {
    // `0 −` and not a sign, so that a system that is always down has 0 nines and not −0.
    (unavailability > 0.0).then(|| 0.0 - unavailability.log10())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_nines_are_52_minutes_a_year() {
        assert!((downtime_minutes(1e-4, Period::Year) - 52.56).abs() < 1e-12);
        assert!((downtime_minutes(1e-4, Period::Month) - 4.38).abs() < 1e-12);
        assert!((downtime_minutes(1e-4, Period::ThirtyDays) - 4.32).abs() < 1e-12);
    }

    #[test]
    fn nines_are_counted_by_the_logarithm() {
        assert_eq!(nines(1e-4), Some(4.0));
        assert_eq!(nines(1.0), Some(0.0));
        assert_eq!(nines(0.0), None);
    }
}
