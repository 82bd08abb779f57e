use std::f64::consts::PI;

use super::x_minus_ln_1p;

/// From here on Stirling's series is exact to double precision.
const STIRLING: f64 = 16.0;

/// Returns the natural logarithm of the Poisson probability of `count` events where `mean` are expected.
///
/// # Formula
///
/// ```text
/// ln(e^(−m)·m^n/n!) = −n·(m/n − 1 − ln(m/n)) − ½·ln(2πn) − δ(n),   δ(n) = ln n! − (n + ½)·ln n + n − ½·ln 2π
/// ```
///
/// # Method
///
/// The saddle-point form, whose parts are of one sign: `m`, `n·ln m` and `ln n!` would cancel for large counts. Below 16
/// events the plain sum.
///
/// # Units
///
/// `count ≥ 0` whole, `mean ≥ 0`, dimensionless; `−∞` for events where none are expected. The relative error of the
/// probability is below 1e-15 times its logarithm, at least 2e-15.
///
/// # References
///
/// [Loader00](crate::references#loader00).
#[must_use]
pub fn ln_poisson(count: f64, mean: f64) -> f64 {
    if count == 0.0 {
        return -mean;
    }
    if mean == 0.0 {
        return f64::NEG_INFINITY;
    }
    if count < STIRLING {
        let mut factorial = 1.0;
        let mut k = 2.0;
        while k <= count {
            factorial *= k;
            k += 1.0;
        }
        return count * mean.ln() - mean - factorial.ln();
    }
    let square = 1.0 / (count * count);
    let delta = (1.0 / 12.0
        - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square * (1.0 / 1680.0 - square / 1188.0))))
        / count;
    -count * deviance(mean, count) - 0.5 * (2.0 * PI * count).ln() - delta
}

/// `m/n − 1 − ln(m/n)`: from the difference where the two are near, from the ratio where the mean is small.
fn deviance(mean: f64, count: f64) -> f64 {
    let ratio = mean / count;
    if ratio < 0.5 { ratio - 1.0 - ratio.ln() } else { x_minus_ln_1p((mean - count) / count) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 40-digit values.
    #[test]
    fn known_points() {
        for (count, mean, value) in [
            (0.0, 3.0, -3.0),
            (5.0, 2.5, -2.706_038_083_411_270_7),
            (16.0, 16.0, -2.310_440_550_244_173),
            (1e6, 1_001_000.0, -8.326_360_811_986_977),
            (1000.0, 1e-3, -12_819.884_457_470_3),
        ] {
            let got = ln_poisson(count, mean);
            assert!((got - value).abs() < 2e-15 * value.abs(), "{count} {mean}: {got}");
        }
    }

    #[test]
    fn both_forms_meet() {
        for mean in [0.1, 3.0, 15.0, 16.0, 40.0] {
            let step = ln_poisson(16.0, mean) - ln_poisson(15.0, mean);
            let exact: f64 = mean / 16.0;
            assert!((step - exact.ln()).abs() < 1e-15 * ln_poisson(16.0, mean).abs().max(30.0), "{mean}");
        }
    }

    #[test]
    fn the_probabilities_sum_to_one() {
        for mean in [1e-9, 0.5, 20.0, 900.0] {
            let sum: f64 = (0..2000_u32).map(|n| ln_poisson(f64::from(n), mean).exp()).sum();
            assert!((sum - 1.0).abs() < 1e-13, "{mean}: {sum}");
        }
    }
}
