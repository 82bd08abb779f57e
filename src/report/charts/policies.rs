use crate::report::format;
use crate::review::{Planned, PolicyComparison};

use super::ChartError;
use super::figure::{Axis, Figure, Mark, Need, Scale, Shape};
use super::style::draw;

/// Waits below this are drawn at it.
const LEAST_WAIT: f64 = 1e-6;

/// Draws the mean wait at every balanced tier by the way of routing, from one queue to chance.
///
/// # Errors
///
/// [`ChartError`] from the drawing library.
pub fn wait_over_policies_svg(comparisons: &[PolicyComparison]) -> Result<String, ChartError> {
    let mut names: Vec<&'static str> = Vec::new();
    for policy in comparisons.iter().flat_map(|tier| &tier.policies) {
        if !names.contains(&policy.routing.name()) {
            names.push(policy.routing.name());
        }
    }
    let place = |name: &str| names.iter().position(|known| *known == name).map_or(0.0, |index| index as f64 + 1.0);
    let mut marks = Vec::new();
    for (series, tier) in comparisons.iter().enumerate() {
        for policy in &tier.policies {
            let at = (place(policy.routing.name()), policy.waiting_time.max(LEAST_WAIT));
            let (shape, need) = match policy.planned {
                Planned::Yes => (Shape::Diamond, Need::Must),
                Planned::No if policy.waiting_time < LEAST_WAIT => (Shape::Hollow, Need::May),
                Planned::No => (Shape::Circle, Need::May),
            };
            let label = format!("{}, p99 {}", tier.name, format::duration(policy.p99));
            marks.push(Mark { at, series: Some(series), shape, label: Some((label, need)) });
        }
    }
    let ticks = names.iter().map(|name| (place(name), (*name).to_owned())).collect();
    let waits = comparisons.iter().flat_map(|tier| &tier.policies).map(|policy| policy.waiting_time.max(LEAST_WAIT));
    let y = Axis::log("mean wait of a visit to the tier", waits, format::round_duration);
    draw(&Figure {
        title: "What the way of routing costs".to_owned(),
        subtitle: "Diamond: the plan's way. Hollow: below 1 µs. Labels: p99 of the response.".to_owned(),
        x: Axis {
            title: "way of routing".to_owned(),
            scale: Scale::Linear,
            ends: (0.5, names.len() as f64 + 0.5),
            ticks,
        },
        y,
        right: None,
        curves: Vec::new(),
        rules: Vec::new(),
        marks,
    })
}
