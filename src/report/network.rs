use crate::model::{Billing, System};
use crate::review::Review;

use super::format::{count, money};

/// What data transfer costs and whether the subnets have room, a sentence each; nothing where the model says neither.
pub fn network_lines(plan: &Review) -> Vec<String> {
    let cost = plan.network.map(|cost| {
        format!(
            "Data transfer costs {} USD a month: {} across zones, {} for NAT gateways, {} to the internet.",
            money(cost.total().monthly_usd()),
            money(cost.across_zones.monthly_usd()),
            money(cost.nat.monthly_usd()),
            money(cost.internet.monthly_usd())
        )
    });
    let subnets = plan.subnets.iter().map(|subnet| {
        format!(
            "Addresses: the largest scale-out, with a zone lost and a deployment in progress, needs {} of the {} addresses in \
             the {} subnet (/{}) of a zone, which is {}.",
            count(subnet.needed as f64),
            count(subnet.available as f64),
            subnet.placement.name(),
            subnet.prefix,
            if subnet.fits() { "large enough" } else { "too small" }
        )
    });
    cost.into_iter().chain(subnets).collect()
}

/// What the cost holds and what it leaves out.
pub(super) fn cost_assumption(system: &System) -> String {
    let network = system.network();
    if network.billing == Billing::LeftOut {
        return "Cost: instances on demand for 730 hours a month, load-balancer capacity units, requests to DNS and object \
                storage. Not included: data transfer, block storage, backups, support, discounts."
            .to_owned();
    }
    let egress = network
        .usd_per_gb_to_internet
        .map_or_else(|| "at the price by volume".to_owned(), |price| format!("at {price} USD a GB"));
    format!(
        "Cost: instances on demand for 730 hours a month, load-balancer capacity units, requests to DNS and object storage, \
         data transfer: {} of the visits to caches, databases and services cross zones at {} USD a GB for request and response, \
         {} B of each response go to the internet {egress}, NAT gateways {}. Not included: data between regions, \
         block storage, backups, support, discounts.",
        super::format::percent(network.cross_zone_share.get(), 1),
        network.usd_per_gb_across_zones,
        count(network.response_size.get()),
        if network.nat.is_some() { "in each zone" } else { "nowhere" }
    )
}
