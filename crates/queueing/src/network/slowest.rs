use std::sync::LazyLock;

use crate::numeric::{Complex, GaussNode, Node, contour, gauss_legendre};

use super::PathLaw;

/// Points of the Gauss–Legendre rule on each panel.
const POINTS: usize = 16;

/// Panels of equal width up to the last time that counts, and halvings of the first of them.
const PANELS: u32 = 60;
const HALVINGS: u32 = 24;

/// The last time that counts over the time of the inversion: `e^(−13.5·3)` is nothing.
const REACH: f64 = 3.0;

/// A tail below this ends the integral of a moment.
const LEAST_TAIL: f64 = 1e-12;

/// The most doublings of the time over which a moment is integrated.
const DOUBLINGS: i32 = 60;

/// One of several calls made at the same time.
#[derive(Debug, Clone, PartialEq)]
pub struct Racer {
    /// Its time, less what all its courses take for certain.
    pub law: PathLaw,
    /// How much less than that of the slowest call this certain time is.
    pub lead: f64,
}

/// The law of the slowest of several independent calls, `M = max(0, max_i (X_i − l_i))`.
///
/// # Formula
///
/// ```text
/// P(M ≤ u) = Π_i F_i(u + l_i)
/// E e^(−sM) = 1 − s·∫ e^(−su)·P(M > u) du
/// ```
///
/// # Method
///
/// Certain times are outside, so that the law is smooth above 0. The integral is a Gauss–Legendre sum over panels that
/// halve towards 0, at times that scale with the time of the inversion: its exponentials are computed once for ever.
///
/// # Accuracy
///
/// Absolute error of a probability below 1e-8, against the slowest of exponential calls, which is a sum of exponential
/// times.
#[derive(Debug, Clone, PartialEq)]
pub struct Slowest {
    racers: Vec<Racer>,
    mean: f64,
    variance: f64,
}

impl Slowest {
    /// Puts calls together that do not wait for one another.
    pub fn new(racers: Vec<Racer>) -> Self {
        let mut slowest = Self { racers, mean: 0.0, variance: 0.0 };
        let scale = slowest.racers.iter().map(|racer| racer.law.mean()).fold(0.0, f64::max);
        if scale > 0.0 {
            let (mut first, mut second) = (0.0, 0.0);
            let (mut low, mut high) = (0.0, scale * (-20.0_f64).exp2());
            for _ in 0..DOUBLINGS {
                for node in &RULE[..] {
                    let time = low + (high - low) * node.point;
                    let share = node.weight * (high - low) * slowest.tail(time);
                    first += share;
                    second += 2.0 * time * share;
                }
                if slowest.tail(high) < LEAST_TAIL {
                    break;
                }
                (low, high) = (high, 2.0 * high);
            }
            slowest.mean = first;
            slowest.variance = (second - first * first).max(0.0);
        }
        slowest
    }

    /// Mean in seconds.
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    /// Variance in seconds squared.
    pub const fn variance(&self) -> f64 {
        self.variance
    }

    /// Probability of more than `time ≥ 0` seconds.
    pub fn tail(&self, time: f64) -> f64 {
        let ln_within: f64 = self.racers.iter().map(|racer| (-racer.law.tail(time + racer.lead)).ln_1p()).sum();
        -ln_within.exp_m1()
    }

    /// The transform at `z/time` for every node `z` of [`line()`].
    pub(super) fn transforms(&self, time: f64) -> Vec<Complex<f64>> {
        let tails: Vec<f64> = TIMES.iter().map(|node| node.weight * self.tail(time * node.point)).collect();
        let sum =
            |row: &[Complex<f64>]| row.iter().zip(&tails).map(|(factor, tail)| factor * *tail).sum::<Complex<f64>>();
        EXPONENTIALS.iter().zip(line()).map(|(row, node)| 1.0 - node.point * sum(row)).collect()
    }
}

/// The nodes at which the transform of a slowest call exists: all with a positive real part.
pub(super) fn line() -> &'static [Node] {
    contour(f64::INFINITY)
}

/// The Gauss–Legendre rule on `[0, 1]`.
static RULE: LazyLock<Vec<GaussNode>> = LazyLock::new(|| gauss_legendre(POINTS));

/// Times of the tail over the time of the inversion, with their weights.
static TIMES: LazyLock<Vec<GaussNode>> = LazyLock::new(|| {
    let width = REACH / f64::from(PANELS);
    let mut edges = vec![0.0];
    edges.extend((1..=HALVINGS).rev().map(|halvings| width / f64::from(halvings).exp2()));
    edges.extend((1..=PANELS).map(|panel| width * f64::from(panel)));
    edges
        .windows(2)
        .flat_map(|edge| {
            let (low, width) = (edge[0], edge[1] - edge[0]);
            RULE.iter().map(move |one| GaussNode { point: low + width * one.point, weight: width * one.weight })
        })
        .collect()
});

/// `e^(−z·x)` by node `z` and time `x`.
static EXPONENTIALS: LazyLock<Vec<Vec<Complex<f64>>>> = LazyLock::new(|| {
    line().iter().map(|node| TIMES.iter().map(|time| (-node.point * time.point).exp()).collect()).collect()
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Branch;
    use crate::queues::{ServiceLaw, SojournLaw};

    fn call(mean: f64) -> PathLaw {
        let branch = Branch { probability: 1.0, fixed_time: 0.0, visits: vec![1] };
        PathLaw::new(vec![branch], vec![SojournLaw::without_waiting(ServiceLaw::Exponential { mean })]).expect("valid")
    }

    fn calls(means: &[f64]) -> Slowest {
        Slowest::new(means.iter().map(|&mean| Racer { law: call(mean), lead: 0.0 }).collect())
    }

    #[test]
    fn moments_are_those_of_a_sum_of_exponential_times() {
        for count in [1, 2, 5, 20_u32] {
            let slowest = calls(&vec![2.0; count as usize]);
            let mean: f64 = (1..=count).map(|k| 2.0 / f64::from(k)).sum();
            let variance: f64 = (1..=count).map(|k| 4.0 / f64::from(k * k)).sum();
            assert!((slowest.mean() / mean - 1.0).abs() < 1e-10, "{count}: {}", slowest.mean());
            assert!((slowest.variance() / variance - 1.0).abs() < 1e-8, "{count}: {}", slowest.variance());
        }
    }

    /// The slowest of `n` exponential calls is a sum of exponential times with rates `μ … nμ`.
    #[test]
    fn the_law_of_a_step_before_the_calls_is_that_of_a_path() {
        let first = SojournLaw::without_waiting(ServiceLaw::Exponential { mean: 0.5 });
        for count in [2, 4, 8_u32] {
            let branch = Branch { probability: 1.0, fixed_time: 0.25, visits: vec![1, 1] };
            let group = calls(&vec![1.0; count as usize]);
            let path = PathLaw::with_parallel(vec![branch], vec![first], vec![group]).expect("valid");
            let mut laws = vec![first];
            laws.extend(
                (1..=count).map(|k| SojournLaw::without_waiting(ServiceLaw::Exponential { mean: 1.0 / f64::from(k) })),
            );
            let branch = Branch { probability: 1.0, fixed_time: 0.25, visits: vec![1; laws.len()] };
            let sum = PathLaw::new(vec![branch], laws).expect("valid");
            assert!((path.mean() / sum.mean() - 1.0).abs() < 1e-10);
            assert!((path.variance() / sum.variance() - 1.0).abs() < 1e-8);
            for time in [0.1, 0.3, 1.0, 2.0, 5.0, 15.0] {
                let error = (path.cdf(time) - sum.cdf(time)).abs();
                assert!(error < 1e-8, "{count} calls at {time}: {error:e}");
            }
        }
    }

    #[test]
    fn a_call_with_a_lead_counts_only_beyond_it() {
        let ahead =
            Slowest::new(vec![Racer { law: call(1.0), lead: 2.0 }, Racer { law: PathLaw::certain(), lead: 0.0 }]);
        assert!((ahead.tail(1.0) - (-3.0_f64).exp()).abs() < 1e-12);
        assert!((ahead.mean() / (-2.0_f64).exp() - 1.0).abs() < 1e-9, "{}", ahead.mean());
    }
}
