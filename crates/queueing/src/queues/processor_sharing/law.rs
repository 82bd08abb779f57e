use std::sync::Arc;

use crate::numeric::{Complex, Phase, find_root};
use crate::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};

use crate::queues::laws::gamma_wait::gamma_tail;
use crate::queues::{MgcPs, QueueError, ServiceLaw};

/// Relative width at which a quantile is found.
const QUANTILE_TOLERANCE: f64 = 1e-13;

/// Most by which the tail of a law of steady service (a spread below 1) may pass that of a law that should be longer.
pub const EARLY_CROSSING: f64 = 1e-5;

/// The law of a visit to a processor-sharing station: a mixture of gamma times of one shape, exponentials for shape 1.
///
/// Made by [`MgcPs`]; cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedLaw {
    phases: Arc<[Phase]>,
    /// The same phases as a transform reads them.
    blocks: Arc<[Block]>,
    shape: f64,
    station: SharedStation,
}

/// What orders the laws of two stations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::queues) struct SharedStation {
    pub arrival_rate: f64,
    pub service_rate: f64,
    pub servers: u64,
    pub service_scv: f64,
    pub wait_probability: f64,
}

/// Phases that a processor works on at the same time.
const WIDTH: usize = 4;

/// Some phases side by side; phases of probability 0 fill the last one.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Block {
    probabilities: [f64; WIDTH],
    means: [f64; WIDTH],
}

impl SharedLaw {
    pub(in crate::queues) fn new(phases: Vec<Phase>, shape: f64, station: SharedStation) -> Self {
        let blocks = phases
            .chunks(WIDTH)
            .map(|chunk| {
                let at = |k: usize, figure: fn(&Phase) -> f64| chunk.get(k).map_or(0.0, figure);
                Block {
                    probabilities: std::array::from_fn(|k| at(k, |phase| phase.probability)),
                    means: std::array::from_fn(|k| at(k, |phase| phase.mean)),
                }
            })
            .collect();
        Self { phases: Arc::from(phases), blocks, shape, station }
    }

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
        self.station.wait_probability
    }

    /// Mean time of a visit.
    pub fn mean(&self) -> f64 {
        self.phases.iter().map(|phase| phase.probability * phase.mean).sum()
    }

    /// Mean time lost to others: the visit less the service on an idle server.
    pub fn waiting_time(&self) -> f64 {
        (self.mean() - 1.0 / self.station.service_rate).max(0.0)
    }

    /// Variance of the time of a visit.
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        let second: f64 = self.phases.iter().map(|phase| phase.probability * phase.mean * phase.mean).sum();
        second * (1.0 + 1.0 / self.shape) - mean * mean
    }

    /// Standard deviation over the mean: a variance of times of 1e-200 s or 1e200 s is no double.
    fn relative_deviation(&self) -> f64 {
        let mean = self.mean();
        let squares = self.phases.iter().map(|phase| phase.probability * (phase.mean / mean) * (phase.mean / mean));
        (squares.sum::<f64>() * (1.0 + 1.0 / self.shape) - 1.0).max(0.0).sqrt()
    }

    /// Laplace–Stieltjes transform `E e^(−sT)`.
    pub fn transform(&self, s: Complex<f64>) -> Complex<f64> {
        if self.shape == 1.0 {
            // p/(1 + s·m), the division written out: one real division a phase, and four phases side by side.
            let (mut re, mut im) = ([0.0; WIDTH], [0.0; WIDTH]);
            for block in self.blocks.iter() {
                for k in 0..WIDTH {
                    let (x, y) = (1.0 + s.re * block.means[k], s.im * block.means[k]);
                    let scale = block.probabilities[k] / (x * x + y * y);
                    re[k] += scale * x;
                    im[k] -= scale * y;
                }
            }
            let (re, im) = ((re[0] + re[1]) + (re[2] + re[3]), (im[0] + im[1]) + (im[2] + im[3]));
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
                let tail = if self.shape == 1.0 { (-x).exp() } else { gamma_tail(self.shape, self.shape * x) };
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
        let variance = self.variance();
        let deviation =
            if variance.is_normal() { variance.max(0.0).sqrt() } else { self.mean() * self.relative_deviation() };
        let high = self.mean() + deviation * (p / (1.0 - p)).sqrt();
        let ln_target = (-p).ln_1p();
        let distance = |time: f64| {
            Seconds::new(time).map_or(f64::NAN, |time| self.tail(time).max(f64::MIN_POSITIVE).ln() - ln_target)
        };
        Ok(find_root(distance, 0.0, high * (1.0 + 1e-9), QUANTILE_TOLERANCE).unwrap_or(high))
    }

    /// The time of a visit to idle servers.
    pub fn service(&self) -> ServiceLaw {
        ServiceLaw::from_moments(1.0 / self.station.service_rate, self.station.service_scv)
    }

    /// A law that is stochastically at most this one and `other`, for a spread below 1 but for [`EARLY_CROSSING`]: the
    /// station with the fewer arrivals, the faster servers and the larger number of them. Both have the same spread of service, as the stations of one tier do.
    #[must_use]
    pub fn lower(&self, other: &Self) -> Self {
        if self.at_most(other) {
            return self.clone();
        }
        if other.at_most(self) {
            return other.clone();
        }
        let service_rate = self.station.service_rate.max(other.station.service_rate);
        let station = (
            ArrivalRate::new(self.station.arrival_rate.min(other.station.arrival_rate)),
            ServiceRate::new(service_rate),
            Servers::new(self.station.servers.max(other.station.servers)),
        );
        let scv = self.station.service_scv.min(other.station.service_scv);
        if let (Ok(arrival_rate), Ok(rate), Ok(servers)) = station
            && self.station.service_scv == other.station.service_scv
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
    /// Proved for service of a spread of at least 1. For less the law is a scale mixture, whose tails cross before a fifth
    /// of a service by up to [`EARLY_CROSSING`]: nothing but the law itself is at most it.
    pub fn at_most(&self, other: &Self) -> bool {
        if self.station.service_scv < 1.0 {
            return self == other;
        }
        self.station.service_scv == other.station.service_scv
            && self.station.arrival_rate <= other.station.arrival_rate
            && self.station.service_rate >= other.station.service_rate
            && self.station.servers >= other.station.servers
    }
}
