use crate::model::{Choice, Deployment};

use super::Status;

/// What a plan must come through that is not known tier by tier: the scenarios that the model names as must-survive, and
/// instances and zones that come and go.
pub struct Survival<'a> {
    /// By tier and instance type the least count with which a plan can, whatever the rest; empty for a tier without
    /// instances.
    pub least: Vec<Vec<u32>>,
    /// Follows a deployment through them.
    pub check: &'a (dyn Fn(&Deployment) -> Result<(), Unsurvived> + Sync),
}

/// What a deployment does not come through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Unsurvived {
    /// A scenario.
    Scenario {
        /// Its index in the system.
        scenario: usize,
        /// Seconds in which the objectives are missed; `None` without an end.
        missed_time: Option<f64>,
    },
    /// The objective on the share of time within the response-time objectives.
    TimeWithin {
        /// Share of time that is not.
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
    /// Whether a choice for a tier can be part of a plan that comes through.
    pub(super) fn allows(&self, tier: usize, choice: Choice) -> bool {
        let least = self.least.get(tier).and_then(|types| types.get(choice.instance_type));
        least.is_none_or(|&least| choice.count >= least)
    }
}

/// Deployments that did not come through, to know at once that others do not either.
#[derive(Debug, Default)]
pub(super) struct Fallen(Vec<(Deployment, Unsurvived)>);

impl Fallen {
    /// Checks a deployment, unless one fell that has the same types and at least its counts.
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
