use askama::Template;

use crate::evaluate::{Breakdown, Evaluation};
use crate::model::PERCENTILES;
use crate::plan::{Limits, RuleVerdict};
use crate::report::format;
use crate::review::{Review, ReviewedTier};
use crate::sweep::Point;

use super::Grid;
use super::binding::binding_lines;
use super::breaking::breaking_lines;
use super::cache_section::cache_lines;
use super::promises::{alert_grid, outage_grid, promise_lines};
use super::routing::{balancer_lines, policy_rows, type_text};
use super::summary::{most_instances, promised};
use super::verdict::rule_text;
use super::whatif::{class, scenario_assumptions, scenario_grid};

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
    Ok(Report { page: *page, name, plans }.render()?)
}

#[derive(Template)]
#[template(path = "report.html")]
struct Report<'a> {
    page: Page<'a>,
    name: String,
    plans: Vec<Plan>,
}

/// A point, every number written out.
struct Plan {
    title: String,
    overview: Vec<String>,
    headline: Vec<Fact>,
    shortfalls: Vec<Vec<String>>,
    answer: Option<Answer>,
}

/// A large number with its name.
struct Fact {
    name: &'static str,
    value: String,
    note: String,
}

/// The tables of a recommendation: rows of cells.
struct Answer {
    cost: String,
    tiers: Vec<Vec<String>>,
    balancers: Vec<String>,
    policies: Vec<Vec<String>>,
    times: Vec<Vec<String>>,
    broken: Vec<String>,
    limits: Vec<Vec<String>>,
    breaks_first: Vec<String>,
    scenarios: Option<Scenarios>,
    caches: Vec<String>,
    bindings: Vec<String>,
    thresholds: Vec<Threshold>,
    availability: Vec<Vec<String>>,
    promises: Vec<String>,
    outages: Option<Grid>,
    alerts: Option<Grid>,
}

/// What may go wrong: all scenarios, one a row with the colour of its verdict.
struct Scenarios {
    header: Vec<String>,
    rows: Vec<(&'static str, Vec<String>)>,
    notes: Vec<String>,
}

/// The thresholds of a tier and what the rule of thumb does to it.
struct Threshold {
    cells: Vec<String>,
    verdict: &'static str,
    class: &'static str,
    reason: String,
}

fn plan(point: &Point) -> Plan {
    let load = point.users.map_or_else(
        || format!("{} requests", format::rate(point.design_rate)),
        |users| format!("{} users", format::count(users)),
    );
    let shortfalls = point.outcome.nearest.iter().flat_map(|nearest| &nearest.shortfalls);
    Plan {
        title: std::iter::once(load)
            .chain(point.variation.iter().map(|(key, value)| format!("{key} = {value}")))
            .collect::<Vec<String>>()
            .join(", "),
        overview: point.recommendation.as_ref().map_or_else(Vec::new, overview),
        headline: point.recommendation.as_ref().map_or_else(Vec::new, |found| headline(point, found)),
        shortfalls: shortfalls
            .map(|missed| {
                vec![missed.objective.to_string(), promised(missed, missed.limit), promised(missed, missed.actual)]
            })
            .collect(),
        answer: point.recommendation.as_ref().map(|found| answer(point, found)),
    }
}

/// One line of the overview of several plans, without its title.
fn overview(found: &Review) -> Vec<String> {
    let show = |time: Option<f64>| time.map_or_else(missing, format::duration);
    let tiers = found.tiers.iter().filter_map(|tier| {
        let kind = tier.instance_type.as_ref()?;
        Some(format!("{} {} × {kind}", tier.name, tier.instances? + tier.standby))
    });
    vec![
        format::rate(found.normal.arrival_rate),
        show(p99(&found.normal)),
        show(found.design_loss.as_ref().ok().and_then(p99)),
        format::availability(found.availability.unavailability),
        format::money(found.price.monthly_usd()),
        tiers.collect::<Vec<String>>().join(", "),
    ]
}

fn p99(evaluation: &Evaluation) -> Option<f64> {
    PERCENTILES.iter().position(|&percentile| percentile == 0.99).map(|index| evaluation.overall.percentiles[index])
}

fn headline(point: &Point, found: &Review) -> Vec<Fact> {
    let show = |time: Option<f64>| time.map_or_else(|| format::MISSING.to_owned(), format::duration);
    let after = found.design_loss.as_ref().ok().and_then(p99);
    let bottleneck = found.normal.bottleneck.and_then(|tier| found.normal.tiers.get(tier));
    let mut facts = Vec::new();
    if let Some(users) = point.users {
        let most = found.limits_after_loss.and_then(|limits| limits.max_users);
        let note = most.map_or_else(String::new, |most| {
            format!("objectives hold up to {} after the loss", format::count(most.floor()))
        });
        facts.push(Fact { name: "users", value: format::count(users), note });
    }
    facts.push(Fact {
        name: "requests",
        value: format::rate(found.normal.arrival_rate),
        note: format!("planned for {}", format::rate(point.planned_rate)),
    });
    facts.push(Fact {
        name: "monthly cost",
        value: format!("{} USD", format::money(found.price.monthly_usd())),
        note: format!("{} candidates", format::count(point.outcome.points as f64)),
    });
    facts.push(Fact {
        name: "p99 response time",
        value: show(p99(&found.normal)),
        note: format!("{} after the loss designed for", show(after)),
    });
    facts.push(Fact {
        name: "availability",
        value: format::availability(found.availability.unavailability),
        note: format!("{} down a year", format::downtime_per_year(found.availability.unavailability)),
    });
    facts.push(Fact {
        name: "bottleneck",
        value: bottleneck.map_or_else(|| format::MISSING.to_owned(), |tier| tier.name.clone()),
        note: bottleneck
            .and_then(|tier| tier.utilization)
            .map_or_else(String::new, |utilization| format!("{} busy", format::percent(utilization, 1))),
    });
    facts
}

fn answer(point: &Point, found: &Review) -> Answer {
    let mut states = vec![("nothing lost", Ok(&found.normal))];
    match (&found.zone_lost, &found.design_loss) {
        // Where every tier is designed for the loss of a zone the two are one.
        (Ok(zone), Ok(design)) if zone.overall == design.overall => {
            states.push(("fullest zone lost, as designed for", Ok(zone)));
        }
        (zone, design) => {
            states.push(("fullest zone lost", zone.as_ref()));
            states.push(("after the loss designed for", design.as_ref()));
        }
    }
    let broken = |(state, result): &(&str, Result<&Evaluation, &Breakdown>)| {
        result.err().map(|breakdown| format!("{state}: {breakdown}"))
    };
    Answer {
        cost: format::money(found.price.monthly_usd()),
        tiers: found.tiers.iter().map(tier_row).collect(),
        balancers: balancer_lines(&found.tiers),
        policies: policy_rows(&found.policies),
        times: states
            .iter()
            .filter_map(|(state, result)| result.ok().map(|evaluation| (state, evaluation)))
            .flat_map(|(state, evaluation)| time_rows(state, evaluation))
            .collect(),
        broken: states.iter().filter_map(broken).collect(),
        limits: [("nothing lost", Some(found.limits)), ("after the loss designed for", found.limits_after_loss)]
            .into_iter()
            .filter_map(|(state, limits)| limits.map(|limits| limit_row(state, limits)))
            .collect(),
        breaks_first: breaking_lines(found),
        scenarios: scenarios(point, found),
        caches: cache_lines(&found.caches),
        bindings: binding_lines(found),
        thresholds: found.tiers.iter().filter_map(threshold_row).collect(),
        availability: availability_rows(point, found),
        promises: promise_lines(found),
        outages: outage_grid(found),
        alerts: alert_grid(found),
    }
}

fn scenarios(point: &Point, found: &Review) -> Option<Scenarios> {
    let grid = scenario_grid(&found.scenarios);
    let classes = found.scenarios.iter().map(class);
    (!found.scenarios.is_empty()).then(|| Scenarios {
        header: grid.header,
        rows: classes.zip(grid.rows).collect(),
        notes: scenario_assumptions(&point.system),
    })
}

fn tier_row(tier: &ReviewedTier) -> Vec<String> {
    let thresholds = tier.thresholds.as_ref();
    let share = |value: Option<f64>| value.map_or_else(missing, |share| format::percent(share, 1));
    let number = |value: Option<u32>| value.map_or_else(missing, |value| format::count(f64::from(value)));
    let zones: Vec<String> = tier.per_zone.iter().map(ToString::to_string).collect();
    let instances = match (tier.instances, tier.standby) {
        (None, _) => missing(),
        (Some(count), 0) => format::count(f64::from(count)),
        (Some(count), standby) => format!("{} + {standby} standby", format::count(f64::from(count))),
    };
    vec![
        tier.name.clone(),
        type_text(tier),
        instances,
        if zones.is_empty() { missing() } else { zones.join(" / ") },
        share(tier.utilization),
        share(tier.utilization_zone_lost),
        share(thresholds.and_then(|found| found.scale_out_at)),
        share(thresholds.and_then(|found| found.scale_in_at)),
        number(thresholds.and_then(|found| found.min_count)),
        most_instances(tier),
        format::money(tier.price.monthly_usd()),
    ]
}

fn time_rows(state: &str, evaluation: &Evaluation) -> Vec<Vec<String>> {
    let all = std::iter::once(("all requests", &evaluation.overall));
    // One class is all requests.
    let classes = evaluation.classes.iter().filter(|_| evaluation.classes.len() > 1);
    all.chain(classes.map(|class| (class.name.as_str(), &class.times)))
        .map(|(name, times)| {
            let figures = std::iter::once(times.mean).chain(times.percentiles).map(format::duration);
            [state.to_owned(), name.to_owned()].into_iter().chain(figures).collect()
        })
        .collect()
}

fn limit_row(state: &str, limits: Limits) -> Vec<String> {
    let number = |value: Option<f64>| value.map_or_else(missing, |value| format::count(value.floor()));
    let rate = |value: Option<f64>| value.map_or_else(missing, format::rate);
    vec![
        state.to_owned(),
        number(limits.max_users),
        rate(limits.max_arrival_rate),
        number(limits.saturation_users),
        rate(limits.saturation_rate),
    ]
}

fn threshold_row(tier: &ReviewedTier) -> Option<Threshold> {
    let found = tier.thresholds.as_ref()?;
    let share = |value: Option<f64>| value.map_or_else(missing, |share| format::percent(share, 1));
    let number = |value: Option<u32>| value.map_or_else(missing, |value| format::count(f64::from(value)));
    let text = rule_text(found);
    let class = match found.rule {
        RuleVerdict::Safe => "good",
        RuleVerdict::Wasteful { .. } => "note",
        RuleVerdict::Unsafe { .. } => "bad",
    };
    let cells = vec![
        tier.name.clone(),
        share(found.scale_out_at),
        share(found.scale_in_at),
        number(found.min_count),
        most_instances(tier),
    ];
    Some(Threshold { cells, verdict: text.word, class, reason: text.reason })
}

fn availability_rows(point: &Point, found: &Review) -> Vec<Vec<String>> {
    let row = |name: &str, needed: String, down: f64| {
        vec![
            name.to_owned(),
            needed,
            format::availability(down),
            format::downtime_per_year(down),
            format::significant(format::minutes_per_year(down)),
        ]
    };
    let tiers = found
        .tiers
        .iter()
        .zip(&found.availability.tiers)
        .map(|(tier, figures)| row(&tier.name, needed_text(figures.needed), figures.unavailability));
    let region = 1.0 - point.system.region().availability.get();
    let promises = !point.system.objectives().response_times.is_empty();
    tiers
        .chain([row("region", missing(), region), row("whole", missing(), found.availability.unavailability)])
        .chain(
            promises.then(|| {
                row("whole, within the response-time objectives", missing(), found.performability.time_outside)
            }),
        )
        .collect()
}

/// Serving instances that must be up; a database whose primary carries everything needs no replica.
fn needed_text(needed: Option<u64>) -> String {
    match needed {
        None => missing(),
        Some(0) => "the primary".to_owned(),
        Some(needed) => needed.to_string(),
    }
}

fn missing() -> String {
    format::MISSING.to_owned()
}
