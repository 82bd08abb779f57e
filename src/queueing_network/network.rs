use capplan_queueing::units::{ArrivalRate, Seconds, Servers};

use super::PathStep;

/// A network of queues as one draws it: classes of jobs that visit stations.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkSystem {
    /// Its name.
    pub name: String,
    /// How closed classes are solved.
    pub method: NetworkMethod,
    /// Classes of jobs, at least one.
    pub classes: Vec<NetworkClass>,
    /// Stations, at least one.
    pub stations: Vec<NetworkStation>,
    /// Times for which the share of the jobs done within them is wanted.
    pub within: Vec<Seconds>,
}

/// How closed classes are solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkMethod {
    /// Exactly.
    Exact,
    /// By the fixed point of Bard and Schweitzer.
    Schweitzer,
    /// By the linearizer of Chandy and Neuse.
    Linearizer,
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
        /// How many.
        population: u64,
        /// From an answer to the next request.
        think_time: Seconds,
    },
}

/// Where the jobs of a class go.
#[derive(Debug, Clone, PartialEq)]
pub enum Flow {
    /// So many visits to each station.
    Visits(Vec<f64>),
    /// From station to station.
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
    /// How much it does at once.
    pub capacity: Capacity,
    /// Mean service time of a visit of each class.
    pub service_times: Vec<Seconds>,
    /// Squared coefficient of variation of service of each class; 1 is exponential.
    pub service_scvs: Vec<f64>,
}

/// How much a station does at once.
#[derive(Debug, Clone, PartialEq)]
pub enum Capacity {
    /// One queue in front of parallel servers.
    Servers(Servers),
    /// Everybody at once.
    Unlimited,
    /// A speed for each number of jobs, each above 0; the last holds for more.
    Speeds(Vec<f64>),
}
