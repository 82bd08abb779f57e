use crate::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};

use crate::queues::{Mmc, QueueError, StationFigures};

/// What a station has to achieve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ServerObjective {
    /// Probability to wait at most this.
    WaitProbability(Probability),
    /// Share of the jobs that are lost at most this.
    LostShare(Probability),
    /// Mean wait at most this.
    WaitingTime(Seconds),
    /// Mean wait and service at most this.
    SojournTime(Seconds),
    /// This quantile of the wait at most this.
    WaitingTimeQuantile(Probability, Seconds),
    /// This quantile of wait and service at most this.
    SojournTimeQuantile(Probability, Seconds),
}

impl ServerObjective {
    /// The number that the figure must not exceed.
    pub const fn limit(self) -> f64 {
        match self {
            Self::WaitProbability(limit) | Self::LostShare(limit) => limit.get(),
            Self::WaitingTime(limit)
            | Self::SojournTime(limit)
            | Self::WaitingTimeQuantile(_, limit)
            | Self::SojournTimeQuantile(_, limit) => limit.get(),
        }
    }

    /// Whether the limit is at most the same figure of an exponential service alone, which no queue with arrivals reaches.
    pub fn is_within_exponential_service(self, service_rate: ServiceRate) -> bool {
        match self {
            Self::SojournTime(limit) => limit.get() * service_rate.get() <= 1.0,
            Self::SojournTimeQuantile(p, limit) => limit.get() * service_rate.get() <= -(-p.get()).ln_1p(),
            _ => false,
        }
    }

    /// The figure of a station that the objective limits.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] for a quantile of probability 1.
    pub fn figure(self, station: &(impl StationFigures + ?Sized)) -> Result<f64, QueueError> {
        match self {
            Self::WaitProbability(_) => Ok(station.wait_probability()),
            Self::LostShare(_) => Ok(station.lost_share()),
            Self::WaitingTime(_) => Ok(station.waiting_time()),
            Self::SojournTime(_) => Ok(station.sojourn_time()),
            Self::WaitingTimeQuantile(p, _) => station.waiting_time_quantile(p),
            Self::SojournTimeQuantile(p, _) => station.sojourn_time_quantile(p),
        }
    }
}

/// The greatest arrival rate within a limit and what it achieves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GreatestArrivalRate {
    /// Arrivals per second.
    pub arrival_rate: f64,
    /// The figure that the limit is for, at that rate.
    pub value: f64,
}

/// Returns the greatest arrival rate up to `ceiling` for which `figure` is at most `limit`, `None` where even a station
/// without arrivals misses it.
///
/// `figure` grows with the rate; a rate that it refuses as [`QueueError::Unstable`] misses the limit. The ceiling is the
/// rate at which the station overloads, or for a station that cannot be, any rate of interest.
///
/// # Method
///
/// Halving from the ceiling until the limit is met, then halving the bracket to its last digit; the rate returned meets
/// the limit itself.
///
/// # Errors
///
/// Those of `figure`, but for overload.
///
/// # Examples
///
/// ```
/// use capplan_queueing::queues::{Mmc, StationFigures, greatest_arrival_rate};
/// use capplan_queueing::units::{ArrivalRate, Servers, ServiceRate};
///
/// // One server of rate 2 whose jobs stay 1 s on average takes 1 job a second.
/// let (service_rate, servers) = (ServiceRate::new(2.0)?, Servers::new(1)?);
/// let greatest = greatest_arrival_rate(ArrivalRate::new(2.0)?, 1.0, |arrivals| {
///     Ok(Mmc::new(arrivals, service_rate, servers)?.sojourn_time())
/// })?;
/// assert!((greatest.map_or(0.0, |greatest| greatest.arrival_rate) - 1.0).abs() < 1e-14);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn greatest_arrival_rate(
    ceiling: ArrivalRate,
    limit: f64,
    figure: impl Fn(ArrivalRate) -> Result<f64, QueueError>,
) -> Result<Option<GreatestArrivalRate>, QueueError> {
    let met = |rate: f64| -> Result<Option<GreatestArrivalRate>, QueueError> {
        let Ok(arrivals) = ArrivalRate::new(rate) else { return Ok(None) };
        match figure(arrivals) {
            Ok(value) => Ok((value <= limit).then_some(GreatestArrivalRate { arrival_rate: rate, value })),
            Err(QueueError::Unstable { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    };
    if let Some(greatest) = met(ceiling.get())? {
        return Ok(Some(greatest));
    }
    let mut too_much = ceiling.get();
    let mut best = loop {
        let half = 0.5 * too_much;
        if half < f64::MIN_POSITIVE {
            return met(0.0);
        }
        if let Some(greatest) = met(half)? {
            break greatest;
        }
        too_much = half;
    };
    loop {
        let middle = f64::midpoint(best.arrival_rate, too_much);
        if middle <= best.arrival_rate || middle >= too_much {
            return Ok(Some(best));
        }
        match met(middle)? {
            Some(greatest) => best = greatest,
            None => too_much = middle,
        }
    }
}

/// Returns the greatest utilization at which a quantile of wait and service of an M/M/c queue keeps to `limit`, 0 where
/// the service alone misses it.
///
/// # Method
///
/// [`greatest_arrival_rate`] over the exact quantile, divided by `c·μ`.
///
/// # Errors
///
/// [`QueueError::Domain`] for a quantile of probability 1, and for a total service rate that overflows.
pub fn max_utilization(
    service_rate: ServiceRate,
    servers: Servers,
    probability: Probability,
    limit: Seconds,
) -> Result<f64, QueueError> {
    let total = servers.get() as f64 * service_rate.get();
    let ceiling = ArrivalRate::new(total).map_err(|_| QueueError::Domain {
        parameter: "service rate",
        value: service_rate.get(),
        domain: "finite when multiplied by the servers",
    })?;
    let greatest = greatest_arrival_rate(ceiling, limit.get(), |arrivals| {
        Mmc::new(arrivals, service_rate, servers)?.sojourn_time_quantile(probability)
    })?;
    Ok(greatest.map_or(0.0, |greatest| greatest.arrival_rate / total))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(value: f64) -> Probability {
        Probability::new(value).expect("probability")
    }

    #[test]
    fn a_rate_a_hair_higher_misses_the_limit() {
        let (servers, rate) = (Servers::new(20).expect("count"), ServiceRate::new(3.0).expect("rate"));
        let solve = |arrivals| Mmc::new(arrivals, rate, servers);
        let time = |value| Seconds::new(value).expect("time");
        for objective in [
            ServerObjective::WaitProbability(p(0.1)),
            ServerObjective::WaitProbability(p(1e-200)),
            ServerObjective::WaitingTime(time(0.01)),
            ServerObjective::SojournTime(time(0.4)),
            ServerObjective::WaitingTimeQuantile(p(0.99), time(0.2)),
            ServerObjective::SojournTimeQuantile(p(0.99), time(2.0)),
        ] {
            let figure = |arrivals| objective.figure(&solve(arrivals)?);
            let ceiling = ArrivalRate::new(60.0).expect("rate");
            let greatest = greatest_arrival_rate(ceiling, objective.limit(), figure)
                .expect("in the domain")
                .expect("an empty station meets it");
            assert!(greatest.value <= objective.limit());
            let more = ArrivalRate::new(greatest.arrival_rate * (1.0 + 1e-9)).expect("rate");
            assert!(figure(more).expect("stable") > objective.limit(), "{objective:?}");
        }
    }

    #[test]
    fn service_alone_may_miss_the_limit() {
        let servers = Servers::new(2).expect("count");
        let rate = ServiceRate::new(10.0).expect("rate");
        let time = Seconds::new(0.4).expect("time");
        assert_eq!(max_utilization(rate, servers, p(0.99), time), Ok(0.0));
    }

    #[test]
    fn a_rate_beyond_all_numbers_is_refused() {
        let rate = ServiceRate::new(1e308).expect("rate");
        let error = max_utilization(rate, Servers::new(2).expect("count"), p(0.5), Seconds::new(1.0).expect("time"));
        let domain = "finite when multiplied by the servers";
        assert_eq!(error, Err(QueueError::Domain { parameter: "service rate", value: 1e308, domain }));
    }
}
