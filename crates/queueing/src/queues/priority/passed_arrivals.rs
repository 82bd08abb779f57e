use std::f64::consts::TAU;

use crate::numeric::Complex;

use super::saddle::least;

/// `ln` of the error that the periodic sum may have.
const LN_ERROR: f64 = -32.0;

/// `ln` of the range in which the saddle point is sought.
const SMALLEST: f64 = 60.0;

/// Returns the probability that `count` Poisson arrivals of `rate` come during a time of a given transform.
///
/// # Formula
///
/// The number has the generating function `G(x) = T*(rate·(1 − x))`, and
///
/// ```text
/// p_n ≈ 1/(m·r^n)·Σ_j G(r·e^(2πij/m))·e^(−2πijn/m),   m = 4n + 40
/// ```
///
/// # Method
///
/// The sum is `Σ_i p_(n + im)·r^(im)`. `r` is the saddle point of `G(r)/r^n`, between 0 and the singularity `1 + decay/rate`,
/// times `e^(−32/m)`: what is added is 1e-14 of `p_n` or less.
pub(super) fn arrivals_during(
    transform: impl Fn(Complex<f64>) -> Complex<f64>,
    rate: f64,
    count: u32,
    decay: f64,
    mean: f64,
) -> f64 {
    if count == 0 {
        return transform(Complex::new(rate, 0.0)).re;
    }
    let points = 4 * count + 40;
    let limit = if decay > 0.0 { decay / rate } else { 4.0 * f64::from(count + 1) / (rate * mean) }.ln_1p();
    let exponent = |ln_radius: f64| {
        transform(Complex::new(-rate * ln_radius.exp_m1(), 0.0)).re.ln() - f64::from(count) * ln_radius
    };
    let ln_radius = least(exponent, limit - SMALLEST, limit) + LN_ERROR / f64::from(points);
    // r − 1 without the difference.
    let beyond = ln_radius.exp_m1();
    let sum: f64 = (0..=points / 2)
        .map(|j| {
            let angle = TAU * f64::from(j) / f64::from(points);
            let half = (0.5 * angle).sin();
            // 1 − r·e^(iθ) = −(r − 1) + r·(1 − cos θ) − i·r·sin θ
            let radius = 1.0 + beyond;
            let point = Complex::new(2.0 * radius * half * half - beyond, -radius * angle.sin()) * rate;
            let turned = TAU * (u64::from(j) * u64::from(count) % u64::from(points)) as f64 / f64::from(points);
            let value = (transform(point) * Complex::from_polar(1.0, -turned)).re;
            // The lower half of the circle mirrors the upper one.
            if j == 0 || 2 * j == points { value } else { 2.0 * value }
        })
        .sum();
    (sum / f64::from(points) * (-f64::from(count) * ln_radius).exp()).clamp(0.0, 1.0)
}
