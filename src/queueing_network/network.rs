use capplan_queueing::network::{ClosedMethod, StationKind};
use capplan_queueing::units::{ArrivalRate, Seconds};

use super::PathStep;

/// A network of queues: classes of jobs that visit stations.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueingNetwork {
    /// Its name.
    pub name: String,
    /// How closed classes are solved.
    pub method: ClosedMethod,
    /// Classes of jobs, at least one.
    pub classes: Vec<NetworkClass>,
    /// Stations, at least one.
    pub stations: Vec<NetworkStation>,
    /// Times for which the share of the jobs done within them is wanted.
    pub within: Vec<Seconds>,
}

/// A class of jobs.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkClass {
    /// Its name.
    pub name: String,
    /// Where its jobs come from.
    pub load: ClassLoad,
    /// Where they go.
    pub flow: Flow,
    /// The station without a queue where its jobs think: its time counts as think time, not as response time.
    pub thinks_at: Option<usize>,
}

/// Where the jobs of a class come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ClassLoad {
    /// From outside, whatever the response time.
    Open {
        /// Arrivals.
        arrival_rate: ArrivalRate,
        /// Squared coefficient of variation of their intervals; 1 is Poisson.
        arrival_scv: f64,
    },
    /// A fixed number of jobs.
    Closed {
        /// Number of jobs.
        population: u64,
        /// Mean time from an answer to the next request.
        think_time: Seconds,
    },
}

/// Where the jobs of a class go.
#[derive(Debug, Clone, PartialEq)]
pub enum Flow {
    /// Mean visits to each station.
    Visits(Vec<f64>),
    /// From station to station by chance.
    Routing {
        /// Share of the jobs that begin at each station; they sum to 1.
        entry: Vec<f64>,
        /// Share of the jobs leaving a station that go to another; the rest of a row is done.
        shares: Vec<Vec<f64>>,
    },
    /// Step by step.
    Path(Vec<PathStep>),
}

/// A station.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkStation {
    /// Its name.
    pub name: String,
    /// Its servers, or its speed by number of jobs.
    pub kind: StationKind,
    /// Mean service time of a visit of each class.
    pub service_times: Vec<Seconds>,
    /// Squared coefficient of variation of the service time of each class; 1 is exponential.
    pub service_scvs: Vec<f64>,
}

impl NetworkStation {
    /// Mean service time of a visit of a class in seconds.
    pub(super) fn service_time(&self, class: usize) -> f64 {
        self.service_times.get(class).map_or(0.0, |time| time.get())
    }

    /// Squared coefficient of variation of that time.
    pub(super) fn service_scv(&self, class: usize) -> f64 {
        self.service_scvs.get(class).copied().unwrap_or(1.0)
    }
}
