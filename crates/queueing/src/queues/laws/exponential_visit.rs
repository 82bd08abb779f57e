use crate::numeric::{Complex, power_of_two_below};
use crate::units::Probability;

use crate::queues::laws::quantile::tail_of;
use crate::queues::{QueueError, ServiceLaw, SojournLaw, StationFigures};

/// A visit whose wait, where there is one, is exponential, before an exponential service.
///
/// # Formula
///
/// With `C` the probability to wait, `δ` the rate of the wait and `μ` that of the service:
///
/// ```text
/// P(W_q > t) = C·e^(−δt)
/// P(W > t) = (1 − C)·e^(−μt) + C·(δ·e^(−μt) − μ·e^(−δt)) / (δ − μ)
/// ```
///
/// # Method
///
/// The sojourn tail is written with `exp_m1` of the difference of the rates, so that it holds at and near `δ = μ`, and
/// every term of it is positive, so that small tails keep their relative precision down to 1e-300.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExponentialVisit {
    pub(in crate::queues) wait_probability: f64,
    pub(in crate::queues) wait_rate: f64,
    pub(in crate::queues) service_rate: f64,
}

impl ExponentialVisit {
    /// Probability that a wait is longer than `seconds`.
    pub fn wait_tail(&self, seconds: f64) -> f64 {
        self.wait_probability * (-self.wait_rate * seconds).exp()
    }

    /// Probability that wait and service together are longer than `seconds`.
    pub fn tail(&self, seconds: f64) -> f64 {
        self.tail_and_density(seconds).0
    }

    fn quantile_in_units(&self, probability: Probability) -> Result<f64, QueueError> {
        const SMALL_STEP: f64 = 1e-9;
        let tail = tail_of(probability)?;
        if tail == 1.0 {
            return Ok(0.0);
        }
        let ln_tail = tail.ln();
        // The sojourn is at least the service, and at least the wait.
        let wait = (self.wait_probability / tail).ln() / self.wait_rate;
        let mut low = (-ln_tail / self.service_rate).max(wait);
        // Beyond this, even twice the slower of the two parts has ended.
        let mut high = low + (2.0_f64.ln() - ln_tail) / self.service_rate.min(self.wait_rate);
        let mut time = low;
        for _ in 0..100 {
            let (value, density) = self.tail_and_density(time);
            if value >= tail {
                low = time;
            } else {
                high = time;
            }
            let step = (value.ln() - ln_tail) * value / density;
            let newton = time + step;
            let next = if newton > low && newton < high { newton } else { f64::midpoint(low, high) };
            if step.abs() <= SMALL_STEP * time || (high - low) <= f64::EPSILON * high {
                return Ok(if newton >= low && newton <= high { newton } else { time });
            }
            time = next;
        }
        Ok(time)
    }

    /// Laplace–Stieltjes transform of the wait, `1 − C + C·δ/(s + δ)`.
    pub fn wait_transform(&self, s: Complex<f64>) -> Complex<f64> {
        (1.0 - self.wait_probability) + self.wait_probability * stage_transform(self.wait_rate, s)
    }

    /// Laplace–Stieltjes transform of wait and service together.
    pub fn transform(&self, s: Complex<f64>) -> Complex<f64> {
        self.wait_transform(s) * stage_transform(self.service_rate, s)
    }

    /// The law of a visit, for sums over several stations.
    pub const fn sojourn_law(&self) -> SojournLaw {
        SojournLaw {
            wait_probability: self.wait_probability,
            wait_shape: 1.0,
            wait_scale: 1.0 / self.wait_rate,
            service: ServiceLaw::Exponential { mean: 1.0 / self.service_rate },
        }
    }

    /// Tail and density of the sojourn time at `t`.
    ///
    /// With `l ≤ h` the smaller and larger of `δ` and `μ`, the wait of those who wait plus a service has the tail
    /// `e^(−l·t)·(1 + l·(1 − e^(−(h−l)t))/(h − l))`, symmetric in the two, and the density
    /// `l·h·e^(−l·t)·(1 − e^(−(h−l)t))/(h − l)`.
    fn tail_and_density(&self, t: f64) -> (f64, f64) {
        if t == f64::INFINITY {
            return (0.0, 0.0);
        }
        let (mu, delta, c) = (self.service_rate, self.wait_rate, self.wait_probability);
        let (low, high) = if delta < mu { (delta, mu) } else { (mu, delta) };
        let gap = high - low;
        // (1 − e^(−gap·t)) / gap, which is t where the rates are equal.
        let between = if gap * t == 0.0 { t } else { -(-gap * t).exp_m1() / gap };
        let slow = (-low * t).exp();
        let service = if mu == low { slow } else { (-mu * t).exp() };
        let at_once = (1.0 - c) * service;
        (at_once + c * slow * (1.0 + low * between), mu * at_once + c * low * high * slow * between)
    }
}

/// Laplace–Stieltjes transform `r/(r + s)` of an exponential time of rate `r`, for any two that are finite.
pub(in crate::queues) fn stage_transform(rate: f64, s: Complex<f64>) -> Complex<f64> {
    let (re, im) = (1.0 + s.re / rate, s.im / rate);
    let size = re.abs().max(im.abs());
    if size == f64::INFINITY {
        return Complex::new(0.0, 0.0);
    }
    // 1/z = z̄/|z|², in units of the larger part.
    let (re, im) = (re / size, im / size);
    let scale = 1.0 / ((re * re + im * im) * size);
    Complex::new(re * scale, -im * scale)
}

impl StationFigures for ExponentialVisit {
    fn wait_probability(&self) -> f64 {
        self.wait_probability
    }

    fn waiting_time(&self) -> f64 {
        self.wait_probability / self.wait_rate
    }

    fn sojourn_time(&self) -> f64 {
        self.waiting_time() + 1.0 / self.service_rate
    }

    fn waiting_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        let tail = tail_of(probability)?;
        Ok(if self.wait_probability <= tail { 0.0 } else { (self.wait_probability / tail).ln() / self.wait_rate })
    }

    /// The time that wait and service stay within with `probability`.
    ///
    /// # Method
    ///
    /// Newton on the logarithm of the tail, from a lower bound and inside a bracket; stops after a step below 1e-9 of
    /// the time, whose square is beyond a double. Times are in units of about a service, so that rates of 1e-300 to 1e300
    /// have their digits.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] for a probability of 1.
    fn sojourn_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        // Products of rates neither overflow nor underflow, and nothing is rounded.
        let unit = power_of_two_below(self.service_rate);
        let in_units = Self { wait_rate: self.wait_rate / unit, service_rate: self.service_rate / unit, ..*self };
        Ok(in_units.quantile_in_units(probability)? / unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The wait of M/M/1 and its service together are exponential again.
    #[test]
    fn a_geometric_number_of_stages_is_exponential() {
        let visit = ExponentialVisit { wait_probability: 0.8, wait_rate: 0.2, service_rate: 1.0 };
        for time in [0.0, 1e-3, 1.0, 30.0, 1000.0] {
            assert!((visit.tail(time) / (-0.2 * time).exp() - 1.0).abs() < 1e-12);
        }
        let p99 = visit.sojourn_time_quantile(Probability::new(0.99).expect("probability")).expect("below 1");
        assert!((p99 - 100.0_f64.ln() / 0.2).abs() < 1e-11);
    }

    #[test]
    fn rates_of_any_size_have_the_same_quantiles() {
        let quantile = |unit: f64, p: f64| {
            let visit = ExponentialVisit { wait_probability: 0.7, wait_rate: 0.3 * unit, service_rate: unit };
            visit.sojourn_time_quantile(Probability::new(p).expect("probability")).expect("below 1") * unit
        };
        for p in [0.01, 0.5, 0.999] {
            for unit in [1e-300, 1e-160, 1e150, 1e300] {
                assert!((quantile(unit, p) / quantile(1.0, p) - 1.0).abs() < 1e-14, "{unit:e} {p}");
            }
            // A power of two is exact.
            assert_eq!(quantile(2.0_f64.powi(40), p), quantile(1.0, p));
        }
    }

    #[test]
    fn transforms_of_any_size_have_a_value() {
        for (rate, s, value) in [(1e300, 1e300, 0.5), (1e-300, 1e-300, 0.5), (1e300, 1e-300, 1.0), (1e-300, 1e300, 0.0)]
        {
            let visit = ExponentialVisit { wait_probability: 1.0, wait_rate: rate, service_rate: rate };
            let s = Complex::new(s, 0.0);
            assert!((visit.wait_transform(s).re - value).abs() < 1e-15, "{rate:e} {s}");
            assert!((visit.transform(s).re - value * value).abs() < 1e-15, "{rate:e} {s}");
        }
        let turning = stage_transform(2.0, Complex::new(1.0, 3.0));
        assert!((turning - Complex::new(2.0, 0.0) / Complex::new(3.0, 3.0)).norm() < 1e-16);
    }

    #[test]
    fn certainty_takes_for_ever() {
        let visit = ExponentialVisit { wait_probability: 0.5, wait_rate: 1.0, service_rate: 1.0 };
        let message = "probability of 1 is not below 1";
        assert_eq!(visit.sojourn_time_quantile(Probability::ONE).expect_err("refused").to_string(), message);
        assert_eq!(visit.waiting_time_quantile(Probability::ONE).expect_err("refused").to_string(), message);
    }
}
