//! What networks cost: exact closed networks, laws of paths.

use capplan_queueing::network::{Branch, ClosedMethod, ClosedNetwork, PathLaw, StationKind, mixed_multiclass};
use capplan_queueing::queues::{Mmc, SojournLaw};
use capplan_queueing::units::{ArrivalRate, Probability, Servers, ServiceRate};
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

/// One class of a million jobs at stations of many servers.
#[divan::bench(args = [1000, 100_000])]
fn closed_exact_million(bencher: Bencher, servers: u64) {
    let stations = [servers, 4].map(|count| StationKind::Servers(Servers::new(count).expect("count")));
    let demands = vec![0.5, 1.0 / servers as f64];
    let network = ClosedNetwork::new(vec![1_000_000], vec![0.0], vec![demands], stations.to_vec()).expect("valid");
    bencher.bench(|| black_box(&network).solve(ClosedMethod::Exact));
}

/// Open and closed classes at stations of several servers.
#[divan::bench]
fn mixed_servers(bencher: Bencher) {
    let stations = vec![StationKind::Servers(Servers::new(8).expect("count")); 4];
    let demands = [vec![0.02, 0.03, 0.01, 0.04], vec![0.01, 0.02, 0.03, 0.02]];
    bencher.bench(|| {
        let (populations, think_times) = (vec![20, 20], vec![1.0, 1.0]);
        let stations = black_box(&stations);
        mixed_multiclass(&[50.0; 2], &demands, populations, think_times, &demands, stations, ClosedMethod::Exact)
    });
}

/// Three classes of 50 jobs at eight single servers; the claim: at most four times [`table_written_once`].
#[divan::bench]
fn multiclass_exact(bencher: Bencher) {
    let network = network(&[50; 3], 8, &StationKind::SINGLE);
    bencher.bench(|| black_box(&network).solve(ClosedMethod::Exact));
}

/// Numbers in the table of that network: 51³ populations by eight queues.
const ENTRIES: u32 = 51 * 51 * 51 * 8;

/// That table, each entry computed and written once, one after the other, to memory that was written before.
#[divan::bench]
fn table_written_once(bencher: Bencher) {
    let mut table = vec![0.0; ENTRIES as usize];
    bencher.bench_local(|| {
        for (entry, index) in table.iter_mut().zip(0..ENTRIES) {
            *entry = black_box(f64::from(index));
        }
        black_box(&mut table);
    });
}

/// The same in memory fresh from the system, as a method that keeps the whole table finds it.
#[divan::bench]
fn table_on_fresh_memory(bencher: Bencher) {
    bencher.bench_local(|| {
        // Beyond what an allocator keeps: 32 MiB.
        let mut table = Vec::with_capacity(8 * ENTRIES as usize);
        table.extend((0..ENTRIES).map(f64::from));
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
