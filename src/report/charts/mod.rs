//! Charts as SVG text: the same input gives the same bytes, with or without fonts on the machine.
//!
//! Each chart turns records into a figure of plain data; one file draws figures.

mod availability;
mod cache;
mod clip;
mod cost;
mod figure;
mod labels;
mod load;
mod policies;
mod response_time;
mod style;
mod timeline;
mod users;
mod utilization;

pub use availability::availability_over_instances_svg;
pub use cache::{cache_database_svg, cache_memory_svg, cache_warm_up_svg};
pub use cost::cost_over_p99_svg;
pub use policies::wait_over_policies_svg;
pub use response_time::response_time_over_users_svg;
pub use timeline::timeline_svg;
pub use users::{cost_over_users_svg, plan_over_users_svg};
pub use utilization::utilization_over_users_svg;

/// The drawing library refused.
#[derive(Debug, thiserror::Error)]
#[error("a chart cannot be drawn: {reason}")]
pub struct ChartError {
    /// What it said.
    reason: String,
}

impl<E: std::error::Error + Send + Sync> From<plotters::drawing::DrawingAreaErrorKind<E>> for ChartError {
    fn from(error: plotters::drawing::DrawingAreaErrorKind<E>) -> Self {
        Self { reason: error.to_string() }
    }
}

#[cfg(test)]
mod tests;
