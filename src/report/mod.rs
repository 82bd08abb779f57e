//! Results as bytes: charts, one page, tables. Nothing here computes a metric or opens a file.

pub mod charts;
pub mod format;
mod page;

pub use page::{Page, PageError, report_html};
