//! Keys of a `cache` tier.

use super::super::key::{
    Key, Limits, List, Section, Shape, Text, above, count, data, duration, flag, from, number, plain, probability, word,
};
use super::fleet::{DISCIPLINE_DOC, DISCIPLINES};
use super::{fleet, shared};
use crate::model::{Coalescing, Discipline, Hashing};
use crate::model_file::catalogue::CacheEngine;
use crate::model_file::quantity::Dimension;
use capplan_queueing::cache::{Eviction, OnWrite, Policy, Renewal};
use capplan_queueing::queues::RoutingPolicy;
use capplan_queueing::units::{Bytes, Probability, Seconds};

/// Memory of a cache.
const MEMORY_LIMITS: Limits = above("0 B", "8192 TiB");

/// An object of a cache is on one node, so that no balancer can choose another.
const SHARD_ROUTINGS: [(&str, RoutingPolicy); 2] = [
    (RoutingPolicy::Random.name(), RoutingPolicy::Random),
    (RoutingPolicy::SharedQueue.name(), RoutingPolicy::SharedQueue),
];

const ENGINES: [(&str, CacheEngine); 2] = [("redis", CacheEngine::Redis), ("valkey", CacheEngine::Valkey)];

const POLICIES: [(&str, Eviction); 4] = [
    ("lru", Eviction::By(Policy::Lru)),
    ("fifo", Eviction::By(Policy::Fifo)),
    ("random", Eviction::By(Policy::Random)),
    ("lfu", Eviction::Optimal),
];

const WRITES: [(&str, OnWrite); 2] = [("invalidate", OnWrite::Invalidate), ("update", OnWrite::Update)];

const HASHINGS: [(&str, Hashing); 2] =
    [(Hashing::Consistent.name(), Hashing::Consistent), (Hashing::Modulo.name(), Hashing::Modulo)];

pub const DISCIPLINE: Key<Discipline> = word("discipline", &DISCIPLINES)
    .published("fcfs", "Redis documentation: one thread executes commands, one after another")
    .doc(DISCIPLINE_DOC);
pub const ROUTING: Key<RoutingPolicy> = word("routing", &SHARD_ROUTINGS)
    .assumed("random", "the hash of a key decides on its node, which is a random split")
    .doc(
        "random: each request goes to the node of its key and waits there; shared_queue: one queue for all, the ideal",
    );
pub const ENGINE: Key<CacheEngine> = word("engine", &ENGINES)
    .assumed("redis", "the engine with the higher price")
    .doc("engine, which decides the price of a node");
pub const SERVERS: Key<u64> = count("servers", from("1", "100000"))
    .assumed("1", "one thread of a node executes commands")
    .doc("requests that one node serves at the same time");
pub const MEMORY: Key<Bytes> =
    data("memory", MEMORY_LIMITS).unset("all that the nodes have for data").doc("memory for data over all nodes");
pub const CANDIDATE_MEMORY: Key<List> = plain("candidate_memory", Shape::Quantities(Dimension::Data, MEMORY_LIMITS))
    .derived("`memory` alone")
    .doc("memories that a search may choose, besides `memory`; of plans of the same price the least memory is taken");
pub const USABLE_SHARE: Key<Probability> = probability("usable_share", above("0%", "100%"))
    .published("75%", "AWS ElastiCache User Guide: 25 % of a node's memory is reserved")
    .doc("share of a node's memory that may hold data");
pub const OBJECTS: Key<u64> = count("objects", from("1", "1e12"))
    .derived("the objects of `histogram`; required without one")
    .doc("number of distinct objects");
pub const OBJECT_SIZE: Key<Bytes> =
    data("object_size", above("0 B", "1 TiB")).doc("mean size of key and value together");
pub const OBJECT_OVERHEAD: Key<Bytes> = data("object_overhead", from("0 B", "1 MiB"))
    .assumed("100 B", "planning estimate for a Redis key with an expiry time")
    .doc("memory that an entry costs beyond key and value");
pub const POPULARITY_EXPONENT: Key<f64> = number("popularity_exponent", from("0", "5"))
    .assumed("0.9", "Zipf exponents of web requests are usually between 0.6 and 1")
    .doc("Zipf exponent of the popularity of objects; 0 is equally popular");
pub const IN_FRONT_OF: Key<Text> =
    plain("in_front_of", Shape::TierName).unset("a miss visits nothing").doc("the tier that a miss reads from");
pub const HIT_RATIO: Key<Probability> = probability("hit_ratio", from("0%", "100%"))
    .unset("computed from popularity and memory")
    .doc("measured hit ratio of reads; outweighs every model and holds whatever the memory");
pub const MEASURED_MEMORY: Key<Bytes> = data("measured_memory", MEMORY_LIMITS)
    .unset("nothing was measured")
    .doc("memory for data at which `measured_hit_ratio` was measured; the exponent is then fitted to the pair");
pub const MEASURED_HIT_RATIO: Key<Probability> = probability("measured_hit_ratio", above("0%", "100%"))
    .unset("nothing was measured")
    .doc("hit ratio measured at `measured_memory`; those at other memories follow from the fit");
pub const HISTOGRAM: Key<Text> = plain("histogram", Shape::File)
    .unset("popularity follows Zipf's law")
    .doc("CSV file of `object,count` or `rank,count`, relative to the model file; replaces `objects` and the exponent");
pub const POLICY: Key<Eviction> = word("policy", &POLICIES)
    .assumed("lru", "what Redis, Valkey and memcached evict by, approximately, when they evict among all keys")
    .doc("which object leaves a full cache; lfu is perfect knowledge of popularity, an upper bound");
pub const TTL: Key<Seconds> = duration("ttl", above("0 s", "10000 y").hint("leave `ttl` out if objects do not expire"))
    .unset("objects do not expire")
    .doc("time after which an object may no longer be served");
pub const TTL_RENEWED: Key<Renewal> = flag("ttl_renewed", &[("true", Renewal::OnHit), ("false", Renewal::Never)])
    .assumed("false", "an expiry time counts from when it was set, as `SET … EX` does")
    .doc("whether a hit starts the time to live again");
pub const WRITE_SHARE: Key<Probability> = probability("write_share", from("0%", "99.9999%"))
    .assumed("0%", "what is written is taken to be other objects than what is read through the cache")
    .doc("share of writes among all operations on the cached objects");
pub const ON_WRITE: Key<OnWrite> = word("on_write", &WRITES)
    .assumed("invalidate", "cache-aside: the writer deletes the copy; the lower hit ratio of the two")
    .doc("what a write does to the cached copy");
pub const COALESCING: Key<Coalescing> =
    flag("coalescing", &[("true", Coalescing::Shared), ("false", Coalescing::None)])
        .assumed("false", "without a lock or a lease every miss reads the database")
        .doc("whether misses of one key at the same time share one read of the tier behind");
pub const HASHING: Key<Hashing> = word("hashing", &HASHINGS)
    .assumed("consistent", "hash slots and hash rings move the keys of a lost node only")
    .doc("how keys find their node: consistent or by the remainder, which moves nearly all when a node is lost");
pub const SHARDS: Key<u32> = count("shards", from("1", "100000"))
    .unset("every node has objects of its own")
    .doc("parts into which the objects are divided; nodes beyond that are copies, which serve and survive losses");
pub const NODE_OVERHEAD: Key<Bytes> = data("node_overhead", from("0 B", "1 TiB"))
    .assumed("0 B", "the memory of a node type is what data may use; `usable_share` keeps the reserve")
    .doc("memory of each node that no object can use, taken off before `usable_share`");

/// `[tiers.NAME]` of the kind `cache`
pub static SECTION: Section = Section::new(
    "a cache tier",
    &[
        shared::KIND.row,
        fleet::SERVICE_TIME.row,
        shared::SERVICE_SCV.row,
        DISCIPLINE.row,
        fleet::ROUND_TRIP.row,
        fleet::PLACEMENT.row,
        fleet::REQUEST_SIZE.row,
        fleet::RESPONSE_SIZE.row,
        ROUTING.row,
        ENGINE.row,
        fleet::INSTANCE_TYPE.row,
        fleet::INSTANCES.row,
        fleet::CANDIDATE_TYPES.row,
        fleet::MIN_INSTANCES.row,
        fleet::MAX_INSTANCES.row,
        SERVERS.row,
        fleet::REDUNDANCY.row,
        fleet::MTBF.row,
        fleet::MTTR.row,
        MEMORY.row,
        CANDIDATE_MEMORY.row,
        USABLE_SHARE.row,
        OBJECTS.row,
        OBJECT_SIZE.row,
        OBJECT_OVERHEAD.row,
        POPULARITY_EXPONENT.row,
        IN_FRONT_OF.row,
        HIT_RATIO.row,
        MEASURED_MEMORY.row,
        MEASURED_HIT_RATIO.row,
        HISTOGRAM.row,
        POLICY.row,
        TTL.row,
        TTL_RENEWED.row,
        WRITE_SHARE.row,
        ON_WRITE.row,
        COALESCING.row,
        HASHING.row,
        SHARDS.row,
        NODE_OVERHEAD.row,
    ],
);
