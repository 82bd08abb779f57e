//! What happens when something goes wrong: before, during and after, and what breaks first.
//!
//! A scenario becomes a script: situations of the system, one after the other. Each is evaluated as if it lasted; where
//! more comes than can be served, a fluid follows the backlog.
//!
//! # Accuracy
//!
//! Situations that last long against a response time are near their steady state (quasi-stationary); next to saturation
//! a queue needs longer, and figures there are on the safe side. The fluid has no randomness: within a few per cent once
//! the backlog is large.

mod evaluator;
mod impact;
mod losses;
mod refill;
mod review;
mod scripts;
mod summary;
#[cfg(test)]
mod tests;

pub use evaluator::ScenarioEvaluator;
pub use impact::{
    Cause, Failures, Impact, LossKind, Phase, RetryStorm, Rollout, SHORTEST_BREACH, ScaleOut, ScenarioError,
    ScenarioReview, Stage, TierLoss, Verdict, WarmUpTime, Weakness,
};
pub use review::review_scenarios;
