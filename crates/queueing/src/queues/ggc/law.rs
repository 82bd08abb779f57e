use std::f64::consts::FRAC_1_SQRT_2;

use crate::numeric::erfcx;
use crate::queues::figures::SolvedBy;

use crate::queues::laws::gamma_wait::{GammaWait, GammaWaitVisit, VisitService};
use crate::queues::laws::states::{FittedStates, StateFigures};
use crate::queues::mgc::interpolation::interpolated_probability;
use crate::queues::{Ggc, QueueError, ServiceLaw, StationFigures, StationLaws};

/// The law of a wait that varies less or more than this does not occur.
const LEAST_SCV: f64 = 0.1;
const GREATEST_SCV: f64 = 1000.0;

impl Ggc {
    /// Whether the queue is M/M/c, whose laws are known.
    fn is_exponential(&self) -> bool {
        self.arrival_scv() == 1.0 && self.service_scv() == 1.0
    }

    /// Probability that `jobs` are there, waiting or in service, at any time.
    ///
    /// The number waiting has the mean `λ·W_q` of Little's law and a variance from arrivals during a wait; busy servers below
    /// `c` have the variation of a station with servers without end.
    pub fn state_probability(&self, jobs: u64) -> f64 {
        if self.is_exponential() {
            return self.exponential().state_probability(jobs);
        }
        let rate = self.exponential().arrival_rate();
        let visit = self.visit();
        let figures = StateFigures {
            servers: self.servers().get(),
            load: self.exponential().offered_load(),
            in_queue: rate * self.waiting_time(),
            second_moment: rate * rate * visit.wait.map_or(0.0, |wait| wait.second_moment()),
            arrival_scv: self.arrival_scv(),
            peakedness: 1.0 + (self.arrival_scv() - 1.0) * visit.service.shorter_of_two(),
        };
        FittedStates::continuous(&figures).probability(jobs)
    }

    /// The law of a visit.
    pub(in crate::queues) fn fit(&self) -> Result<GammaWaitVisit, QueueError> {
        let exponential = self.exponential();
        let (scv, mean) = (self.service_scv(), 1.0 / exponential.service_rate());
        // Gamma services of more stages are constants for all that the inversion resolves.
        let law = (scv >= 1e-3).then(|| ServiceLaw::from_moments(mean, scv));
        let third = law.map_or((1.0 + scv) * (1.0 + 2.0 * scv), |law| law.third_moment_ratio());
        let service = law.map_or(VisitService::Constant(mean), VisitService::Law);
        let wait = self.mean_wait();
        let probability =
            if self.servers().get() == 1 { self.one_server_wait_probability() } else { self.whitt_wait_probability()? };
        if self.never_waits() {
            return Ok(GammaWaitVisit { wait: None, service });
        }
        let rho = exponential.utilization();
        let variation = 2.0 * rho - 1.0 + 4.0 * (1.0 - rho) * third / (3.0 * (scv + 1.0) * (scv + 1.0));
        let variation = variation.clamp(LEAST_SCV, GREATEST_SCV);
        Ok(GammaWaitVisit { wait: Some(GammaWait::from_moments(probability, wait, variation)), service })
    }

    /// Krämer and Langenbach-Belz:
    ///
    /// ```text
    /// P = ρ + (A − 1)·ρ·(1 − ρ)·h,   h = (1 + A + ρ·s)/(1 + ρ·(s − 1) + ρ²·(4A + s))   A ≤ 1
    ///                                h = 4ρ/(A + ρ²·(4A + s))                         A > 1
    /// ```
    fn one_server_wait_probability(&self) -> f64 {
        let (a, s, rho) = (self.arrival_scv(), self.service_scv(), self.exponential().utilization());
        let h = if a <= 1.0 {
            (1.0 + a + rho * s) / (1.0 + rho * (s - 1.0) + rho * rho * (4.0 * a + s))
        } else {
            4.0 * rho / (a + rho * rho * (4.0 * a + s))
        };
        let spare = self.exponential().spare_share();
        (rho + (a - 1.0) * rho * spare * h).clamp(0.0, 1.0)
    }

    /// Whitt, with `Q` the tail of the normal law, `β = (1 − ρ)·√c`, `z = (A + s)/(1 + s)`, `γ = (c − cρ − ½)/√(c·ρ·z)` and
    /// `P_G` the probability of M/G/c (that of [`Mgc`](crate::queues::Mgc)) where Whitt has that of M/M/c:
    ///
    /// ```text
    /// π₁ = ρ²·min(1, P_G·Q(β/z)/Q(β)) + (1 − ρ²)·min(1, P_G·Q(2β/(1 + A))/Q(β))
    /// π₂ = A·π₁ + (1 − A)·Q(γ)
    /// P = π₁ for c ≤ 6, γ ≤ ½ or A ≥ 1,   π₂ for γ ≥ 1,   between them in 2(1 − A)(γ − ½) else
    /// ```
    fn whitt_wait_probability(&self) -> Result<f64, QueueError> {
        let (a, s) = (self.arrival_scv(), self.service_scv());
        let exponential = self.exponential();
        let (c, rho) = (self.servers().get() as f64, exponential.utilization());
        let poisson = interpolated_probability(exponential, self.servers(), s)?;
        if poisson == 0.0 || a + s == 0.0 {
            return Ok(0.0);
        }
        let z = (a + s) / (1.0 + s);
        let beta = exponential.spare_share() * c.sqrt();
        let scaled = |factor: f64| (poisson * normal_tail_ratio(beta * factor, beta)).min(1.0);
        let first = rho * rho * scaled(1.0 / z) + (1.0 - rho * rho) * scaled(2.0 / (1.0 + a));
        let gamma = (c * exponential.spare_share() - 0.5) / (c * rho * z).sqrt();
        if c <= 6.0 || gamma <= 0.5 || a >= 1.0 {
            return Ok(first);
        }
        let second = a * first + (1.0 - a) * 0.5 * libm::erfc(gamma * FRAC_1_SQRT_2);
        let share = if gamma >= 1.0 { 1.0 } else { 2.0 * (1.0 - a) * (gamma - 0.5) };
        Ok(share * second + (1.0 - share) * first)
    }
}

/// `Q(x)/Q(y)` for `x, y ≥ 0` without underflow of either.
fn normal_tail_ratio(x: f64, y: f64) -> f64 {
    erfcx(x * FRAC_1_SQRT_2) / erfcx(y * FRAC_1_SQRT_2) * (0.5 * (y - x) * (y + x)).exp()
}

impl SolvedBy for Ggc {
    fn solution(&self) -> &dyn StationLaws {
        if self.is_exponential() { self.exponential() } else { self.visit() }
    }
}

impl Ggc {
    /// Whether nobody waits: without arrivals, or where arrivals and services are regular.
    pub fn never_waits(&self) -> bool {
        self.exponential().arrival_rate() == 0.0 || (self.arrival_scv() == 0.0 && self.service_scv() == 0.0)
    }
}
