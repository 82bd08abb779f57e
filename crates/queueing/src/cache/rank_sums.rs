/// Up to this rank sums are taken term by term; beyond it three terms of Euler–Maclaurin are exact to 1e-13.
const DIRECT: u64 = 2048;

/// Up to so many ranks are summed term by term wherever they are: the closed forms would cancel.
const FEW: u64 = 64;

/// Sums over ranks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LnRanks {
    /// `Σ ln i`.
    pub(super) first: f64,
    /// `Σ (ln i)²`.
    pub(super) second: f64,
}

/// Returns `Σ ln i` and `Σ (ln i)²` over the ranks `after < i ≤ to`.
pub(super) fn ln_ranks(after: u64, to: u64) -> LnRanks {
    let first = |x: f64| x * x.ln() - x;
    let second = |x: f64| x * (x.ln() * (x.ln() - 2.0) + 2.0);
    LnRanks {
        first: sum(after, to, f64::ln, |a, b| first(b) - first(a), |x| 1.0 / x),
        second: sum(after, to, |x| x.ln() * x.ln(), |a, b| second(b) - second(a), |x| 2.0 * x.ln() / x),
    }
}

/// Returns `Σ i^−α` over the ranks `after < i ≤ to`.
pub(super) fn powers(after: u64, to: u64, alpha: f64) -> f64 {
    let integral = |a: f64, b: f64| {
        let growth = (b / a).ln();
        let scaled = (1.0 - alpha) * growth;
        let mean = if scaled == 0.0 { 1.0 } else { scaled.exp_m1() / scaled };
        a.powf(1.0 - alpha) * growth * mean
    };
    sum(after, to, |x| x.powf(-alpha), integral, |x| -alpha * x.powf(-alpha - 1.0))
}

/// `Σ f(i) ≈ ∫_{after+½}^{to+½} f − (f′(to + ½) − f′(after + ½))/24` beyond the ranks summed one by one.
fn sum(
    after: u64,
    to: u64,
    term: impl Fn(f64) -> f64,
    integral: impl Fn(f64, f64) -> f64,
    slope: impl Fn(f64) -> f64,
) -> f64 {
    let one_by_one = |after: u64, to: u64| (after + 1..=to).map(|rank| term(rank as f64)).sum::<f64>();
    if to <= DIRECT || to - after.min(to) <= FEW {
        return one_by_one(after, to);
    }
    let from = after.max(DIRECT);
    let (a, b) = (from as f64 + 0.5, to as f64 + 0.5);
    one_by_one(after, from) + integral(a, b) - (slope(b) - slope(a)) / 24.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_forms_are_the_sums() {
        for (after, to) in [(0, 5000), (1000, 9000), (2048, 2200), (50_000, 90_000), (7, 7), (0, 1)] {
            let direct = |f: fn(f64) -> f64| (after + 1..=to).map(|rank| f(rank as f64)).sum::<f64>();
            let close = |got: f64, want: f64| (got - want).abs() <= 1e-11 * want.abs();
            assert!(close(ln_ranks(after, to).first, direct(f64::ln)));
            assert!(close(ln_ranks(after, to).second, direct(|x| x.ln() * x.ln())));
            assert!(close(powers(after, to, 0.9), direct(|x| x.powf(-0.9))));
            assert!(close(powers(after, to, 1.0), direct(|x| 1.0 / x)));
            assert!(close(powers(after, to, 0.0), direct(|_| 1.0)));
            assert!(close(powers(after, to, 2.5), direct(|x| x.powf(-2.5))));
        }
    }
}
