//! `capplan sweep`: the cheapest plan that meets the objectives.

use std::path::PathBuf;
use std::str::FromStr;

use capplan::evaluate::design_arrival_rate;
use capplan::model::{System, Workload};
use capplan::model_file::{self, GivenBy, Override, USERS_KEY, Variation, VaryError};
use capplan::report::{self, SweepJson};
use capplan::sweep::{self, Point, PointInput};
use clap::Args;
use clap::builder::FalseyValueParser;

use super::command_line::{command_line, each};
use super::error::CliError;
use super::files::OutputFolder;
use super::interrupt::Interrupt;
use super::model_input::{self, ModelFile};
use super::output::Output;
use super::progress::Progress;
use super::report_files::{Listed, PAGE, Report};
use super::session::Session;
use super::{HELP_TEMPLATE, Status};

const EXAMPLES: &str = "\
Examples:
  capplan sweep --users 100000              recommend a plan for 100,000 users
  capplan sweep web.toml --users 1000..1000000:13 --out reports/growth
  capplan sweep --users 50000 --vary tiers.cache.memory=1GiB..64GiB:7 --format json";

/// The most points of a sweep: each is a search of its own.
const MOST_POINTS: usize = 100_000;

/// Find the cheapest plan that meets the objectives, and write a report
#[derive(Debug, Args)]
#[command(help_template = HELP_TEMPLATE, before_help = EXAMPLES)]
pub struct SweepArgs {
    /// Sweep this model file; `-` reads standard input (default: `capplan.toml`, else the reference system)
    #[arg(env = "CAPPLAN_MODEL")]
    pub model: Option<PathBuf>,

    /// Plan for so many users: a number, a list `1000,2000` or a range `1000..100000:25` (default: those of the model)
    #[arg(long, env = "CAPPLAN_USERS", value_name = "SPEC", allow_negative_numbers = true)]
    pub users: Option<UsersSpec>,

    /// Vary a key over a list `a,b` or a range `FIRST..LAST:POINTS[:lin]`; repeatable, in the variable one a line
    #[arg(long, env = "CAPPLAN_VARY", value_name = "KEY=VALUES")]
    #[arg(value_parser = model_file::vary, value_delimiter = '\n')]
    pub vary: Vec<Variation>,

    /// Write every candidate of the grid to `candidates.csv` instead of those that the search had to evaluate
    #[arg(long, value_parser = FalseyValueParser::new(), env = "CAPPLAN_FULL")]
    pub full: bool,

    /// Write the report to this folder (default: `reports/<model>-<users>`)
    #[arg(short, long, env = "CAPPLAN_OUT", value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Seed whatever draws random numbers; a sweep draws none, the manifest records it
    #[arg(long, env = "CAPPLAN_SEED", default_value_t = 1, value_name = "N", allow_negative_numbers = true)]
    pub seed: u64,
}

/// Numbers of users.
#[derive(Debug, Clone, PartialEq)]
pub struct UsersSpec {
    /// As typed.
    pub text: String,
    /// Whole and rising.
    pub values: Vec<f64>,
}

impl FromStr for UsersSpec {
    type Err = VaryError;

    fn from_str(text: &str) -> Result<Self, VaryError> {
        Ok(Self { text: text.to_owned(), values: model_file::users_range(text)? })
    }
}

/// Sweeps the grid.
pub fn run(args: &SweepArgs, session: &Session, out: &mut Output) -> Result<Status, CliError> {
    let interrupt = Interrupt::install();
    let model = model_input::read(args.model.as_deref(), session)?;
    let inputs = inputs(args, session, &model)?;
    let folder_path = args.out.clone().unwrap_or_else(|| default_folder(&inputs));
    let folder = OutputFolder::create(&folder_path, interrupt.leftovers())?;
    let points = plan(inputs, session, &interrupt)?;
    interrupt.check()?;
    let report = Report {
        session,
        model: &model,
        points: &points,
        command: repeated_command(args, session),
        seed: args.seed,
        listed: if args.full { Listed::All } else { Listed::Evaluated },
    };
    let written = report.write(folder, &interrupt)?;
    print(session, out, &points, &written)?;
    let unmet = points.iter().any(|point| point.recommendation.is_none());
    Ok(if unmet { Status::CannotBeMet } else { Status::Answered })
}

/// The points of the sweep: every number of users with every combination of the varied values.
fn inputs(args: &SweepArgs, session: &Session, model: &ModelFile) -> Result<Vec<PointInput>, CliError> {
    let users: Vec<Option<f64>> = match &args.users {
        Some(spec) => spec.values.iter().copied().map(Some).collect(),
        None => vec![None],
    };
    refuse_repeated_keys(args)?;
    let sizes = args.vary.iter().map(|vary| vary.values.len());
    let count = sizes.fold(users.len(), usize::saturating_mul);
    if count > MOST_POINTS {
        return Err(CliError::Usage(format!(
            "`--users` and `--vary` make {} points; the limit is {MOST_POINTS}: name fewer values",
            if count == usize::MAX { "too many".to_owned() } else { count.to_string() }
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
            overrides.extend(variation.iter().map(|(key, value)| Override {
                given_by: GivenBy::Vary,
                key: key.clone(),
                value: value.clone(),
            }));
            overrides.extend(users.map(Override::users));
            let loaded = model.document.load(&overrides)?;
            inputs.push(PointInput { system: loaded.system, variation: variation.clone() });
        }
    }
    Ok(inputs)
}

/// A key that is varied twice would silently keep the last value only.
fn refuse_repeated_keys(args: &SweepArgs) -> Result<(), CliError> {
    for (index, vary) in args.vary.iter().enumerate() {
        if args.vary[..index].iter().any(|other| other.key == vary.key) {
            let key = &vary.key;
            return Err(CliError::Usage(format!("`--vary` names `{key}` twice; put its values into one list")));
        }
        if args.users.is_some() && vary.key == USERS_KEY {
            let message = format!("`--users` and `--vary {USERS_KEY}` give the same key; keep one of them");
            return Err(CliError::Usage(message));
        }
    }
    Ok(())
}

fn plan(inputs: Vec<PointInput>, session: &Session, interrupt: &Interrupt) -> Result<Vec<Point>, CliError> {
    let progress = Progress::begin(session, "planning", inputs.len() as u64);
    let stop = || {
        progress.advance(1);
        interrupt.requested()
    };
    let outcome = sweep::with_threads(session.options.jobs, || sweep::sweep(inputs, &stop));
    interrupt.check()?;
    Ok(outcome?)
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

/// The command that gives this answer: without what cannot change it, such as the number of threads or the folder.
fn repeated_command(args: &SweepArgs, session: &Session) -> String {
    let mut words = vec!["capplan".to_owned(), "sweep".to_owned()];
    words.extend(args.model.as_ref().map(|path| path.display().to_string()));
    words.extend(each("--users", args.users.as_ref().map(|users| users.text.clone())));
    words.extend(each("--vary", args.vary.iter().map(|vary| format!("{}={}", vary.key, vary.values.join(",")))));
    words.extend(each("--set", session.options.set.iter().map(Override::written)));
    words.extend(args.full.then(|| "--full".to_owned()));
    command_line(&words)
}

fn print(session: &Session, out: &mut Output, points: &[Point], written: &[PathBuf]) -> Result<(), CliError> {
    let assumptions = points.first().map_or_else(Vec::new, |point| report::assumptions(&point.system));
    let files: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
    out.answer(
        session.options.format,
        || SweepJson { points, assumptions: &assumptions, files: &files },
        || report::recommendation_csv(points),
        || report::sweep_document(points),
    )?;
    if let Some(page) = files.iter().find(|name| name.ends_with(PAGE)) {
        session.note(format_args!("wrote {} files; open {page}", files.len()));
    }
    Ok(())
}
