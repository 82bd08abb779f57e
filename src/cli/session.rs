//! One run of the command: its options, and what it says to the person who typed it.

use std::fmt::Display;
use std::io::Write;

use anstream::{AutoStream, ColorChoice};
use capplan::model_file::Colour;

use super::error::CliError;
use super::options::GlobalOptions;

/// One run of the command.
#[derive(Debug)]
pub struct Session {
    /// The options of every subcommand.
    pub options: GlobalOptions,
}

impl Session {
    /// Settles the colours for the rest of the run.
    pub fn new(options: GlobalOptions) -> Self {
        ColorChoice::from(options.color).write_global();
        Self { options }
    }

    /// Says something on standard error, unless `--quiet` was asked for.
    pub fn note(&self, text: impl Display) {
        if !self.options.quiet {
            say(&format!("note: {text}\n"));
        }
    }
}

/// Says on standard error why there is no result.
pub fn report(error: &CliError) {
    match error {
        CliError::ClosedPipe => {}
        CliError::Model(diagnostics) => say(&diagnostics.render(stderr_colour())),
        _ => say(&format!("error: {error}\n")),
    }
}

fn stderr_colour() -> Colour {
    match AutoStream::choice(&std::io::stderr()) {
        ColorChoice::Never => Colour::Plain,
        _ => Colour::Ansi,
    }
}

/// Writes to standard error; if nobody can read it, there is nobody to tell.
fn say(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
