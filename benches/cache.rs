//! What a hit ratio costs: bounded whatever the number of objects.

use std::fmt::Write;

use capplan::model_file::read_histogram;
use capplan_queueing::cache::{AccessHistogram, Popularity, fit_zipf, hit_ratio_curve, least_capacity, lru_hit_ratio};
use capplan_queueing::units::Probability;
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

const OBJECTS: [u64; 4] = [1000, 1_000_000, 1_000_000_000, 1_000_000_000_000];

fn zipf(objects: u64) -> Popularity {
    Popularity::zipf(objects, 0.9).expect("a law")
}

/// One hit ratio with its law; the claim: a billion objects take below a millisecond.
#[divan::bench(args = OBJECTS)]
fn hit_ratio_of(bencher: Bencher, objects: u64) {
    bencher.bench(|| lru_hit_ratio(&zipf(black_box(objects)), 0.05 * objects as f64));
}

/// One hundred hit ratios; the claim: a billion objects take below 20 milliseconds.
#[divan::bench(args = OBJECTS)]
fn curve_of_a_hundred(bencher: Bencher, objects: u64) {
    let capacities: Vec<f64> = (1..=100).map(|step| f64::from(step) / 101.0 * objects as f64).collect();
    bencher.bench(|| hit_ratio_curve(&zipf(black_box(objects)), black_box(&capacities)));
}

/// The memory for a hit ratio.
#[divan::bench(args = OBJECTS)]
fn least_capacity_of(bencher: Bencher, objects: u64) {
    let (popularity, target) = (zipf(objects), Probability::new(0.8).expect("ratio"));
    bencher.bench(|| least_capacity(black_box(&popularity), target));
}

/// A million rows of `object,count`; the claim: read and fitted in half a second.
#[divan::bench(sample_count = 10)]
fn a_million_rows_read_and_fitted(bencher: Bencher) {
    let count = |rank: u32| (1e7 * f64::from(rank).powf(-0.9)).ceil();
    let text = (1..=1_000_000_u32).fold(String::from("object,count\n"), |mut text, rank| {
        writeln!(text, "object-{rank},{}", count(rank)).expect("a string takes it");
        text
    });
    bencher.bench(|| {
        let counts = read_histogram(black_box(text.as_bytes())).expect("a histogram");
        fit_zipf(&AccessHistogram::from_counts(&counts).expect("counts")).expect("a fit")
    });
}

/// The same with a million different counts, the worst case of a fit.
#[divan::bench(sample_count = 10)]
fn a_million_different_counts_fitted(bencher: Bencher) {
    let counts: Vec<f64> = (1..=1_000_000_u32).map(|rank| 1e9 * f64::from(rank).powf(-0.9)).collect();
    bencher.bench(|| fit_zipf(&AccessHistogram::from_counts(black_box(&counts)).expect("counts")).expect("a fit"));
}
