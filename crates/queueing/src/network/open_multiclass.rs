use crate::queues::{Mmc, StationFigures};
use crate::units::{ArrivalRate, ServiceRate};

use super::{NetworkError, StationKind};

/// Means of an open network of several classes. Tables are `[class][station]`.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenSolution {
    /// Mean time of a job of each class in the network.
    pub response_times: Vec<f64>,
    /// Mean time at each station over all visits.
    pub residence_times: Vec<Vec<f64>>,
    /// Mean number at each station.
    pub mean_in_system: Vec<Vec<f64>>,
    /// Share of the highest speed of a station that a class uses; `None` for a delay station.
    pub utilization: Vec<Vec<Option<f64>>>,
    /// Mean time of a job of any class.
    pub response_time: f64,
}

/// Solves an open product-form network of several classes.
///
/// # Formula
///
/// ```text
/// a_rk = λ_r·D_rk,   a_k = Σ_r a_rk
/// L_k = L of M/M/c at offered load a_k,   L_rk = L_k·a_rk/a_k,   W_rk = L_rk/λ_r
/// ```
///
/// with `D_rk = demands[r][k]` seconds (visits times service time). A delay station has `L_rk = a_rk`; a station with a
/// list of speeds has the law of a birth-death process.
///
/// # Method
///
/// Exact (BCMP) for Poisson arrivals and stations with processor sharing, or in order of arrival with exponential
/// service of one mean for all classes. A class that never arrives sees the queues that the others leave.
///
/// # Errors
///
/// [`NetworkError::Empty`], [`NetworkError::Lengths`], [`NetworkError::ClassValue`]; [`NetworkError::Station`] for the
/// first station that has no steady state.
///
/// # References
///
/// [Baskett75](crate::references#baskett75), [Bolch06](crate::references#bolch06) §8.
pub fn open_multiclass(
    arrival_rates: &[f64],
    demands: &[Vec<f64>],
    stations: &[StationKind],
) -> Result<OpenSolution, NetworkError> {
    check(arrival_rates, demands, stations)?;
    let classes = arrival_rates.len();
    let mut solution = OpenSolution {
        response_times: vec![0.0; classes],
        residence_times: vec![vec![0.0; stations.len()]; classes],
        mean_in_system: vec![vec![0.0; stations.len()]; classes],
        utilization: vec![vec![None; stations.len()]; classes],
        response_time: 0.0,
    };
    for (station, kind) in stations.iter().enumerate() {
        let load: f64 = arrival_rates.iter().zip(demands).map(|(rate, row)| rate * row[station]).sum();
        // Time at the station over time in service: the same for all classes.
        let stretch = stretch(load, kind, station)?;
        for (class, (&rate, row)) in arrival_rates.iter().zip(demands).enumerate() {
            let residence = row[station] * stretch;
            solution.residence_times[class][station] = residence;
            solution.mean_in_system[class][station] = rate * residence;
            solution.utilization[class][station] = kind.highest_speed().map(|speed| rate * row[station] / speed);
            solution.response_times[class] += residence;
        }
    }
    let all: f64 = arrival_rates.iter().sum();
    let jobs: f64 = solution.mean_in_system.iter().flatten().sum();
    if all > 0.0 {
        solution.response_time = jobs / all;
    }
    Ok(solution)
}

pub(super) fn check(arrival_rates: &[f64], demands: &[Vec<f64>], stations: &[StationKind]) -> Result<(), NetworkError> {
    let domain = "finite and at least 0";
    if arrival_rates.is_empty() {
        return Err(NetworkError::Empty { what: "the list of arrival rates" });
    }
    if stations.is_empty() {
        return Err(NetworkError::Empty { what: "the list of stations" });
    }
    if demands.len() != arrival_rates.len() {
        let (found, expected) = (demands.len(), arrival_rates.len());
        return Err(NetworkError::Lengths { what: "rows of service demands", found, expected, of: "classes" });
    }
    for (station, kind) in stations.iter().enumerate() {
        kind.check(station)?;
    }
    for (class, (row, &rate)) in demands.iter().zip(arrival_rates).enumerate() {
        if row.len() != stations.len() {
            let (found, expected) = (row.len(), stations.len());
            return Err(NetworkError::Lengths { what: "service demands of a class", found, expected, of: "stations" });
        }
        if !(rate >= 0.0 && rate.is_finite()) {
            return Err(NetworkError::ClassValue { what: "arrival rate", class, value: rate, domain });
        }
        if let Some(&value) = row.iter().find(|demand| !(**demand >= 0.0 && demand.is_finite())) {
            return Err(NetworkError::ClassValue { what: "a service demand", class, value, domain });
        }
    }
    Ok(())
}

/// Mean number at a station over its offered load; 1 where nobody ever waits.
fn stretch(load: f64, kind: &StationKind, station: usize) -> Result<f64, NetworkError> {
    let value = |what, value, domain| NetworkError::Value { what, station, value, domain };
    let arrivals = ArrivalRate::new(load).map_err(|error| value("offered load", error.value, error.domain))?;
    match kind {
        StationKind::Delay => Ok(1.0),
        StationKind::Servers(servers) => {
            let unit = ServiceRate::new(1.0).map_err(|error| value("service rate", error.value, error.domain))?;
            let queue =
                Mmc::new(arrivals, unit, *servers).map_err(|source| NetworkError::Station { station, source })?;
            // With service times as the unit of time, the sojourn is the stretch.
            Ok(queue.sojourn_time())
        }
        StationKind::LoadDependent(speeds) => birth_death(load, speeds, station),
    }
}

/// `L/a` of a birth-death process with arrival rate `a` and death rates `speeds`, the last for ever.
fn birth_death(load: f64, speeds: &[f64], station: usize) -> Result<f64, NetworkError> {
    let (Some(&first), Some(&last)) = (speeds.first(), speeds.last()) else {
        return Err(NetworkError::Empty { what: "a station's list of speeds" });
    };
    if load >= last {
        return Err(NetworkError::Overloaded { station, load, speed: last });
    }
    if load == 0.0 {
        return Ok(1.0 / first);
    }
    // Weights of 0 … b − 1 jobs over the largest, and a geometric tail from b on.
    let mut logs = vec![0.0];
    for speed in speeds {
        logs.push(logs[logs.len() - 1] + (load / speed).ln());
    }
    let highest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let ratio = load / last;
    let rest = (last - load) / last;
    let (mut total, mut moment) = (0.0, 0.0);
    for (jobs, log) in logs.iter().enumerate() {
        let weight = (log - highest).exp();
        if jobs < speeds.len() {
            total += weight;
            moment += jobs as f64 * weight;
        } else {
            total += weight / rest;
            moment += weight / rest * (jobs as f64 + ratio / rest);
        }
    }
    Ok(moment / total / load)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Servers;

    #[test]
    fn one_class_at_one_server_is_mm1() {
        let solution = open_multiclass(&[0.8], &[vec![1.0]], &[StationKind::SINGLE]).expect("stable");
        assert!((solution.mean_in_system[0][0] - 4.0).abs() < 1e-12);
    }

    #[test]
    fn a_list_of_speeds_may_be_that_of_several_servers() {
        let servers = StationKind::Servers(Servers::new(3).expect("count"));
        let speeds = StationKind::LoadDependent(vec![1.0, 2.0, 3.0]);
        for load in [1e-9, 0.5, 2.0, 2.999] {
            let mean = |kind: &StationKind| {
                let solution = open_multiclass(&[load], &[vec![1.0]], std::slice::from_ref(kind)).expect("stable");
                solution.response_time
            };
            assert!((mean(&servers) / mean(&speeds) - 1.0).abs() < 1e-12, "{load}");
        }
    }

    #[test]
    fn faults_name_the_number() {
        let single = [StationKind::SINGLE];
        let message = |rates: &[f64], demands: &[Vec<f64>], stations: &[StationKind]| {
            open_multiclass(rates, demands, stations).expect_err("refused").to_string()
        };
        assert_eq!(
            message(&[1.0, 1.0], &[vec![0.5], vec![0.75]], &single),
            "station 0: offered load of 1.25 is too much for 1 server; at least 2 are needed"
        );
        assert_eq!(
            message(&[3.0], &[vec![1.0]], &[StationKind::LoadDependent(vec![1.0, 2.0])]),
            "station 0: offered load of 3 is too much for a speed of 2; lower the arrival rates, or give it more servers"
        );
        assert_eq!(
            message(&[], &[], &single),
            "the list of arrival rates is empty; a network needs at least one station and one class"
        );
        assert_eq!(
            message(&[-1.0], &[vec![1.0]], &single),
            "arrival rate of class 0 is -1; it must be finite and at least 0"
        );
    }
}
