use crate::model::{Choice, Deployment, Fleet, FleetRole, Resource, Standby, System, Tier};
use capplan_queueing::availability::{ZoneStates, conditional_unavailability};
use capplan_queueing::units::Probability;

use super::busiest::least_instances;
use super::database::{carries_alone, least_replicas};
use super::{Breakdown, Flow, per_zone};

/// Availability of a tier.
#[derive(Debug, Clone, PartialEq)]
pub struct TierAvailability {
    /// Share of time down.
    pub unavailability: f64,
    /// Instances that must be up to carry the load, of those that serve.
    pub needed: Option<u64>,
}

/// Availability of every tier and of the whole.
#[derive(Debug, Clone, PartialEq)]
pub struct SystemAvailability {
    /// By tier.
    pub tiers: Vec<TierAvailability>,
    /// Share of time in which at least one tier or the region is down.
    pub unavailability: f64,
}

/// `1 − Π (1 − u)`, computed without cancellation: exact to the last digits for small `u`.
pub fn combined(unavailabilities: impl IntoIterator<Item = f64>) -> f64 {
    unavailabilities.into_iter().fold(0.0, |total, u| total + u * (1.0 - total))
}

/// Returns the probability that a tier cannot carry its load, for each state of the zones.
///
/// A fleet is up when enough of its instances are up to keep utilization below 1. A database also needs something
/// that takes writes, and is down for the failover time each time that its primary fails. Managed services are
/// independent of the zones.
///
/// # Method
///
/// Instances fail independently within the zones that are up: binomial, exact. The outages of a failover are counted
/// as their rate times their length.
pub fn tier_unavailability(
    system: &System,
    states: &ZoneStates,
    tier: &Tier,
    choice: Option<Choice>,
    flow: Flow,
) -> (Vec<f64>, Option<u64>) {
    match (&tier.resource, choice) {
        (Resource::Managed(managed), _) => (states.iter().map(|_| 1.0 - managed.availability.get()).collect(), None),
        (Resource::Fleet(_), None) => (states.iter().map(|_| 1.0).collect(), None),
        (Resource::Fleet(fleet), Some(choice)) => {
            let parts = fleet_parts(system, fleet, choice, flow);
            let instance = Probability::new(fleet.instance.unavailability());
            let by_state = states.iter().map(|(state, _)| {
                let groups = parts.groups.iter().map(|group| {
                    instance.as_ref().map_or(1.0, |instance| {
                        conditional_unavailability(&group.spread, state, group.needed, *instance)
                    })
                });
                combined(groups.chain([parts.failover]))
            });
            (by_state.collect(), Some(parts.needed))
        }
    }
}

/// The instances that a fleet needs to serve its load.
pub(crate) struct FleetParts {
    /// Groups of instances, all of which are needed.
    pub groups: Vec<Group>,
    /// Share of time in which a primary is being replaced.
    pub failover: f64,
    /// Instances that must be up to carry the load, of those that serve.
    pub needed: u64,
}

/// Equal instances of which at least a number must be up.
pub(crate) struct Group {
    /// Instances in each zone.
    pub spread: Vec<u64>,
    /// Least number that must be up.
    pub needed: u64,
}

/// Lists what a fleet needs to serve.
pub(crate) fn fleet_parts(system: &System, fleet: &Fleet, choice: Choice, flow: Flow) -> FleetParts {
    let zones = system.region().zones;
    let FleetRole::Database(role) = &fleet.role else {
        let needed = least_instances(fleet, choice, flow.reads);
        let groups = vec![Group { spread: spread(choice.count, zones, 0), needed }];
        return FleetParts { groups, failover: 0.0, needed };
    };
    let replicas = choice.count.saturating_sub(1);
    // With reads and writes on the primary alone one instance is enough, if it carries both.
    let alone = carries_alone(fleet, role, choice, flow);
    let needed = if alone { 0 } else { least_replicas(fleet, role, choice, flow) };
    let groups = match role.standby {
        Standby::Synchronous => {
            vec![Group { spread: spread(2, zones, 0), needed: 1 }, Group { spread: spread(replicas, zones, 2), needed }]
        }
        Standby::None => vec![Group { spread: spread(choice.count, zones, 0), needed: needed.saturating_add(1) }],
    };
    FleetParts { groups, failover: failover_unavailability(system, fleet, choice), needed }
}

/// Share of time in which a database has no primary because it is being replaced; 0 for other fleets, and where nothing
/// can take its place.
pub(crate) fn failover_unavailability(system: &System, fleet: &Fleet, choice: Choice) -> f64 {
    let FleetRole::Database(role) = &fleet.role else { return 0.0 };
    if role.standby == Standby::None && choice.count <= 1 {
        return 0.0;
    }
    let rate = 1.0 / fleet.instance.mtbf() + 1.0 / system.region().zone.mtbf();
    (rate * role.failover_time.get()).min(1.0)
}

/// Instances in each zone, the first extra one in zone `first`.
pub(crate) fn spread(count: u32, zones: u32, first: u32) -> Vec<u64> {
    let even = per_zone(count, zones);
    (0..zones).map(|zone| u64::from(even[((zone + zones - first % zones) % zones) as usize])).collect()
}

/// Returns the availability of every tier and of the whole: a series of tiers that share the zones.
///
/// # Formula
///
/// ```text
/// U = 1 − A_region·Σ_z P(z)·Π_tiers (1 − u_tier(z))
/// ```
///
/// over the states `z` of the zones, each of which fails as one.
///
/// # Errors
///
/// [`Breakdown::Unsolved`] for a number of zones that the model cannot take.
pub fn system_availability(
    system: &System,
    deployment: &Deployment,
    flows: &[Flow],
) -> Result<SystemAvailability, Breakdown> {
    let states = zone_states(system)?;
    let mut whole = vec![0.0; states.iter().count()];
    let tiers = system
        .tiers()
        .iter()
        .enumerate()
        .map(|(index, tier)| {
            let (by_state, needed) =
                tier_unavailability(system, &states, tier, deployment.choices[index], flows[index]);
            for (total, &u) in whole.iter_mut().zip(&by_state) {
                *total = combined([*total, u]);
            }
            let unavailability = states.iter().zip(&by_state).map(|((_, probability), u)| probability * u).sum();
            TierAvailability { unavailability, needed }
        })
        .collect();
    let zonal: f64 = states.iter().zip(&whole).map(|((_, probability), u)| probability * u).sum();
    let unavailability = combined([zonal, 1.0 - system.region().availability.get()]);
    Ok(SystemAvailability { tiers, unavailability })
}

/// The states of the system's zones.
///
/// # Errors
///
/// [`Breakdown::Unsolved`] for a number of zones that the model cannot take.
pub fn zone_states(system: &System) -> Result<ZoneStates, Breakdown> {
    let region = system.region();
    let down =
        Probability::new(region.zone.unavailability()).map_err(|error| Breakdown::unsolved(&region.name, error))?;
    ZoneStates::new(region.zones as usize, down).map_err(|error| Breakdown::unsolved(&region.name, error))
}
