//! What a plan costs: one candidate, one search, one hit ratio.

use capplan::evaluate::{Condition, Prepared, design_arrival_rate, evaluate};
use capplan::model_file::{REFERENCE_MODEL, parse};
use capplan::plan::{Grid, HitRatioGroup, Workspace, search};
use capplan_queueing::cache::{Popularity, lru_hit_ratio};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// Candidates of one measurement.
const CANDIDATES: u32 = 10_000;

/// One full candidate of the reference system (all tiers, shares within every objective after the loss, availability,
/// cost); the claim: at most 2 µs each.
#[divan::bench]
fn candidates(bencher: Bencher) {
    let loaded = parse("web", REFERENCE_MODEL, &[]).expect("no faults");
    let prepared = Prepared::new(&loaded.system).expect("prepared");
    let groups = HitRatioGroup::all(&prepared, design_arrival_rate(&loaded.system)).expect("solved");
    let grid = Grid::new(&prepared, &groups);
    // From where the application tier carries its load.
    let first = grid.points() / 2 + grid.points() / 12;
    let mut workspace = Workspace::default();
    bencher.counter(CANDIDATES).bench_local(|| {
        let mut feasible = 0;
        for number in first..first + u64::from(CANDIDATES) {
            let price = grid.evaluate(number, &mut workspace, |_, _, assessed| assessed.unavailability);
            feasible += u32::from(price.is_some_and(|u| u < 1e-3));
        }
        feasible
    });
}

/// The search of the main job.
#[divan::bench]
fn search_of_the_reference_system(bencher: Bencher) {
    let loaded = parse("web", REFERENCE_MODEL, &[]).expect("no faults");
    let prepared = Prepared::new(&loaded.system).expect("prepared");
    let rate = design_arrival_rate(&loaded.system);
    bencher.bench_local(|| search(&prepared, black_box(rate)));
}

/// A full evaluation with all percentiles.
#[divan::bench]
fn evaluation_of_the_reference_system(bencher: Bencher) {
    let loaded = parse("web", REFERENCE_MODEL, &[]).expect("no faults");
    let prepared = Prepared::new(&loaded.system).expect("prepared");
    let deployment = loaded.system.current_deployment();
    bencher.bench_local(|| evaluate(&prepared, black_box(&deployment), Condition::AllUp));
}

/// The hit ratio over a billion objects; the claim: well under a millisecond.
#[divan::bench(args = [1_000_000, 1_000_000_000])]
fn hit_ratio(bencher: Bencher, objects: u64) {
    let popularity = Popularity::zipf(objects, 0.9).expect("a popularity");
    bencher.bench(|| lru_hit_ratio(black_box(&popularity), black_box(objects as f64 / 100.0)));
}

/// Reading and checking the reference model.
#[divan::bench]
fn model_file() -> usize {
    parse("web", black_box(REFERENCE_MODEL), &[]).map_or(0, |loaded| loaded.defaults.len())
}
