use capplan_queueing::units::Price;

/// A combination of one option per tier, evaluated.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Index of the group of hit ratios.
    pub group: usize,
    /// Index of the option of each searched tier.
    pub picks: Vec<usize>,
    /// Price of the whole.
    pub price: Price,
    /// Share of requests within each response-time objective after the loss designed for; empty where there is no
    /// steady state.
    pub shares: Vec<f64>,
    /// Share of time down.
    pub unavailability: f64,
    /// Whether it meets every objective.
    pub status: Status,
}

/// Whether a candidate meets every objective, or the first failure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Status {
    /// Every objective holds.
    Feasible,
    /// A tier is overloaded after the loss it is designed for.
    Overloaded {
        /// Position among the searched tiers.
        tier: usize,
        /// Offered work as a share of the capacity.
        utilization: f64,
    },
    /// No instance of a tier is left after the loss it is designed for.
    Down {
        /// Position among the searched tiers.
        tier: usize,
    },
    /// A database refuses more visits than it may after the loss it is designed for, for want of connections.
    Refuses {
        /// Position among the searched tiers.
        tier: usize,
        /// Share of visits refused.
        share: f64,
    },
    /// A response-time objective is missed.
    TooSlow {
        /// Index of the objective.
        objective: usize,
    },
    /// The availability objective is missed.
    Unavailable,
    /// The budget is exceeded.
    OverBudget,
    /// A scenario that must be survived is not.
    NotSurvived {
        /// Index of the scenario in the system.
        scenario: usize,
    },
}

impl Status {
    /// The name in a table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Feasible => "feasible",
            Self::Overloaded { .. } => "overloaded",
            Self::Down { .. } => "down",
            Self::Refuses { .. } => "refuses",
            Self::TooSlow { .. } => "too_slow",
            Self::Unavailable => "unavailable",
            Self::OverBudget => "over_budget",
            Self::NotSurvived { .. } => "not_survived",
        }
    }
}
