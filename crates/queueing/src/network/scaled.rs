/// Beyond this many powers of two a difference of scale leaves nothing of a double.
const DEEPEST: i32 = 2000;

/// `mantissa·2^exponent`, not negative: products of many factors leave the range of a double.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scaled {
    pub mantissa: f64,
    pub exponent: i32,
}

/// `2^exponent`, 0 far below.
pub(super) fn power(exponent: i32) -> f64 {
    if exponent < -DEEPEST { 0.0 } else { 2.0_f64.powi(exponent) }
}

/// The power of two to take out of a number, 0 unless it is far from 1.
pub(super) fn shift_of(mantissa: f64) -> i32 {
    if mantissa == 0.0 || (1e-60..1e60).contains(&mantissa) { 0 } else { libm::ilogb(mantissa) }
}

impl Scaled {
    pub(super) const ZERO: Self = Self { mantissa: 0.0, exponent: 0 };
    pub(super) const ONE: Self = Self { mantissa: 1.0, exponent: 0 };

    /// Keeps the mantissa near 1.
    pub(super) fn new(mantissa: f64, exponent: i32) -> Self {
        let shift = shift_of(mantissa);
        if shift == 0 {
            return Self { mantissa, exponent };
        }
        Self { mantissa: mantissa * power(-shift), exponent: exponent + shift }
    }

    pub(super) fn times(self, factor: f64) -> Self {
        Self::new(self.mantissa * factor, self.exponent)
    }

    pub(super) fn plus(self, other: Self) -> Self {
        if self.mantissa == 0.0 {
            return other;
        }
        if other.mantissa == 0.0 {
            return self;
        }
        let (large, small) = if self.exponent >= other.exponent { (self, other) } else { (other, self) };
        Self::new(large.mantissa + small.mantissa * power(small.exponent - large.exponent), large.exponent)
    }

    pub(super) fn over(self, other: Self) -> f64 {
        self.mantissa / other.mantissa * power(self.exponent - other.exponent)
    }
}
