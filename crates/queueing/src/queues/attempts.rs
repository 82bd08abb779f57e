use crate::queues::StationLaws;
use crate::units::{ArrivalRate, Seconds, Servers, ServiceRate};

use super::{Mmc, Mmck, QueueError};

/// Returns the probability that an attempt at a station fails: that it is refused, or takes longer than its timeout.
///
/// # Formula
///
/// ```text
/// p = P(W > τ)                       in M/M/c, 1 for λ ≥ c·μ
/// p = p_K + (1 − p_K)·P(W > τ)       in M/M/c/K, W of an accepted attempt
/// ```
///
/// where `system_capacity` is `K`, without a limit if it is `None`. An attempt that is given up is served all the same.
///
/// # Special cases
///
/// Without a limit an overloaded station fails every attempt: its backlog grows past any timeout.
///
/// # Errors
///
/// [`QueueError::Domain`] for a capacity below the servers, or rates whose product leaves the doubles.
///
/// # References
///
/// [Bolch06](crate::references#bolch06) ch. 6.
///
/// # Examples
///
/// M/M/1 keeps a request for an exponential time of rate `μ − λ`:
///
/// ```
/// use capplan_queueing::queues::attempt_failure;
/// use capplan_queueing::units::{ArrivalRate, Seconds, Servers, ServiceRate};
///
/// let (arrivals, service) = (ArrivalRate::new(1.0)?, ServiceRate::new(2.0)?);
/// let failure = attempt_failure(arrivals, service, Servers::ONE, None, Seconds::new(3.0)?)?;
/// assert!((failure - (-3.0_f64).exp()).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn attempt_failure(
    arrival_rate: ArrivalRate,
    service_rate: ServiceRate,
    servers: Servers,
    system_capacity: Option<u64>,
    timeout: Seconds,
) -> Result<f64, QueueError> {
    if let Some(capacity) = system_capacity {
        let station = Mmck::new(arrival_rate, service_rate, servers, capacity)?;
        let refused = station.blocking_probability();
        // Rounding may bring the sum a hair past 1.
        return Ok((refused
            + (1.0 - refused) * station.sojourn_time_tail(timeout).or_else(QueueError::zero_below_double)?)
        .clamp(0.0, 1.0));
    }
    match Mmc::new(arrival_rate, service_rate, servers) {
        Ok(station) => Ok(station.sojourn_time_tail(timeout).or_else(QueueError::zero_below_double)?.min(1.0)),
        Err(QueueError::Unstable { .. }) => Ok(1.0),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overloaded_station_fails_every_attempt_unless_it_refuses_some() {
        let (arrivals, service) = (ArrivalRate::new(4.0).expect("a rate"), ServiceRate::new(1.0).expect("a rate"));
        let servers = Servers::new(3).expect("servers");
        let timeout = Seconds::new(2.0).expect("a time");
        let failure = |capacity| attempt_failure(arrivals, service, servers, capacity, timeout).expect("a probability");
        assert_eq!(failure(None), 1.0);
        let bounded = failure(Some(3));
        assert!(bounded > 0.0 && bounded < 1.0, "{bounded}");
    }
}
