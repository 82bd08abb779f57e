//! Stations: one queue and its servers, in closed form.

mod balancing;
mod dispatch;
mod erlang;
mod error;
mod exponential_visit;
mod mgc;
mod min_servers;
mod mmc;
mod service_law;
mod sojourn_law;

pub use balancing::{
    Balanced, Exactness, Fleet, LeastOutstanding, MAX_ROUND_ROBIN_WORKERS, PowerOfChoices, RoundRobin, RoutingPolicy,
    Split, StickyScaleOut, StickySessions, UnequalSplit, VisitLaw, ZoneBalance, ZoneRouting, balanced, split_unequal,
    sticky_scale_out, zone_balance,
};
pub use dispatch::{Dispatch, dispatched};
pub use erlang::{erlang_b, erlang_c, ln_erlang_b};
pub use error::QueueError;
pub use exponential_visit::ExponentialVisit;
pub use mgc::Mgc;
pub use min_servers::{LeastServers, ServerObjective, min_servers};
pub use mmc::Mmc;
pub use service_law::ServiceLaw;
pub use sojourn_law::SojournLaw;
