//! Tables of tiers: what a plan runs, what each tier does in a state of the system, how available it is and what it costs.

use capplan_queueing::units::Bytes;

use crate::evaluate::{Breakdown, Evaluation, TierFigures};
use crate::model::System;
use crate::plan::{RuleVerdict, TierThresholds};
use crate::review::{Review, ReviewedTier};
use crate::sweep::Point;

use super::format::{MISSING, availability, count, duration, money, significant};
use super::routing::type_text;
use super::table::{Column, Csv, Digits, Grid, Tone, Unit, grid};
use super::verdict::{rule_name, rule_text};

/// A tier of a plan.
struct Planned<'a> {
    plan: &'a Review,
    index: usize,
}

impl<'a> Planned<'a> {
    fn all(plan: &'a Review) -> Vec<Self> {
        (0..plan.tiers.len()).map(|index| Self { plan, index }).collect()
    }

    fn tier(&self) -> &'a ReviewedTier {
        &self.plan.tiers[self.index]
    }

    fn figures(&self) -> &'a TierFigures {
        &self.plan.normal.tiers[self.index]
    }

    fn thresholds(&self) -> Option<&'a TierThresholds> {
        self.tier().thresholds.as_ref()
    }

    fn scale_out_at(&self) -> Option<f64> {
        self.thresholds()?.scale_out_at
    }

    fn scale_in_at(&self) -> Option<f64> {
        self.thresholds()?.scale_in_at
    }

    fn min_count(&self) -> Option<u32> {
        self.thresholds()?.min_count
    }

    fn max_count(&self) -> Option<u32> {
        self.thresholds()?.max_count
    }

    fn unavailability(&self) -> f64 {
        self.plan.availability.tiers[self.index].unavailability
    }

    fn per_zone(&self) -> Option<String> {
        let zones: Vec<String> = self.tier().per_zone.iter().map(ToString::to_string).collect();
        (!zones.is_empty()).then(|| zones.join("+"))
    }

    fn range(&self) -> Option<String> {
        let min = self.thresholds()?.min_count?;
        Some(format!("{min}–{}", most_instances(self.tier())))
    }

    fn cache_memory_gib(&self) -> Option<f64> {
        let cache = self.plan.caches.iter().find(|cache| cache.tier == self.index)?;
        Some(cache.memory / Bytes::GIB)
    }
}

/// What a plan runs.
fn planned_columns<'a>() -> [Column<Planned<'a>>; 21] {
    use Digits::{Decimals, ScientificDecimals, Shortest};
    type Of<'b, 'a> = &'b Planned<'a>;
    [
        Column::new("tier", Unit::Words, |of: Of| of.tier().name.as_str().into()).csv("tier", Shortest),
        Column::only_csv("kind", Shortest, |of| of.tier().kind.name().into()),
        Column::only_csv("instance_type", Shortest, |of| of.tier().instance_type.clone().into()),
        Column::only_csv("instances", Shortest, |of| of.tier().instances.into()),
        Column::only_csv("standby", Shortest, |of| of.tier().standby.into()),
        Column::new("instances", Unit::Words, |of: Of| instances_text(of.tier()).into()),
        Column::new("by zone", Unit::Count, |of: Of| of.per_zone().into()).csv("per_zone", Shortest),
        Column::new("utilization", Unit::Share(1), |of: Of| of.tier().utilization.into())
            .csv("utilization", Decimals(6)),
        Column::new("zone lost", Unit::Share(1), |of: Of| of.tier().utilization_zone_lost.into())
            .csv("utilization_zone_lost", Decimals(6)),
        Column::new("scale out", Unit::Share(1), |of: Of| of.scale_out_at().into()).csv("scale_out_at", Decimals(4)),
        Column::new("scale in", Unit::Share(1), |of: Of| of.scale_in_at().into()).csv("scale_in_at", Decimals(4)),
        Column::only_csv("min_instances", Shortest, |of| of.min_count().into()),
        Column::only_csv("max_instances", Shortest, |of| of.max_count().into()),
        Column::new("min–max", Unit::Count, |of: Of| of.range().into()),
        Column::only_csv("waiting_time_s", Decimals(9), |of| of.figures().waiting_time.into()),
        Column::only_csv("sojourn_time_s", Decimals(9), |of| of.figures().sojourn_time.into()),
        Column::only_csv("hit_ratio", Decimals(6), |of| of.figures().hit_ratio.into()),
        Column::only_csv("cache_memory_gib", Decimals(3), |of| of.cache_memory_gib().into()),
        Column::only_csv("unavailability", ScientificDecimals(6), |of| of.unavailability().into()),
        Column::new("USD/month", Unit::Usd, |of: Of| of.tier().price.monthly_usd().into())
            .csv("monthly_cost_usd", Decimals(2)),
        Column::only_csv("status", Shortest, |_| "planned".into()),
    ]
}

/// What to run, tier by tier.
pub(super) fn plan_grid(plan: &Review) -> Grid {
    grid(&planned_columns(), &Planned::all(plan))
}

/// `recommendation.csv`: a row for each point and tier. A point without a plan has one row that says so.
pub fn recommendation_csv(points: &[Point]) -> Vec<u8> {
    let columns = planned_columns();
    let mut csv = Csv::new(&leading_keys(points), &columns);
    for point in points {
        match &point.recommendation {
            Some(plan) => Planned::all(plan).iter().for_each(|tier| csv.row(&leading(point), tier)),
            None => csv.failed(&leading(point), "no_plan"),
        }
    }
    csv.into_bytes()
}

fn leading_keys(points: &[Point]) -> Vec<String> {
    let varied = points.iter().take(1).flat_map(|point| point.variation.iter().map(|(key, _)| key.clone()));
    ["users".to_owned()].into_iter().chain(varied).collect()
}

fn leading(point: &Point) -> Vec<String> {
    let users = point.users.map_or_else(String::new, |users| users.to_string());
    [users].into_iter().chain(point.variation.iter().map(|(_, value)| value.clone())).collect()
}

/// `thresholds.csv`: a row for each point, tier and count.
pub fn thresholds_csv(points: &[Point]) -> Vec<u8> {
    struct Row<'a> {
        tier: &'a str,
        thresholds: &'a TierThresholds,
        index: usize,
    }
    impl Row<'_> {
        fn at(&self) -> &crate::plan::ThresholdRow {
            &self.thresholds.rows[self.index]
        }
        fn is_planned(&self) -> bool {
            self.at().count == self.thresholds.count
        }
    }
    let columns: [Column<Row<'_>>; 7] = [
        Column::only_csv("tier", Digits::Shortest, |row| row.tier.into()),
        Column::only_csv("instances", Digits::Shortest, |row| row.at().count.into()),
        Column::only_csv("planned", Digits::Shortest, |row| if row.is_planned() { "yes" } else { "no" }.into()),
        Column::only_csv("scale_out_at", Digits::Decimals(4), |row| row.at().scale_out_at.into()),
        Column::only_csv("scale_in_at", Digits::Decimals(4), |row| row.at().scale_in_at.into()),
        Column::only_csv("largest_load_of_plan", Digits::Decimals(4), |row| row.at().largest_load.into()),
        Column::only_csv("rule_70_20", Digits::Shortest, |row| {
            row.is_planned().then(|| rule_name(&row.thresholds.rule)).into()
        }),
    ];
    let mut csv = Csv::new(&leading_keys(points), &columns);
    for point in points {
        for tier in point.recommendation.iter().flat_map(|plan| &plan.tiers) {
            let Some(thresholds) = &tier.thresholds else { continue };
            for index in 0..thresholds.rows.len() {
                csv.row(&leading(point), &Row { tier: &tier.name, thresholds, index });
            }
        }
    }
    csv.into_bytes()
}

/// A tier in a state of the system.
struct InState<'a> {
    planned: Planned<'a>,
    figures: &'a TierFigures,
}

impl<'a> InState<'a> {
    fn all(plan: &'a Review, state: &'a Evaluation) -> Vec<Self> {
        let tiers = Planned::all(plan).into_iter().zip(&state.tiers);
        tiers.map(|(planned, figures)| Self { planned, figures }).collect()
    }

    fn instances_text(&self) -> String {
        match (&self.planned.tier().instance_type, self.figures.instances) {
            (Some(kind), Some(instances)) => format!("{instances} x {kind}"),
            _ => "managed".to_owned(),
        }
    }

    /// A figure of the queue; `None` for a tier at which nobody waits by its model.
    fn of_queue(&self, figure: f64) -> Option<f64> {
        self.figures.utilization.is_some().then_some(figure)
    }
}

/// What each tier does in a state of the system, with the method of its figures.
fn state_columns<'a>() -> [Column<InState<'a>>; 20] {
    use Digits::{Decimals, Scientific, Shortest};
    type Of<'b, 'a> = &'b InState<'a>;
    [
        Column::new("tier", Unit::Words, |of: Of| of.figures.name.as_str().into()).csv("tier", Shortest),
        Column::only_csv("kind", Shortest, |of| of.planned.tier().kind.name().into()),
        Column::only_csv("instance_type", Shortest, |of| of.planned.tier().instance_type.clone().into()),
        Column::new("instances", Unit::Words, |of: Of| of.instances_text().into()),
        Column::only_csv("instances", Shortest, |of| of.figures.instances.into()),
        Column::new("visits", Unit::Number, |of: Of| of.figures.visits.into()).csv("visits", Shortest),
        Column::new("arrivals", Unit::PerSecond, |of: Of| of.figures.arrival_rate.into())
            .csv("arrival_rate_per_s", Shortest),
        Column::new("utilization", Unit::Share(1), |of: Of| of.figures.utilization.into()).csv("utilization", Shortest),
        Column::new("P(wait)", Unit::Share(2), |of: Of| of.of_queue(of.figures.wait_probability).into()),
        Column::only_csv("wait_probability", Shortest, |of| of.figures.wait_probability.into()),
        Column::new("wait", Unit::Seconds, |of: Of| of.of_queue(of.figures.waiting_time).into()),
        Column::only_csv("waiting_time_s", Shortest, |of| of.figures.waiting_time.into()),
        Column::new("one queue", Unit::Seconds, |of: Of| of.figures.pooled_waiting_time.into())
            .csv("waiting_time_one_queue_s", Shortest),
        Column::new("time in tier", Unit::Seconds, |of: Of| of.figures.sojourn_time.into())
            .csv("sojourn_time_s", Shortest),
        Column::new("hit ratio", Unit::Share(2), |of: Of| of.figures.hit_ratio.into())
            .csv("hit_ratio", Shortest)
            .if_any(),
        Column::new("misses", Unit::PerSecond, |of: Of| of.figures.miss_rate.into())
            .csv("misses_per_s", Shortest)
            .if_any(),
        Column::only_csv("unavailability", Scientific, |of| of.planned.unavailability().into()),
        Column::only_csv("monthly_cost_usd", Decimals(2), |of| of.planned.tier().price.monthly_usd().into()),
        Column::new("method", Unit::Words, |of: Of| of.figures.method.name().into()).csv("method", Shortest),
        Column::only_csv("status", Shortest, |_| "serves".into()),
    ]
}

/// What each tier does in a state of the system.
pub(super) fn state_grid(plan: &Review, state: &Evaluation) -> Grid {
    grid(&state_columns(), &InState::all(plan, state))
}

/// The answer of `capplan evaluate` as CSV: a row for each tier and state of the system. A state that breaks down has one
/// row that says so.
pub fn evaluation_csv(plan: &Review) -> Vec<u8> {
    let columns = state_columns();
    let mut csv = Csv::new(&["state".to_owned()], &columns);
    let states = [
        ("all_up", Ok(&plan.normal)),
        ("zone_lost", plan.zone_lost.as_ref()),
        ("designed_loss", plan.design_loss.as_ref()),
    ];
    for (name, outcome) in states {
        let leading = [name.to_owned()];
        match outcome {
            Ok(state) => InState::all(plan, state).iter().for_each(|tier| csv.row(&leading, tier)),
            Err(breakdown) => csv.failed(&leading, &breakdown.to_string()),
        }
    }
    csv.into_bytes()
}

/// The answer of `capplan evaluate` as CSV for a system without a steady state.
pub fn breakdown_csv(breakdown: &Breakdown) -> Vec<u8> {
    let mut table = Grid::new(["state", "status"]);
    table.row(["all_up", &breakdown.to_string()]);
    table.csv()
}

/// The thresholds of every tier that scales, and what the rule of thumb would do to it.
pub(super) fn threshold_grid(plan: &Review) -> Grid {
    let columns: [Column<Planned<'_>>; 7] = [
        Column::new("tier", Unit::Words, |of| of.tier().name.as_str().into()),
        Column::new("scale out", Unit::Share(1), |of| of.scale_out_at().into()),
        Column::new("scale in", Unit::Share(1), |of| of.scale_in_at().into()),
        Column::new("min", Unit::Count, |of| of.min_count().into()),
        Column::new("max", Unit::Count, |of| most_instances(of.tier()).into()),
        Column::new("rule of thumb", Unit::Words, |of| of.thresholds().map(|found| rule_name(&found.rule)).into()),
        Column::new("because", Unit::Words, |of| of.thresholds().map(|found| rule_text(found).reason).into()),
    ];
    let tiers: Vec<Planned<'_>> =
        Planned::all(plan).into_iter().filter(|planned| planned.thresholds().is_some()).collect();
    let tones = tiers.iter().filter_map(Planned::thresholds).map(|found| match found.rule {
        RuleVerdict::Safe => Tone::Good,
        RuleVerdict::Wasteful { .. } => Tone::Note,
        RuleVerdict::Unsafe { .. } => Tone::Bad,
    });
    grid(&columns, &tiers).with_tones(5, tones)
}

/// The largest number of instances to be prepared for; `6+` where the range of the model ends below that.
fn most_instances(tier: &ReviewedTier) -> String {
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

/// A part of the whole that may be down or is paid for.
#[derive(Default)]
struct Part {
    name: String,
    instances: Option<String>,
    needed: Option<String>,
    unavailability: Option<f64>,
    usd: Option<f64>,
}

/// How available each tier is and what it costs.
pub(super) fn service_grid(plan: &Review, system: &System) -> Grid {
    let columns: [Column<Part>; 6] = [
        Column::new("part", Unit::Words, |part| part.name.as_str().into()),
        Column::new("instances", Unit::Words, |part| part.instances.clone().into()),
        Column::new("needed", Unit::Count, |part| part.needed.clone().into()),
        Column::new("availability", Unit::Unavailability, |part| part.unavailability.into()),
        Column::new("down a year", Unit::DownPerYear, |part| part.unavailability.into()),
        Column::new("USD/month", Unit::Usd, |part| part.usd.into()),
    ];
    let mut parts: Vec<Part> = plan
        .tiers
        .iter()
        .zip(&plan.availability.tiers)
        .map(|(tier, availability)| Part {
            name: tier.name.clone(),
            instances: Some(instances_text(tier)),
            // A database whose primary carries everything needs no replica.
            needed: availability.needed.map(|needed| match needed {
                0 => "the primary".to_owned(),
                needed => needed.to_string(),
            }),
            unavailability: Some(availability.unavailability),
            usd: Some(tier.price.monthly_usd()),
        })
        .collect();
    let region = 1.0 - system.region().availability.get();
    let part = |name: &str, unavailability: Option<f64>, usd: Option<f64>| Part {
        name: name.to_owned(),
        unavailability,
        usd,
        ..Part::default()
    };
    parts.push(part("region", Some(region), None));
    parts.extend(plan.network.map(|cost| part("data transfer", None, Some(cost.total().monthly_usd()))));
    parts.push(part("whole", Some(plan.availability.unavailability), Some(plan.price.monthly_usd())));
    if !system.objectives().response_times.is_empty() {
        parts.push(part("whole, fast enough", Some(plan.performability.time_outside), None));
    }
    grid(&columns, &parts)
}

/// One line for each point of several.
pub(super) fn points_grid(points: &[Point]) -> Grid {
    let mut header = vec!["users".to_owned(), "requests/s".to_owned()];
    if let Some(point) = points.first() {
        header.extend(point.variation.iter().map(|(key, _)| key.clone()));
        header.extend(point.system.tiers().iter().filter(|tier| tier.fleet().is_some()).map(|tier| tier.name.clone()));
    }
    header.extend(["p99", "p99 after loss", "availability", "USD/month"].map(str::to_owned));
    let row = |point: &Point| {
        let plan = point.recommendation.as_ref();
        let rate = plan.map_or(point.design_rate, |plan| plan.normal.arrival_rate);
        let mut row = vec![point.users.map_or_else(|| MISSING.to_owned(), count), significant(rate)];
        row.extend(point.variation.iter().map(|(_, value)| value.clone()));
        if let Some(plan) = plan {
            let p99 = |evaluation: &Evaluation| duration(evaluation.overall.percentiles[3]);
            row.extend(plan.tiers.iter().filter(|tier| tier.instance_type.is_some()).map(instances_text));
            row.push(p99(&plan.normal));
            row.push(plan.design_loss.as_ref().map_or_else(|_| MISSING.to_owned(), p99));
            row.push(availability(plan.availability.unavailability));
            row.push(money(plan.price.monthly_usd()));
        } else {
            row.resize(header.len() - 1, MISSING.to_owned());
            row.push("no plan".to_owned());
        }
        row
    };
    let rows: Vec<Vec<String>> = points.iter().map(row).collect();
    Grid::new(header).with_rows(rows)
}
