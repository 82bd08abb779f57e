use serde::Serialize;

use crate::evaluate::{Breakdown, Evaluation, ResponseTimes};
use crate::model::{PERCENTILES, Routing};
use crate::plan::{Shortfall, Status};
use crate::review::{PlannedTier, Recommendation};
use crate::sweep::Point;

use super::binding::binding_text;
use super::cache_section::{CacheJson, cache_json};
use super::database::{DatabaseJson, database_json};
use super::format::minutes_per_year;
use super::network::{NetworkJson, SubnetJson, network_json, subnet_json};
use super::promises_json::{PromisesJson, promises_json};
use super::routing_json::{BalancerJson, PoliciesJson, balancer_json, policies_json};
use super::verdict::rule_name;
use super::whatif::{ScenarioJson, scenario_summaries};

/// The answer of a sweep as `capplan.sweep/1`. Times are seconds, rates per second, money US dollars a month.
#[derive(Debug, Serialize)]
pub struct SweepJson {
    schema: &'static str,
    model: String,
    #[serde(flatten)]
    single: Option<PointJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    points: Vec<PointJson>,
    assumptions: Vec<String>,
    files: Vec<String>,
}

#[derive(Debug, Serialize)]
struct PointJson {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    variation: Vec<VariationJson>,
    users: Option<f64>,
    arrival_rate: f64,
    planned_arrival_rate: f64,
    grid: GridJson,
    recommendation: Option<RecommendationJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nearest: Option<NearestJson>,
}

#[derive(Debug, Serialize)]
struct VariationJson {
    key: String,
    value: String,
}

#[derive(Debug, Serialize)]
struct GridJson {
    points: u64,
    evaluated: u64,
    feasible: u64,
}

#[derive(Debug, Serialize)]
struct RecommendationJson {
    tiers: Vec<TierJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    policies: Vec<PoliciesJson>,
    response_time: TimesJson,
    response_time_zone_lost: Option<TimesJson>,
    response_time_after_designed_loss: Option<TimesJson>,
    zone_lost: String,
    tiers_zone_lost: Vec<StateTierJson>,
    max_users_zone_lost: Option<f64>,
    max_arrival_rate_zone_lost: Option<f64>,
    saturation_users_zone_lost: Option<f64>,
    availability: f64,
    unavailability: f64,
    downtime_minutes_per_year: f64,
    time_within_objectives: f64,
    time_outside_objectives: f64,
    requests_within_objectives: Vec<f64>,
    promises: PromisesJson,
    bottleneck: Option<String>,
    max_users: Option<f64>,
    max_arrival_rate: Option<f64>,
    saturation_users: Option<f64>,
    max_users_after_designed_loss: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<NetworkJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subnets: Vec<SubnetJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    caches: Vec<CacheJson>,
    monthly_cost_usd: f64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scenarios: Vec<ScenarioJson>,
}

#[derive(Debug, Serialize)]
struct TierJson {
    name: String,
    kind: &'static str,
    instance_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    routing: Option<&'static str>,
    instances: Option<u32>,
    standby: u32,
    per_zone: Vec<u32>,
    utilization: Option<f64>,
    utilization_zone_lost: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layers: Option<LayersJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    database: Option<DatabaseJson>,
    scale_out_at: Option<f64>,
    scale_in_at: Option<f64>,
    min_instances: Option<u32>,
    max_instances: Option<u32>,
    rule_of_thumb: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_set_by: Option<String>,
    arrival_rate: f64,
    visits: f64,
    wait_probability: f64,
    waiting_time: f64,
    waiting_time_shared_queue: Option<f64>,
    sojourn_time: f64,
    hit_ratio: Option<f64>,
    miss_rate: Option<f64>,
    unavailability: f64,
    method: &'static str,
    monthly_cost_usd: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    balancer: Option<BalancerJson>,
}

/// A tier in a state of the system.
#[derive(Debug, Serialize)]
struct StateTierJson {
    name: String,
    instances: Option<u32>,
    arrival_rate: f64,
    utilization: Option<f64>,
    wait_probability: f64,
    waiting_time: f64,
    sojourn_time: f64,
    hit_ratio: Option<f64>,
    miss_rate: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    database: Option<DatabaseJson>,
}

/// The arrival rate over the largest that each layer alone would carry.
#[derive(Debug, Serialize)]
struct LayersJson {
    servers: f64,
    workers: Option<f64>,
    connections: Option<f64>,
    saturates_first: &'static str,
}

#[derive(Debug, Serialize)]
struct TimesJson {
    mean: f64,
    p50: f64,
    p90: f64,
    p95: f64,
    p99: f64,
    p99_9: f64,
    classes: Vec<ClassJson>,
}

#[derive(Debug, Serialize)]
struct ClassJson {
    name: String,
    share: f64,
    mean: f64,
    p50: f64,
    p90: f64,
    p95: f64,
    p99: f64,
    p99_9: f64,
}

#[derive(Debug, Serialize)]
struct NearestJson {
    tiers: Vec<NearestTierJson>,
    fails: Vec<ShortfallJson>,
    monthly_cost_usd: f64,
}

#[derive(Debug, Serialize)]
struct NearestTierJson {
    name: String,
    instance_type: String,
    instances: u32,
}

#[derive(Debug, Serialize)]
struct ShortfallJson {
    objective: String,
    limit: f64,
    actual: f64,
}

/// Makes the answer of one or several points.
pub fn sweep_json(points: &[Point], assumptions: &[String], files: &[String]) -> SweepJson {
    let mut answers: Vec<PointJson> = points.iter().map(point_json).collect();
    let single = if answers.len() == 1 { answers.pop() } else { None };
    SweepJson {
        schema: "capplan.sweep/1",
        model: points.first().map_or_else(String::new, |point| point.system.name().to_owned()),
        single,
        points: answers,
        assumptions: assumptions.to_vec(),
        files: files.to_vec(),
    }
}

fn point_json(point: &Point) -> PointJson {
    let feasible = point.outcome.evaluated.iter().filter(|candidate| candidate.status == Status::Feasible).count();
    PointJson {
        variation: point
            .variation
            .iter()
            .map(|(key, value)| VariationJson { key: key.clone(), value: value.clone() })
            .collect(),
        users: point.users,
        arrival_rate: point.recommendation.as_ref().map_or(point.design_rate, |plan| plan.normal.arrival_rate),
        planned_arrival_rate: point.planned_rate,
        grid: GridJson {
            points: point.outcome.points,
            evaluated: point.outcome.evaluated.len() as u64,
            feasible: feasible as u64,
        },
        recommendation: point.recommendation.as_ref().map(recommendation_json),
        nearest: point.outcome.nearest.as_ref().map(|nearest| NearestJson {
            tiers: point
                .system
                .tiers()
                .iter()
                .zip(&nearest.found.deployment.choices)
                .filter_map(|(tier, choice)| {
                    let (fleet, choice) = (tier.fleet()?, (*choice)?);
                    Some(NearestTierJson {
                        name: tier.name.clone(),
                        instance_type: fleet.types[choice.instance_type].name.clone(),
                        instances: choice.count,
                    })
                })
                .collect(),
            fails: nearest.shortfalls.iter().map(shortfall_json).collect(),
            monthly_cost_usd: nearest.found.candidate.price.monthly_usd(),
        }),
    }
}

fn shortfall_json(missed: &Shortfall) -> ShortfallJson {
    ShortfallJson { objective: missed.objective.to_string(), limit: missed.limit, actual: missed.actual }
}

fn recommendation_json(plan: &Recommendation) -> RecommendationJson {
    RecommendationJson {
        tiers: plan.tiers.iter().enumerate().map(|(index, tier)| tier_json(plan, index, tier)).collect(),
        policies: plan.policies.iter().map(policies_json).collect(),
        response_time: evaluation_times(&plan.normal),
        response_time_zone_lost: plan.zone_lost.as_ref().ok().map(evaluation_times),
        response_time_after_designed_loss: plan.design_loss.as_ref().ok().map(evaluation_times),
        zone_lost: outcome_text(&plan.zone_lost),
        tiers_zone_lost: plan.zone_lost.as_ref().map_or_else(|_| Vec::new(), state_tiers),
        max_users_zone_lost: plan.limits_zone_lost.and_then(|limits| limits.max_users),
        max_arrival_rate_zone_lost: plan.limits_zone_lost.and_then(|limits| limits.max_arrival_rate),
        saturation_users_zone_lost: plan.limits_zone_lost.and_then(|limits| limits.saturation_users),
        availability: 1.0 - plan.availability.unavailability,
        unavailability: plan.availability.unavailability,
        downtime_minutes_per_year: minutes_per_year(plan.availability.unavailability),
        time_within_objectives: 1.0 - plan.performability.time_outside,
        time_outside_objectives: plan.performability.time_outside,
        requests_within_objectives: plan.performability.requests_within.clone(),
        promises: promises_json(plan),
        bottleneck: plan.normal.bottleneck.map(|tier| plan.normal.tiers[tier].name.clone()),
        max_users: plan.limits.max_users,
        max_arrival_rate: plan.limits.max_arrival_rate,
        saturation_users: plan.limits.saturation_users,
        max_users_after_designed_loss: plan.limits_after_loss.and_then(|limits| limits.max_users),
        network: plan.network.as_ref().map(network_json),
        subnets: plan.subnets.iter().map(subnet_json).collect(),
        caches: cache_json(&plan.caches),
        monthly_cost_usd: plan.price.monthly_usd(),
        scenarios: scenario_summaries(&plan.scenarios),
    }
}

fn state_tiers(evaluation: &Evaluation) -> Vec<StateTierJson> {
    evaluation
        .tiers
        .iter()
        .map(|figures| StateTierJson {
            name: figures.name.clone(),
            instances: figures.instances,
            arrival_rate: figures.arrival_rate,
            utilization: figures.utilization,
            wait_probability: figures.wait_probability,
            waiting_time: figures.waiting_time,
            sojourn_time: figures.sojourn_time,
            hit_ratio: figures.hit_ratio,
            miss_rate: figures.miss_rate,
            database: figures.database.as_ref().map(database_json),
        })
        .collect()
}

fn outcome_text(outcome: &Result<Evaluation, Breakdown>) -> String {
    outcome.as_ref().map_or_else(ToString::to_string, |_| "serves".to_owned())
}

fn tier_json(plan: &Recommendation, index: usize, tier: &PlannedTier) -> TierJson {
    let figures = &plan.normal.tiers[index];
    let thresholds = tier.thresholds.as_ref();
    TierJson {
        name: tier.name.clone(),
        kind: tier.kind.name(),
        instance_type: tier.instance_type.clone(),
        routing: tier.routing.map(Routing::name),
        instances: tier.instances,
        standby: tier.standby,
        per_zone: tier.per_zone.clone(),
        utilization: tier.utilization,
        utilization_zone_lost: tier.utilization_zone_lost,
        layers: figures.layers.map(|layers| LayersJson {
            servers: layers.servers,
            workers: layers.workers,
            connections: layers.connections,
            saturates_first: layers.first().name(),
        }),
        database: figures.database.as_ref().map(database_json),
        scale_out_at: thresholds.and_then(|found| found.scale_out_at),
        scale_in_at: thresholds.and_then(|found| found.scale_in_at),
        min_instances: thresholds.and_then(|found| found.min_count),
        max_instances: thresholds.and_then(|found| found.max_count),
        rule_of_thumb: thresholds.map(|found| rule_name(&found.rule)),
        size_set_by: binding_text(tier),
        arrival_rate: figures.arrival_rate,
        visits: figures.visits,
        wait_probability: figures.wait_probability,
        waiting_time: figures.waiting_time,
        waiting_time_shared_queue: figures.pooled_waiting_time,
        sojourn_time: figures.sojourn_time,
        hit_ratio: figures.hit_ratio,
        miss_rate: figures.miss_rate,
        unavailability: plan.availability.tiers[index].unavailability,
        method: figures.method.name(),
        monthly_cost_usd: tier.price.monthly_usd(),
        balancer: tier.balancer_cost.as_ref().map(balancer_json),
    }
}

const _: () = assert!(PERCENTILES.len() == 5, "the fields below name five percentiles");

fn evaluation_times(evaluation: &Evaluation) -> TimesJson {
    let [p50, p90, p95, p99, p99_9] = evaluation.overall.percentiles;
    TimesJson {
        mean: evaluation.overall.mean,
        p50,
        p90,
        p95,
        p99,
        p99_9,
        classes: evaluation.classes.iter().map(|class| class_json(&class.name, class.share, &class.times)).collect(),
    }
}

fn class_json(name: &str, share: f64, times: &ResponseTimes) -> ClassJson {
    let [p50, p90, p95, p99, p99_9] = times.percentiles;
    ClassJson { name: name.to_owned(), share, mean: times.mean, p50, p90, p95, p99, p99_9 }
}

/// The answer of `capplan evaluate` as `capplan.evaluate/1`.
#[derive(Debug, Serialize)]
pub struct EvaluateJson {
    schema: &'static str,
    model: String,
    users: Option<f64>,
    arrival_rate: f64,
    evaluation: RecommendationJson,
    missed: Vec<ShortfallJson>,
    missed_after_designed_loss: Vec<ShortfallJson>,
    assumptions: Vec<String>,
}

/// Makes the answer for one deployment.
pub fn evaluate_json(model: &str, users: Option<f64>, plan: &Recommendation, assumptions: &[String]) -> EvaluateJson {
    EvaluateJson {
        schema: "capplan.evaluate/1",
        model: model.to_owned(),
        users,
        arrival_rate: plan.normal.arrival_rate,
        evaluation: recommendation_json(plan),
        missed: plan.missed.iter().map(shortfall_json).collect(),
        missed_after_designed_loss: plan.missed_after_loss.iter().map(shortfall_json).collect(),
        assumptions: assumptions.to_vec(),
    }
}

/// The answer of `capplan evaluate` for a system without a steady state.
#[derive(Debug, Serialize)]
pub struct BreakdownJson {
    schema: &'static str,
    model: String,
    users: Option<f64>,
    evaluation: Option<()>,
    reason: String,
}

/// Makes the answer for a system that breaks down.
pub fn breakdown_json(model: &str, users: Option<f64>, breakdown: &Breakdown) -> BreakdownJson {
    BreakdownJson {
        schema: "capplan.evaluate/1",
        model: model.to_owned(),
        users,
        evaluation: None,
        reason: breakdown.to_string(),
    }
}
