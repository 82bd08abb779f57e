//! Many plans: one for each load and each variation of the model, computed in parallel.
//!
//! The thread count never changes a byte: results are collected in the order of the grid.

mod binding;
mod cache_report;
mod chart_data;
mod full;
mod point;
mod policies;
mod review;
mod survival;
mod threads;

pub use binding::{Binding, binding};
pub use cache_report::{
    CacheDatabase, CacheLoss, CacheOverload, CacheReport, HistogramFit, LossEffect, MemoryValue, TargetMemory,
    WarmUpPoint, WarmUpReport, cache_overloads, cache_reports,
};
pub use chart_data::{
    AvailabilityCurve, ChartData, LoadCurve, LoadSample, availability_curves, chart_data, frontier_points, load_curve,
};
pub use full::{Feasible, FullGrid, evaluate_full};
pub use point::{PlannedTier, Point, PointInput, Recommendation, SweepError, recommend, sweep};
pub use policies::{Planned, PolicyComparison, PolicyFigures};
pub use review::review;
pub use survival::{search_plan, survives};
pub use threads::with_threads;
