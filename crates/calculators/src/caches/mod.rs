//! Caches: hit ratios, what memory is worth, and what is seen behind a cache that is lost.

mod expiry;
mod fit;
mod hit_ratio;
mod limits;
mod loss;
mod memory;
mod popularity;

pub(crate) use expiry::{CACHE_TTL, LRU_TTL_OBJECT, TTL_OBJECT};
pub(crate) use fit::CACHE_FIT;
pub(crate) use hit_ratio::CACHE;
pub(crate) use limits::{CACHE_BOUNDS, CACHE_CALIBRATE, SHARD_IMBALANCE, STAMPEDE};
pub(crate) use loss::{CACHE_COLD_START, CACHE_NODE_LOSS, CACHE_RESTART, HASH_REMAP};
pub(crate) use memory::CACHE_MEMORY;
pub(crate) use popularity::ZIPF;
