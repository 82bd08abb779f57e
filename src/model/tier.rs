use capplan_queueing::units::{Bytes, Price, Probability, Seconds};

use super::{Fleet, Placement};

/// A part of the system that requests visit.
#[derive(Debug, Clone, PartialEq)]
pub struct Tier {
    /// Name in the model file.
    pub name: String,
    /// What kind of part it is.
    pub kind: TierKind,
    /// Fixed time on the network for each visit.
    pub round_trip: Seconds,
    /// Which subnet it lives in.
    pub placement: Placement,
    /// Bytes of a visit in both directions together, which cost where they cross zones.
    pub bytes_per_visit: Bytes,
    /// What serves the visits.
    pub resource: Resource,
}

impl Tier {
    /// The fleet, if the tier has instances to choose.
    pub const fn fleet(&self) -> Option<&Fleet> {
        match &self.resource {
            Resource::Fleet(fleet) => Some(fleet),
            Resource::Managed(_) => None,
        }
    }
}

/// The kinds of tier that a model file can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TierKind {
    /// Name resolution: a delay on the share of requests that resolve.
    Dns,
    /// A managed load balancer: a delay with a price by use.
    LoadBalancer,
    /// Application servers.
    Service,
    /// A cache of objects in memory.
    Cache,
    /// A relational database: primary and read replicas.
    Database,
    /// Managed object storage: a delay with a price by use.
    ObjectStorage,
    /// Anything else that takes time and never queues, such as a third party's service.
    Delay,
}

impl TierKind {
    /// Every kind, in the order in which a request usually meets them.
    pub const ALL: [Self; 7] =
        [Self::Dns, Self::LoadBalancer, Self::Service, Self::Cache, Self::Database, Self::ObjectStorage, Self::Delay];

    /// The name in a model file and in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::LoadBalancer => "load_balancer",
            Self::Service => "service",
            Self::Cache => "cache",
            Self::Database => "database",
            Self::ObjectStorage => "object_storage",
            Self::Delay => "delay",
        }
    }
}

/// What serves the visits to a tier.
#[derive(Debug, Clone, PartialEq)]
pub enum Resource {
    /// Somebody else's service: it takes time but does not queue.
    Managed(Managed),
    /// Instances with a queue.
    Fleet(Box<Fleet>),
}

/// A service whose capacity is somebody else's business: every visit is served at once (infinitely many servers).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Managed {
    /// Mean time that varies from visit to visit; 0 for none.
    pub service_time: Seconds,
    /// Squared coefficient of variation of that time.
    pub service_scv: f64,
    /// Fixed time of each visit.
    pub fixed_time: Seconds,
    /// Probability that the service works, independent of the zones.
    pub availability: Probability,
    /// Visits per second that it takes; `None` is no limit.
    pub request_limit: Option<f64>,
    /// What it costs.
    pub pricing: UsagePricing,
    /// What it is beyond that, if it is a load balancer.
    pub balancer: Option<Balancer>,
}

/// A managed load balancer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Balancer {
    /// Which one.
    pub kind: BalancerKind,
    /// Whether it keeps requests in their zone.
    pub zone_traffic: ZoneTraffic,
    /// Capacity units for each request per second, by dimension.
    pub units: CapacityUnits,
}

/// The managed load balancers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BalancerKind {
    /// Of HTTP requests.
    Application,
    /// Of TCP connections.
    Network,
    /// Of TLS connections, which it ends.
    NetworkTls,
}

impl BalancerKind {
    /// The name in a model file and in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Application => "alb",
            Self::Network => "nlb",
            Self::NetworkTls => "nlb_tls",
        }
    }
}

/// Capacity units by dimension; the largest is billed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CapacityUnits {
    /// By new connections.
    pub new_connections: f64,
    /// By connections that are open.
    pub active_connections: f64,
    /// By bytes.
    pub bytes: f64,
    /// By evaluations of rules; 0 where there are none.
    pub rules: f64,
}

impl CapacityUnits {
    /// The dimension that is billed and its name.
    pub fn billed(self) -> (&'static str, f64) {
        let all = [
            ("processed bytes", self.bytes),
            ("new connections", self.new_connections),
            ("active connections", self.active_connections),
            ("rule evaluations", self.rules),
        ];
        all.into_iter().fold(all[0], |most, next| if next.1 > most.1 { next } else { most })
    }
}

/// Whether a load balancer hands requests to instances of other zones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneTraffic {
    /// Every instance gets the same share, whatever its zone.
    Crossed,
    /// Zones with instances get equal shares, by name resolution, and keep them.
    Kept,
}

/// A price by use.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct UsagePricing {
    /// Price whatever the use.
    pub fixed: Price,
    /// US dollars per million visits.
    pub usd_per_million_visits: f64,
    /// US dollars per hour for each visit per second; the capacity units of a load balancer are of this kind.
    pub usd_per_hour_per_visit_rate: f64,
    /// The same for what goes to other zones.
    pub cross_zone_usd_per_hour_per_visit_rate: f64,
}
