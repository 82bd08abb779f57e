use crate::numeric::Complex;
use crate::units::{ArrivalRate, Erlangs, Probability, Seconds, ServiceRate};

use crate::queues::QueueError;

/// The figures of a station that an objective can limit.
pub trait StationFigures {
    /// Probability that a job waits.
    fn wait_probability(&self) -> f64;

    /// Share of the jobs that are lost: refused at a full station, or gone before their service. 0 where all are served.
    fn lost_share(&self) -> f64 {
        0.0
    }

    /// Mean wait in seconds.
    fn waiting_time(&self) -> f64;

    /// Mean wait and service in seconds.
    fn sojourn_time(&self) -> f64;

    /// The time that a wait stays within with `probability`.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] for a probability of 1.
    fn waiting_time_quantile(&self, probability: Probability) -> Result<f64, QueueError>;

    /// The time that wait and service stay within with `probability`.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] for a probability of 1.
    fn sojourn_time_quantile(&self, probability: Probability) -> Result<f64, QueueError>;
}

/// The laws of the wait and of the time at a station.
pub trait StationLaws: StationFigures {
    /// Probability that a wait is longer than `time`.
    ///
    /// # Errors
    ///
    /// [`QueueError::BelowDouble`] for a tail that is above 0 and below the doubles.
    fn waiting_time_tail(&self, time: Seconds) -> Result<f64, QueueError>;

    /// Probability that wait and service together are longer than `time`.
    ///
    /// # Errors
    ///
    /// As [`StationLaws::waiting_time_tail`].
    fn sojourn_time_tail(&self, time: Seconds) -> Result<f64, QueueError>;

    /// Probability that wait and service together take at most `time`: 1 also where the tail is below the doubles.
    ///
    /// # Errors
    ///
    /// As [`StationLaws::sojourn_time_tail`], but for a tail below the doubles.
    fn sojourn_time_within(&self, time: Seconds) -> Result<f64, QueueError> {
        let tail = self.sojourn_time_tail(time).or_else(QueueError::zero_below_double)?;
        Ok(1.0 - tail)
    }

    /// Laplace–Stieltjes transform `E e^(−s·W_q)` of the wait, `Re s ≥ 0` in 1/s.
    ///
    /// # Errors
    ///
    /// [`QueueError`] where the transform has no value.
    fn waiting_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError>;

    /// Laplace–Stieltjes transform `E e^(−s·W)` of wait and service together, `Re s ≥ 0` in 1/s.
    ///
    /// # Errors
    ///
    /// [`QueueError`] where the transform has no value.
    fn sojourn_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError>;
}

/// A station whose answers are those of one of several models.
pub(in crate::queues) trait SolvedBy {
    /// The model.
    fn solution(&self) -> &dyn StationLaws;
}

impl<S: SolvedBy> StationFigures for S {
    fn wait_probability(&self) -> f64 {
        self.solution().wait_probability()
    }

    fn lost_share(&self) -> f64 {
        self.solution().lost_share()
    }

    fn waiting_time(&self) -> f64 {
        self.solution().waiting_time()
    }

    fn sojourn_time(&self) -> f64 {
        self.solution().sojourn_time()
    }

    fn waiting_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        self.solution().waiting_time_quantile(probability)
    }

    fn sojourn_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        self.solution().sojourn_time_quantile(probability)
    }
}

impl<S: SolvedBy> StationLaws for S {
    fn waiting_time_tail(&self, time: Seconds) -> Result<f64, QueueError> {
        self.solution().waiting_time_tail(time)
    }

    fn sojourn_time_tail(&self, time: Seconds) -> Result<f64, QueueError> {
        self.solution().sojourn_time_tail(time)
    }

    fn waiting_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        self.solution().waiting_time_transform(s)
    }

    fn sojourn_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        self.solution().sojourn_time_transform(s)
    }
}

/// Returns `a = λ/μ`, which may exceed the largest double although neither rate does.
pub(in crate::queues) fn offered_load(
    arrival_rate: ArrivalRate,
    service_rate: ServiceRate,
) -> Result<Erlangs, QueueError> {
    let load = arrival_rate.get() / service_rate.get();
    Erlangs::new(load).map_err(|_| QueueError::Domain {
        parameter: "offered load",
        value: load,
        domain: "below 1.8e308",
    })
}
