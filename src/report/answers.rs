//! Answers of the commands for people, each a document in reading order.

use crate::evaluate::Breakdown;
use crate::model::System;
use crate::review::{CacheOverload, Review};
use crate::sweep::Point;

use super::binding::{binding_lines, binding_rule};
use super::breaking::breaking_lines;
use super::cache_section::{cache_lines, overload_line};
use super::database::{database_grid, database_lines};
use super::headline::{evaluation_lines, plan_lines, title};
use super::network::network_lines;
use super::promises::{alert_grid, budget_summary, outage_grid, promise_lines};
use super::response::{class_grid, response_grid};
use super::routing::balancer_lines;
use super::shortfall::{nearest, shortfall_line};
use super::tiers::{plan_grid, points_grid, service_grid, state_grid};
use super::verdict::{RULE_HEADING, rule_lines};
use super::{Document, assumptions};

/// The answer of `capplan sweep`: a plan, or a line for each of several.
pub fn sweep_document(points: &[Point]) -> Document {
    let mut document = Document::default();
    match points {
        [point] => match &point.recommendation {
            Some(plan) => plan_summary(&mut document, point, plan),
            None => no_plan(&mut document, point),
        },
        several => {
            document.tables([points_grid(several)]);
            for point in several.iter().filter(|point| point.recommendation.is_none()) {
                no_plan(&mut document, point);
            }
        }
    }
    document
}

fn plan_summary(document: &mut Document, point: &Point, plan: &Review) {
    document.lines(plan_lines(point, plan));
    document.tables([plan_grid(plan), response_grid(plan, &point.system)]);
    document.lines(breaking_lines(plan));
    document.lines(network_lines(plan));
    document.lines(budget_summary(plan));
    document.heading(format!("What sets each size: {}:", binding_rule(&point.system)));
    document.list(binding_lines(plan));
    document.heading(RULE_HEADING);
    document.list(rule_lines(plan));
}

/// Why a point has no plan.
pub(super) fn no_plan(document: &mut Document, point: &Point) {
    let (closest, missed) = nearest(point);
    document.lines([format!("{}: no candidate meets every objective", title(point)), closest]);
    document.list(missed.into_iter().map(|missed| format!("misses: {missed}")).collect());
}

/// The answer of `capplan evaluate`.
pub fn evaluation_document(system: &System, users: Option<f64>, plan: &Review) -> Document {
    let mut document = Document::default();
    document.lines(evaluation_lines(system, users, plan));
    document.tables([state_grid(plan, &plan.normal)]);
    if let Ok(zone_lost) = &plan.zone_lost {
        document.heading("With the fullest zone lost:");
        document.tables([state_grid(plan, zone_lost)]);
    }
    document.tables(database_grid(&plan.normal));
    document.lines(database_lines(&plan.normal));
    document.tables([service_grid(plan, system), response_grid(plan, system), class_grid("all up", &plan.normal)]);
    document.lines(breaking_lines(plan));
    document.lines(balancer_lines(&plan.tiers));
    document.lines(network_lines(plan));
    if !plan.caches.is_empty() {
        document.heading("Cache:");
        document.lines(cache_lines(&plan.caches));
    }
    document.heading("What to promise:");
    document.lines(promise_lines(plan));
    document.tables(outage_grid(plan).into_iter().chain(alert_grid(plan)));
    document.lines(missed_lines(plan));
    document.details("Methods and assumptions:", assumptions(system));
    document
}

fn missed_lines(plan: &Review) -> Vec<String> {
    let missed = plan.missed.iter().map(|missed| format!("Missed: {}.", shortfall_line(missed)));
    let after = plan.missed_after_loss.iter().map(shortfall_line);
    let broken = plan.design_loss.as_ref().err().map(ToString::to_string);
    let after = after.chain(broken).map(|missed| format!("Missed after the designed loss: {missed}."));
    let lines: Vec<String> = missed.chain(after).collect();
    if lines.is_empty() {
        return vec!["Every objective is met, with everything up and after the designed loss.".to_owned()];
    }
    lines
}

/// The answer of `capplan evaluate` for a system without a steady state, with what the caches in front of an overloaded
/// tier could do for it.
pub fn breakdown_document(system: &System, breakdown: &Breakdown, overloads: &[CacheOverload]) -> Document {
    let way_out = match breakdown {
        Breakdown::Overloaded { .. } | Breakdown::Down { .. } => {
            "; run more or faster instances, or less load (`capplan sweep` finds how many)"
        }
        Breakdown::Unsolved { .. } => "",
    };
    let mut document = Document::default();
    document.lines([format!("{}: {breakdown}{way_out}", system.name())]);
    document.lines(overloads.iter().map(overload_line));
    document
}
