use crate::queues::QueueError;

/// A branch of a hyperexponential service: an exponential time that a job gets with some probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ServiceBranch {
    /// Probability of the branch.
    pub probability: f64,
    /// Completions per second in it.
    pub rate: f64,
}

/// The shape of a service time, as far as it is known.
#[derive(Debug, Clone, PartialEq)]
pub enum ServiceShape {
    /// Always the same time.
    Deterministic,
    /// Exponential.
    Exponential,
    /// The sum of this many equal exponential stages.
    Erlang(u32),
    /// One of several exponential times. Probabilities and rates determine the mean as well.
    Hyperexponential(Vec<ServiceBranch>),
    /// Any law with this squared coefficient of variation.
    ///
    /// Means need no more. For the law of the wait it stands for the usual law of two moments: below 1 a mixture of
    /// Erlang laws of `k − 1` and `k` stages (below 1e-4 a constant), 1 exponential, above 1 two exponential branches
    /// with balanced means.
    TwoMoments(f64),
}

/// A service time as the waiting law is computed from it.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::queues) enum ServiceStages {
    /// A constant.
    Constant,
    /// `count − 1` stages with probability `fewer`, else `count ≥ 2`, all of one rate.
    Erlang {
        /// Largest number of stages.
        count: u32,
        /// Probability of one stage fewer.
        fewer: f64,
    },
    /// Branches of different rates.
    Branches(Vec<ServiceBranch>),
}

/// From here on down a law of two moments is a constant: Erlang laws of more stages would cost more than they tell.
const LEAST_SCV: f64 = 1e-4;

/// The most stages of an Erlang law.
const MAX_STAGES: u32 = 10_000;

/// What probabilities may miss 1 by.
const SUM_TOLERANCE: f64 = 1e-9;

impl ServiceShape {
    /// Checks the shape.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] with the number that is out of its domain.
    pub(in crate::queues) fn checked(&self) -> Result<(), QueueError> {
        let refuse = |parameter, value, domain| Err(QueueError::Domain { parameter, value, domain });
        match self {
            Self::Deterministic | Self::Exponential => Ok(()),
            Self::Erlang(stages) if (1..=MAX_STAGES).contains(stages) => Ok(()),
            Self::Erlang(stages) => refuse("stages", f64::from(*stages), "between 1 and 10,000"),
            Self::TwoMoments(scv) if *scv >= 0.0 && *scv <= 1e12 => Ok(()),
            Self::TwoMoments(scv) => refuse("service_scv", *scv, "between 0 and 1e12"),
            Self::Hyperexponential(branches) => {
                let sum: f64 = branches.iter().map(|branch| branch.probability).sum();
                for branch in branches {
                    if !(0.0..=1.0).contains(&branch.probability) {
                        return refuse("branch probability", branch.probability, "between 0 and 1");
                    }
                    if !(branch.rate > 0.0 && branch.rate.is_finite()) {
                        return refuse("branch rate", branch.rate, "finite and above 0");
                    }
                }
                if (sum - 1.0).abs() <= SUM_TOLERANCE {
                    Ok(())
                } else {
                    refuse("sum of the branch probabilities", sum, "1")
                }
            }
        }
    }

    /// The mean that the shape itself determines.
    pub(in crate::queues) fn own_mean(&self) -> Option<f64> {
        match self {
            Self::Hyperexponential(branches) => {
                Some(branches.iter().map(|branch| branch.probability / branch.rate).sum())
            }
            _ => None,
        }
    }

    /// Squared coefficient of variation.
    pub(in crate::queues) fn scv(&self) -> f64 {
        match self {
            Self::Deterministic => 0.0,
            Self::Exponential => 1.0,
            Self::Erlang(stages) => 1.0 / f64::from(*stages),
            Self::TwoMoments(scv) => *scv,
            Self::Hyperexponential(branches) => {
                let mean = self.own_mean().unwrap_or(1.0);
                let share = |branch: &ServiceBranch| branch.probability / (branch.rate * mean) / (branch.rate * mean);
                (2.0 * branches.iter().map(share).sum::<f64>() - 1.0).max(0.0)
            }
        }
    }

    /// The stages of a service of this shape and `mean`.
    pub(in crate::queues) fn stages(&self, mean: f64) -> ServiceStages {
        match self {
            Self::Deterministic => ServiceStages::Constant,
            Self::Exponential | Self::Erlang(1) => exponential(mean),
            Self::Erlang(stages) => ServiceStages::Erlang { count: *stages, fewer: 0.0 },
            Self::Hyperexponential(branches) => ServiceStages::Branches(distinct(branches)),
            Self::TwoMoments(scv) => two_moments(mean, *scv),
        }
    }
}

fn exponential(mean: f64) -> ServiceStages {
    ServiceStages::Branches(vec![ServiceBranch { probability: 1.0, rate: 1.0 / mean }])
}

fn two_moments(mean: f64, scv: f64) -> ServiceStages {
    if scv < LEAST_SCV {
        return ServiceStages::Constant;
    }
    if scv > 1.0 {
        // Balanced means: each branch carries half of the work. The rare one without the difference 1 − p.
        let root = ((scv - 1.0) / (scv + 1.0)).sqrt();
        let rare = 1.0 / ((scv + 1.0) * (1.0 + root));
        let branch = |probability: f64| ServiceBranch { probability, rate: 2.0 * probability / mean };
        return ServiceStages::Branches(distinct(&[branch(rare), branch(1.0 - rare)]));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 ≤ 1/scv ≤ 10⁴")]
    let count = ((1.0 / scv).ceil() as u32).clamp(2, MAX_STAGES);
    let k = f64::from(count);
    // The mixture's weight that has this scv.
    let root = (k * (1.0 + scv) - k * k * scv).max(0.0).sqrt();
    let fewer = ((k * scv - root) / (1.0 + scv)).clamp(0.0, 1.0);
    if count == 2 && fewer > 1.0 - 1e-12 { exponential(mean) } else { ServiceStages::Erlang { count, fewer } }
}

/// Returns the branches by rising rate, those of one rate as one, those of no probability left out.
fn distinct(branches: &[ServiceBranch]) -> Vec<ServiceBranch> {
    let mut sorted: Vec<ServiceBranch> = branches.iter().copied().filter(|branch| branch.probability > 0.0).collect();
    sorted.sort_by(|one, other| one.rate.total_cmp(&other.rate));
    let mut merged: Vec<ServiceBranch> = Vec::with_capacity(sorted.len());
    for branch in sorted {
        match merged.last_mut() {
            Some(last) if last.rate == branch.rate => last.probability += branch.probability,
            _ => merged.push(branch),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_moments_come_back() {
        for scv in [1e-4, 0.013, 0.25, 0.3, 0.5, 0.7, 0.999, 1.0, 1.5, 20.0, 1e6] {
            let (mean, got) = match ServiceShape::TwoMoments(scv).stages(2.0) {
                ServiceStages::Constant => (2.0, 0.0),
                ServiceStages::Erlang { count, fewer } => {
                    let k = f64::from(count);
                    let first = k - fewer;
                    let second = fewer * (k - 1.0) * k + (1.0 - fewer) * k * (k + 1.0);
                    (2.0, second / (first * first) - 1.0)
                }
                ServiceStages::Branches(branches) => {
                    let shape = ServiceShape::Hyperexponential(branches);
                    (shape.own_mean().expect("its own"), shape.scv())
                }
            };
            assert!((mean - 2.0).abs() < 1e-14);
            assert!((got / scv - 1.0).abs() < 1e-9, "{scv}: {got}");
        }
    }

    #[test]
    fn what_is_no_shape_is_refused() {
        let branch = |probability, rate| ServiceBranch { probability, rate };
        let message = |shape: ServiceShape| shape.checked().map_err(|error| error.to_string());
        assert_eq!(message(ServiceShape::Erlang(0)), Err("stages of 0 is not between 1 and 10,000".to_owned()));
        assert_eq!(
            message(ServiceShape::TwoMoments(-1.0)),
            Err("service_scv of -1 is not between 0 and 1e12".to_owned())
        );
        assert_eq!(
            message(ServiceShape::Hyperexponential(vec![branch(0.5, 1.0), branch(0.25, 2.0)])),
            Err("sum of the branch probabilities of 0.75 is not 1".to_owned())
        );
        assert_eq!(
            message(ServiceShape::Hyperexponential(vec![branch(1.0, 0.0)])),
            Err("branch rate of 0 is not finite and above 0".to_owned())
        );
    }
}
