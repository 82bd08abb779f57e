//! Reads a cache tier: its engine and memory, and what it says about hits, expiry, writes and nodes.

use std::sync::Arc;

use super::TierContext;
use super::fleet::{FleetKeys, distinct, read_fleet, read_instances};
use crate::model::{CacheBehaviour, CacheRole, Fleet, FleetRole, InstanceType, MeasuredHits};
use crate::model_file::catalogue::{CacheEngine, Catalogue};
use crate::model_file::codes::Code;
use crate::model_file::fields::Fields;
use crate::model_file::histogram::read_histogram;
use crate::model_file::keys::Key;
use crate::model_file::keys::tiers::cache;
use crate::model_file::notes::{Notes, Read, Refused};
use crate::model_file::tree::shorten;
use crate::model_file::values::{Wrong, list_of, measure};
use capplan_queueing::cache::Behaviour;
use capplan_queueing::units::Bytes;

/// Reads a `cache` tier.
pub fn read_cache(fields: &Fields<'_>, context: &TierContext<'_>, notes: &mut Notes) -> Read<Fleet> {
    let engine = fields.get(&cache::ENGINE, notes);
    let memory = fields.optional(&cache::MEMORY, notes);
    let usable_share = fields.get(&cache::USABLE_SHARE, notes);
    let objects = fields.optional(&cache::OBJECTS, notes);
    let object_size = fields.get(&cache::OBJECT_SIZE, notes);
    let object_overhead = fields.get(&cache::OBJECT_OVERHEAD, notes);
    let popularity_exponent = fields.get(&cache::POPULARITY_EXPONENT, notes);
    let in_front_of = fields.tier(&cache::IN_FRONT_OF, context.names, notes);
    let behaviour = read_behaviour(fields, notes);
    let objects = objects.and_then(|objects| match (objects, behaviour.as_ref().map(|found| &found.histogram)) {
        (Some(objects), _) => Ok(objects),
        (None, Ok(Some(counts))) => {
            let objects = counts.iter().filter(|&&count| count > 0.0).count() as u64;
            fields.derived(&cache::OBJECTS, &objects.to_string(), notes);
            Ok(objects)
        }
        (None, Ok(None)) => Err(fields.missing(&cache::OBJECTS, notes)),
        (None, Err(refused)) => Err(*refused),
    });
    let shards = behaviour.as_ref().ok().and_then(|behaviour| behaviour.shards);
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
    let counts = read_instances(fields, notes).map(|counts| counts.at_least(shards.unwrap_or(1)));
    let catalogue = Catalogue::Cache(engine.unwrap_or(CacheEngine::Redis));
    let mut fleet = read_fleet(fields, context, FleetKeys { catalogue, role, counts }, notes)?;
    let searched = search_memory(fields, memory?, &fleet.types, fleet.current.instance_type, notes)?;
    if let (Some(searched), FleetRole::Cache(cache)) = (searched, &mut fleet.role) {
        fleet.types = searched.types;
        fleet.current.instance_type = searched.current;
        cache.behaviour.memory_of_type = searched.memories;
    }
    Ok(fleet)
}

/// Reads all keys of a cache that say how objects come and go.
fn read_behaviour(fields: &Fields<'_>, notes: &mut Notes) -> Read<CacheBehaviour> {
    let measured = read_measured(fields, notes);
    let histogram = read_histogram_file(fields, notes);
    let eviction = fields.get(&cache::POLICY, notes);
    let ttl = fields.optional(&cache::TTL, notes);
    let renewal = fields.get(&cache::TTL_RENEWED, notes);
    let write_share = fields.get(&cache::WRITE_SHARE, notes);
    let on_write = fields.get(&cache::ON_WRITE, notes);
    let coalescing = fields.get(&cache::COALESCING, notes);
    let hashing = fields.get(&cache::HASHING, notes);
    let shards = fields.optional(&cache::SHARDS, notes);
    let node_overhead = fields.get(&cache::NODE_OVERHEAD, notes);
    let renewal = renewal?;
    Ok(CacheBehaviour {
        measured: measured?,
        histogram: histogram?,
        rules: Behaviour {
            eviction: eviction?,
            ttl: ttl?.map(|life| (life, renewal)),
            write_share: write_share?,
            on_write: on_write?,
        },
        coalescing: coalescing?,
        hashing: hashing?,
        shards: shards?,
        node_overhead: node_overhead?,
        memory_of_type: Vec::new(),
    })
}

fn read_measured(fields: &Fields<'_>, notes: &mut Notes) -> Read<MeasuredHits> {
    let ratio = fields.optional(&cache::HIT_RATIO, notes);
    let memory = fields.optional(&cache::MEASURED_MEMORY, notes);
    let hit_ratio = fields.optional(&cache::MEASURED_HIT_RATIO, notes);
    let (ratio, memory, hit_ratio) = (ratio?, memory?, hit_ratio?);
    require_pair(fields, &cache::MEASURED_MEMORY, &cache::MEASURED_HIT_RATIO, notes)?;
    require_pair(fields, &cache::MEASURED_HIT_RATIO, &cache::MEASURED_MEMORY, notes)?;
    Ok(match (ratio, memory.zip(hit_ratio)) {
        (Some(ratio), _) => MeasuredHits::Ratio(ratio),
        (None, Some((memory, hit_ratio))) => MeasuredHits::At { memory, hit_ratio },
        (None, None) => MeasuredHits::Nothing,
    })
}

fn require_pair<G, N>(fields: &Fields<'_>, given: &Key<G>, needed: &Key<N>, notes: &mut Notes) -> Read<()> {
    if !fields.has(given) || fields.has(needed) {
        return Ok(());
    }
    let message = format!("`{}` needs `{}`: a hit ratio is measured at a memory", given.row.name, needed.row.name);
    Err(fields.conflict(given, message, None, notes))
}

fn read_histogram_file(fields: &Fields<'_>, notes: &mut Notes) -> Read<Option<Arc<[f64]>>> {
    let Some((name, _)) = fields.optional_text(&cache::HISTOGRAM, notes)? else { return Ok(None) };
    let counts = notes.files.read(name).and_then(|text| read_histogram(&text).map_err(|error| error.to_string()));
    counts.map(|counts| Some(counts.into())).map_err(|reason| {
        let message = format!("histogram `{}`: {reason}", shorten(name));
        fields.fault(&cache::HISTOGRAM, Code::BAD_FILE, message, None, notes)
    })
}

/// The types of a cache whose memory is searched: every type with every memory, the least first.
#[derive(Debug)]
struct SearchedMemory {
    /// Types, as often as there are memories.
    pub types: Vec<InstanceType>,
    /// Index of what runs today.
    pub current: usize,
    /// Memory of each type.
    pub memories: Vec<Option<Bytes>>,
}

/// Reads `candidate_memory` and multiplies the types by it; `None` without the key.
fn search_memory(
    fields: &Fields<'_>,
    today: Option<Bytes>,
    types: &[InstanceType],
    current: usize,
    notes: &mut Notes,
) -> Read<Option<SearchedMemory>> {
    let Some(candidates) = read_candidates(fields, notes)? else { return Ok(None) };
    let mut memories: Vec<Option<Bytes>> = candidates.into_iter().map(Some).collect();
    if !memories.contains(&today) {
        memories.push(today);
    }
    // The least first, all that the nodes have last: of plans of the same price the first is taken.
    let size = |memory: &Option<Bytes>| memory.map_or(f64::INFINITY, Bytes::get);
    memories.sort_by(|one, other| size(one).total_cmp(&size(other)));
    let position = memories.iter().position(|memory| *memory == today).unwrap_or(0);
    Ok(Some(SearchedMemory {
        types: memories.iter().flat_map(|_| types.iter().cloned()).collect(),
        current: position * types.len() + current,
        memories: memories.iter().flat_map(|memory| types.iter().map(move |_| *memory)).collect(),
    }))
}

fn read_candidates(fields: &Fields<'_>, notes: &mut Notes) -> Read<Option<Vec<Bytes>>> {
    let Some(node) = fields.node(&cache::CANDIDATE_MEMORY) else {
        fields.derived(&cache::CANDIDATE_MEMORY, "as `memory`", notes);
        return Ok(None);
    };
    let path = fields.path_of(&cache::CANDIDATE_MEMORY);
    let expected = "a list of amounts of memory, such as [\"8 GiB\", \"16 GiB\"]";
    let nodes = list_of(node, &path, expected, notes)?;
    if nodes.is_empty() {
        let help = Some(format!("give {expected}, or leave the key out"));
        let wrong = Wrong { code: Code::OUT_OF_RANGE, message: "the list is empty".to_owned(), help };
        return Err(notes.wrong(node, &path, wrong));
    }
    let memory = |node| measure(&cache::CANDIDATE_MEMORY.row.shape, node);
    let memories = distinct(nodes, &path, memory, f64::eq, |_| "the same memory".to_owned(), notes)?;
    memories.into_iter().map(|memory| Bytes::new(memory).map_err(|_| Refused)).collect::<Read<Vec<_>>>().map(Some)
}
