use crate::model::Deployment;
use capplan_queueing::cache::{node_loss, remapped_keys, restart, shard_imbalance, stampede};
use capplan_queueing::numeric::{bisect_boundary, find_root};
use capplan_queueing::units::{ArrivalRate, Probability, Seconds, Servers};

use super::{CacheModel, Condition, Flow, LoadedTier, Prepared, Situation, meets_response_times, survivors};

/// Relative width at which a boundary is found.
const TOLERANCE: f64 = 1e-6;

/// Offered work of a tier at another flow as a share of the capacity of its fullest servers or storage; 1 or more where it
/// is overloaded, `None` where nothing queues or no instance is left.
pub fn utilization_at(prepared: &Prepared<'_>, deployment: &Deployment, tier: usize, flow: Flow) -> Option<f64> {
    let part = prepared.system.tiers().get(tier)?;
    let choice = (*deployment.choices.get(tier)?)?;
    let left = survivors(part.fleet()?, choice, Condition::AllUp, prepared.system.region().zones);
    LoadedTier { tier: part, choice: Some(choice), left, flow }.work().ok().flatten()
}

/// Mean response time over all requests with nothing lost; `None` without a steady state.
pub fn mean_response_time(prepared: &Prepared<'_>, deployment: &Deployment, arrival_rate: f64) -> Option<f64> {
    let situation = Situation::at(prepared, deployment, Condition::AllUp, arrival_rate).ok()?;
    let steady = situation.solve(prepared, deployment, arrival_rate).ok()?;
    Some(steady.response_time(prepared, arrival_rate)).filter(|time| time.is_finite())
}

/// Recovery of a database that sheds the misses it cannot carry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shedding {
    /// Seconds until nothing is shed.
    pub time_to_full_service: f64,
    /// Share of requests shed until then.
    pub shed_share: f64,
}

/// Load shed after a cold start by a database that serves at most `miss_capacity` misses a second.
pub fn shedding(cache: &CacheModel, read_rate: f64, miss_capacity: f64, warm: f64) -> Option<Shedding> {
    let rate = |value: f64| ArrivalRate::new(value).ok();
    let target = Probability::new((0.9 * warm).min(0.999_999)).ok()?;
    let found = restart(cache.popularity(), rate(read_rate)?, rate(miss_capacity)?, target).ok()?;
    let offered = found.requests_served + found.requests_shed;
    let shed_share = if offered > 0.0 { found.requests_shed / offered } else { 0.0 };
    Some(Shedding { time_to_full_service: found.time_to_full_service, shed_share })
}

/// Misses per second after the loss of shards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MissesAfterLoss {
    /// With consistent hashing.
    pub consistent: f64,
    /// With the remainder by the number of shards.
    pub modulo: f64,
}

/// Misses per second right after a loss of shards.
pub fn misses_after_loss(read_rate: f64, hit_ratio: f64, shards: u32, lost: u32) -> Option<MissesAfterLoss> {
    let (rate, hits) = (ArrivalRate::new(read_rate).ok()?, Probability::new(hit_ratio).ok()?);
    let before = Servers::new(u64::from(shards)).ok()?;
    let consistent = node_loss(rate, hits, before, u64::from(lost)).ok()?.miss_rate_after;
    let moved = match Servers::new(u64::from(shards.saturating_sub(lost))) {
        Ok(after) => remapped_keys(before, after).modulo,
        Err(_) => 1.0,
    };
    Some(MissesAfterLoss { consistent, modulo: read_rate * ((1.0 - hit_ratio) + hit_ratio * moved) })
}

/// Imbalance of requests between the shards of a cache.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HotSpots {
    /// Share of reads for the most popular key.
    pub hottest_key_share: f64,
    /// Estimated share of the busiest shard.
    pub busiest_shard_share: f64,
}

/// The hottest key and the hottest shard.
pub fn hot_spots(cache: &CacheModel, shards: u32) -> Option<HotSpots> {
    let found = shard_imbalance(cache.popularity(), Servers::new(u64::from(shards)).ok()?);
    Some(HotSpots { hottest_key_share: found.hottest_key_share, busiest_shard_share: found.busiest_shard_share })
}

/// Cost of the expiry of the hottest key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HotKeyExpiry {
    /// Reads of the key per second.
    pub key_rate: f64,
    /// Reads of the store each time, if every miss goes there; 1 if concurrent misses share one.
    pub reads_per_expiry: f64,
    /// Reads of the store per second by this key, each miss on its own and shared; `None` where keys do not expire.
    pub rates: Option<ExpiryRates>,
}

/// Reads of the store per second by one key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExpiryRates {
    /// Each miss on its own.
    pub uncoalesced: f64,
    /// Concurrent misses share one read.
    pub coalesced: f64,
}

/// Reads of the store when the hottest key expires and loading it takes `load_time` seconds.
pub fn hot_key_expiry(cache: &CacheModel, read_rate: f64, load_time: f64) -> Option<HotKeyExpiry> {
    let key_rate = read_rate * cache.popularity().hottest_share();
    let rate = ArrivalRate::new(key_rate).ok()?;
    let life = cache.behaviour().ttl.map(|(life, _)| life);
    let none = Seconds::new(0.0).ok()?;
    let found = stampede(rate, Seconds::new(load_time).ok()?, life.unwrap_or(none)).ok()?;
    let rates = ExpiryRates { uncoalesced: found.uncoalesced_rate, coalesced: found.coalesced_rate };
    Some(HotKeyExpiry { key_rate, reads_per_expiry: found.reads_per_expiry, rates: life.map(|_| rates) })
}

/// The least memory in bytes with which a cache reaches a hit ratio; `None` where none does.
pub fn least_memory(cache: &CacheModel, read_rate: f64, hit_ratio: f64) -> Option<f64> {
    let most = cache.popularity().objects() * cache.object_bytes();
    let hits = |ln: f64| cache.modelled(ln.exp(), read_rate).map_or(f64::NAN, |hits| hits.hit_ratio - hit_ratio);
    let (low, high) = (cache.object_bytes().ln(), most.ln());
    if hits(low) >= 0.0 {
        return Some(cache.object_bytes());
    }
    find_root(hits, low, high, TOLERANCE * 1e-3).ok().map(f64::exp)
}

/// The largest flow of misses at which a tier is not overloaded, up to `most`.
pub fn miss_capacity(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    tier: usize,
    other: Flow,
    most: f64,
) -> Option<f64> {
    let carries = |misses: f64| {
        let flow = Flow { reads: other.reads + misses, ..other };
        utilization_at(prepared, deployment, tier, flow).is_some_and(|share| share < 1.0)
    };
    bisect_boundary(carries, 0.0, most, TOLERANCE)
}

/// The lowest hit ratio of a cache, at most `now`, at which the response-time objectives hold with nothing lost at this
/// rate of requests; `None` where they do not hold now.
pub fn lowest_hit_ratio(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    cache: usize,
    arrival_rate: f64,
    now: f64,
) -> Option<f64> {
    /// Width at which a hit ratio is found.
    const STEP: f64 = 1e-4;
    let holds = |misses: f64| {
        let other = prepared.with_hit_ratio(cache, 1.0 - misses);
        meets_response_times(&other, deployment, arrival_rate, Condition::AllUp)
    };
    bisect_boundary(holds, 1.0 - now, 1.0, STEP).map(|misses| 1.0 - misses)
}
