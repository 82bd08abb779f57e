//! Quantities with a meaning: a rate is not a time, and neither is a probability.
//!
//! Every constructor checks its domain; NaN and infinities stop here. Inside a formula plain `f64` in seconds and
//! events per second is used, so each type has a `get`.

mod bytes;
mod erlangs;
mod money;
mod probability;
mod rate;
mod seconds;
mod servers;
mod shown;

pub use bytes::Bytes;
pub use erlangs::Erlangs;
pub use money::{HOURS_PER_MONTH, Price};
pub use probability::Probability;
pub use rate::{ArrivalRate, ServiceRate};
pub use seconds::Seconds;
pub use servers::Servers;
pub use shown::Shown;

/// A number outside the domain of its quantity.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{quantity} of {} is not {domain}", Shown(*value))]
pub struct UnitError {
    /// What the number stands for.
    pub quantity: &'static str,
    /// The number that was refused.
    pub value: f64,
    /// What it must be, as the end of a sentence.
    pub domain: &'static str,
}

/// Returns `value` if `accepted` holds, so that each constructor is one line.
fn checked(value: f64, accepted: bool, quantity: &'static str, domain: &'static str) -> Result<f64, UnitError> {
    if accepted && value.is_finite() { Ok(value) } else { Err(UnitError { quantity, value, domain }) }
}
