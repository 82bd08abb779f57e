use crate::evaluate::Evaluation;
use crate::report::format;
use crate::sweep::{LoadCurve, LoadSample, Point};

use super::ChartError;
use super::figure::{Axis, Curve, Figure, Mark, Need, Rule, Scale, Shape, Stroke};
use super::load::{load_axis, load_of, load_title, planned_load};
use super::style::draw;

/// Draws the utilization of every tier that queues over the load, with its scale-out threshold.
///
/// # Errors
///
/// [`ChartError`] from the drawing library.
pub fn utilization_over_users_svg(point: &Point, curve: &LoadCurve) -> Result<String, ChartError> {
    let points = |tier: usize, figures: fn(&LoadSample) -> Option<&Evaluation>| -> Vec<(f64, f64)> {
        curve
            .samples
            .iter()
            .filter_map(|sample| Some((load_of(sample), figures(sample)?.tiers.get(tier)?.utilization?)))
            .collect()
    };
    let mut curves = Vec::new();
    let mut marks = Vec::new();
    let mut series = 0;
    for (tier, part) in point.system.tiers().iter().enumerate() {
        let normal = points(tier, |sample| sample.normal.as_ref());
        if normal.is_empty() {
            continue;
        }
        let after = points(tier, |sample| sample.design_loss.as_ref());
        let planned = point.recommendation.as_ref().and_then(|recommendation| recommendation.tiers.get(tier));
        let threshold = planned.and_then(|tier| tier.thresholds.as_ref()?.scale_out_at);
        if let Some((load, utilization)) = threshold.and_then(|threshold| crossing(&normal, threshold)) {
            let label = format!("{} at {}", part.name, format::percent(utilization, 0));
            marks.push(Mark {
                at: (load, utilization),
                series: Some(series),
                shape: Shape::Diamond,
                label: Some((label, Need::Must)),
            });
        }
        curves.push(Curve { label: Some(part.name.clone()), series, stroke: Stroke::Solid, points: normal });
        curves.push(Curve { label: None, series, stroke: Stroke::Dashed, points: after });
        series += 1;
    }
    let ticks = (0..=5).map(|fifth| f64::from(fifth) / 5.0).map(|share| (share, format::percent(share, 0))).collect();
    let planned = planned_load(point);
    draw(&Figure {
        title: format!("Utilization over {}", load_title(point)),
        subtitle: "Solid: nothing lost. Dashed: after the loss designed for. Diamond: scale out at.".to_owned(),
        x: load_axis(point, curve),
        y: Axis { title: "utilization of the tier".to_owned(), scale: Scale::Linear, ends: (0.0, 1.0), ticks },
        right: None,
        curves,
        rules: vec![Rule::Up(planned, format!("planned: {} {}", format::count(planned), load_title(point)))],
        marks,
    })
}

/// Where a rising curve reaches a height.
fn crossing(points: &[(f64, f64)], height: f64) -> Option<(f64, f64)> {
    points.windows(2).find(|pair| pair[0].1 <= height && height <= pair[1].1).map(|pair| {
        let share = if pair[1].1 > pair[0].1 { (height - pair[0].1) / (pair[1].1 - pair[0].1) } else { 0.0 };
        (pair[0].0 + share * (pair[1].0 - pair[0].0), height)
    })
}
