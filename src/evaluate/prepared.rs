use crate::model::{Choice, FleetRole, Resource, System};
use capplan_queueing::network::arrival_rates;

use super::known_states::KnownStates;
use super::workload::design_arrival_rate;
use super::{Breakdown, CacheModel, Condition, LoadedTier, Survivors, TierState, survivors};

/// The hit ratio of every cache tier, in the order of the tiers; `None` for tiers that are no cache.
pub type HitRatios = Vec<Option<f64>>;

/// A system with the figures that are computed once for all its deployments.
#[derive(Debug)]
pub struct Prepared<'a> {
    /// The system.
    pub system: &'a System,
    caches: Vec<Option<CacheModel>>,
    known: KnownStates,
}

/// Visits per second to a tier.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Flow {
    /// Visits that any instance can serve.
    pub reads: f64,
    /// Visits that only the primary of a database can serve.
    pub writes: f64,
}

impl Flow {
    /// Reads and writes together.
    pub fn total(self) -> f64 {
        self.reads + self.writes
    }

    /// A multiple of the flow.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self { reads: self.reads * factor, writes: self.writes * factor }
    }
}

/// The flow to every tier, in the order of the tiers.
pub type Flows = Vec<Flow>;

impl<'a> Prepared<'a> {
    /// Prepares a system.
    ///
    /// # Errors
    ///
    /// [`Breakdown::Unsolved`] for a popularity that the cache model cannot take.
    pub fn new(system: &'a System) -> Result<Self, Breakdown> {
        let rate = design_arrival_rate(system);
        let caches = system
            .tiers()
            .iter()
            .enumerate()
            .map(|(index, tier)| match &tier.resource {
                Resource::Fleet(fleet) => match &fleet.role {
                    FleetRole::Cache(cache) => CacheModel::new(cache, rate * reads_per_request(system, index))
                        .map(Some)
                        .map_err(|error| Breakdown::unsolved(&tier.name, error)),
                    FleetRole::Service | FleetRole::Database(_) => Ok(None),
                },
                Resource::Managed(_) => Ok(None),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { system, caches, known: KnownStates::default() })
    }

    /// The same system with a given hit ratio of one cache.
    #[must_use]
    pub fn with_hit_ratio(&self, tier: usize, hit_ratio: f64) -> Self {
        let caches = self.caches.iter().enumerate().map(|(index, cache)| {
            let known = (index == tier).then_some(hit_ratio);
            cache.as_ref().map(|cache| cache.with_hit_ratio(known))
        });
        Self { system: self.system, caches: caches.collect(), known: KnownStates::default() }
    }

    /// The state of a tier, solved or remembered.
    ///
    /// # Errors
    ///
    /// As [`LoadedTier::state`].
    pub fn tier_state(
        &self,
        tier: usize,
        choice: Option<Choice>,
        left: Survivors,
        flow: Flow,
    ) -> Result<TierState, Breakdown> {
        self.known.state(tier, &LoadedTier { tier: &self.system.tiers()[tier], choice, left, flow })
    }

    /// The model of a cache; `None` for a tier that is no cache.
    pub fn cache(&self, tier: usize) -> Option<&CacheModel> {
        self.caches.get(tier)?.as_ref()
    }

    /// Whether the hit ratio of some cache changes with the load, so that flows do not grow in proportion to it.
    pub fn hits_follow_rate(&self) -> bool {
        self.caches.iter().flatten().any(CacheModel::follows_rate)
    }

    /// Memory for data that a choice for a cache has in a condition, in bytes; `None` for a tier that is no cache.
    pub fn cache_memory(&self, tier: usize, choice: Choice, condition: Condition) -> Option<f64> {
        let fleet = self.system.tiers()[tier].fleet()?;
        self.memory_of_nodes(tier, choice, survivors(fleet, choice, condition, self.system.region().zones).serving)
    }

    fn memory_of_nodes(&self, tier: usize, choice: Choice, nodes: u32) -> Option<f64> {
        let fleet = self.system.tiers()[tier].fleet()?;
        let FleetRole::Cache(cache) = &fleet.role else { return None };
        Some(cache.data_memory(choice.instance_type, fleet.types[choice.instance_type].memory, nodes))
    }

    /// Memory for data of a choice for a cache whose memory is searched, in bytes.
    pub fn searched_memory(&self, tier: usize, choice: Choice) -> Option<f64> {
        let fleet = self.system.tiers()[tier].fleet()?;
        let searched = matches!(&fleet.role, FleetRole::Cache(cache) if !cache.behaviour.memory_of_type.is_empty());
        if searched { self.memory_of_nodes(tier, choice, choice.count) } else { None }
    }

    /// Look-ups of a tier per second at `arrival_rate` requests per second.
    pub fn read_rate(&self, tier: usize, arrival_rate: f64) -> f64 {
        arrival_rate * reads_per_request(self.system, tier)
    }

    /// The hit ratio of one cache tier with a choice in a condition at a rate of requests; `None` for a tier that is no cache.
    ///
    /// After a loss the survivors hold what fits into their memory, in steady state; the time until they have
    /// refilled is not part of it.
    ///
    /// # Errors
    ///
    /// [`Breakdown::Unsolved`] where the characteristic time is not found.
    pub fn hit_ratio(
        &self,
        tier: usize,
        choice: Choice,
        condition: Condition,
        arrival_rate: f64,
    ) -> Result<Option<f64>, Breakdown> {
        let Some(fleet) = self.system.tiers()[tier].fleet() else { return Ok(None) };
        let nodes = survivors(fleet, choice, condition, self.system.region().zones).serving;
        self.hit_ratio_of_nodes(tier, choice, nodes, arrival_rate)
    }

    /// The hit ratio of a cache tier with `nodes` nodes left, in steady state; `None` for a tier that is no cache.
    ///
    /// # Errors
    ///
    /// As [`Prepared::hit_ratio`].
    pub fn hit_ratio_of_nodes(
        &self,
        tier: usize,
        choice: Choice,
        nodes: u32,
        arrival_rate: f64,
    ) -> Result<Option<f64>, Breakdown> {
        let (Some(cache), Some(memory)) = (self.cache(tier), self.memory_of_nodes(tier, choice, nodes)) else {
            return Ok(None);
        };
        cache
            .hit_ratio(memory, self.read_rate(tier, arrival_rate))
            .map(Some)
            .map_err(|error| Breakdown::unsolved(&self.system.tiers()[tier].name, error))
    }

    /// Visits per second to every tier at `arrival_rate` requests per second, misses included.
    ///
    /// # Method
    ///
    /// The traffic equations `λ = γ + Pᵀλ`: the classes' visits come from outside, and a cache routes the share
    /// `1 − hit ratio` of its visits to the tier behind it.
    ///
    /// # Errors
    ///
    /// [`Breakdown::Unsolved`] when the equations have no solution.
    pub fn flows(&self, arrival_rate: f64, hit_ratios: &HitRatios) -> Result<Flows, Breakdown> {
        let tiers = self.system.tiers();
        let mut flows = vec![Flow::default(); tiers.len()];
        for class in self.system.classes() {
            for visits in &class.visits {
                let flow = &mut flows[visits.tier];
                flow.reads += arrival_rate * class.share.get() * visits.reads;
                flow.writes += arrival_rate * class.share.get() * visits.writes;
            }
        }
        let mut routing = vec![vec![0.0; tiers.len()]; tiers.len()];
        for (index, hit_ratio) in hit_ratios.iter().enumerate() {
            if let (Some(hit_ratio), Some(behind)) = (hit_ratio, self.behind(index)) {
                routing[index][behind] = 1.0 - hit_ratio;
            }
        }
        let from_outside: Vec<f64> = flows.iter().map(|flow| flow.reads).collect();
        let reads =
            arrival_rates(&from_outside, &routing).map_err(|error| Breakdown::unsolved(self.system.name(), error))?;
        for (flow, reads) in flows.iter_mut().zip(reads) {
            flow.reads = reads;
        }
        Ok(flows)
    }

    /// The tier that answers what a cache misses.
    pub fn behind(&self, tier: usize) -> Option<usize> {
        match &self.system.tiers()[tier].fleet()?.role {
            FleetRole::Cache(cache) => cache.in_front_of,
            FleetRole::Service | FleetRole::Database(_) => None,
        }
    }
}

/// Look-ups of a tier that one request makes on average; a cache is never behind another.
fn reads_per_request(system: &System, tier: usize) -> f64 {
    let classes = system.classes().iter();
    classes
        .flat_map(|class| class.visits.iter().map(move |visits| (class.share.get(), visits)))
        .filter(|(_, visits)| visits.tier == tier)
        .map(|(share, visits)| share * visits.reads)
        .sum()
}
