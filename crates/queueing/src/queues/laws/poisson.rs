use crate::numeric::ln_poisson;

use crate::queues::erlang::inverse_blocking;

/// Returns the probability that a Poisson variable is at most `count`.
///
/// # Formula
///
/// `P(N ≤ n) = p(n)/B(n, m)`, since Erlang B is the probability of `n` among those of `0 … n`.
///
/// # Accuracy
///
/// That of Erlang B and of the Poisson probability, some 1e-13, as an absolute error; relative where the value is small.
pub(in crate::queues) fn poisson_cdf(count: u64, mean: f64) -> f64 {
    let inverse = inverse_blocking(count, mean);
    // Past the largest double the mean is far below the count.
    if inverse.is_finite() { (ln_poisson(count as f64, mean).exp() * inverse).min(1.0) } else { 1.0 }
}

/// Returns the probability that a Poisson variable exceeds `count`.
///
/// # Method
///
/// The complement where it is large, else the sum of positive terms `p(n+1)·(1 + m/(n+2) + …)`: small values keep their
/// relative precision.
pub(in crate::queues) fn poisson_tail(count: u64, mean: f64) -> f64 {
    let next = count as f64 + 1.0;
    if mean >= next {
        return 1.0 - poisson_cdf(count, mean);
    }
    let (mut sum, mut term, mut k) = (1.0, 1.0, next);
    while term > 0.1 * f64::EPSILON * sum {
        k += 1.0;
        term *= mean / k;
        sum += term;
    }
    (ln_poisson(next, mean).exp() * sum).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_sum_to_one() {
        for (count, mean) in [(0, 1e-9), (0, 3.0), (5, 2.0), (100, 120.0), (100_000, 100_000.0), (1_000_000, 999_000.0)]
        {
            let sum = poisson_cdf(count, mean) + poisson_tail(count, mean);
            assert!((sum - 1.0).abs() < 1e-12, "{count} {mean}: {sum}");
        }
    }

    #[test]
    fn small_tails_keep_their_digits() {
        // P(N > 3) for mean 1e-9 is m⁴/24·(1 − 4m/5).
        assert!((poisson_tail(3, 1e-9) / (1e-36 / 24.0) - 1.0).abs() < 1e-8);
    }
}
