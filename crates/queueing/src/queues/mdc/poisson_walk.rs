use std::f64::consts::PI;
use std::sync::LazyLock;

use crate::numeric::{Complex, GaussNode, gauss_legendre, ln_poisson, x_minus_ln_1p};

use crate::queues::QueueError;
use crate::queues::laws::poisson::{poisson_cdf, poisson_tail};
use crate::queues::mg1::constant_service::decay;

/// The rule of each panel of an integral.
static RULE: LazyLock<Vec<GaussNode>> = LazyLock::new(|| gauss_legendre(20));

/// The greatest height `L` of a walk that starts at 0 and whose steps are Poisson numbers of mean `a` less `c > a`.
///
/// It has the law of the number waiting at an M/D/c queue: in one service time `a` jobs come on average, and `c` leave the
/// queue if that many are there.
///
/// # Method
///
/// Spitzer's identity makes `L` a compound Poisson number,
///
/// ```text
/// E z^L = exp(−Σ_k b_k·(1 − z^k)),   b_k = Σ_n P(Poisson(n·a) = n·c + k)/n,
/// n·P(L = n) = Σ_{k=1}^{n} k·b_k·P(L = n − k),
/// ```
///
/// sums of positive terms without roots or differences. All is multiplied by `z₀ⁿ`, with `z₀ = e^s` the root of
/// `z^c = e^(a(z − 1))` above 1, by whose inverse the tail falls in the end: so `k·b_k·z₀^k` goes to 1 and nothing
/// underflows on the way. The `b_k` are summed where the terms fall fast; near saturation they are Fourier coefficients of
/// the logarithm of `1 − z^(−c)·e^(a(z − 1))` on the circle of radius `z₀`. The list ends where the second root no longer
/// counts, after some `15·√c` jobs near saturation, or where a double ends.
///
/// # References
///
/// [Janssen08](crate::references#janssen08), [Tijms03](crate::references#tijms03) §9.6.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::queues) struct PoissonWalk {
    load: f64,
    servers: f64,
    /// `P(L = n)`.
    levels: Vec<f64>,
    /// `P(L > n)`; each list goes on geometrically where its last entry is above 0.
    tail: Vec<f64>,
    /// `s = ln z₀`.
    decay: f64,
}

/// Probabilities below this do not count.
const LEAST: f64 = 1e-306;

/// What is left of all roots but the first at the end of the list, as a logarithm.
const LN_SETTLED: f64 = 38.0;

/// The longest list, worth a second: 10⁵ servers need 27,000 entries at most, when 99 % busy.
const MOST_JOBS: f64 = 40_000.0;

/// A decay per step of the probability that the walk stays above 0 from which on the sums over steps are short.
const FAST: f64 = 0.1;

impl PoissonWalk {
    /// Solves the walk for `load` = a, `servers` = c and `spare` = 1 − a/c.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] where the list would be too long.
    pub fn new(load: f64, servers: f64, spare: f64) -> Result<Self, QueueError> {
        if load < f64::MIN_POSITIVE / f64::EPSILON {
            return Ok(Self { load, servers, levels: vec![1.0, 0.0], tail: vec![0.0], decay: f64::MAX });
        }
        let decay = decay(load / servers, spare);
        let jobs = (LN_SETTLED / second_root_gap(load, servers, spare, decay)).ceil() + 2.0;
        let steps = Steps { load, servers, spare, decay };
        let fast = servers * x_minus_ln_1p(-spare) >= FAST;
        let refused = QueueError::Domain {
            parameter: "servers",
            value: servers,
            domain: "within the exact law of M/D/c, which takes 10^5 servers, and more far from or next to saturation",
        };
        if !fast && jobs > MOST_JOBS {
            return Err(refused);
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 2 and 40,000")]
        let count = jobs.min(MOST_JOBS) as usize;
        // k·b_k·z₀^k and P(L = n)·z₀^n, the latter in units of P(L = 0).
        let listed = if fast { Vec::new() } else { steps.transformed(count) };
        let mut ladder: Vec<f64> = Vec::with_capacity(count);
        let mut levels = vec![1.0];
        let mut tilted = vec![1.0];
        let mut settled = true;
        while levels.len() <= count {
            let n = levels.len();
            ladder.push(listed.get(n - 1).map_or_else(|| steps.summed(n as f64), |value| *value));
            let sum: f64 = ladder.iter().zip(tilted.iter().rev()).map(|(step, level)| step * level).sum();
            let next = sum / n as f64;
            let level = next * (-decay * n as f64).exp();
            if level < LEAST {
                settled = false;
                break;
            }
            tilted.push(next);
            levels.push(level);
        }
        if settled && jobs > MOST_JOBS {
            return Err(refused);
        }
        let beyond = if settled { levels.last().map_or(0.0, |last| last / decay.exp_m1()) } else { 0.0 };
        let mut tail = Vec::with_capacity(levels.len());
        let mut sum = beyond;
        for level in levels.iter().rev() {
            tail.push(sum);
            sum += level;
        }
        tail.reverse();
        for value in levels.iter_mut().chain(&mut tail) {
            *value /= sum;
        }
        if !settled {
            levels.push(0.0);
        }
        Ok(Self { load, servers, levels, tail, decay })
    }

    /// Mean of `L`.
    pub fn mean(&self) -> f64 {
        let beyond = match self.tail.last() {
            Some(&last) if last > 0.0 => last / self.decay.exp_m1(),
            _ => 0.0,
        };
        self.tail.iter().rev().sum::<f64>() + beyond
    }

    /// Probability that `L` and a Poisson number of mean `events ≤ a` are `jobs` together.
    pub fn with_events(&self, jobs: u64, events: f64) -> f64 {
        self.joined(&self.levels, jobs, events)
    }

    /// Probability that `L` and a Poisson number of mean `events ≤ a` are more than `jobs` together.
    pub fn above_with_events(&self, jobs: u64, events: f64) -> f64 {
        (self.joined(&self.tail, jobs, events) + poisson_tail(jobs, events)).min(1.0)
    }

    /// `Σ_{i ≤ jobs} values(i)·P(Poisson = jobs − i)`.
    fn joined(&self, values: &[f64], jobs: u64, events: f64) -> f64 {
        let last = values.len() as u64 - 1;
        let value = |i: u64| usize::try_from(i).ok().and_then(|i| values.get(i)).copied().unwrap_or(0.0);
        let mut sum = 0.0;
        if events <= 0.0 {
            if jobs < last {
                return value(jobs);
            }
        } else {
            // Listed are i < last, from the likeliest number of events to both sides.
            let (first, end) = (jobs.saturating_sub(last - u64::from(last > 0)), jobs);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most the load")]
            let start = (events as u64).clamp(first, end);
            let at_start = ln_poisson(start as f64, events).exp();
            let listed = |j: u64| if jobs - j < last { value(jobs - j) } else { 0.0 };
            let (mut j, mut term) = (start, at_start);
            loop {
                sum += term * listed(j);
                if j == end || term <= 1e-19 * sum {
                    break;
                }
                j += 1;
                term *= events / j as f64;
            }
            (j, term) = (start, at_start);
            while j > first {
                term *= j as f64 / events;
                j -= 1;
                let part = term * listed(j);
                sum += part;
                if part <= 1e-19 * sum {
                    break;
                }
            }
        }
        match (jobs.checked_sub(last), values.last()) {
            (Some(beyond), Some(&end)) if end > 0.0 => {
                // A·z₀^(−i) from the end of the list on is a Poisson law of mean events·z₀.
                let share = poisson_cdf(beyond, events * self.decay.exp());
                let exponent = events / self.load * self.servers * self.decay - self.decay * beyond as f64;
                sum + (end.ln() + exponent + share.ln()).exp()
            }
            _ => sum,
        }
    }
}

/// The steps of a walk, seen through `z₀`.
struct Steps {
    load: f64,
    servers: f64,
    spare: f64,
    decay: f64,
}

impl Steps {
    /// `k·b_k·z₀^k` as the sum over the number of steps, from its largest term to both sides.
    fn summed(&self, k: f64) -> f64 {
        let term = |n: f64| (ln_poisson(n * self.servers + k, n * self.load) + k * self.decay).exp() / n;
        let centre = (k / (self.servers * self.spare)).floor().max(1.0);
        let mut sum = term(centre);
        let mut n = centre;
        loop {
            n += 1.0;
            let next = term(n);
            sum += next;
            if next <= 1e-18 * sum {
                break;
            }
        }
        n = centre - 1.0;
        while n >= 1.0 {
            let next = term(n);
            sum += next;
            if next <= 1e-18 * sum {
                break;
            }
            n -= 1.0;
        }
        k * sum
    }

    /// `k·b_k·z₀^k` for `k` from 1 to `count`, as integrals.
    ///
    /// ```text
    /// b_k·z₀^k = −(1/π)·Re ∫₀^π ln(1 − e^(g(θ)))·e^(−ikθ) dθ
    /// g(θ) = −2α·sin²(θ/2) + i·((α − c)·θ − α·(θ − sin θ)),   α = a·z₀
    /// ```
    ///
    /// The logarithm has a singularity at 0: panels shrink towards it.
    fn transformed(&self, count: usize) -> Vec<f64> {
        // a·(z₀ − 1) = c·s.
        let drift = self.servers * (self.decay - self.spare);
        let alpha = self.servers + drift;
        let far = if alpha > 20.0 { (20.0 / alpha).sqrt().asin() * 2.0 } else { PI };
        let mut edges = vec![far];
        let widest = 8.0 / count as f64;
        while let Some(&edge) = edges.last()
            && edge > 1e-18
        {
            edges.push((edge - widest).max(0.25 * edge));
        }
        let mut weights = Vec::new();
        let mut turns = Vec::new();
        for pair in edges.windows(2) {
            let [high, low] = *pair else { continue };
            for node in RULE.iter() {
                let theta = high + (low - high) * node.point;
                let sine = (0.5 * theta).sin();
                let g = Complex::new(-2.0 * alpha * sine * sine, drift * theta - alpha * theta_less_sine(theta));
                weights.push(ln_one_less_exp(g) * ((low - high) * node.weight / PI));
                turns.push(Complex::new(0.0, -theta).exp());
            }
        }
        let mut values = Vec::with_capacity(count);
        for k in 1..=count {
            let mut sum = 0.0;
            for (value, turn) in weights.iter_mut().zip(&turns) {
                *value *= turn;
                sum += value.re;
            }
            values.push(k as f64 * sum);
        }
        values
    }
}

/// `θ − sin θ` without cancellation.
fn theta_less_sine(theta: f64) -> f64 {
    if theta.abs() > 0.5 {
        return theta - theta.sin();
    }
    let square = theta * theta;
    let mut term = theta;
    let mut sum = 0.0;
    for k in [2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0] {
        term *= -square / (k * (k + 1.0));
        sum -= term;
    }
    sum
}

/// `ln(1 − e^g)` for `Re g ≤ 0`, without cancellation near `g = 0`.
fn ln_one_less_exp(g: Complex<f64>) -> Complex<f64> {
    // 1 − e^g = −expm1(x) + 2·e^x·sin²(y/2) − i·e^x·sin y, all real parts of one sign.
    let grown = g.re.exp();
    let half = (0.5 * g.im).sin();
    let re = -g.re.exp_m1() + 2.0 * grown * half * half;
    let im = -grown * g.im.sin();
    let square = if grown > 0.5 {
        (re * re + im * im).ln()
    } else {
        // |1 − e^g|² − 1, small where e^g is.
        (grown * grown - 2.0 * grown * g.im.cos()).ln_1p()
    };
    Complex::new(0.5 * square, im.atan2(re))
}

/// Returns `ln(|z₁|/z₀) > 0` for the second root `z₁` of `z^c = e^(a(z − 1))` outside the unit disk.
///
/// With `s = ln z` it solves `(e^s − 1 − s)/s = spare/ρ` up to a turn, `a·(e^s − 1) − c·s = 2πi`: Newton's method from the
/// root of the parabola.
fn second_root_gap(load: f64, servers: f64, spare: f64, decay: f64) -> f64 {
    // Near saturation the parabola is the equation; far from it the fixed point s = ln(1 + (c·s + 2πi)/a) contracts.
    let turn = Complex::new(0.0, 2.0 * PI);
    let deficit = servers * spare;
    let mut s = (deficit + (turn * (2.0 * load) + deficit * deficit).sqrt()) / load;
    if s.re > 1.0 {
        s = Complex::new(decay.max(1.0), 1.0);
        for _ in 0..60 {
            s = (1.0 + (s * servers + turn) / load).ln();
        }
    }
    for _ in 0..60 {
        let grown = s.exp();
        let value = (grown - 1.0) * load - s * servers - turn;
        let step = value / (grown * load - servers);
        s -= step;
        if step.norm() <= 1e-9 * s.norm() {
            break;
        }
    }
    s.re - decay
}

#[cfg(test)]
mod tests {
    use crate::numeric::poisson_above;

    use super::*;

    fn walk(load: f64, servers: f64) -> PoissonWalk {
        PoissonWalk::new(load, servers, (servers - load) / servers).expect("not too long")
    }

    /// Both forms of the ladder hold where one hands over to the other.
    #[test]
    fn sums_and_integrals_agree() {
        for (load, servers) in [(0.6, 1.0), (0.8, 1.0), (9.0, 10.0), (96.0, 100.0), (9_940.0, 10_000.0)] {
            let spare = (servers - load) / servers;
            let steps = Steps { load, servers, spare, decay: decay(load / servers, spare) };
            for (index, value) in steps.transformed(60).iter().enumerate() {
                let summed = steps.summed(index as f64 + 1.0);
                assert!((value / summed - 1.0).abs() < 1e-11, "{load} {servers} {index}: {value} {summed}");
            }
        }
    }

    /// The law is that of `max(L + Poisson(a) − c, 0)`.
    #[test]
    fn a_step_changes_nothing() {
        for (load, servers) in [(1e-3, 1.0), (0.7, 1.0), (2.0, 4.0), (3.9, 4.0), (90.0, 100.0), (99.99, 100.0)] {
            let walk = walk(load, servers);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole numbers of servers")]
            let c = servers as u64;
            for jobs in [0, 1, 2, 5, 20, 100, 1000] {
                let (before, after) = (walk.above_with_events(jobs, 0.0), walk.above_with_events(jobs + c, load));
                assert!(
                    (after / before - 1.0).abs() < 1e-10 || before < 1e-290,
                    "{load} {servers} {jobs}: {before:e} {after:e}"
                );
            }
        }
    }

    #[test]
    fn the_mean_has_the_form_of_spitzer() {
        for (load, servers) in [(0.5, 1), (3.0, 4), (8.0, 10), (95.0, 100), (99_000.0, 100_000)] {
            let walk = walk(load, servers as f64);
            // E L = Σ_n E max(S_n, 0)/n with E max(S − m, 0) = a·P(S ≥ m) − m·P(S > m) for a Poisson S of mean a.
            let mean: f64 = (1..4000_u32)
                .map(|n| {
                    let (a, m) = (f64::from(n) * load, u64::from(n) * servers);
                    let above = poisson_above(m, a);
                    let m = m as f64;
                    ((a - m) * above + a * ln_poisson(m, a).exp()) / f64::from(n)
                })
                .sum();
            assert!((walk.mean() / mean - 1.0).abs() < 1e-8, "{load} {servers}: {} {mean}", walk.mean());
        }
    }

    #[test]
    fn a_list_that_would_be_too_long_is_refused() {
        let error = PoissonWalk::new(995_000.0, 1e6, 0.005).map(|_| ()).map_err(|error| error.to_string());
        let domain = "within the exact law of M/D/c, which takes 10^5 servers, and more far from or next to saturation";
        assert_eq!(error, Err(format!("servers of 1000000 is not {domain}")));
    }
}
