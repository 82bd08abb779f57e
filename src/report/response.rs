use crate::evaluate::{Breakdown, ClassFigures, Evaluation, ResponseTimes};
use crate::model::{PERCENTILES, ResponseObjective, System};
use crate::review::Review;

use super::Grid;
use super::format::{MISSING, duration, percent};

/// The states of a system in which a plan is evaluated, by name.
pub(super) fn states(plan: &Review) -> Vec<(&'static str, Result<&Evaluation, &Breakdown>)> {
    let (zone, design) = (plan.zone_lost.as_ref(), plan.design_loss.as_ref());
    let mut states = vec![("all up", Ok(&plan.normal))];
    if is_designed_for_zone_loss(plan) {
        states.push(("fullest zone lost (the designed loss)", zone));
    } else {
        states.extend([("fullest zone lost", zone), ("after the designed loss", design)]);
    }
    states
}

/// Whether losing the fullest zone is the loss that every tier is designed for, so that the two states are one.
pub(super) fn is_designed_for_zone_loss(plan: &Review) -> bool {
    matches!((&plan.zone_lost, &plan.design_loss), (Ok(zone), Ok(design)) if zone.overall == design.overall)
}

const PERCENTILE_TITLES: [&str; PERCENTILES.len()] = ["p50", "p90", "p95", "p99", "p99.9"];

fn titles(first: &[&'static str]) -> Vec<&'static str> {
    [first, &["mean"], &PERCENTILE_TITLES].concat()
}

fn cells(times: &ResponseTimes) -> impl Iterator<Item = String> {
    [times.mean].into_iter().chain(times.percentiles).map(duration)
}

/// Response times of all requests in each state, with the objectives below.
pub(super) fn response_grid(plan: &Review, system: &System) -> Grid {
    let mut rows: Vec<Vec<String>> = states(plan)
        .into_iter()
        .map(|(name, outcome)| match outcome {
            Ok(evaluation) => [name.to_owned()].into_iter().chain(cells(&evaluation.overall)).collect(),
            Err(breakdown) => {
                let mut row = vec![format!("{name}: {breakdown}")];
                row.resize(2 + PERCENTILES.len(), MISSING.to_owned());
                row
            }
        })
        .collect();
    let overall: Vec<&ResponseObjective> =
        system.objectives().response_times.iter().filter(|objective| objective.class.is_none()).collect();
    if !overall.is_empty() {
        let limits = PERCENTILES.map(|percentile| {
            let objective = overall.iter().find(|objective| objective.percentile == percentile);
            objective.map_or_else(String::new, |objective| duration(objective.limit.get()))
        });
        rows.push(["objective".to_owned(), String::new()].into_iter().chain(limits).collect());
    }
    Grid::new(titles(&["response time"])).with_rows(rows)
}

/// Response times by class in a state of the system; no row where there is one class.
pub(super) fn class_grid(state: &str, evaluation: &Evaluation) -> Grid {
    let row = |class: &ClassFigures| {
        [class.name.clone(), percent(class.share, 1)].into_iter().chain(cells(&class.times)).collect()
    };
    let classes: &[ClassFigures] = if evaluation.classes.len() > 1 { &evaluation.classes } else { &[] };
    let mut grid = Grid::new(titles(&["class", "share"])).with_rows(classes.iter().map(row));
    grid.header[0] = format!("class, {state}");
    grid
}
