use crate::numeric::{log_concave_sum, stirling_error, x_minus_ln_1p};

/// The number of `N` users who are at a station of `c` servers while the others think.
///
/// # Formula
///
/// ```text
/// p_(n+1)/p_n = (N − n)/(θ·min(n + 1, c)),   θ = Z·μ
/// ```
///
/// # Method
///
/// The ratios fall, so sums run around their largest term. A single probability is the largest one times a product of
/// ratios: a quotient of factorials, whose logarithm is taken without differences of large numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::queues) struct UserStates {
    users: u64,
    think: f64,
    servers: u64,
    /// Where the probability is largest, and one over it.
    mode: u64,
    sum: f64,
}

/// Products of up to this many factors are taken factor by factor.
const FEW: u64 = 64;

/// Factorials below this are, too.
const SMALL: u64 = 16;

impl UserStates {
    /// The states for a think time of `think` services.
    pub fn new(users: u64, think: f64, servers: u64) -> Self {
        let mut states = Self { users, think, servers, mode: users, sum: 1.0 };
        if think > 0.0 {
            let total = log_concave_sum(0, users, |n| states.ratio(n));
            (states.mode, states.sum) = (total.mode, total.sum);
        }
        states
    }

    /// Think time in services, `θ`.
    pub const fn think(&self) -> f64 {
        self.think
    }

    /// `p_(n+1)/p_n`.
    pub fn ratio(&self, n: f64) -> f64 {
        (self.users as f64 - n) / (self.think * (n + 1.0).min(self.servers as f64))
    }

    /// Probability that `n` are at the station.
    pub fn probability(&self, n: u64) -> f64 {
        self.ln_probability(n).exp()
    }

    /// Its logarithm.
    pub fn ln_probability(&self, n: u64) -> f64 {
        if n > self.users {
            return f64::NEG_INFINITY;
        }
        if self.think == 0.0 {
            // Nobody thinks.
            return if n == self.users { 0.0 } else { f64::NEG_INFINITY };
        }
        let from_mode = if n >= self.mode { self.ln_rise(self.mode, n) } else { -self.ln_rise(n, self.mode) };
        from_mode - self.sum.ln()
    }

    /// Probability that from `low` to `high` are at the station, both at most the number of users.
    pub fn share(&self, low: u64, high: u64) -> f64 {
        if self.think == 0.0 {
            return f64::from(u8::from(high == self.users));
        }
        let part = log_concave_sum(low, high, |n| self.ratio(n));
        (self.probability(part.mode) * part.sum).min(1.0)
    }

    /// `Σ_{n≥c} p_n·(n − c + 1)`, the mean number of completions that one more at the station waits for.
    pub fn stages_to_wait(&self) -> f64 {
        let (most, first) = (self.users - self.servers, self.servers as f64);
        if self.think == 0.0 {
            return most as f64 + 1.0;
        }
        let part = log_concave_sum(0, most, |j| self.ratio(first + j) * ((j + 2.0) / (j + 1.0)));
        self.probability(self.servers + part.mode) * (part.mode as f64 + 1.0) * part.sum
    }

    /// `ln p_to − ln p_from` for `from ≤ to`.
    fn ln_rise(&self, from: u64, to: u64) -> f64 {
        let (n, theta) = (self.users as f64, self.think);
        // Up to c servers the law is binomial, above the number of those who think is Poisson.
        let middle = self.servers.clamp(from, to);
        let thinking = ln_product(self.users - middle, self.users - from, n * (theta / (1.0 + theta)));
        let below = thinking - ln_product(from, middle, n / (1.0 + theta));
        below + ln_product(self.users - to, self.users - middle, self.servers as f64 * theta)
    }
}

/// Returns `Σ_{i=low+1}^{high} ln(i/unit)`.
///
/// Stirling's series, in which `ln(low/unit)` and what the numbers grow by stand apart: neither is a difference of large
/// numbers.
fn ln_product(low: u64, high: u64, unit: f64) -> f64 {
    let plain = |low: u64, high: u64| (low + 1..=high).map(|i| (i as f64 / unit).ln()).sum::<f64>();
    if high - low <= FEW {
        return plain(low, high);
    }
    if low < SMALL {
        return plain(low, SMALL) + ln_product(SMALL, high, unit);
    }
    let (k, top) = (low as f64, high as f64);
    let steps = top - k;
    let growth = steps / k;
    let away = (k - unit) / unit;
    let ln_low = if away.abs() < 0.5 { away.ln_1p() } else { (k / unit).ln() };
    // top·ln(1 + x) − steps = steps·x − top·(x − ln(1 + x)) for x = steps/k.
    let rise = if growth < 1.0 { steps * growth - top * x_minus_ln_1p(growth) } else { top * growth.ln_1p() - steps };
    steps * ln_low + rise + 0.5 * growth.ln_1p() + (stirling_error(high) - stirling_error(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_of_many_factors_are_those_of_the_factors() {
        for (low, high) in [(0, 100), (3, 900), (16, 81), (20, 5000), (1000, 1100), (4000, 90_000)] {
            for unit in [1e-3, 50.0, 1050.0, 1e7] {
                let plain: f64 = (low + 1..=high).map(|i: u64| (i as f64 / unit).ln()).sum();
                let size: f64 = (low + 1..=high).map(|i: u64| (i as f64 / unit).ln().abs()).sum();
                assert!((ln_product(low, high, unit) - plain).abs() < 1e-13 * size, "{low} {high} {unit}");
            }
        }
    }

    #[test]
    fn states_are_those_of_the_ratios() {
        for (users, think, servers) in
            [(1, 2.0, 1), (50, 5.0, 12), (3000, 0.1, 40), (3000, 9.0, 290), (700, 1e-9, 3), (900, 1e9, 2)]
        {
            let states = UserStates::new(users, think, servers);
            let mut ln_weights = vec![0.0_f64];
            for n in 0..users {
                ln_weights.push(ln_weights[ln_weights.len() - 1] + states.ratio(n as f64).ln());
            }
            let top = ln_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let ln_sum = top + ln_weights.iter().map(|weight| (weight - top).exp()).sum::<f64>().ln();
            for (n, weight) in ln_weights.iter().enumerate() {
                let (got, want) = (states.ln_probability(n as u64), weight - ln_sum);
                assert!(
                    (got - want).abs() < 1e-13 * top.abs().max(want.abs()).max(1.0),
                    "{users} {think} {n}: {got} {want}"
                );
            }
            let half = users / 2;
            let sum = states.share(0, half) + states.share(half + 1, users);
            assert!((sum - 1.0).abs() < 1e-12, "{users} {think} {servers}: {sum}");
        }
    }

    #[test]
    fn without_a_think_time_all_are_there() {
        let states = UserStates::new(7, 0.0, 2);
        assert_eq!(
            [states.probability(7), states.probability(6), states.share(0, 6), states.share(2, 7)],
            [1.0, 0.0, 0.0, 1.0]
        );
        assert_eq!(states.stages_to_wait(), 6.0);
    }
}
