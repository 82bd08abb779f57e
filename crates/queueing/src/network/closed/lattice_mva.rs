use super::lattice::{Lattice, Wave};
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
/// The table holds `1 + L_k` for one slab of the lattice only, so it stays in the processor's cache, in the order of the
/// number of jobs: populations of the same number do not need each other, and the processor works on several at a time.
///
/// Stations are padded to whole lanes and classes to a number known to the compiler: a station without demand has no
/// jobs, and a class without jobs has a throughput of 0.
pub(super) fn solve(core: &Core) -> Means {
    match core.populations.len() {
        0..=2 => padded::<2>(core),
        3 => padded::<3>(core),
        4 => padded::<4>(core),
        5 => padded::<5>(core),
        6 => padded::<6>(core),
        7..=8 => padded::<8>(core),
        9..=12 => padded::<12>(core),
        13..=16 => padded::<16>(core),
        // More than 27 classes have more populations than any limit of steps allows.
        _ => padded::<32>(core),
    }
}

/// Solves a network of at most `CLASSES` classes.
fn padded<const CLASSES: usize>(core: &Core) -> Means {
    let lattice = Lattice::new(&core.populations);
    let (classes, stations) = (lattice.classes(), core.stations.len());
    let blocks = stations.div_ceil(LANES).max(1);
    // [block][class]
    let demands: Vec<[Lanes; CLASSES]> = (0..blocks)
        .map(|block| {
            std::array::from_fn(|class| match core.demands.get(class) {
                Some(row) => lanes(&row[(block * LANES).min(stations)..]),
                None => [0.0; LANES],
            })
        })
        .collect();
    let think_times: [f64; CLASSES] = std::array::from_fn(|class| core.think_times.get(class).copied().unwrap_or(1.0));
    let mut waves: Vec<[Wave; CLASSES]> = lattice
        .waves()
        .chunks_exact(classes)
        .zip(0..)
        .map(|(wave, place)| {
            let idle = Wave { jobs: 0, fewer: place };
            std::array::from_fn(|class| wave.get(class).copied().unwrap_or(idle))
        })
        .collect();
    let mut table = vec![[1.0; LANES]; lattice.slab() * blocks];
    let mut throughput = [0.0; CLASSES];
    let mut residences = vec![[[0.0; LANES]; CLASSES]; blocks];
    for jobs in (0..).take(core.populations[lattice.outer()] + 1) {
        for wave in &mut waves {
            wave[lattice.outer()].jobs = jobs;
        }
        if let ([demands], [residences]) = (&demands[..], &mut residences[..]) {
            one_block(&waves, demands, &think_times, &mut table, &mut throughput, residences);
        } else {
            many_blocks(&waves, &demands, &think_times, &mut table, &mut throughput, &mut residences);
        }
    }
    // What the last population, everybody, left behind.
    let mean_in_system: Vec<Vec<f64>> = (0..classes)
        .map(|class| {
            let row = residences.iter().flat_map(|block| block[class]);
            row.take(stations).map(|residence| throughput[class] * residence).collect()
        })
        .collect();
    let queue = |station: usize| mean_in_system.iter().map(|row| row[station]).sum::<f64>();
    let stretch = (0..stations).map(|station| 1.0 + queue(station)).collect();
    Means { throughput: throughput[..classes].to_vec(), mean_in_system, stretch, iterations: 0, residual: 0.0 }
}

/// A slab with few stations: what a population needs stays in registers.
fn one_block<const CLASSES: usize>(
    waves: &[[Wave; CLASSES]],
    demands: &[Lanes; CLASSES],
    think_times: &[f64; CLASSES],
    table: &mut [Lanes],
    throughput: &mut [f64; CLASSES],
    residences: &mut [Lanes; CLASSES],
) {
    for (place, wave) in waves.iter().enumerate() {
        let mut next = [1.0; LANES];
        for class in 0..CLASSES {
            let found = &table[wave[class].fewer as usize];
            let residence = &mut residences[class];
            for lane in 0..LANES {
                residence[lane] = demands[class][lane] * found[lane];
            }
            let rate = f64::from(wave[class].jobs) / (think_times[class] + total(residence));
            for lane in 0..LANES {
                next[lane] += rate * residence[lane];
            }
            throughput[class] = rate;
        }
        table[place] = next;
    }
}

/// A slab with any number of stations.
fn many_blocks<const CLASSES: usize>(
    waves: &[[Wave; CLASSES]],
    demands: &[[Lanes; CLASSES]],
    think_times: &[f64; CLASSES],
    table: &mut [Lanes],
    throughput: &mut [f64; CLASSES],
    residences: &mut [[Lanes; CLASSES]],
) {
    let blocks = demands.len();
    for (place, wave) in waves.iter().enumerate() {
        for class in 0..CLASSES {
            let mut sums = [0.0; LANES];
            let found = &table[wave[class].fewer as usize * blocks..];
            for ((residences, demands), found) in residences.iter_mut().zip(demands).zip(found) {
                for lane in 0..LANES {
                    residences[class][lane] = demands[class][lane] * found[lane];
                    sums[lane] += residences[class][lane];
                }
            }
            throughput[class] = f64::from(wave[class].jobs) / (think_times[class] + total(&sums));
        }
        for (next, residences) in table[place * blocks..].iter_mut().zip(&*residences) {
            let mut sums = [1.0; LANES];
            for (rate, residence) in throughput.iter().zip(residences) {
                for lane in 0..LANES {
                    sums[lane] += rate * residence[lane];
                }
            }
            *next = sums;
        }
    }
}

/// Fills lanes with what is left of a row, and the rest with nothing.
fn lanes(row: &[f64]) -> Lanes {
    std::array::from_fn(|lane| row.get(lane).copied().unwrap_or(0.0))
}

/// In a tree: a running sum would wait for each addition.
fn total(sums: &Lanes) -> f64 {
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}
