use super::lattice::Lattice;
use super::network::{Core, Means};

/// Stations computed side by side.
const LANES: usize = 8;

/// Figures of as many stations.
type Lanes = [f64; LANES];

/// Mean value analysis of several classes at single servers.
///
/// ```text
/// R_rk(n) = D_rk·(1 + L_k(n − e_r)),   X_r(n) = n_r / (Z_r + Σ_k R_rk(n)),   L_k(n) = Σ_r X_r(n)·R_rk(n)
/// ```
///
/// The table holds `1 + L_k` for one slab of the lattice only, so it stays in the processor's cache. Stations are
/// padded to whole lanes; one without demand has no jobs.
pub(super) fn solve(core: &Core) -> Means {
    let lattice = Lattice::new(&core.populations);
    let (classes, stations) = (lattice.classes(), core.stations.len());
    let blocks = stations.div_ceil(LANES).max(1);
    let demands: Vec<Lanes> = core.demands.iter().flat_map(|row| in_lanes(row, blocks)).collect();
    let back: Vec<usize> = (0..classes).map(|class| lattice.slab_stride(class) * blocks).collect();
    let mut table = vec![[1.0; LANES]; lattice.slab() * blocks];
    let mut throughput = vec![0.0; classes];
    let mut mean_in_system = vec![vec![0.0; stations]; classes];
    let everybody = lattice.size() - 1;
    let mut walk = lattice.walk();
    while walk.advance() {
        let here = walk.slot * blocks;
        for (class, rate) in throughput.iter_mut().enumerate() {
            let jobs = walk.jobs[class];
            if jobs == 0 {
                *rate = 0.0;
                continue;
            }
            let mut sums = [0.0; LANES];
            for (demands, queues) in demands[class * blocks..][..blocks].iter().zip(&table[here - back[class]..]) {
                for lane in 0..LANES {
                    sums[lane] += demands[lane] * queues[lane];
                }
            }
            *rate = jobs as f64 / (core.think_times[class] + total(&sums));
        }
        if walk.index == everybody {
            for (class, row) in mean_in_system.iter_mut().enumerate() {
                let lanes = demands[class * blocks..].iter().zip(&table[here - back[class]..]);
                let residences = lanes.flat_map(|(demands, queues)| demands.iter().zip(queues));
                for (mean, (demand, queue)) in row.iter_mut().zip(residences) {
                    *mean = throughput[class] * (demand * queue);
                }
            }
        }
        for block in 0..blocks {
            let mut next = [1.0; LANES];
            for (class, &rate) in throughput.iter().enumerate() {
                // Without jobs there is no population with one fewer.
                if rate > 0.0 {
                    let (demands, queues) = (&demands[class * blocks + block], &table[here - back[class] + block]);
                    for lane in 0..LANES {
                        next[lane] += rate * (demands[lane] * queues[lane]);
                    }
                }
            }
            table[here + block] = next;
        }
    }
    let queue = |station: usize| mean_in_system.iter().map(|row| row[station]).sum::<f64>();
    let stretch = (0..stations).map(|station| 1.0 + queue(station)).collect();
    Means { throughput, mean_in_system, stretch, iterations: 0, residual: 0.0 }
}

/// Fills lanes with a row, and what is left of them with nothing.
fn in_lanes(row: &[f64], blocks: usize) -> Vec<Lanes> {
    let mut lanes = vec![[0.0; LANES]; blocks];
    for (value, place) in row.iter().zip(lanes.iter_mut().flatten()) {
        *place = *value;
    }
    lanes
}

/// In a tree: a running sum would wait for each addition.
fn total(sums: &Lanes) -> f64 {
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}
