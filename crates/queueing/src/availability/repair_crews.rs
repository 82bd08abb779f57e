use crate::units::Seconds;

use super::poisson_binomial::total;
use super::{AvailabilityError, MAX_INSTANCES};

/// Whether the units that are left go on failing while the group is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhileDown {
    /// They work on and fail as before.
    Failing,
    /// They are switched off and do not fail.
    Frozen,
}

/// A group of equal units with repair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RepairedGroup {
    /// Units there are, `n`.
    pub instances: u64,
    /// Units that must be up, `k`.
    pub needed: u64,
    /// Mean time up of a unit that works, `1/λ`.
    pub mttf: Seconds,
    /// Mean time of one repair, `1/μ`.
    pub mttr: Seconds,
    /// Repairs that go on at the same time; an autoscaling group has as many as units, a person on call one.
    pub crews: u64,
    /// Failure rate of a spare beyond `k`, as a share of that of a working unit: 1 is a hot spare, 0 a cold one.
    pub dormancy: f64,
    /// What the others do while fewer than `k` are up.
    pub while_down: WhileDown,
}

/// What a group with repair delivers. Times in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct RepairedAvailability {
    /// Share of time with enough units up.
    pub availability: f64,
    /// Share of time with too few, computed for itself.
    pub unavailability: f64,
    /// Mean number of units up.
    pub mean_up: f64,
    /// Outages of the group per second.
    pub outage_rate: f64,
    /// Mean length of an outage.
    pub mean_outage: f64,
    /// Mean time from the end of an outage to the next.
    pub mean_time_between_outages: f64,
    /// Mean time to the first outage, with all units up at first.
    pub mean_time_to_first_outage: f64,
    /// Share of time with exactly 0, 1, …, `n` units up.
    pub up_probabilities: Vec<f64>,
}

/// Returns the availability of a k-out-of-n group whose failed units are repaired by a limited crew.
///
/// # Formula
///
/// A birth-death chain in the number `m` of units up:
///
/// ```text
/// down_m = λ·(min(m, k) + d·(m − min(m, k)))      up_m = μ·min(n − m, crews)
/// π_{m−1}/π_m = down_m/up_{m−1}
/// U = Σ_{m<k} π_m     outage rate f = π_k·down_k     mean outage U/f     between outages A/f
/// h_m = (1 + up_m·h_{m+1})/down_m     time to the first outage = Σ_{m=k}^{n} h_m
/// ```
///
/// # Method
///
/// Exact. Products from the most likely state outwards, so that nothing overflows and nothing is subtracted. Cost is
/// `O(n)`.
///
/// # Accuracy
///
/// Relative error of some `n` roundings in every figure, however small it is, down to 10⁻³⁰⁰; rarer states are 0.
///
/// # Special cases
///
/// With as many crews as units, hot spares and failures while down: the binomial law of
/// [`unavailability`](super::unavailability).
///
/// # Errors
///
/// [`AvailabilityError::Empty`] without units or crew, [`AvailabilityError::TooMany`] past [`MAX_INSTANCES`],
/// [`AvailabilityError::OutOfDomain`] when nothing or more than there is is needed, when a time is 0 or a dormancy not
/// between 0 and 1.
///
/// # References
///
/// [Trivedi17](crate::references#trivedi17) ch. 9 and 10, machine repair.
///
/// # Examples
///
/// ```
/// use capplan_queueing::availability::{RepairedGroup, WhileDown, repaired_availability};
/// use capplan_queueing::units::Seconds;
///
/// let group = RepairedGroup {
///     instances: 2,
///     needed: 1,
///     mttf: Seconds::new(1000.0)?,
///     mttr: Seconds::new(10.0)?,
///     crews: 1,
///     dormancy: 1.0,
///     while_down: WhileDown::Failing,
/// };
/// // Two repairs in a row with one crew: u² doubled, by the second waiting for the first.
/// let answer = repaired_availability(&group)?;
/// assert!((answer.unavailability - 2e-4 / (1.0 + 2e-2 + 2e-4)).abs() < 1e-18);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn repaired_availability(group: &RepairedGroup) -> Result<RepairedAvailability, AvailabilityError> {
    let (failure_rate, repair_rate) = checked(group)?;
    let (n, k) = (group.instances, group.needed);
    let down = |m: u64| {
        if m < k && group.while_down == WhileDown::Frozen {
            return 0.0;
        }
        let working = m.min(k);
        failure_rate * (working as f64 + group.dormancy * (m - working) as f64)
    };
    let up = |m: u64| repair_rate * (n - m).min(group.crews) as f64;
    let law = stationary(n, down, up);
    let split = usize::try_from(k).unwrap_or(usize::MAX).min(law.len());
    let (short, enough) = law.split_at(split);
    let (unavailability, availability) = (total(short), total(enough));
    let outage_rate = enough.first().copied().unwrap_or(0.0) * down(k);
    let mut first_outage = 0.0;
    let mut step = 0.0;
    for m in (k..=n).rev() {
        step = (1.0 + up(m) * step) / down(m);
        first_outage += step;
    }
    Ok(RepairedAvailability {
        availability,
        unavailability,
        mean_up: law.iter().zip(0_u64..).map(|(share, m)| share * m as f64).sum(),
        outage_rate,
        mean_outage: mean_outage(k, down, up),
        mean_time_between_outages: availability / outage_rate,
        mean_time_to_first_outage: first_outage,
        up_probabilities: law,
    })
}

/// Returns the rates of failure and repair of one unit.
fn checked(group: &RepairedGroup) -> Result<(f64, f64), AvailabilityError> {
    let refused = |what, value, domain| Err(AvailabilityError::OutOfDomain { what, value, domain });
    if group.instances == 0 {
        return Err(AvailabilityError::Empty("instance"));
    }
    if group.crews == 0 {
        return Err(AvailabilityError::Empty("repair crew"));
    }
    if group.instances > MAX_INSTANCES {
        return Err(AvailabilityError::TooMany { what: "instances", count: group.instances, limit: MAX_INSTANCES });
    }
    if group.needed == 0 {
        return refused("number needed", 0.0, "at least 1; a group that needs nothing is always up");
    }
    if group.needed > group.instances {
        return Err(AvailabilityError::Above {
            what: "number needed",
            value: group.needed as f64,
            limit_name: "number of instances",
            limit: group.instances as f64,
        });
    }
    if !(0.0..=1.0).contains(&group.dormancy) {
        return refused("dormancy", group.dormancy, "between 0 (cold spares) and 1 (hot spares)");
    }
    if group.mttf.get() == 0.0 {
        return refused("mean time to failure", 0.0, "above 0");
    }
    if group.mttr.get() == 0.0 {
        return refused("mean time to repair", 0.0, "above 0");
    }
    Ok((1.0 / group.mttf.get(), 1.0 / group.mttr.get()))
}

/// The law of a birth-death chain, from its most likely state outwards: `down/up` grows with `m`.
fn stationary(n: u64, down: impl Fn(u64) -> f64, up: impl Fn(u64) -> f64) -> Vec<f64> {
    let mode = (0..n).find(|&m| down(m + 1) >= up(m)).unwrap_or(n);
    let mut below: Vec<f64> = Vec::new();
    let mut weight = 1.0;
    for m in (0..mode).rev() {
        weight *= down(m + 1) / up(m);
        below.push(weight);
    }
    let mut law: Vec<f64> = below.into_iter().rev().chain([1.0]).collect();
    weight = 1.0;
    for m in mode..n {
        weight *= up(m) / down(m + 1);
        law.push(weight);
    }
    let sum = total(&law);
    law.into_iter().map(|weight| weight / sum).collect()
}

/// Mean time from `k − 1` units up to `k`: `g_m = (1 + down_m·g_{m−1})/up_m`, a sum of positive terms that holds where
/// `U` itself underflows.
fn mean_outage(k: u64, down: impl Fn(u64) -> f64, up: impl Fn(u64) -> f64) -> f64 {
    (0..k).fold(0.0, |below, m| (1.0 + down(m) * below) / up(m))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::availability::{instance_unavailability, unavailability};
    use crate::numeric::{SemiMarkov, Transition};
    use crate::units::Probability;

    fn group(instances: u64, needed: u64, mttf: f64, mttr: f64, crews: u64) -> RepairedGroup {
        RepairedGroup {
            instances,
            needed,
            mttf: Seconds::new(mttf).expect("a time"),
            mttr: Seconds::new(mttr).expect("a time"),
            crews,
            dormancy: 1.0,
            while_down: WhileDown::Failing,
        }
    }

    fn solve(group: &RepairedGroup) -> RepairedAvailability {
        repaired_availability(group).expect("an answer")
    }

    fn assert_close(got: f64, want: f64) {
        assert!((got - want).abs() <= 1e-12 * want.abs(), "{got:e} is not {want:e}");
    }

    #[test]
    fn a_crew_for_each_leaves_the_binomial_law() {
        for (n, k) in [(1, 1), (3, 2), (40, 36), (200, 150)] {
            let repaired = group(n, k, 1000.0, 10.0, n);
            let u = Probability::new(instance_unavailability(repaired.mttf, repaired.mttr).expect("a share"));
            assert_close(solve(&repaired).unavailability, unavailability(k, n, u.expect("a probability")));
        }
    }

    #[test]
    fn a_cold_spare_with_one_crew_is_the_books() {
        // Three states: both good, one good, none: u = (λ/μ)²/(1 + λ/μ + (λ/μ)²).
        let cold = RepairedGroup { dormancy: 0.0, ..group(2, 1, 1e6, 1.0, 1) };
        assert_close(solve(&cold).unavailability, 1e-12 / (1.0 + 1e-6 + 1e-12));
    }

    #[test]
    fn a_repair_slower_than_failure_does_not_overflow() {
        let hopeless = solve(&group(5000, 4000, 1.0, 1e6, 1));
        assert_close(hopeless.unavailability, 1.0);
        assert!(hopeless.mean_time_to_first_outage.is_finite() && hopeless.mean_up < 0.1);
    }

    #[test]
    fn what_is_no_group_is_refused() {
        let message = |group: &RepairedGroup| repaired_availability(group).expect_err("refused").to_string();
        assert_eq!(message(&group(0, 1, 1.0, 1.0, 1)), "no instance given; at least one is needed");
        assert_eq!(message(&group(2, 1, 1.0, 1.0, 0)), "no repair crew given; at least one is needed");
        assert_eq!(
            message(&group(2, 3, 1.0, 1.0, 1)),
            "number needed of 3 is above the number of instances of 2; it may be at most that"
        );
        assert_eq!(
            message(&group(2, 0, 1.0, 1.0, 1)),
            "number needed of 0 is not at least 1; a group that needs nothing is always up"
        );
        assert_eq!(message(&group(2, 1, 0.0, 1.0, 1)), "mean time to failure of 0 is not above 0");
        assert_eq!(message(&group(2, 1, 1.0, 0.0, 1)), "mean time to repair of 0 is not above 0");
        assert_eq!(
            message(&RepairedGroup { dormancy: 1.5, ..group(2, 1, 1.0, 1.0, 1) }),
            "dormancy of 1.5 is not between 0 (cold spares) and 1 (hot spares)"
        );
    }

    proptest! {
        #[test]
        fn the_general_elimination_agrees(
            n in 1_u64..9, need in 1_u64..9, crews in 1_u64..9, dormancy in 0.01..1.0_f64, mttr in 1e-6..10.0_f64,
        ) {
            let k = need.min(n);
            let one = RepairedGroup { dormancy, ..group(n, k, 1.0, mttr, crews) };
            let answer = solve(&one);
            let mut arrows = Vec::new();
            let mut stays = Vec::new();
            let size = usize::try_from(n).expect("small");
            for m in 0..=size {
                let working = m.min(usize::try_from(k).expect("small"));
                let down = working as f64 + dormancy * (m - working) as f64;
                let up = (n - m as u64).min(crews) as f64 / mttr;
                if m > 0 { arrows.push(Transition { from: m, to: m - 1, weight: down }); }
                if m < size { arrows.push(Transition { from: m, to: m + 1, weight: up }); }
                stays.push(1.0 / (up + down));
            }
            let chain = SemiMarkov::new(&stays, &arrows).expect("a chain");
            let shares = chain.time_shares().expect("a distribution");
            for (got, want) in answer.up_probabilities.iter().zip(&shares) {
                prop_assert!((got - want).abs() <= 1e-12 * want, "{got:e} {want:e}");
            }
            let ruin = usize::try_from(k - 1).expect("small");
            let first = chain.mean_time_to(size, &[ruin]).expect("a time");
            prop_assert!((answer.mean_time_to_first_outage - first).abs() <= 1e-12 * first);
            let back = chain.mean_time_to(ruin, &[ruin + 1]).expect("a time");
            prop_assert!((answer.mean_outage - back).abs() <= 1e-12 * back);
            // An outage and the time up after it make a cycle.
            let share = answer.mean_outage / (answer.mean_outage + answer.mean_time_between_outages);
            prop_assert!((share - answer.unavailability).abs() <= 1e-12 * share);
        }

        #[test]
        fn one_more_crew_never_hurts(n in 1_u64..60, need in 1_u64..60, crews in 1_u64..60, mttr in 1e-6..10.0_f64) {
            let before = solve(&group(n, need.min(n), 1.0, mttr, crews));
            let after = solve(&group(n, need.min(n), 1.0, mttr, crews + 1));
            prop_assert!(after.unavailability <= before.unavailability * (1.0 + 1e-12));
        }
    }
}
