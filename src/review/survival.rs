use rayon::prelude::*;

use crate::evaluate::{Breakdown, Prepared, performability};
use crate::model::{Choice, Deployment, Fleet, FleetRole, ROUTINGS};
use crate::plan::{Outcome, Survival, Unsurvived, search, search_surviving};
use capplan_queueing::queues::RoutingPolicy;

use super::scenarios::{ScenarioError, ScenarioEvaluator};

/// Finds the cheapest deployment at an arrival rate that keeps the objectives and the share of time within them, and
/// survives every scenario that the model names as must-survive.
///
/// Scenarios and failures are evaluated at the load of the workload, without the headroom.
///
/// # Errors
///
/// As [`search`].
pub fn search_plan(prepared: &Prepared<'_>, arrival_rate: f64) -> Result<Outcome, Breakdown> {
    let demands_scenario = prepared.system.scenarios().iter().any(|scenario| scenario.must_survive);
    if !demands_scenario && prepared.system.objectives().time_within.is_none() {
        return search(prepared, arrival_rate);
    }
    let check = |deployment: &Deployment| survives(prepared, deployment);
    search_surviving(prepared, arrival_rate, &Survival { least: least_counts(prepared), check: &check })
}

/// Checks a deployment against failures of instances and zones, where a share of time within the objectives is promised, and
/// then against the scenarios that it must survive.
///
/// # Errors
///
/// The first that it does not survive.
pub fn survives(prepared: &Prepared<'_>, deployment: &Deployment) -> Result<(), Unsurvived> {
    if let Some(wanted) = prepared.system.objectives().time_within {
        let outside = match performability(prepared, deployment) {
            Ok(found) => found.time_outside,
            // A deployment without a steady state is always outside; one without an answer cannot be promised.
            Err(Breakdown::Overloaded { .. } | Breakdown::Down { .. } | Breakdown::Unsolved { .. }) => 1.0,
        };
        if 1.0 - outside < wanted.get() {
            return Err(Unsurvived::TimeWithin { outside });
        }
    }
    let mut demanded =
        prepared.system.scenarios().iter().enumerate().filter(|(_, scenario)| scenario.must_survive).peekable();
    let Some(&(first, _)) = demanded.peek() else { return Ok(()) };
    let unsurvived = |scenario, missed_time| Err(Unsurvived::Scenario { scenario, missed_time });
    let Ok(evaluator) = ScenarioEvaluator::new(prepared, deployment) else { return unsurvived(first, None) };
    for (index, scenario) in demanded {
        match evaluator.impact(scenario) {
            Ok(impact) if !impact.survives => return unsurvived(index, impact.missed_time),
            Ok(_) | Err(ScenarioError::NoTarget(_)) => {}
            Err(_) => return unsurvived(index, None),
        }
    }
    Ok(())
}

/// The least count of every type of every tier that survives when all other tiers have their strongest choice; one more
/// than the largest count where none does.
fn least_counts(prepared: &Prepared<'_>) -> Vec<Vec<u32>> {
    let tiers = prepared.system.tiers();
    let strongest = Deployment { choices: tiers.iter().map(|tier| tier.fleet().and_then(strongest_choice)).collect() };
    let searched: Vec<(usize, usize)> = tiers
        .iter()
        .enumerate()
        .flat_map(|(tier, part)| (0..part.fleet().map_or(0, |fleet| fleet.types.len())).map(move |kind| (tier, kind)))
        .collect();
    let least: Vec<u32> = searched
        .par_iter()
        .map(|&(tier, instance_type)| {
            let Some(fleet) = tiers[tier].fleet() else { return 0 };
            let survives_with = |count: u32| {
                let mut deployment = strongest.clone();
                deployment.choices[tier] = Some(Choice { instance_type, count, routing: best_routing(fleet) });
                survives(prepared, &deployment).is_ok()
            };
            let (mut low, mut high) = (fleet.counts.min, fleet.counts.max.saturating_add(1));
            while low < high {
                let middle = low + (high - low) / 2;
                if survives_with(middle) { high = middle } else { low = middle + 1 }
            }
            low
        })
        .collect();
    let mut by_tier = vec![Vec::new(); tiers.len()];
    for ((tier, _), least) in searched.into_iter().zip(least) {
        by_tier[tier].push(least);
    }
    by_tier
}

/// The choice of a fleet with the most memory (caches) or the most work (others); the fastest of equals.
fn strongest_choice(fleet: &Fleet) -> Option<Choice> {
    let strength = |instance_type: usize| {
        let kind = &fleet.types[instance_type];
        let work = kind.speed * kind.servers.get() as f64;
        match &fleet.role {
            FleetRole::Cache(cache) => (cache.data_memory(instance_type, kind.memory, fleet.counts.max), work),
            FleetRole::Service | FleetRole::Database(_) => (work, kind.speed),
        }
    };
    let stronger = |one: &usize, other: &usize| {
        let (one, other) = (strength(*one), strength(*other));
        one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1))
    };
    let instance_type = (0..fleet.types.len()).max_by(stronger)?;
    Some(Choice { instance_type, count: fleet.counts.max, routing: best_routing(fleet) })
}

/// The routing with the shortest wait.
fn best_routing(fleet: &Fleet) -> RoutingPolicy {
    let best = ROUTINGS.into_iter().find(|routing| fleet.routings.contains(routing));
    best.unwrap_or(RoutingPolicy::Random)
}
