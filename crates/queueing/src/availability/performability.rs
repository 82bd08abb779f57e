use crate::units::Probability;

use super::poisson_binomial::total;

/// What a fleet delivers while the number of its instances comes and goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Performability {
    /// Least number of instances with which the objective holds; `None` when all that exist are too few.
    pub min_instances: Option<u64>,
    /// Share of time in which the objective holds.
    pub time_within_objective: f64,
    /// Share of time in which it does not, computed for itself.
    pub time_outside_objective: f64,
    /// Share of requests within the objective's time, over all states.
    pub requests_within_objective: f64,
    /// Share of time in which more arrives than the instances left can carry.
    pub overload_probability: f64,
    /// Mean number of instances up.
    pub expected_up: f64,
}

/// Returns the objective's fate over the states of a fleet: a Markov reward model.
///
/// # Formula
///
/// With `π_m` the share of time with `m` instances up and `F_m` the share of requests within the objective's time in
/// that state (`None` where there is no steady state: overload):
///
/// ```text
/// requests = Σ_m π_m·F_m     time = Σ_m π_m·[F_m ≥ p]     overload = Σ_{m: F_m = None} π_m
/// ```
///
/// `within` returns `F_m`; it is asked once for each number up, from 0 to `n`, and must not fall with `m`.
///
/// # Accuracy
///
/// Instances change far more slowly than requests come, so that each state reaches its steady state. The backlog that
/// an overload leaves is not counted: below 1 % of overloaded time the difference is within 0.2 %, and at some 4 % the
/// share of requests is 0.02 too high.
///
/// # Errors
///
/// Those of `within`.
///
/// # References
///
/// [Trivedi17](crate::references#trivedi17) ch. 9, Markov reward models.
///
/// # Examples
///
/// ```
/// use capplan_queueing::availability::performability;
/// use capplan_queueing::units::Probability;
///
/// // One of two is enough for 90 % of requests, two for 99 %.
/// let law = [0.0001, 0.0198, 0.9801];
/// let within = |up: u64| Ok::<_, std::convert::Infallible>([None, Some(0.9), Some(0.99)][up as usize]);
/// let answer = performability(&law, Probability::new(0.95)?, within)?;
/// assert_eq!((answer.min_instances, answer.time_within_objective), (Some(2), 0.9801));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn performability<E>(
    up_probabilities: &[f64],
    percentile: Probability,
    mut within: impl FnMut(u64) -> Result<Option<f64>, E>,
) -> Result<Performability, E> {
    let mut min_instances = None;
    let mut split = up_probabilities.len();
    let (mut requests, mut overload, mut expected_up) = (0.0, 0.0, 0.0);
    for (place, (up, share)) in (0_u64..).zip(up_probabilities).enumerate() {
        expected_up += share * up as f64;
        let Some(fraction) = within(up)? else {
            overload += share;
            continue;
        };
        requests += share * fraction;
        if min_instances.is_none() && fraction >= percentile.get() {
            min_instances = Some(up);
            split = place;
        }
    }
    let (outside, inside) = up_probabilities.split_at(split);
    Ok(Performability {
        min_instances,
        time_within_objective: total(inside),
        time_outside_objective: total(outside),
        requests_within_objective: requests,
        overload_probability: overload,
        expected_up,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::availability::up_probabilities;

    #[test]
    fn a_fleet_that_is_always_enough_keeps_its_objective() {
        let law = up_probabilities(5, Probability::new(0.01).expect("a probability")).expect("a law");
        let within = |_| Ok::<_, ()>(Some(1.0));
        let answer = performability(&law, Probability::ONE, within).expect("an answer");
        assert!((answer.requests_within_objective - 1.0).abs() < 1e-14);
        assert_eq!((answer.min_instances, answer.time_outside_objective), (Some(0), 0.0));
        assert!((answer.expected_up - 4.95).abs() < 1e-13);
    }

    #[test]
    fn the_time_outside_is_summed_for_itself() {
        let law = up_probabilities(3, Probability::new(1e-9).expect("a probability")).expect("a law");
        let within = |up| Ok::<_, ()>((up > 0).then_some(if up > 1 { 0.99 } else { 0.5 }));
        let answer = performability(&law, Probability::new(0.95).expect("a probability"), within).expect("an answer");
        assert!((answer.time_outside_objective / 3e-18 - 1.0).abs() < 1e-8);
        assert!((answer.overload_probability / 1e-27 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn an_objective_out_of_reach_holds_at_no_time() {
        let within = |_| Ok::<_, ()>(Some(0.9));
        let answer = performability(&[0.5, 0.5], Probability::ONE, within).expect("an answer");
        assert_eq!((answer.min_instances, answer.time_within_objective), (None, 0.0));
    }

    #[test]
    fn what_a_station_refuses_is_passed_on() {
        assert_eq!(performability(&[1.0], Probability::ONE, |_| Err("no station")), Err("no station"));
    }
}
