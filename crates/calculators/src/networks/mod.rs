//! Networks of stations, and the users who visit them.

mod bounds;
mod fan_out;
mod jackson;
mod paths;
mod product_form;
mod users;

pub(crate) use bounds::{BOUNDS_CLOSED, BOUNDS_OPEN};
pub(crate) use fan_out::{FANOUT, FANOUT_SLOW_SHARE, FORK_JOIN};
pub(crate) use jackson::{JACKSON, TANDEM};
pub(crate) use paths::{PATH, PATH_MIXTURE};
pub(crate) use product_form::{CLOSED, CLOSED_MULTICLASS, MIXED_MULTICLASS, OPEN_MULTICLASS};
pub(crate) use users::{INTERACTIVE_LAW, PARTLY_OPEN, USERS_TO_LOAD};
