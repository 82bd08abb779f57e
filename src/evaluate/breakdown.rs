use capplan_queueing::availability::AvailabilityError;
use capplan_queueing::cache::CacheError;
use capplan_queueing::network::NetworkError;
use capplan_queueing::numeric::RootError;
use capplan_queueing::queues::QueueError;
use capplan_queueing::units::UnitError;

/// Why a system has no steady state in some condition.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Breakdown {
    /// More work arrives at a tier than its servers, its storage or its limit on requests can do.
    #[error("tier `{tier}` is overloaded: it would have to be busy {:.1} % of the time", utilization * 100.0)]
    Overloaded {
        /// Name of the tier.
        tier: String,
        /// Offered work as a share of the capacity, at least 1.
        utilization: f64,
    },
    /// No instance of a tier is left.
    #[error("tier `{tier}` is down: no instance is left")]
    Down {
        /// Name of the tier.
        tier: String,
    },
    /// A formula has no answer for a part of the system.
    #[error("tier `{tier}`: {source}")]
    Unsolved {
        /// Name of the tier, the class or the system.
        tier: String,
        /// The error of the formula.
        source: FormulaError,
    },
}

impl Breakdown {
    /// A formula without an answer for the part of the system called `name`.
    pub fn unsolved(name: &str, error: impl Into<FormulaError>) -> Self {
        Self::Unsolved { tier: name.to_owned(), source: error.into() }
    }

    /// The offered load as a share of the capacity where a tier is overloaded; `None` for any other breakdown.
    pub const fn overload(&self) -> Option<f64> {
        match self {
            Self::Overloaded { utilization, .. } => Some(*utilization),
            Self::Down { .. } | Self::Unsolved { .. } => None,
        }
    }
}

/// The error of a formula that an evaluation rests on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FormulaError {
    /// A value outside the domain of its unit.
    #[error(transparent)]
    Unit(#[from] UnitError),
    /// A station.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The flows between the tiers, or the law of a path through them.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A cache.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// Failures of instances and zones.
    #[error(transparent)]
    Availability(#[from] AvailabilityError),
    /// An equation.
    #[error(transparent)]
    Root(#[from] RootError),
    /// The equation between users and response time.
    #[error("no rate of requests fits {users} users")]
    Users {
        /// Number of users.
        users: f64,
    },
    /// The backlog of a scenario.
    #[error("the backlog of `{step}` does not settle")]
    Unsettled {
        /// Name of the step.
        step: String,
    },
}
