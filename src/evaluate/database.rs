use std::sync::Arc;

use crate::model::{Choice, DatabaseRole, Fleet, FleetRole, ReadSplit, StorageLimit, Tier};
use capplan_queueing::queues::{MixedLaw, Mmck, RoutingPolicy, VisitLaw};
use capplan_queueing::units::{ArrivalRate, Servers};

use super::busiest::least_instances;
use super::condition::{Primary, Survivors};
use super::station::Station;
use super::{Breakdown, Flow, Refusal, TierLaws};

/// Figures of the instances of a database beside their queues.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DatabaseFigures {
    /// The primary.
    pub primary: InstanceLoad,
    /// Each replica; `None` where there is none.
    pub replica: Option<InstanceLoad>,
    /// Share of reads that go to replicas.
    pub reads_on_replicas: f64,
    /// Share of a replica's work that is the applying of writes; `None` where there is no replica.
    pub apply_share: Option<f64>,
    /// Share of all reads that may miss a write that is not applied yet.
    pub stale_reads: f64,
    /// Which limit of the storage is reached first; `None` where visits do no I/O.
    pub storage_limit: Option<StorageLimit>,
}

/// Load of one instance of a database against its limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InstanceLoad {
    /// Busy share of its servers.
    pub utilization: f64,
    /// Busy share of its storage; `None` where visits do no I/O.
    pub storage: Option<f64>,
    /// Its connections; `None` where they are not limited.
    pub connections: Option<ConnectionLoad>,
}

/// The connections of one instance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConnectionLoad {
    /// Mean number in use.
    pub in_use: f64,
    /// Number of connections.
    pub limit: u32,
    /// Share of visits that find no free connection.
    pub refused: f64,
}

impl DatabaseFigures {
    /// The larger share of what the storage of an instance can do.
    pub fn storage(&self) -> Option<f64> {
        let replica = self.replica.and_then(|replica| replica.storage).unwrap_or(0.0);
        self.primary.storage.map(|primary| primary.max(replica))
    }

    /// The larger of the shares of visits that primary and replicas refuse; `None` without a limit.
    pub fn refused(&self) -> Option<f64> {
        self.primary.connections.map(|_| self.refusal().most())
    }

    /// The visits refused; none without a limit.
    pub fn refusal(&self) -> Refusal {
        let refused = |load: &InstanceLoad| load.connections.map_or(0.0, |found| found.refused);
        Refusal::new(refused(&self.primary), self.replica.as_ref().map(refused), self.reads_on_replicas)
    }
}

/// The share of visits that a fleet refuses, where it is more than it may refuse.
pub(crate) fn too_many_refused(fleet: &Fleet, figures: Option<&DatabaseFigures>) -> Option<f64> {
    let refused = figures.and_then(DatabaseFigures::refused)?;
    (refused > max_refused(fleet)).then_some(refused)
}

/// The largest share of visits to a fleet that may be refused.
pub(crate) fn max_refused(fleet: &Fleet) -> f64 {
    match &fleet.role {
        FleetRole::Database(role) => role.max_refused.get(),
        FleetRole::Service | FleetRole::Cache(_) => 1.0,
    }
}

/// The primary and the replicas of a database under a flow.
pub(super) struct DatabaseStations<'a> {
    role: &'a DatabaseRole,
    flow: Flow,
    /// With the reads that it serves.
    primary: Station<'a>,
    /// With the writes that they apply; `None` where nothing is left of them.
    replicas: Option<Station<'a>>,
    /// Share of reads that go to replicas.
    on_replicas: f64,
}

impl<'a> DatabaseStations<'a> {
    /// Splits the flow of a database between primary and replicas.
    ///
    /// # Formula
    ///
    /// With `n` replicas, reads `r`, writes `w` and the share `α` of a write's work that applying it costs:
    ///
    /// ```text
    /// read_split = replicas:  primary w,              replicas r + n·α·w
    /// read_split = all:       primary r/(n+1) + w,    replicas r·n/(n+1) + n·α·w
    /// ```
    ///
    /// as visits per second of the mean work. Without replicas the primary serves everything.
    ///
    /// # Accuracy
    ///
    /// Applied writes count as `α` visits of the mean work each: the work is exact, and so are mean times with processor
    /// sharing, which do not see the law of the work; in order of arrival waits are on the safe side for `α < 1`.
    pub fn new(
        tier: &'a Tier,
        fleet: &'a Fleet,
        role: &'a DatabaseRole,
        choice: Choice,
        left: Survivors,
        flow: Flow,
    ) -> Result<Self, Breakdown> {
        let Flow { reads, writes } = flow;
        if left.primary == Primary::Lost {
            return Err(Breakdown::Down { tier: tier.name.clone() });
        }
        let alone =
            Station { tier, fleet, choice, rate: reads + writes, instances: 1, routing: RoutingPolicy::SharedQueue };
        if left.serving == 0 {
            return Ok(Self { role, flow, primary: alone, replicas: None, on_replicas: 0.0 });
        }
        let count = f64::from(left.serving);
        let on_replicas = match role.read_split {
            ReadSplit::Replicas => 1.0,
            ReadSplit::All => count / (count + 1.0),
        };
        let applied = count * role.replica_apply_share.get() * writes;
        let primary = Station { rate: reads * (1.0 - on_replicas) + writes, ..alone };
        let rate = reads * on_replicas + applied;
        let replicas = Station { rate, instances: left.serving, routing: choice.routing, ..alone };
        Ok(Self { role, flow, primary, replicas: Some(replicas), on_replicas })
    }

    /// The laws of reads and writes.
    pub fn laws(&self) -> Result<TierLaws, Breakdown> {
        let write = self.primary.law()?;
        let read = match &self.replicas {
            None => write.clone(),
            Some(replicas) if self.on_replicas == 1.0 => replicas.law()?,
            Some(replicas) => VisitLaw::Mixed(Arc::new(MixedLaw {
                probability: 1.0 - self.on_replicas,
                first: write.clone(),
                second: replicas.law()?,
            })),
        };
        Ok(TierLaws { read, write })
    }

    /// Mean wait over reads and writes if all replicas had one queue.
    pub fn pooled_waiting_time(&self) -> Option<f64> {
        let primary = self.primary.waiting_time().ok()?;
        let Some(replicas) = &self.replicas else { return Some(primary) };
        let pooled = Station { routing: RoutingPolicy::SharedQueue, ..*replicas }.waiting_time().ok()?;
        let visits = self.flow.total();
        let share = if visits > 0.0 { self.flow.reads * self.on_replicas / visits } else { self.on_replicas };
        Some(share * pooled + (1.0 - share) * primary)
    }

    /// Busy share of the busiest servers.
    pub fn utilization(&self) -> Result<f64, Breakdown> {
        let primary = self.primary.utilization()?;
        self.replicas.as_ref().map_or(Ok(primary), |replicas| Ok(replicas.utilization()?.max(primary)))
    }

    /// Offered work as a share of the capacity of the fullest servers or storage; 1 or more without a steady state.
    pub fn work(&self) -> Result<f64, Breakdown> {
        let storage = &self.role.storage;
        let mut most = self.primary.work()?;
        let mut io = |reads: f64| {
            if storage.in_use() {
                most = most.max(storage.load(reads, self.flow.writes));
            }
        };
        io(self.flow.reads * (1.0 - self.on_replicas));
        if let Some(replicas) = &self.replicas {
            io(self.flow.reads * self.on_replicas / f64::from(replicas.instances));
            most = most.max(replicas.work()?);
        }
        Ok(most)
    }

    /// Servers that serve reads.
    pub fn servers(&self, per_instance: u64) -> u64 {
        per_instance * self.replicas.as_ref().map_or(1, |replicas| u64::from(replicas.instances))
    }

    /// Connections, storage and stale reads of primary and replicas.
    ///
    /// # Method
    ///
    /// Connections: M/M/c/K for each instance, K being its connections; the laws above have no limit, which is the safe
    /// side for the visits that are accepted. Storage: I/O operations per second over what the limits allow. Stale reads:
    /// writes that are under way to a replica are a Poisson number with mean `w·L` whatever the law of the lag `L`
    /// (M/G/∞), so a read on a replica meets one that concerns it with probability `1 − e^(−w·L/objects)`.
    ///
    /// # Errors
    ///
    /// [`Breakdown::Overloaded`] where the storage cannot keep up.
    pub fn figures(&self) -> Result<DatabaseFigures, Breakdown> {
        let role = self.role;
        let on_primary = self.flow.reads * (1.0 - self.on_replicas);
        let primary = self.instance(&self.primary, on_primary, 1.0)?;
        let replica = self
            .replicas
            .as_ref()
            .map(|replicas| {
                let count = f64::from(replicas.instances);
                self.instance(replicas, self.flow.reads * self.on_replicas / count, count)
            })
            .transpose()?;
        let apply_share = self.replicas.as_ref().map(|replicas| {
            let applied = f64::from(replicas.instances) * role.replica_apply_share.get() * self.flow.writes;
            if replicas.rate > 0.0 { applied / replicas.rate } else { 0.0 }
        });
        let under_way = self.flow.writes * role.replication_lag.get() / role.objects.unwrap_or(1.0);
        let figures = DatabaseFigures {
            primary,
            replica,
            reads_on_replicas: self.on_replicas,
            apply_share,
            stale_reads: -(self.on_replicas * (-under_way).exp_m1()),
            storage_limit: role.storage.in_use().then(|| role.storage.most().1),
        };
        match figures.storage() {
            Some(utilization) if utilization >= 1.0 => {
                Err(Breakdown::Overloaded { tier: self.primary.tier.name.clone(), utilization })
            }
            _ => Ok(figures),
        }
    }

    /// The visits refused for want of connections, whatever the load of the servers; `None` where the storage cannot keep up.
    pub fn refusal(&self) -> Option<Refusal> {
        let limit = self.role.max_connections?;
        let storage = &self.role.storage;
        let of = |station: &Station<'_>, reads: f64, count: f64| {
            let keeps_up = !storage.in_use() || storage.load(reads, self.flow.writes) < 1.0;
            keeps_up.then(|| connections(station, limit, count).ok()).flatten().map(|found| found.refused)
        };
        let primary = of(&self.primary, self.flow.reads * (1.0 - self.on_replicas), 1.0)?;
        let replica = match &self.replicas {
            None => None,
            Some(replicas) => {
                let count = f64::from(replicas.instances);
                Some(of(replicas, self.flow.reads * self.on_replicas / count, count)?)
            }
        };
        Some(Refusal::new(primary, replica, self.on_replicas))
    }

    fn instance(&self, station: &Station<'_>, reads: f64, count: f64) -> Result<InstanceLoad, Breakdown> {
        let storage = &self.role.storage;
        let connections = self.role.max_connections.map(|limit| connections(station, limit, count)).transpose()?;
        Ok(InstanceLoad {
            utilization: station.utilization()?,
            storage: storage.in_use().then(|| storage.load(reads, self.flow.writes)),
            connections,
        })
    }
}

/// The connections of one of the `count` instances of a station.
fn connections(station: &Station<'_>, limit: u32, count: f64) -> Result<ConnectionLoad, Breakdown> {
    let (load, service_rate) = station.load()?;
    // One queue for all instances has the connections of all.
    let shared = match station.routing {
        RoutingPolicy::SharedQueue => count,
        _ => 1.0,
    };
    let pools = if shared > 1.0 { u64::from(station.instances) } else { 1 };
    let capacity = u64::from(limit) * pools;
    let rate = ArrivalRate::new(load.arrival_rate.get()).map_err(|error| station.breakdown(error))?;
    let servers = Servers::new(load.servers.get().min(capacity)).map_err(|error| station.breakdown(error))?;
    let queue = Mmck::new(rate, service_rate, servers, capacity).map_err(|error| station.breakdown(error))?;
    Ok(ConnectionLoad { in_use: queue.mean_in_system() / shared, limit, refused: queue.blocking_probability() })
}

/// Whether one instance carries reads and writes alone.
pub(super) fn carries_alone(fleet: &Fleet, role: &DatabaseRole, choice: Choice, flow: Flow) -> bool {
    least_instances(fleet, choice, flow.total()) <= 1 && role.storage.load(flow.reads, flow.writes) < 1.0
}

/// Least number of replicas that carry the reads and apply the writes of a database.
pub(super) fn least_replicas(fleet: &Fleet, role: &DatabaseRole, choice: Choice, flow: Flow) -> u64 {
    let Flow { reads, writes } = flow;
    let kind = &fleet.types[choice.instance_type];
    let capacity = kind.speed * kind.servers.get() as f64 / fleet.service_time.get();
    let (operations, _) = role.storage.most();
    let io_left = operations - writes * role.storage.per_write;
    // With `all` the primary, which writes too, is the fuller instance and one of those that share the reads.
    let (left, helpers) = match role.read_split {
        ReadSplit::Replicas => (capacity - role.replica_apply_share.get() * writes, 0),
        ReadSplit::All => (capacity - writes, 1),
    };
    if left <= 0.0 || io_left <= 0.0 {
        return u64::MAX;
    }
    let needed = (reads / left).max(reads * role.storage.per_read / io_left);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive float; saturates")]
    let count = needed.floor() as u64;
    count.saturating_add(1).saturating_sub(helpers).max(1)
}
