//! Sizing: the fewest servers, the most arrivals and the most users that keep to an objective.

mod max_users;
mod objective;
mod priority_objectives;
mod staffing;
mod station;
mod station_objectives;

pub(crate) use max_users::MAX_USERS;
pub(crate) use priority_objectives::{PRIORITY_MAX_ARRIVAL_RATE, PRIORITY_MIN_SERVERS};
pub(crate) use staffing::{HALFIN_WHITT, MAX_UTILIZATION, STAFFING};
pub(crate) use station_objectives::{MAX_ARRIVAL_RATE, MIN_SERVERS};
