use nalgebra::{DMatrix, DVector};

use crate::queues::{Mmc, StationFigures};
use crate::units::{ArrivalRate, Servers, ServiceRate};

use super::{NetworkError, arrival_rates};

/// A service scv below this counts as this in departures: a deterministic server does not make its output regular.
const LEAST_DEPARTURE_SCV: f64 = 0.2;

/// A station of a network with any arrivals and any service, known by two moments.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QnaStation {
    /// Arrivals per second from outside.
    pub external_arrival_rate: f64,
    /// Their squared coefficient of variation; 1 is Poisson. Without meaning when nothing arrives.
    pub external_scv: f64,
    /// Mean service time in seconds.
    pub service_time: f64,
    /// Its squared coefficient of variation.
    pub service_scv: f64,
    /// Parallel servers; `None` for a delay station, where nobody waits.
    pub servers: Option<Servers>,
}

/// Figures of a station in a solved network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QnaFigures {
    /// Arrivals per second from everywhere.
    pub arrival_rate: f64,
    /// Squared coefficient of variation of the arrivals, without those that return at once.
    pub arrival_scv: f64,
    /// Squared coefficient of variation of the service of one visit.
    pub service_scv: f64,
    /// Mean visits of a job that enters the network.
    pub visit_ratio: f64,
    /// Busy share of each server.
    pub utilization: f64,
    /// Mean wait of one visit.
    pub waiting_time: f64,
    /// Mean wait and service of one visit.
    pub sojourn_time: f64,
    /// Mean number waiting or in service.
    pub mean_in_system: f64,
}

/// A network of queues with any arrivals and any service: Whitt's queueing network analyzer.
///
/// # Formula
///
/// Rates by the traffic equations ([`arrival_rates`]), squared coefficients of variation of the arrivals by
///
/// ```text
/// c²_aj = 1 + w_j·(p_0j·c²_0j − 1 + Σ_i p_ij·(1 − q_ij + q_ij·c²_di))
/// c²_di = 1 + (1 − ρ_i²)·(c²_ai − 1) + ρ_i²·m_i^(−½)·(max(c²_si, 0.2) − 1)
/// w_j = 1/(1 + 4·(1 − ρ_j)²·(v_j − 1)),   v_j = 1/Σ_i p_ij²
/// W_q = (c²_a + c²_s)/2 · W_q(M/M/m) · g
/// g = exp(−2(1 − ρ)(1 − c²_a)²/(3ρ(c²_a + c²_s)))   m = 1 and c²_a < 1,   1 otherwise
/// ```
///
/// with `p_ij` the share of the arrivals at `j` that come from `i` (0 is outside) and `q_ij` the routing.
///
/// # Method
///
/// A delay station hands its arrivals on as they came (`c²_d = c²_a`, the limit of many servers).
///
/// Jobs that return to the station that they just left are served again at once, as Whitt advises: the service becomes a
/// geometric sum, and the queue keeps its length. The scvs are a linear system, solved by LU decomposition.
///
/// # Accuracy
///
/// Exact for Poisson arrivals and exponential service (a Jackson network), and for Poisson arrivals at one single
/// server (Pollaczek–Khinchine). Otherwise by two moments: against simulation of `data/networks/variable.toml` (arrivals of
/// scv 3, a station of scv 0.25 and one of two servers and scv 4, a tenth of the jobs twice, both busy to two thirds)
/// the numbers at the stations are 1.2 % too high and 3.1 % too low, the response time 1.7 % too low.
///
/// # References
///
/// [Whitt83](crate::references#whitt83).
#[derive(Debug, Clone, PartialEq)]
pub struct Qna {
    stations: Vec<QnaFigures>,
    throughput: f64,
}

impl Qna {
    /// Solves the network; `routing[i][j]` is the share of the jobs leaving `i` that go to `j`.
    ///
    /// # Errors
    ///
    /// Those of [`arrival_rates`]; [`NetworkError::Value`] for a time or scv outside its domain, or when nothing arrives;
    /// [`NetworkError::Station`] for the first station without a steady state.
    pub fn solve(stations: &[QnaStation], routing: &[Vec<f64>]) -> Result<Self, NetworkError> {
        check(stations)?;
        let external: Vec<f64> = stations.iter().map(|station| station.external_arrival_rate).collect();
        let rates = arrival_rates(&external, routing)?;
        let throughput: f64 = external.iter().sum();
        if throughput <= 0.0 {
            let domain = "above 0 at one station at least";
            return Err(NetworkError::Value { what: "external arrival rate", station: 0, value: throughput, domain });
        }
        let queues = stations
            .iter()
            .zip(&rates)
            .enumerate()
            .map(|(station, (given, &rate))| queue(station, given, rate))
            .collect::<Result<Vec<_>, _>>()?;
        // Without those that return at once: the rest of the routing, and service until a job goes elsewhere.
        let stay: Vec<f64> = (0..stations.len()).map(|station| routing[station][station]).collect();
        let onward = DMatrix::from_fn(stations.len(), stations.len(), |from, to| {
            if from == to { 0.0 } else { routing[from][to] / (1.0 - stay[from]) }
        });
        let first_rates: Vec<f64> = rates.iter().zip(&stay).map(|(rate, stay)| rate * (1.0 - stay)).collect();
        let service_scvs: Vec<f64> =
            stations.iter().zip(&stay).map(|(given, stay)| stay + (1.0 - stay) * given.service_scv).collect();
        let utilizations: Vec<f64> = queues.iter().map(|queue| queue.as_ref().map_or(0.0, Mmc::utilization)).collect();
        let arrival_scvs = arrival_scvs(stations, &onward, &first_rates, &service_scvs, &utilizations)?;
        let figures = stations
            .iter()
            .enumerate()
            .map(|(station, given)| {
                let (rate, arrival_scv) = (rates[station], arrival_scvs[station]);
                let waiting_time = queues[station].as_ref().map_or(0.0, |queue| {
                    queue.waiting_time() * stretch(arrival_scv, service_scvs[station], queue, given.servers)
                });
                let sojourn_time = waiting_time + given.service_time;
                QnaFigures {
                    arrival_rate: rate,
                    arrival_scv,
                    service_scv: given.service_scv,
                    visit_ratio: rate / throughput,
                    utilization: utilizations[station],
                    waiting_time,
                    sojourn_time,
                    mean_in_system: rate * sojourn_time,
                }
            })
            .collect();
        Ok(Self { stations: figures, throughput })
    }

    /// The stations, in the order given.
    pub fn stations(&self) -> &[QnaFigures] {
        &self.stations
    }

    /// Jobs per second through the network.
    pub const fn throughput(&self) -> f64 {
        self.throughput
    }

    /// Mean time of a job in the network, `Σ L_i / Σ γ_i` (Little).
    pub fn response_time(&self) -> f64 {
        self.stations.iter().map(|station| station.mean_in_system).sum::<f64>() / self.throughput
    }
}

fn check(stations: &[QnaStation]) -> Result<(), NetworkError> {
    let domain = "finite and at least 0";
    for (station, given) in stations.iter().enumerate() {
        for (what, value) in [
            ("external scv", given.external_scv),
            ("service time", given.service_time),
            ("service scv", given.service_scv),
        ] {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(NetworkError::Value { what, station, value, domain });
            }
        }
    }
    Ok(())
}

/// The station with exponential arrivals and service; `None` where nobody waits: nothing arrives, service takes no time,
/// or there are as many servers as jobs.
fn queue(station: usize, given: &QnaStation, rate: f64) -> Result<Option<Mmc>, NetworkError> {
    let Some(servers) = given.servers else { return Ok(None) };
    if rate == 0.0 || given.service_time == 0.0 {
        return Ok(None);
    }
    let value = |what, value, domain| NetworkError::Value { what, station, value, domain };
    let arrivals = ArrivalRate::new(rate).map_err(|error| value("arrival rate", error.value, error.domain))?;
    let service =
        ServiceRate::new(1.0 / given.service_time).map_err(|error| value("service rate", error.value, error.domain))?;
    Mmc::new(arrivals, service, servers).map(Some).map_err(|source| NetworkError::Station { station, source })
}

fn arrival_scvs(
    stations: &[QnaStation],
    onward: &DMatrix<f64>,
    rates: &[f64],
    service_scvs: &[f64],
    utilizations: &[f64],
) -> Result<Vec<f64>, NetworkError> {
    let count = stations.len();
    let mut system = DMatrix::identity(count, count);
    let mut right = DVector::from_element(count, 1.0);
    for (to, station) in stations.iter().enumerate() {
        if rates[to] <= 0.0 {
            continue;
        }
        let outside = station.external_arrival_rate / rates[to];
        let shares: Vec<f64> = (0..count).map(|from| rates[from] * onward[(from, to)] / rates[to]).collect();
        let squares = outside * outside + shares.iter().map(|share| share * share).sum::<f64>();
        let idle = 1.0 - utilizations[to];
        let weight = 1.0 / (1.0 + 4.0 * idle * idle * (1.0 / squares - 1.0));
        let mut constant = outside * station.external_scv - 1.0;
        for (from, share) in shares.iter().enumerate() {
            let routed = onward[(from, to)];
            let busy = utilizations[from] * utilizations[from];
            let servers = stations[from].servers.map_or(1.0, |servers| servers.get() as f64);
            let service = (service_scvs[from].max(LEAST_DEPARTURE_SCV) - 1.0) / servers.sqrt();
            // c²_d = (1 − ρ²)·c²_a + ρ²·(1 + service)
            constant += share * (1.0 - routed + routed * busy * (1.0 + service));
            system[(to, from)] -= weight * share * routed * (1.0 - busy);
        }
        right[to] = 1.0 + weight * constant;
    }
    let solution = system.lu().solve(&right).ok_or(NetworkError::Parameter {
        what: "the system of the arrival scvs",
        value: 0.0,
        domain: "regular",
    })?;
    // A regular stream through an idle server may come out as −1e-17.
    Ok(solution.iter().map(|scv| scv.max(0.0)).collect())
}

/// Mean wait over that of M/M/m.
fn stretch(arrival_scv: f64, service_scv: f64, queue: &Mmc, servers: Option<Servers>) -> f64 {
    let (sum, utilization) = (arrival_scv + service_scv, queue.utilization());
    if sum == 0.0 {
        return 0.0;
    }
    let correction = if servers == Some(Servers::ONE) && arrival_scv < 1.0 {
        let distance = (1.0 - arrival_scv) * (1.0 - arrival_scv);
        (-2.0 * (1.0 - utilization) * distance / (3.0 * utilization * sum)).exp()
    } else {
        1.0
    };
    0.5 * sum * correction
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::network::{Jackson, StationKind};

    fn station(rate: f64, external_scv: f64, service_scv: f64) -> QnaStation {
        QnaStation {
            external_arrival_rate: rate,
            external_scv,
            service_time: 1.0,
            service_scv,
            servers: Some(Servers::ONE),
        }
    }

    #[test]
    fn poisson_arrivals_at_one_server_wait_as_pollaczek_and_khinchine_say() {
        for scv in [0.0, 0.5, 4.0] {
            let one = Qna::solve(&[station(0.8, 1.0, scv)], &[vec![0.0]]).expect("stable");
            assert!((one.stations()[0].waiting_time - 4.0 * (1.0 + scv) / 2.0).abs() < 1e-12);
        }
    }

    /// The recursion of departures, by hand: `1 + (1 − ρ²)(c²_a − 1) + ρ²(c²_s − 1)`.
    #[test]
    fn a_tandem_hands_its_departures_on() {
        let stations = [station(0.6, 4.0, 0.5), station(0.0, 1.0, 1.0)];
        let tandem = Qna::solve(&stations, &[vec![0.0, 1.0], vec![0.0, 0.0]]).expect("stable");
        let departures = 1.0 + (1.0 - 0.36) * 3.0 + 0.36 * (0.5 - 1.0);
        assert!((tandem.stations()[1].arrival_scv - departures).abs() < 1e-12);
    }

    /// Half of a stream with scv 5 has scv 3; two of them in superposition tend to 1 at light load.
    #[test]
    fn splitting_and_superposition_follow_their_rules() {
        let mut fork = station(0.5, 5.0, 1.0);
        fork.service_time = 1e-9;
        let stations = [fork, station(0.0, 1.0, 1.0), station(0.0, 1.0, 1.0)];
        let routing = [vec![0.0, 0.5, 0.5], vec![0.0; 3], vec![0.0; 3]];
        let split = Qna::solve(&stations, &routing).expect("stable");
        assert!((split.stations()[1].arrival_scv - 3.0).abs() < 1e-6);
        let merge = [station(0.25, 5.0, 1.0), station(0.25, 5.0, 1.0), station(0.0, 1.0, 1.0)];
        let routing = [vec![0.0, 0.0, 1.0], vec![0.0, 0.0, 1.0], vec![0.0; 3]];
        let merged = Qna::solve(&merge, &routing).expect("stable").stations()[2].arrival_scv;
        let departures = 1.0 + (1.0 - 0.0625) * 4.0;
        // v = 2, ρ = 0.5: w = 1/2.
        assert!((merged - (1.0 + 0.5 * (departures - 1.0))).abs() < 1e-12, "{merged}");
    }

    #[test]
    fn faults_name_the_station_and_the_number() {
        let error = Qna::solve(&[station(0.5, 1.0, -1.0)], &[vec![0.0]]).expect_err("negative");
        assert_eq!(error.to_string(), "service scv of station 0 is -1; it must be finite and at least 0");
        let error = Qna::solve(&[station(1.25, 1.0, 1.0)], &[vec![0.0]]).expect_err("overload");
        assert_eq!(
            error.to_string(),
            "station 0: offered load of 1.25 is too much for 1 server; at least 2 are needed"
        );
    }

    proptest! {
        /// Exponential everywhere, it is the Jackson network, also where jobs return at once.
        #[test]
        fn exponential_networks_are_jackson_networks(
            shares in prop::collection::vec(0.0..0.3_f64, 9), rates in prop::collection::vec(0.0..1.0_f64, 2),
            servers in prop::collection::vec(1..6_u64, 3),
        ) {
            let external = [0.5, rates[0], rates[1]];
            let routing: Vec<Vec<f64>> = shares.chunks(3).map(<[f64]>::to_vec).collect();
            let times: Vec<f64> = servers.iter().map(|&count| 0.05 * count as f64).collect();
            let count = |index: usize| Servers::new(servers[index]).expect("count");
            let stations: Vec<QnaStation> = (0..3).map(|index| QnaStation {
                external_arrival_rate: external[index], external_scv: 1.0, service_time: times[index],
                service_scv: 1.0, servers: Some(count(index)),
            }).collect();
            let qna = Qna::solve(&stations, &routing).expect("stable");
            let service: Vec<ServiceRate> = times.iter().map(|time| ServiceRate::new(1.0 / time).expect("rate")).collect();
            let kinds: Vec<StationKind> = (0..3).map(|index| StationKind::Servers(count(index))).collect();
            let jackson = Jackson::solve(&external, &routing, &service, &kinds).expect("stable");
            prop_assert!((qna.response_time() / jackson.response_time() - 1.0).abs() < 1e-11);
            for figures in qna.stations() {
                prop_assert!((figures.arrival_scv - 1.0).abs() < 1e-11);
            }
        }
    }
}
