//! Options that every subcommand takes.

use std::num::NonZeroUsize;

use anstream::ColorChoice;
use capplan::model_file::{Override, OverrideError};
use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};

use super::error::CliError;

/// The most threads that are made: more than any machine has cores, fewer than would exhaust one.
const MOST_THREADS: usize = 1024;

/// Options that every subcommand takes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct GlobalOptions {
    /// Write results in this form
    #[arg(long, global = true, value_enum, default_value_t, env = "CAPPLAN_FORMAT", hide_possible_values = true)]
    #[arg(value_name = "table|json|csv|markdown")]
    pub format: Format,

    /// Write no notes and no progress to standard error
    #[arg(short, long, global = true, value_parser = FalseyValueParser::new(), env = "CAPPLAN_QUIET")]
    pub quiet: bool,

    /// Use this many threads; the results are the same for any number (default: one for each core)
    #[arg(long, global = true, env = "CAPPLAN_JOBS", value_name = "N", value_parser = parse_jobs)]
    #[arg(allow_negative_numbers = true)]
    pub jobs: Option<NonZeroUsize>,

    /// Replace a value of the model, such as `tiers.cache.memory=8GiB`; repeatable, in the variable one a line
    #[arg(long, global = true, env = "CAPPLAN_SET", value_name = "KEY=VALUE")]
    #[arg(value_parser = parse_override, value_delimiter = '\n')]
    pub set: Vec<Override>,

    /// Colour what people read; `auto` heeds `NO_COLOR` and the terminal
    #[arg(long, global = true, value_enum, default_value_t, env = "CAPPLAN_COLOR", hide_possible_values = true)]
    #[arg(value_name = "auto|always|never")]
    pub color: Color,
}

/// The form of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// A table for people.
    #[default]
    Table,
    /// One JSON object.
    Json,
    /// Comma-separated values with a header.
    Csv,
    /// A table in Markdown.
    Markdown,
}

impl Format {
    /// The form of a name, for commands that take their own words apart.
    pub fn named(name: &str) -> Result<Self, CliError> {
        Self::from_str(name, false).map_err(|_| {
            CliError::Usage(format!("`{name}` is no format; there are `table`, `json`, `csv`, `markdown`"))
        })
    }
}

/// When to write colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Color {
    /// To a terminal that wants them.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl From<Color> for ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}

/// A number of threads out of bounds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no number of threads between 1 and {MOST_THREADS}")]
pub struct JobsError {
    text: String,
}

fn parse_jobs(text: &str) -> Result<NonZeroUsize, JobsError> {
    let jobs = text.trim().parse().ok().filter(|jobs: &NonZeroUsize| jobs.get() <= MOST_THREADS);
    jobs.ok_or_else(|| JobsError { text: text.to_owned() })
}

fn parse_override(text: &str) -> Result<Override, OverrideError> {
    Override::parse(text)
}
