use crate::availability::AvailabilityError;
use crate::units::{ArrivalRate, Probability, Seconds};

/// A step of a canary release.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CanaryStage {
    /// Share of the traffic that the new version gets.
    pub fraction: Probability,
    /// How long the stage lasts.
    pub duration: Seconds,
    /// Probability that the stage finds a bad version.
    pub detection_power: Probability,
}

/// A release through stages.
#[derive(Debug, Clone, PartialEq)]
pub struct Release {
    /// Requests per second.
    pub arrival_rate: ArrivalRate,
    /// Share of requests that a bad version fails beyond the old one.
    pub error_rate_increase: Probability,
    /// The stages in order; none is a release straight to production.
    pub stages: Vec<CanaryStage>,
    /// Time of a rollback.
    pub rollback: Seconds,
    /// Time until a bad version is found in full production.
    pub full_detection: Seconds,
    /// Probability that a release is bad.
    pub bad_probability: Probability,
    /// The objective whose error budget pays.
    pub slo: Probability,
    /// The objective's period.
    pub window: Seconds,
}

/// What bad releases cost.
#[derive(Debug, Clone, PartialEq)]
pub struct BlastRadius {
    /// Failed requests of a bad release, on average.
    pub bad_requests_given_bad: f64,
    /// Failed requests of any release, on average.
    pub bad_requests_per_release: f64,
    /// Failed requests of a bad release straight to production.
    pub bad_requests_without_canary: f64,
    /// The one over the other; `None` when nothing fails.
    pub reduction_factor: Option<f64>,
    /// Probability that a bad release gets through all stages.
    pub reaches_production: f64,
    /// Probability that it is found at each stage.
    pub caught_at_stage: Vec<f64>,
    /// Share of the period's error budget that a bad release spends; `None` when there is no budget.
    pub budget_fraction_given_bad: Option<f64>,
    /// What each stage adds to the error share of the whole service.
    pub overall_error_increase: Vec<f64>,
}

/// Returns how many requests a bad release fails before it is rolled back.
///
/// # Formula
///
/// With stage `i` of share `f_i`, length `t_i` and power `d_i`, reached with probability `Π_{j<i} (1 − d_j)`:
///
/// ```text
/// Σ_i reach_i·λ·f_i·δ·(t_i + d_i·t_rollback) + reach_full·λ·δ·(t_full + t_rollback)
/// ```
///
/// # Accuracy
///
/// Exact for stages that are always run to their end. A stage without power makes things worse: it prolongs the
/// exposure.
///
/// # Errors
///
/// [`AvailabilityError::TooMany`] past 1000 stages.
///
/// # References
///
/// [Beyer18](crate::references#beyer18) ch. 16, canarying releases.
pub fn blast_radius(release: &Release) -> Result<BlastRadius, AvailabilityError> {
    const MAX_STAGES: u64 = 1000;
    let count = release.stages.len() as u64;
    if count > MAX_STAGES {
        return Err(AvailabilityError::TooMany { what: "stages", count, limit: MAX_STAGES });
    }
    let failures = release.arrival_rate.get() * release.error_rate_increase.get();
    let rollback = release.rollback.get();
    let (mut reach, mut exposure) = (1.0, 0.0);
    let mut caught_at_stage = Vec::with_capacity(release.stages.len());
    for stage in &release.stages {
        let power = stage.detection_power.get();
        exposure += reach * stage.fraction.get() * (stage.duration.get() + power * rollback);
        caught_at_stage.push(reach * power);
        reach *= 1.0 - power;
    }
    let full = release.full_detection.get() + rollback;
    let bad = failures * (exposure + reach * full);
    let without = failures * full;
    let budget = (1.0 - release.slo.get()) * release.arrival_rate.get() * release.window.get();
    let increase = |stage: &CanaryStage| stage.fraction.get() * release.error_rate_increase.get();
    Ok(BlastRadius {
        bad_requests_given_bad: bad,
        bad_requests_per_release: release.bad_probability.get() * bad,
        bad_requests_without_canary: without,
        reduction_factor: (bad > 0.0).then(|| without / bad),
        reaches_production: reach,
        caught_at_stage,
        budget_fraction_given_bad: (budget > 0.0).then(|| bad / budget),
        overall_error_increase: release.stages.iter().map(increase).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(value: f64) -> Probability {
        Probability::new(value).expect("a probability")
    }

    fn seconds(value: f64) -> Seconds {
        Seconds::new(value).expect("a time")
    }

    fn release(stages: Vec<CanaryStage>) -> Release {
        Release {
            arrival_rate: ArrivalRate::new(100.0).expect("a rate"),
            error_rate_increase: p(0.1),
            stages,
            rollback: seconds(60.0),
            full_detection: seconds(300.0),
            bad_probability: p(0.5),
            slo: p(0.99),
            window: seconds(86_400.0),
        }
    }

    fn stage(fraction: f64, detection_power: f64) -> CanaryStage {
        CanaryStage { fraction: p(fraction), duration: seconds(600.0), detection_power: p(detection_power) }
    }

    #[test]
    fn a_release_is_found_somewhere() {
        let answer = blast_radius(&release(vec![stage(0.01, 0.3), stage(0.1, 0.6)])).expect("an answer");
        let total: f64 = answer.caught_at_stage.iter().sum::<f64>() + answer.reaches_production;
        assert!((total - 1.0).abs() < 1e-15);
    }

    #[test]
    fn a_canary_without_power_makes_things_worse() {
        let answer = blast_radius(&release(vec![stage(0.05, 0.0)])).expect("an answer");
        assert!(answer.reduction_factor.expect("fails") < 1.0);
    }

    #[test]
    fn a_harmless_release_has_nothing_to_reduce() {
        let harmless = Release { error_rate_increase: p(0.0), slo: p(1.0), ..release(Vec::new()) };
        let answer = blast_radius(&harmless).expect("an answer");
        assert_eq!((answer.reduction_factor, answer.budget_fraction_given_bad), (None, None));
    }

    #[test]
    fn too_many_stages_are_refused() {
        assert_eq!(
            blast_radius(&release(vec![stage(0.0, 0.0); 1001])).expect_err("refused").to_string(),
            "1001 stages are more than the 1000 that this formula takes"
        );
    }
}
