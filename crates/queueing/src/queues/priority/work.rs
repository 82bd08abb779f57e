use std::sync::Arc;

use crate::numeric::{Complex, Inverted, find_root, invert_along_line};

use super::delay_cycle::{DelayCycle, Load, rest_tail};
use super::saddle::least;
use super::service::{Service, ServiceTransform, constant_rest};

/// Halvings of the search for a singularity.
const MOST_STEPS: u32 = 1100;

/// A law at an M/G/1 queue with priorities.
///
/// # Formula
///
/// With `z` the point that the urgent jobs make of `s` ([`DelayCycle`]), `ρ_i` the loads, `r_i`, `q_i` as in
/// [`Service`], `U = 1 − Σ_(i<k) ρ_i·r_i(z) = s/z` and `P = 1 − Σ_(i≤k) ρ_i·r_i(z)`:
///
/// ```text
/// non-preemptive   W_k*(s) = (1 − ρ + Σ_(j>k) ρ_j·r_j(z))/P,    (1 − W_k*)/s = Σ_i ρ_i·q_i(z) / (U·P)
///                  sojourn  W_k*(s)·B_k(s)
/// preemptive       T_k*(s) = (1 − σ_k)·B_k(z)/P,                (1 − T_k*)/s = (Σ_(i≤k) ρ_i·q_i(z) + (1 − σ_k)·S_k·r_k(z)) / (U·P)
/// ```
///
/// At `s = 0` these are Cobham's means. A constant service of the class is kept out of the inversion as a shift.
///
/// # Method
///
/// The tail is inverted along a line after it is multiplied by `e^(αt)`, `−α` being the saddle point for the time, between
/// 0 and the rightmost singularity. That one is on the real axis: at the branch point `ds/dz = 0`, at the zero of `P`,
/// or where a service has its own.
///
/// # References
///
/// [Takacs62](crate::references#takacs62), [Kleinrock76](crate::references#kleinrock76) ch. 3.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WorkLaw {
    cycle: Arc<DelayCycle>,
    /// `ρ_k`.
    load: f64,
    /// All others.
    lower: Arc<[Load]>,
    /// `1 − σ_k`.
    spare: f64,
    /// `ρ`.
    total: f64,
    own: Service,
    kind: Kind,
    decay: f64,
    /// `z` at the singularity.
    lowest: f64,
}

/// Which time a law is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The wait, non-preemptive.
    Wait,
    /// Wait and service, non-preemptive.
    Sojourn,
    /// Wait and service with interruptions, preemptive-resume.
    Interrupted,
}

/// What a law is made of.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    pub cycle: Arc<DelayCycle>,
    pub load: f64,
    pub lower: Arc<[Load]>,
    pub spare: f64,
    pub total: f64,
    pub own: Service,
}

impl WorkLaw {
    pub fn new(parts: Parts, kind: Kind) -> Self {
        let Parts { cycle, load, lower, spare, total, own } = parts;
        let mut law = Self { cycle, load, lower, spare, total, own, kind, decay: 0.0, lowest: f64::NEG_INFINITY };
        law.find_singularity();
        law
    }

    /// What every time of this law has in it: a constant service of the class.
    pub fn shift(&self) -> f64 {
        match (self.kind, &self.own.law) {
            (Kind::Sojourn | Kind::Interrupted, ServiceTransform::Constant) => self.own.mean,
            _ => 0.0,
        }
    }

    /// Probability that anything comes on top of the shift.
    pub fn positive(&self) -> f64 {
        match (self.kind, &self.own.law) {
            (Kind::Wait, _) | (Kind::Sojourn, ServiceTransform::Instant | ServiceTransform::Constant) => self.total,
            (Kind::Interrupted, ServiceTransform::Instant) => 1.0 - self.spare,
            (Kind::Interrupted, ServiceTransform::Constant) => {
                let arrivals: f64 = self.cycle.urgent.iter().map(|class| class.load / class.service.mean).sum();
                1.0 - self.spare * (-arrivals * self.own.mean).exp()
            }
            _ => 1.0,
        }
    }

    /// Which time this is the law of.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether a constant service other than the shift takes part.
    pub fn has_steps(&self) -> bool {
        let constant = |class: &Load| class.service.law == ServiceTransform::Constant;
        let lower = self.kind != Kind::Interrupted && self.lower.iter().any(constant);
        let own = self.load > 0.0 && self.own.law == ServiceTransform::Constant;
        own || lower || self.cycle.urgent.iter().any(constant)
    }

    /// Mean in seconds.
    pub fn mean(&self) -> f64 {
        let zero = Complex::new(0.0, 0.0);
        self.shift() + self.tail_transform(zero, zero).re
    }

    /// The rate at which the tail falls in the end; 0 where it has no such rate.
    pub const fn decay(&self) -> f64 {
        self.decay
    }

    /// Laplace–Stieltjes transform, right of the singularity.
    pub fn transform(&self, s: Complex<f64>) -> Complex<f64> {
        let z = self.cycle.stretched(s, self.above(s), self.lowest);
        (1.0 - s * self.tail_transform(s, z)) * (-s * self.shift()).exp()
    }

    /// Probability of more than `time` seconds.
    pub fn tail(&self, time: f64) -> Inverted {
        let left = time - self.shift();
        let known = |value| Inverted { value, rounding: 0.0, change: 0.0 };
        if left < 0.0 {
            return known(1.0);
        }
        if left == 0.0 {
            return known(self.positive());
        }
        let tilt = self.tilt(left);
        let mut before: Option<(Complex<f64>, Complex<f64>)> = None;
        let tilted = invert_along_line(left, |point| {
            let s = point - tilt;
            let start = match before {
                // Along the tangent from the point before.
                Some((before, z)) => z + (s - before) / self.cycle.slope(z),
                None => self.above(s),
            };
            let z = self.cycle.stretched(s, start, self.lowest);
            before = Some((s, z));
            self.tail_transform(s, z)
        });
        let factor = (-tilt * left).exp();
        Inverted {
            value: (factor * tilted.value).clamp(0.0, 1.0),
            rounding: factor * tilted.rounding,
            change: factor * tilted.change,
        }
    }

    /// The `α` by which a tail is multiplied as `e^(αt)` before it is inverted, between 0 and its rate of decay.
    fn tilt(&self, time: f64) -> f64 {
        if self.decay <= 0.0 {
            return 0.0;
        }
        let real = |z: f64| Complex::new(z, 0.0);
        let exponent = |z: f64| {
            let s = self.cycle.shortened(real(z));
            s.re * time + self.tail_transform(s, real(z)).re.ln()
        };
        -self.cycle.shortened(real(least(exponent, self.lowest, 0.0))).re
    }

    /// A point from which Newton reaches `z` on the real axis without passing it.
    fn above(&self, s: Complex<f64>) -> Complex<f64> {
        let arrivals: f64 = self.cycle.urgent.iter().map(|class| class.load / class.service.mean).sum();
        s + arrivals
    }

    /// `(1 − E e^(−sT))/s` of the time less the shift.
    fn tail_transform(&self, s: Complex<f64>, z: Complex<f64>) -> Complex<f64> {
        let urgent = self.cycle.rest_tail(z);
        let mut present = urgent + self.own.rest_tail(z) * self.load;
        let (u, p) = (self.cycle.spare + z * urgent, self.spare + z * present);
        let constant = self.own.law == ServiceTransform::Constant;
        match self.kind {
            Kind::Wait | Kind::Sojourn => {
                let wait = (present + rest_tail(&self.lower, z)) / (u * p);
                if self.kind == Kind::Wait || constant {
                    return wait;
                }
                wait + (1.0 - s * wait) * self.own.rest(s) * self.own.mean
            }
            Kind::Interrupted if constant => {
                // What urgent jobs add to the service itself.
                let kept = 1.0 - u;
                let added = kept * constant_rest(z * kept * self.own.mean) * self.own.mean;
                present / (u * p) + added / u * (self.spare / p)
            }
            Kind::Interrupted => {
                present += self.own.rest(z) * (self.own.mean * self.spare);
                present / (u * p)
            }
        }
    }

    /// `Σ_(i≤k) ρ_i·q_i(z)`.
    fn present(&self, z: Complex<f64>) -> Complex<f64> {
        self.cycle.rest_tail(z) + self.own.rest_tail(z) * self.load
    }

    /// Finds the rightmost singularity and the rate of decay there.
    fn find_singularity(&mut self) {
        let regular = |z: f64| {
            let point = Complex::new(z, 0.0);
            let finite = |loads: &[Load]| loads.iter().all(|class| z > -class.service.pole());
            let own = (self.kind != Kind::Interrupted && self.load == 0.0) || z > -self.own.pole();
            let lower = self.kind == Kind::Interrupted || finite(&self.lower);
            own && lower
                && finite(&self.cycle.urgent)
                && self.cycle.slope(point).re > 0.0
                && self.spare + z * self.present(point).re > 0.0
        };
        let scale = self
            .cycle
            .urgent
            .iter()
            .chain(self.lower.iter())
            .map(|class| class.service.mean)
            .fold(self.own.mean, f64::max);
        let mut low = if scale > 0.0 { -1.0 / scale } else { return };
        while regular(low) {
            low *= 2.0;
            if low < -f64::MAX / 4.0 {
                return;
            }
        }
        let mut high = 0.0;
        for _ in 0..MOST_STEPS {
            let middle = f64::midpoint(low, high);
            if middle <= low || middle >= high {
                break;
            }
            if regular(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        self.lowest = high;
        self.decay = -self.cycle.shortened(Complex::new(high, 0.0)).re;
        if self.kind == Kind::Sojourn && self.own.pole() < self.decay {
            self.decay = self.own.pole();
            self.lowest = find_root(|z| self.cycle.shortened(Complex::new(z, 0.0)).re + self.decay, high, 0.0, 1e-15)
                .unwrap_or(high);
        }
    }
}
