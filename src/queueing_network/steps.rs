use capplan_queueing::units::{Probability, Seconds};

/// One step of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct PathStep {
    /// What is done.
    pub work: StepWork,
    /// Time that the step takes besides, the same for every request.
    pub fixed_time: Seconds,
    /// Share of the requests that take the step.
    pub probability: Probability,
    /// What happens when it fails.
    pub attempts: Attempts,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub enum StepWork {
    /// Nothing but take its fixed time.
    Nothing,
    /// Visits to a station, one after the other.
    Visits {
        /// Index of the station.
        station: usize,
        /// How many.
        count: u32,
    },
    /// Calls at the same time, each a path of its own; the step is done when the last one is.
    Parallel(Vec<Vec<PathStep>>),
}

/// How often a step is tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempts {
    /// Probability that an attempt fails.
    pub failure_probability: Probability,
    /// Attempts at most, at least 1.
    pub most: u32,
    /// Pause before the second attempt, the third, …; the last one holds for all later ones.
    pub pauses: Vec<Seconds>,
}

impl Attempts {
    /// One attempt, which never fails.
    pub const fn once() -> Self {
        Self { failure_probability: Probability::ZERO, most: 1, pauses: Vec::new() }
    }

    /// Mean number of attempts, `(1 − f^m)/(1 − f)`.
    pub fn mean(&self) -> f64 {
        let failure = self.failure_probability.get();
        if failure >= 1.0 {
            return f64::from(self.most);
        }
        // ln_1p and exp_m1 keep the digits of a failure probability next to 1.
        -(f64::from(self.most) * (failure - 1.0).ln_1p()).exp_m1() / (1.0 - failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempts(failure: f64, most: u32) -> Attempts {
        Attempts { failure_probability: Probability::new(failure).expect("share"), most, pauses: Vec::new() }
    }

    #[test]
    fn attempts_are_a_geometric_sum() {
        assert_eq!(attempts(0.0, 5).mean(), 1.0);
        assert!((attempts(0.5, 3).mean() - 1.75).abs() < 1e-15);
        assert_eq!(attempts(1.0, 7).mean(), 7.0);
        let nearly = attempts(1.0 - 1e-12, 1000).mean();
        assert!((nearly - (1000.0 - 1e-12 * 499_500.0)).abs() < 1e-7, "{nearly}");
    }
}
