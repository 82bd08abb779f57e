pub(in crate::queues) mod halfin_whitt;

use crate::numeric::{Complex, ln_poisson};
use crate::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};

use crate::queues::erlang::wait_probability;
use crate::queues::laws::poisson::poisson_cdf;
use crate::queues::{ExponentialVisit, QueueError, SojournLaw, StationFigures, StationLaws, offered_load};

/// The M/M/c queue: Poisson arrivals, exponential service, `c` servers, one queue in order of arrival.
///
/// # Formula
///
/// ```text
/// a = λ/μ,  ρ = a/c,  δ = cμ − λ,  C = erlang_c(c, a)
/// W_q = C/δ,  W = W_q + 1/μ,  L_q = λ·W_q,  L = λ·W
/// P(W_q > t) = C·e^(−δt)
/// P(W > t) = (1 − C)·e^(−μt) + C·(δ·e^(−μt) − μ·e^(−δt)) / (δ − μ)
/// ```
///
/// # Method
///
/// Exact. `δ` is computed with one rounding (fused multiply-add), never as `1 − ρ`; the sojourn tail is written with
/// `exp_m1` of the difference of the rates, so that it holds at and near `δ = μ`, and every term of it is positive, so
/// that small tails keep their relative precision down to 1e-300. Cost does not grow with `c`.
///
/// # References
///
/// [Bolch06](crate::references#bolch06) ch. 6, [Kleinrock75](crate::references#kleinrock75) §3.5.
///
/// # Examples
///
/// ```
/// use capplan_queueing::queues::{Mmc, StationFigures};
/// use capplan_queueing::units::{ArrivalRate, ServiceRate, Servers};
///
/// let queue = Mmc::new(ArrivalRate::new(0.9)?, ServiceRate::new(1.0)?, Servers::new(1)?)?;
/// assert!((queue.sojourn_time() - 10.0).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mmc {
    arrival_rate: f64,
    service_rate: f64,
    servers: Servers,
    spare_rate: f64,
    wait_probability: f64,
}

impl Mmc {
    /// Solves the queue.
    ///
    /// # Errors
    ///
    /// [`QueueError::Unstable`] when `λ ≥ c·μ`, [`QueueError::Domain`] when `λ/μ` or `c·μ` is beyond the largest double, or
    /// `c·μ − λ` below the smallest that has all its digits.
    pub fn new(arrival_rate: ArrivalRate, service_rate: ServiceRate, servers: Servers) -> Result<Self, QueueError> {
        let (lambda, mu, c) = (arrival_rate.get(), service_rate.get(), servers.get() as f64);
        let offered_load = offered_load(arrival_rate, service_rate)?;
        let spare_rate = c.mul_add(mu, -lambda);
        if !(c * mu).is_finite() {
            return Err(QueueError::Domain {
                parameter: "service rate",
                value: mu,
                domain: "finite when multiplied by the servers",
            });
        }
        if spare_rate <= 0.0 || offered_load.get() >= c {
            return Err(QueueError::Unstable { offered_load, servers });
        }
        if spare_rate < f64::MIN_POSITIVE {
            return Err(QueueError::Domain {
                parameter: "service rate",
                value: mu,
                domain: "large enough for an unused rate of at least 2.2e-308",
            });
        }
        let wait_probability = wait_probability(servers.get(), offered_load.get(), spare_rate / (c * mu));
        Ok(Self { arrival_rate: lambda, service_rate: mu, servers, spare_rate, wait_probability })
    }

    /// Busy share of each server, `ρ`.
    pub fn utilization(&self) -> f64 {
        self.offered_load() / self.servers.get() as f64
    }

    /// Number of servers.
    pub const fn servers(&self) -> Servers {
        self.servers
    }

    /// Mean number of busy servers, `a = λ/μ`, in erlangs.
    pub fn offered_load(&self) -> f64 {
        self.arrival_rate / self.service_rate
    }

    /// Arrivals per second, `λ`.
    pub const fn arrival_rate(&self) -> f64 {
        self.arrival_rate
    }

    /// Unused service rate, `δ = cμ − λ`.
    pub const fn spare_rate(&self) -> f64 {
        self.spare_rate
    }

    /// Completions per second of one busy server, `μ`.
    pub const fn service_rate(&self) -> f64 {
        self.service_rate
    }

    /// Idle share of each server, `1 − ρ = δ/(cμ)`, without the cancellation of the difference.
    pub fn spare_share(&self) -> f64 {
        self.spare_rate / (self.servers.get() as f64 * self.service_rate)
    }

    /// Probability that nobody is there, `P_0 = C·(1 − ρ)·c!/a^c`.
    ///
    /// `e^(−a)/(P(N < c) + P(N = c)/(1 − ρ))` with `N` Poisson of mean `a`: relative error below 1e-12. Underflows to 0
    /// for loads above 745.
    pub fn empty_probability(&self) -> f64 {
        let (a, count) = (self.offered_load(), self.servers.get());
        let c = count as f64;
        let spare = self.spare_rate / (c * self.service_rate);
        // e^(−a) of the states below c and of those from c on, in units of the Poisson law.
        (-a).exp() / (poisson_cdf(count - 1, a) + ln_poisson(c, a).exp() / spare)
    }

    /// Probability that `jobs` are there, waiting or in service.
    ///
    /// ```text
    /// p_n = q_n/Q for n < c,   p_(c+j) = q_c·ρ^j/Q,   Q = P(N < c) + q_c/(1 − ρ)
    /// ```
    ///
    /// with `q` the Poisson law of mean `a`; relative error below 1e-12 down to 1e-300.
    pub fn state_probability(&self, jobs: u64) -> f64 {
        let (a, count) = (self.offered_load(), self.servers.get());
        let (n, c) = (jobs as f64, count as f64);
        if a == 0.0 {
            return if jobs == 0 { 1.0 } else { 0.0 };
        }
        let spare = self.spare_share();
        let whole = poisson_cdf(count - 1, a) + ln_poisson(c, a).exp() / spare;
        let ln_weight = if jobs < count { ln_poisson(n, a) } else { ln_poisson(c, a) + (n - c) * (-spare).ln_1p() };
        ln_weight.exp() / whole
    }

    /// Mean number waiting, `L_q = λ·W_q`.
    pub fn mean_in_queue(&self) -> f64 {
        self.arrival_rate * self.waiting_time()
    }

    /// Mean number waiting or in service, `L = L_q + a`.
    pub fn mean_in_system(&self) -> f64 {
        self.mean_in_queue() + self.offered_load()
    }

    /// The law of a visit in closed form.
    pub const fn visit(&self) -> ExponentialVisit {
        ExponentialVisit {
            wait_probability: self.wait_probability,
            wait_rate: self.spare_rate,
            service_rate: self.service_rate,
        }
    }

    /// The law of a visit, for sums over several stations.
    pub const fn sojourn_law(&self) -> SojournLaw {
        self.visit().sojourn_law()
    }
}

impl StationLaws for Mmc {
    fn waiting_time_tail(&self, time: Seconds) -> Result<f64, QueueError> {
        if self.arrival_rate == 0.0 {
            return Ok(0.0);
        }
        QueueError::unless_below_double("tail of the wait", self.visit().wait_tail(time.get()), || None)
    }

    fn sojourn_time_tail(&self, time: Seconds) -> Result<f64, QueueError> {
        QueueError::unless_below_double("tail of the sojourn time", self.visit().tail(time.get()), || None)
    }

    fn waiting_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        Ok(self.visit().wait_transform(s))
    }

    fn sojourn_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        Ok(self.visit().transform(s))
    }
}

impl StationFigures for Mmc {
    fn wait_probability(&self) -> f64 {
        self.wait_probability
    }

    fn waiting_time(&self) -> f64 {
        self.wait_probability / self.spare_rate
    }

    fn sojourn_time(&self) -> f64 {
        self.waiting_time() + 1.0 / self.service_rate
    }

    fn waiting_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        self.visit().waiting_time_quantile(probability)
    }

    fn sojourn_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        self.visit().sojourn_time_quantile(probability)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(lambda: f64, mu: f64, servers: u64) -> Mmc {
        Mmc::new(
            ArrivalRate::new(lambda).expect("rate"),
            ServiceRate::new(mu).expect("rate"),
            Servers::new(servers).expect("count"),
        )
        .expect("stable")
    }

    #[test]
    fn one_server_is_the_mm1_queue() {
        let mm1 = queue(0.8, 1.0, 1);
        assert!((mm1.mean_in_system() - 4.0).abs() < 1e-12);
        assert!((mm1.empty_probability() - 0.2).abs() < 1e-12);
        let p99 = mm1.sojourn_time_quantile(Probability::new(0.99).expect("probability")).expect("below 1");
        assert!((p99 - 100.0_f64.ln() / 0.2).abs() < 1e-9, "{p99}");
    }

    #[test]
    fn a_quantile_gives_its_probability_back() {
        for (lambda, servers) in [(1e-9, 1), (3.0, 4), (9.0, 10), (999.0, 1000), (999_999.0, 1_000_000), (1.0, 2)] {
            let station = queue(lambda, 1.0, servers);
            for p in [0.0, 0.01, 0.5, 0.9, 0.99, 0.999_999] {
                let time = station.sojourn_time_quantile(Probability::new(p).expect("probability")).expect("below 1");
                let tail = station.visit().tail(time);
                assert!((tail / (1.0 - p) - 1.0).abs() < 1e-12, "{lambda} {servers} {p}: {tail}");
            }
        }
    }

    #[test]
    fn equal_rates_have_no_pole() {
        // c·μ − λ = μ: two servers, one busy.
        let station = queue(1.0, 1.0, 2);
        let tail = station.visit().tail(2.0);
        let exact = (-2.0_f64).exp() * (1.0 + 2.0 / 3.0);
        assert!((tail / exact - 1.0).abs() < 1e-14);
    }

    #[test]
    fn the_empty_probability_is_that_of_the_sum() {
        let exact: f64 = {
            let mut term = 1.0;
            let mut sum = 0.0;
            for k in 0..171_u32 {
                sum += term;
                term *= 150.0 / f64::from(k + 1);
            }
            1.0 / (sum + term / (1.0 - 150.0 / 171.0))
        };
        assert!((queue(150.0, 1.0, 171).empty_probability() / exact - 1.0).abs() < 1e-12);
    }

    #[test]
    fn rates_at_the_ends_of_the_doubles() {
        let empty = queue(1e-308, 1e308, 1);
        assert_eq!(empty.empty_probability(), 1.0);
        assert_eq!(empty.waiting_time(), 0.0);
        let arrivals = ArrivalRate::new(1e-308).expect("rate");
        let error = Mmc::new(arrivals, ServiceRate::new(1e308).expect("rate"), Servers::new(2).expect("count"));
        let domain = "finite when multiplied by the servers";
        assert_eq!(error, Err(QueueError::Domain { parameter: "service rate", value: 1e308, domain }));
    }

    #[test]
    fn a_tail_below_the_doubles_is_no_zero() {
        let station = queue(0.5, 1.0, 1);
        let law: &dyn StationLaws = &station;
        let at = |value: f64| Seconds::new(value).expect("time");
        assert!(law.waiting_time_tail(at(1400.0)).is_ok_and(|tail| tail > 1e-306 && tail < 1e-303));
        assert_eq!(
            law.waiting_time_tail(at(1500.0)).map_err(|error| error.to_string()),
            Err("tail of the wait is below 2.2e-308, where double precision ends".to_owned())
        );
        assert_eq!(
            law.sojourn_time_tail(at(1500.0)).map_err(|error| error.to_string()),
            Err("tail of the sojourn time is below 2.2e-308, where double precision ends".to_owned())
        );
        let idle = queue(0.0, 1.0, 1);
        assert_eq!(idle.waiting_time_tail(at(1.0)), Ok(0.0));
    }

    #[test]
    fn rates_that_leave_no_digits_are_refused() {
        let (arrivals, rate) = (ArrivalRate::new(0.999_999e-305), ServiceRate::new(1e-305));
        let error = Mmc::new(arrivals.expect("rate"), rate.expect("rate"), Servers::ONE).map_err(|e| e.to_string());
        assert_eq!(
            error,
            Err("service rate of 1e-305 is not large enough for an unused rate of at least 2.2e-308".to_owned())
        );
    }

    #[test]
    fn a_load_of_nothing_waits_for_nothing() {
        let station = queue(0.0, 2.0, 3);
        assert_eq!(station.wait_probability(), 0.0);
        assert_eq!(station.mean_in_system(), 0.0);
        assert_eq!(station.empty_probability(), 1.0);
    }
}
