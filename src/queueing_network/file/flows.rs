//! Where jobs go, in a network file: `[routing.CLASS]` and `[[path.CLASS]]`.

use super::Names;
use super::keys::{ENTRY, PATH, ROUTING, SHARES};
use super::steps::{read_path, share};
use crate::model_file::codes::Code;
use crate::model_file::fields::Fields;
use crate::model_file::keys::{Key, Subtable};
use crate::model_file::notes::{Notes, Read, all};
use crate::model_file::tree::{Entry, Node, Table};
use crate::model_file::values::{join, table_of};
use crate::queueing_network::Flow;

/// Largest deviation of a sum of shares from 1: decimal shares do not sum exactly in binary.
const SUM_TOLERANCE: f64 = 1e-9;

/// The table by class below a key, if there is one.
fn by_class<'a>(fields: &Fields<'a>, key: &Key<Subtable>, notes: &mut Notes) -> Option<&'a Table> {
    table_of(fields.node(key)?, key.row.name, "a table by class", notes).ok()
}

/// The routing of each class, `None` for one that has none.
pub fn read_routing(fields: &Fields<'_>, names: &Names<'_>, notes: &mut Notes) -> Vec<Option<Flow>> {
    let mut flows = vec![None; names.classes.len()];
    for entry in by_class(fields, &ROUTING, notes).into_iter().flat_map(|table| &table.entries) {
        let path = join(ROUTING.row.name, &entry.key);
        let class = names.class(&entry.key, &entry.key_origin, &path, notes);
        let flow = read_class_routing(entry, &path, names, notes);
        if let (Ok(class), Ok(flow)) = (class, flow) {
            flows[class] = Some(flow);
        }
    }
    flows
}

/// Adds the paths of the classes that have one.
pub fn read_paths(fields: &Fields<'_>, names: &Names<'_>, flows: &mut [Option<Flow>], notes: &mut Notes) {
    for entry in by_class(fields, &PATH, notes).into_iter().flat_map(|table| &table.entries) {
        let path = join(PATH.row.name, &entry.key);
        let class = names.class(&entry.key, &entry.key_origin, &path, notes);
        let steps = read_path(&entry.node, &path, names, notes);
        let Ok(class) = class else { continue };
        if flows[class].is_some() {
            let message = format!("class `{}` has `routing`, so its path follows from that", entry.key);
            notes.fault(Code::CONFLICT, &entry.key_origin, &path, message, None);
        } else if let Ok(steps) = steps {
            flows[class] = Some(Flow::Path(steps));
        }
    }
}

fn read_class_routing(entry: &Entry, path: &str, names: &Names<'_>, notes: &mut Notes) -> Read<Flow> {
    let table = table_of(&entry.node, path, "a table by station", notes)?;
    let mut entry_shares = None;
    let mut shares = vec![vec![0.0; names.stations.len()]; names.stations.len()];
    for row in &table.entries {
        let at = join(path, &row.key);
        let read = read_row(&row.node, &at, names, notes);
        let sum = read.as_ref().map_or(0.0, |row| row.iter().sum::<f64>());
        if row.key == ENTRY.row.name {
            if read.is_ok() && (sum - 1.0).abs() > SUM_TOLERANCE {
                let message = format!("the shares of `entry` sum to {sum}, not 1");
                notes.fault(Code::OUT_OF_RANGE, &row.node.origin, &at, message, None);
            }
            entry_shares = Some(read);
            continue;
        }
        let station = names.station(&row.key, &row.key_origin, &at, notes);
        if sum > 1.0 + SUM_TOLERANCE {
            let message = format!("`{}` routes {sum} of its jobs; shares must sum to at most 1", row.key);
            notes.fault(Code::OUT_OF_RANGE, &row.node.origin, &at, message, None);
        }
        if let (Ok(station), Ok(read)) = (station, read) {
            shares[station] = read;
        }
    }
    let missing = |notes: &mut Notes| {
        let help = "write `entry = { STATION = 1 }`: where jobs begin".to_owned();
        let message = format!("{} needs the key `entry`", SHARES.noun);
        notes.fault(Code::MISSING_KEY, &entry.key_origin, &join(path, ENTRY.row.name), message, Some(help))
    };
    Ok(Flow::Routing { entry: entry_shares.ok_or_else(|| missing(notes))??, shares })
}

fn read_row(node: &Node, path: &str, names: &Names<'_>, notes: &mut Notes) -> Read<Vec<f64>> {
    let table = table_of(node, path, "a table of shares by station", notes)?;
    let given = all(table.entries.iter().map(|entry| {
        let path = join(path, &entry.key);
        let share = share(&entry.node, &path, "share", notes);
        let station = names.station(&entry.key, &entry.key_origin, &path, notes);
        Ok((station?, share?))
    }))?;
    let mut shares = vec![0.0; names.stations.len()];
    for (station, share) in given {
        shares[station] = share;
    }
    Ok(shares)
}
