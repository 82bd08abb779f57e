//! Sizes cloud systems with queueing theory: closed-form M/M/c stations in a Jackson network, cache hit ratios, zone
//! redundancy and availability, searched for the cheapest plan that keeps its promises.
//!
//! Data flows one way: a model file ([`model_file`]) becomes a [`model::System`], whose flows and stations
//! ([`capplan_queueing`]) are evaluated ([`evaluate`]), searched ([`plan`], [`sweep`]) and written ([`report`]).

pub mod evaluate;
pub mod model;
pub mod model_file;
pub mod plan;
pub mod queueing_network;
pub mod report;
pub mod review;

pub mod sweep;
