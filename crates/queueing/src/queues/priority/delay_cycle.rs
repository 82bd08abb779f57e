use crate::numeric::Complex;

use super::service::Service;

/// Steps of Newton and of the fixed point together; Newton needs three or four.
const MOST_STEPS: u32 = 2000;

/// Jobs of one service law: their load, and the law.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Load {
    /// Arrival rate times mean service.
    pub load: f64,
    pub service: Service,
}

impl Load {
    /// Adds the load of a class, to that of its service law if there is one.
    pub fn add(loads: &mut Vec<Self>, class: &Self) {
        if class.load == 0.0 {
            return;
        }
        match loads.iter_mut().find(|load| load.service == class.service) {
            Some(load) => load.load += class.load,
            None => loads.push(class.clone()),
        }
    }
}

/// What urgent jobs make of a time that they interrupt, or come before the end of: all that arrive meanwhile are served first.
///
/// # Formula
///
/// A time with transform `U` becomes one with transform `U(z)`, where `z` solves, right of the branch point,
///
/// ```text
/// s = z − Σ λ_i·(1 − B_i(z)) = z·(1 − Σ ρ_i·r_i(z))
/// ```
///
/// so `z = s + λ_a(1 − η(s))` with `η` the busy period of the urgent jobs.
///
/// # Method
///
/// Newton from a point that the caller has, checked against the half plane `Re z ≥ lowest` where the solution is unique;
/// a step out of it is replaced by `z ← s + Σ λ_i·(1 − B_i(z))`, which maps the half plane into itself and contracts.
///
/// # References
///
/// [Takacs62](crate::references#takacs62), [Kleinrock76](crate::references#kleinrock76) ch. 3.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DelayCycle {
    /// The urgent jobs.
    pub urgent: Vec<Load>,
    /// 1 less their load.
    pub spare: f64,
}

impl DelayCycle {
    /// `Σ ρ_i·q_i(z)`.
    pub fn rest_tail(&self, z: Complex<f64>) -> Complex<f64> {
        rest_tail(&self.urgent, z)
    }

    /// `ds/dz`.
    pub fn slope(&self, z: Complex<f64>) -> Complex<f64> {
        let parts = self.urgent.iter().map(|class| class.service.slope(z) * class.load);
        1.0 - parts.fold(Complex::new(0.0, 0.0), |sum, part| sum + part)
    }

    /// `s` for a given `z`.
    pub fn shortened(&self, z: Complex<f64>) -> Complex<f64> {
        z * (self.spare + z * self.rest_tail(z))
    }

    /// `z` for a given `s`, from `start`, with `Re z ≥ lowest`.
    pub fn stretched(&self, s: Complex<f64>, start: Complex<f64>, lowest: f64) -> Complex<f64> {
        if self.urgent.is_empty() {
            return s;
        }
        let mut z = start;
        for _ in 0..MOST_STEPS {
            let missed = self.shortened(z) - s;
            let newton = missed / self.slope(z);
            let step = if (z - newton).re >= lowest { newton } else { missed };
            z -= step;
            // Newton doubles the digits, and the fixed point is only a way there.
            if step.norm() <= 1e-11 * z.norm() && step == newton || step.norm() <= f64::EPSILON * z.norm() {
                return z;
            }
        }
        z
    }
}

/// `Σ ρ_i·q_i(z)` over some jobs.
pub(super) fn rest_tail(loads: &[Load], z: Complex<f64>) -> Complex<f64> {
    loads
        .iter()
        .map(|class| class.service.rest_tail(z) * class.load)
        .fold(Complex::new(0.0, 0.0), |sum, part| sum + part)
}
