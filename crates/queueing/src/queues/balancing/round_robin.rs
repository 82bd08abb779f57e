use crate::numeric::{find_root, x_minus_ln_1p};
use crate::queues::{ExponentialVisit, QueueError};

use super::BalancedFleet;

/// The most workers of an instance under round robin: the cost grows with them.
pub const MAX_ROUND_ROBIN_WORKERS: u64 = 1_000_000;

/// Instances that get requests by turns: each is an `E_n/M/w` queue.
///
/// # Formula
///
/// Every `n`-th arrival of a Poisson stream makes a stream with Erlang-`n` gaps, of transform `A(s) = (λ/(λ + s))ⁿ`:
///
/// ```text
/// σ = A(wμ(1 − σ)),  0 < σ < 1
/// P(W_q > t) = C·e^(−wμ(1 − σ)t)
/// 1/C = 1 + (1 − σ)·Σ_{j=1}^{w} binom(w, j)/(C_j (1 − φ_j))·(w(1 − φ_j) − j)/(w(1 − σ) − j)
/// φ_j = A(jμ),  C_j = Π_{i ≤ j} φ_i/(1 − φ_i)
/// ```
///
/// For one worker `C = σ` and the sojourn time is exponential of rate `μ(1 − σ)`.
///
/// # Method
///
/// `1 − σ` is found by a bracketed search on a form in which the leading terms have been cancelled by hand, so that it
/// keeps its digits next to full load; `σ` follows from its equation. Every term of the sum is positive, and its last
/// factor is taken as a difference quotient where it becomes 0/0. Cost is `O(w)`.
///
/// # Accuracy
///
/// Exact. Numerically within 3e-14 of 80-digit arithmetic for utilizations from 1e-9 to 0.999999 and up to 300 workers.
///
/// # Special cases
///
/// `n = 1`: M/M/w. `n → ∞`: D/M/w. Waits less than a random split, more than one queue.
///
/// # References
///
/// [Takacs62](crate::references#takacs62), [Kleinrock75](crate::references#kleinrock75) §6.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoundRobin {
    sigma: f64,
    visit: ExponentialVisit,
}

impl RoundRobin {
    /// Solves one instance of the fleet.
    ///
    /// # Errors
    ///
    /// [`QueueError::Unstable`] when `λ ≥ n·w·μ`, [`QueueError::Domain`] for more than
    /// [`MAX_ROUND_ROBIN_WORKERS`] workers.
    pub fn new(fleet: &BalancedFleet) -> Result<Self, QueueError> {
        let pooled = fleet.pooled()?;
        let (n, w) = (fleet.servers.get() as f64, fleet.workers.get() as f64);
        let (lambda, mu) = (fleet.arrival_rate.get(), fleet.service_rate.get());
        if fleet.servers.get() == 1 {
            return Ok(Self { sigma: pooled.utilization(), visit: pooled.visit() });
        }
        if fleet.workers.get() > MAX_ROUND_ROBIN_WORKERS {
            return Err(QueueError::Domain {
                parameter: "workers per server under round robin",
                value: w,
                domain: "at most 1,000,000",
            });
        }
        let rho = pooled.utilization();
        if rho == 0.0 {
            let visit = ExponentialVisit { wait_probability: 0.0, wait_rate: w * mu, service_rate: mu };
            return Ok(Self { sigma: 0.0, visit });
        }
        let spare = pooled.spare_rate() / (n * w * mu);
        let left = one_minus_sigma(n, rho, spare);
        let sigma = (-n * (left / (n * rho)).ln_1p()).exp();
        let wait_probability = if fleet.workers.get() == 1 { sigma } else { delayed(n, w, lambda / mu, left) };
        Ok(Self { sigma, visit: ExponentialVisit { wait_probability, wait_rate: w * mu * left, service_rate: mu } })
    }

    /// The root `σ`: the factor by which the queue found by an arrival falls geometrically.
    pub const fn sigma(&self) -> f64 {
        self.sigma
    }

    /// The law of a visit.
    pub const fn visit(&self) -> ExponentialVisit {
        self.visit
    }
}

/// Solves `ln(1 − δ) + n·ln(1 + δ/(nρ)) = 0` for `1 − ρ ≤ δ < 1`.
fn one_minus_sigma(n: f64, rho: f64, spare: f64) -> f64 {
    const TOLERANCE: f64 = 1e-16;
    let excess = |left: f64| {
        let step = left / (n * rho);
        if rho < 0.5 {
            (-left).ln_1p() + n * step.ln_1p()
        } else {
            // The linear terms, −δ and δ/ρ, leave δ·(1 − ρ)/ρ.
            left * spare / rho - x_minus_ln_1p(-left) - n * x_minus_ln_1p(step)
        }
    };
    // The ends have opposite signs but where rounding hides it, next to full load, and there the left end is the root.
    find_root(excess, spare, 1.0, TOLERANCE).unwrap_or(spare)
}

/// Takács's probability to wait, for `w ≥ 2` and `load = λ/μ` of the whole fleet.
fn delayed(n: f64, w: f64, load: f64, left: f64) -> f64 {
    let zero = w * left;
    let (mut sum, mut weight) = (0.0, 1.0);
    let mut j = 0.0;
    while j < w {
        j += 1.0;
        let exponent = -n * (j / load).ln_1p();
        let (phi, rest) = (exponent.exp(), -exponent.exp_m1());
        // binom(w, j)/C_j from the last one.
        weight *= (w - j + 1.0) / j * (-exponent).exp_m1();
        let distance = zero - j;
        let factor = if distance.abs() > 0.5 {
            (w - j - w * phi) / distance
        } else if distance == 0.0 {
            1.0 - w * phi * n / (load + j)
        } else {
            1.0 + w * phi * (-n * (distance / (load + j)).ln_1p()).exp_m1() / distance
        };
        sum += weight / rest * factor;
        if !sum.is_finite() {
            // So rarely that a double cannot say it.
            return 0.0;
        }
    }
    (1.0 / (1.0 + left * sum)).min(1.0)
}

#[cfg(test)]
mod tests {
    use crate::queues::StationFigures;
    use proptest::prelude::*;

    use super::super::fleet::tests::fleet;
    use super::*;

    fn solved(servers: u64, workers: u64, utilization: f64) -> RoundRobin {
        RoundRobin::new(&fleet(servers, workers, utilization)).expect("stable")
    }

    /// σ of `E_2/M/1` solves a quadratic: σ = ½ (1 + 4ρ − √(1 + 8ρ)).
    #[test]
    fn two_instances_have_a_closed_form() {
        for rho in [1e-3_f64, 0.1, 0.5, 0.7, 0.95, 0.999] {
            let want = 0.5 * (1.0 + 4.0 * rho - (1.0 + 8.0 * rho).sqrt());
            let got = solved(2, 1, rho).sigma();
            assert!((got - want).abs() < 1e-14, "{rho}: {got}, {want}");
        }
    }

    #[test]
    fn next_to_full_load_and_next_to_none_the_digits_stay() {
        // The closed form to second order in 1 − ρ.
        let spare = 1e-6;
        let left = 1.0 - solved(2, 1, 1.0 - spare).sigma();
        let want = spare * 4.0 / 3.0 - 4.0 / 27.0 * spare * spare;
        assert!((left / want - 1.0).abs() < 1e-9, "{left:e}, {want:e}");
        // σ ≈ (nρ)ⁿ.
        let sigma = solved(3, 1, 1e-9).sigma();
        assert!((sigma / 2.7e-26 - 1.0).abs() < 1e-7, "{sigma:e}");
    }

    /// Chains of (stages of the gap, requests) up to 130 requests, solved by elimination.
    #[test]
    fn solved_chains_agree() {
        for (n, w, rho, wait) in [
            (2, 2, 0.6, 0.348_971_881_268_281_66),
            (3, 2, 0.8, 0.612_064_027_503_079_3),
            (2, 4, 0.7, 0.340_615_424_670_702_6),
        ] {
            let got = solved(n, w, rho).visit().wait_probability();
            assert!((got / wait - 1.0).abs() < 1e-11, "{n} {w} {rho}: {got}, {wait}");
        }
    }

    #[test]
    fn one_instance_is_the_plain_queue() {
        let one = solved(1, 4, 0.7);
        let plain = fleet(1, 4, 0.7).pooled().expect("stable");
        assert_eq!(one.visit(), plain.visit());
    }

    #[test]
    fn no_load_waits_for_nothing_and_too_many_workers_are_refused() {
        assert_eq!(solved(4, 2, 0.0).visit().waiting_time(), 0.0);
        assert_eq!(
            RoundRobin::new(&fleet(2, 2_000_000, 0.5)).expect_err("refused").to_string(),
            "workers per server under round robin of 2000000 is not at most 1,000,000"
        );
    }

    proptest! {
        #[test]
        fn turns_wait_less_than_chance_and_more_than_one_queue(
            n in 2_u64..200, w in 1_u64..40, rho in 0.01..0.9999_f64,
        ) {
            let turns = solved(n, w, rho).visit();
            let fleet = fleet(n, w, rho);
            let random = fleet.random_instance().expect("stable");
            let pooled = fleet.pooled().expect("stable");
            prop_assert!(turns.waiting_time() <= random.waiting_time() * (1.0 + 1e-9));
            prop_assert!(turns.waiting_time() >= pooled.waiting_time() * (1.0 - 1e-9));
            prop_assert!(turns.wait_probability() <= 1.0);
        }
    }
}
