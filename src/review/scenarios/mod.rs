//! Scenarios: outages, cold caches, deployments, load spikes and retry storms, from the fault to the recovery.
//!
//! A scenario becomes a script: a sequence of situations of the system. Each is evaluated as a steady state; where the load
//! exceeds the capacity, a [`FluidQueue`](capplan_queueing::overload::FluidQueue) follows the backlog.
//!
//! # Accuracy
//!
//! A situation that lasts long compared with a response time is near its steady state (quasi-stationary). Next to
//! saturation a queue needs longer, and the figures err on the safe side. The fluid has no randomness: it is within a few per
//! cent of a real queue once the backlog is large.

mod evaluator;
mod impact;
mod interval;
mod losses;
mod refill;
mod review;
mod scripts;
mod summary;
#[cfg(test)]
mod tests;
mod timeline;

pub use evaluator::ScenarioEvaluator;
pub use impact::{
    Cause, Failures, Impact, LossKind, Phase, RetryStorm, Rollout, SHORTEST_BREACH, ScaleOut, ScenarioError,
    ScenarioReview, Stage, TierLoss, Timeline, Verdict, WarmUpTime, Weakness,
};
pub use review::review_scenarios;
