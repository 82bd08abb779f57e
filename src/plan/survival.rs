use crate::model::{Choice, Deployment};

use super::Status;

/// What a plan must survive and no tier decides alone: the scenarios that the model marks as must-survive, and failures of
/// instances and zones.
pub struct Survival<'a> {
    /// Least count of a surviving plan by tier and instance type, whatever the other tiers; empty for a tier without
    /// instances.
    pub least: Vec<Vec<u32>>,
    /// Follows a deployment through the scenarios.
    pub check: &'a (dyn Fn(&Deployment) -> Result<(), Unsurvived> + Sync),
}

/// What a deployment does not survive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Unsurvived {
    /// A scenario.
    Scenario {
        /// Its index in the system.
        scenario: usize,
        /// Seconds for which the objectives are missed; `None` where this has no end.
        missed_time: Option<f64>,
    },
    /// The objective on the share of time within the response-time objectives.
    TimeWithin {
        /// Share of time outside the objectives.
        outside: f64,
    },
}

impl Unsurvived {
    pub(super) const fn status(self) -> Status {
        match self {
            Self::Scenario { scenario, .. } => Status::NotSurvived { scenario },
            Self::TimeWithin { .. } => Status::Unavailable,
        }
    }
}

impl Survival<'_> {
    /// Whether a choice for a tier can be part of a surviving plan.
    pub(super) fn allows(&self, tier: usize, choice: Choice) -> bool {
        let least = self.least.get(tier).and_then(|types| types.get(choice.instance_type));
        least.is_none_or(|&least| choice.count >= least)
    }
}

/// Deployments that did not survive: smaller ones do not survive either, without another check.
#[derive(Debug, Default)]
pub(super) struct FailedDeployments(Vec<(Deployment, Unsurvived)>);

impl FailedDeployments {
    /// Checks a deployment, unless one with the same types and at least its counts has failed.
    pub fn check(&mut self, survival: &Survival<'_>, deployment: &Deployment) -> Result<(), Unsurvived> {
        if let Some((_, fallen)) = self.0.iter().find(|(fallen, _)| at_most(deployment, fallen)) {
            return Err(*fallen);
        }
        (survival.check)(deployment).inspect_err(|fallen| self.0.push((deployment.clone(), *fallen)))
    }
}

/// Whether a deployment has the same types and routings as another, and at most its counts.
fn at_most(one: &Deployment, other: &Deployment) -> bool {
    one.choices.iter().zip(&other.choices).all(|pair| match pair {
        (Some(one), Some(other)) => {
            one.instance_type == other.instance_type && one.routing == other.routing && one.count <= other.count
        }
        (one, other) => one == other,
    })
}
