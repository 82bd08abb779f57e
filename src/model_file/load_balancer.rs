//! Reads a managed load balancer: its capacity units, its price and what it does with zones.

use super::fields::{Fields, Notes, Read};
use super::tiers::{price, seconds, share, zero_seconds};
use crate::model::{Balancer, BalancerKind, CapacityUnits, Managed, Resource, UsagePricing, ZoneTraffic};
use capplan_queueing::units::Seconds;

use super::build::unit;

/// What one capacity unit carries, and what a balancer costs if nothing is said.
struct Tariff {
    /// New connections a second.
    new_connections: f64,
    /// Open connections.
    active_connections: f64,
    /// Bytes an hour.
    bytes: f64,
    /// Evaluations of rules a second, and the rules that are free; `None` where there are no rules.
    rules: Option<(f64, f64)>,
    /// US dollars an hour for a unit.
    unit_price: f64,
    /// US dollars for a GB between zones.
    cross_zone_price: f64,
    /// Milliseconds that it adds.
    fixed_ms: f64,
}

/// AWS Elastic Load Balancing pricing page, us-east-1; the dimensions of network load balancers are not checked.
const fn tariff(kind: BalancerKind) -> Tariff {
    let network = Tariff {
        new_connections: 800.0,
        active_connections: 100_000.0,
        bytes: 1e9,
        rules: None,
        unit_price: 0.006,
        cross_zone_price: 0.02,
        fixed_ms: 0.3,
    };
    match kind {
        BalancerKind::Application => Tariff {
            new_connections: 25.0,
            active_connections: 3_000.0,
            bytes: 1e9,
            rules: Some((1_000.0, 10.0)),
            unit_price: 0.008,
            cross_zone_price: 0.0,
            fixed_ms: 1.5,
        },
        BalancerKind::Network => network,
        BalancerKind::NetworkTls => Tariff { new_connections: 50.0, active_connections: 3_000.0, ..network },
    }
}

const SECONDS_PER_HOUR: f64 = 3_600.0;
const BYTES_PER_GB: f64 = 1e9;

/// Reads the keys of a load balancer in a region of so many zones.
pub(super) fn read_load_balancer(fields: &Fields<'_>, zones: u32, notes: &mut Notes) -> Read<Resource> {
    let kind = fields.word("balancer_type", notes).map(|word| match word {
        "nlb" => BalancerKind::Network,
        "nlb_tls" => BalancerKind::NetworkTls,
        _ => BalancerKind::Application,
    });
    // A kind that cannot be read is one fault; the rest is read as if it were the usual one.
    let usual = kind.as_ref().copied().unwrap_or(BalancerKind::Application);
    let tariff = tariff(usual);
    let cross_zone = read_cross_zone(fields, usual, notes);
    let fixed_time = match fields.number_if_set("fixed_time", notes) {
        Ok(None) => {
            fields.derived("fixed_time", &format!("{} ms", tariff.fixed_ms), notes);
            unit(Seconds::new(tariff.fixed_ms / 1e3))
        }
        given => given.and_then(|given| unit(Seconds::new(given.unwrap_or(0.0)))),
    };
    let unit_price = or_tariff(fields, "capacity_unit_price", tariff.unit_price, "USD/h", notes);
    let cross_zone_price = or_tariff(fields, "cross_zone_price", tariff.cross_zone_price, "USD", notes);
    let response_size = fields.number("response_size", notes);
    let per_connection = fields.number("requests_per_connection", notes);
    let connection_time = seconds(fields, "connection_time", notes);
    let rules = fields.count("rules", notes);
    let availability = share(fields, "availability", notes);
    let fixed = price(fields, "price", notes);
    let (zone_traffic, response_size, per_connection) = (cross_zone?, response_size?, per_connection?);
    // One request per second opens 1/k connections per second, each of which is open for its time (Little).
    let connections = 1.0 / per_connection;
    let rules = rules? as f64;
    let units = CapacityUnits {
        new_connections: connections / tariff.new_connections,
        active_connections: connections * connection_time?.get() / tariff.active_connections,
        bytes: response_size * SECONDS_PER_HOUR / tariff.bytes,
        rules: tariff.rules.map_or(0.0, |(per_unit, free)| (rules - free).max(0.0) / per_unit),
    };
    // Targets are spread evenly: of the requests that any target may get, 1/zones stay in their zone.
    let crossing = match zone_traffic {
        ZoneTraffic::Crossed => 1.0 - 1.0 / f64::from(zones),
        ZoneTraffic::Kept => 0.0,
    };
    Ok(Resource::Managed(Managed {
        service_time: zero_seconds()?,
        service_scv: 1.0,
        fixed_time: fixed_time?,
        availability: availability?,
        request_limit: None,
        pricing: UsagePricing {
            fixed: fixed?,
            usd_per_million_visits: 0.0,
            usd_per_hour_per_visit_rate: unit_price? * units.billed().1,
            cross_zone_usd_per_hour_per_visit_rate: crossing * response_size / BYTES_PER_GB
                * SECONDS_PER_HOUR
                * cross_zone_price?,
        },
        balancer: Some(Balancer { kind: kind?, zone_traffic, units }),
    }))
}

fn read_cross_zone(fields: &Fields<'_>, kind: BalancerKind, notes: &mut Notes) -> Read<ZoneTraffic> {
    let traffic = |crossed| if crossed { ZoneTraffic::Crossed } else { ZoneTraffic::Kept };
    if fields.has("cross_zone") {
        return fields.flag("cross_zone", notes).map(traffic);
    }
    let crossed = kind == BalancerKind::Application;
    fields.derived("cross_zone", &crossed.to_string(), notes);
    Ok(traffic(crossed))
}

/// A price of the file, or that of the tariff.
fn or_tariff(fields: &Fields<'_>, key: &str, tariff: f64, of: &str, notes: &mut Notes) -> Read<f64> {
    let given = fields.number_if_set(key, notes)?;
    if given.is_none() {
        fields.derived(key, &format!("{tariff} {of}"), notes);
    }
    Ok(given.unwrap_or(tariff))
}
