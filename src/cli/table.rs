//! A table as lines for a terminal.

use capplan::report::Grid;
use comfy_table::{ContentArrangement, LineStyle, TableStyle};

/// A rule above, below and under the header; rows stand close.
const STYLE: TableStyle = TableStyle::new()
    .top_border(LineStyle::none().fill('─').junction('─'))
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .bottom_border(LineStyle::none().fill('─').junction('─'));

/// Lines with aligned columns, wrapped to a width if there is one.
pub fn for_people(grid: &Grid, width: Option<u16>) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(STYLE).set_header(&grid.header).add_rows(&grid.rows);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_get_aligned_columns() {
        let mut grid = Grid::new(["key", "value"]);
        grid.row(["a", "1, \"2\""]);
        grid.row(["b|c", ""]);
        assert_eq!(
            for_people(&grid, None),
            "──────────────\n key   value\n──────────────\n a     1, \"2\"\n b|c\n──────────────\n"
        );
    }
}
