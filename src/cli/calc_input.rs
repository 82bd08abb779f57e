//! The question that flags ask, with the histograms that they name read from their files.

use std::fs;
use std::io::{self, Read};

use capplan::model_file::{HistogramError, read_histogram};
use capplan_calculators::{Calculator, InputKind};
use capplan_queueing::cache::{AccessHistogram, CacheError};
use serde_json::Value;

use super::error::{CliError, plain};

/// Why a histogram cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UnusableHistogram {
    /// The system refuses.
    #[error("{}", plain(.0))]
    System(#[from] io::Error),
    /// Its text is none.
    #[error("{0}")]
    Text(#[from] HistogramError),
    /// Its counts are none.
    #[error("{0}")]
    Counts(#[from] CacheError),
}

/// A question.
pub struct Question {
    /// What the calculator takes.
    pub input: Value,
    /// What an answer repeats: a file by its name.
    pub shown: Value,
}

/// Reads flags. A histogram or popularity that is not JSON is the name of a file, `-` for standard input.
pub fn question(calculator: &Calculator, flags: &[(String, String)]) -> Result<Question, CliError> {
    let (files, plain): (Vec<_>, Vec<_>) = flags.iter().cloned().partition(|flag| names_a_file(calculator, flag));
    let mut input = capplan_calculators::input_from_flags(calculator.name, &plain)?;
    let mut shown = input.clone();
    for (flag, file) in files {
        let histogram =
            read(&file).map_err(|reason| CliError::Unusable { name: file.clone(), reason: reason.into() })?;
        let field = flag.replace('-', "_");
        let (Some(input), Some(shown)) = (input.as_object_mut(), shown.as_object_mut()) else { continue };
        let pairs: Value = histogram.pairs().iter().map(|pair| Value::from(pair.to_vec())).collect();
        if input.insert(field.clone(), pairs).is_some() {
            return Err(CliError::Usage(format!("`--{flag}` is given twice")));
        }
        shown.insert(field, Value::from(file));
    }
    Ok(Question { input, shown })
}

fn names_a_file(calculator: &Calculator, (flag, text): &(String, String)) -> bool {
    let field = flag.replace('-', "_");
    let kind = calculator.inputs.iter().find(|input| input.name == field).map(|input| input.kind);
    matches!(kind, Some(InputKind::Histogram | InputKind::Popularity)) && !text.trim_start().starts_with(['{', '['])
}

fn read(file: &str) -> Result<AccessHistogram, UnusableHistogram> {
    let text = if file == "-" {
        let mut text = Vec::new();
        io::stdin().lock().read_to_end(&mut text)?;
        text
    } else {
        fs::read(file)?
    };
    Ok(AccessHistogram::from_counts(&read_histogram(&text)?)?)
}
