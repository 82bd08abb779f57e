//! Reads the keys that services, caches and databases share, and a service, which has few others.

use super::TierContext;
use super::routing::{check_routing, read_routing, read_sticky};
use crate::model::{Choice, CountRange, Fleet, FleetRole, InstanceType, Redundancy, Reliability, ZoneTraffic};
use crate::model_file::catalogue::Catalogue;
use crate::model_file::codes::Code;
use crate::model_file::fields::Fields;
use crate::model_file::keys::tiers::{fleet, service, shared};
use crate::model_file::notes::{Notes, Read, Refused, all};
use crate::model_file::tree::{Node, Origin, Value, shorten};
use crate::model_file::values::{Wrong, list_of};
use capplan_queueing::units::Bytes;

/// Largest count that a search may choose if the file says nothing.
const DEFAULT_MAX_INSTANCES: u32 = 200;

/// Values that differ between the kinds of fleet.
pub struct FleetKeys {
    /// The catalogue of its instance types.
    pub catalogue: Catalogue,
    /// Its role in the system.
    pub role: Read<FleetRole>,
    /// Its counts of instances.
    pub counts: Read<Counts>,
}

/// Instances that run today, and the counts that a search may choose.
#[derive(Debug, Clone, Copy)]
pub struct Counts {
    current: u32,
    range: CountRange,
}

impl Counts {
    /// Counts of instances.
    pub const fn new(current: u32, min: u32, max: u32) -> Self {
        Self { current, range: CountRange { min, max } }
    }

    /// Raises the least count to `least`, but not above the largest.
    pub fn at_least(self, least: u32) -> Self {
        let min = self.range.min.max(least.min(self.range.max));
        Self { range: CountRange { min, ..self.range }, ..self }
    }
}

/// Reads a `service` tier.
pub fn read_service(fields: &Fields<'_>, context: &TierContext<'_>, notes: &mut Notes) -> Read<Fleet> {
    let counts = read_instances(fields, notes);
    let workers = fields.optional(&service::WORKERS, notes);
    let connections = fields.optional(&service::CONNECTIONS, notes);
    let sticky = read_sticky(fields, notes);
    let own = FleetKeys { catalogue: Catalogue::Ec2, role: Ok(FleetRole::Service), counts };
    let fleet = read_fleet(fields, context, own, notes)?;
    Ok(Fleet { workers: workers?, connections: connections?, sticky: sticky?, ..fleet })
}

/// Bytes of a visit to a fleet, both ways.
pub fn read_visit_size(fields: &Fields<'_>, notes: &mut Notes) -> Read<Bytes> {
    let request = fields.get(&fleet::REQUEST_SIZE, notes);
    let response = fields.get(&fleet::RESPONSE_SIZE, notes);
    Bytes::new(request?.get() + response?.get()).map_err(|_| Refused)
}

/// Reads how many instances run and may run.
pub fn read_instances(fields: &Fields<'_>, notes: &mut Notes) -> Read<Counts> {
    let current = fields.get(&fleet::INSTANCES, notes);
    let min = fields.get(&fleet::MIN_INSTANCES, notes);
    let max = DEFAULT_MAX_INSTANCES.max(2 * current.as_ref().unwrap_or(&0));
    let max = fields.get_or(&fleet::MAX_INSTANCES, (max, &max.to_string()), notes);
    Ok(Counts::new(current?, min?, max?))
}

/// Reads the keys of every fleet.
pub fn read_fleet(fields: &Fields<'_>, context: &TierContext<'_>, own: FleetKeys, notes: &mut Notes) -> Read<Fleet> {
    let service_time = fields.get(&fleet::SERVICE_TIME, notes);
    let service_scv = fields.get(&shared::SERVICE_SCV, notes);
    let discipline = fields.get(&fleet::DISCIPLINE, notes);
    let routing = read_routing(fields, notes);
    let zone = if context.zones >= 2 { (Redundancy::Zone, "zone") } else { (Redundancy::None, "none") };
    let redundancy = fields.get_or(&fleet::REDUNDANCY, zone, notes);
    let mtbf = fields.get(&fleet::MTBF, notes);
    let mttr = fields.get(&fleet::MTTR, notes);
    let types = read_types(fields, context, own.catalogue, notes);
    let (types, counts) = (types?, own.counts?);
    let routing = routing?;
    check_routing(fields, &routing, &types.all, notes)?;
    Ok(Fleet {
        service_time: service_time?,
        service_scv: service_scv?,
        discipline: discipline?,
        current: Choice { instance_type: types.current, count: counts.current, routing: routing.current },
        routings: routing.all,
        sticky: None,
        zone_traffic: ZoneTraffic::Crossed,
        types: types.all,
        counts: counts.range,
        redundancy: redundancy?,
        instance: Reliability::new(mtbf?, mttr?).map_err(|_| Refused)?,
        role: own.role?,
        workers: None,
        connections: None,
    })
}

/// The types of a fleet; `current` is the index of the one that runs today.
struct Types {
    all: Vec<InstanceType>,
    current: usize,
}

fn read_types(fields: &Fields<'_>, context: &TierContext<'_>, catalogue: Catalogue, notes: &mut Notes) -> Read<Types> {
    let servers = fields.optional(&fleet::SERVERS, notes);
    let current = fields.text(&fleet::INSTANCE_TYPE, notes);
    let candidates = read_candidates(fields, notes);
    let (current, origin) = current?;
    let candidates = candidates?.unwrap_or_else(|| {
        fields.derived(&fleet::CANDIDATE_TYPES, &format!("[\"{}\"]", shorten(current)), notes);
        Vec::new()
    });
    let servers = servers?;
    if servers.is_none() {
        fields.derived(&fleet::SERVERS, "by type", notes);
    }
    let position = candidates.iter().position(|(name, _)| *name == current);
    // What runs today can always be chosen, so it is added if the candidates do not name it.
    let today = position.is_none().then(|| (current, origin, fields.path_of(&fleet::INSTANCE_TYPE)));
    let path = fields.path_of(&fleet::CANDIDATE_TYPES);
    let named = candidates.into_iter().map(|(name, origin)| (name, origin, path.clone()));
    let types = today
        .into_iter()
        .chain(named)
        .map(|(name, origin, path)| context.types.resolve(name, catalogue, servers, (&origin, &path), notes));
    Ok(Types { all: all(types)?, current: position.unwrap_or(0) })
}

type PlacedName<'a> = (&'a str, Origin);

fn read_candidates<'a>(fields: &Fields<'a>, notes: &mut Notes) -> Read<Option<Vec<PlacedName<'a>>>> {
    let Some(node) = fields.node(&fleet::CANDIDATE_TYPES) else { return Ok(None) };
    let path = fields.path_of(&fleet::CANDIDATE_TYPES);
    let nodes = list_of(node, &path, "a list of instance types", notes)?;
    let name = |node: &'a Node| match &node.value {
        Value::Text(name) => Ok((name.as_str(), node.origin.clone())),
        _ => Err(Wrong::value(node, "the name of an instance type")),
    };
    let show = |(name, _): &PlacedName<'_>| format!("`{}`", shorten(name));
    distinct(nodes, &path, name, |one, other| one.0 == other.0, show, notes).map(Some)
}

/// Reads the values of a list and refuses repeated ones.
pub fn distinct<'a, T>(
    nodes: &'a [Node],
    path: &str,
    read: impl Fn(&'a Node) -> Result<T, Wrong>,
    same: impl Fn(&T, &T) -> bool,
    show: impl Fn(&T) -> String,
    notes: &mut Notes,
) -> Read<Vec<T>> {
    let mut values: Vec<T> = Vec::with_capacity(nodes.len());
    let mut refused = Ok(());
    for node in nodes {
        match read(node) {
            Ok(value) if values.iter().any(|other| same(other, &value)) => {
                let message = format!("{} is listed twice", show(&value));
                refused = Err(notes.wrong(node, path, Wrong { code: Code::CONFLICT, message, help: None }));
            }
            Ok(value) => values.push(value),
            Err(wrong) => refused = Err(notes.wrong(node, path, wrong)),
        }
    }
    refused.map(|()| values)
}
