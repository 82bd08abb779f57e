pub(in crate::queues) mod virtual_wait;

use crate::numeric::{Complex, ln_poisson};
use crate::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};

use crate::queues::erlang::inverse_blocking;
use crate::queues::erlang_a::virtual_wait::OfferedWait;
use crate::queues::laws::exponential_visit::stage_transform;
use crate::queues::laws::quantile::{tail_of, time_of_tail};
use crate::queues::{QueueError, StationFigures, ln_erlang_b, offered_load};

/// The Erlang A queue (M/M/c+M): as M/M/c, but each waiting job gives up after an exponential time.
///
/// # Formula
///
/// ```text
/// Z = Σ_{j≥0} λ^j / Π_{i≤j}(cμ + iθ) = cμ·∫₀^∞ h(t) dt,   h(t) = exp(−cμ·t + λ/θ·(1 − e^(−θt)))
/// P(wait) = Z / (1/B − 1 + Z),   P(V > t) = P(wait)·∫_t^∞ h / ∫₀^∞ h
/// P(abandon) = P(wait)·∫ (1 − e^(−θt))·h / ∫ h = θ·W_q
/// ```
///
/// with `B` = [`erlang_b`](crate::queues::erlang_b), `θ` the abandonment rate and `V` the offered wait, that of an arrival of
/// infinite patience. `W_q` averages over all arrivals, served or not; waits of the served and of those who leave are
/// numbers of their own. There is a steady state for every load.
///
/// # Method
///
/// Exact. Every figure is a quotient of integrals of the log-concave `h`, taken around its peak by Gauss–Legendre panels,
/// instead of the sum over states: the cost does not grow with `c` or `1/θ`, every integrand is positive, and the limit
/// `θ → 0` is smooth.
///
/// # Accuracy
///
/// Relative error below 1e-11 against 40-digit sums over the states and integrals for `1 ≤ c ≤ 1000`, `θ/μ` of 1e-4 to
/// 1e3, loads of 1e-6 to three times the servers; tails keep it down to 1e-300.
///
/// # Special cases
///
/// `θ = μ`: the number in the system is Poisson with mean `λ/μ`. `θ → 0` with `λ < cμ`: [`Mmc`](crate::queues::Mmc).
///
/// # References
///
/// [Mandelbaum07](crate::references#mandelbaum07), [Zeltyn05](crate::references#zeltyn05).
///
/// # Examples
///
/// ```
/// use capplan_queueing::queues::ErlangA;
/// use capplan_queueing::units::{ArrivalRate, Servers, ServiceRate};
///
/// let rate = ServiceRate::new(1.0)?;
/// let queue = ErlangA::new(ArrivalRate::new(5.0)?, rate, Servers::new(4)?, rate)?;
/// assert!((queue.mean_in_system() - 5.0).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ErlangA {
    arrival_rate: f64,
    service_rate: f64,
    servers: u64,
    abandonment_rate: f64,
    load: f64,
    /// The offered wait, and the same with the chance to outlast it.
    offered: OfferedWait,
    served: OfferedWait,
    offered_whole: f64,
    served_whole: f64,
    wait_probability: f64,
    at_once: f64,
    /// Among those who wait: share served, share lost, mean wait until either, mean wait times being served.
    served_given_wait: f64,
    lost_given_wait: f64,
    mean_given_wait: f64,
    served_mean_given_wait: f64,
}

/// Rates from here on overflow in products.
const MOST_RATE: f64 = 1e140;

impl ErlangA {
    /// Solves the queue for waiting jobs that give up at `abandonment_rate` each.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] for a load that overflows, and for an abandonment rate so small against an overload that the
    /// wait does.
    pub fn new(
        arrival_rate: ArrivalRate,
        service_rate: ServiceRate,
        servers: Servers,
        abandonment_rate: ServiceRate,
    ) -> Result<Self, QueueError> {
        let load = offered_load(arrival_rate, service_rate)?;
        let (lambda, mu, theta) = (arrival_rate.get(), service_rate.get(), abandonment_rate.get());
        let (c, a) = (servers.get() as f64, load.get());
        let drain = c * mu;
        let offered = OfferedWait { arrivals: lambda, patience: theta, drain };
        let served = OfferedWait { drain: drain + theta, ..offered };
        // Rates whose squares overflow would leave the sums without an end.
        let scales = [lambda, mu, theta].iter().all(|&rate| rate < MOST_RATE);
        if !scales || !(drain + theta).is_finite() || !offered.peak().is_finite() {
            return Err(QueueError::Domain {
                parameter: "abandonment rate",
                value: theta,
                domain: "of the size of the other rates, all of them below 10^140",
            });
        }
        let offered_whole = offered.integral(0.0, f64::INFINITY, |_| 1.0);
        let served_whole = served.integral(0.0, f64::INFINITY, |_| 1.0);
        // Z in units of h at its peak, and the height of the peak over h(0) = 1.
        let ln_height = offered.drop(offered.peak(), 0.0);
        let sum = drain * offered_whole;
        // 1/B − 1, written without the difference.
        let below = if a == 0.0 { f64::INFINITY } else { c / a * inverse_blocking(servers.get() - 1, a) };
        let (wait_probability, at_once) = if below.is_finite() {
            let below = below * (-ln_height).exp();
            (sum / (below + sum), below / (below + sum))
        } else {
            ((ln_erlang_b(servers, load) + sum.ln() + ln_height).exp(), 1.0)
        };
        let mut queue = Self {
            arrival_rate: lambda,
            service_rate: mu,
            servers: servers.get(),
            abandonment_rate: theta,
            load: a,
            offered,
            served,
            offered_whole,
            served_whole,
            wait_probability,
            at_once,
            served_given_wait: 1.0,
            lost_given_wait: 0.0,
            mean_given_wait: 0.0,
            served_mean_given_wait: 0.0,
        };
        queue.split(ln_height);
        Ok(queue)
    }

    /// Probability that `jobs` are there, waiting or in service.
    ///
    /// ```text
    /// p_(c+j) = p_c·Π_{i=1}^{j} λ/(cμ + iθ),   p_n/p_c = q_n/q_c for n < c with q the Poisson law of mean a
    /// ```
    ///
    /// Factor by factor for up to 10⁵ waiting jobs, relative error below 1e-10; beyond as a ratio of two Poisson
    /// probabilities, whose logarithms lose as many digits as they have before the point.
    pub fn state_probability(&self, jobs: u64) -> f64 {
        let (a, c) = (self.load, self.servers as f64);
        if a == 0.0 {
            return if jobs == 0 { 1.0 } else { 0.0 };
        }
        // P(N ≥ c) over p_c is the drain times the whole offered wait, in units of its start.
        let ln_height = self.offered.drop(self.offered.peak(), 0.0);
        let ln_full = self.wait_probability.ln() - (self.offered.drain * self.offered_whole).ln() - ln_height;
        let ln_ratio = if jobs < self.servers {
            ln_poisson(jobs as f64, a) - ln_poisson(c, a)
        } else {
            let (arrivals, drain, waiting) = (self.offered.arrivals, self.offered.drain, jobs - self.servers);
            if waiting <= 100_000 {
                (1..=waiting).map(|i| (arrivals / (drain + i as f64 * self.abandonment_rate)).ln()).sum()
            } else {
                let (start, mean) = (drain / self.abandonment_rate, arrivals / self.abandonment_rate);
                ln_poisson(start + waiting as f64, mean) - ln_poisson(start, mean)
            }
        };
        if ln_full.is_finite() {
            return (ln_full + ln_ratio).exp();
        }
        // A load so small that nobody ever waits: the Poisson law itself.
        if jobs < self.servers { ln_poisson(jobs as f64, a).exp() } else { 0.0 }
    }

    /// Splits those who wait into served and lost.
    fn split(&mut self, ln_height: f64) {
        let (theta, drain) = (self.abandonment_rate, self.offered.drain);
        if theta <= drain {
            // Patience changes no faster than the wait: weights on one integrand.
            let mean_of =
                |weight: &dyn Fn(f64) -> f64| self.offered.integral(0.0, f64::INFINITY, weight) / self.offered_whole;
            let served = mean_of(&|t| (-theta * t).exp());
            let until = mean_of(&|t| -(-theta * t).exp_m1() / theta);
            let served_mean = mean_of(&|t| t * (-theta * t).exp());
            self.served_given_wait = served;
            self.mean_given_wait = until;
            self.lost_given_wait = theta * until;
            self.served_mean_given_wait = served_mean;
            return;
        }
        // Patience is shorter than the wait for a server: its own integrand, and nothing cancels in 1 − share.
        self.served_given_wait = if self.arrival_rate <= self.served.drain {
            (-ln_height).exp() * self.served_whole / self.offered_whole
        } else {
            // (1 − 1/Z)·cμ/λ, the flow through the servers.
            (1.0 - (-ln_height).exp() / (drain * self.offered_whole)) * drain / self.arrival_rate
        };
        self.lost_given_wait = 1.0 - self.served_given_wait;
        self.mean_given_wait = self.lost_given_wait / theta;
        self.served_mean_given_wait =
            self.served_given_wait * self.served.integral(0.0, f64::INFINITY, |t| t) / self.served_whole;
    }

    /// Offered load `a = λ/μ` in erlangs, jobs that give up included.
    pub const fn offered_load(&self) -> f64 {
        self.load
    }

    /// Probability that an arrival gives up.
    pub fn abandonment_probability(&self) -> f64 {
        self.wait_probability * self.lost_given_wait
    }

    /// Probability that an arrival who has to wait gives up.
    pub const fn abandonment_probability_given_wait(&self) -> f64 {
        self.lost_given_wait
    }

    /// Share of the arrivals that are served.
    pub fn served_share(&self) -> f64 {
        self.at_once + self.wait_probability * self.served_given_wait
    }

    /// Served jobs per second.
    pub fn throughput(&self) -> f64 {
        self.arrival_rate * self.served_share()
    }

    /// Busy share of each server.
    pub fn utilization(&self) -> f64 {
        self.load * self.served_share() / self.servers as f64
    }

    /// Mean number waiting.
    pub fn mean_in_queue(&self) -> f64 {
        self.arrival_rate * self.time_in_queue()
    }

    /// Mean number waiting or in service.
    pub fn mean_in_system(&self) -> f64 {
        self.mean_in_queue() + self.load * self.served_share()
    }

    /// Mean time in the queue of all arrivals in seconds, until service or until they give up.
    pub fn time_in_queue(&self) -> f64 {
        self.wait_probability * self.mean_given_wait
    }

    /// Mean wait of those who are served, in seconds; those served at once count as 0.
    pub fn served_waiting_time(&self) -> f64 {
        self.wait_probability * self.served_mean_given_wait / self.served_share()
    }

    /// Mean wait of those who give up, in seconds.
    ///
    /// Mean until either less the part of the served; for `θ < cμ` by an integral of its own, since the difference cancels.
    pub fn abandoned_waiting_time(&self) -> f64 {
        let theta = self.abandonment_rate;
        if theta > self.offered.drain {
            return (self.mean_given_wait - self.served_mean_given_wait) / self.lost_given_wait;
        }
        // E[X; X < v] = (1 − e^(−x)(1 + x))/θ for x = θv, over P(X < v).
        let lost = |t: f64| t * given_up(theta * t);
        let total = self.offered.integral(0.0, f64::INFINITY, lost) / self.offered_whole;
        total / self.lost_given_wait
    }

    /// Probability that the offered wait, that of an arrival of infinite patience, exceeds `time`.
    pub fn offered_wait_tail(&self, time: Seconds) -> f64 {
        self.wait_probability * self.offered.tail(time.get(), self.offered_whole)
    }

    /// Probability that an arrival still waits after `time`, not served and not gone.
    pub fn time_in_queue_tail(&self, time: Seconds) -> f64 {
        self.offered_wait_tail(time) * (-self.abandonment_rate * time.get()).exp()
    }

    /// Probability that the wait of a served job exceeds `time`.
    pub fn served_waiting_time_tail(&self, time: Seconds) -> f64 {
        self.served_wait_tail(time.get())
    }

    /// Probability that wait and service of a served job together exceed `time`.
    pub fn served_sojourn_time_tail(&self, time: Seconds) -> f64 {
        self.served_sojourn_tail(time.get())
    }

    /// The time that the offered wait stays within with `probability`.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] for a probability of 1.
    pub fn offered_wait_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        let target = tail_of(probability)?;
        let tail = |time| self.wait_probability * self.offered.tail(time, self.offered_whole);
        Ok(time_of_tail(tail, target, self.guess()))
    }

    /// The time that the wait of a served job stays within with `probability`.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] for a probability of 1.
    pub fn served_waiting_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        let target = tail_of(probability)?;
        Ok(time_of_tail(|time| self.served_wait_tail(time), target, self.guess()))
    }

    /// The time that wait and service of a served job stay within with `probability`.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] for a probability of 1.
    pub fn served_sojourn_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        let target = tail_of(probability)?;
        Ok(time_of_tail(|time| self.served_sojourn_tail(time), target, self.guess() + 1.0 / self.service_rate))
    }

    /// Laplace–Stieltjes transform of the offered wait, `1 − P(wait) + P(wait)·∫ e^(−st)·h / ∫ h`.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] for a real part below 0 or from 10¹⁴⁰ on.
    pub fn offered_wait_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        let waited = self.offered.transform(in_the_domain(s)?, self.offered_whole);
        // 1 − P(wait) without the difference is the probability to be served at once.
        Ok(waited * self.wait_probability + self.at_once)
    }

    /// Laplace–Stieltjes transform of the wait of the served.
    ///
    /// # Errors
    ///
    /// As [`ErlangA::offered_wait_transform`].
    pub fn served_waiting_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        let waited = self.served.transform(in_the_domain(s)?, self.served_whole);
        let share = self.wait_probability * self.served_given_wait;
        Ok((waited * share + self.at_once) / self.served_share())
    }

    /// Laplace–Stieltjes transform of wait and service of the served.
    ///
    /// # Errors
    ///
    /// As [`ErlangA::offered_wait_transform`].
    pub fn served_sojourn_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        Ok(self.served_waiting_time_transform(s)? * stage_transform(self.service_rate, s))
    }

    fn guess(&self) -> f64 {
        self.mean_given_wait
    }

    fn served_wait_tail(&self, time: f64) -> f64 {
        let share = self.wait_probability * self.served_given_wait / self.served_share();
        share * self.served.tail(time, self.served_whole)
    }

    /// Who waited `u ≤ t` is still in service with probability `e^(−μ(t − u))`: an integral like the others, of a law that
    /// drains by `μ` more slowly and ends at `t`.
    fn served_sojourn_tail(&self, time: f64) -> f64 {
        let mu = self.service_rate;
        let at_once = self.at_once / self.served_share() * (-mu * time).exp();
        if self.wait_probability == 0.0 || time == 0.0 {
            return at_once + self.served_wait_tail(time);
        }
        let drain = (self.servers as f64 - 1.0) * mu + self.abandonment_rate;
        let left = OfferedWait { drain, ..self.served };
        let top = left.top(0.0, time);
        let ln_top = -self.served.drop(self.served.peak(), top) - mu * (time - top);
        let in_service = ln_top.exp() * left.integral(0.0, time, |_| 1.0) / self.served_whole;
        let share = self.wait_probability * self.served_given_wait / self.served_share();
        (at_once + self.served_wait_tail(time) + share * in_service).min(1.0)
    }
}

/// Returns a point of a transform whose integral is not out of the doubles.
fn in_the_domain(s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
    if (0.0..MOST_RATE).contains(&s.re) {
        Ok(s)
    } else {
        Err(QueueError::Domain { parameter: "transform_at", value: s.re, domain: "at least 0 and below 10^140" })
    }
}

/// `(1 − e^(−x)·(1 + x))/x`, which is `x/2` near 0.
fn given_up(x: f64) -> f64 {
    if x >= 0.5 {
        return (1.0 - (-x).exp() * (1.0 + x)) / x;
    }
    // e^(−x)·(x/2! + x²/3! + …)
    let (mut sum, mut term) = (0.0, 1.0);
    for k in [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0] {
        term *= x / k;
        sum += term;
    }
    sum * (-x).exp()
}

impl StationFigures for ErlangA {
    fn wait_probability(&self) -> f64 {
        self.wait_probability
    }

    fn lost_share(&self) -> f64 {
        self.abandonment_probability()
    }

    /// That of the served.
    fn waiting_time(&self) -> f64 {
        self.served_waiting_time()
    }

    /// That of the served.
    fn sojourn_time(&self) -> f64 {
        self.served_waiting_time() + 1.0 / self.service_rate
    }

    /// That of the served.
    fn waiting_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        self.served_waiting_time_quantile(probability)
    }

    /// That of the served.
    fn sojourn_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        self.served_sojourn_time_quantile(probability)
    }
}
