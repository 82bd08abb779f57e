//! `capplan evaluate`: what the system as it stands will do.

use std::path::PathBuf;

use capplan::evaluate::{Prepared, design_arrival_rate};
use capplan::model_file::{self, Override, VaryError};
use capplan::report;
use capplan::review;
use capplan::sweep;
use clap::Args;

use super::error::CliError;
use super::output::Output;
use super::session::Session;
use super::{HELP_TEMPLATE, Status, model_input};

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
    #[arg(long, env = "CAPPLAN_USERS", value_name = "N", allow_negative_numbers = true, value_parser = parse_users)]
    pub users: Option<f64>,
}

/// Not one number of users.
#[derive(Debug, thiserror::Error)]
pub enum OneLoadError {
    /// No number of users at all.
    #[error(transparent)]
    NoUsers(#[from] VaryError),
    /// A list or a range.
    #[error("`{text}` is more than one number of users; `capplan sweep` takes several")]
    Several {
        /// What was written.
        text: String,
    },
}

/// Reads one number of users.
pub fn parse_users(text: &str) -> Result<f64, OneLoadError> {
    match model_file::users_range(text)?.as_slice() {
        [users] => Ok(*users),
        _ => Err(OneLoadError::Several { text: text.to_owned() }),
    }
}

/// Evaluates the system.
pub fn run(args: &EvaluateArgs, session: &Session, out: &mut Output) -> Result<Status, CliError> {
    let model = model_input::read(args.file.as_deref(), session)?;
    let mut overrides = session.options.set.clone();
    overrides.extend(args.users.map(Override::users));
    let system = model.document.load(&overrides)?.system;
    let format = session.options.format;
    let (name, users, planned_rate) = (system.name(), system.workload().users(), design_arrival_rate(&system));
    let evaluated = Prepared::new(&system).and_then(|prepared| {
        let deployment = system.current_deployment();
        sweep::with_threads(session.options.jobs, || review::review_deployment(&prepared, deployment, planned_rate))
    });
    match evaluated {
        Ok(plan) => {
            out.answer(
                format,
                || report::evaluate_json(name, users, &plan, &report::assumptions(&system)),
                || report::evaluation_csv(&plan),
                || report::evaluation_document(&system, users, &plan),
            )?;
            Ok(if plan.meets_objectives() { Status::Answered } else { Status::CannotBeMet })
        }
        Err(breakdown) => {
            out.answer(
                format,
                || report::breakdown_json(name, users, &breakdown),
                || report::breakdown_csv(&breakdown),
                || report::breakdown_document(&system, &breakdown, &review::cache_overloads(&system, &breakdown)),
            )?;
            Ok(Status::CannotBeMet)
        }
    }
}
