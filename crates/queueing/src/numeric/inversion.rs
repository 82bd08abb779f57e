use std::f64::consts::PI;
use std::sync::LazyLock;

use super::Complex;

/// A point of a contour for time 1, and the weight of the transform's value there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    /// Point `z`; the transform is taken at `z / t`.
    pub point: Complex<f64>,
    /// Weight `w`: the inverse is `Re Σ w·F(z/t) / t`.
    pub weight: Complex<f64>,
}

/// How steep a function of time is, in units of the number of equal exponential stages with the same steepness.
///
/// A fixed rule resolves a limited steepness; [`contour`] picks the cheapest that is enough.
pub const FEW_STAGES: f64 = 20.0;

/// Nodes on the upper half of the hyperbola; the lower half is its mirror image.
pub const FEW_NODES: usize = 16;

/// Returns the nodes of a rule that resolves a law made of up to `stages` exponential stages in a row.
///
/// Up to [`FEW_STAGES`] a hyperbola around the negative real axis with [`FEW_NODES`] nodes; its error falls as
/// `3.20^(−2·nodes)` for transforms whose singularities lie on that axis. Beyond, a vertical line with Euler's
/// summation of the alternating series: 115 nodes, for any law that is smooth.
pub fn contour(stages: f64) -> &'static [Node] {
    if stages <= FEW_STAGES { &HYPERBOLA[..] } else { &EULER }
}

/// ```text
/// z(θ) = 2.246·N·(1 − sin(1.1721 − 0.3443·i·θ)),   −π < θ < π,   N = 2·FEW_NODES
/// ```
///
/// The constants minimise the error bound. [Trefethen06](crate::references#trefethen06) §3.
static HYPERBOLA: LazyLock<[Node; FEW_NODES]> = LazyLock::new(|| {
    let count = 2.0 * FEW_NODES as f64;
    std::array::from_fn(|index| {
        let theta = PI * (2.0 * index as f64 + 1.0) / count;
        let angle = Complex::new(1.1721, -0.3443 * theta);
        let point = (1.0 - angle.sin()) * (2.246 * count);
        let slope = angle.cos() * Complex::new(0.0, 2.246 * 0.3443 * count);
        // f(t) = 1/(2πi) ∫ e^(zt) F dz; the step in θ is 2π/N, and the mirror images double the real part.
        let weight = point.exp() * slope * Complex::new(0.0, -2.0 / count);
        Node { point, weight }
    })
});

/// Distance of the line from the axis: the error of the periodic sum is `e^(−27)`.
const EULER_DAMPING: f64 = 27.0;
/// Terms summed as they are, and partial sums averaged after them.
const EULER_TERMS: i32 = 100;
const EULER_AVERAGED: i32 = 14;

/// ```text
/// f(t) ≈ e^(A/2)/t·(½·F(A/2t) + Σ_k (−1)^k·Re F((A + 2πik)/2t)),
/// ```
///
/// the last partial sums averaged with binomial weights. [Abate95](crate::references#abate95).
static EULER: LazyLock<Vec<Node>> = LazyLock::new(|| {
    // Share of the binomial weights that lies at or above each partial sum.
    let mut binomial = vec![1.0_f64];
    for j in 0..EULER_AVERAGED {
        let last = binomial[binomial.len() - 1];
        binomial.push(last * f64::from(EULER_AVERAGED - j) / f64::from(j + 1));
    }
    let total: f64 = binomial.iter().sum();
    (0..=EULER_TERMS + EULER_AVERAGED)
        .map(|k| {
            let averaged = usize::try_from(k - EULER_TERMS).unwrap_or(0);
            let share = binomial[averaged..].iter().sum::<f64>() / total;
            let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
            let half = if k == 0 { 0.5 } else { 1.0 };
            Node {
                point: Complex::new(0.5 * EULER_DAMPING, PI * f64::from(k)),
                weight: Complex::new((0.5 * EULER_DAMPING).exp() * sign * half * share, 0.0),
            }
        })
        .collect()
});

/// Returns `f(time)` from its Laplace transform `F(s) = ∫₀^∞ e^(−st) f(t) dt`.
///
/// # Formula
///
/// ```text
/// f(t) = 1/(2πi) ∫ e^(st) F(s) ds ≈ Re Σ w_k·F(z_k / t) / t
/// ```
///
/// with the nodes of [`contour`]: a fixed number of evaluations whatever the function.
///
/// # Accuracy
///
/// For tails of sums of exponential, gamma and hyperexponential times: absolute error below 1e-12 up to five stages
/// in a row, 1e-9 up to [`FEW_STAGES`], and 1e-10 for any larger number with the longer rule. Relative precision ends
/// where the function falls below that. Functions that jump after `t = 0` (fixed delays) are not to be inverted: shift
/// them outside.
///
/// # Units
///
/// `time > 0` in seconds, `transform` of an argument in 1/s.
pub fn invert(nodes: &[Node], mut transform: impl FnMut(Complex<f64>) -> Complex<f64>, time: f64) -> f64 {
    nodes.iter().map(|node| (node.weight * transform(node.point / time)).re).sum::<f64>() / time
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tail_of_an_exponential() {
        for time in [1e-6, 1e-3, 0.1, 1.0, 5.0, 20.0] {
            let value = invert(contour(1.0), |s| 1.0 / (s + 1.0), time);
            assert!((value - (-time).exp()).abs() < 1e-12, "{time}: {value}");
        }
    }

    /// The tail of the sum of `stages` exponentials is a Poisson sum.
    fn erlang_tail(stages: u32, time: f64) -> f64 {
        let mut term = (-time).exp();
        let mut sum = term;
        for k in 1..stages {
            term *= time / f64::from(k);
            sum += term;
        }
        sum
    }

    #[test]
    fn tails_of_sums_of_stages() {
        for (stages, tolerance) in
            [(2, 1e-12), (5, 1e-12), (10, 1e-11), (20, 1e-9), (21, 1e-10), (100, 1e-10), (300, 1e-10)]
        {
            for share in [0.3, 0.5, 0.9, 1.0, 1.1, 1.5, 2.0] {
                let time = share * f64::from(stages);
                let nodes = contour(f64::from(stages));
                let value = invert(nodes, |s| (1.0 - (1.0 / (s + 1.0)).powu(stages)) / s, time);
                let error = (value - erlang_tail(stages, time)).abs();
                assert!(error < tolerance, "{stages} stages at {time}: {error:e}");
            }
        }
    }

    #[test]
    fn nearly_equal_stages_do_not_cancel() {
        let transform = |s: Complex<f64>| {
            let product = 1.0 / ((s + 1.0) * (s / 1.000_000_1 + 1.0));
            (1.0 - product) / s
        };
        let value = invert(contour(2.0), transform, 3.0);
        assert!((value - erlang_tail(2, 3.0)).abs() < 1e-6);
    }
}
