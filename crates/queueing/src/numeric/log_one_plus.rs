/// Returns `x − ln(1 + x)` without cancellation near `x = 0`.
///
/// # Method
///
/// With `y = x / (2 + x)`, `ln(1 + x) = 2·atanh(y)` and `x − 2y = x·y`, so that
///
/// ```text
/// x − ln(1 + x) = x·y − 2·y³·(1/3 + y²/5 + y⁴/7 + …)
/// ```
///
/// for `|x| < 0.5`, where `|y| < 1/3`; the plain difference elsewhere, where nothing cancels.
///
/// # Units
///
/// `x > −1`, dimensionless. Relative error below 1e-15.
#[must_use]
pub fn x_minus_ln_1p(x: f64) -> f64 {
    if x.abs() >= 0.5 {
        return x - x.ln_1p();
    }
    let y = x / (2.0 + x);
    let y2 = y * y;
    let mut power = 1.0;
    let mut sum = 1.0 / 3.0;
    for odd in [5.0, 7.0, 9.0, 11.0, 13.0, 15.0, 17.0, 19.0, 21.0, 23.0, 25.0, 27.0, 29.0, 31.0, 33.0] {
        power *= y2;
        let term = power / odd;
        sum += term;
        if term < f64::EPSILON * sum {
            break;
        }
    }
    x * y - 2.0 * y * y2 * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The series and the plain difference agree where both keep their digits.
    #[test]
    fn series_meets_the_plain_difference() {
        for x in [-0.499, -0.3, 0.3, 0.4999] {
            let plain: f64 = x - f64::ln_1p(x);
            assert!((x_minus_ln_1p(x) / plain - 1.0).abs() < 1e-14, "{x}");
        }
    }

    #[test]
    fn small_arguments_give_half_the_square() {
        let x = 1e-9;
        assert!((x_minus_ln_1p(x) / (x * x * (0.5 - x / 3.0)) - 1.0).abs() < 1e-15);
    }
}
