//! Load balancing: how requests are spread over instances, sessions and zones.

mod load_balancer;
mod sessions;

pub(crate) use load_balancer::{LOAD_BALANCER, POWER_OF_D, UNEQUAL_SERVERS};
pub(crate) use sessions::{STICKY_SCALE_OUT, STICKY_SESSIONS, ZONE_BALANCE, ZONE_TARGET_SHARE};
