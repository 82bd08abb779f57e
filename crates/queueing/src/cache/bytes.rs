use super::characteristic_time::solve;
use super::popularity::Group;
use super::replacement::{CacheHits, lru_level};
use super::{CacheError, Popularity, checked_capacity, computed_share};

/// What a cache of objects of unequal size delivers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SizedHits {
    /// Hits by requests.
    pub by_request: CacheHits,
    /// Share of the requested bytes that come from the cache.
    pub byte_hit_ratio: f64,
}

/// Returns the hit ratio of an LRU cache that holds so many bytes.
///
/// # Formula
///
/// ```text
/// Σ s_i (1 − e^(−p_i T)) = B,   h = Σ p_i (1 − e^(−p_i T)),   h_bytes = Σ s_i p_i (1 − e^(−p_i T)) / Σ s_i p_i
/// ```
///
/// # Units
///
/// `capacity_bytes` and `sizes` in bytes, keys and overhead included. One size stands for all objects; otherwise there
/// is one for each weight or histogram entry.
///
/// # Accuracy
///
/// Within 0.03 % of simulation under independent references. One mean size for objects whose popular ones are
/// smaller underestimates the hit ratio, by up to 15 %.
///
/// # Errors
///
/// [`CacheError::SizesDoNotMatch`], [`CacheError::OutOfDomain`] for a size or capacity outside its domain,
/// [`CacheError::NotConverged`].
///
/// # References
///
/// [Che02](crate::references#che02), [Fricker12](crate::references#fricker12).
pub fn sized_lru_hit_ratio(
    popularity: &Popularity,
    sizes: &[f64],
    capacity_bytes: f64,
) -> Result<SizedHits, CacheError> {
    let capacity = checked_capacity("cache memory", capacity_bytes)?;
    if sizes.len() != 1 && sizes.len() != popularity.entries() {
        return Err(CacheError::SizesDoNotMatch { sizes: sizes.len(), objects: popularity.entries() });
    }
    if let Some(&value) = sizes.iter().find(|&&size| !(size > 0.0 && size.is_finite())) {
        return Err(CacheError::OutOfDomain { what: "object size", value, domain: "finite and above 0" });
    }
    // A law's groups outnumber its one size; a list's sizes are as many as its groups.
    let weighted: Vec<Group> = popularity
        .groups()
        .iter()
        .zip(sizes.iter().cycle())
        .map(|(group, size)| Group { objects: group.objects * size, ..*group })
        .collect();
    let asked_for = || weighted.iter().filter(|group| group.probability > 0.0);
    let total: f64 = asked_for().map(|group| group.objects).sum();
    if !total.is_finite() {
        return Err(CacheError::OutOfDomain { what: "size of all objects", value: total, domain: "finite" });
    }
    if capacity == 0.0 {
        return Ok(SizedHits { by_request: CacheHits::EMPTY, byte_hit_ratio: 0.0 });
    }
    if capacity >= total {
        return Ok(SizedHits { by_request: CacheHits::COMPLETE, byte_hit_ratio: 1.0 });
    }
    let start = capacity / total * popularity.objects();
    let found = solve(capacity, total, start, |time| lru_level(&weighted, time))?;
    let time = found.requests;
    let requested: f64 = asked_for().map(|group| group.objects * group.probability).sum();
    let served: f64 =
        asked_for().map(|group| group.objects * group.probability * -(-group.probability * time).exp_m1()).sum();
    let hit_ratio = popularity.mean_over_requests(|p| -(-p * time).exp_m1());
    let miss_ratio = popularity.mean_over_requests(|p| (-p * time).exp());
    Ok(SizedHits {
        by_request: CacheHits::at(found, hit_ratio, miss_ratio)?,
        byte_hit_ratio: computed_share(served / requested)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::lru_hit_ratio;

    #[test]
    fn equal_sizes_are_a_number_of_objects() {
        let popularity = Popularity::zipf(100_000, 0.9).expect("a law");
        let sized = sized_lru_hit_ratio(&popularity, &[1024.0], 1024.0 * 777.0).expect("a hit ratio");
        let counted = lru_hit_ratio(&popularity, 777.0).expect("a hit ratio");
        assert!((sized.by_request.hit_ratio - counted.hit_ratio).abs() < 1e-13);
        assert!((sized.byte_hit_ratio - counted.hit_ratio).abs() < 1e-13);
    }

    #[test]
    fn small_popular_objects_hit_more_than_their_mean_size_says() {
        let popularity = Popularity::weights(&[8.0, 4.0, 2.0, 1.0]).expect("weights");
        let sizes = [100.0, 200.0, 300.0, 400.0];
        let sized = sized_lru_hit_ratio(&popularity, &sizes, 500.0).expect("a hit ratio");
        let mean = sized_lru_hit_ratio(&popularity, &[250.0], 500.0).expect("a hit ratio");
        assert!(sized.by_request.hit_ratio > mean.by_request.hit_ratio);
        assert!(sized.byte_hit_ratio < sized.by_request.hit_ratio);
    }

    #[test]
    fn everything_fits() {
        let popularity = Popularity::weights(&[8.0, 4.0]).expect("weights");
        let sized = sized_lru_hit_ratio(&popularity, &[1.0, 2.0], 3.0).expect("a hit ratio");
        assert_eq!((sized.by_request, sized.byte_hit_ratio), (CacheHits::COMPLETE, 1.0));
    }

    #[test]
    fn sizes_that_do_not_match_are_refused() {
        let popularity = Popularity::weights(&[8.0, 4.0, 1.0]).expect("weights");
        assert_eq!(
            sized_lru_hit_ratio(&popularity, &[1.0, 2.0], 3.0).expect_err("refused").to_string(),
            "2 sizes do not match 3 popularities; give one size, or one for each"
        );
    }
}
