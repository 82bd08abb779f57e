use serde::Serialize;

use crate::evaluate::{
    Breakdown, ColdStart, Condition, Evaluation, Flow, HotKeyExpiry, HotSpots, Prepared, Shedding, Situation,
    design_arrival_rate, hot_key_expiry, hot_spots, largest_zone, least_memory, lowest_hit_ratio, mean_response_time,
    miss_capacity, misses_after_loss, shedding, utilization_at,
};
use crate::model::{Coalescing, Deployment, Fleet, FleetRole, Hashing, System};
use capplan_queueing::units::Bytes;

/// Points of a curve over memory, hit ratio or time.
const SAMPLES: u32 = 40;

/// Hit ratios for which the least memory is named, besides one point more than now.
const TARGETS: [f64; 3] = [0.9, 0.95, 0.99];

/// What one cache does for the rest of a deployment, and what would become of it.
#[derive(Debug, Clone)]
pub struct CacheReport {
    /// Index of the tier.
    pub tier: usize,
    /// Its name.
    pub name: String,
    /// Look-ups per second.
    pub read_rate: f64,
    /// Share that hits.
    pub hit_ratio: f64,
    /// Look-ups per second that miss.
    pub miss_rate: f64,
    /// Whether the hit ratio is the model file's, whatever the memory.
    pub measured: bool,
    /// Memory for data in bytes.
    pub memory: f64,
    /// What the model asks for, which may be more than the nodes have; `None` is all that they have.
    pub memory_wanted: Option<f64>,
    /// The Zipf law nearest to a histogram of the model.
    pub fit: Option<HistogramFit>,
    /// Seconds without a use after which an object is evicted; `None` where none is, or it is not known.
    pub characteristic_time: Option<f64>,
    /// Mean response time of a request in seconds, and with no miss at this rate of requests.
    pub response_time: f64,
    /// Mean response time if every look-up hit.
    pub response_time_all_hit: Option<f64>,
    /// The tier behind, if it queues.
    pub database: Option<CacheDatabase>,
    /// Hit ratio over memory in bytes, rising; empty where the hit ratio is measured.
    pub memory_curve: Vec<(f64, f64)>,
    /// Least memory for some hit ratios above the present one.
    pub targets: Vec<TargetMemory>,
    /// What one more GiB is worth.
    pub one_more_gib: Option<MemoryValue>,
    /// After a cold start.
    pub warm_up: Option<WarmUpReport>,
    /// How keys find their node.
    pub hashing: Hashing,
    /// Losses of nodes.
    pub losses: Vec<CacheLoss>,
    /// Nodes with objects of their own.
    pub shards: u32,
    /// Hottest key and shard.
    pub hot_spots: Option<HotSpots>,
    /// Utilization of the node with the hottest shard.
    pub busiest_node_utilization: Option<f64>,
    /// What the expiry of the hottest key costs.
    pub stampede: Option<HotKeyExpiry>,
    /// Whether concurrent misses share one read.
    pub coalescing: Coalescing,
}

/// The Zipf law nearest to a histogram.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HistogramFit {
    /// Its exponent.
    pub exponent: f64,
    /// Largest difference between the shares of the most popular objects.
    pub ks_distance: f64,
}

/// What misses do to the tier behind a cache.
#[derive(Debug, Clone)]
pub struct CacheDatabase {
    /// Index of the tier.
    pub tier: usize,
    /// Its name.
    pub name: String,
    /// Share of its visits that are misses of this cache.
    pub miss_share: f64,
    /// Utilization now.
    pub utilization: f64,
    /// Utilization if every look-up hit.
    pub utilization_all_hit: f64,
    /// Utilization if every look-up missed; 1 or more is overload.
    pub utilization_all_miss: f64,
    /// Lowest hit ratio at which the response-time objectives hold with nothing lost; `None` where they do not hold now.
    pub objectives_hold_from: Option<f64>,
    /// Lowest hit ratio at which it is not overloaded.
    pub carries_from: Option<f64>,
    /// Utilization over the hit ratio, rising.
    pub curve: Vec<(f64, f64)>,
}

impl CacheDatabase {
    /// Share of the tier's load that the misses of the cache make.
    pub fn miss_share_of_load(&self) -> f64 {
        if self.utilization > 0.0 { 1.0 - self.utilization_all_hit / self.utilization } else { 0.0 }
    }
}

/// The least memory for a hit ratio.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TargetMemory {
    /// The hit ratio.
    pub hit_ratio: f64,
    /// Bytes; `None` where no memory reaches it.
    pub memory: Option<f64>,
}

/// What one more GiB of memory for data is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MemoryValue {
    /// Hit ratio that it adds.
    pub hit_ratio_gain: f64,
    /// Database instances that the same utilization then needs less, as a fraction.
    pub instances_saved: f64,
    /// Their price a month in US dollars.
    pub usd_saved: f64,
    /// Price of the memory a month in US dollars: 0 while the nodes have room.
    pub usd_spent: f64,
}

/// A cache after a start with nothing in it.
#[derive(Debug, Clone)]
pub struct WarmUpReport {
    /// Seconds until nine tenths of the warm hit ratio, if every miss is served.
    pub time_to_90_percent: Option<f64>,
    /// Whether the tier behind carries every look-up at the start.
    pub survives: bool,
    /// What is shed where it does not.
    pub shedding: Option<Shedding>,
    /// Over time.
    pub curve: Vec<WarmUpPoint>,
}

/// A moment after a cold start.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WarmUpPoint {
    /// Seconds since the start.
    pub seconds: f64,
    /// Hit ratio.
    pub hit_ratio: f64,
    /// Work for the tier behind over what it can do.
    pub database_utilization: Option<f64>,
}

/// A loss of nodes of a cache.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CacheLoss {
    /// Nodes lost.
    pub nodes: u32,
    /// With consistent hashing.
    pub consistent: LossEffect,
    /// With the remainder by the number of nodes.
    pub modulo: LossEffect,
}

/// What a loss does at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossEffect {
    /// Misses per second.
    pub miss_rate: f64,
    /// How many times as many as before; `None` if there were none.
    pub amplification: Option<f64>,
    /// Work for the tier behind over what it can do.
    pub database_utilization: Option<f64>,
}

/// Makes the report of every cache of a deployment that is looked up.
pub fn cache_reports(prepared: &Prepared<'_>, deployment: &Deployment, normal: &Evaluation) -> Vec<CacheReport> {
    let hit_ratios = normal.tiers.iter().map(|tier| tier.hit_ratio).collect();
    let Ok(flows) = prepared.flows(normal.arrival_rate, &hit_ratios) else { return Vec::new() };
    let subject = Subject { prepared, deployment, normal, flows: &flows };
    (0..prepared.system.tiers().len()).filter_map(|tier| subject.report(tier)).collect()
}

/// What all figures are about.
struct Subject<'a> {
    prepared: &'a Prepared<'a>,
    deployment: &'a Deployment,
    normal: &'a Evaluation,
    flows: &'a [Flow],
}

/// Seconds of overload that nobody notices.
const SHORTEST_BREACH: f64 = 1.0;

impl Subject<'_> {
    fn report(&self, tier: usize) -> Option<CacheReport> {
        let prepared = self.prepared;
        let model = prepared.cache(tier)?;
        let fleet = prepared.system.tiers()[tier].fleet()?;
        let FleetRole::Cache(role) = &fleet.role else { return None };
        let choice = self.deployment.choices[tier]?;
        let memory = prepared.cache_memory(tier, choice, Condition::AllUp)?;
        let figures = &self.normal.tiers[tier];
        let hit_ratio = figures.hit_ratio?;
        let read_rate = self.flows[tier].reads;
        if read_rate <= 0.0 {
            return None;
        }
        let measured = model.measured().is_some();
        let modelled = (!measured).then(|| model.modelled(memory, read_rate).ok()).flatten();
        let database = self.database(tier, read_rate, hit_ratio);
        let behind = database.as_ref().map(|database| database.tier);
        let shards = role.shards(choice.count);
        let hot_spots = hot_spots(model, shards);
        let zone = largest_zone(choice.count, prepared.system.region().zones);
        let mut losses = vec![1, zone];
        losses.retain(|&lost| lost <= choice.count);
        losses.dedup();
        let loss = |lost: u32| {
            let gone = shards - role.shards(choice.count - lost);
            let misses = misses_after_loss(read_rate, hit_ratio, shards, gone)?;
            let effect = |miss_rate: f64| LossEffect {
                miss_rate,
                amplification: (hit_ratio < 1.0).then(|| miss_rate / (read_rate * (1.0 - hit_ratio))),
                database_utilization: behind
                    .and_then(|behind| self.utilization(tier, behind, 1.0 - miss_rate / read_rate)),
            };
            Some(CacheLoss { nodes: lost, consistent: effect(misses.consistent), modulo: effect(misses.modulo) })
        };
        let all_hit = prepared.with_hit_ratio(tier, 1.0);
        Some(CacheReport {
            tier,
            name: figures.name.clone(),
            read_rate,
            hit_ratio,
            miss_rate: read_rate * (1.0 - hit_ratio),
            measured,
            memory,
            memory_wanted: role.wanted_memory(choice.instance_type).map(Bytes::get),
            fit: model.fit().map(|(exponent, ks_distance)| HistogramFit { exponent, ks_distance }),
            characteristic_time: modelled.and_then(|hits| {
                let reads = 1.0 - role.behaviour.rules.write_share.get();
                hits.characteristic_time.map(|time| time * reads / read_rate)
            }),
            response_time: self.normal.overall.mean,
            response_time_all_hit: mean_response_time(&all_hit, self.deployment, self.normal.arrival_rate),
            memory_curve: if measured { Vec::new() } else { self.memory_curve(tier, memory, read_rate) },
            targets: if measured { Vec::new() } else { self.targets(tier, hit_ratio, read_rate) },
            one_more_gib: if measured { None } else { self.one_more_gib(tier, fleet, memory, behind) },
            warm_up: if measured { None } else { self.warm_up(tier, read_rate, hit_ratio, behind) },
            hashing: role.behaviour.hashing,
            losses: losses.into_iter().filter_map(loss).collect(),
            shards,
            busiest_node_utilization: hot_spots
                .and_then(|spots| Some(figures.utilization? * spots.busiest_shard_share * f64::from(shards))),
            hot_spots,
            stampede: prepared
                .behind(tier)
                .and_then(|behind| hot_key_expiry(model, read_rate, self.normal.tiers[behind].sojourn_time)),
            coalescing: role.behaviour.coalescing,
            database,
        })
    }

    /// Work for the tier behind over what it can do, at another hit ratio.
    fn utilization(&self, cache: usize, behind: usize, hit_ratio: f64) -> Option<f64> {
        let reads = self.other_reads(cache, behind)? + self.flows[cache].reads * (1.0 - hit_ratio);
        utilization_at(self.prepared, self.deployment, behind, Flow { reads, ..self.flows[behind] })
    }

    /// Reads of the tier behind that are no misses of this cache.
    fn other_reads(&self, cache: usize, behind: usize) -> Option<f64> {
        let misses = self.flows[cache].reads * (1.0 - self.normal.tiers[cache].hit_ratio?);
        Some((self.flows[behind].reads - misses).max(0.0))
    }

    fn database(&self, cache: usize, read_rate: f64, hit_ratio: f64) -> Option<CacheDatabase> {
        let behind = self.prepared.behind(cache)?;
        let at = |hits: f64| self.utilization(cache, behind, hits);
        let misses = read_rate * (1.0 - hit_ratio);
        let visits = self.flows[behind].total();
        let other = self.other_reads(cache, behind)?;
        let most = read_rate.max(misses);
        let carried =
            miss_capacity(self.prepared, self.deployment, behind, Flow { reads: other, ..self.flows[behind] }, most);
        let curve = (0..=SAMPLES)
            .map(|step| f64::from(step) / f64::from(SAMPLES))
            .filter_map(|hits| Some((hits, at(hits)?)))
            .collect();
        Some(CacheDatabase {
            tier: behind,
            name: self.normal.tiers[behind].name.clone(),
            miss_share: if visits > 0.0 { misses / visits } else { 0.0 },
            utilization: at(hit_ratio)?,
            utilization_all_hit: at(1.0)?,
            utilization_all_miss: at(0.0)?,
            objectives_hold_from: lowest_hit_ratio(
                self.prepared,
                self.deployment,
                cache,
                self.normal.arrival_rate,
                hit_ratio,
            ),
            carries_from: carried.map(|misses| 1.0 - misses / read_rate),
            curve,
        })
    }

    fn memory_curve(&self, tier: usize, memory: f64, read_rate: f64) -> Vec<(f64, f64)> {
        let Some(model) = self.prepared.cache(tier) else { return Vec::new() };
        let all = model.popularity().objects() * model.object_bytes();
        let (low, high) = ((memory.min(all) / 64.0).max(model.object_bytes()), all.max(memory));
        (0..=SAMPLES)
            .map(|step| low * (high / low).powf(f64::from(step) / f64::from(SAMPLES)))
            .filter_map(|bytes| Some((bytes, model.modelled(bytes, read_rate).ok()?.hit_ratio)))
            .collect()
    }

    fn targets(&self, tier: usize, hit_ratio: f64, read_rate: f64) -> Vec<TargetMemory> {
        /// One point of hit ratio.
        const POINT: f64 = 0.01;
        let Some(model) = self.prepared.cache(tier) else { return Vec::new() };
        let targets =
            std::iter::once(hit_ratio + POINT).chain(TARGETS.into_iter().filter(|&at| at > hit_ratio + POINT));
        targets
            .filter(|&target| target < 1.0)
            .map(|hit_ratio| TargetMemory { hit_ratio, memory: least_memory(model, read_rate, hit_ratio) })
            .collect()
    }

    fn one_more_gib(&self, tier: usize, fleet: &Fleet, memory: f64, behind: Option<usize>) -> Option<MemoryValue> {
        let model = self.prepared.cache(tier)?;
        let read_rate = self.flows[tier].reads;
        let hits = |memory: f64| model.modelled(memory, read_rate).ok().map(|hits| hits.hit_ratio);
        let hit_ratio_gain = (hits(memory + Bytes::GIB)? - hits(memory)?).max(0.0);
        let FleetRole::Cache(role) = &fleet.role else { return None };
        let choice = self.deployment.choices[tier]?;
        let node = &fleet.types[choice.instance_type];
        let usable = role.usable_memory(node.memory);
        let room = usable * f64::from(role.shards(choice.count)) - memory;
        let price_of_gib = node.price.monthly_usd() * Bytes::GIB / usable;
        let database = behind.and_then(|behind| {
            let part = self.prepared.system.tiers()[behind].fleet()?;
            let chosen = self.deployment.choices[behind]?;
            let visits = self.flows[behind].total();
            let saved = read_rate * hit_ratio_gain / visits * f64::from(chosen.count);
            Some((saved, saved * part.types[chosen.instance_type].price.monthly_usd()))
        });
        let (instances_saved, usd_saved) = database.filter(|(saved, _)| saved.is_finite()).unwrap_or((0.0, 0.0));
        let usd_spent = if room >= Bytes::GIB { 0.0 } else { price_of_gib };
        usd_spent.is_finite().then_some(MemoryValue { hit_ratio_gain, instances_saved, usd_saved, usd_spent })
    }

    fn warm_up(&self, tier: usize, read_rate: f64, hit_ratio: f64, behind: Option<usize>) -> Option<WarmUpReport> {
        let model = self.prepared.cache(tier)?;
        let cold = ColdStart::new(model, hit_ratio).filter(|_| read_rate > 0.0)?;
        let time_to = |share: f64| cold.reads_to(share).map(|reads| reads / read_rate);
        let time_to_90_percent = time_to(0.9);
        let work = |hits: f64| behind.and_then(|behind| self.utilization(tier, behind, hits));
        let carried = work(0.0).is_none_or(|utilization| utilization < 1.0);
        let shedding = behind.filter(|_| !carried).and_then(|behind| {
            let other = Flow { reads: self.other_reads(tier, behind)?, ..self.flows[behind] };
            let capacity = miss_capacity(self.prepared, self.deployment, behind, other, read_rate)?;
            shedding(model, read_rate, capacity, hit_ratio)
        });
        let survives = carried || shedding.is_some_and(|shed: Shedding| shed.time_to_full_service < SHORTEST_BREACH);
        let end = time_to(0.999).or(time_to_90_percent)?;
        let start = time_to(0.05).unwrap_or(end * 1e-3).max(end * 1e-6);
        let curve = (0..=SAMPLES)
            .map(|step| start * (1.5 * end / start).powf(f64::from(step) / f64::from(SAMPLES)))
            .map(|seconds| {
                let hit_ratio = cold.hit_ratio_after(read_rate * seconds);
                WarmUpPoint { seconds, hit_ratio, database_utilization: work(hit_ratio) }
            })
            .collect();
        Some(WarmUpReport { time_to_90_percent, survives, shedding, curve })
    }
}

/// A tier that is overloaded behind a cache.
#[derive(Debug, Clone, PartialEq)]
pub struct CacheOverload {
    /// Name of the cache.
    pub cache: String,
    /// Name of the tier.
    pub database: String,
    /// Hit ratio now.
    pub hit_ratio: f64,
    /// Lowest hit ratio at which the tier carries the load; `None` where not even every look-up hitting would do.
    pub carries_from: Option<f64>,
}

/// What the caches in front of an overloaded tier could do for it, with the deployment of today; nothing for any other
/// breakdown.
pub fn cache_overloads(system: &System, breakdown: &Breakdown) -> Vec<CacheOverload> {
    let (Breakdown::Overloaded { tier: overloaded, .. }, Ok(prepared)) = (breakdown, Prepared::new(system)) else {
        return Vec::new();
    };
    let (prepared, deployment, arrival_rate) = (&prepared, &system.current_deployment(), design_arrival_rate(system));
    let tiers = prepared.system.tiers();
    let Ok(situation) = Situation::at(prepared, deployment, Condition::AllUp, arrival_rate) else { return Vec::new() };
    let hit_ratios = situation.hit_ratios();
    let Ok(flows) = prepared.flows(arrival_rate, &hit_ratios) else { return Vec::new() };
    let of = |tier: usize| {
        let behind = prepared.behind(tier).filter(|&behind| tiers[behind].name == *overloaded)?;
        let (hits, lookups) = (hit_ratios[tier]?, flows[tier].reads);
        let other = (flows[behind].reads - lookups * (1.0 - hits)).max(0.0);
        let carried = miss_capacity(prepared, deployment, behind, Flow { reads: other, ..flows[behind] }, lookups);
        Some(CacheOverload {
            cache: tiers[tier].name.clone(),
            database: overloaded.clone(),
            hit_ratio: hits,
            carries_from: carried.filter(|_| lookups > 0.0).map(|misses| 1.0 - misses / lookups),
        })
    };
    (0..tiers.len()).filter_map(of).collect()
}
