//! `capplan explain`: the long text of a fault's code.

use capplan::model_file::Code;
use capplan::report::Grid;
use clap::Args;
use serde::Serialize;

use super::error::CliError;
use super::options::Format;
use super::output::Output;
use super::session::Session;
use super::{HELP_TEMPLATE, Status};

/// Explain the code of a fault, or list all codes
#[derive(Debug, Args)]
#[command(help_template = HELP_TEMPLATE, before_help = "Examples:\n  capplan explain CAP0105\n  capplan explain")]
pub struct ExplainArgs {
    /// Explain this code (default: list them all)
    code: Option<String>,
}

#[derive(Serialize)]
struct Explanation {
    code: String,
    title: &'static str,
    #[serde(rename = "explanation")]
    text: &'static str,
}

#[derive(Serialize)]
struct Answer {
    schema: &'static str,
    codes: Vec<Explanation>,
}

/// Writes the explanation.
pub fn run(args: &ExplainArgs, session: &Session, out: &mut Output) -> Result<Status, CliError> {
    let codes: Vec<Code> = match &args.code {
        None => Code::ALL.to_vec(),
        Some(name) => vec![Code::find(name).ok_or_else(|| CliError::UnknownCode { name: name.clone() })?],
    };
    let format = session.options.format;
    if let (Some(_), Format::Table, [code]) = (&args.code, format, codes.as_slice()) {
        out.line(&format!("{code}: {}\n\n{}", code.title(), wrap(code.explanation())))?;
        return Ok(Status::Answered);
    }
    let explanations: Vec<_> = codes
        .iter()
        .map(|code| Explanation { code: code.to_string(), title: code.title(), text: code.explanation() })
        .collect();
    // The whole list is for looking up a code; its long texts are for programs.
    let table = if format == Format::Table {
        let mut table = Grid::new(["code", "title"]);
        for one in &explanations {
            table.row([one.code.as_str(), one.title]);
        }
        table
    } else {
        let mut table = Grid::new(["code", "title", "explanation"]);
        for one in &explanations {
            table.row([one.code.as_str(), one.title, one.text]);
        }
        table
    };
    out.table(format, &table, &Answer { schema: "capplan.explain/1", codes: explanations })?;
    Ok(Status::Answered)
}

/// Breaks a paragraph into lines of at most 80 characters.
fn wrap(text: &str) -> String {
    let mut out = String::new();
    let mut width = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > 80 {
            out.push('\n');
            width = 0;
        } else if width > 0 {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += length;
    }
    out
}
