//! What networks cost: exact closed networks, laws of paths.

use capplan::network::{Branch, ClosedMethod, ClosedNetwork, PathLaw, StationKind};
use capplan::queues::{Mmc, SojournLaw};
use capplan::units::{ArrivalRate, Probability, Servers, ServiceRate};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

fn network(populations: &[u64], stations: usize, kind: &StationKind) -> ClosedNetwork {
    let demands = (0..populations.len())
        .map(|class| (0..stations).map(|station| 0.01 + 0.003 * ((station * 7 + class * 5) % 11) as f64).collect())
        .collect();
    let think_times = vec![1.0; populations.len()];
    ClosedNetwork::new(populations.to_vec(), think_times, demands, vec![kind.clone(); stations]).expect("valid")
}

/// One class, ten single servers; the claim: 1000 jobs in less than 200 µs.
#[divan::bench(args = [100, 1000, 10_000, 1_000_000])]
fn closed_exact(bencher: Bencher, jobs: u64) {
    let network = network(&[jobs], 10, &StationKind::SINGLE);
    bencher.bench(|| black_box(&network).solve(ClosedMethod::Exact));
}

/// One class, ten stations of several servers, by convolution.
#[divan::bench(args = [4, 64])]
fn closed_exact_servers(bencher: Bencher, servers: u64) {
    let network = network(&[1000], 10, &StationKind::Servers(Servers::new(servers).expect("count")));
    bencher.bench(|| black_box(&network).solve(ClosedMethod::Exact));
}

/// Three classes of 50 jobs at eight single servers; the claim: at most five times [`table_written_once`] on a quiet
/// machine.
#[divan::bench]
fn multiclass_exact(bencher: Bencher) {
    let network = network(&[50; 3], 8, &StationKind::SINGLE);
    bencher.bench(|| black_box(&network).solve(ClosedMethod::Exact));
}

/// The table of that network, 51³ populations by eight queues, written once to memory that was written before.
#[divan::bench]
fn table_written_once(bencher: Bencher) {
    bencher.bench(|| {
        let mut table = Vec::with_capacity(51 * 51 * 51 * 8);
        for index in 0..51 * 51 * 51 * 8 {
            table.push(f64::from(index));
        }
        black_box(table)
    });
}

/// Ten classes at a hundred stations, approximately.
#[divan::bench(args = [ClosedMethod::Schweitzer, ClosedMethod::Linearizer])]
fn large_network(bencher: Bencher, method: ClosedMethod) {
    let network = network(&[20; 10], 100, &StationKind::SINGLE);
    bencher.bench(|| black_box(&network).solve(method));
}

fn path() -> PathLaw {
    let laws: Vec<SojournLaw> = (0..6)
        .map(|station| {
            let rate = |value| ServiceRate::new(value).expect("rate");
            let servers = Servers::new(2 + station).expect("count");
            let arrivals = ArrivalRate::new(150.0).expect("rate");
            Mmc::new(arrivals, rate(100.0 + station as f64), servers).expect("stable").sojourn_law()
        })
        .collect();
    PathLaw::new(vec![Branch { probability: 1.0, fixed_time: 0.002, visits: vec![1; 6] }], laws).expect("valid")
}

/// The 99th percentile of a path through six stations; the claim: less than 20 µs.
#[divan::bench]
fn path_p99(bencher: Bencher) {
    let path = path();
    let p99 = Probability::new(0.99).expect("probability");
    bencher.bench(|| black_box(&path).quantile(black_box(p99)));
}

/// `P(T ≤ t)` of that path, transforms included.
#[divan::bench]
fn path_cdf(bencher: Bencher) {
    let path = path();
    bencher.bench(|| black_box(&path).cdf(black_box(0.1)));
}
