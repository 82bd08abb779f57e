//! `capplan calc network FILE`: a whole network of queues from its file.

use std::path::Path;

use capplan::queueing_network::{
    ClassFigures, NetworkFailure, NetworkFigures, RESPONSE_PERCENTILES, Response, ResponseFigures, parse_jmva,
    parse_network, solve_network,
};
use capplan::report::Grid;
use capplan_calculators::{CalcError, ErrorKind};
use capplan_queueing::units::Seconds;
use serde::Serialize;

use super::error::CliError;
use super::options::Format;
use super::output::Output;
use super::session::Session;
use super::{Status, model_input};

/// What the command is called among the calculators.
pub const NAME: &str = "network";

/// What it does, as a line of their list.
pub const SUMMARY: &str = "a network of queues from a file: open, closed or mixed classes; visits, routing or paths";

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
    #[serde(flatten)]
    figures: &'a NetworkFigures,
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
            "--format" => format = Format::named(words.next().map_or("", String::as_str))?,
            word if word.starts_with("--format=") => format = Format::named(word.trim_start_matches("--format="))?,
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
    let parse = if xml { parse_jmva } else { parse_network };
    let network = parse(&source.name, &source.text)?;
    let figures = solve_network(&network).map_err(|failure| refusal(&failure))?;
    if xml {
        for note in think_times(&figures).chain(left_out(&source.text)) {
            session.note(format_args!("{note}"));
        }
    }
    write(&network.within, &figures, format, out)?;
    if explained && matches!(format, Format::Table | Format::Markdown) {
        out.text("\n")?;
        for line in EXPLANATION {
            out.line(line)?;
        }
    }
    Ok(Status::Answered)
}

/// Notes on delays that count as think time.
fn think_times(figures: &NetworkFigures) -> impl Iterator<Item = String> {
    figures.classes.iter().filter_map(|class| {
        let (station, cycle) = (class.thinks_at.as_ref()?, class.cycle_time?);
        Some(format!(
            "class `{}`: its reference station `{station}` is a delay and counts as think time: response_time {} is without \
             it, {cycle} with it",
            class.name, class.response_time
        ))
    })
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

/// The kind of the formula's error, with the names in its message.
fn refusal(failure: &NetworkFailure) -> CalcError {
    let kind = match failure {
        NetworkFailure::Unsolved { error, .. } => CalcError::from(error.clone()).kind,
        NetworkFailure::BeyondPrecision { .. } => ErrorKind::OutOfRange,
        NetworkFailure::VariableNetwork { .. }
        | NetworkFailure::ParallelCalls { .. }
        | NetworkFailure::SharedQueue { .. } => ErrorKind::InvalidInput,
    };
    CalcError::new(kind, failure.to_string())
}

fn write(within: &[Seconds], figures: &NetworkFigures, format: Format, out: &mut Output) -> Result<(), CliError> {
    let answer = Answer { schema: "capplan.network/1", figures };
    out.table(format, &station_table(figures, format), &answer)?;
    match format {
        Format::Table => out.line(&format!("Method: {}. Times in seconds, rates per second.", figures.method))?,
        Format::Markdown => out.line(&format!("\nMethod: {}", figures.method))?,
        Format::Json | Format::Csv => return Ok(()),
    }
    let laws = laws(figures);
    if let Some((_, first)) = laws.first() {
        out.text("\n")?;
        out.table(format, &response_table(&laws, first), &answer)?;
    }
    let remarks = figures.classes.iter().filter_map(|class| match class.response.as_ref()? {
        Response::Known(law) => Some(format!("Response time of `{}`: {}.\n", class.name, law.method)),
        Response::Unknown(why) => Some(format!("No percentiles of `{}`: {why}.\n", class.name)),
    });
    let mut remarks: String = remarks.collect();
    if laws.is_empty() && !within.is_empty() {
        remarks.push_str("No class has a law for `within`: it needs open classes with `routing` or `path`.\n");
    }
    if format == Format::Markdown && !remarks.is_empty() {
        out.text("\n")?;
    }
    out.text(&remarks)
}

/// The classes that have a law of their response time.
fn laws(figures: &NetworkFigures) -> Vec<(&str, &ResponseFigures)> {
    figures.classes.iter().filter_map(|class| Some((class.name.as_str(), class.law()?))).collect()
}

/// The table of classes and stations. A row of CSV stands alone, so it has the percentiles and the method, which the other
/// forms say below.
fn station_table(figures: &NetworkFigures, format: Format) -> Grid {
    let whole = format == Format::Csv;
    let columns = ["class", "station", "throughput", "visits", "utilization", "mean_in_system", "residence_time"];
    let mut header: Vec<String> = columns.map(str::to_owned).into();
    let mut percentiles = 0;
    if whole {
        if let Some((_, law)) = laws(figures).first() {
            header.extend(RESPONSE_PERCENTILES.map(|(name, _)| name.to_owned()));
            header.extend(law.within.iter().map(|within| format!("within_{}_s", within.time)));
            percentiles = header.len() - columns.len();
        }
        header.extend(["method", "exact"].map(str::to_owned));
    }
    let row = |class: &ClassFigures, station: &str, cells: [Option<f64>; 5], law: Option<&ResponseFigures>| {
        let shown = cells.map(|figure| figure.map_or_else(String::new, |figure| figure.to_string()));
        let mut row: Vec<String> = [class.name.clone(), station.to_owned()].into_iter().chain(shown).collect();
        if whole {
            row.extend(law.into_iter().flat_map(law_cells));
            row.resize(columns.len() + percentiles, String::new());
            let (method, exact) = law.map_or((figures.method, figures.exact), |law| (law.method, law.exact));
            row.extend([method.to_owned(), exact.to_string()]);
        }
        row
    };
    let mut table = Grid::new(header);
    for class in &figures.classes {
        for station in &class.stations {
            let throughput = Some(class.throughput * station.visits);
            let (jobs, time) = (Some(station.mean_in_system), Some(station.residence_time));
            let cells = [throughput, Some(station.visits), station.utilization, jobs, time];
            table.row(row(class, &station.name, cells, None));
        }
        let cells = [Some(class.throughput), None, None, Some(class.mean_in_system), Some(class.response_time)];
        table.row(row(class, "all", cells, class.law()));
    }
    table
}

/// Percentiles and shares of a law.
fn law_cells(law: &ResponseFigures) -> impl Iterator<Item = String> {
    law.percentiles.iter().copied().chain(law.within.iter().map(|within| within.share)).map(|figure| figure.to_string())
}

fn response_table(laws: &[(&str, &ResponseFigures)], first: &ResponseFigures) -> Grid {
    let mut header: Vec<String> = ["class", "mean", "standard_deviation"].map(str::to_owned).into();
    header.extend(RESPONSE_PERCENTILES.map(|(name, _)| name.to_owned()));
    header.extend(first.within.iter().map(|within| format!("within {} s", within.time)));
    let mut table = Grid::new(header);
    for (class, law) in laws {
        let moments = [law.mean, law.standard_deviation].map(|figure| figure.to_string());
        table.row([(*class).to_owned()].into_iter().chain(moments).chain(law_cells(law)));
    }
    table
}
