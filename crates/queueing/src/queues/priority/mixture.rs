use std::sync::Arc;

use crate::numeric::{Complex, Phase};

use crate::queues::ExponentialVisit;

/// A wait that is a mixture of exponentials, or none, and the exponential service after it if that is counted.
///
/// Every figure is a sum of positive terms.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WaitMixture {
    /// Probability of a wait.
    pub wait_probability: f64,
    /// The wait of those who wait.
    pub phases: Arc<[Phase]>,
    /// Rate of the service that is counted.
    pub service_rate: Option<f64>,
}

impl WaitMixture {
    /// Mean in seconds.
    pub fn mean(&self) -> f64 {
        let wait: f64 = self.phases.iter().map(|phase| phase.probability * phase.mean).sum();
        self.wait_probability * wait + self.service_rate.map_or(0.0, |rate| 1.0 / rate)
    }

    /// The rate at which the tail falls in the end.
    pub fn decay(&self) -> f64 {
        let slowest = self.phases.iter().fold(0.0, |slowest: f64, phase| slowest.max(phase.mean));
        (1.0 / slowest).min(self.service_rate.unwrap_or(f64::INFINITY))
    }

    /// Probability of more than `time` seconds.
    pub fn tail(&self, time: f64) -> f64 {
        let of_those = |tail: &dyn Fn(&Phase) -> f64| -> f64 {
            self.wait_probability * self.phases.iter().map(|phase| phase.probability * tail(phase)).sum::<f64>()
        };
        match self.service_rate {
            None => of_those(&|phase| (-time / phase.mean).exp()),
            Some(service_rate) => {
                let both = of_those(&|phase| {
                    ExponentialVisit { wait_probability: 1.0, wait_rate: 1.0 / phase.mean, service_rate }.tail(time)
                });
                (1.0 - self.wait_probability) * (-service_rate * time).exp() + both
            }
        }
    }

    /// Laplace–Stieltjes transform.
    pub fn transform(&self, s: Complex<f64>) -> Complex<f64> {
        let parts = self.phases.iter().map(|phase| phase.probability / (1.0 + s * phase.mean));
        let wait = parts.fold(Complex::new(0.0, 0.0), |sum, part| sum + part);
        let wait = wait * self.wait_probability + (1.0 - self.wait_probability);
        self.service_rate.map_or(wait, |rate| wait * rate / (s + rate))
    }

    /// Probability that `count` Poisson arrivals of `rate` come during the wait: geometric for each part.
    pub fn arrivals_while_waiting(&self, rate: f64, count: u32) -> f64 {
        let parts: f64 = self
            .phases
            .iter()
            .map(|phase| {
                let each = rate * phase.mean;
                phase.probability * (-each.ln_1p() - f64::from(count) * (1.0 / each).ln_1p()).exp()
            })
            .sum();
        let none = if count == 0 { 1.0 - self.wait_probability } else { 0.0 };
        none + self.wait_probability * parts
    }
}
