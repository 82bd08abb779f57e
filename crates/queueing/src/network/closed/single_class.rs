use super::network::{Core, Means};

/// Mean value analysis of one class at single servers.
///
/// ```text
/// R_k(n) = D_k·(1 + L_k(n − 1)),   X(n) = n / (Z + Σ R_k(n)),   L_k(n) = X(n)·R_k(n)
/// ```
///
/// Every term is positive, and errors shrink on the way: nothing cancels.
pub(super) fn solve(core: &Core, jobs: usize) -> Means {
    let demands = core.demands.first().map_or(&[][..], Vec::as_slice);
    let think_time = core.think_times.iter().sum::<f64>();
    let mut queues = vec![0.0; demands.len()];
    let mut residences = vec![0.0; demands.len()];
    let mut throughput = 0.0;
    for n in 1..=jobs {
        throughput = step(demands, think_time, n, &mut queues, &mut residences);
    }
    let stretch = queues.iter().map(|queue| 1.0 + queue).collect();
    Means { throughput: vec![throughput], mean_in_system: vec![queues], stretch, iterations: 0, residual: 0.0 }
}

/// The throughputs with 0, 1, … `jobs` jobs at single servers.
pub(super) fn throughputs(demands: &[f64], think_time: f64, jobs: usize) -> Vec<f64> {
    let mut queues = vec![0.0; demands.len()];
    let mut residences = vec![0.0; demands.len()];
    let mut throughputs = Vec::with_capacity(jobs + 1);
    throughputs.push(0.0);
    for n in 1..=jobs {
        throughputs.push(step(demands, think_time, n, &mut queues, &mut residences));
    }
    throughputs
}

/// Goes from the queues with one job fewer to those with `n`, and returns the throughput.
fn step(demands: &[f64], think_time: f64, n: usize, queues: &mut [f64], residences: &mut [f64]) -> f64 {
    for ((residence, &demand), &queue) in residences.iter_mut().zip(demands).zip(&*queues) {
        *residence = demand * (1.0 + queue);
    }
    let throughput = n as f64 / (think_time + sum(residences));
    for (queue, &residence) in queues.iter_mut().zip(&*residences) {
        *queue = throughput * residence;
    }
    throughput
}

/// Four running sums: a single one would wait for each addition.
pub(super) fn sum(values: &[f64]) -> f64 {
    let mut four = [0.0; 4];
    let chunks = values.chunks_exact(4);
    let rest: f64 = chunks.remainder().iter().sum();
    for chunk in chunks {
        for (one, value) in four.iter_mut().zip(chunk) {
            *one += value;
        }
    }
    (four[0] + four[1]) + (four[2] + four[3]) + rest
}
