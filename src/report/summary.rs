use crate::evaluate::{Breakdown, Evaluation};
use crate::model::{ResponseObjective, System};
use crate::plan::{Missed, Shortfall};
use crate::review::{Review, ReviewedTier};
use crate::sweep::Point;

use super::format::{
    MISSING, availability, availability_beside, count, downtime_per_year, duration, money, percent, rate, significant,
};
use super::routing::type_text;
use super::verdict::rule_text;

/// A table as text: names of the columns and rows of cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// Names of the columns.
    pub header: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
}

impl Grid {
    pub(super) fn new(header: &[&str]) -> Self {
        Self { header: header.iter().map(ToString::to_string).collect(), rows: Vec::new() }
    }
}

fn optional<T>(value: Option<T>, text: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| MISSING.to_owned(), text)
}

/// The load in words: users and requests per second.
fn load(users: Option<f64>, arrival_rate: f64) -> String {
    users.map_or_else(
        || format!("{} requests", rate(arrival_rate)),
        |users| format!("{} users, {} requests", count(users), rate(arrival_rate)),
    )
}

/// The answer in a few lines.
pub fn headline(point: &Point) -> Vec<String> {
    let values: Vec<String> = point.variation.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    let variation = if values.is_empty() { String::new() } else { format!(" with {}", values.join(", ")) };
    let Some(plan) = &point.recommendation else {
        return vec![format!(
            "{}{variation}: {} — no plan in the grid keeps every objective",
            point.system.name(),
            load(point.users, point.design_rate)
        )];
    };
    let title = format!("{}{variation}: {}", point.system.name(), load(point.users, plan.normal.arrival_rate));
    let search = format!(
        "the cheapest of {} candidates; {} had to be evaluated, bounds rule out the rest",
        count(point.outcome.points as f64),
        count(point.outcome.evaluated.len() as f64)
    );
    [title].into_iter().chain(cost_and_availability(&point.system, plan)).chain([search]).collect()
}

/// What it costs, how much of the time it is up, and how much of it fast enough.
fn cost_and_availability(system: &System, plan: &Review) -> Vec<String> {
    let up = format!(
        "{} USD a month, {} available ({} down a year)",
        money(plan.price.monthly_usd()),
        availability(plan.availability.unavailability),
        downtime_per_year(plan.availability.unavailability),
    );
    let objectives = system.objectives().response_times.iter().zip(&plan.performability.requests_within);
    let requests: Vec<String> = objectives
        .filter(|(objective, _)| objective.class.is_none())
        .map(|(objective, &within)| {
            format!("{} % of requests within {}", significant_percent(within), duration(objective.limit.get()))
        })
        .collect();
    let fast = (!system.objectives().response_times.is_empty()).then(|| {
        let time = availability(plan.performability.time_outside);
        [format!("failures counted, {time} of the time within the response-time objectives")]
            .into_iter()
            .chain(requests)
            .collect::<Vec<_>>()
            .join(", ")
    });
    [up].into_iter().chain(fast).collect()
}

/// The load and the answer for a deployment that is given.
pub fn evaluation_headline(system: &System, users: Option<f64>, plan: &Review) -> Vec<String> {
    let title = format!("{}: {}", system.name(), load(users, plan.normal.arrival_rate));
    [title].into_iter().chain(cost_and_availability(system, plan)).collect()
}

/// What to run, tier by tier.
pub fn plan_grid(plan: &Review) -> Grid {
    let mut grid = Grid::new(&[
        "tier",
        "instances",
        "by zone",
        "busy",
        "zone lost",
        "scale out at",
        "scale in at",
        "min–max",
        "USD a month",
    ]);
    for tier in &plan.tiers {
        let thresholds = tier.thresholds.as_ref();
        grid.rows.push(vec![
            tier.name.clone(),
            instances_text(tier),
            tier.per_zone.iter().map(ToString::to_string).collect::<Vec<_>>().join("+"),
            optional(tier.utilization, |share| percent(share, 0)),
            optional(tier.utilization_zone_lost, |share| percent(share, 0)),
            optional(thresholds.and_then(|found| found.scale_out_at), |share| percent(share, 0)),
            optional(thresholds.and_then(|found| found.scale_in_at), |share| percent(share, 0)),
            thresholds.map_or_else(String::new, |found| {
                let max = most_instances(tier);
                optional(found.min_count, |min| format!("{min}–{max}"))
            }),
            money(tier.price.monthly_usd()),
        ]);
    }
    grid
}

/// The most instances to be prepared for; `6+` where the range of the model ends below that.
pub(super) fn most_instances(tier: &ReviewedTier) -> String {
    let most = tier.thresholds.as_ref().and_then(|found| found.max_count);
    match (most, tier.count_limit) {
        (Some(count), _) => count.to_string(),
        (None, Some(limit)) => format!("{limit}+"),
        (None, None) => MISSING.to_owned(),
    }
}

fn instances_text(tier: &ReviewedTier) -> String {
    match (&tier.instance_type, tier.instances) {
        (Some(_), Some(instances)) => {
            let standby = if tier.standby > 0 { " + standby" } else { "" };
            format!("{instances} x {}{standby}", type_text(tier))
        }
        _ => "managed".to_owned(),
    }
}

/// Response times: nothing lost, a zone lost, the loss designed for, with the objectives beside them.
pub fn response_grid(plan: &Review, system: &System) -> Grid {
    let mut grid = Grid::new(&["response time", "mean", "p50", "p90", "p95", "p99", "p99.9"]);
    grid.rows.push(response_row("all up", Ok(&plan.normal)));
    match (&plan.zone_lost, &plan.design_loss) {
        // Where every tier is designed for the loss of a zone the two are one.
        (Ok(zone), Ok(design)) if zone.overall == design.overall => {
            grid.rows.push(response_row("a zone lost, as designed for", Ok(zone)));
        }
        (zone, design) => {
            grid.rows.push(response_row("a zone lost", zone.as_ref()));
            grid.rows.push(response_row("loss designed for", design.as_ref()));
        }
    }
    let overall: Vec<&ResponseObjective> =
        system.objectives().response_times.iter().filter(|objective| objective.class.is_none()).collect();
    if !overall.is_empty() {
        let mut row = vec!["objective".to_owned(), String::new()];
        for percentile in crate::model::PERCENTILES {
            let limit = overall.iter().find(|objective| objective.percentile == percentile);
            row.push(limit.map_or_else(String::new, |objective| duration(objective.limit.get())));
        }
        grid.rows.push(row);
    }
    grid
}

fn response_row(name: &str, outcome: Result<&Evaluation, &Breakdown>) -> Vec<String> {
    match outcome {
        Ok(evaluation) => {
            let times = &evaluation.overall;
            let mut row = vec![name.to_owned(), duration(times.mean)];
            row.extend(times.percentiles.iter().map(|&time| duration(time)));
            row
        }
        Err(breakdown) => {
            let mut row = vec![format!("{name}: {breakdown}")];
            row.extend(vec![MISSING.to_owned(); 6]);
            row
        }
    }
}

/// Response times by class with nothing lost.
pub fn class_grid(plan: &Review) -> Grid {
    let mut grid = Grid::new(&["class", "share", "mean", "p50", "p90", "p95", "p99", "p99.9"]);
    for class in &plan.normal.classes {
        let mut row = vec![class.name.clone(), percent(class.share, 1), duration(class.times.mean)];
        row.extend(class.times.percentiles.iter().map(|&time| duration(time)));
        grid.rows.push(row);
    }
    grid
}

/// What each tier does in a state of the system, with the method of its figures.
pub fn tier_grid(plan: &Review, state: &Evaluation) -> Grid {
    let mut grid = Grid::new(&[
        "tier",
        "instances",
        "visits",
        "flow",
        "busy",
        "must wait",
        "wait",
        "one queue",
        "visit",
        "hit ratio",
        "misses",
        "method",
    ]);
    let caches = state.tiers.iter().any(|figures| figures.hit_ratio.is_some());
    for (tier, figures) in plan.tiers.iter().zip(&state.tiers) {
        let queues = figures.utilization.is_some();
        let queueing = |text: String| if queues { text } else { MISSING.to_owned() };
        let instances = match (&tier.instance_type, figures.instances) {
            (Some(kind), Some(instances)) => format!("{instances} x {kind}"),
            _ => "managed".to_owned(),
        };
        grid.rows.push(vec![
            tier.name.clone(),
            instances,
            significant(figures.visits),
            rate(figures.arrival_rate),
            optional(figures.utilization, |share| percent(share, 1)),
            queueing(percent(figures.wait_probability, 2)),
            queueing(duration(figures.waiting_time)),
            optional(figures.pooled_waiting_time, duration),
            duration(figures.sojourn_time),
            optional(figures.hit_ratio, |share| percent(share, 2)),
            optional(figures.miss_rate, rate),
            figures.method.name().to_owned(),
        ]);
    }
    if !caches {
        grid.header.drain(9..11);
        for row in &mut grid.rows {
            row.drain(9..11);
        }
    }
    grid
}

/// How available each tier is and what it costs.
pub fn service_grid(plan: &Review) -> Grid {
    let mut grid = Grid::new(&["tier", "instances", "available", "down a year", "USD a month"]);
    for (index, tier) in plan.tiers.iter().enumerate() {
        let down = plan.availability.tiers[index].unavailability;
        grid.rows.push(vec![
            tier.name.clone(),
            instances_text(tier),
            availability(down),
            downtime_per_year(down),
            money(tier.price.monthly_usd()),
        ]);
    }
    if let Some(cost) = plan.network {
        let name = "data transfer".to_owned();
        let unknown = || MISSING.to_owned();
        grid.rows.push(vec![name, unknown(), unknown(), unknown(), money(cost.total().monthly_usd())]);
    }
    grid.rows.push(vec![
        "whole".to_owned(),
        MISSING.to_owned(),
        availability(plan.availability.unavailability),
        downtime_per_year(plan.availability.unavailability),
        money(plan.price.monthly_usd()),
    ]);
    grid
}

/// One line for each point of several.
pub fn points_grid(points: &[Point]) -> Grid {
    let mut header = vec!["users".to_owned(), "requests".to_owned()];
    if let Some(point) = points.first() {
        header.extend(point.variation.iter().map(|(key, _)| key.clone()));
        header.extend(point.system.tiers().iter().filter(|tier| tier.fleet().is_some()).map(|tier| tier.name.clone()));
    }
    header.extend(["p99", "available", "USD a month"].map(str::to_owned));
    let rows = points
        .iter()
        .map(|point| {
            let mut row = vec![optional(point.users, count), rate(point.design_rate)];
            row.extend(point.variation.iter().map(|(_, value)| value.clone()));
            if let Some(plan) = &point.recommendation {
                row.extend(plan.tiers.iter().filter(|tier| tier.instance_type.is_some()).map(instances_text));
                row.push(duration(plan.normal.overall.percentiles[3]));
                row.push(availability(plan.availability.unavailability));
                row.push(money(plan.price.monthly_usd()));
            } else {
                let fleets = point.system.tiers().iter().filter(|tier| tier.fleet().is_some()).count();
                row.extend(vec![MISSING.to_owned(); fleets + 2]);
                row.push("no plan".to_owned());
            }
            row
        })
        .collect();
    Grid { header, rows }
}

/// What the rule of thumb (out above 70 %, in below 20 %) would do, tier by tier, and why.
pub fn rule_lines(plan: &Review) -> Vec<String> {
    plan.tiers
        .iter()
        .filter_map(|tier| {
            let text = rule_text(tier.thresholds.as_ref()?);
            Some(format!("{}: {}: {}", tier.name, text.word, text.reason))
        })
        .collect()
}

/// A missed objective in words: what is reached where what was promised.
pub fn shortfall_line(missed: &Shortfall) -> String {
    let show = |value: f64| promised(missed, value);
    match &missed.objective {
        Missed::ResponseTime { class, within } => {
            let scope = class.as_ref().map_or_else(String::new, |class| format!(" of class {class}"));
            format!(
                "{} of requests{scope} within {}, promised {}",
                show(missed.actual),
                duration(within.get()),
                show(missed.limit)
            )
        }
        Missed::Capacity { tier } => format!(
            "{tier} would have to be busy {} of the time after the designed loss; raise its largest count or add a larger type",
            show(missed.actual)
        ),
        Missed::Survivors { tier } => {
            format!("{tier} has nothing left after the designed loss; raise its largest count")
        }
        Missed::Refused { tier } => format!(
            "{tier} refuses {} of its visits for want of connections, at most {} may be",
            show(missed.actual),
            show(missed.limit)
        ),
        Missed::Addresses { subnet } => format!(
            "the {subnet} subnet of a zone has {} addresses, the largest scale-out needs {}; give it a shorter prefix",
            show(missed.limit),
            show(missed.actual)
        ),
        Missed::SlowRecovery { scenario } => format!(
            "{scenario}: the objectives are missed for {}, at most {} is allowed",
            show(missed.actual),
            show(missed.limit)
        ),
        Missed::NoRecovery { scenario } => format!("{scenario}: the objectives do not hold again by themselves"),
        Missed::Availability => format!("{} available, promised {}", apart(missed), show(missed.limit)),
        Missed::TimeWithin => format!(
            "{} of the time within the response-time objectives, promised {}",
            apart(missed),
            show(missed.limit)
        ),
        Missed::MonthlyCost => {
            format!("{} USD a month, the budget is {}", show(missed.actual), show(missed.limit))
        }
    }
}

fn apart(missed: &Shortfall) -> String {
    availability_beside(1.0 - missed.actual, 1.0 - missed.limit)
}

/// A promised or reached figure in the unit of its objective.
pub(super) fn promised(missed: &Shortfall, value: f64) -> String {
    match missed.objective {
        Missed::SlowRecovery { .. } => duration(value),
        Missed::ResponseTime { .. } | Missed::Refused { .. } => format!("{} %", significant_percent(value)),
        Missed::Capacity { .. } => percent(value, 1),
        Missed::NoRecovery { .. } | Missed::Survivors { .. } | Missed::Addresses { .. } => count(value),
        Missed::Availability | Missed::TimeWithin => availability(1.0 - value),
        Missed::MonthlyCost => money(value),
    }
}

/// A share as a percentage with up to three decimals, none of them a zero at the end.
fn significant_percent(share: f64) -> String {
    let text = format!("{:.3}", share * 100.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Why there is no plan: the nearest candidate and what it misses.
pub fn nearest_lines(point: &Point) -> Vec<String> {
    let Some(nearest) = &point.outcome.nearest else { return vec!["the grid has no candidate".to_owned()] };
    let mut lines = vec![format!(
        "nearest: {}",
        point
            .system
            .tiers()
            .iter()
            .zip(&nearest.found.deployment.choices)
            .filter_map(|(tier, choice)| {
                let (fleet, choice) = (tier.fleet()?, (*choice)?);
                Some(format!("{} {} x {}", tier.name, choice.count, fleet.types[choice.instance_type].name))
            })
            .collect::<Vec<_>>()
            .join(", ")
    )];
    lines.extend(nearest.shortfalls.iter().map(|missed| format!("  misses: {}", shortfall_line(missed))));
    lines
}
