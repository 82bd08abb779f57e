//! Sizes cloud systems with queueing theory: closed-form M/M/c stations in a Jackson network, cache hit ratios, zone
//! redundancy and availability, searched for the cheapest plan that keeps its promises.
//!
//! Data flows one way: a model file ([`spec`]) becomes a [`model::System`], whose flows and stations ([`network`],
//! [`queues`]) are evaluated ([`evaluate`]), searched ([`plan`], [`sweep`]) and written ([`report`]).

pub mod availability;
pub mod cache;
pub mod calc;
pub mod evaluate;
pub mod model;
pub mod network;
pub mod numeric;
pub mod overload;
pub mod plan;
pub mod queues;
pub mod references;
pub mod report;
pub mod spec;
pub mod sweep;
pub mod units;
pub mod whatif;
