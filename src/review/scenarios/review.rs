use rayon::prelude::*;

use super::{Laboratory, Reviewed, WhatIfError};
use crate::evaluate::Prepared;
use crate::model::{Deployment, Scenario};

/// What each scenario does to a deployment, in the order of the scenarios.
///
/// # Errors
///
/// [`WhatIfError::Before`] when the deployment has no steady state with nothing lost.
pub fn review(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    scenarios: &[Scenario],
) -> Result<Vec<Reviewed>, WhatIfError> {
    let laboratory = Laboratory::new(prepared, deployment)?;
    Ok(scenarios
        .par_iter()
        .map(|scenario| Reviewed { scenario: scenario.clone(), outcome: laboratory.course(scenario) })
        .collect())
}
