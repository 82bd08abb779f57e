use crate::evaluate::Evaluation;
use crate::model::PERCENTILES;
use crate::report::format;
use crate::review::Review;
use crate::sweep::{LoadCurve, LoadSample, Point};

use super::ChartError;
use super::figure::{Axis, Curve, Figure, Mark, Need, Rule, Shape, Stroke};
use super::load::{load_axis, load_of, load_title, planned_load};
use super::style::draw;

/// How far the axis goes past the loosest objective: beyond, a curve only says "too slow".
const PAST_OBJECTIVE: f64 = 4.0;

/// Draws percentiles of the response time over the load, with nothing lost and after the loss designed for.
///
/// # Errors
///
/// [`ChartError`] from the drawing library.
pub fn response_time_over_users_svg(point: &Point, curve: &LoadCurve) -> Result<String, ChartError> {
    let percentile = |wanted: f64, figures: fn(&LoadSample) -> Option<&Evaluation>| -> Vec<(f64, f64)> {
        let index = PERCENTILES.iter().position(|&percentile| percentile == wanted).unwrap_or(0);
        curve
            .samples
            .iter()
            .filter_map(|sample| Some((load_of(sample), figures(sample)?.overall.percentiles[index])))
            .collect()
    };
    let line = |label: &str, series: usize, stroke: Stroke, points: Vec<(f64, f64)>| Curve {
        label: Some(label.to_owned()),
        series,
        stroke,
        points,
    };
    let curves = vec![
        line("p99 after the loss", 1, Stroke::Dashed, percentile(0.99, |sample| sample.design_loss.as_ref())),
        line("p99", 1, Stroke::Solid, percentile(0.99, |sample| sample.normal.as_ref())),
        line("p95", 2, Stroke::Solid, percentile(0.95, |sample| sample.normal.as_ref())),
        line("p50", 0, Stroke::Solid, percentile(0.5, |sample| sample.normal.as_ref())),
    ];
    let system = &point.system;
    let objectives: Vec<(f64, String)> = system
        .objectives()
        .response_times
        .iter()
        .map(|objective| {
            let class = objective.class.and_then(|class| system.classes().get(class));
            let of = class.map_or_else(String::new, |class| format!(" of {}", class.name));
            let limit = objective.limit.get();
            (
                limit,
                format!(
                    "objective p{}{of}: {}",
                    format::short(objective.percentile * 100.0),
                    format::round_duration(limit)
                ),
            )
        })
        .collect();
    let loosest = objectives.iter().map(|(limit, _)| *limit).fold(0.0, f64::max);
    let top = if loosest > 0.0 { PAST_OBJECTIVE * loosest } else { f64::INFINITY };
    let values = curves
        .iter()
        .flat_map(|curve| curve.points.iter().map(|(_, time)| time.min(top)))
        .chain(objectives.iter().map(|(limit, _)| *limit));
    let y = Axis::log("response time", values, format::round_duration);
    let planned = planned_load(point);
    let marks = point.recommendation.as_ref().map_or_else(Vec::new, |plan| planned_marks(plan, planned));
    let mut rules: Vec<Rule> = objectives.into_iter().map(|(limit, label)| Rule::Across(limit, label)).collect();
    rules.push(Rule::Up(planned, format!("planned: {} {}", format::count(planned), load_title(point))));
    draw(&Figure {
        title: format!("Response time over {}", load_title(point)),
        subtitle: "Solid: nothing lost. Dashed: after the loss designed for. Marked: the plan.".to_owned(),
        x: load_axis(point, curve),
        y,
        right: None,
        curves,
        rules,
        marks,
    })
}

/// The planned response times at the planned load.
fn planned_marks(plan: &Review, planned: f64) -> Vec<Mark> {
    let mark = |series: usize, time: f64, label: Option<String>| Mark {
        at: (planned, time),
        series: Some(series),
        shape: Shape::Diamond,
        label: label.map(|label| (label, Need::Must)),
    };
    let [p50, _, p95, p99, _] = plan.normal.overall.percentiles;
    let labelled = |time: f64| Some(format::duration(time));
    let mut marks = vec![mark(1, p99, labelled(p99)), mark(2, p95, labelled(p95)), mark(0, p50, labelled(p50))];
    if let Ok(after) = &plan.design_loss {
        marks.push(mark(1, after.overall.percentiles[3], None));
    }
    marks
}
