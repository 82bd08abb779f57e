use std::sync::Arc;

use crate::numeric::{Complex, contour, find_root};

use super::busy_period::BusyPeriod;
use crate::queues::{Mmc, StationFigures};

/// Standard deviations of the number in system below its mean that are kept.
const DEVIATIONS_BELOW: f64 = 9.0;

/// Where a wait is less likely than this, interruptions count for nothing either: both need all servers busy.
const LEAST_WAIT: f64 = 1e-30;

/// Time from arrival to departure at an M/M/c queue whose urgent jobs interrupt.
///
/// # Formula
///
/// A tagged job has `n` jobs before it: at its arrival as many as M/M/c with the arrivals `Λ_k` of its own and the urgent
/// classes, then one more at rate `λ_a` and one fewer at rate `min(n, c)·μ`. It is served, and leaves at rate `μ`, while
/// `n < c`. With `G_n` the transform of its time from `n` on, `m = μ/(s + μ)`, and `η` the [`BusyPeriod`] of `c` servers,
///
/// ```text
/// G_n = η^(n − c + 1)·G_(c−1)                                                        for n ≥ c
/// (s + λ_a + (n + 1)μ)·(m − G_n) = λ_a·(m − G_(n+1)) + nμ·(m − G_(n−1))              for n < c
/// ```
///
/// Eliminating from below, with `u = s/μ`, `a = λ_a/μ`,
///
/// ```text
/// v_0 = u + 1,   v_(n+1) = u + 1 + (n + 1)·v_n/(a + v_n),   (m − G_n)/(m − G_(n+1)) = a/(a + v_n)
/// m − G_(c−1) = m·a(1 − η)/(v_(c−1) + a(1 − η))
/// ```
///
/// in which nothing is subtracted. `S = Σ_(n<c) p_n·(m − G_n)/(m − G_(c−1))` goes along, and with `F` the transform of
/// [`BusyPeriod::geometric_sum`]
///
/// ```text
/// (1 − E e^(−sT))/s = 1/(s + μ) + m·[C·(1 − F)/s + a·(1 − η)/s/(v_(c−1) + a(1 − η))·(S + C·F)]
/// ```
///
/// # Method
///
/// States more than 9 standard deviations below the mean of M/M/c are left out; what the elimination forgets of them is
/// below a double. The tail is inverted on a hyperbola after it is multiplied by `e^(αt)` with its own rate of decay `α`,
/// so that far tails keep their relative precision. All singularities are on the negative axis: the cut of `η`, the pole of
/// `F`, and the root of `v_(c−1) + a(1 − η)`, which grows along the axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct InterruptedSojourn {
    period: BusyPeriod,
    service_rate: f64,
    wait_probability: f64,
    spare_share: f64,
    /// The lowest number of jobs before the tagged one that is kept.
    lowest: u64,
    /// Probabilities of what an arrival finds, from the lowest number up to `c − 1`.
    found: Arc<[f64]>,
    decay: f64,
}

impl InterruptedSojourn {
    /// The sojourn at a station that carries `together`, the jobs of the class and of those more urgent, of which
    /// `period` has the urgent ones; `own` is the class's arrival rate.
    pub fn new(together: &Mmc, servers: u64, period: BusyPeriod, own: f64) -> Self {
        let (load, c) = (together.offered_load(), servers as f64);
        let spare_share = together.spare_share();
        let wait_probability = Some(together.wait_probability()).filter(|wait| *wait >= LEAST_WAIT).unwrap_or(0.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the servers")]
        let lowest = (load - DEVIATIONS_BELOW * load.sqrt() - 20.0).floor().clamp(0.0, c - 1.0) as u64;
        // Far below saturation the states would be many, and all of them weigh nothing.
        let highest = if wait_probability > 0.0 { servers } else { lowest };
        let mut probability = wait_probability * spare_share;
        let mut found: Vec<f64> = (lowest..highest)
            .rev()
            .map(|n| {
                probability *= (n + 1) as f64 / load;
                probability
            })
            .collect();
        found.reverse();
        let mut law = Self {
            period,
            service_rate: together.service_rate(),
            wait_probability,
            spare_share,
            lowest,
            found: Arc::from(found),
            decay: 0.0,
        };
        law.decay = law.slowest_decay(own);
        law
    }

    /// `(1 − E e^(−sT))/s`, the transform of the tail; the mean at `s = 0`.
    pub fn tail_transform(&self, s: Complex<f64>) -> Complex<f64> {
        let (mu, load) = (self.service_rate, self.period.urgent / self.service_rate);
        let eta = self.period.transform(s);
        let busy = self.period.tail_transform(s);
        let (level, below) = self.eliminated(s / mu);
        let sigma = 1.0 - self.spare_share;
        let geometric = 1.0 / (self.spare_share + sigma * s * busy);
        let waits = eta * geometric * self.spare_share * self.wait_probability;
        let interrupted = busy * load / (level + s * busy * load) * (below + waits);
        let waiting = busy * geometric * self.wait_probability;
        (1.0 + mu * (waiting + interrupted)) / (s + mu)
    }

    /// The rate at which the tail falls in the end.
    pub const fn decay(&self) -> f64 {
        self.decay
    }

    /// Probability of more than `time` seconds.
    pub fn tail(&self, time: f64) -> f64 {
        if time <= 0.0 {
            return 1.0;
        }
        let tilted: f64 = contour(1.0)
            .iter()
            .map(|node| (node.weight * self.tail_transform(node.point / time - self.decay)).re)
            .sum();
        ((-self.decay * time).exp() * tilted / time).clamp(0.0, 1.0)
    }

    /// `v_(c−1)` and `S`.
    fn eliminated(&self, u: Complex<f64>) -> (Complex<f64>, Complex<f64>) {
        let load = self.period.urgent / self.service_rate;
        let mut n = self.lowest as f64;
        // Where v no longer changes with n: the root of v² + (a − n − u − 1)·v − a(u + 1), which for n = 0 is u + 1.
        let half = 0.5 * (n + u + 1.0 - load);
        let root = (half * half + (u + 1.0) * load).sqrt();
        let mut level = if n == 0.0 { u + 1.0 } else { half + root };
        let mut below = Complex::new(0.0, 0.0);
        for (index, found) in self.found.iter().enumerate() {
            if index > 0 {
                let handed = 1.0 / (level + load);
                below *= handed * load;
                n += 1.0;
                level = u + 1.0 + level * handed * n;
            }
            below += *found;
        }
        (level, below)
    }

    /// The rate at which the tail falls in the end.
    fn slowest_decay(&self, own: f64) -> f64 {
        let (period, mu) = (&self.period, self.service_rate);
        let edge = period.edge();
        let excess = own / period.completions - period.root() * period.gap();
        let pole = if excess > 0.0 {
            self.spare_share * period.completions * (own / (own + period.urgent))
        } else {
            f64::INFINITY
        };
        let load = period.urgent / mu;
        let level = |rate: f64| {
            let s = Complex::new(-rate, 0.0);
            let (level, _) = self.eliminated(s / mu);
            (level + s * period.tail_transform(s) * load).re
        };
        let slowest = edge.min(mu).min(pole);
        if level(slowest) >= 0.0 {
            return slowest;
        }
        find_root(level, 0.0, slowest, 1e-15).unwrap_or(slowest).min(slowest)
    }
}

#[cfg(test)]
mod tests {
    use crate::numeric::poisson_mass;
    use crate::units::{ArrivalRate, Servers, ServiceRate};

    use super::*;

    fn station(own: f64, urgent: f64, servers: u64) -> InterruptedSojourn {
        let rate = ArrivalRate::new(urgent + own).expect("rate");
        let (mu, count) = (ServiceRate::new(1.0).expect("rate"), Servers::new(servers).expect("count"));
        let together = Mmc::new(rate, mu, count).expect("stable");
        let completions = servers as f64;
        let period = BusyPeriod { urgent, completions, spare: completions - urgent };
        InterruptedSojourn::new(&together, servers, period, own)
    }

    /// The chain of the jobs before a tagged one, step by step at the times of a Poisson process: sums of positive terms.
    fn tail_of_chain(own: f64, urgent: f64, servers: usize, time: f64) -> f64 {
        const STATES: usize = 400;
        let (c, load) = (servers as f64, urgent + own);
        let mut weight = 1.0;
        let mut found: Vec<f64> = (0..STATES)
            .map(|n| {
                let now = weight;
                weight *= load / c.min((n + 1) as f64);
                now
            })
            .collect();
        let total: f64 = found.iter().sum();
        for probability in &mut found {
            *probability /= total;
        }
        let pace = c + urgent + 1.0;
        let events = pace * time;
        let mut tail = 0.0;
        for step in 0_u32.. {
            if f64::from(step) > events + 12.0 * events.sqrt() + 60.0 {
                break;
            }
            tail += poisson_mass(u64::from(step), events) * found.iter().sum::<f64>();
            let mut next = vec![0.0; STATES];
            for (n, probability) in found.iter().enumerate() {
                let (down, leaves) = (c.min(n as f64), if n < servers { 1.0 } else { 0.0 });
                let stays = 1.0 - (urgent + down + leaves) / pace;
                next[n] += probability * stays;
                next[(n + 1).min(STATES - 1)] += probability * urgent / pace;
                if n > 0 {
                    next[n - 1] += probability * down / pace;
                }
            }
            found = next;
        }
        tail
    }

    #[test]
    fn the_law_is_that_of_the_chain() {
        for (own, urgent, servers) in
            [(0.3, 0.4, 1), (0.5, 0.9, 2), (1.5, 0.1, 2), (0.0, 2.0, 3), (2.0, 2.5, 5), (0.2, 17.0, 20), (8.0, 8.0, 20)]
        {
            let law = station(own, urgent, servers as u64);
            for time in [0.01, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0] {
                let (got, exact) = (law.tail(time), tail_of_chain(own, urgent, servers, time));
                let error = got / exact - 1.0;
                assert!(error.abs() < 1e-9, "{own} {urgent} {servers} at {time}: {got} {exact} {error:e}");
            }
        }
    }
}
