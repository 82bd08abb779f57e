//! `capplan calc`: one formula at a time, or a stream of them.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;

use capplan::report::Grid;
use capplan_calculators::{CALCULATORS, Calculator, Input, InputKind, Need, StreamSummary};
use clap::Args;
use clap::builder::FalseyValueParser;
use serde::Serialize;

use super::error::CliError;
use super::options::Format;
use super::output::Output;
use super::session::Session;
use super::{HELP_TEMPLATE, Status, calc_answer, calc_network, calc_rows};

const EXAMPLES: &str = "\
Examples:
  capplan calc --list                       list the calculators
  capplan calc erlang_c --help              list the inputs of one
  capplan calc erlang_c --servers 3 --offered-load 2 --explain
  capplan calc erlang_c --csv loads.csv --servers 3 > answers.csv
  capplan calc --jsonl < questions.jsonl > answers.jsonl
  capplan calc network central-server.toml  solve a network of queues from its file";

/// Compute one formula
#[derive(Debug, Args)]
#[command(help_template = HELP_TEMPLATE, before_help = EXAMPLES)]
#[command(
    override_usage = "capplan calc NAME --INPUT VALUE... [--explain]\n       capplan calc NAME --csv FILE --INPUT VALUE...\n       \
                      capplan calc --jsonl\n       capplan calc --list\n       capplan calc network FILE"
)]
pub struct CalcArgs {
    /// Show the formula with the numbers in it, the method and the reference
    #[arg(long, value_parser = FalseyValueParser::new(), env = "CAPPLAN_EXPLAIN", conflicts_with_all = ["jsonl", "list"])]
    explain: bool,

    /// Answer each row of a table: its columns are inputs, those of all rows are flags; `-` is standard input. The answer
    /// is the table with a column for each figure, lists as `1;2`, and `error_kind` and `error`
    #[arg(long, value_name = "FILE", env = "CAPPLAN_CSV", conflicts_with_all = ["explain", "jsonl", "list"])]
    csv: Option<PathBuf>,

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
    description: Cow<'static, str>,
}

/// Computes.
pub fn run(args: &CalcArgs, session: &Session, out: &mut Output) -> Result<Status, CliError> {
    let format = session.options.format;
    match args.words.split_first() {
        _ if args.jsonl => stream(out),
        _ if args.list => list(format, out),
        None => Err(CliError::Usage("name a calculator; `capplan calc --list` shows them".to_owned())),
        // Words after the name may be anything, so the parser has left these two to us.
        Some((name, rest)) if name == calc_network::NAME => calc_network::run(rest, format, session, out),
        Some((name, rest)) => {
            let calculator = capplan_calculators::find(&name.replace('-', "_"))?;
            let options = CalcOptions { format, explain: args.explain, csv: args.csv.clone() };
            match request(rest, options)? {
                Request::Help => help(calculator, out),
                Request::Compute { options, flags } => compute(calculator, &options, &flags, out),
            }
        }
    }
}

/// Options that may stand before a calculator's name or among its inputs.
struct CalcOptions {
    format: Format,
    explain: bool,
    csv: Option<PathBuf>,
}

/// What the words after a calculator's name ask for.
enum Request {
    Help,
    Compute { options: CalcOptions, flags: Vec<(String, String)> },
}

/// Takes the words after a calculator's name apart: inputs, and the options of the command among them.
fn request(words: &[String], mut options: CalcOptions) -> Result<Request, CliError> {
    let mut flags = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-h" | "--help" => return Ok(Request::Help),
            // A single answer comes without notes and progress.
            "-q" | "--quiet" => continue,
            "--explain" => {
                options.explain = true;
                continue;
            }
            _ => {}
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
        match name {
            "csv" => options.csv = Some(PathBuf::from(value)),
            "format" => options.format = Format::named(&value)?,
            _ => flags.push((name.to_owned(), value)),
        }
    }
    Ok(Request::Compute { options, flags })
}

fn compute(
    calculator: &Calculator,
    options: &CalcOptions,
    flags: &[(String, String)],
    out: &mut Output,
) -> Result<Status, CliError> {
    match (&options.csv, options.explain, options.format) {
        (None, false, format) => calc_answer::plain(calculator, flags, format, out),
        (None, true, Format::Csv) => Err(CliError::Usage(
            "`--explain` has no place in CSV; use the format `table`, `json` or `markdown`".to_owned(),
        )),
        (None, true, format) => calc_answer::explained(calculator, flags, format, out),
        (Some(_), true, _) => Err(CliError::Usage("give `--explain` or `--csv`, not both".to_owned())),
        (Some(_), false, Format::Json | Format::Markdown) => {
            Err(CliError::Usage("`--csv` answers in CSV; leave `--format` out, or ask with `--jsonl`".to_owned()))
        }
        (Some(file), false, Format::Csv | Format::Table) => calc_rows::run(calculator, flags, file, out),
    }
}

fn help(calculator: &Calculator, out: &mut Output) -> Result<Status, CliError> {
    let mut table = Grid::new(["input", "need", "meaning"]);
    let mut usage = format!("capplan calc {}", calculator.name);
    for input in calculator.inputs {
        let flag = format!("--{}", input.name.replace('_', "-"));
        let need = match input.need {
            Need::Required => "required",
            Need::Optional | Need::Default(_) => "optional",
        };
        if input.need == Need::Required {
            usage.push(' ');
            usage.push_str(&flag);
            usage.push_str(" VALUE");
        }
        table.row([flag.as_str(), need, &meaning(input)]);
    }
    out.line(&format!("{}\n\nUsage: {usage}\n", calculator.summary))?;
    out.table(Format::Table, &table, &())?;
    out.line(
        "\nLists are written `1,2,3`, matrices, popularities and trees as JSON. Times are in seconds, rates per second.\n\
         `--explain` shows the formula with the numbers in it; `--csv FILE` answers each row of a table of inputs.",
    )?;
    Ok(Status::Answered)
}

/// What an input means, and the words that it takes where the text does not name them all.
fn meaning(input: &Input) -> Cow<'static, str> {
    let meaning = input.description();
    match input.kind {
        InputKind::Choice(words) if !words.iter().all(|word| meaning.contains(word)) => {
            format!("{meaning}; one of {}", words.join(", ")).into()
        }
        _ => meaning,
    }
}

fn list(format: Format, out: &mut Output) -> Result<Status, CliError> {
    let mut table = Grid::new(["calculator", "summary"]);
    for calculator in CALCULATORS {
        table.row([calculator.name, calculator.summary]);
    }
    table.row([calc_network::NAME, calc_network::SUMMARY]);
    let network = Entry {
        name: calc_network::NAME,
        summary: calc_network::SUMMARY,
        inputs: vec![EntryInput {
            name: "FILE",
            required: true,
            description: "the file of the network, TOML or JMVA; `capplan calc network --help` shows one".into(),
        }],
    };
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
                    description: input.description(),
                })
                .collect(),
        })
        .chain([network])
        .collect();
    out.table(format, &table, &List { schema: "capplan.calculators/1", calculators })?;
    Ok(Status::Answered)
}

/// Answers each line of standard input, in order. A bad line gets its own error and never stops the stream.
fn stream(out: &mut Output) -> Result<Status, CliError> {
    let mut input = BufReader::with_capacity(1 << 16, io::stdin().lock());
    let mut summary = StreamSummary::default();
    let (mut line, mut answer) = (Vec::new(), Vec::new());
    loop {
        line.clear();
        answer.clear();
        if input.read_until(b'\n', &mut line).map_err(CliError::Stdin)? == 0 {
            break;
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        // JSON is UTF-8; a replacement character is no JSON, so that such a line is refused like any other.
        summary.record(capplan_calculators::answer_line(std::str::from_utf8(&line).unwrap_or("\u{fffd}"), &mut answer));
        answer.push(b'\n');
        out.bytes(&answer)?;
        // Whoever asks one question at a time must not wait for a buffer to fill.
        if input.buffer().is_empty() {
            out.flush()?;
        }
    }
    Ok(Status::of(&summary))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_input_is_called_like_an_option() {
        for calculator in CALCULATORS {
            for input in calculator.inputs {
                let taken = ["csv", "explain", "format", "help", "quiet"].contains(&input.name);
                assert!(!taken, "{}: {}", calculator.name, input.name);
            }
        }
    }
}
