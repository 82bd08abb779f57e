use crate::sweep::{Point, Recommendation};

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

/// Columns of a deployment's tiers.
const TIER_COLUMNS: [&str; 18] = [
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
    "unavailability",
    "monthly_cost_usd",
    "status",
];

/// `recommendation.csv`: one row for each point and tier. A point without a plan has one row that says so.
pub fn recommendation_csv(points: &[Point]) -> Vec<u8> {
    let mut out = header(points, &TIER_COLUMNS);
    for point in points {
        match &point.recommendation {
            Some(plan) => push_tiers(&mut out, &leading(point), plan, "planned"),
            None => push_nothing(&mut out, leading(point), "no_plan"),
        }
    }
    out
}

/// The answer of an evaluation in the columns of `recommendation.csv`; without a deployment that has a steady state one
/// row that says so.
pub fn evaluation_csv(users: Option<f64>, plan: Option<&Recommendation>) -> Vec<u8> {
    let mut out = header(&[], &TIER_COLUMNS);
    match plan {
        Some(plan) => push_tiers(&mut out, &[cell(users)], plan, "as_it_stands"),
        None => push_nothing(&mut out, vec![cell(users)], "no_steady_state"),
    }
    out
}

fn push_nothing(out: &mut Vec<u8>, mut cells: Vec<String>, status: &str) {
    cells.extend(vec![String::new(); TIER_COLUMNS.len() - 1]);
    cells.push(status.to_owned());
    out.extend(csv_line(&cells));
}

fn push_tiers(out: &mut Vec<u8>, leading: &[String], plan: &Recommendation, status: &str) {
    for (index, tier) in plan.tiers.iter().enumerate() {
        let figures = &plan.normal.tiers[index];
        let thresholds = tier.thresholds.as_ref();
        let mut cells = leading.to_vec();
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
            format!("{:.6e}", plan.availability.tiers[index].unavailability),
            format!("{:.2}", tier.price.monthly_usd()),
            status.to_owned(),
        ]);
        out.extend(csv_line(&cells));
    }
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
