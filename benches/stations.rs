//! What a station costs: bounded whatever the number of servers.

use capplan::queues::{Mmc, erlang_c};
use capplan::units::{ArrivalRate, Erlangs, Probability, Servers, ServiceRate};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// Utilization of every station here.
const BUSY: f64 = 0.9;

const COUNTS: [u64; 6] = [1, 10, 63, 1000, 100_000, 1_000_000];

/// Erlang C alone.
#[divan::bench(args = COUNTS)]
fn erlang_c_of(bencher: Bencher, count: u64) {
    let servers = Servers::new(count).expect("count");
    let load = Erlangs::new(BUSY * count as f64).expect("load");
    bencher.bench(|| erlang_c(black_box(servers), black_box(load)));
}

/// The queue with all its means; the claim: a million servers cost at most 20 times what 10 do.
#[divan::bench(args = COUNTS)]
fn mmc_means(bencher: Bencher, count: u64) {
    let servers = Servers::new(count).expect("count");
    let arrivals = ArrivalRate::new(BUSY * count as f64).expect("rate");
    let rate = ServiceRate::new(1.0).expect("rate");
    bencher.bench(|| {
        let queue = Mmc::new(black_box(arrivals), black_box(rate), black_box(servers)).expect("stable");
        (queue.waiting_time(), queue.sojourn_time(), queue.mean_in_queue(), queue.mean_in_system())
    });
}

/// A quantile of the sojourn time.
#[divan::bench(args = COUNTS)]
fn mmc_p99(bencher: Bencher, count: u64) {
    let servers = Servers::new(count).expect("count");
    let arrivals = ArrivalRate::new(BUSY * count as f64).expect("rate");
    let queue = Mmc::new(arrivals, ServiceRate::new(1.0).expect("rate"), servers).expect("stable");
    let p99 = Probability::new(0.99).expect("probability");
    bencher.bench(|| black_box(queue).sojourn_time_quantile(black_box(p99)));
}
