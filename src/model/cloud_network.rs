use capplan_queueing::units::{Bytes, Price, Probability, Seconds, UnitError};

/// The network between the tiers and to the internet: what it costs and how many addresses it has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CloudNetwork {
    /// Whether data transfer is part of the cost.
    pub billing: Billing,
    /// Share of visits to a fleet that cross zones.
    pub cross_zone_share: Probability,
    /// US dollars for a GB that crosses zones, both directions together.
    pub usd_per_gb_across_zones: f64,
    /// Bytes to the internet for each request.
    pub response_size: Bytes,
    /// US dollars for a GB to the internet; `None` is the provider's price by volume.
    pub usd_per_gb_to_internet: Option<f64>,
    /// The NAT gateways, one in each zone; `None` is none.
    pub nat: Option<Nat>,
    /// The subnets.
    pub subnets: Subnets,
}

/// Round trips between two instances.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoundTrips {
    /// In one zone.
    pub in_zone: Seconds,
    /// Between two zones.
    pub across_zones: Seconds,
}

impl RoundTrips {
    /// The mean, if this share of the visits stays in its zone.
    ///
    /// # Errors
    ///
    /// [`UnitError`] for a share that is none.
    pub fn mean(self, staying: f64) -> Result<Seconds, UnitError> {
        Seconds::new(staying * self.in_zone.get() + (1.0 - staying) * self.across_zones.get())
    }
}

/// Whether data transfer is part of the cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Billing {
    /// It is.
    Included,
    /// It is not.
    LeftOut,
}

/// The NAT gateways through which private instances reach the internet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nat {
    /// Price of one gateway.
    pub price: Price,
    /// US dollars for a GB that goes through it.
    pub usd_per_gb: f64,
    /// Bytes through it for each request.
    pub size: Bytes,
}

/// The subnets of a zone: one for what the internet reaches, one for the rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Subnets {
    /// Length of the prefix of the private subnet; `None` is not checked.
    pub private_prefix: Option<u32>,
    /// Length of the prefix of the public subnet; `None` is not checked.
    pub public_prefix: Option<u32>,
    /// Instances of a service that a deployment adds before it removes the old ones, as a share of them.
    pub deploy_surge: f64,
}

/// Which subnet a tier lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Placement {
    /// Reached from the internet.
    Public,
    /// Not reached from the internet.
    Private,
    /// Not in the network of the system: somebody else's service.
    Outside,
}

impl Placement {
    /// The name in a model file and in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Outside => "outside",
        }
    }
}
