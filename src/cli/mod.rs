//! The command line: options, subcommands and exit codes. A subcommand is one file, one variant of [`Command`] and one
//! line in [`execute`].

mod calc;
mod calc_answer;
mod calc_input;
mod calc_network;
mod calc_rows;
mod check;
mod command_line;
mod completions;
mod error;
mod evaluate;
mod explain;
mod files;
mod init;
mod interrupt;
mod manifest;
mod model_input;
mod options;
mod output;
mod progress;
mod report_files;
mod schema;
mod session;
mod sweep;
mod table;
mod whatif;

use std::process::ExitCode;

use capplan_calculators::StreamSummary;
use clap::{Parser, Subcommand};

use error::CliError;
use options::GlobalOptions;
use output::Output;
use session::Session;

/// Help pages begin with what the command does and how it is typed.
pub const HELP_TEMPLATE: &str = "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";

const EXAMPLES: &str = "\
Examples:
  capplan init                                  write the reference model to `capplan.toml`
  capplan check --explain                       check it and list every default in force
  capplan evaluate --users 50000                compute response times and availability as it stands
  capplan sweep --users 100000                  find the cheapest plan that meets the objectives
  capplan whatif --plan --users 100000          see what that plan does when something fails
  capplan calc erlang-c --servers 3 --offered-load 2";

const EXIT_CODES: &str = "\
Exit codes:
  0    answered
  1    answered: it cannot be met (no plan meets the objectives, or there is no steady state)
  2    input refused
  130  interrupted

Every option is also an environment variable, as shown in brackets; the option wins.
Without a model file, commands look for `capplan.toml` in this folder and its parents up to the
root of the repository, and fall back on the built-in reference system.";

/// Size cloud systems with queueing theory
#[derive(Debug, Parser)]
#[command(
    name = "capplan",
    version,
    arg_required_else_help = true,
    help_template = HELP_TEMPLATE,
    before_help = EXAMPLES,
    after_help = EXIT_CODES
)]
pub struct Cli {
    #[command(flatten)]
    options: GlobalOptions,
    #[command(subcommand)]
    command: Command,
}

/// What can be asked.
#[derive(Debug, Subcommand)]
enum Command {
    Init(init::InitArgs),
    Check(check::CheckArgs),
    Evaluate(evaluate::EvaluateArgs),
    Sweep(sweep::SweepArgs),
    #[command(name = "whatif")]
    WhatIf(whatif::WhatIfArgs),
    Calc(calc::CalcArgs),
    Explain(explain::ExplainArgs),
    Schema(schema::SchemaArgs),
    Completions(completions::CompletionsArgs),
}

/// How a command that went through ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It has its answer: exit code 0.
    Answered,
    /// The answer is that it cannot be met: exit code 1.
    CannotBeMet,
    /// Part of the input was refused, each part with its own message: exit code 2.
    Refused,
}

impl Status {
    /// How a stream of questions ended.
    const fn of(summary: &StreamSummary) -> Self {
        match summary.exit_code() {
            0 => Self::Answered,
            1 => Self::CannotBeMet,
            _ => Self::Refused,
        }
    }

    const fn exit_code(self) -> u8 {
        match self {
            Self::Answered => 0,
            Self::CannotBeMet => 1,
            Self::Refused => 2,
        }
    }
}

/// Runs the command that was typed.
pub fn run() -> ExitCode {
    let mut out = Output::stdout();
    let done = match Cli::try_parse() {
        Ok(cli) => execute(&cli.command, &Session::new(cli.options), &mut out),
        Err(error) => usage(&error, &mut out),
    };
    // What was answered before an error still reaches the reader; the first error is the one to tell.
    let finished = out.finish();
    let code = done.and_then(|code| finished.map(|()| code)).unwrap_or_else(|error| {
        session::report(&error);
        error.exit_code()
    });
    ExitCode::from(code)
}

fn execute(command: &Command, session: &Session, out: &mut Output) -> Result<u8, CliError> {
    let status = match command {
        Command::Init(args) => init::run(args, session, out),
        Command::Check(args) => check::run(args, session, out),
        Command::Evaluate(args) => evaluate::run(args, session, out),
        Command::Sweep(args) => sweep::run(args, session, out),
        Command::WhatIf(args) => whatif::run(args, session, out),
        Command::Calc(args) => calc::run(args, session, out),
        Command::Explain(args) => explain::run(args, session, out),
        Command::Schema(args) => schema::run(args, session, out),
        Command::Completions(args) => completions::run(args, session, out),
    }?;
    Ok(status.exit_code())
}

/// Help and version are answers on standard output; any other message of the parser is a refusal on standard error.
fn usage(error: &clap::Error, out: &mut Output) -> Result<u8, CliError> {
    if error.use_stderr() {
        // A closed standard error leaves nobody to tell.
        let _ = error.print();
        return Ok(Status::Refused.exit_code());
    }
    out.styled(&error.render())?;
    Ok(Status::Answered.exit_code())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_option_has_an_environment_variable() {
        fn walk(command: &clap::Command) {
            for arg in command.get_arguments().filter(|arg| !arg.is_positional()) {
                let id = arg.get_id().as_str();
                assert!(arg.get_env().is_some() || ["help", "version"].contains(&id), "{} {id}", command.get_name());
            }
            command.get_subcommands().for_each(walk);
        }
        walk(&Cli::command());
    }
}
