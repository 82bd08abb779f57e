use super::closed::{ClosedMethod, ClosedNetwork, ClosedSolution};
use super::open_multiclass::check;
use super::{NetworkError, StationKind};

/// Means of a network with open and closed classes. Tables are `[class][station]`.
#[derive(Debug, Clone, PartialEq)]
pub struct MixedSolution {
    /// Means of the closed classes; utilizations and residence times are those of the real stations.
    pub closed: ClosedSolution,
    /// Mean time of a job of each open class in the network.
    pub open_response_times: Vec<f64>,
    /// Mean time of each open class at each station over all visits.
    pub open_residence_times: Vec<Vec<f64>>,
    /// Mean number of each open class at each station.
    pub open_mean_in_system: Vec<Vec<f64>>,
    /// Share of each station's time that the open classes take together; `None` for a delay station.
    pub open_utilization: Vec<Option<f64>>,
}

/// Solves a network with open classes beside closed ones.
///
/// # Formula
///
/// ```text
/// U_k = Σ_open λ_r·D_rk,   D'_rk = D_rk/(1 − U_k) for the closed classes
/// W_rk = D_rk·(1 + L_k^closed)/(1 − U_k) for the open classes
/// ```
///
/// # Method
///
/// Exact (BCMP) when `method` is: the open classes slow each single server down for the closed ones, and see the
/// closed network as it stands.
///
/// # Errors
///
/// Those of [`ClosedNetwork`]; [`NetworkError::Overloaded`] when the open classes alone fill a station;
/// [`NetworkError::Unsupported`] for stations with several servers or a list of speeds.
///
/// # References
///
/// [Lazowska84](crate::references#lazowska84) §7.4, [Bolch06](crate::references#bolch06) §8.2.
pub fn mixed_multiclass(
    arrival_rates: &[f64],
    open_demands: &[Vec<f64>],
    populations: Vec<u64>,
    think_times: Vec<f64>,
    closed_demands: &[Vec<f64>],
    stations: &[StationKind],
    method: ClosedMethod,
) -> Result<MixedSolution, NetworkError> {
    check(arrival_rates, open_demands, stations)?;
    // Share of each station that is left.
    let mut spare = Vec::with_capacity(stations.len());
    for (station, kind) in stations.iter().enumerate() {
        let load: f64 = arrival_rates.iter().zip(open_demands).map(|(rate, row)| rate * row[station]).sum();
        spare.push(match kind {
            StationKind::Delay => 1.0,
            kind if kind.is_single() && load < 1.0 => 1.0 - load,
            kind if kind.is_single() => return Err(NetworkError::Overloaded { station, load, speed: 1.0 }),
            _ => {
                let what = "several servers or a list of speeds";
                return Err(NetworkError::Unsupported {
                    what,
                    by: "the method for open and closed classes together",
                    instead: "make all classes open or all closed, or put one faster server in its place",
                });
            }
        });
    }
    let slowed = closed_demands
        .iter()
        .map(|row| row.iter().zip(&spare).map(|(demand, spare)| demand / spare).collect())
        .collect();
    let mut closed = ClosedNetwork::new(populations, think_times, slowed, stations.to_vec())?.solve(method)?;
    for (class, row) in closed.utilization.iter_mut().enumerate() {
        for (utilization, demand) in row.iter_mut().zip(&closed_demands[class]) {
            *utilization = utilization.map(|_| closed.throughput[class] * demand);
        }
    }
    let others: Vec<f64> =
        (0..stations.len()).map(|station| closed.mean_in_system.iter().map(|row| row[station]).sum()).collect();
    let open_residence_times: Vec<Vec<f64>> = open_demands
        .iter()
        .map(|row| {
            (0..stations.len())
                .map(|station| match stations[station] {
                    StationKind::Delay => row[station],
                    _ => row[station] * (1.0 + others[station]) / spare[station],
                })
                .collect()
        })
        .collect();
    Ok(MixedSolution {
        closed,
        open_response_times: open_residence_times.iter().map(|row| row.iter().sum()).collect(),
        open_mean_in_system: open_residence_times
            .iter()
            .zip(arrival_rates)
            .map(|(row, rate)| row.iter().map(|time| rate * time).collect())
            .collect(),
        open_utilization: stations
            .iter()
            .enumerate()
            .map(|(station, kind)| {
                let load = || arrival_rates.iter().zip(open_demands).map(|(rate, row)| rate * row[station]).sum();
                kind.highest_speed().map(|_| load())
            })
            .collect(),
        open_residence_times,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn solve(rate: f64, jobs: u64) -> Result<MixedSolution, NetworkError> {
        let stations = [StationKind::SINGLE, StationKind::Delay];
        let method = ClosedMethod::Exact;
        mixed_multiclass(&[rate], &[vec![0.5, 2.0]], vec![jobs], vec![1.0], &[vec![0.2, 0.3]], &stations, method)
    }

    #[test]
    fn without_closed_jobs_it_is_the_open_network() {
        let mixed = solve(1.0, 0).expect("stable");
        assert!((mixed.open_response_times[0] - (1.0 + 2.0)).abs() < 1e-14);
        assert_eq!(mixed.closed.throughput, [0.0]);
        assert_eq!(mixed.open_utilization, [Some(0.5), None]);
    }

    #[test]
    fn without_open_jobs_it_is_the_closed_network() {
        let mixed = solve(0.0, 5).expect("stable");
        let stations = vec![StationKind::SINGLE, StationKind::Delay];
        let closed = ClosedNetwork::new(vec![5], vec![1.0], vec![vec![0.2, 0.3]], stations).expect("valid");
        assert_eq!(mixed.closed, closed.solve(ClosedMethod::Exact).expect("small"));
    }

    #[test]
    fn open_classes_that_fill_a_station_are_refused() {
        assert_eq!(
            solve(2.5, 1).expect_err("full").to_string(),
            "station 0: offered load of 1.25 is too much for a speed of 1; it must stay below"
        );
    }
}
