//! Every key of a network file.

use capplan_queueing::network::ClosedMethod;
use capplan_queueing::units::{ArrivalRate, Seconds};

use crate::model_file::keys::key::{
    Key, List, Section, Shape, Subtable, Text, above, count, duration, from, number, plain, quantity, word,
};
use crate::model_file::quantity::Dimension;

const METHODS: [(&str, ClosedMethod); 3] = [
    ("exact", ClosedMethod::Exact),
    ("schweitzer", ClosedMethod::Schweitzer),
    ("linearizer", ClosedMethod::Linearizer),
];

pub const NETWORK: Key<u32> = count("network", from("1", "1")).doc("version of the file format, 1");
pub const NAME: Key<Text> = plain("name", Shape::Name).doc("name of the network");
pub const METHOD: Key<ClosedMethod> = word("method", &METHODS)
    .assumed("exact", "approximate methods are for networks too large for an exact one")
    .doc("how closed classes are solved");
pub const WITHIN: Key<List> = plain("within", Shape::Quantities(Dimension::Duration, from("0 s", "1e308 s")))
    .unset("no share is wanted")
    .doc("times for which the share of the jobs done within them is wanted");
pub const CLASSES: Key<Subtable> = plain("classes", Shape::Sections(&CLASS)).doc("classes of jobs by name");
pub const STATIONS: Key<Subtable> = plain("stations", Shape::Sections(&STATION)).doc("stations by name");
pub const ROUTING: Key<Subtable> =
    plain("routing", Shape::Sections(&SHARES)).unset("classes have visits or a path").doc("routing by class");
pub const PATH: Key<Subtable> =
    plain("path", Shape::Sections(&STEP)).unset("classes have visits or routing").doc("paths by class");

/// The file itself.
pub static FILE: Section = Section::new(
    "the file of a network",
    &[NETWORK.row, NAME.row, METHOD.row, WITHIN.row, CLASSES.row, STATIONS.row, ROUTING.row, PATH.row],
);

pub const POPULATION: Key<u64> =
    count("population", from("0", "1e12")).unset("an open class").doc("number of jobs of a closed class");
pub const THINK_TIME: Key<Seconds> = duration("think_time", from("0 s", "1e308 s"))
    .assumed("0 s", "what is not given takes no time")
    .doc("mean time from an answer to the next request of a closed class");
pub const ARRIVAL_RATE: Key<ArrivalRate> =
    quantity("arrival_rate", Dimension::Rate, from("0/s", "1e308/s"), |rate| ArrivalRate::new(rate).ok())
        .unset("a closed class")
        .doc("arrivals per time of an open class");
pub const ARRIVAL_SCV: Key<f64> = number("arrival_scv", from("0", "1e308"))
    .assumed("1", "Poisson arrivals")
    .doc("squared coefficient of variation of the times between arrivals of an open class");

/// `[classes.NAME]`
pub static CLASS: Section =
    Section::new("a class", &[POPULATION.row, THINK_TIME.row, ARRIVAL_RATE.row, ARRIVAL_SCV.row]);

pub const SERVERS: Key<u64> =
    count("servers", from("0", "1e9")).assumed("1", "one server").doc("parallel servers, or `inf` for no queue");
pub const SPEEDS: Key<List> = plain("speeds", Shape::Number(above("0", "1e308")))
    .unset("the speed of its servers")
    .doc("speeds for 1, 2, … jobs; the last holds for more");
pub const SERVICE_TIME: Key<Seconds> =
    duration("service_time", from("0 s", "1e308 s")).doc("mean service time of a visit, or a table by class");
pub const SERVICE_SCV: Key<f64> = number("service_scv", from("0", "1e308"))
    .assumed("1", "exponential service times")
    .doc("squared coefficient of variation of the service time, or a table by class");
pub const VISITS: Key<f64> = number("visits", from("0", "1e308"))
    .assumed("1", "every job comes once")
    .doc("mean visits of a job, or a table by class");

/// `[stations.NAME]`
pub static STATION: Section =
    Section::new("a station", &[SERVERS.row, SPEEDS.row, SERVICE_TIME.row, SERVICE_SCV.row, VISITS.row]);

pub const ENTRY: Key<Subtable> = plain("entry", Shape::Number(from("0", "1"))).doc("where jobs begin");

/// `[routing.CLASS]`, whose other keys are stations.
pub static SHARES: Section = Section::new("a routing", &[ENTRY.row]);

pub const STEP_STATION: Key<Text> = plain("station", Shape::Name).unset("no visit").doc("the station that is visited");
pub const STEP_VISITS: Key<u32> =
    count("visits", from("0", "10000")).assumed("1", "one visit").doc("visits to the station, one after the other");
pub const PARALLEL: Key<List> =
    plain("parallel", Shape::Name).unset("no parallel calls").doc("calls that are made at the same time");
pub const FIXED_TIME: Key<Seconds> = duration("fixed_time", from("0 s", "1e308 s"))
    .assumed("0 s", "what is not given takes no time")
    .doc("time that the step takes besides, the same for every request");
pub const PROBABILITY: Key<f64> = number("probability", from("0", "1e308"))
    .assumed("1", "every request takes the step")
    .doc("share of the requests that take the step");
pub const FAILURE_PROBABILITY: Key<f64> = number("failure_probability", from("0", "1e308"))
    .unset("the step never fails")
    .doc("probability that an attempt fails");
pub const MAX_ATTEMPTS: Key<u32> =
    count("max_attempts", from("1", "4096")).unset("one attempt").doc("attempts at most, the first included");
pub const PAUSES: Key<List> = plain("pauses", Shape::Quantities(Dimension::Duration, from("0 s", "1e308 s")))
    .unset("no pauses")
    .doc("pauses before the second attempt, the third, …; the last one holds for all later ones");

/// `[[path.CLASS]]`
pub static STEP: Section = Section::new(
    "a step",
    &[
        STEP_STATION.row,
        STEP_VISITS.row,
        PARALLEL.row,
        FIXED_TIME.row,
        PROBABILITY.row,
        FAILURE_PROBABILITY.row,
        MAX_ATTEMPTS.row,
        PAUSES.row,
    ],
);
