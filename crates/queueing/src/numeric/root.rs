/// A function for which no root was found.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum RootError {
    /// The function has the same sign at both ends.
    #[error("no change of sign between {low} and {high}")]
    NotBracketed {
        /// Left end.
        low: f64,
        /// Right end.
        high: f64,
    },
    /// The function is not a number somewhere.
    #[error("the function is not a number at {at}")]
    Undefined {
        /// The argument.
        at: f64,
    },
}

/// The most steps of any search for a root: halving alone reaches the last digit of a double before that.
const MAX_STEPS: u32 = 200;

/// Returns a root of a continuous `function` between `low` and `high`, where its signs differ.
///
/// # Method
///
/// Regula falsi with the Illinois correction, safeguarded by halving: each step that fails to halve the bracket is
/// followed by one that does. Stops when the bracket is at most `tolerance · max(|low|, |high|)` wide, or a value is
/// exactly 0.
///
/// # Errors
///
/// [`RootError::NotBracketed`] when the signs at the ends do not differ, [`RootError::Undefined`] when a value is NaN.
pub fn find_root(mut function: impl FnMut(f64) -> f64, low: f64, high: f64, tolerance: f64) -> Result<f64, RootError> {
    try_find_root(|x| Ok(function(x)), low, high, tolerance)
}

/// As [`find_root`], for a function that may fail: its first failure ends the search.
///
/// # Errors
///
/// That of `function`, and those of [`find_root`].
pub fn try_find_root<E: From<RootError>>(
    mut function: impl FnMut(f64) -> Result<f64, E>,
    low: f64,
    high: f64,
    tolerance: f64,
) -> Result<f64, E> {
    let mut value = |x: f64| -> Result<f64, E> {
        let y = function(x)?;
        if y.is_nan() { Err(RootError::Undefined { at: x }.into()) } else { Ok(y) }
    };
    let (mut a, mut b) = (low, high);
    let (mut fa, mut fb) = (value(a)?, value(b)?);
    if fa == 0.0 {
        return Ok(a);
    }
    if fb == 0.0 {
        return Ok(b);
    }
    if fa.signum() == fb.signum() {
        return Err(RootError::NotBracketed { low, high }.into());
    }
    let mut halve_next = false;
    for _ in 0..MAX_STEPS {
        let width = (b - a).abs();
        if width <= tolerance * a.abs().max(b.abs()) {
            break;
        }
        let secant = b - fb * (b - a) / (fb - fa);
        let inside = secant > a.min(b) && secant < a.max(b);
        let x = if halve_next || !inside { f64::midpoint(a, b) } else { secant };
        let fx = value(x)?;
        if fx == 0.0 {
            return Ok(x);
        }
        if fx.signum() == fb.signum() {
            // The far end stays: halving its value pulls the next secant towards it.
            fa *= 0.5;
        } else {
            (a, fa) = (b, fb);
        }
        (b, fb) = (x, fx);
        halve_next = !halve_next && (b - a).abs() > 0.5 * width;
    }
    Ok(b)
}

/// Returns the largest `x` in `[low, high]` for which `accepts` holds, if it holds on a left part of the interval.
///
/// Returns `None` when it does not hold at `low`, and `high` when it holds there. Halves until the interval is
/// `tolerance · high` wide, and returns its left end, so the answer itself is accepted.
pub fn bisect_boundary(mut accepts: impl FnMut(f64) -> bool, low: f64, high: f64, tolerance: f64) -> Option<f64> {
    if !accepts(low) {
        return None;
    }
    if accepts(high) {
        return Some(high);
    }
    let (mut good, mut bad) = (low, high);
    for _ in 0..MAX_STEPS {
        if bad - good <= tolerance * high {
            break;
        }
        let middle = f64::midpoint(good, bad);
        if accepts(middle) { good = middle } else { bad = middle }
    }
    Some(good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn square_root_of_two() {
        let root = find_root(|x| x * x - 2.0, 0.0, 2.0, 1e-15).expect("bracketed");
        assert!((root - std::f64::consts::SQRT_2).abs() < 1e-14);
    }

    #[test]
    fn a_step_is_found_by_halving() {
        let root = find_root(|x| if x < 0.3 { -1.0 } else { 1e9 }, 0.0, 1.0, 1e-12).expect("bracketed");
        assert!((root - 0.3).abs() < 1e-11);
    }

    #[test]
    fn equal_signs_are_refused() {
        let error = find_root(|x| x * x + 1.0, -1.0, 1.0, 1e-9).expect_err("no root");
        assert_eq!(error.to_string(), "no change of sign between -1 and 1");
    }

    #[test]
    fn a_value_that_is_not_a_number_ends_the_search() {
        let error = find_root(|x| if x > 0.4 && x < 0.6 { f64::NAN } else { x - 0.5 }, 0.0, 1.0, 1e-9);
        assert_eq!(error.expect_err("a gap").to_string(), "the function is not a number at 0.5");
        let failed = try_find_root(|_| Err(RootError::Undefined { at: 7.0 }), 0.0, 1.0, 1e-9);
        assert_eq!(failed, Err(RootError::Undefined { at: 7.0 }));
    }

    #[test]
    fn the_boundary_itself_is_accepted() {
        let edge = bisect_boundary(|x| x <= 0.7, 0.0, 1.0, 1e-9).expect("holds at 0");
        assert!(edge <= 0.7 && edge > 0.7 - 2e-9);
        assert_eq!(bisect_boundary(|_| true, 0.0, 1.0, 1e-9), Some(1.0));
        assert_eq!(bisect_boundary(|_| false, 0.0, 1.0, 1e-9), None);
    }
}
