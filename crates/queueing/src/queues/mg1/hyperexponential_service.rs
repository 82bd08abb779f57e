use crate::numeric::find_root;

use crate::queues::laws::service_shape::ServiceBranch;

/// One term `weight·e^(−rate·t)` of a tail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::queues) struct Decay {
    pub wait: f64,
    pub sojourn: f64,
    pub rate: f64,
}

/// Step on the way to a small root.
const SHRINK: f64 = 1e-3;

/// Solves the M/G/1 queue with hyperexponential service: `branches` of rising rates, `spare` = 1 − ρ.
///
/// # Formula
///
/// ```text
/// P(W_q > t) = Σ_k w_k·e^(−x_k·t),   w_k = (1 − ρ) / (x_k·Σ_i ρ_i·r_i/(r_i − x_k)²),   Σ_i ρ_i·x_k/(r_i − x_k) = 1 − ρ
/// P(W > t) = Σ_k w_k·(1 + x_k/λ)·e^(−x_k·t)
/// ```
///
/// with `r_i` the rates and `ρ_i = λ·p_i/r_i`: one root below the least rate, one between each two neighbours.
///
/// # Method
///
/// Each root is found as its distance from the nearer end of its interval, so that it keeps its digits beside a pole. All
/// weights are positive.
pub(in crate::queues) fn decays(arrival_rate: f64, branches: &[ServiceBranch], spare: f64) -> Vec<Decay> {
    if arrival_rate == 0.0 {
        return branches
            .iter()
            .map(|branch| Decay { wait: 0.0, sojourn: branch.probability, rate: branch.rate })
            .collect();
    }
    let share = |branch: &ServiceBranch| arrival_rate * branch.probability / branch.rate;
    let mut below = 0.0;
    branches
        .iter()
        .map(|branch| {
            let (low, high) = (below, branch.rate);
            below = high;
            // Σ_i ρ_i·x/(r_i − x) − (1 − ρ) for x at a distance from an end of the interval.
            let excess = |end: f64, distance: f64| {
                let x = end + distance;
                branches.iter().map(|other| share(other) * x / ((other.rate - end) - distance)).sum::<f64>() - spare
            };
            let half = 0.5 * (high - low);
            let (end, side) = if excess(low, half) > 0.0 { (low, 1.0) } else { (high, -1.0) };
            // Times the distance there is no pole at the end; at 0 there is none anyway.
            // Times the distance there is no pole at the end; at 0 there is none anyway.
            let residue = |distance: f64| {
                if end == 0.0 {
                    return excess(end, distance);
                }
                let x = end + side * distance;
                let term = |other: &ServiceBranch| {
                    let gap = other.rate - end;
                    // ρ·x/(r − x)·distance, where r is the end itself −side·ρ·x.
                    if gap == 0.0 {
                        -side * share(other) * x
                    } else {
                        share(other) * x * distance / (gap - side * distance)
                    }
                };
                branches.iter().map(term).sum::<f64>() - spare * distance
            };
            // Down to the size of the root first: it may be as small as the load.
            let (mut far, beyond) = (half, residue(half) > 0.0);
            while far * SHRINK > f64::MIN_POSITIVE && (residue(far * SHRINK) > 0.0) == beyond {
                far *= SHRINK;
            }
            let root = find_root(residue, far * SHRINK, far, 1e-16);
            let distance = side * root.unwrap_or(far);
            let rate = end + distance;
            let slope: f64 = branches
                .iter()
                .map(|other| {
                    let gap = (other.rate - end) - distance;
                    share(other) * (other.rate / gap) / gap
                })
                .sum();
            let wait = spare / rate / slope;
            Decay { wait, sojourn: wait * (1.0 + rate / arrival_rate), rate }
        })
        .collect()
}
