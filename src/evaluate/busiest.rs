use crate::model::{Choice, Fleet, Sticky, ZoneTraffic};
use capplan_queueing::queues::StickySessions;
use capplan_queueing::units::Servers;

use super::Survivors;

/// The most loaded part of a fleet, as a fleet of equal instances.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Busiest {
    /// Requests per second to it.
    pub rate: f64,
    /// Its instances.
    pub instances: u32,
}

impl Busiest {
    /// The whole fleet, if any instance serves any request; else the zone with the fewest instances, and in it as if
    /// every instance had the load of the one with the most sessions.
    ///
    /// # Method
    ///
    /// Zones that have instances get equal shares of the requests. Instances are spread evenly, so that the zone with
    /// the fewest has `⌊n/z⌋`. The busiest instance's load is that of [`StickySessions`].
    pub fn new(fleet: &Fleet, left: Survivors, rate: f64) -> Self {
        let zones = match fleet.zone_traffic {
            ZoneTraffic::Kept => left.zones.min(left.serving).max(1),
            ZoneTraffic::Crossed => 1,
        };
        let instances = left.serving / zones;
        let factor = fleet.sticky.map_or(1.0, |sticky| {
            // A zone has its share of the sessions, too.
            let sessions = (sticky.sessions / u64::from(zones)).max(1);
            busiest_over_mean(Sticky { sessions, ..sticky }, u64::from(instances))
        });
        Self { rate: rate / f64::from(zones) * factor, instances }
    }
}

fn busiest_over_mean(sticky: Sticky, instances: u64) -> f64 {
    let spread =
        Servers::new(instances).ok().map(|servers| StickySessions::new(sticky.sessions, servers, sticky.rate_scv));
    spread.and_then(Result::ok).map_or(1.0, |spread| spread.busiest_over_mean)
}

/// Least number of instances of which the one with the most sessions has a steady state, when `load` instances' worth of
/// work arrives and `even` would do without sessions.
fn least_with_sessions(sticky: Sticky, load: f64, even: u64) -> u64 {
    /// A fleet this many times the even one that is still overloaded is one session too heavy for an instance.
    const ENOUGH: u64 = 64;
    let stable = |count: u64| load / count as f64 * busiest_over_mean(sticky, count) < 1.0;
    let (mut low, mut high) = (even, even);
    while !stable(high) {
        if high >= even.saturating_mul(ENOUGH) {
            return high;
        }
        low = high + 1;
        high = high.saturating_mul(2);
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if stable(middle) { high = middle } else { low = middle + 1 }
    }
    high
}

/// Least number of serving instances of a type that carries a flow: utilization below 1.
pub(super) fn least_instances(fleet: &Fleet, choice: Choice, rate: f64) -> u64 {
    let kind = &fleet.types[choice.instance_type];
    let load = rate * fleet.service_time.get() / kind.speed / kind.servers.get() as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive float; saturates")]
    let count = load.floor() as u64;
    let even = count.saturating_add(1);
    match fleet.sticky {
        Some(sticky) => least_with_sessions(sticky, load, even),
        None => even,
    }
}
