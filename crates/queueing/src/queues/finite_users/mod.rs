pub(in crate::queues) mod states;

use crate::numeric::{Complex, complex_ln_1p, ln_poisson, log_concave_sum, x_minus_ln_1p};
use crate::units::{Probability, Seconds, Servers, ServiceRate};

use crate::queues::erlang::inverse_blocking;
use crate::queues::finite_users::states::UserStates;
use crate::queues::laws::exponential_visit::stage_transform;
use crate::queues::laws::poisson::poisson_cdf;
use crate::queues::laws::quantile::{tail_of, time_of_tail};
use crate::queues::{QueueError, StationFigures, StationLaws};

/// A station that a fixed number of users share (M/M/c//N, the machine repairman): each thinks for an exponential time,
/// makes a request, waits for its answer, and thinks again.
///
/// # Formula
///
/// With `n` of the `N` users at the station and the others thinking, and `v_n` the same for `N − 1` users, which is what a
/// request finds:
///
/// ```text
/// p_(n+1)/p_n = (N − n)/(Z·μ·min(n + 1, c))
/// P(wait) = Σ_{n≥c} v_n,   W_q = Σ_{n≥c} v_n·(n − c + 1)/(cμ),   R = W_q + 1/μ,   X = N/(Z + R),   ρ = X/(cμ)
/// P(W_q > t) = P(wait)·P(Poisson(m + cμt) ≤ K)/P(Poisson(m) ≤ K),   m = c·Z·μ,   K = N − 1 − c
/// E e^(−s·W_q) = P(no wait) + Σ_{j≥0} v_(c+j)·(cμ/(s + cμ))^(j+1)
/// ```
///
/// # Method
///
/// Exact. A request that finds `j` waiting waits for `j + 1` completions; the number still thinking is a truncated Poisson
/// law, and its sum with the completions of a Poisson process is one too, which gives the tail in closed form. Sums are of
/// positive terms around their largest, some 18 standard deviations of them, so that the cost grows as `√N`.
///
/// # Accuracy
///
/// Relative error below 1e-11 for means, states and tails down to 1e-300 and up to 10⁶ users.
///
/// # Special cases
///
/// [`Mmc`](crate::queues::Mmc) for `N → ∞` with `N/Z` fixed; `N ≤ c`: nobody waits.
///
/// # References
///
/// [Bolch06](crate::references#bolch06) §6.7; [Sevcik81](crate::references#sevcik81) for what a request finds.
///
/// # Examples
///
/// ```
/// use capplan_queueing::queues::{FiniteUsers, StationFigures};
/// use capplan_queueing::units::{Seconds, Servers, ServiceRate};
///
/// let alone = FiniteUsers::new(1, Seconds::new(3.0)?, ServiceRate::new(1.0)?, Servers::ONE)?;
/// assert_eq!(alone.throughput(), 0.25);
/// assert_eq!(alone.sojourn_time(), 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FiniteUsers {
    users: u64,
    think_time: f64,
    service_rate: f64,
    servers: u64,
    states: UserStates,
    /// What a request finds.
    found: UserStates,
    at_once: f64,
    wait_probability: f64,
    waiting_time: f64,
}

/// The most users that are summed over.
const MOST_USERS: u64 = 1_000_000_000;

impl FiniteUsers {
    /// Solves the station.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] without users, for more than 10⁹ of them, and for rates and times whose products overflow.
    pub fn new(
        users: u64,
        think_time: Seconds,
        service_rate: ServiceRate,
        servers: Servers,
    ) -> Result<Self, QueueError> {
        let (mu, count) = (service_rate.get(), servers.get());
        let refuse = |parameter, value, domain| Err(QueueError::Domain { parameter, value, domain });
        if users == 0 || users > MOST_USERS {
            return refuse("users", users as f64, "from 1 to 10^9");
        }
        let (think, drain) = (think_time.get() * mu, count as f64 * mu);
        if !(think * count as f64).is_finite() || !drain.is_finite() {
            return refuse("service rate", mu, "finite when multiplied by the servers and the think time");
        }
        let found = UserStates::new(users - 1, think, count);
        let waits = users > count;
        Ok(Self {
            users,
            think_time: think_time.get(),
            service_rate: mu,
            servers: count,
            states: UserStates::new(users, think, count),
            found,
            at_once: found.share(0, count.min(users) - 1),
            wait_probability: if waits { found.share(count, users - 1) } else { 0.0 },
            waiting_time: if waits { found.stages_to_wait() / drain } else { 0.0 },
        })
    }

    /// Requests per second.
    pub fn throughput(&self) -> f64 {
        self.users as f64 / (self.think_time + self.sojourn_time())
    }

    /// Busy share of each server.
    pub fn utilization(&self) -> f64 {
        (self.throughput() / (self.servers as f64 * self.service_rate)).min(1.0)
    }

    /// Whether no request ever waits: there are as many servers as users.
    pub const fn never_waits(&self) -> bool {
        self.users <= self.servers
    }

    /// Mean number of users whose request waits.
    pub fn mean_in_queue(&self) -> f64 {
        self.throughput() * self.waiting_time
    }

    /// Mean number of users whose request is at the station.
    pub fn mean_in_system(&self) -> f64 {
        self.throughput() * self.sojourn_time()
    }

    /// Probability that `jobs` of the users are at the station; 0 above their number.
    pub fn state_probability(&self, jobs: u64) -> f64 {
        self.states.probability(jobs)
    }

    /// `K`, the most that can wait before a request that waits too; `m`, the events in a think time of busy servers.
    fn law(&self) -> (u64, f64) {
        let most = self.users.saturating_sub(1 + self.servers);
        (most, self.servers as f64 * self.found.think())
    }

    fn wait_tail(&self, time: f64) -> f64 {
        let events = self.servers as f64 * self.service_rate * time;
        if self.never_waits() || events == f64::INFINITY {
            return 0.0;
        }
        let (most, start) = self.law();
        self.wait_probability * still_waiting(most, start, events)
    }

    fn response_tail(&self, time: f64) -> f64 {
        let c = self.servers as f64;
        let events = c * self.service_rate * time;
        if events == 0.0 {
            return 1.0;
        }
        if events == f64::INFINITY {
            return 0.0;
        }
        let at_once = self.at_once * (-self.service_rate * time).exp();
        if self.never_waits() {
            return at_once;
        }
        let (most, start) = self.law();
        let served =
            if self.servers == 1 { served_by_one(most, start, events) } else { served_by_many(most, start, events, c) };
        (at_once + self.wait_probability * (still_waiting(most, start, events) + served.max(0.0))).min(1.0)
    }
}

/// `P(Poisson(m + x) ≤ K)/P(Poisson(m) ≤ K)`: the share of those who wait that still do after `x` completions' time.
fn still_waiting(most: u64, start: f64, events: f64) -> f64 {
    if start > (most as f64).max(1.0) {
        // Both sides underflow where the servers are nearly always idle: a quotient of the largest terms, then of the rest.
        return fall(most as f64, start, events) * inverse_blocking(most, start + events)
            / inverse_blocking(most, start);
    }
    poisson_cdf(most, start + events) / poisson_cdf(most, start)
}

/// `e^(−x)·(1 + x/m)^k` for `m > 0`, which falls for `k ≤ m`: both parts of the exponent are of one sign.
fn fall(power: f64, start: f64, events: f64) -> f64 {
    let ratio = events / start;
    (-(start * x_minus_ln_1p(ratio) + (start - power) * ratio.ln_1p())).exp()
}

/// Share of those who wait whose wait is over and whose service is not, one server.
fn served_by_one(most: u64, start: f64, events: f64) -> f64 {
    let stages = most as f64 + 1.0;
    let growth = -(-stages * (events / start).ln_1p()).exp_m1();
    if start > stages {
        return start / (stages * inverse_blocking(most, start)) * fall(stages, start, events) * growth;
    }
    ln_poisson(stages, start + events).exp() * growth / poisson_cdf(most, start)
}

/// The same for `c > 1` servers, with `β = 1 − 1/c`.
fn served_by_many(most: u64, start: f64, events: f64, c: f64) -> f64 {
    let (limit, end, slow) = (most as f64, start + events, 1.0 - 1.0 / c);
    let service = (-events / c).exp();
    if slow * start > limit {
        let left = fall(limit, start, events) * inverse_blocking(most, slow * end);
        return (service * inverse_blocking(most, slow * start) - left) / (slow * inverse_blocking(most, start));
    }
    // ln P(Poisson(m) ≤ K), which underflows for m far above K.
    let ln_start = if start > limit {
        ln_poisson(limit, start) + inverse_blocking(most, start).ln()
    } else {
        poisson_cdf(most, start).ln()
    };
    let beyond = |mean: f64| (ln_poisson(limit + 1.0, mean) - ln_start).exp() * rising(limit, slow * mean);
    if slow * end <= limit {
        return beyond(end) - service * beyond(start);
    }
    let whole = (-end / c - (limit + 1.0) * (-1.0 / c).ln_1p() - ln_start).exp();
    let left = (ln_poisson(limit, end) - ln_start).exp() * inverse_blocking(most, slow * end) / slow;
    whole - service * beyond(start) - left
}

/// `Σ_{i≥0} y^i/((K + 2)·…·(K + 1 + i))` for `y ≤ K`: the upper tail of a Poisson law in units of its first term.
fn rising(limit: f64, mean: f64) -> f64 {
    let (mut sum, mut term, mut k) = (1.0, 1.0, limit + 1.0);
    while term > 0.1 * f64::EPSILON * sum {
        k += 1.0;
        term *= mean / k;
        sum += term;
    }
    sum
}

impl FiniteUsers {
    /// `Σ_j v_(c+j)·z^(j+1)` around its largest term.
    fn wait_part(&self, s: Complex<f64>) -> Complex<f64> {
        let drain = self.servers as f64 * self.service_rate;
        let stage = stage_transform(drain, s);
        let size = stage.re.hypot(stage.im);
        if self.never_waits() || size == 0.0 {
            return Complex::new(0.0, 0.0);
        }
        let (most, ln_stage) = (self.law().0, -complex_ln_1p(s / drain));
        let first = self.servers as f64;
        let mode = if self.found.think() == 0.0 {
            most
        } else {
            log_concave_sum(0, most, |j| self.found.ratio(first + j) * size).mode
        };
        let one = Complex::new(1.0, 0.0);
        let (mut sum, mut term, mut reach) = (one, one, 1.0);
        for j in mode..most {
            term *= stage * self.found.ratio(first + j as f64);
            sum += term;
            let part = term.re.hypot(term.im);
            reach += part;
            if part <= 1e-18 * reach {
                break;
            }
        }
        term = one;
        for j in (0..mode).rev() {
            let ratio = self.found.ratio(first + j as f64);
            if ratio == f64::INFINITY {
                break;
            }
            term /= stage * ratio;
            sum += term;
            let part = term.re.hypot(term.im);
            reach += part;
            if part <= 1e-18 * reach {
                break;
            }
        }
        sum * (ln_stage * (mode as f64 + 1.0) + self.found.ln_probability(self.servers + mode)).exp()
    }
}

impl StationLaws for FiniteUsers {
    fn waiting_time_tail(&self, time: Seconds) -> Result<f64, QueueError> {
        if self.never_waits() {
            return Ok(0.0);
        }
        QueueError::unless_below_double("tail of the wait", self.wait_tail(time.get()), || None)
    }

    /// Probability that wait and service together are longer than `time`.
    ///
    /// # Formula
    ///
    /// ```text
    /// P(W > t) = P(no wait)·e^(−μt) + P(W_q > t) + P(wait)/P(Poisson(m) ≤ K)·∫_m^{m+x} e^(−y)·y^K/K!·e^(−(m+x−y)/c) dy
    /// ```
    ///
    /// with `x = cμt`; the integral is an incomplete gamma function.
    fn sojourn_time_tail(&self, time: Seconds) -> Result<f64, QueueError> {
        QueueError::unless_below_double("tail of the response time", self.response_tail(time.get()), || None)
    }

    fn waiting_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        Ok(self.wait_part(s) + self.at_once)
    }

    fn sojourn_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        Ok((self.wait_part(s) + self.at_once) * stage_transform(self.service_rate, s))
    }
}

impl StationFigures for FiniteUsers {
    fn wait_probability(&self) -> f64 {
        self.wait_probability
    }

    fn waiting_time(&self) -> f64 {
        self.waiting_time
    }

    fn sojourn_time(&self) -> f64 {
        self.waiting_time + 1.0 / self.service_rate
    }

    fn waiting_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        let target = tail_of(probability)?;
        if self.wait_probability <= target {
            return Ok(0.0);
        }
        Ok(time_of_tail(|time| self.wait_tail(time), target, self.sojourn_time()))
    }

    fn sojourn_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        let target = tail_of(probability)?;
        Ok(time_of_tail(|time| self.response_tail(time), target, self.sojourn_time()))
    }
}

#[cfg(test)]
mod tests;
