use crate::queues::Mmc;
use crate::units::{ArrivalRate, Servers, ServiceRate};

use super::{NetworkError, arrival_rates};

/// One station of a solved network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JacksonStation {
    /// Arrivals per second from outside and from other stations.
    pub arrival_rate: f64,
    /// Mean visits of a job that enters the network.
    pub visit_ratio: f64,
    /// The station as a queue of its own.
    pub queue: Mmc,
}

/// A solved open Jackson network: Poisson arrivals, exponential service, any routing, each station M/M/c.
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
/// Exact (product form).
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
    /// nothing arrives; [`NetworkError::Station`] for the first station that has no steady state.
    pub fn solve(
        external: &[f64],
        routing: &[Vec<f64>],
        service_rates: &[ServiceRate],
        servers: &[Servers],
    ) -> Result<Self, NetworkError> {
        let count = external.len();
        if service_rates.len() != count {
            return Err(NetworkError::Shape { what: "service rates", found: service_rates.len(), stations: count });
        }
        if servers.len() != count {
            return Err(NetworkError::Shape { what: "servers", found: servers.len(), stations: count });
        }
        let rates = arrival_rates(external, routing)?;
        let throughput: f64 = external.iter().sum();
        if throughput <= 0.0 {
            let domain = "above 0 at one station at least";
            return Err(NetworkError::Value { what: "external arrival rate", station: 0, value: throughput, domain });
        }
        let stations = rates
            .iter()
            .enumerate()
            .map(|(station, &rate)| {
                let arrivals = ArrivalRate::new(rate).map_err(|error| NetworkError::Value {
                    what: "arrival rate",
                    station,
                    value: error.value,
                    domain: error.domain,
                })?;
                let queue = Mmc::new(arrivals, service_rates[station], servers[station])
                    .map_err(|source| NetworkError::Station { station, source })?;
                Ok(JacksonStation { arrival_rate: rate, visit_ratio: rate / throughput, queue })
            })
            .collect::<Result<Vec<_>, NetworkError>>()?;
        Ok(Self { stations, throughput })
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
        self.stations.iter().map(|station| station.queue.mean_in_system()).sum()
    }

    /// Mean time of a job in the network, `Σ L_i / Σ γ_i` (Little).
    pub fn response_time(&self) -> f64 {
        self.mean_in_system() / self.throughput
    }

    /// The station with the highest utilization, the first of several.
    pub fn bottleneck(&self) -> usize {
        let mut highest = 0;
        for (index, station) in self.stations.iter().enumerate() {
            if station.queue.utilization() > self.stations[highest].queue.utilization() {
                highest = index;
            }
        }
        highest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_stations_in_a_row_are_two_queues() {
        let rates = [ServiceRate::new(2.0).expect("rate"), ServiceRate::new(4.0).expect("rate")];
        let servers = [Servers::new(1).expect("count"); 2];
        let network = Jackson::solve(&[1.0, 0.0], &[vec![0.0, 1.0], vec![0.0, 0.0]], &rates, &servers).expect("stable");
        assert!((network.response_time() - (1.0 + 1.0 / 3.0)).abs() < 1e-14);
        assert_eq!(network.bottleneck(), 0);
    }

    #[test]
    fn an_overloaded_station_is_named() {
        let rates = [ServiceRate::new(2.0).expect("rate"), ServiceRate::new(0.5).expect("rate")];
        let servers = [Servers::new(1).expect("count"); 2];
        let error =
            Jackson::solve(&[1.0, 0.0], &[vec![0.0, 1.0], vec![0.0, 0.0]], &rates, &servers).expect_err("overloaded");
        assert_eq!(error.to_string(), "station 1: offered load of 2 is too much for 1 servers; at least 3 are needed");
    }
}
