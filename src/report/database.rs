use crate::evaluate::{DatabaseFigures, Evaluation, InstanceLoad, TierFigures};
use crate::model::{DatabaseRole, ReadSplit};

use super::Grid;
use super::format::{MISSING, count, percent};

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

/// Primary and replicas of every database in a state of the system.
pub fn database_grid(state: &Evaluation) -> Option<Grid> {
    let mut grid = Grid::new(&["database", "busy", "applying writes", "storage busy", "connections in use", "refused"]);
    for (tier, figures) in databases(state) {
        grid.rows.push(row(&format!("{} primary", tier.name), &figures.primary, None));
        if let Some(replica) = &figures.replica {
            grid.rows.push(row(&format!("{}, each replica", tier.name), replica, figures.apply_share));
        }
    }
    let limited = |pick: fn(&InstanceLoad) -> bool| databases(state).any(|(_, figures)| pick(&figures.primary));
    let (storage, connections) = (limited(|load| load.storage.is_some()), limited(|load| load.connections.is_some()));
    let shown = [true, true, true, storage, connections, connections];
    for cells in std::iter::once(&mut grid.header).chain(&mut grid.rows) {
        let mut column = shown.iter();
        cells.retain(|_| column.next().copied().unwrap_or(true));
    }
    (!grid.rows.is_empty()).then_some(grid)
}

fn row(name: &str, load: &InstanceLoad, applying: Option<f64>) -> Vec<String> {
    let share = |value: Option<f64>| value.map_or_else(|| MISSING.to_owned(), |share| percent(share, 1));
    vec![
        name.to_owned(),
        percent(load.utilization, 1),
        share(applying.map(|share| share * load.utilization)),
        share(load.storage),
        load.connections.map_or_else(
            || MISSING.to_owned(),
            |connections| format!("{:.1} of {}", connections.in_use, count(f64::from(connections.limit))),
        ),
        load.connections.map_or_else(|| MISSING.to_owned(), |connections| percent(connections.refused, 4)),
    ]
}

/// Where the reads of every database go, which of them may be stale, and what gives out first.
pub fn database_lines(state: &Evaluation) -> Vec<String> {
    databases(state)
        .map(|(tier, figures)| {
            let reads = if figures.replica.is_some() {
                format!(
                    "{} of the reads go to replicas, and at most {} of all reads may miss some write that is still under way; \
                     `objects` says how many meet the same one",
                    percent(figures.reads_on_replicas, 0),
                    percent(figures.stale_reads, 2)
                )
            } else {
                "the primary serves every read, so none is stale".to_owned()
            };
            format!("{}: {reads}. As the load grows, the {} give out first.", tier.name, plural(saturates_first(figures)))
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
