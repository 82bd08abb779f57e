use super::Complex;

/// Returns `ln(1 + z)`, to the last digits also where `|z|` is small.
#[must_use]
pub fn complex_ln_1p(z: Complex<f64>) -> Complex<f64> {
    // ½·ln |1 + z|²; far out the square would overflow, and there is nothing to lose.
    let ln_size = if z.re.abs().max(z.im.abs()) < 0.5 {
        0.5 * (z.re * (2.0 + z.re) + z.im * z.im).ln_1p()
    } else {
        (1.0 + z.re).hypot(z.im).ln()
    };
    Complex::new(ln_size, z.im.atan2(1.0 + z.re))
}

/// Returns `e^z − 1`, to the last digits also where `|z|` is small.
#[must_use]
pub fn complex_exp_m1(z: Complex<f64>) -> Complex<f64> {
    if z.im == 0.0 {
        return Complex::new(z.re.exp_m1(), 0.0);
    }
    // e^x·cos y − 1 = (e^x − 1)·cos y − 2·sin²(y/2)
    let half = (0.5 * z.im).sin();
    Complex::new(z.re.exp_m1() * z.im.cos() - 2.0 * half * half, z.re.exp() * z.im.sin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_undoes_the_other() {
        for z in [
            Complex::new(1e-12, 3e-12),
            Complex::new(-0.3, 0.4),
            Complex::new(0.49, -0.49),
            Complex::new(2.0, 1.0),
            Complex::new(1e200, 0.0),
            Complex::new(0.25, 0.0),
        ] {
            let back = complex_exp_m1(complex_ln_1p(z));
            assert!((back - z).norm() <= 1e-13 * z.re.abs().max(z.im.abs()), "{z}: {back}");
        }
    }

    #[test]
    fn plain_forms_agree_where_nothing_cancels() {
        for z in [Complex::new(0.3, 0.4), Complex::new(-0.9, 2.0), Complex::new(3.0, -1.0)] {
            assert!((complex_ln_1p(z) - (z + 1.0).ln()).norm() < 1e-15);
            assert!((complex_exp_m1(z) - (z.exp() - 1.0)).norm() < 2e-14);
        }
    }
}
