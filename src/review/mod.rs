//! What a review asks of one plan: what it does, what it may promise, what sets its size, what breaks first.

mod binding;
mod cache_report;
mod policies;
mod promises;
mod recommendation;
mod scenarios;
mod survival;

pub use binding::{Binding, binding};
pub use cache_report::{
    CacheDatabase, CacheLoss, CacheOverload, CacheReport, HistogramFit, LossEffect, MemoryValue, TargetMemory,
    WarmUpPoint, WarmUpReport, cache_overloads, cache_reports,
};
pub use policies::{Planned, PolicyComparison, PolicyFigures};
pub use promises::{
    Alert, Cascade, CheckedTier, DatabaseFailover, ErrorBudget, FalseRemovals, Known, ManagedPromise, MonthlyPromise,
    OutageCause, OutageSource, Outages, Promises, Severity, Successor, promises,
};
pub use recommendation::{PlannedTier, Recommendation, recommend};
pub use scenarios::{
    Cause, Course, Failures, Laboratory, NOTICED, Phase, Reach, Reviewed, Rollout, ScaleOut, Stage, Storm, Strike,
    Verdict, WarmUpTime, Weakness, WhatIfError, review,
};
pub use survival::{search_plan, survives};
