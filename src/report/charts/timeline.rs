use crate::report::format;
use crate::whatif::{Course, Phase, Stage};

use super::ChartError;
use super::figure::{Axis, Curve, Figure, Mark, Need, Rule, Scale, Shape, Stroke};
use super::style::draw;

/// Seconds up to which the time axis is nearly even; beyond, it is logarithmic.
const EVEN: f64 = 10.0;
/// Where the time before the fault begins on the axis.
const BEFORE: f64 = -0.6;

/// Draws what comes, what is served and what fails over the time of one scenario, with the response times of its stages.
///
/// # Errors
///
/// [`ChartError`] from the drawing library.
pub fn timeline_svg(course: &Course) -> Result<String, ChartError> {
    let end = end_of(course);
    let before = &course.before.evaluation;
    let curve = |label: &str, series: usize, stroke: Stroke, first: f64, rate: fn(&Phase) -> f64| {
        let mut points = vec![(BEFORE, first), (0.0, first)];
        for phase in &course.phases {
            let stop = phase.end().unwrap_or(end).min(end);
            points.extend([(place(phase.start), rate(phase)), (place(stop), rate(phase))]);
        }
        Curve { label: Some(label.to_owned()), series, stroke, points }
    };
    let rate = before.arrival_rate;
    let mut curves = vec![
        curve("served", 0, Stroke::Solid, rate * course.before.shares.served, |phase| phase.served_rate),
        curve("arriving", 2, Stroke::Dashed, rate, |phase| phase.arrival_rate),
    ];
    if course.phases.iter().any(|phase| phase.failed_rate > 0.0) {
        curves.push(curve("failing", 1, Stroke::Solid, 0.0, |phase| phase.failed_rate));
    }
    let values: Vec<f64> = curves.iter().flat_map(|curve| curve.points.iter().map(|(_, rate)| *rate)).collect();
    let y = Axis::from_zero("requests per second", values.iter().map(|rate| rate * 1.15), 0.0);
    let marks = course.stages.iter().filter_map(|stage| mark(course, stage, end)).collect();
    let mut rules = vec![Rule::Up(0.0, "fault".to_owned())];
    if let Some(time) = course.recovery_time.filter(|&time| time > 0.0 && time < end) {
        rules.push(Rule::Up(place(time), format!("recovered: {}", format::duration(time))));
    }
    draw(&Figure {
        title: format!("{}: {}", course.name, course.verdict.name()),
        subtitle: "Diamonds: p99, or the longest wait for capacity. The time axis is logarithmic.".to_owned(),
        x: Axis {
            title: "time since the fault".to_owned(),
            scale: Scale::Linear,
            ends: (BEFORE, place(end)),
            ticks: ticks(end),
        },
        y,
        right: None,
        curves,
        rules,
        marks,
    })
}

/// Where a time stands on the axis.
fn place(time: f64) -> f64 {
    (time / EVEN).ln_1p()
}

/// The end of the chart: some way into the last phase.
fn end_of(course: &Course) -> f64 {
    let last = course.phases.last().map_or(0.0, |phase| phase.start);
    (last * 1.8).max(60.0)
}

fn ticks(end: f64) -> Vec<(f64, String)> {
    let times =
        [0.0, 10.0, 30.0, 60.0, 180.0, 600.0, 1800.0, 3600.0, 14400.0, 43200.0, 86400.0, 604_800.0, 2_592_000.0];
    let last = place(end);
    let mut ticks: Vec<(f64, String)> = Vec::new();
    for time in times.into_iter().filter(|&time| time <= end) {
        let at = place(time);
        // A label needs about a ninth of the axis.
        if ticks.last().is_none_or(|(before, _)| at - before > (last - BEFORE) / 11.0) {
            ticks.push((at, if time == 0.0 { "0".to_owned() } else { format::round_duration(time) }));
        }
    }
    ticks
}

/// The response time of a stage, in its middle.
fn mark(course: &Course, stage: &Stage, end: f64) -> Option<Mark> {
    let text = match stage.p99 {
        Some(time) => format::duration(time),
        None if stage.backlog_wait > 0.0 => format!("waits {}", format::duration(stage.backlog_wait)),
        None => return None,
    };
    let stop = stage.duration.map_or(end, |duration| stage.start + duration).min(end);
    let middle = f64::midpoint(place(stage.start), place(stop));
    let phase = course.phases.iter().rev().find(|phase| place(phase.start) <= middle)?;
    Some(Mark {
        at: (middle, phase.served_rate),
        series: Some(0),
        shape: Shape::Diamond,
        label: Some((text, Need::May)),
    })
}
