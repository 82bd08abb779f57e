//! From the tree of a file to the draft of a system.

use super::cloud_network::read_network;
use super::codes::Code;
use super::fields::{Basis, Fields, Notes, Read, Refused, Wrong, check_name, join, measure_bare, measure_objective};
use super::keys::{CLASS, CLASS_OBJECTIVES, Limits, ROOT, Section, Shape, VISITS};
use super::scenarios::read_scenarios;
use super::suggest::did_you_mean;
use super::tiers::{TierContext, read_tier};
use super::tree::{Node, Origin, Table, Value, shorten};
use super::types::OwnTypes;
use crate::model::{
    FleetRole, Objectives, Region, Reliability, RequestClass, Resource, ResponseObjective, Scaling, SystemDraft, Tier,
    TierKind, Visits, Workload, ZoneTraffic,
};
use capplan_queueing::units::{ArrivalRate, Price, Probability, Seconds, UnitError};

/// The version of the file format that this program reads.
pub const FORMAT_VERSION: u64 = 1;

/// The class of a file without classes.
const DEFAULT_CLASS: &str = "request";

/// Reads everything that the tree says.
///
/// # Errors
///
/// [`Refused`] if some value is missing or wrong; every fault is in `notes`.
pub fn build(root: &Table, notes: &mut Notes) -> Read<SystemDraft> {
    let fields = Fields::new(&ROOT, Some(root), String::new(), Origin::TOP, notes);
    let version = read_version(&fields, notes);
    let name = fields.text("name", notes);
    let workload = read_workload(&fields, notes);
    let region = read_region(&fields, notes);
    let network = read_network(&fields, region.as_ref().map_or(3, |region| region.zones), notes);
    let own_types = OwnTypes::read(&fields, notes);
    let tier_table = fields.table("tiers", notes);
    let tier_names: Vec<&str> = names(tier_table.as_ref().ok());
    let class_table = fields.table("classes", notes);
    let class_names: Vec<&str> = names(class_table.as_ref().ok());
    let objectives = read_objectives(&fields, &class_names, notes);
    let scaling = read_scaling(&fields, notes);
    let trouble = read_scenarios(&fields, &tier_names, notes);
    // A region that cannot be read is one fault; the tiers are read as if it had the usual zones.
    let zones = region.as_ref().map_or(3, |region| region.zones);
    let round_trip = network.as_ref().map_or(0.0, |network| network.round_trip.get());
    let context = TierContext { zones, round_trip, names: &tier_names, types: &own_types };
    let tiers = read_tiers(tier_table, &context, notes);
    let classes = read_classes(class_table, &tier_names, tiers.as_deref(), notes);
    version?;
    let (reactions, scenarios) = trouble?;
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
        network: network?.network,
    })
}

/// Values within the limits of the key table are within those of their unit, so this never refuses in silence.
pub fn unit<T>(made: Result<T, UnitError>) -> Read<T> {
    made.map_err(|_| Refused)
}

fn names<'a>(table: Option<&Option<(&'a Table, Origin)>>) -> Vec<&'a str> {
    let table = table.and_then(Option::as_ref).map(|(table, _)| *table);
    table.into_iter().flat_map(|table| &table.entries).map(|entry| entry.key.as_str()).collect()
}

fn read_version(root: &Fields<'_>, notes: &mut Notes) -> Read<()> {
    let version = root.count("capplan", notes)?;
    if version == FORMAT_VERSION {
        return Ok(());
    }
    let message = format!("version {version} of the file format is not known; this program reads {FORMAT_VERSION}");
    let origin = root.node("capplan").map_or(Origin::TOP, |node| node.origin.clone());
    Err(notes.fault(Code::VERSION, &origin, "capplan", message, None))
}

fn read_workload(root: &Fields<'_>, notes: &mut Notes) -> Read<Workload> {
    let fields = root.section("workload", notes)?;
    let origin_of = |key| fields.node(key).map_or(Origin::TOP, |node: &Node| node.origin.clone());
    if fields.has("users") && fields.has("arrival_rate") {
        // The fault belongs to what came last: an override, if one of the two is.
        let at = match origin_of("users") {
            Origin::Override(_) => "users",
            Origin::File(_) => "arrival_rate",
        };
        let message = "a workload has either `users` with `think_time` or `arrival_rate`, not both".to_owned();
        let other = if at == "users" { "arrival_rate" } else { "users" };
        let help = format!("remove `{other}` from the file or do not set `{at}`");
        return Err(notes.fault(Code::CONFLICT, &origin_of(at), &fields.path_of(at), message, Some(help)));
    }
    if fields.has("arrival_rate") {
        if fields.has("think_time") {
            let message = "`think_time` has no meaning with `arrival_rate`: open arrivals do not wait for answers";
            let help = "remove it, or give `users` instead of `arrival_rate`".to_owned();
            let (origin, path) = (origin_of("think_time"), fields.path_of("think_time"));
            notes.fault(Code::CONFLICT, &origin, &path, message.to_owned(), Some(help));
        }
        let rate = fields.number_if_set("arrival_rate", notes)?.ok_or(Refused)?;
        return Ok(Workload::Arrivals { arrival_rate: unit(ArrivalRate::new(rate))? });
    }
    if !fields.has("users") {
        let message = "a workload needs `users` and `think_time`, or `arrival_rate`".to_owned();
        return Err(notes.fault(Code::MISSING_KEY, fields.origin(), "workload", message, None));
    }
    let users = fields.number_if_set("users", notes);
    let think_time = if fields.has("think_time") {
        fields.number_if_set("think_time", notes)
    } else {
        Err(fields.missing("think_time", notes))
    };
    Ok(Workload::Users { users: users?.ok_or(Refused)?, think_time: unit(Seconds::new(think_time?.ok_or(Refused)?))? })
}

fn read_region(root: &Fields<'_>, notes: &mut Notes) -> Read<Region> {
    let fields = root.section("region", notes)?;
    let name = fields.text("name", notes);
    let zones = fields.count("zones", notes);
    let mtbf = fields.number("zone_mtbf", notes);
    let mttr = fields.number("zone_mttr", notes);
    let availability = fields.number("availability", notes);
    Ok(Region {
        name: name?.0.to_owned(),
        zones: u32::try_from(zones?).map_err(|_| Refused)?,
        zone: reliability(mtbf?, mttr?)?,
        availability: unit(Probability::new(availability?))?,
    })
}

/// A pair of mean times.
pub fn reliability(mtbf: f64, mttr: f64) -> Read<Reliability> {
    unit(Reliability::new(unit(Seconds::new(mtbf))?, unit(Seconds::new(mttr))?))
}

fn read_scaling(root: &Fields<'_>, notes: &mut Notes) -> Read<Scaling> {
    let fields = root.section("scaling", notes)?;
    let margin = fields.number("margin", notes);
    let trough = fields.number("trough", notes);
    let surge = fields.number("surge", notes);
    let alarm_time = fields.number("alarm_time", notes);
    let boot_time = fields.number("boot_time", notes);
    Ok(Scaling {
        margin: margin?,
        trough: trough?,
        surge: surge?,
        alarm_time: unit(Seconds::new(alarm_time?))?,
        boot_time: unit(Seconds::new(boot_time?))?,
    })
}

fn read_objectives(root: &Fields<'_>, class_names: &[&str], notes: &mut Notes) -> Read<Objectives> {
    let fields = root.section("objectives", notes)?;
    let availability = fields.number_if_set("availability", notes);
    let time_within = fields.number_if_set("time_within", notes);
    let budget = fields.number_if_set("monthly_budget", notes);
    let headroom = fields.number("headroom", notes);
    let mut response_times = read_percentiles(&fields, None, notes);
    for (name, class) in class_objectives(&fields, notes)? {
        let index = match class_names.iter().position(|known| *known == name) {
            None if class_names.is_empty() && name == DEFAULT_CLASS => Some(0),
            found => found,
        };
        let Some(index) = index else {
            let help = did_you_mean(name, class_names.iter().copied());
            let message = format!("the file has no class `{}`", shorten(name));
            let path = fields.path_of("classes");
            response_times = Err(notes.fault(Code::UNKNOWN_NAME, class.origin(), &join(&path, name), message, help));
            continue;
        };
        let more = read_percentiles(&class, Some(index), notes);
        response_times = response_times.and_then(|mut all| {
            all.extend(more?);
            Ok(all)
        });
    }
    Ok(Objectives {
        response_times: response_times?,
        availability: availability?.map(|share| unit(Probability::new(share))).transpose()?,
        time_within: time_within?.map(|share| unit(Probability::new(share))).transpose()?,
        budget: budget?.map(|usd| unit(Price::usd_per_month(usd))).transpose()?,
        headroom: headroom?,
    })
}

fn class_objectives<'a>(objectives: &Fields<'a>, notes: &mut Notes) -> Read<Vec<(&'a str, Fields<'a>)>> {
    match objectives.table("classes", notes)? {
        None => Ok(Vec::new()),
        Some((table, _)) => named_sections(table, &objectives.path_of("classes"), &CLASS_OBJECTIVES, notes),
    }
}

/// The tables of a map by name.
pub fn named_sections<'a>(
    table: &'a Table,
    path: &str,
    section: &'static Section,
    notes: &mut Notes,
) -> Read<Vec<(&'a str, Fields<'a>)>> {
    let mut sections = Vec::with_capacity(table.entries.len());
    let mut refused = None;
    for entry in &table.entries {
        let path = join(path, &entry.key);
        if let Value::Table(inner) = &entry.node.value {
            let fields = Fields::new(section, Some(inner), path, entry.key_origin.clone(), notes);
            sections.push((entry.key.as_str(), fields));
        } else {
            let wrong = Wrong::value(&entry.node, "a table");
            refused = Some(notes.fault(wrong.code, &entry.node.origin, &path, wrong.message, wrong.help));
        }
    }
    refused.map_or(Ok(sections), Err)
}

fn read_percentiles(fields: &Fields<'_>, class: Option<usize>, notes: &mut Notes) -> Read<Vec<ResponseObjective>> {
    let Some((table, _)) = fields.table("response_time", notes)? else { return Ok(Vec::new()) };
    let limits = percentile_limits();
    let mut objectives = Vec::with_capacity(table.entries.len());
    let mut refused = None;
    for entry in &table.entries {
        let path = join(&fields.path_of("response_time"), &entry.key);
        let Some(percentile) = parse_percentile(&entry.key) else {
            let message = format!("`{}` is not a percentile above 0 and below 100", shorten(&entry.key));
            let help = Some("write `p95`, `p99` or `p99_9`".to_owned());
            refused = Some(notes.fault(Code::BAD_PERCENTILE, &entry.key_origin, &path, message, help));
            continue;
        };
        match measure_objective(limits, &entry.node) {
            Ok(limit) => objectives.push(ResponseObjective { class, percentile, limit: unit(Seconds::new(limit))? }),
            Err(wrong) => {
                refused = Some(notes.fault(wrong.code, &entry.node.origin, &path, wrong.message, wrong.help));
            }
        }
    }
    refused.map_or(Ok(objectives), Err)
}

fn percentile_limits() -> Limits {
    match CLASS_OBJECTIVES.key("response_time").map(|key| key.shape) {
        Some(Shape::Percentiles(limits)) => limits,
        _ => unreachable!("the row of `response_time` has percentiles"),
    }
}

/// Reads `p99_9` or `p99.9` as 0.999.
fn parse_percentile(key: &str) -> Option<f64> {
    const MOST_DIGITS: usize = 12;
    let digits = key.strip_prefix('p')?.replacen('_', ".", 1);
    let well_formed = digits.len() <= MOST_DIGITS
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.ends_with(|last: char| last.is_ascii_digit());
    let percentile: f64 = if well_formed { format!("{digits}e-2").parse().ok()? } else { return None };
    (percentile > 0.0 && percentile < 1.0).then_some(percentile)
}

fn read_tiers(table: Read<Option<(&Table, Origin)>>, context: &TierContext<'_>, notes: &mut Notes) -> Read<Vec<Tier>> {
    let Some((table, _)) = table? else { return Err(Refused) };
    let tiers: Vec<Read<Tier>> = table.entries.iter().map(|entry| read_tier(entry, context, notes)).collect();
    tiers.into_iter().collect::<Read<Vec<Tier>>>().map(keep_in_zones)
}

/// Tells the first service tier after a load balancer that keeps requests in their zone.
fn keep_in_zones(mut tiers: Vec<Tier>) -> Vec<Tier> {
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

fn read_classes(
    table: Read<Option<(&Table, Origin)>>,
    tier_names: &[&str],
    tiers: Result<&[Tier], &Refused>,
    notes: &mut Notes,
) -> Read<Vec<RequestClass>> {
    let Some((table, _)) = table? else { return default_class(tiers.map_err(|refused| *refused)?, notes) };
    let sections = named_sections(table, "classes", &CLASS, notes)?;
    let only = sections.len() == 1;
    let classes: Vec<Read<RequestClass>> = sections
        .iter()
        .map(|(name, fields)| {
            let checked = check_name(name, fields.origin(), &join("classes", name), notes);
            let share = match fields.number_if_set("share", notes) {
                Ok(Some(share)) => Ok(share),
                Ok(None) if only => {
                    fields.derived("share", "1", notes);
                    Ok(1.0)
                }
                Ok(None) => Err(fields.missing("share", notes)),
                Err(refused) => Err(refused),
            };
            let visits = read_visits(fields, tier_names, notes);
            checked?;
            Ok(RequestClass { name: (*name).to_owned(), share: unit(Probability::new(share?))?, visits: visits? })
        })
        .collect();
    classes.into_iter().collect()
}

fn read_visits(class: &Fields<'_>, tier_names: &[&str], notes: &mut Notes) -> Read<Vec<Visits>> {
    let Some((table, _)) = class.table("visits", notes)? else { return Err(Refused) };
    let mut all = Vec::with_capacity(table.entries.len());
    let mut refused = None;
    for entry in &table.entries {
        let path = join(&class.path_of("visits"), &entry.key);
        let Some(tier) = tier_names.iter().position(|name| *name == entry.key) else {
            let message = format!("the file has no tier `{}`", shorten(&entry.key));
            let help = did_you_mean(&entry.key, tier_names.iter().copied());
            refused = Some(notes.fault(Code::UNKNOWN_NAME, &entry.key_origin, &path, message, help));
            continue;
        };
        match read_one_visit(&entry.node, &entry.key_origin, path, notes) {
            Ok((reads, writes)) => all.push(Visits { tier, reads, writes }),
            Err(one) => refused = Some(one),
        }
    }
    // In the order of the tiers, whatever the order of the class.
    all.sort_by_key(|visits| visits.tier);
    refused.map_or(Ok(all), Err)
}

/// Reads and writes of one tier: a bare number is reads.
fn read_one_visit(node: &Node, key_origin: &Origin, path: String, notes: &mut Notes) -> Read<(f64, f64)> {
    if let Value::Table(inner) = &node.value {
        let fields = Fields::new(&VISITS, Some(inner), path, key_origin.clone(), notes);
        let reads = fields.number("reads", notes);
        let writes = fields.number("writes", notes);
        return Ok((reads?, writes?));
    }
    let row = VISITS.key("reads").ok_or(Refused)?;
    measure_bare(row, node)
        .map(|reads| (reads, 0.0))
        .map_err(|wrong| notes.fault(wrong.code, &node.origin, &path, wrong.message, wrong.help))
}

fn default_class(tiers: &[Tier], notes: &mut Notes) -> Read<Vec<RequestClass>> {
    let behind_a_cache = |index: usize| {
        tiers.iter().any(|tier| match &tier.resource {
            Resource::Fleet(fleet) => match &fleet.role {
                FleetRole::Cache(cache) => cache.in_front_of == Some(index),
                FleetRole::Service | FleetRole::Database(_) => false,
            },
            Resource::Managed(_) => false,
        })
    };
    let visits = (0..tiers.len())
        .filter(|index| !behind_a_cache(*index))
        .map(|tier| Visits { tier, reads: 1.0, writes: 0.0 })
        .collect();
    let source = "every tier once, except tiers behind a cache";
    notes.in_force("classes".to_owned(), "one class `request`", Basis::Derived, source);
    Ok(vec![RequestClass { name: DEFAULT_CLASS.to_owned(), share: unit(Probability::new(1.0))?, visits }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_take_a_point_or_an_underscore() {
        assert_eq!(parse_percentile("p95"), Some(0.95));
        assert_eq!(parse_percentile("p99_9"), Some(0.999));
        assert_eq!(parse_percentile("p99.9"), Some(0.999));
        for wrong in ["p", "95", "p0", "p100", "p9x", "p_9", "p9_", "p9.9.9", "pinf", "p-5", "p1e1"] {
            assert_eq!(parse_percentile(wrong), None, "{wrong}");
        }
    }
}
