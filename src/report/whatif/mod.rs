//! Impacts of scenarios as text, tables, JSON, CSV and a page.

mod grids;
mod json;
mod page;
mod words;

pub use grids::{deployment_line, scenario_csv, scenario_grid, stage_grid, stages_csv};
pub(super) use json::scenario_summaries;
pub use json::{Deployed, no_answer_json, whatif_json};
pub(super) use page::tone;
pub use page::{WhatIfPage, whatif_html};
pub use words::{impact_lines, scenario_assumptions};
