//! Keys of a database: its replicas, its connections and its storage.

use super::super::quantity::Dimension;
use super::{Key, Limits, Need, Shape, data, duration, key, ratio};

pub(super) const READ_SPLIT: Key = key(
    "read_split",
    Shape::Word(&["replicas", "all"]),
    Need::Assumed("replicas", "replicas are there to take the reads off the primary"),
    "replicas: reads go to the replicas, to the primary only if there is none; all: to every instance alike",
);
pub(super) const REPLICA_APPLY_SHARE: Key = key(
    "replica_apply_share",
    ratio(Limits::from("0%", "100%")),
    Need::Assumed(
        "100%",
        "every replica repeats every write; as much work as on the primary is the safe side, applying a log may cost less",
    ),
    "work of applying a write on a replica, as a share of the work of the write on the primary",
);
pub(super) const REPLICATION_LAG: Key = key(
    "replication_lag",
    duration(Limits::from("0 s", "1 d")),
    Need::Assumed(
        "15 ms",
        "planning estimate for replicas on shared storage; replicas that stream a log are often behind more",
    ),
    "mean time from a write on the primary until a replica has applied it",
);
pub(super) const OBJECTS: Key = key(
    "objects",
    Shape::Count(Limits::from("1", "1e12")),
    Need::Unset("every write that is under way counts for every read, an upper bound"),
    "distinct objects that writes and reads touch, equally often; decides which reads may be stale",
);
pub(super) const MAX_CONNECTIONS: Key = key(
    "max_connections",
    Shape::Count(Limits::from("1", "1000000")),
    Need::Unset("no visit is refused"),
    "visits that one instance holds at the same time; the others are refused and count as failed",
);
pub(super) const MAX_REFUSED: Key = key(
    "max_refused",
    ratio(Limits::from("0%", "100%")),
    Need::Assumed("0.01%", "a tenth of the errors that 99.9 % of good requests leave"),
    "largest share of visits that `max_connections` may refuse, after the designed loss",
);
pub(super) const IOPS_LIMIT: Key = key(
    "iops_limit",
    Shape::Quantity(Dimension::Rate, Limits::above("0/s", "1e9/s")),
    Need::Published("3000/s", "AWS EBS pricing page: what a gp3 volume includes"),
    "I/O operations per second of the storage of one instance",
);
pub(super) const THROUGHPUT_LIMIT: Key = key(
    "throughput_limit",
    Shape::Quantity(Dimension::Throughput, Limits::above("0 kB/s", "1000 GiB/s")),
    Need::Published("125 MiB/s", "AWS EBS pricing page: what a gp3 volume includes"),
    "data per second of the storage of one instance",
);
pub(super) const IOS_PER_READ: Key = key(
    "ios_per_read",
    Shape::Number(Limits::from("0", "1e6")),
    Need::Assumed("0", "what is not given does not happen: reads find their pages in memory"),
    "I/O operations of a read",
);
pub(super) const IOS_PER_WRITE: Key = key(
    "ios_per_write",
    Shape::Number(Limits::from("0", "1e6")),
    Need::Assumed("0", "what is not given does not happen"),
    "I/O operations of a write, on the primary and again on every replica",
);
pub(super) const IO_SIZE: Key = key(
    "io_size",
    data(Limits::above("0 B", "1 GiB")),
    Need::Assumed("16 KiB", "a page of MySQL's InnoDB; a page of PostgreSQL is half of it"),
    "mean size of an I/O operation, for `throughput_limit`",
);
