//! A table of questions in, the same table with its answers out.
//!
//! The columns of the answers are those of the first [`LOOK_AHEAD`] rows; only these are ever held, so that a table may
//! be longer than the memory.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use capplan::model_file::did_you_mean;
use capplan_calculators::{CalcError, Calculator, ErrorKind, Input, LineStatus, Need, StreamSummary};
use csv::ByteRecord;
use serde_json::{Map, Value};

use super::Status;
use super::calc_input::question;
use super::error::{CliError, plain};
use super::output::{Output, Rows, io_error};

/// Rows whose answers name the columns.
const LOOK_AHEAD: usize = 1000;

/// The column that is handed through, as in JSON lines.
const ID: &str = "id";

/// The names of the figures that are empty because a double cannot hold them: they are empty without this column too.
const BELOW_DOUBLE: &str = "below_double_precision";

/// The figures that every answer has, which stand behind the others.
const LAST: [&str; 2] = ["method", "exact"];

/// Why a table of questions cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UnusableQuestions {
    /// The system refuses.
    #[error("{}", plain(.0))]
    System(#[from] io::Error),
    /// It holds nothing.
    #[error("it is empty; its first line names the inputs")]
    Empty,
    /// A column is no input.
    #[error("`{calculator}` has no input `{column}`; {hint}")]
    Unknown {
        /// Whose inputs these are.
        calculator: &'static str,
        /// What the column is called.
        column: String,
        /// What it may be called.
        hint: String,
    },
    /// Two columns have one name.
    #[error("the column `{0}` stands there twice; leave one of them out")]
    Twice(&'static str),
    /// A column is given for all rows too.
    #[error("`{0}` is a column and a flag; leave one of them out")]
    ColumnAndFlag(&'static str),
    /// An input is given neither by a column nor for all rows.
    #[error("it has no column `{name}` ({doc}); add it, or give `--{}` for all rows", name.replace('_', "-"))]
    Missing {
        /// The input.
        name: &'static str,
        /// What it means.
        doc: &'static str,
    },
}

/// What a column holds.
enum Column {
    Input(&'static Input),
    Id,
}

/// A row and its answer, figure by figure.
struct Answered {
    cells: ByteRecord,
    outcome: Result<Vec<(String, String)>, CalcError>,
}

/// Answers each row of a file. A bad row gets its own error and never stops the others.
pub fn run(
    calculator: &Calculator,
    flags: &[(String, String)],
    file: &Path,
    out: &mut Output,
) -> Result<Status, CliError> {
    let shared = question(calculator, flags)?.input;
    let shared = shared.as_object().cloned().unwrap_or_default();
    let name = if file.as_os_str() == "-" { "standard input".to_owned() } else { file.display().to_string() };
    let unusable = |reason: UnusableQuestions| CliError::Unusable { name: name.clone(), reason: reason.into() };
    let source: Box<dyn Read> = if file.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(file).map_err(|error| unusable(error.into()))?)
    };
    let mut reader = csv::ReaderBuilder::new().flexible(true).buffer_capacity(1 << 16).from_reader(source);
    let failed = |error: csv::Error| unusable(io_error(error).into());
    let header = reader.byte_headers().map_err(failed)?.clone();
    let columns = columns(calculator, &header, &shared).map_err(unusable)?;
    let mut held = Vec::new();
    let mut answers = Answers { summary: StreamSummary::default(), header, figures: None, rows: out.rows() };
    let mut cells = ByteRecord::new();
    while reader.read_byte_record(&mut cells).map_err(failed)? {
        let outcome = answer(calculator, &columns, &shared, &cells);
        let answered = Answered { cells: cells.clone(), outcome };
        if answers.figures.is_some() {
            answers.write(&answered)?;
            continue;
        }
        held.push(answered);
        if held.len() == LOOK_AHEAD {
            answers.begin(&std::mem::take(&mut held))?;
        }
    }
    if answers.figures.is_none() {
        answers.begin(&held)?;
    }
    answers.rows.finish()?;
    Ok(Status::of(&answers.summary))
}

/// Returns what the columns hold, if they are a calculator's inputs.
fn columns(
    calculator: &Calculator,
    header: &ByteRecord,
    shared: &Map<String, Value>,
) -> Result<Vec<Column>, UnusableQuestions> {
    if header.is_empty() {
        return Err(UnusableQuestions::Empty);
    }
    let inputs = calculator.inputs;
    let mut columns: Vec<Column> = Vec::new();
    for cell in header {
        let written = String::from_utf8_lossy(cell).trim().to_owned();
        let name = written.replace('-', "_");
        let column = match inputs.iter().find(|input| input.name == name) {
            Some(input) => Column::Input(input),
            None if name == ID => Column::Id,
            None => {
                let names = || inputs.iter().map(|input| input.name);
                let hint = did_you_mean(&name, names()).unwrap_or_else(|| {
                    format!("it takes {}", names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
                });
                return Err(UnusableQuestions::Unknown { calculator: calculator.name, column: written, hint });
            }
        };
        if columns.iter().any(|other| other.name() == column.name()) {
            return Err(UnusableQuestions::Twice(column.name()));
        }
        if shared.contains_key(column.name()) {
            return Err(UnusableQuestions::ColumnAndFlag(column.name()));
        }
        columns.push(column);
    }
    let given = |name: &str| shared.contains_key(name) || columns.iter().any(|column| column.name() == name);
    match inputs.iter().find(|input| input.need == Need::Required && !given(input.name)) {
        Some(input) => Err(UnusableQuestions::Missing { name: input.name, doc: input.doc }),
        None => Ok(columns),
    }
}

impl Column {
    const fn name(&self) -> &'static str {
        match self {
            Self::Input(input) => input.name,
            Self::Id => ID,
        }
    }
}

/// Answers one row; an empty cell counts as left out.
fn answer(
    calculator: &Calculator,
    columns: &[Column],
    shared: &Map<String, Value>,
    cells: &ByteRecord,
) -> Result<Vec<(String, String)>, CalcError> {
    let refused = |message| CalcError::new(ErrorKind::InvalidInput, message);
    if cells.len() != columns.len() {
        return Err(refused(format!("the row has {} cells for {} columns", cells.len(), columns.len())));
    }
    let mut input = shared.clone();
    for (column, cell) in columns.iter().zip(cells) {
        let Column::Input(column) = column else { continue };
        let text = std::str::from_utf8(cell).map_err(|_| refused(format!("`{}` is not text in UTF-8", column.name)))?;
        if !text.trim().is_empty() {
            input.insert(column.name.to_owned(), column.parse(text)?);
        }
    }
    let result = calculator.run(&Value::Object(input))?;
    let mut figures = Vec::new();
    flatten("", &result, &mut figures);
    Ok(figures)
}

/// Gives every figure of an answer the name of its column: `system.w`, `sojourn_time_quantiles.0.99`. A list is one cell.
fn flatten(path: &str, value: &Value, figures: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                flatten(&path, value, figures);
            }
        }
        _ => figures.push((path.to_owned(), written(value))),
    }
}

/// Writes a list as `1;2`, a list of anything but plain values as JSON.
fn written(value: &Value) -> String {
    let nested = |item: &Value| item.is_array() || item.is_object();
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) if !items.iter().any(nested) => items.iter().map(written).collect::<Vec<_>>().join(";"),
        _ => value.to_string(),
    }
}

/// The rows of the answer as they are written.
struct Answers<'a> {
    summary: StreamSummary,
    header: ByteRecord,
    /// The columns after the questions' own, by the names of figures; none before the header is written.
    figures: Option<HashMap<String, usize>>,
    rows: Rows<'a>,
}

impl Answers<'_> {
    /// Writes the header that the first rows call for, and these rows.
    fn begin(&mut self, first: &[Answered]) -> Result<(), CliError> {
        let answers = || first.iter().filter_map(|answered| answered.outcome.as_ref().ok()).flatten();
        let is_last = |name: &str| LAST.contains(&name);
        let mut figures = HashMap::new();
        let mut names: Vec<String> = Vec::new();
        let ordered = answers().filter(|(name, _)| !is_last(name)).chain(answers().filter(|(name, _)| is_last(name)));
        for (name, _) in ordered {
            if !figures.contains_key(name) {
                figures.insert(name.clone(), names.len());
                // A figure that is called like an input keeps its own column.
                let taken = self.header.iter().any(|column| column == name.as_bytes());
                names.push(if taken { format!("result.{name}") } else { name.clone() });
            }
        }
        self.figures = Some(figures);
        let header = self.header.iter().chain(names.iter().map(String::as_bytes));
        self.rows.row(header.chain([b"error_kind".as_slice(), b"error"]))?;
        first.iter().try_for_each(|answered| self.write(answered))
    }

    fn write(&mut self, answered: &Answered) -> Result<(), CliError> {
        let places = self.figures.as_ref();
        let mut figures = vec![""; places.map_or(0, HashMap::len)];
        let mut without_column = None;
        for (name, value) in answered.outcome.as_deref().unwrap_or_default() {
            match places.and_then(|places| places.get(name)).and_then(|&place| figures.get_mut(place)) {
                Some(cell) => *cell = value,
                None if name == BELOW_DOUBLE => {}
                None => without_column = without_column.or(Some(name)),
            }
        }
        let late = without_column.map(|name| {
            let message = format!(
                "`{name}` has no column, for none of the first {LOOK_AHEAD} rows has it; put this row among them"
            );
            CalcError::new(ErrorKind::OutOfRange, message)
        });
        let error = late.as_ref().or(answered.outcome.as_ref().err());
        self.summary.record(error.map_or(LineStatus::Answered, LineStatus::of));
        let said = error.map_or([""; 2], |error| [error.kind.name(), error.message.as_str()]);
        // A row of another length keeps the columns of the answer in their places.
        let cells = (0..self.header.len()).map(|place| answered.cells.get(place).unwrap_or_default());
        self.rows.row(cells.chain(figures.into_iter().chain(said).map(str::as_bytes)))
    }
}
