use std::f64::consts::PI;
use std::sync::LazyLock;

use crate::numeric::{Complex, GaussNode, Phase, gauss_legendre};

/// Gauss nodes on each panel: neighbouring panels differ by a factor of 2, so the singularity is 3 half-widths away and
/// the error below `5.8^(−32)`.
const PANEL_NODES: usize = 16;

/// The most panels: beyond, a double cannot tell the angle from 0.
const MOST_PANELS: u32 = 46;

/// The busy period of an M/M/1 queue: how long one service takes with all urgent jobs that arrive meanwhile.
///
/// # Formula
///
/// With `λ_a` the arrivals of urgent jobs, `M` the rate of completions and `q = λ_a/M`:
///
/// ```text
/// η(s) = 2M / (s + λ_a + M + √((s + λ_a + M)² − 4·λ_a·M)),   |η| ≤ 1/√q
/// ```
///
/// η is analytic off the cut `−M(1 + √q)² ≤ s ≤ −M(1 − √q)²`. The square root is taken as `√(w − 2g)·√(w + 2g)` with
/// `w = s + λ_a + M` and `g = √(λ_a·M)`, each of them principal, which puts the cut there and no root of the equation
/// `λ_a·η² − w·η + M = 0` is subtracted from another.
///
/// # References
///
/// [Takacs62](crate::references#takacs62), [Kleinrock75](crate::references#kleinrock75) ch. 5.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BusyPeriod {
    /// `λ_a`.
    pub urgent: f64,
    /// `M`.
    pub completions: f64,
    /// `M − λ_a`, which is above 0.
    pub spare: f64,
}

impl BusyPeriod {
    /// `√q`.
    pub fn root(&self) -> f64 {
        (self.urgent / self.completions).sqrt()
    }

    /// `1 − √q`, without the difference.
    pub fn gap(&self) -> f64 {
        self.spare / self.completions / (1.0 + self.root())
    }

    /// Where the cut begins: the rate of decay of the busy period, `M(1 − √q)²`.
    pub fn edge(&self) -> f64 {
        self.completions * self.gap() * self.gap()
    }

    /// `η(s)`.
    pub fn transform(&self, s: Complex<f64>) -> Complex<f64> {
        let wide = 1.0 + self.root();
        let root = (s + self.edge()).sqrt() * (s + self.completions * wide * wide).sqrt();
        2.0 * self.completions / (s + (self.urgent + self.completions) + root)
    }

    /// `(1 − η(s))/s`, which at `s = 0` is the mean.
    pub fn tail_transform(&self, s: Complex<f64>) -> Complex<f64> {
        let eta = self.transform(s);
        eta / (self.completions - eta * self.urgent)
    }

    /// The wait of those who wait: a geometric number of services, each with the urgent jobs that arrive meanwhile, as a
    /// mixture of exponentials.
    ///
    /// # Formula
    ///
    /// `own` is the arrival rate of the waiting class, `σ = (λ_a + own)/M` and `spare_share` is `1 − σ`.
    ///
    /// ```text
    /// F(s) = (1 − σ)·η/(1 − σ·η)
    /// (1 − F(s))/s = η / ((1 − σ·η)(M − λ_a·η))
    /// P(T > t) = (2(1 − σ)/π)·∫₀^π q·sin²θ/(D·E)·e^(−M·E·t) dθ  +  [σ² > q]·(σ² − q)/(σ(σ − q))·e^(−M(1 − σ)(1 − q/σ)·t)
    /// D = (σ − √q)² + 4σ√q·sin²(θ/2),   E = (1 − √q)² + 4√q·sin²(θ/2)
    /// ```
    ///
    /// # Method
    ///
    /// The contour of the inversion is drawn round the cut, where `η = e^(±iθ)/√q`, and the pole `η = 1/σ` right of it.
    /// Every term is positive, so tails keep their relative precision. The integral is a Gauss rule on panels that halve
    /// towards `θ = 0`, far enough that the slowest decay is resolved for all times at which a tail is above 1e-300.
    pub fn geometric_sum(&self, own: f64, spare_share: f64) -> Vec<Phase> {
        let all = self.completions;
        let (q, root, gap) = (self.urgent / all, self.root(), self.gap());
        let sigma = 1.0 - spare_share;
        if self.urgent == 0.0 {
            return vec![Phase { probability: 1.0, mean: 1.0 / (all * spare_share) }];
        }
        let share = own / all;
        // σ − √q, of which q − √q is not left to cancel.
        let excess = share - root * gap;
        let mut phases = Vec::new();
        if excess > 0.0 {
            let probability = excess * (sigma + root) / (sigma * share);
            phases.push(Phase { probability, mean: 1.0 / (spare_share * all * (own / (self.urgent + own))) });
        }
        let nearest = (gap / root.sqrt()).min(excess.abs() / (sigma * root).sqrt());
        let (mut high, mut panels) = (PI, 0);
        while high > 0.0 {
            let last = panels == MOST_PANELS || high < nearest / 32.0;
            let low = if last { 0.0 } else { 0.5 * high };
            for node in PANEL.iter() {
                let theta = low + (high - low) * node.point;
                let weight = (high - low) * node.weight;
                let half = (0.5 * theta).sin();
                let slow = gap * gap + 4.0 * root * half * half;
                let near = excess * excess + 4.0 * sigma * root * half * half;
                let probability = 2.0 * spare_share / PI * weight * q * theta.sin().powi(2) / (near * slow);
                phases.push(Phase { probability, mean: 1.0 / (all * slow) });
            }
            high = low;
            panels += 1;
        }
        phases
    }
}

/// Gauss–Legendre on `[0, 1]`.
static PANEL: LazyLock<Vec<GaussNode>> = LazyLock::new(|| gauss_legendre(PANEL_NODES));

#[cfg(test)]
mod tests {
    use super::*;

    fn period(urgent: f64, completions: f64) -> BusyPeriod {
        BusyPeriod { urgent, completions, spare: completions - urgent }
    }

    /// `λ_a·η² − (s + λ_a + M)·η + M = 0`, with the root that is small at infinity, on both sides of the axis and beyond
    /// the cut.
    #[test]
    fn the_busy_period_solves_its_equation_on_the_right_sheet() {
        for (urgent, completions) in [(0.5, 1.0), (9.99, 10.0), (1e-9, 3.0), (0.0, 2.0)] {
            let period = period(urgent, completions);
            for s in [(0.0, 0.0), (1e-9, 0.0), (2.0, 1.0), (-1.0, 0.3), (-1.0, -0.3), (-30.0, 1e-3), (5.0, 100.0)] {
                let s = Complex::new(s.0, s.1);
                let eta = period.transform(s);
                let residual = eta * eta * urgent - (s + urgent + completions) * eta + completions;
                assert!(residual.norm() < 1e-12 * (s.norm() + completions), "{urgent} {s}: {residual}");
                assert!(eta.norm() * period.root() < 1.0 + 1e-12);
            }
        }
    }

    #[test]
    fn the_phases_have_the_transform_they_come_from() {
        for (urgent, own) in
            [(0.5, 0.3), (0.2, 0.7), (0.9, 0.099), (1e-9, 0.5), (0.25, 0.25), (0.6, 0.0), (1e-200, 0.1)]
        {
            let period = period(urgent, 1.0);
            let spare = 1.0 - urgent - own;
            let phases = period.geometric_sum(own, spare);
            let total: f64 = phases.iter().map(|phase| phase.probability).sum();
            assert!((total - 1.0).abs() < 1e-12, "{urgent} {own}: {total}");
            let mean: f64 = phases.iter().map(|phase| phase.probability * phase.mean).sum();
            assert!((mean * spare * (1.0 - urgent) - 1.0).abs() < 1e-11, "{urgent} {own}: {mean}");
            for s in [0.01, 0.3, 2.0] {
                let mixed: f64 = phases.iter().map(|phase| phase.probability / (1.0 + s * phase.mean)).sum();
                let eta = period.transform(Complex::new(s, 0.0)).re;
                let exact = spare * eta / (1.0 - (urgent + own) * eta);
                assert!((mixed / exact - 1.0).abs() < 1e-12, "{urgent} {own} {s}");
            }
        }
    }
}
