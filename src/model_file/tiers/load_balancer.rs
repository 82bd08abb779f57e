//! Reads a managed load balancer: its capacity units, its price and what it does with zones.

use crate::model::{BalancedRequest, Balancer, BalancerKind, BalancerTariff, Managed, UsagePricing, ZoneTraffic};
use crate::model_file::fields::Fields;
use crate::model_file::keys::tiers::load_balancer;
use crate::model_file::notes::{Notes, Read, Refused};
use crate::model_file::price_list::balancer;
use capplan_queueing::units::Seconds;

/// Reads a `load_balancer` tier in a region of so many zones.
pub fn read_load_balancer(fields: &Fields<'_>, zones: u32, notes: &mut Notes) -> Read<Managed> {
    let kind = fields.get(&load_balancer::BALANCER_TYPE, notes);
    // A kind that cannot be read is one fault; the rest is read as if it were the usual one.
    let usual = kind.as_ref().copied().unwrap_or(BalancerKind::Application);
    let listed = balancer(usual).ok_or(Refused)?;
    let crossed = match usual {
        BalancerKind::Application => (ZoneTraffic::Crossed, "true"),
        BalancerKind::Network | BalancerKind::NetworkTls => (ZoneTraffic::Kept, "false"),
    };
    let zone_traffic = fields.get_or(&load_balancer::CROSS_ZONE, crossed, notes);
    let fixed_time = Seconds::new(listed.fixed_time).map_err(|_| Refused)?;
    let shown = format!("{} ms", listed.fixed_time * 1e3);
    let fixed_time = fields.get_or(&load_balancer::FIXED_TIME, (fixed_time, &shown), notes);
    let (unit_price, cross_zone_price) = (listed.tariff.unit_price, listed.tariff.cross_zone_price);
    let shown = (format!("{unit_price} USD/h"), format!("{cross_zone_price} USD"));
    let unit_price = fields.get_or(&load_balancer::CAPACITY_UNIT_PRICE, (unit_price, &shown.0), notes);
    let cross_zone_price = fields.get_or(&load_balancer::CROSS_ZONE_PRICE, (cross_zone_price, &shown.1), notes);
    let size = fields.get(&load_balancer::RESPONSE_SIZE, notes);
    let per_connection = fields.get(&load_balancer::REQUESTS_PER_CONNECTION, notes);
    let connection_time = fields.get(&load_balancer::CONNECTION_TIME, notes);
    let rules = fields.get(&load_balancer::RULES, notes);
    let availability = fields.get(&load_balancer::AVAILABILITY, notes);
    let fixed = fields.get(&load_balancer::PRICE, notes);
    let zone_traffic = zone_traffic?;
    let request = BalancedRequest {
        size: size?,
        per_connection: per_connection?,
        connection_time: connection_time?,
        rules: rules?,
    };
    let tariff = BalancerTariff { unit_price: unit_price?, cross_zone_price: cross_zone_price?, ..listed.tariff };
    let units = tariff.units(request);
    Ok(Managed {
        service_time: Seconds::ZERO,
        service_scv: 1.0,
        fixed_time: fixed_time?,
        availability: availability?,
        request_limit: None,
        pricing: UsagePricing {
            fixed: fixed?,
            usd_per_million_visits: 0.0,
            usd_per_hour_per_visit_rate: tariff.unit_price * units.billed().1,
            cross_zone_usd_per_hour_per_visit_rate: tariff
                .cross_zone_usd_per_hour(request, 1.0 - zone_traffic.staying_share(zones)),
        },
        balancer: Some(Balancer { kind: kind?, zone_traffic, units }),
    })
}
