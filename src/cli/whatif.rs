//! `capplan whatif`: the impact of failures, deployments and load spikes.

use std::path::{Path, PathBuf};

use capplan::evaluate::{Prepared, design_arrival_rate, planned_arrival_rate};
use capplan::model::{Deployment, Scenario, System};
use capplan::model_file::{Override, did_you_mean};
use capplan::report::charts::timeline_svg;
use capplan::report::whatif::{
    Deployed, WhatIfPage, impact_lines, no_answer_json, scenario_assumptions, scenario_csv, scenario_grid, stage_grid,
    stages_csv, whatif_html, whatif_json,
};
use capplan::report::{format, whatif};
use capplan::review::{ScenarioReview, review_scenarios, search_plan};
use capplan::sweep;
use clap::Args;
use clap::builder::FalseyValueParser;

use super::command_line::{command_line, each};
use super::error::CliError;
use super::evaluate::parse_users;
use super::files::{MANIFEST, OutputFolder};
use super::interrupt::Interrupt;
use super::manifest::{Input, Manifest};
use super::model_input::{self, ModelFile};
use super::options::Format;
use super::output::Output;
use super::session::Session;
use super::{HELP_TEMPLATE, Status};

const EXAMPLES: &str = "\
Examples:
  capplan whatif --all                                all scenarios in one table
  capplan whatif --scenario zone-lost                 one scenario, stage by stage
  capplan whatif --plan --users 100000 --out review   of the plan that `capplan sweep` recommends
  capplan whatif web.toml --must-survive db-failover  exit code 1 if it does not recover in time";

/// Show the impact of failures, deployments and load spikes: what breaks first, what users notice, how long it lasts
#[derive(Debug, Args)]
#[command(help_template = HELP_TEMPLATE, before_help = EXAMPLES)]
pub struct WhatIfArgs {
    /// Review this model file; `-` reads standard input (default: `capplan.toml`, else the reference system)
    #[arg(env = "CAPPLAN_MODEL")]
    pub file: Option<PathBuf>,

    /// Follow this scenario stage by stage: a built-in one or one of the model; repeatable (default: all in one table)
    #[arg(short, long, env = "CAPPLAN_SCENARIO", value_name = "NAME", value_delimiter = ',')]
    pub scenario: Vec<String>,

    /// Follow every scenario, one row each
    #[arg(long, conflicts_with = "scenario", value_parser = FalseyValueParser::new(), env = "CAPPLAN_ALL")]
    pub all: bool,

    /// Review with this many users (default: those of the model)
    #[arg(long, env = "CAPPLAN_USERS", value_name = "N", allow_negative_numbers = true, value_parser = parse_users)]
    pub users: Option<f64>,

    /// Review the cheapest plan that meets the objectives instead of what runs today
    #[arg(long, value_parser = FalseyValueParser::new(), env = "CAPPLAN_PLAN")]
    pub plan: bool,

    /// End with exit code 1 if this scenario misses the objectives for longer than it may; repeatable
    #[arg(long, env = "CAPPLAN_MUST_SURVIVE", value_name = "NAME", value_delimiter = ',')]
    pub must_survive: Vec<String>,

    /// Write tables, charts and a page to this folder (default: nothing is written)
    #[arg(short, long, env = "CAPPLAN_OUT", value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Reviews the system.
pub fn run(args: &WhatIfArgs, session: &Session, out: &mut Output) -> Result<Status, CliError> {
    let interrupt = Interrupt::install();
    let model = model_input::read(args.file.as_deref(), session)?;
    let mut overrides = session.options.set.clone();
    overrides.extend(args.users.map(Override::users));
    let system = model.document.load(&overrides)?.system;
    let scenarios = chosen(args, &system)?;
    let create = |path: &Path| OutputFolder::create(path, interrupt.leftovers());
    let folder = args.out.as_deref().map(create).transpose()?;
    let prepared = Prepared::new(&system)?;
    let Some(deployment) = deployment(args, &prepared)? else {
        let reason = "no plan in the grid keeps every objective; `capplan sweep` says what is missed";
        return unreviewed(session, out, &system, reason);
    };
    let reviewed = sweep::with_threads(session.options.jobs, || review_scenarios(&prepared, &deployment, &scenarios));
    let reviewed = match reviewed {
        Ok(reviewed) => reviewed,
        Err(error) => return unreviewed(session, out, &system, &error.to_string()),
    };
    let answer = Answer { args, session, model: &model, system: &system, deployment: &deployment, reviewed: &reviewed };
    if let Some(folder) = folder {
        interrupt.check()?;
        let written = answer.write(folder)?;
        session.note(format_args!("wrote {} files to {}", written.len(), shown(args.out.as_deref())));
    }
    answer.print(out)
}

fn shown(path: Option<&Path>) -> String {
    path.map_or_else(String::new, |path| path.display().to_string())
}

/// The requested scenarios, those that must be survived marked.
fn chosen(args: &WhatIfArgs, system: &System) -> Result<Vec<Scenario>, CliError> {
    let known = system.scenarios();
    let find = |name: &String| {
        known.iter().find(|scenario| scenario.name == *name).ok_or_else(|| {
            let names = || known.iter().map(|scenario| scenario.name.as_str());
            let help = did_you_mean(name, names()).unwrap_or_else(|| {
                let listed: Vec<String> = names().map(|name| format!("`{name}`")).collect();
                format!("there are {}", listed.join(", "))
            });
            CliError::Usage(format!("no scenario is called `{name}`; {help}"))
        })
    };
    let demanded = args.must_survive.iter().map(find).collect::<Result<Vec<_>, _>>()?;
    let asked = args.scenario.iter().map(find).collect::<Result<Vec<_>, _>>()?;
    let all = args.all || asked.is_empty();
    let wanted = if all { known.iter().collect() } else { asked };
    let mut chosen: Vec<&Scenario> = Vec::new();
    for one in wanted.into_iter().chain(demanded.iter().copied()) {
        if !chosen.contains(&one) {
            chosen.push(one);
        }
    }
    let marked = chosen.into_iter().map(|scenario| Scenario {
        must_survive: scenario.must_survive || demanded.contains(&scenario),
        ..scenario.clone()
    });
    Ok(marked.collect())
}

/// The current deployment or the recommended plan; `None` if no plan keeps every objective.
fn deployment(args: &WhatIfArgs, prepared: &Prepared<'_>) -> Result<Option<Deployment>, CliError> {
    if !args.plan {
        return Ok(Some(prepared.system.current_deployment()));
    }
    let outcome = search_plan(prepared, planned_arrival_rate(prepared.system))?;
    Ok(outcome.best.map(|found| found.deployment))
}

fn unreviewed(session: &Session, out: &mut Output, system: &System, reason: &str) -> Result<Status, CliError> {
    match session.options.format {
        Format::Json => out.json(&no_answer_json(system.name(), system.workload().users(), reason))?,
        Format::Csv | Format::Table | Format::Markdown => out.line(&format!("{}: {reason}", system.name()))?,
    }
    Ok(Status::CannotBeMet)
}

/// A review that is done.
struct Answer<'a> {
    args: &'a WhatIfArgs,
    session: &'a Session,
    model: &'a ModelFile,
    system: &'a System,
    deployment: &'a Deployment,
    reviewed: &'a [ScenarioReview],
}

impl Answer<'_> {
    fn print(&self, out: &mut Output) -> Result<Status, CliError> {
        let assumptions = scenario_assumptions(self.system);
        match self.session.options.format {
            Format::Json => {
                let users = self.system.workload().users();
                out.json(&whatif_json(self.system, users, self.deployed(), self.reviewed, &assumptions))?;
            }
            Format::Csv => {
                let stages = || stages_csv(self.system, self.reviewed);
                let table = if self.args.scenario.is_empty() { scenario_csv(self.reviewed) } else { stages() };
                out.text(&String::from_utf8_lossy(&table))?;
            }
            Format::Table | Format::Markdown => {
                out.line(&format!("{}: {}; {}", self.system.name(), self.load(), self.runs()))?;
                if self.args.scenario.is_empty() {
                    out.grid(self.session.options.format, &scenario_grid(self.reviewed))?;
                } else {
                    self.print_impacts(out)?;
                }
                for lost in self.lost() {
                    out.line(&format!("Not survived: {lost}."))?;
                }
                out.line("These figures rest on:")?;
                for line in &assumptions {
                    out.line(&format!("- {line}"))?;
                }
            }
        }
        let impacts = self.reviewed.iter().filter_map(|one| one.outcome.as_ref().ok());
        let missed_before = impacts.into_iter().any(|impact| !impact.held_before);
        Ok(if self.lost().is_empty() && !missed_before { Status::Answered } else { Status::CannotBeMet })
    }

    fn print_impacts(&self, out: &mut Output) -> Result<(), CliError> {
        for one in self.reviewed {
            match &one.outcome {
                Ok(impact) => {
                    for line in impact_lines(impact) {
                        out.line(&line)?;
                    }
                    out.grid(self.session.options.format, &stage_grid(self.system, impact))?;
                }
                Err(error) => out.line(&format!("{}: {error}", one.scenario.name))?,
            }
        }
        Ok(())
    }

    /// Scenarios that the system must survive and does not, with their figures.
    fn lost(&self) -> Vec<String> {
        let impacts = self.reviewed.iter().filter_map(|one| Some((&one.scenario, one.outcome.as_ref().ok()?)));
        impacts
            .filter(|(_, impact)| impact.scenario.must_survive && !impact.survives)
            .map(|(scenario, impact)| {
                let allowed = format::round_duration(scenario.recover_within.get());
                match impact.missed_time {
                    Some(time) => format!(
                        "{} misses the objectives for {}, at most {allowed} is allowed",
                        scenario.name,
                        format::duration(time)
                    ),
                    None => {
                        format!(
                            "{} misses the objectives until somebody acts, at most {allowed} is allowed",
                            scenario.name
                        )
                    }
                }
            })
            .collect()
    }

    /// What was reviewed.
    fn deployed(&self) -> (Deployed, &Deployment) {
        (if self.args.plan { Deployed::Plan } else { Deployed::Today }, self.deployment)
    }

    fn load(&self) -> String {
        let rate = self.reviewed.iter().find_map(|one| Some(one.outcome.as_ref().ok()?.before.evaluation.arrival_rate));
        let rate = format::rate(rate.unwrap_or_else(|| design_arrival_rate(self.system)));
        self.system.workload().users().map_or_else(
            || format!("{rate} requests"),
            |users| format!("{} users, {rate} requests", format::count(users)),
        )
    }

    fn runs(&self) -> String {
        let what = if self.args.plan { "the recommended plan" } else { "what runs today" };
        format!("{what}: {}", whatif::deployment_line(self.system, &self.deployment.choices))
    }

    /// The command that gives this answer.
    fn repeated_command(&self) -> String {
        let args = self.args;
        let mut words = vec!["capplan".to_owned(), "whatif".to_owned()];
        words.extend(args.file.as_ref().map(|path| path.display().to_string()));
        words.extend(each("--scenario", args.scenario.iter().cloned()));
        words.extend(args.scenario.is_empty().then(|| "--all".to_owned()));
        words.extend(each("--users", args.users.map(|users| users.to_string())));
        words.extend(args.plan.then(|| "--plan".to_owned()));
        words.extend(each("--must-survive", args.must_survive.iter().cloned()));
        words.extend(each("--set", self.session.options.set.iter().map(Override::written)));
        command_line(&words)
    }

    fn write(&self, mut folder: OutputFolder) -> Result<Vec<PathBuf>, CliError> {
        let assumptions = scenario_assumptions(self.system);
        let command = self.repeated_command();
        let mut hashes = Vec::new();
        let mut names: Vec<String> =
            ["whatif.csv", "whatif-stages.csv", "whatif.json", "whatif.html"].map(str::to_owned).to_vec();
        let mut write = |folder: &mut OutputFolder, name: &str, bytes: &[u8]| {
            hashes.push(Input::new(name, bytes));
            folder.write(name, bytes)
        };
        write(&mut folder, "whatif.csv", &scenario_csv(self.reviewed))?;
        write(&mut folder, "whatif-stages.csv", &stages_csv(self.system, self.reviewed))?;
        let answer =
            whatif_json(self.system, self.system.workload().users(), self.deployed(), self.reviewed, &assumptions);
        let mut json = serde_json::to_vec_pretty(&answer).map_err(|error| CliError::Usage(error.to_string()))?;
        json.push(b'\n');
        write(&mut folder, "whatif.json", &json)?;
        let mut charts = Vec::new();
        for one in self.reviewed {
            let name = format!("timeline-{}.svg", one.scenario.name);
            if let Ok(impact) = &one.outcome {
                let svg = timeline_svg(self.system, impact)?;
                write(&mut folder, &name, svg.as_bytes())?;
                charts.push((impact.scenario.name.clone(), svg));
            }
        }
        // Every scenario of the model may have left a chart in an earlier run.
        names.extend(self.system.scenarios().iter().map(|scenario| format!("timeline-{}.svg", scenario.name)));
        let load = format!("{}; {}", self.load(), self.runs());
        let page = WhatIfPage {
            system: self.system,
            load: &load,
            reviewed: self.reviewed,
            charts: &charts,
            assumptions: &assumptions,
            model_text: &self.model.text,
            version: env!("CARGO_PKG_VERSION"),
            command: &command,
        };
        write(&mut folder, "whatif.html", whatif_html(&page)?.as_bytes())?;
        let source = Input::new(&self.model.name, self.model.text.as_bytes());
        // A review draws no random numbers.
        let manifest = Manifest::new(self.session, command, 1, vec![source], hashes);
        folder.write(MANIFEST, &manifest.bytes())?;
        folder.commit_all(&names.iter().map(String::as_str).collect::<Vec<_>>())
    }
}
