//! Keys of what may go wrong and of how the system reacts.

use super::{Limits, Need, Section, Shape, duration, key, ratio};
use crate::model::ScenarioKind;

/// Names of the kinds, in the order of [`ScenarioKind::ALL`].
const KIND_NAMES: &[&str] = &[
    ScenarioKind::ZoneLost.name(),
    ScenarioKind::InstanceLost.name(),
    ScenarioKind::CacheLost.name(),
    ScenarioKind::CacheCold.name(),
    ScenarioKind::DbFailover.name(),
    ScenarioKind::Deploy.name(),
    ScenarioKind::Spike.name(),
    ScenarioKind::RetryStorm.name(),
];

/// `[health_check]`
pub static HEALTH_CHECK: Section = Section {
    noun: "a health check",
    one_of: &[],
    keys: &[
        key(
            "interval",
            duration(Limits::above("0 s", "1 h")),
            Need::Published("30 s", "AWS Elastic Load Balancing User Guide: target group health checks"),
            "time from one probe of an instance to the next",
        ),
        key(
            "timeout",
            duration(Limits::from("0 s", "1 h")),
            Need::Published("5 s", "AWS Elastic Load Balancing User Guide: target group health checks"),
            "time after which a probe has failed",
        ),
        key(
            "unhealthy_threshold",
            Shape::Count(Limits::from("1", "100")),
            Need::Published("2", "AWS Elastic Load Balancing User Guide: target group health checks"),
            "failed probes in a row that take an instance out of service",
        ),
        key(
            "healthy_threshold",
            Shape::Count(Limits::from("1", "100")),
            Need::Published("5", "AWS Elastic Load Balancing User Guide: target group health checks"),
            "good probes in a row that bring an instance into service",
        ),
    ],
};

/// `[deploy]`
pub static DEPLOY: Section = Section {
    noun: "a deployment",
    one_of: &[],
    keys: &[
        key(
            "batch",
            ratio(Limits::from("0%", "100%")),
            Need::Published("25%", "Kubernetes documentation: `maxUnavailable` of a rolling update"),
            "share of a tier that is taken out of service at once, rounded down; one instance if `surge` is none either",
        ),
        key(
            "surge",
            ratio(Limits::from("0%", "100%")),
            Need::Assumed("0%", "instances that are paid for by the hour are replaced in place"),
            "share of a tier that is started beside the old instances, rounded up; `100%` with `batch = \"0%\"` is blue/green",
        ),
    ],
};

/// `[clients]`
pub static CLIENTS: Section = Section {
    noun: "clients",
    one_of: &[],
    keys: &[
        key(
            "timeout",
            duration(Limits::above("0 s", "1 d")),
            Need::Assumed("10 s", "people give up a page that takes ten seconds"),
            "time after which a client gives up an attempt",
        ),
        key(
            "retries",
            Shape::Count(Limits::from("0", "100")),
            Need::Assumed("0", "people come back later, not at once; programs are the scenario `retry-storm`"),
            "attempts at once after one that timed out",
        ),
    ],
};

/// `[scenarios.NAME]`
pub static SCENARIO: Section = Section {
    noun: "a scenario",
    one_of: &[],
    keys: &[
        key(
            "kind",
            Shape::Word(KIND_NAMES),
            Need::Derived("its name, if that is a kind; required for any other name"),
            "what goes wrong",
        ),
        key("tier", Shape::TierName, Need::Unset("the tier that fares worst"), "the tier that it happens to"),
        key(
            "instances",
            Shape::Count(Limits::from("1", "100000")),
            Need::Assumed("1", "failures of instances are independent"),
            "instances that are lost, for `instance-lost`",
        ),
        key(
            "zones",
            Shape::Count(Limits::from("1", "6")),
            Need::Assumed("1", "failures of zones are independent"),
            "zones that are lost, for `zone-lost`",
        ),
        key(
            "factor",
            Shape::Number(Limits::from("1", "1000")),
            Need::Assumed("3", "a campaign or a mention: events bring 3 to 10 times the load"),
            "multiple of the load, for `spike` and `retry-storm`",
        ),
        key(
            "duration",
            duration(Limits::above("0 s", "1 y")),
            Need::Derived("time to repair of the zone, instance or cache; 10 min for `spike`, 60 s for `retry-storm`"),
            "how long the cause lasts; not for `deploy` and `cache-cold`, which last as long as they take",
        ),
        key(
            "batch",
            ratio(Limits::from("0%", "100%")),
            Need::Derived("that of [deploy]"),
            "share of a tier that is taken out of service at once, for `deploy`",
        ),
        key(
            "retries",
            Shape::Count(Limits::from("0", "100")),
            Need::Derived("that of [clients], for `retry-storm` at least 2 (AWS SDKs: three attempts)"),
            "attempts at once after one that timed out",
        ),
        key(
            "timeout",
            duration(Limits::above("0 s", "1 d")),
            Need::Derived("that of [clients]"),
            "time after which a client gives up an attempt",
        ),
        key(
            "must_survive",
            Shape::Flag,
            Need::Assumed("false", "a review shows what happens; what must not happen is yours to say"),
            "whether `capplan whatif` ends with exit code 1 when the objectives are missed for too long",
        ),
        key(
            "recover_within",
            duration(Limits::from("0 s", "1 y")),
            Need::Assumed("5 min", "planning estimate: detection and failover have their time"),
            "the longest time that the objectives may be missed, for `must_survive`",
        ),
    ],
};

/// The kinds of scenario that use a key, where not all do.
pub const fn used_by(key: &str) -> Option<&'static [ScenarioKind]> {
    match key.as_bytes() {
        b"instances" => Some(&[ScenarioKind::InstanceLost]),
        b"zones" => Some(&[ScenarioKind::ZoneLost]),
        b"factor" => Some(&[ScenarioKind::Spike, ScenarioKind::RetryStorm]),
        b"batch" => Some(&[ScenarioKind::Deploy]),
        b"duration" => Some(&[
            ScenarioKind::ZoneLost,
            ScenarioKind::InstanceLost,
            ScenarioKind::CacheLost,
            ScenarioKind::DbFailover,
            ScenarioKind::Spike,
            ScenarioKind::RetryStorm,
        ]),
        _ => None,
    }
}
