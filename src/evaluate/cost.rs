use crate::model::{Choice, Fleet, FleetRole, Resource, Standby, Tier, UsagePricing};
use capplan_queueing::units::Price;

/// Seconds in a month of 730 hours, in millions: visits per second to million visits an hour is `0.0036`.
const MILLION_VISITS_PER_HOUR: f64 = 3600.0 / 1e6;
/// The largest price there is; more counts as that, never as nothing.
const MAX_USD_PER_HOUR: f64 = 1e10;

/// The price of the instances of a choice, a database's standby included.
pub fn fleet_price(fleet: &Fleet, choice: Choice) -> Price {
    let standby = match &fleet.role {
        FleetRole::Database(database) => u64::from(database.standby == Standby::Synchronous),
        FleetRole::Service | FleetRole::Cache(_) => 0,
    };
    fleet.types[choice.instance_type].price.times(u64::from(choice.count) + standby)
}

/// The price of a tier at a flow of `visits` per second.
pub fn tier_price(tier: &Tier, choice: Option<Choice>, visits: f64) -> Price {
    match (&tier.resource, choice) {
        (Resource::Fleet(fleet), Some(choice)) => fleet_price(fleet, choice),
        (Resource::Fleet(_), None) => Price::ZERO,
        (Resource::Managed(managed), _) => {
            let pricing = managed.pricing;
            let by_use = visits
                * (pricing.usd_per_million_visits * MILLION_VISITS_PER_HOUR + pricing.usd_per_hour_per_visit_rate);
            pricing.fixed
                + Price::usd_per_hour(by_use.min(MAX_USD_PER_HOUR)).unwrap_or(Price::ZERO)
                + cross_zone_price(pricing, visits)
        }
    }
}

/// Cost of a load balancer, by item billed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BalancerCost {
    /// The balancer itself.
    pub fixed: Price,
    /// Its capacity units.
    pub units: Price,
    /// Mean number of units.
    pub unit_count: f64,
    /// The dimension that decides their number.
    pub dimension: &'static str,
    /// Traffic to other zones.
    pub cross_zone: Price,
}

/// The parts of the price of a load balancer at a flow of `visits` per second; `None` for any other tier.
pub fn balancer_cost(tier: &Tier, visits: f64) -> Option<BalancerCost> {
    let Resource::Managed(managed) = &tier.resource else { return None };
    let (dimension, per_rate) = managed.balancer?.units.billed();
    let pricing = managed.pricing;
    let units = Price::usd_per_hour(visits * pricing.usd_per_hour_per_visit_rate).unwrap_or(Price::ZERO);
    let cross_zone = cross_zone_price(pricing, visits);
    Some(BalancerCost { fixed: pricing.fixed, units, unit_count: visits * per_rate, dimension, cross_zone })
}

fn cross_zone_price(pricing: UsagePricing, visits: f64) -> Price {
    Price::usd_per_hour(visits * pricing.cross_zone_usd_per_hour_per_visit_rate).unwrap_or(Price::ZERO)
}
