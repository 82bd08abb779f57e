//! Bytes from results: JSON, CSV, tables, charts, a page. Nothing here computes a metric or opens a file.
//!
//! An answer for people is a [`Document`]: lines, lists and [`Grid`]s in reading order, which the terminal prints and the
//! page shows. A table is described once, by its columns; its grid and its CSV follow from them. `format` alone decides
//! how numbers look.

mod answers;
mod assumptions;
mod binding;
mod breaking;
mod cache_section;
pub mod charts;
mod database;
mod document;
pub mod format;
mod headline;
mod json;
mod network;
mod page;
mod promises;
mod response;
mod routing;
mod rows;
mod shortfall;
mod table;
mod tiers;
mod verdict;
pub mod whatif;

pub use answers::{breakdown_document, evaluation_document, sweep_document};
pub use assumptions::assumptions;
pub use document::{Block, Document};
pub use json::{SweepJson, breakdown_json, evaluate_json};
pub use page::{Page, PageError, report_html};
pub use rows::{candidate_header, candidate_row, evaluated_rows, row_prefix};
pub use table::{Grid, Tone, csv_line};
pub use tiers::{breakdown_csv, evaluation_csv, recommendation_csv, thresholds_csv};
