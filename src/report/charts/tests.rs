use std::sync::OnceLock;

use crate::evaluate::Prepared;
use crate::model::{System, Workload};
use crate::model_file;
use crate::plan::FrontierPoint;
use crate::report::{Page, report_html};
use crate::review::Review;
use crate::sweep::{
    AvailabilityCurve, LoadCurve, Point, PointInput, availability_curves, frontier_points, load_curve, sweep,
};

use super::*;

fn reference() -> System {
    match model_file::parse("web", model_file::REFERENCE_MODEL, &[]) {
        Ok(loaded) => loaded.system,
        Err(_) => unreachable!("the reference model is valid"),
    }
}

fn plans(systems: Vec<System>) -> Vec<Point> {
    let inputs = systems.into_iter().map(|system| PointInput { system, variation: Vec::new() }).collect();
    sweep(inputs, &|| false).expect("a plan")
}

fn with_users(system: &System, users: f64) -> System {
    match system.workload() {
        Workload::Users { think_time, .. } => system.with_workload(Workload::Users { users, think_time }),
        open @ Workload::Arrivals { .. } => system.with_workload(open),
    }
}

/// The plan of the reference system, made once.
fn planned() -> &'static Point {
    static POINTS: OnceLock<Vec<Point>> = OnceLock::new();
    &POINTS.get_or_init(|| plans(vec![reference()]))[0]
}

/// The plans of several loads, of which the last has none, made once.
fn several() -> &'static [Point] {
    static POINTS: OnceLock<Vec<Point>> = OnceLock::new();
    POINTS.get_or_init(|| plans([1e3, 1e5, 5e6].map(|users| with_users(&reference(), users)).to_vec()))
}

/// What the charts of the reference plan show, computed once.
fn curves() -> &'static (LoadCurve, Vec<FrontierPoint>, Vec<AvailabilityCurve>) {
    static CURVES: OnceLock<(LoadCurve, Vec<FrontierPoint>, Vec<AvailabilityCurve>)> = OnceLock::new();
    CURVES.get_or_init(|| {
        let point = planned();
        let prepared = Prepared::new(&point.system).expect("a system");
        let plan = recommendation(point);
        (
            load_curve(&prepared, &plan.deployment, point.design_rate),
            frontier_points(&prepared, point.design_rate, 0.99, 0.5),
            availability_curves(&prepared, &plan.deployment, &plan.normal),
        )
    })
}

fn recommendation(point: &Point) -> &Review {
    point.recommendation.as_ref().expect("a recommendation")
}

/// Every chart of the reference system, by name.
fn reference_charts() -> Vec<(&'static str, String)> {
    let point = planned();
    let (load, frontier, availability) = curves();
    let recommendation = recommendation(point);
    let mut charts = vec![
        ("response_time_over_users", response_time_over_users_svg(point, load).expect("a chart")),
        ("utilization_over_users", utilization_over_users_svg(point, load).expect("a chart")),
        ("cost_over_p99", cost_over_p99_svg(point, frontier, Some(0.2)).expect("a chart")),
        ("availability_over_instances", availability_over_instances_svg(point, availability).expect("a chart")),
        ("wait_over_policies", wait_over_policies_svg(&recommendation.policies).expect("a chart")),
        ("plan_over_users", plan_over_users_svg(several()).expect("a chart")),
        ("cost_over_users", cost_over_users_svg(several()).expect("a chart")),
    ];
    let timelines = recommendation.scenarios.iter().map(|reviewed| {
        let course = reviewed.outcome.as_ref().expect("it happens to the reference system");
        (reviewed.scenario.kind.name(), timeline_svg(&point.system, course).expect("a chart"))
    });
    charts.extend(timelines);
    charts
}

/// The attribute of a tag as a number.
fn number(tag: &str, attribute: &str) -> f64 {
    let start = tag.find(&format!(" {attribute}=\"")).expect("the attribute") + attribute.len() + 3;
    tag[start..].split('"').next().expect("a value").parse().expect("a number")
}

/// Text that sticks out of the picture, with 0.6 em for a character.
fn overflowing(svg: &str) -> Vec<String> {
    svg.split("<text ")
        .skip(1)
        .filter_map(|rest| {
            let (tag, body) = rest.split_once('>')?;
            let tag = format!(" {tag}");
            let text = body.split("</text>").next()?.trim();
            let width = text.chars().count() as f64 * 0.6 * number(&tag, "font-size");
            let x = number(&tag, "x");
            let left = if tag.contains("\"end\"") {
                x - width
            } else if tag.contains("\"middle\"") {
                x - width / 2.0
            } else {
                x
            };
            (left < -40.0 || left + width > 2880.0 + 40.0).then(|| text.to_owned())
        })
        .collect()
}

#[test]
fn the_reference_charts_are_whole_and_the_same_each_time() {
    let charts = reference_charts();
    for (name, svg) in &charts {
        assert_eq!(overflowing(svg), Vec::<String>::new(), "{name}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}");
        assert_eq!(svg.matches("<svg").count(), 1, "{name}");
    }
    assert_eq!(charts, reference_charts());
}

#[test]
fn nothing_to_draw_is_an_empty_frame() {
    let point = &Point { recommendation: None, ..planned().clone() };
    let none = LoadCurve { samples: Vec::new() };
    let charts = [
        response_time_over_users_svg(point, &none),
        utilization_over_users_svg(point, &none),
        cost_over_p99_svg(point, &[], Some(0.2)),
        availability_over_instances_svg(point, &[]),
        plan_over_users_svg(&[]),
        plan_over_users_svg(std::slice::from_ref(point)),
        cost_over_users_svg(&[]),
    ];
    for chart in charts {
        let svg = chart.expect("a chart");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}

#[test]
fn the_page_holds_the_answer_and_is_one_file() {
    let points = std::slice::from_ref(planned());
    let charts: Vec<String> = reference_charts().into_iter().take(4).map(|(_, svg)| svg).collect();
    let defaults: Vec<(String, String, String)> = model_file::parse("web", model_file::REFERENCE_MODEL, &[])
        .map(|loaded| loaded.defaults)
        .unwrap_or_default()
        .into_iter()
        .map(|default| (default.path, default.value, default.source))
        .collect();
    let assumptions = ["Arrivals are Poisson.".to_owned(), "Instances fail independently <within> a zone.".to_owned()];
    let html = report_html(&Page {
        points,
        charts: &charts,
        assumptions: &assumptions,
        defaults: &defaults,
        model_text: model_file::REFERENCE_MODEL,
        version: "0.1.0",
        command: "capplan sweep --users 100000",
    })
    .expect("a page");
    assert!(!html.contains("NaN"));
    assert!(!html.contains("src=") && !html.contains("href="), "nothing is fetched");
    assert_eq!(html.matches("<svg").count(), 4);
    assert!(html.contains("&#60;within&#62;"));
    for title in ["What runs", "Response times", "What breaks first", "When to scale", "Availability", "100,000"] {
        assert!(html.contains(title), "{title}");
    }
}

#[test]
fn several_loads_have_an_overview_and_a_failed_one_says_so() {
    let points = several();
    let page = Page {
        points,
        charts: &[plan_over_users_svg(points).expect("a chart"), cost_over_users_svg(points).expect("a chart")],
        assumptions: &[],
        defaults: &[],
        model_text: "",
        version: "0.1.0",
        command: "capplan sweep --users 1000,100000,5000000",
    };
    let html = report_html(&page).expect("a page");
    assert!(html.contains("Overview") && html.contains("no candidate meets every objective"));
    assert!(!html.contains("NaN"));
}

#[test]
fn an_open_workload_is_drawn_over_requests() {
    let arrival_rate = capplan_queueing::units::ArrivalRate::new(2_000.0).expect("a rate");
    let points = plans(vec![reference().with_workload(Workload::Arrivals { arrival_rate })]);
    let point = &points[0];
    let prepared = Prepared::new(&point.system).expect("a system");
    let recommendation = point.recommendation.as_ref().expect("a recommendation");
    let curve = load_curve(&prepared, &recommendation.deployment, point.design_rate);
    let svg = response_time_over_users_svg(point, &curve).expect("a chart");
    assert!(svg.contains("Response time over requests per second"));
    assert!(svg.contains("planned: 2,000 requests per second"));
    assert_eq!(overflowing(&svg), Vec::<String>::new());
}
