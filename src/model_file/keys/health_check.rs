//! Keys of `[health_check]`: how dead instances are noticed.

use super::key::{Key, Section, above, count, duration, from};
use capplan_queueing::units::Seconds;

pub const INTERVAL: Key<Seconds> = duration("interval", above("0 s", "1 h"))
    .published("30 s", "AWS Elastic Load Balancing User Guide: target group health checks")
    .doc("time from one probe of an instance to the next");
pub const TIMEOUT: Key<Seconds> = duration("timeout", from("0 s", "1 h"))
    .published("5 s", "AWS Elastic Load Balancing User Guide: target group health checks")
    .doc("time after which a probe has failed");
pub const UNHEALTHY_THRESHOLD: Key<u32> = count("unhealthy_threshold", from("1", "100"))
    .published("2", "AWS Elastic Load Balancing User Guide: target group health checks")
    .doc("failed probes in a row that take an instance out of service");
pub const HEALTHY_THRESHOLD: Key<u32> = count("healthy_threshold", from("1", "100"))
    .published("5", "AWS Elastic Load Balancing User Guide: target group health checks")
    .doc("good probes in a row that bring an instance into service");

/// `[health_check]`
pub static SECTION: Section =
    Section::new("a health check", &[INTERVAL.row, TIMEOUT.row, UNHEALTHY_THRESHOLD.row, HEALTHY_THRESHOLD.row]);
