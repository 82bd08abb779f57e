//! Queueing theory for people who size computer systems: stations, networks of stations, caches, availability,
//! overload. No I/O; every formula states its domain, its accuracy and its source.
//!
//! | question | room |
//! |---|---|
//! | How long does one queue take, and how many servers does it need? | [`queues`] |
//! | How long does a request take that passes several queues? How many users does a system carry? | [`network`] |
//! | How much memory makes which share of look-ups hits? | [`cache`] |
//! | How many instances in how many zones are down for how long? | [`availability`] |
//! | What do retries and backlogs do once load exceeds capacity? | [`overload`] |
//! | Which numbers are a rate, a time, a probability? | [`units`] |
//! | Roots, integrals, inversion of transforms | [`numeric`] |
//! | Where is a formula from? | [`references`] |
//!
//! # One station
//!
//! Four servers, 12 ms a request, 250 requests a second. [`queues`] lists the stations by their Kendall name.
//!
//! ```
//! use capplan_queueing::queues::{Mmc, StationFigures};
//! use capplan_queueing::units::{ArrivalRate, Probability, Servers, ServiceRate};
//!
//! let queue = Mmc::new(ArrivalRate::new(250.0)?, ServiceRate::new(1.0 / 0.012)?, Servers::new(4)?)?;
//! assert!((queue.wait_probability() - 0.509_434).abs() < 1e-6);
//! assert!((queue.sojourn_time() - 0.018_113).abs() < 1e-6);
//! let p99 = queue.sojourn_time_quantile(Probability::new(0.99)?)?;
//! assert!((p99 - 0.072).abs() < 0.001);
//! # Ok::<(), capplan_queueing::Error>(())
//! ```
//!
//! # A network of stations
//!
//! Thirty users think for 5 s; each request takes 40 ms of CPU and 100 ms of disk. The disk limits the throughput to
//! 10 requests a second. [`network`] says which method fits open, closed and mixed networks.
//!
//! ```
//! use capplan_queueing::network::{ClosedMethod, ClosedNetwork, StationKind};
//!
//! let stations = vec![StationKind::SINGLE; 2];
//! let network = ClosedNetwork::new(vec![30], vec![5.0], vec![vec![0.04, 0.10]], stations)?;
//! let solved = network.solve(ClosedMethod::Exact)?;
//! assert!(solved.throughput[0] > 5.5 && solved.throughput[0] < 10.0);
//! // The interactive law: N = X·(Z + R).
//! assert!((solved.throughput[0] * (5.0 + solved.response_times[0]) - 30.0).abs() < 1e-9);
//! # Ok::<(), capplan_queueing::Error>(())
//! ```
//!
//! # A cache, and an availability
//!
//! How much of a million objects must fit for nine look-ups in ten to hit? And six instances in three zones, of which
//! four are needed: how long are fewer up?
//!
//! ```
//! use capplan_queueing::availability::{FaultModel, Period, downtime_minutes, zoned_availability};
//! use capplan_queueing::cache::{Popularity, least_capacity, lru_hit_ratio};
//! use capplan_queueing::units::Probability;
//!
//! let popularity = Popularity::zipf(1_000_000, 1.0)?;
//! let objects = least_capacity(&popularity, Probability::new(0.9)?)?;
//! assert!(lru_hit_ratio(&popularity, objects)?.hit_ratio >= 0.9);
//! assert!(objects > 200_000.0 && objects < 400_000.0);
//!
//! let faults = FaultModel {
//!     instance_unavailability: Probability::new(0.001)?,
//!     zone_unavailability: Probability::new(0.0005)?,
//!     region_unavailability: Probability::ZERO,
//! };
//! let fleet = zoned_availability(&[2, 2, 2], 4, faults)?;
//! assert!(fleet.survives_largest_zone_loss);
//! assert!(downtime_minutes(fleet.unavailability, Period::Year) < 10.0);
//! # Ok::<(), capplan_queueing::Error>(())
//! ```
//!
//! Every room has an error of its own; [`enum@Error`] takes them all, so that `?` works across rooms.

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
