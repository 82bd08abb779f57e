//! Keys of a `database` tier.

use super::super::key::{Key, Section, above, count, data, duration, flag, from, number, probability, quantity, word};
use super::{fleet, shared};
use crate::model::{ReadSplit, Standby};
use crate::model_file::catalogue::DatabaseEngine;
use crate::model_file::quantity::Dimension;
use capplan_queueing::units::{Bytes, Probability, Seconds};

const ENGINES: [(&str, DatabaseEngine); 3] =
    [("postgres", DatabaseEngine::Postgres), ("mysql", DatabaseEngine::Mysql), ("aurora", DatabaseEngine::Aurora)];

const READ_SPLITS: [(&str, ReadSplit); 2] = [("replicas", ReadSplit::Replicas), ("all", ReadSplit::All)];

pub const READ_SPLIT: Key<ReadSplit> = word("read_split", &READ_SPLITS)
    .assumed("replicas", "replicas are there to take the reads off the primary")
    .doc("replicas: reads go to the replicas, to the primary only if there is none; all: to every instance alike");
pub const REPLICA_APPLY_SHARE: Key<Probability> = probability("replica_apply_share", from("0%", "100%")).assumed("100%",
        "every replica repeats every write; as much work as on the primary is the safe side, applying a log may cost less").doc("work of applying a write on a replica, as a share of the work of the write on the primary");
pub const REPLICATION_LAG: Key<Seconds> = duration("replication_lag", from("0 s", "1 d"))
    .assumed(
        "15 ms",
        "planning estimate for replicas on shared storage; replicas that stream a log are often behind more",
    )
    .doc("mean time from a write on the primary until a replica has applied it");
pub const OBJECTS: Key<u64> = count("objects", from("1", "1e12"))
    .unset("every write that is under way counts for every read, an upper bound")
    .doc("distinct objects that writes and reads touch, equally often; decides which reads may be stale");
pub const MAX_CONNECTIONS: Key<u32> = count("max_connections", from("1", "1000000"))
    .unset("no visit is refused")
    .doc("visits that one instance holds at the same time; the others are refused and count as failed");
pub const MAX_REFUSED: Key<Probability> = probability("max_refused", from("0%", "100%"))
    .assumed("0.01%", "a tenth of the errors that 99.9 % of good requests leave")
    .doc("largest share of visits that `max_connections` may refuse, after the designed loss");
pub const IOPS_LIMIT: Key<f64> = quantity("iops_limit", Dimension::Rate, above("0/s", "1e9/s"), Some)
    .published("3000/s", "AWS EBS pricing page: what a gp3 volume includes")
    .doc("I/O operations per second of the storage of one instance");
pub const THROUGHPUT_LIMIT: Key<f64> =
    quantity("throughput_limit", Dimension::Throughput, above("0 kB/s", "1000 GiB/s"), Some)
        .published("125 MiB/s", "AWS EBS pricing page: what a gp3 volume includes")
        .doc("data per second of the storage of one instance");
pub const IOS_PER_READ: Key<f64> = number("ios_per_read", from("0", "1e6"))
    .assumed("0", "what is not given does not happen: reads find their pages in memory")
    .doc("I/O operations of a read");
pub const IOS_PER_WRITE: Key<f64> = number("ios_per_write", from("0", "1e6"))
    .assumed("0", "what is not given does not happen")
    .doc("I/O operations of a write, on the primary and again on every replica");
pub const IO_SIZE: Key<Bytes> = data("io_size", above("0 B", "1 GiB"))
    .assumed("16 KiB", "a page of MySQL's InnoDB; a page of PostgreSQL is half of it")
    .doc("mean size of an I/O operation, for `throughput_limit`");
pub const ENGINE: Key<DatabaseEngine> = word("engine", &ENGINES)
    .assumed("postgres", "the engine of the reference system")
    .doc("engine, which decides the price of an instance");
pub const READ_REPLICAS: Key<u32> = count("read_replicas", from("0", "1000"))
    .assumed("0", "the least that can run is the primary")
    .doc("read replicas of today, besides the primary");
pub const MIN_READ_REPLICAS: Key<u32> = count("min_read_replicas", from("0", "1000"))
    .assumed("0", "the least that can run is the primary")
    .doc("least number of read replicas that a search may choose");
pub const MAX_READ_REPLICAS: Key<u32> = count("max_read_replicas", from("0", "1000"))
    .derived("15, the limit of RDS (not checked against its documents), or `read_replicas` if that is more")
    .doc("largest number of read replicas that a search may choose");
pub const STANDBY: Key<Standby> = flag("standby", &[("true", Standby::Synchronous), ("false", Standby::None)])
    .assumed("true", "a database that matters has a Multi-AZ standby; it costs one more instance")
    .doc("whether a synchronous standby in another zone waits for the primary to fail");
pub const FAILOVER_TIME: Key<Seconds> = duration("failover_time", from("0 s", "1 d"))
    .published("90 s", "AWS RDS Multi-AZ: typically 60 to 120 s, the middle is taken")
    .doc("time without a primary each time that it fails");
pub const MTBF: Key<Seconds> = duration("mtbf", above("0 s", "10000 y"))
    .assumed("2190 h", "planning estimate: four failures a year, maintenance included")
    .doc("mean time between failures of one instance");
pub const MTTR: Key<Seconds> = duration("mttr", from("0 s", "1 y"))
    .assumed("30 min", "planning estimate: recovery of a single instance and its storage")
    .doc("mean time until a failed instance serves again");

/// `[tiers.NAME]` of the kind `database`
pub static SECTION: Section = Section::new(
    "a database tier",
    &[
        shared::KIND.row,
        fleet::SERVICE_TIME.row,
        shared::SERVICE_SCV.row,
        fleet::DISCIPLINE.row,
        fleet::ROUND_TRIP.row,
        fleet::PLACEMENT.row,
        fleet::REQUEST_SIZE.row,
        fleet::RESPONSE_SIZE.row,
        fleet::ROUTING.row,
        fleet::CANDIDATE_ROUTING.row,
        ENGINE.row,
        fleet::INSTANCE_TYPE.row,
        fleet::CANDIDATE_TYPES.row,
        READ_REPLICAS.row,
        MIN_READ_REPLICAS.row,
        MAX_READ_REPLICAS.row,
        fleet::SERVERS.row,
        STANDBY.row,
        FAILOVER_TIME.row,
        READ_SPLIT.row,
        REPLICA_APPLY_SHARE.row,
        REPLICATION_LAG.row,
        OBJECTS.row,
        MAX_CONNECTIONS.row,
        MAX_REFUSED.row,
        IOPS_LIMIT.row,
        THROUGHPUT_LIMIT.row,
        IOS_PER_READ.row,
        IOS_PER_WRITE.row,
        IO_SIZE.row,
        fleet::REDUNDANCY.row,
        MTBF.row,
        MTTR.row,
    ],
);
