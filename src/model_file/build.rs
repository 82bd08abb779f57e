//! From the tree of a file to the draft of a system.

use super::classes::read_classes;
use super::cloud_network::read_network;
use super::codes::Code;
use super::fields::Fields;
use super::instance_types::OwnTypes;
use super::keys::{region, root, scaling, workload};
use super::notes::{Notes, Read, Refused, all};
use super::objectives::read_objectives;
use super::scenarios::read_scenarios;
use super::tiers::{TierContext, keep_in_zones, read_tier};
use super::tree::{Origin, Table};
use crate::model::{Region, Reliability, Scaling, SystemDraft, Workload};

/// The version of the file format that this program reads.
pub const FORMAT_VERSION: u64 = 1;

/// Zones of a region that cannot be read: that is one fault, and the tiers are read as if it had the usual ones.
const USUAL_ZONES: u32 = 3;

/// Reads everything that the tree says.
///
/// # Errors
///
/// [`Refused`] if some value is missing or wrong; every fault is in `notes`.
pub fn build(root: &Table, notes: &mut Notes) -> Read<SystemDraft> {
    let fields = Fields::new(&root::SECTION, Some(root), String::new(), Origin::TOP, notes);
    let version = read_version(&fields, notes);
    let name = fields.text(&root::NAME, notes);
    let workload = read_workload(&fields, notes);
    let region = read_region(&fields, notes);
    let zones = region.as_ref().map_or(USUAL_ZONES, |region| region.zones);
    let network = read_network(&fields, zones, notes);
    let own_types = OwnTypes::read(&fields, notes);
    let tier_table = fields.table(&root::TIERS, notes);
    let tier_names = names(tier_table.as_ref().ok().and_then(Option::as_ref).map(|(table, _)| *table));
    let class_names = names(root.table(root::CLASSES.row.name));
    let objectives = read_objectives(&fields, &class_names, notes);
    let scaling = read_scaling(&fields, notes);
    let scenarios = read_scenarios(&fields, &tier_names, notes);
    let round_trip = network.as_ref().map_or(0.0, |(_, round_trip)| round_trip.get());
    let context = TierContext { zones, round_trip, names: &tier_names, types: &own_types };
    let tiers = tier_table.and_then(|table| {
        let (table, _) = table.ok_or(Refused)?;
        all(table.entries.iter().map(|entry| read_tier(entry, &context, notes))).map(keep_in_zones)
    });
    let classes = read_classes(&fields, &tier_names, tiers.as_deref(), notes);
    version?;
    let (reactions, scenarios) = scenarios?;
    Ok(SystemDraft {
        name: name?.0.to_owned(),
        workload: workload?,
        region: region?,
        classes: classes?,
        tiers: tiers?,
        objectives: objectives?,
        scaling: scaling?,
        reactions,
        scenarios,
        network: network?.0,
    })
}

fn names(table: Option<&Table>) -> Vec<&str> {
    table.into_iter().flat_map(|table| &table.entries).map(|entry| entry.key.as_str()).collect()
}

fn read_version(root: &Fields<'_>, notes: &mut Notes) -> Read<()> {
    let version = root.get(&root::CAPPLAN, notes)?;
    if version == FORMAT_VERSION {
        return Ok(());
    }
    let message = format!("version {version} of the file format is not known; this program reads {FORMAT_VERSION}");
    Err(root.fault(&root::CAPPLAN, Code::VERSION, message, None, notes))
}

fn read_workload(root: &Fields<'_>, notes: &mut Notes) -> Read<Workload> {
    let fields = root.section(&root::WORKLOAD, notes)?;
    if fields.has(&workload::USERS) && fields.has(&workload::ARRIVAL_RATE) {
        // The fault belongs to what came last: an override, if one of the two is.
        let users_last = fields.node(&workload::USERS).is_some_and(|node| matches!(node.origin, Origin::Override(_)));
        let message = "a workload has either `users` with `think_time` or `arrival_rate`, not both".to_owned();
        let help = |other, at| Some(format!("remove `{other}` from the file or do not set `{at}`"));
        return Err(if users_last {
            fields.conflict(&workload::USERS, message, help("arrival_rate", "users"), notes)
        } else {
            fields.conflict(&workload::ARRIVAL_RATE, message, help("users", "arrival_rate"), notes)
        });
    }
    if fields.has(&workload::ARRIVAL_RATE) {
        if fields.has(&workload::THINK_TIME) {
            let message = "`think_time` has no meaning with `arrival_rate`: open arrivals do not wait for answers";
            let help = "remove it, or give `users` instead of `arrival_rate`".to_owned();
            fields.conflict(&workload::THINK_TIME, message.to_owned(), Some(help), notes);
        }
        return Ok(Workload::Arrivals { arrival_rate: fields.get(&workload::ARRIVAL_RATE, notes)? });
    }
    if !fields.has(&workload::USERS) {
        let message = "a workload needs `users` and `think_time`, or `arrival_rate`".to_owned();
        let path = root.path_of(&root::WORKLOAD);
        return Err(notes.fault(Code::MISSING_KEY, fields.origin(), &path, message, None));
    }
    let users = fields.get(&workload::USERS, notes);
    let think_time = if fields.has(&workload::THINK_TIME) {
        fields.get(&workload::THINK_TIME, notes)
    } else {
        Err(fields.missing(&workload::THINK_TIME, notes))
    };
    Ok(Workload::Users { users: users?, think_time: think_time? })
}

fn read_region(root: &Fields<'_>, notes: &mut Notes) -> Read<Region> {
    let fields = root.section(&root::REGION, notes)?;
    let name = fields.text(&region::NAME, notes);
    let zones = fields.get(&region::ZONES, notes);
    let mtbf = fields.get(&region::ZONE_MTBF, notes);
    let mttr = fields.get(&region::ZONE_MTTR, notes);
    let availability = fields.get(&region::AVAILABILITY, notes);
    Ok(Region {
        name: name?.0.to_owned(),
        zones: zones?,
        zone: Reliability::new(mtbf?, mttr?).map_err(|_| Refused)?,
        availability: availability?,
    })
}

fn read_scaling(root: &Fields<'_>, notes: &mut Notes) -> Read<Scaling> {
    let fields = root.section(&root::SCALING, notes)?;
    let margin = fields.get(&scaling::MARGIN, notes);
    let trough = fields.get(&scaling::TROUGH, notes);
    let surge = fields.get(&scaling::SURGE, notes);
    let alarm_time = fields.get(&scaling::ALARM_TIME, notes);
    let boot_time = fields.get(&scaling::BOOT_TIME, notes);
    Ok(Scaling { margin: margin?, trough: trough?, surge: surge?, alarm_time: alarm_time?, boot_time: boot_time? })
}
