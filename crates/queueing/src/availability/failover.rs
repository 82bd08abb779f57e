use crate::numeric::{ChainError, SemiMarkov, Transition};
use crate::units::{Probability, Seconds};

use super::{AvailabilityError, instance_unavailability};

/// A primary with one standby that takes over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FailoverPair {
    /// Mean time between failures of the node that is primary.
    pub primary_mtbf: Seconds,
    /// Mean time between failures of the standby.
    pub replica_mtbf: Seconds,
    /// Probability that a failure of the primary is found and handled without a person.
    pub coverage: Probability,
    /// Mean time until the failure is found.
    pub detection: Seconds,
    /// Mean time of the promotion, with what clients need to find the new primary.
    pub promotion: Seconds,
    /// Mean time of a failover by hand, for the failures that are not covered.
    pub manual_recovery: Seconds,
    /// Mean time until a lost node is replaced and has caught up.
    pub rebuild: Seconds,
    /// Mean time of a restore when both are lost.
    pub restore_both: Seconds,
}

/// What failovers leave of the availability. Times in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FailoverAvailability {
    /// Share of time with a primary.
    pub availability: f64,
    /// Share of time without one, computed for itself.
    pub unavailability: f64,
    /// Outages per second.
    pub outage_rate: f64,
    /// Mean length of an outage.
    pub mean_outage: f64,
    /// Mean time to the first outage.
    pub mean_time_to_first_outage: f64,
}

const PAIR_UP: usize = 0;
const DETECTING: usize = 1;
const PROMOTING: usize = 2;
const MANUAL: usize = 3;
const SINGLE_UP: usize = 4;
const BOTH_DOWN: usize = 5;

/// Returns the availability of a primary and its standby through detection, promotion, recovery by hand and rebuild.
///
/// # Formula
///
/// Six states, all times exponential:
///
/// ```text
/// pair up → detecting (coverage) or manual recovery (the rest), when the primary fails
/// detecting → promoting → single up;  manual recovery → single up
/// pair up → single up, when the standby fails;  single up → pair up, after the rebuild
/// detecting, promoting, manual recovery → both down, when the standby fails too
/// single up → both down, when the only node fails;  both down → single up, after the restore
/// ```
///
/// Down are detecting, promoting, manual recovery and both down. To first order
///
/// ```text
/// U ≈ λ_p·[c·(T_d + T_p) + (1 − c)·T_m] + (λ_p + λ_r)·T_rebuild·λ_p·T_restore
/// ```
///
/// # Method
///
/// [`SemiMarkov`]: exact, without subtraction, so that a tiny unavailability keeps its digits.
///
/// # Accuracy
///
/// Relative error below 10⁻¹⁵ against a 40-digit solution of the balance equations, for `U` down to 10⁻¹⁵.
/// Fixed instead of exponential times of detection and promotion change `U` by less than 0.1 %. Not modelled: split
/// brain, and reads that a standby answers during a failover.
///
/// # Errors
///
/// [`AvailabilityError::OutOfDomain`] for a time between failures of 0.
///
/// # References
///
/// [Trivedi17](crate::references#trivedi17) ch. 9 and 10, imperfect coverage.
///
/// # Examples
///
/// ```
/// use capplan_queueing::availability::{FailoverPair, failover_availability};
/// use capplan_queueing::units::{Probability, Seconds};
///
/// let hours = |value: f64| Seconds::new(value * 3600.0);
/// let pair = FailoverPair {
///     primary_mtbf: hours(2190.0)?,
///     replica_mtbf: hours(2190.0)?,
///     coverage: Probability::new(0.99)?,
///     detection: Seconds::new(30.0)?,
///     promotion: Seconds::new(60.0)?,
///     manual_recovery: hours(1.0)?,
///     rebuild: hours(1.0)?,
///     restore_both: hours(4.0)?,
/// };
/// let minutes_per_year = failover_availability(&pair)?.unavailability * 525_600.0;
/// assert!((minutes_per_year - 9.222_210_904).abs() < 1e-8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn failover_availability(pair: &FailoverPair) -> Result<FailoverAvailability, AvailabilityError> {
    let primary = rate("mean time between failures of the primary", pair.primary_mtbf)?;
    let replica = rate("mean time between failures of the replica", pair.replica_mtbf)?;
    let chain = chain(pair, primary, replica)?;
    let shares = chain.time_shares()?;
    let down = [DETECTING, PROMOTING, MANUAL, BOTH_DOWN];
    let unavailability = down.iter().map(|&state| shares[state]).sum::<f64>();
    let availability = shares[PAIR_UP] + shares[SINGLE_UP];
    // Whoever is primary fails at the primary's rate, and each such failure is an outage.
    let outage_rate = availability * primary;
    Ok(FailoverAvailability {
        availability,
        unavailability,
        outage_rate,
        mean_outage: unavailability / outage_rate,
        mean_time_to_first_outage: chain.mean_time_to(PAIR_UP, &down)?,
    })
}

/// Returns the availability of a primary without a standby, restored after each failure.
///
/// # Errors
///
/// [`AvailabilityError::OutOfDomain`] for a time between failures of 0.
pub fn unreplicated_availability(mtbf: Seconds, restore: Seconds) -> Result<FailoverAvailability, AvailabilityError> {
    let rate = rate("mean time between failures of the primary", mtbf)?;
    let availability = 0.5 * mtbf.get() / (0.5 * mtbf.get() + 0.5 * restore.get());
    Ok(FailoverAvailability {
        availability,
        unavailability: instance_unavailability(mtbf, restore)?,
        outage_rate: availability * rate,
        mean_outage: restore.get(),
        mean_time_to_first_outage: mtbf.get(),
    })
}

fn rate(what: &'static str, mtbf: Seconds) -> Result<f64, AvailabilityError> {
    if mtbf.get() > 0.0 {
        Ok(1.0 / mtbf.get())
    } else {
        Err(AvailabilityError::OutOfDomain { what, value: mtbf.get(), domain: "above 0" })
    }
}

fn chain(pair: &FailoverPair, primary: f64, replica: f64) -> Result<SemiMarkov, ChainError> {
    let covered = pair.coverage.get();
    let arrow = |from, to, weight| Transition { from, to, weight };
    // A step of mean `t` that a failure of rate `r` may interrupt: stays t/(1 + rt), interrupted with odds rt.
    let stay = |time: Seconds, rate: f64| time.get() / (1.0 + rate * time.get());
    let stays = [
        1.0 / (primary + replica),
        stay(pair.detection, replica),
        stay(pair.promotion, replica),
        stay(pair.manual_recovery, replica),
        stay(pair.rebuild, primary),
        pair.restore_both.get(),
    ];
    let arrows = [
        arrow(PAIR_UP, DETECTING, covered * primary),
        arrow(PAIR_UP, MANUAL, (1.0 - covered) * primary),
        arrow(PAIR_UP, SINGLE_UP, replica),
        arrow(DETECTING, PROMOTING, 1.0),
        arrow(DETECTING, BOTH_DOWN, replica * pair.detection.get()),
        arrow(PROMOTING, SINGLE_UP, 1.0),
        arrow(PROMOTING, BOTH_DOWN, replica * pair.promotion.get()),
        arrow(MANUAL, SINGLE_UP, 1.0),
        arrow(MANUAL, BOTH_DOWN, replica * pair.manual_recovery.get()),
        arrow(SINGLE_UP, PAIR_UP, 1.0),
        arrow(SINGLE_UP, BOTH_DOWN, primary * pair.rebuild.get()),
        arrow(BOTH_DOWN, SINGLE_UP, 1.0),
    ];
    SemiMarkov::new(&stays, &arrows)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seconds(value: f64) -> Seconds {
        Seconds::new(value).expect("a time")
    }

    fn pair(coverage: f64, detection: f64, rebuild: f64) -> FailoverPair {
        FailoverPair {
            primary_mtbf: seconds(1e6),
            replica_mtbf: seconds(2e6),
            coverage: Probability::new(coverage).expect("a probability"),
            detection: seconds(detection),
            promotion: seconds(60.0),
            manual_recovery: seconds(3600.0),
            rebuild: seconds(rebuild),
            restore_both: seconds(14_400.0),
        }
    }

    fn unavailability(pair: &FailoverPair) -> f64 {
        failover_availability(pair).expect("an answer").unavailability
    }

    #[test]
    fn an_instant_rebuild_leaves_the_failovers() {
        // Outages of T_d + T_p each λ_p, cut short or prolonged only when the standby fails in them.
        let u = unavailability(&pair(1.0, 30.0, 0.0));
        let first_order = 90.0 / 1e6;
        assert!((u / first_order - 1.0).abs() < 1e-2 && u > first_order * (1.0 - 1e-4));
    }

    #[test]
    fn no_coverage_leaves_recovery_by_hand() {
        let u = unavailability(&pair(0.0, 30.0, 0.0));
        assert!((u / (3600.0 / 1e6) - 1.0).abs() < 1e-2);
    }

    #[test]
    fn every_failure_of_a_primary_is_an_outage() {
        let answer = failover_availability(&pair(0.9, 30.0, 1e4)).expect("an answer");
        assert!((answer.mean_time_to_first_outage / 1e6 - 1.0).abs() < 1e-12);
        assert!((answer.mean_outage * answer.outage_rate / answer.unavailability - 1.0).abs() < 1e-14);
    }

    #[test]
    fn ten_to_the_minus_thirty_keeps_its_digits() {
        let instant = FailoverPair { promotion: seconds(0.0), restore_both: seconds(1e-12), ..pair(1.0, 0.0, 1e-6) };
        // Only double faults are left: (λ_p + λ_r)·T_rebuild·λ_p·T_restore.
        let want = 1.5e-6 * 1e-6 * 1e-6 * 1e-12;
        assert!((unavailability(&instant) / want - 1.0).abs() < 1e-10);
    }

    #[test]
    fn a_primary_alone_is_down_for_its_restores() {
        let alone = unreplicated_availability(seconds(2190.0), seconds(1.0)).expect("an answer");
        assert!((alone.unavailability - 1.0 / 2191.0).abs() < 1e-18);
        assert_eq!((alone.mean_outage, alone.mean_time_to_first_outage), (1.0, 2190.0));
    }

    #[test]
    fn a_primary_that_never_works_is_refused() {
        let broken = FailoverPair { primary_mtbf: seconds(0.0), ..pair(1.0, 1.0, 1.0) };
        assert_eq!(
            failover_availability(&broken).expect_err("refused").to_string(),
            "mean time between failures of the primary of 0 is not above 0"
        );
    }

    proptest! {
        #[test]
        fn slower_detection_and_less_coverage_never_help(
            coverage in 0.0..1.0_f64, less in 0.0..1.0_f64, detection in 0.0..100.0_f64, rebuild in 0.0..1e5_f64,
        ) {
            let base = unavailability(&pair(coverage, detection, rebuild));
            prop_assert!(base <= unavailability(&pair(coverage, detection + 10.0, rebuild)) * (1.0 + 1e-12));
            // By hand takes longer here, so less coverage is worse.
            prop_assert!(base <= unavailability(&pair(coverage * less, detection, rebuild)) * (1.0 + 1e-12));
        }

        #[test]
        fn the_first_order_formula_is_close_for_rare_failures(coverage in 0.0..1.0_f64, rebuild in 0.0..1e4_f64) {
            let got = unavailability(&pair(coverage, 30.0, rebuild));
            let one_outage = coverage * 90.0 + (1.0 - coverage) * 3600.0;
            let want = 1e-6 * one_outage + 1.5e-6 * rebuild * 1e-6 * 14_400.0;
            prop_assert!((got / want - 1.0).abs() < 0.05, "{got:e} {want:e}");
        }
    }
}
