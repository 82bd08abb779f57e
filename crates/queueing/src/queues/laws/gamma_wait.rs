use std::f64::consts::{PI, SQRT_2};

use statrs::function::gamma::checked_gamma_ur;

use crate::numeric::{Complex, contour, integrate};
use crate::units::{Probability, Seconds};

use crate::queues::laws::quantile::{tail_of, time_of_tail};
use crate::queues::{QueueError, ServiceLaw, StationFigures, StationLaws};

/// A wait of which the probability, the mean and the variation are known: gamma for those who wait.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::queues) struct GammaWait {
    /// Probability to wait.
    pub probability: f64,
    /// Shape of the wait of those who wait.
    pub shape: f64,
    /// Its scale in seconds.
    pub scale: f64,
}

impl GammaWait {
    /// The wait with this `mean` over all jobs in seconds, and this squared coefficient of variation for those who wait.
    ///
    /// A probability below the doubles is 0 here, and what remains of the wait has no digits.
    pub fn from_moments(probability: f64, mean: f64, conditional_scv: f64) -> Self {
        if probability < f64::MIN_POSITIVE {
            return Self { probability: 0.0, shape: 1.0, scale: 1.0 };
        }
        Self { probability, shape: 1.0 / conditional_scv, scale: mean / probability * conditional_scv }
    }

    /// Mean over all jobs in seconds.
    pub fn mean(&self) -> f64 {
        self.probability * self.shape * self.scale
    }

    /// Second moment over all jobs in seconds squared.
    pub fn second_moment(&self) -> f64 {
        self.mean() * (self.shape + 1.0) * self.scale
    }

    /// Probability of a wait longer than `time` seconds.
    fn tail(&self, time: f64) -> f64 {
        if time <= 0.0 { self.probability } else { self.probability * gamma_tail(self.shape, time / self.scale) }
    }

    fn transform(&self, s: Complex<f64>) -> Complex<f64> {
        let base = 1.0 + s * self.scale;
        (1.0 - self.probability) + self.probability * base.powf(-self.shape)
    }
}

/// Returns `Q(k, x) = Γ(k, x)/Γ(k)`, the probability that a gamma variable of shape `k` and scale 1 exceeds `x`.
///
/// Not a number for a shape or an `x` that is none.
pub(in crate::queues) fn gamma_tail(shape: f64, x: f64) -> f64 {
    // The function of the library is defined between 0 and infinity only.
    if x <= 0.0 {
        1.0
    } else if x == f64::INFINITY {
        0.0
    } else {
        checked_gamma_ur(shape, x).unwrap_or(f64::NAN)
    }
}

/// The service of a visit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::queues) enum VisitService {
    /// This many seconds, always.
    Constant(f64),
    /// Gamma, exponential or hyperexponential.
    Law(ServiceLaw),
    /// Lognormal; parameters of the logarithm.
    Lognormal { location: f64, deviation: f64 },
}

/// How far from its middle a standard normal law is followed.
const DEVIATIONS: f64 = 9.0;

impl VisitService {
    fn mean(&self) -> f64 {
        match *self {
            Self::Constant(time) => time,
            Self::Law(law) => law.mean(),
            Self::Lognormal { location, deviation } => (location + 0.5 * deviation * deviation).exp(),
        }
    }

    fn transform(&self, s: Complex<f64>) -> Complex<f64> {
        match *self {
            Self::Constant(time) => (-s * time).exp(),
            Self::Law(law) => law.transform(s),
            Self::Lognormal { location, deviation } => {
                let part = |part: fn(Complex<f64>) -> f64| {
                    let value = |z: f64| {
                        let density = (-0.5 * z * z).exp() / (2.0 * PI).sqrt();
                        density * part((-s * (location + deviation * z).exp()).exp())
                    };
                    integrate(value, -DEVIATIONS, DEVIATIONS)
                };
                Complex::new(part(|z| z.re), part(|z| z.im))
            }
        }
    }

    /// The least of `count` independent residual services, in units of the mean service: `∫ R^c dt` and `∫ 2t·R^c dt`
    /// with `R(t) = ∫_t^∞ P(S > u) du/E S`.
    /// None for lognormal services, of which it says less than three moments do.
    pub fn least_residual(&self, count: f64) -> Option<LeastResidual> {
        let mean = self.mean();
        let exponential = |mean: f64| LeastResidual { mean, second_moment: 2.0 * mean * mean };
        Some(match *self {
            Self::Constant(_) => {
                LeastResidual { mean: 1.0 / (count + 1.0), second_moment: 2.0 / ((count + 1.0) * (count + 2.0)) }
            }
            Self::Law(ServiceLaw::Exponential { .. } | ServiceLaw::Instant) => exponential(1.0 / count),
            Self::Law(ServiceLaw::Hyperexponential { probability, short, long }) => {
                let (short, long) = (short / mean, long / mean);
                let rest = (1.0 - probability) * long;
                LeastResidual::of(count, long, |t| probability * short * (-t / short).exp() + rest * (-t / long).exp())
            }
            Self::Law(ServiceLaw::Gamma { shape, .. }) => LeastResidual::of(count, 1.0, |t| {
                let x = t * shape;
                gamma_tail(shape + 1.0, x) - t * gamma_tail(shape, x)
            }),
            Self::Lognormal { .. } => return None,
        })
    }

    /// `(1/E S)·∫ P(S > t)² dt`: the shorter of two services, in units of the mean.
    pub fn shorter_of_two(&self) -> f64 {
        match *self {
            Self::Constant(_) => 1.0,
            Self::Law(ServiceLaw::Hyperexponential { probability, short, long }) => {
                let rest = 1.0 - probability;
                let both = probability * probability * short * 0.5 + rest * rest * long * 0.5;
                (both + 2.0 * probability * rest * short * long / (short + long)) / self.mean()
            }
            Self::Law(ServiceLaw::Gamma { shape, .. }) => {
                integrate(|x| gamma_tail(shape, x).powi(2), 0.0, shape + 12.0 * shape.sqrt() + 30.0) / shape
            }
            Self::Law(ServiceLaw::Exponential { .. } | ServiceLaw::Instant) => 0.5,
            // The difference of two normal logarithms has √2 times the deviation: E min = E S·erfc(σ/2).
            Self::Lognormal { deviation, .. } => libm::erfc(0.5 * deviation),
        }
    }
}

/// The least of several residual services.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::queues) struct LeastResidual {
    /// In units of the mean service.
    pub mean: f64,
    /// In units of its square.
    pub second_moment: f64,
}

impl LeastResidual {
    /// Integrates over the logarithm of the time in units of the mean service; beyond 60 times
    /// `scale` nothing is left.
    fn of(count: f64, scale: f64, residual: impl Fn(f64) -> f64) -> Self {
        let power = |x: f64| {
            let time = x.exp();
            time * residual(time).max(0.0).powf(count)
        };
        let (low, high) = (-36.0 - count.ln(), (60.0 * scale).ln());
        let middle = -count.ln();
        let both = |value: &dyn Fn(f64) -> f64| integrate(value, low, middle) + integrate(value, middle, high);
        Self { mean: both(&power) + low.exp(), second_moment: both(&|x| 2.0 * x.exp() * power(x)) }
    }
}

/// A visit with a fitted wait and a service that does not depend on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::queues) struct GammaWaitVisit {
    /// None where nobody waits.
    pub wait: Option<GammaWait>,
    pub service: VisitService,
}

/// What an inversion leaves of a tail below this is its rounding.
const LEAST_INVERTED_TAIL: f64 = 1e-10;

impl GammaWaitVisit {
    fn wait_tail(&self, time: f64) -> f64 {
        self.wait.map_or(0.0, |wait| wait.tail(time))
    }

    fn wait_transform(&self, s: Complex<f64>) -> Complex<f64> {
        self.wait.map_or(Complex::new(1.0, 0.0), |wait| wait.transform(s))
    }

    fn sojourn_tail(&self, time: f64) -> f64 {
        if time <= 0.0 {
            return 1.0;
        }
        match self.service {
            VisitService::Constant(service) if time < service => 1.0,
            VisitService::Constant(service) => self.wait_tail(time - service),
            VisitService::Law(law) => self.inverted(law, time),
            VisitService::Lognormal { location, deviation } => self.convolved(location, deviation, time),
        }
    }

    fn inverted(&self, service: ServiceLaw, time: f64) -> f64 {
        let stages = if let ServiceLaw::Gamma { shape, .. } = service { shape } else { 1.0 };
        let within: f64 = contour(stages)
            .iter()
            .map(|node| {
                let s = node.point / time;
                (node.weight * self.wait_transform(s) * service.transform(s) / node.point).re
            })
            .sum();
        (1.0 - within).clamp(0.0, 1.0)
    }

    /// `P(W > t) = P(S > t) + ∫₀^t f_S(t − y)·P(W_q > y) dy`.
    fn convolved(&self, location: f64, deviation: f64, time: f64) -> f64 {
        let score = |x: f64| (x.ln() - location) / deviation;
        let served = 0.5 * libm::erfc(score(time) / SQRT_2);
        let Some(wait) = self.wait else { return served };
        // The tail of a gamma wait of shape k < 1 leaves 0 as y^k: in y^k it is smooth.
        let power = 1.0 / wait.shape.min(1.0);
        let waiting = |root: f64| {
            let y = time * root.powf(power);
            let x = time - y;
            if x <= 0.0 {
                return 0.0;
            }
            let z = score(x);
            let density = (-0.5 * z * z).exp() / ((2.0 * PI).sqrt() * deviation * x);
            density * wait.tail(y) * time * power * root.powf(power - 1.0)
        };
        (served + integrate(waiting, 0.0, 1.0)).min(1.0)
    }
}

impl StationFigures for GammaWaitVisit {
    fn wait_probability(&self) -> f64 {
        self.wait.map_or(0.0, |wait| wait.probability)
    }

    fn waiting_time(&self) -> f64 {
        self.wait.map_or(0.0, |wait| wait.mean())
    }

    fn sojourn_time(&self) -> f64 {
        self.waiting_time() + self.service.mean()
    }

    fn waiting_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        let target = tail_of(probability)?;
        Ok(time_of_tail(|time| self.wait_tail(time), target, self.sojourn_time()))
    }

    fn sojourn_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        match self.service {
            VisitService::Constant(time) => Ok(time + self.waiting_time_quantile(probability)?),
            VisitService::Law(_) if 1.0 - probability.get() < LEAST_INVERTED_TAIL && probability.get() < 1.0 => {
                let domain = "at most 1 - 1e-10, beyond which the inversion of the transform has no digits";
                Err(QueueError::Domain { parameter: "probability of the quantile", value: probability.get(), domain })
            }
            VisitService::Law(_) | VisitService::Lognormal { .. } => {
                let target = tail_of(probability)?;
                Ok(time_of_tail(|time| self.sojourn_tail(time), target, self.sojourn_time()))
            }
        }
    }
}

impl GammaWaitVisit {
    /// A tail that is above 0 at any time if anybody waits.
    fn above_zero(&self, figure: &'static str, tail: f64) -> Result<f64, QueueError> {
        if self.wait.is_none() { Ok(tail) } else { QueueError::unless_below_double(figure, tail, || None) }
    }
}

impl StationLaws for GammaWaitVisit {
    fn waiting_time_tail(&self, time: Seconds) -> Result<f64, QueueError> {
        self.above_zero("tail of the wait", self.wait_tail(time.get()))
    }

    fn sojourn_time_tail(&self, time: Seconds) -> Result<f64, QueueError> {
        let tail = self.sojourn_tail(time.get());
        if matches!(self.service, VisitService::Law(_)) && tail < LEAST_INVERTED_TAIL {
            let domain =
                "at least 1e-10, below which the inversion of its transform has no digits; ask for an earlier time";
            return Err(QueueError::Domain { parameter: "tail of the sojourn time", value: tail, domain });
        }
        self.above_zero("tail of the sojourn time", tail)
    }

    fn waiting_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        Ok(self.wait_transform(s))
    }

    fn sojourn_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        Ok(self.wait_transform(s) * self.service.transform(s))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_residual_has_the_moments_of_renewal_theory() {
        let law = |scv| VisitService::Law(ServiceLaw::from_moments(3.0, scv));
        for (service, scv, third) in [
            (law(0.25), 0.25, 1.25 * 1.5),
            (law(0.01), 0.01, 1.01 * 1.02),
            (law(4.0), 4.0, ServiceLaw::from_moments(3.0, 4.0).third_moment_ratio()),
        ] {
            let least = service.least_residual(1.0).expect("moments");
            assert!((least.mean / (0.5 * (1.0 + scv)) - 1.0).abs() < 1e-9, "{service:?} {least:?}");
            assert!((least.second_moment / (third / 3.0) - 1.0).abs() < 1e-9, "{service:?} {least:?}");
        }
    }

    #[test]
    fn the_least_of_many_residuals_is_exponential_where_services_are() {
        let near = VisitService::Law(ServiceLaw::from_moments(3.0, 1.0 + 1e-9));
        for count in [1.0, 2.0, 32.0, 1e4] {
            let least = near.least_residual(count).expect("moments");
            assert!((least.mean * count - 1.0).abs() < 1e-4, "{count} {least:?}");
            assert!((least.second_moment * count * count - 2.0).abs() < 1e-3, "{count} {least:?}");
        }
        let constant = VisitService::Constant(2.0).least_residual(3.0);
        assert_eq!(constant, Some(LeastResidual { mean: 0.25, second_moment: 0.1 }));
    }

    /// The shorter of two services by an integral over the tail of the sojourn of a job that never waits.
    #[test]
    fn the_shorter_of_two_services_is_an_integral() {
        let variance = 4.0_f64.ln_1p();
        for service in [
            VisitService::Law(ServiceLaw::from_moments(2.0, 0.25)),
            VisitService::Law(ServiceLaw::from_moments(2.0, 1.0)),
            VisitService::Law(ServiceLaw::from_moments(2.0, 4.0)),
            VisitService::Lognormal { location: 2.0_f64.ln() - 0.5 * variance, deviation: variance.sqrt() },
        ] {
            let visit = GammaWaitVisit { wait: None, service };
            let value = |x: f64| {
                let time = x.exp();
                time * visit.sojourn_tail(time).powi(2)
            };
            let integral = integrate(value, -40.0, 10.0) / 2.0;
            assert!((service.shorter_of_two() / integral - 1.0).abs() < 1e-8, "{service:?} {integral}");
        }
    }

    /// Minus the slope of the transform at 0 is the mean; the integral of the tail is the mean too.
    #[test]
    fn tail_and_transform_have_the_same_mean() {
        let variance = 1.0_f64.ln_1p();
        for service in [
            VisitService::Constant(1.0),
            VisitService::Law(ServiceLaw::from_moments(1.0, 0.5)),
            VisitService::Law(ServiceLaw::from_moments(1.0, 4.0)),
            VisitService::Lognormal { location: -0.5 * variance, deviation: variance.sqrt() },
        ] {
            let wait = GammaWait { probability: 0.6, shape: 0.8, scale: 2.0 };
            let visit = GammaWaitVisit { wait: Some(wait), service };
            assert!((visit.sojourn_time() - 1.96).abs() < 1e-12);
            let by_tail =
                integrate(|t| visit.sojourn_tail(t), 0.0, 1.0) + integrate(|t| visit.sojourn_tail(t), 1.0, 200.0);
            assert!((by_tail / 1.96 - 1.0).abs() < 1e-6, "{service:?} {by_tail}");
            let step = 1e-4;
            let at = |x: f64| visit.sojourn_time_transform(Complex::new(x, 0.0)).expect("a value").re;
            let slope = (4.0 * (1.0 - at(step)) - (1.0 - at(2.0 * step))) / (2.0 * step);
            assert!((slope / 1.96 - 1.0).abs() < 1e-5, "{service:?} {slope}");
        }
    }
}
