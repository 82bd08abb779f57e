//! Stations by Kendall's notation: what arrives, how long a service takes, how many servers there are.

mod details;
mod dispatch;
mod erlang;
mod erlang_a;
mod finite_users;
mod ggc;
mod mg1;
mod mgc;
mod mm_inf;
mod mmc;
mod mmck;
mod priority;
mod priority_classes;
mod processor_sharing;
mod quantiles;

pub(crate) use dispatch::DISPATCH;
pub(crate) use erlang::{ERLANG_B, ERLANG_C};
pub(crate) use erlang_a::ERLANG_A;
pub(crate) use finite_users::FINITE_USERS;
pub(crate) use ggc::GGC;
pub(crate) use mg1::MG1;
pub(crate) use mgc::MGC;
pub(crate) use mm_inf::MM_INF;
pub(crate) use mmc::MMC;
pub(crate) use mmck::MMCK;
pub(crate) use priority::PRIORITY;
pub(crate) use processor_sharing::MG1_PS;
pub(crate) use quantiles::Quantiles;
