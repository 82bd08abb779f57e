use crate::units::{ArrivalRate, Seconds};

use super::{FluidBacklog, FluidClients, FluidDemand, FluidQueue, OverloadError};

/// A time of lower capacity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Degradation {
    /// Requests per second that arrive throughout.
    pub arrival_rate: ArrivalRate,
    /// Requests per second that can be served while it lasts.
    pub degraded_capacity: ArrivalRate,
    /// Requests per second that can be served afterwards.
    pub normal_capacity: ArrivalRate,
    /// How long it lasts.
    pub length: Seconds,
}

/// The backlog that a time of lower capacity leaves, and the waits in it. Times in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct OverloadBacklog {
    /// Requests waiting at the end of the degradation.
    pub peak_backlog: f64,
    /// Time from its end until the backlog is gone.
    pub drain_time: f64,
    /// Longest wait of any request.
    pub peak_waiting_time: f64,
    /// Length of the time in which requests arrive that wait longer than the objective.
    pub time_over_objective: f64,
    /// Requests that wait longer than the objective.
    pub requests_over_objective: f64,
    /// From the start of the degradation until the backlog is gone; 0 without a backlog.
    pub total_impact_time: f64,
}

/// Returns the backlog and the waits of a [`FluidQueue`] in order of arrival during and after a time of lower capacity.
///
/// # Formula
///
/// With capacity `C_d` for the time `D` and `C_n` afterwards, `λ > C_d` and `λ < C_n`:
///
/// ```text
/// backlog (λ − C_d)·D     drain (λ − C_d)·D/(C_n − λ)
/// wait of the arrival at t:  t·(λ − C_d)/C_d        for t ≤ D·C_d/λ
///                            D + (λt − C_d·D)/C_n − t   after
/// longest wait D·(1 − C_d/λ)
/// ```
///
/// # Accuracy
///
/// That of [`FluidQueue`]. Clients wait for as long as it takes.
///
/// # Errors
///
/// [`OverloadError::Unstable`] unless `λ < C_n`.
///
/// # References
///
/// [Kleinrock76](crate::references#kleinrock76) §2.7, fluid approximation of rush hours.
///
/// # Examples
///
/// ```
/// use capplan_queueing::overload::{Degradation, overload_backlog};
/// use capplan_queueing::units::{ArrivalRate, Seconds};
///
/// // A fifth of the load is too much for a quarter of an hour: three minutes of waiting, half an hour of it.
/// let lost_zone = Degradation {
///     arrival_rate: ArrivalRate::new(1000.0)?,
///     degraded_capacity: ArrivalRate::new(800.0)?,
///     normal_capacity: ArrivalRate::new(1200.0)?,
///     length: Seconds::new(900.0)?,
/// };
/// let cost = overload_backlog(&lost_zone, Seconds::new(1.0)?)?;
/// assert!((cost.peak_waiting_time - 180.0).abs() < 1e-12);
/// assert!((cost.total_impact_time - 1800.0).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn overload_backlog(degradation: &Degradation, objective: Seconds) -> Result<OverloadBacklog, OverloadError> {
    let (lambda, length) = (degradation.arrival_rate.get(), degradation.length.get());
    let (degraded, normal) = (degradation.degraded_capacity.get(), degradation.normal_capacity.get());
    if lambda >= normal && lambda > 0.0 {
        return Err(OverloadError::Unstable { arrival_rate: lambda, capacity: normal });
    }
    let queue = |capacity: f64| FluidQueue {
        demand: FluidDemand::Open { arrival_rate: lambda },
        served_share: 1.0,
        capacity,
        clients: FluidClients::WaitForever,
    };
    let backlog = queue(degraded).advance(FluidBacklog::default(), length).after;
    if backlog.attempts == 0.0 {
        return Ok(OverloadBacklog::default());
    }
    let drain_time = queue(normal).advance(backlog, f64::INFINITY).duration;
    let peak_waiting_time = length * ((lambda - degraded) / lambda);
    // Two straight flanks: the wait rises by (λ − C_d)/C_d and falls by (C_n − λ)/C_n a second.
    let above = (peak_waiting_time - objective.get()).max(0.0);
    let time_over_objective = above * (degraded / (lambda - degraded) + normal / (normal - lambda));
    Ok(OverloadBacklog {
        peak_backlog: backlog.attempts,
        drain_time,
        peak_waiting_time,
        time_over_objective,
        requests_over_objective: lambda * time_over_objective,
        total_impact_time: length + drain_time,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn degradation(arrivals: f64, degraded: f64, normal: f64, length: f64) -> Degradation {
        let rate = |value| ArrivalRate::new(value).expect("a rate");
        Degradation {
            arrival_rate: rate(arrivals),
            degraded_capacity: rate(degraded),
            normal_capacity: rate(normal),
            length: Seconds::new(length).expect("a time"),
        }
    }

    fn solve(degradation: &Degradation, objective: f64) -> OverloadBacklog {
        overload_backlog(degradation, Seconds::new(objective).expect("a time")).expect("an answer")
    }

    #[test]
    fn an_outage_makes_its_first_request_wait_for_its_end() {
        let cost = solve(&degradation(10.0, 0.0, 20.0, 60.0), 30.0);
        assert_eq!((cost.peak_waiting_time, cost.drain_time), (60.0, 60.0));
        // The wait falls from 60 to 0 over 120 s: those of the first half wait more than 30 s.
        assert!((cost.time_over_objective - 60.0).abs() < 1e-12);
    }

    #[test]
    fn enough_capacity_leaves_nothing() {
        let cost = solve(&degradation(10.0, 10.0, 20.0, 60.0), 0.0);
        assert_eq!((cost.peak_backlog, cost.total_impact_time), (0.0, 0.0));
        assert_eq!(solve(&degradation(0.0, 0.0, 0.0, 60.0), 0.0).peak_backlog, 0.0);
    }

    #[test]
    fn a_normal_overload_never_drains() {
        let endless = degradation(10.0, 5.0, 10.0, 60.0);
        let error = overload_backlog(&endless, Seconds::new(1.0).expect("a time")).expect_err("refused");
        assert_eq!(
            error.to_string(),
            "arrival rate of 10 is not below the capacity of 10; the backlog would never drain"
        );
    }

    proptest! {
        #[test]
        fn a_fine_walk_through_time_agrees(
            lambda in 1.0..100.0_f64, low in 0.05..0.95_f64, high in 1.05..3.0_f64, length in 1.0..100.0_f64,
            objective in 0.0..20.0_f64,
        ) {
            let (degraded, normal) = (low * lambda, high * lambda);
            let cost = solve(&degradation(lambda, degraded, normal, length), objective);
            let (mut over, mut longest) = (0.0, 0.0_f64);
            let steps = 20_000_u32;
            let step = cost.total_impact_time / f64::from(steps);
            for i in 0..steps {
                let t = (f64::from(i) + 0.5) * step;
                // Served at the time when as much is done as has come.
                let work = lambda * t;
                let done = if work <= degraded * length { work / degraded } else {
                    length + (work - degraded * length) / normal
                };
                longest = longest.max(done - t);
                if done - t > objective { over += step; }
            }
            prop_assert!((cost.peak_waiting_time - longest).abs() <= 2.0 * step * (1.0 / low));
            prop_assert!((cost.time_over_objective - over).abs() <= 4.0 * step);
        }
    }
}
