use std::fmt::{self, Display};

use crate::evaluate::{Evaluation, TierFigures, max_refused};
use crate::model::{System, Tier};
use capplan_queueing::units::{Price, Seconds};

use super::Unsurvived;

/// An objective that is missed, and by how much.
#[derive(Debug, Clone, PartialEq)]
pub struct Shortfall {
    /// The objective.
    pub objective: Missed,
    /// The objective's limit: a share of requests, a share of time, US dollars a month, or the need of a steady state.
    pub limit: f64,
    /// The value reached, in the same unit.
    pub actual: f64,
}

/// Which objective is missed.
#[derive(Debug, Clone, PartialEq)]
pub enum Missed {
    /// A share of requests within a time.
    ResponseTime {
        /// The class whose requests are meant; `None` for all.
        class: Option<String>,
        /// The time.
        within: Seconds,
    },
    /// Keeping up with the load: work that arrives over work that can be done after the loss designed for, below 1.
    Capacity {
        /// The tier.
        tier: String,
    },
    /// Instances left after the loss designed for.
    Survivors {
        /// The tier.
        tier: String,
    },
    /// Refusing few visits for want of connections: the share of visits to a database that are refused.
    Refused {
        /// The tier.
        tier: String,
    },
    /// Room for the largest scale-out: addresses in a subnet of each zone.
    Addresses {
        /// Which subnet.
        subnet: &'static str,
    },
    /// Recovery from a scenario in time: seconds for which the objectives are missed.
    SlowRecovery {
        /// The scenario.
        scenario: String,
    },
    /// Recovery from a scenario at all: 1 wanted, none seen.
    NoRecovery {
        /// The scenario.
        scenario: String,
    },
    /// The share of time up.
    Availability,
    /// The share of time up and within the response-time objectives.
    TimeWithin,
    /// The budget.
    MonthlyCost,
}

impl Display for Missed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ResponseTime { class: None, within } => write!(f, "share of requests within {} s", within.get()),
            Self::ResponseTime { class: Some(class), within } => {
                write!(f, "share of requests of class `{class}` within {} s", within.get())
            }
            Self::Capacity { tier } => write!(f, "utilization of tier `{tier}` after the designed loss"),
            Self::Survivors { tier } => write!(f, "instances of tier `{tier}` left after the designed loss"),
            Self::Refused { tier } => write!(f, "share of visits that tier `{tier}` refuses"),
            Self::Addresses { subnet } => write!(f, "addresses in the {subnet} subnet of a zone"),
            Self::SlowRecovery { scenario } => {
                write!(f, "seconds without the objectives in scenario `{scenario}`")
            }
            Self::NoRecovery { scenario } => write!(f, "recovery from scenario `{scenario}`"),
            Self::Availability => f.write_str("availability"),
            Self::TimeWithin => f.write_str("share of time within the response-time objectives"),
            Self::MonthlyCost => f.write_str("monthly cost in USD"),
        }
    }
}

/// The response-time objectives that `shares` miss, a share of requests within its time for each objective.
pub fn missed_response_times(system: &System, shares: &[f64]) -> Vec<Shortfall> {
    let objectives = &system.objectives().response_times;
    objectives
        .iter()
        .zip(shares)
        .filter(|(objective, share)| **share < objective.percentile)
        .map(|(objective, &share)| Shortfall {
            objective: Missed::ResponseTime {
                class: objective.class.map(|class| system.classes()[class].name.clone()),
                within: objective.limit,
            },
            limit: objective.percentile,
            actual: share,
        })
        .collect()
}

/// The shortfall of a scenario or an objective that is not survived.
pub fn missed_unsurvived(system: &System, unsurvived: Unsurvived) -> Option<Shortfall> {
    let (scenario, missed_time) = match unsurvived {
        Unsurvived::Scenario { scenario, missed_time } => (system.scenarios().get(scenario)?, missed_time),
        Unsurvived::TimeWithin { outside } => return missed_time_within(system, outside),
    };
    let name = scenario.name.clone();
    Some(match missed_time {
        Some(actual) => Shortfall {
            objective: Missed::SlowRecovery { scenario: name },
            limit: scenario.recover_within.get(),
            actual,
        },
        None => Shortfall { objective: Missed::NoRecovery { scenario: name }, limit: 1.0, actual: 0.0 },
    })
}

/// The objective on the share of time within the response-time objectives, where it is missed.
pub fn missed_time_within(system: &System, outside: f64) -> Option<Shortfall> {
    let wanted = system.objectives().time_within?.get();
    let actual = 1.0 - outside;
    (actual < wanted).then_some(Shortfall { objective: Missed::TimeWithin, limit: wanted, actual })
}

/// The databases of a state that refuse more visits than they may.
pub fn missed_refusals(system: &System, state: &Evaluation) -> Vec<Shortfall> {
    let refusing = |(tier, figures): (&Tier, &TierFigures)| {
        let (limit, actual) = (max_refused(tier.fleet()?), figures.database?.refused()?);
        let objective = Missed::Refused { tier: tier.name.clone() };
        (actual > limit).then_some(Shortfall { objective, limit, actual })
    };
    system.tiers().iter().zip(&state.tiers).filter_map(refusing).collect()
}

/// The objectives on availability and cost that are missed.
pub fn missed_otherwise(system: &System, unavailability: f64, price: Price) -> Vec<Shortfall> {
    let objectives = system.objectives();
    let mut missed = Vec::new();
    if let Some(wanted) = objectives.availability
        && 1.0 - unavailability < wanted.get()
    {
        missed.push(Shortfall { objective: Missed::Availability, limit: wanted.get(), actual: 1.0 - unavailability });
    }
    if let Some(budget) = objectives.budget
        && price > budget
    {
        missed.push(Shortfall {
            objective: Missed::MonthlyCost,
            limit: budget.monthly_usd(),
            actual: price.monthly_usd(),
        });
    }
    missed
}
