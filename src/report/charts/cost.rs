use crate::model::{Deployment, ResponseObjective, System};
use crate::plan::FrontierPoint;
use crate::report::format;
use crate::sweep::Point;

use super::ChartError;
use super::figure::{Axis, Curve, Figure, Mark, Need, Rule, Shape, Stroke};
use super::style::draw;

const PERCENTILE: f64 = 0.99;

/// Draws the monthly cost over the 99th percentile of the response time after the loss designed for: the frontier,
/// along which speed is paid for, and the recommended plan.
///
/// # Errors
///
/// [`ChartError`] from the drawing library.
pub fn cost_over_p99_svg(
    point: &Point,
    frontier: &[FrontierPoint],
    recommended_p99: Option<f64>,
) -> Result<String, ChartError> {
    let objective = point
        .system
        .objectives()
        .response_times
        .iter()
        .find(|objective| objective.class.is_none() && objective.percentile == PERCENTILE)
        .map(|objective| objective.limit.get());
    let mut places: Vec<(f64, f64, &Deployment, Option<String>)> = frontier
        .iter()
        .map(|found| {
            let missed = found.missed.first().map(|objective| missed_text(&point.system, objective));
            (found.response_time_after_loss, found.price.monthly_usd(), &found.found.deployment, missed)
        })
        .collect();
    places.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
    let recommended = point
        .recommendation
        .as_ref()
        .and_then(|plan| Some((recommended_p99?, plan.price.monthly_usd(), &plan.deployment)));
    // What else it keeps may cost the recommended plan its place on the frontier of this one percentile.
    if let Some((time, cost, deployment)) = recommended
        && !places.iter().any(|place| place.0 <= time && place.1 <= cost)
    {
        let index = places.partition_point(|place| place.0 < time);
        places.insert(index, (time, cost, deployment, None));
    }
    let mut steps: Vec<(f64, f64)> = Vec::new();
    for &(time, cost, ..) in &places {
        if let Some(&(_, before)) = steps.last() {
            steps.push((time, before));
        }
        steps.push((time, cost));
    }
    let mut marks: Vec<Mark> = Vec::new();
    if let Some((time, cost, _)) = recommended {
        let label = format!("recommended: {} USD, {}", format::money(cost), format::duration(time));
        marks.push(Mark { at: (time, cost), series: Some(1), shape: Shape::Diamond, label: Some((label, Need::Must)) });
    }
    for (time, cost, deployment, missed) in &places {
        if recommended.is_some_and(|(_, _, chosen)| chosen == *deployment) {
            continue;
        }
        let change = recommended.and_then(|(_, _, from)| change(&point.system, from, deployment));
        let label = match (change, missed) {
            (Some(change), Some(missed)) => Some(format!("{change}: {missed}")),
            (change, missed) => change.or_else(|| missed.clone()),
        };
        let shape = if missed.is_some() { Shape::Hollow } else { Shape::Circle };
        let label = label.map(|text| (text, Need::May));
        marks.push(Mark { at: (*time, *cost), series: Some(0), shape, label });
    }
    let times = places.iter().map(|place| place.0).chain(recommended.map(|place| place.0)).chain(objective);
    let costs = places.iter().map(|place| place.1).chain(recommended.map(|place| place.1));
    let headroom = point.system.objectives().headroom;
    let beyond =
        if headroom > 0.0 { format!(", with {} more load", format::percent(headroom, 0)) } else { String::new() };
    let x = Axis::log(&format!("p99 after the loss designed for{beyond}"), times, format::round_duration);
    let y = Axis::around("monthly cost, USD", costs, format::money);
    let rules = objective
        .map(|limit| Rule::Up(limit, format!("objective p99: {}", format::round_duration(limit))))
        .into_iter()
        .collect();
    draw(&Figure {
        title: "Monthly cost over response time".to_owned(),
        subtitle: "The cheapest plan for each p99, and its difference. Hollow: misses an objective.".to_owned(),
        x,
        y,
        right: None,
        curves: vec![Curve { label: None, series: 0, stroke: Stroke::Solid, points: steps }],
        rules,
        marks,
    })
}

fn missed_text(system: &System, objective: &ResponseObjective) -> String {
    let class = objective.class.and_then(|class| system.classes().get(class));
    let of = class.map_or_else(String::new, |class| format!(" of {}", class.name));
    let limit = format::round_duration(objective.limit.get());
    format!("misses p{}{of} {limit}", format::short(objective.percentile * 100.0))
}

/// What one deployment has that another has not, where that is short enough for a label.
fn change(system: &System, from: &Deployment, to: &Deployment) -> Option<String> {
    let mut parts = Vec::new();
    for (tier, (old, new)) in system.tiers().iter().zip(from.choices.iter().zip(&to.choices)) {
        let (Some(old), Some(new), Some(fleet)) = (old, new, tier.fleet()) else { continue };
        if old.instance_type != new.instance_type {
            let name = fleet.types.get(new.instance_type).map_or("", |kind| kind.name.as_str());
            parts.push(format!("{} {} x {name}", tier.name, new.count));
        } else if old.count != new.count {
            let sign = if new.count > old.count { "+" } else { "-" };
            parts.push(format!("{sign}{} {}", new.count.abs_diff(old.count), tier.name));
        }
    }
    (1..=2).contains(&parts.len()).then(|| parts.join(", "))
}
