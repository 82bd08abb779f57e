//! Keys of `[clients]`: what clients do when they wait.

use super::key::{Key, Section, above, count, duration, from};
use capplan_queueing::units::Seconds;

pub const TIMEOUT: Key<Seconds> = duration("timeout", above("0 s", "1 d"))
    .assumed("10 s", "people give up a page that takes ten seconds")
    .doc("time after which a client gives up an attempt");
pub const RETRIES: Key<u32> = count("retries", from("0", "100"))
    .assumed("0", "people come back later, not at once; programs are the scenario `retry-storm`")
    .doc("attempts at once after one that timed out");

/// `[clients]`
pub static SECTION: Section = Section::new("clients", &[TIMEOUT.row, RETRIES.row]);
