//! A system that keeps its own rules: users, request classes, tiers, zones, objectives.
//!
//! A [`System`] is made from a [`SystemDraft`], which checks every rule that spans several values and reports all
//! broken ones at once. Files, units and lines are the business of `model_file`.

mod cache;
mod cloud_network;
mod database;
mod deployment;
mod fault;
mod fleet;
mod load_balancer;
mod objectives;
mod scenario;
mod system;
mod tier;
mod workload;

pub use cache::{CacheBehaviour, Coalescing, Hashing, MeasuredHits};
pub use cloud_network::{Billing, CloudNetwork, Nat, Placement, RoundTrips, Subnets};
pub use database::{DatabaseRole, ReadSplit, Standby, StorageLimit, StorageLimits};
pub use deployment::{Choice, Deployment};
pub use fault::{Fault, Rule};
pub use fleet::{
    CacheRole, CountRange, Discipline, Fleet, FleetRole, InstanceType, ROUTINGS, Redundancy, Reliability, Sticky,
};
pub use load_balancer::{BalancedRequest, Balancer, BalancerKind, BalancerTariff, CapacityUnits, ZoneTraffic};
pub use objectives::{Objectives, PERCENTILES, ResponseObjective, Scaling};
pub use scenario::{ProbeRule, Reactions, Scenario, ScenarioKind};
pub use system::{MAX_BRANCHES, System, SystemDraft};
pub use tier::{Managed, ObjectReads, Resource, Tier, TierKind, UsagePricing};
pub use workload::{Region, RequestClass, Visits, Workload};
