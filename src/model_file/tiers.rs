//! Reads one tier: the keys of its kind, and the values that follow from others.

use super::build::{reliability, unit};
use super::cache_tier::{read_behaviour, search_memory};
use super::catalogue::{CacheEngine, Catalogue, DatabaseEngine};
use super::codes::Code;
use super::fields::{Fields, Notes, Read, Refused, Wrong, check_name, join};
use super::keys::{KIND, Shape, tier_section};
use super::load_balancer::read_load_balancer;
use super::routing::{check_routing, read_routing, read_sticky};
use super::suggest::{did_you_mean, nearest};
use super::tree::{Entry, Node, Origin, Table, Value, shorten};
use super::types::OwnTypes;
use crate::model::{
    CacheRole, Choice, CountRange, DatabaseRole, Discipline, Fleet, FleetRole, InstanceType, Managed, Placement,
    ReadSplit, Redundancy, Resource, Standby, StorageLimits, Tier, TierKind, UsagePricing, ZoneTraffic,
};
use capplan_queueing::units::{Bytes, Price, Probability, Seconds};

const BYTES_PER_GB: f64 = 1e9;
/// Largest count that a search may choose if the file says nothing.
const DEFAULT_MAX_INSTANCES: u64 = 200;
/// Limit of RDS on read replicas.
const DEFAULT_MAX_REPLICAS: u64 = 15;

/// What a tier needs to know about the rest of the file.
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
    let path = join("tiers", &entry.key);
    let name = check_name(&entry.key, &entry.key_origin, &path, notes);
    let Value::Table(table) = &entry.node.value else {
        let wrong = Wrong::value(&entry.node, "a table");
        return Err(notes.fault(wrong.code, &entry.node.origin, &path, wrong.message, wrong.help));
    };
    let kind = read_kind(table, &path, &entry.key_origin, notes)?;
    let fields = Fields::new(tier_section(kind), Some(table), path, entry.key_origin.clone(), notes);
    let round_trip = read_round_trip(&fields, context.round_trip, notes);
    let placement = read_placement(&fields, kind, notes);
    let bytes_per_visit = read_visit_size(&fields, kind, notes);
    let resource = match kind {
        TierKind::Dns => read_dns(&fields, notes),
        TierKind::LoadBalancer => read_load_balancer(&fields, context.zones, notes),
        TierKind::ObjectStorage => read_object_storage(&fields, notes),
        TierKind::Delay => read_delay(&fields, notes),
        TierKind::Service => read_service(&fields, context, notes),
        TierKind::Cache => read_cache(&fields, context, notes),
        TierKind::Database => read_database(&fields, context, notes),
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

fn read_kind(table: &Table, path: &str, origin: &Origin, notes: &mut Notes) -> Read<TierKind> {
    let Shape::Word(words) = KIND.shape else { return Err(Refused) };
    let choices = super::fields::list(words.iter().copied());
    let path = join(path, KIND.name);
    let Some(entry) = table.get(KIND.name) else {
        let message = "a tier needs the key `kind`".to_owned();
        return Err(notes.fault(Code::MISSING_KEY, origin, &path, message, Some(format!("the kinds are {choices}"))));
    };
    let node = &entry.node;
    let Value::Text(text) = &node.value else {
        let wrong = Wrong::value(node, &format!("one of {choices}"));
        return Err(notes.fault(wrong.code, &node.origin, &path, wrong.message, wrong.help));
    };
    TierKind::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
        let message = format!("\"{}\" is not a kind of tier", shorten(text));
        let help = match nearest(text, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`? the kinds are {choices}"),
            None => format!("the kinds are {choices}"),
        };
        notes.fault(Code::UNKNOWN_WORD, &node.origin, &path, message, Some(help))
    })
}

fn read_round_trip(fields: &Fields<'_>, mean: f64, notes: &mut Notes) -> Read<Seconds> {
    if let Some(seconds) = fields.number_if_set("round_trip", notes)? {
        return unit(Seconds::new(seconds));
    }
    fields.derived("round_trip", &format!("{:.3} ms", mean * 1e3), notes);
    unit(Seconds::new(mean))
}

fn read_placement(fields: &Fields<'_>, kind: TierKind, notes: &mut Notes) -> Read<Placement> {
    if matches!(kind, TierKind::Dns | TierKind::ObjectStorage | TierKind::Delay) {
        return Ok(Placement::Outside);
    }
    Ok(if fields.word("placement", notes)? == Placement::Public.name() {
        Placement::Public
    } else {
        Placement::Private
    })
}

/// Bytes of a visit to a fleet, both ways.
fn read_visit_size(fields: &Fields<'_>, kind: TierKind, notes: &mut Notes) -> Read<Bytes> {
    if !matches!(kind, TierKind::Service | TierKind::Cache | TierKind::Database) {
        return unit(Bytes::new(0.0));
    }
    let request = fields.number("request_size", notes);
    let response = fields.number("response_size", notes);
    unit(Bytes::new(request? + response?))
}

pub(super) fn seconds(fields: &Fields<'_>, key: &str, notes: &mut Notes) -> Read<Seconds> {
    unit(Seconds::new(fields.number(key, notes)?))
}

pub(super) fn share(fields: &Fields<'_>, key: &str, notes: &mut Notes) -> Read<Probability> {
    unit(Probability::new(fields.number(key, notes)?))
}

fn bytes(fields: &Fields<'_>, key: &str, notes: &mut Notes) -> Read<Bytes> {
    unit(Bytes::new(fields.number(key, notes)?))
}

pub(super) fn price(fields: &Fields<'_>, key: &str, notes: &mut Notes) -> Read<Price> {
    unit(Price::usd_per_hour(fields.number(key, notes)?))
}

pub(super) fn zero_seconds() -> Read<Seconds> {
    unit(Seconds::new(0.0))
}

fn read_dns(fields: &Fields<'_>, notes: &mut Notes) -> Read<Resource> {
    let fixed_time = seconds(fields, "lookup_time", notes);
    let availability = share(fields, "availability", notes);
    let fixed = price(fields, "price", notes);
    let per_million = fields.number("price_per_million", notes);
    Ok(Resource::Managed(Managed {
        service_time: zero_seconds()?,
        service_scv: 1.0,
        fixed_time: fixed_time?,
        availability: availability?,
        request_limit: None,
        pricing: UsagePricing { fixed: fixed?, usd_per_million_visits: per_million?, ..UsagePricing::default() },
        balancer: None,
    }))
}

fn read_object_storage(fields: &Fields<'_>, notes: &mut Notes) -> Read<Resource> {
    let service_time = seconds(fields, "service_time", notes);
    let service_scv = fields.number("service_scv", notes);
    let availability = share(fields, "availability", notes);
    let per_million = fields.number("price_per_million", notes);
    let stored = fields.number("stored", notes);
    let per_gb = fields.number("storage_price", notes);
    let object_size = fields.number("object_size", notes);
    let transfer_rate = fields.number("transfer_rate", notes);
    let per_prefix = fields.number("requests_per_prefix", notes);
    let prefixes = fields.count_if_set("prefixes", notes);
    let egress_share = fields.number("egress_share", notes);
    let egress_price = fields.number("egress_price", notes);
    let (object_size, per_prefix) = (object_size?, per_prefix?);
    let egress = 1e6 * object_size / BYTES_PER_GB * egress_share? * egress_price?;
    Ok(Resource::Managed(Managed {
        service_time: service_time?,
        service_scv: service_scv?,
        fixed_time: unit(Seconds::new(object_size / transfer_rate?))?,
        availability: availability?,
        request_limit: prefixes?.map(|prefixes| per_prefix * prefixes as f64),
        pricing: UsagePricing {
            fixed: monthly_storage(stored?, per_gb?, fields, notes)?,
            usd_per_million_visits: per_million? + egress,
            ..UsagePricing::default()
        },
        balancer: None,
    }))
}

/// The two factors have their limits, but their product may still be no price.
fn monthly_storage(stored: f64, per_gb: f64, fields: &Fields<'_>, notes: &mut Notes) -> Read<Price> {
    Price::usd_per_month(stored / BYTES_PER_GB * per_gb).map_err(|error| {
        let origin = fields.node("stored").map_or(Origin::TOP, |node| node.origin.clone());
        notes.fault(Code::OUT_OF_RANGE, &origin, &fields.path_of("stored"), error.to_string(), None)
    })
}

fn read_delay(fields: &Fields<'_>, notes: &mut Notes) -> Read<Resource> {
    let service_time = seconds(fields, "service_time", notes);
    let service_scv = fields.number("service_scv", notes);
    let fixed_time = seconds(fields, "fixed_time", notes);
    let availability = share(fields, "availability", notes);
    Ok(Resource::Managed(Managed {
        service_time: service_time?,
        service_scv: service_scv?,
        fixed_time: fixed_time?,
        availability: availability?,
        request_limit: None,
        pricing: UsagePricing::default(),
        balancer: None,
    }))
}

fn read_service(fields: &Fields<'_>, context: &TierContext<'_>, notes: &mut Notes) -> Read<Resource> {
    let counts = read_instances(fields, notes);
    let workers = read_limit(fields, "workers", notes);
    let connections = read_limit(fields, "connections", notes);
    let sticky = read_sticky(fields, notes);
    let mut fleet = read_fleet(fields, context, Catalogue::Ec2, Ok(FleetRole::Service), counts, notes)?;
    (fleet.workers, fleet.connections) = (workers?, connections?);
    fleet.sticky = sticky?;
    Ok(Resource::Fleet(Box::new(fleet)))
}

fn read_limit(fields: &Fields<'_>, key: &str, notes: &mut Notes) -> Read<Option<u32>> {
    fields.count_if_set(key, notes)?.map(|count| u32::try_from(count).map_err(|_| Refused)).transpose()
}

fn read_cache(fields: &Fields<'_>, context: &TierContext<'_>, notes: &mut Notes) -> Read<Resource> {
    let engine = fields.word("engine", notes).map(|word| match word {
        "valkey" => CacheEngine::Valkey,
        _ => CacheEngine::Redis,
    });
    let memory = fields.number_if_set("memory", notes);
    let usable_share = share(fields, "usable_share", notes);
    let objects = fields.count_if_set("objects", notes);
    let object_size = bytes(fields, "object_size", notes);
    let object_overhead = bytes(fields, "object_overhead", notes);
    let popularity_exponent = fields.number("popularity_exponent", notes);
    let in_front_of = read_backing(fields, context.names, notes);
    let behaviour = read_behaviour(fields, notes);
    let objects = objects.and_then(|objects| match (objects, behaviour.as_ref().map(|found| &found.histogram)) {
        (Some(objects), _) => Ok(objects),
        (None, Ok(Some(counts))) => {
            let objects = counts.iter().filter(|&&count| count > 0.0).count() as u64;
            fields.derived("objects", &objects.to_string(), notes);
            Ok(objects)
        }
        (None, Ok(None)) => Err(fields.missing("objects", notes)),
        (None, Err(refused)) => Err(*refused),
    });
    let memory = memory.and_then(|memory| memory.map(|memory| unit(Bytes::new(memory))).transpose());
    let role = || -> Read<FleetRole> {
        Ok(FleetRole::Cache(CacheRole {
            memory: memory?,
            usable_share: usable_share?,
            objects: objects?,
            object_size: object_size?,
            object_overhead: object_overhead?,
            popularity_exponent: popularity_exponent?,
            in_front_of: in_front_of?,
            behaviour: behaviour?,
        }))
    };
    let role = role();
    let shards = role.as_ref().ok().and_then(|role| match role {
        FleetRole::Cache(cache) => cache.behaviour.shards,
        FleetRole::Service | FleetRole::Database(_) => None,
    });
    let counts = read_instances(fields, notes).map(|counts| counts.at_least(shards.unwrap_or(1)));
    let catalogue = Catalogue::Cache(engine.unwrap_or(CacheEngine::Redis));
    let fleet = read_fleet(fields, context, catalogue, role, counts, notes);
    let searched = |fleet: &Fleet, notes: &mut Notes| {
        search_memory(fields, memory?, &fleet.types, fleet.current.instance_type, notes)
    };
    let mut fleet = fleet?;
    if let (Some(searched), FleetRole::Cache(cache)) = (searched(&fleet, notes)?, &mut fleet.role) {
        fleet.types = searched.types;
        fleet.current.instance_type = searched.current;
        cache.behaviour.memory_of_type = searched.memories;
    }
    Ok(Resource::Fleet(Box::new(fleet)))
}

fn read_backing(fields: &Fields<'_>, names: &[&str], notes: &mut Notes) -> Read<Option<usize>> {
    let Some((name, origin)) = fields.text_if_set("in_front_of", notes)? else { return Ok(None) };
    let found = names.iter().position(|known| *known == name);
    found.map(Some).ok_or_else(|| {
        let message = format!("the file has no tier `{}`", shorten(name));
        let help = did_you_mean(name, names.iter().copied());
        notes.fault(Code::UNKNOWN_NAME, &origin, &fields.path_of("in_front_of"), message, help)
    })
}

fn read_database(fields: &Fields<'_>, context: &TierContext<'_>, notes: &mut Notes) -> Read<Resource> {
    let engine = fields.word("engine", notes).map(|word| match word {
        "mysql" => DatabaseEngine::Mysql,
        "aurora" => DatabaseEngine::Aurora,
        _ => DatabaseEngine::Postgres,
    });
    let standby = fields.flag("standby", notes);
    let failover_time = seconds(fields, "failover_time", notes);
    let read_split = fields.word("read_split", notes);
    let replica_apply_share = share(fields, "replica_apply_share", notes);
    let replication_lag = seconds(fields, "replication_lag", notes);
    let objects = fields.count_if_set("objects", notes);
    let max_connections = read_limit(fields, "max_connections", notes);
    let max_refused = share(fields, "max_refused", notes);
    let storage = read_storage(fields, notes);
    let role = || -> Read<FleetRole> {
        Ok(FleetRole::Database(DatabaseRole {
            standby: if standby? { Standby::Synchronous } else { Standby::None },
            failover_time: failover_time?,
            read_split: if read_split? == "all" { ReadSplit::All } else { ReadSplit::Replicas },
            replica_apply_share: replica_apply_share?,
            replication_lag: replication_lag?,
            objects: objects?.map(|objects| objects as f64),
            max_connections: max_connections?,
            max_refused: max_refused?,
            storage: storage?,
        }))
    };
    let counts = read_replicas(fields, notes);
    let catalogue = Catalogue::Database(engine.unwrap_or(DatabaseEngine::Postgres));
    read_fleet(fields, context, catalogue, role(), counts, notes).map(|fleet| Resource::Fleet(Box::new(fleet)))
}

fn read_storage(fields: &Fields<'_>, notes: &mut Notes) -> Read<StorageLimits> {
    let operations = fields.number("iops_limit", notes);
    let throughput = fields.number("throughput_limit", notes);
    let per_read = fields.number("ios_per_read", notes);
    let per_write = fields.number("ios_per_write", notes);
    let operation_size = fields.number("io_size", notes);
    Ok(StorageLimits {
        operations: operations?,
        throughput: throughput?,
        per_read: per_read?,
        per_write: per_write?,
        operation_size: operation_size?,
    })
}

/// What runs today, and what may be chosen.
#[derive(Debug, Clone, Copy)]
struct Counts {
    current: u32,
    range: CountRange,
}

impl Counts {
    /// The same with a larger least count, as far as the largest allows.
    fn at_least(self, least: u32) -> Self {
        let min = self.range.min.max(least.min(self.range.max));
        Self { range: CountRange { min, ..self.range }, ..self }
    }
}

fn read_instances(fields: &Fields<'_>, notes: &mut Notes) -> Read<Counts> {
    let current = fields.count("instances", notes);
    let min = fields.count("min_instances", notes);
    let max = fields.count_if_set("max_instances", notes);
    let current = current?;
    let max = max?.unwrap_or_else(|| {
        let max = DEFAULT_MAX_INSTANCES.max(2 * current);
        fields.derived("max_instances", &max.to_string(), notes);
        max
    });
    counts(current, min?, max)
}

/// A database's counts include the primary; the keys count read replicas.
fn read_replicas(fields: &Fields<'_>, notes: &mut Notes) -> Read<Counts> {
    let current = fields.count("read_replicas", notes);
    let min = fields.count("min_read_replicas", notes);
    let max = fields.count_if_set("max_read_replicas", notes);
    let current = current?;
    let max = max?.unwrap_or_else(|| {
        let max = DEFAULT_MAX_REPLICAS.max(current);
        fields.derived("max_read_replicas", &max.to_string(), notes);
        max
    });
    counts(1 + current, 1 + min?, 1 + max)
}

fn counts(current: u64, min: u64, max: u64) -> Read<Counts> {
    let count = |value: u64| u32::try_from(value).map_err(|_| Refused);
    Ok(Counts { current: count(current)?, range: CountRange { min: count(min)?, max: count(max)? } })
}

fn read_fleet(
    fields: &Fields<'_>,
    context: &TierContext<'_>,
    catalogue: Catalogue,
    role: Read<FleetRole>,
    counts: Read<Counts>,
    notes: &mut Notes,
) -> Read<Fleet> {
    let service_time = seconds(fields, "service_time", notes);
    let service_scv = fields.number("service_scv", notes);
    let discipline = fields.word("discipline", notes);
    let routing = read_routing(fields, notes);
    let redundancy = read_redundancy(fields, context.zones, notes);
    let mtbf = fields.number("mtbf", notes);
    let mttr = fields.number("mttr", notes);
    let types = read_types(fields, context, catalogue, notes);
    let (types, counts) = (types?, counts?);
    let routing = routing?;
    check_routing(fields, &routing, &types.all, notes)?;
    Ok(Fleet {
        service_time: service_time?,
        service_scv: service_scv?,
        discipline: if discipline? == Discipline::Fcfs.name() {
            Discipline::Fcfs
        } else {
            Discipline::ProcessorSharing
        },
        current: Choice { instance_type: types.current, count: counts.current, routing: routing.current },
        routings: routing.all,
        sticky: None,
        zone_traffic: ZoneTraffic::Crossed,
        types: types.all,
        counts: counts.range,
        redundancy: redundancy?,
        instance: reliability(mtbf?, mttr?)?,
        role: role?,
        workers: None,
        connections: None,
    })
}

fn read_redundancy(fields: &Fields<'_>, zones: u32, notes: &mut Notes) -> Read<Redundancy> {
    Ok(match fields.word_if_set("redundancy", notes)? {
        Some("zone") => Redundancy::Zone,
        Some("instance") => Redundancy::Instance,
        Some(_) => Redundancy::None,
        None if zones >= 2 => {
            fields.derived("redundancy", "zone", notes);
            Redundancy::Zone
        }
        None => {
            fields.derived("redundancy", "none", notes);
            Redundancy::None
        }
    })
}

/// The types of a fleet; `current` is the index of the one that runs today.
struct Types {
    all: Vec<InstanceType>,
    current: usize,
}

fn read_types(fields: &Fields<'_>, context: &TierContext<'_>, catalogue: Catalogue, notes: &mut Notes) -> Read<Types> {
    let servers = fields.count_if_set("servers", notes);
    let current = fields.text("instance_type", notes);
    let candidates = read_candidates(fields, notes);
    let (current, current_origin) = current?;
    let candidates = candidates?.unwrap_or_else(|| {
        fields.derived("candidate_types", &format!("[\"{}\"]", shorten(current)), notes);
        Vec::new()
    });
    let servers = servers?;
    if servers.is_none() {
        fields.derived("servers", "by type", notes);
    }
    let position = candidates.iter().position(|(name, _)| *name == current);
    let path = fields.path_of("candidate_types");
    let mut all: Vec<Read<InstanceType>> = Vec::with_capacity(candidates.len() + 1);
    // What runs today can always be chosen, so it is added if the candidates do not name it.
    if position.is_none() {
        let path = fields.path_of("instance_type");
        all.push(context.types.resolve(current, catalogue, servers, (&current_origin, &path), notes));
    }
    for (name, origin) in candidates {
        all.push(context.types.resolve(name, catalogue, servers, (&origin, &path), notes));
    }
    let all: Read<Vec<InstanceType>> = all.into_iter().collect();
    Ok(Types { all: all?, current: position.unwrap_or(0) })
}

type PlacedName<'a> = (&'a str, Origin);

fn read_candidates<'a>(fields: &Fields<'a>, notes: &mut Notes) -> Read<Option<Vec<PlacedName<'a>>>> {
    const KEY: &str = "candidate_types";
    let Some(node) = fields.node(KEY) else { return Ok(None) };
    let expected = "a list of instance types";
    let Value::List(nodes) = &node.value else {
        return Err(fields.wrong(KEY, node, Wrong::value(node, expected), notes));
    };
    let mut names: Vec<PlacedName<'a>> = Vec::with_capacity(nodes.len());
    let mut refused = None;
    for node in nodes {
        match candidate(node, &names) {
            Ok(name) => names.push((name, node.origin.clone())),
            Err(wrong) => refused = Some(fields.wrong(KEY, node, wrong, notes)),
        }
    }
    refused.map_or(Ok(Some(names)), Err)
}

fn candidate<'a>(node: &'a Node, before: &[PlacedName<'_>]) -> Result<&'a str, Wrong> {
    let Value::Text(name) = &node.value else { return Err(Wrong::value(node, "the name of an instance type")) };
    if before.iter().any(|(other, _)| other == name) {
        let message = format!("`{}` is listed twice", shorten(name));
        return Err(Wrong { code: Code::CONFLICT, message, help: None });
    }
    Ok(name)
}
