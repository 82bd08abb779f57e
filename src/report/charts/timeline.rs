use crate::model::{ResponseObjective, System};
use crate::report::format;
use crate::review::{Impact, Phase};

use super::ChartError;
use super::figure::{Axis, Curve, Figure, Rule, Scale, Stroke};
use super::style::draw_panels;

/// Seconds up to which the time axis is nearly even; beyond, it is logarithmic.
const EVEN: f64 = 10.0;
/// Where the time before the fault begins on the axis.
const BEFORE: f64 = -0.6;

/// Straight pieces of what is drawn bent.
const CURVED: i32 = 24;
/// Heights of the panels in CSS pixels.
const RATES_HIGH: f64 = 350.0;
const TIMES_HIGH: f64 = 290.0;
const LOADS_HIGH: f64 = 310.0;

/// The largest load that is drawn: what is beyond help is at the edge.
const MOST_LOAD: f64 = 3.0;

/// Draws one scenario over time in three panels: what comes, is served and fails; how long requests take; how busy each
/// tier is.
///
/// # Errors
///
/// [`ChartError`] from the drawing library.
pub fn timeline_svg(system: &System, impact: &Impact) -> Result<String, ChartError> {
    let end = end_of(impact);
    let panels = [(times(system, impact, end), TIMES_HIGH), (loads(system, impact, end), LOADS_HIGH)];
    draw_panels((&rates(impact, end), RATES_HIGH), &panels)
}

/// What comes, what is served and what fails.
fn rates(impact: &Impact, end: f64) -> Figure {
    let before = &impact.before.evaluation;
    let curve = |label: &str, series: usize, stroke: Stroke, first: f64, rate: fn(&Phase) -> f64| {
        let mut points = vec![(BEFORE, first), (0.0, first)];
        for phase in &impact.timeline.phases {
            let stop = phase.end().unwrap_or(end).min(end);
            points.extend([(place(phase.start), rate(phase)), (place(stop), rate(phase))]);
        }
        Curve { label: Some(label.to_owned()), series, stroke, points }
    };
    let rate = before.arrival_rate;
    let mut curves = vec![
        curve("served", 0, Stroke::Solid, rate * impact.before.shares.served, |phase| phase.served_rate),
        curve("arriving", 2, Stroke::Dashed, rate, |phase| phase.arrival_rate),
    ];
    if impact.timeline.phases.iter().any(|phase| phase.failed_rate > 0.0) {
        curves.push(curve("failing", 1, Stroke::Solid, 0.0, |phase| phase.failed_rate));
    }
    let values: Vec<f64> = curves.iter().flat_map(|curve| curve.points.iter().map(|(_, rate)| *rate)).collect();
    let y = Axis::from_zero("requests per second", values.iter().map(|rate| rate * 1.15), 0.0);
    let mut rules = vec![Rule::Up(0.0, "fault".to_owned())];
    if let Some(time) = impact.recovery_time.filter(|&time| time > 0.0 && time < end) {
        rules.push(Rule::Up(place(time), format!("recovered: {}", format::duration(time))));
    }
    Figure {
        title: format!("{}: {}", impact.scenario.name, impact.verdict.name()),
        subtitle: "The time axis is logarithmic.".to_owned(),
        x: time_axis(end),
        y,
        right: None,
        curves,
        rules,
        marks: Vec::new(),
    }
}

/// How long requests take: the p99, or the wait for capacity where a backlog stands.
fn times(system: &System, impact: &Impact, end: f64) -> Figure {
    let before = impact.before.evaluation.p99;
    let mut pieces: Vec<Vec<(f64, f64)>> = vec![vec![(BEFORE, before), (0.0, before)]];
    for phase in &impact.timeline.phases {
        let stop = place(phase.end().unwrap_or(end).min(end));
        let steady = phase.evaluation.as_ref().ok().map(|found| found.evaluation.p99);
        let ends = match (phase.backlog_wait, steady) {
            ([0.0, 0.0], None) => {
                pieces.push(Vec::new());
                continue;
            }
            ([0.0, 0.0], Some(time)) => [time, time],
            // A backlog comes on top of what a request takes without one.
            (waits, _) => waits.map(|wait| wait + before),
        };
        if let Some(piece) = pieces.last_mut() {
            // A wait grows and falls evenly in time, which bends on this axis.
            let steps = if phase.backlog_wait == [0.0; 2] { 1 } else { CURVED };
            let (from, to) = (phase.start, phase.end().unwrap_or(end).min(end));
            piece.extend((0..=steps).map(|step| {
                let share = f64::from(step) / f64::from(steps);
                (place(from + share * (to - from)).min(stop), ends[0] + share * (ends[1] - ends[0]))
            }));
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    let last = pieces.len().saturating_sub(1);
    let curves: Vec<Curve> = pieces
        .into_iter()
        .enumerate()
        .map(|(index, points)| Curve {
            label: (index == last).then(|| "p99".to_owned()),
            series: 3,
            stroke: Stroke::Solid,
            points,
        })
        .collect();
    let limits = system.objectives().response_times.iter().map(|objective| objective.limit.get());
    let values: Vec<f64> = curves.iter().flat_map(|curve| curve.points.iter().map(|(_, time)| *time)).collect();
    let rules = limit_rules(system, values.iter().copied());
    let shown = values.into_iter().chain(limits);
    Figure {
        title: "How long requests take".to_owned(),
        subtitle: "p99 of what is served, and the wait for capacity where a backlog stands.".to_owned(),
        x: time_axis(end),
        y: Axis::log("response time", shown, format::round_duration),
        right: None,
        curves,
        rules,
        marks: Vec::new(),
    }
}

/// Lines at the limits of response-time objectives; on an axis so long that their names would stand on each other, one
/// name for all.
fn limit_rules(system: &System, values: impl Iterator<Item = f64>) -> Vec<Rule> {
    /// Ratio of the ends of an axis on which names of two limits have room.
    const ROOM: f64 = 20.0;
    let objectives = &system.objectives().response_times;
    let name = |objective: &ResponseObjective| {
        let percentile = format::short(objective.percentile * 100.0);
        format!("p{percentile} {}", format::round_duration(objective.limit.get()))
    };
    let limit = |objective: &ResponseObjective| objective.limit.get();
    let (least, most) = values.fold((f64::INFINITY, 0.0), |(least, most), time| (time.min(least), time.max(most)));
    let largest = objectives.iter().map(limit).fold(0.0, f64::max);
    if most.max(largest) < least * ROOM || objectives.len() < 2 {
        let label = |objective: &ResponseObjective| format!("objective: {}", name(objective));
        return objectives.iter().map(|objective| Rule::Across(limit(objective), label(objective))).collect();
    }
    let all = objectives.iter().map(name).collect::<Vec<String>>().join(", ");
    let mut named = false;
    let rule = |objective: &ResponseObjective| {
        let carries = limit(objective) >= largest && !std::mem::replace(&mut named, true);
        Rule::Across(limit(objective), if carries { format!("objectives: {all}") } else { String::new() })
    };
    objectives.iter().map(rule).collect()
}

/// How busy each tier is.
fn loads(system: &System, impact: &Impact, end: f64) -> Figure {
    let queueing = (0..system.tiers().len()).filter(|&tier| impact.before.evaluation.tiers[tier].load().is_some());
    let curves: Vec<Curve> = queueing
        .enumerate()
        .flat_map(|(series, tier)| {
            let pieces = load_pieces(impact, tier, end);
            let last = pieces.len().saturating_sub(1);
            let name = system.tiers()[tier].name.clone();
            pieces.into_iter().enumerate().map(move |(index, points)| Curve {
                label: (index == last).then(|| name.clone()),
                series,
                stroke: Stroke::Solid,
                points,
            })
        })
        .collect();
    let most = curves.iter().flat_map(|curve| curve.points.iter().map(|(_, load)| *load)).fold(1.1, f64::max);
    let step = if most > 1.6 { 0.5 } else { 0.25 };
    let ticks = (0..=12).map(|number| f64::from(number) * step).take_while(|&load| load <= most * 1.05);
    Figure {
        title: "How busy each tier is".to_owned(),
        subtitle: "What comes, retries and backlog among it, over what the tier can serve.".to_owned(),
        x: time_axis(end),
        y: Axis {
            title: "load".to_owned(),
            scale: Scale::Linear,
            ends: (0.0, most * 1.08),
            ticks: ticks.map(|load| (load, format::percent(load, 0))).collect(),
        },
        right: None,
        curves,
        rules: vec![Rule::Across(1.0, "all that can be served".to_owned())],
        marks: Vec::new(),
    }
}

/// The load of a tier, in pieces where it takes no part for a while.
fn load_pieces(impact: &Impact, tier: usize, end: f64) -> Vec<Vec<(f64, f64)>> {
    let before = impact.before.evaluation.tiers[tier].load().unwrap_or(0.0).min(MOST_LOAD);
    let mut pieces = vec![vec![(BEFORE, before), (0.0, before)]];
    for (index, phase) in impact.timeline.phases.iter().enumerate() {
        let (Some(mean), Some(peak)) = (phase.load[tier], phase.peak_load[tier]) else {
            pieces.push(Vec::new());
            continue;
        };
        let stop = place(phase.end().unwrap_or(end).min(end));
        // What falls within a phase falls to where the next one of the stage begins.
        let next = impact.timeline.phases.get(index + 1).filter(|next| next.name == phase.name);
        let fallen = next.and_then(|next| next.peak_load[tier]).unwrap_or(mean).min(peak);
        if let Some(piece) = pieces.last_mut() {
            piece.extend([(place(phase.start), peak.min(MOST_LOAD)), (stop, fallen.min(MOST_LOAD))]);
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn time_axis(end: f64) -> Axis {
    Axis {
        title: "time since the fault".to_owned(),
        scale: Scale::Linear,
        ends: (BEFORE, place(end)),
        ticks: ticks(end),
    }
}

/// Where a time stands on the axis.
fn place(time: f64) -> f64 {
    (time / EVEN).ln_1p()
}

/// The end of the chart: some way into the last phase.
fn end_of(impact: &Impact) -> f64 {
    let last = impact.timeline.phases.last().map_or(0.0, |phase| phase.start);
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
