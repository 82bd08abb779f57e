use crate::numeric::{Complex, Peak, integrate_peaked};

/// The law of the wait that arrivals of infinite patience would have, where those before them have not.
///
/// Its density for `t > 0` is proportional to
///
/// ```text
/// h(t) = exp(−d·t + λ/θ·(1 − e^(−θt)))
/// ```
///
/// with `d` the rate at which busy servers finish, `θ` the rate at which the waiting lose patience. The exponent is
/// concave, so each figure is an integral of one peak.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::queues) struct OfferedWait {
    /// `λ`, per second.
    pub arrivals: f64,
    /// `θ`, per second.
    pub patience: f64,
    /// `d`, per second.
    pub drain: f64,
}

impl OfferedWait {
    /// Where `h` is largest: 0 unless the station is overloaded.
    pub fn peak(&self) -> f64 {
        if self.arrivals <= self.drain { 0.0 } else { (self.arrivals / self.drain).ln() / self.patience }
    }

    /// `ln h(from) − ln h(to)`, without cancellation around the peak.
    pub fn drop(&self, from: f64, to: f64) -> f64 {
        self.drop_by(from, to - from)
    }

    fn drop_by(&self, from: f64, distance: f64) -> f64 {
        let (lambda, theta) = (self.arrivals, self.patience);
        let interior = from > 0.0 && from == self.peak();
        let inflow = if interior { self.drain } else { lambda * (-theta * from).exp() };
        let slope = if interior { 0.0 } else { self.drain - lambda - lambda * (-theta * from).exp_m1() };
        distance * (slope + inflow * lag(theta * distance))
    }

    /// `∫_low^high h(t)·weight(t) dt` in units of `h` at [`OfferedWait::top`].
    pub fn integral(&self, low: f64, high: f64, weight: impl Fn(f64) -> f64) -> f64 {
        let at = self.top(low, high);
        let inflow = self.arrivals * (-self.patience * at).exp();
        let scale = 1.0 / ((self.drain - inflow).abs() + (inflow * self.patience).sqrt());
        let peak = Peak { before: at - low, after: high - at, scale };
        integrate_peaked(|distance| self.drop_by(at, distance), |distance| weight(at + distance), peak)
    }

    /// Where `h` is largest between `low` and `high`.
    pub fn top(&self, low: f64, high: f64) -> f64 {
        self.peak().clamp(low, high)
    }

    /// `∫ e^(−st)·h(t) dt / ∫ h(t) dt`; `whole` is the integral from 0.
    ///
    /// # Method
    ///
    /// For a real `s` it is the integral of the same law that drains by `s` faster, at another height. An imaginary part
    /// turns: `1 + cos` and `1 + sin` are weights that are not negative, and the plain integral is taken off.
    ///
    /// # Accuracy
    ///
    /// Relative error below 1e-12 for a real `s`; of the size of the value at `Re s` otherwise, while the imaginary part
    /// turns less than some 10⁵ times over the law.
    pub fn transform(&self, s: Complex<f64>, whole: f64) -> Complex<f64> {
        let faster = Self { drain: self.drain + s.re, ..*self };
        let top = faster.peak();
        let height = (-self.drop(self.peak(), top) - s.re * top).exp() / whole;
        let plain = faster.integral(0.0, f64::INFINITY, |_| 1.0);
        if s.im == 0.0 {
            return Complex::new(height * plain, 0.0);
        }
        let integral = |weight: &dyn Fn(f64) -> f64| faster.integral(0.0, f64::INFINITY, weight);
        let turn = s.im.abs();
        let cosine = integral(&|t| 1.0 + (turn * t).cos()) - plain;
        // Whichever is the smaller part of the sum: what turns little has its sine of the size of the turn.
        let mean = turn * integral(&|t| t);
        let sine = if mean < plain {
            integral(&|t| turn * t + (turn * t).sin()) - mean
        } else {
            integral(&|t| 1.0 + (turn * t).sin()) - plain
        };
        Complex::new(height * cosine, -height * sine * s.im.signum())
    }

    /// Share of the integral of `h` that lies above `time`; `whole` is the integral from 0.
    pub fn tail(&self, time: f64, whole: f64) -> f64 {
        let top = self.top(time, f64::INFINITY);
        (-self.drop(self.peak(), top)).exp() * self.integral(time, f64::INFINITY, |_| 1.0) / whole
    }
}

/// `(x − 1 + e^(−x))/x`, which is `x/2` near 0.
pub(in crate::queues) fn lag(x: f64) -> f64 {
    if x.abs() >= 0.5 {
        return 1.0 + (-x).exp_m1() / x;
    }
    let mut sum = 0.0;
    let mut term = 1.0;
    for k in [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0] {
        term *= -x / k;
        sum -= term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lag_is_smooth() {
        let plain = |x: f64| (x - 1.0 + (-x).exp()) / x;
        for x in [-3.0, -0.5, -0.499, -0.3, 0.3, 0.499, 0.5, 5.0] {
            assert!((lag(x) / plain(x) - 1.0).abs() < 1e-14, "{x}");
        }
        assert_eq!(lag(0.0), 0.0);
        assert!((lag(1e-12) / 5e-13 - 1.0).abs() < 1e-11);
    }

    #[test]
    fn patience_without_end_is_exponential() {
        let wait = OfferedWait { arrivals: 0.5, patience: 1e-300, drain: 1.0 };
        let whole = wait.integral(0.0, f64::INFINITY, |_| 1.0);
        assert!((whole - 2.0).abs() < 1e-13);
        assert!((wait.tail(3.0, whole) / (-1.5_f64).exp() - 1.0).abs() < 1e-13);
    }
}
