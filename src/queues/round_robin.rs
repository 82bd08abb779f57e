use crate::numeric::{find_root, x_minus_ln_1p};
use crate::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};

use super::quantile::tail_of;
use super::{QueueError, StationFigures, offered_load};

/// One of `n` single servers that a Poisson stream is dealt to in turn: an `E_n/M/1` queue.
///
/// # Formula
///
/// ```text
/// σ = (λ / (λ + μ·(1 − σ)))^n,   0 < σ < 1
/// P(W_q > t) = σ·e^(−μ(1 − σ)t),   W is exponential with rate μ·(1 − σ)
/// ```
///
/// with `λ` the rate of the whole stream; an arrival waits with probability `σ`.
///
/// # Method
///
/// Exact. The root is taken in `x = 1 − σ` from `n·ln(1 + μx/λ) + ln(1 − x) = 0`, divided by `x` and written without the
/// differences that cancel near saturation.
///
/// # Accuracy
///
/// `1 − σ` and `σ` to 1e-13 relative, for utilizations of 1e-9 to 0.999999 and `n` up to 10⁶.
///
/// # Special cases
///
/// `n = 1`: M/M/1, `σ = ρ`. `n → ∞`: D/M/1.
///
/// # References
///
/// [Kleinrock75](crate::references#kleinrock75) §6.4 (GI/M/1).
///
/// # Examples
///
/// ```
/// use capplan::queues::RoundRobin;
/// use capplan::units::{ArrivalRate, Servers, ServiceRate};
///
/// let queue = RoundRobin::new(ArrivalRate::new(95.0)?, ServiceRate::new(1.0)?, Servers::new(100)?)?;
/// assert!((queue.waiting_time() - 9.270_680_570_363_556).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoundRobin {
    service_rate: f64,
    utilization: f64,
    wait_probability: f64,
    /// `1 − σ`.
    free: f64,
}

impl RoundRobin {
    /// Solves one of the queues of `instances` single servers.
    ///
    /// # Errors
    ///
    /// [`QueueError::Unstable`] when `λ ≥ n·μ`.
    pub fn new(arrival_rate: ArrivalRate, service_rate: ServiceRate, instances: Servers) -> Result<Self, QueueError> {
        let load = offered_load(arrival_rate, service_rate)?;
        let (lambda, mu, n) = (arrival_rate.get(), service_rate.get(), instances.get() as f64);
        let spare_rate = n.mul_add(mu, -lambda);
        if spare_rate <= 0.0 || load.get() >= n {
            return Err(QueueError::Unstable { offered_load: load, servers: instances });
        }
        let utilization = load.get() / n;
        let (wait_probability, free) =
            if load.get() == 0.0 { (0.0, 1.0) } else { root(1.0 / load.get(), n, spare_rate / lambda) };
        Ok(Self { service_rate: mu, utilization, wait_probability, free })
    }

    /// Busy share of each server.
    pub const fn utilization(&self) -> f64 {
        self.utilization
    }

    /// Probability that an arrival waits, `σ`.
    pub const fn wait_probability(&self) -> f64 {
        self.wait_probability
    }

    /// Mean wait in seconds.
    pub fn waiting_time(&self) -> f64 {
        self.wait_probability / (self.service_rate * self.free)
    }

    /// Mean wait and service in seconds.
    pub fn sojourn_time(&self) -> f64 {
        1.0 / (self.service_rate * self.free)
    }

    /// Probability that a wait exceeds `time`.
    pub fn waiting_time_tail(&self, time: Seconds) -> f64 {
        self.wait_probability * self.sojourn_time_tail(time)
    }

    /// Probability that wait and service together exceed `time`.
    pub fn sojourn_time_tail(&self, time: Seconds) -> f64 {
        (-self.service_rate * self.free * time.get()).exp()
    }

    /// The time that a wait stays within with `probability`; 0 where nobody waits that often.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] for a probability of 1.
    pub fn waiting_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        let tail = tail_of(probability)?;
        let waits = self.wait_probability > tail;
        Ok(if waits { (self.wait_probability / tail).ln() * self.sojourn_time() } else { 0.0 })
    }

    /// The time that wait and service stay within with `probability`.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] for a probability of 1.
    pub fn sojourn_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        Ok(-tail_of(probability)?.ln() * self.sojourn_time())
    }
}

/// Returns `σ` and `1 − σ` for `step` = μ/λ and `excess` = (nμ − λ)/λ.
fn root(step: f64, n: f64, excess: f64) -> (f64, f64) {
    // n·ln(1 + y) + ln(1 − x) over x, with y = μx/λ: falls from `excess` at 0 to −∞ at 1.
    let balance = |x: f64| excess - (n * x_minus_ln_1p(step * x) + x_minus_ln_1p(-x)) / x;
    // σ < ρ, so that x > 1 − ρ = excess/(1 + excess).
    let low = (excess / (1.0 + excess)).min(HIGH) * 0.5;
    let free = find_root(balance, low, HIGH, 1e-16).unwrap_or(HIGH);
    let wait_probability = (-n * (step * free).ln_1p()).exp();
    // Near 1 the complement of a small σ knows more digits than the root.
    (wait_probability, if free > 0.5 { 1.0 - wait_probability } else { free })
}

/// The last double below 1.
const HIGH: f64 = 1.0 - 0.5 * f64::EPSILON;

impl StationFigures for RoundRobin {
    fn wait_probability(&self) -> f64 {
        self.wait_probability
    }

    fn waiting_time(&self) -> f64 {
        self.waiting_time()
    }

    fn sojourn_time(&self) -> f64 {
        self.sojourn_time()
    }

    fn waiting_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        self.waiting_time_quantile(probability)
    }

    fn sojourn_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        self.sojourn_time_quantile(probability)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dealt(lambda: f64, instances: u64) -> RoundRobin {
        RoundRobin::new(
            ArrivalRate::new(lambda).expect("rate"),
            ServiceRate::new(1.0).expect("rate"),
            Servers::new(instances).expect("count"),
        )
        .expect("stable")
    }

    #[test]
    fn one_instance_is_the_mm1_queue() {
        for rho in [1e-9, 0.1, 0.5, 0.9, 0.999_999] {
            let queue = dealt(rho, 1);
            assert!((queue.wait_probability() / rho - 1.0).abs() < 1e-13, "{rho}");
            assert!((queue.sojourn_time() * (1.0 - rho) - 1.0).abs() < 1e-10, "{rho}");
        }
    }

    #[test]
    fn the_root_solves_its_equation() {
        for instances in [2_u64, 10, 1000, 1_000_000] {
            let n = instances as f64;
            for rho in [0.01, 0.5, 0.9, 0.999, 0.999_999] {
                let queue = dealt(rho * n, instances);
                let sigma: f64 = 1.0 - 1.0 / queue.sojourn_time();
                let again = (-n * ((1.0 - sigma) / (rho * n)).ln_1p()).exp();
                assert!((sigma - again).abs() < 1e-13, "{instances} {rho}: {sigma} {again}");
            }
        }
    }

    #[test]
    fn more_instances_at_one_utilization_wait_less() {
        let mut last = f64::INFINITY;
        for instances in [1, 2, 3, 10, 100, 10_000] {
            let wait = dealt(0.9 * instances as f64, instances).waiting_time();
            assert!(wait < last);
            last = wait;
        }
    }
}
