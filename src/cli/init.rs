//! `capplan init`: a model file to begin with.

use std::path::{Path, PathBuf};

use capplan::model_file::SHIPPED_MODELS;
use clap::Args;
use clap::builder::FalseyValueParser;

use super::error::CliError;
use super::files::{self, Existing};
use super::output::Output;
use super::session::Session;
use super::{HELP_TEMPLATE, Status};

const EXAMPLES: &str = "\
Examples:
  capplan init                              write the reference model to `capplan.toml`
  capplan init small.toml --model single-server
  capplan init -                            print it";

/// Write a model file to begin with
#[derive(Debug, Args)]
#[command(help_template = HELP_TEMPLATE, before_help = EXAMPLES)]
pub struct InitArgs {
    /// Write to this file; `-` prints it
    #[arg(default_value = "capplan.toml")]
    file: PathBuf,

    /// Write this model: `web`, `single-server` or `stack-overflow-2016`
    #[arg(long, default_value = SHIPPED_MODELS[0].name, env = "CAPPLAN_INIT_MODEL", value_name = "NAME")]
    model: String,

    /// Replace the file if it is there
    #[arg(long, value_parser = FalseyValueParser::new(), env = "CAPPLAN_FORCE")]
    force: bool,
}

/// Writes the model.
pub fn run(args: &InitArgs, session: &Session, out: &mut Output) -> Result<Status, CliError> {
    let model = SHIPPED_MODELS.iter().find(|model| model.name == args.model).ok_or_else(|| {
        let known: Vec<String> = SHIPPED_MODELS.iter().map(|model| format!("`{}`", model.name)).collect();
        CliError::UnknownModel { name: args.model.clone(), known: known.join(", ") }
    })?;
    if args.file == Path::new("-") {
        out.text(model.text)?;
        return Ok(Status::Answered);
    }
    let existing = if args.force { Existing::Replace } else { Existing::Keep };
    files::write(&args.file, model.text.as_bytes(), existing)?;
    session.note(format_args!("wrote `{}`: {}", args.file.display(), model.summary));
    Ok(Status::Answered)
}
