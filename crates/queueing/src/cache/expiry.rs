use super::{CacheError, Popularity, Renewal, computed_share};

/// What a cache delivers whose objects leave by age only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExpiryHits {
    /// Share of requests that find their object.
    pub hit_ratio: f64,
    /// Share of requests that do not, summed for itself.
    pub miss_ratio: f64,
    /// Mean number of objects inside: the memory that such a cache fills by itself.
    pub resident_objects: f64,
}

/// Returns the hit ratio of a cache with memory for everything, whose objects expire.
///
/// # Formula
///
/// ```text
/// fixed from loading:  h_i = p_i τ/(1 + p_i τ)      renewed by each hit:  h_i = 1 − e^(−p_i τ)
/// h = Σ p_i h_i,   resident objects = Σ h_i
/// ```
///
/// An object is inside with the probability that the next request for it hits: requests see time averages.
///
/// # Units
///
/// `ttl_requests` is the time to live counted in requests to the whole cache: seconds times the request rate.
///
/// # Accuracy
///
/// Exact under independent references (Poisson requests). Expired objects count as gone; a store that keeps them until
/// they are touched needs more memory.
///
/// # Errors
///
/// [`CacheError::OutOfDomain`] unless the time is finite and above 0.
///
/// # References
///
/// [Fofack12](crate::references#fofack12).
pub fn expiry_hit_ratio(
    popularity: &Popularity,
    ttl_requests: f64,
    renewal: Renewal,
) -> Result<ExpiryHits, CacheError> {
    let life = checked_life(ttl_requests)?;
    Ok(match renewal {
        Renewal::Never => ExpiryHits {
            hit_ratio: computed_share(popularity.mean_over_requests(|p| loaded_share(p * life)))?,
            miss_ratio: computed_share(popularity.mean_over_requests(|p| 1.0 / (1.0 + p * life)))?,
            resident_objects: popularity.sum_over_objects(|p| loaded_share(p * life)),
        },
        Renewal::OnHit => ExpiryHits {
            hit_ratio: computed_share(popularity.mean_over_requests(|p| -(-p * life).exp_m1()))?,
            miss_ratio: computed_share(popularity.mean_over_requests(|p| (-p * life).exp()))?,
            resident_objects: popularity.sum_over_objects(|p| -(-p * life).exp_m1()),
        },
    })
}

/// Returns `y/(1 + y)`, which is 1 for a `y` too large for a double.
pub(super) fn loaded_share(uses: f64) -> f64 {
    if uses < 1.0 { uses / (1.0 + uses) } else { 1.0 / (1.0 + 1.0 / uses) }
}

/// Returns `ttl_requests` if it is a time that an object can live.
pub(super) fn checked_life(ttl_requests: f64) -> Result<f64, CacheError> {
    if ttl_requests > 0.0 && ttl_requests.is_finite() {
        Ok(ttl_requests)
    } else {
        Err(CacheError::OutOfDomain {
            what: "time to live in requests",
            value: ttl_requests,
            domain: "finite and above 0; leave the cache out if nothing may be kept",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::{Expired, TimeToLive, lru_ttl_hit_ratio};

    #[test]
    fn it_is_a_cache_of_unlimited_memory() {
        let popularity = Popularity::zipf(10_000, 0.9).expect("a law");
        for renewal in [Renewal::Never, Renewal::OnHit] {
            let alone = expiry_hit_ratio(&popularity, 3e4, renewal).expect("a hit ratio");
            let ttl = TimeToLive { requests: 3e4, renewal, expired: Expired::RemovedAtOnce };
            let unlimited = lru_ttl_hit_ratio(&popularity, 1e4, ttl).expect("a hit ratio");
            assert!((alone.hit_ratio - unlimited.hit_ratio).abs() < 1e-14);
            assert!((alone.hit_ratio + alone.miss_ratio - 1.0).abs() < 1e-13);
        }
    }

    #[test]
    fn one_object_by_hand() {
        let one = Popularity::weights(&[1.0]).expect("weights");
        let fixed = expiry_hit_ratio(&one, 3.0, Renewal::Never).expect("a hit ratio");
        assert_eq!(fixed, ExpiryHits { hit_ratio: 0.75, miss_ratio: 0.25, resident_objects: 0.75 });
    }

    /// Little: objects inside are loads (misses) per request times the mean stay.
    #[test]
    fn a_fixed_life_fills_misses_times_life() {
        let popularity = Popularity::zipf(1_000_000, 1.1).expect("a law");
        let hits = expiry_hit_ratio(&popularity, 1e5, Renewal::Never).expect("a hit ratio");
        assert!((hits.resident_objects / (hits.miss_ratio * 1e5) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn no_life_is_refused_with_a_way_out() {
        let one = Popularity::weights(&[1.0]).expect("weights");
        assert_eq!(
            expiry_hit_ratio(&one, 0.0, Renewal::Never).expect_err("refused").to_string(),
            "time to live in requests of 0 is not finite and above 0; leave the cache out if nothing may be kept"
        );
    }
}
