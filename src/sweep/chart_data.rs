use rayon::prelude::*;

use crate::evaluate::{
    Condition, Evaluation, Prepared, evaluate_at, system_availability, tier_price, tier_unavailability, users_at,
    zone_states,
};
use crate::model::{Choice, Deployment};
use crate::plan::{FrontierPoint, HitRatioGroup, frontier, saturation_rate};

use super::Point;
use crate::review::Review;

/// Points of a curve over the load.
const LOAD_SAMPLES: u32 = 48;

/// Points of a frontier.
const FRONTIER_SAMPLES: u32 = 10;

/// A deployment under a rising load.
#[derive(Debug, Clone)]
pub struct LoadCurve {
    /// Samples, the load rising.
    pub samples: Vec<LoadSample>,
}

/// A deployment under one load.
#[derive(Debug, Clone)]
pub struct LoadSample {
    /// Requests per second.
    pub arrival_rate: f64,
    /// Users who offer them; `None` for an open workload.
    pub users: Option<f64>,
    /// With nothing lost; `None` where it is overloaded.
    pub normal: Option<Evaluation>,
    /// After the loss designed for; `None` where it is overloaded.
    pub design_loss: Option<Evaluation>,
}

/// Evaluates a deployment from a twentieth of the planned load to its saturation.
pub fn load_curve(prepared: &Prepared<'_>, deployment: &Deployment, planned_rate: f64) -> LoadCurve {
    let saturation = saturation_rate(prepared, deployment, Condition::AllUp).ok().flatten();
    let top = saturation.map_or(3.0 * planned_rate, |rate| rate.min(3.0 * planned_rate));
    let first = 0.05 * planned_rate.min(top);
    let samples = (0..LOAD_SAMPLES)
        .into_par_iter()
        .map(|step| {
            // Denser towards the end, where the curves bend.
            let share = 1.0 - (1.0 - f64::from(step) / f64::from(LOAD_SAMPLES - 1)).powf(1.4);
            let arrival_rate = first + (0.998 * top - first) * share;
            let normal = evaluate_at(prepared, deployment, arrival_rate, Condition::AllUp).ok();
            let design_loss = evaluate_at(prepared, deployment, arrival_rate, Condition::DesignLoss).ok();
            let users =
                normal.as_ref().and_then(|evaluation| users_at(prepared.system, arrival_rate, evaluation.overall.mean));
            LoadSample { arrival_rate, users, normal, design_loss }
        })
        .collect();
    LoadCurve { samples }
}

/// Cheapest deployments for a range of limits on a percentile around the objective, each once, fastest first.
pub fn frontier_points(
    prepared: &Prepared<'_>,
    arrival_rate: f64,
    percentile: f64,
    objective: f64,
) -> Vec<FrontierPoint> {
    let Ok(groups) = HitRatioGroup::all(prepared, arrival_rate) else { return Vec::new() };
    let mut points: Vec<FrontierPoint> = (0..FRONTIER_SAMPLES)
        .into_par_iter()
        .filter_map(|step| {
            let limit = objective * 0.2 * 10_f64.powf(f64::from(step) / f64::from(FRONTIER_SAMPLES - 1));
            frontier(prepared.system, &groups, arrival_rate, percentile, limit).ok().flatten()
        })
        .collect();
    points.dedup_by(|one, other| one.found.deployment == other.found.deployment);
    points
}

/// Availability of a tier and of the whole over the tier's count.
#[derive(Debug, Clone)]
pub struct AvailabilityCurve {
    /// Index of the tier.
    pub tier: usize,
    /// The planned count.
    pub planned: u32,
    /// Count, unavailability of the tier, unavailability of the whole.
    pub points: Vec<(u32, f64, f64)>,
}

/// The curves of all tiers that have instances.
pub fn availability_curves(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    normal: &Evaluation,
) -> Vec<AvailabilityCurve> {
    let system = prepared.system;
    let hit_ratios = normal.tiers.iter().map(|tier| tier.hit_ratio).collect();
    let Ok(flows) = prepared.flows(normal.arrival_rate, &hit_ratios) else { return Vec::new() };
    let Ok(states) = zone_states(system) else { return Vec::new() };
    (0..system.tiers().len())
        .filter_map(|tier| {
            let part = &system.tiers()[tier];
            part.fleet()?;
            let planned = deployment.choices[tier]?;
            let last = planned.count.saturating_mul(2).max(planned.count.saturating_add(4));
            let points = (1..=last)
                .map(|count| {
                    let mut other = deployment.clone();
                    let choice = Choice { count, ..planned };
                    other.choices[tier] = Some(choice);
                    let (by_state, _) = tier_unavailability(system, &states, part, Some(choice), flows[tier]);
                    let own: f64 = states.iter().zip(&by_state).map(|((_, probability), u)| probability * u).sum();
                    let whole = system_availability(system, &other, &flows).map_or(1.0, |found| found.unavailability);
                    (count, own, whole)
                })
                .collect();
            Some(AvailabilityCurve { tier, planned: planned.count, points })
        })
        .collect()
}

/// Everything that the charts of a recommendation show.
#[derive(Debug, Clone)]
pub struct ChartData {
    /// Response times and utilizations over the load.
    pub load: LoadCurve,
    /// Cost against the response time: that after the loss designed for at the planned rate, the cost at the offered one.
    pub frontier: Vec<FrontierPoint>,
    /// Response time of the recommended plan at this percentile; `None` without a steady state.
    pub recommended_p99: Option<f64>,
    /// Availability over the counts.
    pub availability: Vec<AvailabilityCurve>,
}

/// The percentile of the frontier.
const FRONTIER_PERCENTILE: f64 = 0.99;

/// Computes the data of all charts of a recommendation.
///
/// The frontier is that of the 99th percentile of all requests, around its objective, or around twice the planned one
/// where it has none.
pub fn chart_data(prepared: &Prepared<'_>, plan: &Review, point: &Point) -> ChartData {
    let system = prepared.system;
    let limit = system
        .objectives()
        .response_times
        .iter()
        .find(|objective| objective.class.is_none() && objective.percentile == FRONTIER_PERCENTILE)
        .map_or(2.0 * plan.normal.overall.percentiles[3], |objective| objective.limit.get());
    let ((load, frontier), availability) = rayon::join(
        || {
            rayon::join(
                || load_curve(prepared, &plan.deployment, point.design_rate),
                || frontier_points(prepared, point.planned_rate, FRONTIER_PERCENTILE, limit),
            )
        },
        || availability_curves(prepared, &plan.deployment, &plan.normal),
    );
    // A plan is priced at the load that is offered, not at the headroom beyond it.
    let frontier = frontier
        .into_iter()
        .map(|point| {
            let choices = &point.found.deployment.choices;
            let tiers = system.tiers().iter().zip(choices).zip(&plan.normal.tiers);
            let price = tiers.map(|((tier, choice), figures)| tier_price(tier, *choice, figures.arrival_rate)).sum();
            FrontierPoint { price, ..point }
        })
        .collect();
    let recommended_p99 = evaluate_at(prepared, &plan.deployment, point.planned_rate, Condition::DesignLoss)
        .ok()
        .map(|evaluation| evaluation.overall.percentiles[3]);
    ChartData { load, frontier, recommended_p99, availability }
}
