//! Keys of `[tiers.NAME]`: the kind of a tier, which decides on its other keys, and the keys of several kinds.

use super::super::key::{Key, duration, from, number, word};
use crate::model::{Placement, TierKind};
use capplan_queueing::units::Seconds;

const TIER_KINDS: [(&str, TierKind); 7] = [
    (TierKind::Dns.name(), TierKind::Dns),
    (TierKind::LoadBalancer.name(), TierKind::LoadBalancer),
    (TierKind::Service.name(), TierKind::Service),
    (TierKind::Cache.name(), TierKind::Cache),
    (TierKind::Database.name(), TierKind::Database),
    (TierKind::ObjectStorage.name(), TierKind::ObjectStorage),
    (TierKind::Delay.name(), TierKind::Delay),
];

/// Subnets that a tier may be placed in.
pub const PLACEMENTS: [(&str, Placement); 2] =
    [(Placement::Public.name(), Placement::Public), (Placement::Private.name(), Placement::Private)];

pub const KIND: Key<TierKind> = word("kind", &TIER_KINDS).doc("what kind of part the tier is");
pub const SERVICE_SCV: Key<f64> =
    number("service_scv", from("0.1", "100").hint("give a constant time as the `fixed_time` of a delay tier"))
        .assumed("1", "exponential service times; measure yours if you can")
        .doc("squared coefficient of variation of the service time");
pub const ROUND_TRIP: Key<Seconds> = duration("round_trip", from("0 s", "1 h"))
    .assumed("0 s", "the time of this kind of tier includes the network")
    .doc("fixed time on the network for each visit");
