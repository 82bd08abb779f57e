use crate::queues::{Mmc, ServiceLaw, StationFigures, VisitLaw};
use crate::units::{ArrivalRate, ServiceRate};

use super::{NetworkError, RoutedLaw, StationKind, arrival_rates, mean_moves, visits_independent};

/// One station of a solved network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JacksonStation {
    /// Arrivals per second from outside and from other stations.
    pub arrival_rate: f64,
    /// Mean visits of a job that enters the network.
    pub visit_ratio: f64,
    /// Mean time in service of one visit.
    pub service_time: f64,
    /// The station as a queue of its own; `None` for a delay station, which has none.
    pub queue: Option<Mmc>,
}

impl JacksonStation {
    /// Busy share of each server; `None` for a delay station.
    pub fn utilization(&self) -> Option<f64> {
        self.queue.map(|queue| queue.utilization())
    }

    /// Probability that an arrival waits.
    pub fn wait_probability(&self) -> f64 {
        self.queue.map_or(0.0, |queue| queue.wait_probability())
    }

    /// Mean wait of one visit in seconds.
    pub fn waiting_time(&self) -> f64 {
        self.queue.map_or(0.0, |queue| queue.waiting_time())
    }

    /// Law of the time of one visit; the time at a delay station is exponential.
    pub fn visit_law(&self) -> VisitLaw {
        let service = ServiceLaw::Exponential { mean: self.service_time };
        self.queue.map_or_else(|| VisitLaw::without_waiting(service), |queue| queue.sojourn_law().into())
    }

    /// Mean wait and service of one visit in seconds.
    pub fn sojourn_time(&self) -> f64 {
        self.waiting_time() + self.service_time
    }

    /// Mean time of a job at the station over all visits.
    pub fn residence_time(&self) -> f64 {
        self.visit_ratio * self.sojourn_time()
    }

    /// Mean number waiting.
    pub fn mean_in_queue(&self) -> f64 {
        self.arrival_rate * self.waiting_time()
    }

    /// Mean number waiting or in service.
    pub fn mean_in_system(&self) -> f64 {
        self.arrival_rate * self.sojourn_time()
    }
}

/// A solved open Jackson network: Poisson arrivals, exponential service, any routing, each station M/M/c or a delay.
///
/// # Formula
///
/// The number of jobs at each station has the law of M/M/c with the arrival rate of the traffic equations
/// ([`arrival_rates`]), independent of the others:
///
/// ```text
/// L = Σ L_i,   W = L / Σ γ_i
/// ```
///
/// # Method
///
/// Exact (product form). A delay station has no queue: `L_i = λ_i/μ_i`, whatever the law of its time.
///
/// # References
///
/// [Jackson57](crate::references#jackson57).
#[derive(Debug, Clone, PartialEq)]
pub struct Jackson {
    stations: Vec<JacksonStation>,
    throughput: f64,
}

impl Jackson {
    /// Solves the traffic equations and every station.
    ///
    /// # Errors
    ///
    /// Those of [`arrival_rates`]; [`NetworkError::Shape`] when the lists differ in length; [`NetworkError::Value`] when
    /// nothing arrives; [`NetworkError::Station`] for the first station that has no steady state;
    /// [`NetworkError::Unsupported`] for a list of speeds.
    pub fn solve(
        external: &[f64],
        routing: &[Vec<f64>],
        service_rates: &[ServiceRate],
        kinds: &[StationKind],
    ) -> Result<Self, NetworkError> {
        let count = external.len();
        if service_rates.len() != count {
            return Err(NetworkError::Shape { what: "service rates", found: service_rates.len(), stations: count });
        }
        if kinds.len() != count {
            return Err(NetworkError::Shape { what: "servers", found: kinds.len(), stations: count });
        }
        let rates = arrival_rates(external, routing)?;
        let throughput: f64 = external.iter().sum();
        if throughput <= 0.0 {
            let domain = "above 0 at one station at least";
            return Err(NetworkError::Value { what: "external arrival rate", station: 0, value: throughput, domain });
        }
        let stations = rates
            .iter()
            .zip(service_rates)
            .zip(kinds)
            .enumerate()
            .map(|(station, ((&rate, &service_rate), kind))| {
                let arrivals = ArrivalRate::new(rate).map_err(|error| NetworkError::Value {
                    what: "arrival rate",
                    station,
                    value: error.value,
                    domain: error.domain,
                })?;
                let queue = match kind {
                    StationKind::Delay => None,
                    StationKind::Servers(servers) => Some(
                        Mmc::new(arrivals, service_rate, *servers)
                            .map_err(|source| NetworkError::Station { station, source })?,
                    ),
                    StationKind::LoadDependent(_) => {
                        let what = "a station with a list of speeds";
                        return Err(NetworkError::Unsupported {
                            what,
                            by: "a network with routing",
                            instead: "solve it apart from the rest",
                        });
                    }
                };
                let service_time = 1.0 / service_rate.get();
                Ok(JacksonStation { arrival_rate: rate, visit_ratio: rate / throughput, service_time, queue })
            })
            .collect::<Result<Vec<_>, NetworkError>>()?;
        Ok(Self { stations, throughput })
    }

    /// Returns the law of the response time of a job, and whether it is exact: it takes the times of a job's visits as
    /// independent of one another, which they are where [`visits_independent`] says so.
    ///
    /// `external`, `routing` and `kinds` are those that the network was solved with.
    ///
    /// # Errors
    ///
    /// Those of [`RoutedLaw::new`].
    pub fn response_law(
        &self,
        external: &[f64],
        routing: &[Vec<f64>],
        kinds: &[StationKind],
    ) -> Result<(RoutedLaw, bool), NetworkError> {
        let laws: Vec<VisitLaw> = self.stations.iter().map(JacksonStation::visit_law).collect();
        let entry: Vec<f64> = external.iter().map(|rate| rate / self.throughput).collect();
        let visits: Vec<f64> = self.stations.iter().map(|station| station.visit_ratio).collect();
        let moves = mean_moves(&visits, routing);
        Ok((RoutedLaw::new(&entry, routing, &laws)?, visits_independent(&moves, &moves, kinds)))
    }

    /// The stations, in the order given.
    pub fn stations(&self) -> &[JacksonStation] {
        &self.stations
    }

    /// Jobs per second through the network.
    pub const fn throughput(&self) -> f64 {
        self.throughput
    }

    /// Mean number of jobs in the network, `Σ L_i`.
    pub fn mean_in_system(&self) -> f64 {
        self.stations.iter().map(JacksonStation::mean_in_system).sum()
    }

    /// Mean time of a job in the network, `Σ L_i / Σ γ_i` (Little).
    pub fn response_time(&self) -> f64 {
        self.mean_in_system() / self.throughput
    }

    /// The station with the highest utilization, the first of several; `None` when all are delays.
    pub fn bottleneck(&self) -> Option<usize> {
        let mut highest: Option<(usize, f64)> = None;
        for (index, station) in self.stations.iter().enumerate() {
            if let Some(utilization) = station.utilization()
                && highest.is_none_or(|(_, most)| utilization > most)
            {
                highest = Some((index, utilization));
            }
        }
        highest.map(|(index, _)| index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(values: &[f64]) -> Vec<ServiceRate> {
        values.iter().map(|&value| ServiceRate::new(value).expect("rate")).collect()
    }

    const TANDEM: [[f64; 2]; 2] = [[0.0, 1.0], [0.0, 0.0]];

    fn tandem(service_rates: &[f64], kinds: &[StationKind]) -> Result<Jackson, NetworkError> {
        Jackson::solve(&[1.0, 0.0], &TANDEM.map(|row| row.to_vec()), &rates(service_rates), kinds)
    }

    #[test]
    fn two_stations_in_a_row_are_two_queues() {
        let network = tandem(&[2.0, 4.0], &[StationKind::SINGLE, StationKind::SINGLE]).expect("stable");
        assert!((network.response_time() - (1.0 + 1.0 / 3.0)).abs() < 1e-14);
        assert_eq!(network.bottleneck(), Some(0));
    }

    #[test]
    fn a_delay_station_only_takes_time() {
        let network = tandem(&[1e-12, 4.0], &[StationKind::Delay, StationKind::SINGLE]).expect("stable");
        assert_eq!(network.stations()[0].sojourn_time(), 1e12);
        assert_eq!(network.stations()[0].utilization(), None);
        assert_eq!(network.bottleneck(), Some(1));
    }

    #[test]
    fn an_overloaded_station_is_named() {
        let error = tandem(&[2.0, 0.5], &[StationKind::SINGLE, StationKind::SINGLE]).expect_err("overloaded");
        assert_eq!(error.to_string(), "station 1: offered load of 2 is too much for 1 server; at least 3 are needed");
    }
}
