use rayon::prelude::*;

use crate::evaluate::{
    BalancerCost, Breakdown, Condition, Evaluation, NetworkCost, Performability, Prepared, Promises, SubnetAddresses,
    SystemAvailability, balancer_cost, design_arrival_rate, evaluate, largest_zone, network_cost, objective_shares,
    per_zone, performability, planned_arrival_rate, promises, subnet_addresses, system_availability, tier_price,
};
use crate::model::{Deployment, FleetRole, Routing, Standby, System, TierKind, Workload};
use crate::plan::{
    Limits, Missed, Outcome, Shortfall, TierThresholds, limits, missed_otherwise, missed_refusals,
    missed_response_times, missed_time_within, thresholds,
};
use crate::units::Price;
use crate::whatif::{Reviewed, WhatIfError};

use super::policies::{PolicyComparison, compare_policies};
use super::{Binding, CacheReport, binding, cache_reports, review, search_plan};

/// One point of a sweep: a system under a load.
#[derive(Debug, Clone)]
pub struct PointInput {
    /// The system, load and variation included.
    pub system: System,
    /// The varied keys and their values.
    pub variation: Vec<(String, String)>,
}

/// What a sweep found at one point.
#[derive(Debug, Clone)]
pub struct Point {
    /// The system.
    pub system: System,
    /// The varied keys and their values.
    pub variation: Vec<(String, String)>,
    /// Users; `None` for an open workload.
    pub users: Option<f64>,
    /// The highest arrival rate that the workload can offer.
    pub design_rate: f64,
    /// The same with the headroom asked for: what candidates are evaluated at.
    pub planned_rate: f64,
    /// What the search found.
    pub outcome: Outcome,
    /// The recommended deployment with all that is known of it.
    pub recommendation: Option<Recommendation>,
}

/// A deployment with everything that a review asks.
#[derive(Debug, Clone)]
pub struct Recommendation {
    /// The deployment.
    pub deployment: Deployment,
    /// With nothing lost, at the load that the workload offers.
    pub normal: Evaluation,
    /// With the fullest zone lost, or why that breaks it.
    pub zone_lost: Result<Evaluation, Breakdown>,
    /// After the loss that each tier is designed for.
    pub design_loss: Result<Evaluation, Breakdown>,
    /// Availability.
    pub availability: SystemAvailability,
    /// Time and requests within the response-time objectives while instances and zones come and go.
    pub performability: Performability,
    /// What that lets one promise.
    pub promises: Promises,
    /// Largest loads with nothing lost.
    pub limits: Limits,
    /// Largest loads with the fullest zone lost.
    pub limits_zone_lost: Option<Limits>,
    /// Largest loads after the loss designed for.
    pub limits_after_loss: Option<Limits>,
    /// By tier: what runs.
    pub tiers: Vec<PlannedTier>,
    /// Data transfer; `None` where the model leaves it out.
    pub network: Option<NetworkCost>,
    /// Addresses of the subnets whose sizes the model gives.
    pub subnets: Vec<SubnetAddresses>,
    /// What each cache does for the rest.
    pub caches: Vec<CacheReport>,
    /// By tier with several instances behind a balancer: what every way of routing would do.
    pub policies: Vec<PolicyComparison>,
    /// Price of the whole.
    pub price: Price,
    /// Objectives that are missed with nothing lost.
    pub missed: Vec<Shortfall>,
    /// Response-time objectives that are missed after the loss designed for; empty where that has no steady state.
    pub missed_after_loss: Vec<Shortfall>,
    /// What may go wrong and what it does; empty where that was not asked.
    pub scenarios: Vec<Reviewed>,
}

/// One tier of a recommendation.
#[derive(Debug, Clone)]
pub struct PlannedTier {
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: TierKind,
    /// Instance type; `None` for a managed service.
    pub instance_type: Option<String>,
    /// Memory for data in bytes, where that of a cache was searched.
    pub searched_memory: Option<f64>,
    /// How requests reach its instances, where several ways may be chosen.
    pub routing: Option<Routing>,
    /// What a load balancer costs, by what is billed.
    pub balancer_cost: Option<BalancerCost>,
    /// Instances that serve: for a database the primary and its replicas.
    pub instances: Option<u32>,
    /// The most instances that the model allows.
    pub count_limit: Option<u32>,
    /// Standby instances beside them.
    pub standby: u32,
    /// Instances in each zone.
    pub per_zone: Vec<u32>,
    /// Instances left to serve when the fullest zone is lost.
    pub left_after_zone: Option<u32>,
    /// Utilization with nothing lost.
    pub utilization: Option<f64>,
    /// Utilization with the fullest zone lost; at least 1 when that overloads the tier.
    pub utilization_zone_lost: Option<f64>,
    /// Scaling thresholds.
    pub thresholds: Option<TierThresholds>,
    /// What sets its size; `None` where no search did.
    pub binding: Option<Binding>,
    /// Price.
    pub price: Price,
}

/// Why a sweep ended without an answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SweepError {
    /// A model has no answer at all.
    #[error(transparent)]
    Breakdown(#[from] Breakdown),
    /// The plan does not work with nothing lost.
    #[error(transparent)]
    Review(#[from] WhatIfError),
    /// The work was stopped before its end.
    #[error("interrupted")]
    Interrupted,
}

/// Plans every point, in parallel, in order. The plan of a single point is followed through every scenario.
///
/// # Errors
///
/// [`SweepError::Breakdown`] where a model has no answer at all, [`SweepError::Interrupted`] where `interrupted` said so.
pub fn sweep(inputs: Vec<PointInput>, interrupted: &(dyn Fn() -> bool + Sync)) -> Result<Vec<Point>, SweepError> {
    let mut points = inputs
        .into_par_iter()
        .map(|input| {
            if interrupted() {
                return Err(SweepError::Interrupted);
            }
            Ok(point(input)?)
        })
        .collect::<Result<Vec<Point>, SweepError>>()?;
    // One plan is reviewed in full; of many the plans themselves are what is asked.
    if let [Point { system, recommendation: Some(plan), .. }] = points.as_mut_slice() {
        let prepared = Prepared::new(system)?;
        plan.scenarios = review(&prepared, &plan.deployment, system.scenarios())?;
    }
    Ok(points)
}

fn point(input: PointInput) -> Result<Point, Breakdown> {
    let PointInput { system, variation } = input;
    let prepared = Prepared::new(&system)?;
    let design_rate = design_arrival_rate(&system);
    let planned_rate = planned_arrival_rate(&system);
    let outcome = search_plan(&prepared, planned_rate)?;
    let mut recommendation =
        outcome.best.as_ref().map(|found| recommend(&prepared, found.deployment.clone(), design_rate)).transpose()?;
    if let Some(Recommendation { deployment, tiers, .. }) = &mut recommendation {
        tiers.par_iter_mut().enumerate().for_each(|(index, tier)| {
            tier.binding = binding(&prepared, deployment, index, planned_rate);
        });
    }
    let users = match system.workload() {
        Workload::Users { users, .. } => Some(users),
        Workload::Arrivals { .. } => None,
    };
    Ok(Point { users, design_rate, planned_rate, outcome, recommendation, variation, system: system.clone() })
}

/// Evaluates a deployment in every respect.
///
/// # Errors
///
/// [`Breakdown`] when it has no steady state with nothing lost.
pub fn recommend(
    prepared: &Prepared<'_>,
    deployment: Deployment,
    planned_rate: f64,
) -> Result<Recommendation, Breakdown> {
    let system = prepared.system;
    let normal = evaluate(prepared, &deployment, Condition::AllUp)?;
    let zone_lost = evaluate(prepared, &deployment, Condition::ZoneLost);
    let design_loss = evaluate(prepared, &deployment, Condition::DesignLoss);
    let hit_ratios = normal.tiers.iter().map(|tier| tier.hit_ratio).collect();
    let flows = prepared.flows(normal.arrival_rate, &hit_ratios)?;
    let availability = system_availability(system, &deployment, &flows)?;
    let limits_normal = limits(prepared, &deployment, Condition::AllUp)?;
    let limits_zone_lost = limits(prepared, &deployment, Condition::ZoneLost).ok();
    let limits_after_loss = limits(prepared, &deployment, Condition::DesignLoss).ok();
    let thresholds: Vec<Option<TierThresholds>> = (0..system.tiers().len())
        .into_par_iter()
        .map(|tier| thresholds(prepared, &deployment, tier, planned_rate).ok().flatten())
        .collect();
    let tiers: Vec<PlannedTier> = thresholds
        .into_iter()
        .enumerate()
        .map(|(index, thresholds)| planned_tier(prepared, &deployment, index, &normal, &zone_lost, thresholds))
        .collect();
    let visits: Vec<f64> = normal.tiers.iter().map(|tier| tier.arrival_rate).collect();
    let network = network_cost(system, normal.arrival_rate, &visits);
    let running: Price = tiers.iter().map(|tier| tier.price).sum();
    let price = running + network.map_or(Price::ZERO, |cost| cost.total());
    let largest: Vec<Option<u32>> = tiers.iter().map(largest_count).collect();
    let subnets = subnet_addresses(system, &largest);
    let ((performability, promises), (caches, policies)) = rayon::join(
        || {
            let promises = promises(prepared, &deployment, &normal, &flows, availability.unavailability);
            (performability(prepared, &deployment), promises)
        },
        || {
            let caches = cache_reports(prepared, &deployment, &normal);
            (caches, compare_policies(prepared, &deployment, normal.arrival_rate))
        },
    );
    let (performability, promises) = (performability?, promises?);
    let too_slow = |arrival_rate: f64, condition: Condition| {
        objective_shares(prepared, &deployment, arrival_rate, condition)
            .map_or_else(|_| Vec::new(), |shares| missed_response_times(system, &shares))
    };
    let mut missed = too_slow(normal.arrival_rate, Condition::AllUp);
    missed.extend(missed_refusals(system, &normal));
    missed.extend(subnets.iter().filter(|subnet| !subnet.fits()).map(|subnet| Shortfall {
        objective: Missed::Addresses { subnet: subnet.placement.name() },
        limit: subnet.available as f64,
        actual: subnet.needed as f64,
    }));
    missed.extend(missed_otherwise(system, availability.unavailability, price));
    missed.extend(missed_time_within(system, performability.time_outside));
    // Users who wait longer ask less often: after the loss the rate is another, and may be one that the rest can carry
    // although it could not carry the rate before.
    let mut missed_after_loss = design_loss
        .as_ref()
        .map_or_else(|_| Vec::new(), |evaluation| too_slow(evaluation.arrival_rate, Condition::DesignLoss));
    missed_after_loss.extend(design_loss.iter().flat_map(|evaluation| missed_refusals(system, evaluation)));
    Ok(Recommendation {
        deployment,
        normal,
        zone_lost,
        design_loss,
        availability,
        performability,
        promises,
        limits: limits_normal,
        limits_zone_lost,
        limits_after_loss,
        tiers,
        network,
        subnets,
        caches,
        policies,
        price,
        missed,
        missed_after_loss,
        scenarios: Vec::new(),
    })
}

/// The most instances that a tier is to be prepared for: what its thresholds say, else what the model allows.
fn largest_count(tier: &PlannedTier) -> Option<u32> {
    let planned = tier.thresholds.as_ref().and_then(|found| found.max_count);
    Some(planned.or(tier.count_limit)?.max(tier.instances?))
}

fn planned_tier(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    index: usize,
    normal: &Evaluation,
    zone_lost: &Result<Evaluation, Breakdown>,
    thresholds: Option<TierThresholds>,
) -> PlannedTier {
    let system = prepared.system;
    let tier = &system.tiers()[index];
    let zones = system.region().zones;
    let choice = deployment.choices[index];
    let standby = match tier.fleet().map(|fleet| &fleet.role) {
        Some(FleetRole::Database(database)) => u32::from(database.standby == Standby::Synchronous),
        _ => 0,
    };
    let utilization_zone_lost = match zone_lost {
        Ok(evaluation) => evaluation.tiers[index].utilization,
        Err(Breakdown::Overloaded { tier: name, utilization }) if *name == tier.name => Some(*utilization),
        Err(_) => None,
    };
    let figures = &normal.tiers[index];
    PlannedTier {
        name: tier.name.clone(),
        kind: tier.kind,
        instance_type: tier.fleet().zip(choice).map(|(fleet, choice)| fleet.types[choice.instance_type].name.clone()),
        routing: tier
            .fleet()
            .zip(choice)
            .filter(|(fleet, _)| fleet.routings.len() > 1)
            .map(|(_, choice)| choice.routing),
        searched_memory: choice.and_then(|choice| prepared.searched_memory(index, choice)),
        balancer_cost: balancer_cost(tier, figures.arrival_rate),
        instances: choice.map(|choice| choice.count),
        count_limit: tier.fleet().map(|fleet| fleet.counts.max),
        standby,
        per_zone: choice.map_or_else(Vec::new, |choice| per_zone(choice.count + standby, zones)),
        left_after_zone: choice.map(|choice| choice.count - largest_zone(choice.count, zones)),
        utilization: figures.utilization,
        utilization_zone_lost,
        thresholds,
        binding: None,
        price: tier_price(tier, choice, figures.arrival_rate),
    }
}
