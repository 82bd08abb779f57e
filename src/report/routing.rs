use crate::model::{Discipline, Fleet, ZoneTraffic};
use crate::review::{Planned, PolicyComparison, PolicyFigures, ReviewedTier};

use capplan_queueing::queues::RoutingPolicy;
use capplan_queueing::units::Bytes;

use super::Grid;
use super::format::{count, money, significant};
use super::table::{Column, Unit, grid};

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
            "{} costs {} USD a month for the balancer, {} USD for {} capacity units (billed by {}) and {} USD for traffic across \
             zones.",
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

/// The routing policies of every balanced tier, a row each.
pub(super) fn policy_grid(comparisons: &[PolicyComparison]) -> Grid {
    type Row<'a> = (&'a str, &'a PolicyFigures);
    let columns: [Column<Row<'_>>; 7] = [
        Column::new("tier", Unit::Words, |(tier, _)| (*tier).into()),
        Column::new("routing", Unit::Words, |(_, policy)| {
            let planned = if policy.planned == Planned::Yes { " (planned)" } else { "" };
            format!("{}{planned}", policy.routing.name()).into()
        }),
        Column::new("wait at the tier", Unit::Seconds, |(_, policy)| policy.waiting_time.into()),
        Column::new("mean", Unit::Seconds, |(_, policy)| policy.mean.into()),
        Column::new("p95", Unit::Seconds, |(_, policy)| policy.p95.into()),
        Column::new("p99", Unit::Seconds, |(_, policy)| policy.p99.into()),
        Column::new("p99 after loss", Unit::Seconds, |(_, policy)| policy.p99_after_loss.into()),
    ];
    let rows = comparisons.iter().flat_map(|tier| tier.policies.iter().map(|policy| (tier.name.as_str(), policy)));
    grid(&columns, &rows.collect::<Vec<Row<'_>>>())
}

/// What the routing of a tier, its sessions and its zones are taken to be, in sentences.
pub(super) fn routing_lines(name: &str, fleet: &Fleet) -> Vec<String> {
    let mut lines: Vec<String> = fleet.routings.iter().map(|&routing| sentence(name, fleet, routing)).collect();
    if fleet.routings.len() > 1 {
        lines.push(format!(
            "{name}: the routing policy is searched like type and count; among equal plans the faster wins."
        ));
    }
    let has_policy =
        fleet.routings.iter().any(|routing| !matches!(routing, RoutingPolicy::Random | RoutingPolicy::SharedQueue));
    if has_policy && fleet.workers.is_some() {
        lines
            .push(format!("{name}: with limited workers, any policy but a shared queue is modelled as random, which errs on the safe side."));
    }
    if let Some(sticky) = fleet.sticky {
        lines.push(format!(
            "{name}: {} sticky sessions are assigned to instances at random, with a squared coefficient of variation of {} of \
             their request rates. Times and utilization are those of the most loaded instance (Blom's expected \
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
            "{name}: requests go to a random instance and wait there, the safe model of a balancer that does not see the queues; \
             `one queue` is the wait with an ideal balancer."
        ),
        RoutingPolicy::SharedQueue => format!("{name}: all instances take requests from one shared queue, the ideal."),
        RoutingPolicy::RoundRobin => format!(
            "{name}: one balancer sends requests to the instances in turn (`round_robin`). {}",
            accuracy(fleet, "Takács's E_n/M/c, exact", TURNS_SHARED, TURNS_SCALED)
        ),
        RoutingPolicy::LeastOutstanding => format!(
            "{name}: one balancer sends each request to the instance with the fewest requests in progress \
             (`least_outstanding`). {}",
            accuracy(fleet, "An approximation, p50 to p99 within 3.3 % of simulation", LEAST_SHARED, LEAST_SCALED)
        ),
        RoutingPolicy::PowerOfChoices { .. } => format!(
            "{name}: one balancer picks two instances at random and sends each request to the one with fewer requests in progress \
             (`power_of_two`). {} It is the limit for many instances, corrected for few: p99 is up to 18 % low for four.",
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
            format!("The distribution is that of processor sharing at the load that gives the policy's mean: {shared}.")
        }
    }
}
