use crate::evaluate::{Breakdown, FleetParts, Flow, Group, fleet_parts, zone_states};
use crate::model::{Deployment, Fleet, FleetRole, Reliability, Resource, System};
use capplan_queueing::availability::{
    Importance, RepairedGroup, Structure, WhileDown, ZoneState, conditional_unavailability, importance_measures,
    repaired_availability,
};
use capplan_queueing::units::{Probability, Seconds};

/// Causes of a smaller share of time are left out: a thirtieth of a microsecond a year.
const RARE: f64 = 1e-15;

/// What takes a system down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutageCause {
    /// The region.
    Region,
    /// So many zones at once that what is left of some tier cannot carry the load.
    Zones,
    /// A managed service, the tier of this index.
    Managed(usize),
    /// Too few instances of the tier of this index, in zones that are up.
    Instances(usize),
    /// A change of the primary of the tier of this index.
    Failover(usize),
}

/// One cause of outages.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OutageSource {
    /// What it is.
    pub cause: OutageCause,
    /// Share of time for which it takes the system down.
    pub unavailability: f64,
    /// Mean length of such an outage in seconds.
    pub mean_length: f64,
    /// Outages per second.
    pub rate: f64,
    /// How much the system hangs on it.
    pub importance: Importance,
}

/// The outages of a system.
#[derive(Debug, Clone, PartialEq)]
pub struct Outages {
    /// By cause, the one with the most downtime first.
    pub sources: Vec<OutageSource>,
    /// What an outage is taken to last of which the model has only the share of time, in seconds.
    pub assumed_length: f64,
}

/// A cause before its importance is known.
struct Found {
    cause: OutageCause,
    unavailability: f64,
    mean_length: f64,
}

/// Lists what takes a system down, how often, for how long, and how much the system hangs on it.
///
/// # Formula
///
/// With `U_i` the share of time of cause `i` and `d_i` its mean length it takes the system down `U_i/d_i` times a second.
///
/// # Method
///
/// Zones: the states in which fewer instances are left of some tier than it needs, their length that of `k` of `z` zones
/// with repair. Instances: the other states, by state the length of `k` of `n` with repair. Failovers last what the model
/// says. Of the region and of managed services the model has the share of time alone: their outages are taken to last as
/// long as those of a zone. Importance is that of a series of the causes.
///
/// # Accuracy
///
/// The causes as a series are the whole of [`system_availability`](crate::evaluate::system_availability()) but for tiers that
/// lose instances in the same state of the zones, which is of second order in their shares.
///
/// # Errors
///
/// [`Breakdown::Unsolved`] for a number of zones that the model cannot take.
pub(super) fn outages(system: &System, deployment: &Deployment, flows: &[Flow]) -> Result<Outages, Breakdown> {
    let causes = causes(system, deployment, flows)?;
    let mut sources = sources(&causes).map_err(|error| Breakdown::unsolved(system.name(), error))?;
    sources.sort_by(|one, other| other.unavailability.total_cmp(&one.unavailability));
    Ok(Outages { sources, assumed_length: system.region().zone.mttr() })
}

/// The causes with their importance; empty if one has no length: the model says neither how often it comes nor for how long.
fn sources(causes: &[Found]) -> Result<Vec<OutageSource>, capplan_queueing::Error> {
    if causes.is_empty() || causes.iter().any(|cause| cause.mean_length <= 0.0) {
        return Ok(Vec::new());
    }
    let component = |(index, cause): (usize, &Found)| {
        let unavailability = Probability::new(cause.unavailability)?;
        Ok(Structure::Component { name: index.to_string(), unavailability })
    };
    let series = causes.iter().enumerate().map(component).collect::<Result<Vec<_>, capplan_queueing::Error>>()?;
    let measures = importance_measures(&Structure::Series(series))?;
    let source = |(index, cause): (usize, &Found)| {
        let Found { cause, unavailability, mean_length } = *cause;
        // The formula has a measure for each component.
        let importance = *measures.get(&index.to_string())?;
        Some(OutageSource { cause, unavailability, mean_length, rate: unavailability / mean_length, importance })
    };
    Ok(causes.iter().enumerate().filter_map(source).collect())
}

/// A tier with instances.
struct Part<'a> {
    tier: usize,
    fleet: &'a Fleet,
    needs: FleetParts,
}

fn causes(system: &System, deployment: &Deployment, flows: &[Flow]) -> Result<Vec<Found>, Breakdown> {
    let region = system.region();
    let states = zone_states(system)?;
    let assumed = region.zone.mttr();
    let mut causes = vec![Found {
        cause: OutageCause::Region,
        unavailability: 1.0 - region.availability.get(),
        mean_length: assumed,
    }];
    let mut parts = Vec::new();
    for (tier, part) in system.tiers().iter().enumerate() {
        match (&part.resource, deployment.choices[tier]) {
            (Resource::Managed(managed), _) => causes.push(Found {
                cause: OutageCause::Managed(tier),
                unavailability: 1.0 - managed.availability.get(),
                mean_length: assumed,
            }),
            (Resource::Fleet(fleet), Some(choice)) => {
                let needs = fleet_parts(system, fleet, choice, flows[tier]);
                parts.push(Part { tier, fleet, needs });
            }
            (Resource::Fleet(_), None) => {}
        }
    }
    let too_few = |state: ZoneState| {
        let short = |group: &Group| state.instances_left(&group.spread) < group.needed;
        parts.iter().any(|part| part.needs.groups.iter().any(short))
    };
    let (lost, kept): (Vec<_>, Vec<_>) = states.iter().partition(|(state, _)| too_few(*state));
    // The fewest zones whose loss is too much.
    let most_up = lost.iter().map(|(state, _)| state.zones_up()).max();
    let zones = most_up.map(|most_up| zone_outage(region.zones, most_up, region.zone)).transpose();
    let zones = zones.map_err(|error| Breakdown::unsolved(system.name(), error))?;
    if let Some(length) = zones.flatten() {
        let unavailability = lost.iter().map(|(_, probability)| probability).sum();
        causes.push(Found { cause: OutageCause::Zones, unavailability, mean_length: length });
    }
    let carried: f64 = kept.iter().map(|(_, probability)| probability).sum();
    for part in &parts {
        let (mut down, mut weighed) = (0.0, 0.0);
        for group in &part.needs.groups {
            for &(state, probability) in &kept {
                let found = group_outage(part.fleet, group, state);
                let found = found.map_err(|error| Breakdown::unsolved(&system.tiers()[part.tier].name, error))?;
                let (share, length) = found.unwrap_or((0.0, 0.0));
                down += probability / carried * share;
                weighed += probability / carried * share * length;
            }
        }
        if down > 0.0 {
            let cause = OutageCause::Instances(part.tier);
            causes.push(Found { cause, unavailability: down, mean_length: weighed / down });
        }
        if let FleetRole::Database(role) = &part.fleet.role {
            causes.push(Found {
                cause: OutageCause::Failover(part.tier),
                unavailability: part.needs.failover,
                mean_length: role.failover_time.get(),
            });
        }
    }
    causes.retain(|cause| cause.unavailability >= RARE);
    Ok(causes)
}

/// Mean length of an outage that begins when only `most_up` zones are left; `None` if all zones up are too few.
fn zone_outage(zones: u32, most_up: u32, zone: Reliability) -> Result<Option<f64>, capplan_queueing::Error> {
    let needed = u64::from(most_up) + 1;
    if needed > u64::from(zones) { Ok(None) } else { repaired(u64::from(zones), needed, zone) }
}

/// Share of time down of a group in a state of the zones, and the mean length of an outage; `None` if it is never down.
fn group_outage(fleet: &Fleet, group: &Group, state: ZoneState) -> Result<Option<(f64, f64)>, capplan_queueing::Error> {
    let instance = Probability::new(fleet.instance.unavailability())?;
    let share = conditional_unavailability(&group.spread, state, group.needed, instance);
    if share == 0.0 {
        return Ok(None);
    }
    let length = repaired(state.instances_left(&group.spread), group.needed, fleet.instance)?;
    Ok(length.map(|length| (share, length)))
}

/// Mean length of an outage of `needed` of `count` parts, each of which is repaired at once; `None` if repairs take no time
/// or no repair ends the outage.
fn repaired(count: u64, needed: u64, part: Reliability) -> Result<Option<f64>, capplan_queueing::Error> {
    if part.mttr() == 0.0 {
        return Ok(None);
    }
    let group = RepairedGroup {
        instances: count,
        needed,
        mttf: Seconds::new(part.mtbf())?,
        mttr: Seconds::new(part.mttr())?,
        crews: count,
        dormancy: 1.0,
        while_down: WhileDown::Failing,
    };
    Ok(Some(repaired_availability(&group)?.mean_outage).filter(|length| length.is_finite()))
}
