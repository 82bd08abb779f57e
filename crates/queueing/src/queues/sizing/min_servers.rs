use crate::units::{ArrivalRate, Erlangs, Probability, Servers, ServiceRate};

use crate::queues::erlang::wait_probability;
use crate::queues::{Mmc, QueueError, ServerObjective};

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
/// [`least_servers`] from the least stable count on: `O(log c)` solutions of bounded cost.
///
/// # Errors
///
/// [`QueueError::Domain`] for a quantile of probability 1, a wait probability or mean wait of 0, which no number of servers
/// reaches, and an offered load that 10⁹ servers do not carry.
pub fn min_servers(
    arrival_rate: ArrivalRate,
    service_rate: ServiceRate,
    objective: ServerObjective,
) -> Result<Option<LeastServers>, QueueError> {
    let least_stable = (arrival_rate.get() / service_rate.get()).floor() + 1.0;
    if least_stable > Servers::MAX as f64 {
        let value = arrival_rate.get() / service_rate.get();
        return Err(QueueError::Domain {
            parameter: "offered load",
            value,
            domain: "below 10^9, the most servers counted",
        });
    }
    if let ServerObjective::WaitProbability(limit) = objective
        && limit.get() == 0.0
    {
        return Err(QueueError::Domain { parameter: "wait probability", value: 0.0, domain: "above 0" });
    }
    if let ServerObjective::WaitingTime(limit) = objective
        && limit.get() == 0.0
    {
        return Err(QueueError::Domain { parameter: "waiting time", value: 0.0, domain: "above 0" });
    }
    if arrival_rate.get() > 0.0 && objective.is_within_exponential_service(service_rate) {
        return Ok(None);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 ≤ least_stable ≤ 10⁹")]
    let first = least_stable as u64;
    least_servers(first, objective.limit(), |servers| objective.figure(&Mmc::new(arrival_rate, service_rate, servers)?))
}

/// Returns the least number of servers with which an M/M/c queue of `offered_load` makes at most a share `target` wait,
/// `None` where 10⁹ are too few.
///
/// # Errors
///
/// [`QueueError::Domain`] for a target of 0: any number of servers makes somebody wait.
pub fn staffing(offered_load: Erlangs, target: Probability) -> Result<Option<LeastServers>, QueueError> {
    if target.get() == 0.0 {
        return Err(QueueError::Domain { parameter: "wait probability", value: 0.0, domain: "above 0" });
    }
    if offered_load.get() >= Servers::MAX as f64 {
        return Ok(None);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 ≤ load < 10⁹")]
    let first = offered_load.get() as u64 + 1;
    // Far more servers than are needed may make fewer wait than a double can say: they are enough all the same.
    let (a, c) = (offered_load.get(), |servers: Servers| servers.get() as f64);
    least_servers(first, target.get(), |servers| Ok(wait_probability(servers.get(), a, (c(servers) - a) / c(servers))))
}

/// Returns the least number of servers from `first` on for which `figure` is at most `limit`, `None` where no number does.
///
/// `figure` falls as servers are added; a count that it refuses as [`QueueError::Unstable`] misses the limit.
///
/// # Method
///
/// Doubling, then halving. Counts go up to [`Servers::MAX`].
///
/// # Errors
///
/// Those of `figure`, but for overload.
pub fn least_servers(
    first: u64,
    limit: f64,
    figure: impl Fn(Servers) -> Result<f64, QueueError>,
) -> Result<Option<LeastServers>, QueueError> {
    let reached = |count: u64| -> Result<Option<LeastServers>, QueueError> {
        let Ok(servers) = Servers::new(count) else { return Ok(None) };
        match figure(servers) {
            Ok(value) => Ok((value <= limit).then_some(LeastServers { servers, value })),
            Err(QueueError::Unstable { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    };
    let (mut too_few, mut step) = (first.saturating_sub(1), 1);
    let mut enough = loop {
        let count = too_few.saturating_add(step).min(Servers::MAX);
        if let Some(least) = reached(count)? {
            break least;
        }
        if count == Servers::MAX {
            return Ok(None);
        }
        (too_few, step) = (count, step * 2);
    };
    while enough.servers.get() - too_few > 1 {
        let middle = u64::midpoint(too_few, enough.servers.get());
        match reached(middle)? {
            Some(least) => enough = least,
            None => too_few = middle,
        }
    }
    Ok(Some(enough))
}

#[cfg(test)]
mod tests {
    use crate::queues::StationFigures;
    use crate::units::Seconds;

    use super::*;

    #[test]
    fn nobody_can_promise_that_nobody_waits() {
        let error = staffing(Erlangs::new(3.0).expect("load"), Probability::new(0.0).expect("probability"));
        assert_eq!(error.map_err(|error| error.to_string()), Err("wait probability of 0 is not above 0".to_owned()));
    }

    #[test]
    fn what_no_number_of_servers_reaches_is_refused() {
        let ask = |rate: f64, objective| {
            let (rate, mu) = (ArrivalRate::new(rate).expect("rate"), ServiceRate::new(1.0).expect("rate"));
            min_servers(rate, mu, objective).map_err(|error| error.to_string())
        };
        let nobody = ServerObjective::WaitProbability(Probability::new(0.0).expect("probability"));
        assert_eq!(ask(10.0, nobody), Err("wait probability of 0 is not above 0".to_owned()));
        let few = ServerObjective::WaitProbability(Probability::new(0.01).expect("probability"));
        let beyond = "offered load of 1000000000 is not below 10^9, the most servers counted";
        assert_eq!(ask(1e9, few), Err(beyond.to_owned()));
    }

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

    /// However many servers, somebody waits: the mean is above that of the service, although not in doubles.
    #[test]
    fn no_number_of_servers_is_as_fast_as_the_service() {
        let ask = |objective| {
            min_servers(ArrivalRate::new(100.0).expect("rate"), ServiceRate::new(1.0).expect("rate"), objective)
        };
        let time = |seconds| Seconds::new(seconds).expect("time");
        assert_eq!(ask(ServerObjective::SojournTime(time(1.0))), Ok(None));
        let median = Probability::new(0.5).expect("probability");
        assert_eq!(ask(ServerObjective::SojournTimeQuantile(median, time(2.0_f64.ln()))), Ok(None));
        assert!(ask(ServerObjective::SojournTime(time(1.000_001))).is_ok_and(|least| least.is_some()));
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
