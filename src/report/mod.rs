//! Bytes from results: JSON, CSV, charts, a page. Nothing here computes a metric or opens a file.

mod assumptions;
mod binding;
mod breaking;
mod cache_section;
pub mod charts;
mod database;
pub mod format;
mod json;
mod network;
mod page;
mod promises;
mod routing;
mod rows;
mod summary;
mod tables_csv;
mod verdict;
pub mod whatif;

pub use assumptions::assumptions;
pub use binding::binding_lines;
pub use breaking::breaking_lines;
pub use cache_section::{cache_lines, overload_line};
pub use database::{database_grid, database_lines};
pub use json::{SweepJson, breakdown_json, evaluate_json};
pub use network::network_lines;
pub use page::{Page, PageError, report_html};
pub use promises::{alert_grid, budget_summary, outage_grid, promise_lines};
pub use routing::balancer_lines;
pub use rows::{candidate_header, candidate_row, csv_line, evaluated_rows, row_prefix};
pub use summary::{
    Grid, class_grid, evaluation_headline, headline, nearest_lines, plan_grid, points_grid, response_grid, rule_lines,
    service_grid, shortfall_line, tier_grid,
};
pub use tables_csv::{evaluation_csv, recommendation_csv, thresholds_csv};
