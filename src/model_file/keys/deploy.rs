//! Keys of `[deploy]`: how a new version is rolled out.

use super::key::{Key, Section, from, probability};
use capplan_queueing::units::Probability;

pub const BATCH: Key<Probability> = probability("batch", from("0%", "100%"))
    .published("25%", "Kubernetes documentation: `maxUnavailable` of a rolling update")
    .doc("share of a tier that is taken out of service at once, rounded down; one instance if `surge` is none either");
pub const SURGE: Key<Probability> = probability("surge", from("0%", "100%"))
    .assumed("0%", "instances that are paid for by the hour are replaced in place")
    .doc(
        "share of a tier that is started beside the old instances, rounded up; `100%` with `batch = \"0%\"` is \
         blue/green",
    );

/// `[deploy]`
pub static SECTION: Section = Section::new("a deployment", &[BATCH.row, SURGE.row]);
