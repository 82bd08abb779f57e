pub(in crate::queues) mod law;

use crate::units::{ArrivalRate, Servers, ServiceRate};

use crate::queues::laws::gamma_wait::{GammaWaitVisit, VisitService};
use crate::queues::{Mmc, QueueError, StationFigures};

/// The GI/G/c queue by two moments: the mean wait by the usual approximations, each under its own name, and with one of them
/// the law of the wait, of a visit and of the number of jobs.
///
/// # Formula
///
/// With `W_M` the wait of M/M/c, `A` and `s` the squared coefficients of variation of the times between arrivals and of
/// service,
///
/// ```text
/// g  = min(0.24, (1 − ρ)(c − 1)(√(4 + 5c) − 2)/(16cρ)),   φ₁ = 1 + g,   φ₃ = (1 − 4g)·e^(−2(1−ρ)/(3ρ))
/// φ₄ = min(1, (φ₁ + φ₃)/2),   ψ = 1 for A + s ≥ 2, else φ₄^(2 − A − s)
/// allen_cunneen   W_M·(A + s)/2
/// whitt           allen_cunneen·φ,   φ = 4(A − s)/(4A − 3s)·φ₁ + s/(4A − 3s)·ψ                   A ≥ s
///                                    φ = (s − A)/(2A + 2s)·φ₃ + (s + 3A)/(2A + 2s)·ψ             A < s
/// kimura          W_M·(A + s) / ((1 − A)·2/φ₃ + (1 − s)·2/φ₁ + 2(A + s − 1))
/// kraemer_langenbach_belz   allen_cunneen·e^(−2(1−ρ)(1−A)²/(3ρ(A + s)))                        c = 1, A < 1
///                           allen_cunneen·e^(−(1−ρ)(A − 1)/(A + 4s))                           c = 1, A ≥ 1
/// kingman_bound   λ·(A/λ² + s/μ²) / (2(1 − ρ))                                                 c = 1
/// ```
///
/// # Accuracy
///
/// All but the bound are exact for Poisson arrivals and exponential service; those of Kimura, of Allen and Cunneen and of
/// Krämer and Langenbach-Belz also for M/G/1. Otherwise two moments do not determine the wait. The default,
/// [`StationFigures::waiting_time`], is that of Krämer and Langenbach-Belz for one server and that of Whitt for more; one is known for
/// every `c`, `A` and `s`. Errors against simulations of 3 million jobs, all pairs of constant, Erlang-2, Erlang-4,
/// exponential and hyperexponential times (balanced means, scv 4 and 9) between arrivals and of service, whose mean wait is
/// above a tenth of a service: on average and from least to greatest, the probability to wait in points:
///
/// | c | ρ | P(wait) | mean wait | p95 of the wait | p99 |
/// |---|---|---|---|---|---|
/// | 1 | 0.5 | 1.9 | 5 (−10 to +28) % | 7 (−13 to +28) % | 9 (−12 to +27) % |
/// | 1 | 0.7 | 1.5 | 5 (−30 to +5) % | 6 (−34 to +7) % | 7 (−36 to +15) % |
/// | 1 | 0.9 | 0.7 | 3 (−9 to +4) % | 3 (−10 to +7) % | 3 (−12 to +11) % |
/// | 2 | 0.5 | 2.4 | 10 (−9 to +56) % | 13 (−20 to +64) % | 14 (−23 to +59) % |
/// | 2 | 0.7 | 2.1 | 5 (−5 to +31) % | 7 (−11 to +36) % | 7 (−8 to +36) % |
/// | 2 | 0.9 | 2.0 | 3 (−9 to +20) % | 5 (−9 to +35) % | 6 (−13 to +38) % |
/// | 4 | 0.5 | 4.1 | 14 (−17 to +31) % | 19 (−74 to +40) % | 18 (−34 to +46) % |
/// | 4 | 0.7 | 3.3 | 10 (−17 to +26) % | 9 (−16 to +30) % | 10 (−19 to +39) % |
/// | 4 | 0.9 | 2.9 | 5 (−10 to +29) % | 7 (−9 to +54) % | 9 (−11 to +62) % |
/// | 16 | 0.7 | 5.6 | 47 (−65 to −16) % | 44 (−55 to −10) % | 46 (−54 to −33) % |
/// | 16 | 0.9 | 2.9 | 9 (−23 to +13) % | 10 (−20 to +23) % | 11 (−28 to +29) % |
///
/// Shorter waits are known to a factor of two at best, those of regular arrivals too long by a factor of ten and more;
/// the probability to wait is then right to 1 point on average, 14 at worst. States are 0.03 to 0.07 of total variation off
/// on average, 0.34 at worst. For Poisson arrivals [`Mgc`](crate::queues::Mgc) is better. Kimura's denominator may not be
/// positive for large `A`; then it is absent.
///
/// # References
///
/// [Whitt93](crate::references#whitt93) (2.16)–(2.25), [Kimura86](crate::references#kimura86),
/// [Kraemer76](crate::references#kraemer76), [Kingman62](crate::references#kingman62),
/// [Bolch06](crate::references#bolch06) §6.3.
///
/// # Examples
///
/// ```
/// use capplan_queueing::queues::{Ggc, StationFigures};
/// use capplan_queueing::units::{ArrivalRate, Servers, ServiceRate};
///
/// let queue = Ggc::new(ArrivalRate::new(0.5)?, ServiceRate::new(1.0)?, Servers::new(1)?, 1.0, 0.0)?;
/// assert!((queue.waiting_time() - 0.5).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ggc {
    exponential: Mmc,
    servers: Servers,
    arrival_scv: f64,
    service_scv: f64,
    /// Correction of the number of servers.
    deviation: f64,
    visit: GammaWaitVisit,
}

/// The largest squared coefficient of variation.
const MAX_SCV: f64 = 1e12;

impl Ggc {
    /// Solves the queue.
    ///
    /// # Errors
    ///
    /// [`QueueError::Unstable`] when `λ ≥ c·μ`, [`QueueError::Domain`] for a squared coefficient of variation below 0 or
    /// above 10¹².
    pub fn new(
        arrival_rate: ArrivalRate,
        service_rate: ServiceRate,
        servers: Servers,
        arrival_scv: f64,
        service_scv: f64,
    ) -> Result<Self, QueueError> {
        for (parameter, value) in [("arrival_scv", arrival_scv), ("service_scv", service_scv)] {
            if !(0.0..=MAX_SCV).contains(&value) {
                return Err(QueueError::Domain { parameter, value, domain: "between 0 and 1e12" });
            }
        }
        let exponential = Mmc::new(arrival_rate, service_rate, servers)?;
        let (c, rho) = (servers.get() as f64, exponential.utilization());
        let spare = exponential.spare_rate() / (c * service_rate.get());
        // One server has no correction, also without load, where the quotient is 0/0.
        let deviation = if c == 1.0 {
            0.0
        } else {
            (spare * (c - 1.0) * ((4.0 + 5.0 * c).sqrt() - 2.0) / (16.0 * c * rho)).min(0.24)
        };
        let unfitted = GammaWaitVisit { wait: None, service: VisitService::Constant(0.0) };
        let mut queue = Self { exponential, servers, arrival_scv, service_scv, deviation, visit: unfitted };
        queue.visit = queue.fit()?;
        Ok(queue)
    }

    /// Number of servers.
    pub const fn servers(&self) -> Servers {
        self.servers
    }

    /// Squared coefficient of variation of the times between arrivals.
    pub const fn arrival_scv(&self) -> f64 {
        self.arrival_scv
    }

    /// Squared coefficient of variation of the service.
    pub const fn service_scv(&self) -> f64 {
        self.service_scv
    }

    /// The law of a visit.
    pub(in crate::queues) const fn visit(&self) -> &GammaWaitVisit {
        &self.visit
    }

    const fn is_single(&self) -> bool {
        self.servers.get() == 1
    }

    /// The queue with Poisson arrivals and exponential service.
    pub const fn exponential(&self) -> &Mmc {
        &self.exponential
    }

    /// Mean wait in seconds by the default approximation.
    fn mean_wait(&self) -> f64 {
        self.kraemer_langenbach_belz().unwrap_or_else(|| self.whitt())
    }

    /// Mean wait in seconds, Allen and Cunneen.
    pub fn allen_cunneen(&self) -> f64 {
        self.exponential.waiting_time() * 0.5 * (self.arrival_scv + self.service_scv)
    }

    /// Mean wait in seconds, Whitt 1993.
    pub fn whitt(&self) -> f64 {
        let (a, s) = (self.arrival_scv, self.service_scv);
        if a + s == 0.0 {
            return 0.0;
        }
        let (first, third) = (self.constant_service_factor(), self.constant_arrivals_factor());
        let psi = if a + s >= 2.0 { 1.0 } else { (0.5 * (first + third)).min(1.0).powf(2.0 - a - s) };
        let correction = if a >= s {
            let scale = 4.0 * a - 3.0 * s;
            (4.0 * (a - s) * first + s * psi) / scale
        } else {
            ((s - a) * third + (s + 3.0 * a) * psi) / (2.0 * a + 2.0 * s)
        };
        self.allen_cunneen() * correction
    }

    /// Squared coefficient of variation of the wait of those who wait; none where nobody waits.
    pub fn conditional_wait_scv(&self) -> Option<f64> {
        self.visit.wait.filter(|wait| wait.probability > 0.0).map(|wait| 1.0 / wait.shape)
    }

    /// Mean number waiting, `L_q = λ·W_q`.
    pub fn mean_in_queue(&self) -> f64 {
        self.exponential.arrival_rate() * self.waiting_time()
    }

    /// Mean number waiting or in service, `L = L_q + a`.
    pub fn mean_in_system(&self) -> f64 {
        self.mean_in_queue() + self.exponential.offered_load()
    }

    /// Mean wait in seconds, Kimura 1986; absent where its denominator is not positive.
    pub fn kimura(&self) -> Option<f64> {
        let (a, s) = (self.arrival_scv, self.service_scv);
        let third = self.constant_arrivals_factor();
        // φ₃ underflows at low utilization: without arrivals in between, nobody waits for regular ones.
        let arrivals = if a == 1.0 { 0.0 } else { (1.0 - a) * 2.0 / third };
        let denominator = arrivals + (1.0 - s) * 2.0 / self.constant_service_factor() + 2.0 * (a + s - 1.0);
        (denominator > 0.0).then(|| self.exponential.waiting_time() * (a + s) / denominator)
    }

    /// Mean wait in seconds, Krämer and Langenbach-Belz 1976, for one server.
    pub fn kraemer_langenbach_belz(&self) -> Option<f64> {
        let (a, s, rho) = (self.arrival_scv, self.service_scv, self.exponential.utilization());
        let spare = self.spare();
        self.is_single().then(|| {
            if a + s == 0.0 || rho == 0.0 {
                return 0.0;
            }
            let exponent = if a < 1.0 {
                2.0 * spare * (1.0 - a) * (1.0 - a) / (3.0 * rho * (a + s))
            } else {
                spare * (a - 1.0) / (a + 4.0 * s)
            };
            self.allen_cunneen() * (-exponent).exp()
        })
    }

    /// Upper bound of the mean wait in seconds, Kingman 1962, for one server with arrivals.
    pub fn kingman_bound(&self) -> Option<f64> {
        let rho = self.exponential.utilization();
        let service_time = self.exponential.sojourn_time() - self.exponential.waiting_time();
        (self.is_single() && rho > 0.0)
            .then(|| 0.5 * service_time * (self.arrival_scv / rho + rho * self.service_scv) / self.spare())
    }

    fn spare(&self) -> f64 {
        self.exponential.spare_rate() / (self.exponential.spare_rate() + self.exponential.arrival_rate())
    }

    /// `φ₁`, the wait of M/D/c over half of that of M/M/c.
    pub fn constant_service_factor(&self) -> f64 {
        1.0 + self.deviation
    }

    /// `φ₃`, the wait of D/M/c over half of that of M/M/c.
    pub fn constant_arrivals_factor(&self) -> f64 {
        let rho = self.exponential.utilization();
        (1.0 - 4.0 * self.deviation) * (-2.0 * self.spare() / (3.0 * rho)).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn station(lambda: f64, servers: u64, arrival_scv: f64, service_scv: f64) -> Ggc {
        Ggc::new(
            ArrivalRate::new(lambda).expect("rate"),
            ServiceRate::new(1.0).expect("rate"),
            Servers::new(servers).expect("count"),
            arrival_scv,
            service_scv,
        )
        .expect("stable")
    }

    #[test]
    fn poisson_arrivals_at_one_server_are_exact() {
        for rho in [1e-9, 0.3, 0.9, 0.999_999] {
            for scv in [0.0, 0.3, 1.0, 4.0, 50.0] {
                let queue = station(rho, 1, 1.0, scv);
                let exact = rho / (1.0 - rho) * (1.0 + scv) / 2.0;
                assert!((queue.allen_cunneen() / exact - 1.0).abs() < 1e-9);
                assert!((queue.kimura().expect("positive") / exact - 1.0).abs() < 1e-9, "{rho} {scv}");
                assert!((queue.kraemer_langenbach_belz().expect("one server") / exact - 1.0).abs() < 1e-9);
                assert!(queue.kingman_bound().expect("one server") >= exact);
            }
        }
    }

    #[test]
    fn exponential_times_are_exact() {
        for (lambda, servers) in [(0.5, 1), (8.0, 10), (999.0, 1000), (1e-9, 7)] {
            let queue = station(lambda, servers, 1.0, 1.0);
            let exact = queue.exponential().waiting_time();
            assert!((queue.whitt() / exact - 1.0).abs() < 1e-14);
            assert!((queue.kimura().expect("positive") / exact - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn nothing_varies_and_nobody_comes() {
        assert_eq!(station(0.9, 1, 0.0, 0.0).waiting_time(), 0.0);
        let idle = station(0.0, 3, 0.5, 0.5);
        assert_eq!(idle.waiting_time(), 0.0);
        assert_eq!(idle.kimura(), Some(0.0));
        assert_eq!(station(0.0, 1, 0.5, 0.5).kraemer_langenbach_belz(), Some(0.0));
        assert_eq!(station(0.0, 1, 0.5, 0.5).kingman_bound(), None);
    }

    #[test]
    fn variation_out_of_all_bounds_is_refused() {
        let error = Ggc::new(
            ArrivalRate::new(0.5).expect("rate"),
            ServiceRate::new(1.0).expect("rate"),
            Servers::new(1).expect("count"),
            -0.5,
            1.0,
        );
        assert_eq!(
            error.map_err(|error| error.to_string()),
            Err("arrival_scv of -0.5 is not between 0 and 1e12".to_owned())
        );
    }
}
