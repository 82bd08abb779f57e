use rayon::prelude::*;

use super::{ScenarioError, ScenarioEvaluator, ScenarioReview};
use crate::evaluate::Prepared;
use crate::model::{Deployment, Scenario};

/// Evaluates scenarios on a deployment, in parallel; the result has the order of the scenarios.
///
/// # Errors
///
/// [`ScenarioError::Before`] when the deployment has no steady state with nothing lost.
pub fn review_scenarios(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    scenarios: &[Scenario],
) -> Result<Vec<ScenarioReview>, ScenarioError> {
    let evaluator = ScenarioEvaluator::new(prepared, deployment)?;
    Ok(scenarios
        .par_iter()
        .map(|scenario| ScenarioReview { scenario: scenario.clone(), outcome: evaluator.impact(scenario) })
        .collect())
}
