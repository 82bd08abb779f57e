//! Stations: one queue and its servers, in closed form.

mod dispatch;
mod erlang;
mod error;
mod mgc;
mod min_servers;
mod mmc;
mod service_law;
mod sojourn_law;

pub use dispatch::{Dispatch, dispatched};
pub use erlang::{erlang_b, erlang_c, ln_erlang_b};
pub use error::QueueError;
pub use mgc::Mgc;
pub use min_servers::{LeastServers, ServerObjective, min_servers};
pub use mmc::Mmc;
pub use service_law::ServiceLaw;
pub use sojourn_law::SojournLaw;
