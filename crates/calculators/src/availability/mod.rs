//! Availability: parts and groups of them, zones, failover, health checks, error budgets.

mod degradation;
mod error_budgets;
mod failover;
mod failures;
mod health;
mod redundancy;
mod structure;
mod zones;

pub(crate) use degradation::{PERFORMABILITY, SOFT_DEPENDENCY, within};
pub(crate) use error_budgets::{BURN_RATE, BURN_RATE_LOW_TRAFFIC};
pub(crate) use failover::{FAILOVER, FAILOVER_LOST_WRITES};
pub(crate) use failures::{DOWNTIME_BUDGET, INSTANCE_AVAILABILITY, K_OF_N_REPAIR, SLA_BREACH};
pub(crate) use health::{HEALTH_CHECK, HEALTH_CHECK_FALSE_REMOVAL};
pub(crate) use redundancy::K_OF_N;
pub(crate) use structure::STRUCTURE;
pub(crate) use zones::{ZONE_SIZING, ZONES};
