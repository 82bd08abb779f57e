use std::sync::Arc;

use crate::model::{Choice, Deployment, Fleet, FleetRole, Routing, Tier, TierKind};
use crate::network::{WorkerPool, connection_pool, layered};
use crate::numeric::find_root;
use crate::queues::{Mmc, PooledLaw, QueueError, VisitLaw};
use crate::units::{ArrivalRate, Servers, ServiceRate};

use super::busiest::Busiest;
use super::station::Station;
use super::{Breakdown, Flows, HitRatios, Method, Prepared, Survivors, TierLaws, TierState, fixed_time};

/// How near each layer of a tier is to its end: the arrival rate over the largest one that the layer alone would carry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerLoads {
    /// The servers (cores).
    pub servers: f64,
    /// The workers, each held for the service and for the calls to tiers below; `None` if they are not limited.
    pub workers: Option<f64>,
    /// The connections to the database below; `None` if they are not limited.
    pub connections: Option<f64>,
}

/// A layer of a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// Cores.
    Servers,
    /// Threads or processes that handle requests.
    Workers,
    /// Connections to the database.
    Connections,
}

impl Layer {
    /// The name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Servers => "servers",
            Self::Workers => "workers",
            Self::Connections => "connections",
        }
    }
}

impl LayerLoads {
    /// The layer that saturates first as the load grows; of equal ones the lower.
    pub fn first(&self) -> Layer {
        let (workers, connections) = (self.workers.unwrap_or(0.0), self.connections.unwrap_or(0.0));
        if connections > self.servers && connections > workers {
            Layer::Connections
        } else if workers > self.servers {
            Layer::Workers
        } else {
            Layer::Servers
        }
    }
}

/// Whether a fleet limits its workers or connections.
pub(crate) const fn has_layers(fleet: &Fleet) -> bool {
    fleet.workers.is_some() || fleet.connections.is_some()
}

/// Adds to the states of single tiers what their limits on workers and connections do.
///
/// # Method
///
/// From the bottom up: the tiers below a tier are those after it in the order of the system, and their times, waits for
/// connections included, are what its workers are held for. In an open network each flow is known, so one pass is the
/// fixed point. Waiting for a worker belongs to the tier, waiting for a connection to the visit to the database.
///
/// # Errors
///
/// [`Breakdown::Overloaded`] when workers or connections cannot carry the load.
pub(super) fn apply_layers(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    left: &[Survivors],
    flows: &Flows,
    hit_ratios: &HitRatios,
    states: &mut [TierState],
) -> Result<(), Breakdown> {
    let tiers = prepared.system.tiers();
    for index in (0..tiers.len()).rev() {
        let tier = &tiers[index];
        let (Some(fleet), Some(choice)) = (tier.fleet(), deployment.choices[index]) else { continue };
        if !has_layers(fleet) || flows.reads[index] <= 0.0 {
            continue;
        }
        let pool = Pool::new(tier, fleet, choice, Busiest::new(fleet, left[index], flows.reads[index]))?;
        let calls = calls(prepared, hit_ratios, index);
        let time = |below: usize, states: &[TierState]| {
            let (reads, writes) = (flows.reads[below], flows.writes[below]);
            let laws = &states[below].laws;
            let share = if reads + writes > 0.0 { writes / (reads + writes) } else { 0.0 };
            (1.0 - share) * laws.read.mean() + share * laws.write.mean() + fixed_time(&tiers[below])
        };
        let database =
            (index + 1..tiers.len()).find(|&below| tiers[below].kind == TierKind::Database && calls[below] > 0.0);
        let mut loads = LayerLoads { servers: pool.server_load(), workers: None, connections: None };
        if let (Some(connections), Some(database)) = (fleet.connections, database) {
            let (queue, load) = pool.connections(connections, calls[database], time(database, states))?;
            loads.connections = Some(load);
            let laws = &states[database].laws;
            let wait = |visit: &VisitLaw| pooled(queue.wait_probability(), 1.0 / queue.spare_rate(), visit.clone());
            let waiting = TierLaws { read: wait(&laws.read), write: wait(&laws.write) };
            states[database].laws = waiting;
            states[database].method = Method::Layered;
        }
        if let Some(workers) = fleet.workers {
            let outside: f64 = (index + 1..tiers.len()).map(|below| calls[below] * time(below, states)).sum();
            let (law, load) = pool.workers(workers, outside)?;
            loads.workers = Some(load);
            states[index].laws = TierLaws { read: law.clone(), write: law };
            states[index].method = Method::Layered;
        }
        states[index].layers = Some(loads);
    }
    Ok(())
}

fn pooled(wait_probability: f64, conditional_wait: f64, visit: VisitLaw) -> VisitLaw {
    VisitLaw::Pooled(Arc::new(PooledLaw { wait_probability, conditional_wait, visit }))
}

/// Visits to every tier below, misses of caches included, for each visit to a tier.
fn calls(prepared: &Prepared<'_>, hit_ratios: &HitRatios, tier: usize) -> Vec<f64> {
    let tiers = prepared.system.tiers();
    let mut below = vec![0.0; tiers.len()];
    let mut own = 0.0;
    for class in prepared.system.classes() {
        let visits_of = |index: usize| {
            class
                .visits
                .iter()
                .filter(|visits| visits.tier == index)
                .map(|visits| visits.reads + visits.writes)
                .sum::<f64>()
        };
        let visits = visits_of(tier);
        own += class.share.get() * visits;
        // A request that visits the tier only now and then makes its calls as often.
        let weight = class.share.get() * visits.min(1.0);
        for index in tier + 1..tiers.len() {
            below[index] += weight * visits_of(index);
            if let (Some(hit_ratio), Some(behind)) = (hit_ratios[index], prepared.behind(index))
                && behind > tier
            {
                below[behind] += weight * visits_of(index) * (1.0 - hit_ratio);
            }
        }
    }
    if own > 0.0 {
        for value in &mut below {
            *value /= own;
        }
    }
    below
}

/// What shares one pool: an instance, or all of them behind one queue.
struct Pool<'a> {
    station: Station<'a>,
    arrival_rate: f64,
    service_rate: ServiceRate,
    servers: Servers,
    instances: u64,
}

impl<'a> Pool<'a> {
    fn new(tier: &'a Tier, fleet: &'a Fleet, choice: Choice, busiest: Busiest) -> Result<Self, Breakdown> {
        // What a worker is held for depends on more than the queue, so any routing but one queue is taken as random, the
        // safe side.
        let (routing, instances) = match choice.routing {
            Routing::SharedQueue => (Routing::SharedQueue, u64::from(busiest.instances)),
            Routing::Random | Routing::RoundRobin | Routing::LeastOutstanding | Routing::PowerOfTwo => {
                (Routing::Random, 1)
            }
        };
        let Busiest { rate, instances: alike } = busiest;
        let station = Station { tier, fleet, choice, rate, instances: alike, routing };
        let (load, service_rate) = station.load()?;
        Ok(Self { station, arrival_rate: load.arrival_rate.get(), service_rate, servers: load.servers, instances })
    }

    fn server_load(&self) -> f64 {
        self.arrival_rate / self.service_rate.get() / self.servers.get() as f64
    }

    fn count(&self, each: u32) -> Result<Servers, Breakdown> {
        Servers::new(u64::from(each).saturating_mul(self.instances))
            .map_err(|error| self.station.unsolved(error.to_string()))
    }

    fn connections(&self, each: u32, calls: f64, holding_time: f64) -> Result<(Mmc, f64), Breakdown> {
        let connections = self.count(each)?;
        let rate = self.rate(self.arrival_rate * calls)?;
        let queue = connection_pool(rate, holding_time, connections).map_err(|error| self.overloaded(&error))?;
        let load = queue.utilization();
        Ok((queue, load))
    }

    fn workers(&self, each: u32, outside: f64) -> Result<(VisitLaw, f64), Breakdown> {
        let workers = self.count(each)?;
        let pool = WorkerPool {
            arrival_rate: self.rate(self.arrival_rate)?,
            servers: self.servers,
            service_rate: self.service_rate,
            workers,
            outside,
        };
        let solved = layered(&pool).map_err(|error| self.overloaded(&error))?;
        let visit = self.visit(solved.server_time)?;
        let load = self.arrival_rate * (1.0 / self.service_rate.get() + outside) / workers.get() as f64;
        Ok((pooled(solved.wait_probability, solved.conditional_wait, visit), load))
    }

    /// The law at the servers: that of the arrival rate at which the mean is the one found with the workers' limit.
    fn visit(&self, server_time: f64) -> Result<VisitLaw, Breakdown> {
        let mean = |rate: f64| {
            let queue =
                ArrivalRate::new(rate).ok().and_then(|rate| Mmc::new(rate, self.service_rate, self.servers).ok());
            queue.map_or(f64::INFINITY, |queue| queue.sojourn_time())
        };
        let distance = |rate: f64| mean(rate) / server_time - 1.0;
        let rate = if distance(self.arrival_rate) <= 0.0 {
            self.arrival_rate
        } else {
            find_root(distance, 0.0, self.arrival_rate, 1e-9).unwrap_or(0.0)
        };
        Station { rate: self.station.rate * (rate / self.arrival_rate), ..self.station }.law()
    }

    fn rate(&self, rate: f64) -> Result<ArrivalRate, Breakdown> {
        ArrivalRate::new(rate).map_err(|error| self.station.unsolved(error.to_string()))
    }

    fn overloaded(&self, error: &QueueError) -> Breakdown {
        self.station.breakdown(error)
    }
}

/// Whether any tier of a system limits its workers or connections.
pub(crate) fn system_has_layers(prepared: &Prepared<'_>) -> bool {
    prepared
        .system
        .tiers()
        .iter()
        .filter_map(Tier::fleet)
        .any(|fleet| has_layers(fleet) && fleet.role == FleetRole::Service)
}
