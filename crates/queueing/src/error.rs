use crate::availability::AvailabilityError;
use crate::cache::CacheError;
use crate::network::NetworkError;
use crate::numeric::{ChainError, RootError};
use crate::overload::OverloadError;
use crate::queues::QueueError;
use crate::units::UnitError;

/// Any failure of this crate, for code that crosses its rooms: each room's error turns into it by `?`.
///
/// # Examples
///
/// ```
/// use capplan_queueing::queues::{QueueError, erlang_c};
/// use capplan_queueing::units::{Erlangs, Servers};
///
/// fn wait_probability(servers: u64, offered_load: f64) -> Result<f64, capplan_queueing::Error> {
///     Ok(erlang_c(Servers::new(servers)?, Erlangs::new(offered_load)?)?.get())
/// }
///
/// let error = wait_probability(2, 2.5).expect_err("overload");
/// assert_eq!(error.to_string(), "offered load of 2.5 is too much for 2 servers; at least 3 are needed");
/// assert!(matches!(error, capplan_queueing::Error::Queue(QueueError::Unstable { .. })));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A number outside the domain of its unit.
    #[error(transparent)]
    Unit(#[from] UnitError),
    /// A root that was not found.
    #[error(transparent)]
    Root(#[from] RootError),
    /// A Markov chain without an answer.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A station without an answer.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// A network without an answer.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A cache without an answer.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// An availability that cannot be computed.
    #[error(transparent)]
    Availability(#[from] AvailabilityError),
    /// An overload without an answer.
    #[error(transparent)]
    Overload(#[from] OverloadError),
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;
    use crate::units::{Erlangs, Servers};

    #[test]
    fn the_chain_of_sources_is_kept() {
        let offered_load = Erlangs::new(2.5).expect("a load");
        let source = QueueError::Unstable { offered_load, servers: Servers::ONE };
        let error = Error::from(NetworkError::Station { station: 3, source });
        assert_eq!(error.to_string(), "station 3: offered load of 2.5 is too much for 1 server; at least 3 are needed");
        let source = error.source().expect("the station's").to_string();
        assert_eq!(source, "offered load of 2.5 is too much for 1 server; at least 3 are needed");
    }
}
