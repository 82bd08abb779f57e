use serde::Serialize;

use crate::evaluate::BalancerCost;
use crate::review::{Planned, PolicyComparison};

/// The ways of routing of a tier. Times in seconds.
#[derive(Debug, Serialize)]
pub(super) struct PoliciesJson {
    tier: String,
    policies: Vec<PolicyJson>,
}

#[derive(Debug, Serialize)]
struct PolicyJson {
    routing: &'static str,
    planned: bool,
    mean: f64,
    p95: f64,
    p99: f64,
    p99_after_designed_loss: Option<f64>,
    waiting_time: f64,
}

pub(super) fn policies_json(comparison: &PolicyComparison) -> PoliciesJson {
    let policies = comparison.policies.iter().map(|policy| PolicyJson {
        routing: policy.routing.name(),
        planned: policy.planned == Planned::Yes,
        mean: policy.mean,
        p95: policy.p95,
        p99: policy.p99,
        p99_after_designed_loss: policy.p99_after_loss,
        waiting_time: policy.waiting_time,
    });
    PoliciesJson { tier: comparison.name.clone(), policies: policies.collect() }
}

/// What a load balancer costs a month, by what is billed.
#[derive(Debug, Serialize)]
pub(super) struct BalancerJson {
    fixed_usd: f64,
    capacity_units: f64,
    billed_dimension: &'static str,
    capacity_units_usd: f64,
    cross_zone_traffic_usd: f64,
}

pub(super) fn balancer_json(cost: &BalancerCost) -> BalancerJson {
    BalancerJson {
        fixed_usd: cost.fixed.monthly_usd(),
        capacity_units: cost.unit_count,
        billed_dimension: cost.dimension,
        capacity_units_usd: cost.units.monthly_usd(),
        cross_zone_traffic_usd: cost.cross_zone.monthly_usd(),
    }
}
