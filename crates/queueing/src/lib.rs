//! Queueing theory for people who size computer systems: stations, networks of stations, caches, availability, overload.

pub mod availability;
pub mod cache;
mod error;
pub mod network;
pub mod numeric;
pub mod overload;
pub mod queues;
pub mod references;
pub mod units;

pub use error::Error;
