//! Reads `[network]`.

use super::build::unit;
use super::fields::{Fields, Notes, Read, Refused};
use crate::model::{Billing, CloudNetwork, Nat, Subnets};
use capplan_queueing::units::{Bytes, Price, Probability, Seconds};

/// What `[network]` says.
#[derive(Debug, Clone, Copy)]
pub struct NetworkKeys {
    /// For the model.
    pub network: CloudNetwork,
    /// Mean round trip of a visit to a fleet.
    pub round_trip: Seconds,
}

/// Reads the section for a region of `zones` zones.
pub fn read_network(root: &Fields<'_>, zones: u32, notes: &mut Notes) -> Read<NetworkKeys> {
    let fields = root.section("network", notes)?;
    let in_zone = fields.number("round_trip_in_zone", notes);
    let across = fields.number("round_trip_across_zones", notes);
    let cross_zone = fields.flag("cross_zone", notes);
    let costs = fields.flag("costs", notes);
    let cross_zone_price = fields.number("cross_zone_price", notes);
    let response_size = fields.number("response_size", notes);
    let egress_price = fields.number_if_set("egress_price", notes);
    let nat = read_nat(&fields, notes);
    let subnets = read_subnets(&fields, notes);
    let staying = if cross_zone? { 1.0 / f64::from(zones) } else { 1.0 };
    Ok(NetworkKeys {
        round_trip: unit(Seconds::new(staying * in_zone? + (1.0 - staying) * across?))?,
        network: CloudNetwork {
            billing: if costs? { Billing::Included } else { Billing::LeftOut },
            cross_zone_share: unit(Probability::new(1.0 - staying))?,
            usd_per_gb_across_zones: cross_zone_price?,
            response_size: unit(Bytes::new(response_size?))?,
            usd_per_gb_to_internet: egress_price?,
            nat: nat?,
            subnets: subnets?,
        },
    })
}

fn read_nat(fields: &Fields<'_>, notes: &mut Notes) -> Read<Option<Nat>> {
    let present = fields.flag("nat", notes);
    let size = fields.number("nat_size", notes);
    let price = fields.number("nat_price", notes);
    let per_gb = fields.number("nat_data_price", notes);
    let nat = Nat { price: unit(Price::usd_per_hour(price?))?, usd_per_gb: per_gb?, size: unit(Bytes::new(size?))? };
    Ok(present?.then_some(nat))
}

fn read_subnets(fields: &Fields<'_>, notes: &mut Notes) -> Read<Subnets> {
    let fields = fields.section("subnets", notes)?;
    let mut prefix = |key| -> Read<Option<u32>> {
        fields.count_if_set(key, notes)?.map(|length| u32::try_from(length).map_err(|_| Refused)).transpose()
    };
    let (private_prefix, public_prefix) = (prefix("private_prefix"), prefix("public_prefix"));
    let deploy_surge = fields.number("deploy_surge", notes);
    Ok(Subnets { private_prefix: private_prefix?, public_prefix: public_prefix?, deploy_surge: deploy_surge? })
}
