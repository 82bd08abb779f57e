use crate::numeric::find_root;

/// The number of jobs at a station of `c` servers whose wait is fitted.
///
/// # Formula
///
/// With `B = P(N ≥ c)`, `a` the mean number busy, `A` the squared coefficient of variation of the times between arrivals and
/// `z` the peakedness of the station with servers without end,
///
/// ```text
/// p_(j+1)/p_j = (α + β·j)/(j + 1) for j < c − 1,   β = 1 − 1/z,   z = 1 + (A − 1)·∫P(S > t)² dt/E S
/// p_(c+j) = B·NB(j) with mean m = λ·W_q/B and variance A·m + λ²·E[W_q²]/B − m², at least m
/// Σ_{j<c} j·p_j + c·B = a
/// ```
///
/// For Poisson arrivals `z = 1` and the busy servers are Poisson; a number waiting that is Poisson in the time of a gamma
/// wait is negative binomial. `B` is either known or makes `p_c` follow `p_(c−1)` as the states below do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::queues) struct FittedStates {
    servers: u64,
    busy: f64,
    alpha: f64,
    beta: f64,
    /// `ln Σ_{j<c} w_j` with `w_0 = 1`.
    ln_weights: f64,
    queue: NegativeBinomial,
}

/// What the states have to agree with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::queues) struct StateFigures {
    pub servers: u64,
    /// Mean number busy.
    pub load: f64,
    /// Mean number waiting.
    pub in_queue: f64,
    /// `λ²·E[W_q²]`.
    pub second_moment: f64,
    /// `A`.
    pub arrival_scv: f64,
    /// `z`.
    pub peakedness: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct NegativeBinomial {
    size: f64,
    /// Mean over size; 0 for a Poisson law of mean `size`.
    ratio: f64,
}

/// The least peakedness, that of nearly constant numbers of busy servers.
const LEAST_PEAKEDNESS: f64 = 0.05;

/// Probabilities from here down are not searched for.
const LN_LEAST: f64 = -690.0;

/// A sum of weights grows to here before it is scaled back.
const LARGE: f64 = 1e200;

impl FittedStates {
    /// The states of a station at which all servers are busy with probability `busy`.
    pub fn with_busy(figures: &StateFigures, busy: f64) -> Self {
        let beta = 1.0 - 1.0 / figures.peakedness.max(LEAST_PEAKEDNESS);
        let alpha = figures.alpha(busy, beta);
        Self {
            servers: figures.servers,
            busy,
            alpha,
            beta,
            ln_weights: Weights::of(alpha, beta, figures.servers).ln_sum,
            queue: figures.queue(busy),
        }
    }

    /// The states of a station whose probabilities go on smoothly at `c`; for one server the busy share is the load.
    pub fn continuous(figures: &StateFigures) -> Self {
        if figures.servers == 1 {
            return Self::with_busy(figures, figures.load);
        }
        let beta = 1.0 - 1.0 / figures.peakedness.max(LEAST_PEAKEDNESS);
        let jump = |ln_busy: f64| {
            let busy = ln_busy.exp();
            let weights = Weights::of(figures.alpha(busy, beta), beta, figures.servers);
            ln_busy + figures.queue(busy).ln_probability(0)
                - (-busy).ln_1p()
                - (weights.ln_next - weights.ln_sum).max(2.0 * LN_LEAST)
        };
        let most = (figures.load / figures.servers as f64 * (1.0 - 1e-9)).ln();
        let busy = find_root(jump, LN_LEAST, most, 1e-13).map_or(0.0, f64::exp);
        Self::with_busy(figures, busy)
    }

    /// Probability that `jobs` are there.
    pub fn probability(&self, jobs: u64) -> f64 {
        if let Some(waiting) = jobs.checked_sub(self.servers) {
            return if self.busy > 0.0 { self.busy * self.queue.ln_probability(waiting).exp() } else { 0.0 };
        }
        let mut ln_weight = 0.0;
        for j in 0..jobs {
            ln_weight += step(self.alpha, self.beta, j).ln();
        }
        (1.0 - self.busy) * (ln_weight - self.ln_weights).exp()
    }
}

fn step(alpha: f64, beta: f64, j: u64) -> f64 {
    let jobs = j as f64;
    beta.mul_add(jobs, alpha).max(0.0) / (jobs + 1.0)
}

impl StateFigures {
    /// The `α` with which the servers, where not all are busy, are busy as often as they must be.
    fn alpha(&self, busy: f64, beta: f64) -> f64 {
        let target = (self.load - self.servers as f64 * busy) / (1.0 - busy);
        if target <= 0.0 || self.servers == 1 {
            return 0.0;
        }
        let centre = (self.load * (1.0 - beta)).ln();
        let excess = |ln_alpha: f64| (Weights::of(ln_alpha.exp(), beta, self.servers).mean / target).ln();
        let (mut low, mut high) = (centre - 1.0, centre + 1.0);
        while excess(low) > 0.0 && low > LN_LEAST {
            low -= 4.0;
        }
        while excess(high) < 0.0 && high < -LN_LEAST {
            high += 1.0;
        }
        find_root(excess, low, high, 1e-13).unwrap_or(centre).exp()
    }

    fn queue(&self, busy: f64) -> NegativeBinomial {
        let mean = self.in_queue / busy;
        let variance = self.arrival_scv * mean + (self.second_moment / busy - mean * mean).max(0.0);
        let excess = variance - mean;
        if mean > 0.0 && excess > 1e-9 * mean {
            NegativeBinomial { size: mean * (mean / excess), ratio: excess / mean }
        } else {
            NegativeBinomial { size: mean, ratio: 0.0 }
        }
    }
}

impl NegativeBinomial {
    fn ln_probability(&self, count: u64) -> f64 {
        let n = count as f64;
        if self.ratio == 0.0 {
            return crate::numeric::ln_poisson(n, self.size);
        }
        // Γ(n + r)/(n!·Γ(r))·(q/(1 + q))^n·(1 + q)^(−r).
        let mut ln_choices = 0.0;
        if count < 64 {
            for k in 0..count {
                let k = k as f64;
                ln_choices += ((self.size + k) / (k + 1.0)).ln();
            }
        } else {
            ln_choices = libm::lgamma(n + self.size) - libm::lgamma(n + 1.0) - libm::lgamma(self.size);
        }
        ln_choices - n * (1.0 / self.ratio).ln_1p() - self.size * self.ratio.ln_1p()
    }
}

/// The weights `w_j` of the states below `c`.
struct Weights {
    /// `ln Σ_{j<c} w_j`.
    ln_sum: f64,
    /// Mean `j` under them.
    mean: f64,
    /// `ln w_c`.
    ln_next: f64,
}

impl Weights {
    fn of(alpha: f64, beta: f64, servers: u64) -> Self {
        let (mut weight, mut sum, mut moment, mut ln_scale) = (1.0_f64, 0.0_f64, 0.0_f64, 0.0_f64);
        for j in 0..servers {
            sum += weight;
            moment += j as f64 * weight;
            weight *= step(alpha, beta, j);
            if weight > LARGE {
                weight /= LARGE;
                sum /= LARGE;
                moment /= LARGE;
                ln_scale += LARGE.ln();
            }
        }
        Self { ln_sum: sum.ln() + ln_scale, mean: moment / sum, ln_next: weight.ln() + ln_scale }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queues::Mmc;
    use crate::queues::StationFigures;
    use crate::units::{ArrivalRate, Servers, ServiceRate};

    /// Poisson arrivals and exponential service: the states are those of M/M/c, whether or not B is given.
    #[test]
    fn exponential_stations_are_exact() {
        for (load, servers) in [(0.9, 1), (1.0, 2), (8.0, 10), (90.0, 100), (1990.0, 2000)] {
            let queue = Mmc::new(
                ArrivalRate::new(load).expect("rate"),
                ServiceRate::new(1.0).expect("rate"),
                Servers::new(servers).expect("count"),
            )
            .expect("stable");
            let rate = queue.spare_rate();
            let figures = StateFigures {
                servers,
                load,
                in_queue: queue.mean_in_queue(),
                second_moment: load * load * 2.0 * queue.wait_probability() / (rate * rate),
                arrival_scv: 1.0,
                peakedness: 1.0,
            };
            for states in
                [FittedStates::continuous(&figures), FittedStates::with_busy(&figures, queue.wait_probability())]
            {
                for jobs in [0, 1, servers - 1, servers, servers + 1, servers + 70] {
                    let (got, want) = (states.probability(jobs), queue.state_probability(jobs));
                    assert!(
                        got == want || (got / want - 1.0).abs() < 1e-7,
                        "{load} {servers} {jobs}: {got:e} {want:e}"
                    );
                }
            }
        }
    }

    #[test]
    fn states_sum_to_one_and_have_their_mean() {
        for (arrival_scv, peakedness) in [(0.0, 0.3), (0.25, 0.6), (1.0, 1.0), (4.0, 2.5)] {
            for (load, servers, in_queue) in [(0.7, 1, 0.4), (3.0, 4, 1.2), (14.0, 16, 2.0), (50.0, 64, 0.1)] {
                let second_moment = 3.0 * in_queue * in_queue + 1e-3;
                let figures = StateFigures { servers, load, in_queue, second_moment, arrival_scv, peakedness };
                let states = FittedStates::continuous(&figures);
                let law: Vec<f64> = (0..4000).map(|n| states.probability(n)).collect();
                let sum: f64 = law.iter().sum();
                let mean: f64 = law.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
                assert!((sum - 1.0).abs() < 1e-9, "{arrival_scv} {servers}: {sum}");
                assert!((mean / (load + in_queue) - 1.0).abs() < 1e-8, "{arrival_scv} {servers}: {mean}");
            }
        }
    }
}
