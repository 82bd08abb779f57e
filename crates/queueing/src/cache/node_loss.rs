use crate::units::{ArrivalRate, Probability, Servers};

use super::CacheError;

/// What the store behind a cache of several nodes sees when some are lost.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct NodeLoss {
    /// Misses per second before.
    pub miss_rate_before: f64,
    /// Misses per second right after the loss.
    pub miss_rate_after: f64,
    /// How many times more that is; `None` if there were no misses before.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub amplification: Option<f64>,
    /// Misses per second if all keys were cold, as after a change of the divisor of a modulo hash.
    pub miss_rate_all_cold: f64,
    /// Share of the keys that were on the lost nodes.
    pub remapped_share: f64,
}

/// Returns what the loss of nodes of a balanced, consistently hashed cache does to the store behind it.
///
/// # Formula
///
/// ```text
/// f = lost/nodes,   before λ(1 − h),   after λ(1 − h(1 − f))
/// ```
///
/// # Accuracy
///
/// The first moment: keys of the lost nodes miss, the others keep their hit ratio. Later the survivors share all keys
/// and settle at the hit ratio of `(1 − f)` of the memory.
///
/// # Errors
///
/// [`CacheError::OutOfDomain`] if more nodes are lost than there are.
///
/// # References
///
/// [Karger97](crate::references#karger97).
pub fn node_loss(
    read_rate: ArrivalRate,
    hit_ratio: Probability,
    nodes: Servers,
    lost_nodes: u64,
) -> Result<NodeLoss, CacheError> {
    if lost_nodes > nodes.get() {
        return Err(CacheError::OutOfDomain {
            what: "number of lost nodes",
            value: lost_nodes as f64,
            domain: "at most the number of nodes",
        });
    }
    let (lambda, hits) = (read_rate.get(), hit_ratio.get());
    let lost = lost_nodes as f64 / nodes.get() as f64;
    // 1 − h(1 − f) without cancellation: what missed before, and the hits of the lost nodes.
    let (before, after) = (1.0 - hits, (1.0 - hits) + hits * lost);
    Ok(NodeLoss {
        miss_rate_before: lambda * before,
        miss_rate_after: lambda * after,
        amplification: (before > 0.0).then_some(after / before),
        miss_rate_all_cold: lambda,
        remapped_share: lost,
    })
}

/// Share of keys that change their node with the number of nodes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Remapped {
    /// With `hash mod n`.
    pub modulo: f64,
    /// With consistent hashing, the least that any hash can do.
    pub consistent: f64,
}

/// Returns the share of keys that move when a cache grows or shrinks.
///
/// # Formula
///
/// ```text
/// modulo: 1 − gcd(n, m)/max(n, m),   consistent: |n − m|/max(n, m)
/// ```
///
/// Of the residues modulo `lcm(n, m)` exactly `min(n, m)` are the same for both divisors.
///
/// # References
///
/// [Karger97](crate::references#karger97).
pub fn remapped_keys(nodes_before: Servers, nodes_after: Servers) -> Remapped {
    let (before, after) = (nodes_before.get(), nodes_after.get());
    let most = before.max(after);
    Remapped {
        modulo: (most - common_divisor(before, after)) as f64 / most as f64,
        consistent: before.abs_diff(after) as f64 / most as f64,
    }
}

const fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn nodes(count: u64) -> Servers {
        Servers::new(count).expect("count")
    }

    #[test]
    fn one_lost_node_of_ten_triples_the_misses_of_a_good_cache() {
        let (rate, hits) = (ArrivalRate::new(1e4).expect("rate"), Probability::new(0.95).expect("ratio"));
        let loss = node_loss(rate, hits, nodes(10), 1).expect("a loss");
        assert!((loss.amplification.expect("misses") - 2.9).abs() < 1e-12);
        assert_eq!(node_loss(rate, Probability::ONE, nodes(2), 1).expect("a loss").amplification, None);
        assert_eq!(
            node_loss(rate, hits, nodes(2), 3).expect_err("refused").to_string(),
            "number of lost nodes of 3 is not at most the number of nodes"
        );
    }

    proptest! {
        #[test]
        fn counted_residues_agree(n in 1_u64..40, m in 1_u64..40) {
            let all = n * m;
            let moved = (0..all).filter(|key| key % n != key % m).count();
            let want = moved as f64 / all as f64;
            let got = remapped_keys(nodes(n), nodes(m));
            prop_assert!((got.modulo - want).abs() < 1e-14);
            prop_assert!(got.consistent <= got.modulo + 1e-15);
        }
    }
}
