//! Laws that hit ratios keep, whatever the numbers.

use proptest::prelude::*;

use crate::units::Probability;

use super::{OnWrite, Policy, Popularity, Zipf, hit_ratio, read_hit_ratio};

/// Accuracy of the sums over a Zipf law with an exponent of at most 3.
const SUMS: f64 = 1e-10;

fn any_law() -> impl Strategy<Value = (u64, f64)> {
    (prop_oneof![1_u64..2000, 1_000_u64..1_000_000_000_000], 0.0..3.0_f64)
}

fn hits(law: (u64, f64), capacity: f64, policy: Policy) -> f64 {
    let popularity = Popularity::zipf(law.0, law.1).expect("a law");
    hit_ratio(&popularity, capacity, policy).expect("a hit ratio").hit_ratio
}

proptest! {
    #[test]
    fn more_memory_never_hits_less(law in any_law(), share in 0.0..1.2_f64, more in 0.0..1.0_f64) {
        let capacity = share * law.0 as f64;
        for policy in [Policy::Lru, Policy::Fifo] {
            let (before, after) = (hits(law, capacity, policy), hits(law, capacity * (1.0 + more), policy));
            prop_assert!(after >= before - SUMS, "{policy:?}: {after} < {before}");
        }
    }

    #[test]
    fn first_in_first_out_is_below_lru_is_below_the_best(law in any_law(), exponent in 0.0..1.0_f64) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a capacity within the objects")]
        let capacity = (law.0 as f64).powf(exponent) as u64;
        let best = Zipf::new(law.0, law.1).expect("a law").top_share(capacity);
        let (lru, fifo) = (hits(law, capacity as f64, Policy::Lru), hits(law, capacity as f64, Policy::Fifo));
        prop_assert!(fifo <= lru + SUMS, "{fifo} > {lru}");
        prop_assert!(lru <= best + SUMS, "{lru} > {best}");
    }

    #[test]
    fn hits_and_misses_are_all_requests(law in any_law(), share in 0.0..1.0_f64) {
        let popularity = Popularity::zipf(law.0, law.1).expect("a law");
        let hits = hit_ratio(&popularity, share * law.0 as f64, Policy::Lru).expect("a hit ratio");
        prop_assert!((hits.hit_ratio + hits.miss_ratio - 1.0).abs() < SUMS);
    }

    #[test]
    fn unlike_popularities_still_converge(
        exponents in prop::collection::vec(-100.0..100.0_f64, 2..12), share in 0.001..0.999_f64,
    ) {
        let weights: Vec<f64> = exponents.iter().map(|exponent| 10.0_f64.powf(*exponent)).collect();
        let popularity = Popularity::weights(&weights).expect("weights");
        for policy in [Policy::Lru, Policy::Fifo, Policy::Random] {
            let hits = hit_ratio(&popularity, share * weights.len() as f64, policy).expect("a hit ratio");
            prop_assert!((0.0..=1.0 + SUMS).contains(&hits.hit_ratio));
        }
    }

    #[test]
    fn more_writes_never_hit_more(share in 0.0..0.99_f64, more in 0.0..1.0_f64, capacity in 1.0..5000.0_f64) {
        let popularity = Popularity::zipf(3000, 0.9).expect("a law");
        let hits = |writes: f64| {
            let writes = Probability::new(writes).expect("a share");
            read_hit_ratio(&popularity, capacity, writes, OnWrite::Invalidate).expect("a hit ratio").hit_ratio
        };
        let (few, many) = (hits(share), hits(share + more * (0.99 - share)));
        prop_assert!(many <= few + SUMS, "{many} > {few}");
    }
}
