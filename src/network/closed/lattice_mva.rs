use super::lattice::Lattice;
use super::network::{Core, Means};
use super::single_class::sum;

/// Mean value analysis of several classes at single servers.
///
/// ```text
/// R_rk(n) = D_rk·(1 + L_k(n − e_r)),   X_r(n) = n_r / (Z_r + Σ_k R_rk(n)),   L_k(n) = Σ_r X_r(n)·R_rk(n)
/// ```
///
/// The table of `L_k` is kept for one slab of the lattice only.
pub(super) fn solve(core: &Core) -> Means {
    let lattice = Lattice::new(&core.populations);
    let (classes, stations) = (lattice.classes(), core.stations.len());
    let demands: Vec<f64> = core.demands.concat();
    let back: Vec<usize> = (0..classes).map(|class| lattice.slab_stride(class) * stations).collect();
    let mut table = vec![0.0; lattice.slab() * stations];
    let mut residences = vec![0.0; classes * stations];
    let mut throughput = vec![0.0; classes];
    let mut queues = vec![0.0; stations];
    let mut walk = lattice.walk();
    while walk.advance() {
        queues.fill(0.0);
        let here = walk.slot * stations;
        for class in 0..classes {
            let jobs = walk.jobs[class];
            if jobs == 0 {
                throughput[class] = 0.0;
                continue;
            }
            let from = here - back[class];
            let fewer = &table[from..from + stations];
            let row = class * stations..(class + 1) * stations;
            let residence = &mut residences[row.clone()];
            for ((time, &demand), &queue) in residence.iter_mut().zip(&demands[row]).zip(fewer) {
                *time = demand * (1.0 + queue);
            }
            let rate = jobs as f64 / (core.think_times[class] + sum(residence));
            throughput[class] = rate;
            for (queue, &time) in queues.iter_mut().zip(&*residence) {
                *queue += rate * time;
            }
        }
        table[here..here + stations].copy_from_slice(&queues);
    }
    let mean_in_system = throughput
        .iter()
        .enumerate()
        .map(|(class, rate)| {
            residences[class * stations..(class + 1) * stations].iter().map(|time| rate * time).collect()
        })
        .collect();
    Means { throughput, mean_in_system, iterations: 0, residual: 0.0 }
}
