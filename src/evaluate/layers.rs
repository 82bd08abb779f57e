use std::sync::Arc;

use crate::model::{Choice, Deployment, Fleet, FleetRole, System, Tier, TierKind};
use capplan_queueing::network::{CallStation, CallTimes, WorkerPool, connection_pool, layered};
use capplan_queueing::numeric::{RootError, find_root};
use capplan_queueing::queues::{Mmc, PooledLaw, RoutingPolicy, StationFigures, VisitLaw};
use capplan_queueing::units::{ArrivalRate, Servers, ServiceRate};

use super::busiest::Busiest;
use super::station::Station;
use super::{
    Breakdown, Flow, HitRatios, LayerLoads, LoadedTier, Method, Prepared, Survivors, TierLaws, TierState, fixed_time,
};

/// Whether a fleet limits its workers or connections.
pub(crate) const fn has_layers(fleet: &Fleet) -> bool {
    fleet.workers.is_some() || fleet.connections.is_some()
}

/// Whether the time of a tier depends on limits on workers or connections: its own, or those of a tier before it, which
/// bound how many calls it has at a time.
pub(crate) fn is_layered(system: &System, tier: usize) -> bool {
    let before = system.tiers().iter().take(tier + 1);
    before.filter_map(Tier::fleet).any(|fleet| has_layers(fleet) && fleet.role == FleetRole::Service)
}

/// Adds the effect of limits on workers and connections to the states of single tiers.
///
/// # Method
///
/// From the bottom up: the tiers below a tier are those after it in the order of the system, and the times of calls to
/// them, waits for connections included, are what its workers are held for. A pool bounds the calls that are under way, so
/// that less waits at the tiers below than in an open network and more above: [`layered`]. In an open network each flow is
/// known, so one pass is the fixed point. Waiting for a worker belongs to the tier, waiting for a connection to the visit to
/// the database.
///
/// # Accuracy
///
/// For the only instance of a tier over the only database the inside is exact; with many instances the calls of the others
/// are there as in the open model. Waits for workers are on the safe side.
///
/// # Errors
///
/// [`Breakdown::Overloaded`] when workers or connections cannot carry the load.
pub(super) fn apply_layers(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    left: &[Survivors],
    flows: &[Flow],
    hit_ratios: &HitRatios,
    states: &mut [TierState],
) -> Result<(), Breakdown> {
    let tiers = prepared.system.tiers();
    let below = Below { prepared, deployment, left, flows };
    for index in (0..tiers.len()).rev() {
        let tier = &tiers[index];
        let (Some(fleet), Some(choice)) = (tier.fleet(), deployment.choices[index]) else { continue };
        if !has_layers(fleet) || flows[index].reads <= 0.0 {
            continue;
        }
        let pool = Pool::new(tier, fleet, choice, Busiest::new(fleet, left[index], flows[index].reads))?;
        let calls = calls(prepared, hit_ratios, index);
        let called = |below: &usize| calls[*below] > 0.0;
        let database = (index + 1..tiers.len()).filter(called).find(|&below| tiers[below].kind == TierKind::Database);
        let mut outside = 0.0;
        let mut queueing = Vec::new();
        for other in (index + 1..tiers.len()).filter(called) {
            let connections = fleet.connections.filter(|_| database == Some(other));
            match below.station(
                other,
                &states[other],
                calls[other],
                pool.arrival_rate,
                connections.map(|each| pool.all(each)),
            ) {
                Some(station) => queueing.push((other, station)),
                None => outside += calls[other] * (below.mean(other, &states[other]) + fixed_time(&tiers[other])),
            }
        }
        let mut loads = LayerLoads { servers: pool.server_load(), workers: None, connections: None };
        let times = if let Some(workers) = fleet.workers {
            let stations = queueing.iter().map(|(_, station)| *station).collect();
            let (law, load, times) = pool.workers(workers, outside, stations)?;
            loads.workers = Some(load);
            states[index].laws = TierLaws { read: law.clone(), write: law };
            states[index].method = Method::Layered;
            times
        } else {
            queueing.retain(|(other, _)| database == Some(*other));
            queueing.iter().map(|(_, station)| pool.connections(station)).collect::<Result<_, _>>()?
        };
        for ((other, station), times) in queueing.into_iter().zip(times) {
            let state = &mut states[other];
            below.speed_up(other, state, times.time - station.fixed_time)?;
            if times.connection_load.is_some() {
                loads.connections = times.connection_load;
                let wait = |visit: &VisitLaw| pooled(times.wait_probability, times.conditional_wait, visit.clone());
                state.laws = TierLaws { read: wait(&state.laws.read), write: wait(&state.laws.write) };
                state.method = Method::Layered;
            }
        }
        states[index].layers = Some(loads);
    }
    Ok(())
}

/// The tiers below one that holds workers or connections.
struct Below<'a> {
    prepared: &'a Prepared<'a>,
    deployment: &'a Deployment,
    left: &'a [Survivors],
    flows: &'a [Flow],
}

impl Below<'_> {
    /// Mean time of a visit, reads and writes together.
    fn mean(&self, tier: usize, state: &TierState) -> f64 {
        let flow = self.flows[tier];
        let share = if flow.total() > 0.0 { flow.writes / flow.total() } else { 0.0 };
        (1.0 - share) * state.laws.read.mean() + share * state.laws.write.mean()
    }

    /// A tier as a pool sees it; `None` where nothing queues, or where visits themselves wait for workers.
    fn station(
        &self,
        tier: usize,
        state: &TierState,
        visits: f64,
        pool_rate: f64,
        connections: Option<u64>,
    ) -> Option<CallStation> {
        let part = self.prepared.system.tiers().get(tier)?;
        let (fleet, choice, utilization) = (part.fleet()?, self.deployment.choices[tier]?, state.utilization?);
        if has_layers(fleet) {
            return None;
        }
        let kind = &fleet.types[choice.instance_type];
        let count = u64::from(self.left[tier].serving.max(1));
        let (servers, instances) = match choice.routing {
            RoutingPolicy::SharedQueue => (kind.servers.get().saturating_mul(count), 1.0),
            _ => (kind.servers.get(), count as f64),
        };
        let flow = self.flows[tier].total();
        let own = if flow > 0.0 { (pool_rate * visits / flow).min(1.0) } else { 1.0 };
        Some(CallStation {
            visits,
            fixed_time: fixed_time(part),
            service_time: fleet.service_time.get() / kind.speed,
            open_time: self.mean(tier, state),
            servers,
            instances,
            load: utilization * servers as f64,
            others: 1.0 - own,
            connections,
        })
    }

    /// Replaces the laws of a tier by those of the smaller flow whose mean is `mean`.
    fn speed_up(&self, tier: usize, state: &mut TierState, mean: f64) -> Result<(), Breakdown> {
        /// Relative difference below which two means are the same.
        const SAME: f64 = 1e-6;
        // Without a flow the laws are those of the idle tier.
        if self.flows[tier].total() <= 0.0 || mean >= self.mean(tier, state) * (1.0 - SAME) {
            return Ok(());
        }
        let part = &self.prepared.system.tiers()[tier];
        let at = |share: f64| {
            let (choice, left, flow) = (self.deployment.choices[tier], self.left[tier], self.flows[tier].times(share));
            LoadedTier { tier: part, choice, left, flow }.state()
        };
        // No steady state is the far end of the times.
        let excess = |share: f64| at(share).map_or(f64::INFINITY, |found| self.mean(tier, &found) / mean - 1.0);
        // Where even an idle tier takes longer, the laws are those of the idle tier.
        let share = if excess(SAME) >= 0.0 {
            SAME
        } else {
            match find_root(excess, SAME, 1.0, SAME) {
                Ok(share) => share,
                // The mean holds a wait for another tier's connections; without it even the whole flow is faster.
                Err(RootError::NotBracketed { .. }) => 1.0,
                Err(error) => return Err(Breakdown::unsolved(&part.name, error)),
            }
        };
        state.laws = at(share)?.laws;
        Ok(())
    }
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
        // A request that visits the tier with some probability makes its calls with the same probability.
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

/// The servers that share one pool: an instance, or all instances behind one queue.
struct Pool<'a> {
    station: Station<'a>,
    arrival_rate: f64,
    service_rate: ServiceRate,
    servers: Servers,
    instances: u64,
}

impl<'a> Pool<'a> {
    fn new(tier: &'a Tier, fleet: &'a Fleet, choice: Choice, busiest: Busiest) -> Result<Self, Breakdown> {
        // The time that a worker is held depends on more than the queue, so every routing but one queue is taken as random,
        // the safe side.
        let (routing, instances) = match choice.routing {
            RoutingPolicy::SharedQueue => (RoutingPolicy::SharedQueue, u64::from(busiest.instances)),
            _ => (RoutingPolicy::Random, 1),
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
        Servers::new(u64::from(each).saturating_mul(self.instances)).map_err(|error| self.station.breakdown(error))
    }

    /// Number in the pool, with `each` for each instance.
    fn all(&self, each: u32) -> u64 {
        u64::from(each).saturating_mul(self.instances)
    }

    fn connections(&self, call: &CallStation) -> Result<CallTimes, Breakdown> {
        connection_pool(self.arrival_rate * call.visits, call).map_err(|error| self.station.breakdown(error))
    }

    /// The law of a visit, the load of the workers, and the times of the calls.
    fn workers(
        &self,
        each: u32,
        outside: f64,
        calls: Vec<CallStation>,
    ) -> Result<(VisitLaw, f64, Vec<CallTimes>), Breakdown> {
        let workers = self.count(each)?;
        let visits: Vec<f64> = calls.iter().map(|call| call.visits).collect();
        let pool = WorkerPool {
            arrival_rate: self.rate(self.arrival_rate)?,
            servers: self.servers,
            service_rate: self.service_rate,
            workers,
            outside,
            calls,
        };
        let solved = layered(&pool).map_err(|error| self.station.breakdown(error))?;
        let visit = self.visit(solved.server_time)?;
        // The time that a worker is held if nobody waits for the servers.
        let in_calls = visits.iter().zip(&solved.calls).map(|(visits, call)| visits * call.mean()).sum::<f64>();
        let held = 1.0 / self.service_rate.get() + outside + in_calls;
        let load = self.arrival_rate * held / workers.get() as f64;
        Ok((pooled(solved.wait_probability, solved.conditional_wait, visit), load, solved.calls))
    }

    /// The law at the servers: the law at the arrival rate whose mean is `server_time`, the mean under the workers' limit.
    fn visit(&self, server_time: f64) -> Result<VisitLaw, Breakdown> {
        let mean = |rate: f64| {
            let queue =
                ArrivalRate::new(rate).ok().and_then(|rate| Mmc::new(rate, self.service_rate, self.servers).ok());
            queue.map_or(f64::INFINITY, |queue| queue.sojourn_time())
        };
        let distance = |rate: f64| mean(rate) / server_time - 1.0;
        let rate = if distance(self.arrival_rate) <= 0.0 {
            self.arrival_rate
        } else if distance(0.0) >= 0.0 {
            0.0
        } else {
            find_root(distance, 0.0, self.arrival_rate, 1e-9).map_err(|error| self.station.breakdown(error))?
        };
        Station { rate: self.station.rate * (rate / self.arrival_rate), ..self.station }.law()
    }

    fn rate(&self, rate: f64) -> Result<ArrivalRate, Breakdown> {
        ArrivalRate::new(rate).map_err(|error| self.station.breakdown(error))
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
