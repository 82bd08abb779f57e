use crate::numeric::{Complex, contour, find_root, invert};
use crate::units::{ArrivalRate, Erlangs, Probability, Seconds, Servers, ServiceRate};

use crate::queues::QueueError;

/// Relative width at which a quantile is found.
const QUANTILE_TOLERANCE: f64 = 1e-11;

/// Terms after which a series is taken as it is; one this long stands for a point on the branch cut.
const MOST_TERMS: u32 = 100_000;

/// The M/M/1 queue with processor sharing, exactly: `n` jobs are served at once, each at an `n`-th of the rate.
///
/// # Formula
///
/// With `r` the root of `λr² − (λ + μ + s)·r + μ = 0` of smaller modulus, a job of service time `x` has
///
/// ```text
/// E e^(−s·T(x)) = (1 − ρ)(1 − ρr²)·e^(−(λ(1 − r) + s)·x) / ((1 − ρr)² − ρ(1 − r)²·e^(−γx)),   γ = μ(1 − ρr²)/r
/// ```
///
/// and over exponential `x`, the denominator as a geometric series with `q = ρ(1 − r)²/(1 − ρr)²`,
///
/// ```text
/// E e^(−sT) = (1 − ρ)(1 − ρr²)/(1 − ρr)²·Σ_k μ·q^k / (μ + λ(1 − r) + s + kγ)
/// W = 1/(μ − λ)
/// ```
///
/// # Method
///
/// The series is summed until a term no longer counts; `|q| < 1` off the cut
/// `−(√μ + √λ)² ≤ s ≤ −(√μ − √λ)²`. The tail by inversion of the transform. [`MgcPs`](crate::queues::MgcPs) has the same law as a
/// mixture of exponentials, which costs less where a law is needed often; this one is the measure of it.
///
/// # Accuracy
///
/// Absolute error of the tail below 1e-10; its relative precision ends there.
///
/// # References
///
/// [Coffman70](crate::references#coffman70).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mm1Ps {
    arrival_rate: f64,
    service_rate: f64,
}

impl Mm1Ps {
    /// Makes the queue.
    ///
    /// # Errors
    ///
    /// [`QueueError::Unstable`] when `λ ≥ μ`.
    pub fn new(arrival_rate: ArrivalRate, service_rate: ServiceRate) -> Result<Self, QueueError> {
        let (lambda, mu) = (arrival_rate.get(), service_rate.get());
        if lambda >= mu {
            let out = |value| QueueError::Domain { parameter: "offered load", value, domain: "below 1.8e308" };
            let offered_load = Erlangs::new(lambda / mu).map_err(|error| out(error.value))?;
            let servers = Servers::new(1).map_err(|error| out(error.value))?;
            return Err(QueueError::Unstable { offered_load, servers });
        }
        Ok(Self { arrival_rate: lambda, service_rate: mu })
    }

    /// Mean time of a visit in seconds, `1/(μ − λ)`.
    pub fn sojourn_time(&self) -> f64 {
        1.0 / (self.service_rate - self.arrival_rate)
    }

    /// Laplace–Stieltjes transform `E e^(−sT)`; `s` in 1/s and off the cut.
    pub fn transform(&self, s: Complex<f64>) -> Complex<f64> {
        // In units of the mean service time.
        let rho = self.arrival_rate / self.service_rate;
        let s = s / self.service_rate;
        let half = (s + 1.0 + rho) * 0.5;
        let root = (half * half - rho).sqrt();
        // The sum that does not cancel is the reciprocal of the smaller root.
        let large = if (half + root).norm_sqr() >= (half - root).norm_sqr() { half + root } else { half - root };
        let r = 1.0 / large;
        let gap = 1.0 - r * r * rho;
        let below = 1.0 - r * rho;
        let ratio = (1.0 - r) / below;
        let q = ratio * ratio * rho;
        let gamma = gap / r;
        let first = (1.0 - r) * rho + s + 1.0;
        let mut sum = Complex::new(0.0, 0.0);
        let mut power = Complex::new(1.0, 0.0);
        for k in 0..MOST_TERMS {
            let term = power / (first + gamma * f64::from(k));
            sum += term;
            if term.norm_sqr() <= 1e-34 * sum.norm_sqr() {
                break;
            }
            power *= q;
        }
        sum * gap * (1.0 - rho) / (below * below)
    }

    /// Probability that a visit takes longer than `time`.
    pub fn tail(&self, time: Seconds) -> f64 {
        let t = time.get();
        if t <= 0.0 {
            return 1.0;
        }
        invert(contour(1.0), |s| (1.0 - self.transform(s)) / s, t).clamp(0.0, 1.0)
    }

    /// The time that visits stay within with `probability`.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] for a probability of 1: no time is long enough.
    pub fn quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        let p = probability.get();
        if p >= 1.0 {
            return Err(QueueError::Domain { parameter: "probability", value: p, domain: "below 1" });
        }
        if p <= 0.0 {
            return Ok(0.0);
        }
        // Markov: P(T > t) ≤ W/t.
        let high = self.sojourn_time() / (1.0 - p);
        let ln_target = (-p).ln_1p();
        let distance = |time: f64| {
            Seconds::new(time).map_or(f64::NAN, |time| self.tail(time).max(f64::MIN_POSITIVE).ln() - ln_target)
        };
        Ok(find_root(distance, 0.0, high * (1.0 + 1e-9), QUANTILE_TOLERANCE).unwrap_or(high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(rho: f64) -> Mm1Ps {
        Mm1Ps::new(ArrivalRate::new(rho).expect("rate"), ServiceRate::new(1.0).expect("rate")).expect("stable")
    }

    /// The tagged job's chain, solved at one point of the transform by elimination:
    /// `(s + ρ + 1)·φ_n = ρ·φ_{n+1} + n/(n + 1)·φ_{n−1} + 1/(n + 1)`.
    #[test]
    fn the_transform_solves_the_chain() {
        for rho in [0.1, 0.5, 0.8, 0.95] {
            for s in [Complex::new(0.5, 0.0), Complex::new(0.1, 0.4), Complex::new(-0.3, 1.0)] {
                let states = 3000_u32;
                let (mut slope, mut constant) = (Complex::new(0.0, 0.0), Complex::new(0.0, 0.0));
                // φ_n = slope·φ_{n−1} + constant, from the top down.
                let mut coefficients = Vec::new();
                for n in (0..states).rev() {
                    let n = f64::from(n);
                    let pivot = s + rho + 1.0 - slope * rho;
                    constant = (constant * rho + 1.0 / (n + 1.0)) / pivot;
                    slope = (n / (n + 1.0)) / pivot;
                    coefficients.push((slope, constant));
                }
                let mut phi = Complex::new(0.0, 0.0);
                let (mut sum, mut found) = (Complex::new(0.0, 0.0), 1.0 - rho);
                for (slope, constant) in coefficients.into_iter().rev() {
                    phi = slope * phi + constant;
                    sum += phi * found;
                    found *= rho;
                }
                let difference = (queue(rho).transform(s) - sum).norm();
                assert!(difference < 1e-12, "{rho} {s}: {difference:e}");
            }
        }
    }

    #[test]
    fn the_transform_begins_with_one_and_the_mean() {
        for rho in [0.0, 0.3, 0.9] {
            let station = queue(rho);
            let step = 1e-6;
            let slope = (station.transform(Complex::new(step, 0.0)) - station.transform(Complex::new(0.0, 0.0))) / step;
            assert!((station.transform(Complex::new(0.0, 0.0)).re - 1.0).abs() < 1e-12, "{rho}");
            assert!((slope.re + station.sojourn_time()).abs() < 1e-3, "{rho}: {slope}");
        }
    }

    #[test]
    fn without_load_it_is_the_service() {
        let time = queue(0.0).quantile(Probability::new(0.99).expect("probability")).expect("below 1");
        assert!((time - 100.0_f64.ln()).abs() < 1e-9, "{time}");
    }

    #[test]
    fn too_much_load_is_refused() {
        let error = Mm1Ps::new(ArrivalRate::new(2.5).expect("rate"), ServiceRate::new(1.0).expect("rate"));
        let message = error.expect_err("unstable").to_string();
        assert_eq!(message, "offered load of 2.5 is too much for 1 server; at least 3 are needed");
    }
}
