//! `capplan completions`: a script that completes the command in a shell.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::error::CliError;
use super::output::Output;
use super::session::Session;
use super::{Cli, HELP_TEMPLATE, Status};

const EXAMPLES: &str = "\
Examples:
  capplan completions bash > ~/.local/share/bash-completion/completions/capplan
  capplan completions zsh > ~/.zfunc/_capplan";

/// Print a script that completes the command in a shell
#[derive(Debug, Args)]
#[command(help_template = HELP_TEMPLATE, before_help = EXAMPLES)]
pub struct CompletionsArgs {
    /// Complete in this shell
    shell: Shell,
}

/// Writes the script.
pub fn run(args: &CompletionsArgs, _session: &Session, out: &mut Output) -> Result<Status, CliError> {
    // Into memory first: the generator panics when its writer fails.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "capplan", &mut script);
    out.text(&String::from_utf8_lossy(&script))?;
    Ok(Status::Answered)
}
