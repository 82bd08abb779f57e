//! `capplan sweep`: the cheapest plan that meets the objectives.

use std::io::Write;
use std::path::PathBuf;
use std::str::FromStr;

use capplan::evaluate::{Prepared, design_arrival_rate};
use capplan::model::{System, Workload};
use capplan::plan::{Grid, Scenario};
use capplan::report;
use capplan::report::charts::{
    ChartError, availability_over_instances_svg, cost_over_p99_svg, cost_over_users_svg, plan_over_users_svg,
    response_time_over_users_svg, utilization_over_users_svg,
};
use capplan::spec::{self, Override, Variation, VaryError};
use capplan::sweep::{self, Point, PointInput};
use clap::Args;
use clap::builder::FalseyValueParser;
use sha2::{Digest, Sha256};

use super::error::CliError;
use super::files::{MANIFEST, OutputFolder};
use super::interrupt::Interrupt;
use super::manifest::{Input, Manifest};
use super::model_file::{self, ModelFile};
use super::options::Format;
use super::output::Output;
use super::progress::Progress;
use super::session::Session;
use super::table::Table;
use super::{HELP_TEMPLATE, Status};

const EXAMPLES: &str = "\
Examples:
  capplan sweep --users 100000              recommend a plan for 100,000 users
  capplan sweep web.toml --users 1000..1000000:13 --out reports/growth
  capplan sweep --users 50000 --vary tiers.cache.memory=1GiB..64GiB:7 --format json";

/// The most points of a sweep: each is a search of its own.
const MOST_POINTS: usize = 100_000;

/// The page of a report.
const PAGE: &str = "report.html";

/// Find the cheapest plan that meets the objectives, and write a report
#[derive(Debug, Args)]
#[command(help_template = HELP_TEMPLATE, before_help = EXAMPLES)]
pub struct SweepArgs {
    /// Sweep this model file; `-` reads standard input (default: `capplan.toml`, else the reference system)
    #[arg(env = "CAPPLAN_MODEL")]
    pub model: Option<PathBuf>,

    /// Plan for so many users: a number, a list `1000,2000` or a range `1000..100000:25` (default: those of the model)
    #[arg(long, env = "CAPPLAN_USERS", value_name = "SPEC")]
    pub users: Option<UsersSpec>,

    /// Vary a key over a list `a,b` or a range `FIRST..LAST:POINTS[:lin]`; repeatable, in the variable one a line
    #[arg(long, env = "CAPPLAN_VARY", value_name = "KEY=VALUES")]
    #[arg(value_parser = spec::vary, value_delimiter = '\n')]
    pub vary: Vec<Variation>,

    /// Write every candidate of the grid to `candidates.csv` instead of those that the search had to evaluate
    #[arg(long, value_parser = FalseyValueParser::new(), env = "CAPPLAN_FULL")]
    pub full: bool,

    /// Write the report to this folder (default: `reports/<model>-<users>`)
    #[arg(short, long, env = "CAPPLAN_OUT", value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Seed whatever draws random numbers; a sweep draws none, the manifest records it
    #[arg(long, env = "CAPPLAN_SEED", default_value_t = 1, value_name = "N")]
    pub seed: u64,
}

/// Numbers of users, whole and rising.
#[derive(Debug, Clone, PartialEq)]
pub struct UsersSpec(pub Vec<f64>);

impl FromStr for UsersSpec {
    type Err = VaryError;

    fn from_str(text: &str) -> Result<Self, VaryError> {
        spec::users_range(text).map(Self)
    }
}

/// Sweeps the grid.
pub fn run(args: &SweepArgs, session: &Session, out: &mut Output) -> Result<Status, CliError> {
    let model = model_file::read(args.model.as_deref(), session)?;
    let inputs = inputs(args, session, &model)?;
    let interrupt = Interrupt::install();
    let folder_path = args.out.clone().unwrap_or_else(|| default_folder(&inputs));
    let mut folder = OutputFolder::create(&folder_path)?;
    let points = plan(inputs, session, &interrupt)?;
    interrupt.check()?;
    let mut files = Files { folder: &mut folder, hashes: Vec::new() };
    if args.full {
        full_candidates(&points, session, &interrupt, &mut files)?;
    } else {
        files.write("candidates.csv", &candidates(&points))?;
    }
    write_report(args, session, &model, &points, &mut files)?;
    interrupt.check()?;
    let outputs = std::mem::take(&mut files.hashes);
    let source = Input::new(&model.name, model.text.as_bytes());
    let manifest = Manifest::new(session, command_line(), args.seed, vec![source], outputs);
    folder.write(MANIFEST, &manifest.bytes())?;
    let written: Vec<String> = folder.commit_all()?.iter().map(|path| path.display().to_string()).collect();
    print(session, out, &points, &written)?;
    let unmet = points.iter().any(|point| point.recommendation.is_none());
    Ok(if unmet { Status::CannotBeMet } else { Status::Answered })
}

/// The points of the sweep: every number of users with every combination of the varied values.
fn inputs(args: &SweepArgs, session: &Session, model: &ModelFile) -> Result<Vec<PointInput>, CliError> {
    let users: Vec<Option<f64>> = match &args.users {
        Some(spec) => spec.0.iter().copied().map(Some).collect(),
        None => vec![None],
    };
    let count = args.vary.iter().map(|vary| vary.values.len()).product::<usize>().saturating_mul(users.len());
    if count > MOST_POINTS {
        return Err(CliError::Usage(format!(
            "`--users` and `--vary` make {count} points; the limit is {MOST_POINTS}: name fewer values"
        )));
    }
    let mut combinations: Vec<Vec<(String, String)>> = vec![Vec::new()];
    for vary in &args.vary {
        combinations = combinations
            .iter()
            .flat_map(|chosen| {
                vary.values
                    .iter()
                    .map(move |value| chosen.iter().cloned().chain([(vary.key.clone(), value.clone())]).collect())
            })
            .collect();
    }
    let mut inputs = Vec::with_capacity(count);
    for variation in &combinations {
        for users in &users {
            let mut overrides = session.options.set.clone();
            overrides.extend(variation.iter().map(|(key, value)| Override { key: key.clone(), value: value.clone() }));
            if let Some(users) = users {
                overrides.push(Override { key: "workload.users".to_owned(), value: users.to_string() });
            }
            let loaded = model.document.load(&overrides)?;
            inputs.push(PointInput { system: loaded.system, variation: variation.clone() });
        }
    }
    Ok(inputs)
}

fn plan(inputs: Vec<PointInput>, session: &Session, interrupt: &Interrupt) -> Result<Vec<Point>, CliError> {
    let progress = Progress::begin(session, "planning", inputs.len() as u64);
    let stop = || {
        progress.advance(1);
        interrupt.requested()
    };
    let outcome = sweep::with_threads(session.options.jobs, || sweep::sweep(inputs, &stop));
    interrupt.check()?;
    outcome.map_err(|breakdown| CliError::Usage(breakdown.to_string()))
}

/// `reports/<model>-<load>`.
fn default_folder(inputs: &[PointInput]) -> PathBuf {
    let load = |input: &PointInput| match input.system.workload() {
        Workload::Users { users, .. } => format!("{users}"),
        Workload::Arrivals { .. } => format!("{:.0}-per-s", design_arrival_rate(&input.system)),
    };
    let name = |system: &System| system.name().to_owned();
    let (Some(first), Some(last)) = (inputs.first(), inputs.last()) else { return PathBuf::from("reports") };
    let (from, to) = (load(first), load(last));
    let load = if from == to { from } else { format!("{from}-{to}") };
    PathBuf::from("reports").join(format!("{}-{load}", name(&first.system)))
}

/// Staged files and the hashes of their bytes.
struct Files<'a> {
    folder: &'a mut OutputFolder,
    hashes: Vec<Input>,
}

impl Files<'_> {
    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), CliError> {
        self.folder.write(name, bytes)?;
        self.hashes.push(Input::new(name, bytes));
        Ok(())
    }
}

fn header(points: &[Point]) -> Vec<u8> {
    points
        .first()
        .map_or_else(Vec::new, |point| report::csv_line(&report::candidate_header(&point.system, &point.variation)))
}

fn candidates(points: &[Point]) -> Vec<u8> {
    let mut bytes = header(points);
    for point in points {
        bytes.extend(report::evaluated_rows(point));
    }
    bytes
}

/// Streams every candidate of every point to `candidates.csv`.
fn full_candidates(
    points: &[Point],
    session: &Session,
    interrupt: &Interrupt,
    files: &mut Files<'_>,
) -> Result<(), CliError> {
    const NAME: &str = "candidates.csv";
    let total = points.iter().map(|point| point.outcome.points).sum();
    let progress = Progress::begin(session, "evaluating", total);
    let mut file = files.folder.stage(NAME)?;
    let path = files.folder.path_of(NAME);
    let mut hash = Sha256::new();
    let head = header(points);
    hash.update(&head);
    file.write_all(&head).map_err(|error| CliError::write(&path, error))?;
    for point in points {
        let prepared = Prepared::new(&point.system).map_err(|breakdown| CliError::Usage(breakdown.to_string()))?;
        let scenarios: &[Scenario] = &point.outcome.scenarios;
        let grid = Grid::new(&prepared, scenarios);
        let prefix = report::row_prefix(point.users, point.design_rate, &point.variation);
        let written = sweep::with_threads(session.options.jobs, || {
            sweep::evaluate_full(
                &grid,
                |rows, scenario, picks, assessed| {
                    report::candidate_row(rows, &prefix, &point.system, scenario, picks, assessed)
                },
                |rows, count| {
                    interrupt.check()?;
                    hash.update(rows);
                    file.write_all(rows).map_err(|error| CliError::write(&path, error))?;
                    progress.advance(count);
                    Ok::<(), CliError>(())
                },
            )
        });
        written?;
    }
    files.folder.keep(file)?;
    files.hashes.push(Input::hashed(NAME, hash));
    Ok(())
}

fn write_report(
    args: &SweepArgs,
    session: &Session,
    model: &ModelFile,
    points: &[Point],
    files: &mut Files<'_>,
) -> Result<(), CliError> {
    let _ = (args, session, model);
    files.write("recommendation.csv", &report::recommendation_csv(points))?;
    files.write("thresholds.csv", &report::thresholds_csv(points))?;
    for (name, svg) in charts(session, points)? {
        files.write(name, svg.as_bytes())?;
    }
    let assumptions = points.first().map_or_else(Vec::new, |point| report::assumptions(&point.system));
    let mut json = serde_json::to_vec_pretty(&report::sweep_json(points, &assumptions, &[]))
        .map_err(|error| CliError::Usage(error.to_string()))?;
    json.push(b'\n');
    files.write("recommendation.json", &json)
}

/// The charts: of the recommendation, for several loads of the plans over the load.
fn charts(session: &Session, points: &[Point]) -> Result<Vec<(&'static str, String)>, CliError> {
    let failed = |error: ChartError| CliError::Usage(error.to_string());
    let mut charts = Vec::new();
    if let [point] = points
        && let Some(plan) = &point.recommendation
    {
        let data = Prepared::new(&point.system).map(|prepared| {
            sweep::with_threads(session.options.jobs, || sweep::chart_data(&prepared, plan, point.design_rate))
        });
        let data = data.map_err(|breakdown| CliError::Usage(breakdown.to_string()))?;
        charts.extend([
            ("response_time.svg", response_time_over_users_svg(point, &data.load).map_err(failed)?),
            ("utilization.svg", utilization_over_users_svg(point, &data.load).map_err(failed)?),
            ("cost.svg", cost_over_p99_svg(point, &data.frontier).map_err(failed)?),
            ("availability.svg", availability_over_instances_svg(point, &data.availability).map_err(failed)?),
        ]);
    }
    if points.iter().filter(|point| point.recommendation.is_some()).count() > 1 {
        charts.extend([
            ("plan_over_users.svg", plan_over_users_svg(points).map_err(failed)?),
            ("cost_over_users.svg", cost_over_users_svg(points).map_err(failed)?),
        ]);
    }
    Ok(charts)
}

fn command_line() -> String {
    let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    std::iter::once("capplan".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

fn print(session: &Session, out: &mut Output, points: &[Point], written: &[String]) -> Result<(), CliError> {
    let assumptions = points.first().map_or_else(Vec::new, |point| report::assumptions(&point.system));
    match session.options.format {
        Format::Json => out.json(&report::sweep_json(points, &assumptions, written))?,
        Format::Csv => out.text(&String::from_utf8_lossy(&report::recommendation_csv(points)))?,
        Format::Table | Format::Markdown => {
            if let [point] = points {
                print_point(session, out, point)?;
            } else {
                print_grid(session, out, &report::points_grid(points))?;
                for point in points.iter().filter(|point| point.recommendation.is_none()) {
                    print_failure(out, point)?;
                }
            }
        }
    }
    if let Some(page) = written.iter().find(|path| path.ends_with(PAGE)) {
        session.note(format_args!("wrote {} files; open {page}", written.len()));
    } else if let Some(first) = written.first() {
        session.note(format_args!("wrote {} files beside {first}", written.len()));
    }
    Ok(())
}

fn print_point(session: &Session, out: &mut Output, point: &Point) -> Result<(), CliError> {
    let Some(plan) = &point.recommendation else { return print_failure(out, point) };
    for line in report::headline(point) {
        out.line(&line)?;
    }
    print_grid(session, out, &report::plan_grid(plan))?;
    print_grid(session, out, &report::response_grid(plan, &point.system))?;
    for line in report::limit_lines(plan) {
        out.line(&line)?;
    }
    out.line("The rule \"add above 70 %, remove below 20 %\":")?;
    for line in report::rule_lines(plan) {
        out.line(&format!("  {line}"))?;
    }
    Ok(())
}

fn print_failure(out: &mut Output, point: &Point) -> Result<(), CliError> {
    for line in report::headline(point).iter().chain(&report::nearest_lines(point)) {
        out.line(line)?;
    }
    Ok(())
}

/// Prints a table in the form asked for.
pub fn print_grid(session: &Session, out: &mut Output, grid: &report::Grid) -> Result<(), CliError> {
    let mut table = Table::new(grid.header.clone());
    for row in &grid.rows {
        table.row(row.clone());
    }
    out.table(session.options.format, &table, &())
}
