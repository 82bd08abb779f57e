//! A table is described once, by its columns: the grid that people read and the CSV that programs read follow from it.

use super::format::{
    MISSING, availability, count, downtime_per_year, duration, money, percent, rate, significant, small_percent,
};

/// A table for people: titles of the columns and rows of cells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grid {
    /// Titles of the columns.
    pub header: Vec<String>,
    /// Rows, each with a cell for every column.
    pub rows: Vec<Vec<String>>,
    words: Vec<usize>,
    tones: Option<(usize, Vec<Tone>)>,
}

/// How good the news in a cell is; a page shows it as a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to do.
    Good,
    /// Worth a look.
    Note,
    /// Something breaks.
    Bad,
    /// Not known.
    Muted,
}

impl Tone {
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Note => "note",
            Self::Bad => "bad",
            Self::Muted => "muted",
        }
    }
}

impl Grid {
    /// A table without rows.
    pub fn new<T: Into<String>>(header: impl IntoIterator<Item = T>) -> Self {
        Self { header: header.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Adds a row, with a cell for every column.
    pub fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// The same table with these rows.
    #[must_use]
    pub fn with_rows(mut self, rows: impl IntoIterator<Item = Vec<String>>) -> Self {
        self.rows.extend(rows);
        self
    }

    /// The same table with words in some columns.
    #[must_use]
    pub fn with_words(mut self, columns: impl IntoIterator<Item = usize>) -> Self {
        self.words.extend(columns);
        self
    }

    /// The same table with verdicts in a column, a tone for each row.
    #[must_use]
    pub fn with_tones(mut self, column: usize, tones: impl IntoIterator<Item = Tone>) -> Self {
        self.tones = Some((column, tones.into_iter().collect()));
        self
    }

    /// The table in Markdown.
    pub fn markdown(&self) -> String {
        let cell = |text: &String| text.replace('|', "\\|").replace('\n', " ");
        let line = |cells: &[String]| format!("| {} |\n", cells.iter().map(cell).collect::<Vec<_>>().join(" | "));
        let rule = vec!["---".to_owned(); self.header.len()];
        [&self.header, &rule].into_iter().chain(&self.rows).map(|cells| line(cells)).collect()
    }

    /// The table as comma-separated values.
    pub fn csv(&self) -> Vec<u8> {
        std::iter::once(&self.header).chain(&self.rows).flat_map(|cells| csv_line(cells)).collect()
    }

    /// The titles, each with its classes on a page.
    pub(super) fn classed_header(&self) -> Vec<(String, &str)> {
        self.classed(None, &self.header)
    }

    /// The cells, each with its classes on a page.
    pub(super) fn classed_rows(&self) -> Vec<Vec<(String, &str)>> {
        self.rows.iter().enumerate().map(|(row, cells)| self.classed(Some(row), cells)).collect()
    }

    fn classed<'a>(&self, row: Option<usize>, cells: &'a [String]) -> Vec<(String, &'a str)> {
        cells.iter().enumerate().map(|(column, text)| (self.class(row, column), text.as_str())).collect()
    }

    fn class(&self, row: Option<usize>, column: usize) -> String {
        let words = self.words.contains(&column).then_some("words");
        let tone = self.tones.as_ref().filter(|(toned, _)| *toned == column);
        let tone = tone.and_then(|(_, tones)| tones.get(row?)).map(|tone| tone.class());
        words.into_iter().chain(tone.map(|_| "verdict")).chain(tone).collect::<Vec<_>>().join(" ")
    }
}

/// The figure in a cell, before it is written out.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Figure {
    /// There is no such figure.
    None,
    /// A number in the unit of the column.
    Number(f64),
    /// Words.
    Text(String),
}

impl From<f64> for Figure {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<u32> for Figure {
    fn from(value: u32) -> Self {
        Self::Number(f64::from(value))
    }
}

impl From<u64> for Figure {
    fn from(value: u64) -> Self {
        Self::Number(value as f64)
    }
}

impl From<&str> for Figure {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Figure {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<Self>> From<Option<T>> for Figure {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

/// What the numbers of a column are, which decides how people see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Words, and no numbers.
    Words,
    /// Whole numbers.
    Count,
    /// Numbers with three significant digits.
    Number,
    /// Shares of 1, shown as percentages with so many decimals.
    Share(usize),
    /// Shares of 1 that may be tiny.
    SmallShare,
    /// Times in seconds.
    Seconds,
    /// Events per second.
    PerSecond,
    /// US dollars.
    Usd,
    /// Shares of time down, shown as shares of time up.
    Unavailability,
    /// Shares of time down, shown as the time down in a year.
    DownPerYear,
}

impl Unit {
    fn shown(self, value: f64) -> String {
        match self {
            Self::Words | Self::Count => count(value),
            Self::Number => significant(value),
            Self::Share(digits) => percent(value, digits),
            Self::SmallShare => small_percent(value),
            Self::Seconds => duration(value),
            Self::PerSecond => rate(value),
            Self::Usd => money(value),
            Self::Unavailability => availability(value),
            Self::DownPerYear => downtime_per_year(value),
        }
    }
}

/// How the numbers of a column are written in CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digits {
    /// The fewest digits that give the same double.
    Shortest,
    /// So many decimals.
    Decimals(usize),
    /// A power of ten and the fewest digits that give the same double.
    Scientific,
    /// A power of ten and so many decimals.
    ScientificDecimals(usize),
}

impl Digits {
    fn written(self, value: f64) -> String {
        match self {
            Self::Shortest => value.to_string(),
            Self::Decimals(decimals) => format!("{value:.decimals$}"),
            Self::Scientific => format!("{value:e}"),
            Self::ScientificDecimals(decimals) => format!("{value:.decimals$e}"),
        }
    }
}

/// A column of a table whose rows are made from records `R`.
pub(super) struct Column<R> {
    title: Option<&'static str>,
    unit: Unit,
    key: Option<(&'static str, Digits)>,
    figure: fn(&R) -> Figure,
    kept: Kept,
}

/// Whether people see a column in which there is no figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Always,
    IfAny,
}

impl<R> Column<R> {
    /// A column for people.
    pub(super) const fn new(title: &'static str, unit: Unit, figure: fn(&R) -> Figure) -> Self {
        Self { title: Some(title), unit, key: None, figure, kept: Kept::Always }
    }

    /// A column of CSV that people do not see.
    pub(super) const fn only_csv(key: &'static str, digits: Digits, figure: fn(&R) -> Figure) -> Self {
        Self { title: None, unit: Unit::Count, key: Some((key, digits)), figure, kept: Kept::Always }
    }

    /// The same column in CSV too, under a name with its unit.
    pub(super) const fn csv(mut self, key: &'static str, digits: Digits) -> Self {
        self.key = Some((key, digits));
        self
    }

    /// Leaves the column out of the grid if no row has a figure in it.
    pub(super) const fn if_any(mut self) -> Self {
        self.kept = Kept::IfAny;
        self
    }
}

/// The table for people: the columns that have a title.
pub(super) fn grid<R>(columns: &[Column<R>], rows: &[R]) -> Grid {
    let mut grid = Grid { rows: vec![Vec::new(); rows.len()], ..Grid::default() };
    for column in columns {
        let Some(title) = column.title else { continue };
        let figures: Vec<Figure> = rows.iter().map(column.figure).collect();
        if column.kept == Kept::IfAny && figures.iter().all(|figure| *figure == Figure::None) {
            continue;
        }
        if column.unit == Unit::Words {
            grid.words.push(grid.header.len());
        }
        grid.header.push(title.to_owned());
        for (cells, figure) in grid.rows.iter_mut().zip(figures) {
            cells.push(match figure {
                Figure::None => MISSING.to_owned(),
                Figure::Number(value) => column.unit.shown(value),
                Figure::Text(text) => text,
            });
        }
    }
    grid
}

/// A file of comma-separated values that is being written: cells that say what a row is about, then the columns that have
/// a key.
pub(super) struct Csv<'c, R> {
    columns: &'c [Column<R>],
    bytes: Vec<u8>,
}

impl<'c, R> Csv<'c, R> {
    /// Begins with the header.
    pub(super) fn new(leading: &[String], columns: &'c [Column<R>]) -> Self {
        let keys = columns.iter().filter_map(|column| column.key);
        let header: Vec<String> = leading.iter().cloned().chain(keys.map(|(key, _)| key.to_owned())).collect();
        Self { columns, bytes: csv_line(&header) }
    }

    /// Adds a row.
    pub(super) fn row(&mut self, leading: &[String], record: &R) {
        let mut cells = leading.to_vec();
        for column in self.columns {
            let Some((_, digits)) = column.key else { continue };
            cells.push(match (column.figure)(record) {
                Figure::None => String::new(),
                Figure::Number(value) => digits.written(value),
                Figure::Text(text) => text,
            });
        }
        self.bytes.extend(csv_line(&cells));
    }

    /// Adds a row for which there are no figures: the last column, the status, says why.
    pub(super) fn failed(&mut self, leading: &[String], status: &str) {
        let keys = self.columns.iter().filter(|column| column.key.is_some()).count();
        let mut cells = leading.to_vec();
        cells.resize(leading.len() + keys.saturating_sub(1), String::new());
        cells.push(status.to_owned());
        self.bytes.extend(csv_line(&cells));
    }

    /// The whole file.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// One line of comma-separated values; a cell with a comma, a quote or a line break stands in quotes (RFC 4180).
pub fn csv_line(cells: &[String]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    // Writing to memory does not fail.
    let _ = writer.write_record(cells);
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Tier {
        name: &'static str,
        busy: Option<f64>,
        misses: Option<f64>,
        down: f64,
    }

    const TIERS: [Tier; 2] = [
        Tier { name: "app", busy: Some(0.498_76), misses: None, down: 1.5e-4 },
        Tier { name: "dns, \"public\"", busy: None, misses: None, down: 0.0 },
    ];

    const COLUMNS: [Column<Tier>; 5] = [
        Column::new("tier", Unit::Words, |tier: &Tier| tier.name.into()).csv("tier", Digits::Shortest),
        Column::new("busy", Unit::Share(1), |tier: &Tier| tier.busy.into()).csv("utilization", Digits::Decimals(3)),
        Column::new("misses", Unit::PerSecond, |tier: &Tier| tier.misses.into()).if_any(),
        Column::new("down a year", Unit::DownPerYear, |tier: &Tier| tier.down.into()),
        Column::only_csv("unavailability", Digits::Scientific, |tier: &Tier| tier.down.into()),
    ];

    #[test]
    fn people_see_titled_columns_with_units_and_a_dash_for_no_figure() {
        let shown = grid(&COLUMNS, &TIERS);
        assert_eq!(shown.header, ["tier", "busy", "down a year"]);
        assert_eq!(shown.rows, [["app", "49.9 %", "78.8 min"], ["dns, \"public\"", "–", "0 s"]]);
    }

    #[test]
    fn cells_are_quoted_where_the_form_needs_it() {
        let mut table = Grid::new(["key", "value"]);
        table.row(["a", "1, \"2\""]);
        table.row(["b|c", ""]);
        assert_eq!(String::from_utf8(table.csv()).expect("text"), "key,value\na,\"1, \"\"2\"\"\"\nb|c,\n");
        assert_eq!(table.markdown(), "| key | value |\n| --- | --- |\n| a | 1, \"2\" |\n| b\\|c |  |\n");
    }

    #[test]
    fn a_page_gets_classes_for_words_and_verdicts() {
        let shown = grid(&COLUMNS, &TIERS).with_tones(1, [Tone::Good, Tone::Bad]);
        assert_eq!((shown.class(None, 0).as_str(), shown.class(Some(0), 0).as_str()), ("words", "words"));
        assert_eq!((shown.class(None, 1).as_str(), shown.class(Some(1), 1).as_str()), ("", "verdict bad"));
        assert_eq!(shown.class(Some(0), 2), "");
    }

    #[test]
    fn an_optional_column_is_there_when_one_row_has_a_figure() {
        let rows = [Tier { misses: Some(12.0), ..TIERS[0] }, Tier { ..TIERS[1] }];
        let shown = grid(&COLUMNS, &rows);
        assert_eq!(shown.header, ["tier", "busy", "misses", "down a year"]);
        assert_eq!(shown.rows[0][2], "12.0/s");
        assert_eq!(shown.rows[1][2], MISSING);
    }

    #[test]
    fn csv_has_keyed_columns_full_numbers_and_quotes_where_needed() {
        let mut csv = Csv::new(&["state".to_owned()], &COLUMNS);
        for tier in &TIERS {
            csv.row(&["all_up".to_owned()], tier);
        }
        csv.failed(&["zone_lost".to_owned()], "tier `app` is overloaded");
        assert_eq!(
            String::from_utf8(csv.into_bytes()).expect("text"),
            "state,tier,utilization,unavailability\n\
             all_up,app,0.499,1.5e-4\n\
             all_up,\"dns, \"\"public\"\"\",,0e0\n\
             zone_lost,,,tier `app` is overloaded\n"
        );
    }

    #[test]
    fn numbers_of_csv_have_the_digits_of_their_column() {
        assert_eq!(Digits::Shortest.written(15.0), "15");
        assert_eq!(Digits::Shortest.written(0.1), "0.1");
        assert_eq!(Digits::Decimals(2).written(2166.666), "2166.67");
        assert_eq!(Digits::ScientificDecimals(6).written(3.125e-4), "3.125000e-4");
    }
}
