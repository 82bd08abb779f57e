//! Overload: backlogs, retries, and overloads that outlive their cause.
//!
//! [`FluidQueue`] follows flows and backlogs, not single requests. A formula that needs a figure of a station takes it as a
//! function, so that any station will do.
//!
//! | question | model |
//! |---|---|
//! | How long does a backlog take to drain after a degradation? | [`overload_backlog()`] |
//! | How many attempts does a request become over several layers of retries? | [`retry_amplification()`] |
//! | At which load do retries keep a station overloaded? | [`retry_equilibrium()`], [`collapse_arrival_rate()`], [`self_recovery_arrival_rate()`] |
//! | Does an overload outlive its trigger? | [`metastable_trigger()`] |

mod backlog;
mod fluid;
mod retries;
mod retry_equilibrium;
mod trigger;

pub use backlog::{Degradation, OverloadBacklog, overload_backlog};
pub use fluid::{BacklogRegime, FluidBacklog, FluidClients, FluidDemand, FluidInterval, FluidQueue};
pub use retries::{MAX_RETRIES, RetryAmplification, RetryPolicy, retry_amplification};
pub use retry_equilibrium::{
    FixedPoint, RetriedStation, RetryClass, RetryEquilibrium, collapse_arrival_rate, retry_equilibrium,
    self_recovery_arrival_rate,
};
pub use trigger::{MetastableTrigger, Trigger, metastable_trigger};

/// Why an overload has no answer.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum OverloadError {
    /// The load exceeds the normal capacity: the backlog never drains.
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
