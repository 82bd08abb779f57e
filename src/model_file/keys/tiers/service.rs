//! Keys of a `service` tier.

use super::super::key::{Key, Section, count, data, from, number};
use super::{fleet, shared};
use capplan_queueing::units::Bytes;

pub const WORKERS: Key<u32> = count("workers", from("1", "100000")).unset("a request never waits for a worker").doc(
    "requests that one instance handles at the same time; each holds its worker for its visits to the tiers below, too",
);
pub const CONNECTIONS: Key<u32> = count("connections", from("1", "100000"))
    .unset("a request never waits for a connection")
    .doc("connections of one instance to the database below it, each held for one visit to it");
pub const STICKY_SESSIONS: Key<u64> = count("sticky_sessions", from("1", "1e12"))
    .unset("any instance serves any request")
    .doc("sessions at a time, each of which stays on its instance; the figures are those of the busiest instance");
pub const SESSION_RATE_SCV: Key<f64> = number("session_rate_scv", from("0", "1000"))
    .assumed("1", "planning estimate: request rates of sessions differ as exponential values do")
    .doc("squared coefficient of variation of the request rates of sticky sessions");
pub const REQUEST_SIZE: Key<Bytes> = data("request_size", from("0 B", "1 TiB"))
    .assumed(
        "0 B",
        "a load balancer pays for the zones that it crosses; give it for a service that other services call",
    )
    .doc("bytes to an instance for each visit, which cost where they cross zones");
pub const RESPONSE_SIZE: Key<Bytes> = data("response_size", from("0 B", "1 TiB"))
    .assumed(
        "0 B",
        "a load balancer pays for the zones that it crosses; give it for a service that other services call",
    )
    .doc("bytes from an instance for each visit, which cost where they cross zones");

/// `[tiers.NAME]` of the kind `service`
pub static SECTION: Section = Section::new(
    "a service tier",
    &[
        shared::KIND.row,
        fleet::SERVICE_TIME.row,
        shared::SERVICE_SCV.row,
        fleet::DISCIPLINE.row,
        fleet::ROUND_TRIP.row,
        fleet::PLACEMENT.row,
        REQUEST_SIZE.row,
        RESPONSE_SIZE.row,
        fleet::ROUTING.row,
        fleet::CANDIDATE_ROUTING.row,
        STICKY_SESSIONS.row,
        SESSION_RATE_SCV.row,
        fleet::INSTANCE_TYPE.row,
        fleet::INSTANCES.row,
        fleet::CANDIDATE_TYPES.row,
        fleet::MIN_INSTANCES.row,
        fleet::MAX_INSTANCES.row,
        fleet::SERVERS.row,
        WORKERS.row,
        CONNECTIONS.row,
        fleet::REDUNDANCY.row,
        fleet::MTBF.row,
        fleet::MTTR.row,
    ],
);
