use std::sync::Arc;

use crate::evaluate::{Breakdown, Condition, Prepared, objective_shares, system_has_layers};
use crate::model::Deployment;
use capplan_queueing::units::Price;

use super::{Candidate, Factor, HitRatioGroup, Kernel, OptionFigures, Products, Status, TierOptions, Verdict};

/// The whole grid of candidates of a system at one load, in a fixed order, each evaluated on its own.
///
/// Candidates are numbered group by group; within one the last tier's options change fastest.
#[derive(Debug)]
pub struct Grid<'a> {
    prepared: &'a Prepared<'a>,
    groups: &'a [HitRatioGroup],
    /// First number of each group, and the end.
    starts: Vec<u64>,
    /// For each group, tier and option the transforms; `None` for options that cannot be used.
    factors: Vec<Vec<Arc<[Option<Factor>]>>>,
}

/// The buffers of one thread, so that evaluating a candidate allocates nothing.
#[derive(Debug, Default, Clone)]
pub struct Workspace {
    prefixes: Vec<Products>,
    picks: Vec<usize>,
    group: Option<usize>,
    shares: Vec<f64>,
}

impl<'a> Grid<'a> {
    /// Computes the transforms of every option.
    pub fn new(prepared: &'a Prepared<'a>, groups: &'a [HitRatioGroup]) -> Self {
        let mut factors: Vec<Vec<Arc<[Option<Factor>]>>> = Vec::with_capacity(groups.len());
        for (index, group) in groups.iter().enumerate() {
            let before = index.checked_sub(1);
            let of_tier = |(position, tier): (usize, &TierOptions)| -> Arc<[Option<Factor>]> {
                let known = before.filter(|&before| {
                    Arc::ptr_eq(&groups[before].tiers[position].options, &tier.options)
                        && group.kernel.has_factors_of(tier.tier, &groups[before].kernel)
                });
                known.map_or_else(
                    || {
                        let factor =
                            |option: &OptionFigures| option.laws().map(|laws| group.kernel.factor(tier.tier, laws));
                        tier.options.iter().map(factor).collect()
                    },
                    |before| Arc::clone(&factors[before][position]),
                )
            };
            let row = group.tiers.iter().enumerate().map(of_tier).collect();
            factors.push(row);
        }
        let mut starts = vec![0];
        for group in groups {
            starts.push(starts[starts.len() - 1] + group.points());
        }
        Self { prepared, groups, starts, factors }
    }

    /// Number of candidates.
    pub fn points(&self) -> u64 {
        self.starts[self.starts.len() - 1]
    }

    /// The groups.
    pub const fn groups(&self) -> &[HitRatioGroup] {
        self.groups
    }

    /// Evaluates candidate `number`, whose figures `visit` is given: group, options, candidate.
    pub fn evaluate<T>(
        &self,
        number: u64,
        workspace: &mut Workspace,
        visit: impl FnOnce(&HitRatioGroup, &[usize], Assessed<'_>) -> T,
    ) -> Option<T> {
        let index = self.starts.partition_point(|&start| start <= number).checked_sub(1)?;
        let group = self.groups.get(index)?;
        let mut rest = number - self.starts[index];
        let tiers = group.tiers.len();
        let changed_from = workspace.select(index, tiers, |picks| {
            let mut first_change = tiers;
            for position in (0..tiers).rev() {
                let count = group.tiers[position].options.len() as u64;
                let pick = usize::try_from(rest % count).unwrap_or(0);
                rest /= count;
                if picks[position] != pick {
                    picks[position] = pick;
                    first_change = position;
                }
            }
            first_change
        });
        let assessed = self.assess(index, group, workspace, changed_from);
        Some(visit(group, &workspace.picks, assessed.with(&workspace.shares)))
    }

    fn assess(&self, index: usize, group: &HitRatioGroup, workspace: &mut Workspace, changed_from: usize) -> Figures {
        let picks = &workspace.picks;
        let option = |position: usize| &group.tiers[position].options[picks[position]];
        let tiers = picks.len();
        let price = group.base_price + (0..tiers).map(|position| option(position).price).sum();
        let unavailability = group.unavailability(&(0..tiers).map(option));
        workspace.shares.clear();
        for position in 0..tiers {
            let status = match option(position).verdict {
                Verdict::Usable { .. } => continue,
                Verdict::Overloaded { utilization } => Status::Overloaded { tier: position, utilization },
                Verdict::Refuses { share } => Status::Refuses { tier: position, share },
                Verdict::Down => Status::Down { tier: position },
            };
            workspace.group = None;
            return Figures { price, unavailability, status };
        }
        let kernel = &group.kernel;
        if system_has_layers(self.prepared) {
            workspace.group = None;
            let status = match layered_shares(self.prepared, group, &workspace.picks) {
                Ok(shares) => {
                    workspace.shares = shares;
                    status(self.prepared, kernel, &workspace.shares, unavailability, price)
                }
                Err(status) => status,
            };
            return Figures { price, unavailability, status };
        }
        let factors = &self.factors[index];
        let mut product = kernel.start();
        let (last, before) = match tiers.checked_sub(1) {
            Some(last) => (factors[last][picks[last]].as_ref(), last),
            None => (None, 0),
        };
        if workspace.prefixes.len() < before {
            workspace.prefixes.resize_with(before, || Factor::clone(kernel.start()));
        }
        for position in 0..before {
            if position >= changed_from || workspace.group != Some(index) {
                let Some(factor) = &factors[position][picks[position]] else { continue };
                let (done, rest) = workspace.prefixes.split_at_mut(position);
                let from = done.last().unwrap_or(kernel.start());
                Kernel::multiply(from, factor, &mut rest[0]);
            }
            product = &workspace.prefixes[position];
        }
        match last {
            Some(factor) => kernel.shares(product, factor, &mut workspace.shares),
            None => kernel.shares(product, &kernel.one(), &mut workspace.shares),
        }
        workspace.group = Some(index);
        let status = status(self.prepared, kernel, &workspace.shares, unavailability, price);
        Figures { price, unavailability, status }
    }

    /// A candidate as a record of its own.
    pub fn candidate(&self, number: u64, workspace: &mut Workspace) -> Option<Candidate> {
        let index = self.starts.partition_point(|&start| start <= number).checked_sub(1)?;
        self.evaluate(number, workspace, |_, picks, assessed| Candidate {
            group: index,
            picks: picks.to_vec(),
            price: assessed.price,
            shares: assessed.shares.to_vec(),
            unavailability: assessed.unavailability,
            status: assessed.status,
        })
    }
}

/// Figures of a candidate, without its shares.
struct Figures {
    price: Price,
    unavailability: f64,
    status: Status,
}

impl Figures {
    const fn with(self, shares: &[f64]) -> Assessed<'_> {
        Assessed { price: self.price, unavailability: self.unavailability, status: self.status, shares }
    }
}

/// A candidate's figures, borrowed from the workspace of the thread that computed them.
#[derive(Debug, Clone, Copy)]
pub struct Assessed<'a> {
    /// Price of the whole.
    pub price: Price,
    /// Share of time down.
    pub unavailability: f64,
    /// Whether it meets every objective.
    pub status: Status,
    /// Share of requests within each objective; empty where there is no steady state.
    pub shares: &'a [f64],
}

impl Workspace {
    fn select(&mut self, group: usize, tiers: usize, choose: impl FnOnce(&mut [usize]) -> usize) -> usize {
        if self.group != Some(group) || self.picks.len() != tiers {
            self.picks.clear();
            self.picks.resize(tiers, 0);
            choose(&mut self.picks);
            return 0;
        }
        choose(&mut self.picks)
    }
}

pub(super) fn status(
    prepared: &Prepared<'_>,
    kernel: &Kernel,
    shares: &[f64],
    unavailability: f64,
    price: Price,
) -> Status {
    let objectives = prepared.system.objectives();
    if !kernel.met(shares, 0.0) {
        let missed = objectives.response_times.iter().zip(shares).position(|(o, &share)| share < o.percentile);
        return Status::TooSlow { objective: missed.unwrap_or(0) };
    }
    if objectives.availability.is_some_and(|wanted| 1.0 - unavailability < wanted.get()) {
        return Status::Unavailable;
    }
    if objectives.budget.is_some_and(|budget| price > budget) {
        return Status::OverBudget;
    }
    Status::Feasible
}

/// The shares of a candidate of a system with limits on workers or connections, whose tiers are not separable; or why
/// there are none.
pub(super) fn layered_shares(
    prepared: &Prepared<'_>,
    group: &HitRatioGroup,
    picks: &[usize],
) -> Result<Vec<f64>, Status> {
    let deployment = deployment(prepared, group, picks);
    objective_shares(prepared, &deployment, group.arrival_rate, Condition::DesignLoss).map_err(|breakdown| {
        let position = |name: &str| {
            let found = group.tiers.iter().position(|tier| prepared.system.tiers()[tier.tier].name == name);
            found.unwrap_or(0)
        };
        match breakdown {
            Breakdown::Overloaded { tier, utilization } => Status::Overloaded { tier: position(&tier), utilization },
            Breakdown::Down { tier } | Breakdown::Unsolved { tier, .. } => Status::Down { tier: position(&tier) },
        }
    })
}

/// The deployment that picks stand for.
pub(super) fn deployment(prepared: &Prepared<'_>, group: &HitRatioGroup, picks: &[usize]) -> Deployment {
    let mut choices = vec![None; prepared.system.tiers().len()];
    for (tier, &pick) in group.tiers.iter().zip(picks) {
        let option: &OptionFigures = &tier.options[pick];
        choices[tier.tier] = Some(option.choice);
    }
    Deployment { choices }
}
