use crate::units::{Erlangs, Servers};

/// Why a station has no answer.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum QueueError {
    /// Work arrives as fast as it can be done, or faster: the queue grows without end.
    #[error("offered load of {} is too much for {} servers; at least {} are needed", offered_load.get(), servers.get(), offered_load.get().floor() + 1.0)]
    Unstable {
        /// Offered load.
        offered_load: Erlangs,
        /// Servers that should carry it.
        servers: Servers,
    },
    /// A parameter outside the domain of the formula.
    #[error("{parameter} of {value} is not {domain}")]
    Domain {
        /// Name of the parameter.
        parameter: &'static str,
        /// Its value.
        value: f64,
        /// What it must be.
        domain: &'static str,
    },
}
