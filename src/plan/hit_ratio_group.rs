use std::sync::Arc;

use crate::evaluate::{
    Breakdown, Condition, Flow, Flows, HitRatios, Prepared, combined, network_cost, request_load, tier_price,
    tier_unavailability, zone_states,
};
use crate::model::{Choice, FleetRole};
use capplan_queueing::availability::ZoneStates;
use capplan_queueing::units::Price;

use super::options::choices;
use super::{Kernel, OptionFigures};

/// All candidates that share the hit ratios of their caches, so that every tier has one flow.
#[derive(Debug, Clone)]
pub struct HitRatioGroup {
    /// Hit ratios with nothing lost.
    pub normal_hits: HitRatios,
    /// Hit ratios after the loss that the system is designed for.
    pub design_hits: HitRatios,
    /// Requests per second.
    pub arrival_rate: f64,
    /// Visits per second with nothing lost.
    pub flows: Flows,
    /// The tiers with options, in the order of the system.
    pub tiers: Vec<TierOptions>,
    /// Price of all other tiers and of data transfer.
    pub base_price: Price,
    /// Unavailability of all other tiers, by state of the zones.
    pub base_unavailability: Vec<f64>,
    /// Probability of each state of the zones.
    pub state_probabilities: Vec<f64>,
    /// The response-time objectives.
    pub(super) kernel: Kernel,
}

/// A tier and its options within a group; groups in which its flow is the same share them.
#[derive(Debug, Clone)]
pub struct TierOptions {
    /// Index of the tier in the system.
    pub tier: usize,
    /// Options: types in the order of the model, counts rising.
    pub options: Arc<[OptionFigures]>,
}

impl HitRatioGroup {
    /// Makes the groups of a system at an arrival rate: one for each combination of hit ratios.
    ///
    /// # Errors
    ///
    /// [`Breakdown::Unsolved`] where a cache or the flows have no solution, [`Breakdown::Overloaded`] where a managed service
    /// takes fewer requests than there are.
    pub fn all(prepared: &Prepared<'_>, arrival_rate: f64) -> Result<Vec<Self>, Breakdown> {
        let states = zone_states(prepared.system)?;
        let tiers = prepared.system.tiers();
        let mut combinations: Vec<Vec<CacheOptions>> = vec![Vec::new()];
        for (index, tier) in tiers.iter().enumerate() {
            let Some(fleet) = tier.fleet() else { continue };
            if !matches!(fleet.role, FleetRole::Cache(_)) {
                continue;
            }
            let caches = cache_options(prepared, index, choices(fleet), arrival_rate)?;
            combinations = combinations
                .iter()
                .flat_map(|chosen| {
                    caches.iter().map(move |cache| chosen.iter().cloned().chain([cache.clone()]).collect())
                })
                .collect();
        }
        let mut known = Vec::new();
        combinations.iter().map(|caches| Self::new(prepared, &states, arrival_rate, caches, &mut known)).collect()
    }

    fn new(
        prepared: &Prepared<'_>,
        states: &ZoneStates,
        arrival_rate: f64,
        caches: &[CacheOptions],
        known: &mut Vec<KnownOptions>,
    ) -> Result<Self, Breakdown> {
        let system = prepared.system;
        let mut normal_hits: HitRatios = vec![None; system.tiers().len()];
        let mut design_hits = normal_hits.clone();
        for cache in caches {
            normal_hits[cache.tier] = Some(cache.normal);
            design_hits[cache.tier] = Some(cache.design);
        }
        let flows = prepared.flows(arrival_rate, &normal_hits)?;
        let design_flows = prepared.flows(arrival_rate, &design_hits)?;
        let mut searched_tiers = Vec::new();
        let mut base_price = Price::ZERO;
        let mut base_unavailability = vec![0.0; states.iter().count()];
        for (index, tier) in system.tiers().iter().enumerate() {
            if let Some(fleet) = tier.fleet() {
                let evaluated = |choice| OptionFigures::new(prepared, states, index, choice, &flows, &design_flows);
                let options = if let Some(cache) = caches.iter().find(|cache| cache.tier == index) {
                    cache.choices.iter().filter_map(|&choice| evaluated(choice)).collect()
                } else {
                    let flow = [flows[index], design_flows[index]];
                    let same = known.iter().find(|known| known.tier == index && known.flow == flow);
                    let same = same.map(|known| Arc::clone(&known.options));
                    same.unwrap_or_else(|| {
                        let options: Arc<[OptionFigures]> = choices(fleet).filter_map(evaluated).collect();
                        known.push(KnownOptions { tier: index, flow, options: Arc::clone(&options) });
                        options
                    })
                };
                searched_tiers.push(TierOptions { tier: index, options });
            } else {
                for flows in [&flows, &design_flows] {
                    // No option of another tier can change it.
                    if let Some(utilization) = request_load(tier, flows[index].total()).filter(|&load| load >= 1.0) {
                        return Err(Breakdown::Overloaded { tier: tier.name.clone(), utilization });
                    }
                }
                base_price = base_price + tier_price(tier, None, flows[index].total());
                let (by_state, _) = tier_unavailability(system, states, tier, None, Flow::default());
                for (total, u) in base_unavailability.iter_mut().zip(by_state) {
                    *total = combined([*total, u]);
                }
            }
        }
        let visits: Vec<f64> = flows.iter().map(|flow| flow.total()).collect();
        if let Some(cost) = network_cost(system, arrival_rate, &visits) {
            base_price = base_price + cost.total();
        }
        let searched: Vec<usize> = searched_tiers.iter().map(|tier| tier.tier).collect();
        let kernel = Kernel::new(prepared, &design_hits, &searched);
        let region_down = 1.0 - system.region().availability.get();
        for total in &mut base_unavailability {
            *total = combined([*total, region_down]);
        }
        Ok(Self {
            normal_hits,
            design_hits,
            arrival_rate,
            flows,
            tiers: searched_tiers,
            base_price,
            base_unavailability,
            state_probabilities: states.iter().map(|(_, probability)| probability).collect(),
            kernel,
        })
    }

    /// The same options under the objectives of another system that is equal in every other respect.
    #[must_use]
    pub fn under(&self, prepared: &Prepared<'_>) -> Self {
        let searched: Vec<usize> = self.tiers.iter().map(|tier| tier.tier).collect();
        Self { kernel: Kernel::new(prepared, &self.design_hits, &searched), ..self.clone() }
    }

    /// Number of candidates.
    pub fn points(&self) -> u64 {
        self.tiers.iter().map(|tier| tier.options.len() as u64).product()
    }

    /// Unavailability of the whole for one option per tier.
    pub fn unavailability<'o>(&self, options: &(impl Iterator<Item = &'o OptionFigures> + Clone)) -> f64 {
        let mut total = 0.0;
        for (state, &probability) in self.state_probabilities.iter().enumerate() {
            let base = self.base_unavailability[state];
            let down = options.clone().fold(base, |sum, option| sum + option.unavailability[state] * (1.0 - sum));
            total += probability * down;
        }
        total
    }
}

/// The options of a tier at flows that other groups may have too.
struct KnownOptions {
    tier: usize,
    /// Reads and writes with nothing lost, and after the loss designed for.
    flow: [Flow; 2],
    options: Arc<[OptionFigures]>,
}

/// The choices of one cache that have the same hit ratios.
#[derive(Debug, Clone)]
struct CacheOptions {
    tier: usize,
    normal: f64,
    design: f64,
    choices: Vec<Choice>,
}

fn cache_options(
    prepared: &Prepared<'_>,
    tier: usize,
    choices: impl Iterator<Item = Choice>,
    arrival_rate: f64,
) -> Result<Vec<CacheOptions>, Breakdown> {
    let mut caches: Vec<CacheOptions> = Vec::new();
    for choice in choices {
        let normal = prepared.hit_ratio(tier, choice, Condition::AllUp, arrival_rate)?.unwrap_or(0.0);
        let design = prepared.hit_ratio(tier, choice, Condition::DesignLoss, arrival_rate)?.unwrap_or(0.0);
        match caches.iter_mut().find(|cache| cache.normal == normal && cache.design == design) {
            Some(cache) => cache.choices.push(choice),
            None => caches.push(CacheOptions { tier, normal, design, choices: vec![choice] }),
        }
    }
    Ok(caches)
}
