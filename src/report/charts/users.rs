use std::collections::BTreeMap;

use crate::report::format;
use crate::sweep::Point;

use super::ChartError;
use super::figure::{Axis, Curve, Figure, Mark, Need, Shape, Stroke};
use super::load::{load_title, planned_load};
use super::style::draw;

/// Draws the recommended instances of each tier over the planned load.
///
/// # Errors
///
/// [`ChartError`] from the drawing library.
pub fn plan_over_users_svg(points: &[Point]) -> Result<String, ChartError> {
    let mut curves: Vec<Curve> = Vec::new();
    let mut marks = Vec::new();
    let mut types: BTreeMap<&str, &Option<String>> = BTreeMap::new();
    for point in points {
        let Some(recommendation) = &point.recommendation else { continue };
        for tier in &recommendation.tiers {
            let Some(instances) = tier.instances else { continue };
            let at = (planned_load(point), f64::from(instances + tier.standby));
            let known = curves.iter().position(|curve| curve.label.as_ref() == Some(&tier.name));
            let series = known.unwrap_or(curves.len());
            match known {
                Some(index) => curves[index].points.push(at),
                None => curves.push(Curve {
                    label: Some(tier.name.clone()),
                    series,
                    stroke: Stroke::Solid,
                    points: vec![at],
                }),
            }
            // The type, where it is another one than at the load before.
            let changed = types.insert(&tier.name, &tier.instance_type) != Some(&tier.instance_type);
            let label = tier.instance_type.clone().filter(|_| changed).map(|name| (name, Need::May));
            marks.push(Mark { at, series: Some(series), shape: Shape::of(series), label });
        }
    }
    over_users(points, "Recommended instances", "instances of the tier, standby included", curves, marks)
}

/// Draws the monthly cost of the recommended plan over the planned load.
///
/// # Errors
///
/// [`ChartError`] from the drawing library.
pub fn cost_over_users_svg(points: &[Point]) -> Result<String, ChartError> {
    let places: Vec<(f64, f64)> = points
        .iter()
        .filter_map(|point| Some((planned_load(point), point.recommendation.as_ref()?.price.monthly_usd())))
        .collect();
    let marks = places.iter().map(|&at| Mark { at, series: Some(0), shape: Shape::Circle, label: None }).collect();
    let curves = vec![Curve { label: None, series: 0, stroke: Stroke::Solid, points: places }];
    over_users(points, "Monthly cost", "monthly cost, USD", curves, marks)
}

fn over_users(
    points: &[Point],
    what: &str,
    title: &str,
    mut curves: Vec<Curve>,
    marks: Vec<Mark>,
) -> Result<String, ChartError> {
    for curve in &mut curves {
        curve.points.sort_by(|one, other| one.0.total_cmp(&other.0));
    }
    let load = points.first().map_or("users", load_title);
    let values = curves.iter().flat_map(|curve| curve.points.iter().map(|(_, value)| *value));
    draw(&Figure {
        title: format!("{what} over {load}"),
        subtitle: "The cheapest plan that keeps every objective at each load; both axes logarithmic.".to_owned(),
        x: Axis::log(load, points.iter().map(planned_load), format::short),
        y: Axis::log(title, values, format::short),
        right: None,
        curves,
        rules: Vec::new(),
        marks,
    })
}
