use crate::model::Deployment;
use capplan_queueing::network::{Branch, PathLaw};

use super::evaluation::{Steady, solve};
use super::{Breakdown, Condition, Prepared, class_branches, too_many_refused};

/// The share of requests within the limit of each response-time objective, in the order of the objectives.
///
/// # Errors
///
/// [`Breakdown`] when a tier is overloaded or down.
pub fn objective_shares(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    arrival_rate: f64,
    condition: Condition,
) -> Result<Vec<f64>, Breakdown> {
    let steady = solve(prepared, deployment, arrival_rate, condition)?;
    shares_of(prepared, &steady)
}

pub(super) fn shares_of(prepared: &Prepared<'_>, steady: &Steady) -> Result<Vec<f64>, Breakdown> {
    let system = prepared.system;
    let laws = steady.laws();
    system
        .objectives()
        .response_times
        .iter()
        .map(|objective| {
            let branches = scope(prepared, objective.class, steady);
            PathLaw::new(branches, laws.clone())
                .map(|law| law.cdf(objective.limit.get()))
                .map_err(|error| Breakdown::Unsolved { tier: system.name().to_owned(), reason: error.to_string() })
        })
        .collect()
}

/// The branches that an objective is about: those of one class, or of all weighted by their shares.
fn scope(prepared: &Prepared<'_>, class: Option<usize>, steady: &Steady) -> Vec<Branch> {
    prepared
        .system
        .classes()
        .iter()
        .enumerate()
        .filter(|(index, _)| class.is_none_or(|wanted| wanted == *index))
        .flat_map(|(_, part)| {
            let weight = if class.is_some() { 1.0 } else { part.share.get() };
            class_branches(prepared, part, &steady.hit_ratios)
                .into_iter()
                .map(move |branch| Branch { probability: branch.probability * weight, ..branch })
        })
        .collect()
}

/// Whether every response-time objective holds, and no database refuses more visits than it may; no when the system
/// breaks down.
pub fn meets_response_times(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    arrival_rate: f64,
    condition: Condition,
) -> bool {
    solve(prepared, deployment, arrival_rate, condition).is_ok_and(|steady| keeps_promises(prepared, &steady))
}

/// Whether a steady state keeps every response-time objective, and refuses no more visits than it may.
pub(super) fn keeps_promises(prepared: &Prepared<'_>, steady: &Steady) -> bool {
    let refuses = prepared
        .system
        .tiers()
        .iter()
        .zip(&steady.states)
        .any(|(tier, state)| tier.fleet().is_some_and(|fleet| too_many_refused(fleet, state).is_some()));
    !refuses && shares_of(prepared, steady).is_ok_and(|shares| all_met(prepared, &shares))
}

/// Whether each share reaches the percentile of its objective.
pub fn all_met(prepared: &Prepared<'_>, shares: &[f64]) -> bool {
    let objectives = &prepared.system.objectives().response_times;
    objectives.iter().zip(shares).all(|(objective, &share)| share >= objective.percentile)
}
