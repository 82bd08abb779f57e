use crate::numeric::find_root;
use crate::units::Probability;

use super::{CacheError, Popularity, lru_hit_ratio};

/// Returns the least whole number of objects with which an LRU cache reaches a hit ratio.
///
/// # Formula
///
/// `Σ p_i (1 − e^(−p_i T)) = h` gives `T`, and `C = Σ (1 − e^(−p_i T))`: no search over sizes.
///
/// # Method
///
/// `T` by a bracketed search in `ln T` on the misses, which keep their digits next to `h = 1`.
///
/// # Accuracy
///
/// That of [`lru_hit_ratio`].
///
/// # Special cases
///
/// `h = 0`: nothing. `h = 1`: every object that is ever asked for.
///
/// # Errors
///
/// [`CacheError::NotConverged`].
///
/// # References
///
/// [Che02](crate::references#che02).
pub fn least_capacity(popularity: &Popularity, target_hit_ratio: Probability) -> Result<f64, CacheError> {
    const MAX_LN: f64 = 700.0;
    const TOLERANCE: f64 = 1e-16;
    /// A capacity this little above a whole number of objects is that number.
    const ROUNDING: f64 = 1e-9;
    let target = target_hit_ratio.get();
    if target == 0.0 {
        return Ok(0.0);
    }
    if target == 1.0 {
        return Ok(popularity.objects());
    }
    let excess = |ln_time: f64| {
        let time = ln_time.exp();
        if target < 0.5 {
            popularity.mean_over_requests(|p| -(-p * time).exp_m1()).ln() - target.ln()
        } else {
            (1.0 - target).ln() - popularity.mean_over_requests(|p| (-p * time).exp()).ln()
        }
    };
    let time = find_root(excess, -MAX_LN, MAX_LN, TOLERANCE)?.exp();
    let capacity = popularity.sum_over_objects(|p| -(-p * time).exp_m1());
    Ok((capacity * (1.0 - ROUNDING)).ceil().min(popularity.objects()))
}

/// A point of the curve of hit ratio over memory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurvePoint {
    /// Objects that fit.
    pub capacity_objects: f64,
    /// Share of requests that find their object.
    pub hit_ratio: f64,
    /// Share of requests that do not.
    pub miss_ratio: f64,
    /// Hit ratio that one more object would add.
    pub marginal_hit_ratio: f64,
}

/// Returns the hit ratio of LRU and what more memory is worth, for each of several capacities.
///
/// # Formula
///
/// `h(C)` of [`lru_hit_ratio`], and by its two equations
///
/// ```text
/// dh/dC = (dh/dT)/(dC/dT) = Σ p_i² e^(−p_i T) / Σ p_i e^(−p_i T)
/// ```
///
/// the mean popularity of an object that misses. It falls as memory grows: hit ratio is concave in memory.
///
/// # Special cases
///
/// `C = 0`: `Σ p_i²`. Everything fits: 0.
///
/// # Errors
///
/// As [`lru_hit_ratio`].
///
/// # References
///
/// [Che02](crate::references#che02).
pub fn hit_ratio_curve(popularity: &Popularity, capacities: &[f64]) -> Result<Vec<CurvePoint>, CacheError> {
    let point = |&capacity_objects: &f64| {
        let hits = lru_hit_ratio(popularity, capacity_objects)?;
        let marginal_hit_ratio = hits.characteristic_time.map_or(0.0, |time| marginal(popularity, time));
        let (hit_ratio, miss_ratio) = (hits.hit_ratio, hits.miss_ratio);
        Ok(CurvePoint { capacity_objects, hit_ratio, miss_ratio, marginal_hit_ratio })
    };
    capacities.iter().map(point).collect()
}

/// Mean popularity of a miss. All terms are scaled by the largest `e^(−pT)`, so that a nearly complete cache does not
/// leave 0/0.
fn marginal(popularity: &Popularity, time: f64) -> f64 {
    let rarest = popularity.groups().iter().map(|group| group.probability).filter(|&p| p > 0.0);
    let rarest = rarest.fold(f64::INFINITY, f64::min);
    let scaled = |p: f64| (-(p - rarest) * time).exp();
    popularity.mean_over_requests(|p| p * scaled(p)) / popularity.mean_over_requests(scaled)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn share(value: f64) -> Probability {
        Probability::new(value).expect("share")
    }

    #[test]
    fn nothing_and_everything_need_no_search() {
        let popularity = Popularity::zipf(1000, 0.9).expect("a law");
        assert_eq!(least_capacity(&popularity, share(0.0)), Ok(0.0));
        assert_eq!(least_capacity(&popularity, share(1.0)), Ok(1000.0));
    }

    #[test]
    fn equal_objects_need_their_share() {
        let popularity = Popularity::zipf(1000, 0.0).expect("a law");
        assert_eq!(least_capacity(&popularity, share(0.25)), Ok(250.0));
        assert_eq!(least_capacity(&popularity, share(0.9)), Ok(900.0));
    }

    #[test]
    fn the_slope_is_the_difference() {
        for capacity in [0.5_f64, 10.0, 1000.0, 90_000.0, 99_000.0] {
            let popularity = Popularity::zipf(100_000, 0.9).expect("a law");
            let step = 1e-3 * capacity.min(100_000.0 - capacity);
            let curve = hit_ratio_curve(&popularity, &[capacity - step, capacity, capacity + step]).expect("a curve");
            let [below, here, above] = curve[..] else { panic!("three points") };
            let slope = (below.miss_ratio - above.miss_ratio) / (2.0 * step);
            assert!((here.marginal_hit_ratio / slope - 1.0).abs() < 1e-5, "{capacity}: {here:?} {slope}");
        }
    }

    #[test]
    fn no_memory_and_all_of_it() {
        let popularity = Popularity::weights(&[3.0, 1.0]).expect("weights");
        let curve = hit_ratio_curve(&popularity, &[0.0, 2.0]).expect("a curve");
        assert!((curve[0].marginal_hit_ratio - 0.625).abs() < 1e-15);
        assert_eq!(curve[1].marginal_hit_ratio, 0.0);
    }

    proptest! {
        #[test]
        fn the_least_capacity_is_just_enough(
            objects in 10_u64..1_000_000_000, exponent in 0.0..2.0_f64, target in 0.001..0.999_f64,
        ) {
            let popularity = Popularity::zipf(objects, exponent).expect("a law");
            let capacity = least_capacity(&popularity, share(target)).expect("a capacity");
            let hits = |capacity: f64| lru_hit_ratio(&popularity, capacity).expect("hits").hit_ratio;
            prop_assert!(hits(capacity) >= target * (1.0 - 1e-8));
            prop_assert!(hits((capacity - 1.0).max(0.0)) <= target * (1.0 + 1e-8));
        }

        #[test]
        fn the_curve_is_concave(exponent in 0.0..2.0_f64, capacity in 1.0..1e6_f64, more in 1.0..3.0_f64) {
            let popularity = Popularity::zipf(10_000_000, exponent).expect("a law");
            let curve = hit_ratio_curve(&popularity, &[capacity, capacity * more]).expect("a curve");
            prop_assert!(curve[1].marginal_hit_ratio <= curve[0].marginal_hit_ratio * (1.0 + 1e-9));
        }
    }
}
