//! Courses of scenarios as text, tables, JSON, CSV and a page.

mod grids;
mod json;
mod page;
mod words;

pub use grids::{deployment_line, review_csv, review_grid, stage_grid, stages_csv};
pub(super) use json::scenario_summaries;
pub use json::{Deployed, ReviewJson, UnreviewedJson, review_json, unreviewed_json};
pub(super) use page::class;
pub use page::{ReviewPage, review_html};
pub use words::{course_lines, review_assumptions};
