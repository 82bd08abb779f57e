use crate::model::{Choice, Discipline, Fleet, Tier};
use capplan_queueing::queues::{
    BalancedFleet, Dispatch, DispatchedLoad, Mgc, MgcPs, MgcService, Mmc, QueueError, RoutingPolicy, StationFigures,
    VisitLaw, dispatched_load,
};
use capplan_queueing::units::{ArrivalRate, Servers, ServiceRate};

use super::balancer::visit_law;
use super::{Breakdown, Method};

/// Some instances of a fleet under a flow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Station<'a> {
    pub tier: &'a Tier,
    pub fleet: &'a Fleet,
    pub choice: Choice,
    pub rate: f64,
    pub instances: u32,
    pub routing: RoutingPolicy,
}

impl Station<'_> {
    /// The law of a visit.
    pub fn law(&self) -> Result<VisitLaw, Breakdown> {
        if !matches!(self.routing, RoutingPolicy::SharedQueue | RoutingPolicy::Random) {
            return self.balanced_law();
        }
        let (load, service_rate) = self.load()?;
        let (rate, servers, scv) = (load.arrival_rate, load.servers, self.fleet.service_scv);
        match self.fleet.discipline {
            Discipline::Fcfs => Mgc::new(rate, service_rate, servers, MgcService::TwoMoments(scv))
                .map(|queue| VisitLaw::Queued(queue.sojourn_law())),
            Discipline::ProcessorSharing => MgcPs::new(rate, service_rate, servers, scv)
                .map(|station| VisitLaw::Shared(station.sojourn_law().clone())),
        }
        .map_err(|error| self.breakdown(error))
    }

    /// The law of a visit behind a balancer that does better than a random choice.
    fn balanced_law(&self) -> Result<VisitLaw, Breakdown> {
        let (load, service_rate) = self.load()?;
        let servers = Servers::new(u64::from(self.instances)).map_err(|error| self.breakdown(error))?;
        let arrival_rate = ArrivalRate::new(self.rate).map_err(|error| self.breakdown(error))?;
        let fleet = BalancedFleet { arrival_rate, service_rate, servers, workers: load.servers };
        let (discipline, scv) = (self.fleet.discipline, self.fleet.service_scv);
        visit_law(&fleet, self.routing, discipline, scv).map_err(|error| self.breakdown(error))
    }

    /// Offered work as a share of the capacity; 1 or more without a steady state.
    pub fn work(&self) -> Result<f64, Breakdown> {
        let (load, service_rate) = self.load()?;
        Ok(load.arrival_rate.get() / service_rate.get() / load.servers.get() as f64)
    }

    /// Busy share of its servers.
    pub fn utilization(&self) -> Result<f64, Breakdown> {
        let utilization = self.work()?;
        if utilization < 1.0 {
            Ok(utilization)
        } else {
            Err(Breakdown::Overloaded { tier: self.tier.name.clone(), utilization })
        }
    }

    /// Mean time that a visit waits, or is slowed by other visits.
    pub fn waiting_time(&self) -> Result<f64, Breakdown> {
        let (load, service_rate) = self.load()?;
        let (rate, servers) = (load.arrival_rate, load.servers);
        match self.fleet.discipline {
            Discipline::Fcfs => Mgc::new(rate, service_rate, servers, MgcService::TwoMoments(self.fleet.service_scv))
                .map(|queue| queue.waiting_time()),
            // The mean of processor sharing is that of M/M/c whatever the service.
            Discipline::ProcessorSharing => Mmc::new(rate, service_rate, servers).map(|queue| queue.waiting_time()),
        }
        .map_err(|error| self.breakdown(error))
    }

    pub fn load(&self) -> Result<(DispatchedLoad, ServiceRate), Breakdown> {
        let kind = &self.fleet.types[self.choice.instance_type];
        let service_rate =
            ServiceRate::new(kind.speed / self.fleet.service_time.get()).map_err(|error| self.breakdown(error))?;
        let arrivals = ArrivalRate::new(self.rate).map_err(|error| self.breakdown(error))?;
        let instances = Servers::new(u64::from(self.instances)).map_err(|error| self.breakdown(error))?;
        let dispatch = match self.routing {
            RoutingPolicy::SharedQueue => Dispatch::SharedQueue,
            _ => Dispatch::Random,
        };
        let load =
            dispatched_load(arrivals, kind.servers, instances, dispatch).map_err(|error| self.breakdown(error))?;
        Ok((load, service_rate))
    }

    /// The breakdown of the tier that an error of one of its formulas means.
    pub fn breakdown(&self, error: impl Into<capplan_queueing::Error>) -> Breakdown {
        match error.into() {
            capplan_queueing::Error::Queue(QueueError::Unstable { offered_load, servers }) => Breakdown::Overloaded {
                tier: self.tier.name.clone(),
                utilization: offered_load.get() / servers.get() as f64,
            },
            error => Breakdown::unsolved(&self.tier.name, error),
        }
    }
}

/// The method that computes the figures of a fleet.
pub(super) fn method(fleet: &Fleet, routing: RoutingPolicy) -> Method {
    let exponential = fleet.service_scv == 1.0;
    match (fleet.discipline, routing) {
        (Discipline::Fcfs, RoutingPolicy::SharedQueue | RoutingPolicy::Random) if exponential => Method::Mmc,
        (Discipline::Fcfs, RoutingPolicy::SharedQueue | RoutingPolicy::Random) => Method::Mgc,
        (Discipline::ProcessorSharing, RoutingPolicy::SharedQueue | RoutingPolicy::Random) if exponential => {
            Method::MmcPs
        }
        (Discipline::ProcessorSharing, RoutingPolicy::SharedQueue | RoutingPolicy::Random) => Method::MgcPs,
        (Discipline::Fcfs, RoutingPolicy::RoundRobin) if exponential => Method::Turns,
        (Discipline::Fcfs, _) => Method::Balanced,
        (Discipline::ProcessorSharing, _) => Method::BalancedPs,
    }
}
