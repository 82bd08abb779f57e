//! `capplan sweep`: the cheapest plan that meets the objectives.

use std::path::PathBuf;
use std::str::FromStr;

use capplan::spec::{self, Variation, VaryError};
use clap::Args;
use clap::builder::FalseyValueParser;

use super::error::CliError;
use super::output::Output;
use super::session::Session;
use super::{HELP_TEMPLATE, Status, model_file};

const EXAMPLES: &str = "\
Examples:
  capplan sweep --users 100000              recommend a plan for 100,000 users
  capplan sweep web.toml --users 1000..1000000:13 --out reports/growth
  capplan sweep --users 50000 --vary tiers.cache.memory=1GiB..64GiB:7 --format json";

/// Find the cheapest plan that meets the objectives, and write a report
#[derive(Debug, Args)]
#[command(help_template = HELP_TEMPLATE, before_help = EXAMPLES)]
pub struct SweepArgs {
    /// Sweep this model file; `-` reads standard input (default: `capplan.toml`, else the reference system)
    #[arg(env = "CAPPLAN_MODEL")]
    pub model: Option<PathBuf>,

    /// Plan for so many users: a number, a list `1000,2000` or a range `1000..100000:25` (default: those of the model)
    #[arg(long, env = "CAPPLAN_USERS", value_name = "SPEC")]
    pub users: Option<UsersSpec>,

    /// Vary a key over a list `a,b` or a range `FIRST..LAST:POINTS[:lin]`; repeatable, in the variable one a line
    #[arg(long, env = "CAPPLAN_VARY", value_name = "KEY=VALUES")]
    #[arg(value_parser = spec::vary, value_delimiter = '\n')]
    pub vary: Vec<Variation>,

    /// Evaluate every point of the grid instead of those that can matter
    #[arg(long, value_parser = FalseyValueParser::new(), env = "CAPPLAN_FULL")]
    pub full: bool,

    /// Write the report to this folder (default: `reports/<model>-<users>`)
    #[arg(short, long, env = "CAPPLAN_OUT", value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Seed whatever draws random numbers
    #[arg(long, env = "CAPPLAN_SEED", default_value_t = 1, value_name = "N")]
    pub seed: u64,
}

/// Numbers of users, whole and rising.
#[derive(Debug, Clone, PartialEq)]
pub struct UsersSpec(pub Vec<f64>);

impl FromStr for UsersSpec {
    type Err = VaryError;

    fn from_str(text: &str) -> Result<Self, VaryError> {
        spec::users_range(text).map(Self)
    }
}

/// Sweeps the grid.
pub fn run(args: &SweepArgs, session: &Session, _out: &mut Output) -> Result<Status, CliError> {
    let model = model_file::read(args.model.as_deref(), session)?;
    Err(CliError::Usage(format!("`{}` has no faults, but this build does not sweep", model.name)))
}
