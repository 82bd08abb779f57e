pub(in crate::queues) mod constant_service;
pub(in crate::queues) mod erlang_service;
pub(in crate::queues) mod hyperexponential_service;
pub(in crate::queues) mod states;

use crate::numeric::{Complex, power_of_two_below};
use crate::units::{ArrivalRate, Erlangs, Probability, Seconds, Servers};

use crate::queues::laws::quantile::{tail_of, time_of_tail};
use crate::queues::laws::service_shape::ServiceStages;
use crate::queues::mg1::constant_service::DeterministicWait;
use crate::queues::mg1::erlang_service::{StageWait, stage_wait};
use crate::queues::mg1::hyperexponential_service::{Decay, decays};
use crate::queues::mg1::states::{Mg1States, ServiceArrivals};
use crate::queues::{QueueError, ServiceBranch, ServiceShape, StationFigures, StationLaws};

/// The M/G/1 queue: Poisson arrivals, one server, jobs in order of arrival.
///
/// # Formula
///
/// ```text
/// ρ = λ·S,   W_q = λ·S²·(1 + s) / (2·(1 − ρ)),   W = W_q + S,   P(wait) = ρ      (Pollaczek–Khinchine)
/// E e^(−u·W_q) = (1 − ρ)·u / (u − λ + λ·E e^(−u·S)) = (1 − ρ) / (1 − ρ + ρ·(1 − E e^(−u·R)))
/// ```
///
/// with `s` the squared coefficient of variation of the service and `R` its residual life. The second form of the transform
/// is the one computed: `1 − E e^(−u·R)` has no difference, so that small `u` keep their digits.
///
/// # Method
///
/// The law of the wait by exact forms of positive terms, not by inversion of the transform, so that tails keep their
/// relative precision down to 1e-300: Erlang services by the levels of stages of work, hyperexponential ones by the poles
/// of the transform, constants by the number in the system. States by [`Mg1States`]. Each ends in its exponential decay. `1 − ρ` has one rounding.
///
/// # Accuracy
///
/// Means to 1e-15. Tails and quantiles to 1e-11 relative against 50-digit arithmetic for utilizations of 1e-9 to 0.999999.
/// For a service known by two moments only, the means are exact and the law is that of the [`ServiceShape`] chosen for them.
///
/// # References
///
/// [Kleinrock75](crate::references#kleinrock75) §5.7, [Tijms03](crate::references#tijms03) §9.2,
/// [Franx01](crate::references#franx01).
///
/// # Examples
///
/// ```
/// use capplan_queueing::queues::{Mg1, ServiceShape, StationFigures};
/// use capplan_queueing::units::{ArrivalRate, Seconds};
///
/// let queue = Mg1::new(ArrivalRate::new(0.5)?, Seconds::new(1.0)?, &ServiceShape::Deterministic)?;
/// assert!((queue.waiting_time() - 0.5).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Mg1 {
    arrival_rate: f64,
    service_time: f64,
    service_scv: f64,
    utilization: f64,
    spare: f64,
    service: ServiceStages,
    law: Law,
}

#[derive(Debug, Clone, PartialEq)]
enum Law {
    Constant(DeterministicWait),
    Stages {
        rate: f64,
        count: u32,
        fewer: f64,
        stages: StageWait,
    },
    /// In units of about a service, so that services of any length have the same roots.
    Decays {
        unit: f64,
        decays: Vec<Decay>,
    },
}

impl Mg1 {
    /// Solves the queue for a mean service time and its shape; a hyperexponential shape has its own mean, which
    /// `service_time` has to be.
    ///
    /// # Errors
    ///
    /// [`QueueError::Unstable`] when `ρ ≥ 1`, [`QueueError::Domain`] for a service time of 0 and for what the shape does
    /// not allow.
    pub fn new(arrival_rate: ArrivalRate, service_time: Seconds, service: &ServiceShape) -> Result<Self, QueueError> {
        service.checked()?;
        let (lambda, mean) = (arrival_rate.get(), service_time.get());
        let refuse = |domain| Err(QueueError::Domain { parameter: "service time", value: mean, domain });
        if mean <= 0.0 || !(1.0 / mean).is_finite() {
            return refuse("above 0");
        }
        if service.own_mean().is_some_and(|own| (own / mean - 1.0).abs() > 1e-9) {
            return refuse("the mean of the branches");
        }
        let utilization = lambda * mean;
        let spare = lambda.mul_add(-mean, 1.0);
        if spare <= 0.0 {
            let (Ok(offered_load), Ok(servers)) = (Erlangs::new(utilization), Servers::new(1)) else {
                return Err(QueueError::Domain {
                    parameter: "offered load",
                    value: utilization,
                    domain: "below 1.8e308",
                });
            };
            return Err(QueueError::Unstable { offered_load, servers });
        }
        let stages = service.stages(mean);
        let law = match &stages {
            ServiceStages::Constant => Law::Constant(DeterministicWait::new(lambda, mean, utilization, spare)),
            &ServiceStages::Erlang { count, fewer } => {
                let stages = f64::from(count) - fewer;
                let wait = stage_wait(utilization / stages, count, fewer, spare);
                Law::Stages { rate: stages / mean, count, fewer, stages: wait }
            }
            ServiceStages::Branches(branches) => {
                let unit = power_of_two_below(mean);
                let branches: Vec<ServiceBranch> =
                    branches.iter().map(|branch| ServiceBranch { rate: branch.rate * unit, ..*branch }).collect();
                Law::Decays { unit, decays: decays(lambda * unit, &branches, spare) }
            }
        };
        let service_scv = service.scv();
        Ok(Self { arrival_rate: lambda, service_time: mean, service_scv, utilization, spare, service: stages, law })
    }

    /// Busy share of the server, `ρ`: also the probability that an arrival waits.
    pub const fn utilization(&self) -> f64 {
        self.utilization
    }

    /// Mean service in seconds.
    pub const fn service_time(&self) -> f64 {
        self.service_time
    }

    /// Squared coefficient of variation of the service.
    pub const fn service_scv(&self) -> f64 {
        self.service_scv
    }

    /// Mean number waiting.
    pub fn mean_in_queue(&self) -> f64 {
        self.arrival_rate * self.waiting_time()
    }

    /// Mean number waiting or in service.
    pub fn mean_in_system(&self) -> f64 {
        self.mean_in_queue() + self.utilization
    }

    /// Mean sojourn time, in seconds, if all jobs shared the server at once instead of waiting for it, `S/(1 − ρ)`: it
    /// depends on the mean of the service alone.
    pub fn processor_sharing_sojourn_time(&self) -> f64 {
        self.service_time / self.spare
    }

    /// The probabilities of the numbers of jobs, waiting or in service.
    pub fn states(&self) -> Mg1States {
        if self.utilization == 0.0 {
            return Mg1States::empty();
        }
        match &self.law {
            Law::Decays { unit, decays } => Mg1States::mixed(self.arrival_rate * unit, decays.clone()),
            &Law::Stages { count, fewer, ref stages, .. } => {
                let in_a_stage = self.utilization / (f64::from(count) - fewer);
                let excess = stages.wait.excess();
                // The decay of the wait is ν·ε/(1 + ε) for an excess ε of the stages.
                let ln_ratio = -(excess / (1.0 + excess) / in_a_stage).ln_1p();
                Mg1States::listed(self.spare, &ServiceArrivals::stages(in_a_stage, count, fewer), ln_ratio)
            }
            Law::Constant(wait) => {
                Mg1States::listed(self.spare, &ServiceArrivals::constant(self.utilization), -wait.decay())
            }
        }
    }

    pub(in crate::queues) fn wait_tail(&self, time: f64) -> f64 {
        match &self.law {
            Law::Constant(wait) => wait.at(time),
            Law::Stages { rate, stages, .. } => stages.wait.at(rate * time),
            Law::Decays { unit, decays } => {
                decays.iter().map(|decay| decay.wait * (-decay.rate * (time / unit)).exp()).sum()
            }
        }
    }

    pub(in crate::queues) fn sojourn_tail(&self, time: f64) -> f64 {
        match &self.law {
            Law::Constant(_) if time < self.service_time => 1.0,
            Law::Constant(wait) => wait.at(time - self.service_time),
            Law::Stages { rate, stages, .. } => stages.sojourn.at(rate * time),
            Law::Decays { unit, decays } => {
                decays.iter().map(|decay| decay.sojourn * (-decay.rate * (time / unit)).exp()).sum()
            }
        }
    }
}

impl StationLaws for Mg1 {
    fn waiting_time_tail(&self, time: Seconds) -> Result<f64, QueueError> {
        if self.arrival_rate == 0.0 {
            return Ok(0.0);
        }
        QueueError::unless_below_double("tail of the wait", self.wait_tail(time.get()), || None)
    }

    fn sojourn_time_tail(&self, time: Seconds) -> Result<f64, QueueError> {
        let tail = self.sojourn_tail(time.get());
        if self.arrival_rate == 0.0 && matches!(self.law, Law::Constant(_)) {
            return Ok(tail);
        }
        QueueError::unless_below_double("tail of the sojourn time", tail, || None)
    }

    fn waiting_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        let gap = self.service.residual_gap(self.service_time, s) * self.utilization;
        Ok(Complex::new(self.spare, 0.0) / (gap + self.spare))
    }

    fn sojourn_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        Ok(self.waiting_time_transform(s)? * self.service.transform(self.service_time, s))
    }
}

impl StationFigures for Mg1 {
    fn wait_probability(&self) -> f64 {
        self.utilization
    }

    fn waiting_time(&self) -> f64 {
        0.5 * self.utilization * self.service_time * (1.0 + self.service_scv) / self.spare
    }

    fn sojourn_time(&self) -> f64 {
        self.waiting_time() + self.service_time
    }

    fn waiting_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        let target = tail_of(probability)?;
        if self.utilization <= target {
            return Ok(0.0);
        }
        Ok(time_of_tail(|time| self.wait_tail(time), target, self.sojourn_time()))
    }

    fn sojourn_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        if let Law::Constant(_) = self.law {
            return Ok(self.service_time + self.waiting_time_quantile(probability)?);
        }
        let target = tail_of(probability)?;
        Ok(time_of_tail(|time| self.sojourn_tail(time), target, self.sojourn_time()))
    }
}
