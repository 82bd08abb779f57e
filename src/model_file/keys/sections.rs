//! Keys of everything but tiers.

use super::super::quantity::Dimension;
use super::network::NETWORK;
use super::scenarios::{CLIENTS, DEPLOY, HEALTH_CHECK, SCENARIO};
use super::{Key, Limits, Need, Section, Shape, data, duration, key, price, ratio};

/// The file itself.
pub static ROOT: Section = Section {
    noun: "a model file",
    one_of: &[],
    keys: &[
        key("capplan", Shape::Count(Limits::from("0", "1e9")), Need::Required, "version of the file format, 1"),
        key("name", Shape::Name, Need::Required, "name of the system, used in reports and file names"),
        key("workload", Shape::Section(&WORKLOAD), Need::Required, "where requests come from"),
        key("region", Shape::Section(&REGION), Need::Unset("every key has its default"), "where the system runs"),
        key("objectives", Shape::Section(&OBJECTIVES), Need::Unset("nothing is promised"), "what the system promises"),
        key("scaling", Shape::Section(&SCALING), Need::Unset("every key has its default"), "how autoscaling is set up"),
        key(
            "health_check",
            Shape::Section(&HEALTH_CHECK),
            Need::Unset("every key has its default"),
            "how dead instances are noticed",
        ),
        key(
            "deploy",
            Shape::Section(&DEPLOY),
            Need::Unset("every key has its default"),
            "how a new version is rolled out",
        ),
        key(
            "clients",
            Shape::Section(&CLIENTS),
            Need::Unset("every key has its default"),
            "what clients do when they wait",
        ),
        key(
            "scenarios",
            Shape::Sections(&SCENARIO),
            Need::Unset("one of each kind, with their defaults"),
            "what may go wrong, by name; the name of a kind changes the scenario that is there anyway",
        ),
        key(
            "network",
            Shape::Section(&NETWORK),
            Need::Unset("every key has its default"),
            "the network between the tiers and to the internet",
        ),
        key(
            "classes",
            Shape::Sections(&CLASS),
            Need::Derived("one class `request` that visits every tier once, except tiers behind a cache"),
            "kinds of request by name",
        ),
        key("tiers", Shape::Tiers, Need::Required, "parts of the system by name, in the order of the reports"),
        key(
            "instance_types",
            Shape::Sections(&INSTANCE_TYPE),
            Need::Unset("the catalogue as it is"),
            "own instance types by name, or changed figures of types in the catalogue",
        ),
    ],
};

/// `[workload]`
pub static WORKLOAD: Section = Section {
    noun: "a workload",
    one_of: &[&["users", "think_time"], &["arrival_rate"]],
    keys: &[
        key(
            "users",
            Shape::Number(Limits::above("0", "1e9")),
            Need::Unset("an open workload"),
            "people who each wait for an answer, think, and ask again: N = rate x (think time + response time)",
        ),
        key(
            "think_time",
            duration(Limits::from("0 s", "365 d")),
            Need::Unset("an open workload"),
            "mean time from an answer to the same user's next request; required with `users`",
        ),
        key(
            "arrival_rate",
            Shape::Quantity(Dimension::Rate, Limits::above("0/s", "1e9/s")),
            Need::Unset("a closed workload"),
            "requests per time whatever the response time, instead of `users`",
        ),
    ],
};

/// `[region]`
pub static REGION: Section = Section {
    noun: "a region",
    one_of: &[],
    keys: &[
        key(
            "name",
            Shape::Name,
            Need::Assumed("us-east-1", "the region of every price in the catalogue; the name alone changes no price"),
            "name of the region",
        ),
        key(
            "zones",
            Shape::Count(Limits::from("1", "6")),
            Need::Assumed("3", "most regions offer at least three"),
            "availability zones over which instances are spread evenly",
        ),
        key(
            "zone_mtbf",
            duration(Limits::above("0 s", "10000 y")),
            Need::Assumed("2 y", "planning estimate; with 4 h to repair a zone is up 99.977 % of the time"),
            "mean time between failures of one zone as a whole",
        ),
        key(
            "zone_mttr",
            duration(Limits::from("0 s", "1 y")),
            Need::Assumed("4 h", "planning estimate"),
            "mean time until a lost zone is back",
        ),
        key(
            "availability",
            ratio(Limits::above("0%", "100%")),
            Need::Assumed("99.99%", "planning estimate, between 99.99 % and 99.999 %"),
            "share of time in which the region as a whole works",
        ),
    ],
};

const RESPONSE_TIME: Key = key(
    "response_time",
    Shape::Percentiles(Limits::above("0 s", "1 h")),
    Need::Unset("no response time is promised"),
    "limits of response time by percentile: p50, p95, p99, p99_9",
);

/// `[objectives]`
pub static OBJECTIVES: Section = Section {
    noun: "the objectives",
    one_of: &[],
    keys: &[
        key(
            "availability",
            ratio(Limits::above("0%", "100%")),
            Need::Unset("no availability is promised"),
            "least share of time in which every tier works",
        ),
        key(
            "time_within",
            ratio(Limits::above("0%", "100%")),
            Need::Unset("being up is enough for `availability`"),
            "least share of time in which every tier works and every response-time objective holds",
        ),
        key(
            "monthly_budget",
            Shape::Quantity(Dimension::Money, Limits::above("0 USD", "1e9 USD")),
            Need::Unset("any cost"),
            "the most that a month of 730 hours may cost",
        ),
        key(
            "headroom",
            ratio(Limits::from("0%", "1000%")),
            Need::Assumed("0%", "a plan carries what the workload says and no more; estimates of it are seldom exact"),
            "load beyond the workload's that a plan must carry with every objective kept, as a share",
        ),
        RESPONSE_TIME,
        key(
            "classes",
            Shape::Sections(&CLASS_OBJECTIVES),
            Need::Unset("no class has objectives of its own"),
            "objectives of single classes by name",
        ),
    ],
};

/// `[objectives.classes.NAME]`
pub static CLASS_OBJECTIVES: Section =
    Section { noun: "the objectives of a class", one_of: &[], keys: &[RESPONSE_TIME] };

/// `[scaling]`
pub static SCALING: Section = Section {
    noun: "the scaling",
    one_of: &[],
    keys: &[
        key(
            "margin",
            ratio(Limits::from("0", "0.9")),
            Need::Assumed("0.1", "keeps an autoscaler from removing the instance that it just added"),
            "distance between the utilization after removing an instance and the scale-out point, as a share",
        ),
        key(
            "trough",
            ratio(Limits::above("0", "1")),
            Need::Assumed("0.2", "nights of a site with users in few time zones"),
            "lowest load of the day as a share of the planned load",
        ),
        key(
            "surge",
            Shape::Number(Limits::from("1", "1000")),
            Need::Assumed("2", "the busiest hour carries up to twice the mean"),
            "highest load to be prepared for as a multiple of the planned load",
        ),
        key(
            "alarm_time",
            duration(Limits::from("0 s", "1 d")),
            Need::Published("3 min", "AWS target tracking: three points of one minute above the target"),
            "time from a load that is too high to the decision to add instances",
        ),
        key(
            "boot_time",
            duration(Limits::from("0 s", "1 d")),
            Need::Assumed("2 min", "planning estimate: launch, start of the application, first health checks"),
            "time from that decision to instances that take requests",
        ),
    ],
};

/// `[classes.NAME]`
pub static CLASS: Section = Section {
    noun: "a class",
    one_of: &[],
    keys: &[
        key(
            "share",
            ratio(Limits::from("0", "1")),
            Need::Derived("1 if there is one class"),
            "share of all requests; the shares of all classes sum to 1",
        ),
        key(
            "visits",
            Shape::Visits(&VISITS),
            Need::Required,
            "visits of one request by tier; 0.05 is one request in 20",
        ),
    ],
};

/// `{ reads = …, writes = … }`
pub static VISITS: Section = Section {
    noun: "visits",
    one_of: &[],
    keys: &[
        key(
            "reads",
            Shape::Number(Limits::from("0", "10000")),
            Need::Assumed("0", "what is not given does not happen"),
            "visits that any instance can serve",
        ),
        key(
            "writes",
            Shape::Number(Limits::from("0", "10000")),
            Need::Assumed("0", "what is not given does not happen"),
            "visits that only the primary of a database can serve",
        ),
    ],
};

/// `[instance_types.NAME]`
pub static INSTANCE_TYPE: Section = Section {
    noun: "an instance type",
    one_of: &[],
    keys: &[
        key(
            "servers",
            Shape::Count(Limits::from("1", "1e9")),
            Need::Derived("the figure of the catalogue; required for a type that is not in it"),
            "requests that one instance serves at the same time",
        ),
        key(
            "speed",
            Shape::Number(Limits::above("0", "1000")),
            Need::Assumed("1", "service times are taken as measured on this type"),
            "speed of one server; the service time is divided by it",
        ),
        key(
            "memory",
            data(Limits::from("0 B", "8192 TiB")),
            Need::Derived(
                "the figure of the catalogue, 0 B for a type that is not in it; required for the nodes of a cache",
            ),
            "memory of one instance",
        ),
        key(
            "price",
            price(),
            Need::Derived("the figure of the catalogue; required for a type that is not in it"),
            "price of one instance; 730 h are a month",
        ),
    ],
};
