use crate::model::{Discipline, Fleet, ZoneTraffic};
use crate::review::{Planned, PolicyComparison, PolicyFigures, ReviewedTier};
use capplan_queueing::queues::RoutingPolicy;

use capplan_queueing::units::Bytes;

use super::format::{MISSING, count, duration, money, significant};

/// The type of a tier's instances, and its memory and how requests reach them where those were chosen.
pub(super) fn type_text(tier: &ReviewedTier) -> String {
    let kind = tier.instance_type.as_deref().unwrap_or("managed");
    let memory = tier.searched_memory.map(|bytes| format!("{} GiB", significant(bytes / Bytes::GIB)));
    let routing = tier.routing.map(|routing| routing.name().to_owned());
    [Some(kind.to_owned()), memory, routing].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What each load balancer costs, by what is billed.
pub fn balancer_lines(tiers: &[ReviewedTier]) -> Vec<String> {
    let line = |tier: &ReviewedTier| {
        let cost = tier.balancer_cost?;
        Some(format!(
            "Of the price of {}: {} USD a month for the balancer, {} USD for {} capacity units (by {}), {} USD for traffic \
             between zones.",
            tier.name,
            money(cost.fixed.monthly_usd()),
            money(cost.units.monthly_usd()),
            significant(cost.unit_count),
            cost.dimension,
            money(cost.cross_zone.monthly_usd())
        ))
    };
    tiers.iter().filter_map(line).collect()
}

/// The ways of routing of every balanced tier, a row each.
pub(super) fn policy_rows(comparisons: &[PolicyComparison]) -> Vec<Vec<String>> {
    let rows = |tier: &PolicyComparison| {
        let row = |policy: &PolicyFigures| {
            let planned = if policy.planned == Planned::Yes { " (the plan's)" } else { "" };
            vec![
                tier.name.clone(),
                format!("{}{planned}", policy.routing.name()),
                duration(policy.waiting_time),
                duration(policy.mean),
                duration(policy.p95),
                duration(policy.p99),
                policy.p99_after_loss.map_or_else(|| MISSING.to_owned(), duration),
            ]
        };
        tier.policies.iter().map(row).collect::<Vec<_>>()
    };
    comparisons.iter().flat_map(rows).collect()
}

/// What the routing of a tier, its sessions and its zones are taken to be, in sentences.
pub(super) fn routing_lines(name: &str, fleet: &Fleet) -> Vec<String> {
    let mut lines: Vec<String> = fleet.routings.iter().map(|&routing| sentence(name, fleet, routing)).collect();
    if fleet.routings.len() > 1 {
        lines.push(format!(
            "{name}: the way of routing is searched like type and count; of equal plans the faster wins."
        ));
    }
    let has_policy =
        fleet.routings.iter().any(|routing| !matches!(routing, RoutingPolicy::Random | RoutingPolicy::SharedQueue));
    if has_policy && fleet.workers.is_some() {
        lines
            .push(format!("{name}: with limited workers any routing but one queue is taken as random, the safe side."));
    }
    if let Some(sticky) = fleet.sticky {
        lines.push(format!(
            "{name}: {} sticky sessions are put on instances at random, with a squared coefficient of variation of {} of \
             their request rates. Times and utilization are those of the instance with the most load (Blom's expected \
             maximum of normal loads, 0.3 to 2.2 % low for 25 sessions an instance and more), as if every request went there.",
            count(sticky.sessions as f64),
            sticky.rate_scv
        ));
    }
    if fleet.zone_traffic == ZoneTraffic::Kept {
        lines.push(format!(
            "{name}: its balancer keeps requests in their zone (`cross_zone = false`). Each zone gets the same share by name \
             resolution; times and utilization are those of the zone with the fewest instances, as if every request went \
             there. Availability counts the instances of all zones together."
        ));
    }
    lines
}

fn sentence(name: &str, fleet: &Fleet, routing: RoutingPolicy) -> String {
    match routing {
        RoutingPolicy::Random => format!(
            "{name}: requests go to an instance at random and wait there, which is the safe model of a balancer that does \
             not know the queues; `waiting time, one queue` is what an ideal balancer would reach."
        ),
        RoutingPolicy::SharedQueue => format!("{name}: all instances take requests from one queue, the ideal."),
        RoutingPolicy::RoundRobin => format!(
            "{name}: one balancer hands requests to instances by turns (`round_robin`). {}",
            accuracy(fleet, "Takács's E_n/M/c, exact", TURNS_SHARED, TURNS_SCALED)
        ),
        RoutingPolicy::LeastOutstanding => format!(
            "{name}: one balancer that knows all requests inside hands each to the instance with the fewest \
             (`least_outstanding`). {}",
            accuracy(fleet, "An approximation, p50 to p99 within 3.3 % of simulation", LEAST_SHARED, LEAST_SCALED)
        ),
        RoutingPolicy::PowerOfChoices { .. } => format!(
            "{name}: one balancer hands each request to the one with fewer requests of two instances at random \
             (`power_of_two`). {} It is the limit of many instances, corrected for few: p99 is up to 18 % low for four.",
            accuracy(fleet, "Mean-field law", TWO_SHARED, TWO_SCALED)
        ),
    }
}

const TURNS_SHARED: &str = "mean within 8 %, p95 within 8 % and p99 up to 16 % low against simulation";
const TURNS_SCALED: &str =
    "mean up to 16 % and p99 up to 6 % low against simulation for a squared coefficient of variation of 4";
const LEAST_SHARED: &str = "mean within 3 % and p99 up to 7 % high against simulation";
const LEAST_SCALED: &str = "mean up to 10 % high, p99 within 10 % of simulation";
const TWO_SHARED: &str = "for 10 instances and more the mean 7 % low and p99 up to 24 % high against simulation";
const TWO_SCALED: &str = "for 10 instances and more the mean up to 10 % high, p99 within 5 % of simulation";

fn accuracy(fleet: &Fleet, exponential: &str, shared: &str, scaled: &str) -> String {
    match fleet.discipline {
        Discipline::Fcfs if fleet.service_scv == 1.0 => format!("{exponential}."),
        Discipline::Fcfs => format!("Its wait is scaled by that of M/G/c: {scaled}."),
        Discipline::ProcessorSharing => {
            format!("The law is that of processor sharing at the load at which the mean is the policy's: {shared}.")
        }
    }
}
