//! Courses of scenarios as text, tables, JSON, CSV and a page.

mod grids;
mod json;
mod page;
mod words;

pub use grids::{deployment_line, review_csv, review_grid, stage_grid};
pub use json::{ReviewJson, UnreviewedJson, review_json, unreviewed_json};
pub use page::{ReviewPage, review_html};
pub use words::{course_lines, review_assumptions};

use crate::model::Scenario;
use crate::whatif::{Course, WhatIfError};

/// A scenario and what it does, or why it cannot happen.
#[derive(Debug, Clone)]
pub struct Reviewed {
    /// The scenario.
    pub scenario: Scenario,
    /// Its course.
    pub outcome: Result<Course, WhatIfError>,
}
