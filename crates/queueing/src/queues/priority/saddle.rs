/// Steps of the search; each keeps 0.618 of the bracket.
const STEPS: u32 = 60;

/// The larger part of a length in golden section.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// Returns about where a convex function is least between `low` and `high`; where it is not a number it counts as infinite.
///
/// Inverting a transform along a line or a circle through this point of `ln F(s) + s·t`, the saddle, loses the fewest digits:
/// weighted by `e^(−st)` there, the function has its mean at `t`, so neither what is far later nor what is far larger
/// covers it.
pub(super) fn least(function: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    let value = |x: f64| Some(function(x)).filter(|value| !value.is_nan()).unwrap_or(f64::INFINITY);
    let (mut low, mut high) = (low, high);
    let (mut left, mut right) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
    let (mut at_left, mut at_right) = (value(left), value(right));
    for _ in 0..STEPS {
        if at_left < at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - GOLDEN * (high - low);
            at_left = value(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + GOLDEN * (high - low);
            at_right = value(right);
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_point_is_found_also_beside_a_pole() {
        let found = least(|x| x * x - 3.0 * x, 0.0, 10.0);
        assert!((found - 1.5).abs() < 1e-4, "{found}");
        // ln 1/(1 + s) + s·t is least at s = 1/t − 1.
        let found = least(|s| 1e4 * s - (1.0 + s).ln(), -1.0, 0.0);
        assert!((found + 1.0 - 1e-4).abs() < 1e-5, "{found}");
    }
}
