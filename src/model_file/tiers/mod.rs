//! Reads one tier: the keys of its kind, and the values that follow from others.

mod cache;
mod database;
mod fleet;
mod load_balancer;
mod managed;
mod routing;

use super::codes::Code;
use super::fields::Fields;
use super::instance_types::OwnTypes;
use super::keys::tiers::{fleet as fleet_keys, shared};
use super::keys::{root, tier_section};
use super::notes::{Notes, Read, Refused};
use super::tree::{Entry, Origin, Table, Value, shorten};
use super::values::{Wrong, check_name, choose, join, list, table_of, value};
use crate::model::{Fleet, Placement, Resource, Tier, TierKind, ZoneTraffic};
use capplan_queueing::units::{Bytes, Seconds};

/// Facts about the rest of the file that a tier depends on.
#[derive(Debug)]
pub struct TierContext<'a> {
    /// Number of zones.
    pub zones: u32,
    /// Mean round trip of a visit to a fleet, in seconds.
    pub round_trip: f64,
    /// Names of all tiers in order.
    pub names: &'a [&'a str],
    /// The file's own instance types.
    pub types: &'a OwnTypes,
}

/// Reads one entry of `[tiers]`.
pub fn read_tier(entry: &Entry, context: &TierContext<'_>, notes: &mut Notes) -> Read<Tier> {
    let path = join(root::TIERS.row.name, &entry.key);
    let name = check_name(&entry.key, &entry.key_origin, &path, notes);
    let table = table_of(&entry.node, &path, "a table", notes)?;
    let kind = read_kind(table, &path, &entry.key_origin, notes)?;
    let fields = Fields::new(tier_section(kind), Some(table), path, entry.key_origin.clone(), notes);
    let round_trip = read_round_trip(&fields, context.round_trip, notes);
    let placement = match kind {
        TierKind::Dns | TierKind::ObjectStorage | TierKind::Delay => Ok(Placement::Outside),
        _ => fields.get(&fleet_keys::PLACEMENT, notes),
    };
    let bytes_per_visit = match kind {
        TierKind::Service | TierKind::Cache | TierKind::Database => fleet::read_visit_size(&fields, notes),
        _ => Bytes::new(0.0).map_err(|_| Refused),
    };
    let resource = match kind {
        TierKind::Dns => managed::read_dns(&fields, notes).map(Resource::Managed),
        TierKind::LoadBalancer => {
            load_balancer::read_load_balancer(&fields, context.zones, notes).map(Resource::Managed)
        }
        TierKind::ObjectStorage => managed::read_object_storage(&fields, notes).map(Resource::Managed),
        TierKind::Delay => managed::read_delay(&fields, notes).map(Resource::Managed),
        TierKind::Service => fleet::read_service(&fields, context, notes).map(boxed),
        TierKind::Cache => cache::read_cache(&fields, context, notes).map(boxed),
        TierKind::Database => database::read_database(&fields, context, notes).map(boxed),
    };
    name?;
    Ok(Tier {
        name: entry.key.clone(),
        kind,
        round_trip: round_trip?,
        placement: placement?,
        bytes_per_visit: bytes_per_visit?,
        resource: resource?,
    })
}

fn boxed(fleet: Fleet) -> Resource {
    Resource::Fleet(Box::new(fleet))
}

fn read_kind(table: &Table, path: &str, origin: &Origin, notes: &mut Notes) -> Read<TierKind> {
    let key = &shared::KIND;
    let names = TierKind::ALL.map(TierKind::name);
    let path = join(path, key.row.name);
    let Some(entry) = table.get(key.row.name) else {
        let message = "a tier needs the key `kind`".to_owned();
        return Err(notes.fault(
            Code::MISSING_KEY,
            origin,
            &path,
            message,
            Some(format!("the kinds are {}", list(names))),
        ));
    };
    match &entry.node.value {
        Value::Text(text) if !names.contains(&text.as_str()) => {
            let message = format!("\"{}\" is not a kind of tier", shorten(text));
            let help = choose(text, &names, "kinds");
            Err(notes.wrong(&entry.node, &path, Wrong { code: Code::UNKNOWN_WORD, message, help: Some(help) }))
        }
        _ => value(key, &key.row, &entry.node, &path, notes),
    }
}

fn read_round_trip(fields: &Fields<'_>, mean: f64, notes: &mut Notes) -> Read<Seconds> {
    let mean = (Seconds::new(mean).map_err(|_| Refused)?, format!("{:.3} ms", mean * 1e3));
    fields.get_or(&shared::ROUND_TRIP, (mean.0, &mean.1), notes)
}

/// Marks the first service tier after a load balancer that keeps requests in their zone.
pub fn keep_in_zones(mut tiers: Vec<Tier>) -> Vec<Tier> {
    let keeps = |tier: &Tier| match &tier.resource {
        Resource::Managed(managed) => managed.balancer.is_some_and(|own| own.zone_traffic == ZoneTraffic::Kept),
        Resource::Fleet(_) => false,
    };
    let mut kept = false;
    for tier in &mut tiers {
        kept |= keeps(tier);
        if let (true, TierKind::Service, Resource::Fleet(fleet)) = (kept, tier.kind, &mut tier.resource) {
            fleet.zone_traffic = ZoneTraffic::Kept;
            kept = false;
        }
    }
    tiers
}
