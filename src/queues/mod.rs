//! Stations: one queue and its servers, in closed form.

mod dispatch;
mod erlang;
mod error;
mod mgc;
mod mgc_ps;
mod min_servers;
mod mm1_ps;
mod mmc;
mod pooled_law;
mod service_law;
mod shared_law;
#[cfg(test)]
mod simulation;
mod sojourn_law;
mod tagged_chain;
mod visit_law;

pub use dispatch::{Dispatch, DispatchedLoad, dispatched, dispatched_load};
pub use erlang::{erlang_b, erlang_c, ln_erlang_b};
pub use error::QueueError;
pub use mgc::Mgc;
pub use mgc_ps::MgcPs;
pub use min_servers::{LeastServers, ServerObjective, min_servers};
pub use mm1_ps::Mm1Ps;
pub use mmc::Mmc;
pub use pooled_law::PooledLaw;
pub use service_law::ServiceLaw;
pub use shared_law::SharedLaw;
pub use sojourn_law::SojournLaw;
pub use visit_law::VisitLaw;
