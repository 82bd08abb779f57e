use rayon::prelude::*;

use crate::evaluate::{Condition, Evaluation, Prepared, evaluate_at};
use crate::model::{Choice, Deployment, Fleet, FleetRole, ROUTINGS};
use capplan_queueing::queues::RoutingPolicy;

/// What every way of routing would do to one tier of a deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyComparison {
    /// Index of the tier.
    pub tier: usize,
    /// Its name.
    pub name: String,
    /// The ways of routing, the ideal first.
    pub policies: Vec<PolicyFigures>,
}

/// A deployment with one tier routed in one way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PolicyFigures {
    /// The way.
    pub routing: RoutingPolicy,
    /// Whether it is that of the deployment.
    pub planned: Planned,
    /// Mean response time of all requests with nothing lost, in seconds.
    pub mean: f64,
    /// Its 95th percentile.
    pub p95: f64,
    /// Its 99th percentile.
    pub p99: f64,
    /// Its 99th percentile after the loss designed for; `None` where that has no steady state.
    pub p99_after_loss: Option<f64>,
    /// Mean wait of a visit to the tier with nothing lost.
    pub waiting_time: f64,
}

/// Whether a way of routing is the plan's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planned {
    /// It is.
    Yes,
    /// Another is.
    No,
}

/// Compares the ways of routing of every tier with several instances behind a balancer, at an arrival rate.
///
/// A cache is not among them: an object is on one node. Nor are sticky sessions, which leave no choice.
pub(super) fn compare_policies(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    arrival_rate: f64,
) -> Vec<PolicyComparison> {
    let tiers = prepared.system.tiers();
    tiers
        .iter()
        .zip(&deployment.choices)
        .enumerate()
        .filter_map(|(index, (tier, choice))| {
            let (fleet, choice) = (tier.fleet()?, (*choice)?);
            if !balanced(fleet, choice) {
                return None;
            }
            let figures = |routing| {
                let mut other = deployment.clone();
                other.choices[index] = Some(Choice { routing, ..choice });
                let normal = evaluate_at(prepared, &other, arrival_rate, Condition::AllUp).ok()?;
                let after = evaluate_at(prepared, &other, arrival_rate, Condition::DesignLoss).ok();
                let planned = if routing == choice.routing { Planned::Yes } else { Planned::No };
                Some(row(routing, planned, index, &normal, after.as_ref()))
            };
            let ways: Vec<RoutingPolicy> = ROUTINGS.into_iter().filter(|&way| has_model(fleet, choice, way)).collect();
            let policies: Vec<PolicyFigures> = ways.into_par_iter().filter_map(figures).collect();
            Some(PolicyComparison { tier: index, name: tier.name.clone(), policies })
        })
        .collect()
}

fn row(
    routing: RoutingPolicy,
    planned: Planned,
    tier: usize,
    normal: &Evaluation,
    after: Option<&Evaluation>,
) -> PolicyFigures {
    let [_, _, p95, p99, _] = normal.overall.percentiles;
    let p99_after_loss = after.map(|after| after.overall.percentiles[3]);
    let waiting_time = normal.tiers[tier].waiting_time;
    PolicyFigures { routing, planned, mean: normal.overall.mean, p95, p99, p99_after_loss, waiting_time }
}

fn balanced(fleet: &Fleet, choice: Choice) -> bool {
    let serving = match fleet.role {
        FleetRole::Cache(_) => 0,
        FleetRole::Service => choice.count,
        FleetRole::Database(_) => choice.count.saturating_sub(1),
    };
    serving > 1 && fleet.sticky.is_none()
}

/// Two instances of several with several servers each have no model.
fn has_model(fleet: &Fleet, choice: Choice, routing: RoutingPolicy) -> bool {
    routing != RoutingPolicy::POWER_OF_TWO || fleet.types[choice.instance_type].servers.get() == 1
}
