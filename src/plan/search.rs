use std::sync::Arc;

use crate::evaluate::{Breakdown, Prepared, TierLaws, is_layered, system_has_layers};
use crate::model::{Deployment, Discipline, Fleet, RequestClass, Tier};
use capplan_queueing::queues::EARLY_CROSSING;
use capplan_queueing::units::Price;

use super::grid::{Workspace, deployment, layered_shares, status};
use super::survival::Fallen;
use super::{
    Candidate, Factor, Grid, Kernel, Products, Scenario, ScenarioTier, Shortfall, Status, Survival, Unsurvived,
    missed_unsurvived,
};

/// How far a bound may miss a percentile before its branch is cut: above the error of the inversion, so that rounding
/// never cuts an optimum.
const BOUND_SLACK: f64 = 1e-7;

/// What a search found.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Number of candidates of the grid.
    pub points: u64,
    /// The scenarios that candidates refer to.
    pub scenarios: Vec<Scenario>,
    /// Candidates that the search had to evaluate, in the order of the search.
    pub evaluated: Vec<Candidate>,
    /// The cheapest candidate that keeps every promise.
    pub best: Option<Found>,
    /// Where there is none, the nearest to one.
    pub nearest: Option<Nearest>,
}

/// A candidate and the deployment that it stands for.
#[derive(Debug, Clone)]
pub struct Found {
    /// The candidate.
    pub candidate: Candidate,
    /// The deployment.
    pub deployment: Deployment,
}

/// A candidate that fails, and by how much.
#[derive(Debug, Clone)]
pub struct Nearest {
    /// The candidate.
    pub found: Found,
    /// What it misses.
    pub shortfalls: Vec<Shortfall>,
}

/// Which promises a search keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Keep {
    ResponseTime,
    ResponseTimeAndAvailability,
    Everything,
}

/// Returns the cheapest candidate of all scenarios that keeps every promise.
///
/// # Method
///
/// Branch and bound, exact: the answer is the optimum of the whole grid, ties by the order of options (cheaper first,
/// then faster, then the order of the model), the first tier deciding first.
///
/// 1. Options that cannot carry their load go; so do options that another dominates: no dearer, stochastically no
///    slower, available no less in any state of the zones.
/// 2. Tier by tier, options in order of price. A branch is cut when its price and the cheapest rest reach the best
///    found, or when even the fastest imaginable rest misses an objective.
///
/// # Errors
///
/// [`Breakdown::Unsolved`] from the scenarios.
pub fn search(prepared: &Prepared<'_>, arrival_rate: f64) -> Result<Outcome, Breakdown> {
    found(prepared, arrival_rate, None)
}

/// Returns the cheapest candidate of all scenarios that keeps every promise and comes through what it must survive.
///
/// # Method
///
/// As [`search`], with two differences. Options below the least counts of `survival` go, and none goes because another
/// dominates it, for the dominating one may be the one that falls. A candidate that keeps its objectives is then followed
/// through every scenario, in order of price, until one comes through.
///
/// # Accuracy
///
/// The optimum, if more instances of the same type never fare worse in a scenario.
///
/// # Errors
///
/// As [`search`].
pub fn search_surviving(
    prepared: &Prepared<'_>,
    arrival_rate: f64,
    survival: &Survival<'_>,
) -> Result<Outcome, Breakdown> {
    found(prepared, arrival_rate, Some(survival))
}

fn found(prepared: &Prepared<'_>, arrival_rate: f64, survival: Option<&Survival<'_>>) -> Result<Outcome, Breakdown> {
    let scenarios = Scenario::all(prepared, arrival_rate)?;
    let points = scenarios.iter().map(Scenario::points).sum();
    let mut evaluated = Vec::new();
    let trees_surviving = trees(prepared, &scenarios, survival);
    let mut best = run(&trees_surviving, Keep::Everything, &mut evaluated);
    drop(trees_surviving);
    let mut nearest = None;
    if best.is_none() {
        // What misses no more than a scenario is nearer than what misses an objective.
        let trees = trees(prepared, &scenarios, None);
        best = survival.and_then(|_| run(&trees, Keep::Everything, &mut Vec::new()));
        nearest = match (best.take(), survival) {
            (Some(found), Some(survival)) => {
                let fallen = (survival.check)(&found.deployment).err();
                let shortfalls = fallen.and_then(|fallen| missed_unsurvived(prepared.system, fallen));
                Some(Nearest { found: fell(found, fallen), shortfalls: shortfalls.into_iter().collect() })
            }
            _ => super::nearest::nearest(prepared, &trees),
        };
    }
    Ok(Outcome { points, scenarios, evaluated, best, nearest })
}

fn fell(found: Found, fallen: Option<Unsurvived>) -> Found {
    let Found { candidate, deployment } = found;
    let status = fallen.map_or(candidate.status, Unsurvived::status);
    Found { candidate: Candidate { status, ..candidate }, deployment }
}

/// The cheapest candidate of scenarios that are already made.
pub(super) fn cheapest(prepared: &Prepared<'_>, scenarios: &[Scenario]) -> Option<Found> {
    run(&trees(prepared, scenarios, None), Keep::Everything, &mut Vec::new())
}

fn trees<'a>(
    prepared: &'a Prepared<'a>,
    scenarios: &'a [Scenario],
    survival: Option<&'a Survival<'a>>,
) -> Vec<Tree<'a>> {
    let mut known = Vec::new();
    let tree = |(index, scenario)| Tree::new(prepared, index, scenario, survival, &mut known);
    scenarios.iter().enumerate().map(tree).collect()
}

pub(super) fn run(trees: &[Tree<'_>], keep: Keep, evaluated: &mut Vec<Candidate>) -> Option<Found> {
    let mut best: Option<Found> = None;
    let mut fallen = Fallen::default();
    for tree in trees {
        let limit = best.as_ref().map(|found| found.candidate.price);
        if let Some(found) = tree.cheapest(keep, limit, &mut fallen, evaluated) {
            best = Some(found);
        }
    }
    best
}

/// The options of one scenario that are worth trying, sorted, with their transforms and bounds.
pub(super) struct Tree<'a> {
    prepared: &'a Prepared<'a>,
    index: usize,
    pub scenario: &'a Scenario,
    levels: Vec<Arc<Level>>,
    /// Products of the fastest imaginable options of all tiers after each level.
    rests: Vec<Factor>,
    /// Cheapest prices of all tiers after each level.
    rest_prices: Vec<Price>,
    /// Whether workers or connections are limited, so that the bounds are not the figures.
    layered: bool,
    survival: Option<&'a Survival<'a>>,
    /// How far a bound may miss a percentile before its branch is cut.
    slack: f64,
}

struct Level {
    /// Index into the scenario's options, price and transforms, best first.
    options: Vec<(usize, Price, Factor)>,
    /// Transform of the fastest imaginable option.
    ideal: Factor,
}

/// A level that scenarios with the same options and nodes share.
struct KnownLevel<'a> {
    scenario: &'a Scenario,
    position: usize,
    level: Arc<Level>,
}

impl Level {
    fn new(prepared: &Prepared<'_>, scenario: &Scenario, position: usize, survival: Option<&Survival<'_>>) -> Self {
        let tier = &scenario.tiers[position];
        let kept = worth_trying(prepared, tier, survival);
        // The dearest first: they are the fastest, so that one of them is soon the lower of any two.
        let ideal = ideal(kept.iter().rev().filter_map(|&pick| tier.options[pick].laws()));
        let factor = |laws: &TierLaws| scenario.kernel.factor(tier.tier, laws);
        let options = kept
            .iter()
            .filter_map(|&pick| {
                let option = &tier.options[pick];
                Some((pick, option.price, factor(option.laws()?)))
            })
            .collect();
        Self { options, ideal: ideal.map_or_else(|| scenario.kernel.one(), |laws| factor(&laws)) }
    }
}

impl<'a> Tree<'a> {
    fn new(
        prepared: &'a Prepared<'a>,
        index: usize,
        scenario: &'a Scenario,
        survival: Option<&'a Survival<'a>>,
        known: &mut Vec<KnownLevel<'a>>,
    ) -> Self {
        let levels: Vec<Arc<Level>> = (0..scenario.tiers.len())
            .map(|position| {
                let tier = &scenario.tiers[position];
                let same = known.iter().find(|known| {
                    let other = known.scenario;
                    known.position == position
                        && Arc::ptr_eq(&other.tiers[position].options, &tier.options)
                        && scenario.kernel.has_factors_of(tier.tier, &other.kernel)
                });
                let same = same.map(|known| Arc::clone(&known.level));
                same.unwrap_or_else(|| {
                    let level = Arc::new(Level::new(prepared, scenario, position, survival));
                    known.push(KnownLevel { scenario, position, level: Arc::clone(&level) });
                    level
                })
            })
            .collect();
        let mut rests = vec![scenario.kernel.one()];
        let mut rest_prices = vec![Price::ZERO];
        for level in levels.iter().rev() {
            let mut product = scenario.kernel.one();
            Kernel::multiply(&rests[rests.len() - 1], &level.ideal, &mut product);
            rests.push(product);
            let cheapest = level.options.iter().map(|option| option.1).min().unwrap_or(Price::ZERO);
            rest_prices.push(rest_prices[rest_prices.len() - 1] + cheapest);
        }
        rests.reverse();
        rest_prices.reverse();
        let layered = system_has_layers(prepared);
        Self { prepared, index, scenario, levels, rests, rest_prices, layered, survival, slack: slack(prepared) }
    }

    fn cheapest(
        &self,
        keep: Keep,
        limit: Option<Price>,
        fallen: &mut Fallen,
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
            products: vec![self.scenario.kernel.start().clone(); self.levels.len() + 1],
            shares: Vec::new(),
            best: None,
            fallen,
            evaluated,
        };
        descent.visit(0, self.scenario.base_price);
        descent.best.map(|candidate| Found {
            deployment: deployment(self.prepared, self.scenario, &candidate.picks),
            candidate,
        })
    }

    pub fn fastest(&self) -> Option<Found> {
        let mean = |tier: usize, pick: usize| {
            let laws = self.scenario.tiers[tier].options[pick].laws();
            laws.map_or(f64::INFINITY, |laws| laws.read.mean() + laws.write.mean())
        };
        let picks: Vec<usize> = self
            .levels
            .iter()
            .enumerate()
            .map(|(tier, level)| {
                level.options.iter().map(|option| option.0).min_by(|&a, &b| mean(tier, a).total_cmp(&mean(tier, b)))
            })
            .collect::<Option<_>>()?;
        let mut product = self.scenario.kernel.start().clone();
        for (tier, &pick) in picks.iter().enumerate() {
            let laws = self.scenario.tiers[tier].options[pick].laws()?;
            let factor = self.scenario.kernel.factor(self.scenario.tiers[tier].tier, laws);
            let from = product.clone();
            Kernel::multiply(&from, &factor, &mut product);
        }
        let mut shares = Vec::new();
        self.scenario.kernel.shares(&product, &self.scenario.kernel.one(), &mut shares);
        let mut candidate = self.candidate(picks, shares);
        if self.layered {
            self.complete(&mut candidate);
        }
        Some(Found { deployment: deployment(self.prepared, self.scenario, &candidate.picks), candidate })
    }

    /// Puts the figures of held workers and connections in the place of the bounds.
    fn complete(&self, candidate: &mut Candidate) {
        match layered_shares(self.prepared, self.scenario, &candidate.picks) {
            Ok(shares) => {
                let (unavailability, price) = (candidate.unavailability, candidate.price);
                candidate.status = status(self.prepared, &self.scenario.kernel, &shares, unavailability, price);
                candidate.shares = shares;
            }
            Err(status) => {
                candidate.status = status;
                candidate.shares.clear();
            }
        }
    }

    pub fn candidate(&self, picks: Vec<usize>, shares: Vec<f64>) -> Candidate {
        let options = || picks.iter().zip(&self.scenario.tiers).map(|(&pick, tier)| &tier.options[pick]);
        let price = self.scenario.base_price + options().map(|option| option.price).sum();
        let unavailability = self.scenario.unavailability(&options());
        let status = status(self.prepared, &self.scenario.kernel, &shares, unavailability, price);
        Candidate { scenario: self.index, picks, price, shares, unavailability, status }
    }
}

struct Descent<'t, 'a, 'e> {
    tree: &'t Tree<'a>,
    keep: Keep,
    budget: Option<Price>,
    limit: Option<Price>,
    picks: Vec<usize>,
    products: Vec<Products>,
    shares: Vec<f64>,
    best: Option<Candidate>,
    fallen: &'e mut Fallen,
    evaluated: &'e mut Vec<Candidate>,
}

impl Descent<'_, '_, '_> {
    /// Whether a price can still be the best: below what was found, within the budget.
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
                let kernel = &self.tree.scenario.kernel;
                kernel.shares(&self.products[depth + 1], &self.tree.rests[depth + 1], &mut self.shares);
                if !kernel.met(&self.shares, self.tree.slack) {
                    continue;
                }
                self.picks.push(*pick);
                self.visit(depth + 1, price);
                self.picks.pop();
                continue;
            }
            self.tree.scenario.kernel.shares(&self.products[depth], factor, &mut self.shares);
            self.picks.push(*pick);
            let won = self.consider();
            self.picks.pop();
            if won {
                break;
            }
        }
    }

    /// A system without options has one candidate.
    fn finish(&mut self) {
        let kernel = &self.tree.scenario.kernel;
        kernel.shares(kernel.start(), &kernel.one(), &mut self.shares);
        self.consider();
    }

    /// Evaluates the picks, whose shares are known; true when they are the best so far.
    fn consider(&mut self) -> bool {
        let mut candidate = self.tree.candidate(self.picks.clone(), self.shares.clone());
        if self.tree.layered && !matches!(candidate.status, Status::TooSlow { .. }) {
            self.tree.complete(&mut candidate);
        }
        if let (Status::Feasible, Some(survival)) = (candidate.status, self.tree.survival) {
            let deployment = deployment(self.tree.prepared, self.tree.scenario, &candidate.picks);
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

/// Indices of the options that carry their load and that no better one dominates: cheaper first, then faster.
fn worth_trying(prepared: &Prepared<'_>, tier: &ScenarioTier, survival: Option<&Survival<'_>>) -> Vec<usize> {
    let options = &tier.options;
    // Their laws are those of idle tiers, which do not tell them apart; nor do laws tell how a scenario is survived.
    let held = survival.is_some() || is_layered(prepared.system, tier.tier);
    let mean = |pick: usize| options[pick].laws().map_or(f64::INFINITY, |laws| laws.read.mean() + laws.write.mean());
    let mut order: Vec<usize> = (0..options.len()).filter(|&pick| options[pick].laws().is_some()).collect();
    order.retain(|&pick| survival.is_none_or(|survival| survival.allows(tier.tier, options[pick].choice)));
    order.sort_by(|&a, &b| options[a].price.cmp(&options[b].price).then(mean(a).total_cmp(&mean(b))).then(a.cmp(&b)));
    let by_availability = prepared.system.objectives().availability.is_some();
    let mut kept: Vec<usize> = Vec::new();
    for pick in order {
        let dominated = kept.iter().any(|&better| {
            let faster = !held
                && match (options[better].laws(), options[pick].laws()) {
                    (Some(one), Some(other)) => one.at_most(other),
                    _ => false,
                };
            let safer = !by_availability
                || options[better].unavailability.iter().zip(&options[pick].unavailability).all(|(a, b)| a <= b);
            faster && safer
        });
        if !dominated {
            kept.push(pick);
        }
    }
    kept
}

/// How far a bound may miss a percentile: above the error of the inversion and, where a tier that shares its processors has
/// service steadier than exponential, above the crossing of such laws at each visit of a request.
fn slack(prepared: &Prepared<'_>) -> f64 {
    let system = prepared.system;
    let steady = |fleet: &Fleet| fleet.discipline == Discipline::ProcessorSharing && fleet.service_scv < 1.0;
    if !system.tiers().iter().filter_map(Tier::fleet).any(steady) {
        return BOUND_SLACK;
    }
    // Each look-up in a cache may become a visit to what stands behind it.
    let visits_of = |class: &RequestClass| -> f64 {
        class.visits.iter().map(|visits| 2.0 * (visits.reads + visits.writes).ceil()).sum()
    };
    BOUND_SLACK + EARLY_CROSSING * system.classes().iter().map(visits_of).fold(0.0, f64::max)
}

/// Laws that are stochastically at most each of the given ones.
fn ideal<'o>(laws: impl Iterator<Item = &'o TierLaws>) -> Option<TierLaws> {
    laws.cloned()
        .reduce(|one, other| TierLaws { read: one.read.lower(&other.read), write: one.write.lower(&other.write) })
}

/// Finds the optimum by evaluating every candidate: slow, and the measure of [`search`].
///
/// # Errors
///
/// [`Breakdown::Unsolved`] from the scenarios.
pub fn brute_force(prepared: &Prepared<'_>, arrival_rate: f64) -> Result<Option<Candidate>, Breakdown> {
    let scenarios = Scenario::all(prepared, arrival_rate)?;
    let grid = Grid::new(prepared, &scenarios);
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
