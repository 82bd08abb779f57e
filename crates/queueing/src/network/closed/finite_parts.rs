//! One class at stations that never get slower, each split into a finite part and a single server.

use super::network::{Core, Means};
use super::single_class;

/// Weights below this share of the largest are left out.
const NEGLIGIBLE: f64 = 1e-40;

/// Halvings between two neighbouring throughputs until the middle of the finite parts is met.
const HALVINGS: u32 = 60;

/// The finite part of a station: a weight for each number of jobs below the one from which its speed is constant.
///
/// Consecutive numbers from `first`; in units in which they sum to 1.
#[derive(Debug, Clone, PartialEq)]
struct Window {
    first: usize,
    weights: Vec<f64>,
}

impl Window {
    /// One that holds no jobs.
    fn nothing() -> Self {
        Self { first: 0, weights: vec![1.0] }
    }

    fn end(&self) -> usize {
        self.first + self.weights.len()
    }

    fn mean(&self) -> f64 {
        self.weights.iter().enumerate().map(|(j, weight)| (self.first + j) as f64 * weight).sum()
    }

    /// The law of the sum.
    fn plus(&self, other: &Self) -> Self {
        let mut weights = vec![0.0; self.weights.len() + other.weights.len() - 1];
        for (start, factor) in self.weights.iter().enumerate() {
            for (sum, weight) in weights[start..].iter_mut().zip(&other.weights) {
                *sum += factor * weight;
            }
        }
        Self { first: self.first + other.first, weights }.trimmed()
    }

    /// Without ends that do not count, and summing to 1.
    fn trimmed(mut self) -> Self {
        let least = NEGLIGIBLE * self.weights.iter().copied().fold(0.0, f64::max);
        let counts = |weight: &f64| *weight > least;
        let (from, to) = (self.weights.iter().position(counts), self.weights.iter().rposition(counts));
        if let (Some(from), Some(to)) = (from, to) {
            self.weights.truncate(to + 1);
            self.weights.drain(..from);
            self.first += from;
        }
        let sum: f64 = self.weights.iter().sum();
        for weight in &mut self.weights {
            *weight /= sum;
        }
        self
    }
}

/// A station with more than one speed.
struct Station<'a> {
    /// Its place in the network.
    index: usize,
    demand: f64,
    speeds: &'a [f64],
    last: f64,
}

impl Station<'_> {
    /// The finite part when each job comes `rate` times.
    ///
    /// `a_j = Π_{i≤j} x·D/μ(i)` has one peak, where `μ` passes `x·D`; the part is `a_j·(1 − μ(j)/μ(b))`, with `μ(0) = 0`.
    fn window(&self, rate: f64) -> Window {
        let levels = self.speeds.len();
        let load = rate * self.demand;
        let part = |j: usize| if j == 0 { 1.0 } else { (1.0 - self.speeds[j - 1] / self.last).max(0.0) };
        let peak = self.speeds.partition_point(|&speed| speed < load).min(levels - 1);
        let mut down = Vec::new();
        let mut weight = 1.0;
        for j in (0..peak).rev() {
            weight *= self.speeds[j] / load;
            if weight < NEGLIGIBLE {
                break;
            }
            down.push(weight * part(j));
        }
        let first = peak - down.len();
        let mut weights = down;
        weights.reverse();
        weights.push(part(peak));
        weight = 1.0;
        for j in peak + 1..levels {
            weight *= load / self.speeds[j - 1];
            if weight < NEGLIGIBLE {
                break;
            }
            weights.push(weight * part(j));
        }
        Window { first, weights }.trimmed()
    }
}

/// Weights of the rest of the network for each number of jobs taken from it, from `first` on; 0 outside.
struct Rest {
    first: usize,
    weights: Vec<f64>,
}

impl Rest {
    /// `Σ_s f(s)·h(s + j)` for `count` numbers `j` from `first` on.
    fn beside(&self, law: &Window, first: usize, count: usize) -> Vec<f64> {
        let mut sums = vec![0.0; count];
        for (place, factor) in law.weights.iter().enumerate() {
            let start = law.first + place + first;
            let skip = self.first.saturating_sub(start).min(count);
            let rest = self.weights.get((start + skip).saturating_sub(self.first)..).unwrap_or_default();
            for (sum, weight) in sums[skip..].iter_mut().zip(rest) {
                *sum += factor * weight;
            }
        }
        sums
    }
}

/// What the finite part of a station holds.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    jobs: f64,
    /// `E[(j + 1)·p(j + 1)/p(j)]` in units of `x·D`.
    next: f64,
}

/// An upper estimate of the steps of [`solve`].
pub(super) fn steps(core: &Core, jobs: usize) -> f64 {
    let width = |levels: f64| levels.min(30.0 * levels.sqrt() + 30.0);
    let (mut all, mut products) = (0.0_f64, 0.0);
    for kind in core.stations.iter().filter(|kind| !kind.is_single()) {
        let levels = (kind.saturation() as f64).min(jobs as f64 + 1.0);
        // Three products, several terms at a time.
        products += 0.75 * width(levels) * width(all);
        all += levels;
    }
    2.0 * jobs as f64 * core.stations.len().max(1) as f64 + products
}

/// Exact means of one class at stations whose speed never falls with more jobs.
///
/// The weights `a_j = D^j/Π_{i≤j} μ(i)` of such a station, with the constant speed `μ(b)` from `b` jobs on, are those of
/// a finite part of fewer than `b` jobs and a single server with the demand `D/μ(b)`, side by side:
///
/// ```text
/// Σ_j a_j·z^j = Σ_{j<b} p_j·z^j / (1 − z·D/μ(b)),   p_j = a_j·(1 − μ(j)/μ(b)) ≥ 0
/// ```
///
/// The single servers and the think time are one network `H`, solved by mean value analysis for 0 … `N` jobs. All finite
/// parts together hold `i` jobs with probability `ω_i ∝ q_i·H(N − i)`, where `q` is the convolution of their weights:
///
/// ```text
/// X = Σ_i ω_i·X_H(N − i),   L_k = Σ_i ω_i·L_k^H(N − i) + E[jobs in the finite part of k]
/// ```
///
/// All terms are positive, and the weights are those around the peak: both are written in units of `x^j`, with the
/// throughput `x` at which the finite parts hold in the mean what `H` leaves to them, so the product peaks where each
/// factor does.
pub(super) fn solve(core: &Core, jobs: usize) -> Means {
    let demands = core.demands.first().map_or(&[][..], Vec::as_slice);
    let think_time: f64 = core.think_times.iter().sum();
    let speeds: Vec<Vec<f64>> = core.stations.iter().map(|kind| kind.speeds(usize::MAX)).collect();
    let last = |station: usize| speeds[station].last().copied().unwrap_or(1.0);
    let times: Vec<f64> = demands.iter().enumerate().map(|(station, demand)| demand / last(station)).collect();
    let shared: Vec<Station> = (0..demands.len())
        .filter(|&index| speeds[index].len() > 1)
        .map(|index| Station { index, demand: demands[index], speeds: &speeds[index], last: last(index) })
        .collect();
    let rates = single_class::throughputs(&times, think_time, jobs);
    let Balance { left, rate } = balance(&shared, &rates);
    let parts: Vec<Window> = shared.iter().map(|station| station.window(rate)).collect();
    let mut sums = vec![Window::nothing()];
    for part in &parts {
        let next = sums[sums.len() - 1].plus(part);
        sums.push(next);
    }
    let all = &sums[sums.len() - 1];
    let rest = rest(&rates, rate, jobs - left, all);
    // ω, by the number of jobs in H.
    let mut shares: Vec<f64> =
        all.weights.iter().zip(&rest.weights[all.first - rest.first..]).map(|(part, other)| part * other).collect();
    let total: f64 = shares.iter().sum();
    for share in &mut shares {
        *share /= total;
    }
    let held = held(&sums, &parts, rest, total);
    let throughput = shares.iter().zip(all.first..=jobs).map(|(share, i)| share * rates[jobs - i]).sum();
    let mut mean_in_system: Vec<f64> = times.iter().map(|&time| queue(time, &rates, all, &shares)).collect();
    let mut stretch: Vec<f64> =
        mean_in_system.iter().enumerate().map(|(station, queue)| (1.0 + queue) / last(station)).collect();
    for (station, held) in shared.iter().zip(held) {
        mean_in_system[station.index] += held.jobs;
        stretch[station.index] += held.next / (rate * station.demand);
    }
    Means { throughput: vec![throughput], mean_in_system: vec![mean_in_system], stretch, iterations: 0, residual: 0.0 }
}

/// Where the finite parts and the rest meet.
struct Balance {
    /// Jobs in the rest.
    left: usize,
    /// The throughput at which they meet.
    rate: f64,
}

/// Finds the jobs `n` in the rest and `x` between its throughputs with `n − 1` and `n` at which the finite parts hold in
/// the mean what is left of all jobs. Both rise with `n`, so halving finds them.
fn balance(shared: &[Station], rates: &[f64]) -> Balance {
    let jobs = rates.len() - 1;
    let held =
        |rate: f64| if rate > 0.0 { shared.iter().map(|station| station.window(rate).mean()).sum() } else { 0.0 };
    let (mut few, mut left) = (0, jobs);
    while left - few > 1 {
        let middle = few.midpoint(left);
        if middle as f64 + held(rates[middle]) < jobs as f64 {
            few = middle;
        } else {
            left = middle;
        }
    }
    let target = (jobs - left) as f64 + 0.5;
    let (mut low, mut high) = (rates[few], rates[left]);
    for _ in 0..HALVINGS {
        let middle = low.midpoint(high);
        let held: f64 = held(middle);
        if (held - target).abs() < 0.5 {
            return Balance { left, rate: middle };
        }
        if held > target {
            high = middle;
        } else {
            low = middle;
        }
    }
    Balance { left, rate: high }
}

/// `H(N − s)/x^s` over that at `peak`, for the jobs `s` that the finite parts may hold together, and one fewer.
fn rest(rates: &[f64], rate: f64, peak: usize, all: &Window) -> Rest {
    let jobs = rates.len() - 1;
    let first = all.first.saturating_sub(1);
    let mut weights = vec![0.0; all.end() - first];
    let top = (all.end() - 1).min(jobs);
    let peak = peak.clamp(first, top);
    weights[peak - first] = 1.0;
    for s in peak..top {
        weights[s + 1 - first] = weights[s - first] * (rates[jobs - s] / rate);
    }
    for s in (first..peak).rev() {
        weights[s - first] = weights[s + 1 - first] * (rate / rates[jobs - s]);
    }
    Rest { first, weights }
}

/// What each finite part holds: the parts before it as convolved, those after it taken into the rest.
fn held(sums: &[Window], parts: &[Window], mut rest: Rest, total: f64) -> Vec<Held> {
    let mut all = vec![Held::default(); parts.len()];
    for ((part, before), held) in parts.iter().zip(sums).zip(&mut all).rev() {
        // Weights of everything but this part, from one job fewer than it may hold.
        let first = part.first.saturating_sub(1);
        let others = rest.beside(before, first, part.end() - first);
        let others = |j: usize| others[j - first];
        for (place, weight) in part.weights.iter().enumerate() {
            let j = part.first + place;
            held.jobs += j as f64 * weight * others(j) / total;
            if j > 0 {
                held.next += j as f64 * weight * others(j - 1) / total;
            }
        }
        let first = before.first.saturating_sub(1);
        rest = Rest { first, weights: rest.beside(part, first, before.end() - first) };
    }
    all
}

/// `Σ_i ω_i·L^H(N − i)` of a single server.
fn queue(time: f64, rates: &[f64], all: &Window, shares: &[f64]) -> f64 {
    let jobs = rates.len() - 1;
    let (mut queue, mut mean) = (0.0, 0.0);
    for (n, &rate) in rates.iter().enumerate().take(jobs + 1 - all.first).skip(1) {
        // The very operations of the mean value analysis: other roundings would add up over all jobs.
        queue = rate * (time * (1.0 + queue));
        if let Some(share) = shares.get(jobs - n - all.first) {
            mean += share * queue;
        }
    }
    mean
}
