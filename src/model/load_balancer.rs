use capplan_queueing::units::{Bytes, Seconds};

const SECONDS_PER_HOUR: f64 = 3_600.0;
const BYTES_PER_GB: f64 = 1e9;

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

impl ZoneTraffic {
    /// Share of the requests from a zone that stay in it. Targets are spread evenly: of the requests that any of them may
    /// get, 1/zones stay.
    pub fn staying_share(self, zones: u32) -> f64 {
        match self {
            Self::Crossed => 1.0 / f64::from(zones),
            Self::Kept => 1.0,
        }
    }
}

/// Capacity and price of one capacity unit of a load balancer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BalancerTariff {
    /// New connections per second.
    pub new_connections: f64,
    /// Open connections.
    pub active_connections: f64,
    /// GB per hour.
    pub gigabytes: f64,
    /// Evaluations of rules per second; `None` where there are no rules.
    pub rules: Option<f64>,
    /// US dollars per hour for a unit.
    pub unit_price: f64,
    /// US dollars for a GB that goes to another zone, both sides together.
    pub cross_zone_price: f64,
}

/// Rules that are evaluated free of charge.
const FREE_RULES: f64 = 10.0;

/// Demand of each request on a load balancer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BalancedRequest {
    /// Request and response together.
    pub size: Bytes,
    /// Requests that share a connection.
    pub per_connection: f64,
    /// Mean time for which a connection stays open.
    pub connection_time: Seconds,
    /// Rules that are evaluated for it.
    pub rules: u32,
}

impl BalancerTariff {
    /// Capacity units for one request per second.
    ///
    /// # Formula
    ///
    /// With `k` requests in a connection, one request per second opens `1/k` connections per second, each of which is open
    /// for its time (Little).
    pub fn units(&self, request: BalancedRequest) -> CapacityUnits {
        let connections = 1.0 / request.per_connection;
        let rules = (f64::from(request.rules) - FREE_RULES).max(0.0);
        CapacityUnits {
            new_connections: connections / self.new_connections,
            active_connections: connections * request.connection_time.get() / self.active_connections,
            bytes: request.size.get() * SECONDS_PER_HOUR / (self.gigabytes * BYTES_PER_GB),
            rules: self.rules.map_or(0.0, |per_unit| rules / per_unit),
        }
    }

    /// US dollars per hour for each request per second whose bytes go to another zone with the probability `crossing`.
    pub fn cross_zone_usd_per_hour(&self, request: BalancedRequest, crossing: f64) -> f64 {
        crossing * request.size.get() / BYTES_PER_GB * SECONDS_PER_HOUR * self.cross_zone_price
    }
}
