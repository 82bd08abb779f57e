use capplan_queueing::network::NetworkError;

use super::QueueingNetwork;

/// Why a network has no figures, with the names of what is at fault.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NetworkFailure {
    /// A network without an answer.
    #[error("{error}{subject}")]
    Unsolved {
        /// Why.
        error: NetworkError,
        /// The name of the station or class with the number in the message, or nothing.
        subject: String,
    },
    /// A squared coefficient of variation other than 1 where no method takes one.
    #[error(
        "`{name}` has an scv of {scv}; any but 1 needs open classes with `routing` or `path`, stations with `servers`, and \
         no `arrival_scv` for a class with parallel calls"
    )]
    VariableNetwork {
        /// The class or station.
        name: String,
        /// Its squared coefficient of variation.
        scv: f64,
    },
    /// Parallel calls in a network where the law of the slowest is not known.
    #[error("the path of `{class}` makes parallel calls; they need an open network of stations with `servers`")]
    ParallelCalls {
        /// The class.
        class: String,
    },
    /// Calls that arrive at one queue together.
    #[error(
        "the path of `{class}` makes parallel calls that meet at `{station}`; calls that arrive at one queue together are not \
         independent: give each a station of its own"
    )]
    SharedQueue {
        /// The class.
        class: String,
        /// The station.
        station: String,
    },
    /// Figures that double precision cannot hold.
    #[error("class `{class}` has figures beyond double precision; write its times and rates in units nearer to 1")]
    BeyondPrecision {
        /// The class.
        class: String,
    },
}

impl NetworkFailure {
    /// Adds the name of the station or class that an error numbers.
    pub(super) fn new(network: &QueueingNetwork, error: NetworkError) -> Self {
        let station = |index: usize| {
            network.stations.get(index).map(|station| format!(" (station {index} is `{}`)", station.name))
        };
        let class =
            |index: usize| network.classes.get(index).map(|class| format!(" (class {index} is `{}`)", class.name));
        let subject = match &error {
            NetworkError::Value { station: index, .. }
            | NetworkError::Leak { station: index, .. }
            | NetworkError::Trapped { station: index, .. }
            | NetworkError::Station { station: index, .. }
            | NetworkError::Overloaded { station: index, .. } => station(*index),
            NetworkError::ClassValue { class: index, .. } | NetworkError::NoDemand { class: index } => class(*index),
            _ => None,
        };
        Self::Unsolved { error, subject: subject.unwrap_or_default() }
    }
}
