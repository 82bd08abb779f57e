//! What one system with one deployment does: flows, queues, response times, availability, cost.
//!
//! Nothing here reads, prints or searches. A figure that does not exist (an overloaded tier has no response time) is a
//! [`Breakdown`], never a number.

mod availability;
mod balancer;
mod branches;
mod breakdown;
mod busiest;
mod condition;
mod cost;
mod evaluation;
mod layers;
mod method;
mod network;
mod one_tier;
mod prepared;
mod shares;
mod station;
mod tier_state;
mod users;

pub use availability::{
    SystemAvailability, TierAvailability, combined, system_availability, tier_unavailability, zone_states,
};
pub use branches::{WeightedBranch, class_branches};
pub use breakdown::Breakdown;
pub use condition::{Condition, Primary, Survivors, largest_zone, per_zone, survivors};
pub use cost::{BalancerCost, balancer_cost, fleet_price, tier_price};
pub use evaluation::{ClassFigures, Evaluation, ResponseTimes, TierFigures, evaluate_at};
pub use layers::{Layer, LayerLoads};
pub(crate) use layers::{has_layers, system_has_layers};
pub use method::Method;
pub use network::{NetworkFailure, NetworkFigures, SolvedClass, SolvedStation, solve_network};
pub use one_tier::OneTier;
pub use prepared::{Flows, HitRatios, Prepared};
pub use shares::{all_met, meets_response_times, objective_shares};
pub(crate) use tier_state::tier_utilization;
pub use tier_state::{TierLaws, TierState, fixed_time, tier_state};
pub use users::{design_arrival_rate, evaluate, floor_response_time, offered_rate, planned_arrival_rate, users_at};
