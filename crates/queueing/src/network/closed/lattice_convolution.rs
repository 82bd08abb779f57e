//! Convolution of several classes on the lattice of populations, one station at a time.

use crate::network::StationKind;
use crate::network::scaled::{Scaled, power, shift_of};

use super::lattice::Lattice;
use super::network::{Core, Means};

/// A station put into a network.
struct Added {
    constants: Vec<Scaled>,
    /// For each class, `E[(j + 1)/μ(j + 1)]` over the number `j` that one of its jobs finds at the station.
    found: Vec<f64>,
    /// The same over the number that a job from outside finds, who sees everybody.
    stretch: f64,
}

/// Exact means of several classes at stations of any kind.
pub(super) fn solve(core: &Core, lattice: &Lattice) -> Means {
    let mut means = Means {
        throughput: vec![0.0; lattice.classes()],
        mean_in_system: vec![vec![0.0; core.stations.len()]; lattice.classes()],
        stretch: vec![1.0; core.stations.len()],
        iterations: 0,
        residual: 0.0,
    };
    let set: Vec<usize> = (0..core.stations.len()).collect();
    add_each_last(core, lattice, &delays(core, lattice), &set, &mut |station, added| {
        let last = lattice.size() - 1;
        means.stretch[station] = added.stretch;
        for class in 0..lattice.classes() {
            let throughput = added.constants[last - lattice.stride(class)].over(added.constants[last]);
            means.throughput[class] = throughput;
            means.mean_in_system[class][station] = throughput * core.demands[class][station] * added.found[class];
        }
    });
    means
}

/// `Π_r Z_r^(n_r)/n_r!`.
fn delays(core: &Core, lattice: &Lattice) -> Vec<Scaled> {
    let mut constants: Vec<Scaled> = Vec::with_capacity(lattice.size());
    constants.push(Scaled::ONE);
    let mut walk = lattice.walk();
    while walk.advance() {
        let class = walk.jobs.iter().position(|&jobs| jobs > 0).unwrap_or(0);
        let fewer = constants[walk.index - lattice.stride(class)];
        let factor = core.think_times[class] / walk.jobs[class] as f64;
        constants.push(fewer.times(factor));
    }
    constants
}

/// Calls `done` for each station of `set`, added last to the network and the other stations.
fn add_each_last(
    core: &Core,
    lattice: &Lattice,
    constants: &[Scaled],
    set: &[usize],
    done: &mut impl FnMut(usize, Added),
) {
    let put = |constants: &[Scaled], station: usize| {
        let demands: Vec<f64> = core.demands.iter().map(|row| row[station]).collect();
        add(lattice, constants, &demands, core.stations[station])
    };
    if let [station] = *set {
        done(station, put(constants, station));
        return;
    }
    let (left, right) = set.split_at(set.len() / 2);
    if left.is_empty() {
        return;
    }
    let with = |others: &[usize]| {
        let mut start = constants.to_vec();
        for &station in others {
            start = put(&start, station).constants;
        }
        start
    };
    add_each_last(core, lattice, &with(right), left, done);
    add_each_last(core, lattice, &with(left), right, done);
}

/// Puts a station into a network with normalising constants `g`.
///
/// With `h_j(n)` the part of the constant in which the station holds `j` jobs, and `b` the number of jobs from which
/// its speed is constant:
///
/// ```text
/// h_0(n) = g(n),   h_j(n) = Σ_r D_r·h_{j−1}(n − e_r) / μ(j)                      j < b
/// t(n) = Σ_{j≥b} h_j(n)         = Σ_r D_r·(h_{b−1} + t)(n − e_r) / μ(b)
/// u(n) = Σ_{j≥b} (j − b)·h_j(n) = Σ_r D_r·(t + u)(n − e_r) / μ(b)
/// ```
///
/// All terms are positive.
fn add(lattice: &Lattice, before: &[Scaled], demands: &[f64], kind: &StationKind) -> Added {
    let most: usize = lattice.everybody().iter().sum();
    // One more than there are: a job from outside may find them all.
    let speeds = kind.speeds(most + 1);
    let levels = speeds.len();
    let last_speed = speeds[levels - 1];
    // A block: h_0 … h_{b−1}, t, u.
    let width = levels + 2;
    let mut blocks = vec![0.0; lattice.slab() * width];
    let mut exponents = vec![0_i32; lattice.slab()];
    let mut constants = Vec::with_capacity(lattice.size());
    let mut found = vec![1.0; lattice.classes()];
    let mut block = vec![0.0; width];
    let mut walk = lattice.walk();
    loop {
        // The common exponent is that of the largest contribution.
        let own = before[walk.index];
        let sources = (0..lattice.classes()).filter(|&class| walk.jobs[class] > 0 && demands[class] > 0.0);
        let mut exponent = if own.mantissa > 0.0 { own.exponent } else { i32::MIN };
        for class in sources.clone() {
            exponent = exponent.max(exponents[walk.slot - lattice.slab_stride(class)]);
        }
        block.fill(0.0);
        if exponent == i32::MIN {
            exponent = 0;
        }
        if own.mantissa > 0.0 {
            block[0] = own.mantissa * power(own.exponent - exponent);
        }
        for class in sources {
            let slot = walk.slot - lattice.slab_stride(class);
            let factor = demands[class] * power(exponents[slot] - exponent);
            let fewer = &blocks[slot * width..(slot + 1) * width];
            for (j, speed) in speeds.iter().enumerate().take(levels - 1) {
                block[j + 1] += factor * fewer[j] / speed;
            }
            block[levels] += factor * (fewer[levels - 1] + fewer[levels]) / last_speed;
            block[levels + 1] += factor * (fewer[levels] + fewer[levels + 1]) / last_speed;
        }
        let total: f64 = block[..=levels].iter().sum();
        if let Some(class) = lattice.one_short(&walk.jobs) {
            found[class] = mean_found(&block, &speeds) / total;
        }
        let stretch = if walk.index + 1 == lattice.size() { mean_found(&block, &speeds) / total } else { 1.0 };
        let shift = shift_of(total);
        let scale = power(-shift);
        let at = walk.slot * width;
        for (kept, value) in blocks[at..at + width].iter_mut().zip(&block) {
            *kept = value * scale;
        }
        exponents[walk.slot] = exponent + shift;
        constants.push(Scaled { mantissa: total * scale, exponent: exponent + shift });
        if !walk.advance() {
            return Added { constants, found, stretch };
        }
    }
}

/// `Σ_j (j + 1)/μ(j + 1)·h_j`.
fn mean_found(block: &[f64], speeds: &[f64]) -> f64 {
    let levels = speeds.len();
    let few: f64 = speeds.iter().zip(block).enumerate().map(|(j, (speed, part))| (j + 1) as f64 / speed * part).sum();
    few + (block[levels + 1] + (levels + 1) as f64 * block[levels]) / speeds[levels - 1]
}
