//! What a station costs: bounded whatever the number of servers.

use capplan_queueing::queues::{ErlangA, Mg1, Mmc, Mmck, ServiceShape, StationFigures, erlang_c};
use capplan_queueing::units::{ArrivalRate, Erlangs, Probability, Seconds, Servers, ServiceRate};
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

/// Utilizations of the quantile of the sojourn time.
const UTILIZATIONS: [f64; 4] = [0.01, 0.5, 0.99, 0.999_999];

/// The same at other utilizations, with 16 servers.
#[divan::bench(args = UTILIZATIONS)]
fn mmc_p99_at(bencher: Bencher, utilization: f64) {
    let arrivals = ArrivalRate::new(utilization * 16.0).expect("rate");
    let servers = Servers::new(16).expect("count");
    let queue = Mmc::new(arrivals, ServiceRate::new(1.0).expect("rate"), servers).expect("stable");
    let p99 = Probability::new(0.99).expect("probability");
    bencher.bench(|| black_box(queue).sojourn_time_quantile(black_box(p99)));
}

/// A finite queue with as much room to wait as servers: its means.
#[divan::bench(args = COUNTS)]
fn mmck_means(bencher: Bencher, count: u64) {
    let servers = Servers::new(count).expect("count");
    let arrivals = ArrivalRate::new(BUSY * count as f64).expect("rate");
    let rate = ServiceRate::new(1.0).expect("rate");
    bencher.bench(|| {
        let queue = Mmck::new(black_box(arrivals), rate, servers, 2 * count).expect("in the domain");
        (queue.blocking_probability(), queue.waiting_time())
    });
}

/// A quantile of its sojourn time.
#[divan::bench(args = COUNTS)]
fn mmck_p99(bencher: Bencher, count: u64) {
    let servers = Servers::new(count).expect("count");
    let arrivals = ArrivalRate::new(BUSY * count as f64).expect("rate");
    let rate = ServiceRate::new(1.0).expect("rate");
    let queue = Mmck::new(arrivals, rate, servers, 2 * count).expect("in the domain");
    let p99 = Probability::new(0.99).expect("probability");
    bencher.bench(|| black_box(queue).sojourn_time_quantile(black_box(p99)));
}

/// Erlang A at a load of all servers: all figures.
#[divan::bench(args = COUNTS)]
fn erlang_a_means(bencher: Bencher, count: u64) {
    let servers = Servers::new(count).expect("count");
    let arrivals = ArrivalRate::new(count as f64).expect("rate");
    let rate = ServiceRate::new(1.0).expect("rate");
    bencher.bench(|| ErlangA::new(black_box(arrivals), rate, servers, rate));
}

/// The wait of M/G/1 with a constant service, solved and its quantile.
#[divan::bench(args = UTILIZATIONS)]
fn md1_p99(bencher: Bencher, utilization: f64) {
    let arrivals = ArrivalRate::new(utilization).expect("rate");
    let service_time = Seconds::new(1.0).expect("time");
    let p99 = Probability::new(0.99).expect("probability");
    bencher.bench(|| {
        let queue = Mg1::new(black_box(arrivals), service_time, &ServiceShape::Deterministic).expect("stable");
        queue.waiting_time_quantile(p99)
    });
}
