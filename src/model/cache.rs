use std::sync::Arc;

use capplan_queueing::cache::Behaviour;
use capplan_queueing::units::{Bytes, Probability};

/// Eviction, expiry and sharding of a cache, and measurements of its hits.
#[derive(Debug, Clone, PartialEq)]
pub struct CacheBehaviour {
    /// Measured hits, which take precedence over the model.
    pub measured: MeasuredHits,
    /// Requests by object as counted in a trace, in any order; they outweigh the popularity's exponent.
    pub histogram: Option<Arc<[f64]>>,
    /// Which object leaves a full cache, how long objects live, and what writes do.
    pub rules: Behaviour,
    /// Whether misses of one key at the same time share one read of the tier behind.
    pub coalescing: Coalescing,
    /// How keys find their node.
    pub hashing: Hashing,
    /// Nodes with objects of their own, the others being copies; `None` is every node.
    pub shards: Option<u32>,
    /// Memory of each node that no object can use, before the usable share is taken.
    pub node_overhead: Bytes,
    /// Memory for data over the whole tier by instance type, where a search chooses it; empty is the role's own memory
    /// for every type.
    pub memory_of_type: Vec<Option<Bytes>>,
}

/// Measured hits of a cache.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MeasuredHits {
    /// Nothing.
    Nothing,
    /// The hit ratio; it holds whatever the memory.
    Ratio(Probability),
    /// The hit ratio at a memory, from which that at others follows.
    At {
        /// Memory for data over the whole tier when it was measured.
        memory: Bytes,
        /// The hit ratio then.
        hit_ratio: Probability,
    },
}

/// Whether misses of one key at the same time share a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coalescing {
    /// One reads, the others wait for it.
    Shared,
    /// Each reads.
    None,
}

/// How keys find their node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hashing {
    /// Only the keys of a lost node move.
    Consistent,
    /// By the remainder of a hash by the number of nodes: nearly all keys move when that changes.
    Modulo,
}

impl Hashing {
    /// The name in a model file and in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Consistent => "consistent",
            Self::Modulo => "modulo",
        }
    }
}
