//! Keys of `[classes.NAME]`: a kind of request.

use super::key::{Key, Section, Shape, Subtable, from, number, plain, probability};
use capplan_queueing::units::Probability;

pub const SHARE: Key<Probability> = probability("share", from("0", "1"))
    .derived("1 if there is one class")
    .doc("share of all requests; the shares of all classes sum to 1");
pub const VISITS: Key<Subtable> =
    plain("visits", Shape::Visits(&VISITS_SECTION)).doc("visits of one request by tier; 0.05 is one request in 20");
pub const READS: Key<f64> = number("reads", from("0", "10000"))
    .assumed("0", "what is not given does not happen")
    .doc("visits that any instance can serve");
pub const WRITES: Key<f64> = number("writes", from("0", "10000"))
    .assumed("0", "what is not given does not happen")
    .doc("visits that only the primary of a database can serve");

/// `[classes.NAME]`
pub static SECTION: Section = Section::new("a class", &[SHARE.row, VISITS.row]);

/// `{ reads = …, writes = … }` below `visits`
pub static VISITS_SECTION: Section = Section::new("visits", &[READS.row, WRITES.row]);
