//! Convolution of one class, written in throughputs: normalising constants would leave the range of a double, their
//! ratios `X(n) = G(n − 1)/G(n)` never do.

use crate::network::StationKind;

use super::network::{Core, Means};

/// Terms below this share of the sum are left out.
const NEGLIGIBLE: f64 = 1e-20;

/// What rounding may take from a speed that rises.
const ROUNDING: f64 = 1e-13;

/// Throughputs with 1, 2, … jobs; entry 0 is not used. `None` is a network of nothing, where no job can be.
type Throughputs = Option<Vec<f64>>;

/// A station put into a network.
struct Added {
    throughputs: Vec<f64>,
    /// Mean number at the station with all jobs there are.
    mean_in_system: f64,
    /// `E[(j + 1)/μ(j + 1)]` over that number.
    stretch: f64,
}

/// An upper estimate of the steps of [`solve`].
pub(super) fn steps(core: &Core, jobs: usize) -> f64 {
    let shared = core.stations.iter().filter(|kind| !kind.is_single()).count() as f64;
    let width = |kind: &StationKind| {
        let levels = (kind.saturation() as f64).min(jobs as f64);
        // The terms of several servers lie around a peak some tens of square roots wide.
        if rises(kind) { levels.min(20.0 * levels.sqrt()) } else { 10.0 * levels }
    };
    let per_job: f64 = core.stations.iter().map(|kind| width(kind) + 2.0).sum();
    jobs as f64 * per_job * (shared.log2().max(0.0) + 1.0)
}

/// Exact means of one class at stations of any kind.
///
/// A station's mean number needs the network without it, so stations with several servers are each added last once, by
/// halving: the network without one half is the start for the other. Single servers need only the throughputs,
/// `L_k(n) = D_k·X(n)·(1 + L_k(n − 1))`.
pub(super) fn solve(core: &Core, jobs: usize) -> Means {
    let demands = core.demands.first().map_or(&[][..], Vec::as_slice);
    let think_time: f64 = core.think_times.iter().sum();
    let mut network: Throughputs = (think_time > 0.0).then(|| (0..=jobs).map(|n| n as f64 / think_time).collect());
    let mut shared = Vec::new();
    for (station, (&kind, &demand)) in core.stations.iter().zip(demands).enumerate() {
        if kind.is_single() {
            network = Some(add(network.as_deref(), demand, kind, jobs).throughputs);
        } else {
            shared.push((station, kind, demand));
        }
    }
    let (mut mean_in_system, mut stretch) = (vec![0.0; demands.len()], vec![1.0; demands.len()]);
    let mut whole = Vec::new();
    if shared.is_empty() {
        whole = network.unwrap_or_default();
    } else {
        add_each_last(network.as_deref(), &shared, jobs, &mut |station, added| {
            mean_in_system[station] = added.mean_in_system;
            stretch[station] = added.stretch;
            whole = added.throughputs;
        });
    }
    for (station, (kind, &demand)) in core.stations.iter().zip(demands).enumerate() {
        if kind.is_single() {
            mean_in_system[station] =
                whole.iter().skip(1).fold(0.0, |queue, throughput| demand * throughput * (1.0 + queue));
            stretch[station] = 1.0 + mean_in_system[station];
        }
    }
    let throughput = whole.last().copied().unwrap_or(0.0);
    Means { throughput: vec![throughput], mean_in_system: vec![mean_in_system], stretch, iterations: 0, residual: 0.0 }
}

/// Calls `done` for each station of `set`, added last to the network and the other stations.
fn add_each_last(
    network: Option<&[f64]>,
    set: &[(usize, &StationKind, f64)],
    jobs: usize,
    done: &mut impl FnMut(usize, Added),
) {
    if let [(station, kind, demand)] = *set {
        done(station, add(network, demand, kind, jobs));
        return;
    }
    let (left, right) = set.split_at(set.len() / 2);
    if left.is_empty() {
        return;
    }
    for (alone, others) in [(left, right), (right, left)] {
        let start = others.iter().fold(network.map(<[f64]>::to_vec), |network, &(_, kind, demand)| {
            Some(add(network.as_deref(), demand, kind, jobs).throughputs)
        });
        add_each_last(start.as_deref(), alone, jobs, done);
    }
}

/// Whether more jobs never make the station slower.
pub(super) fn rises(kind: &StationKind) -> bool {
    match kind {
        StationKind::Servers(_) | StationKind::Delay => true,
        StationKind::LoadDependent(speeds) => speeds.windows(2).all(|pair| pair[1] >= pair[0] * (1.0 - ROUNDING)),
    }
}

/// Puts a station into a network.
///
/// With `q_n(j)` the probability of `j` jobs at the station among `n`, `X'` the throughputs with and `X` without it,
/// and `b` the number of jobs from which its speed is constant:
///
/// ```text
/// q_n(j) = w_j·X'(n),   1/X'(n) = Σ w_j
/// w_j     = q_{n−1}(j) / X(n − j)                    j < b
/// w_{j+1} = w_j·D/μ(j + 1)·X(n − j)
/// w_{≥b}  = D/μ(b)·(q_{n−1}(b − 1) + q_{n−1}(≥ b))
/// ```
///
/// All terms are positive. The sum over `j < b` starts from the largest term of the step before, because the
/// probability of an empty station of many servers may be below the smallest double.
fn add(network: Option<&[f64]>, demand: f64, kind: &StationKind, jobs: usize) -> Added {
    // One more than there are: a job from outside may find them all.
    let speeds = kind.speeds(jobs + 1);
    let last_speed = speeds[speeds.len() - 1];
    let Some(rest) = network else {
        let throughputs = (0..=jobs)
            .map(|n| if n == 0 { 0.0 } else { speeds.get(n - 1).copied().unwrap_or(last_speed) / demand })
            .collect();
        let more = speeds.get(jobs).copied().unwrap_or(last_speed);
        return Added { throughputs, mean_in_system: jobs as f64, stretch: (jobs as f64 + 1.0) / more };
    };
    let times: Vec<f64> = speeds.iter().map(|speed| demand / speed).collect();
    let last_time = demand / last_speed;
    let mut terms: Box<dyn Terms> =
        if rises(kind) { Box::new(Peak::new(&times)) } else { Box::new(Survey::new(&times)) };
    let mut throughputs = Vec::with_capacity(jobs + 1);
    throughputs.push(0.0);
    // Probability of exactly b − 1 jobs, of b or more, and the mean number beyond b.
    let mut below = if times.len() == 1 { 1.0 } else { 0.0 };
    let (mut full, mut excess, mut mean_in_system, mut stretch) = (0.0, 0.0, 0.0, 1.0);
    for n in 1..=jobs {
        let sums = terms.step(rest, n);
        let (full_weight, excess_weight) = (last_time * (below + full), last_time * (full + excess));
        let throughput = 1.0 / (sums.total + full_weight);
        terms.normalise(throughput);
        throughputs.push(throughput);
        below = sums.last * throughput;
        full = full_weight * throughput;
        excess = excess_weight * throughput;
        mean_in_system = sums.moment * throughput + times.len() as f64 * full + excess;
        stretch = (sums.next * throughput + last_time * ((times.len() as f64 + 1.0) * full + excess)) / demand;
    }
    Added { throughputs, mean_in_system, stretch }
}

/// Sums over the numbers of jobs below `b`.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    /// `Σ w_j`.
    total: f64,
    /// `Σ j·w_j`.
    moment: f64,
    /// `Σ (j + 1)·D/μ(j + 1)·w_j`.
    next: f64,
    /// `w_{b−1}`.
    last: f64,
}

/// How the weights `w_j` are summed.
trait Terms {
    /// The sums with `n` jobs.
    fn step(&mut self, rest: &[f64], n: usize) -> Sums;
    /// Makes the kept weight a probability.
    fn normalise(&mut self, throughput: f64);
}

/// Weights with a single peak: summed from there to both sides until they no longer count.
struct Peak<'a> {
    times: &'a [f64],
    /// Number of jobs at the peak, and its weight.
    jobs: usize,
    weight: f64,
}

impl<'a> Peak<'a> {
    const fn new(times: &'a [f64]) -> Self {
        Self { times, jobs: 0, weight: 1.0 }
    }
}

impl Terms for Peak<'_> {
    fn step(&mut self, rest: &[f64], n: usize) -> Sums {
        let top = (self.times.len() - 1).min(n);
        let up = |j: usize| self.times[j] * rest[n - j];
        let mut peak = self.weight / rest[n - self.jobs];
        let mut jobs = self.jobs;
        while jobs < top && up(jobs) > 1.0 {
            peak *= up(jobs);
            jobs += 1;
        }
        while jobs > 0 && up(jobs - 1) < 1.0 {
            peak /= up(jobs - 1);
            jobs -= 1;
        }
        let next = |j: usize, weight: f64| (j + 1) as f64 * self.times[j] * weight;
        let mut sums = Sums { total: peak, moment: jobs as f64 * peak, next: next(jobs, peak), last: 0.0 };
        let mut weight = peak;
        for j in (0..jobs).rev() {
            weight /= up(j);
            if weight <= sums.total * NEGLIGIBLE {
                break;
            }
            sums.total += weight;
            sums.moment += j as f64 * weight;
            sums.next += next(j, weight);
        }
        weight = peak;
        let mut reached = jobs;
        for j in jobs..top {
            weight *= up(j);
            if weight <= sums.total * NEGLIGIBLE {
                break;
            }
            reached = j + 1;
            sums.total += weight;
            sums.moment += reached as f64 * weight;
            sums.next += next(reached, weight);
        }
        if reached + 1 == self.times.len() {
            sums.last = weight;
        }
        self.jobs = jobs;
        self.weight = peak;
        sums
    }

    fn normalise(&mut self, throughput: f64) {
        self.weight *= throughput;
    }
}

/// Weights with any number of peaks, as with a station that slows down under load: all of them, in logarithms.
struct Survey<'a> {
    times: &'a [f64],
    logs: Vec<f64>,
    jobs: usize,
    weight: f64,
}

impl<'a> Survey<'a> {
    fn new(times: &'a [f64]) -> Self {
        Self { times, logs: vec![0.0; times.len()], jobs: 0, weight: 1.0 }
    }
}

impl Terms for Survey<'_> {
    fn step(&mut self, rest: &[f64], n: usize) -> Sums {
        let top = (self.times.len() - 1).min(n);
        // Logarithms of the weights over that of the highest peak of the step before.
        self.logs[self.jobs] = 0.0;
        for j in self.jobs..top {
            self.logs[j + 1] = self.logs[j] + (self.times[j] * rest[n - j]).ln();
        }
        for j in (0..self.jobs).rev() {
            self.logs[j] = self.logs[j + 1] - (self.times[j] * rest[n - j]).ln();
        }
        let mut highest = 0;
        for j in 1..=top {
            if self.logs[j] > self.logs[highest] {
                highest = j;
            }
        }
        let peak_log = self.logs[highest];
        let peak = self.weight / rest[n - self.jobs] * peak_log.exp();
        let mut sums = Sums::default();
        for j in 0..=top {
            let weight = peak * (self.logs[j] - peak_log).exp();
            sums.total += weight;
            sums.moment += j as f64 * weight;
            sums.next += (j + 1) as f64 * self.times[j] * weight;
            if j + 1 == self.times.len() {
                sums.last = weight;
            }
        }
        self.jobs = highest;
        self.weight = peak;
        sums
    }

    fn normalise(&mut self, throughput: f64) {
        self.weight *= throughput;
    }
}
