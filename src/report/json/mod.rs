//! Answers as JSON. Times are seconds, rates per second, shares of 1, money US dollars a month unless a name says otherwise.
//!
//! A field is named where its value is taken from the record, once. Objects are made when they are written, one point of a
//! sweep at a time.

mod caches;
mod object;
mod plan;
mod promises;

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use crate::evaluate::Breakdown;
use crate::plan::{Nearest, Shortfall, Status};
use crate::review::Review;
use crate::sweep::Point;

pub(super) use object::Object;
use plan::recommendation;

/// The answer of `capplan sweep` as `capplan.sweep/1`, borrowed.
#[derive(Debug, Clone, Copy)]
pub struct SweepJson<'a> {
    /// What was planned: the fields of a single point stand in the answer itself, several make a list.
    pub points: &'a [Point],
    /// Methods and assumptions, a sentence each.
    pub assumptions: &'a [String],
    /// The files that were written.
    pub files: &'a [String],
}

impl Serialize for SweepJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let model = self.points.first().map_or("", |point| point.system.name());
        let answer = Object::new().field("schema", "capplan.sweep/1").field("model", model);
        let rest = Object::new().field("assumptions", self.assumptions).field("files", self.files);
        match self.points {
            [] => answer.and(rest).serialize(serializer),
            [single] => answer.and(point(single)).and(rest).serialize(serializer),
            several => Several { answer, points: several, rest }.serialize(serializer),
        }
    }
}

/// An answer with many points, of which one at a time is an object in memory.
#[derive(Serialize)]
struct Several<'a> {
    #[serde(flatten)]
    answer: Object,
    #[serde(serialize_with = "each_point")]
    points: &'a [Point],
    #[serde(flatten)]
    rest: Object,
}

fn each_point<S: Serializer>(points: &&[Point], serializer: S) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(points.len()))?;
    for one in *points {
        list.serialize_element(&point(one))?;
    }
    list.end()
}

fn point(point: &Point) -> Object {
    let variation = point.variation.iter().map(|(key, value)| Object::new().field("key", key).field("value", value));
    let outcome = &point.outcome;
    let feasible = outcome.evaluated.iter().filter(|candidate| candidate.status == Status::Feasible).count();
    let plan = point.recommendation.as_ref();
    Object::new()
        .list_if_any("variation", variation)
        .field("users", point.users)
        .field("arrival_rate", plan.map_or(point.design_rate, |plan| plan.normal.arrival_rate))
        .field("planned_arrival_rate", point.planned_rate)
        .field(
            "grid",
            Object::new()
                .field("points", outcome.points)
                .field("evaluated", outcome.evaluated.len())
                .field("feasible", feasible),
        )
        .field("recommendation", plan.map(recommendation))
        .field_if_some("nearest", outcome.nearest.as_ref().map(|found| nearest(point, found)))
}

fn nearest(point: &Point, nearest: &Nearest) -> Object {
    let tiers = point.system.tiers().iter().zip(&nearest.found.deployment.choices).filter_map(|(tier, choice)| {
        let (fleet, choice) = (tier.fleet()?, (*choice)?);
        let instance_type = &fleet.types[choice.instance_type].name;
        Some(
            Object::new()
                .field("name", &tier.name)
                .field("instance_type", instance_type)
                .field("instances", choice.count),
        )
    });
    Object::new()
        .list("tiers", tiers)
        .list("fails", nearest.shortfalls.iter().map(shortfall))
        .field("monthly_cost_usd", nearest.found.candidate.price.monthly_usd())
}

fn shortfall(missed: &Shortfall) -> Object {
    Object::new()
        .field("objective", missed.objective.to_string())
        .field("limit", missed.limit)
        .field("actual", missed.actual)
}

/// The answer of `capplan evaluate` as `capplan.evaluate/1`.
pub fn evaluate_json(model: &str, users: Option<f64>, plan: &Review, assumptions: &[String]) -> impl Serialize + use<> {
    Object::new()
        .field("schema", "capplan.evaluate/1")
        .field("model", model)
        .field("users", users)
        .field("arrival_rate", plan.normal.arrival_rate)
        .field("evaluation", recommendation(plan))
        .list("missed", plan.missed.iter().map(shortfall))
        .list("missed_after_designed_loss", plan.missed_after_loss.iter().map(shortfall))
        .field("assumptions", assumptions)
}

/// The answer of `capplan evaluate` for a system without a steady state.
pub fn breakdown_json(model: &str, users: Option<f64>, breakdown: &Breakdown) -> impl Serialize + use<> {
    Object::new()
        .field("schema", "capplan.evaluate/1")
        .field("model", model)
        .field("users", users)
        .field("evaluation", None::<f64>)
        .field("reason", breakdown.to_string())
}
