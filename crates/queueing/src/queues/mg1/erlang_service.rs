use crate::numeric::{find_root, ln_poisson, log_concave_sum};

use crate::queues::laws::poisson::poisson_tail;

/// The tail of a number of exponential stages of one rate, and so of the time that they take one after another.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::queues) struct StageTail {
    /// `P(stages > i)`.
    tail: Vec<f64>,
    /// Beyond the last, each is the one before times `1/(1 + excess)`.
    excess: f64,
}

impl StageTail {
    /// `z − 1` for a decay of `z^(−stages)`.
    pub const fn excess(&self) -> f64 {
        self.excess
    }

    /// Probability that the stages take longer than `events`, the time in units of the mean of one.
    ///
    /// # Formula
    ///
    /// ```text
    /// P(T > t) = Σ_i P(Poisson(νt) = i)·P(stages > i)
    /// ```
    ///
    /// term by term as far as the tail is listed; beyond, `A·ζ^i` gives `A·e^(−νt(1 − ζ))·P(Poisson(νtζ) > last)`.
    pub fn at(&self, events: f64) -> f64 {
        let (Some(&first), Some(&end)) = (self.tail.first(), self.tail.last()) else { return 0.0 };
        if events == 0.0 {
            return first;
        }
        let last = self.tail.len() - 1;
        let value = |i: usize| self.tail.get(i).copied().unwrap_or(0.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index of the list")]
        let listed =
            log_concave_sum(0, last as u64, |i| events / (i + 1.0) * (value(i as usize + 1) / value(i as usize)));
        let mode = listed.mode as f64;
        #[expect(clippy::cast_possible_truncation, reason = "an index of the list")]
        let at_mode = value(listed.mode as usize);
        let near = (ln_poisson(mode, events) + at_mode.ln()).exp() * listed.sum;
        if end == 0.0 {
            return near;
        }
        let ln_ratio = -self.excess.ln_1p();
        let beyond = poisson_tail(last as u64, events / (1.0 + self.excess));
        let decay = events * (self.excess / (1.0 + self.excess));
        near + (end.ln() - last as f64 * ln_ratio - decay + beyond.ln()).exp()
    }
}

/// The stages of work in an M/G/1 queue whose services are Erlang laws of one rate: those that an arrival finds, and
/// those with its own added.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::queues) struct StageWait {
    pub wait: StageTail,
    pub sojourn: StageTail,
}

/// How near to its limit a ratio of neighbours has to be to count as there.
const SETTLED: f64 = 4e-14;

/// Probabilities below this do not count: no tail that a double can hold needs them.
const LEAST: f64 = 1e-306;

/// Services after which the list ends in any case; the ratio settles, or the list underflows, after 110.
const MAX_SERVICES: usize = 400;

/// Solves the queue for `arrivals` per mean of one stage, services of `count` or, with probability `fewer`, `count − 1`
/// stages, and `spare` = 1 − ρ.
///
/// # Method
///
/// The flow across each level balances, `π_(n+1) = (λ/ν)·Σ_{j≤n} π_j·P(X > n − j)` for services of `X` stages: a sum of
/// positive terms, of which a window of `count` moves along. Once neighbours have settled at the ratio `ζ = 1/z` that
/// solves `Σ_j P(X > j)·(z^(j+1) − 1) = (ν − λ·E X)/λ`, the rest is geometric.
pub(in crate::queues) fn stage_wait(arrivals: f64, count: u32, fewer: f64, spare: f64) -> StageWait {
    let excess = decay_excess(arrivals, count, fewer, spare);
    let window = count as usize - 1;
    let limit = (MAX_SERVICES + 1) * count as usize;
    let mut levels = vec![spare];
    // The window is a tail of the block before and a head of this block.
    let (mut head, mut suffix) = (0.0, vec![0.0; window + 1]);
    let mut settled = false;
    while levels.len() < limit {
        let n = levels.len() - 1;
        let place = n % window;
        let level = |index: usize| levels.get(index).copied().unwrap_or(0.0);
        head += level(n);
        let in_window = head + suffix.get(place + 1).copied().unwrap_or(0.0);
        let oldest = if n >= window { level(n - window) } else { 0.0 };
        let next = arrivals * (in_window + (1.0 - fewer) * oldest);
        if place + 1 == window {
            let block = levels.get(n - place..).unwrap_or_default();
            suffix = suffixes(block);
            head = 0.0;
            settled = n >= 2 * window
                && block
                    .windows(2)
                    .chain([[level(n), next].as_slice()])
                    .all(|pair| matches!(pair, [one, other] if (other / one * (1.0 + excess) - 1.0).abs() < SETTLED));
        }
        if next < LEAST {
            break;
        }
        levels.push(next);
        if settled {
            break;
        }
    }
    let wait = tails(&levels, if settled { excess } else { f64::INFINITY });
    let sojourn = with_service(&wait, count as usize, fewer);
    StageWait { wait: StageTail { tail: wait, excess }, sojourn: StageTail { tail: sojourn, excess } }
}

/// Returns `Σ_{i≥j} block[i]` for every `j`, and 0 after the last.
fn suffixes(block: &[f64]) -> Vec<f64> {
    let mut sums = Vec::with_capacity(block.len() + 1);
    let mut sum = 0.0;
    sums.push(sum);
    for value in block.iter().rev() {
        sum += value;
        sums.push(sum);
    }
    sums.reverse();
    sums
}

/// Returns `P(stages > i)` for every listed `i`; what lies beyond the list is geometric, or nothing for an infinite excess.
fn tails(levels: &[f64], excess: f64) -> Vec<f64> {
    let mut sum = levels.last().map_or(0.0, |last| last / excess);
    let mut tail: Vec<f64> = Vec::with_capacity(levels.len());
    for level in levels.iter().rev() {
        tail.push(sum);
        sum += level;
    }
    tail.reverse();
    // An underflowed end would be divided by.
    while tail.len() > 1 && tail.last() == Some(&0.0) {
        tail.pop();
    }
    tail
}

/// Returns `P(stages + X > i)`.
fn with_service(wait: &[f64], count: usize, fewer: f64) -> Vec<f64> {
    let above = |i: usize, own: usize| i.checked_sub(own).map_or(1.0, |rest| wait.get(rest).copied().unwrap_or(0.0));
    (0..wait.len() + count - 1).map(|i| fewer * above(i, count - 1) + (1.0 - fewer) * above(i, count)).collect()
}

/// Returns `z − 1 > 0` for the decay `P(stages > n) ~ z^(−n)`.
fn decay_excess(arrivals: f64, count: u32, fewer: f64, spare: f64) -> f64 {
    let target = spare / arrivals;
    // Σ_j P(X > j)·(z^(j+1) − 1), each power less 1 from the one before without a difference.
    let growth = |excess: f64| {
        let (mut power, mut sum) = (0.0, 0.0);
        for _ in 1..count {
            power += excess * (1.0 + power);
            sum += power;
        }
        sum + (1.0 - fewer) * (power + excess * (1.0 + power))
    };
    // The growth is at least its last term and, being convex, its slope at 0 times the excess.
    let steps = f64::from(count);
    let by_last = ((target / (1.0 - fewer)).ln_1p() / steps).exp_m1();
    let slope = 0.5 * (steps - 1.0) * steps + (1.0 - fewer) * steps;
    let high = by_last.min(target / slope);
    if !high.is_finite() {
        return f64::MAX;
    }
    let mut low = high;
    while low > f64::MIN_POSITIVE && growth(low) >= target {
        low *= 0.5;
    }
    find_root(|excess| growth(excess).ln() - target.ln(), low, high.max(low) * (1.0 + 1e-12), 1e-16).unwrap_or(high)
}
