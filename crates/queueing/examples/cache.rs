//! What memory buys: hit ratio over the size of a cache, how long a restart hurts, and what that means for the database.

use capplan_queueing::Error;
use capplan_queueing::cache::{Policy, Popularity, WarmUp, hit_bounds, hit_ratio, least_capacity};
use capplan_queueing::units::Probability;

const OBJECTS: u64 = 1_000_000;
/// Look-ups a second, by which times in requests become seconds.
const REQUEST_RATE: f64 = 5000.0;

fn main() -> Result<(), Error> {
    let popularity = Popularity::zipf(OBJECTS, 0.9)?;
    println!("{OBJECTS} objects by Zipf's law of exponent 0.9, {REQUEST_RATE} look-ups a second");
    println!("{:>10} {:>8} {:>8} {:>8} {:>12} {:>10}", "capacity", "LRU", "FIFO", "best", "misses/s", "full after");
    for share in [0.001, 0.01, 0.05, 0.1, 0.25, 0.5] {
        let capacity = share * OBJECTS as f64;
        let lru = hit_ratio(&popularity, capacity, Policy::Lru)?;
        let fifo = hit_ratio(&popularity, capacity, Policy::Fifo)?;
        let best = hit_bounds(&popularity, capacity)?.static_optimum;
        let warm_up = WarmUp::new(popularity.clone(), capacity)?;
        let full = warm_up
            .requests_until_full()
            .map_or_else(|| "never".to_owned(), |requests| format!("{:.0} s", requests / REQUEST_RATE));
        println!(
            "{capacity:>10.0} {:>8.4} {:>8.4} {best:>8.4} {:>12.0} {full:>10}",
            lru.hit_ratio,
            fifo.hit_ratio,
            REQUEST_RATE * lru.miss_ratio
        );
    }
    for target in [0.8, 0.9, 0.95] {
        let objects = least_capacity(&popularity, Probability::new(target)?)?;
        println!("{:.0} % hits need {objects:.0} objects in memory", 100.0 * target);
    }
    Ok(())
}
