//! Promises that a deployment can keep: months that break a promise, error budgets, health checks, failovers.

mod error_budget;
mod failovers;
mod health_checks;
mod managed;
mod outages;

pub use error_budget::{Alert, ErrorBudget, MonthlyPromise, Severity};
pub use failovers::{DatabaseFailover, Successor};
pub use health_checks::{Cascade, CheckedTier, FalseRemovals, Known};
pub use managed::ManagedPromise;
pub use outages::{OutageCause, OutageSource, Outages};

use crate::model::Deployment;
use capplan_queueing::availability::{Period, downtime_minutes};

use crate::evaluate::{Breakdown, Evaluation, Flow, Prepared};

/// Promises that a deployment can keep. A month has 30 days, the usual window of a service-level objective.
#[derive(Debug, Clone, PartialEq)]
pub struct Promises {
    /// Mean minutes down in a month.
    pub minutes_per_month: f64,
    /// Mean minutes down in a year.
    pub minutes_per_year: f64,
    /// What takes the system down, how often and for how long.
    pub outages: Outages,
    /// How many months break promises of the usual sizes; empty for a system that is never down.
    pub months: Vec<MonthlyPromise>,
    /// The error budget; `None` where no availability is promised.
    pub budget: Option<ErrorBudget>,
    /// The health checks of every service of several instances.
    pub health_checks: Vec<CheckedTier>,
    /// The failover of every database.
    pub failovers: Vec<DatabaseFailover>,
    /// What the managed services promise together; `None` where there is none.
    pub managed: Option<ManagedPromise>,
}

/// Computes the promises that a deployment can keep.
///
/// `normal` is its evaluation with nothing lost, `flows` are the visits in it, `unavailability` is the share of time in
/// which the whole is down.
///
/// # Errors
///
/// [`Breakdown::Unsolved`] when a formula has no answer.
pub fn promises(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    normal: &Evaluation,
    flows: &[Flow],
    unavailability: f64,
) -> Result<Promises, Breakdown> {
    let system = prepared.system;
    let outages = outages::outages(system, deployment, flows)?;
    let unsolved = |error: capplan_queueing::Error| Breakdown::unsolved(system.name(), error);
    let budget = |promise| error_budget::error_budget(promise, &outages, unavailability, normal.arrival_rate);
    Ok(Promises {
        minutes_per_month: downtime_minutes(unavailability, Period::ThirtyDays),
        minutes_per_year: downtime_minutes(unavailability, Period::Year),
        months: error_budget::months(&outages).map_err(unsolved)?,
        budget: system.objectives().availability.map(budget).transpose().map_err(unsolved)?,
        health_checks: health_checks::checked_tiers(prepared, deployment, normal),
        failovers: failovers::failovers(system, deployment, flows)?,
        managed: managed::managed_promise(system).map_err(unsolved)?,
        outages,
    })
}

/// The length of a period in seconds.
const fn seconds_of(period: Period) -> f64 {
    period.minutes() * 60.0
}

#[cfg(test)]
mod tests;
