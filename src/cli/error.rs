//! Why a command has no result, and the exit code that says so.

use std::io;
use std::path::{Path, PathBuf};

use capplan::evaluate::Breakdown;
use capplan::model_file::Diagnostics;
use capplan::report::PageError;
use capplan::report::charts::ChartError;
use capplan::sweep::SweepError;
use capplan_calculators::{CalcError, ErrorKind};

/// The error of the reader of an input, which only that reader knows.
pub type Reason = Box<dyn std::error::Error + Send + Sync>;

/// Why a command has no result.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The model has faults.
    #[error("{0}")]
    Model(Box<Diagnostics>),
    /// An input cannot be read at all.
    #[error("cannot read `{name}`: {reason}")]
    Unreadable {
        /// What was to be read.
        name: String,
        /// Why that failed, and the way out.
        reason: Reason,
    },
    /// An input can be read, and makes no sense.
    #[error("cannot use `{name}`: {reason}")]
    Unusable {
        /// The file.
        name: String,
        /// Why that failed, and the way out.
        reason: Reason,
    },
    /// A file or folder cannot be written.
    #[error("cannot write `{}`: {}", path.display(), plain(source))]
    Write {
        /// What was to be written.
        path: PathBuf,
        /// Why that failed.
        source: io::Error,
    },
    /// A folder for outputs cannot be used.
    #[error("cannot write to the folder `{}`: {}; name another with `--out`", path.display(), plain(source))]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why that failed.
        source: io::Error,
    },
    /// A file is in the way.
    #[error("`{}` is there already; name another file, or replace it with `--force`", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// No model of this name comes with the program.
    #[error("no model is called `{name}`; there are {known}")]
    UnknownModel {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// No fault has this code.
    #[error("no fault has the code `{name}`; `capplan explain` lists them all")]
    UnknownCode {
        /// What was asked for.
        name: String,
    },
    /// The model has no answer.
    #[error("{0}")]
    Breakdown(#[from] Breakdown),
    /// The words of the command line do not fit together.
    #[error("{0}")]
    Usage(String),
    /// The page has no form.
    #[error(transparent)]
    Page(#[from] PageError),
    /// A chart cannot be drawn.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// A calculator has no answer.
    #[error("{0}")]
    Calc(#[from] CalcError),
    /// Standard input broke off.
    #[error("cannot read standard input: {}", plain(.0))]
    Stdin(io::Error),
    /// Standard output takes no more.
    #[error("cannot write to standard output: {}", plain(.0))]
    Stdout(io::Error),
    /// The reader of standard output has left, which is its right.
    #[error("standard output is closed")]
    ClosedPipe,
    /// Stopped by the user.
    #[error("interrupted; nothing was written")]
    Interrupted,
    /// Stopped by the user when all files had their names and only the answer was still to be read.
    #[error("interrupted; the files are written")]
    InterruptedLate,
}

impl CliError {
    /// A file that cannot be written.
    pub fn write(path: &Path, source: io::Error) -> Self {
        Self::Write { path: path.to_owned(), source }
    }

    /// The exit code of the command.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::ClosedPipe => 0,
            Self::Calc(CalcError { kind: ErrorKind::Unstable, .. }) => 1,
            Self::Interrupted | Self::InterruptedLate => 130,
            _ => 2,
        }
    }
}

impl From<Diagnostics> for CliError {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Model(Box::new(diagnostics))
    }
}

impl From<SweepError> for CliError {
    fn from(error: SweepError) -> Self {
        match error {
            SweepError::Breakdown(breakdown) => Self::Breakdown(breakdown),
            SweepError::Review(error) => Self::Usage(error.to_string()),
            SweepError::Interrupted => Self::Interrupted,
        }
    }
}

/// The system's message as part of a sentence: in lower case and without its number.
pub fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_the_system_becomes_part_of_a_sentence() {
        assert_eq!(plain(&io::Error::other("No space left on device (os error 28)")), "no space left on device");
    }
}
