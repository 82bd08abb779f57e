//! One deployment of a system in one situation: flows, queues, response times, availability, cost.
//!
//! Nothing here reads, prints or searches. A figure that does not exist (an overloaded tier has no response time) is a
//! [`Breakdown`], never a number.

mod availability;
mod balancer;
mod branches;
mod breakdown;
mod busiest;
mod cache_figures;
mod cache_model;
mod cold_start;
mod condition;
mod cost;
mod database;
mod evaluation;
mod known_states;
mod layer_loads;
mod layers;
mod method;
mod network_cost;
mod one_tier;
mod performability;
mod prepared;
mod refusal;
mod served;
mod situation;
mod station;
mod steady_state;
mod subnets;
mod tier_laws;
mod tier_state;
mod users;
mod workload;

pub(crate) use availability::{FleetParts, Group, fleet_parts};
pub use availability::{
    SystemAvailability, TierAvailability, combined, system_availability, tier_unavailability, zone_states,
};
pub use branches::{WeightedBranch, class_branches};
pub use breakdown::{Breakdown, FormulaError};
pub use cache_figures::{
    ExpiryRates, HotKeyExpiry, HotSpots, MissesAfterLoss, Shedding, hot_key_expiry, hot_spots, least_memory,
    lowest_hit_ratio, mean_response_time, miss_capacity, misses_after_loss, shedding, utilization_at,
};
pub use cache_model::CacheModel;
pub use cold_start::ColdStart;
pub use condition::{Condition, Primary, Survivors, largest_zone, per_zone, survivors};
pub use cost::{BalancerCost, balancer_cost, fleet_price, tier_price};
pub use database::{ConnectionLoad, DatabaseFigures, InstanceLoad};
pub(crate) use database::{max_refused, too_many_refused};
pub use evaluation::{
    ClassFigures, Evaluation, InSituation, ResponseTimes, ServedFigures, TierFigures, all_met, evaluate, evaluate_at,
    evaluate_situation, meets_response_times, objective_shares, tier_state_at,
};
pub use layer_loads::{Layer, LayerLoads};
pub(crate) use layers::{is_layered, system_has_layers};
pub use method::Method;
pub use network_cost::{NetworkCost, network_cost};
pub use one_tier::OneTier;
pub use performability::{Performability, performability};
pub use prepared::{Flow, Flows, HitRatios, Prepared};
pub use refusal::Refusal;
pub use served::{FailingShare, ServedShares, accepted_shares, refusals, served_shares};
pub use situation::{Duty, Situation, TierSituation, load_limits};
pub use subnets::{SubnetAddresses, subnet_addresses};
pub use tier_laws::TierLaws;
pub(crate) use tier_state::request_load;
pub use tier_state::{LoadedTier, TierState, fixed_time};
pub use users::offered_rate;
pub use workload::{design_arrival_rate, floor_response_time, planned_arrival_rate, users_at};
