use crate::cache::{CacheError, Popularity, WarmUp, lru_hit_ratio};
use crate::model::{Choice, FleetRole, Resource, System};
use crate::network::arrival_rates;

use super::{Breakdown, Condition, survivors};

/// The hit ratio of every cache tier, in the order of the tiers; `None` for tiers that are no cache.
pub type HitRatios = Vec<Option<f64>>;

/// A system with what is computed once for all its deployments.
#[derive(Debug)]
pub struct Prepared<'a> {
    /// The system.
    pub system: &'a System,
    popularity: Vec<Option<Popularity>>,
}

/// Visits per second to every tier.
#[derive(Debug, Clone, PartialEq)]
pub struct Flows {
    /// Visits that any instance can serve, by tier.
    pub reads: Vec<f64>,
    /// Visits that only the primary of a database can serve, by tier.
    pub writes: Vec<f64>,
}

impl Flows {
    /// All visits per second to a tier.
    pub fn total(&self, tier: usize) -> f64 {
        self.reads[tier] + self.writes[tier]
    }
}

impl<'a> Prepared<'a> {
    /// Prepares a system.
    ///
    /// # Errors
    ///
    /// [`Breakdown::Unsolved`] for a popularity that the cache model cannot take.
    pub fn new(system: &'a System) -> Result<Self, Breakdown> {
        let popularity = system
            .tiers()
            .iter()
            .map(|tier| match &tier.resource {
                Resource::Fleet(fleet) => match &fleet.role {
                    FleetRole::Cache(cache) => Popularity::zipf(cache.objects, cache.popularity_exponent)
                        .map(Some)
                        .map_err(|error| Breakdown::Unsolved { tier: tier.name.clone(), reason: error.to_string() }),
                    FleetRole::Service | FleetRole::Database(_) => Ok(None),
                },
                Resource::Managed(_) => Ok(None),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { system, popularity })
    }

    /// The hit ratio of one cache tier with a choice in a condition; `None` for a tier that is no cache.
    ///
    /// After a loss the survivors hold what fits into their memory, in steady state; the time until they have
    /// refilled is not part of it.
    ///
    /// # Errors
    ///
    /// [`Breakdown::Unsolved`] where the characteristic time is not found.
    pub fn hit_ratio(&self, tier: usize, choice: Choice, condition: Condition) -> Result<Option<f64>, Breakdown> {
        let Some(fleet) = self.system.tiers()[tier].fleet() else { return Ok(None) };
        let nodes = survivors(fleet, choice, condition, self.system.region().zones).serving;
        self.hit_ratio_of_nodes(tier, choice, nodes)
    }

    /// The hit ratio of one cache tier of which so many nodes hold objects, in steady state; `None` for a tier that is no
    /// cache.
    ///
    /// # Errors
    ///
    /// As [`Prepared::hit_ratio`].
    pub fn hit_ratio_of_nodes(&self, tier: usize, choice: Choice, nodes: u32) -> Result<Option<f64>, Breakdown> {
        let Some((popularity, capacity)) = self.cached(tier, choice, nodes) else { return Ok(None) };
        lru_hit_ratio(popularity, capacity)
            .map(|hits| Some(hits.hit_ratio))
            .map_err(|error| self.unsolved(tier, &error))
    }

    /// How one cache tier fills that starts empty; `None` for a tier that is no cache.
    ///
    /// # Errors
    ///
    /// As [`Prepared::hit_ratio`].
    pub fn warm_up(&self, tier: usize, choice: Choice, nodes: u32) -> Result<Option<WarmUp>, Breakdown> {
        let Some((popularity, capacity)) = self.cached(tier, choice, nodes) else { return Ok(None) };
        WarmUp::new(popularity.clone(), capacity).map(Some).map_err(|error| self.unsolved(tier, &error))
    }

    /// What a cache tier is asked for, and how many objects so many of its nodes hold.
    fn cached(&self, tier: usize, choice: Choice, nodes: u32) -> Option<(&Popularity, f64)> {
        let fleet = self.system.tiers()[tier].fleet()?;
        let FleetRole::Cache(cache) = &fleet.role else { return None };
        let memory = cache.data_memory(fleet.types[choice.instance_type].memory, nodes);
        let capacity = memory / (cache.object_size.get() + cache.object_overhead.get());
        Some((self.popularity[tier].as_ref()?, capacity))
    }

    fn unsolved(&self, tier: usize, error: &CacheError) -> Breakdown {
        Breakdown::Unsolved { tier: self.system.tiers()[tier].name.clone(), reason: error.to_string() }
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
        let mut reads = vec![0.0; tiers.len()];
        let mut writes = vec![0.0; tiers.len()];
        for class in self.system.classes() {
            for visits in &class.visits {
                reads[visits.tier] += arrival_rate * class.share.get() * visits.reads;
                writes[visits.tier] += arrival_rate * class.share.get() * visits.writes;
            }
        }
        let mut routing = vec![vec![0.0; tiers.len()]; tiers.len()];
        for (index, hit_ratio) in hit_ratios.iter().enumerate() {
            if let (Some(hit_ratio), Some(behind)) = (hit_ratio, self.behind(index)) {
                routing[index][behind] = 1.0 - hit_ratio;
            }
        }
        let reads = arrival_rates(&reads, &routing)
            .map_err(|error| Breakdown::Unsolved { tier: self.system.name().to_owned(), reason: error.to_string() })?;
        Ok(Flows { reads, writes })
    }

    /// The tier that answers what a cache misses.
    pub fn behind(&self, tier: usize) -> Option<usize> {
        match &self.system.tiers()[tier].fleet()?.role {
            FleetRole::Cache(cache) => cache.in_front_of,
            FleetRole::Service | FleetRole::Database(_) => None,
        }
    }
}
