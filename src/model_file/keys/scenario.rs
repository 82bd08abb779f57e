//! Keys of `[scenarios.NAME]`: what may go wrong.

use super::key::{
    Key, Section, Shape, Text, YES_NO, above, count, duration, flag, from, number, plain, probability, word,
};
use crate::model::ScenarioKind;
use capplan_queueing::units::{Probability, Seconds};

const SCENARIO_KINDS: [(&str, ScenarioKind); 8] = [
    (ScenarioKind::ZoneLost.name(), ScenarioKind::ZoneLost),
    (ScenarioKind::InstanceLost.name(), ScenarioKind::InstanceLost),
    (ScenarioKind::CacheLost.name(), ScenarioKind::CacheLost),
    (ScenarioKind::CacheCold.name(), ScenarioKind::CacheCold),
    (ScenarioKind::DbFailover.name(), ScenarioKind::DbFailover),
    (ScenarioKind::Deploy.name(), ScenarioKind::Deploy),
    (ScenarioKind::Spike.name(), ScenarioKind::Spike),
    (ScenarioKind::RetryStorm.name(), ScenarioKind::RetryStorm),
];

pub const KIND: Key<ScenarioKind> = word("kind", &SCENARIO_KINDS)
    .derived("its name, if that is a kind; required for any other name")
    .doc("what goes wrong");
pub const TIER: Key<Text> =
    plain("tier", Shape::TierName).unset("the tier that fares worst").doc("the tier that it happens to");
pub const INSTANCES: Key<u32> = count("instances", from("1", "100000"))
    .assumed("1", "failures of instances are independent")
    .doc("instances that are lost, for `instance-lost`");
pub const ZONES: Key<u32> = count("zones", from("1", "6"))
    .assumed("1", "failures of zones are independent")
    .doc("zones that are lost, for `zone-lost`");
pub const FACTOR: Key<f64> = number("factor", from("1", "1000"))
    .assumed("3", "a campaign or a mention: events bring 3 to 10 times the load")
    .doc("multiple of the load, for `spike` and `retry-storm`");
pub const DURATION: Key<Seconds> = duration("duration", above("0 s", "1 y"))
    .derived("time to repair of the zone, instance or cache; 10 min for `spike`, 60 s for `retry-storm`")
    .doc("how long the cause lasts; not for `deploy` and `cache-cold`, which last as long as they take");
pub const BATCH: Key<Probability> = probability("batch", from("0%", "100%"))
    .derived("that of [deploy]")
    .doc("share of a tier that is taken out of service at once, for `deploy`");
pub const RETRIES: Key<u32> = count("retries", from("0", "100"))
    .derived("that of [clients], for `retry-storm` at least 2 (AWS SDKs: three attempts)")
    .doc("attempts at once after one that timed out");
pub const TIMEOUT: Key<Seconds> = duration("timeout", above("0 s", "1 d"))
    .derived("that of [clients]")
    .doc("time after which a client gives up an attempt");
pub const MUST_SURVIVE: Key<bool> = flag("must_survive", YES_NO)
    .assumed("false", "a review shows what happens; what must not happen is yours to say")
    .doc("whether `capplan whatif` ends with exit code 1 when the objectives are missed for too long");
pub const RECOVER_WITHIN: Key<Seconds> = duration("recover_within", from("0 s", "1 y"))
    .assumed("5 min", "planning estimate: detection and failover have their time")
    .doc("the longest time that the objectives may be missed, for `must_survive`");

/// `[scenarios.NAME]`
pub static SECTION: Section = Section::new(
    "a scenario",
    &[
        KIND.row,
        TIER.row,
        INSTANCES.row,
        ZONES.row,
        FACTOR.row,
        DURATION.row,
        BATCH.row,
        RETRIES.row,
        TIMEOUT.row,
        MUST_SURVIVE.row,
        RECOVER_WITHIN.row,
    ],
);

/// The kinds of scenario that use a key, where not all do.
pub const USED_BY: [(&str, &[ScenarioKind]); 5] = [
    (INSTANCES.row.name, &[ScenarioKind::InstanceLost]),
    (ZONES.row.name, &[ScenarioKind::ZoneLost]),
    (FACTOR.row.name, &[ScenarioKind::Spike, ScenarioKind::RetryStorm]),
    (BATCH.row.name, &[ScenarioKind::Deploy]),
    (
        DURATION.row.name,
        &[
            ScenarioKind::ZoneLost,
            ScenarioKind::InstanceLost,
            ScenarioKind::CacheLost,
            ScenarioKind::DbFailover,
            ScenarioKind::Spike,
            ScenarioKind::RetryStorm,
        ],
    ),
];
