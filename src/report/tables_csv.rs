use crate::review::Review;
use crate::sweep::Point;
use capplan_queueing::units::Bytes;

use super::rows::csv_line;
use super::verdict::rule_name;

fn cell<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn decimal(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(String::new, |value| format!("{value:.decimals$}"))
}

fn leading(point: &Point) -> Vec<String> {
    let mut cells = vec![cell(point.users)];
    cells.extend(point.variation.iter().map(|(_, value)| value.clone()));
    cells
}

fn header(points: &[Point], names: &[&str]) -> Vec<u8> {
    let mut cells = vec!["users".to_owned()];
    if let Some(point) = points.first() {
        cells.extend(point.variation.iter().map(|(key, _)| key.clone()));
    }
    cells.extend(names.iter().map(ToString::to_string));
    csv_line(&cells)
}

/// `recommendation.csv`: one row for each point and tier. A point without a plan has one row that says so.
pub fn recommendation_csv(points: &[Point]) -> Vec<u8> {
    let mut out = header(
        points,
        &[
            "tier",
            "kind",
            "instance_type",
            "instances",
            "standby",
            "per_zone",
            "utilization",
            "utilization_zone_lost",
            "scale_out_at",
            "scale_in_at",
            "min_instances",
            "max_instances",
            "waiting_time_s",
            "sojourn_time_s",
            "hit_ratio",
            "cache_memory_gib",
            "unavailability",
            "monthly_cost_usd",
            "status",
        ],
    );
    for point in points {
        let Some(plan) = &point.recommendation else {
            let mut cells = leading(point);
            cells.extend(vec![String::new(); 18]);
            cells.push("no_plan".to_owned());
            out.extend(csv_line(&cells));
            continue;
        };
        for (index, tier) in plan.tiers.iter().enumerate() {
            let figures = &plan.normal.tiers[index];
            let thresholds = tier.thresholds.as_ref();
            let memory = plan.caches.iter().find(|cache| cache.tier == index).map(|cache| cache.memory);
            let mut cells = leading(point);
            cells.extend([
                tier.name.clone(),
                tier.kind.name().to_owned(),
                cell(tier.instance_type.as_ref()),
                cell(tier.instances),
                tier.standby.to_string(),
                tier.per_zone.iter().map(ToString::to_string).collect::<Vec<_>>().join("+"),
                decimal(tier.utilization, 6),
                decimal(tier.utilization_zone_lost, 6),
                decimal(thresholds.and_then(|found| found.scale_out_at), 4),
                decimal(thresholds.and_then(|found| found.scale_in_at), 4),
                cell(thresholds.and_then(|found| found.min_count)),
                cell(thresholds.and_then(|found| found.max_count)),
                format!("{:.9}", figures.waiting_time),
                format!("{:.9}", figures.sojourn_time),
                decimal(figures.hit_ratio, 6),
                decimal(memory.map(|bytes| bytes / Bytes::GIB), 3),
                format!("{:.6e}", plan.availability.tiers[index].unavailability),
                format!("{:.2}", tier.price.monthly_usd()),
                "planned".to_owned(),
            ]);
            out.extend(csv_line(&cells));
        }
    }
    out
}

/// `thresholds.csv`: one row for each point, tier and count.
pub fn thresholds_csv(points: &[Point]) -> Vec<u8> {
    let mut out = header(
        points,
        &["tier", "instances", "planned", "scale_out_at", "scale_in_at", "largest_load_of_plan", "rule_70_20"],
    );
    for point in points {
        let Some(plan) = &point.recommendation else { continue };
        for tier in &plan.tiers {
            let Some(thresholds) = &tier.thresholds else { continue };
            for row in &thresholds.rows {
                let is_planned = row.count == thresholds.count;
                let mut cells = leading(point);
                cells.extend([
                    tier.name.clone(),
                    row.count.to_string(),
                    if is_planned { "yes" } else { "no" }.to_owned(),
                    decimal(row.scale_out_at, 4),
                    decimal(row.scale_in_at, 4),
                    format!("{:.4}", row.largest_load),
                    if is_planned { rule_name(&thresholds.rule) } else { "" }.to_owned(),
                ]);
                out.extend(csv_line(&cells));
            }
        }
    }
    out
}

/// The answer of `capplan evaluate` as CSV: one row for each tier and state of the system. A state that breaks down has
/// one row that says so.
pub fn evaluation_csv(plan: &Review) -> Vec<u8> {
    let header = [
        "state",
        "tier",
        "kind",
        "instance_type",
        "instances",
        "visits",
        "arrival_rate_per_s",
        "utilization",
        "wait_probability",
        "waiting_time_s",
        "waiting_time_one_queue_s",
        "sojourn_time_s",
        "hit_ratio",
        "misses_per_s",
        "unavailability",
        "monthly_cost_usd",
        "method",
        "status",
    ];
    let mut out = csv_line(&header.map(str::to_owned));
    for (state, outcome) in [
        ("all_up", Ok(&plan.normal)),
        ("zone_lost", plan.zone_lost.as_ref()),
        ("designed_loss", plan.design_loss.as_ref()),
    ] {
        match outcome {
            Ok(evaluation) => {
                for (index, (tier, figures)) in plan.tiers.iter().zip(&evaluation.tiers).enumerate() {
                    out.extend(csv_line(&[
                        state.to_owned(),
                        tier.name.clone(),
                        tier.kind.name().to_owned(),
                        cell(tier.instance_type.as_ref()),
                        cell(figures.instances),
                        figures.visits.to_string(),
                        figures.arrival_rate.to_string(),
                        cell(figures.utilization),
                        figures.wait_probability.to_string(),
                        figures.waiting_time.to_string(),
                        cell(figures.pooled_waiting_time),
                        figures.sojourn_time.to_string(),
                        cell(figures.hit_ratio),
                        cell(figures.miss_rate),
                        format!("{:e}", plan.availability.tiers[index].unavailability),
                        format!("{:.2}", tier.price.monthly_usd()),
                        figures.method.name().to_owned(),
                        "serves".to_owned(),
                    ]));
                }
            }
            Err(breakdown) => {
                let mut cells = vec![state.to_owned()];
                cells.extend(vec![String::new(); header.len() - 2]);
                cells.push(breakdown.to_string());
                out.extend(csv_line(&cells));
            }
        }
    }
    out
}
