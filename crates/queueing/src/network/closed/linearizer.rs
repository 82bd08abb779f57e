use crate::network::NetworkError;

use super::network::{Core, Means};
use super::schweitzer::Singles;

/// Largest change of a queue, as a share of its class, at which an inner fixed point counts as found.
const INNER_TOLERANCE: f64 = 1e-12;

/// The most iterations of an inner fixed point.
const MAX_INNER: u32 = 100_000;

/// Times that the differences are estimated anew. Chandy and Neuse stop after two; the third changes little.
const ROUNDS: u32 = 3;

/// One population of the method: everybody, or one job of a class fewer.
#[derive(Debug, Clone)]
struct Level {
    populations: Vec<f64>,
    queues: Vec<Vec<f64>>,
    throughput: Vec<f64>,
}

impl Level {
    /// Slows classes down until no station works more than all the time.
    fn keep_within(&mut self, demands: &[Vec<f64>]) {
        for station in 0..self.queues.first().map_or(0, Vec::len) {
            let load: f64 = self.throughput.iter().zip(demands).map(|(rate, row)| rate * row[station]).sum();
            if load <= 1.0 {
                continue;
            }
            let share = load.recip();
            for (class, row) in self.queues.iter_mut().enumerate().filter(|(class, _)| demands[*class][station] > 0.0) {
                let waiting = row[station];
                for queue in row.iter_mut() {
                    *queue *= share;
                }
                row[station] = waiting + (1.0 - share) * (self.populations[class] - waiting);
                self.throughput[class] *= share;
            }
        }
    }
}

/// The fixed point of Chandy and Neuse.
///
/// Schweitzer's method takes the share of a class that is at a station as the same with one job fewer. Here its
/// difference `δ_rks = L_rk(N − e_s)/(N − e_s)_r − L_rk(N)/N_r` is estimated: the network is solved for everybody and
/// for one job of each class fewer, with the differences of the round before.
///
/// ```text
/// L_rk(n − e_s) ≈ (n − e_s)_r·(L_rk(n)/n_r + δ_rks)
/// ```
///
/// Near saturation the estimates can ask more of a station than it has: by a share of 1e-4 and less in thousands of random
/// networks. Then its classes are slowed down to what it has, and the jobs that are left over wait there.
pub(super) fn solve(core: &Core) -> Result<Means, NetworkError> {
    let singles = Singles::new(core)?;
    let (classes, stations) = (singles.populations.len(), core.stations.len());
    let whole = Level {
        populations: singles.populations.clone(),
        queues: singles.even_start(),
        throughput: vec![0.0; classes],
    };
    let mut levels: Vec<Level> = vec![whole; classes + 1];
    for (class, level) in levels.iter_mut().skip(1).enumerate() {
        level.populations[class] -= 1.0;
        let share = level.populations[class] / singles.populations[class];
        level.queues[class].iter_mut().for_each(|queue| *queue *= share);
    }
    // [missing class][class][station]
    let mut differences = vec![vec![vec![0.0; stations]; classes]; classes];
    let (mut iterations, mut residual) = (0, 0.0);
    for round in 0..=ROUNDS {
        for (index, level) in levels.iter_mut().enumerate() {
            // The last round needs the answer only.
            if round < ROUNDS || index == 0 {
                let (inner, change) = fixed_point(&singles, level, &differences)?;
                iterations += inner;
                residual = change;
            }
        }
        let Some((whole, fewer)) = levels.split_first() else { break };
        for (level, table) in fewer.iter().zip(&mut differences) {
            for (class, row) in table.iter_mut().enumerate() {
                let (fewer, all) = (level.populations[class], whole.populations[class]);
                if fewer > 0.0 {
                    let queues = level.queues[class].iter().zip(&whole.queues[class]);
                    for (difference, (short, full)) in row.iter_mut().zip(queues) {
                        *difference = short / fewer - full / all;
                    }
                }
            }
        }
    }
    match levels.into_iter().next() {
        Some(mut whole) => {
            whole.keep_within(&singles.demands);
            Ok(singles.means(whole.throughput, &whole.queues, iterations, residual))
        }
        None => Err(NetworkError::Empty { what: "the list of populations" }),
    }
}

/// Solves one population with the differences as they are.
fn fixed_point(
    singles: &Singles,
    level: &mut Level,
    differences: &[Vec<Vec<f64>>],
) -> Result<(u32, f64), NetworkError> {
    let Level { populations, queues, throughput } = level;
    let stations = queues.first().map_or(0, Vec::len);
    let mut totals = vec![0.0; stations];
    // What the differences add to the queue that a job of a class finds: constant in this fixed point.
    let corrections: Vec<Vec<f64>> = differences
        .iter()
        .enumerate()
        .map(|(missing, table)| {
            let mut sum = vec![0.0; stations];
            for (class, row) in table.iter().enumerate() {
                let jobs = (populations[class] - f64::from(u8::from(class == missing))).max(0.0);
                for (sum, difference) in sum.iter_mut().zip(row) {
                    *sum += jobs * difference;
                }
            }
            sum
        })
        .collect();
    let mut residences = vec![0.0; stations];
    let mut residual = f64::INFINITY;
    for iteration in 1..=MAX_INNER {
        totals.fill(0.0);
        for row in &*queues {
            for (total, queue) in totals.iter_mut().zip(row) {
                *total += queue;
            }
        }
        residual = 0.0;
        for (class, &jobs) in populations.iter().enumerate() {
            if jobs <= 0.0 {
                throughput[class] = 0.0;
                continue;
            }
            for (station, residence) in residences.iter_mut().enumerate() {
                let found = totals[station] - queues[class][station] / jobs + corrections[class][station];
                // Rough differences can make a small queue negative on the way.
                *residence = singles.demands[class][station] * (1.0 + found.max(0.0));
            }
            throughput[class] = jobs / (singles.think_times[class] + residences.iter().sum::<f64>());
            for ((queue, total), residence) in queues[class].iter_mut().zip(&mut totals).zip(&residences) {
                let next = throughput[class] * residence;
                residual = f64::max(residual, (next - *queue).abs() / jobs);
                *total += next - *queue;
                *queue = next;
            }
        }
        if residual <= INNER_TOLERANCE {
            return Ok((iteration, residual));
        }
    }
    Err(NetworkError::NotConverged { iterations: MAX_INNER, residual })
}
