use crate::evaluate::{Breakdown, Prepared};
use crate::model::Deployment;

use super::descent::Keep;
use super::survival::FailedDeployments;
use super::tree::Tree;
use super::{Candidate, Grid, HitRatioGroup, Shortfall, Status, Survival, Unsurvived, Workspace, missed_unsurvived};

/// The result of a search.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Number of candidates of the grid.
    pub points: u64,
    /// The groups of hit ratios that candidates refer to.
    pub groups: Vec<HitRatioGroup>,
    /// Candidates that the search evaluated, in the order of the search.
    pub evaluated: Vec<Candidate>,
    /// The cheapest candidate that meets every objective.
    pub best: Option<Found>,
    /// The candidate that comes nearest, where none meets every objective.
    pub nearest: Option<Nearest>,
}

/// A candidate and its deployment.
#[derive(Debug, Clone)]
pub struct Found {
    /// The candidate.
    pub candidate: Candidate,
    /// The deployment.
    pub deployment: Deployment,
}

/// A candidate that misses objectives, and by how much.
#[derive(Debug, Clone)]
pub struct Nearest {
    /// The candidate.
    pub found: Found,
    /// The objectives that it misses.
    pub shortfalls: Vec<Shortfall>,
}

/// Returns the cheapest candidate of the whole grid that meets every objective.
///
/// # Method
///
/// Branch and bound. The answer is the exact optimum; ties go to the first in the order of options (cheaper, then faster,
/// then the order of the model), the first tier deciding first.
///
/// 1. Options that cannot carry their load are dropped, and options that another option dominates: it costs no more, is
///    stochastically no slower, and is no less available in any state of the zones.
/// 2. Tiers are decided in order, options tried by price. A branch is cut when its price with the cheapest options of the
///    remaining tiers reaches the best price found, or when even the fastest conceivable options of these tiers miss an
///    objective.
///
/// # Errors
///
/// As [`HitRatioGroup::all`].
pub fn search(prepared: &Prepared<'_>, arrival_rate: f64) -> Result<Outcome, Breakdown> {
    outcome(prepared, arrival_rate, None)
}

/// Returns the cheapest candidate of the whole grid that meets every objective and survives the scenarios it must survive.
///
/// # Method
///
/// As [`search`], with two differences. Options below the least counts of `survival` are dropped, and no option is dropped
/// because another dominates it: the dominating one may not survive. A candidate that meets the objectives is then
/// followed through every scenario; candidates are tried by price until one survives.
///
/// # Accuracy
///
/// The optimum, provided that more instances of the same type never do worse in a scenario.
///
/// # Errors
///
/// As [`search`].
pub fn search_surviving(
    prepared: &Prepared<'_>,
    arrival_rate: f64,
    survival: &Survival<'_>,
) -> Result<Outcome, Breakdown> {
    outcome(prepared, arrival_rate, Some(survival))
}

fn outcome(prepared: &Prepared<'_>, arrival_rate: f64, survival: Option<&Survival<'_>>) -> Result<Outcome, Breakdown> {
    let groups = HitRatioGroup::all(prepared, arrival_rate)?;
    let points = groups.iter().map(HitRatioGroup::points).sum();
    let mut evaluated = Vec::new();
    let trees_surviving = trees(prepared, &groups, survival);
    let mut best = run(&trees_surviving, Keep::Everything, &mut evaluated);
    drop(trees_surviving);
    let mut nearest = None;
    if best.is_none() {
        // A candidate that meets the objectives and does not survive a scenario is nearer than one that misses an objective.
        let trees = trees(prepared, &groups, None);
        best = survival.and_then(|_| run(&trees, Keep::Everything, &mut Vec::new()));
        nearest = match (best.take(), survival) {
            (Some(found), Some(survival)) => {
                let fallen = (survival.check)(&found.deployment).err();
                let shortfalls = fallen.and_then(|fallen| missed_unsurvived(prepared.system, fallen));
                Some(Nearest { found: unsurvived(found, fallen), shortfalls: shortfalls.into_iter().collect() })
            }
            _ => super::nearest::nearest(prepared, &trees),
        };
    }
    Ok(Outcome { points, groups, evaluated, best, nearest })
}

/// A candidate with the status that its scenarios leave it.
fn unsurvived(found: Found, fallen: Option<Unsurvived>) -> Found {
    let Found { candidate, deployment } = found;
    let status = fallen.map_or(candidate.status, Unsurvived::status);
    Found { candidate: Candidate { status, ..candidate }, deployment }
}

/// The cheapest candidate of the given groups.
pub(super) fn cheapest(prepared: &Prepared<'_>, groups: &[HitRatioGroup]) -> Option<Found> {
    run(&trees(prepared, groups, None), Keep::Everything, &mut Vec::new())
}

fn trees<'a>(
    prepared: &'a Prepared<'a>,
    groups: &'a [HitRatioGroup],
    survival: Option<&'a Survival<'a>>,
) -> Vec<Tree<'a>> {
    let mut known = Vec::new();
    let tree = |(index, group)| Tree::new(prepared, index, group, survival, &mut known);
    groups.iter().enumerate().map(tree).collect()
}

pub(super) fn run(trees: &[Tree<'_>], keep: Keep, evaluated: &mut Vec<Candidate>) -> Option<Found> {
    let mut best: Option<Found> = None;
    let mut fallen = FailedDeployments::default();
    for tree in trees {
        let limit = best.as_ref().map(|found| found.candidate.price);
        if let Some(found) = tree.cheapest(keep, limit, &mut fallen, evaluated) {
            best = Some(found);
        }
    }
    best
}

/// Finds the optimum by evaluating every candidate: the slow reference that [`search`] is tested against.
///
/// # Errors
///
/// As [`HitRatioGroup::all`].
pub fn brute_force(prepared: &Prepared<'_>, arrival_rate: f64) -> Result<Option<Candidate>, Breakdown> {
    let groups = HitRatioGroup::all(prepared, arrival_rate)?;
    let grid = Grid::new(prepared, &groups);
    let mut workspace = Workspace::default();
    let mut best: Option<Candidate> = None;
    for number in 0..grid.points() {
        let Some(candidate) = grid.candidate(number, &mut workspace) else { continue };
        let cheaper = best.as_ref().is_none_or(|found| candidate.price < found.price);
        if candidate.status == Status::Feasible && cheaper {
            best = Some(candidate);
        }
    }
    Ok(best)
}
