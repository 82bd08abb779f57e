use capplan_queueing::units::Price;

use super::grid::deployment;
use super::survival::FailedDeployments;
use super::tree::Tree;
use super::{Candidate, Found, Kernel, Products, Status};

/// Which objectives a search keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Keep {
    ResponseTime,
    ResponseTimeAndAvailability,
    Everything,
}

impl Tree<'_> {
    /// The cheapest candidate of the tree below a price.
    pub fn cheapest(
        &self,
        keep: Keep,
        limit: Option<Price>,
        fallen: &mut FailedDeployments,
        evaluated: &mut Vec<Candidate>,
    ) -> Option<Found> {
        if self.levels.iter().any(|level| level.options.is_empty()) {
            return None;
        }
        let budget = (keep == Keep::Everything).then_some(self.prepared.system.objectives().budget).flatten();
        let mut descent = Descent {
            tree: self,
            keep,
            budget,
            limit,
            picks: Vec::new(),
            products: vec![self.group.kernel.start().clone(); self.levels.len() + 1],
            shares: Vec::new(),
            best: None,
            fallen,
            evaluated,
        };
        descent.visit(0, self.group.base_price);
        descent
            .best
            .map(|candidate| Found { deployment: deployment(self.prepared, self.group, &candidate.picks), candidate })
    }
}

/// A depth-first walk through a tree, tier by tier.
struct Descent<'t, 'a, 'e> {
    tree: &'t Tree<'a>,
    keep: Keep,
    budget: Option<Price>,
    limit: Option<Price>,
    picks: Vec<usize>,
    products: Vec<Products>,
    shares: Vec<f64>,
    best: Option<Candidate>,
    fallen: &'e mut FailedDeployments,
    evaluated: &'e mut Vec<Candidate>,
}

impl Descent<'_, '_, '_> {
    /// Whether a price can still win: below the best price found, within the budget.
    fn may_win(&self, price: Price) -> bool {
        self.limit.is_none_or(|limit| price < limit) && self.budget.is_none_or(|budget| price <= budget)
    }

    fn visit(&mut self, depth: usize, price: Price) {
        let Some(level) = self.tree.levels.get(depth) else {
            self.finish();
            return;
        };
        let last = depth + 1 == self.tree.levels.len();
        for (pick, option_price, factor) in &level.options {
            let price = price + *option_price;
            if !self.may_win(price + self.tree.rest_prices[depth + 1]) {
                break;
            }
            if !last {
                let (done, rest) = self.products.split_at_mut(depth + 1);
                Kernel::multiply(&done[depth], factor, &mut rest[0]);
                let kernel = &self.tree.group.kernel;
                kernel.shares(&self.products[depth + 1], &self.tree.rests[depth + 1], &mut self.shares);
                if !kernel.met(&self.shares, self.tree.slack) {
                    continue;
                }
                self.picks.push(*pick);
                self.visit(depth + 1, price);
                self.picks.pop();
                continue;
            }
            self.tree.group.kernel.shares(&self.products[depth], factor, &mut self.shares);
            self.picks.push(*pick);
            let won = self.consider();
            self.picks.pop();
            if won {
                break;
            }
        }
    }

    /// The only candidate of a system without options.
    fn finish(&mut self) {
        let kernel = &self.tree.group.kernel;
        kernel.shares(kernel.start(), &kernel.one(), &mut self.shares);
        self.consider();
    }

    /// Evaluates the picks, whose shares are known; `true` when they are the best so far.
    fn consider(&mut self) -> bool {
        let mut candidate = self.tree.candidate(self.picks.clone(), self.shares.clone());
        if self.tree.layered && !matches!(candidate.status, Status::TooSlow { .. }) {
            self.tree.complete(&mut candidate);
        }
        if let (Status::Feasible, Some(survival)) = (candidate.status, self.tree.survival) {
            let deployment = deployment(self.tree.prepared, self.tree.group, &candidate.picks);
            if let Err(fallen) = self.fallen.check(survival, &deployment) {
                candidate.status = fallen.status();
            }
        }
        let good = match (candidate.status, self.keep) {
            (Status::Feasible, _)
            | (Status::OverBudget, Keep::ResponseTime | Keep::ResponseTimeAndAvailability)
            | (Status::Unavailable, Keep::ResponseTime) => true,
            (
                Status::Overloaded { .. }
                | Status::Refuses { .. }
                | Status::Down { .. }
                | Status::TooSlow { .. }
                | Status::NotSurvived { .. },
                _,
            )
            | (Status::Unavailable, Keep::Everything | Keep::ResponseTimeAndAvailability)
            | (Status::OverBudget, Keep::Everything) => false,
        };
        self.evaluated.push(candidate.clone());
        if good {
            self.limit = Some(candidate.price);
            self.best = Some(candidate);
        }
        good
    }
}
