use crate::evaluate::{
    BalancerCost, DatabaseFigures, Evaluation, InstanceLoad, LayerLoads, NetworkCost, ResponseTimes, SubnetAddresses,
    TierFigures,
};
use crate::model::{PERCENTILES, StorageLimit};
use crate::review::{Planned, PolicyComparison, PolicyFigures, Review, ReviewedTier};
use capplan_queueing::queues::RoutingPolicy;

use super::super::binding::binding_text;
use super::super::database::saturates_first;
use super::super::format::minutes_per_year;
use super::super::verdict::rule_name;
use super::super::whatif::scenario_summaries;
use super::caches::cache;
use super::object::Object;
use super::promises::promises;

/// A deployment with everything that a review says of it.
pub(super) fn recommendation(plan: &Review) -> Object {
    let zone_lost = plan.zone_lost.as_ref();
    let tiers = plan.tiers.iter().enumerate().map(|(index, tier)| planned_tier(plan, index, tier));
    let tiers_zone_lost = zone_lost.map_or_else(|_| Vec::new(), |state| state.tiers.iter().map(state_tier).collect());
    let limits_zone_lost = plan.limits_zone_lost;
    let down = plan.availability.unavailability;
    Object::new()
        .list("tiers", tiers)
        .list_if_any("policies", plan.policies.iter().map(policies))
        .field("response_time", response_times(&plan.normal))
        .field("response_time_zone_lost", zone_lost.ok().map(response_times))
        .field("response_time_after_designed_loss", plan.design_loss.as_ref().ok().map(response_times))
        .field("zone_lost", zone_lost.map_or_else(ToString::to_string, |_| "serves".to_owned()))
        .field("tiers_zone_lost", tiers_zone_lost)
        .field("max_users_zone_lost", limits_zone_lost.and_then(|limits| limits.max_users))
        .field("max_arrival_rate_zone_lost", limits_zone_lost.and_then(|limits| limits.max_arrival_rate))
        .field("saturation_users_zone_lost", limits_zone_lost.and_then(|limits| limits.saturation_users))
        .field("availability", 1.0 - down)
        .field("unavailability", down)
        .field("downtime_minutes_per_year", minutes_per_year(down))
        .field("time_within_objectives", 1.0 - plan.performability.time_outside)
        .field("time_outside_objectives", plan.performability.time_outside)
        .field("requests_within_objectives", &plan.performability.requests_within)
        .field("promises", promises(plan))
        .field("bottleneck", plan.normal.bottleneck.map(|tier| &plan.normal.tiers[tier].name))
        .field("max_users", plan.limits.max_users)
        .field("max_arrival_rate", plan.limits.max_arrival_rate)
        .field("saturation_users", plan.limits.saturation_users)
        .field("max_users_after_designed_loss", plan.limits_after_loss.and_then(|limits| limits.max_users))
        .field_if_some("network", plan.network.as_ref().map(network))
        .list_if_any("subnets", plan.subnets.iter().map(subnet))
        .list_if_any("caches", plan.caches.iter().map(cache))
        .field("monthly_cost_usd", plan.price.monthly_usd())
        .list_if_any("scenarios", scenario_summaries(&plan.scenarios))
}

fn planned_tier(plan: &Review, index: usize, tier: &ReviewedTier) -> Object {
    let figures = &plan.normal.tiers[index];
    let thresholds = tier.thresholds.as_ref();
    Object::new()
        .field("name", &tier.name)
        .field("kind", tier.kind.name())
        .field("instance_type", &tier.instance_type)
        .field_if_some("routing", tier.routing.map(RoutingPolicy::name))
        .field("instances", tier.instances)
        .field("standby", tier.standby)
        .field("per_zone", &tier.per_zone)
        .field("utilization", tier.utilization)
        .field("utilization_zone_lost", tier.utilization_zone_lost)
        .field_if_some("layers", figures.layers.map(layers))
        .field_if_some("database", figures.database.as_ref().map(database))
        .field("scale_out_at", thresholds.and_then(|found| found.scale_out_at))
        .field("scale_in_at", thresholds.and_then(|found| found.scale_in_at))
        .field("min_instances", thresholds.and_then(|found| found.min_count))
        .field("max_instances", thresholds.and_then(|found| found.max_count))
        .field("rule_of_thumb", thresholds.map(|found| rule_name(&found.rule)))
        .field_if_some("size_set_by", binding_text(tier))
        .field("arrival_rate", figures.arrival_rate)
        .field("visits", figures.visits)
        .field("wait_probability", figures.wait_probability)
        .field("waiting_time", figures.waiting_time)
        .field("waiting_time_shared_queue", figures.pooled_waiting_time)
        .field("sojourn_time", figures.sojourn_time)
        .field("hit_ratio", figures.hit_ratio)
        .field("miss_rate", figures.miss_rate)
        .field("unavailability", plan.availability.tiers[index].unavailability)
        .field("method", figures.method.name())
        .field("monthly_cost_usd", tier.price.monthly_usd())
        .field_if_some("balancer", tier.balancer_cost.as_ref().map(balancer))
}

fn state_tier(figures: &TierFigures) -> Object {
    Object::new()
        .field("name", &figures.name)
        .field("instances", figures.instances)
        .field("arrival_rate", figures.arrival_rate)
        .field("utilization", figures.utilization)
        .field("wait_probability", figures.wait_probability)
        .field("waiting_time", figures.waiting_time)
        .field("sojourn_time", figures.sojourn_time)
        .field("hit_ratio", figures.hit_ratio)
        .field("miss_rate", figures.miss_rate)
        .field_if_some("database", figures.database.as_ref().map(database))
}

/// The arrival rate over the largest that each layer alone would carry.
fn layers(layers: LayerLoads) -> Object {
    Object::new()
        .field("servers", layers.servers)
        .field("workers", layers.workers)
        .field("connections", layers.connections)
        .field("saturates_first", layers.first().name())
}

fn database(figures: &DatabaseFigures) -> Object {
    let instance = |load: &InstanceLoad| {
        Object::new()
            .field("utilization", load.utilization)
            .field("storage_utilization", load.storage)
            .field("connections_in_use", load.connections.map(|connections| connections.in_use))
            .field("max_connections", load.connections.map(|connections| connections.limit))
            .field("refused", load.connections.map(|connections| connections.refused))
    };
    Object::new()
        .field("primary", instance(&figures.primary))
        .field("replica", figures.replica.as_ref().map(instance))
        .field("reads_on_replicas", figures.reads_on_replicas)
        .field("replica_apply_share", figures.apply_share)
        .field("stale_reads", figures.stale_reads)
        .field("storage_limit", figures.storage_limit.map(StorageLimit::name))
        .field("saturates_first", saturates_first(figures))
}

fn balancer(cost: &BalancerCost) -> Object {
    Object::new()
        .field("fixed_usd", cost.fixed.monthly_usd())
        .field("capacity_units", cost.unit_count)
        .field("billed_dimension", cost.dimension)
        .field("capacity_units_usd", cost.units.monthly_usd())
        .field("cross_zone_traffic_usd", cost.cross_zone.monthly_usd())
}

fn policies(comparison: &PolicyComparison) -> Object {
    let policy = |policy: &PolicyFigures| {
        Object::new()
            .field("routing", policy.routing.name())
            .field("planned", policy.planned == Planned::Yes)
            .field("mean", policy.mean)
            .field("p95", policy.p95)
            .field("p99", policy.p99)
            .field("p99_after_designed_loss", policy.p99_after_loss)
            .field("waiting_time", policy.waiting_time)
    };
    let policies: Vec<Object> = comparison.policies.iter().map(policy).collect();
    Object::new().field("tier", &comparison.name).field("policies", policies)
}

fn network(cost: &NetworkCost) -> Object {
    Object::new()
        .field("across_zones_monthly_cost_usd", cost.across_zones.monthly_usd())
        .field("nat_monthly_cost_usd", cost.nat.monthly_usd())
        .field("internet_monthly_cost_usd", cost.internet.monthly_usd())
        .field("monthly_cost_usd", cost.total().monthly_usd())
}

fn subnet(subnet: &SubnetAddresses) -> Object {
    Object::new()
        .field("subnet", subnet.placement.name())
        .field("prefix", subnet.prefix)
        .field("available", subnet.available)
        .field("needed", subnet.needed)
        .field("fits", subnet.fits())
}

fn response_times(evaluation: &Evaluation) -> Object {
    let classes = evaluation
        .classes
        .iter()
        .map(|class| Object::new().field("name", &class.name).field("share", class.share).and(times(&class.times)));
    times(&evaluation.overall).list("classes", classes)
}

/// The names of [`PERCENTILES`].
const PERCENTILE_NAMES: [&str; PERCENTILES.len()] = ["p50", "p90", "p95", "p99", "p99_9"];

fn times(times: &ResponseTimes) -> Object {
    let percentiles = PERCENTILE_NAMES.into_iter().zip(times.percentiles);
    percentiles.fold(Object::new().field("mean", times.mean), |object, (name, time)| object.field(name, time))
}
