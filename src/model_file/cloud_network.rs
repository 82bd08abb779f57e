//! Reads `[network]`.

use super::fields::Fields;
use super::keys::{network, root};
use super::notes::{Notes, Read, Refused};
use crate::model::{CloudNetwork, Nat, RoundTrips, Subnets};
use capplan_queueing::units::{Probability, Seconds};

/// Reads the section for a region of `zones` zones, and the mean round trip of a visit to a fleet.
pub fn read_network(root: &Fields<'_>, zones: u32, notes: &mut Notes) -> Read<(CloudNetwork, Seconds)> {
    let fields = root.section(&root::NETWORK, notes)?;
    let in_zone = fields.get(&network::ROUND_TRIP_IN_ZONE, notes);
    let across = fields.get(&network::ROUND_TRIP_ACROSS_ZONES, notes);
    let cross_zone = fields.get(&network::CROSS_ZONE, notes);
    let billing = fields.get(&network::COSTS, notes);
    let cross_zone_price = fields.get(&network::CROSS_ZONE_PRICE, notes);
    let response_size = fields.get(&network::RESPONSE_SIZE, notes);
    let egress_price = fields.optional(&network::EGRESS_PRICE, notes);
    let nat = read_nat(&fields, notes);
    let subnets = read_subnets(&fields, notes);
    let staying = cross_zone?.staying_share(zones);
    let round_trips = RoundTrips { in_zone: in_zone?, across_zones: across? };
    let network = CloudNetwork {
        billing: billing?,
        cross_zone_share: Probability::new(1.0 - staying).map_err(|_| Refused)?,
        usd_per_gb_across_zones: cross_zone_price?,
        response_size: response_size?,
        usd_per_gb_to_internet: egress_price?,
        nat: nat?,
        subnets: subnets?,
    };
    Ok((network, round_trips.mean(staying).map_err(|_| Refused)?))
}

fn read_nat(fields: &Fields<'_>, notes: &mut Notes) -> Read<Option<Nat>> {
    let present = fields.get(&network::NAT, notes);
    let size = fields.get(&network::NAT_SIZE, notes);
    let price = fields.get(&network::NAT_PRICE, notes);
    let per_gb = fields.get(&network::NAT_DATA_PRICE, notes);
    let nat = Nat { price: price?, usd_per_gb: per_gb?, size: size? };
    Ok(present?.then_some(nat))
}

fn read_subnets(fields: &Fields<'_>, notes: &mut Notes) -> Read<Subnets> {
    let fields = fields.section(&network::SUBNETS, notes)?;
    let private_prefix = fields.optional(&network::PRIVATE_PREFIX, notes);
    let public_prefix = fields.optional(&network::PUBLIC_PREFIX, notes);
    let deploy_surge = fields.get(&network::DEPLOY_SURGE, notes);
    Ok(Subnets { private_prefix: private_prefix?, public_prefix: public_prefix?, deploy_surge: deploy_surge? })
}
