//! Keys of a tier of instances: service, cache or database.

use super::super::key::{Key, List, Shape, Text, above, count, data, duration, from, plain, word};
use super::shared::PLACEMENTS;
use crate::model::{Discipline, Placement, Redundancy};
use capplan_queueing::queues::RoutingPolicy;
use capplan_queueing::units::{Bytes, Seconds};

/// Meaning of the disciplines.
pub const DISCIPLINE_DOC: &str = "processor_sharing: all requests of an instance at once, each with its share of the \
                                  servers; fcfs: in order of arrival";

/// Disciplines of a queue.
pub const DISCIPLINES: [(&str, Discipline); 2] =
    [(Discipline::ProcessorSharing.name(), Discipline::ProcessorSharing), (Discipline::Fcfs.name(), Discipline::Fcfs)];

/// Ways of routing.
pub const ROUTINGS: [(&str, RoutingPolicy); 5] = [
    (RoutingPolicy::Random.name(), RoutingPolicy::Random),
    (RoutingPolicy::RoundRobin.name(), RoutingPolicy::RoundRobin),
    (RoutingPolicy::LeastOutstanding.name(), RoutingPolicy::LeastOutstanding),
    (RoutingPolicy::POWER_OF_TWO.name(), RoutingPolicy::POWER_OF_TWO),
    (RoutingPolicy::SharedQueue.name(), RoutingPolicy::SharedQueue),
];

const REDUNDANCIES: [(&str, Redundancy); 3] =
    [("none", Redundancy::None), ("instance", Redundancy::Instance), ("zone", Redundancy::Zone)];

pub const ROUND_TRIP: Key<Seconds> = duration("round_trip", from("0 s", "1 h"))
    .derived(
        "1/zones of the visits stay in their zone, the rest cross zones: `network.round_trip_in_zone`, \
         `network.round_trip_across_zones`",
    )
    .doc("fixed time on the network for each visit");
pub const SERVICE_TIME: Key<Seconds> = duration("service_time", above("0 s", "1 h"))
    .doc("mean time of one visit on an idle server, without waiting and without other tiers");
pub const DISCIPLINE: Key<Discipline> = word("discipline", &DISCIPLINES)
    .assumed(
        "processor_sharing",
        "an operating system runs the threads or processes of a server by turns (Linux, CFS and EEVDF)",
    )
    .doc(DISCIPLINE_DOC);
pub const ROUTING: Key<RoutingPolicy> = word("routing", &ROUTINGS)
    .assumed(
        "random",
        "with many balancer nodes each target sees nearly a random split, whatever each node does; it is the safe model",
    )
    .doc(
        "random: each request goes to some instance and waits there; round_robin: by turns; least_outstanding: to the one \
         with the fewest requests; power_of_two: to the better of two at random; shared_queue: one queue for all, the ideal",
    );
pub const CANDIDATE_ROUTING: Key<List> = plain("candidate_routing", Shape::Words(&ROUTINGS))
    .derived("`routing` alone")
    .doc("ways of routing that a search may choose, besides `routing`");
pub const INSTANCE_TYPE: Key<Text> =
    plain("instance_type", Shape::TypeName).doc("instance type of today, for `capplan evaluate`");
pub const CANDIDATE_TYPES: Key<List> = plain("candidate_types", Shape::TypeNames)
    .derived("`instance_type` alone")
    .doc("instance types that a search may choose, besides `instance_type`");
pub const INSTANCES: Key<u32> = count("instances", from("1", "100000"))
    .assumed("1", "the least that can run")
    .doc("instances of today, for `capplan evaluate`");
pub const MIN_INSTANCES: Key<u32> = count("min_instances", from("1", "100000"))
    .assumed("1", "the least that can run")
    .doc("least number of instances that a search may choose");
pub const MAX_INSTANCES: Key<u32> = count("max_instances", from("1", "100000"))
    .derived("200, or twice `instances` if that is more")
    .doc("largest number of instances that a search may choose");
pub const SERVERS: Key<u64> = count("servers", from("1", "100000"))
    .derived("the vCPUs of the instance type, or its `servers` under [instance_types]")
    .doc("requests that one instance serves at the same time, for every type");
pub const REDUNDANCY: Key<Redundancy> = word("redundancy", &REDUNDANCIES)
    .derived("zone with 2 zones or more, none with 1")
    .doc("what may be lost while the objectives still hold");
pub const MTBF: Key<Seconds> = duration("mtbf", above("0 s", "10000 y"))
    .assumed("720 h", "planning estimate: one failure of an instance a month, software included")
    .doc("mean time between failures of one instance");
pub const MTTR: Key<Seconds> = duration("mttr", from("0 s", "1 y"))
    .assumed("5 min", "planning estimate: detection, replacement and start of the application")
    .doc("mean time until a failed instance serves again");
pub const PLACEMENT: Key<Placement> = word("placement", &PLACEMENTS)
    .assumed("private", "only load balancers and NAT gateways are reached from the internet")
    .doc("subnet of its instances; only a load balancer may be public");
pub const REQUEST_SIZE: Key<Bytes> = data("request_size", from("0 B", "1 TiB"))
    .assumed("200 B", "planning estimate of a command or a statement with its headers")
    .doc("bytes to an instance for each visit, which cost where they cross zones");
pub const RESPONSE_SIZE: Key<Bytes> = data("response_size", from("0 B", "1 TiB"))
    .assumed("2 KiB", "planning estimate of an object or a few rows")
    .doc("bytes from an instance for each visit, which cost where they cross zones");
