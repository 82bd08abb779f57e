use crate::model::{Deployment, RequestClass, System};
use capplan_queueing::network::{Branch, PathLaw};
use capplan_queueing::queues::VisitLaw;

use super::{Breakdown, LoadedTier, Prepared, Refusal, Situation, class_branches};

/// Which requests are served and which fail at once.
#[derive(Debug, Clone, PartialEq)]
pub struct ServedShares {
    /// Share of all requests that is served.
    pub served: f64,
    /// Share of all requests that fails at each tier; together with the served ones these are all requests.
    pub failing: Vec<FailingShare>,
}

/// The share of all requests that fails at a tier.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FailingShare {
    /// Because a read reached no instance that serves.
    pub reads: f64,
    /// Because a write reached no primary, although the reads of the request would have succeeded.
    pub writes: f64,
    /// Because a visit found no free connection.
    pub refused: f64,
}

impl FailingShare {
    /// All together.
    pub fn total(self) -> f64 {
        self.reads + self.writes + self.refused
    }
}

/// The requests that a situation serves, by class.
pub(super) struct Served<'a> {
    pub classes: Vec<ServedClass<'a>>,
    pub shares: ServedShares,
}

/// The served requests of a class that has any.
pub(super) struct ServedClass<'a> {
    pub class: &'a RequestClass,
    /// Share of the class that is served.
    served: f64,
    /// The paths of the served requests.
    pub branches: Vec<Branch>,
}

impl<'a> Served<'a> {
    /// Follows every path of a request through the tiers, in the order of the system, until one of its visits fails.
    ///
    /// `refusals` holds the visits that each tier refuses; empty counts none.
    pub fn new(prepared: &Prepared<'a>, situation: &Situation, refusals: &[Refusal]) -> Self {
        let system = prepared.system;
        let hit_ratios = situation.hit_ratios();
        let mut failing = vec![FailingShare::default(); system.tiers().len()];
        let mut classes = Vec::new();
        for class in system.classes() {
            let mut branches = class_branches(prepared, class, &hit_ratios);
            let all: f64 = branches.iter().map(|branch| branch.probability).sum();
            for branch in &mut branches {
                for (tier, (lost, part)) in failing.iter_mut().zip(&situation.tiers).enumerate() {
                    let (reads, writes) = (branch.visits[2 * tier], branch.visits[2 * tier + 1]);
                    let weight = class.share.get() * branch.probability / all;
                    let read = part.passes(reads, 0);
                    let passes = part.passes(reads, writes);
                    let accepted = refusals.get(tier).map_or(1.0, |refusal| refusal.passes(reads, writes));
                    lost.reads += weight * (1.0 - read);
                    lost.writes += weight * (read - passes);
                    lost.refused += weight * passes * (1.0 - accepted);
                    branch.probability *= passes * accepted;
                }
            }
            let passing: f64 = branches.iter().map(|branch| branch.probability).sum();
            if passing > 0.0 {
                for branch in &mut branches {
                    branch.probability *= all / passing;
                }
                classes.push(ServedClass { class, served: passing / all, branches });
            }
        }
        // The shares of the classes sum to 1 but for rounding, which is no failure.
        let everything = classes.len() == system.classes().len() && classes.iter().all(|part| part.served == 1.0);
        let sum = || classes.iter().map(|part| part.class.share.get() * part.served).sum::<f64>().min(1.0);
        let served = if everything { 1.0 } else { sum() };
        Self { classes, shares: ServedShares { served, failing } }
    }

    /// The paths of all served requests together.
    pub fn branches(&self) -> Vec<Branch> {
        self.classes
            .iter()
            .flat_map(|part| {
                let weight = part.class.share.get() * part.served / self.shares.served;
                part.branches
                    .iter()
                    .map(move |branch| Branch { probability: branch.probability * weight, ..branch.clone() })
            })
            .collect()
    }

    /// The share of requests within the limit of each response-time objective; failing requests are not within.
    pub fn objective_shares(&self, system: &System, laws: &[VisitLaw]) -> Result<Vec<f64>, Breakdown> {
        system
            .objectives()
            .response_times
            .iter()
            .map(|objective| {
                let (branches, served) = match objective.class.map(|index| &system.classes()[index].name) {
                    None => (self.branches(), self.shares.served),
                    Some(name) => match self.classes.iter().find(|part| part.class.name == *name) {
                        Some(part) => (part.branches.clone(), part.served),
                        None => return Ok(0.0),
                    },
                };
                PathLaw::new(branches, laws.iter().cloned())
                    .map(|law| law.cdf(objective.limit.get()) * served)
                    .map_err(|error| Breakdown::unsolved(system.name(), error))
            })
            .collect()
    }
}

/// The share of requests that are served, whatever the load.
pub fn served_shares(prepared: &Prepared<'_>, situation: &Situation) -> ServedShares {
    Served::new(prepared, situation, &[]).shares
}

/// The share of requests that are served when tiers refuse visits.
pub fn accepted_shares(prepared: &Prepared<'_>, situation: &Situation, refusals: &[Refusal]) -> ServedShares {
    Served::new(prepared, situation, refusals).shares
}

/// The visits that each tier refuses at a rate of requests, overloaded or not; none where connections are not limited.
///
/// # Errors
///
/// [`Breakdown::Unsolved`] when the traffic equations have no solution.
pub fn refusals(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    situation: &Situation,
    arrival_rate: f64,
) -> Result<Vec<Refusal>, Breakdown> {
    let flows = situation.flows(prepared, arrival_rate)?;
    let tiers = prepared.system.tiers().iter().zip(&situation.tiers).enumerate();
    Ok(tiers
        .map(|(index, (tier, part))| {
            let choice = deployment.choices[index];
            LoadedTier { tier, choice, left: part.left, flow: flows[index] }.refusal().unwrap_or_default()
        })
        .collect())
}
