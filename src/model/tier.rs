use capplan_queueing::units::{Bytes, Price, Probability, Seconds, UnitError};

use super::{Balancer, Fleet, Placement};

/// A part of the system that requests visit.
#[derive(Debug, Clone, PartialEq)]
pub struct Tier {
    /// Name in the model file.
    pub name: String,
    /// Its kind.
    pub kind: TierKind,
    /// Fixed time on the network for each visit.
    pub round_trip: Seconds,
    /// Which subnet it lives in.
    pub placement: Placement,
    /// Bytes of a visit in both directions together, which cost where they cross zones.
    pub bytes_per_visit: Bytes,
    /// The resource that serves the visits.
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

/// The resource that serves the visits to a tier.
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
    /// Its price.
    pub pricing: UsagePricing,
    /// Its tariff and traffic, if it is a load balancer.
    pub balancer: Option<Balancer>,
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
    /// US dollars per hour for each visit per second whose traffic goes to other zones.
    pub cross_zone_usd_per_hour_per_visit_rate: f64,
}

/// Bytes of a GB in a price list.
const BYTES_PER_GB: f64 = 1e9;

impl UsagePricing {
    /// Price of stored data at so many US dollars for a GB and month.
    ///
    /// # Errors
    ///
    /// [`UnitError`] for a product that is no price.
    pub fn storage(stored: Bytes, usd_per_gb_month: f64) -> Result<Price, UnitError> {
        Price::usd_per_month(stored.get() / BYTES_PER_GB * usd_per_gb_month)
    }
}

/// How objects are read from object storage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ObjectReads {
    /// Mean size of an object.
    pub object_size: Bytes,
    /// Bytes per second of one request after its first byte.
    pub transfer_rate: f64,
    /// US dollars for a million requests.
    pub usd_per_million_requests: f64,
    /// Share of the data that goes to the internet.
    pub egress_share: f64,
    /// US dollars for a GB to the internet.
    pub usd_per_gb_to_internet: f64,
}

impl ObjectReads {
    /// Time from the first byte of an object to its last.
    ///
    /// # Errors
    ///
    /// [`UnitError`] for a quotient that is no time.
    pub fn transfer_time(&self) -> Result<Seconds, UnitError> {
        Seconds::new(self.object_size.get() / self.transfer_rate)
    }

    /// US dollars for a million reads, with what goes to the internet.
    pub fn usd_per_million(&self) -> f64 {
        let gigabytes = 1e6 * self.object_size.get() / BYTES_PER_GB;
        self.usd_per_million_requests + gigabytes * self.egress_share * self.usd_per_gb_to_internet
    }
}
