//! Keys of `[objectives]` and `[objectives.classes.NAME]`: what the system promises.

use super::key::{Key, Section, Shape, Subtable, above, from, plain, probability, quantity, ratio};
use crate::model_file::quantity::Dimension;
use capplan_queueing::units::{Price, Probability};

pub const RESPONSE_TIME: Key<Subtable> = plain("response_time", Shape::Percentiles(above("0 s", "1 h")))
    .unset("no response time is promised")
    .doc("limits of response time by percentile: p50, p95, p99, p99_9");
pub const AVAILABILITY: Key<Probability> = probability("availability", above("0%", "100%"))
    .unset("no availability is promised")
    .doc("least share of time in which every tier works");
pub const TIME_WITHIN: Key<Probability> = probability("time_within", above("0%", "100%"))
    .unset("being up is enough for `availability`")
    .doc("least share of time in which every tier works and every response-time objective holds");
pub const MONTHLY_BUDGET: Key<Price> =
    quantity("monthly_budget", Dimension::Money, above("0 USD", "1e9 USD"), |usd| Price::usd_per_month(usd).ok())
        .unset("any cost")
        .doc("the most that a month of 730 hours may cost");
pub const HEADROOM: Key<f64> = ratio("headroom", from("0%", "1000%"))
    .assumed("0%", "a plan carries what the workload says and no more; estimates of it are seldom exact")
    .doc("load beyond the workload's that a plan must carry with every objective kept, as a share");
pub const CLASSES: Key<Subtable> = plain("classes", Shape::Sections(&CLASS))
    .unset("no class has objectives of its own")
    .doc("objectives of single classes by name");

/// `[objectives]`
pub static SECTION: Section = Section::new(
    "the objectives",
    &[AVAILABILITY.row, TIME_WITHIN.row, MONTHLY_BUDGET.row, HEADROOM.row, RESPONSE_TIME.row, CLASSES.row],
);

/// `[objectives.classes.NAME]`
pub static CLASS: Section = Section::new("the objectives of a class", &[RESPONSE_TIME.row]);
