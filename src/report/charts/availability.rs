use crate::report::format;
use crate::sweep::{AvailabilityCurve, Point};

use super::ChartError;
use super::figure::{Axis, Curve, Figure, Mark, Need, Rule, Scale, Shape, Stroke};
use super::style::draw;

/// The least unavailability that is drawn: a third of a second a year.
const LEAST: f64 = 1e-8;

/// Draws the availability of each tier over its count, the planned counts marked.
///
/// # Errors
///
/// [`ChartError`] from the drawing library.
pub fn availability_over_instances_svg(point: &Point, curves: &[AvailabilityCurve]) -> Result<String, ChartError> {
    let objective = point.system.objectives().availability.map(|availability| 1.0 - availability.get());
    let mut lines = Vec::new();
    let mut marks = Vec::new();
    for (series, curve) in curves.iter().enumerate() {
        // Curves leave through the upper edge; a planned count beyond it stands on it.
        let points: Vec<(f64, f64)> = curve
            .points
            .iter()
            .filter(|(_, own, _)| *own > 0.0)
            .map(|&(count, own, _)| (f64::from(count), own))
            .collect();
        lines.push(Curve { label: None, series, stroke: Stroke::Solid, points });
    }
    let drawn = lines.iter().flat_map(|line| line.points.iter().map(|(_, down)| *down));
    let last = drawn.chain(objective).filter(|down| *down > 0.0).fold(1e-3, f64::min).max(LEAST) / 2.0;
    #[expect(clippy::cast_possible_truncation, reason = "between 3 and 10")]
    let nines = (0.0 - last.log10()).floor() as i32;
    let ticks: Vec<(f64, String)> = (0..=nines).map(|nines| (1.0 / 10_f64.powi(nines), nines_label(nines))).collect();
    let notes = ticks.iter().map(|&(down, _)| (down, format::downtime_per_year(down))).collect();
    let counts = lines.iter().flat_map(|line| line.points.iter().map(|(count, _)| *count));
    let largest = counts.clone().fold(1.0, f64::max);
    let x = if largest > 24.0 {
        Axis::log("instances of the tier", counts, format::short)
    } else {
        Axis::from_zero("instances of the tier", counts, 2.0)
    };
    for (series, curve) in curves.iter().enumerate() {
        let name = point.system.tiers().get(curve.tier).map_or("", |tier| tier.name.as_str());
        let Some(&(count, own, _)) = curve.points.iter().find(|(count, ..)| *count == curve.planned) else { continue };
        let label = format!("{name}: {count} planned, {}", format::availability(own));
        let at = (f64::from(count), own.clamp(last, 1.0));
        marks.push(Mark { at, series: Some(series), shape: Shape::of(series), label: Some((label, Need::Must)) });
    }
    let rules = objective
        .filter(|down| *down > 0.0)
        .map(|down| Rule::Across(down, format!("objective for the whole: {}", format::availability(down))))
        .into_iter()
        .collect();
    draw(&Figure {
        title: "Availability of each tier over its instances".to_owned(),
        subtitle: "Marked: the planned counts, on the upper edge where they are beyond it. Failovers are counted."
            .to_owned(),
        x,
        y: Axis { title: "availability".to_owned(), scale: Scale::Log, ends: (1.0, last), ticks },
        right: Some(("down per year".to_owned(), notes)),
        curves: lines,
        rules,
        marks,
    })
}

/// `99.9 %` for 3: the share of time up, written with its nines and nothing after them.
fn nines_label(nines: i32) -> String {
    let digits = usize::try_from(nines - 2).unwrap_or(0);
    format::percent(1.0 - 1.0 / 10_f64.powi(nines), digits)
}
