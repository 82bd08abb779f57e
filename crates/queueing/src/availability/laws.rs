//! Laws that redundancy keeps, whatever the numbers.

use proptest::prelude::*;

use crate::units::Probability;

use super::{
    FaultModel, ZoneStates, conditional_unavailability, mixed_redundancy, unavailability, up_probabilities,
    zoned_availability, zoned_up_probabilities,
};

/// A sum of `n` terms, each rounded, and the difference of two such sums.
const ROUNDING: f64 = 1e-12;
/// Below the smallest normal number a double has no relative precision to compare.
const SUBNORMAL: f64 = f64::MIN_POSITIVE;

fn p(value: f64) -> Probability {
    Probability::new(value).expect("a probability")
}

fn any_unavailability() -> impl Strategy<Value = f64> {
    prop_oneof![0.0..=1.0, (-30.0..0.0_f64).prop_map(|exponent| 10.0_f64.powf(exponent)), Just(0.0), Just(1.0)]
}

/// A fleet and what is needed of it.
fn fleet(largest: u64) -> impl Strategy<Value = (u64, u64)> {
    (1..=largest).prop_flat_map(|n| (Just(n), 0..=n + 1))
}

proptest! {
    #[test]
    fn needing_more_never_helps((n, k) in fleet(500), u in any_unavailability()) {
        let (less, more) = (unavailability(k, n, p(u)), unavailability(k + 1, n, p(u)));
        prop_assert!((0.0..=1.0).contains(&less));
        prop_assert!(less <= more * (1.0 + ROUNDING) + SUBNORMAL, "{less:e} > {more:e}");
    }

    #[test]
    fn worse_instances_never_help((n, k) in fleet(500), u in any_unavailability(), v in any_unavailability()) {
        let (better, worse) = (unavailability(k, n, p(u.min(v))), unavailability(k, n, p(u.max(v))));
        prop_assert!(better <= worse * (1.0 + ROUNDING) + SUBNORMAL, "{better:e} > {worse:e}");
    }

    #[test]
    fn one_more_instance_never_hurts((n, k) in fleet(500), u in any_unavailability()) {
        let (before, after) = (unavailability(k, n, p(u)), unavailability(k, n + 1, p(u)));
        prop_assert!(after <= before * (1.0 + ROUNDING) + SUBNORMAL, "{after:e} > {before:e}");
    }

    #[test]
    fn the_tail_obeys_its_recursion((n, k) in fleet(300), u in any_unavailability()) {
        // Condition on one instance: up, and k − 1 of the others are enough; or down, and k are needed.
        prop_assume!(k > 0 && n > 1);
        let whole = unavailability(k, n, p(u));
        let split = (1.0 - u) * unavailability(k - 1, n - 1, p(u)) + u * unavailability(k, n - 1, p(u));
        prop_assert!((whole - split).abs() <= ROUNDING * whole + SUBNORMAL, "{whole:e} is not {split:e}");
    }

    #[test]
    fn distributions_sum_to_one(n in 1_u64..2000, u in any_unavailability()) {
        let sum: f64 = up_probabilities(n, p(u)).expect("a small fleet").iter().sum();
        prop_assert!((sum - 1.0).abs() < ROUNDING);
    }

    #[test]
    fn unequal_distributions_sum_to_one(us in prop::collection::vec(any_unavailability(), 1..40), k in 0_u64..42) {
        let list: Vec<Probability> = us.iter().map(|&u| p(u)).collect();
        let mixed = mixed_redundancy(k, &list).expect("a small group");
        prop_assert!((mixed.up_probabilities.iter().sum::<f64>() - 1.0).abs() < ROUNDING);
        prop_assert!((mixed.availability + mixed.unavailability - 1.0).abs() < ROUNDING);
    }

    #[test]
    fn one_zone_that_never_fails_is_no_zone((n, k) in fleet(200), u in any_unavailability()) {
        let faults =
            FaultModel { instance_unavailability: p(u), zone_unavailability: p(0.0), region_unavailability: p(0.0) };
        let zoned = zoned_availability(&[n], k, faults).expect("one zone");
        prop_assert_eq!(zoned.unavailability, unavailability(k, n, p(u)));
    }

    #[test]
    fn zones_agree_with_the_listing_of_their_states(
        per_zone in prop::collection::vec(0_u64..20, 1..=6), k in 0_u64..80,
        u in any_unavailability(), v in any_unavailability(), w in any_unavailability(),
    ) {
        let faults =
            FaultModel { instance_unavailability: p(u), zone_unavailability: p(v), region_unavailability: p(w) };
        let zoned = zoned_availability(&per_zone, k, faults).expect("few zones");
        let states = ZoneStates::new(per_zone.len(), p(v)).expect("few zones");
        let listed: f64 = states
            .iter()
            .map(|(state, probability)| probability * conditional_unavailability(&per_zone, state, k, p(u)))
            .sum();
        let whole = w + (1.0 - w) * listed;
        prop_assert!((zoned.unavailability - whole).abs() <= ROUNDING * whole);
        prop_assert!((zoned.availability + zoned.unavailability - 1.0).abs() < ROUNDING);
        let law = zoned_up_probabilities(&per_zone, faults).expect("few zones");
        prop_assert!((law.iter().sum::<f64>() - 1.0).abs() < ROUNDING);
    }
}
