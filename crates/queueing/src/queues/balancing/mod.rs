//! How a load balancer hands requests to instances, and what each way costs.

mod dispatch;
mod fleet;
mod least_outstanding;
mod policy;
mod power_of_choices;
mod round_robin;
mod sticky;
mod unequal;
mod zones;

pub use dispatch::{Dispatch, DispatchedLoad, dispatched, dispatched_load};
pub use fleet::BalancedFleet;
pub use least_outstanding::LeastOutstanding;
pub use policy::{Balanced, BalancedVisit, Exactness, RoutingPolicy, balanced};
pub use power_of_choices::PowerOfChoices;
pub use round_robin::{MAX_ROUND_ROBIN_WORKERS, RoundRobin};
pub use sticky::{StickyScaleOut, StickySessions, sticky_scale_out};
pub use unequal::{Split, UnequalSplit, split_unequal};
pub use zones::{ZoneBalance, ZoneRouting, zone_balance};
