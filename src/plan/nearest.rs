use crate::evaluate::{Prepared, max_refused};

use super::descent::Keep;
use super::grid::deployment;
use super::search::run;
use super::tree::Tree;
use super::{
    Candidate, Found, Missed, Nearest, OptionFigures, Shortfall, Status, TierOptions, Verdict, missed_otherwise,
    missed_response_times,
};

/// The candidate that misses least: one over the budget only, else one that is also less available, else the fastest.
pub(super) fn nearest(prepared: &Prepared<'_>, trees: &[Tree<'_>]) -> Option<Nearest> {
    let mut ignored = Vec::new();
    let found = run(trees, Keep::ResponseTimeAndAvailability, &mut ignored)
        .or_else(|| run(trees, Keep::ResponseTime, &mut ignored))
        .or_else(|| fastest(trees))
        .or_else(|| least_overloaded(prepared, trees))?;
    let mut shortfalls = no_steady_state(prepared, &trees[found.candidate.group], &found.candidate.picks);
    shortfalls.extend(missed_response_times(prepared.system, &found.candidate.shares));
    shortfalls.extend(missed_otherwise(prepared.system, found.candidate.unavailability, found.candidate.price));
    Some(Nearest { found, shortfalls })
}

/// The candidate made of the fastest option of every tier, of the group where it is fastest.
fn fastest(trees: &[Tree<'_>]) -> Option<Found> {
    let mut best: Option<Found> = None;
    for tree in trees {
        let Some(found) = tree.fastest() else { continue };
        let worst = |candidate: &Candidate| candidate.shares.iter().copied().fold(1.0, f64::min);
        if best.as_ref().is_none_or(|other| worst(&found.candidate) > worst(&other.candidate)) {
            best = Some(found);
        }
    }
    best
}

/// The candidate that comes nearest to carrying the load where none does: in every tier the cheapest option that carries
/// it, else the one that is least overloaded, of the group whose worst tier is least overloaded.
fn least_overloaded(prepared: &Prepared<'_>, trees: &[Tree<'_>]) -> Option<Found> {
    let candidates = trees.iter().filter_map(|tree| {
        let options = tree.group.tiers.iter().map(|tier| &tier.options);
        let picks: Vec<usize> = options
            .map(|options| {
                (0..options.len()).min_by(|&a, &b| {
                    let (one, other) = (&options[a], &options[b]);
                    overload(one).total_cmp(&overload(other)).then(one.price.cmp(&other.price))
                })
            })
            .collect::<Option<_>>()?;
        let worst = picks.iter().zip(&tree.group.tiers).map(|(&pick, tier)| overload(&tier.options[pick]));
        Some((worst.fold(0.0, f64::max), tree, picks))
    });
    let (_, tree, picks) = candidates.min_by(|(one, ..), (other, ..)| one.total_cmp(other))?;
    let deployment = deployment(prepared, tree.group, &picks);
    let broken = |(tier, &pick): (usize, &usize)| match tree.group.tiers[tier].options[pick].verdict {
        Verdict::Usable { .. } => None,
        Verdict::Overloaded { utilization } => Some(Status::Overloaded { tier, utilization }),
        Verdict::Refuses { share } => Some(Status::Refuses { tier, share }),
        Verdict::Down => Some(Status::Down { tier }),
    };
    let status = picks.iter().enumerate().find_map(broken)?;
    Some(Found { candidate: Candidate { status, ..tree.candidate(picks, Vec::new()) }, deployment })
}

/// Offered work as a share of the capacity after the loss designed for; 0 where the load is carried, infinite where no
/// instance is left.
fn overload(option: &OptionFigures) -> f64 {
    match option.verdict {
        Verdict::Usable { .. } => 0.0,
        // More than any load that is carried, less than any that is not.
        Verdict::Refuses { share } => share,
        Verdict::Overloaded { utilization } => utilization,
        Verdict::Down => f64::INFINITY,
    }
}

/// The tiers that do not reach a steady state with the options picked.
fn no_steady_state(prepared: &Prepared<'_>, tree: &Tree<'_>, picks: &[usize]) -> Vec<Shortfall> {
    let shortfall = |(tier, &pick): (&TierOptions, &usize)| {
        let name = || prepared.system.tiers()[tier.tier].name.clone();
        match tier.options[pick].verdict {
            Verdict::Usable { .. } => None,
            Verdict::Overloaded { utilization } => {
                Some(Shortfall { objective: Missed::Capacity { tier: name() }, limit: 1.0, actual: utilization })
            }
            Verdict::Refuses { share } => Some(Shortfall {
                objective: Missed::Refused { tier: name() },
                limit: prepared.system.tiers()[tier.tier].fleet().map_or(1.0, max_refused),
                actual: share,
            }),
            Verdict::Down => Some(Shortfall { objective: Missed::Survivors { tier: name() }, limit: 1.0, actual: 0.0 }),
        }
    };
    tree.group.tiers.iter().zip(picks).filter_map(shortfall).collect()
}
