use crate::model::{Choice, Fleet, FleetRole, Managed, Resource, Tier};
use capplan_queueing::queues::{RoutingPolicy, ServiceLaw, VisitLaw};

use super::busiest::Busiest;
use super::database::DatabaseStations;
use super::station::{Station, method};
use super::{Breakdown, DatabaseFigures, Flow, LayerLoads, Method, Refusal, Survivors, TierLaws};

/// The state of a tier under a flow.
#[derive(Debug, Clone, PartialEq)]
pub struct TierState {
    /// The distributions of the time of a visit.
    pub laws: TierLaws,
    /// Busy share of the busiest servers; `None` where nothing queues.
    pub utilization: Option<f64>,
    /// Mean wait of a visit, read or write, if all servers that share the load had one queue.
    pub pooled_waiting_time: Option<f64>,
    /// Servers that serve reads.
    pub servers: Option<u64>,
    /// Loads of its layers; `None` where workers and connections are not limited.
    pub layers: Option<LayerLoads>,
    /// Primary and replicas of a database; `None` elsewhere.
    pub database: Option<DatabaseFigures>,
    /// Method of the figures.
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

/// Visits per second over those that a managed service takes; `None` where it has no limit.
pub(crate) fn request_load(tier: &Tier, visits: f64) -> Option<f64> {
    match &tier.resource {
        Resource::Managed(managed) => managed.request_limit.map(|limit| visits / limit),
        Resource::Fleet(_) => None,
    }
}

/// A tier with the instances left to serve it, under a flow.
#[derive(Debug, Clone, Copy)]
pub struct LoadedTier<'a> {
    /// The tier.
    pub tier: &'a Tier,
    /// The type and number of its instances; `None` for a managed service.
    pub choice: Option<Choice>,
    /// The instances that serve.
    pub left: Survivors,
    /// The visits.
    pub flow: Flow,
}

/// The stations of a fleet: one, or primary and replicas.
enum Stations<'a> {
    Alike(Station<'a>),
    Database(DatabaseStations<'a>),
}

impl<'a> LoadedTier<'a> {
    /// Solves the tier.
    ///
    /// # Errors
    ///
    /// [`Breakdown::Overloaded`] and [`Breakdown::Down`].
    pub fn state(&self) -> Result<TierState, Breakdown> {
        match (&self.tier.resource, self.choice) {
            (Resource::Managed(managed), _) => match request_load(self.tier, self.flow.total()) {
                Some(utilization) if utilization >= 1.0 => {
                    Err(Breakdown::Overloaded { tier: self.tier.name.clone(), utilization })
                }
                _ => Ok(managed_state(managed)),
            },
            (Resource::Fleet(fleet), Some(choice)) => self.fleet_state(fleet, choice),
            (Resource::Fleet(_), None) => Err(self.down()),
        }
    }

    /// Busy share of the servers; `None` where nothing queues, or where there is no steady state.
    pub fn utilization(&self) -> Option<f64> {
        match self.stations(self.tier.fleet()?, self.choice?).ok()? {
            Stations::Alike(station) => station.utilization().ok(),
            Stations::Database(stations) => stations.utilization().ok(),
        }
    }

    /// Offered work as a share of the capacity; 1 or more without a steady state, `None` where nothing queues.
    ///
    /// # Errors
    ///
    /// [`Breakdown::Down`] where no instance is left.
    pub fn work(&self) -> Result<Option<f64>, Breakdown> {
        let (Some(fleet), Some(choice)) = (self.tier.fleet(), self.choice) else {
            return Ok(request_load(self.tier, self.flow.total()));
        };
        match self.stations(fleet, choice)? {
            Stations::Alike(station) => station.work(),
            Stations::Database(stations) => stations.work(),
        }
        .map(Some)
    }

    /// The multiple of the flow at which the tier is busy all the time.
    ///
    /// # Formula
    ///
    /// ```text
    /// 1/u
    /// ```
    ///
    /// with `u` the [work](LoadedTier::work): all loads are in proportion to the flow.
    ///
    /// `None` where nothing queues: a managed service without a limit, or a tier that nobody visits. 0 when no instance is
    /// left.
    pub fn capacity(&self) -> Option<f64> {
        if self.flow.total() <= 0.0 {
            return None;
        }
        match self.work() {
            Ok(work) => work.filter(|&work| work > 0.0).map(|work| 1.0 / work),
            Err(Breakdown::Down { .. }) => Some(0.0),
            Err(_) => None,
        }
    }

    /// The visits refused, also under a flow that keeps the servers busy all the time; `None` where connections are not
    /// limited, and where the storage cannot keep up: then visits wait whatever the connections.
    pub fn refusal(&self) -> Option<Refusal> {
        match self.stations(self.tier.fleet()?, self.choice?).ok()? {
            Stations::Alike(_) => None,
            Stations::Database(stations) => stations.refusal(),
        }
    }

    fn fleet_state(&self, fleet: &'a Fleet, choice: Choice) -> Result<TierState, Breakdown> {
        let per_instance = fleet.types[choice.instance_type].servers.get();
        let method = method(fleet, choice.routing);
        Ok(match self.stations(fleet, choice)? {
            Stations::Alike(station) => {
                let pooled = Station {
                    routing: RoutingPolicy::SharedQueue,
                    rate: self.flow.reads,
                    instances: self.left.serving,
                    ..station
                };
                let law = station.law()?;
                TierState {
                    laws: TierLaws { read: law.clone(), write: law },
                    utilization: Some(station.utilization()?),
                    pooled_waiting_time: pooled.waiting_time().ok(),
                    servers: Some(per_instance * u64::from(self.left.serving)),
                    layers: None,
                    database: None,
                    method,
                }
            }
            Stations::Database(stations) => TierState {
                laws: stations.laws()?,
                utilization: Some(stations.utilization()?),
                pooled_waiting_time: stations.pooled_waiting_time(),
                servers: Some(stations.servers(per_instance)),
                layers: None,
                database: Some(stations.figures()?),
                method,
            },
        })
    }

    fn stations(&self, fleet: &'a Fleet, choice: Choice) -> Result<Stations<'a>, Breakdown> {
        let Self { tier, left, flow, .. } = *self;
        if let FleetRole::Database(role) = &fleet.role {
            return DatabaseStations::new(tier, fleet, role, choice, left, flow).map(Stations::Database);
        }
        if left.serving == 0 {
            return Err(self.down());
        }
        let Busiest { rate, instances } = Busiest::new(fleet, left, flow.reads);
        Ok(Stations::Alike(Station { tier, fleet, choice, rate, instances, routing: choice.routing }))
    }

    fn down(&self) -> Breakdown {
        Breakdown::Down { tier: self.tier.name.clone() }
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
