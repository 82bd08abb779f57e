use crate::model::{Choice, FleetRole, Tier};

use super::database::DatabaseStations;
use super::situation::power;
use super::{DatabaseFigures, Survivors};

/// What a database refuses for want of connections.
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
    /// That of a database under a flow; nothing for any other tier and without a limit.
    ///
    /// # Formula
    ///
    /// ```text
    /// reads: β·B_replica + (1 − β)·B_primary,   writes: B_primary
    /// ```
    ///
    /// with the share `β` of reads that go to replicas and `B` the blocking of M/M/c/K, `K` being the connections.
    pub fn of(database: Option<&DatabaseFigures>) -> Self {
        let Some(database) = database else { return Self::default() };
        let refused = |load: &super::database::InstanceLoad| load.connections.map_or(0.0, |found| found.refused);
        Self::new(refused(&database.primary), database.replica.as_ref().map(refused), database.reads_on_replicas)
    }

    pub(super) fn new(primary: f64, replica: Option<f64>, on_replicas: f64) -> Self {
        let replica = replica.unwrap_or(0.0);
        Self { reads: on_replicas * replica + (1.0 - on_replicas) * primary, writes: primary, primary, replica }
    }

    /// The larger of the shares that the primary and a replica refuse.
    pub const fn most(&self) -> f64 {
        self.primary.max(self.replica)
    }

    /// The share of requests with so many visits of which none is refused.
    pub fn passes(&self, reads: u32, writes: u32) -> f64 {
        power(1.0 - self.reads, reads) * power(1.0 - self.writes, writes)
    }
}

/// What a tier refuses under a flow, also one that keeps its servers busy all the time; `None` where connections are not
/// limited, and where the storage is what cannot keep up: then visits wait whatever the connections.
pub fn tier_refusal(tier: &Tier, choice: Option<Choice>, left: Survivors, reads: f64, writes: f64) -> Option<Refusal> {
    let (fleet, choice) = (tier.fleet()?, choice?);
    let FleetRole::Database(role) = &fleet.role else { return None };
    role.max_connections?;
    DatabaseStations::new(tier, fleet, role, choice, left, (reads, writes)).ok()?.refusal()
}
