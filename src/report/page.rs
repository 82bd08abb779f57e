use askama::Template;

use crate::evaluate::Evaluation;
use crate::model::PERCENTILES;
use crate::plan::Limits;
use crate::review::Review;
use crate::sweep::Point;

use super::answers::no_plan;
use super::binding::{binding_lines, binding_rule};
use super::breaking::breaking_lines;
use super::cache_section::cache_lines;
use super::document::Block;
use super::format::{MISSING, availability, count, downtime_per_year, duration, money, percent, rate};
use super::headline::title;
use super::network::network_lines;
use super::promises::{alert_grid, outage_grid, promise_lines};
use super::response::{class_grid, response_grid, states};
use super::routing::{balancer_lines, policy_grid};
use super::table::{Column, Unit, grid};
use super::tiers::{plan_grid, points_grid, service_grid, threshold_grid};
use super::whatif::{scenario_assumptions, scenario_grid, tone};
use super::{Document, Grid};

/// Everything that the page shows, borrowed.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// What was planned, one or several loads or variations.
    pub points: &'a [Point],
    /// Charts as SVG elements, in order; they go into the page as they are.
    pub charts: &'a [String],
    /// Methods and assumptions, a sentence each.
    pub assumptions: &'a [String],
    /// Defaults in force: key, value, source.
    pub defaults: &'a [(String, String, String)],
    /// The model file.
    pub model_text: &'a str,
    /// Version of the program.
    pub version: &'a str,
    /// The command that made the page.
    pub command: &'a str,
}

/// The template refused to render.
#[derive(Debug, thiserror::Error)]
#[error("the page cannot be rendered: {0}")]
pub struct PageError(#[from] askama::Error);

/// Returns the report as one HTML file that needs nothing else: no script, no font, no picture.
///
/// # Errors
///
/// [`PageError`] from the template.
pub fn report_html(page: &Page<'_>) -> Result<String, PageError> {
    let name = page.points.first().map_or("", |point| point.system.name()).to_owned();
    let plans: Vec<Plan> = page.points.iter().map(plan).collect();
    let mut overview = Document::default();
    if plans.len() > 1 {
        overview.tables([points_grid(page.points)]);
    }
    Ok(Report { page: *page, name, overview: overview.into(), plans }.render()?)
}

#[derive(Template)]
#[template(path = "report.html")]
struct Report<'a> {
    page: Page<'a>,
    name: String,
    overview: Html,
    plans: Vec<Plan>,
}

/// A document as HTML.
#[derive(Template)]
#[template(path = "document.html")]
pub(super) struct Html {
    blocks: Vec<Block>,
}

impl From<Document> for Html {
    fn from(document: Document) -> Self {
        Self { blocks: document.blocks }
    }
}

/// A point of the sweep.
struct Plan {
    title: String,
    facts: Vec<Fact>,
    document: Html,
}

/// A large number with its name.
struct Fact {
    name: &'static str,
    value: String,
    note: String,
}

fn plan(point: &Point) -> Plan {
    let mut document = Document::default();
    let facts = if let Some(plan) = &point.recommendation {
        sections(&mut document, point, plan);
        facts(point, plan)
    } else {
        no_plan(&mut document, point);
        Vec::new()
    };
    Plan { title: title(point), facts, document: document.into() }
}

fn facts(point: &Point, plan: &Review) -> Vec<Fact> {
    let p99 = |evaluation: &Evaluation| {
        let index = PERCENTILES.iter().position(|&percentile| percentile == 0.99);
        index.map_or_else(|| MISSING.to_owned(), |index| duration(evaluation.overall.percentiles[index]))
    };
    let fact = |name, value, note| Fact { name, value, note };
    let bottleneck = plan.normal.bottleneck.and_then(|tier| plan.normal.tiers.get(tier));
    let down = plan.availability.unavailability;
    let users = point.users.map(|users| {
        let most = plan.limits_after_loss.and_then(|limits| limits.max_users);
        let note = most.map(|most| format!("objectives hold up to {} after the designed loss", count(most.floor())));
        fact("users", count(users), note.unwrap_or_default())
    });
    users
        .into_iter()
        .chain([
            fact("requests", rate(plan.normal.arrival_rate), format!("planned for {}", rate(point.planned_rate))),
            fact(
                "monthly cost",
                format!("{} USD", money(plan.price.monthly_usd())),
                format!("cheapest of {} candidates", count(point.outcome.points as f64)),
            ),
            fact(
                "p99 response time",
                p99(&plan.normal),
                format!(
                    "{} after the designed loss",
                    plan.design_loss.as_ref().map_or_else(|_| MISSING.to_owned(), p99)
                ),
            ),
            fact("availability", availability(down), format!("{} down a year", downtime_per_year(down))),
            fact(
                "bottleneck",
                bottleneck.map_or_else(|| MISSING.to_owned(), |tier| tier.name.clone()),
                bottleneck
                    .and_then(|tier| tier.utilization)
                    .map_or_else(String::new, |utilization| format!("{} utilization", percent(utilization, 1))),
            ),
        ])
        .collect()
}

/// A plan, section by section.
fn sections(page: &mut Document, point: &Point, plan: &Review) {
    page.heading("What runs");
    page.tables([plan_grid(plan)]);
    page.lines(balancer_lines(&plan.tiers));
    page.lines(network_lines(plan));

    let bindings = binding_lines(plan);
    if !bindings.is_empty() {
        page.heading("What sets each size");
        page.note(format!("Each line names {}.", binding_rule(&point.system)));
        page.list(bindings);
    }

    page.heading("Response times");
    page.tables([response_grid(plan, &point.system)]);
    let states = states(plan).into_iter();
    page.tables(states.filter_map(|(state, outcome)| Some(class_grid(state, outcome.ok()?))));

    if !plan.policies.is_empty() {
        page.heading("What routing costs");
        page.note(
            "The same plan with another routing policy at one tier: wait of a visit to the tier, and response time of the \
             whole request. One shared queue is the ideal.",
        );
        page.tables([policy_grid(&plan.policies)]);
    }

    page.heading("What breaks first");
    page.lines(breaking_lines(plan));
    page.tables([limits_grid(plan)]);

    if !plan.scenarios.is_empty() {
        page.heading("When something goes wrong");
        page.note(
            "Each scenario is followed from the fault until the objectives hold again; `capplan whatif --plan` shows it \
             stage by stage.",
        );
        page.tables([scenario_grid(&plan.scenarios).with_words(0..7).with_tones(2, plan.scenarios.iter().map(tone))]);
        page.details("What these results rest on", scenario_assumptions(&point.system));
    }

    if !plan.caches.is_empty() {
        page.heading("Cache");
        page.lines(cache_lines(&plan.caches));
    }

    page.heading("When to scale");
    page.note(
        "Scale out at the highest utilization at which the objectives still hold after the designed loss; scale in when one \
         instance fewer would stay below that. The rule of thumb scales out above 70 % and in below 20 %.",
    );
    page.tables([threshold_grid(plan)]);

    page.heading("Availability and cost");
    page.tables([service_grid(plan, &point.system)]);

    page.heading("What to promise");
    page.lines(promise_lines(plan));
    page.tables(outage_grid(plan));
    if let Some(alerts) = alert_grid(plan) {
        page.note(
            "Alerts on the error budget: an alert fires when both windows burn it faster than the burn rate, and ends when \
             the short one no longer does.",
        );
        page.tables([alerts]);
    }
}

/// The largest loads by state.
fn limits_grid(plan: &Review) -> Grid {
    let columns: [Column<(&str, Limits)>; 5] = [
        Column::new("state", Unit::Words, |(state, _)| (*state).into()),
        Column::new("objectives hold to users", Unit::Count, |(_, limits)| limits.max_users.map(f64::floor).into()),
        Column::new("to requests", Unit::PerSecond, |(_, limits)| limits.max_arrival_rate.into()),
        Column::new("saturated at users", Unit::Count, |(_, limits)| limits.saturation_users.map(f64::floor).into()),
        Column::new("at requests", Unit::PerSecond, |(_, limits)| limits.saturation_rate.into()),
    ];
    let after_loss = plan.limits_after_loss.map(|limits| ("after the designed loss", limits));
    let rows: Vec<_> = [("all up", plan.limits)].into_iter().chain(after_loss).collect();
    grid(&columns, &rows)
}
