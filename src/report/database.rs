use crate::evaluate::{DatabaseFigures, Evaluation, InstanceLoad, TierFigures};
use crate::model::{DatabaseRole, ReadSplit};

use super::Grid;
use super::format::{count, percent};
use super::table::{Column, Unit, grid};

/// What of a database is busy all the time first as the load grows.
pub(super) fn saturates_first(figures: &DatabaseFigures) -> &'static str {
    let replica = figures.replica.map_or(0.0, |replica| replica.utilization);
    let servers = figures.primary.utilization.max(replica);
    match (figures.storage(), figures.storage_limit) {
        (Some(storage), Some(limit)) if storage > servers => limit.name(),
        _ if replica > figures.primary.utilization => "servers of the replicas",
        _ => "servers of the primary",
    }
}

/// Primary and replicas of every database in a state of the system; `None` without a database.
pub(super) fn database_grid(state: &Evaluation) -> Option<Grid> {
    struct Row {
        name: String,
        load: InstanceLoad,
        applying: Option<f64>,
    }
    let columns: [Column<Row>; 6] = [
        Column::new("database", Unit::Words, |row: &Row| row.name.as_str().into()),
        Column::new("utilization", Unit::Share(1), |row: &Row| row.load.utilization.into()),
        Column::new("applying writes", Unit::Share(1), |row: &Row| {
            row.applying.map(|share| share * row.load.utilization).into()
        }),
        Column::new("storage", Unit::Share(1), |row: &Row| row.load.storage.into()).if_any(),
        Column::new("connections in use", Unit::Count, |row: &Row| {
            let text = |used: f64, limit: u32| format!("{used:.1} of {}", count(f64::from(limit)));
            row.load.connections.map(|connections| text(connections.in_use, connections.limit)).into()
        })
        .if_any(),
        Column::new("refused", Unit::Share(4), |row: &Row| row.load.connections.map(|found| found.refused).into())
            .if_any(),
    ];
    let mut rows = Vec::new();
    for (tier, figures) in databases(state) {
        rows.push(Row { name: format!("{} primary", tier.name), load: figures.primary, applying: None });
        rows.extend(figures.replica.map(|load| Row {
            name: format!("{}, each replica", tier.name),
            load,
            applying: figures.apply_share,
        }));
    }
    (!rows.is_empty()).then(|| grid(&columns, &rows))
}

/// Where the reads of every database go, which of them may be stale, and what gives out first.
pub fn database_lines(state: &Evaluation) -> Vec<String> {
    databases(state)
        .map(|(tier, figures)| {
            let reads = if figures.replica.is_some() {
                format!(
                    "{} of reads go to replicas, and at most {} of all reads may miss a write that is still being replicated; give \
                     `objects` for a closer figure",
                    percent(figures.reads_on_replicas, 0),
                    percent(figures.stale_reads, 2)
                )
            } else {
                "the primary serves every read, so none is stale".to_owned()
            };
            format!("{}: {reads}. As the load grows, the {} saturate first.", tier.name, plural(saturates_first(figures)))
        })
        .collect()
}

fn plural(name: &str) -> &str {
    match name {
        "iops" => "I/O operations of the storage",
        "throughput" => "bytes per second of the storage",
        servers => servers,
    }
}

/// What the figures of a database rest on.
pub(super) fn database_assumptions(name: &str, role: &DatabaseRole) -> Vec<String> {
    let reads = match role.read_split {
        ReadSplit::Replicas => "reads go to the replicas, to the primary only where there is none",
        ReadSplit::All => "reads go to all instances alike, the primary too",
    };
    let behind = role.objects.map_or_else(
        || "any write that is under way counts for it".to_owned(),
        |objects| format!("a write of the same one of {} objects is under way", count(objects)),
    );
    let mut lines = vec![format!(
        "{name}: {reads}. Every replica repeats every write at {} of the work on the primary. A read on a replica may be \
         stale if {behind}, with a mean lag of {} s; the lag does not grow with the load.",
        percent(role.replica_apply_share.get(), 0),
        role.replication_lag.get()
    )];
    if let Some(limit) = role.max_connections {
        lines.push(format!(
            "{name}: an instance holds {} visits and refuses more (M/M/c/K); a plan may refuse at most {} of them. A \
             refused visit fails; it is not tried again.",
            count(f64::from(limit)),
            percent(role.max_refused.get(), 3)
        ));
    }
    if role.storage.in_use() {
        let (operations, limit) = role.storage.most();
        lines.push(format!(
            "{name}: the storage of an instance does up to {} I/O operations a second ({}); {} for a read, {} for a \
             write. Waiting for the storage is not modelled: its time is in `service_time`, its limit is an end.",
            count(operations),
            limit.name(),
            role.storage.per_read,
            role.storage.per_write
        ));
    }
    lines
}

fn databases(state: &Evaluation) -> impl Iterator<Item = (&TierFigures, &DatabaseFigures)> {
    state.tiers.iter().filter_map(|tier| Some((tier, tier.database.as_ref()?)))
}
