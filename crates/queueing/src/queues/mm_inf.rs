use crate::numeric::{Complex, ln_poisson};
use crate::units::{ArrivalRate, Probability, Seconds, ServiceRate};

use crate::queues::laws::exponential_visit::stage_transform;
use crate::queues::laws::poisson::{poisson_cdf, poisson_tail};
use crate::queues::laws::quantile::tail_of;
use crate::queues::{QueueError, StationFigures, StationLaws, offered_load};

/// The M/M/∞ station: nobody ever waits, each job has a server of its own.
///
/// # Formula
///
/// The number in the system is Poisson with mean `a = λ/μ`, whatever the law of the service. A visit is a service:
/// `P(W > t) = e^(−μt)`.
///
/// # Accuracy
///
/// Exact; probabilities to 1e-13, absolute near 1 and relative where they are small.
///
/// # References
///
/// [Kleinrock75](crate::references#kleinrock75) §3.4.
///
/// # Examples
///
/// ```
/// use capplan_queueing::queues::MmInf;
/// use capplan_queueing::units::{ArrivalRate, Probability, ServiceRate};
///
/// let station = MmInf::new(ArrivalRate::new(8.0)?, ServiceRate::new(0.5)?)?;
/// assert_eq!(station.mean_in_system(), 16.0);
/// assert_eq!(station.in_system_quantile(Probability::new(0.5)?)?, 16);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MmInf {
    load: f64,
    service_rate: f64,
}

/// Loads up to which counts are told apart.
const MAX_LOAD: f64 = 1e12;

impl MmInf {
    /// Solves the station.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] for a load above 10¹².
    pub fn new(arrival_rate: ArrivalRate, service_rate: ServiceRate) -> Result<Self, QueueError> {
        let load = offered_load(arrival_rate, service_rate)?.get();
        if load > MAX_LOAD {
            return Err(QueueError::Domain { parameter: "offered load", value: load, domain: "at most 1e12" });
        }
        Ok(Self { load, service_rate: service_rate.get() })
    }

    /// Offered load `a` in erlangs.
    pub const fn offered_load(&self) -> f64 {
        self.load
    }

    /// Mean number in the system, `a`.
    pub const fn mean_in_system(&self) -> f64 {
        self.load
    }

    /// Probability that nobody is there, `e^(−a)`; underflows to 0 for loads above 745.
    pub fn empty_probability(&self) -> f64 {
        (-self.load).exp()
    }

    /// Probability that `jobs` are there.
    pub fn state_probability(&self, jobs: u64) -> f64 {
        match (self.load, jobs) {
            (0.0, 0) => 1.0,
            (0.0, _) => 0.0,
            (load, _) => ln_poisson(jobs as f64, load).exp(),
        }
    }

    /// The least number of jobs that the number in the system stays within with `probability`.
    ///
    /// # Method
    ///
    /// Halving over the counts; the tail above the median, the distribution below it.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] for a probability of 1.
    pub fn in_system_quantile(&self, probability: Probability) -> Result<u64, QueueError> {
        let (p, tail) = (probability.get(), tail_of(probability)?);
        let enough = |count: u64| {
            if p > 0.5 { poisson_tail(count, self.load) <= tail } else { poisson_cdf(count, self.load) >= p }
        };
        if enough(0) {
            return Ok(0);
        }
        let (mut too_few, mut step) = (0, 1_u64);
        while !enough(too_few + step) {
            too_few += step;
            step *= 2;
        }
        let mut count = too_few + step;
        while count - too_few > 1 {
            let middle = u64::midpoint(too_few, count);
            if enough(middle) { count = middle } else { too_few = middle }
        }
        Ok(count)
    }
}

impl StationFigures for MmInf {
    /// Nobody waits.
    fn wait_probability(&self) -> f64 {
        0.0
    }

    fn waiting_time(&self) -> f64 {
        0.0
    }

    fn sojourn_time(&self) -> f64 {
        1.0 / self.service_rate
    }

    fn waiting_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        tail_of(probability).map(|_| 0.0)
    }

    fn sojourn_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        tail_of(probability)?;
        Ok(-(-probability.get()).ln_1p() / self.service_rate)
    }
}

impl StationLaws for MmInf {
    /// Nobody waits.
    fn waiting_time_tail(&self, _: Seconds) -> Result<f64, QueueError> {
        Ok(0.0)
    }

    fn sojourn_time_tail(&self, time: Seconds) -> Result<f64, QueueError> {
        let decay = self.service_rate * time.get();
        QueueError::unless_below_double("tail of the sojourn time", (-decay).exp(), || Some(-decay))
    }

    fn waiting_time_transform(&self, _: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        Ok(Complex::new(1.0, 0.0))
    }

    fn sojourn_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        Ok(stage_transform(self.service_rate, s))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn station(load: f64) -> MmInf {
        MmInf::new(ArrivalRate::new(load).expect("rate"), ServiceRate::new(1.0).expect("rate")).expect("in the domain")
    }

    #[test]
    fn one_job_fewer_is_passed_too_often() {
        for load in [1e-9, 0.5, 3.0, 700.0, 1e6, 1e9] {
            for p in [0.01, 0.5, 0.9, 0.999, 1.0 - 1e-12] {
                let count = station(load).in_system_quantile(Probability::new(p).expect("probability")).expect("count");
                assert!(poisson_tail(count, load) <= (1.0 - p) * (1.0 + 1e-12), "{load} {p}");
                assert!(count == 0 || poisson_tail(count - 1, load) > (1.0 - p) * (1.0 - 1e-9), "{load} {p}");
            }
        }
    }

    #[test]
    fn loads_beyond_counting_are_refused() {
        let error = MmInf::new(ArrivalRate::new(1e13).expect("rate"), ServiceRate::new(1.0).expect("rate"));
        assert_eq!(
            error.map_err(|error| error.to_string()),
            Err("offered load of 10000000000000 is not at most 1e12".to_owned())
        );
    }
}
