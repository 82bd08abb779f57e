use crate::numeric::{find_root, ln_poisson};

use crate::queues::erlang_a::virtual_wait::lag;
use crate::queues::laws::poisson::poisson_tail;

/// The M/D/1 queue: the tail of the number in the system, and from it that of the wait.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::queues) struct DeterministicWait {
    arrival_rate: f64,
    service_time: f64,
    /// `P(N > n)`.
    tail: Vec<f64>,
    /// Beyond the last, each is the one before times `e^(−decay)`; the wait falls by as much in one service.
    decay: f64,
}

/// How near to its limit a ratio of neighbours has to be to count as there.
const SETTLED: f64 = 1e-14;

/// Probabilities below this do not count.
const LEAST: f64 = 1e-306;

/// The ratio settles, or the list underflows, after 120.
const MOST_JOBS: usize = 400;

impl DeterministicWait {
    /// Solves the queue for a utilization `load` and `spare` = 1 − ρ.
    ///
    /// # Method
    ///
    /// `p_(n+1)·a_0 = p_0·P(A > n) + Σ_{j=1}^{n} p_j·P(A > n + 1 − j)` with `A` the Poisson arrivals of one service: all
    /// terms are positive. The tail is geometric once its neighbours have settled at `e^(−y)`,
    /// `(e^y − 1 − y)/y = (1 − ρ)/ρ`.
    pub fn new(arrival_rate: f64, service_time: f64, load: f64, spare: f64) -> Self {
        let decay = if load < f64::MIN_POSITIVE { f64::MAX } else { decay(load, spare) };
        let arrivals: Vec<f64> = (0..=MOST_JOBS as u64).map(|m| poisson_tail(m, load)).collect();
        let more_than = |m: usize| arrivals.get(m).copied().unwrap_or(0.0);
        let mut levels = vec![spare];
        let mut settled = false;
        while levels.len() <= MOST_JOBS {
            let n = levels.len() - 1;
            let from_busy: f64 = levels.iter().enumerate().skip(1).map(|(j, level)| level * more_than(n + 1 - j)).sum();
            let next = (spare * more_than(n) + from_busy) * load.exp();
            if next < LEAST {
                break;
            }
            let ratio = next / levels.last().copied().unwrap_or(next);
            levels.push(next);
            if n > 2 && (ratio * decay.exp() - 1.0).abs() < SETTLED {
                settled = true;
                break;
            }
        }
        let mut sum = if settled { levels.last().map_or(0.0, |last| last / decay.exp_m1()) } else { 0.0 };
        let mut tail = Vec::with_capacity(levels.len());
        for level in levels.iter().rev() {
            tail.push(sum);
            sum += level;
        }
        tail.reverse();
        Self { arrival_rate, service_time, tail, decay }
    }

    /// The decay of the wait over one service, and of the number of jobs by one.
    pub const fn decay(&self) -> f64 {
        self.decay
    }

    /// Probability that a wait exceeds `time`.
    ///
    /// # Formula
    ///
    /// ```text
    /// P(W_q > t) = Σ_{j<k} P(Poisson(y) = j)·P(N > k − j) + P(Poisson(y) ≥ k),   k = ⌊t/D⌋ + 1,   y = λ·(kD − t)
    /// ```
    pub fn at(&self, time: f64) -> f64 {
        let services = (time / self.service_time).floor() + 1.0;
        let events = (self.arrival_rate * (services * self.service_time - time)).max(0.0);
        let (mut sum, mut j) = (0.0, 0.0);
        while j < services {
            let term = ln_poisson(j, events).exp() * self.more_than(services - j);
            sum += term;
            // Past the largest term each is less than half of the one before.
            if term <= 1e-18 * sum && j > 4.0 * events * self.decay.min(700.0).exp() {
                return sum;
            }
            if events == 0.0 || j > 1000.0 {
                return sum;
            }
            j += 1.0;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 ≤ services < 1001 here")]
        let last = services as u64 - 1;
        sum + poisson_tail(last, events)
    }

    fn more_than(&self, jobs: f64) -> f64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates far beyond the list")]
        let index = jobs as usize;
        match (self.tail.get(index), self.tail.last()) {
            (Some(&listed), _) => listed,
            (None, Some(&last)) if last > 0.0 => last * (-self.decay * (jobs - (self.tail.len() - 1) as f64)).exp(),
            _ => 0.0,
        }
    }
}

/// Returns the `y > 0` with `(e^y − 1 − y)/y = (1 − ρ)/ρ`.
pub(in crate::queues) fn decay(load: f64, spare: f64) -> f64 {
    let target = spare / load;
    let high = (2.0 * target).min(2.0 * (1.0 / load).ln_1p() + 2.0);
    let mut low = high;
    while low > f64::MIN_POSITIVE && -lag(-low) >= target {
        low *= 0.5;
    }
    find_root(|y| (-lag(-y)).ln() - target.ln(), low, high * (1.0 + 1e-12), 1e-16).unwrap_or(high)
}
