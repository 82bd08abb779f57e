//! The files of a sweep's report.

use std::io::Write;
use std::path::PathBuf;

use capplan::evaluate::Prepared;
use capplan::plan::Grid;
use capplan::report::charts::{
    availability_over_instances_svg, cache_database_svg, cache_memory_svg, cache_warm_up_svg, cost_over_p99_svg,
    cost_over_users_svg, plan_over_users_svg, response_time_over_users_svg, utilization_over_users_svg,
    wait_over_policies_svg,
};
use capplan::report::{self, Page};
use capplan::sweep::{self, Point};
use sha2::{Digest, Sha256};

use super::error::CliError;
use super::files::{MANIFEST, OutputFolder};
use super::interrupt::Interrupt;
use super::manifest::{Input, Manifest};
use super::model_input::ModelFile;
use super::progress::Progress;
use super::session::Session;

/// Every name that a report's file can have, but for the manifest's.
const NAMES: [&str; 15] = [
    CANDIDATES,
    "recommendation.csv",
    "thresholds.csv",
    "response_time.svg",
    "utilization.svg",
    "cost.svg",
    "availability.svg",
    "cache_memory.svg",
    "cache_database.svg",
    "cache_warm_up.svg",
    "policies.svg",
    "plan_over_users.svg",
    "cost_over_users.svg",
    PAGE,
    ANSWER,
];

/// Every candidate that was evaluated.
const CANDIDATES: &str = "candidates.csv";

/// The page of a report.
pub const PAGE: &str = "report.html";

/// The answer as JSON.
const ANSWER: &str = "recommendation.json";

/// What a report is made of.
#[derive(Debug)]
pub struct Report<'a> {
    /// The run.
    pub session: &'a Session,
    /// The model.
    pub model: &'a ModelFile,
    /// What was found.
    pub points: &'a [Point],
    /// The command that finds the same.
    pub command: String,
    /// The seed of whatever draws random numbers.
    pub seed: u64,
    /// Which candidates are listed.
    pub listed: Listed,
}

/// Which candidates a report lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// Those that the search evaluated.
    Evaluated,
    /// All of the grid.
    All,
}

impl Report<'_> {
    /// Writes every file; returns their paths.
    ///
    /// # Errors
    ///
    /// [`CliError::Write`], [`CliError::Interrupted`] before the first file appears, and what the charts say.
    pub fn write(&self, mut folder: OutputFolder, interrupt: &Interrupt) -> Result<Vec<PathBuf>, CliError> {
        let mut files = Files { folder: &mut folder, hashes: Vec::new() };
        match self.listed {
            Listed::All => self.full_candidates(interrupt, &mut files)?,
            Listed::Evaluated => files.write(CANDIDATES, &self.candidates())?,
        }
        self.tables_and_page(&mut files)?;
        interrupt.check()?;
        let outputs = files.hashes;
        let source = Input::new(&self.model.name, self.model.text.as_bytes());
        let manifest = Manifest::new(self.session, self.command.clone(), self.seed, vec![source], outputs);
        folder.write(MANIFEST, &manifest.bytes())?;
        folder.commit_all(&NAMES)
    }

    fn candidates(&self) -> Vec<u8> {
        let mut bytes = header(self.points);
        for point in self.points {
            bytes.extend(report::evaluated_rows(point));
        }
        bytes
    }

    /// Streams every candidate of every point to `candidates.csv`.
    fn full_candidates(&self, interrupt: &Interrupt, files: &mut Files<'_>) -> Result<(), CliError> {
        let (points, session) = (self.points, self.session);
        let total = points.iter().map(|point| point.outcome.points).sum();
        let progress = Progress::begin(session, "evaluating", total);
        let mut file = files.folder.stage(CANDIDATES)?;
        let path = files.folder.path_of(CANDIDATES);
        let mut hash = Sha256::new();
        let head = header(points);
        hash.update(&head);
        file.write_all(&head).map_err(|error| CliError::write(&path, error))?;
        for point in points {
            let prepared = Prepared::new(&point.system)?;
            let grid = Grid::new(&prepared, &point.outcome.groups);
            let prefix = report::row_prefix(point.users, point.planned_rate, &point.variation);
            let written = sweep::with_threads(session.options.jobs, || {
                sweep::evaluate_full(
                    &grid,
                    |rows, group, picks, assessed| {
                        report::candidate_row(rows, &prefix, &point.system, group, picks, assessed)
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
        files.hashes.push(Input::hashed(CANDIDATES, hash));
        Ok(())
    }

    fn tables_and_page(&self, files: &mut Files<'_>) -> Result<(), CliError> {
        let points = self.points;
        files.write("recommendation.csv", &report::recommendation_csv(points))?;
        files.write("thresholds.csv", &report::thresholds_csv(points))?;
        let mut pictures = Vec::new();
        for (name, svg) in charts(self.session, points)? {
            files.write(name, svg.as_bytes())?;
            pictures.push(svg);
        }
        let assumptions = points.first().map_or_else(Vec::new, |point| report::assumptions(&point.system));
        let defaults: Vec<(String, String, String)> = self
            .model
            .loaded
            .defaults
            .iter()
            .map(|default| {
                (default.path.clone(), default.value.clone(), format!("{}: {}", default.basis.name(), default.source))
            })
            .collect();
        let page = Page {
            points,
            charts: &pictures,
            assumptions: &assumptions,
            defaults: &defaults,
            model_text: &self.model.text,
            version: env!("CARGO_PKG_VERSION"),
            command: &self.command,
        };
        files.write(PAGE, report::report_html(&page)?.as_bytes())?;
        let mut names: Vec<String> = files.hashes.iter().map(|file| file.name.clone()).collect();
        names.extend([ANSWER, MANIFEST].map(str::to_owned));
        let mut json =
            serde_json::to_vec_pretty(&report::SweepJson { points, assumptions: &assumptions, files: &names })
                .map_err(|error| CliError::Usage(error.to_string()))?;
        json.push(b'\n');
        files.write(ANSWER, &json)
    }
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

/// The charts: of the recommendation, for several loads of the plans over the load.
fn charts(session: &Session, points: &[Point]) -> Result<Vec<(&'static str, String)>, CliError> {
    let mut charts = Vec::new();
    if let [point] = points
        && let Some(plan) = &point.recommendation
    {
        let data = Prepared::new(&point.system)
            .map(|prepared| sweep::with_threads(session.options.jobs, || sweep::chart_data(&prepared, plan, point)));
        let data = data?;
        charts.extend([
            ("response_time.svg", response_time_over_users_svg(point, &data.load)?),
            ("utilization.svg", utilization_over_users_svg(point, &data.load)?),
            ("cost.svg", cost_over_p99_svg(point, &data.frontier, data.recommended_p99)?),
            ("availability.svg", availability_over_instances_svg(point, &data.availability)?),
        ]);
        let caches = &plan.caches;
        if caches.iter().any(|cache| !cache.memory_curve.is_empty()) {
            charts.push(("cache_memory.svg", cache_memory_svg(caches)?));
        }
        if caches.iter().any(|cache| cache.database.is_some()) {
            charts.push(("cache_database.svg", cache_database_svg(caches)?));
        }
        if caches.iter().any(|cache| cache.warm_up.is_some()) {
            charts.push(("cache_warm_up.svg", cache_warm_up_svg(caches)?));
        }
        if !plan.policies.is_empty() {
            charts.push(("policies.svg", wait_over_policies_svg(&plan.policies)?));
        }
    }
    if points.iter().filter(|point| point.recommendation.is_some()).count() > 1 {
        charts.extend([
            ("plan_over_users.svg", plan_over_users_svg(points)?),
            ("cost_over_users.svg", cost_over_users_svg(points)?),
        ]);
    }
    Ok(charts)
}
