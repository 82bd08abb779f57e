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
    let mut residences = vec![[0.0; LANES]; classes * blocks];
    let mut throughput = vec![0.0; classes];
    let mut walk = lattice.walk();
    while walk.advance() {
        let here = walk.slot * blocks;
        let rows = residences.chunks_exact_mut(blocks).zip(demands.chunks_exact(blocks));
        let classes = throughput.iter_mut().zip(&walk.jobs).zip(&core.think_times).zip(&back);
        for ((((rate, &jobs), think_time), back), (residence, demand)) in classes.zip(rows) {
            if jobs == 0 {
                *rate = 0.0;
                continue;
            }
            let fewer = &table[here - back..][..blocks];
            let mut sums = [0.0; LANES];
            for ((times, demands), queues) in residence.iter_mut().zip(demand).zip(fewer) {
                for lane in 0..LANES {
                    times[lane] = demands[lane] * queues[lane];
                    sums[lane] += times[lane];
                }
            }
            *rate = jobs as f64 / (think_time + total(&sums));
        }
        for (block, queues) in table[here..][..blocks].iter_mut().enumerate() {
            let mut next = [1.0; LANES];
            for (rate, row) in throughput.iter().zip(residences.chunks_exact(blocks)) {
                for lane in 0..LANES {
                    next[lane] += rate * row[block][lane];
                }
            }
            *queues = next;
        }
    }
    let mean_in_system = throughput
        .iter()
        .zip(residences.chunks_exact(blocks))
        .map(|(rate, row)| row.iter().flatten().take(stations).map(|time| rate * time).collect())
        .collect();
    Means { throughput, mean_in_system, iterations: 0, residual: 0.0 }
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
