//! Where jobs go, in the file of a network: `[routing.CLASS]` and `[[path.CLASS]]`.

use super::Flow;
use super::read::{Names, index_of, missing, number, out_of_range, wrong};
use super::read_steps::read_path;
use crate::model_file::codes::Code;
use crate::model_file::notes::{Notes, Read, Refused};
use crate::model_file::tree::{Entry, Table, Value};
use crate::model_file::values::{Wrong, join};

/// How far a sum of shares may be from what it must be: decimal shares do not sum exactly in binary.
const SUM_TOLERANCE: f64 = 1e-9;

/// The routing of each class, `None` for one that has visits.
pub(super) fn read_routing(root: &Table, names: &Names, notes: &mut Notes) -> Vec<Option<Flow>> {
    let mut flows = vec![None; names.classes.len()];
    let Some(entry) = root.get("routing") else { return flows };
    let Value::Table(table) = &entry.node.value else {
        wrong(&entry.node, "routing", Wrong::value(&entry.node, "a table by class"), notes);
        return flows;
    };
    for entry in &table.entries {
        let path = join("routing", &entry.key);
        let class = index_of(&entry.key, &entry.key_origin, &path, "class", &names.classes, notes);
        let flow = read_class_routing(entry, &path, &names.stations, notes);
        if let (Ok(class), Ok(flow)) = (class, flow) {
            flows[class] = Some(flow);
        }
    }
    flows
}

/// Adds the paths of the classes that have one.
pub(super) fn read_paths(root: &Table, names: &Names, flows: &mut [Option<Flow>], notes: &mut Notes) {
    let Some(entry) = root.get("path") else { return };
    let Value::Table(table) = &entry.node.value else {
        wrong(&entry.node, "path", Wrong::value(&entry.node, "a table by class"), notes);
        return;
    };
    for entry in &table.entries {
        let path = join("path", &entry.key);
        let class = index_of(&entry.key, &entry.key_origin, &path, "class", &names.classes, notes);
        let steps = read_path(entry, &path, &names.stations, notes);
        let Ok(class) = class else { continue };
        if flows[class].is_some() {
            let message = format!("class `{}` has `routing`, so its path follows from that", entry.key);
            notes.fault(Code::CONFLICT, &entry.key_origin, &path, message, None);
        } else if let Ok(steps) = steps {
            flows[class] = Some(Flow::Path(steps));
        }
    }
}

fn read_class_routing(entry: &Entry, path: &str, stations: &[String], notes: &mut Notes) -> Read<Flow> {
    let Value::Table(table) = &entry.node.value else {
        return Err(wrong(&entry.node, path, Wrong::value(&entry.node, "a table by station"), notes));
    };
    let mut entry_shares = None;
    let mut shares = vec![vec![0.0; stations.len()]; stations.len()];
    for row in &table.entries {
        let at = join(path, &row.key);
        let read = read_row(row, &at, stations, notes);
        let sum = read.as_ref().map_or(0.0, |row| row.iter().sum::<f64>());
        if row.key == "entry" {
            if read.is_ok() && (sum - 1.0).abs() > SUM_TOLERANCE {
                out_of_range(&row.node, &at, format!("the shares of `entry` sum to {sum}, not 1"), notes);
            }
            entry_shares = Some(read);
            continue;
        }
        let station = index_of(&row.key, &row.key_origin, &at, "station", stations, notes);
        if sum > 1.0 + SUM_TOLERANCE {
            let message = format!("`{}` routes {sum} of its jobs; shares must sum to at most 1", row.key);
            out_of_range(&row.node, &at, message, notes);
        }
        if let (Ok(station), Ok(read)) = (station, read) {
            shares[station] = read;
        }
    }
    let Some(entry_shares) = entry_shares else {
        let help = "write `entry = { STATION = 1 }`: where jobs begin";
        return Err(missing(path, "entry", "a routing", help, &entry.key_origin, notes));
    };
    Ok(Flow::Routing { entry: entry_shares?, shares })
}

fn read_row(row: &Entry, path: &str, stations: &[String], notes: &mut Notes) -> Read<Vec<f64>> {
    let Value::Table(table) = &row.node.value else {
        return Err(wrong(&row.node, path, Wrong::value(&row.node, "a table of shares by station"), notes));
    };
    let mut shares = vec![0.0; stations.len()];
    let mut refused = false;
    for entry in &table.entries {
        let at = join(path, &entry.key);
        let share = number(&entry.node, &at, notes).and_then(|share| {
            let message = || format!("{share} is above 1, so it is no share");
            if share <= 1.0 { Ok(share) } else { Err(out_of_range(&entry.node, &at, message(), notes)) }
        });
        let station = index_of(&entry.key, &entry.key_origin, &at, "station", stations, notes);
        match (station, share) {
            (Ok(station), Ok(share)) => shares[station] = share,
            _ => refused = true,
        }
    }
    if refused { Err(Refused) } else { Ok(shares) }
}
