use crate::model::{Choice, Fleet, FleetRole, Managed, Resource, Tier};
use capplan_queueing::queues::{RoutingPolicy, ServiceLaw, VisitLaw};

use super::busiest::{Busiest, least_with_sessions};
use super::database::DatabaseStations;
use super::station::{Station, method};
use super::{Breakdown, DatabaseFigures, LayerLoads, Method, Survivors};

/// The laws of a visit to a tier.
#[derive(Debug, Clone, PartialEq)]
pub struct TierLaws {
    /// A visit that any instance can serve.
    pub read: VisitLaw,
    /// A visit that only the primary of a database can serve; equal to `read` elsewhere.
    pub write: VisitLaw,
}

/// A tier under a flow.
#[derive(Debug, Clone, PartialEq)]
pub struct TierState {
    /// How long visits take.
    pub laws: TierLaws,
    /// Busy share of the busiest servers; `None` where nothing queues.
    pub utilization: Option<f64>,
    /// Mean wait of a visit, read or write, if all servers that share the load had one queue.
    pub pooled_waiting_time: Option<f64>,
    /// Servers that serve reads.
    pub servers: Option<u64>,
    /// How near its layers are to their ends; `None` where workers and connections are not limited.
    pub layers: Option<LayerLoads>,
    /// Primary and replicas of a database; `None` elsewhere.
    pub database: Option<DatabaseFigures>,
    /// How the figures were computed.
    pub method: Method,
}

/// Fixed time of one visit to a tier.
pub fn fixed_time(tier: &Tier) -> f64 {
    let managed = match &tier.resource {
        Resource::Managed(managed) => managed.fixed_time.get(),
        Resource::Fleet(_) => 0.0,
    };
    tier.round_trip.get() + managed
}

/// Solves one tier.
///
/// # Errors
///
/// [`Breakdown::Overloaded`] and [`Breakdown::Down`].
pub fn tier_state(
    tier: &Tier,
    choice: Option<Choice>,
    left: Survivors,
    reads: f64,
    writes: f64,
) -> Result<TierState, Breakdown> {
    match (&tier.resource, choice) {
        (Resource::Managed(managed), _) => match request_load(tier, reads + writes) {
            Some(utilization) if utilization >= 1.0 => {
                Err(Breakdown::Overloaded { tier: tier.name.clone(), utilization })
            }
            _ => Ok(managed_state(managed)),
        },
        (Resource::Fleet(fleet), Some(choice)) => fleet_state(tier, fleet, choice, left, reads, writes),
        (Resource::Fleet(_), None) => Err(Breakdown::Down { tier: tier.name.clone() }),
    }
}

/// Visits per second over those that a managed service takes; `None` where it has no limit.
pub(crate) fn request_load(tier: &Tier, visits: f64) -> Option<f64> {
    match &tier.resource {
        Resource::Managed(managed) => managed.request_limit.map(|limit| visits / limit),
        Resource::Fleet(_) => None,
    }
}

fn managed_state(managed: &Managed) -> TierState {
    let service = ServiceLaw::from_moments(managed.service_time.get(), managed.service_scv);
    let law = VisitLaw::without_waiting(service);
    TierState {
        laws: TierLaws { read: law.clone(), write: law },
        utilization: None,
        pooled_waiting_time: None,
        servers: None,
        layers: None,
        database: None,
        method: Method::Delay,
    }
}

fn fleet_state(
    tier: &Tier,
    fleet: &Fleet,
    choice: Choice,
    left: Survivors,
    reads: f64,
    writes: f64,
) -> Result<TierState, Breakdown> {
    let per_instance = fleet.types[choice.instance_type].servers.get();
    if let FleetRole::Database(role) = &fleet.role {
        let stations = DatabaseStations::new(tier, fleet, role, choice, left, (reads, writes))?;
        return Ok(TierState {
            laws: stations.laws()?,
            utilization: Some(stations.utilization()?),
            pooled_waiting_time: stations.pooled_waiting_time(),
            servers: Some(stations.servers(per_instance)),
            layers: None,
            database: Some(stations.figures()?),
            method: method(fleet, choice.routing),
        });
    }
    let station = serving(tier, fleet, choice, left, reads)?;
    let pooled = Station { routing: RoutingPolicy::SharedQueue, rate: reads, instances: left.serving, ..station };
    let law = station.law()?;
    Ok(TierState {
        laws: TierLaws { read: law.clone(), write: law },
        utilization: Some(station.utilization()?),
        pooled_waiting_time: pooled.waiting_time().ok(),
        servers: Some(per_instance * u64::from(left.serving)),
        layers: None,
        database: None,
        method: method(fleet, choice.routing),
    })
}

/// Busy share of a tier's servers; `None` where nothing queues, or where there is no steady state.
pub(crate) fn tier_utilization(
    tier: &Tier,
    choice: Option<Choice>,
    left: Survivors,
    reads: f64,
    writes: f64,
) -> Option<f64> {
    let (fleet, choice) = (tier.fleet()?, choice?);
    match &fleet.role {
        FleetRole::Database(role) => {
            let stations = DatabaseStations::new(tier, fleet, role, choice, left, (reads, writes)).ok()?;
            stations.utilization().ok()
        }
        FleetRole::Service | FleetRole::Cache(_) => serving(tier, fleet, choice, left, reads).ok()?.utilization().ok(),
    }
}

/// Work that arrives at a tier over work that it can do; 1 or more without a steady state, `None` where nothing queues.
///
/// # Errors
///
/// [`Breakdown::Down`] where nothing is left of it.
pub(super) fn tier_work(
    tier: &Tier,
    choice: Option<Choice>,
    left: Survivors,
    reads: f64,
    writes: f64,
) -> Result<Option<f64>, Breakdown> {
    let (Some(fleet), Some(choice)) = (tier.fleet(), choice) else { return Ok(request_load(tier, reads + writes)) };
    match &fleet.role {
        FleetRole::Database(role) => {
            DatabaseStations::new(tier, fleet, role, choice, left, (reads, writes))?.work().map(Some)
        }
        FleetRole::Service | FleetRole::Cache(_) => serving(tier, fleet, choice, left, reads)?.work().map(Some),
    }
}

/// What serves the visits of a tier that is no database.
fn serving<'a>(
    tier: &'a Tier,
    fleet: &'a Fleet,
    choice: Choice,
    left: Survivors,
    rate: f64,
) -> Result<Station<'a>, Breakdown> {
    if left.serving == 0 {
        return Err(Breakdown::Down { tier: tier.name.clone() });
    }
    let Busiest { rate, instances } = Busiest::new(fleet, left, rate);
    Ok(Station { tier, fleet, choice, rate, instances, routing: choice.routing })
}

impl TierLaws {
    /// Whether every visit takes stochastically at most as long as under `other`.
    pub fn at_most(&self, other: &Self) -> bool {
        self.read.at_most(&other.read) && self.write.at_most(&other.write)
    }
}

/// Least number of serving instances of a type that carries a flow: utilization below 1.
pub(super) fn least_instances(fleet: &Fleet, choice: Choice, rate: f64) -> u64 {
    let kind = &fleet.types[choice.instance_type];
    let load = rate * fleet.service_time.get() / kind.speed / kind.servers.get() as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive float; saturates")]
    let count = load.floor() as u64;
    let even = count.saturating_add(1);
    match fleet.sticky {
        Some(sticky) => least_with_sessions(sticky, load, even),
        None => even,
    }
}
