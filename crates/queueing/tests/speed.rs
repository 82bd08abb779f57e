//! Claims about cost, as ratios within one run: what must not grow does not.

use std::hint::black_box;
use std::time::{Duration, Instant};

use capplan_queueing::queues::{Mmc, StationFigures, erlang_c};
use capplan_queueing::units::{ArrivalRate, Erlangs, Servers, ServiceRate};

/// The least of several runs: what the code costs when nothing else disturbs it.
fn cost(mut run: impl FnMut()) -> Duration {
    (0..15)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..400 {
                run();
            }
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

/// At 95 % of a million servers nobody waits who can be counted in doubles: the load is nearer.
fn erlang_c_at(servers: u64) -> f64 {
    let load = 0.999 * servers as f64;
    erlang_c(Servers::new(servers).expect("servers"), Erlangs::new(load).expect("a load")).expect("stable").get()
}

fn means_at(servers: u64) -> f64 {
    let arrival_rate = ArrivalRate::new(0.95 * servers as f64).expect("a rate");
    let service_rate = ServiceRate::new(1.0).expect("a rate");
    let queue = Mmc::new(arrival_rate, service_rate, Servers::new(servers).expect("servers")).expect("stable");
    queue.mean_in_queue() + queue.mean_in_system() + queue.waiting_time() + queue.sojourn_time()
}

#[test]
fn a_million_servers_cost_at_most_twenty_times_ten() {
    for (name, at) in [("Erlang C", erlang_c_at as fn(u64) -> f64), ("the means of M/M/c", means_at)] {
        let few = cost(|| {
            black_box(at(black_box(10)));
        });
        let many = cost(|| {
            black_box(at(black_box(1_000_000)));
        });
        let ratio = many.as_secs_f64() / few.as_secs_f64();
        assert!(ratio <= 20.0, "{name}: {ratio}");
    }
}
