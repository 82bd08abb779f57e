use capplan_queueing::units::{Probability, Seconds};

/// The structure of a database tier. A [`Choice`](super::Choice) of count `n` is one primary and `n − 1` read replicas.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DatabaseRole {
    /// Whether a synchronous standby in another zone is paid for; it serves nothing until the primary fails.
    pub standby: Standby,
    /// Time without a primary each time that it fails.
    pub failover_time: Seconds,
    /// Where reads go.
    pub read_split: ReadSplit,
    /// Work of applying a write on a replica, as a share of the write's work on the primary.
    pub replica_apply_share: Probability,
    /// Mean time from a write on the primary until a replica has applied it.
    pub replication_lag: Seconds,
    /// Distinct objects that writes and reads touch, equally often; `None` counts every write for every read.
    pub objects: Option<f64>,
    /// Visits that one instance holds at the same time, the others are refused; `None` is no limit.
    pub max_connections: Option<u32>,
    /// The largest share of visits that may be refused.
    pub max_refused: Probability,
    /// Limits of the storage of one instance.
    pub storage: StorageLimits,
}

/// Whether a database has a synchronous standby.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standby {
    /// One more instance of the same type, in another zone.
    Synchronous,
    /// No standby: a read replica is promoted if there is one.
    None,
}

/// Which instances of a database serve reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadSplit {
    /// The replicas; the primary only where there is none.
    Replicas,
    /// All instances alike, the primary too.
    All,
}

/// Limits of the storage of one instance of a database, and the demand of its visits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StorageLimits {
    /// I/O operations per second, above 0.
    pub operations: f64,
    /// Bytes per second, above 0.
    pub throughput: f64,
    /// I/O operations of a read.
    pub per_read: f64,
    /// I/O operations of a write, on the primary and again on each replica.
    pub per_write: f64,
    /// Mean bytes of an operation.
    pub operation_size: f64,
}

/// Which limit of the storage is reached first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageLimit {
    /// Operations per second.
    Operations,
    /// Bytes per second.
    Throughput,
}

impl StorageLimit {
    /// The name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operations => "iops",
            Self::Throughput => "throughput",
        }
    }
}

impl StorageLimits {
    /// Whether visits do any I/O.
    pub fn in_use(&self) -> bool {
        self.per_read > 0.0 || self.per_write > 0.0
    }

    /// Operations per second that both limits allow, and which of them sets it.
    pub fn most(&self) -> (f64, StorageLimit) {
        let by_throughput = self.throughput / self.operation_size;
        if by_throughput < self.operations {
            (by_throughput, StorageLimit::Throughput)
        } else {
            (self.operations, StorageLimit::Operations)
        }
    }

    /// Share of what the storage can do that reads and writes per second of one instance ask.
    pub fn load(&self, reads: f64, writes: f64) -> f64 {
        (reads * self.per_read + writes * self.per_write) / self.most().0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_operations_meet_the_throughput_first() {
        let mut storage = StorageLimits {
            operations: 3_000.0,
            throughput: 131_072_000.0,
            per_read: 2.0,
            per_write: 4.0,
            operation_size: 8_192.0,
        };
        assert_eq!(storage.most(), (3_000.0, StorageLimit::Operations));
        assert_eq!(storage.load(500.0, 125.0), 0.5);
        storage.operation_size = 131_072.0;
        assert_eq!(storage.most(), (1_000.0, StorageLimit::Throughput));
        assert_eq!(storage.load(100.0, 75.0), 0.5);
    }
}
