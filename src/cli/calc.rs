//! `capplan calc`: one formula at a time, or a stream of them.

use std::io::{self, BufRead, BufReader};

use capplan::calc::{self, CALCULATORS, Calculator, Need, StreamSummary};
use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::Value;

use super::error::CliError;
use super::options::Format;
use super::output::Output;
use super::session::Session;
use super::table::Table;
use super::{HELP_TEMPLATE, Status};

const EXAMPLES: &str = "\
Examples:
  capplan calc --list                       list the calculators
  capplan calc erlang_c --help              list the inputs of one
  capplan calc erlang_c --servers 3 --offered-load 2
  capplan calc --jsonl < questions.jsonl > answers.jsonl";

/// Compute one formula
#[derive(Debug, Args)]
#[command(help_template = HELP_TEMPLATE, before_help = EXAMPLES)]
#[command(
    override_usage = "capplan calc NAME --INPUT VALUE...\n       capplan calc --jsonl\n       capplan calc --list"
)]
pub struct CalcArgs {
    /// Answer JSON lines `{"calculator", "id", "input"}` from standard input, one line each
    #[arg(long, value_parser = FalseyValueParser::new(), env = "CAPPLAN_JSONL", conflicts_with = "words")]
    jsonl: bool,

    /// List the calculators
    #[arg(long, value_parser = FalseyValueParser::new(), env = "CAPPLAN_LIST", conflicts_with_all = ["words", "jsonl"])]
    list: bool,

    /// Compute with this calculator and these inputs, as `--input-name value`
    #[arg(value_names = ["NAME", "--INPUT VALUE"], trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

#[derive(Serialize)]
struct Answer<'a> {
    schema: &'static str,
    calculator: &'a str,
    input: &'a Value,
    result: &'a Value,
}

#[derive(Serialize)]
struct List {
    schema: &'static str,
    calculators: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    name: &'static str,
    summary: &'static str,
    inputs: Vec<EntryInput>,
}

#[derive(Serialize)]
struct EntryInput {
    name: &'static str,
    required: bool,
    description: &'static str,
}

/// Computes.
pub fn run(args: &CalcArgs, session: &Session, out: &mut Output) -> Result<Status, CliError> {
    let format = session.options.format;
    match args.words.split_first() {
        _ if args.jsonl => stream(out),
        _ if args.list => list(format, out),
        None => Err(CliError::Usage("name a calculator; `capplan calc --list` shows them".to_owned())),
        // Words after the name may be anything, so the parser has left these two to us.
        Some((name, rest)) => {
            let calculator = calc::find(&name.replace('-', "_"))?;
            match request(rest, format)? {
                Request::Help => help(calculator, out),
                Request::Compute { format, flags } => one(calculator, &flags, format, out),
            }
        }
    }
}

/// What the words after a calculator's name ask for.
enum Request {
    Help,
    Compute { format: Format, flags: Vec<(String, String)> },
}

/// Takes the words after a calculator's name apart: inputs, and the options of the command among them.
fn request(words: &[String], mut format: Format) -> Result<Request, CliError> {
    let mut flags = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if matches!(word.as_str(), "-h" | "--help") {
            return Ok(Request::Help);
        }
        // A single answer comes without notes and progress.
        if matches!(word.as_str(), "-q" | "--quiet") {
            continue;
        }
        let Some(flag) = word.strip_prefix("--").filter(|flag| !flag.is_empty()) else {
            return Err(CliError::Usage(format!("`{word}` is no input; write `--input-name value`")));
        };
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, value.to_owned()),
            None => match words.next() {
                Some(value) => (flag, value.clone()),
                None => return Err(CliError::Usage(format!("`--{flag}` needs a value"))),
            },
        };
        if name == "format" {
            format = Format::from_str(&value, false).map_err(|_| {
                CliError::Usage(format!("`{value}` is no format; there are `table`, `json`, `csv`, `markdown`"))
            })?;
        } else {
            flags.push((name.to_owned(), value));
        }
    }
    Ok(Request::Compute { format, flags })
}

fn one(
    calculator: &Calculator,
    flags: &[(String, String)],
    format: Format,
    out: &mut Output,
) -> Result<Status, CliError> {
    let input = calc::input_from_flags(calculator.name, flags)?;
    let result = calculator.run(&input)?;
    let mut fields = Vec::new();
    flatten(String::new(), &result, &mut fields);
    let table = if format == Format::Csv {
        let (names, values): (Vec<String>, Vec<String>) = fields.into_iter().unzip();
        let mut table = Table::new(names);
        table.row(values);
        table
    } else {
        let mut table = Table::new(["result", "value"]);
        for (name, value) in fields {
            table.row([name, value]);
        }
        table
    };
    let answer = Answer { schema: "capplan.calc/1", calculator: calculator.name, input: &input, result: &result };
    out.table(format, &table, &answer)?;
    Ok(Status::Answered)
}

/// Gives every number of a result its path: `system.sojourn_time`, `utilization[0]`.
fn flatten(path: String, value: &Value, fields: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                flatten(path, value, fields);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                flatten(format!("{path}[{index}]"), value, fields);
            }
        }
        Value::Null => fields.push((path, String::new())),
        Value::String(text) => fields.push((path, text.clone())),
        Value::Bool(_) | Value::Number(_) => fields.push((path, value.to_string())),
    }
}

fn help(calculator: &Calculator, out: &mut Output) -> Result<Status, CliError> {
    let mut table = Table::new(["input", "need", "meaning"]);
    let mut usage = format!("capplan calc {}", calculator.name);
    for input in calculator.inputs {
        let flag = format!("--{}", input.name.replace('_', "-"));
        let need = match input.need {
            Need::Required => "required",
            Need::Optional => "optional",
        };
        if input.need == Need::Required {
            usage.push(' ');
            usage.push_str(&flag);
            usage.push_str(" VALUE");
        }
        table.row([flag.as_str(), need, input.doc]);
    }
    out.line(&format!("{}\n\nUsage: {usage}\n", calculator.summary))?;
    out.table(Format::Table, &table, &())?;
    out.line("\nLists are written `1,2,3`, matrices, popularities and trees as JSON. Times are in seconds, rates per second.")?;
    Ok(Status::Answered)
}

fn list(format: Format, out: &mut Output) -> Result<Status, CliError> {
    let mut table = Table::new(["calculator", "summary"]);
    for calculator in CALCULATORS {
        table.row([calculator.name, calculator.summary]);
    }
    let calculators = CALCULATORS
        .iter()
        .map(|calculator| Entry {
            name: calculator.name,
            summary: calculator.summary,
            inputs: calculator
                .inputs
                .iter()
                .map(|input| EntryInput {
                    name: input.name,
                    required: input.need == Need::Required,
                    description: input.doc,
                })
                .collect(),
        })
        .collect();
    out.table(format, &table, &List { schema: "capplan.calculators/1", calculators })?;
    Ok(Status::Answered)
}

/// Answers each line of standard input, in order. A bad line gets its own error and never stops the stream.
fn stream(out: &mut Output) -> Result<Status, CliError> {
    let mut input = BufReader::with_capacity(1 << 16, io::stdin().lock());
    let mut summary = StreamSummary::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(CliError::Stdin)? == 0 {
            break;
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        // JSON is UTF-8; a replacement character is no JSON, so that such a line is refused like any other.
        let answer = calc::process_line(std::str::from_utf8(&line).unwrap_or("\u{fffd}"));
        summary.record(answer.status);
        out.line(&answer.text)?;
        // Whoever asks one question at a time must not wait for a buffer to fill.
        if input.buffer().is_empty() {
            out.flush()?;
        }
    }
    Ok(match summary.exit_code() {
        0 => Status::Answered,
        1 => Status::CannotBeMet,
        _ => Status::Refused,
    })
}
