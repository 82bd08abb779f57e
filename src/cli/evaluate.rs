//! `capplan evaluate`: what the system as it stands will do.

use std::path::PathBuf;

use capplan::evaluate::{Breakdown, Prepared, design_arrival_rate};
use capplan::model::{System, Workload};
use capplan::model_file::{self, Override, VaryError};
use capplan::report;
use capplan::review::{self, Review};
use capplan::sweep;
use clap::Args;

use super::error::CliError;
use super::options::Format;
use super::output::Output;
use super::session::Session;
use super::sweep::{print_grid, print_headline};
use super::table::Table;
use super::{HELP_TEMPLATE, Status, model_input};

const EXAMPLES: &str = "\
Examples:
  capplan evaluate                          evaluate `capplan.toml`
  capplan evaluate web.toml --users 50000 --format json";

/// Compute response times, utilization, availability and cost of a system as it stands
#[derive(Debug, Args)]
#[command(help_template = HELP_TEMPLATE, before_help = EXAMPLES)]
pub struct EvaluateArgs {
    /// Evaluate this model file; `-` reads standard input (default: `capplan.toml`, else the reference system)
    #[arg(env = "CAPPLAN_MODEL")]
    pub file: Option<PathBuf>,

    /// Evaluate with this many users (default: those of the model)
    #[arg(long, env = "CAPPLAN_USERS", value_name = "N", allow_negative_numbers = true, value_parser = parse_users)]
    pub users: Option<f64>,
}

/// Not one number of users.
#[derive(Debug, thiserror::Error)]
pub enum OneLoadError {
    /// No number of users at all.
    #[error(transparent)]
    NoUsers(#[from] VaryError),
    /// A list or a range.
    #[error("`{text}` is more than one number of users; `capplan sweep` takes several")]
    Several {
        /// What was written.
        text: String,
    },
}

/// Reads one number of users.
pub fn parse_users(text: &str) -> Result<f64, OneLoadError> {
    match model_file::users_range(text)?.as_slice() {
        [users] => Ok(*users),
        _ => Err(OneLoadError::Several { text: text.to_owned() }),
    }
}

/// Evaluates the system.
pub fn run(args: &EvaluateArgs, session: &Session, out: &mut Output) -> Result<Status, CliError> {
    let model = model_input::read(args.file.as_deref(), session)?;
    let mut overrides = session.options.set.clone();
    overrides.extend(args.users.map(Override::users));
    let system = model.document.load(&overrides)?.system;
    let users = match system.workload() {
        Workload::Users { users, .. } => Some(users),
        Workload::Arrivals { .. } => None,
    };
    let evaluated = Prepared::new(&system).and_then(|prepared| {
        let planned = design_arrival_rate(&system);
        sweep::with_threads(session.options.jobs, || {
            review::review_deployment(&prepared, system.current_deployment(), planned)
        })
    });
    let plan = match evaluated {
        Ok(plan) => plan,
        Err(breakdown) => {
            match session.options.format {
                Format::Json => out.json(&report::breakdown_json(system.name(), users, &breakdown))?,
                Format::Csv => {
                    let mut table = Table::new(["state", "status"]);
                    table.row(["all_up".to_owned(), breakdown.to_string()]);
                    out.text(&table.csv())?;
                }
                Format::Table | Format::Markdown => {
                    let way_out = match breakdown {
                        Breakdown::Overloaded { .. } | Breakdown::Down { .. } => {
                            "; more or faster instances or less load would do, `capplan sweep` finds how many"
                        }
                        Breakdown::Unsolved { .. } => "",
                    };
                    out.line(&format!("{}: {breakdown}{way_out}", system.name()))?;
                    if let Breakdown::Overloaded { tier, .. } = &breakdown {
                        print_caches_of_overload(out, &system, tier)?;
                    }
                }
            }
            return Ok(Status::CannotBeMet);
        }
    };
    let assumptions = report::assumptions(&system);
    match session.options.format {
        Format::Json => {
            out.json(&report::evaluate_json(system.name(), users, &plan, &assumptions))?;
        }
        Format::Csv => out.text(&String::from_utf8_lossy(&report::evaluation_csv(&plan)))?,
        Format::Table | Format::Markdown => {
            print_headline(session, out, &report::evaluation_headline(&system, users, &plan))?;
            print_grid(session, out, &report::tier_grid(&plan, &plan.normal))?;
            if let Ok(zone_lost) = &plan.zone_lost {
                print_headline(session, out, &["With the fullest zone lost:".to_owned()])?;
                print_grid(session, out, &report::tier_grid(&plan, zone_lost))?;
            }
            if let Some(databases) = report::database_grid(&plan.normal) {
                print_grid(session, out, &databases)?;
            }
            for line in report::database_lines(&plan.normal) {
                out.line(&line)?;
            }
            print_grid(session, out, &report::service_grid(&plan))?;
            print_grid(session, out, &report::response_grid(&plan, &system))?;
            if plan.normal.classes.len() > 1 {
                print_grid(session, out, &report::class_grid(&plan))?;
            }
            let bills = report::balancer_lines(&plan.tiers);
            for line in report::breaking_lines(&plan).iter().chain(&bills).chain(&report::network_lines(&plan)) {
                out.line(line)?;
            }
            if !plan.caches.is_empty() {
                print_headline(session, out, &["Cache:".to_owned()])?;
            }
            for line in report::cache_lines(&plan.caches) {
                out.line(&line)?;
            }
            print_headline(session, out, &["What to promise:".to_owned()])?;
            for line in report::promise_lines(&plan) {
                out.line(&line)?;
            }
            for grid in [report::outage_grid(&plan), report::alert_grid(&plan)].into_iter().flatten() {
                print_grid(session, out, &grid)?;
            }
            print_missed(out, &plan)?;
            out.line("These figures rest on:")?;
            for line in &assumptions {
                out.line(&format!("- {line}"))?;
            }
        }
    }
    Ok(if plan.missed.is_empty() && plan.missed_after_loss.is_empty() && plan.design_loss.is_ok() {
        Status::Answered
    } else {
        Status::CannotBeMet
    })
}

/// Whether the caches in front of an overloaded tier could help it.
fn print_caches_of_overload(out: &mut Output, system: &System, tier: &str) -> Result<(), CliError> {
    let Ok(prepared) = Prepared::new(system) else { return Ok(()) };
    let deployment = system.current_deployment();
    for overload in review::cache_overloads(&prepared, &deployment, tier, design_arrival_rate(system)) {
        out.line(&report::overload_line(&overload))?;
    }
    Ok(())
}

fn print_missed(out: &mut Output, plan: &Review) -> Result<(), CliError> {
    for missed in &plan.missed {
        out.line(&format!("Missed: {}.", report::shortfall_line(missed)))?;
    }
    for missed in &plan.missed_after_loss {
        out.line(&format!("Missed after the designed loss: {}.", report::shortfall_line(missed)))?;
    }
    if let Err(breakdown) = &plan.design_loss {
        out.line(&format!("Missed after the designed loss: {breakdown}."))?;
    } else if plan.missed.is_empty() && plan.missed_after_loss.is_empty() {
        out.line("Every objective holds, with nothing lost and after the designed loss.")?;
    }
    Ok(())
}
