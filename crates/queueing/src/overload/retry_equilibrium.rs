use crate::units::ArrivalRate;

use super::{OverloadError, RetryPolicy};

/// Even steps of a scan, and steps for each factor of ten towards the capacity, where failures set in.
const EVEN_STEPS: u32 = 800;
const STEPS_PER_DECADE: u32 = 12;
const DECADES: u32 = 10;

/// A rise or fall smaller than this may be rounding.
const NOISE: f64 = 1e-11;

/// Users' requests whose failed attempts come again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetriedStation {
    /// Requests of users per second, λ.
    pub arrival_rate: ArrivalRate,
    /// How they are tried again.
    pub policy: RetryPolicy,
    /// Requests per second that the station can serve, c·μ.
    pub capacity: ArrivalRate,
}

/// A load at which attempts and failures agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FixedPoint {
    /// Attempts per second, Λ.
    pub offered_rate: f64,
    /// Attempts for each request, Λ/λ.
    pub amplification: f64,
    /// Probability that an attempt fails.
    pub attempt_failure: f64,
    /// Probability that a user's request fails after all its attempts.
    pub user_failure: f64,
    /// Requests per second that succeed.
    pub goodput: f64,
    /// Whether a small disturbance dies out.
    pub stable: bool,
}

/// What kind of balance retries leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryClass {
    /// Two loads are stable: a disturbance can tip the station from the good one into the bad.
    Bistable,
    /// One load, with fewer than 1 % of the users' requests failing.
    Good,
    /// One load, with fewer than half of them failing.
    Degraded,
    /// One load, with half of them failing or more.
    Collapsed,
}

/// The balance of a station and the retries of its failures.
#[derive(Debug, Clone, PartialEq)]
pub struct RetryEquilibrium {
    /// The kind.
    pub class: RetryClass,
    /// Every load at which attempts and failures agree, ascending.
    pub fixed_points: Vec<FixedPoint>,
}

/// Returns the loads at which a station's failures bring just the retries that cause them: a mean-field balance.
///
/// # Formula
///
/// ```text
/// Λ = λ·min(Σ_{j=0}^{r} p(Λ)^j, 1 + b)
/// ```
///
/// where `p(Λ)` is the probability that an attempt fails when `Λ` attempts a second come, as `attempt_failure` says:
/// with a timeout and a server that works on, the tail of the sojourn time, and 1 from the capacity on. Stable is a
/// point in which the right side grows more slowly than the left.
///
/// # Method
///
/// A scan of some 1000 loads between `λ` and `λ(r + 1)`, denser towards the capacity; every change of sign is halved
/// down to the last digits.
///
/// # Accuracy
///
/// Exact for the mean field, in which attempts come as one Poisson stream. Two points closer than a thousandth of
/// `λ·r` and far from the capacity would be missed; they exist only next to the fold,
/// [`collapse_arrival_rate`].
///
/// # Errors
///
/// [`OverloadError::OutOfDomain`] for an arrival rate or a capacity of 0, or a failure that is no probability; those of
/// `attempt_failure`.
///
/// # References
///
/// [Bronson21](crate::references#bronson21), [Huang22](crate::references#huang22).
///
/// # Examples
///
/// ```
/// use capplan_queueing::overload::{OverloadError, RetriedStation, RetryClass, RetryPolicy, retry_equilibrium};
/// use capplan_queueing::units::ArrivalRate;
///
/// // One M/M/1 server with a timeout of 5 service times, at half load, with two retries.
/// let station = RetriedStation {
///     arrival_rate: ArrivalRate::new(0.5)?,
///     policy: RetryPolicy::new(2, None)?,
///     capacity: ArrivalRate::new(1.0)?,
/// };
/// let failure = |rate: f64| Ok::<_, OverloadError>((-(1.0 - rate).max(0.0) * 5.0).exp());
/// assert_eq!(retry_equilibrium(&station, failure)?.class, RetryClass::Bistable);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn retry_equilibrium<E: From<OverloadError>>(
    station: &RetriedStation,
    mut attempt_failure: impl FnMut(f64) -> Result<f64, E>,
) -> Result<RetryEquilibrium, E> {
    let (lambda, capacity) = rates(station)?;
    let policy = station.policy;
    let mut excess = |rate: f64| -> Result<f64, E> {
        let failure = probability(attempt_failure(rate)?)?;
        Ok(lambda * policy.attempts(failure) - rate)
    };
    let highest = lambda * policy.worst_attempts();
    let loads = grid(lambda, highest, capacity);
    let mut roots: Vec<f64> = Vec::new();
    // The last load with an excess, and its excess; a load without excess in between is itself a root.
    let mut before: Option<(f64, f64)> = None;
    for load in loads {
        let here = excess(load)?;
        if here == 0.0 {
            roots.push(load);
            before = None;
            continue;
        }
        if let Some((low, sign)) = before
            && sign.signum() != here.signum()
        {
            roots.push(halve(&mut excess, low, load, sign)?);
        }
        before = Some((load, here));
    }
    let mut fixed_points = Vec::with_capacity(roots.len());
    for root in roots {
        let failure = probability(attempt_failure(root)?)?;
        let user_failure = policy.call_failure(failure);
        fixed_points.push(FixedPoint {
            offered_rate: root,
            amplification: root / lambda,
            attempt_failure: failure,
            user_failure,
            goodput: lambda * (1.0 - user_failure),
            stable: false,
        });
    }
    // The excess is above 0 before the first point and below 0 after the last: they alternate from stable to stable.
    for (place, point) in fixed_points.iter_mut().enumerate() {
        point.stable = place % 2 == 0;
    }
    Ok(RetryEquilibrium { class: classify(&fixed_points), fixed_points })
}

/// Returns the smallest load of users at which the good balance ends and the station tips by itself: the first maximum
/// of `Λ/min(Σ p(Λ)^j, 1 + b)`. `None` when there is none: more load is then worse by degrees only.
///
/// # Errors
///
/// As [`retry_equilibrium`].
pub fn collapse_arrival_rate<E: From<OverloadError>>(
    station: &RetriedStation,
    mut attempt_failure: impl FnMut(f64) -> Result<f64, E>,
) -> Result<Option<f64>, E> {
    let (_, capacity) = rates(station)?;
    let policy = station.policy;
    let mut users = |rate: f64| -> Result<f64, E> { Ok(rate / policy.attempts(probability(attempt_failure(rate)?)?)) };
    let (mut last, mut best, mut best_value) = (0.0, 0.0, 0.0);
    for load in grid(0.0, capacity * policy.worst_attempts(), capacity) {
        let value = users(load)?;
        if value >= best_value {
            (last, best, best_value) = (best, load, value);
        } else if value < best_value * (1.0 - NOISE) {
            return golden_maximum(&mut users, last, load).map(Some);
        }
    }
    Ok(None)
}

/// Returns the load below which a station with an unbounded queue comes back from any overload by itself:
/// `c·μ/min(r + 1, 1 + b)`.
pub fn self_recovery_arrival_rate(station: &RetriedStation) -> f64 {
    station.capacity.get() / station.policy.worst_attempts()
}

fn rates(station: &RetriedStation) -> Result<(f64, f64), OverloadError> {
    let refused = |what| Err(OverloadError::OutOfDomain { what, value: 0.0, domain: "above 0" });
    match (station.arrival_rate.get(), station.capacity.get()) {
        (0.0, _) => refused("arrival rate"),
        (_, 0.0) => refused("capacity"),
        both => Ok(both),
    }
}

fn probability(value: f64) -> Result<f64, OverloadError> {
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(OverloadError::OutOfDomain { what: "probability that an attempt fails", value, domain: "between 0 and 1" })
    }
}

fn classify(points: &[FixedPoint]) -> RetryClass {
    let mut stable = points.iter().filter(|point| point.stable);
    match (stable.next(), stable.next()) {
        (Some(_), Some(_)) => RetryClass::Bistable,
        (Some(only), None) if only.user_failure < 0.01 => RetryClass::Good,
        (Some(only), None) if only.user_failure < 0.5 => RetryClass::Degraded,
        _ => RetryClass::Collapsed,
    }
}

/// Ascending loads from `low` to `high`: even steps, and geometric ones on both sides of the capacity.
fn grid(low: f64, high: f64, capacity: f64) -> Vec<f64> {
    let even = (0..EVEN_STEPS).map(|i| low + (high - low) * (f64::from(i) / f64::from(EVEN_STEPS)));
    let near = (0..=STEPS_PER_DECADE * DECADES).flat_map(|i| {
        let distance = capacity * 10.0_f64.powf(-f64::from(i) / f64::from(STEPS_PER_DECADE));
        [capacity - distance, capacity + distance]
    });
    let inside = |load: &f64| *load > low && *load < high;
    let mut loads: Vec<f64> = even.chain(near.chain([capacity]).filter(inside)).chain([high]).collect();
    loads.sort_by(f64::total_cmp);
    loads.dedup();
    loads.retain(|&load| load > 0.0);
    loads
}

/// Halves a change of sign down to neighbouring numbers; `sign` is the excess at `low`.
fn halve<E>(excess: &mut impl FnMut(f64) -> Result<f64, E>, mut low: f64, mut high: f64, sign: f64) -> Result<f64, E> {
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return Ok(middle);
        }
        if excess(middle)?.signum() == sign.signum() { low = middle } else { high = middle }
    }
}

/// Returns the maximum of a function with one peak between `low` and `high`, to about the square root of its last
/// digits in place and to its last digits in value.
fn golden_maximum<E>(function: &mut impl FnMut(f64) -> Result<f64, E>, mut low: f64, mut high: f64) -> Result<f64, E> {
    const RATIO: f64 = 0.618_033_988_749_894_9;
    let (mut left, mut right) = (high - RATIO * (high - low), low + RATIO * (high - low));
    let (mut at_left, mut at_right) = (function(left)?, function(right)?);
    for _ in 0..80 {
        if at_left > at_right {
            high = right;
            (right, at_right) = (left, at_left);
            left = high - RATIO * (high - low);
            at_left = function(left)?;
        } else {
            low = left;
            (left, at_left) = (right, at_right);
            right = low + RATIO * (high - low);
            at_right = function(right)?;
        }
    }
    Ok(at_left.max(at_right))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn station(load: f64, retries: u64, budget: Option<f64>) -> RetriedStation {
        RetriedStation {
            arrival_rate: ArrivalRate::new(load).expect("a rate"),
            policy: RetryPolicy::new(retries, budget).expect("a policy"),
            capacity: ArrivalRate::new(1.0).expect("a rate"),
        }
    }

    /// One M/M/1 server of rate 1: `P(W > t) = e^(−(1 − Λ)t)`.
    fn times_out(timeout: f64) -> impl Fn(f64) -> Result<f64, OverloadError> {
        move |rate| Ok((-(1.0 - rate).max(0.0) * timeout).exp())
    }

    fn solve(station: &RetriedStation, timeout: f64) -> RetryEquilibrium {
        retry_equilibrium(station, times_out(timeout)).expect("an answer")
    }

    #[test]
    fn without_retries_the_load_is_the_users() {
        let answer = solve(&station(0.5, 0, None), 10.0);
        assert_eq!(answer.fixed_points.len(), 1);
        let point = answer.fixed_points[0];
        assert_eq!((point.offered_rate, point.amplification, point.stable), (0.5, 1.0, true));
        assert_eq!(collapse_arrival_rate(&station(0.5, 0, None), times_out(10.0)), Ok(None));
    }

    #[test]
    fn an_overload_by_itself_is_collapsed() {
        let answer = solve(&station(1.5, 2, None), 10.0);
        assert_eq!((answer.class, answer.fixed_points.len()), (RetryClass::Collapsed, 1));
        assert_eq!(answer.fixed_points[0].offered_rate, 4.5);
    }

    #[test]
    fn the_highest_load_is_a_balance_whatever_its_last_digits() {
        for tenths in 1..200_u32 {
            let load = f64::from(tenths) / 10.0;
            for retries in 1..6 {
                let all_fail = |_| Ok::<_, OverloadError>(1.0);
                let answer = retry_equilibrium(&station(load, retries, None), all_fail).expect("an answer");
                assert_eq!((answer.class, answer.fixed_points.len()), (RetryClass::Collapsed, 1), "{load} {retries}");
            }
        }
    }

    #[test]
    fn a_failure_that_ignores_the_load_has_one_balance() {
        let half = |_| Ok::<_, OverloadError>(0.5);
        let answer = retry_equilibrium(&station(0.5, 2, None), half).expect("an answer");
        assert_eq!(answer.class, RetryClass::Degraded);
        assert!((answer.fixed_points[0].amplification - 1.75).abs() < 1e-15);
    }

    #[test]
    fn long_timeouts_fail_only_next_to_the_capacity() {
        // The transition is some 1e-6 of the capacity wide.
        let answer = solve(&station(0.9, 1, None), 1e6);
        assert_eq!((answer.class, answer.fixed_points.len()), (RetryClass::Bistable, 3));
        assert_eq!(answer.fixed_points[0].offered_rate, 0.9);
        let unstable = answer.fixed_points[1];
        assert!((unstable.offered_rate - 1.0).abs() < 1e-5 && !unstable.stable);
    }

    #[test]
    fn what_is_no_station_is_refused() {
        let message = |error: OverloadError| error.to_string();
        assert_eq!(
            message(retry_equilibrium(&station(0.0, 1, None), times_out(1.0)).expect_err("refused")),
            "arrival rate of 0 is not above 0"
        );
        let broken = |_| Ok::<_, OverloadError>(1.5);
        assert_eq!(
            message(retry_equilibrium(&station(1.0, 1, None), broken).expect_err("refused")),
            "probability that an attempt fails of 1.5 is not between 0 and 1"
        );
    }

    proptest! {
        #[test]
        fn thresholds_divide_the_classes(timeout in 8.0..60.0_f64, retries in 1_u64..4) {
            let at = |load: f64| solve(&station(load, retries, None), timeout);
            let any = station(0.5, retries, None);
            let collapse = collapse_arrival_rate(&any, times_out(timeout)).expect("an answer").expect("a fold");
            let recovery = self_recovery_arrival_rate(&any);
            prop_assert!(recovery < collapse);
            prop_assert_eq!(at(recovery * 0.999).fixed_points.len(), 1);
            prop_assert_eq!(at(f64::midpoint(recovery, collapse)).class, RetryClass::Bistable);
            prop_assert_eq!(at(collapse * 1.001).class, RetryClass::Collapsed);
            for point in at(f64::midpoint(recovery, collapse)).fixed_points {
                let offered = 0.5 * (recovery + collapse) * any.policy.attempts(point.attempt_failure);
                prop_assert!((offered - point.offered_rate).abs() < 1e-9);
            }
        }
    }
}
