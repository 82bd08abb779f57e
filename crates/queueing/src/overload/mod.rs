//! What happens while more work comes than can be done: backlogs, retries, and overloads that outlive their cause.
//!
//! Fluid models follow flows and backlogs, not single requests; a formula that needs a station's figure takes it as a
//! function, so that any station will do.

mod backlog;
mod retries;
mod retry_equilibrium;
mod trigger;

pub use backlog::{Degradation, OverloadBacklog, overload_backlog};
pub use retries::{MAX_RETRIES, RetryAmplification, RetryPolicy, retry_amplification};
pub use retry_equilibrium::{
    FixedPoint, RetriedStation, RetryClass, RetryEquilibrium, collapse_arrival_rate, retry_equilibrium,
    self_recovery_arrival_rate,
};
pub use trigger::{MetastableTrigger, Trigger, metastable_trigger};

/// A question about an overload that has no answer here.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum OverloadError {
    /// More arrives than the capacity without any trouble: the backlog never ends.
    #[error("arrival rate of {arrival_rate} is not below the capacity of {capacity}; the backlog would never drain")]
    Unstable {
        /// Requests per second that arrive.
        arrival_rate: f64,
        /// Requests per second that can be served.
        capacity: f64,
    },
    /// A number outside its domain.
    #[error("{what} of {value} is not {domain}")]
    OutOfDomain {
        /// What the number stands for.
        what: &'static str,
        /// The number that was refused.
        value: f64,
        /// What it must be, as the end of a sentence.
        domain: &'static str,
    },
}
