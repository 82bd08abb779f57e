use crate::queues::{ExponentialVisit, QueueError, StationFigures};

use super::BalancedFleet;

/// Instances of which each request goes to the one with the fewest requests inside (join the shortest queue).
///
/// # Formula
///
/// ```text
/// W_q = C·(1/(nwμ − λ) + k/(wμ)),   C = erlang_c(nw, λ/μ)
/// W_q | wait ~ exponential of rate wμ(1 − ρⁿ),   P(wait) = W_q·wμ(1 − ρⁿ)
/// k = 0 for n = 1, 0.26 for n = 2 with w = 1, else 0.34
/// ```
///
/// # Method
///
/// The mean is that of one queue, plus what is lost while a worker idles beside a queue elsewhere; `k` was fitted to
/// solved chains and simulations. The law of the wait is derived: shortest queues keep all queues equal to within one
/// request, so whoever waits finds `floor(q/n)` others waiting before it when `q` wait in all, and `q` is geometric of
/// factor `ρ`. It waits for a geometric number, of factor `ρⁿ`, of completions at rate `wμ`: an exponential time.
///
/// # Accuracy
///
/// Against simulations of 2.5 million requests, `n` from 2 to 50, `w` from 1 to 32 and `ρ` from 0.5 to 0.95: mean
/// within 2.0 %, p50 within 3.3 %, p95 within 1.3 %, p99 within 2.2 %; most within 1 %. The probability to wait itself
/// is within 11 % for one worker, and up to 30 % too high for several, where waits are short.
/// Beyond that range it errs on the safe side: with 400 instances at `ρ = 0.95` all times are 4 to 5 % too high.
///
/// # Special cases
///
/// `n = 1`: M/M/w. The mean wait is at most `0.34/w` of a service longer than in one queue.
///
/// # Errors
///
/// [`QueueError::Unstable`] when `λ ≥ n·w·μ`.
///
/// # References
///
/// [Eryilmaz12](crate::references#eryilmaz12) for the collapse of the queues to one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeastOutstanding {
    visit: ExponentialVisit,
}

impl LeastOutstanding {
    /// Solves the fleet.
    ///
    /// # Errors
    ///
    /// As [`BalancedFleet::pooled`].
    pub fn new(fleet: &BalancedFleet) -> Result<Self, QueueError> {
        let pooled = fleet.pooled()?;
        let (n, w, mu) = (fleet.servers.get() as f64, fleet.workers.get() as f64, fleet.service_rate.get());
        if fleet.servers.get() == 1 || pooled.wait_probability() == 0.0 {
            return Ok(Self { visit: pooled.visit() });
        }
        let lost = if fleet.servers.get() == 2 && fleet.workers.get() == 1 { LOST_OF_TWO } else { LOST };
        let waiting_time = pooled.wait_probability() * (1.0 / pooled.spare_rate() + lost / (w * mu));
        let spare = pooled.spare_rate() / (n * w * mu);
        let rate = -w * mu * (n * (-spare).ln_1p()).exp_m1();
        let wait_probability = (waiting_time * rate).min(1.0);
        // The mean is kept where the product would say more than everyone.
        let wait_rate = wait_probability / waiting_time;
        Ok(Self { visit: ExponentialVisit { wait_probability, wait_rate, service_rate: mu } })
    }

    /// The law of a visit.
    pub const fn visit(&self) -> ExponentialVisit {
        self.visit
    }
}

/// Mean wait lost to idle workers beside queues, in completions of an instance, for those who wait.
const LOST: f64 = 0.34;

/// The same for two instances of one worker.
const LOST_OF_TWO: f64 = 0.26;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fleet::tests::fleet;
    use super::*;

    fn solved(servers: u64, workers: u64, utilization: f64) -> ExponentialVisit {
        LeastOutstanding::new(&fleet(servers, workers, utilization)).expect("stable").visit()
    }

    #[test]
    fn one_instance_is_the_plain_queue() {
        assert_eq!(solved(1, 4, 0.7), fleet(1, 4, 0.7).pooled().expect("stable").visit());
        assert_eq!(solved(5, 4, 0.0).waiting_time(), 0.0);
    }

    /// Plays a fleet in which ties go to the first of the shortest; the service is exponential, so who is inside says
    /// all, and every departure is as likely from each busy worker.
    #[test]
    fn a_simulated_fleet_agrees() {
        const EVENTS: u32 = 400_000;
        /// Error of the approximation and three standard errors of the simulation.
        const TOLERANCE: f64 = 0.05;
        for (n, w, rho) in [(4_u32, 1_u32, 0.8), (5, 2, 0.85), (3, 6, 0.9)] {
            let lambda = rho * f64::from(n * w);
            let mut state = 11_u64;
            let mut draw = move || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 11) as f64 / 2.0_f64.powi(53)
            };
            let mut inside = vec![0_u32; n as usize];
            let (mut waiting, mut waited, mut arrivals) = (0.0, 0_u32, 0_u32);
            for _ in 0..EVENTS {
                let event = draw() * (lambda + f64::from(n * w));
                if event < lambda {
                    arrivals += 1;
                    let shortest = (0..inside.len()).min_by_key(|&i| inside[i]).expect("an instance");
                    if inside[shortest] >= w {
                        waited += 1;
                        // Completions to wait for, at rate w.
                        waiting += f64::from(inside[shortest] - w + 1) / f64::from(w);
                    }
                    inside[shortest] += 1;
                } else {
                    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below n·w")]
                    let worker = ((event - lambda) as u32).min(n * w - 1);
                    let instance = (worker / w) as usize;
                    if worker % w < inside[instance] {
                        inside[instance] -= 1;
                    }
                }
            }
            let visit = solved(n.into(), w.into(), rho);
            let mean = 1.0 + waiting / f64::from(arrivals);
            assert!(
                (visit.sojourn_time() / mean - 1.0).abs() < TOLERANCE,
                "{n} {w} {rho}: {}, {mean}",
                visit.sojourn_time()
            );
            let share = f64::from(waited) / f64::from(arrivals);
            assert!((visit.wait_probability() - share).abs() < TOLERANCE, "{n} {w} {rho}: {visit:?}, {share}");
        }
    }

    proptest! {
        #[test]
        fn it_waits_more_than_one_queue_and_less_than_chance(
            n in 2_u64..100, w in 1_u64..40, rho in 1e-9..0.999_999_f64,
        ) {
            let visit = solved(n, w, rho);
            let fleet = fleet(n, w, rho);
            let (pooled, random) = (fleet.pooled().expect("stable"), fleet.random_instance().expect("stable"));
            prop_assert!(visit.waiting_time() >= pooled.waiting_time());
            prop_assert!(visit.waiting_time() <= random.waiting_time());
            prop_assert!((0.0..=1.0).contains(&visit.wait_probability()));
        }
    }
}
