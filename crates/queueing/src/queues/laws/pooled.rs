use crate::numeric::Complex;

use crate::queues::VisitLaw;

/// A visit that first waits for something it then holds: a worker, or a connection of a pool.
///
/// Those who wait do so for an exponential time, independent of the visit.
#[derive(Debug, Clone, PartialEq)]
pub struct PooledLaw {
    /// Probability of having to wait.
    pub wait_probability: f64,
    /// Mean wait of those who wait, in seconds.
    pub conditional_wait: f64,
    /// The visit itself.
    pub visit: VisitLaw,
}

impl PooledLaw {
    /// Mean wait over all visits, for the pool alone.
    pub fn pool_wait(&self) -> f64 {
        self.wait_probability * self.conditional_wait
    }

    /// Variance of the wait for the pool.
    pub fn pool_variance(&self) -> f64 {
        self.pool_wait() * (2.0 - self.wait_probability) * self.conditional_wait
    }

    /// Laplace–Stieltjes transform `E e^(−sT)`.
    pub fn transform(&self, s: Complex<f64>) -> Complex<f64> {
        let wait = self.wait_probability / (1.0 + s * self.conditional_wait);
        (wait + (1.0 - self.wait_probability)) * self.visit.transform(s)
    }
}
