//! Keys of `[workload]`: where requests come from.

use super::key::{Key, Section, above, duration, from, number, quantity};
use crate::model_file::quantity::Dimension;
use capplan_queueing::units::{ArrivalRate, Seconds};

pub const USERS: Key<f64> = number("users", above("0", "1e9"))
    .unset("an open workload")
    .doc("people who each wait for an answer, think, and ask again: N = rate x (think time + response time)");
pub const THINK_TIME: Key<Seconds> = duration("think_time", from("0 s", "365 d"))
    .unset("an open workload")
    .doc("mean time from an answer to the same user's next request; required with `users`");
pub const ARRIVAL_RATE: Key<ArrivalRate> =
    quantity("arrival_rate", Dimension::Rate, above("0/s", "1e9/s"), |rate| ArrivalRate::new(rate).ok())
        .unset("a closed workload")
        .doc("requests per time whatever the response time, instead of `users`");

/// `[workload]`
pub static SECTION: Section = Section::new("a workload", &[USERS.row, THINK_TIME.row, ARRIVAL_RATE.row])
    .one_of(&[&["users", "think_time"], &["arrival_rate"]]);
