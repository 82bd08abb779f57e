//! Keys of `[scaling]`: how autoscaling is set up.

use super::key::{Key, Section, above, duration, from, number, ratio};
use capplan_queueing::units::Seconds;

pub const MARGIN: Key<f64> = ratio("margin", from("0", "0.9"))
    .assumed("0.1", "keeps an autoscaler from removing the instance that it just added")
    .doc("distance between the utilization after removing an instance and the scale-out point, as a share");
pub const TROUGH: Key<f64> = ratio("trough", above("0", "1"))
    .assumed("0.2", "nights of a site with users in few time zones")
    .doc("lowest load of the day as a share of the planned load");
pub const SURGE: Key<f64> = number("surge", from("1", "1000"))
    .assumed("2", "the busiest hour carries up to twice the mean")
    .doc("highest load to be prepared for as a multiple of the planned load");
pub const ALARM_TIME: Key<Seconds> = duration("alarm_time", from("0 s", "1 d"))
    .published("3 min", "AWS target tracking: three points of one minute above the target")
    .doc("time from a load that is too high to the decision to add instances");
pub const BOOT_TIME: Key<Seconds> = duration("boot_time", from("0 s", "1 d"))
    .assumed("2 min", "planning estimate: launch, start of the application, first health checks")
    .doc("time from that decision to instances that take requests");

/// `[scaling]`
pub static SECTION: Section =
    Section::new("the scaling", &[MARGIN.row, TROUGH.row, SURGE.row, ALARM_TIME.row, BOOT_TIME.row]);
