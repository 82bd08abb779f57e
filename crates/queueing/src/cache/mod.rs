//! Hit ratios of caches from the popularity of what is asked for.
//!
//! All models assume independent references: each request asks for object `i` with probability `p_i`, whatever came
//! before. Time is counted in requests; divide by the request rate for seconds. Real traffic repeats itself sooner than
//! that (web pages, sessions) or later (scans), so a measured hit ratio is worth more than any of these.
//!
//! | question | model |
//! |---|---|
//! | How often is each object asked for? | [`Popularity`]: [`Zipf`], weights, or an [`AccessHistogram`] with [`fit_zipf()`] |
//! | Which popularity explains a measured hit ratio? | [`calibrate()`] |
//! | Hit ratio of LRU, FIFO or random replacement | [`lru_hit_ratio()`], [`hit_ratio()`]; limits of any policy: [`hit_bounds()`] |
//! | … with objects of unequal size | [`sized_lru_hit_ratio()`] |
//! | … with a time to live | [`lru_ttl_hit_ratio()`], without a memory limit [`expiry_hit_ratio()`]; one key: [`object_ttl()`] |
//! | … with writes | [`read_hit_ratio()`]; all of these in one record: [`Behaviour`] |
//! | How much memory for which hit ratio? | [`least_capacity()`], [`hit_ratio_curve()`]; bytes into objects: [`Memory`] |
//! | What does a cold start cost? | [`WarmUp`], [`restart()`]; an expired hot key: [`stampede()`] |
//! | What do nodes do? | [`shard_imbalance()`], [`node_loss()`], [`remapped_keys()`] |

mod access_histogram;
mod behaviour;
mod bounds;
mod bytes;
mod calibration;
mod characteristic_time;
mod expiry;
#[cfg(test)]
mod laws;
mod memory;
mod node_loss;
mod one_object;
mod popularity;
mod quadrature;
mod rank_sums;
mod replacement;
mod restart;
mod shards;
mod sizing;
mod stampede;
mod ttl;
mod warm_up;
mod writes;
mod zipf;
mod zipf_fit;

pub use access_histogram::AccessHistogram;
pub use behaviour::{Behaviour, Eviction};
pub use bounds::{HitBounds, hit_bounds};
pub use bytes::{SizedHits, sized_lru_hit_ratio};
pub use calibration::{Calibrated, calibrate};
pub use expiry::{ExpiryHits, expiry_hit_ratio};
pub use memory::{Entry, Memory};
pub use node_loss::{NodeLoss, Remapped, node_loss, remapped_keys};
pub use one_object::{ObjectHits, object_lru_ttl, object_ttl};
pub use popularity::Popularity;
pub use replacement::{CacheHits, Policy, hit_ratio, lru_hit_ratio};
pub use restart::{Restart, restart};
pub use shards::{ShardImbalance, shard_imbalance};
pub use sizing::{CurvePoint, hit_ratio_curve, least_capacity};
pub use stampede::{Stampede, stampede};
pub use ttl::{Expired, Renewal, TimeToLive, lru_ttl_hit_ratio};
pub use warm_up::WarmUp;
pub use writes::{OnWrite, read_hit_ratio};
pub use zipf::{MAX_EXPONENT, MAX_OBJECTS, Zipf};
pub use zipf_fit::{ZipfFit, fit_zipf};

use crate::numeric::RootError;
use crate::units::{Probability, UnitError};

/// A question about a cache that has no answer.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum CacheError {
    /// A number outside its domain.
    #[error("{what} of {value} is not {domain}")]
    OutOfDomain {
        /// What the number stands for.
        what: &'static str,
        /// The number that was refused.
        value: f64,
        /// What it must be, as the end of a sentence.
        domain: &'static str,
    },
    /// Nothing is ever asked for.
    #[error("no object is ever asked for; at least one needs a popularity above 0")]
    NothingRequested,
    /// Two lists do not belong together.
    #[error("{sizes} sizes do not match {objects} popularities; give one size, or one for each")]
    SizesDoNotMatch {
        /// Sizes given.
        sizes: usize,
        /// Popularities given.
        objects: usize,
    },
    /// Memory that is too small for a single object.
    #[error(
        "usable memory of {usable_bytes} bytes a node holds no object of {object_bytes} bytes; give larger nodes or smaller \
         objects"
    )]
    BelowOneObject {
        /// Bytes that objects can use on a node.
        usable_bytes: f64,
        /// Bytes of an object.
        object_bytes: f64,
    },
    /// A measured hit ratio that no Zipf law gives.
    #[error(
        "no Zipf exponent between 0 and 10 gives a hit ratio of {hit_ratio}, only {least:.4} to {most:.4}; check the number of \
         objects and the capacity, or give a histogram"
    )]
    NoExponent {
        /// The measured hit ratio.
        hit_ratio: f64,
        /// Hit ratio of equally popular objects.
        least: f64,
        /// Hit ratio at the largest exponent.
        most: f64,
    },
    /// The characteristic time was not found.
    #[error("the characteristic time did not converge in {iterations} steps (residual {residual:e})")]
    NotConverged {
        /// Steps taken.
        iterations: u32,
        /// Relative difference between occupancy and capacity at the end.
        residual: f64,
    },
    /// An equation whose root was not found.
    #[error(transparent)]
    Root(#[from] RootError),
    /// A ratio that came out as none.
    #[error(transparent)]
    Unit(#[from] UnitError),
}

/// Returns a hit or miss ratio whose sum may end a few roundings outside of 0 to 1.
fn computed_share(value: f64) -> Result<f64, CacheError> {
    Ok(Probability::from_computed(value)?.get())
}

/// Returns `value` if it is a capacity: finite and at least 0.
fn checked_capacity(what: &'static str, value: f64) -> Result<f64, CacheError> {
    if value >= 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(CacheError::OutOfDomain { what, value, domain: "finite and at least 0" })
    }
}
