//! Stations whose jobs belong to classes, the first of which is the most urgent.

#[cfg(test)]
mod against_simulation;
mod busy_period;
mod delay_cycle;
mod interrupted_sojourn;
mod law;
#[cfg(test)]
mod laws;
mod means;
mod mg1;
mod mixture;
mod mmc;
mod passed_arrivals;
mod service;
#[cfg(test)]
mod simulation;
mod work;

pub use law::{ClassLaws, PriorityLaw};
pub use means::{PriorityClass, PriorityTimes, priority_mg1, priority_mmc};
pub use mg1::priority_laws_mg1;
pub use mmc::priority_laws_mmc;
