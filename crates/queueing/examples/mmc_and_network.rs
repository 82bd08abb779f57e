//! How waiting grows with utilization at one station, and how a bottleneck stops a network from growing with its users.

use capplan_queueing::Error;
use capplan_queueing::network::{ClosedMethod, ClosedNetwork, StationKind, bounds_closed};
use capplan_queueing::queues::{Mmc, StationFigures};
use capplan_queueing::units::{ArrivalRate, Seconds, Servers, ServiceRate};

/// Mean service of a request at the station, in seconds.
const SERVICE_TIME: f64 = 0.020;
const SERVERS: u64 = 8;

/// Mean time between an answer and the next request of a user, in seconds.
const THINK_TIME: f64 = 4.0;
/// Service demands of a request at CPU, disk and network, in seconds.
const DEMANDS: [f64; 3] = [0.040, 0.100, 0.025];

fn main() -> Result<(), Error> {
    println!("M/M/{SERVERS}, {:.0} ms a request", 1e3 * SERVICE_TIME);
    println!("{:>12} {:>12} {:>10} {:>12}", "utilization", "arrivals/s", "P(wait)", "sojourn ms");
    for utilization in [0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99] {
        let arrival_rate = utilization * SERVERS as f64 / SERVICE_TIME;
        let queue =
            Mmc::new(ArrivalRate::new(arrival_rate)?, ServiceRate::new(1.0 / SERVICE_TIME)?, Servers::new(SERVERS)?)?;
        println!(
            "{utilization:>12.2} {arrival_rate:>12.0} {:>10.4} {:>12.1}",
            queue.wait_probability(),
            1e3 * queue.sojourn_time()
        );
    }

    println!("\nClosed network, think time {THINK_TIME} s, demands {DEMANDS:?} s");
    println!("{:>6} {:>14} {:>14} {:>14}", "users", "throughput/s", "upper bound", "response s");
    for users in [1, 10, 20, 40, 80, 160] {
        let network =
            ClosedNetwork::new(vec![users], vec![THINK_TIME], vec![DEMANDS.to_vec()], vec![StationKind::SINGLE; 3])?;
        let solved = network.solve(ClosedMethod::Exact)?;
        let bounds = bounds_closed(users, Seconds::new(THINK_TIME)?, &DEMANDS)?;
        println!(
            "{users:>6} {:>14.3} {:>14.3} {:>14.3}",
            solved.throughput[0], bounds.asymptotic.throughput_upper, solved.response_times[0]
        );
    }
    let knee = bounds_closed(1, Seconds::new(THINK_TIME)?, &DEMANDS)?;
    println!(
        "From {:.0} users on the disk is the limit: {:.1} requests a second, however many users come.",
        knee.saturation_population, knee.greatest_throughput
    );
    Ok(())
}
