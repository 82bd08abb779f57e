//! Keys of tiers, one section a kind.

use super::super::quantity::Dimension;
use super::database::{
    IO_SIZE, IOPS_LIMIT, IOS_PER_READ, IOS_PER_WRITE, MAX_CONNECTIONS, MAX_REFUSED, OBJECTS, READ_SPLIT,
    REPLICA_APPLY_SHARE, REPLICATION_LAG, THROUGHPUT_LIMIT,
};
use super::network::{
    DATA_REQUEST_SIZE, DATA_RESPONSE_SIZE, FLEET_PLACEMENT, LOAD_BALANCER_PLACEMENT, SERVICE_REQUEST_SIZE,
    SERVICE_RESPONSE_SIZE,
};
use super::object_storage::{EGRESS_PRICE, EGRESS_SHARE, OBJECT_SIZE, PREFIXES, REQUESTS_PER_PREFIX, TRANSFER_RATE};
use super::{Key, Limits, Need, Section, Shape, data, duration, key, money, price, ratio};
use crate::model::{BalancerKind, Discipline, Routing, TierKind};

/// Names of the kinds, in the order of [`TierKind::ALL`].
const KIND_NAMES: &[&str] = &[
    TierKind::Dns.name(),
    TierKind::LoadBalancer.name(),
    TierKind::Service.name(),
    TierKind::Cache.name(),
    TierKind::Database.name(),
    TierKind::ObjectStorage.name(),
    TierKind::Delay.name(),
];

/// `kind`, which decides what other keys a tier has.
pub static KIND: Key = KIND_ROW;

/// The keys of a kind of tier.
pub const fn tier_section(kind: TierKind) -> &'static Section {
    match kind {
        TierKind::Dns => &DNS,
        TierKind::LoadBalancer => &LOAD_BALANCER,
        TierKind::Service => &SERVICE,
        TierKind::Cache => &CACHE,
        TierKind::Database => &DATABASE,
        TierKind::ObjectStorage => &OBJECT_STORAGE,
        TierKind::Delay => &DELAY,
    }
}

const KIND_ROW: Key = key("kind", Shape::Word(KIND_NAMES), Need::Required, "what kind of part the tier is");

/// Memory of a cache.
pub const MEMORY_LIMITS: Limits = Limits::above("0 B", "8192 TiB");

const TIME: Limits = Limits::from("0 s", "1 h");

const MANAGED_ROUND_TRIP: Key = key(
    "round_trip",
    duration(TIME),
    Need::Assumed("0 s", "the time of this kind of tier includes the network"),
    "fixed time on the network for each visit",
);
const FLEET_ROUND_TRIP: Key = key(
    "round_trip",
    duration(TIME),
    Need::Derived(
        "1/zones of the visits stay in their zone, the rest cross zones: `network.round_trip_in_zone`, \
         `network.round_trip_across_zones`",
    ),
    "fixed time on the network for each visit",
);
const FLEET_SERVICE_TIME: Key = key(
    "service_time",
    duration(Limits::above("0 s", "1 h")),
    Need::Required,
    "mean time of one visit on an idle server, without waiting and without other tiers",
);
const SERVICE_SCV: Key = key(
    "service_scv",
    Shape::Number(Limits::from("0.1", "100").hint("give a constant time as the `fixed_time` of a delay tier")),
    Need::Assumed("1", "exponential service times; measure yours if you can"),
    "squared coefficient of variation of the service time",
);
const DISCIPLINES: &[&str] = &[Discipline::ProcessorSharing.name(), Discipline::Fcfs.name()];
const DISCIPLINE_DOC: &str = "processor_sharing: all requests of an instance at once, each with its share of the servers; fcfs: in order of arrival";
const SHARED_DISCIPLINE: Key = key(
    "discipline",
    Shape::Word(DISCIPLINES),
    Need::Assumed(
        "processor_sharing",
        "an operating system runs the threads or processes of a server by turns (Linux, CFS and EEVDF)",
    ),
    DISCIPLINE_DOC,
);
const QUEUED_DISCIPLINE: Key = key(
    "discipline",
    Shape::Word(DISCIPLINES),
    Need::Published("fcfs", "Redis documentation: one thread executes commands, one after another"),
    DISCIPLINE_DOC,
);
const WORKERS: Key = key(
    "workers",
    Shape::Count(Limits::from("1", "100000")),
    Need::Unset("a request never waits for a worker"),
    "requests that one instance handles at the same time; each holds its worker for its visits to the tiers below, too",
);
const CONNECTIONS: Key = key(
    "connections",
    Shape::Count(Limits::from("1", "100000")),
    Need::Unset("a request never waits for a connection"),
    "connections of one instance to the database below it, each held for one visit to it",
);
const BALANCERS: &[&str] =
    &[BalancerKind::Application.name(), BalancerKind::Network.name(), BalancerKind::NetworkTls.name()];
const ROUTINGS: &[&str] = &[
    Routing::Random.name(),
    Routing::RoundRobin.name(),
    Routing::LeastOutstanding.name(),
    Routing::PowerOfTwo.name(),
    Routing::SharedQueue.name(),
];
const ROUTING: Key = key(
    "routing",
    Shape::Word(ROUTINGS),
    Need::Assumed(
        "random",
        "with many balancer nodes each target sees nearly a random split, whatever each node does; it is the safe model",
    ),
    "random: each request goes to some instance and waits there; round_robin: by turns; least_outstanding: to the one with \
     the fewest requests; power_of_two: to the better of two at random; shared_queue: one queue for all, the ideal",
);
const CANDIDATE_ROUTING: Key = key(
    "candidate_routing",
    Shape::Words(ROUTINGS),
    Need::Derived("`routing` alone"),
    "ways of routing that a search may choose, besides `routing`",
);
/// An object of a cache is on one node, so that no balancer can choose another.
const SHARD_ROUTING: Key = key(
    "routing",
    Shape::Word(&["random", "shared_queue"]),
    Need::Assumed("random", "the hash of a key decides on its node, which is a random split"),
    "random: each request goes to the node of its key and waits there; shared_queue: one queue for all, the ideal",
);
const STICKY_SESSIONS: Key = key(
    "sticky_sessions",
    Shape::Count(Limits::from("1", "1e12")),
    Need::Unset("any instance serves any request"),
    "sessions at a time, each of which stays on its instance; the figures are those of the busiest instance",
);
const SESSION_RATE_SCV: Key = key(
    "session_rate_scv",
    Shape::Number(Limits::from("0", "1000")),
    Need::Assumed("1", "planning estimate: request rates of sessions differ as exponential values do"),
    "squared coefficient of variation of the request rates of sticky sessions",
);
const TYPE: Key =
    key("instance_type", Shape::TypeName, Need::Required, "instance type of today, for `capplan evaluate`");
const CANDIDATES: Key = key(
    "candidate_types",
    Shape::TypeNames,
    Need::Derived("`instance_type` alone"),
    "instance types that a search may choose, besides `instance_type`",
);
const INSTANCES: Key = key(
    "instances",
    Shape::Count(Limits::from("1", "100000")),
    Need::Assumed("1", "the least that can run"),
    "instances of today, for `capplan evaluate`",
);
const MIN_INSTANCES: Key = key(
    "min_instances",
    Shape::Count(Limits::from("1", "100000")),
    Need::Assumed("1", "the least that can run"),
    "least number of instances that a search may choose",
);
const MAX_INSTANCES: Key = key(
    "max_instances",
    Shape::Count(Limits::from("1", "100000")),
    Need::Derived("200, or twice `instances` if that is more"),
    "largest number of instances that a search may choose",
);
const SERVERS: Key = key(
    "servers",
    Shape::Count(Limits::from("1", "100000")),
    Need::Derived("the vCPUs of the instance type, or its `servers` under [instance_types]"),
    "requests that one instance serves at the same time, for every type",
);
const REDUNDANCY: Key = key(
    "redundancy",
    Shape::Word(&["none", "instance", "zone"]),
    Need::Derived("zone with 2 zones or more, none with 1"),
    "what may be lost while the objectives still hold",
);
const MTBF: Key = key(
    "mtbf",
    duration(Limits::above("0 s", "10000 y")),
    Need::Assumed("720 h", "planning estimate: one failure of an instance a month, software included"),
    "mean time between failures of one instance",
);
const MTTR: Key = key(
    "mttr",
    duration(Limits::from("0 s", "1 y")),
    Need::Assumed("5 min", "planning estimate: detection, replacement and start of the application"),
    "mean time until a failed instance serves again",
);

static DNS: Section = Section {
    noun: "a dns tier",
    one_of: &[],
    keys: &[
        KIND_ROW,
        key(
            "lookup_time",
            duration(TIME),
            Need::Assumed("25 ms", "planning estimate for a look-up that the client's resolver has not cached"),
            "fixed time of a look-up",
        ),
        MANAGED_ROUND_TRIP,
        key(
            "availability",
            ratio(Limits::above("0%", "100%")),
            Need::Published("100%", "Amazon Route 53 SLA, hosted zone; a promise, not a measurement"),
            "share of time in which names resolve",
        ),
        key(
            "price",
            price(),
            Need::Published("0.5 USD/month", "AWS Route 53 pricing page, one hosted zone"),
            "fixed price",
        ),
        key(
            "price_per_million",
            money(),
            Need::Published("0.4 USD", "AWS Route 53 pricing page, standard queries"),
            "price of a million look-ups",
        ),
    ],
};

static LOAD_BALANCER: Section = Section {
    noun: "a load_balancer tier",
    one_of: &[],
    keys: &[
        KIND_ROW,
        key(
            "balancer_type",
            Shape::Word(BALANCERS),
            Need::Assumed("alb", "the balancer of requests of the reference system"),
            "alb: application load balancer; nlb: network load balancer, TCP; nlb_tls: network load balancer that ends TLS",
        ),
        key(
            "cross_zone",
            Shape::Flag,
            Need::Derived("true for alb, false for nlb and nlb_tls: what AWS sets if nothing is said (not checked)"),
            "whether a request may go to another zone; without it each zone gets the same share, and the first service tier \
             after the balancer is as slow as its zone with the fewest instances",
        ),
        key(
            "fixed_time",
            duration(TIME),
            Need::Derived("1.5 ms for alb, 0.3 ms for nlb and nlb_tls: planning estimates of the time that it adds"),
            "fixed time of each request",
        ),
        MANAGED_ROUND_TRIP,
        LOAD_BALANCER_PLACEMENT,
        key(
            "response_size",
            data(Limits::from("0 B", "1 TiB")),
            Need::Assumed("20 KiB", "planning estimate of a page without its images"),
            "mean size of request and response together, which is billed",
        ),
        key(
            "requests_per_connection",
            Shape::Number(Limits::from("1", "1e6")),
            Need::Assumed("10", "planning estimate for browsers that keep connections alive"),
            "requests that share a connection; new connections are billed",
        ),
        key(
            "connection_time",
            duration(Limits::from("0 s", "30 d")),
            Need::Assumed(
                "60 s",
                "the idle timeout of an ALB if nothing is said (not checked): a connection once used",
            ),
            "mean time for which a connection stays open; active connections are billed",
        ),
        key(
            "rules",
            Shape::Count(Limits::from("0", "100000")),
            Need::Assumed("1", "one default rule; the first 10 are free"),
            "rules that an ALB evaluates for a request; evaluations are billed",
        ),
        key(
            "availability",
            ratio(Limits::above("0%", "100%")),
            Need::Published(
                "99.99%",
                "Amazon Elastic Load Balancing SLA, 2 or more zones; a promise, not a measurement",
            ),
            "share of time in which the load balancer works",
        ),
        key(
            "price",
            price(),
            Need::Published("0.0225 USD/h", "AWS Elastic Load Balancing pricing page, us-east-1"),
            "fixed price",
        ),
        key(
            "capacity_unit_price",
            price(),
            Need::Derived(
                "0.008 USD/h for alb, 0.006 USD/h for nlb and nlb_tls (AWS Elastic Load Balancing pricing page, us-east-1)",
            ),
            "price of a capacity unit, of which the dimension that needs most is billed: new connections, active \
             connections, bytes and, for alb, rule evaluations",
        ),
        key(
            "cross_zone_price",
            money(),
            Need::Derived(
                "0 USD for alb (AWS ELB User Guide, not checked); 0.02 USD for nlb and nlb_tls (AWS EC2 pricing page: 0.01 \
                 USD on each side)",
            ),
            "price of a GB that goes to another zone",
        ),
    ],
};

static SERVICE: Section = Section {
    noun: "a service tier",
    one_of: &[],
    keys: &[
        KIND_ROW,
        FLEET_SERVICE_TIME,
        SERVICE_SCV,
        SHARED_DISCIPLINE,
        FLEET_ROUND_TRIP,
        FLEET_PLACEMENT,
        SERVICE_REQUEST_SIZE,
        SERVICE_RESPONSE_SIZE,
        ROUTING,
        CANDIDATE_ROUTING,
        STICKY_SESSIONS,
        SESSION_RATE_SCV,
        TYPE,
        INSTANCES,
        CANDIDATES,
        MIN_INSTANCES,
        MAX_INSTANCES,
        SERVERS,
        WORKERS,
        CONNECTIONS,
        REDUNDANCY,
        MTBF,
        MTTR,
    ],
};

static CACHE: Section = Section {
    noun: "a cache tier",
    one_of: &[],
    keys: &[
        KIND_ROW,
        FLEET_SERVICE_TIME,
        SERVICE_SCV,
        QUEUED_DISCIPLINE,
        FLEET_ROUND_TRIP,
        FLEET_PLACEMENT,
        DATA_REQUEST_SIZE,
        DATA_RESPONSE_SIZE,
        SHARD_ROUTING,
        key(
            "engine",
            Shape::Word(&["redis", "valkey"]),
            Need::Assumed("redis", "the engine with the higher price"),
            "engine, which decides the price of a node",
        ),
        TYPE,
        INSTANCES,
        CANDIDATES,
        MIN_INSTANCES,
        MAX_INSTANCES,
        key(
            "servers",
            Shape::Count(Limits::from("1", "100000")),
            Need::Assumed("1", "one thread of a node executes commands"),
            "requests that one node serves at the same time",
        ),
        REDUNDANCY,
        MTBF,
        MTTR,
        key(
            "memory",
            data(MEMORY_LIMITS),
            Need::Unset("all that the nodes have for data"),
            "memory for data over all nodes",
        ),
        key(
            "candidate_memory",
            Shape::Quantities(Dimension::Data, MEMORY_LIMITS),
            Need::Derived("`memory` alone"),
            "memories that a search may choose, besides `memory`; of plans of the same price the least memory is taken",
        ),
        key(
            "usable_share",
            ratio(Limits::above("0%", "100%")),
            Need::Published("75%", "AWS ElastiCache User Guide: 25 % of a node's memory is reserved"),
            "share of a node's memory that may hold data",
        ),
        key(
            "objects",
            Shape::Count(Limits::from("1", "1e12")),
            Need::Derived("the objects of `histogram`; required without one"),
            "number of distinct objects",
        ),
        key("object_size", data(Limits::above("0 B", "1 TiB")), Need::Required, "mean size of key and value together"),
        key(
            "object_overhead",
            data(Limits::from("0 B", "1 MiB")),
            Need::Assumed("100 B", "planning estimate for a Redis key with an expiry time"),
            "memory that an entry costs beyond key and value",
        ),
        key(
            "popularity_exponent",
            Shape::Number(Limits::from("0", "5")),
            Need::Assumed("0.9", "Zipf exponents of web requests are usually between 0.6 and 1"),
            "Zipf exponent of the popularity of objects; 0 is equally popular",
        ),
        key("in_front_of", Shape::TierName, Need::Unset("a miss visits nothing"), "the tier that a miss reads from"),
        key(
            "hit_ratio",
            ratio(Limits::from("0%", "100%")),
            Need::Unset("computed from popularity and memory"),
            "measured hit ratio of reads; outweighs every model and holds whatever the memory",
        ),
        key(
            "measured_memory",
            data(MEMORY_LIMITS),
            Need::Unset("nothing was measured"),
            "memory for data at which `measured_hit_ratio` was measured; the exponent is then fitted to the pair",
        ),
        key(
            "measured_hit_ratio",
            ratio(Limits::above("0%", "100%")),
            Need::Unset("nothing was measured"),
            "hit ratio measured at `measured_memory`; those at other memories follow from the fit",
        ),
        key(
            "histogram",
            Shape::File,
            Need::Unset("popularity follows Zipf's law"),
            "CSV file of `object,count` or `rank,count`, relative to the model file; replaces `objects` and the exponent",
        ),
        key(
            "policy",
            Shape::Word(&["lru", "fifo", "random", "lfu"]),
            Need::Assumed(
                "lru",
                "what Redis, Valkey and memcached evict by, approximately, when they evict among all keys",
            ),
            "which object leaves a full cache; lfu is perfect knowledge of popularity, an upper bound",
        ),
        key(
            "ttl",
            duration(Limits::above("0 s", "10000 y").hint("leave `ttl` out if objects do not expire")),
            Need::Unset("objects do not expire"),
            "time after which an object may no longer be served",
        ),
        key(
            "ttl_renewed",
            Shape::Flag,
            Need::Assumed("false", "an expiry time counts from when it was set, as `SET … EX` does"),
            "whether a hit starts the time to live again",
        ),
        key(
            "write_share",
            ratio(Limits::from("0%", "99.9999%")),
            Need::Assumed("0%", "what is written is taken to be other objects than what is read through the cache"),
            "share of writes among all operations on the cached objects",
        ),
        key(
            "on_write",
            Shape::Word(&["invalidate", "update"]),
            Need::Assumed("invalidate", "cache-aside: the writer deletes the copy; the lower hit ratio of the two"),
            "what a write does to the cached copy",
        ),
        key(
            "coalescing",
            Shape::Flag,
            Need::Assumed("false", "without a lock or a lease every miss reads the database"),
            "whether misses of one key at the same time share one read of the tier behind",
        ),
        key(
            "hashing",
            Shape::Word(&["consistent", "modulo"]),
            Need::Assumed("consistent", "hash slots and hash rings move the keys of a lost node only"),
            "how keys find their node: consistent or by the remainder, which moves nearly all when a node is lost",
        ),
        key(
            "shards",
            Shape::Count(Limits::from("1", "100000")),
            Need::Unset("every node has objects of its own"),
            "parts into which the objects are divided; nodes beyond that are copies, which serve and survive losses",
        ),
        key(
            "node_overhead",
            data(Limits::from("0 B", "1 TiB")),
            Need::Assumed("0 B", "the memory of a node type is what data may use; `usable_share` keeps the reserve"),
            "memory of each node that no object can use, taken off before `usable_share`",
        ),
    ],
};

static DATABASE: Section = Section {
    noun: "a database tier",
    one_of: &[],
    keys: &[
        KIND_ROW,
        FLEET_SERVICE_TIME,
        SERVICE_SCV,
        SHARED_DISCIPLINE,
        FLEET_ROUND_TRIP,
        FLEET_PLACEMENT,
        DATA_REQUEST_SIZE,
        DATA_RESPONSE_SIZE,
        ROUTING,
        CANDIDATE_ROUTING,
        key(
            "engine",
            Shape::Word(&["postgres", "mysql", "aurora"]),
            Need::Assumed("postgres", "the engine of the reference system"),
            "engine, which decides the price of an instance",
        ),
        TYPE,
        CANDIDATES,
        key(
            "read_replicas",
            Shape::Count(Limits::from("0", "1000")),
            Need::Assumed("0", "the least that can run is the primary"),
            "read replicas of today, besides the primary",
        ),
        key(
            "min_read_replicas",
            Shape::Count(Limits::from("0", "1000")),
            Need::Assumed("0", "the least that can run is the primary"),
            "least number of read replicas that a search may choose",
        ),
        key(
            "max_read_replicas",
            Shape::Count(Limits::from("0", "1000")),
            Need::Derived(
                "15, the limit of RDS (not checked against its documents), or `read_replicas` if that is more",
            ),
            "largest number of read replicas that a search may choose",
        ),
        SERVERS,
        key(
            "standby",
            Shape::Flag,
            Need::Assumed("true", "a database that matters has a Multi-AZ standby; it costs one more instance"),
            "whether a synchronous standby in another zone waits for the primary to fail",
        ),
        key(
            "failover_time",
            duration(Limits::from("0 s", "1 d")),
            Need::Published("90 s", "AWS RDS Multi-AZ: typically 60 to 120 s, the middle is taken"),
            "time without a primary each time that it fails",
        ),
        READ_SPLIT,
        REPLICA_APPLY_SHARE,
        REPLICATION_LAG,
        OBJECTS,
        MAX_CONNECTIONS,
        MAX_REFUSED,
        IOPS_LIMIT,
        THROUGHPUT_LIMIT,
        IOS_PER_READ,
        IOS_PER_WRITE,
        IO_SIZE,
        REDUNDANCY,
        key(
            "mtbf",
            duration(Limits::above("0 s", "10000 y")),
            Need::Assumed("2190 h", "planning estimate: four failures a year, maintenance included"),
            "mean time between failures of one instance",
        ),
        key(
            "mttr",
            duration(Limits::from("0 s", "1 y")),
            Need::Assumed("30 min", "planning estimate: recovery of a single instance and its storage"),
            "mean time until a failed instance serves again",
        ),
    ],
};

static OBJECT_STORAGE: Section = Section {
    noun: "an object_storage tier",
    one_of: &[],
    keys: &[
        KIND_ROW,
        key(
            "service_time",
            duration(TIME),
            Need::Published("100 ms", "AWS S3 performance guidelines: 100 to 200 ms for small objects"),
            "mean time to the first byte",
        ),
        OBJECT_SIZE,
        TRANSFER_RATE,
        REQUESTS_PER_PREFIX,
        PREFIXES,
        EGRESS_SHARE,
        EGRESS_PRICE,
        SERVICE_SCV,
        MANAGED_ROUND_TRIP,
        key(
            "availability",
            ratio(Limits::above("0%", "100%")),
            Need::Published("99.99%", "Amazon S3 Standard is designed for it; its SLA is 99.9 %"),
            "share of time in which objects can be read",
        ),
        key(
            "price_per_million",
            money(),
            Need::Published("0.4 USD", "AWS S3 pricing page, GET requests"),
            "price of a million requests",
        ),
        key(
            "stored",
            data(Limits::from("0 B", "8192 TiB")),
            Need::Assumed("0 B", "what is stored costs nothing until its size is given"),
            "data stored, which is billed",
        ),
        key(
            "storage_price",
            money(),
            Need::Published("0.023 USD", "AWS S3 pricing page, Standard, first 50 TB"),
            "price of a GB stored for a month",
        ),
    ],
};

static DELAY: Section = Section {
    noun: "a delay tier",
    one_of: &[],
    keys: &[
        KIND_ROW,
        key(
            "service_time",
            duration(TIME),
            Need::Assumed("0 s", "what is not given takes no time"),
            "mean of the time that varies from visit to visit",
        ),
        SERVICE_SCV,
        key(
            "fixed_time",
            duration(TIME),
            Need::Assumed("0 s", "what is not given takes no time"),
            "fixed time of each visit",
        ),
        MANAGED_ROUND_TRIP,
        key(
            "availability",
            ratio(Limits::above("0%", "100%")),
            Need::Assumed("100%", "nothing is known about somebody else's service"),
            "share of time in which it works",
        ),
    ],
};
