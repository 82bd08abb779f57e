use std::f64::consts::PI;

use super::Complex;

/// Distance of the line from the singularities: the error of the periodic sum is `e^(−24)` of the function at three times
/// the time.
const DAMPING: f64 = 24.0;

/// Terms of the sum, longer until two sums agree.
const TERMS: [usize; 6] = [64, 128, 256, 512, 1024, 2048];

/// Relative difference at which they do.
const AGREED: f64 = 1e-10;

/// The weight of a term falls from 1 to 0 around this share of the terms …
const MIDDLE: f64 = 0.6;

/// … over this share, in units of the argument of `erfc`: at the last term it is 3e-15.
const WIDTH: f64 = 0.4 / 5.5;

/// A value of an inverted transform.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inverted {
    /// The function.
    pub value: f64,
    /// What rounding may have changed: the value means nothing below this.
    pub rounding: f64,
    /// By how much the last doubling of the terms changed it: large where the function jumps.
    pub change: f64,
}

/// Returns `f(time)` from its Laplace transform, for functions with kinks, jumps and complex singularities as well.
///
/// # Formula
///
/// ```text
/// f(t) ≈ e^(A/2)/t·(½·F(A/2t) + Σ_k (−1)^k·ω_k·Re F((A + 2πik)/2t)),   ω_k = ½·erfc((k − 0.6·N)/(0.0727·N))
/// ```
///
/// The transform is asked only right of the imaginary axis, along a line upwards.
///
/// # Accuracy
///
/// The number of terms `N` is doubled from 64 until the value holds to 1e-10. Functions that are smooth on the scale of a
/// hundredth of `time` reach that. Others stop at 2048 terms: then the function is smoothed over some thousandth of `time`
/// around a jump, and `change` says by how much the value is in doubt.
///
/// # Units
///
/// `time > 0` in seconds, `transform` of an argument in 1/s.
///
/// # References
///
/// [Abate95](crate::references#abate95), with a longer window in the place of Euler's.
pub fn invert_along_line(time: f64, mut transform: impl FnMut(Complex<f64>) -> Complex<f64>) -> Inverted {
    let scale = (0.5 * DAMPING).exp() / time;
    let mut terms: Vec<f64> = Vec::with_capacity(TERMS[0]);
    let mut last = Inverted { value: f64::NAN, rounding: 0.0, change: f64::INFINITY };
    for count in TERMS {
        while terms.len() < count {
            let k = terms.len() as f64;
            let real = transform(Complex::new(0.5 * DAMPING, PI * k) / time).re;
            let signed = if terms.len().is_multiple_of(2) { real } else { -real };
            terms.push(if terms.is_empty() { 0.5 * signed } else { signed });
        }
        let (middle, width) = (MIDDLE * count as f64, WIDTH * count as f64);
        let window = |k: usize| 0.5 * libm::erfc((k as f64 - middle) / width);
        let sum: f64 = terms.iter().enumerate().map(|(k, term)| term * window(k)).sum();
        let value = scale * sum;
        let largest = terms.iter().fold(0.0_f64, |largest, term| largest.max(term.abs()));
        last = Inverted { value, rounding: 8.0 * f64::EPSILON * scale * largest, change: (value - last.value).abs() };
        if last.change <= AGREED * value.abs() + last.rounding {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smooth_tails_are_exact() {
        for time in [1e-6, 0.1, 1.0, 5.0] {
            let inverted = invert_along_line(time, |s| 1.0 / (s + 1.0));
            let error = inverted.value - (-time).exp();
            assert!(error.abs() < 2e-10, "{time}: {error:e}");
            assert!(inverted.change < 1e-9);
        }
    }

    /// A jump at 1, seen from 3 % away and from upon it.
    #[test]
    fn jumps_are_smoothed_and_say_so() {
        let step = |s: Complex<f64>| (1.0 - (-s).exp()) / s;
        for (time, exact) in [(0.97, 1.0), (1.03, 0.0), (2.0, 0.0), (0.1, 1.0)] {
            let error = invert_along_line(time, step).value - exact;
            assert!(error.abs() < 1e-9, "{time}: {error:e}");
        }
        let upon = invert_along_line(1.0, step);
        assert!((upon.value - 0.5).abs() < 1e-3, "{upon:?}");
        assert!((invert_along_line(0.998, step).value - 1.0).abs() < 0.01);
    }
}
