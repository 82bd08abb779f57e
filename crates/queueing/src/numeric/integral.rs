use std::sync::LazyLock;

use super::{GaussNode, gauss_legendre};

/// Points of the rule on each panel.
const POINTS: usize = 20;

/// Panels are halved at most this often.
const MAX_DEPTH: u32 = 14;

/// A panel is done when halving it changes the whole integral by less than this share.
const SHARE: f64 = 4e-15;

/// How far below its peak, in powers of e, an integrand is cut off.
const CUT: f64 = 50.0;

/// Returns `∫_low^high function(x) dx`.
///
/// # Method
///
/// Gauss–Legendre with 20 points on each panel; a panel is halved until that changes no digit of the whole. A positive
/// smooth integrand is exact to 1e-14.
///
/// # Units
///
/// Those of the function times those of its argument, `low ≤ high`, both finite.
pub fn integrate(function: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    let whole = panel(&function, low, high);
    halved(&function, low, high, whole, whole.abs(), MAX_DEPTH)
}

/// How far an integrand reaches from its peak.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peak {
    /// From the lower limit to the peak.
    pub before: f64,
    /// From the peak to the upper limit; may be infinite.
    pub after: f64,
    /// A first guess, above 0, of how far from the peak the integrand lives.
    pub scale: f64,
}

/// Returns `∫ e^(−drop(x))·weight(x) dx` for a convex `drop ≥ 0`, with `x` the signed distance from the peak, where the
/// drop is least.
///
/// `weight ≥ 0` is smooth, changes no faster than the exponential does and grows at most as a polynomial.
///
/// # Method
///
/// Both sides of the peak are cut where the drop passes 50, found by doubling and halving, and integrated by
/// [`integrate`]. Distances from the peak keep their digits where the peak itself is far from 0.
pub fn integrate_peaked(drop: impl Fn(f64) -> f64, weight: impl Fn(f64) -> f64, peak: Peak) -> f64 {
    let value = |x: f64| (-drop(x)).exp() * weight(x);
    let mut total = 0.0;
    if peak.after > 0.0 {
        let far = reach(|distance| drop(distance.min(peak.after)), peak.scale.min(peak.after), peak.after);
        total += integrate(value, 0.0, far);
    }
    if peak.before > 0.0 {
        let far = reach(|distance| drop(-distance.min(peak.before)), peak.scale.min(peak.before), peak.before);
        total += integrate(value, -far, 0.0);
    }
    total
}

/// Returns a distance of at most `room` at which the drop has passed [`CUT`], at most some 10 % too far.
fn reach(drop: impl Fn(f64) -> f64, scale: f64, room: f64) -> f64 {
    let mut far = scale;
    while drop(far) < CUT && far < f64::MAX / 4.0 {
        if far >= room {
            return room;
        }
        far *= 2.0;
    }
    while drop(0.5 * far) >= CUT && far > f64::MIN_POSITIVE {
        far *= 0.5;
    }
    let mut near = 0.5 * far;
    while far - near > 0.1 * far {
        let middle = f64::midpoint(near, far);
        if drop(middle) >= CUT { far = middle } else { near = middle }
    }
    far.min(room)
}

fn halved(function: &impl Fn(f64) -> f64, low: f64, high: f64, coarse: f64, whole: f64, depth: u32) -> f64 {
    let middle = f64::midpoint(low, high);
    let (left, right) = (panel(function, low, middle), panel(function, middle, high));
    let fine = left + right;
    let whole = whole.max(fine.abs());
    if depth == 0 || (fine - coarse).abs() <= SHARE * whole || fine.is_nan() {
        return fine;
    }
    halved(function, low, middle, left, whole, depth - 1) + halved(function, middle, high, right, whole, depth - 1)
}

fn panel(function: &impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    let width = high - low;
    width * RULE.iter().map(|node| node.weight * function(low + width * node.point)).sum::<f64>()
}

/// The rule of each panel.
static RULE: LazyLock<Vec<GaussNode>> = LazyLock::new(|| gauss_legendre(POINTS));

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    #[test]
    fn smooth_functions_are_exact() {
        assert!((integrate(f64::exp, 0.0, 1.0) - 1.0_f64.exp_m1()).abs() < 1e-14);
        assert!((integrate(|x| (-x * x).exp(), -10.0, 10.0) - PI.sqrt()).abs() < 1e-14);
        let spike = integrate(|x| 1.0 / (1e-4 + x * x), -1.0, 1.0);
        assert!((spike / (200.0 * 100.0_f64.atan()) - 1.0).abs() < 1e-13);
    }

    #[test]
    fn a_peak_is_found_whatever_the_guess() {
        for scale in [1e-6, 1.0, 1e6] {
            let whole = Peak { before: 0.0, after: f64::INFINITY, scale };
            let right = integrate_peaked(|x| 3.0 * x, |_| 1.0, whole);
            assert!((right - 1.0 / 3.0).abs() < 1e-15, "{scale}: {right}");
            let both = integrate_peaked(|x| 0.5 * x * x, |x| 7.0 + x, Peak { before: 7.0, ..whole });
            // ∫₀^∞ x·e^(−(x−7)²/2) dx = 7·√(2π)·Φ(7) + e^(−24.5)
            let exact = 7.0 * (2.0 * PI).sqrt() * 0.5 * libm::erfc(-7.0 / 2.0_f64.sqrt()) + (-24.5_f64).exp();
            assert!((both / exact - 1.0).abs() < 1e-14, "{scale}: {both}");
            let part = integrate_peaked(|x| 3.0 * x, |_| 1.0, Peak { after: 2.0, ..whole });
            assert!((part - (1.0 - (-6.0_f64).exp()) / 3.0).abs() < 1e-15, "{scale}: {part}");
        }
    }
}
