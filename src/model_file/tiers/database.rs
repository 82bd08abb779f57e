//! Reads a database tier.

use super::TierContext;
use super::fleet::{Counts, FleetKeys, read_fleet};
use crate::model::{DatabaseRole, Fleet, FleetRole, StorageLimits};
use crate::model_file::catalogue::{Catalogue, DatabaseEngine};
use crate::model_file::fields::Fields;
use crate::model_file::keys::tiers::database;
use crate::model_file::notes::{Notes, Read};

/// Limit of RDS on read replicas.
const DEFAULT_MAX_REPLICAS: u32 = 15;

/// Reads a `database` tier.
pub fn read_database(fields: &Fields<'_>, context: &TierContext<'_>, notes: &mut Notes) -> Read<Fleet> {
    let engine = fields.get(&database::ENGINE, notes);
    let standby = fields.get(&database::STANDBY, notes);
    let failover_time = fields.get(&database::FAILOVER_TIME, notes);
    let read_split = fields.get(&database::READ_SPLIT, notes);
    let replica_apply_share = fields.get(&database::REPLICA_APPLY_SHARE, notes);
    let replication_lag = fields.get(&database::REPLICATION_LAG, notes);
    let objects = fields.optional(&database::OBJECTS, notes);
    let max_connections = fields.optional(&database::MAX_CONNECTIONS, notes);
    let max_refused = fields.get(&database::MAX_REFUSED, notes);
    let storage = read_storage(fields, notes);
    let role = || -> Read<FleetRole> {
        Ok(FleetRole::Database(DatabaseRole {
            standby: standby?,
            failover_time: failover_time?,
            read_split: read_split?,
            replica_apply_share: replica_apply_share?,
            replication_lag: replication_lag?,
            objects: objects?.map(|objects| objects as f64),
            max_connections: max_connections?,
            max_refused: max_refused?,
            storage: storage?,
        }))
    };
    let counts = read_replicas(fields, notes);
    let catalogue = Catalogue::Database(engine.unwrap_or(DatabaseEngine::Postgres));
    let own = FleetKeys { catalogue, role: role(), counts };
    read_fleet(fields, context, own, notes)
}

fn read_storage(fields: &Fields<'_>, notes: &mut Notes) -> Read<StorageLimits> {
    let operations = fields.get(&database::IOPS_LIMIT, notes);
    let throughput = fields.get(&database::THROUGHPUT_LIMIT, notes);
    let per_read = fields.get(&database::IOS_PER_READ, notes);
    let per_write = fields.get(&database::IOS_PER_WRITE, notes);
    let operation_size = fields.get(&database::IO_SIZE, notes);
    Ok(StorageLimits {
        operations: operations?,
        throughput: throughput?,
        per_read: per_read?,
        per_write: per_write?,
        operation_size: operation_size?.get(),
    })
}

/// A database's counts include the primary; the keys count read replicas.
fn read_replicas(fields: &Fields<'_>, notes: &mut Notes) -> Read<Counts> {
    let current = fields.get(&database::READ_REPLICAS, notes);
    let min = fields.get(&database::MIN_READ_REPLICAS, notes);
    let max = DEFAULT_MAX_REPLICAS.max(*current.as_ref().unwrap_or(&0));
    let max = fields.get_or(&database::MAX_READ_REPLICAS, (max, &max.to_string()), notes);
    Ok(Counts::new(1 + current?, 1 + min?, 1 + max?))
}
