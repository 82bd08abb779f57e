//! Hit ratios of caches from the popularity of what is asked for.
//!
//! All models assume independent references: each request asks for object `i` with probability `p_i`, whatever came
//! before. Time is counted in requests; divide by the request rate for seconds. Real traffic repeats itself sooner than
//! that (web pages, sessions) or later (scans), so a measured hit ratio is worth more than any of these.

mod bytes;
mod characteristic_time;
#[cfg(test)]
mod laws;
mod popularity;
mod quadrature;
mod replacement;
mod ttl;
mod warm_up;
mod writes;
mod zipf;

pub use bytes::{SizedHits, sized_lru_hit_ratio};
pub use popularity::Popularity;
pub use replacement::{CacheHits, Policy, hit_ratio, lru_hit_ratio};
pub use ttl::{Expired, Renewal, TimeToLive, lru_ttl_hit_ratio};
pub use warm_up::WarmUp;
pub use writes::{OnWrite, read_hit_ratio};
pub use zipf::{MAX_EXPONENT, MAX_OBJECTS, Zipf};

/// A cache that has no hit ratio here.
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
    /// The characteristic time was not found.
    #[error("the characteristic time did not converge in {iterations} steps (residual {residual:e})")]
    NotConverged {
        /// Steps taken.
        iterations: u32,
        /// Relative difference between occupancy and capacity at the end.
        residual: f64,
    },
}

/// Returns `value` if it is a capacity: finite and at least 0.
fn checked_capacity(what: &'static str, value: f64) -> Result<f64, CacheError> {
    if value >= 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(CacheError::OutOfDomain { what, value, domain: "finite and at least 0" })
    }
}
