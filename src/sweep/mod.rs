//! Many plans: one for each load and each variation of the model, computed in parallel.
//!
//! The thread count never changes a byte: results are collected in the order of the grid.

mod chart_data;
mod full;
mod point;
mod threads;

pub use chart_data::{
    AvailabilityCurve, ChartData, LoadCurve, LoadSample, availability_curves, chart_data, frontier_points, load_curve,
};
pub use full::{Feasible, FullGrid, evaluate_full};
pub use point::{Point, PointInput, SweepError, sweep};
pub use threads::with_threads;
