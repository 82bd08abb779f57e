use crate::units::{Probability, Seconds};

use super::AvailabilityError;
use super::binomial::unavailability;

/// Probes of targets that work but do not always answer in time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProbeNoise {
    /// Probability that a probe of a working target fails, above 0 and below 1.
    pub failure_probability: Probability,
    /// Failed probes in a row until a target is removed.
    pub unhealthy_threshold: u64,
    /// Passed probes in a row until it is back.
    pub healthy_threshold: u64,
    /// Time from one probe to the next.
    pub interval: Seconds,
    /// Targets there are.
    pub targets: u64,
}

/// How often working targets are removed. Times in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FalseRemoval {
    /// Mean time until a target is removed.
    pub mean_time_to_removal: f64,
    /// Mean time until it is back.
    pub mean_time_to_return: f64,
    /// Share of time that a target is removed.
    pub fraction_removed: f64,
    /// Mean number of targets removed.
    pub expected_removed: f64,
    /// Probability that a target is removed within a day.
    pub removed_within_a_day: f64,
    /// Probability that any target is.
    pub any_removed_within_a_day: f64,
    /// Probability that fewer than half of the targets are in rotation.
    pub below_half: f64,
    /// Probability that all are removed.
    pub all_removed: f64,
    /// Removals in a day, over all targets.
    pub removals_per_day: f64,
}

const DAY: f64 = 86_400.0;

/// The most probes in a day that are followed one by one: an interval of 10 ms.
const MAX_PROBES: f64 = 8.64e6;

const MAX_THRESHOLD: u64 = 1_000;

/// Returns how often health checks remove targets that work.
///
/// # Formula
///
/// Probes fail independently with probability `p`. The mean number of probes to a run of `u` failures, and to a run of
/// `h` passes after it, and the probability of a run within `n` probes:
///
/// ```text
/// N_u = (1 − p^u)/(p^u·(1 − p)) = Σ_{j=1}^{u} p^(−j)      N_h the same with 1 − p
/// fraction removed r = N_h/(N_u + N_h)
/// Q_n = Q_{n−1} + (1 − Q_{n−u−1})·(1 − p)·p^u,   Q_u = p^u,   Q_{n<u} = 0
/// ```
///
/// Targets are independent; if the probes test something that all share, they are not, and all are removed together.
///
/// # Method
///
/// Sums of positive terms only: relative precision however small.
///
/// # Errors
///
/// [`AvailabilityError::OutOfDomain`] for a failure probability of 0 or 1, thresholds not between 1 and 1000 or an
/// interval below 10 ms, [`AvailabilityError::Empty`] without targets.
///
/// # References
///
/// [Feller68](crate::references#feller68) §XIII.7, success runs.
///
/// # Examples
///
/// ```
/// use capplan_queueing::availability::{ProbeNoise, false_removal};
/// use capplan_queueing::units::{Probability, Seconds};
///
/// let noise = ProbeNoise {
///     failure_probability: Probability::new(0.5)?,
///     unhealthy_threshold: 2,
///     healthy_threshold: 5,
///     interval: Seconds::new(10.0)?,
///     targets: 6,
/// };
/// // Half of the probes too slow: out after 6 probes, back after 62.
/// assert!((false_removal(&noise)?.fraction_removed - 62.0 / 68.0).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn false_removal(noise: &ProbeNoise) -> Result<FalseRemoval, AvailabilityError> {
    let (p, interval, n) = (noise.failure_probability.get(), noise.interval.get(), noise.targets as f64);
    let refused = |what, value, domain| Err(AvailabilityError::OutOfDomain { what, value, domain });
    if noise.targets == 0 {
        return Err(AvailabilityError::Empty("target"));
    }
    if p == 0.0 || p == 1.0 {
        return refused("probability that a probe fails", p, "above 0 and below 1");
    }
    for (what, threshold) in
        [("unhealthy threshold", noise.unhealthy_threshold), ("healthy threshold", noise.healthy_threshold)]
    {
        if !(1..=MAX_THRESHOLD).contains(&threshold) {
            return refused(what, threshold as f64, "between 1 and 1000");
        }
    }
    let probes = DAY / interval;
    if probes > MAX_PROBES {
        return refused("health-check interval", interval, "at least 0.01 s");
    }
    let to_removal = probes_to_run(p, noise.unhealthy_threshold);
    let to_return = probes_to_run(1.0 - p, noise.healthy_threshold);
    if !(to_removal.is_finite() && to_return.is_finite()) {
        return refused("probability that a probe fails", p, "far enough from 0 and 1 for these thresholds");
    }
    let removed = to_return / (to_removal + to_return);
    let within_a_day = run_within(p, noise.unhealthy_threshold, probes);
    let share = Probability::from_computed(removed)?;
    Ok(FalseRemoval {
        mean_time_to_removal: to_removal * interval,
        mean_time_to_return: to_return * interval,
        fraction_removed: removed,
        expected_removed: n * removed,
        removed_within_a_day: within_a_day,
        any_removed_within_a_day: -(n * (-within_a_day).ln_1p()).exp_m1(),
        below_half: unavailability(noise.targets.div_ceil(2), noise.targets, share),
        all_removed: removed.powf(n),
        removals_per_day: n * probes / (to_removal + to_return),
    })
}

/// Mean number of probes until `run` in a row have an outcome of probability `p`.
fn probes_to_run(p: f64, run: u64) -> f64 {
    (0..run).fold(0.0, |sum, _| (1.0 + sum) / p)
}

/// Probability of a run of `run` outcomes of probability `p` within the whole number of `probes`.
fn run_within(p: f64, run: u64, probes: f64) -> f64 {
    let start = p.powf(run as f64);
    let gap = usize::try_from(run).unwrap_or(usize::MAX);
    // The last `run + 1` values; the oldest is that of `n − u − 1`.
    let mut recent = vec![0.0; gap + 1];
    let mut value = 0.0;
    let mut n = run as f64;
    let mut place = 0;
    if probes < n {
        return 0.0;
    }
    while n <= probes {
        let oldest: f64 = recent[place];
        value += if n == run as f64 { start } else { (1.0 - oldest) * (1.0 - p) * start };
        recent[place] = value;
        place = (place + 1) % recent.len();
        n += 1.0;
    }
    value.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(p: f64, unhealthy_threshold: u64, targets: u64, interval: f64) -> ProbeNoise {
        ProbeNoise {
            failure_probability: Probability::new(p).expect("a probability"),
            unhealthy_threshold,
            healthy_threshold: 2,
            interval: Seconds::new(interval).expect("a time"),
            targets,
        }
    }

    #[test]
    fn the_mean_run_is_the_closed_form() {
        for (p, run) in [(0.01_f64, 2_u64), (0.5, 5), (0.9, 3)] {
            let power = p.powf(run as f64);
            let closed = (1.0 - power) / (power * (1.0 - p));
            assert!((probes_to_run(p, run) / closed - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn runs_within_a_few_probes_are_counted_out() {
        for run in 1..=4_u32 {
            for probes in 0..=10_u32 {
                let mut want = 0.0;
                for outcome in 0..1_u32 << probes {
                    let mut longest = 0;
                    let mut current = 0;
                    for probe in 0..probes {
                        current = if outcome >> probe & 1 == 1 { current + 1 } else { 0 };
                        longest = longest.max(current);
                    }
                    if longest >= run {
                        let failed = outcome.count_ones();
                        want += 0.3_f64.powi(failed.cast_signed()) * 0.7_f64.powi((probes - failed).cast_signed());
                    }
                }
                let got = run_within(0.3, u64::from(run), f64::from(probes));
                assert!((got - want).abs() < 1e-14, "{run} of {probes}: {got} is not {want}");
            }
        }
    }

    #[test]
    fn what_cannot_be_followed_is_refused() {
        let message = |noise: ProbeNoise| false_removal(&noise).expect_err("refused").to_string();
        assert_eq!(message(noise(0.0, 2, 6, 30.0)), "probability that a probe fails of 0 is not above 0 and below 1");
        assert_eq!(message(noise(0.1, 0, 6, 30.0)), "unhealthy threshold of 0 is not between 1 and 1000");
        assert_eq!(message(noise(0.1, 2, 0, 30.0)), "no target given; at least one is needed");
        assert_eq!(message(noise(0.1, 2, 6, 0.001)), "health-check interval of 0.001 is not at least 0.01 s");
        assert_eq!(
            message(noise(1e-9, 100, 6, 1.0)),
            "probability that a probe fails of 0.000000001 is not far enough from 0 and 1 for these thresholds"
        );
    }
}
