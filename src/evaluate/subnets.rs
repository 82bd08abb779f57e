use crate::model::{FleetRole, Placement, Standby, System, TierKind};

/// Addresses of a subnet that AWS keeps for itself (AWS VPC User Guide: subnet CIDR blocks).
const RESERVED: u64 = 5;

/// Addresses that a load balancer wants free in each of its subnets (AWS ELB User Guide: subnets for your load balancer).
const LOAD_BALANCER_ADDRESSES: u64 = 8;

/// Addresses of one kind of subnet, in each zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubnetAddresses {
    /// Which subnet.
    pub placement: Placement,
    /// Length of its prefix.
    pub prefix: u32,
    /// Addresses that may be used.
    pub available: u64,
    /// Addresses that the largest scale-out takes with a zone lost and a deployment under way.
    pub needed: u64,
}

impl SubnetAddresses {
    /// Whether the subnet is large enough.
    pub const fn fits(&self) -> bool {
        self.needed <= self.available
    }
}

/// The addresses of every subnet whose size the model gives; `largest[i]` is the largest count of tier `i`.
///
/// # Formula
///
/// ```text
/// needed = Σ_tiers ⌈n·(1 + surge)/(zones − 1)⌉ + standbys + 8·load balancers + NAT gateways,   available = 2^(32 − prefix) − 5
/// ```
///
/// Each tier is spread over the zones that are left when one is lost; the surge of a deployment is that of services.
pub fn subnet_addresses(system: &System, largest: &[Option<u32>]) -> Vec<SubnetAddresses> {
    let network = system.network();
    let sizes =
        [(Placement::Public, network.subnets.public_prefix), (Placement::Private, network.subnets.private_prefix)];
    sizes
        .into_iter()
        .filter_map(|(placement, prefix)| {
            let prefix = prefix?;
            let all = 1_u64.checked_shl(32_u32.saturating_sub(prefix)).unwrap_or(u64::MAX);
            let available = all.saturating_sub(RESERVED);
            Some(SubnetAddresses { placement, prefix, available, needed: needed(system, placement, largest) })
        })
        .collect()
}

fn needed(system: &System, placement: Placement, largest: &[Option<u32>]) -> u64 {
    let network = system.network();
    let zones_left = f64::from(system.region().zones.saturating_sub(1).max(1));
    let of_tiers: u64 = system
        .tiers()
        .iter()
        .zip(largest)
        .filter(|(tier, _)| tier.placement == placement)
        .map(|(tier, count)| {
            let (Some(fleet), Some(count)) = (tier.fleet(), count) else {
                return if tier.kind == TierKind::LoadBalancer { LOAD_BALANCER_ADDRESSES } else { 0 };
            };
            let (surge, standby) = match &fleet.role {
                FleetRole::Service => (network.subnets.deploy_surge, 0),
                FleetRole::Cache(_) => (0.0, 0),
                FleetRole::Database(role) => (0.0, u64::from(role.standby == Standby::Synchronous)),
            };
            // A deployment adds whole instances.
            let instances = f64::from(*count) + (f64::from(*count) * surge).ceil();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count times a small factor")]
            let in_zone = (instances / zones_left).ceil() as u64;
            in_zone + standby
        })
        .sum();
    of_tiers + u64::from(placement == Placement::Public && network.nat.is_some())
}
