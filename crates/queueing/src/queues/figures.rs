use crate::units::{ArrivalRate, Erlangs, Probability, ServiceRate};

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

/// The figures of a station that say how long a job stays, whatever part of it is a wait.
///
/// Where jobs share the servers all of them are served at once: there is a time at the station, and no wait.
pub trait SojournFigures {
    /// Mean time at the station in seconds.
    fn mean_time(&self) -> f64;

    /// The time at the station that jobs stay within with `probability`.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] for a probability of 1.
    fn time_quantile(&self, probability: Probability) -> Result<f64, QueueError>;
}

impl<S: StationFigures + ?Sized> SojournFigures for S {
    fn mean_time(&self) -> f64 {
        self.sojourn_time()
    }

    fn time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        self.sojourn_time_quantile(probability)
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
