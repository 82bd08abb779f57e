//! `capplan calc network FILE`: a whole network of queues from its file.

use std::path::Path;

use capplan::calc::CalcError;
use capplan::evaluate::{NetworkFailure, NetworkFigures, solve_network};
use capplan::model::{NetworkClass, NetworkStation, NetworkSystem};
use capplan::spec::{parse_jmva, parse_network};
use clap::ValueEnum;
use serde::Serialize;

use super::error::CliError;
use super::options::Format;
use super::output::Output;
use super::session::Session;
use super::table::Table;
use super::{Status, model_file};

/// What the command is called among the calculators.
pub const NAME: &str = "network";

const HELP: &str = "\
a network of queues from a file: open, closed or mixed classes, visits or routing

Usage: capplan calc network FILE [--format FORMAT] [--explain]

FILE is TOML, or a model of JMVA (`.jmva`, XML); `-` reads standard input.

Example:
  network = 1
  name = \"central-server\"

  [classes.batch]                   a class has a population, or `arrival_rate = \"20/s\"`
  population = 10
  think_time = \"5 s\"

  [stations.cpu]
  servers = 2                       or \"inf\", or `speeds = [1, 1.8]` by number of jobs
  service_time = \"20 ms\"            or by class: `{ batch = \"20 ms\" }`
  visits = 3                        or by class; 1 by default

  [routing.batch]                   instead of visits; what is left of a row is done
  entry = { cpu = 1 }
  cpu = { cpu = 0.6 }

`method` is `exact` (default), `schweitzer` or `linearizer`. One open class with routing may have
`arrival_scv` and `service_scv`.";

const EXPLANATION: [&str; 6] = [
    "throughput: an open class has its arrival rate, a closed one X = N/(Z + R); at a station times its visits",
    "visits: as given, or v = e + P'v by the routing",
    "residence_time = visits x time of a visit; of `all` the response time R = sum over the stations, without think time \
     and without a delay that is the reference station of a JMVA class; cycle_time = N/X has both",
    "open and closed classes: with F(n) = sum over m of C(n+m, m) load^m / (a(1)...a(n+m)), a(j) = min(j, servers), the \
     closed classes are a network with the speeds F(n-1)/F(n); an open job stays service time x E[(n+1) F(n+1)/F(n)]",
    "mean_in_system = X x residence_time (Little); utilization = X x visits x service time / servers",
    "Reference: Baskett, Chandy, Muntz and Palacios 1975; Reiser and Lavenberg 1980 (exact), Schweitzer 1979, Chandy and \
     Neuse 1982 (linearizer), Whitt 1983 (two moments)",
];

#[derive(Serialize)]
struct Answer<'a> {
    schema: &'static str,
    network: &'a str,
    classes: Vec<ClassRecord<'a>>,
    method: &'static str,
    exact: bool,
}

#[derive(Serialize)]
struct ClassRecord<'a> {
    name: &'a str,
    throughput: f64,
    response_time: f64,
    /// `null` for an open class.
    cycle_time: Option<f64>,
    /// The station whose time is think time, or `null`.
    thinks_at: Option<&'a str>,
    stations: Vec<StationRecord<'a>>,
}

#[derive(Serialize)]
struct StationRecord<'a> {
    name: &'a str,
    visits: f64,
    utilization: Option<f64>,
    mean_in_system: f64,
    residence_time: f64,
}

/// Solves the network of a file.
pub fn run(words: &[String], mut format: Format, session: &Session, out: &mut Output) -> Result<Status, CliError> {
    let mut file = None;
    let mut explained = false;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-h" | "--help" => {
                out.line(HELP)?;
                return Ok(Status::Answered);
            }
            "-q" | "--quiet" => {}
            "--explain" => explained = true,
            "--format" => format = named_format(words.next().map_or("", String::as_str))?,
            word if word.starts_with("--format=") => format = named_format(word.trim_start_matches("--format="))?,
            word if word.starts_with("--") => {
                return Err(CliError::Usage(format!(
                    "`network` has no `{word}`; it takes a file, `--format` and `--explain`"
                )));
            }
            word if file.is_none() => file = Some(word),
            word => return Err(CliError::Usage(format!("`network` takes one file; `{word}` is another"))),
        }
    }
    let Some(file) = file else {
        return Err(CliError::Usage("name the file: `capplan calc network FILE`".to_owned()));
    };
    let source = model_file::find(Some(Path::new(file)), session)?;
    let xml = source.text.trim_start_matches('\u{feff}').trim_start().starts_with('<');
    let system = if xml { parse_jmva(&source.name, &source.text)? } else { parse_network(&source.name, &source.text)? };
    let figures = solve_network(&system).map_err(|failure| CliError::Calc(refusal(&failure)))?;
    finite(&system, &figures)?;
    if xml {
        for note in think_times(&system, &figures).into_iter().chain(left_out(&source.text)) {
            session.note(format_args!("{note}"));
        }
    }
    let status = write(&system, &figures, format, out)?;
    if explained && matches!(format, Format::Table | Format::Markdown) {
        for line in EXPLANATION {
            out.line(line)?;
        }
    }
    Ok(status)
}

/// The station where a class thinks.
fn thinking<'a>(system: &'a NetworkSystem, class: &NetworkClass) -> Option<&'a NetworkStation> {
    class.thinks_at.and_then(|station| system.stations.get(station))
}

/// What is counted as think time, class by class.
fn think_times(system: &NetworkSystem, figures: &NetworkFigures) -> Vec<String> {
    let classes = system.classes.iter().zip(&figures.classes);
    classes
        .filter_map(|(class, solved)| {
            let (station, cycle) = (thinking(system, class)?, solved.cycle_time?);
            Some(format!(
                "class `{}`: its reference station `{}` is a delay and counts as think time: response_time {} is without \
                 it, {cycle} with it",
                class.name, station.name, solved.response_time
            ))
        })
        .collect()
}

/// What a file of JMVA asks for beyond its model.
fn left_out(text: &str) -> Vec<String> {
    let mut notes = Vec::new();
    if text.contains("<whatIf") {
        notes.push("the file's what-if series is left out; its model is solved once".to_owned());
    }
    let algorithm = text.split_once("algType name=\"").and_then(|(_, rest)| rest.split_once('"')).map(|(name, _)| name);
    if let Some(name) = algorithm.filter(|name| *name != "MVA") {
        notes.push(format!("the file asks for the algorithm {name}; here it is solved by exact MVA"));
    }
    notes
}

/// Refuses figures that left the range of double precision.
fn finite(system: &NetworkSystem, figures: &NetworkFigures) -> Result<(), CliError> {
    for (class, solved) in system.classes.iter().zip(&figures.classes) {
        let stations = solved.stations.iter().flat_map(|one| [one.mean_in_system, one.residence_time]);
        if ![solved.throughput, solved.response_time].into_iter().chain(stations).all(f64::is_finite) {
            let message = format!(
                "class `{}` has figures beyond double precision; write its times and rates in units nearer to 1",
                class.name
            );
            return Err(CliError::Calc(CalcError::new(capplan::calc::ErrorKind::OutOfRange, message)));
        }
    }
    Ok(())
}

fn named_format(name: &str) -> Result<Format, CliError> {
    Format::from_str(name, false)
        .map_err(|_| CliError::Usage(format!("`{name}` is no format; there are `table`, `json`, `csv`, `markdown`")))
}

/// The kind of the formula's error, with the names in its message.
fn refusal(failure: &NetworkFailure) -> CalcError {
    let kind = match failure {
        NetworkFailure::Unsolved { error, .. } => CalcError::from(error.clone()).kind,
        NetworkFailure::VariableNetwork { .. } => capplan::calc::ErrorKind::InvalidInput,
    };
    CalcError::new(kind, failure.to_string())
}

fn write(
    system: &NetworkSystem,
    figures: &NetworkFigures,
    format: Format,
    out: &mut Output,
) -> Result<Status, CliError> {
    // A row of CSV stands alone; below a table the method is said once.
    let method = |mut cells: Vec<String>| {
        if format == Format::Csv {
            cells.extend([figures.method.to_owned(), figures.exact.to_string()]);
        }
        cells
    };
    let columns = ["class", "station", "throughput", "visits", "utilization", "mean_in_system", "residence_time"];
    let mut header: Vec<String> = columns.map(str::to_owned).into();
    if format == Format::Csv {
        header.extend(["method", "exact"].map(str::to_owned));
    }
    let mut table = Table::new(header);
    let mut classes = Vec::new();
    for (class, solved) in system.classes.iter().zip(&figures.classes) {
        // As many as the response time tells of: those who think are none of them.
        let served = solved.stations.iter().enumerate().filter(|(station, _)| Some(*station) != class.thinks_at);
        let jobs: f64 = served.map(|(_, station)| station.mean_in_system).sum();
        let mut stations = Vec::new();
        for (station, one) in system.stations.iter().zip(&solved.stations) {
            table.row(method(vec![
                class.name.clone(),
                station.name.clone(),
                (solved.throughput * one.visits).to_string(),
                one.visits.to_string(),
                one.utilization.map_or_else(String::new, |share| share.to_string()),
                one.mean_in_system.to_string(),
                one.residence_time.to_string(),
            ]));
            stations.push(StationRecord {
                name: &station.name,
                visits: one.visits,
                utilization: one.utilization,
                mean_in_system: one.mean_in_system,
                residence_time: one.residence_time,
            });
        }
        let (throughput, response_time) = (solved.throughput, solved.response_time);
        table.row(method(vec![
            class.name.clone(),
            "all".to_owned(),
            throughput.to_string(),
            String::new(),
            String::new(),
            jobs.to_string(),
            response_time.to_string(),
        ]));
        let thinks_at = thinking(system, class).map(|station| station.name.as_str());
        let cycle_time = solved.cycle_time;
        classes.push(ClassRecord { name: &class.name, throughput, response_time, cycle_time, thinks_at, stations });
    }
    let answer = Answer {
        schema: "capplan.network/1",
        network: &system.name,
        classes,
        method: figures.method,
        exact: figures.exact,
    };
    out.table(format, &table, &answer)?;
    match format {
        Format::Table => out.line(&format!("Method: {}. Times in seconds, rates per second.", figures.method))?,
        Format::Markdown => out.line(&format!("\nMethod: {}", figures.method))?,
        Format::Json | Format::Csv => {}
    }
    Ok(Status::Answered)
}
