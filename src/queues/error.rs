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
    /// A figure that is above 0 and below the smallest double that has all its digits.
    #[error("{figure} is below 2.2e-308, where double precision ends{}", with_logarithm(*.logarithm))]
    BelowDouble {
        /// What it is called.
        figure: &'static str,
        /// Its natural logarithm, where that is known.
        logarithm: Option<f64>,
    },
}

impl QueueError {
    /// Returns a figure that is known to be above 0, or that it is below the doubles.
    pub(super) fn unless_below_double(
        figure: &'static str,
        value: f64,
        logarithm: impl FnOnce() -> Option<f64>,
    ) -> Result<f64, Self> {
        if value < f64::MIN_POSITIVE { Err(Self::BelowDouble { figure, logarithm: logarithm() }) } else { Ok(value) }
    }
}

fn with_logarithm(logarithm: Option<f64>) -> String {
    logarithm.map_or_else(String::new, |value| format!("; its natural logarithm is {value:.4}"))
}
