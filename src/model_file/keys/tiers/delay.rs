//! Keys of a `delay` tier.

use super::super::key::{Key, Section, above, duration, from, probability};
use super::shared;
use capplan_queueing::units::{Probability, Seconds};

pub const SERVICE_TIME: Key<Seconds> = duration("service_time", from("0 s", "1 h"))
    .assumed("0 s", "what is not given takes no time")
    .doc("mean of the time that varies from visit to visit");
pub const FIXED_TIME: Key<Seconds> = duration("fixed_time", from("0 s", "1 h"))
    .assumed("0 s", "what is not given takes no time")
    .doc("fixed time of each visit");
pub const AVAILABILITY: Key<Probability> = probability("availability", above("0%", "100%"))
    .assumed("100%", "nothing is known about somebody else's service")
    .doc("share of time in which it works");

/// `[tiers.NAME]` of the kind `delay`
pub static SECTION: Section = Section::new(
    "a delay tier",
    &[
        shared::KIND.row,
        SERVICE_TIME.row,
        shared::SERVICE_SCV.row,
        FIXED_TIME.row,
        shared::ROUND_TRIP.row,
        AVAILABILITY.row,
    ],
);
