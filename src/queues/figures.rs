use crate::units::{ArrivalRate, Erlangs, Probability, ServiceRate};

use super::QueueError;

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

/// Returns `a = λ/μ`, which may exceed the largest double although neither rate does.
pub(super) fn offered_load(arrival_rate: ArrivalRate, service_rate: ServiceRate) -> Result<Erlangs, QueueError> {
    let load = arrival_rate.get() / service_rate.get();
    Erlangs::new(load).map_err(|_| QueueError::Domain {
        parameter: "offered load",
        value: load,
        domain: "below 1.8e308",
    })
}
