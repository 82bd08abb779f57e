//! The two functions out of which [Loader00](crate::references#loader00) builds binomial and Poisson probabilities
//! without the cancellation of a difference of log-factorials.

/// Returns `x ln(x/m) + m − x` for `x ≥ 0` and `m > 0`, from its series where `x` is close to `m` and the terms would
/// cancel.
pub fn deviance(x: f64, m: f64) -> f64 {
    let v = (x - m) / (x + m);
    if v.abs() < 0.1 {
        let mut sum = (x - m) * v;
        let mut power = 2.0 * x * v;
        let mut odd = 1.0;
        loop {
            power *= v * v;
            odd += 2.0;
            let next = sum + power / odd;
            if next == sum {
                return sum;
            }
            sum = next;
        }
    }
    x * (x / m).ln() + m - x
}

/// Returns `ln n! − ln(√(2πn) (n/e)^n)`, for `n ≥ 1`: a table, then the Stirling series.
pub fn stirling_error(n: u64) -> f64 {
    const TABLE: [f64; 15] = [
        0.081_061_466_795_327_26,
        0.041_340_695_955_409_3,
        0.027_677_925_684_998_34,
        0.020_790_672_103_765_093,
        0.016_644_691_189_821_193,
        0.013_876_128_823_070_748,
        0.011_896_709_945_891_77,
        0.010_411_265_261_972_096,
        0.009_255_462_182_712_733,
        0.008_330_563_433_362_87,
        0.007_573_675_487_951_841,
        0.006_942_840_107_209_53,
        0.006_408_994_188_004_207,
        0.005_951_370_112_758_848,
        0.005_554_733_551_962_801,
    ];
    let entry = usize::try_from(n).ok().and_then(|n| n.checked_sub(1)).and_then(|index| TABLE.get(index));
    if let Some(&error) = entry {
        return error;
    }
    let x = n as f64;
    let y = 1.0 / (x * x);
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0 - y / 1188.0) * y) * y) * y) / x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_of_the_deviance_meets_its_logarithm() {
        // v = 0.1 is where the forms change: x/m = 11/9.
        let (below, above) = (deviance(11.0 - 1e-9, 9.0), deviance(11.0 + 1e-9, 9.0));
        assert!((below / above - 1.0).abs() < 2e-9);
        assert_eq!(deviance(5.0, 5.0), 0.0);
    }

    #[test]
    fn the_stirling_series_meets_its_table() {
        let n = 16.0_f64;
        let exact: f64 = (1..=16_u32).map(|k| f64::from(k).ln()).sum::<f64>()
            - (0.5 * (std::f64::consts::TAU * n).ln() + n * n.ln() - n);
        assert!((stirling_error(16) - exact).abs() < 1e-13);
    }
}
