use rayon::prelude::*;

use crate::evaluate::{Breakdown, Prepared, design_arrival_rate, planned_arrival_rate};
use crate::model::System;
use crate::plan::Outcome;
use crate::review::{Review, ScenarioError, binding, review_deployment, review_scenarios, search_plan};

/// One point of a sweep: a system under a load.
#[derive(Debug, Clone)]
pub struct PointInput {
    /// The system, load and variation included.
    pub system: System,
    /// The varied keys and their values.
    pub variation: Vec<(String, String)>,
}

/// The result of a sweep at one point.
#[derive(Debug, Clone)]
pub struct Point {
    /// The system.
    pub system: System,
    /// The varied keys and their values.
    pub variation: Vec<(String, String)>,
    /// Users; `None` for an open workload.
    pub users: Option<f64>,
    /// The highest arrival rate that the workload can offer.
    pub design_rate: f64,
    /// The design rate with the headroom asked for; candidates are evaluated at it.
    pub planned_rate: f64,
    /// The result of the search.
    pub outcome: Outcome,
    /// The recommended deployment with all that is known of it.
    pub recommendation: Option<Review>,
}

/// Why a sweep ended without an answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SweepError {
    /// A model has no answer at all.
    #[error(transparent)]
    Breakdown(#[from] Breakdown),
    /// The plan does not work with nothing lost.
    #[error(transparent)]
    Review(#[from] ScenarioError),
    /// The work was stopped before its end.
    #[error("interrupted")]
    Interrupted,
}

/// Plans every point, in parallel, in order. The plan of a single point is followed through every scenario.
///
/// # Errors
///
/// [`SweepError::Breakdown`] where a model has no answer at all, [`SweepError::Interrupted`] where `interrupted` said so.
pub fn sweep(inputs: Vec<PointInput>, interrupted: &(dyn Fn() -> bool + Sync)) -> Result<Vec<Point>, SweepError> {
    let mut points = inputs
        .into_par_iter()
        .map(|input| {
            if interrupted() {
                return Err(SweepError::Interrupted);
            }
            Ok(point(input)?)
        })
        .collect::<Result<Vec<Point>, SweepError>>()?;
    // One plan is reviewed in full; of many the plans themselves are what is asked.
    if let [Point { system, recommendation: Some(plan), .. }] = points.as_mut_slice() {
        let prepared = Prepared::new(system)?;
        plan.scenarios = review_scenarios(&prepared, &plan.deployment, system.scenarios())?;
    }
    Ok(points)
}

fn point(input: PointInput) -> Result<Point, Breakdown> {
    let PointInput { system, variation } = input;
    let prepared = Prepared::new(&system)?;
    let design_rate = design_arrival_rate(&system);
    let planned_rate = planned_arrival_rate(&system);
    let outcome = search_plan(&prepared, planned_rate)?;
    let mut recommendation = outcome
        .best
        .as_ref()
        .map(|found| review_deployment(&prepared, found.deployment.clone(), design_rate))
        .transpose()?;
    if let Some(Review { deployment, tiers, .. }) = &mut recommendation {
        tiers.par_iter_mut().enumerate().for_each(|(index, tier)| {
            tier.binding = binding(&prepared, deployment, index, planned_rate);
        });
    }
    Ok(Point {
        users: system.workload().users(),
        design_rate,
        planned_rate,
        outcome,
        recommendation,
        variation,
        system: system.clone(),
    })
}
