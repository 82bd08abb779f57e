use rayon::prelude::*;

use crate::evaluate::{
    BalancerCost, Breakdown, Condition, Evaluation, NetworkCost, Performability, Prepared, SubnetAddresses,
    SystemAvailability, balancer_cost, evaluate, largest_zone, network_cost, objective_shares, per_zone,
    performability, subnet_addresses, system_availability, tier_price,
};
use crate::model::{Deployment, FleetRole, Standby, TierKind};
use crate::plan::{
    Limits, Missed, Shortfall, TierThresholds, limits, missed_otherwise, missed_refusals, missed_response_times,
    missed_time_within, thresholds,
};
use capplan_queueing::queues::RoutingPolicy;
use capplan_queueing::units::Price;

use super::policies::{PolicyComparison, compare_policies};
use super::scenarios::ScenarioReview;
use super::{Binding, CacheReport, Promises, cache_reports, promises};

/// A deployment with everything that a review asks.
#[derive(Debug, Clone)]
pub struct Review {
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
    pub tiers: Vec<ReviewedTier>,
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
    pub scenarios: Vec<ScenarioReview>,
}

impl Review {
    /// Whether every objective is met, with nothing lost and after the loss designed for.
    pub const fn meets_objectives(&self) -> bool {
        self.missed.is_empty() && self.missed_after_loss.is_empty() && self.design_loss.is_ok()
    }
}

/// One tier of a recommendation.
#[derive(Debug, Clone)]
pub struct ReviewedTier {
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: TierKind,
    /// Instance type; `None` for a managed service.
    pub instance_type: Option<String>,
    /// Memory for data in bytes, where that of a cache was searched.
    pub searched_memory: Option<f64>,
    /// How requests reach its instances, where several ways may be chosen.
    pub routing: Option<RoutingPolicy>,
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

/// Evaluates a deployment in every respect.
///
/// # Errors
///
/// [`Breakdown`] when it has no steady state with nothing lost.
pub fn review_deployment(
    prepared: &Prepared<'_>,
    deployment: Deployment,
    planned_rate: f64,
) -> Result<Review, Breakdown> {
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
    let tiers: Vec<ReviewedTier> = thresholds
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
    Ok(Review {
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
fn largest_count(tier: &ReviewedTier) -> Option<u32> {
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
) -> ReviewedTier {
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
    ReviewedTier {
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
