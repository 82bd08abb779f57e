/// Why a system has no steady state in some condition.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Breakdown {
    /// More work arrives at a tier than its servers, its storage or its limit on requests can do.
    #[error("tier `{tier}` is overloaded: it would have to be busy {:.1} % of the time", utilization * 100.0)]
    Overloaded {
        /// Name of the tier.
        tier: String,
        /// Work that arrives over work that can be done, at least 1.
        utilization: f64,
    },
    /// Nothing is left of a tier.
    #[error("tier `{tier}` is down: no instance is left")]
    Down {
        /// Name of the tier.
        tier: String,
    },
    /// A part of the model that has no answer.
    #[error("tier `{tier}`: {reason}")]
    Unsolved {
        /// Name of the tier, or of the class.
        tier: String,
        /// What is wrong.
        reason: String,
    },
}
