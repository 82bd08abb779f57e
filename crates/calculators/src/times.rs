//! Times that an input gives in larger units than seconds.

use capplan_queueing::units::Seconds;

use super::CalcError;
use super::error::named;

pub(super) const MINUTE: f64 = 60.0;
pub(super) const HOUR: f64 = 3600.0;
pub(super) const DAY: f64 = 86_400.0;
pub(super) const YEAR: f64 = 8760.0 * HOUR;

/// Returns a time given as a number of `unit` seconds.
pub(super) fn time(input: &str, value: f64, unit: f64) -> Result<Seconds, CalcError> {
    // Checked as given, so that a message shows the number that was given.
    named(input, Seconds::new(value))?;
    named(input, Seconds::new(value * unit))
}

pub(super) fn seconds(input: &str, value: f64) -> Result<Seconds, CalcError> {
    named(input, Seconds::new(value))
}

pub(super) fn hours(input: &str, value: f64) -> Result<Seconds, CalcError> {
    time(input, value, HOUR)
}
