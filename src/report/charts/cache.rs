use crate::report::format;
use crate::review::CacheReport;
use capplan_queueing::units::Bytes;

use super::ChartError;
use super::figure::{Axis, Curve, Figure, Mark, Need, Rule, Scale, Shape, Stroke};
use super::style::draw;

/// Draws the hit ratio of every cache over its memory, with what the plan has.
///
/// # Errors
///
/// [`ChartError`] from the drawing library.
pub fn cache_memory_svg(caches: &[CacheReport]) -> Result<String, ChartError> {
    let memory = |bytes: f64| bytes / Bytes::GIB;
    let mut curves = Vec::new();
    let mut marks = Vec::new();
    for (series, cache) in caches.iter().enumerate() {
        let points = cache.memory_curve.iter().map(|&(bytes, hits)| (memory(bytes), hits)).collect();
        curves.push(Curve { label: Some(cache.name.clone()), series, stroke: Stroke::Solid, points });
        let label =
            format!("now: {} GiB, {}", format::significant(memory(cache.memory)), format::percent(cache.hit_ratio, 1));
        let at = (memory(cache.memory), cache.hit_ratio);
        marks.push(Mark { at, series: Some(series), shape: Shape::Circle, label: Some((label, Need::Must)) });
        for target in &cache.targets {
            let Some(bytes) = target.memory else { continue };
            let hits = format::percent(target.hit_ratio, 0);
            let label = format!("{hits}: {} GiB", format::significant(memory(bytes)));
            let at = (memory(bytes), target.hit_ratio);
            marks.push(Mark { at, series: Some(series), shape: Shape::Hollow, label: Some((label, Need::May)) });
        }
    }
    let sizes = curves.iter().flat_map(|curve| &curve.points).map(|point| point.0);
    let own = caches.iter().map(|cache| memory(cache.memory));
    draw(&Figure {
        title: "Hit ratio over cache memory".to_owned(),
        subtitle: "Full: what runs. Hollow: least memory for one point more, and for 90, 95 and 99 %.".to_owned(),
        x: Axis::log("memory for data, GiB", sizes.chain(own).collect::<Vec<f64>>(), format::short),
        y: shares("hit ratio"),
        right: None,
        curves,
        rules: Vec::new(),
        marks,
    })
}

/// Draws the utilization of the tier behind every cache over the hit ratio, with where the objectives break.
///
/// # Errors
///
/// [`ChartError`] from the drawing library.
pub fn cache_database_svg(caches: &[CacheReport]) -> Result<String, ChartError> {
    let mut curves = Vec::new();
    let mut marks = Vec::new();
    let mut rules = Vec::new();
    for (series, (cache, database)) in
        caches.iter().filter_map(|cache| Some((cache, cache.database.as_ref()?))).enumerate()
    {
        let label = format!("{} behind {}", database.name, cache.name);
        let points = database.curve.clone();
        curves.push(Curve { label: Some(label), series, stroke: Stroke::Solid, points });
        let label =
            format!("now: {} at {}", format::percent(database.utilization, 0), format::percent(cache.hit_ratio, 1));
        let at = (cache.hit_ratio, database.utilization);
        marks.push(Mark { at, series: Some(series), shape: Shape::Circle, label: Some((label, Need::Must)) });
        if let Some(least) = database.objectives_hold_from.filter(|&least| least > 0.0) {
            rules.push(Rule::Up(least, format!("objectives break below {}", format::percent(least, 1))));
        }
    }
    let most = curves.iter().flat_map(|curve| &curve.points).map(|point| point.1).fold(1.0, f64::max);
    if most > 1.0 {
        rules.push(Rule::Across(1.0, "overloaded above".to_owned()));
    }
    draw(&Figure {
        title: "Database load over the hit ratio".to_owned(),
        subtitle: "At the present rate of requests, with nothing lost. Dot: what runs.".to_owned(),
        // Room for the last label.
        x: Axis { ends: (0.0, 1.03), ..shares("hit ratio") },
        y: load_axis("utilization of the tier behind the cache", most),
        right: None,
        curves,
        rules,
        marks,
    })
}

/// Draws hit ratio and the load of the tier behind after a start with an empty cache.
///
/// # Errors
///
/// [`ChartError`] from the drawing library.
pub fn cache_warm_up_svg(caches: &[CacheReport]) -> Result<String, ChartError> {
    let mut curves = Vec::new();
    let mut marks = Vec::new();
    for (number, (cache, warm_up)) in
        caches.iter().filter_map(|cache| Some((cache, cache.warm_up.as_ref()?))).enumerate()
    {
        let series = 2 * number;
        let hits = warm_up.curve.iter().map(|point| (point.seconds, point.hit_ratio)).collect();
        let label = Some(format!("{} hit ratio", cache.name));
        curves.push(Curve { label, series, stroke: Stroke::Solid, points: hits });
        if let Some(time) = warm_up.time_to_90_percent {
            let label = format!("nine tenths after {}", format::duration(time));
            let at = (time, 0.9 * cache.hit_ratio);
            marks.push(Mark { at, series: Some(series), shape: Shape::Diamond, label: Some((label, Need::Must)) });
        }
        let Some(database) = &cache.database else { continue };
        let load =
            warm_up.curve.iter().filter_map(|point| Some((point.seconds, point.database_utilization?))).collect();
        let label = Some(format!("{} utilization", database.name));
        curves.push(Curve { label, series: series + 1, stroke: Stroke::Dashed, points: load });
    }
    let most = curves.iter().flat_map(|curve| &curve.points).map(|point| point.1).fold(1.0, f64::max);
    let times = curves.iter().flat_map(|curve| &curve.points).map(|point| point.0).collect::<Vec<f64>>();
    let rules = if most > 1.0 { vec![Rule::Across(1.0, "overloaded above".to_owned())] } else { Vec::new() };
    draw(&Figure {
        title: "Warm-up of the cache".to_owned(),
        subtitle: "Solid: hit ratio. Dashed: load of the tier behind, if every miss were served.".to_owned(),
        x: Axis::log_time("time since a start with an empty cache", times),
        y: load_axis("share", most),
        right: None,
        curves,
        rules,
        marks,
    })
}

/// An axis from 0 to 100 %.
fn shares(title: &str) -> Axis {
    let ticks = (0..=5).map(|fifth| f64::from(fifth) / 5.0).map(|share| (share, format::percent(share, 0))).collect();
    Axis { title: title.to_owned(), scale: Scale::Linear, ends: (0.0, 1.0), ticks }
}

/// An axis from 0 to at least 100 %.
fn load_axis(title: &str, most: f64) -> Axis {
    if most <= 1.0 {
        return shares(title);
    }
    let axis = Axis::from_zero(title, [most], 1.0);
    let ticks = axis.ticks.iter().map(|&(share, _)| (share, format::percent(share, 0))).collect();
    Axis { ticks, ..axis }
}
