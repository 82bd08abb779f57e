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
        for ((residence, &demand), &queue) in residences.iter_mut().zip(demands).zip(&queues) {
            *residence = demand * (1.0 + queue);
        }
        throughput = n as f64 / (think_time + sum(&residences));
        for (queue, &residence) in queues.iter_mut().zip(&residences) {
            *queue = throughput * residence;
        }
    }
    Means { throughput: vec![throughput], mean_in_system: vec![queues], iterations: 0, residual: 0.0 }
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
