use crate::units::{ArrivalRate, Seconds};

use super::{BacklogRegime, FluidBacklog, FluidClients, FluidDemand, FluidQueue, OverloadError};

/// A temporary overload of a service whose clients give up and retry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trigger {
    /// Requests per second of users, before and after the trigger.
    pub arrival_rate: ArrivalRate,
    /// Requests per second that can be served, before and after.
    pub capacity: ArrivalRate,
    /// Requests per second of users during the trigger.
    pub trigger_arrival_rate: ArrivalRate,
    /// Requests per second that can be served during the trigger.
    pub trigger_capacity: ArrivalRate,
    /// How long the trigger lasts.
    pub length: Seconds,
    /// Time after which a client gives up an attempt; the service does the work nevertheless.
    pub timeout: Seconds,
    /// Attempts after the first.
    pub max_retries: u64,
}

/// What a trigger leaves behind. Times in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MetastableTrigger {
    /// Requests waiting at the end of the trigger.
    pub backlog_after_trigger: f64,
    /// From the start of the trigger until attempts time out; `None` when none do.
    pub retry_onset: Option<f64>,
    /// Wait at the end of the trigger, at the capacity that is back then.
    pub waiting_time_after_trigger: f64,
    /// From the end of the trigger until the backlog is gone; `None` when it never is.
    pub recovery: Option<f64>,
    /// The longest trigger from which the service recovers by itself; `None` when it recovers from any.
    pub max_self_recovering_trigger: Option<f64>,
    /// Whether the retries of the normal load alone fill the capacity.
    pub vulnerable: bool,
    /// Largest load that recovers from anything, `C/(r + 1)`.
    pub safe_arrival_rate: f64,
    /// Share of the load to refuse for the backlog to drain.
    pub shed_fraction_to_recover: f64,
}

impl MetastableTrigger {
    /// Whether the overload outlives its cause.
    pub const fn is_metastable(&self) -> bool {
        self.recovery.is_none()
    }
}

/// Returns whether an overload outlives the trouble that caused it.
///
/// # Formula
///
/// A [`FluidQueue`] whose clients retry: while the wait `q/C` exceeds the timeout `τ` every attempt fails, and each
/// request is sent `r + 1` times. During the trigger, with load `λ_t` and capacity `C_t`:
///
/// ```text
/// retries start after τ·C_t/(λ_t − C_t); before, q grows by λ_t − C_t a second, afterwards by λ_t(r + 1) − C_t
/// after the trigger:  q/C ≤ τ           drains in q/(C − λ)
///                     λ(r + 1) < C      drains in (q − τC)/(C − λ(r + 1)) + τC/(C − λ)
///                     otherwise         never: metastable
/// longest trigger that is survived:  τ·C_t/(λ_t − C_t) + τ(C − C_t)/(λ_t(r + 1) − C_t)
/// load to shed: 1 − C/(λ(r + 1))
/// ```
///
/// # Accuracy
///
/// That of [`FluidQueue`]. Clients retry at once.
///
/// # Errors
///
/// [`OverloadError::Unstable`] unless `λ < C`: an overload by itself needs no trigger.
///
/// # References
///
/// [Bronson21](crate::references#bronson21).
///
/// # Examples
///
/// ```
/// use capplan_queueing::overload::{Trigger, metastable_trigger};
/// use capplan_queueing::units::{ArrivalRate, Seconds};
///
/// // Ten seconds at a third of the capacity, at half load, with three retries: it never comes back.
/// let slowdown = Trigger {
///     arrival_rate: ArrivalRate::new(500.0)?,
///     capacity: ArrivalRate::new(1000.0)?,
///     trigger_arrival_rate: ArrivalRate::new(500.0)?,
///     trigger_capacity: ArrivalRate::new(300.0)?,
///     length: Seconds::new(10.0)?,
///     timeout: Seconds::new(1.0)?,
///     max_retries: 3,
/// };
/// assert!(metastable_trigger(&slowdown)?.is_metastable());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn metastable_trigger(trigger: &Trigger) -> Result<MetastableTrigger, OverloadError> {
    let (lambda, capacity) = (trigger.arrival_rate.get(), trigger.capacity.get());
    if lambda >= capacity {
        return Err(OverloadError::Unstable { arrival_rate: lambda, capacity });
    }
    let clients = FluidClients::Retry { timeout: trigger.timeout.get(), max_retries: trigger.max_retries };
    let queue = |arrival_rate: ArrivalRate, capacity: ArrivalRate| FluidQueue {
        demand: FluidDemand::Open { arrival_rate: arrival_rate.get() },
        served_share: 1.0,
        capacity: capacity.get(),
        clients,
    };
    let normal = queue(trigger.arrival_rate, trigger.capacity);
    let trouble = queue(trigger.trigger_arrival_rate, trigger.trigger_capacity);
    let length = trigger.length.get();
    let backlog = trouble.follow(FluidBacklog::default(), length).last().map_or_else(Default::default, |end| end.after);
    let mut recovery = Some(0.0);
    for interval in normal.follow(backlog, f64::INFINITY).take_while(|interval| interval.regime != BacklogRegime::Empty)
    {
        recovery = recovery.filter(|_| interval.duration.is_finite()).map(|time| time + interval.duration);
    }
    let vulnerable = normal.worst_attempt_rate() >= capacity;
    Ok(MetastableTrigger {
        backlog_after_trigger: backlog.attempts,
        retry_onset: onset(&trouble).filter(|&onset| onset < length),
        waiting_time_after_trigger: backlog.attempts / capacity,
        recovery,
        max_self_recovering_trigger: if vulnerable { time_to(&trouble, normal.tolerated_backlog()) } else { None },
        vulnerable,
        safe_arrival_rate: capacity / (trigger.max_retries as f64 + 1.0),
        shed_fraction_to_recover: normal.shed_to_recover(),
    })
}

/// Time until the wait reaches the timeout, from an empty queue; `None` when it never does.
fn onset(queue: &FluidQueue) -> Option<f64> {
    let first = queue.advance(FluidBacklog::default(), f64::INFINITY);
    match first.regime {
        BacklogRegime::RetryStorm => Some(0.0),
        BacklogRegime::Changing => Some(first.duration),
        BacklogRegime::Empty | BacklogRegime::AtTimeout | BacklogRegime::Down => None,
    }
}

/// Time until the queue holds `backlog` attempts, from an empty queue; `None` when it never does.
fn time_to(queue: &FluidQueue, backlog: f64) -> Option<f64> {
    let (onset, tolerated) = (onset(queue)?, queue.tolerated_backlog());
    Some(if backlog <= tolerated {
        onset * (backlog / tolerated)
    } else {
        onset + (backlog - tolerated) / (queue.worst_attempt_rate() - queue.throughput())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn trigger(load: f64, trigger_load: f64, trigger_capacity: f64, length: f64, max_retries: u64) -> Trigger {
        let rate = |value| ArrivalRate::new(value).expect("a rate");
        Trigger {
            arrival_rate: rate(load),
            capacity: rate(1000.0),
            trigger_arrival_rate: rate(trigger_load),
            trigger_capacity: rate(trigger_capacity),
            length: Seconds::new(length).expect("a time"),
            timeout: Seconds::new(2.0).expect("a time"),
            max_retries,
        }
    }

    fn solve(trigger: &Trigger) -> MetastableTrigger {
        metastable_trigger(trigger).expect("an answer")
    }

    #[test]
    fn a_trigger_that_is_carried_leaves_nothing() {
        let calm = solve(&trigger(500.0, 900.0, 900.0, 60.0, 3));
        assert_eq!((calm.backlog_after_trigger, calm.recovery, calm.retry_onset), (0.0, Some(0.0), None));
        assert_eq!(calm.max_self_recovering_trigger, None);
    }

    #[test]
    fn an_outage_times_out_at_once() {
        assert_eq!(solve(&trigger(300.0, 300.0, 0.0, 60.0, 1)).retry_onset, Some(0.0));
    }

    #[test]
    fn a_safe_load_recovers_from_anything() {
        let safe = solve(&trigger(200.0, 5000.0, 0.0, 1e6, 3));
        assert!(!safe.vulnerable && !safe.is_metastable());
        assert_eq!((safe.shed_fraction_to_recover, safe.safe_arrival_rate), (0.0, 250.0));
    }

    #[test]
    fn an_overload_by_itself_is_refused() {
        assert_eq!(
            metastable_trigger(&trigger(1000.0, 0.0, 0.0, 1.0, 0)).expect_err("refused").to_string(),
            "arrival rate of 1000 is not below the capacity of 1000; the backlog would never drain"
        );
    }

    proptest! {
        #[test]
        fn the_longest_harmless_trigger_is_the_boundary(
            load in 1.0..999.0_f64, trigger_load in 1.0..3000.0_f64, trigger_capacity in 0.0..1500.0_f64,
            retries in 0_u64..5,
        ) {
            let at = |length| solve(&trigger(load, trigger_load, trigger_capacity, length, retries));
            match at(1.0).max_self_recovering_trigger {
                Some(longest) => {
                    prop_assert!(!at(longest * (1.0 - 1e-9)).is_metastable());
                    prop_assert!(at(longest * (1.0 + 1e-9) + 1e-9).is_metastable());
                }
                None => prop_assert!(!at(1e9).is_metastable()),
            }
        }
    }
}
