use crate::units::Probability;

use super::OverloadError;

/// The most retries of one call.
pub const MAX_RETRIES: u64 = 1_000;

/// How often a failed call is tried again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    max_retries: u64,
    budget: Option<f64>,
}

impl RetryPolicy {
    /// At most `max_retries` of each call, and, with a budget, of at most that share of the calls.
    ///
    /// # Errors
    ///
    /// [`OverloadError::OutOfDomain`] for more than [`MAX_RETRIES`] retries or a budget that is negative or no number.
    pub fn new(max_retries: u64, budget: Option<f64>) -> Result<Self, OverloadError> {
        if max_retries > MAX_RETRIES {
            return Err(OverloadError::OutOfDomain {
                what: "number of retries",
                value: max_retries as f64,
                domain: "at most 1000",
            });
        }
        match budget {
            Some(value) if !(value >= 0.0 && value.is_finite()) => Err(OverloadError::OutOfDomain {
                what: "retry budget",
                value,
                domain: "a share of the calls, at least 0",
            }),
            _ => Ok(Self { max_retries, budget }),
        }
    }

    /// Attempts for each call when all fail: `min(r + 1, 1 + b)`.
    pub fn worst_attempts(&self) -> f64 {
        self.capped((self.max_retries + 1) as f64)
    }

    /// Returns the mean number of attempts for each call when an attempt fails with probability `f`.
    ///
    /// # Formula
    ///
    /// ```text
    /// min(Σ_{j=0}^{r} f^j, 1 + b)
    /// ```
    ///
    /// # Units
    ///
    /// `attempt_failure` is a probability.
    pub fn attempts(&self, attempt_failure: f64) -> f64 {
        self.capped(self.unlimited_attempts(attempt_failure))
    }

    /// Returns the probability that a call fails after all its attempts.
    ///
    /// # Formula
    ///
    /// `f^(r+1)`; where the budget cuts the attempts to `1 + b`, `1 − (1 − f)(1 + b)`: a retry is allowed with the
    /// probability that meets the budget, and each attempt succeeds with `1 − f`.
    ///
    /// # Units
    ///
    /// As [`RetryPolicy::attempts`].
    pub fn call_failure(&self, attempt_failure: f64) -> f64 {
        let (attempts, unlimited) = (self.attempts(attempt_failure), self.unlimited_attempts(attempt_failure));
        if attempts < unlimited {
            (attempt_failure - (1.0 - attempt_failure) * (attempts - 1.0)).clamp(0.0, 1.0)
        } else {
            attempt_failure.powf((self.max_retries + 1) as f64)
        }
    }

    fn unlimited_attempts(&self, attempt_failure: f64) -> f64 {
        (0..self.max_retries).fold(1.0, |sum, _| 1.0 + attempt_failure * sum)
    }

    fn capped(&self, attempts: f64) -> f64 {
        self.budget.map_or(attempts, |budget| attempts.min(1.0 + budget))
    }
}

/// How layers of retries multiply load.
#[derive(Debug, Clone, PartialEq)]
pub struct RetryAmplification {
    /// Requests at the last layer for each request of a user.
    pub amplification: f64,
    /// The same when every attempt fails.
    pub worst_case_amplification: f64,
    /// Probability that the user's request fails.
    pub user_failure: f64,
    /// Mean attempts for each call of each layer, the one next to the failing service first.
    pub attempts_per_layer: Vec<f64>,
}

/// Returns how a chain of services, each of which retries, multiplies the load of the last.
///
/// # Formula
///
/// From the failing service outwards, with `f₀` the probability that an attempt there fails:
///
/// ```text
/// attempts_i = Σ_{j=0}^{r_i} f^j_{i−1}     f_i = f_{i−1}^{r_i+1}     amplification = Π attempts_i
/// ```
///
/// # Method
///
/// Horner's rule instead of `(1 − f^(r+1))/(1 − f)`, which has no value at 1.
///
/// # Accuracy
///
/// Exact for attempts that fail independently of one another and of the load; with the load see
/// [`retry_equilibrium`](super::retry_equilibrium()).
///
/// # Special cases
///
/// Three layers of four attempts: 64 at worst.
///
/// # Errors
///
/// [`OverloadError::OutOfDomain`] without layers.
///
/// # References
///
/// [Beyer16](crate::references#beyer16) ch. 22.
///
/// # Examples
///
/// ```
/// use capplan_queueing::overload::{RetryPolicy, retry_amplification};
/// use capplan_queueing::units::Probability;
///
/// let layers = [RetryPolicy::new(3, None)?; 3];
/// assert_eq!(retry_amplification(Probability::ONE, &layers)?.amplification, 64.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn retry_amplification(
    attempt_failure: Probability,
    layers: &[RetryPolicy],
) -> Result<RetryAmplification, OverloadError> {
    if layers.is_empty() {
        return Err(OverloadError::OutOfDomain { what: "number of layers", value: 0.0, domain: "at least 1" });
    }
    let mut failure = attempt_failure.get();
    let mut attempts_per_layer = Vec::with_capacity(layers.len());
    for layer in layers {
        attempts_per_layer.push(layer.attempts(failure));
        failure = layer.call_failure(failure);
    }
    Ok(RetryAmplification {
        amplification: attempts_per_layer.iter().product(),
        worst_case_amplification: layers.iter().map(RetryPolicy::worst_attempts).product(),
        user_failure: failure,
        attempts_per_layer,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rare_failures_after_many_layers_keep_their_digits() {
        let layers = [RetryPolicy::new(1, None).expect("a policy"); 3];
        let answer = retry_amplification(Probability::new(1e-4).expect("a probability"), &layers).expect("an answer");
        assert!((answer.user_failure / 1e-32 - 1.0).abs() < 1e-13);
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        let message = |retries, budget| RetryPolicy::new(retries, budget).expect_err("refused").to_string();
        assert_eq!(message(1001, None), "number of retries of 1001 is not at most 1000");
        assert_eq!(message(1, Some(-0.1)), "retry budget of -0.1 is not a share of the calls, at least 0");
        assert_eq!(
            retry_amplification(Probability::ONE, &[]).expect_err("refused").to_string(),
            "number of layers of 0 is not at least 1"
        );
    }

    proptest! {
        #[test]
        fn a_budget_saves_load_and_costs_answers(f in 0.0..=1.0_f64, retries in 0_u64..10, budget in 0.0..2.0_f64) {
            let free = RetryPolicy::new(retries, None).expect("a policy");
            let cut = RetryPolicy::new(retries, Some(budget)).expect("a policy");
            prop_assert!(cut.attempts(f) <= free.attempts(f));
            prop_assert!(cut.call_failure(f) >= free.call_failure(f) * (1.0 - 1e-9) - 1e-15);
            // Every answer comes from one attempt that succeeds.
            for policy in [free, cut] {
                let answers = policy.attempts(f) * (1.0 - f);
                prop_assert!((answers + policy.call_failure(f) - 1.0).abs() < 1e-13);
            }
        }
    }
}
