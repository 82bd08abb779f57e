use crate::numeric::Complex;

use crate::queues::QueueError;
use crate::queues::laws::service_shape::{ServiceBranch, ServiceShape, ServiceStages};

/// Below this argument a transform is summed as a series of moments: the closed form would cancel.
const SERIES: f64 = 0.5;

/// Terms of that series; each is at most half of the one before.
const TERMS: u32 = 60;

/// A service as an M/G/1 queue with priorities needs it.
///
/// # Formula
///
/// With `B(z) = E e^(−zS)` the two steps from it that do not cancel at `z → 0`:
///
/// ```text
/// r(z) = (1 − B(z))/(z·E S)      the rest of a service that is found under way; r(0) = 1
/// q(z) = (1 − r(z))/z            q(0) = E S²/(2·E S)
/// ```
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Service {
    pub mean: f64,
    pub law: ServiceTransform,
}

/// What the transform is made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ServiceTransform {
    /// No time at all.
    Instant,
    /// A constant.
    Constant,
    /// Stages of one `rate`: `count`, or one fewer with probability `fewer`.
    Stages { count: f64, fewer: f64, rate: f64 },
    /// Exponential branches.
    Branches(Vec<ServiceBranch>),
}

impl Service {
    /// The law of two moments that [`ServiceShape::TwoMoments`] stands for.
    pub fn from_moments(mean: f64, scv: f64) -> Result<Self, QueueError> {
        let shape = ServiceShape::TwoMoments(scv);
        shape.checked()?;
        if mean == 0.0 {
            return Ok(Self { mean, law: ServiceTransform::Instant });
        }
        if !(1.0 / mean).is_finite() {
            return Err(QueueError::Domain { parameter: "service time", value: mean, domain: "0 or at least 1e-307" });
        }
        let law = match shape.stages(mean) {
            ServiceStages::Constant => ServiceTransform::Constant,
            ServiceStages::Erlang { count, fewer } => {
                let count = f64::from(count);
                ServiceTransform::Stages { count, fewer, rate: (count - fewer) / mean }
            }
            ServiceStages::Branches(branches) => ServiceTransform::Branches(branches),
        };
        Ok(Self { mean, law })
    }

    /// The rate of decay of the service's tail: its transform is finite right of `−pole`.
    pub fn pole(&self) -> f64 {
        match &self.law {
            ServiceTransform::Instant | ServiceTransform::Constant => f64::INFINITY,
            ServiceTransform::Stages { rate, .. } => *rate,
            ServiceTransform::Branches(branches) => {
                branches.iter().map(|branch| branch.rate).fold(f64::INFINITY, f64::min)
            }
        }
    }

    /// `r(z)`, to the last digits also where it is small.
    pub fn rest(&self, z: Complex<f64>) -> Complex<f64> {
        match &self.law {
            ServiceTransform::Instant => Complex::new(1.0, 0.0),
            ServiceTransform::Constant => constant_rest(z * self.mean),
            ServiceTransform::Stages { count, fewer, rate } => {
                let y = z / *rate;
                let fewer_stages = stage_rest(count - 1.0, y) * (fewer * (count - 1.0));
                (fewer_stages + stage_rest(*count, y) * ((1.0 - fewer) * count)) / (count - fewer)
            }
            ServiceTransform::Branches(branches) => {
                let part = |branch: &ServiceBranch| branch.probability / (z + branch.rate);
                branches.iter().map(part).fold(Complex::new(0.0, 0.0), |sum, part| sum + part) / self.mean
            }
        }
    }

    /// `q(z)`.
    pub fn rest_tail(&self, z: Complex<f64>) -> Complex<f64> {
        match &self.law {
            ServiceTransform::Instant => Complex::new(0.0, 0.0),
            ServiceTransform::Constant => constant_rest_tail(z * self.mean) * self.mean,
            ServiceTransform::Stages { count, fewer, rate } => {
                let y = z / *rate;
                let fewer_stages = stage_rest_tail(count - 1.0, y) * (fewer * (count - 1.0));
                let stages = stage_rest_tail(*count, y) * ((1.0 - fewer) * count);
                (fewer_stages + stages) / ((count - fewer) * rate)
            }
            ServiceTransform::Branches(branches) => {
                let part = |branch: &ServiceBranch| branch.probability / branch.rate / (z + branch.rate);
                branches.iter().map(part).fold(Complex::new(0.0, 0.0), |sum, part| sum + part) / self.mean
            }
        }
    }

    /// `−B′(z)/E S`, 1 at `z = 0`.
    pub fn slope(&self, z: Complex<f64>) -> Complex<f64> {
        match &self.law {
            ServiceTransform::Instant => Complex::new(1.0, 0.0),
            ServiceTransform::Constant => (-z * self.mean).exp(),
            ServiceTransform::Stages { count, fewer, rate } => {
                let f = 1.0 / (1.0 + z / *rate);
                let power = power(z / *rate, *count);
                power * (fewer * (count - 1.0) + f * ((1.0 - fewer) * count)) / (count - fewer)
            }
            ServiceTransform::Branches(branches) => {
                let part = |branch: &ServiceBranch| {
                    let f = 1.0 / (1.0 + z / branch.rate);
                    f * f * (branch.probability / branch.rate)
                };
                branches.iter().map(part).fold(Complex::new(0.0, 0.0), |sum, part| sum + part) / self.mean
            }
        }
    }
}

/// `r` of a constant 1.
pub(super) fn constant_rest(x: Complex<f64>) -> Complex<f64> {
    if x.norm() >= SERIES { (1.0 - (-x).exp()) / x } else { 1.0 - x * constant_rest_tail(x) }
}

/// `q` of a constant 1: `(x − 1 + e^(−x))/x²`.
fn constant_rest_tail(x: Complex<f64>) -> Complex<f64> {
    if x.norm() >= SERIES {
        return (x - 1.0 + (-x).exp()) / (x * x);
    }
    let mut term = Complex::new(0.5, 0.0);
    let mut sum = term;
    for k in 3..TERMS {
        term *= -x / f64::from(k);
        sum += term;
        if term.norm() < 1e-18 {
            break;
        }
    }
    sum
}

/// The most stages whose power is multiplied out.
const FEW_STAGES: f64 = 64.0;

/// `(1 + y)^(−count)` for a whole `count`.
fn power(y: Complex<f64>, count: f64) -> Complex<f64> {
    if count <= FEW_STAGES {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 ≤ count ≤ 64")]
        let count = count as u32;
        return (1.0 / (1.0 + y)).powu(count);
    }
    // |1 + y|² − 1 without the 1.
    let length = 0.5 * (y.re * (2.0 + y.re) + y.im * y.im).ln_1p();
    let angle = y.im.atan2(1.0 + y.re);
    (Complex::new(length, angle) * -count).exp()
}

/// `r` of `count ≥ 1` stages of mean 1.
fn stage_rest(count: f64, y: Complex<f64>) -> Complex<f64> {
    let whole = y * count;
    if whole.norm() >= SERIES { (1.0 - power(y, count)) / whole } else { 1.0 - y * stage_rest_tail(count, y) }
}

/// `q` of `count ≥ 1` stages of mean 1: with `r = (1 − (1 + y)^(−n))/(n·y)`, `(1 − r)/y`, whose series is
/// `Σ_m (−y)^m·C(n + m + 1, m + 2)/n`.
fn stage_rest_tail(count: f64, y: Complex<f64>) -> Complex<f64> {
    if (y * count).norm() >= SERIES {
        return (1.0 - stage_rest(count, y)) / y;
    }
    let mut term = Complex::new(0.5 * (count + 1.0), 0.0);
    let mut sum = term;
    for m in 1..TERMS {
        let m = f64::from(m);
        term *= -y * ((count + m + 1.0) / (m + 2.0));
        sum += term;
        if term.norm() < 1e-18 * sum.norm() {
            break;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn services() -> Vec<Service> {
        [0.0, 0.005, 0.2, 0.5, 0.7, 1.0, 4.0, 1e4].map(|scv| Service::from_moments(2.0, scv).expect("a law")).to_vec()
    }

    /// `r = 1 − z·q` and `B = 1 − z·E S·r`; the slope of `B` by a difference.
    #[test]
    fn the_steps_and_the_slope_belong_to_one_transform() {
        for service in services() {
            let transform = |z: Complex<f64>| 1.0 - z * service.mean * (1.0 - z * service.rest_tail(z));
            for z in [(0.3, 0.0), (0.2, 0.9), (3.0, -4.0), (1e-3, 0.0), (-0.004, 0.001)] {
                let z = Complex::new(z.0, z.1) * service.pole().min(1.0);
                let step = 1e-4 * service.pole().min(1.0);
                let slope = (transform(z + step) - transform(z - step)) / (2.0 * step);
                let error = (slope + service.slope(z) * service.mean).norm() / service.slope(z).norm();
                assert!(error < 1e-6, "{service:?} {z}: {error:e}");
                assert!((service.rest(z) - (1.0 - z * service.rest_tail(z))).norm() < 1e-13);
            }
        }
    }

    #[test]
    fn the_mean_rest_is_half_the_second_moment() {
        for (service, scv) in services().iter().zip([0.0, 0.005, 0.2, 0.5, 0.7, 1.0, 4.0, 1e4]) {
            let rest = service.rest_tail(Complex::new(0.0, 0.0)).re;
            assert!((rest / (0.5 * service.mean * (1.0 + scv)) - 1.0).abs() < 1e-9, "{scv}: {rest}");
            assert!((service.slope(Complex::new(0.0, 0.0)).re - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn the_series_meets_the_closed_form() {
        for service in services() {
            let edge = match service.law {
                ServiceTransform::Constant => 0.25,
                ServiceTransform::Stages { count, rate, .. } => 0.5 * rate / count,
                _ => continue,
            };
            for angle in [0.0, 1.0, 2.0] {
                let at = |length: f64| service.rest_tail(Complex::from_polar(length * edge, angle));
                let (inside, outside) = (at(1.0 - 1e-12), at(1.0 + 1e-12));
                assert!((inside - outside).norm() < 1e-11 * inside.norm(), "{service:?}: {inside} {outside}");
            }
        }
    }

    #[test]
    fn what_has_no_law_is_refused() {
        let message = |mean, scv| Service::from_moments(mean, scv).expect_err("refused").to_string();
        assert_eq!(message(1.0, 1e13), "service_scv of 10000000000000 is not between 0 and 1e12");
        assert!(message(1e-309, 1.0).ends_with(" is not 0 or at least 1e-307"));
    }
}
