//! Keys of tiers: one file for each kind, `fleet.rs` for all kinds that consist of instances, `shared.rs` for the rest.

pub mod cache;
pub mod database;
pub mod delay;
pub mod dns;
pub mod fleet;
pub mod load_balancer;
pub mod object_storage;
pub mod service;
pub mod shared;

use super::key::Section;
use crate::model::TierKind;

/// The keys of a kind of tier.
pub const fn tier_section(kind: TierKind) -> &'static Section {
    match kind {
        TierKind::Dns => &dns::SECTION,
        TierKind::LoadBalancer => &load_balancer::SECTION,
        TierKind::Service => &service::SECTION,
        TierKind::Cache => &cache::SECTION,
        TierKind::Database => &database::SECTION,
        TierKind::ObjectStorage => &object_storage::SECTION,
        TierKind::Delay => &delay::SECTION,
    }
}
