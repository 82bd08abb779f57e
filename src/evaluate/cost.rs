use crate::model::{Choice, Fleet, FleetRole, Resource, Standby, Tier};
use crate::units::Price;

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
            pricing.fixed + Price::usd_per_hour(by_use.min(MAX_USD_PER_HOUR)).unwrap_or(Price::ZERO)
        }
    }
}
