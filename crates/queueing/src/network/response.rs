use crate::numeric::find_root;
use crate::units::Probability;

use super::NetworkError;

/// The smallest tail that a quantile may have.
const LEAST_TAIL: f64 = 1e-10;

/// Relative width at which a quantile is found.
const QUANTILE_TOLERANCE: f64 = 1e-10;

/// The law of a response time.
pub trait ResponseLaw {
    /// A time that no request is faster than.
    fn least(&self) -> f64;

    /// Mean in seconds.
    fn mean(&self) -> f64;

    /// Variance in seconds squared.
    fn variance(&self) -> f64;

    /// Probability of at most `time` seconds; 0 for a negative or undefined time.
    fn cdf(&self, time: f64) -> f64;

    /// Probability of more than `time` seconds.
    fn tail(&self, time: f64) -> f64 {
        1.0 - self.cdf(time)
    }

    /// The response time that requests stay within with `probability`.
    ///
    /// # Method
    ///
    /// A bracketed root of `ln P(T > t) − ln(1 − p)` between the least time and Cantelli's bound `m + σ·√(p/(1 − p))`.
    ///
    /// # Errors
    ///
    /// [`NetworkError::Quantile`] for a probability of 1; [`NetworkError::Parameter`] for one nearer to 1 than 10⁻¹⁰, where
    /// the absolute error of an inversion, 10⁻¹⁴ at best, is no longer small against the tail; [`NetworkError::Root`] where
    /// the law is not a number.
    fn quantile(&self, probability: Probability) -> Result<f64, NetworkError> {
        let p = probability.get();
        if p >= 1.0 {
            return Err(NetworkError::Quantile { probability: p });
        }
        if 1.0 - p < LEAST_TAIL {
            let domain = "at most 1 - 1e-10: the numerical inversion knows no smaller tail";
            return Err(NetworkError::Parameter { what: "probability of a quantile", value: p, domain });
        }
        let low = self.least();
        let (mean, deviation) = (self.mean(), self.variance().max(0.0).sqrt());
        let high = mean + deviation * (p / (1.0 - p)).sqrt();
        if high <= low || self.tail(low) <= 1.0 - p {
            return Ok(low);
        }
        let ln_target = (1.0 - p).ln();
        let distance = |time: f64| self.tail(time).max(f64::MIN_POSITIVE).ln() - ln_target;
        // Cantelli's bound holds exactly; rounding may leave it a hair short where it is sharp.
        Ok(find_root(distance, low, high * (1.0 + 1e-9), QUANTILE_TOLERANCE)?)
    }
}
