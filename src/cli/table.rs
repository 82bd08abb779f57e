//! A table of words and its three written forms.

use std::fmt::Write;

use comfy_table::{ContentArrangement, LineStyle, TableStyle};

/// A rule above, below and under the header; rows stand close.
const STYLE: TableStyle = TableStyle::new()
    .top_border(LineStyle::none().fill('─').junction('─'))
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .bottom_border(LineStyle::none().fill('─').junction('─'));

/// A header and rows of the same length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub fn new<S: Into<String>>(header: impl IntoIterator<Item = S>) -> Self {
        Self { header: header.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Lines for people, wrapped to a width if there is one.
    pub fn for_people(&self, width: Option<u16>) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(STYLE).set_header(&self.header).add_rows(&self.rows);
        if let Some(width) = width {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        let mut out = String::new();
        for line in table.lines() {
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    /// A table in Markdown.
    pub fn markdown(&self) -> String {
        let cell = |text: &String| text.replace('|', "\\|").replace('\n', " ");
        let mut out = String::new();
        let mut line = |cells: &[String]| {
            let _ = writeln!(out, "| {} |", cells.iter().map(cell).collect::<Vec<_>>().join(" | "));
        };
        line(&self.header);
        line(&vec!["---".to_owned(); self.header.len()]);
        self.rows.iter().for_each(|row| line(row));
        out
    }

    /// Comma-separated values; a cell with a comma, a quote or a line break stands in quotes (RFC 4180).
    pub fn csv(&self) -> String {
        let cell = |text: &String| {
            if text.contains([',', '"', '\n', '\r']) {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text.clone()
            }
        };
        let mut out = String::new();
        for row in std::iter::once(&self.header).chain(&self.rows) {
            let _ = writeln!(out, "{}", row.iter().map(cell).collect::<Vec<_>>().join(","));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(["key", "value"]);
        table.row(["a", "1, \"2\""]);
        table.row(["b|c", ""]);
        table
    }

    #[test]
    fn cells_are_quoted_where_the_form_needs_it() {
        assert_eq!(table().csv(), "key,value\na,\"1, \"\"2\"\"\"\nb|c,\n");
        assert_eq!(table().markdown(), "| key | value |\n| --- | --- |\n| a | 1, \"2\" |\n| b\\|c |  |\n");
    }

    #[test]
    fn people_get_aligned_columns() {
        assert_eq!(
            table().for_people(None),
            "──────────────\n key   value\n──────────────\n a     1, \"2\"\n b|c\n──────────────\n"
        );
    }
}
