//! A queueing network that a file describes (TOML or JMT's `.jmva`): stations, classes and routing, read and solved.
//!
//! `capplan calc network` solves such a file. This room shares the reader of keys with the model file and nothing else with
//! the planner, whose own "network" is the cloud's.

mod error;
mod figures;
mod file;
mod flows;
mod jmva;
mod network;
mod path;
mod response;
mod solve;
mod steps;
mod two_moments;

pub use error::NetworkFailure;
pub use figures::{
    ClassFigures, NetworkFigures, Percentiles, RESPONSE_PERCENTILES, Response, ResponseFigures, ShareWithin,
    StationFigures,
};
pub use file::parse_network;
pub use jmva::parse_jmva;
pub use network::{ClassLoad, Flow, NetworkClass, NetworkStation, QueueingNetwork};
pub use solve::solve_network;
pub use steps::{Attempts, PathStep, StepWork};
