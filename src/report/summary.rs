use crate::evaluate::{Breakdown, Evaluation};
use crate::model::{ResponseObjective, System};
use crate::plan::RuleVerdict;
use crate::sweep::{PlannedTier, Point, Recommendation};

use super::format::{MISSING, availability, count, downtime_per_year, duration, money, percent, rate};

/// A table as text: names of the columns and rows of cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// Names of the columns.
    pub header: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
}

impl Grid {
    fn new(header: &[&str]) -> Self {
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

/// The answer in one or two lines.
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
    vec![
        format!("{}{variation}: {}", point.system.name(), load(point.users, plan.normal.arrival_rate)),
        format!(
            "{} USD a month, {} available ({} down a year), {}",
            money(plan.price.monthly_usd()),
            availability(plan.availability.unavailability),
            downtime_per_year(plan.availability.unavailability),
            cost_line(point)
        ),
    ]
}

/// How much the search had to look at.
pub fn cost_line(point: &Point) -> String {
    format!(
        "the cheapest of {} candidates ({} evaluated, the rest ruled out by bounds)",
        count(point.outcome.points as f64),
        count(point.outcome.evaluated.len() as f64)
    )
}

/// The load and the answer for a deployment that is given.
pub fn evaluation_headline(system: &System, users: Option<f64>, plan: &Recommendation) -> Vec<String> {
    vec![
        format!("{}: {}", system.name(), load(users, plan.normal.arrival_rate)),
        format!(
            "{} USD a month, {} available ({} down a year)",
            money(plan.price.monthly_usd()),
            availability(plan.availability.unavailability),
            downtime_per_year(plan.availability.unavailability),
        ),
    ]
}

/// What breaks first, and at which load.
pub fn limit_lines(plan: &Recommendation) -> Vec<String> {
    let Some(tier) = plan.normal.bottleneck else { return Vec::new() };
    let load = |users: Option<f64>, rate_of: Option<f64>| match (users, rate_of) {
        (Some(users), _) => format!("{} users", count(users)),
        (None, Some(per_second)) => format!("{} requests", rate(per_second)),
        (None, None) => "no load at all".to_owned(),
    };
    let limits = &plan.limits;
    let after = plan
        .limits_after_loss
        .map_or_else(|| "no load at all".to_owned(), |after| load(after.max_users, after.max_arrival_rate));
    let figures = &plan.normal.tiers[tier];
    let layer = figures.layers.map_or_else(
        || "the busiest tier".to_owned(),
        |layers| {
            let share = |name: &str, load: Option<f64>| load.map(|load| format!("{name} {}", percent(load, 0)));
            let loads = [
                share("servers", Some(layers.servers)),
                share("workers", layers.workers),
                share("connections", layers.connections),
            ];
            let loads: Vec<String> = loads.into_iter().flatten().collect();
            format!("its {} saturate first ({} of what each would carry)", layers.first().name(), loads.join(", "))
        },
    );
    vec![
        format!("First to break: {}, {layer}.", figures.name),
        format!(
            "The response-time objectives hold up to {} with nothing lost, up to {after} after the designed loss; \
             beyond {} only the waiting grows.",
            load(limits.max_users, limits.max_arrival_rate),
            load(limits.saturation_users, limits.saturation_rate),
        ),
    ]
}

/// What to run, tier by tier.
pub fn plan_grid(plan: &Recommendation) -> Grid {
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
                let max = found.max_count.map_or_else(|| "beyond the grid".to_owned(), |count| count.to_string());
                optional(found.min_count, |min| format!("{min}–{max}"))
            }),
            money(tier.price.monthly_usd()),
        ]);
    }
    grid
}

fn instances_text(tier: &PlannedTier) -> String {
    match (&tier.instance_type, tier.instances) {
        (Some(kind), Some(instances)) => {
            let standby = if tier.standby > 0 { " + standby" } else { "" };
            format!("{instances} x {kind}{standby}")
        }
        _ => "managed".to_owned(),
    }
}

/// Response times: nothing lost, a zone lost, the loss designed for, with the objectives beside them.
pub fn response_grid(plan: &Recommendation, system: &System) -> Grid {
    let mut grid = Grid::new(&["response time", "mean", "p50", "p90", "p95", "p99", "p99.9"]);
    for (name, outcome) in [
        ("all up", Ok(&plan.normal)),
        ("a zone lost", plan.zone_lost.as_ref()),
        ("designed loss", plan.design_loss.as_ref()),
    ] {
        grid.rows.push(response_row(name, outcome));
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
pub fn class_grid(plan: &Recommendation) -> Grid {
    let mut grid = Grid::new(&["class", "share", "mean", "p50", "p90", "p95", "p99", "p99.9"]);
    for class in &plan.normal.classes {
        let mut row = vec![class.name.clone(), percent(class.share, 1), duration(class.times.mean)];
        row.extend(class.times.percentiles.iter().map(|&time| duration(time)));
        grid.rows.push(row);
    }
    grid
}

/// What each tier does, with the method of its figures.
pub fn tier_grid(plan: &Recommendation) -> Grid {
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
        "available",
        "down a year",
        "USD a month",
        "method",
    ]);
    for (index, tier) in plan.tiers.iter().enumerate() {
        let figures = &plan.normal.tiers[index];
        let unavailability = plan.availability.tiers[index].unavailability;
        grid.rows.push(vec![
            tier.name.clone(),
            instances_text(tier),
            super::format::significant(figures.visits),
            rate(figures.arrival_rate),
            optional(figures.utilization, |share| percent(share, 1)),
            percent(figures.wait_probability, 2),
            duration(figures.waiting_time),
            optional(figures.pooled_waiting_time, duration),
            duration(figures.sojourn_time),
            optional(figures.hit_ratio, |share| percent(share, 2)),
            optional(figures.miss_rate, rate),
            availability(unavailability),
            downtime_per_year(unavailability),
            money(tier.price.monthly_usd()),
            figures.method.name().to_owned(),
        ]);
    }
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
pub fn rule_lines(plan: &Recommendation) -> Vec<String> {
    plan.tiers
        .iter()
        .filter_map(|tier| {
            let thresholds = tier.thresholds.as_ref()?;
            let reason = match thresholds.rule {
                RuleVerdict::Safe => "safe: it keeps the objectives and wastes little".to_owned(),
                RuleVerdict::Wasteful { instances, scale_in_at } => {
                    let more = thresholds.count;
                    let out = if instances > more {
                        format!("it would run {instances} instances where {more} are enough")
                    } else {
                        "its scale-out point is safe".to_owned()
                    };
                    let late = scale_in_at.map_or_else(String::new, |threshold| {
                        format!(", and it keeps idle instances down to 20 % where {} would do", percent(threshold, 0))
                    });
                    format!("wasteful: {out}{late}")
                }
                RuleVerdict::Unsafe { utilization_after_loss } => {
                    let after = match utilization_after_loss {
                        Some(busy) if busy >= 1.0 => {
                            format!("the designed loss would take it from 70 % to {} of its capacity", percent(busy, 0))
                        }
                        Some(busy) => format!(
                            "at 70 %, {} busy after the designed loss, the response-time objectives no longer hold",
                            percent(busy, 0)
                        ),
                        None => "nothing would be left after the designed loss".to_owned(),
                    };
                    format!("unsafe: {after}")
                }
            };
            Some(format!("{}: {reason}", tier.name))
        })
        .collect()
}

/// The objectives that a deployment misses, in words.
pub fn missed_objectives(plan: &Recommendation, system: &System) -> Vec<String> {
    let mut missed = Vec::new();
    let objectives = system.objectives();
    for objective in &objectives.response_times {
        let (scope, law) = match objective.class {
            None => (String::new(), &plan.normal.overall.law),
            Some(class) => {
                let figures = &plan.normal.classes[class];
                (format!(" of class {}", figures.name), &figures.times.law)
            }
        };
        let share = law.cdf(objective.limit.get());
        if share < objective.percentile {
            missed.push(format!(
                "{} of requests{scope} within {}, promised {}",
                percent(share, 3),
                duration(objective.limit.get()),
                percent(objective.percentile, 1)
            ));
        }
    }
    if let Some(wanted) = objectives.availability
        && 1.0 - plan.availability.unavailability < wanted.get()
    {
        missed.push(format!(
            "{} available, promised {}",
            availability(plan.availability.unavailability),
            availability(1.0 - wanted.get())
        ));
    }
    if let Some(budget) = objectives.budget
        && plan.price > budget
    {
        missed.push(format!(
            "{} USD a month, the budget is {}",
            money(plan.price.monthly_usd()),
            money(budget.monthly_usd())
        ));
    }
    missed
}

/// Why there is no plan: the nearest candidate and what it misses, or the tier that cannot carry its load.
pub fn nearest_lines(point: &Point) -> Vec<String> {
    let Some(nearest) = &point.outcome.nearest else {
        let mut lines: Vec<String> = overloaded_tiers(point)
            .into_iter()
            .map(|tier| format!("tier {tier} cannot carry its load with any of its options; raise its largest count"))
            .collect();
        if lines.is_empty() {
            lines.push("no candidate carries the load".to_owned());
        }
        return lines;
    };
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
    lines.extend(nearest.shortfalls.iter().map(|missed| {
        format!("  {}: {} where {} is promised", missed.objective, shown(missed.actual), shown(missed.limit))
    }));
    lines
}

fn shown(value: f64) -> String {
    if value <= 1.0 { percent(value, 4) } else { money(value) }
}

/// Tiers of which no option carries the load, in every scenario.
fn overloaded_tiers(point: &Point) -> Vec<String> {
    let Some(first) = point.outcome.scenarios.first() else { return Vec::new() };
    first
        .tiers
        .iter()
        .enumerate()
        .filter(|(position, _)| {
            point
                .outcome
                .scenarios
                .iter()
                .all(|scenario| scenario.tiers[*position].options.iter().all(|option| option.laws().is_none()))
        })
        .map(|(_, tier)| point.system.tiers()[tier.tier].name.clone())
        .collect()
}
