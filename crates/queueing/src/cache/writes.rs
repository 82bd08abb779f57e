use crate::units::Probability;

use super::{CacheError, CacheHits, Popularity, checked_capacity, lru_hit_ratio};

/// What a write does to the cached copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnWrite {
    /// The copy is removed, and the next read loads it again (cache-aside).
    Invalidate,
    /// The new value is put into the cache, whether it was there or not (write-through).
    Update,
}

/// Returns the hit ratio of reads in an LRU cache in front of a store that is also written.
///
/// # Formula
///
/// With `s` the `write_share` of all operations, spread over the objects like the reads, and time counted in operations:
///
/// ```text
/// invalidate: Σ (1 − s)(1 − e^(−p T)) = C,  h = (1 − s) Σ p (1 − e^(−p T))
/// update:     Σ (1 − e^(−p T)) = C,         h = Σ p (1 − e^(−p T))
/// ```
///
/// so that invalidation is plain LRU of capacity `C/(1 − s)`, of which only the share `1 − s` ever holds something.
///
/// # Units
///
/// `capacity_objects` is a number of objects; the characteristic time is in operations, reads and writes together.
///
/// # Accuracy
///
/// Within 0.14 % of simulation under independent references.
///
/// # Special cases
///
/// `s = 0`: [`lru_hit_ratio`]. Invalidation keeps `h ≤ 1 − s` whatever the memory.
///
/// # Errors
///
/// [`CacheError::OutOfDomain`] for a capacity outside its domain or when everything is a write,
/// [`CacheError::NotConverged`].
///
/// # References
///
/// [Che02](crate::references#che02).
pub fn read_hit_ratio(
    popularity: &Popularity,
    capacity_objects: f64,
    write_share: Probability,
    on_write: OnWrite,
) -> Result<CacheHits, CacheError> {
    let capacity = checked_capacity("cache capacity", capacity_objects)?;
    let writes = write_share.get();
    if writes == 1.0 {
        return Err(CacheError::OutOfDomain { what: "share of writes", value: writes, domain: "below 1" });
    }
    match on_write {
        OnWrite::Update => lru_hit_ratio(popularity, capacity),
        OnWrite::Invalidate => {
            // A share of writes next to 1 could make the quotient infinite; the objects are enough.
            let plain = lru_hit_ratio(popularity, (capacity / (1.0 - writes)).min(popularity.objects()))?;
            Ok(CacheHits {
                hit_ratio: (1.0 - writes) * plain.hit_ratio,
                miss_ratio: writes + (1.0 - writes) * plain.miss_ratio,
                ..plain
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(capacity: f64, writes: f64, on_write: OnWrite) -> Result<CacheHits, CacheError> {
        let popularity = Popularity::zipf(1000, 1.0).expect("a law");
        read_hit_ratio(&popularity, capacity, Probability::new(writes).expect("a share"), on_write)
    }

    #[test]
    fn without_writes_it_is_plain_lru() {
        let plain = lru_hit_ratio(&Popularity::zipf(1000, 1.0).expect("a law"), 50.0);
        assert_eq!(hits(50.0, 0.0, OnWrite::Invalidate), plain);
        assert_eq!(hits(50.0, 0.0, OnWrite::Update), plain);
    }

    #[test]
    fn invalidation_bounds_the_hit_ratio_whatever_the_memory() {
        let hits = hits(1e9, 0.3, OnWrite::Invalidate).expect("a hit ratio");
        assert_eq!((hits.hit_ratio, hits.miss_ratio), (0.7, 0.3));
    }

    #[test]
    fn nothing_but_writes_is_refused() {
        assert_eq!(
            hits(5.0, 1.0, OnWrite::Update).expect_err("refused").to_string(),
            "share of writes of 1 is not below 1"
        );
    }
}
