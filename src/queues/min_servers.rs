use crate::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};

use super::{Mmc, QueueError};

/// What a number of servers has to achieve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ServerObjective {
    /// Probability to wait at most this.
    WaitProbability(Probability),
    /// Mean wait at most this.
    WaitingTime(Seconds),
    /// Mean wait and service at most this.
    SojournTime(Seconds),
    /// This quantile of the wait at most this.
    WaitingTimeQuantile(Probability, Seconds),
    /// This quantile of wait and service at most this.
    SojournTimeQuantile(Probability, Seconds),
}

/// The least number of servers and what it achieves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeastServers {
    /// Number of servers.
    pub servers: Servers,
    /// The figure that the objective limits, with that many.
    pub value: f64,
}

/// Returns the least number of servers of an M/M/c queue that meets an objective, `None` where no number does.
///
/// # Method
///
/// Every figure falls as servers are added, so the least count is found by doubling, then halving: `O(log c)` solutions
/// of bounded cost. Counts go up to [`Servers::MAX`].
///
/// # Errors
///
/// [`QueueError::Domain`] for a quantile of probability 1.
pub fn min_servers(
    arrival_rate: ArrivalRate,
    service_rate: ServiceRate,
    objective: ServerObjective,
) -> Result<Option<LeastServers>, QueueError> {
    let least_stable = (arrival_rate.get() / service_rate.get()).floor() + 1.0;
    if least_stable > Servers::MAX as f64 {
        return Ok(None);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 ≤ least_stable ≤ 10⁹")]
    let least_stable = least_stable as u64;
    let reached = |count: u64| -> Result<Option<f64>, QueueError> {
        let Ok(servers) = Servers::new(count) else { return Ok(None) };
        match Mmc::new(arrival_rate, service_rate, servers) {
            Ok(queue) => {
                let (value, limit) = figure(&queue, objective)?;
                Ok((value <= limit).then_some(value))
            }
            Err(QueueError::Unstable { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    };
    let (mut too_few, mut step) = (least_stable - 1, 1);
    let mut enough = loop {
        let count = too_few.saturating_add(step).min(Servers::MAX);
        if let Some(value) = reached(count)? {
            break (count, value);
        }
        if count == Servers::MAX {
            return Ok(None);
        }
        (too_few, step) = (count, step * 2);
    };
    while enough.0 - too_few > 1 {
        let middle = u64::midpoint(too_few, enough.0);
        match reached(middle)? {
            Some(value) => enough = (middle, value),
            None => too_few = middle,
        }
    }
    let servers = Servers::new(enough.0).map_err(|error| QueueError::Domain {
        parameter: "servers",
        value: error.value,
        domain: "between 1 and 1,000,000,000",
    })?;
    Ok(Some(LeastServers { servers, value: enough.1 }))
}

/// The figure that an objective limits, and the limit.
fn figure(queue: &Mmc, objective: ServerObjective) -> Result<(f64, f64), QueueError> {
    Ok(match objective {
        ServerObjective::WaitProbability(limit) => (queue.wait_probability(), limit.get()),
        ServerObjective::WaitingTime(limit) => (queue.waiting_time(), limit.get()),
        ServerObjective::SojournTime(limit) => (queue.sojourn_time(), limit.get()),
        ServerObjective::WaitingTimeQuantile(p, limit) => (queue.waiting_time_quantile(p)?, limit.get()),
        ServerObjective::SojournTimeQuantile(p, limit) => (queue.sojourn_time_quantile(p)?, limit.get()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_fewer_is_too_few() {
        let arrivals = ArrivalRate::new(100.0).expect("rate");
        let rate = ServiceRate::new(1.0).expect("rate");
        let objective = ServerObjective::WaitProbability(Probability::new(0.2).expect("probability"));
        let least = min_servers(arrivals, rate, objective).expect("in the domain").expect("feasible");
        assert_eq!(least.servers.get(), 111);
        let fewer = Mmc::new(arrivals, rate, Servers::new(110).expect("count")).expect("stable");
        assert!(fewer.wait_probability() > 0.2);
    }

    #[test]
    fn service_alone_may_be_too_slow() {
        let objective = ServerObjective::SojournTimeQuantile(
            Probability::new(0.95).expect("probability"),
            Seconds::new(0.2).expect("time"),
        );
        let least =
            min_servers(ArrivalRate::new(20.0).expect("rate"), ServiceRate::new(10.0).expect("rate"), objective);
        assert_eq!(least, Ok(None));
    }
}
