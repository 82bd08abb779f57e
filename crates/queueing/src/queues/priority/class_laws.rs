use crate::numeric::Complex;
use crate::units::{Probability, Seconds};

use super::PriorityLaw;
use crate::queues::{QueueError, ServerObjective, StationFigures, StationLaws};

/// What a more urgent job does to one in service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriorityDiscipline {
    /// It waits for the end of the service.
    NonPreemptive,
    /// It interrupts; the service goes on later from where it was.
    PreemptiveResume,
}

/// The laws of one class of a station with priorities.
///
/// As a station it is the one without interruptions; [`ClassLaws::figure`] knows both.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassLaws {
    /// Mean service in seconds.
    pub service_time: f64,
    /// Probability that a job waits where a service once begun is finished.
    pub nonpreemptive_wait_probability: f64,
    /// Probability that a job is not served at once where a more urgent job interrupts.
    pub preemptive_wait_probability: f64,
    /// The wait where a service once begun is finished.
    pub nonpreemptive_wait: PriorityLaw,
    /// Wait and service there.
    pub nonpreemptive_sojourn: PriorityLaw,
    /// Wait and service where a more urgent job interrupts, and the service goes on later from where it was.
    pub preemptive_resume_sojourn: PriorityLaw,
}

impl ClassLaws {
    /// The figure of the class that an objective limits. With interruptions the waiting time is all time that is not
    /// service.
    ///
    /// # Errors
    ///
    /// Those of [`PriorityLaw::quantile`], and [`QueueError::Domain`] for a quantile of the wait with interruptions.
    pub fn figure(&self, discipline: PriorityDiscipline, objective: ServerObjective) -> Result<f64, QueueError> {
        match (discipline, objective) {
            (PriorityDiscipline::NonPreemptive, _) => objective.figure(self),
            (PriorityDiscipline::PreemptiveResume, ServerObjective::LostShare(_)) => Ok(self.lost_share()),
            (PriorityDiscipline::PreemptiveResume, ServerObjective::WaitProbability(_)) => {
                Ok(self.preemptive_wait_probability)
            }
            (PriorityDiscipline::PreemptiveResume, ServerObjective::WaitingTime(_)) => {
                Ok((self.preemptive_resume_sojourn.mean() - self.service_time).max(0.0))
            }
            (PriorityDiscipline::PreemptiveResume, ServerObjective::SojournTime(_)) => {
                Ok(self.preemptive_resume_sojourn.mean())
            }
            (PriorityDiscipline::PreemptiveResume, ServerObjective::SojournTimeQuantile(p, _)) => {
                self.preemptive_resume_sojourn.quantile(p)
            }
            (PriorityDiscipline::PreemptiveResume, ServerObjective::WaitingTimeQuantile(p, _)) => {
                let domain = "known for a wait with interruptions; limit the quantile of the sojourn time";
                Err(QueueError::Domain { parameter: "quantile", value: p.get(), domain })
            }
        }
    }
}

impl StationFigures for ClassLaws {
    fn wait_probability(&self) -> f64 {
        self.nonpreemptive_wait_probability
    }

    fn waiting_time(&self) -> f64 {
        self.nonpreemptive_wait.mean()
    }

    fn sojourn_time(&self) -> f64 {
        self.nonpreemptive_sojourn.mean()
    }

    fn waiting_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        self.nonpreemptive_wait.quantile(probability)
    }

    fn sojourn_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        self.nonpreemptive_sojourn.quantile(probability)
    }
}

impl StationLaws for ClassLaws {
    fn waiting_time_tail(&self, time: Seconds) -> Result<f64, QueueError> {
        Ok(self.nonpreemptive_wait.tail(time))
    }

    fn sojourn_time_tail(&self, time: Seconds) -> Result<f64, QueueError> {
        Ok(self.nonpreemptive_sojourn.tail(time))
    }

    fn waiting_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        self.nonpreemptive_wait.transform(s)
    }

    fn sojourn_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        self.nonpreemptive_sojourn.transform(s)
    }
}
