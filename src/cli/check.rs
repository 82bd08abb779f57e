//! `capplan check`: every fault of a model file, or every default that it rests on.

use std::path::PathBuf;

use capplan::model_file::{DefaultInForce, Diagnostic, Place};
use capplan::report::Grid;
use clap::Args;
use clap::builder::FalseyValueParser;
use serde::Serialize;

use super::error::CliError;
use super::options::Format;
use super::output::Output;
use super::session::Session;
use super::{HELP_TEMPLATE, Status, model_input};

const EXAMPLES: &str = "\
Examples:
  capplan check                             check `capplan.toml`
  capplan check web.toml --explain          list every default in force with its source
  capplan check --set tiers.cache.memory=8GiB";

/// Check a model file and show every fault at its line
#[derive(Debug, Args)]
#[command(help_template = HELP_TEMPLATE, before_help = EXAMPLES)]
pub struct CheckArgs {
    /// Check this model file; `-` reads standard input (default: `capplan.toml`, else the reference system)
    #[arg(env = "CAPPLAN_MODEL")]
    file: Option<PathBuf>,

    /// List every default in force: key, value, what it rests on and its source
    #[arg(long, value_parser = FalseyValueParser::new(), env = "CAPPLAN_EXPLAIN")]
    explain: bool,
}

#[derive(Serialize)]
struct Answer<'a> {
    schema: &'static str,
    model: &'a str,
    faults: Vec<FaultRecord<'a>>,
    defaults: Vec<DefaultRecord<'a>>,
}

#[derive(Serialize)]
struct FaultRecord<'a> {
    code: String,
    line: Option<usize>,
    column: Option<usize>,
    #[serde(rename = "override")]
    written: Option<&'a str>,
    key: &'a str,
    message: &'a str,
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct DefaultRecord<'a> {
    key: &'a str,
    value: &'a str,
    basis: &'static str,
    source: &'a str,
}

const SCHEMA: &str = "capplan.check/1";

/// Checks the model. Faults are rendered on standard error; as JSON they also stand on standard output.
pub fn run(args: &CheckArgs, session: &Session, out: &mut Output) -> Result<Status, CliError> {
    let format = session.options.format;
    let source = model_input::find(args.file.as_deref(), session)?;
    let name = source.name.clone();
    let model = match source.load(session) {
        Ok(model) => model,
        Err(CliError::Model(diagnostics)) => {
            if format == Format::Json {
                let faults = diagnostics.iter().map(fault_record).collect();
                out.json(&Answer { schema: SCHEMA, model: &name, faults, defaults: Vec::new() })?;
            }
            return Err(CliError::Model(diagnostics));
        }
        Err(error) => return Err(error),
    };
    let defaults = &model.loaded.defaults;
    if !args.explain && format == Format::Table {
        out.line(&format!("{}: no faults; {} defaults in force", model.name, defaults.len()))?;
        return Ok(Status::Answered);
    }
    let mut table = Grid::new(["key", "value", "basis", "source"]);
    for one in defaults {
        table.row([one.path.as_str(), &one.value, one.basis.name(), &one.source]);
    }
    let records = defaults.iter().map(default_record).collect();
    out.table(format, &table, &Answer { schema: SCHEMA, model: &model.name, faults: Vec::new(), defaults: records })?;
    Ok(Status::Answered)
}

fn fault_record(diagnostic: &Diagnostic) -> FaultRecord<'_> {
    let (line, column, written) = match &diagnostic.place {
        Place::File { line, column, .. } => (Some(*line), Some(*column), None),
        Place::Override { written, .. } => (None, None, Some(written.as_str())),
    };
    FaultRecord {
        code: diagnostic.code.to_string(),
        line,
        column,
        written,
        key: &diagnostic.path,
        message: &diagnostic.message,
        help: diagnostic.help.as_deref(),
    }
}

fn default_record(default: &DefaultInForce) -> DefaultRecord<'_> {
    DefaultRecord { key: &default.path, value: &default.value, basis: default.basis.name(), source: &default.source }
}
