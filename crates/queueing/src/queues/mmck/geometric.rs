/// Sums over the powers of a ratio `q ≤ 1`, known also by its logarithm and by `1 − q`, so that nothing loses digits near
/// 0 or 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::queues) struct Geometric {
    /// `q`.
    pub ratio: f64,
    /// `ln q ≤ 0`.
    pub ln_ratio: f64,
    /// `1 − q ≥ 0`.
    pub gap: f64,
}

impl Geometric {
    /// The powers of `smaller/larger`, of two positive numbers of which the first is not the larger.
    pub fn of(smaller: f64, larger: f64) -> Self {
        let gap = (larger - smaller) / larger;
        let ln_ratio = if gap < 0.5 { (-gap).ln_1p() } else { (smaller / larger).ln() };
        Self { ratio: smaller / larger, ln_ratio, gap }
    }

    /// `qⁿ`.
    pub fn power(&self, n: f64) -> f64 {
        if n == 0.0 { 1.0 } else { (n * self.ln_ratio).exp() }
    }

    /// `1 + q + … + q^(n−1) = (1 − qⁿ)/(1 − q)`.
    pub fn sum(&self, n: f64) -> f64 {
        if self.gap == 0.0 { n } else { -(n * self.ln_ratio).exp_m1() / self.gap }
    }

    /// `0 + 1·q + … + (n−1)·q^(n−1)`.
    ///
    /// By doubling, `S_2k = S_k + q^k·(S_k + k·G_k)` with `G` the plain sum: all terms are positive, where the closed form
    /// cancels near `q = 1`.
    pub fn moment(&self, n: u64) -> f64 {
        let (mut plain, mut moment) = (0.0, 0.0);
        let mut count = 0_u64;
        for bit in (0..u64::BITS - n.leading_zeros()).rev() {
            let power = self.power(count as f64);
            moment += power * (moment + count as f64 * plain);
            plain += power * plain;
            count *= 2;
            if n >> bit & 1 == 1 {
                let power = self.power(count as f64);
                moment += count as f64 * power;
                plain += power;
                count += 1;
            }
        }
        moment
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_terms() {
        for (smaller, larger) in [(1.0, 1.0), (0.999_999, 1.0), (0.3, 1.0), (1e-9, 1.0)] {
            let powers = Geometric::of(smaller, larger);
            for n in [0_u32, 1, 2, 7, 100, 1000] {
                let ratio: f64 = smaller / larger;
                let plain: f64 = (0..n).map(|j| ratio.powi(j.try_into().expect("small"))).sum();
                let moment: f64 = (0..n).map(|j| f64::from(j) * ratio.powi(j.try_into().expect("small"))).sum();
                assert!((powers.sum(f64::from(n)) - plain).abs() <= 1e-13 * plain, "{ratio} {n}");
                assert!((powers.moment(u64::from(n)) - moment).abs() <= 1e-13 * moment, "{ratio} {n}");
            }
        }
    }
}
