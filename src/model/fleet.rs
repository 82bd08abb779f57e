use capplan_queueing::queues::RoutingPolicy;
use capplan_queueing::units::{Bytes, Price, Probability, Seconds, Servers, UnitError};

use super::{CacheBehaviour, Choice, DatabaseRole, ZoneTraffic};

/// A tier made of instances that somebody chooses, counts and pays for.
#[derive(Debug, Clone, PartialEq)]
pub struct Fleet {
    /// Mean service time of one visit on a server of speed 1, without any waiting.
    pub service_time: Seconds,
    /// Squared coefficient of variation of the service time; 1 is exponential.
    pub service_scv: f64,
    /// In which order the servers of an instance work.
    pub discipline: Discipline,
    /// Ways of sharing the load between the instances that may be chosen, at least one.
    pub routings: Vec<RoutingPolicy>,
    /// Sessions that stay on their instance; `None` if any instance serves any request.
    pub sticky: Option<Sticky>,
    /// Whether requests stay in the zone that name resolution sends them to.
    pub zone_traffic: ZoneTraffic,
    /// Requests that one instance handles at the same time, each held for the calls to the tiers below too; `None` is no
    /// limit.
    pub workers: Option<u32>,
    /// Connections of one instance to the database below; `None` is no limit.
    pub connections: Option<u32>,
    /// Instance types that may be chosen, at least one.
    pub types: Vec<InstanceType>,
    /// The deployment of today, which `evaluate` evaluates.
    pub current: Choice,
    /// Counts that may be chosen.
    pub counts: CountRange,
    /// The loss after which the tier must still meet the objectives.
    pub redundancy: Redundancy,
    /// Failures and repairs of one instance.
    pub instance: Reliability,
    /// The role of the tier.
    pub role: FleetRole,
}

/// The role of the instances of a fleet.
#[derive(Debug, Clone, PartialEq)]
pub enum FleetRole {
    /// Interchangeable servers.
    Service,
    /// Nodes that share the objects of a cache.
    Cache(CacheRole),
    /// A primary and its read replicas.
    Database(DatabaseRole),
}

/// Objects and memory of a cache.
#[derive(Debug, Clone, PartialEq)]
pub struct CacheRole {
    /// Memory for data over the whole tier; `None` is all that the chosen nodes have to give.
    pub memory: Option<Bytes>,
    /// Share of a node's memory that may hold data.
    pub usable_share: Probability,
    /// Number of distinct objects.
    pub objects: u64,
    /// Mean size of key and value.
    pub object_size: Bytes,
    /// Bytes that an entry costs beyond key and value.
    pub object_overhead: Bytes,
    /// Zipf exponent of the popularity.
    pub popularity_exponent: f64,
    /// The tier that a miss reads from.
    pub in_front_of: Option<usize>,
    /// Eviction, expiry, sharding and measurements.
    pub behaviour: CacheBehaviour,
}

impl CacheRole {
    /// Number of objects that fit into `memory`.
    pub fn capacity_objects(&self, memory: Bytes) -> f64 {
        memory.get() / (self.object_size.get() + self.object_overhead.get())
    }

    /// Memory of one node that objects can use.
    pub fn usable_memory(&self, node_memory: Bytes) -> f64 {
        (node_memory.get() - self.behaviour.node_overhead.get()).max(0.0) * self.usable_share.get()
    }

    /// Memory for data over the whole tier that the model asks for with a type; `None` is all that the nodes have.
    pub fn wanted_memory(&self, instance_type: usize) -> Option<Bytes> {
        self.behaviour.memory_of_type.get(instance_type).copied().unwrap_or(self.memory)
    }

    /// Nodes with objects of their own among `nodes`; the others hold copies.
    pub fn shards(&self, nodes: u32) -> u32 {
        self.behaviour.shards.map_or(nodes, |shards| shards.min(nodes))
    }

    /// Memory that `nodes` nodes of a type with `node_memory` each have for data: what the model says, if they have it.
    pub fn data_memory(&self, instance_type: usize, node_memory: Bytes, nodes: u32) -> f64 {
        let available = self.usable_memory(node_memory) * f64::from(self.shards(nodes));
        self.wanted_memory(instance_type).map_or(available, |wanted| wanted.get().min(available))
    }
}

/// In which order the servers of an instance work on the requests that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discipline {
    /// All at once, each with its share of the servers: threads on the cores of a time-shared machine.
    ProcessorSharing,
    /// One after another in order of arrival: an event loop.
    Fcfs,
}

impl Discipline {
    /// The name in a model file and in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProcessorSharing => "processor_sharing",
            Self::Fcfs => "fcfs",
        }
    }
}

/// The routing policies that a tier may have, the ideal first, then from the shortest wait to the longest.
pub const ROUTINGS: [RoutingPolicy; 5] = [
    RoutingPolicy::SharedQueue,
    RoutingPolicy::LeastOutstanding,
    RoutingPolicy::POWER_OF_TWO,
    RoutingPolicy::RoundRobin,
    RoutingPolicy::Random,
];

/// Sessions that stay on their instance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sticky {
    /// Sessions at a time.
    pub sessions: u64,
    /// Squared coefficient of variation of their request rates.
    pub rate_scv: f64,
}

/// The loss after which a tier must still meet the objectives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redundancy {
    /// Nothing.
    None,
    /// One instance.
    Instance,
    /// All instances of one zone, the fullest.
    Zone,
}

/// The counts that a search may choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountRange {
    /// Least count, at least 1.
    pub min: u32,
    /// Largest count.
    pub max: u32,
}

impl CountRange {
    /// Number of counts in the range.
    pub const fn len(self) -> u64 {
        if self.max < self.min { 0 } else { self.max as u64 - self.min as u64 + 1 }
    }

    /// Whether there is nothing to choose from.
    pub const fn is_empty(self) -> bool {
        self.max < self.min
    }
}

/// A type of instance.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceType {
    /// Name in the catalogue, such as `m7g.large`.
    pub name: String,
    /// Requests that one instance serves at the same time.
    pub servers: Servers,
    /// Speed of one server: the service time is divided by it.
    pub speed: f64,
    /// Memory, for a cache node what data may use.
    pub memory: Bytes,
    /// Price of one instance.
    pub price: Price,
}

/// Mean times between failures and to repair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reliability {
    mtbf: f64,
    mttr: f64,
}

impl Reliability {
    /// Makes the pair from the mean time up and the mean time to repair.
    ///
    /// # Errors
    ///
    /// [`UnitError`] unless the mean time between failures is above 0.
    pub fn new(mtbf: Seconds, mttr: Seconds) -> Result<Self, UnitError> {
        if mtbf.get() > 0.0 {
            Ok(Self { mtbf: mtbf.get(), mttr: mttr.get() })
        } else {
            Err(UnitError { quantity: "mean time between failures", value: mtbf.get(), domain: "above 0" })
        }
    }

    /// Mean time from repair to the next failure.
    pub const fn mtbf(self) -> f64 {
        self.mtbf
    }

    /// Mean time from failure to repair.
    pub const fn mttr(self) -> f64 {
        self.mttr
    }

    /// Share of time down, `U = MTTR / (MTBF + MTTR)`; never as `1 − A`, which loses its digits.
    pub fn unavailability(self) -> f64 {
        self.mttr / (self.mtbf + self.mttr)
    }

    /// Share of time up, `A = MTBF / (MTBF + MTTR)`.
    pub fn availability(self) -> f64 {
        self.mtbf / (self.mtbf + self.mttr)
    }
}
