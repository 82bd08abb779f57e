use crate::numeric::try_find_root;

use super::access_histogram::Counted;
use super::rank_sums::{ln_ranks, powers};
use super::{AccessHistogram, CacheError, MAX_EXPONENT, Zipf};

/// A Zipf law fitted to a histogram, and how well it fits.
#[derive(Debug, Clone, PartialEq)]
pub struct ZipfFit {
    /// The law, of as many objects as the histogram has.
    pub law: Zipf,
    /// Standard error of the exponent by the number of requests alone.
    pub standard_error: f64,
    /// Share of the variance of the logarithms of the counts that the law explains, each object weighted by its
    /// requests; `None` if all counts are the same and there is nothing to explain.
    pub r_squared: Option<f64>,
    /// Largest difference between the histogram's and the law's share of the `k` most popular objects, over all `k`
    /// (Kolmogorov–Smirnov distance).
    pub ks_distance: f64,
}

/// Fits Zipf's law to the ranks of a histogram by maximum likelihood.
///
/// # Formula
///
/// With the objects ranked by their counts `c_i`, `α` is the root of
///
/// ```text
/// Σ c_i ln i / Σ c_i = Σ i^−α ln i / Σ i^−α,   standard error = 1/√(Σ c_i · Var_α(ln i))
/// ```
///
/// # Method
///
/// Bracketed search over exponents from 0 to [`MAX_EXPONENT`]. Objects with the same count are taken together, so the
/// cost grows with the different counts, not with the objects.
///
/// # Accuracy
///
/// The likelihood's root to 1e-12. Ranks are the sample's own, so that chance orders objects with few requests: against
/// simulated Zipf traces (exponents 0.7 to 1.2, 3 to 100 requests an object) the exponent came out 0.002 too high to
/// 0.015 too low, several standard errors where most objects are asked for once or twice. `KS` and `R²` say whether the
/// traffic is a Zipf law at all: beyond some 0.05 use the histogram itself.
///
/// # Special cases
///
/// Equal counts: `α = 0`.
///
/// # Errors
///
/// [`CacheError::OutOfDomain`] for a single object, or a histogram steeper than any exponent up to [`MAX_EXPONENT`].
///
/// # References
///
/// [Clauset09](crate::references#clauset09).
///
/// # Examples
///
/// ```
/// use capplan_queueing::cache::{AccessHistogram, fit_zipf};
///
/// let counts: Vec<f64> = (1..=1000_u32).map(|rank| (1e6 * f64::from(rank).powf(-0.8)).round()).collect();
/// let fit = fit_zipf(&AccessHistogram::from_counts(&counts)?)?;
/// assert!((fit.law.exponent() - 0.8).abs() < 1e-4);
/// # Ok::<(), capplan_queueing::cache::CacheError>(())
/// ```
pub fn fit_zipf(histogram: &AccessHistogram) -> Result<ZipfFit, CacheError> {
    const TOLERANCE: f64 = 1e-14;
    let objects = histogram.objects();
    if objects < 2 {
        return Err(CacheError::OutOfDomain {
            what: "number of objects",
            value: objects as f64,
            domain: "at least 2, which an exponent needs",
        });
    }
    let mean = mean_ln_rank(histogram);
    let law_mean = |exponent| Zipf::new(objects, exponent).map(|law| law.ln_rank().mean);
    let flat = law_mean(0.0)?;
    // Falling counts cannot have their mean behind that of equal ones; rounding may say so.
    let exponent = if mean >= flat * (1.0 - TOLERANCE) {
        0.0
    } else {
        if mean < law_mean(MAX_EXPONENT)? {
            let hottest = histogram.groups().first().map_or(0.0, |group| group.accesses) / histogram.accesses();
            return Err(CacheError::OutOfDomain {
                what: "share of requests for the most popular object",
                value: hottest,
                domain: "that of a Zipf law with an exponent of at most 10; use the histogram itself",
            });
        }
        try_find_root(|exponent| law_mean(exponent).map(|found| found - mean), 0.0, MAX_EXPONENT, TOLERANCE)?
    };
    let law = Zipf::new(objects, exponent)?;
    let standard_error = 1.0 / (histogram.accesses() * law.ln_rank().variance).sqrt();
    let (r_squared, ks_distance) = (r_squared(histogram, &law), ks_distance(histogram, &law));
    Ok(ZipfFit { law, standard_error, r_squared, ks_distance })
}

/// The groups with the ranks before each.
fn ranked(histogram: &AccessHistogram) -> impl Iterator<Item = (u64, &Counted)> {
    histogram.groups().iter().scan(0_u64, |rank, group| {
        let before = *rank;
        *rank += group.objects;
        Some((before, group))
    })
}

fn mean_ln_rank(histogram: &AccessHistogram) -> f64 {
    let weighted = |(before, group): (u64, &Counted)| group.accesses * ln_ranks(before, before + group.objects).first;
    ranked(histogram).map(weighted).sum::<f64>() / histogram.accesses()
}

fn r_squared(histogram: &AccessHistogram, law: &Zipf) -> Option<f64> {
    let total = histogram.accesses();
    let weighted = |f: &dyn Fn(f64) -> f64| -> f64 {
        let term = |group: &Counted| group.accesses * group.objects as f64 * f(group.accesses.ln());
        histogram.groups().iter().map(term).sum::<f64>() / total
    };
    let mean = weighted(&|ln| ln);
    let variance = weighted(&|ln| (ln - mean) * (ln - mean));
    let unexplained: f64 = ranked(histogram)
        .map(|(before, group)| {
            // ln c − ln ĉ_i = a + α ln i
            let a = (group.accesses / total).ln() + law.harmonic_number().ln();
            let sums = ln_ranks(before, before + group.objects);
            let count = group.objects as f64;
            let square = law.exponent() * (2.0 * a * sums.first + law.exponent() * sums.second);
            group.accesses * a.mul_add(a * count, square).max(0.0)
        })
        .sum();
    (histogram.groups().len() > 1 && variance > 0.0).then(|| 1.0 - unexplained / total / variance)
}

fn ks_distance(histogram: &AccessHistogram, law: &Zipf) -> f64 {
    let (total, alpha, scale) = (histogram.accesses(), law.exponent(), law.harmonic_number());
    let (mut counted, mut modelled, mut largest) = (0.0, 0.0, 0.0_f64);
    for (before, group) in ranked(histogram) {
        let share = group.accesses / total;
        // Within a group the histogram rises evenly and the law ever slower: their distance turns where the law's rise
        // is the group's.
        let turn = (share * scale).powf(-1.0 / alpha);
        let (first, last) = (before as f64, (before + group.objects) as f64);
        if turn > first && turn < last {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two ranks")]
            let turn = turn as u64;
            let there = modelled + powers(before, turn, alpha) / scale;
            largest = largest.max((counted + share * (turn - before) as f64 - there).abs());
        }
        counted += share * group.objects as f64;
        modelled += powers(before, before + group.objects, alpha) / scale;
        largest = largest.max((counted - modelled).abs());
    }
    largest.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fitted(counts: &[f64]) -> ZipfFit {
        fit_zipf(&AccessHistogram::from_counts(counts).expect("counts")).expect("a fit")
    }

    fn exact(objects: u32, exponent: f64) -> Vec<f64> {
        (1..=objects).map(|rank| 1e9 * f64::from(rank).powf(-exponent)).collect()
    }

    #[test]
    fn a_law_finds_itself() {
        for exponent in [0.2, 0.9, 1.0, 1.7, 4.0] {
            let fit = fitted(&exact(3000, exponent));
            assert!((fit.law.exponent() - exponent).abs() < 1e-9, "{fit:?}");
            assert!(fit.ks_distance < 1e-9);
            assert!((fit.r_squared.expect("unequal") - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn equal_counts_have_no_slope() {
        let fit = fitted(&[5.0; 2000]);
        assert_eq!((fit.law.exponent(), fit.r_squared), (0.0, None));
        assert!(fit.ks_distance < 1e-12);
        let paired = fit_zipf(&AccessHistogram::from_pairs(&[[5.0, 1e9]]).expect("pairs")).expect("a fit");
        assert_eq!(paired.law.exponent(), 0.0);
    }

    #[test]
    fn two_objects_by_hand() {
        // Shares ¾ and ¼: 2^−α = ⅓.
        let fit = fitted(&[3.0, 1.0]);
        assert!((fit.law.exponent() - 3.0_f64.log2()).abs() < 1e-12);
        let variance = 0.75 * 0.25 * 2.0_f64.ln().powi(2);
        assert!((fit.standard_error - 1.0 / (4.0 * variance).sqrt()).abs() < 1e-12);
    }

    /// A cliff: one hundred objects with half of the requests, ten thousand with the other half.
    #[test]
    fn what_is_no_law_is_told_by_its_distance() {
        let fit = fit_zipf(&AccessHistogram::from_pairs(&[[1e4, 100.0], [100.0, 1e4]]).expect("pairs")).expect("a fit");
        let spread: Vec<f64> = [vec![1e4; 100], vec![100.0; 10_000]].concat();
        let direct = fitted(&spread);
        assert!((fit.law.exponent() - direct.law.exponent()).abs() < 1e-12);
        assert!(fit.ks_distance > 0.1 && (fit.ks_distance - direct.ks_distance).abs() < 1e-12);
        // By hand: the largest of all ranks.
        let (mut counted, mut largest) = (0.0, 0.0_f64);
        for (index, count) in spread.iter().enumerate() {
            counted += count / 2e6;
            largest = largest.max((counted - fit.law.top_share(index as u64 + 1)).abs());
        }
        assert!((fit.ks_distance - largest).abs() < 1e-9, "{} {largest}", fit.ks_distance);
    }

    /// 60,000 requests to 5,000 objects, drawn by Knuth's MMIX congruence.
    #[test]
    fn a_drawn_trace_gives_its_exponent_back() {
        let law = Zipf::new(5000, 0.9).expect("a law");
        let shares: Vec<f64> = (1..=5000).map(|count| law.top_share(count)).collect();
        let mut counts = vec![0.0; 5000];
        let mut state = 5_u64;
        for _ in 0..60_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let draw = (state >> 11) as f64 / 2.0_f64.powi(53);
            counts[shares.partition_point(|&share| share <= draw).min(4999)] += 1.0;
        }
        let fit = fitted(&counts);
        assert!((fit.law.exponent() - 0.9).abs() < 0.01, "{fit:?}");
        assert!(fit.ks_distance < 0.02 && fit.r_squared.expect("unequal") > 0.98);
        assert!(fit.standard_error > 0.0005 && fit.standard_error < 0.005);
    }

    #[test]
    fn what_has_no_exponent_is_refused() {
        let message = |counts: &[f64]| {
            fit_zipf(&AccessHistogram::from_counts(counts).expect("counts")).expect_err("refused").to_string()
        };
        assert_eq!(message(&[7.0]), "number of objects of 1 is not at least 2, which an exponent needs");
        assert_eq!(
            message(&[4095.0, 1.0]),
            "share of requests for the most popular object of 0.999755859375 is not that of a Zipf law with an exponent of \
             at most 10; use the histogram itself"
        );
    }

    proptest! {
        #[test]
        fn any_counts_have_a_sound_fit(counts in prop::collection::vec(1.0..1e6_f64, 2..300)) {
            let fit = fitted(&counts);
            prop_assert!((0.0..=MAX_EXPONENT).contains(&fit.law.exponent()));
            prop_assert!((0.0..=1.0).contains(&fit.ks_distance));
            prop_assert!(fit.standard_error > 0.0 && fit.standard_error.is_finite());
            prop_assert!(fit.r_squared.is_none_or(|share| share <= 1.0));
        }
    }
}
