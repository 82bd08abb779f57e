//! Stations whose jobs belong to classes, the first of which is the most urgent.

#[cfg(test)]
mod against_simulation;
mod busy_period;
mod class_laws;
mod delay_cycle;
mod interrupted_sojourn;
mod law;
#[cfg(test)]
mod laws;
mod means;
mod mg1;
mod mixture;
mod mmc;
mod objective;
mod passed_arrivals;
mod saddle;
mod service;
#[cfg(test)]
mod simulation;
mod work;

pub use class_laws::{ClassLaws, PriorityDiscipline};
pub use law::PriorityLaw;
pub use means::{PriorityClass, PriorityTimes, priority_mg1, priority_mmc};
pub use mg1::priority_laws_mg1;
pub use mmc::priority_laws_mmc;
pub use objective::{PriorityObjective, priority_max_arrival_rate, priority_min_servers};
