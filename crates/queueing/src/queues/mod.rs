//! Stations: one queue and its servers, in closed form.

/// Erlang's B and C formulas.
mod erlang;

/// M/M/c, and its limit for many servers.
mod mmc;

/// M/M/c/K: waiting room for `K − c` jobs.
mod mmck;

/// M/M/∞: a server for everybody.
mod mm_inf;

/// M/M/c+M: waiting jobs lose their patience.
mod erlang_a;

/// M/M/c//N: a finite number of users who think between their requests.
mod finite_users;

/// M/G/1: one server, any service.
mod mg1;

/// M/D/c: constant service.
mod mdc;

/// M/G/c: any service.
mod mgc;

/// GI/G/c: any arrivals, any service.
mod ggc;

/// M/M/c and M/G/1 with classes of priority.
mod priority;

/// M/M/1 and M/G/c whose servers are shared by all jobs at once.
mod processor_sharing;

/// Several stations behind a load balancer.
mod balancing;

/// Laws of service, wait and visit, and of the number of jobs.
mod laws;

/// Servers, arrivals and users that an objective allows.
mod sizing;

/// Attempts that are refused or come too late.
mod attempts;

/// What can fail.
mod error;

/// What every station answers.
mod figures;

#[cfg(test)]
mod tests;

pub use attempts::attempt_failure;
pub use error::QueueError;
pub use figures::{StationFigures, StationLaws};

// Poisson arrivals, exponential service.
pub use erlang::{erlang_b, erlang_b_above_zero, erlang_c, ln_erlang_b, ln_erlang_c, loss_utilization};
pub use erlang_a::ErlangA;
pub use finite_users::FiniteUsers;
pub use mm_inf::MmInf;
pub use mmc::Mmc;
pub use mmc::halfin_whitt::{halfin_whitt, halfin_whitt_beta};
pub use mmck::Mmck;

// General service, general arrivals.
pub use ggc::Ggc;
pub use mdc::Mdc;
pub use mg1::Mg1;
pub use mg1::states::Mg1States;
pub use mgc::interpolation::ConstantService;
pub use mgc::{Mgc, MgcMethod, MgcService};

// Other disciplines than order of arrival.
pub use priority::{
    ClassLaws, PriorityClass, PriorityDiscipline, PriorityLaw, PriorityObjective, PriorityTimes, priority_laws_mg1,
    priority_laws_mmc, priority_max_arrival_rate, priority_mg1, priority_min_servers, priority_mmc,
};
pub use processor_sharing::law::{EARLY_CROSSING, SharedLaw};
pub use processor_sharing::mgc::MgcPs;
pub use processor_sharing::mm1::Mm1Ps;

// Several stations behind a balancer.
pub use balancing::{
    Balanced, BalancedFleet, BalancedVisit, Dispatch, DispatchedLoad, Exactness, LeastOutstanding,
    MAX_ROUND_ROBIN_WORKERS, PowerOfChoices, RoundRobin, RoutingPolicy, Split, StickyScaleOut, StickySessions,
    UnequalSplit, ZoneBalance, ZoneRouting, balanced, dispatched, dispatched_load, split_unequal, sticky_scale_out,
    zone_balance,
};

// Laws of a visit and of a service.
pub use laws::exponential_visit::ExponentialVisit;
pub use laws::mixed::MixedLaw;
pub use laws::pooled::PooledLaw;
pub use laws::service::ServiceLaw;
pub use laws::service_shape::{ServiceBranch, ServiceShape};
pub use laws::sojourn::SojournLaw;
pub use laws::visit::VisitLaw;

// Inverse questions.
pub use sizing::min_servers::{LeastServers, least_servers, min_servers, staffing};
pub use sizing::most_users::{MostUsers, most_users};
pub use sizing::objective::{GreatestArrivalRate, ServerObjective, greatest_arrival_rate, max_utilization};

use figures::offered_load;
