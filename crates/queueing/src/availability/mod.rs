//! How often enough parts are up: redundancy, zones that fail as one, and trees of parts.
//!
//! Everything here works on **un**availability, so that nine nines keep their digits: `1 − A` is never computed from a
//! rounded `A`. A part is up or down, independently of the others unless a function says otherwise, and only the long-run
//! share of time counts: repair times may have any distribution.
//!
//! | question | model |
//! |---|---|
//! | One part: from failures and repairs to a share of time | [`instance_unavailability()`], [`RepairSteps`]; [`nines()`], [`downtime_minutes()`] |
//! | k of n equal parts | [`unavailability()`]; unequal: [`mixed_redundancy()`]; few repair crews: [`repaired_availability()`] |
//! | Instances in zones that fail as one | [`zoned_availability()`], [`size_zones()`]; state by state: [`ZoneStates`] |
//! | A tree of parts, shared ones too | [`solve_structure()`]; what matters most: [`importance_measures()`], [`composite_sla()`] |
//! | A database with a replica | [`failover_availability()`], [`lost_writes()`] |
//! | A dependency that the system survives for a while | [`soft_dependency()`] |
//! | Health checks: how fast, how often wrong | [`HealthCheck`], [`detection_errors()`], [`false_removal()`] |
//! | How likely is a month that breaks the promise? | [`sla_breach()`], [`mixed_sla_breach()`]; alerts: [`BurnRateAlert`], [`low_traffic_alert()`] |
//! | Time in which the system is fast enough as well | [`performability()`] |
//! | Deployments: capacity, users hurt, chance to notice | [`rollout()`], [`blast_radius()`], [`change_failure()`], [`canary_size()`], [`exact_canary()`], [`sprt()`] |

mod binomial;
mod changes;
mod component;
mod downtime;
mod error_budget;
mod failover;
mod false_removal;
mod health_check;
mod importance;
#[cfg(test)]
mod laws;
mod lost_writes;
mod mixed_outages;
mod performability;
mod poisson_binomial;
mod repair_crews;
mod sizing;
mod sla_breach;
mod soft_dependency;
mod structure;
mod structure_tree;
mod zone_states;
mod zones;

pub use binomial::{MAX_INSTANCES, unavailability, up_probabilities};
pub use changes::{
    BlastRadius, CanaryDesign, CanarySize, CanaryStage, CanaryTest, ChangeFailure, ChangePractice, ExactCanary,
    ExactSprt, MAX_CANARY_REQUESTS, Release, Rollout, RolloutCourse, RolloutStrategy, Sides, Sprt, SprtDesign,
    blast_radius, canary_size, change_failure, critical_value, exact_canary, exact_sprt, rollout, sprt,
};
pub use component::{RepairSteps, instance_availability, instance_unavailability, mtbf_from_failed_share};
pub use downtime::{Period, downtime_minutes, nines};
pub use error_budget::{
    BurnRateAlert, BurnRateSettings, FiredAlert, IncidentAlert, LowTraffic, LowTrafficAlert, low_traffic_alert,
};
pub use failover::{FailoverAvailability, FailoverPair, failover_availability, unreplicated_availability};
pub use false_removal::{FalseRemoval, ProbeNoise, false_removal};
pub use health_check::{CheckedFleet, DetectionErrors, DetectionTime, HealthCheck, ProbeFailure, detection_errors};
pub use importance::{CompositeSla, Importance, composite_sla, importance_measures};
pub use lost_writes::{LostWrites, ReplicationLag, lost_writes};
pub use mixed_outages::{MixedBreach, OutageKind, mixed_sla_breach};
pub use performability::{Performability, performability};
pub use poisson_binomial::{MAX_UNEQUAL_INSTANCES, MixedRedundancy, mixed_redundancy};
pub use repair_crews::{RepairedAvailability, RepairedGroup, WhileDown, repaired_availability};
pub use sizing::{ZoneDemand, ZoneSizing, instances_per_zone, size_zones};
pub use sla_breach::{SlaBreach, sla_breach};
pub use soft_dependency::{CachedDatabase, DependencyFaults, Overload, SoftDependency, soft_dependency};
pub use structure::{MAX_REPEATED, Structure, StructureAvailability, solve_structure};
pub use zone_states::{MAX_ZONES, ZoneState, ZoneStates, conditional_unavailability};
pub use zones::{FaultModel, ZonedAvailability, zoned_availability, zoned_up_probabilities};

use crate::numeric::ChainError;
use crate::units::UnitError;

/// A redundancy question that has no answer here.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AvailabilityError {
    /// There is nothing that could be up.
    #[error("no {0} given; at least one is needed")]
    Empty(&'static str),
    /// More parts than a formula is meant for.
    #[error("{count} {what} are more than the {limit} that this formula takes")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// How many there are.
        count: u64,
        /// How many are accepted.
        limit: u64,
    },
    /// No zone is left to carry the load.
    #[error("a loss of {zone_losses} of {zones} zones leaves none; at most {} may be lost", zones.saturating_sub(1))]
    NoZoneLeft {
        /// Zones that may be lost at once.
        zone_losses: u64,
        /// Zones there are.
        zones: u64,
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
    /// A number above another one that limits it.
    #[error("{what} of {value} is above the {limit_name} of {limit}; it may be at most that")]
    Above {
        /// What the number stands for.
        what: &'static str,
        /// The number that was refused.
        value: f64,
        /// What limits it.
        limit_name: &'static str,
        /// The limit.
        limit: f64,
    },
    /// The chain of states has no answer.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A share of time that came out as none.
    #[error(transparent)]
    Unit(#[from] UnitError),
    /// One name stands for two different parts.
    #[error("component `{name}` has an unavailability of {first} in one place and {second} in another")]
    Conflict {
        /// The repeated name.
        name: String,
        /// Unavailability at its first place.
        first: f64,
        /// Unavailability at a later place.
        second: f64,
    },
}
