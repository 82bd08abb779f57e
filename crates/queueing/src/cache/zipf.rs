use super::CacheError;
use super::quadrature::{Node, nodes};

/// The most objects.
pub const MAX_OBJECTS: u64 = 1_000_000_000_000;

/// The largest exponent.
pub const MAX_EXPONENT: f64 = 10.0;

/// Zipf's law: the `i`-th most popular of `N` objects is asked for with probability `p_i = i^−α / H`.
///
/// # Formula
///
/// ```text
/// H(N, α) = Σ_{i=1}^{N} i^−α
/// ```
///
/// # Domain
///
/// `1 ≤ N ≤` [`MAX_OBJECTS`] and `0 ≤ α ≤` [`MAX_EXPONENT`]; `α = 0` is uniform. Web pages have 0.64–0.83, key-value
/// stores about 1.
///
/// # Accuracy
///
/// Sums over all objects have a relative error below 10⁻¹² for `α ≤ 3`, from some 300 terms: the first 128 one by
/// one, the rest as an integral with Euler–Maclaurin corrections.
///
/// # References
///
/// [Breslau99](crate::references#breslau99).
#[derive(Debug, Clone, PartialEq)]
pub struct Zipf {
    objects: u64,
    exponent: f64,
    harmonic_number: f64,
    nodes: Vec<Node>,
}

/// Moments of the logarithm of the rank of a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LnRank {
    pub(super) mean: f64,
    pub(super) variance: f64,
}

impl Zipf {
    /// Prepares the sums.
    ///
    /// # Errors
    ///
    /// [`CacheError::OutOfDomain`] outside the domain.
    pub fn new(objects: u64, exponent: f64) -> Result<Self, CacheError> {
        if !(1..=MAX_OBJECTS).contains(&objects) {
            return Err(CacheError::OutOfDomain {
                what: "number of objects",
                value: objects as f64,
                domain: "a whole number between 1 and 1,000,000,000,000",
            });
        }
        if !(0.0..=MAX_EXPONENT).contains(&exponent) {
            return Err(CacheError::OutOfDomain { what: "Zipf exponent", value: exponent, domain: "between 0 and 10" });
        }
        let nodes = nodes(objects, exponent);
        let harmonic_number = harmonic(&nodes, exponent);
        Ok(Self { objects, exponent, harmonic_number, nodes })
    }

    /// The number of objects, `N`.
    pub const fn objects(&self) -> u64 {
        self.objects
    }

    /// The exponent, `α`.
    pub const fn exponent(&self) -> f64 {
        self.exponent
    }

    /// The generalized harmonic number, `H(N, α)`.
    pub const fn harmonic_number(&self) -> f64 {
        self.harmonic_number
    }

    /// Returns the share of requests for the `count` most popular objects, `H(k, α) / H(N, α)`.
    ///
    /// This is also the hit ratio of a cache that always holds exactly those: no policy without foresight does better
    /// under independent references.
    pub fn top_share(&self, count: u64) -> f64 {
        if count >= self.objects {
            return 1.0;
        }
        (harmonic(&nodes(count, self.exponent), self.exponent) / self.harmonic_number).clamp(0.0, 1.0)
    }

    /// Returns the probability that a request asks for the object of a rank, `rank^−α / H`.
    pub fn probability(&self, rank: u64) -> f64 {
        if (1..=self.objects).contains(&rank) { (rank as f64).powf(-self.exponent) / self.harmonic_number } else { 0.0 }
    }

    /// Returns mean and variance of the logarithm of the rank of a request.
    pub(super) fn ln_rank(&self) -> LnRank {
        let weighted =
            || self.nodes.iter().rev().map(|node| (node.weight * node.rank.powf(-self.exponent), node.rank.ln()));
        let mean = weighted().map(|(weight, ln)| weight * ln).sum::<f64>() / self.harmonic_number;
        let square = weighted().map(|(weight, ln)| weight * (ln - mean) * (ln - mean)).sum::<f64>();
        LnRank { mean, variance: square / self.harmonic_number }
    }

    /// The popularities that stand for all objects in a sum, each with the number of objects it stands for.
    pub(super) fn weighted(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.nodes.iter().map(|node| (node.rank.powf(-self.exponent) / self.harmonic_number, node.weight))
    }
}

/// Returns the sum of `i^−α` over nodes, from the last to the first: the largest terms come last.
fn harmonic(nodes: &[Node], exponent: f64) -> f64 {
    nodes.iter().rev().map(|node| node.weight * node.rank.powf(-exponent)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zipf(objects: u64, exponent: f64) -> Zipf {
        Zipf::new(objects, exponent).expect("a law")
    }

    #[test]
    fn the_first_three_objects_are_summed_by_hand() {
        let law = zipf(3, 1.0);
        assert!((law.harmonic_number() - 11.0 / 6.0).abs() < 1e-15);
        assert!((law.top_share(2) - 9.0 / 11.0).abs() < 1e-15);
        assert_eq!((law.top_share(0), law.top_share(3), law.top_share(9)), (0.0, 1.0, 1.0));
    }

    #[test]
    fn a_trillion_objects_approach_the_zeta_function() {
        // ζ(2) − 1/N and ζ(3); the tail beyond N is 1/(2N²) there.
        let basel = std::f64::consts::PI.powi(2) / 6.0;
        assert!((zipf(MAX_OBJECTS, 2.0).harmonic_number() / (basel - 1e-12) - 1.0).abs() < 1e-14);
        assert!((zipf(MAX_OBJECTS, 3.0).harmonic_number() / 1.202_056_903_159_594_3 - 1.0).abs() < 1e-14);
    }

    #[test]
    fn a_trillion_objects_at_exponent_one_approach_the_logarithm() {
        const EULER: f64 = 0.577_215_664_901_532_9;
        let want = 1e12_f64.ln() + EULER + 0.5e-12;
        assert!((zipf(MAX_OBJECTS, 1.0).harmonic_number() / want - 1.0).abs() < 1e-14);
    }

    #[test]
    fn exponents_and_counts_outside_the_domain_are_refused() {
        assert_eq!(
            Zipf::new(0, 1.0).expect_err("refused").to_string(),
            "number of objects of 0 is not a whole number between 1 and 1,000,000,000,000"
        );
        assert_eq!(
            Zipf::new(10, -0.5).expect_err("refused").to_string(),
            "Zipf exponent of -0.5 is not between 0 and 10"
        );
        assert!(Zipf::new(10, f64::NAN).is_err());
    }
}
