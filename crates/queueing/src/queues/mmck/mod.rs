pub(in crate::queues) mod geometric;

use crate::numeric::{Complex, complex_exp_m1, complex_ln_1p, ln_poisson, log_concave_sum};
use crate::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};

use crate::queues::erlang::inverse_blocking;
use crate::queues::laws::exponential_visit::stage_transform;
use crate::queues::laws::poisson::poisson_cdf;
use crate::queues::laws::quantile::{tail_of, time_of_tail};
use crate::queues::mmck::geometric::Geometric;
use crate::queues::{QueueError, StationFigures, StationLaws, ln_erlang_b, offered_load};

/// The M/M/c/K queue: `c` servers and room for `K` jobs in all, those in service included; who finds it full is lost.
///
/// # Formula
///
/// ```text
/// a = λ/μ,  ρ = a/c,  m = K − c
/// p_c = 1 / (1/B(c, a) + ρ + … + ρ^m),   p_(c+j) = p_c·ρ^j,   p_K is the blocking probability
/// P(W_q > t | accepted) = p_c/(1 − p_K)·Σ_{j<m} ρ^j·P(Poisson(cμt) ≤ j)
///                       = p_c/(1 − p_K)·Σ_{i<m} e^(−cμt)(cμt)^i/i!·(ρ^i + … + ρ^(m−1))
/// E e^(−s·W_q)          = P(no wait) + p_c/(1 − p_K)·z·(1 − (ρz)^m)/(1 − ρz),   z = cμ/(cμ + s)
/// ```
///
/// with `B` = [`erlang_b`](crate::queues::erlang_b). Waits and sojourns are those of accepted jobs; `λ` may exceed `c·μ`.
///
/// # Method
///
/// Exact. `1/B` and the sums of powers have closed forms, so means cost the same for every `c` and `K`; above `ρ = 1` the
/// powers count down from the full queue, so nothing overflows. A tail is a sum of positive terms taken around its
/// largest: some 18·√(cμt) of them at most.
///
/// # Accuracy
///
/// Relative error below 1e-12 for probabilities, means and tails down to 1e-300 against 60-digit sums over the states, for
/// `c ≤ 500`, up to 1500 places to wait, loads of 1e-9 to 1e6 times the servers; below 1e-11 against
/// [`Mmc`](crate::queues::Mmc) for 10⁶ places.
///
/// # Special cases
///
/// Erlang B for `K = c`; [`Mmc`](crate::queues::Mmc) for `λ < c·μ` and `K → ∞`.
///
/// # References
///
/// [Bolch06](crate::references#bolch06) §6.5.
///
/// # Examples
///
/// ```
/// use capplan_queueing::queues::Mmck;
/// use capplan_queueing::units::{ArrivalRate, Servers, ServiceRate};
///
/// let queue = Mmck::new(ArrivalRate::new(1.0)?, ServiceRate::new(1.0)?, Servers::new(1)?, 3)?;
/// assert!((queue.blocking_probability() - 0.25).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mmck {
    arrival_rate: f64,
    service_rate: f64,
    servers: u64,
    /// `m`, places to wait.
    places: u64,
    load: f64,
    /// Powers of `ρ` or `1/ρ`, whichever is at most 1.
    powers: Geometric,
    /// Logarithm of the probability at which those powers start: `p_c` up to `ρ = 1`, `p_K` above.
    ln_start: f64,
    blocking: f64,
    accepted: f64,
    waiting: f64,
    at_once: f64,
}

/// The largest number of jobs that a station may hold.
const MAX_CAPACITY: u64 = Servers::MAX;

impl Mmck {
    /// Solves the queue for room of `capacity` jobs, waiting and in service.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] for less room than servers, for room above 10⁹, and for a load or a `c·μ` that overflows.
    pub fn new(
        arrival_rate: ArrivalRate,
        service_rate: ServiceRate,
        servers: Servers,
        capacity: u64,
    ) -> Result<Self, QueueError> {
        let places = capacity.checked_sub(servers.get()).filter(|_| capacity <= MAX_CAPACITY);
        let Some(places) = places else {
            return Err(QueueError::Domain {
                parameter: "capacity",
                value: capacity as f64,
                domain: "between the number of servers and 1,000,000,000",
            });
        };
        let load = offered_load(arrival_rate, service_rate)?;
        let (a, count) = (load.get(), servers.get());
        let (c, m) = (count as f64, places as f64);
        if !(c * service_rate.get()).is_finite() {
            return Err(QueueError::Domain {
                parameter: "service rate",
                value: service_rate.get(),
                domain: "finite when multiplied by the servers",
            });
        }
        let mut queue = Self {
            arrival_rate: arrival_rate.get(),
            service_rate: service_rate.get(),
            servers: count,
            places,
            load: a,
            powers: if a <= c { Geometric::of(a, c) } else { Geometric::of(c, a) },
            ln_start: f64::NEG_INFINITY,
            blocking: 0.0,
            accepted: 1.0,
            waiting: 0.0,
            at_once: 1.0,
        };
        if a == 0.0 {
            return Ok(queue);
        }
        let powers = queue.powers;
        // Idle servers: Σ_{n<c} p_n/p_c = 1/B − 1, written without the difference.
        let below = c / a * inverse_blocking(count - 1, a);
        if a <= c {
            let waiting = powers.sum(m);
            queue.ln_start =
                if below.is_finite() { -(below + powers.sum(m + 1.0)).ln() } else { ln_erlang_b(servers, load) };
            queue.blocking = (queue.ln_start + if places == 0 { 0.0 } else { m * powers.ln_ratio }).exp();
            // Σ_{j<m} below `p_K`, all parts positive; the plain complement where `p_c` itself underflows.
            queue.accepted = if below.is_finite() { queue.ln_start.exp() * (below + waiting) } else { 1.0 };
            queue.waiting = times_exp(waiting, queue.ln_start) / queue.accepted;
        } else {
            let waiting = powers.ratio * powers.sum(m);
            let below = powers.power(m) * below;
            queue.ln_start = -(1.0 + waiting + below).ln();
            queue.blocking = queue.ln_start.exp();
            queue.accepted = queue.blocking * (waiting + below);
            queue.waiting = waiting / (waiting + below);
            queue.at_once = below / (waiting + below);
            return Ok(queue);
        }
        queue.at_once = if below.is_finite() { queue.ln_start.exp() * below / queue.accepted } else { 1.0 };
        Ok(queue)
    }

    /// Probability that an arrival is lost, `p_K`.
    pub const fn blocking_probability(&self) -> f64 {
        self.blocking
    }

    /// Accepted jobs per second, `λ·(1 − p_K)`.
    pub fn throughput(&self) -> f64 {
        self.arrival_rate * self.accepted
    }

    /// Busy share of each server.
    pub fn utilization(&self) -> f64 {
        self.load * self.accepted / self.servers as f64
    }

    /// Offered load `a = λ/μ` in erlangs, lost jobs included.
    pub const fn offered_load(&self) -> f64 {
        self.load
    }

    /// Probability that nobody is there; underflows to 0 for loads above 700.
    pub fn empty_probability(&self) -> f64 {
        let (a, c) = (self.load, self.servers as f64);
        if a == 0.0 {
            return 1.0;
        }
        if a <= c {
            // e^(−a) of the states below c and of those from c on, in units of the Poisson law.
            let full = ln_poisson(c, a).exp() * self.powers.sum(self.places as f64 + 1.0);
            return (-a).exp() / (poisson_cdf(self.servers - 1, a) + full);
        }
        // p_0/p_c = c!/a^c = (c/a)^c·c!/c^c, where e^(−a) would cancel.
        let power = (self.places as f64 + c) * self.powers.ln_ratio;
        (self.ln_start + power - c - ln_poisson(c, c)).exp()
    }

    /// Probability that `jobs` are there, waiting or in service; 0 above `K`.
    pub fn state_probability(&self, jobs: u64) -> f64 {
        let (a, c, n, m) = (self.load, self.servers as f64, jobs as f64, self.places as f64);
        if jobs > self.servers + self.places {
            return 0.0;
        }
        if a == 0.0 {
            return if jobs == 0 { 1.0 } else { 0.0 };
        }
        let idle = jobs < self.servers;
        if a <= c {
            let full = ln_poisson(c, a);
            let whole = poisson_cdf(self.servers - 1, a) + full.exp() * self.powers.sum(m + 1.0);
            let ln_weight = if idle { ln_poisson(n, a) } else { full + (n - c) * self.powers.ln_ratio };
            return ln_weight.exp() / whole;
        }
        // Counted from the full queue.
        let down = if idle {
            // p_n/p_c = (c/a)^(c − n)·c^n·c!/(c^c·n!), where the e^(−a) of two Poisson laws would cancel.
            (m + c - n) * self.powers.ln_ratio + ln_poisson(n, c) - ln_poisson(c, c)
        } else {
            (c + m - n) * self.powers.ln_ratio
        };
        (self.ln_start + down).exp()
    }

    /// Mean number waiting, `Σ j·p_(c+j)`.
    pub fn mean_in_queue(&self) -> f64 {
        let places = if self.load <= self.servers as f64 {
            self.powers.moment(self.places + 1)
        } else {
            // Counted from the full queue: m, (m − 1)/ρ, …
            let m = self.places as f64;
            m * self.powers.sum(m) - self.powers.moment(self.places)
        };
        times_exp(places, self.ln_start)
    }

    /// Whether nobody ever waits: no arrivals, or no place to wait.
    pub fn never_waits(&self) -> bool {
        self.places == 0 || self.arrival_rate == 0.0
    }

    /// Mean number waiting or in service.
    pub fn mean_in_system(&self) -> f64 {
        self.mean_in_queue() + self.load * self.accepted
    }

    fn wait_tail(&self, time: f64) -> f64 {
        let (c, m) = (self.servers as f64, self.places as f64);
        let events = c * self.service_rate * time;
        if self.places == 0 || self.load == 0.0 || events == f64::INFINITY {
            return 0.0;
        }
        if events == 0.0 {
            return self.waiting;
        }
        let (powers, light) = (self.powers, self.load <= c);
        let ratio = if light { powers.ratio } else { 1.0 };
        // The sum ρ^i + … + ρ^(m−1), in units of ρ^i up to ρ = 1 and of ρ^(m−1) above.
        let total = log_concave_sum(0, self.places - 1, |i| {
            ratio * events / (i + 1.0) * powers.sum(m - i - 1.0) / powers.sum(m - i)
        });
        let mode = total.mode as f64;
        let power = if light { mode * powers.ln_ratio } else { powers.ln_ratio };
        let ln_mode = ln_poisson(mode, events) + power + powers.sum(m - mode).ln() + self.ln_start;
        ln_mode.exp() * total.sum / self.accepted
    }

    fn sojourn_tail(&self, time: f64) -> f64 {
        let in_service = self.at_once * (-self.service_rate * time).exp();
        if self.places == 0 || self.load == 0.0 || time == 0.0 {
            return in_service + self.waiting;
        }
        if self.servers as f64 * self.service_rate * time == f64::INFINITY {
            return 0.0;
        }
        let served = if self.servers == 1 { self.served_by_one(time) } else { self.served_by_many(time) };
        (in_service + self.wait_tail(time) + served).min(1.0)
    }

    /// Probability that the wait is over at `time` and the service is not, for one server.
    fn served_by_one(&self, time: f64) -> f64 {
        let events = self.service_rate * time;
        let light = self.load <= 1.0;
        let total = log_concave_sum(1, self.places, |i| self.load * events / (i + 1.0));
        let mode = total.mode as f64;
        let power = if light { mode - 1.0 } else { self.places as f64 - (mode - 1.0) };
        let ln_mode = ln_poisson(mode, events) + power * self.powers.ln_ratio + self.ln_start;
        ln_mode.exp() * total.sum / self.accepted
    }

    /// The same for several servers.
    fn served_by_many(&self, time: f64) -> f64 {
        let (c, m, a) = (self.servers as f64, self.places as f64, self.load);
        let others = c - 1.0;
        let events = others * self.service_rate * time;
        let rising = a > others;
        let powers = if rising { Geometric::of(others, a) } else { Geometric::of(a, others) };
        // r = a/(c − 1) may exceed 1: then the sums are in units of their largest power.
        let growth = if rising { a / others } else { 1.0 };
        let total = log_concave_sum(1, MAX_TERM, |i| {
            let step = if i < m { growth * powers.sum(i + 1.0) / powers.sum(i) } else { 1.0 };
            events / (i + 1.0) * step
        });
        let mode = total.mode as f64;
        let count = mode.min(m);
        let ln_sum = powers.sum(count).ln() - if rising { (count - 1.0) * powers.ln_ratio } else { 0.0 };
        let ln_full = if a <= c { self.ln_start } else { self.ln_start + m * self.powers.ln_ratio };
        let ln_mode = ln_poisson(mode, events) + ln_sum + ln_full - self.service_rate * time + (c / others).ln();
        ln_mode.exp() * total.sum / self.accepted
    }
}

impl Mmck {
    /// Laplace–Stieltjes transform of those waits that are above 0, times their probability: the geometric sum of `z·(ρz)^j`
    /// in closed form, with `1 − ρz = z·(s/(cμ) + 1 − ρ)` of one rounding; above `|ρz| = 1` it counts down from the full
    /// queue.
    fn wait_part(&self, s: Complex<f64>) -> Complex<f64> {
        let (c, m) = (self.servers as f64, self.places as f64);
        let drain = c * self.service_rate;
        let (scaled, stage) = (s / drain, stage_transform(drain, s));
        let nothing = Complex::new(0.0, 0.0);
        if self.places == 0 || self.load == 0.0 || stage == nothing {
            return nothing;
        }
        let light = self.load <= c;
        let (spare, ln_rho) =
            if light { (self.powers.gap, self.powers.ln_ratio) } else { ((c - self.load) / c, -self.powers.ln_ratio) };
        let gap = (scaled + spare) * stage;
        let ln_stage = -complex_ln_1p(scaled);
        let ln_ratio = if gap.norm() < 0.5 { complex_ln_1p(-gap) } else { ln_stage + ln_rho };
        // p_c up to ρ = 1, p_K above.
        let ln_full = if light { self.ln_start } else { self.ln_start - m * ln_rho };
        let sum = |ln_ratio: Complex<f64>, gap: Complex<f64>| {
            if gap == nothing { Complex::new(m, 0.0) } else { -complex_exp_m1(ln_ratio * m) / gap }
        };
        let whole = if ln_ratio.re <= 0.0 {
            stage * sum(ln_ratio, gap) * ln_full.exp()
        } else {
            // Σ_{i=1}^{m} (1/ρz)^i, in units of z^(m+1).
            let up = (-ln_ratio).exp();
            (ln_stage * (m + 1.0)).exp() * up * sum(-ln_ratio, -gap * up) * self.ln_start.exp()
        };
        whole / self.accepted
    }
}

impl StationLaws for Mmck {
    fn waiting_time_tail(&self, time: Seconds) -> Result<f64, QueueError> {
        if self.never_waits() {
            return Ok(0.0);
        }
        QueueError::unless_below_double("tail of the wait", self.wait_tail(time.get()), || None)
    }

    fn sojourn_time_tail(&self, time: Seconds) -> Result<f64, QueueError> {
        QueueError::unless_below_double("tail of the sojourn time", self.sojourn_tail(time.get()), || None)
    }

    fn waiting_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        Ok(self.wait_part(s) + self.at_once)
    }

    fn sojourn_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        Ok((self.wait_part(s) + self.at_once) * stage_transform(self.service_rate, s))
    }
}

/// Returns `factor·e^exponent`, also where the power alone would lose digits to underflow.
fn times_exp(factor: f64, exponent: f64) -> f64 {
    /// Powers above this have all their digits.
    const DEEP: f64 = -650.0;
    if exponent > DEEP { exponent.exp() * factor } else { (exponent + factor.ln()).exp() }
}

/// Far above any number of completions that still has a probability.
const MAX_TERM: u64 = 1 << 53;

impl StationFigures for Mmck {
    fn wait_probability(&self) -> f64 {
        self.waiting
    }

    fn lost_share(&self) -> f64 {
        self.blocking_probability()
    }

    fn waiting_time(&self) -> f64 {
        // Without arrivals nobody waits; L_q/λ would be 0/0.
        if self.load == 0.0 { 0.0 } else { self.mean_in_queue() / self.throughput() }
    }

    fn sojourn_time(&self) -> f64 {
        self.waiting_time() + 1.0 / self.service_rate
    }

    fn waiting_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        let target = tail_of(probability)?;
        Ok(time_of_tail(|time| self.wait_tail(time), target, self.sojourn_time()))
    }

    fn sojourn_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        let target = tail_of(probability)?;
        Ok(time_of_tail(|time| self.sojourn_tail(time), target, self.sojourn_time()))
    }
}
