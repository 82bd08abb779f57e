use crate::network::{NetworkError, StationKind};

use super::network::{Core, Means};

/// Largest relative change of a queue at which a fixed point counts as found.
pub(super) const TOLERANCE: f64 = 1e-13;

/// The most iterations of a fixed point.
const MAX_ITERATIONS: u32 = 200_000;

/// A network of single servers and delays that stands for one with several servers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Singles {
    pub populations: Vec<f64>,
    pub think_times: Vec<f64>,
    pub demands: Vec<Vec<f64>>,
    /// Servers of each station.
    servers: Vec<f64>,
    /// What each class spends in the delay part of each station.
    pauses: Vec<Vec<f64>>,
}

impl Singles {
    /// Seidmann's transformation: `c` servers become one server `c` times as fast, and a delay of `(c − 1)/c` of the
    /// service time. Exact for `c = 1` and for a station that is never or always full.
    pub(super) fn new(core: &Core) -> Result<Self, NetworkError> {
        let servers = core
            .stations
            .iter()
            .map(|kind| match kind {
                StationKind::Servers(servers) => Ok(servers.get() as f64),
                StationKind::Delay | StationKind::LoadDependent(_) => Err(NetworkError::Unsupported {
                    what: "a station with a list of speeds",
                    by: "an approximation",
                    instead: "use the exact method",
                }),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let split = |row: &Vec<f64>, part: fn(f64) -> f64| -> Vec<f64> {
            row.iter().zip(&servers).map(|(demand, &count)| demand * part(count)).collect()
        };
        let demands = core.demands.iter().map(|row| split(row, |count| 1.0 / count)).collect();
        let pauses: Vec<Vec<f64>> = core.demands.iter().map(|row| split(row, |count| (count - 1.0) / count)).collect();
        let think_times =
            core.think_times.iter().zip(&pauses).map(|(time, row)| time + row.iter().sum::<f64>()).collect();
        let populations = core.populations.iter().map(|&jobs| jobs as f64).collect();
        Ok(Self { populations, think_times, demands, servers, pauses })
    }

    /// Adds the jobs in the delay parts.
    pub(super) fn means(&self, throughput: Vec<f64>, queues: &[Vec<f64>], iterations: u32, residual: f64) -> Means {
        let stretch = self
            .servers
            .iter()
            .enumerate()
            .map(|(station, &count)| {
                let waiting: f64 = queues.iter().map(|row| row[station]).sum();
                (count + waiting) / count
            })
            .collect();
        let mean_in_system = queues
            .iter()
            .zip(&self.pauses)
            .zip(&throughput)
            .map(|((row, pauses), rate)| row.iter().zip(pauses).map(|(queue, pause)| queue + rate * pause).collect())
            .collect();
        Means { throughput, mean_in_system, stretch, iterations, residual }
    }

    /// Every class spread evenly over the stations that it visits.
    pub(super) fn even_start(&self) -> Vec<Vec<f64>> {
        self.populations
            .iter()
            .zip(&self.demands)
            .map(|(jobs, row)| {
                let visited = row.iter().filter(|demand| **demand > 0.0).count().max(1) as f64;
                row.iter().map(|&demand| if demand > 0.0 { jobs / visited } else { 0.0 }).collect()
            })
            .collect()
    }
}

/// The fixed point of Bard and Schweitzer.
///
/// ```text
/// L_k(N − e_r) ≈ Σ_s L_sk − L_rk/N_r,   R_rk = D_rk·(1 + L_k(N − e_r)),   X_r = N_r/(Z_r + Σ_k R_rk)
/// ```
///
/// Starts even; ends when no queue of any class changes by more than [`TOLERANCE`] of the class's jobs.
pub(super) fn solve(core: &Core) -> Result<Means, NetworkError> {
    let singles = Singles::new(core)?;
    let mut queues = singles.even_start();
    let mut throughput = vec![0.0; singles.populations.len()];
    let mut totals = vec![0.0; core.stations.len()];
    let mut residences = vec![0.0; core.stations.len()];
    let mut residual = f64::INFINITY;
    for iteration in 1..=MAX_ITERATIONS {
        totals.fill(0.0);
        for row in &queues {
            for (total, queue) in totals.iter_mut().zip(row) {
                *total += queue;
            }
        }
        residual = 0.0;
        for (class, &jobs) in singles.populations.iter().enumerate() {
            for (station, residence) in residences.iter_mut().enumerate() {
                let found = totals[station] - queues[class][station] / jobs;
                *residence = singles.demands[class][station] * (1.0 + found);
            }
            throughput[class] = jobs / (singles.think_times[class] + residences.iter().sum::<f64>());
            for ((queue, total), residence) in queues[class].iter_mut().zip(&mut totals).zip(&residences) {
                let next = throughput[class] * residence;
                residual = f64::max(residual, (next - *queue).abs() / jobs);
                // Later classes already see the new queue.
                *total += next - *queue;
                *queue = next;
            }
        }
        if residual <= TOLERANCE {
            return Ok(singles.means(throughput, &queues, iteration, residual));
        }
    }
    Err(NetworkError::NotConverged { iterations: MAX_ITERATIONS, residual })
}
