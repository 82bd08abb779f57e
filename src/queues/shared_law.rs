use std::sync::Arc;

use crate::numeric::{Complex, Phase, find_root};
use crate::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};

use super::{MgcPs, QueueError, ServiceLaw};

/// Relative width at which a quantile is found.
const QUANTILE_TOLERANCE: f64 = 1e-13;

/// The law of a visit to a processor-sharing station: a mixture of gamma times of one shape, exponentials for shape 1.
///
/// Made by [`MgcPs`](super::MgcPs); cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedLaw {
    pub(super) phases: Arc<[Phase]>,
    pub(super) shape: f64,
    /// What orders two laws: load, speed, servers and spread of the service.
    pub(super) arrival_rate: f64,
    pub(super) service_rate: f64,
    pub(super) servers: u64,
    pub(super) service_scv: f64,
    pub(super) wait_probability: f64,
}

impl SharedLaw {
    /// The parts of the mixture.
    pub fn phases(&self) -> &[Phase] {
        &self.phases
    }

    /// Shape of each part; 1 is exponential.
    pub const fn shape(&self) -> f64 {
        self.shape
    }

    /// Probability that an arrival finds all servers busy and is slowed at once.
    pub const fn wait_probability(&self) -> f64 {
        self.wait_probability
    }

    /// Mean time of a visit.
    pub fn mean(&self) -> f64 {
        self.phases.iter().map(|phase| phase.probability * phase.mean).sum()
    }

    /// Mean time lost to others: the visit less the service on an idle server.
    pub fn waiting_time(&self) -> f64 {
        (self.mean() - 1.0 / self.service_rate).max(0.0)
    }

    /// Variance of the time of a visit.
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        let second: f64 = self.phases.iter().map(|phase| phase.probability * phase.mean * phase.mean).sum();
        second * (1.0 + 1.0 / self.shape) - mean * mean
    }

    /// Laplace–Stieltjes transform `E e^(−sT)`.
    pub fn transform(&self, s: Complex<f64>) -> Complex<f64> {
        if self.shape == 1.0 {
            // p/(1 + s·m), the division written out: one real division a phase.
            let (mut re, mut im) = (0.0, 0.0);
            for phase in self.phases.iter() {
                let (x, y) = (1.0 + s.re * phase.mean, s.im * phase.mean);
                let scale = phase.probability / (x * x + y * y);
                re += scale * x;
                im -= scale * y;
            }
            return Complex::new(re, im);
        }
        self.phases
            .iter()
            .map(|phase| (1.0 + s * (phase.mean / self.shape)).powf(-self.shape) * phase.probability)
            .fold(Complex::new(0.0, 0.0), |sum, part| sum + part)
    }

    /// Probability that a visit takes longer than `time`.
    ///
    /// # Accuracy
    ///
    /// A sum of positive terms: small tails keep their relative precision.
    pub fn tail(&self, time: Seconds) -> f64 {
        let t = time.get();
        self.phases
            .iter()
            .map(|phase| {
                let x = t / phase.mean;
                let tail = if self.shape == 1.0 {
                    (-x).exp()
                } else if x > 0.0 {
                    statrs::function::gamma::checked_gamma_ur(self.shape, self.shape * x).unwrap_or(0.0)
                } else {
                    1.0
                };
                phase.probability * tail
            })
            .sum()
    }

    /// The time that visits stay within with `probability`.
    ///
    /// # Method
    ///
    /// A bracketed root of `ln P(T > t) − ln(1 − p)` below Cantelli's bound `m + σ·√(p/(1 − p))`.
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
        let high = self.mean() + self.variance().max(0.0).sqrt() * (p / (1.0 - p)).sqrt();
        let ln_target = (-p).ln_1p();
        let distance = |time: f64| {
            Seconds::new(time).map_or(f64::NAN, |time| self.tail(time).max(f64::MIN_POSITIVE).ln() - ln_target)
        };
        Ok(find_root(distance, 0.0, high * (1.0 + 1e-9), QUANTILE_TOLERANCE).unwrap_or(high))
    }

    /// The time of a visit to idle servers.
    pub fn service(&self) -> ServiceLaw {
        ServiceLaw::from_moments(1.0 / self.service_rate, self.service_scv)
    }

    /// A law that is stochastically at most this one and `other`: the station with the fewer arrivals, the faster
    /// servers and the larger number of them. Both have the same spread of service, as the stations of one tier do.
    #[must_use]
    pub fn lower(&self, other: &Self) -> Self {
        if self.at_most(other) {
            return self.clone();
        }
        if other.at_most(self) {
            return other.clone();
        }
        let service_rate = self.service_rate.max(other.service_rate);
        let station = (
            ArrivalRate::new(self.arrival_rate.min(other.arrival_rate)),
            ServiceRate::new(service_rate),
            Servers::new(self.servers.max(other.servers)),
        );
        let scv = self.service_scv.min(other.service_scv);
        if let (Ok(arrival_rate), Ok(rate), Ok(servers)) = station
            && self.service_scv == other.service_scv
            && let Ok(station) = MgcPs::new(arrival_rate, rate, servers, scv)
        {
            return station.sojourn_law().clone();
        }
        self.clone()
    }

    /// Whether every time of this law is stochastically at most that of `other`.
    ///
    /// # Method
    ///
    /// Sufficient, not necessary: no more arrivals, no slower servers, no fewer of them, equal spread of the service.
    /// Then the tagged job meets fewer others at any moment (the two chains of others can be coupled) and ends no later.
    /// Proved for service of a spread of at least 1; for less it is taken over.
    pub fn at_most(&self, other: &Self) -> bool {
        self.service_scv == other.service_scv
            && self.arrival_rate <= other.arrival_rate
            && self.service_rate >= other.service_rate
            && self.servers >= other.servers
    }
}
