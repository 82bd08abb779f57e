use crate::model::{Billing, CloudNetwork, Resource, System};
use capplan_queueing::units::{HOURS_PER_MONTH, Price};

const BYTES_PER_GB: f64 = 1e9;
const SECONDS_PER_HOUR: f64 = 3_600.0;
const MAX_USD_PER_HOUR: f64 = 1e10;

/// Data to the internet by volume: the first so many GB of a month at a price each (AWS EC2 on-demand pricing page, data
/// transfer, us-east-1), the last tier without end.
const INTERNET_TIERS: [(f64, f64); 4] = [(10_000.0, 0.09), (40_000.0, 0.085), (100_000.0, 0.07), (f64::INFINITY, 0.05)];

/// Cost of data transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkCost {
    /// Data that crosses zones between tiers.
    pub across_zones: Price,
    /// NAT gateways and the data through them.
    pub nat: Price,
    /// Data to the internet.
    pub internet: Price,
}

impl NetworkCost {
    /// The whole.
    pub fn total(&self) -> Price {
        [self.across_zones, self.nat, self.internet].into_iter().sum()
    }
}

/// Cost of data transfer at a load; `None` where the model leaves it out.
///
/// # Formula
///
/// ```text
/// across zones = Σ_fleets visits·bytes·share·price,   NAT = zones·gateway + λ·bytes·price,   internet = tiers(λ·bytes)
/// ```
///
/// with `visits[i]` visits per second to tier `i` and `λ` = `arrival_rate` requests per second.
pub fn network_cost(system: &System, arrival_rate: f64, visits: &[f64]) -> Option<NetworkCost> {
    let network = system.network();
    if network.billing == Billing::LeftOut {
        return None;
    }
    let between: f64 = system
        .tiers()
        .iter()
        .zip(visits)
        .filter(|(tier, _)| matches!(tier.resource, Resource::Fleet(_)))
        .map(|(tier, visits)| visits * tier.bytes_per_visit.get())
        .sum();
    let zones = u64::from(system.region().zones);
    let nat = network.nat.map_or(Price::ZERO, |nat| {
        nat.price.times(zones) + hourly(gb_per_hour(arrival_rate * nat.size.get()) * nat.usd_per_gb)
    });
    Some(NetworkCost {
        across_zones: hourly(gb_per_hour(between * network.cross_zone_share.get()) * network.usd_per_gb_across_zones),
        nat,
        internet: internet(network, gb_per_hour(arrival_rate * network.response_size.get())),
    })
}

fn gb_per_hour(bytes_per_second: f64) -> f64 {
    bytes_per_second * SECONDS_PER_HOUR / BYTES_PER_GB
}

/// A price, the largest there is where it would be more.
fn hourly(usd: f64) -> Price {
    Price::usd_per_hour(usd.min(MAX_USD_PER_HOUR)).unwrap_or(Price::ZERO)
}

fn internet(network: &CloudNetwork, gb_per_hour: f64) -> Price {
    let hours = HOURS_PER_MONTH as f64;
    match network.usd_per_gb_to_internet {
        Some(price) => hourly(gb_per_hour * price),
        None => hourly(by_volume(gb_per_hour * hours) / hours),
    }
}

/// US dollars for a month with so many GB to the internet.
fn by_volume(gb: f64) -> f64 {
    let mut rest = gb;
    let mut usd = 0.0;
    for (size, price) in INTERNET_TIERS {
        let part = rest.min(size);
        usd += part * price;
        rest -= part;
    }
    usd
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_gigabytes_are_the_dearest() {
        assert_eq!(by_volume(1_000.0), 90.0);
        assert_eq!(by_volume(10_000.0), 900.0);
        assert_eq!(by_volume(50_000.0), 900.0 + 3_400.0);
        assert_eq!(by_volume(150_000.0), 900.0 + 3_400.0 + 7_000.0);
        assert_eq!(by_volume(250_000.0), 900.0 + 3_400.0 + 7_000.0 + 5_000.0);
    }

    #[test]
    fn a_price_beyond_all_prices_is_the_largest() {
        assert_eq!(hourly(f64::MAX).nano_usd_per_hour(), 10_000_000_000_000_000_000);
    }
}
