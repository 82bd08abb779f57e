//! `capplan schema`: the JSON Schema of a model file.

use clap::Args;

use super::error::CliError;
use super::output::Output;
use super::session::Session;
use super::{HELP_TEMPLATE, Status};

/// Print the JSON Schema of a model file, for editors
#[derive(Debug, Args)]
#[command(help_template = HELP_TEMPLATE, before_help = "Examples:\n  capplan schema > capplan.schema.json")]
pub struct SchemaArgs {}

/// Writes the schema.
pub fn run(_args: &SchemaArgs, _session: &Session, out: &mut Output) -> Result<Status, CliError> {
    out.json(&capplan::model_file::schema())?;
    Ok(Status::Answered)
}
