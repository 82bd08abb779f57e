//! `capplan evaluate`: a system as it stands.

use std::path::PathBuf;

use clap::Args;

use super::error::CliError;
use super::output::Output;
use super::session::Session;
use super::{HELP_TEMPLATE, Status, model_file};

const EXAMPLES: &str = "\
Examples:
  capplan evaluate                          evaluate `capplan.toml`
  capplan evaluate web.toml --users 50000 --format json";

/// Compute response times, utilization, availability and cost of a system as it stands
#[derive(Debug, Args)]
#[command(help_template = HELP_TEMPLATE, before_help = EXAMPLES)]
pub struct EvaluateArgs {
    /// Evaluate this model file; `-` reads standard input (default: `capplan.toml`, else the reference system)
    #[arg(env = "CAPPLAN_MODEL")]
    pub file: Option<PathBuf>,

    /// Evaluate with this many users (default: those of the model)
    #[arg(long, env = "CAPPLAN_USERS", value_name = "N")]
    pub users: Option<u64>,
}

/// Evaluates the system.
pub fn run(args: &EvaluateArgs, session: &Session, _out: &mut Output) -> Result<Status, CliError> {
    let model = model_file::read(args.file.as_deref(), session)?;
    Err(CliError::Usage(format!("`{}` has no faults, but this build does not evaluate", model.name)))
}
