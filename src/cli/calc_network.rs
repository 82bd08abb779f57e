//! `capplan calc network FILE`: a whole network of queues from its file.

use std::path::Path;

use capplan::queueing_network::{NetworkClass, NetworkStation, NetworkSystem};
use capplan::queueing_network::{
    NetworkFailure, NetworkFigures, Response, ResponseFigures, SolvedClass, solve_network,
};
use capplan::queueing_network::{parse_jmva, parse_network};
use capplan_calculators::CalcError;
use clap::ValueEnum;
use serde::Serialize;

use super::error::CliError;
use super::options::Format;
use super::output::Output;
use super::session::Session;
use super::table::Table;
use super::{Status, model_input};

/// What the command is called among the calculators.
pub const NAME: &str = "network";

/// What it does, as a line of their list.
pub const SUMMARY: &str = "a network of queues from a file: open, closed or mixed classes; visits, routing or paths";

/// The percentiles of a response time, in the order of [`capplan::evaluate::RESPONSE_PERCENTILES`].
const PERCENTILE_NAMES: [&str; 5] = ["p50", "p90", "p95", "p99", "p99_9"];

const HELP: &str = "\
a network of queues from a file: open, closed or mixed classes; visits, routing or paths

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

A path instead of visits or routing: what a request of the class does, step by step.
  [[path.web]]
  station = \"app\"                   one visit; `visits = 2` makes two
  fixed_time = \"1 ms\"               time that the step takes besides

  [[path.web]]
  station = \"db\"
  probability = 0.3                 an optional call: only these requests make it
  failure_probability = 0.01        a call that fails is made again,
  max_attempts = 3                  so often at most, the first included,
  pauses = [\"50 ms\", \"100 ms\"]     after these pauses; every attempt loads the station

  [[path.web]]                      calls at the same time: the slowest counts
  parallel = [\"search\", { station = \"ads\", probability = 0.5 }, [{ station = \"auth\" }, { station = \"profile\" }]]

Open classes with routing or a path have percentiles of their response time; `within = [\"200 ms\"]`, before the first
table, adds the share of the requests that are done by then. Each law names its method, and whether it is exact.

`method` is `exact` (default), `schweitzer` or `linearizer`. Open classes with routing or paths may have `arrival_scv`
(of a class) and `service_scv` (of a station, or by class): then two moments decide, after Whitt.";

const EXPLANATION: [&str; 8] = [
    "throughput: an open class has its arrival rate, a closed one X = N/(Z + R); at a station times its visits",
    "visits: as given, or v = e + P'v by the routing; a step of a path p·(1 − f^m)/(1 − f) times",
    "residence_time = visits x time of a visit; of `all` the response time R = sum over the stations, without think time \
     and without a delay that is the reference station of a JMVA class; cycle_time = N/X has both",
    "open and closed classes: with F(n) = sum over m of C(n+m, m) load^m / (a(1)...a(n+m)), a(j) = min(j, servers), the \
     closed classes are a network with the speeds F(n-1)/F(n); an open job stays service time x E[(n+1) F(n+1)/F(n)]",
    "mean_in_system = X x residence_time (Little); utilization = X x visits x service time / servers",
    "percentiles: E e^(-sT) = product over the visits of a course, mixed over courses; with routing f_i = X_i·(q_i + sum \
     P_ij·f_j); of parallel calls P(T <= t) = product of theirs; inverted numerically",
    "two moments: c2_a of the arrivals by superposition, splitting and departure, W = (c2_a + c2_s)/2 x W(M/M/m)",
    "Reference: Baskett, Chandy, Muntz and Palacios 1975; Reiser and Lavenberg 1980 (exact), Schweitzer 1979, Chandy and \
     Neuse 1982 (linearizer), Whitt 1983 (two moments), Walrand and Varaiya 1980 (overtaking), Abate and Whitt 1995 \
     (inversion)",
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
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<ResponseRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_percentiles: Option<&'static str>,
}

/// The law of a response time.
#[derive(Serialize)]
struct ResponseRecord {
    mean: f64,
    standard_deviation: f64,
    p50: f64,
    p90: f64,
    p95: f64,
    p99: f64,
    p99_9: f64,
    within: Vec<WithinRecord>,
    method: &'static str,
    exact: bool,
}

#[derive(Serialize)]
struct WithinRecord {
    time: f64,
    share: f64,
}

impl ResponseRecord {
    fn new(law: &ResponseFigures, system: &NetworkSystem) -> Self {
        let [p50, p90, p95, p99, p99_9] = law.percentiles;
        let within = system.within.iter().zip(&law.within);
        Self {
            mean: law.mean,
            standard_deviation: law.standard_deviation,
            p50,
            p90,
            p95,
            p99,
            p99_9,
            within: within.map(|(time, &share)| WithinRecord { time: time.get(), share }).collect(),
            method: law.method,
            exact: law.exact,
        }
    }
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
    let source = model_input::find(Some(Path::new(file)), session)?;
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
        out.text("\n")?;
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
            return Err(CliError::Calc(CalcError::new(capplan_calculators::ErrorKind::OutOfRange, message)));
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
        NetworkFailure::VariableNetwork { .. }
        | NetworkFailure::ParallelCalls { .. }
        | NetworkFailure::SharedQueue { .. } => capplan_calculators::ErrorKind::InvalidInput,
    };
    CalcError::new(kind, failure.to_string())
}

fn write(
    system: &NetworkSystem,
    figures: &NetworkFigures,
    format: Format,
    out: &mut Output,
) -> Result<Status, CliError> {
    let answer = Answer {
        schema: "capplan.network/1",
        network: &system.name,
        classes: system
            .classes
            .iter()
            .zip(&figures.classes)
            .map(|(class, solved)| record(system, class, solved))
            .collect(),
        method: figures.method,
        exact: figures.exact,
    };
    out.table(format, &stations(system, figures, format), &answer)?;
    match format {
        Format::Table => out.line(&format!("Method: {}. Times in seconds, rates per second.", figures.method))?,
        Format::Markdown => out.line(&format!("\nMethod: {}", figures.method))?,
        Format::Json | Format::Csv => return Ok(Status::Answered),
    }
    write_responses(system, figures, format, &answer, out)?;
    Ok(Status::Answered)
}

fn record<'a>(system: &'a NetworkSystem, class: &'a NetworkClass, solved: &SolvedClass) -> ClassRecord<'a> {
    let stations = system
        .stations
        .iter()
        .zip(&solved.stations)
        .map(|(station, one)| StationRecord {
            name: &station.name,
            visits: one.visits,
            utilization: one.utilization,
            mean_in_system: one.mean_in_system,
            residence_time: one.residence_time,
        })
        .collect();
    let (response, no_percentiles) = match &solved.response {
        Response::Known(law) => (Some(ResponseRecord::new(law, system)), None),
        Response::NotAsked => (None, None),
        Response::Unknown(why) => (None, Some(*why)),
    };
    ClassRecord {
        name: &class.name,
        throughput: solved.throughput,
        response_time: solved.response_time,
        cycle_time: solved.cycle_time,
        thinks_at: thinking(system, class).map(|station| station.name.as_str()),
        stations,
        response,
        no_percentiles,
    }
}

/// The table of classes and stations.
fn stations(system: &NetworkSystem, figures: &NetworkFigures, format: Format) -> Table {
    let laws = figures.classes.iter().any(|class| matches!(class.response, Response::Known(_)));
    let columns = ["class", "station", "throughput", "visits", "utilization", "mean_in_system", "residence_time"];
    let mut header: Vec<String> = columns.map(str::to_owned).into();
    // A row of CSV stands alone; below a table the method is said once, and the percentiles have one of their own.
    let whole = format == Format::Csv;
    if whole {
        if laws {
            header.extend(PERCENTILE_NAMES.map(str::to_owned));
            header.extend(system.within.iter().map(|time| format!("within_{}_s", time.get())));
        }
        header.extend(["method", "exact"].map(str::to_owned));
    }
    let mut table = Table::new(header);
    for (class, solved) in system.classes.iter().zip(&figures.classes) {
        for (station, one) in system.stations.iter().zip(&solved.stations) {
            let mut cells = vec![
                class.name.clone(),
                station.name.clone(),
                (solved.throughput * one.visits).to_string(),
                one.visits.to_string(),
                one.utilization.map_or_else(String::new, |share| share.to_string()),
                one.mean_in_system.to_string(),
                one.residence_time.to_string(),
            ];
            if whole {
                if laws {
                    cells.extend(vec![String::new(); PERCENTILE_NAMES.len() + system.within.len()]);
                }
                cells.extend([figures.method.to_owned(), figures.exact.to_string()]);
            }
            table.row(cells);
        }
        let mut cells = vec![
            class.name.clone(),
            "all".to_owned(),
            solved.throughput.to_string(),
            String::new(),
            String::new(),
            solved.mean_in_system.to_string(),
            solved.response_time.to_string(),
        ];
        if whole {
            let (method, exact) = match &solved.response {
                Response::Known(law) => {
                    cells.extend(law.percentiles.iter().chain(&law.within).map(f64::to_string));
                    (law.method, law.exact)
                }
                Response::NotAsked | Response::Unknown(_) => {
                    if laws {
                        cells.extend(vec![String::new(); PERCENTILE_NAMES.len() + system.within.len()]);
                    }
                    (figures.method, figures.exact)
                }
            };
            cells.extend([method.to_owned(), exact.to_string()]);
        }
        table.row(cells);
    }
    table
}

/// The table of response times, if a class has a law.
fn write_responses(
    system: &NetworkSystem,
    figures: &NetworkFigures,
    format: Format,
    answer: &Answer,
    out: &mut Output,
) -> Result<(), CliError> {
    let mut header: Vec<String> = ["class", "mean", "standard_deviation"].map(str::to_owned).into();
    header.extend(PERCENTILE_NAMES.map(str::to_owned));
    header.extend(system.within.iter().map(|time| format!("within {} s", time.get())));
    let mut table = Table::new(header);
    let mut remarks = Vec::new();
    let mut known = false;
    for (class, solved) in system.classes.iter().zip(&figures.classes) {
        match &solved.response {
            Response::Known(law) => {
                known = true;
                let figures = [law.mean, law.standard_deviation].into_iter().chain(law.percentiles);
                let cells = figures.chain(law.within.iter().copied()).map(|figure| figure.to_string());
                table.row([class.name.clone()].into_iter().chain(cells));
                remarks.push(format!("Response time of `{}`: {}.", class.name, law.method));
            }
            Response::NotAsked => {}
            Response::Unknown(why) => remarks.push(format!("No percentiles of `{}`: {why}.", class.name)),
        }
    }
    if !known && !system.within.is_empty() {
        remarks.push("No class has a law for `within`: it takes open classes with `routing` or `path`.".to_owned());
    }
    if known {
        out.text("\n")?;
        out.table(format, &table, answer)?;
    }
    if format == Format::Markdown && !remarks.is_empty() {
        out.text("\n")?;
    }
    for remark in remarks {
        out.line(&remark)?;
    }
    Ok(())
}
