use crate::sweep::{LoadCurve, LoadSample, Point};

use super::figure::Axis;

/// The load of a sample as its workload states it: users, or requests per second of an open workload.
pub(super) fn load_of(sample: &LoadSample) -> f64 {
    sample.users.unwrap_or(sample.arrival_rate)
}

/// The load that a point was planned for.
pub(super) fn planned_load(point: &Point) -> f64 {
    point.users.unwrap_or(point.design_rate)
}

/// What the load is called.
pub(super) const fn load_title(point: &Point) -> &'static str {
    if point.users.is_some() { "users" } else { "requests per second" }
}

/// The horizontal axis of a chart over the load.
pub(super) fn load_axis(point: &Point, curve: &LoadCurve) -> Axis {
    Axis::from_zero(load_title(point), curve.samples.iter().map(load_of), planned_load(point))
}
