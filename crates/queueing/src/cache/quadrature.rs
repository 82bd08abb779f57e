use std::sync::LazyLock;

use crate::numeric::{GaussNode, gauss_legendre};

/// One term of a weighted sum over ranks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Node {
    /// Rank at which the summand is taken, between 1 and `N + 2`.
    pub(super) rank: f64,
    /// Weight of the summand there.
    pub(super) weight: f64,
}

/// Ranks that are always summed one by one: the head of a popularity is not smooth.
const HEAD: u64 = 128;

/// Up to this many ranks are all summed one by one.
const DIRECT: u64 = 512;

/// The 12-point rule of each panel.
static RULE: LazyLock<Vec<GaussNode>> = LazyLock::new(|| gauss_legendre(12));

/// Returns some 300 nodes that stand for a sum over the ranks `1 … objects`.
///
/// # Formula
///
/// ```text
/// Σ_{i=1}^{N} f(i) ≈ Σ_{i=1}^{h} f(i) + ∫_{h+½}^{N+½} f(x) dx + E(N + ½) − E(h + ½)
/// E(x) = −f′(x)/24 + 7 f‴(x)/5760
/// ```
///
/// # Method
///
/// The integral is taken in `ln x` by 12-point Gauss–Legendre panels, and the Euler–Maclaurin terms by central
/// differences over whole ranks, so that the sum of *any* summand is one weighted sum over the same nodes. A panel is
/// 1.5 wide in `ln x`, or in `ln p` where popularity falls faster than that.
///
/// # Accuracy
///
/// 10⁻¹² of the sum against all terms, for `f(x) = g(x^−α)` with `g` smooth on the scale of one `e`-fold of its argument
/// and `α ≤ 3`; 10⁻⁹ at `α = 10`.
pub(super) fn nodes(objects: u64, exponent: f64) -> Vec<Node> {
    let one_by_one = |last: u64| (1..=last).map(|rank| Node { rank: rank as f64, weight: 1.0 });
    if objects <= DIRECT {
        return one_by_one(objects).collect();
    }
    let mut nodes: Vec<Node> = one_by_one(HEAD).collect();
    let (from, to) = (HEAD as f64 + 0.5, objects as f64 + 0.5);
    add_integral(&mut nodes, from, to, 1.5 / exponent.max(1.0));
    add_end(&mut nodes, to, 1.0);
    add_end(&mut nodes, from, -1.0);
    nodes
}

/// Adds the nodes of `∫ f(x) dx`, in panels at most `width` wide in `ln x`.
fn add_integral(nodes: &mut Vec<Node>, from: f64, to: f64, width: f64) {
    let (start, length) = (from.ln(), (to / from).ln());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "ln(10¹²)/0.15 < 200")]
    let panels = (length / width).ceil().max(1.0) as u32;
    let width = length / f64::from(panels);
    for panel in 0..panels {
        nodes.extend(RULE.iter().map(|node| {
            let rank = (start + width * (f64::from(panel) + node.point)).exp();
            Node { rank, weight: node.weight * width * rank }
        }));
    }
}

/// Adds `sign · E(x)`, with `f′ ≈ δ − δ³/24` and `f‴ ≈ δ³` from the four whole ranks around `x`.
fn add_end(nodes: &mut Vec<Node>, x: f64, sign: f64) {
    const FIRST: f64 = -1.0 / 24.0;
    const THIRD: f64 = 17.0 / 5760.0;
    let inner = sign * (FIRST - 3.0 * THIRD);
    let outer = sign * THIRD;
    for (shift, weight) in [(-1.5, -outer), (-0.5, -inner), (0.5, inner), (1.5, outer)] {
        nodes.push(Node { rank: x + shift, weight });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(objects: u64, exponent: f64, summand: impl Fn(f64) -> f64) -> (f64, f64) {
        let quick = nodes(objects, exponent).iter().map(|node| node.weight * summand(node.rank)).sum();
        // From the small terms up, so that the direct sum is not the less accurate of the two.
        let direct = (1..=objects).rev().map(|rank| summand(rank as f64)).sum();
        (quick, direct)
    }

    #[test]
    fn powers_agree_with_the_sum_of_all_terms() {
        for exponent in [0.0, 0.3, 0.9, 1.0, 1.2, 2.0, 3.0] {
            for objects in [513, 1000, 100_000] {
                let (quick, direct) = sums(objects, exponent, |rank| rank.powf(-exponent));
                assert!((quick / direct - 1.0).abs() < 1e-12, "α = {exponent}, N = {objects}: {quick}, {direct}");
            }
        }
    }

    #[test]
    fn occupancies_agree_with_the_sum_of_all_terms() {
        for exponent in [0.3, 0.9, 1.0, 1.2, 2.0, 3.0] {
            for turning in [1.0_f64, 100.0, 400.0, 3000.0, 1e5, 1e7] {
                let scale = turning.powf(exponent);
                let (quick, direct) = sums(200_000, exponent, |rank| -(-scale * rank.powf(-exponent)).exp_m1());
                assert!((quick / direct - 1.0).abs() < 1e-11, "α = {exponent}, at {turning}: {quick}, {direct}");
            }
        }
    }

    #[test]
    fn a_steep_law_keeps_nine_digits() {
        for turning in [1.0_f64, 100.0, 400.0, 3000.0, 1e5] {
            let scale = turning.powi(10);
            let (quick, direct) = sums(200_000, 10.0, |rank| -(-scale * rank.powi(-10)).exp_m1());
            assert!((quick / direct - 1.0).abs() < 1e-9, "at {turning}: {quick}, {direct}");
        }
    }

    #[test]
    fn a_billion_ranks_take_some_three_hundred_nodes() {
        assert!(nodes(1_000_000_000, 0.9).len() < 300);
    }
}
