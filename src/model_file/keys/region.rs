//! Keys of `[region]`: where the system runs.

use super::key::{Key, Section, Shape, Text, above, count, duration, from, plain, probability};
use capplan_queueing::units::{Probability, Seconds};

pub const NAME: Key<Text> = plain("name", Shape::Name)
    .assumed("us-east-1", "the region of every price in the catalogue; the name alone changes no price")
    .doc("name of the region");
pub const ZONES: Key<u32> = count("zones", from("1", "6"))
    .assumed("3", "most regions offer at least three")
    .doc("availability zones over which instances are spread evenly");
pub const ZONE_MTBF: Key<Seconds> = duration("zone_mtbf", above("0 s", "10000 y"))
    .assumed("2 y", "planning estimate; with 4 h to repair a zone is up 99.977 % of the time")
    .doc("mean time between failures of one zone as a whole");
pub const ZONE_MTTR: Key<Seconds> = duration("zone_mttr", from("0 s", "1 y"))
    .assumed("4 h", "planning estimate")
    .doc("mean time until a lost zone is back");
pub const AVAILABILITY: Key<Probability> = probability("availability", above("0%", "100%"))
    .assumed("99.99%", "planning estimate, between 99.99 % and 99.999 %")
    .doc("share of time in which the region as a whole works");

/// `[region]`
pub static SECTION: Section =
    Section::new("a region", &[NAME.row, ZONES.row, ZONE_MTBF.row, ZONE_MTTR.row, AVAILABILITY.row]);
