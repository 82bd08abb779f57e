use crate::model::Coalescing;
use crate::review::{CacheDatabase, CacheLoss, CacheReport, LossEffect, WarmUpReport};

use super::object::Object;

/// A cache; memory is in bytes.
pub(super) fn cache(cache: &CacheReport) -> Object {
    let targets = cache
        .targets
        .iter()
        .map(|target| Object::new().field("hit_ratio", target.hit_ratio).field("memory_bytes", target.memory));
    let one_more_gib = cache.one_more_gib.map(|value| {
        Object::new()
            .field("hit_ratio_gain", value.hit_ratio_gain)
            .field("database_instances_saved", value.instances_saved)
            .field("monthly_usd_saved", value.usd_saved)
            .field("monthly_usd_spent", value.usd_spent)
    });
    let stampede = cache.stampede.map(|expiry| {
        Object::new()
            .field("key_rate", expiry.key_rate)
            .field("reads_per_expiry", expiry.reads_per_expiry)
            .field("reads_per_expiry_coalesced", 1.0)
            .field("store_rate", expiry.rates.map(|rates| rates.uncoalesced))
            .field("store_rate_coalesced", expiry.rates.map(|rates| rates.coalesced))
            .field("coalescing", cache.coalescing == Coalescing::Shared)
    });
    Object::new()
        .field("name", &cache.name)
        .field("read_rate", cache.read_rate)
        .field("hit_ratio", cache.hit_ratio)
        .field("hit_ratio_measured", cache.measured)
        .field("miss_rate", cache.miss_rate)
        .field("memory_bytes", cache.memory)
        .field_if_some("histogram_fit", cache.fit)
        .field("characteristic_time", cache.characteristic_time)
        .field("response_time", cache.response_time)
        .field("response_time_all_hit", cache.response_time_all_hit)
        .field("database", cache.database.as_ref().map(database))
        .field("hit_ratio_over_memory", &cache.memory_curve)
        .list("least_memory", targets)
        .field("one_more_gib", one_more_gib)
        .field("warm_up", cache.warm_up.as_ref().map(warm_up))
        .field("hashing", cache.hashing.name())
        .list("node_losses", cache.losses.iter().map(loss))
        .field("shards", cache.shards)
        .field("hottest_key_share", cache.hot_spots.map(|spots| spots.hottest_key_share))
        .field("busiest_shard_share", cache.hot_spots.map(|spots| spots.busiest_shard_share))
        .field("busiest_node_utilization", cache.busiest_node_utilization)
        .field("stampede", stampede)
}

fn database(database: &CacheDatabase) -> Object {
    Object::new()
        .field("name", &database.name)
        .field("miss_share_of_visits", database.miss_share)
        .field("miss_share_of_load", database.miss_share_of_load())
        .field("utilization", database.utilization)
        .field("utilization_all_hit", database.utilization_all_hit)
        .field("utilization_all_miss", database.utilization_all_miss)
        .field("objectives_hold_from_hit_ratio", database.objectives_hold_from)
        .field("carries_from_hit_ratio", database.carries_from)
        .field("utilization_over_hit_ratio", &database.curve)
}

fn warm_up(warm_up: &WarmUpReport) -> Object {
    Object::new()
        .field("time_to_90_percent", warm_up.time_to_90_percent)
        .field("database_survives", warm_up.survives)
        .field("shed_share", warm_up.shedding.map(|shedding| shedding.shed_share))
        .field("time_to_full_service", warm_up.shedding.map(|shedding| shedding.time_to_full_service))
        .field("points", &warm_up.curve)
}

fn loss(loss: &CacheLoss) -> Object {
    let effect = |effect: &LossEffect| {
        Object::new()
            .field("miss_rate", effect.miss_rate)
            .field("amplification", effect.amplification)
            .field("database_utilization", effect.database_utilization)
            .field("database_survives", effect.database_utilization.map(|utilization| utilization < 1.0))
    };
    Object::new()
        .field("nodes", loss.nodes)
        .field("consistent", effect(&loss.consistent))
        .field("modulo", effect(&loss.modulo))
}
