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
        /// What failed.
        source: FormulaError,
    },
}

impl Breakdown {
    /// A formula without an answer for the part of the system called `name`.
    pub fn unsolved(name: &str, error: impl Into<capplan_queueing::Error>) -> Self {
        Self::Unsolved { tier: name.to_owned(), source: FormulaError::Formula(error.into()) }
    }
}

/// Why a part of a system has no figures.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FormulaError {
    /// A formula refuses its input.
    #[error(transparent)]
    Formula(#[from] capplan_queueing::Error),
    /// No arrival rate agrees with the number of users and their response time.
    #[error("no rate of requests fits {users} users")]
    Users {
        /// Number of users.
        users: f64,
    },
    /// The backlog of a scenario grows and drains without end.
    #[error("the backlog of `{step}` does not settle")]
    Unsettled {
        /// Name of the step.
        step: String,
    },
}
