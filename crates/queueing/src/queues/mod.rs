//! Stations: one queue and its servers, in closed form.

mod balancing;
mod deterministic_wait;
mod dispatch;
mod erlang;
mod erlang_a;
mod error;
mod exponential_visit;
mod exponential_wait;
mod figures;
mod finite_users;
mod fitted_states;
mod fitted_visit;
#[cfg(test)]
mod general_simulation;
mod geometric;
mod ggc;
mod ggc_law;
mod halfin_whitt;
mod interpolated_wait;
#[cfg(test)]
mod laws;
mod mdc;
mod mg1;
mod mg1_states;
mod mgc;
mod mgc_times;
mod min_servers;
mod mixed_law;
mod mm_inf;
mod mmc;
mod mmck;
mod most_users;
mod objective;
mod offered_wait;
mod poisson;
mod poisson_walk;
mod priority;
mod quantile;
mod service_law;
mod service_shape;
mod service_transform;
mod sojourn_law;
mod stage_wait;

pub use balancing::{
    Balanced, BalancedVisit, Exactness, Fleet, LeastOutstanding, MAX_ROUND_ROBIN_WORKERS, PowerOfChoices, RoundRobin,
    RoutingPolicy, Split, StickyScaleOut, StickySessions, UnequalSplit, ZoneBalance, ZoneRouting, balanced,
    split_unequal, sticky_scale_out, zone_balance,
};
mod mgc_ps;
mod mm1_ps;
mod pooled_law;
mod shared_law;
#[cfg(test)]
mod simulation;
mod tagged_chain;
#[cfg(test)]
mod time_law_tests;
mod time_laws;
mod user_states;
mod visit_law;

pub use dispatch::{Dispatch, DispatchedLoad, dispatched, dispatched_load};
pub use erlang::{erlang_b, erlang_b_above_zero, erlang_c, ln_erlang_b, ln_erlang_c};
pub use erlang_a::ErlangA;
pub use error::QueueError;
pub use exponential_visit::ExponentialVisit;
pub use figures::{SojournFigures, StationFigures};
pub use finite_users::FiniteUsers;
pub use ggc::Ggc;
pub use halfin_whitt::{halfin_whitt, halfin_whitt_beta};
pub use interpolated_wait::ConstantService;
pub use mdc::Mdc;
pub use mg1::Mg1;
pub use mg1_states::Mg1States;
pub use mgc::Mgc;
pub use mgc_times::{MgcMethod, MgcService, MgcTimes};
pub use min_servers::{LeastServers, least_servers, min_servers, staffing};
pub use mixed_law::MixedLaw;
pub use mm_inf::MmInf;
pub use mmc::Mmc;
pub use mmck::Mmck;
pub use most_users::{MostUsers, most_users};
pub use objective::{GreatestArrivalRate, ServerObjective, greatest_arrival_rate, max_utilization};
pub use priority::{
    ClassLaws, PriorityClass, PriorityDiscipline, PriorityLaw, PriorityObjective, PriorityTimes, priority_laws_mg1,
    priority_laws_mmc, priority_max_arrival_rate, priority_mg1, priority_min_servers, priority_mmc,
};
pub use service_law::ServiceLaw;
pub use service_shape::{ServiceBranch, ServiceShape};
pub use sojourn_law::SojournLaw;

use figures::offered_load;
pub use mgc_ps::MgcPs;
pub use mm1_ps::Mm1Ps;
pub use pooled_law::PooledLaw;
pub use shared_law::{EARLY_CROSSING, SharedLaw};
pub use time_laws::TimeLaws;
pub use visit_law::VisitLaw;
