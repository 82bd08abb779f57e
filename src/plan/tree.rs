use std::sync::Arc;

use crate::evaluate::{Prepared, TierLaws, is_layered, system_has_layers};
use crate::model::{Discipline, Fleet, RequestClass, Tier};
use capplan_queueing::queues::EARLY_CROSSING;
use capplan_queueing::units::Price;

use super::grid::{deployment, layered_shares, status};
use super::{Candidate, Factor, Found, HitRatioGroup, Kernel, Survival, TierOptions};

/// Largest miss of a percentile by a bound whose branch is kept: above the error of the inversion, so that rounding
/// never cuts an optimum.
const BOUND_SLACK: f64 = 1e-7;

/// The options of one group of hit ratios that are worth trying, sorted, with their transforms and bounds.
pub(super) struct Tree<'a> {
    pub prepared: &'a Prepared<'a>,
    index: usize,
    pub group: &'a HitRatioGroup,
    pub levels: Vec<Arc<Level>>,
    /// Products of the fastest conceivable options of all tiers after each level.
    pub rests: Vec<Factor>,
    /// Cheapest prices of all tiers after each level.
    pub rest_prices: Vec<Price>,
    /// Whether workers or connections are limited, so that the bounds are not the figures.
    pub layered: bool,
    pub survival: Option<&'a Survival<'a>>,
    /// Largest miss of a percentile by a bound whose branch is kept.
    pub slack: f64,
}

pub(super) struct Level {
    /// Index into the group's options, price and transforms, best first.
    pub options: Vec<(usize, Price, Factor)>,
    /// Transform of the fastest conceivable option: at most each of the options, stochastically.
    ideal: Factor,
}

/// A level that groups with the same options and nodes share.
pub(super) struct KnownLevel<'a> {
    group: &'a HitRatioGroup,
    position: usize,
    level: Arc<Level>,
}

impl Level {
    fn new(prepared: &Prepared<'_>, group: &HitRatioGroup, position: usize, survival: Option<&Survival<'_>>) -> Self {
        let tier = &group.tiers[position];
        let kept = worth_trying(prepared, tier, survival);
        // The dearest first: they are usually the fastest, so that the lower of two laws is soon one of them.
        let ideal = ideal(kept.iter().rev().filter_map(|&pick| tier.options[pick].laws()));
        let factor = |laws: &TierLaws| group.kernel.factor(tier.tier, laws);
        let options = kept
            .iter()
            .filter_map(|&pick| {
                let option = &tier.options[pick];
                Some((pick, option.price, factor(option.laws()?)))
            })
            .collect();
        Self { options, ideal: ideal.map_or_else(|| group.kernel.one(), |laws| factor(&laws)) }
    }
}

impl<'a> Tree<'a> {
    pub fn new(
        prepared: &'a Prepared<'a>,
        index: usize,
        group: &'a HitRatioGroup,
        survival: Option<&'a Survival<'a>>,
        known: &mut Vec<KnownLevel<'a>>,
    ) -> Self {
        let levels: Vec<Arc<Level>> = (0..group.tiers.len())
            .map(|position| {
                let tier = &group.tiers[position];
                let same = known.iter().find(|known| {
                    let other = known.group;
                    known.position == position
                        && Arc::ptr_eq(&other.tiers[position].options, &tier.options)
                        && group.kernel.has_factors_of(tier.tier, &other.kernel)
                });
                let same = same.map(|known| Arc::clone(&known.level));
                same.unwrap_or_else(|| {
                    let level = Arc::new(Level::new(prepared, group, position, survival));
                    known.push(KnownLevel { group, position, level: Arc::clone(&level) });
                    level
                })
            })
            .collect();
        let mut rests = vec![group.kernel.one()];
        let mut rest_prices = vec![Price::ZERO];
        for level in levels.iter().rev() {
            let mut product = group.kernel.one();
            Kernel::multiply(&rests[rests.len() - 1], &level.ideal, &mut product);
            rests.push(product);
            let cheapest = level.options.iter().map(|option| option.1).min().unwrap_or(Price::ZERO);
            rest_prices.push(rest_prices[rest_prices.len() - 1] + cheapest);
        }
        rests.reverse();
        rest_prices.reverse();
        let layered = system_has_layers(prepared);
        Self { prepared, index, group, levels, rests, rest_prices, layered, survival, slack: slack(prepared) }
    }

    /// The candidate made of the fastest option of every tier.
    pub fn fastest(&self) -> Option<Found> {
        let mean = |tier: usize, pick: usize| {
            let laws = self.group.tiers[tier].options[pick].laws();
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
        let mut product = self.group.kernel.start().clone();
        for (tier, &pick) in picks.iter().enumerate() {
            let laws = self.group.tiers[tier].options[pick].laws()?;
            let factor = self.group.kernel.factor(self.group.tiers[tier].tier, laws);
            let from = product.clone();
            Kernel::multiply(&from, &factor, &mut product);
        }
        let mut shares = Vec::new();
        self.group.kernel.shares(&product, &self.group.kernel.one(), &mut shares);
        let mut candidate = self.candidate(picks, shares);
        if self.layered {
            self.complete(&mut candidate);
        }
        Some(Found { deployment: deployment(self.prepared, self.group, &candidate.picks), candidate })
    }

    /// Replaces the bounds by the figures with held workers and connections.
    pub fn complete(&self, candidate: &mut Candidate) {
        match layered_shares(self.prepared, self.group, &candidate.picks) {
            Ok(shares) => {
                let (unavailability, price) = (candidate.unavailability, candidate.price);
                candidate.status = status(self.prepared, &self.group.kernel, &shares, unavailability, price);
                candidate.shares = shares;
            }
            Err(status) => {
                candidate.status = status;
                candidate.shares.clear();
            }
        }
    }

    pub fn candidate(&self, picks: Vec<usize>, shares: Vec<f64>) -> Candidate {
        let options = || picks.iter().zip(&self.group.tiers).map(|(&pick, tier)| &tier.options[pick]);
        let price = self.group.base_price + options().map(|option| option.price).sum();
        let unavailability = self.group.unavailability(&options());
        let status = status(self.prepared, &self.group.kernel, &shares, unavailability, price);
        Candidate { group: self.index, picks, price, shares, unavailability, status }
    }
}

/// Indices of the options that carry their load and that no other option dominates: cheaper first, then faster.
fn worth_trying(prepared: &Prepared<'_>, tier: &TierOptions, survival: Option<&Survival<'_>>) -> Vec<usize> {
    let options = &tier.options;
    // The laws of layered tiers are those of idle tiers and do not tell options apart; laws say nothing about survival.
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

/// Largest miss of a percentile by a bound whose branch is kept: above the error of the inversion and, where a tier that shares its processors has
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

/// Laws that are stochastically at most each of the given laws.
fn ideal<'o>(laws: impl Iterator<Item = &'o TierLaws>) -> Option<TierLaws> {
    laws.cloned()
        .reduce(|one, other| TierLaws { read: one.read.lower(&other.read), write: one.write.lower(&other.write) })
}
