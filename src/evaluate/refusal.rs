/// The visits that a database refuses for want of connections.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Refusal {
    /// Share of reads.
    pub reads: f64,
    /// Share of writes.
    pub writes: f64,
    primary: f64,
    replica: f64,
}

impl Refusal {
    /// Weights the blocking of primary and replicas.
    ///
    /// # Formula
    ///
    /// ```text
    /// reads: β·B_replica + (1 − β)·B_primary,   writes: B_primary
    /// ```
    ///
    /// with the share `β` of reads that go to replicas and `B` the blocking of M/M/c/K, `K` being the connections.
    pub(super) fn new(primary: f64, replica: Option<f64>, on_replicas: f64) -> Self {
        let replica = replica.unwrap_or(0.0);
        Self { reads: on_replicas * replica + (1.0 - on_replicas) * primary, writes: primary, primary, replica }
    }

    /// The larger of the shares that the primary and a replica refuse.
    pub const fn most(&self) -> f64 {
        self.primary.max(self.replica)
    }

    /// The probability that none of so many visits is refused.
    pub fn passes(&self, reads: u32, writes: u32) -> f64 {
        power(1.0 - self.reads, reads) * power(1.0 - self.writes, writes)
    }
}

/// The probability that `visits` visits in a row succeed when each does with probability `share`.
pub(super) fn power(share: f64, visits: u32) -> f64 {
    share.powi(i32::try_from(visits).unwrap_or(i32::MAX))
}
