use crate::evaluate::{
    Breakdown, Condition, Prepared, evaluate, evaluate_at, fleet_price, objective_shares, system_availability,
};
use crate::model::{Choice, Deployment};
use crate::plan::{Missed, Shortfall, missed_otherwise, missed_refusals, missed_response_times, missed_unsurvived};
use capplan_queueing::units::Price;

use super::survives;

/// What keeps a tier from being smaller.
#[derive(Debug, Clone, PartialEq)]
pub enum Binding {
    /// The model allows no fewer instances and no cheaper type.
    LeastAllowed,
    /// With one instance fewer the plan would miss this.
    Count(Shortfall),
    /// The model allows no fewer instances; with the next cheaper type the plan would miss this.
    Type {
        /// That type.
        instance_type: String,
        /// What would be missed.
        missed: Shortfall,
    },
}

/// Says what sets the size of a tier: the first promise that the deployment breaks with one instance fewer, or with the
/// next cheaper type where the model allows no fewer, at `planned_rate` requests per second.
///
/// Promises are tried in this order: the load and the response times after the loss designed for, availability, the
/// scenarios that must be survived. `None` for a tier without instances, and where a smaller one would do.
pub fn binding(prepared: &Prepared<'_>, deployment: &Deployment, tier: usize, planned_rate: f64) -> Option<Binding> {
    let system = prepared.system;
    let fleet = system.tiers().get(tier)?.fleet()?;
    let choice = (*deployment.choices.get(tier)?)?;
    let missed = |smaller: Choice| {
        let mut deployment = deployment.clone();
        *deployment.choices.get_mut(tier)? = Some(smaller);
        missed_after_loss(prepared, &deployment, planned_rate)
            .or_else(|| missed_availability(prepared, &deployment))
            .or_else(|| missed_unsurvived(system, survives(prepared, &deployment).err()?))
    };
    if choice.count > fleet.counts.min {
        return missed(Choice { count: choice.count - 1, ..choice }).map(Binding::Count);
    }
    let price = |instance_type: &usize| fleet_price(fleet, Choice { instance_type: *instance_type, ..choice });
    let cheaper = (0..fleet.types.len()).filter(|kind| price(kind) < price(&choice.instance_type));
    let Some(instance_type) = cheaper.max_by_key(price) else { return Some(Binding::LeastAllowed) };
    let name = fleet.types[instance_type].name.clone();
    missed(Choice { instance_type, ..choice }).map(|missed| Binding::Type { instance_type: name, missed })
}

fn missed_after_loss(prepared: &Prepared<'_>, deployment: &Deployment, planned_rate: f64) -> Option<Shortfall> {
    let system = prepared.system;
    match objective_shares(prepared, deployment, planned_rate, Condition::DesignLoss) {
        Ok(shares) => missed_response_times(system, &shares).into_iter().next().or_else(|| {
            let state = evaluate_at(prepared, deployment, planned_rate, Condition::DesignLoss).ok()?;
            missed_refusals(system, &state).into_iter().next()
        }),
        Err(Breakdown::Overloaded { tier, utilization }) => {
            Some(Shortfall { objective: Missed::Capacity { tier }, limit: 1.0, actual: utilization })
        }
        Err(Breakdown::Down { tier }) => {
            Some(Shortfall { objective: Missed::Survivors { tier }, limit: 1.0, actual: 0.0 })
        }
        Err(Breakdown::Unsolved { .. }) => None,
    }
}

fn missed_availability(prepared: &Prepared<'_>, deployment: &Deployment) -> Option<Shortfall> {
    let system = prepared.system;
    let normal = evaluate(prepared, deployment, Condition::AllUp).ok()?;
    let hit_ratios = normal.tiers.iter().map(|tier| tier.hit_ratio).collect();
    let flows = prepared.flows(normal.arrival_rate, &hit_ratios).ok()?;
    let unavailability = system_availability(system, deployment, &flows).ok()?.unavailability;
    // One instance fewer costs less.
    missed_otherwise(system, unavailability, Price::ZERO).into_iter().next()
}
