use std::f64::consts::{PI, SQRT_2};

use crate::units::Probability;

use super::NetworkError;

/// Euler's constant, the limit of `H_n − ln n`.
const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;

/// From here on the asymptotic series of `H_n` is exact to the last digit.
const LONG_SUM: u64 = 32;

/// Step of the trapezoidal rule for the mean of a largest lognormal time; it converges faster than any power.
const STEP: f64 = 1.0 / 64.0;

/// The widest lognormal law: its mean is already e^450 times its median.
const WIDEST: f64 = 30.0;

/// The law of the time of one call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CallLaw {
    /// Exponential with this rate.
    Exponential {
        /// Calls per second.
        rate: f64,
    },
    /// Lognormal: its logarithm is normal.
    Lognormal {
        /// Half of the calls are faster.
        median: f64,
        /// Standard deviation of the logarithm, at most 30.
        sigma: f64,
    },
}

/// A request that makes several calls at once and waits for the slowest.
///
/// # Formula
///
/// ```text
/// P(max ≤ t) = F(t)ⁿ,   t_q = F⁻¹(q^(1/n))
/// E[max] = H_n/μ (exponential),   ∫ n·Φ(z)^(n−1)·φ(z)·median·e^(σz) dz (lognormal)
/// ```
///
/// # Method
///
/// Exact for independent calls of one law. Upper tails are used throughout (`1 − q^(1/n)` by `exp_m1`), so large `n` and
/// extreme percentiles keep their digits.
///
/// # Accuracy
///
/// Exponential: relative error below 1e-14; lognormal: below 1e-12 for `σ ≤ 5`. Calls to one shared queue are not
/// independent: see [`ForkJoin`](super::ForkJoin).
///
/// # References
///
/// [Dean13](crate::references#dean13).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FanOut {
    calls: u64,
    law: CallLaw,
}

impl FanOut {
    /// Makes `calls` calls of one law.
    ///
    /// # Errors
    ///
    /// [`NetworkError::Parameter`] for no calls, and for parameters of the law outside their domain.
    pub fn new(calls: u64, law: CallLaw) -> Result<Self, NetworkError> {
        let above_zero = |what, value: f64| {
            let domain = "finite and above 0";
            if value > 0.0 && value.is_finite() { Ok(()) } else { Err(NetworkError::Parameter { what, value, domain }) }
        };
        if calls == 0 {
            return Err(NetworkError::Parameter { what: "fan-out", value: 0.0, domain: "at least 1" });
        }
        match law {
            CallLaw::Exponential { rate } => above_zero("rate", rate)?,
            CallLaw::Lognormal { median, sigma } => {
                above_zero("median", median)?;
                if !(sigma > 0.0 && sigma <= WIDEST) {
                    let domain = "above 0 and at most 30";
                    return Err(NetworkError::Parameter { what: "sigma", value: sigma, domain });
                }
            }
        }
        Ok(Self { calls, law })
    }

    /// Mean time of the slowest call.
    pub fn mean(&self) -> f64 {
        match self.law {
            CallLaw::Exponential { rate } => harmonic(self.calls) / rate,
            CallLaw::Lognormal { median, sigma } => {
                let n = self.calls as f64;
                // The density of the largest normal value, tilted by e^(σz), lies around √(2 ln n) + σ.
                let (low, high) = (-12.0, (2.0 * n.ln()).sqrt() + sigma + 12.0);
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some thousands")]
                let steps = ((high - low) / STEP).ceil() as u32;
                let mut sum = 0.0;
                for step in 0..=steps {
                    let z = low + f64::from(step) * STEP;
                    let ln_density = sigma * z - 0.5 * z * z + (n - 1.0) * ln_below(z);
                    sum += ln_density.exp();
                }
                median * n * sum * STEP / (2.0 * PI).sqrt()
            }
        }
    }

    /// The time that the slowest call stays within with `probability`.
    ///
    /// # Errors
    ///
    /// [`NetworkError::Quantile`] for a probability of 1.
    pub fn quantile(&self, probability: Probability) -> Result<f64, NetworkError> {
        let probability = probability.get();
        if probability >= 1.0 {
            return Err(NetworkError::Quantile { probability });
        }
        if probability == 0.0 {
            return Ok(0.0);
        }
        let each = probability.ln() / self.calls as f64;
        // 1 − q^(1/n)
        let tail = -each.exp_m1();
        Ok(match self.law {
            CallLaw::Exponential { rate } => -tail.ln() / rate,
            CallLaw::Lognormal { median, sigma } => {
                let z = if tail <= 0.5 { normal_with_tail(tail) } else { -normal_with_tail(each.exp()) };
                median * (sigma * z).exp()
            }
        })
    }
}

/// Returns the share of requests that meet at least one slow call among `calls`.
///
/// # Formula
///
/// ```text
/// 1 − (1 − p)ⁿ
/// ```
///
/// # References
///
/// [Dean13](crate::references#dean13).
pub fn slow_share(calls: u64, slow_probability: Probability) -> f64 {
    if calls == 0 { 0.0 } else { -(calls as f64 * (-slow_probability.get()).ln_1p()).exp_m1() }
}

/// `H_n = 1 + 1/2 + … + 1/n`.
fn harmonic(n: u64) -> f64 {
    if n < LONG_SUM {
        return (1..=n).rev().map(|k| 1.0 / k as f64).sum();
    }
    let x = n as f64;
    let square = 1.0 / (x * x);
    let series = square * (1.0 / 12.0 - square * (1.0 / 120.0 - square * (1.0 / 252.0 - square / 240.0)));
    x.ln() + EULER_GAMMA + 0.5 / x - series
}

/// Probability that a standard normal value exceeds `z`.
pub(super) fn upper_tail(z: f64) -> f64 {
    0.5 * libm::erfc(z / SQRT_2)
}

/// Logarithm of the probability that a standard normal value stays below `z`.
pub(super) fn ln_below(z: f64) -> f64 {
    if z < 0.0 { upper_tail(-z).ln() } else { (-upper_tail(z)).ln_1p() }
}

/// The standard normal value that is exceeded with probability `tail`, `0 < tail ≤ 0.5`.
///
/// Newton on the logarithm of the tail from above: it is concave, so no step passes the root twice.
pub(super) fn normal_with_tail(tail: f64) -> f64 {
    let target = tail.ln();
    // Chernoff: the tail at √(−2 ln tail) is below `tail`.
    let mut z = (-2.0 * target).sqrt();
    for _ in 0..60 {
        let value = upper_tail(z);
        if value <= 0.0 {
            break;
        }
        let slope = -(-0.5 * z * z).exp() / (2.0 * PI).sqrt() / value;
        let step = (value.ln() - target) / slope;
        z -= step;
        if step.abs() <= f64::EPSILON * z.abs().max(1.0) {
            break;
        }
    }
    z
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmonic_numbers_are_continued_by_their_series() {
        let direct: f64 = (1..=1000_u64).rev().map(|k| 1.0 / k as f64).sum();
        assert!((harmonic(1000) - direct).abs() < 1e-14);
        let edge: f64 = (1..=LONG_SUM).rev().map(|k| 1.0 / k as f64).sum();
        assert!((harmonic(LONG_SUM) - edge).abs() < 1e-14);
    }

    #[test]
    fn one_lognormal_call_has_its_own_mean() {
        for sigma in [0.1, 1.0, 3.0, 5.0] {
            let one = FanOut::new(1, CallLaw::Lognormal { median: 2.0, sigma }).expect("valid");
            let exact = 2.0 * (0.5 * sigma * sigma).exp();
            assert!((one.mean() / exact - 1.0).abs() < 1e-12, "{sigma}: {}", one.mean());
        }
    }

    /// The largest of two standard normal values has the mean `1/√π`, which the smallest lognormal step shows.
    #[test]
    fn two_calls_have_the_mean_of_the_larger() {
        let sigma = 1e-5;
        let two = FanOut::new(2, CallLaw::Lognormal { median: 1.0, sigma }).expect("valid");
        // E e^(σM) = 1 + σ·E M + σ²·E M²/2, with E M² = 1.
        let expected = 1.0 + sigma / PI.sqrt() + 0.5 * sigma * sigma;
        assert!((two.mean() - expected).abs() < 1e-13, "{}", two.mean());
    }

    #[test]
    fn quantiles_of_the_normal_law_are_those_of_the_tables() {
        for (tail, z) in [(0.5, 0.0), (0.025, 1.959_963_984_540_054), (1e-10, 6.361_340_902_404_056)] {
            assert!((normal_with_tail(tail) - z).abs() < 1e-12, "{tail}");
        }
        let share = |p| Probability::new(p).expect("a share");
        let median = FanOut::new(1, CallLaw::Lognormal { median: 3.0, sigma: 2.0 }).expect("valid");
        assert!((median.quantile(share(0.5)).expect("below 1") - 3.0).abs() < 1e-14);
        let low = median.quantile(share(0.025)).expect("below 1");
        assert!((low / (3.0 * (-2.0 * 1.959_963_984_540_054_f64).exp()) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn faults_name_the_number() {
        let none = FanOut::new(0, CallLaw::Exponential { rate: 1.0 }).expect_err("no calls");
        assert_eq!(none.to_string(), "fan-out is 0; it must be at least 1");
        let wide = FanOut::new(2, CallLaw::Lognormal { median: 1.0, sigma: 1e9 }).expect_err("too wide");
        assert_eq!(wide.to_string(), "sigma is 1000000000; it must be above 0 and at most 30");
    }
}
