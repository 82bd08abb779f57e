//! A table of facts in CSV, as the files in `data/aws` are.

use csv::StringRecord;

/// The rows of a table; one that cannot be read is left out, and tests count them.
pub struct DataTable {
    header: StringRecord,
    rows: Vec<StringRecord>,
}

impl DataTable {
    /// Reads a table with a header.
    pub fn read(text: &str) -> Self {
        let mut records = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes()).into_records();
        let header = records.next().and_then(Result::ok).unwrap_or_default();
        Self { header, rows: records.filter_map(Result::ok).collect() }
    }

    /// The rows, each as a function from the name of a column to its cell.
    pub fn rows<'a>(&'a self) -> impl Iterator<Item = impl Fn(&str) -> Option<&'a str>> {
        self.rows
            .iter()
            .map(move |row| move |column: &str| row.get(self.header.iter().position(|name| name == column)?))
    }

    /// The figure in a column of the row that begins with these two cells.
    pub fn figure(&self, name: &str, item: &str, column: &str) -> Option<f64> {
        let column = self.header.iter().position(|header| header == column)?;
        let row = self.rows.iter().find(|row| row.get(0) == Some(name) && row.get(1) == Some(item))?;
        row.get(column)?.parse().ok()
    }
}
