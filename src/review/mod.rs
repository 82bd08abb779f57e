//! What a review asks of one plan: what it does, what it may promise, what sets its size, what breaks first.

mod binding;
mod cache_report;
mod deployment;
mod policies;
mod promises;
mod scenarios;
mod survival;

pub use binding::{Binding, binding};
pub use cache_report::{
    CacheDatabase, CacheLoss, CacheOverload, CacheReport, HistogramFit, LossEffect, MemoryValue, TargetMemory,
    WarmUpPoint, WarmUpReport, cache_overloads, cache_reports,
};
pub use deployment::{Review, ReviewedTier, review_deployment};
pub use policies::{Planned, PolicyComparison, PolicyFigures};
pub use promises::{
    Alert, Cascade, CheckedTier, DatabaseFailover, ErrorBudget, FalseRemovals, Known, ManagedPromise, MonthlyPromise,
    OutageCause, OutageSource, Outages, Promises, Severity, Successor, promises,
};
pub use scenarios::{
    Cause, Failures, Impact, LossKind, Phase, RetryStorm, Rollout, SHORTEST_BREACH, ScaleOut, ScenarioError,
    ScenarioEvaluator, ScenarioReview, Stage, TierLoss, Timeline, Verdict, WarmUpTime, Weakness, review_scenarios,
};
pub use survival::{search_plan, survives};
