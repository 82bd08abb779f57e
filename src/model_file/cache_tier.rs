//! Reads what a cache tier says about hits, expiry, writes and nodes.

use std::sync::Arc;

use super::build::unit;
use super::codes::Code;
use super::fields::{Fields, Notes, Read, Refused, Wrong, measure_bare};
use super::histogram::read_histogram;
use super::keys::{Key, MEMORY_LIMITS, Need, Shape};
use super::quantity::Dimension;
use super::tree::{Origin, Value, shorten};
use crate::model::{
    CacheBehaviour, CachePolicy, CacheTtl, CacheWrite, Coalescing, Hashing, InstanceType, MeasuredHits, TtlStart,
};
use capplan_queueing::units::{Bytes, Probability, Seconds};

/// Reads all keys of a cache that say how objects come and go.
pub fn read_behaviour(fields: &Fields<'_>, notes: &mut Notes) -> Read<CacheBehaviour> {
    let measured = read_measured(fields, notes);
    let histogram = read_histogram_file(fields, notes);
    let policy = fields.word("policy", notes).map(|word| match word {
        "fifo" => CachePolicy::Fifo,
        "random" => CachePolicy::Random,
        "lfu" => CachePolicy::Lfu,
        _ => CachePolicy::Lru,
    });
    let ttl = fields.number_if_set("ttl", notes);
    let renewed = fields.flag("ttl_renewed", notes);
    let write_share = fields.number("write_share", notes);
    let on_write = fields.word("on_write", notes);
    let coalescing = fields.flag("coalescing", notes);
    let hashing = fields.word("hashing", notes);
    let shards = fields.count_if_set("shards", notes);
    let node_overhead = fields.number("node_overhead", notes);
    let counts_from = if renewed? { TtlStart::LastHit } else { TtlStart::Loading };
    Ok(CacheBehaviour {
        measured: measured?,
        histogram: histogram?,
        policy: policy?,
        ttl: ttl?.map(|life| Ok(CacheTtl { life: unit(Seconds::new(life))?, counts_from })).transpose()?,
        write_share: unit(Probability::new(write_share?))?,
        on_write: if on_write? == "update" { CacheWrite::Updates } else { CacheWrite::Invalidates },
        coalescing: if coalescing? { Coalescing::Shared } else { Coalescing::None },
        hashing: if hashing? == Hashing::Modulo.name() { Hashing::Modulo } else { Hashing::Consistent },
        shards: shards?.map(|count| u32::try_from(count).map_err(|_| Refused)).transpose()?,
        node_overhead: unit(Bytes::new(node_overhead?))?,
        memory_of_type: Vec::new(),
    })
}

fn read_measured(fields: &Fields<'_>, notes: &mut Notes) -> Read<MeasuredHits> {
    const PAIR: [&str; 2] = ["measured_memory", "measured_hit_ratio"];
    let ratio = fields.number_if_set("hit_ratio", notes);
    let [memory, at] = PAIR.map(|key| fields.number_if_set(key, notes));
    let (ratio, memory, at) = (ratio?, memory?, at?);
    for (given, missing) in [(PAIR[0], PAIR[1]), (PAIR[1], PAIR[0])] {
        if fields.has(given) && !fields.has(missing) {
            let message = format!("`{given}` needs `{missing}`: a hit ratio is measured at a memory");
            let origin = fields.node(given).map_or(Origin::TOP, |node| node.origin.clone());
            return Err(notes.fault(Code::CONFLICT, &origin, &fields.path_of(given), message, None));
        }
    }
    Ok(match (ratio, memory.zip(at)) {
        (Some(ratio), _) => MeasuredHits::Ratio(unit(Probability::new(ratio))?),
        (None, Some((memory, ratio))) => {
            MeasuredHits::At { memory: unit(Bytes::new(memory))?, hit_ratio: unit(Probability::new(ratio))? }
        }
        (None, None) => MeasuredHits::Nothing,
    })
}

fn read_histogram_file(fields: &Fields<'_>, notes: &mut Notes) -> Read<Option<Arc<[f64]>>> {
    const KEY: &str = "histogram";
    let Some((name, origin)) = fields.text_if_set(KEY, notes)? else { return Ok(None) };
    let counts = notes.files.read(name).and_then(|text| read_histogram(&text).map_err(|error| error.to_string()));
    counts.map(|counts| Some(counts.into())).map_err(|reason| {
        let message = format!("histogram `{}`: {reason}", shorten(name));
        notes.fault(Code::BAD_FILE, &origin, &fields.path_of(KEY), message, None)
    })
}

/// The types of a cache whose memory is searched: every type with every memory, the least first.
#[derive(Debug)]
pub struct SearchedMemory {
    /// Types, as often as there are memories.
    pub types: Vec<InstanceType>,
    /// Index of what runs today.
    pub current: usize,
    /// Memory of each type.
    pub memories: Vec<Option<Bytes>>,
}

/// Reads `candidate_memory` and multiplies the types by it; `None` without the key.
pub fn search_memory(
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
    const KEY: &str = "candidate_memory";
    let Some(node) = fields.node(KEY) else {
        fields.derived(KEY, "as `memory`", notes);
        return Ok(None);
    };
    let expected = "a list of amounts of memory, such as [\"8 GiB\", \"16 GiB\"]";
    let Value::List(nodes) = &node.value else {
        return Err(fields.wrong(KEY, node, Wrong::value(node, expected), notes));
    };
    if nodes.is_empty() {
        let message = "the list is empty".to_owned();
        let help = Some(format!("give {expected}, or leave the key out"));
        return Err(fields.wrong(KEY, node, Wrong { code: Code::OUT_OF_RANGE, message, help }, notes));
    }
    let mut memories: Vec<Bytes> = Vec::with_capacity(nodes.len());
    let mut refused = None;
    for node in nodes {
        match measure_bare(&MEMORY, node) {
            Ok(memory) => {
                let memory = unit(Bytes::new(memory))?;
                if memories.contains(&memory) {
                    let message = "the same memory is listed twice".to_owned();
                    let wrong = Wrong { code: Code::CONFLICT, message, help: None };
                    refused = Some(fields.wrong(KEY, node, wrong, notes));
                }
                memories.push(memory);
            }
            Err(wrong) => refused = Some(fields.wrong(KEY, node, wrong, notes)),
        }
    }
    refused.map_or(Ok(Some(memories)), Err)
}

/// One memory of a list.
static MEMORY: Key = Key {
    name: "candidate_memory",
    shape: Shape::Quantity(Dimension::Data, MEMORY_LIMITS),
    need: Need::Required,
    doc: "memory for data over all nodes",
};
