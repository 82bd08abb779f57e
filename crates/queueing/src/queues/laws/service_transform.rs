use crate::numeric::{Complex, complex_exp_m1, complex_ln_1p};

use crate::queues::laws::exponential_visit::stage_transform;
use crate::queues::laws::service_shape::ServiceStages;

impl ServiceStages {
    /// Laplace–Stieltjes transform `E e^(−s·S)` of a service of `mean` seconds.
    pub fn transform(&self, mean: f64, s: Complex<f64>) -> Complex<f64> {
        match self {
            Self::Constant => (-s * mean).exp(),
            Self::Erlang { count, fewer } => {
                let stage = stage_transform(rate(*count, *fewer, mean), s);
                let others = f64::from(*count - 1);
                let power = (-complex_ln_1p(s / rate(*count, *fewer, mean)) * others).exp();
                power * (stage * (1.0 - fewer) + *fewer)
            }
            Self::Branches(branches) => branches
                .iter()
                .map(|branch| stage_transform(branch.rate, s) * branch.probability)
                .fold(Complex::new(0.0, 0.0), |sum, part| sum + part),
        }
    }

    /// `1 − E e^(−s·R)` with `R` the residual life of the service, that of a service found under way.
    ///
    /// # Formula
    ///
    /// ```text
    /// E e^(−s·R) = (1 − E e^(−s·S))/(s·E S)
    /// ```
    ///
    /// # Method
    ///
    /// No difference: a residual life of stages is one to all of them, each as often as a service has that many; one of
    /// branches is exponential again; that of a constant is uniform. For a real `s` each part is positive.
    pub fn residual_gap(&self, mean: f64, s: Complex<f64>) -> Complex<f64> {
        match self {
            Self::Constant => lag(s * mean),
            Self::Erlang { count, fewer } => {
                let rate = rate(*count, *fewer, mean);
                let (stage, step) = (stage_transform(rate, s), stage_gap(rate, s));
                // 1 − z^j = (1 − z^(j−1)) + z^(j−1)·(1 − z)
                let (mut power, mut gap) = (Complex::new(1.0, 0.0), Complex::new(0.0, 0.0));
                let mut sum = gap;
                for _ in 1..*count {
                    gap += power * step;
                    sum += gap;
                    power *= stage;
                }
                gap += power * step;
                (sum + gap * (1.0 - fewer)) / (f64::from(*count) - fewer)
            }
            Self::Branches(branches) => branches
                .iter()
                .map(|branch| stage_gap(branch.rate, s) * (branch.probability / (branch.rate * mean)))
                .fold(Complex::new(0.0, 0.0), |sum, part| sum + part),
        }
    }
}

/// Completions per second of one stage.
fn rate(count: u32, fewer: f64, mean: f64) -> f64 {
    (f64::from(count) - fewer) / mean
}

/// `1 − r/(r + s) = s/(r + s)`.
fn stage_gap(rate: f64, s: Complex<f64>) -> Complex<f64> {
    let (scaled, stage) = (s / rate, stage_transform(rate, s));
    if scaled.re.abs().max(scaled.im.abs()) < 1.0 { scaled * stage } else { 1.0 - stage }
}

/// `(x − 1 + e^(−x))/x`, which is `x/2` near 0.
fn lag(x: Complex<f64>) -> Complex<f64> {
    let size = x.re.abs().max(x.im.abs());
    if size > 1e100 {
        return Complex::new(1.0, 0.0);
    }
    if size >= 0.5 {
        return complex_exp_m1(-x) / x + 1.0;
    }
    let (mut sum, mut term) = (Complex::new(0.0, 0.0), Complex::new(1.0, 0.0));
    let mut k = 1.0;
    while k < 18.0 {
        k += 1.0;
        term *= -x / k;
        sum -= term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queues::{ServiceBranch, ServiceShape};

    fn shapes() -> [ServiceShape; 6] {
        let branch = |probability, mean: f64| ServiceBranch { probability, rate: 1.0 / mean };
        [
            ServiceShape::Deterministic,
            ServiceShape::Exponential,
            ServiceShape::Erlang(5),
            ServiceShape::TwoMoments(0.3),
            ServiceShape::TwoMoments(7.0),
            ServiceShape::Hyperexponential(vec![branch(0.9, 1.0), branch(0.1, 11.0)]),
        ]
    }

    #[test]
    fn the_residual_life_is_that_of_its_definition() {
        for shape in shapes() {
            let stages = shape.stages(2.0);
            for s in [Complex::new(0.1, 0.0), Complex::new(3.0, 0.0), Complex::new(0.2, 1.5), Complex::new(40.0, -9.0)]
            {
                let plain = 1.0 - (1.0 - stages.transform(2.0, s)) / (s * 2.0);
                let gap = stages.residual_gap(2.0, s);
                assert!((gap - plain).norm() < 1e-14 * (1.0 + 1.0 / s.norm()), "{shape:?} {s}: {gap} {plain}");
            }
            // Its mean is E S²/(2·E S).
            let near = stages.residual_gap(2.0, Complex::new(1e-9, 0.0)).re / 1e-9;
            assert!((near / (1.0 + shape.scv()) - 1.0).abs() < 1e-7, "{shape:?}: {near}");
        }
    }

    #[test]
    fn points_of_any_size_have_a_value() {
        for shape in shapes() {
            let stages = shape.stages(2.0);
            for s in [0.0, 1e-300, 1e300, f64::MAX] {
                let (transform, gap) =
                    (stages.transform(2.0, Complex::new(s, 0.0)), stages.residual_gap(2.0, Complex::new(s, 0.0)));
                assert!((0.0..=1.0).contains(&transform.re) && (0.0..=1.0).contains(&gap.re), "{shape:?} {s:e}");
            }
        }
    }
}
