//! Stations of a network file.

use capplan_queueing::network::StationKind;
use capplan_queueing::units::{Seconds, Servers};

use super::Names;
use super::keys::{SERVERS, SERVICE_SCV, SERVICE_TIME, SPEEDS, VISITS};
use crate::model_file::codes::Code;
use crate::model_file::fields::Fields;
use crate::model_file::keys::Key;
use crate::model_file::notes::{Notes, Read, all};
use crate::model_file::tree::{Node, Value};
use crate::model_file::values::{Wrong, join, list_of, measure, value};
use crate::queueing_network::{Flow, NetworkStation};

/// Reads a station and the visits of each class to it.
pub fn read_station(
    name: &str,
    fields: &Fields<'_>,
    names: &Names<'_>,
    flows: &[Option<Flow>],
    notes: &mut Notes,
) -> Read<(NetworkStation, Vec<f64>)> {
    let kind = read_kind(fields, notes);
    let service_times = if fields.has(&SERVICE_TIME) {
        by_class(fields, &SERVICE_TIME, Seconds::ZERO, Seconds::ZERO, names, notes)
    } else {
        Err(fields.missing_with(&SERVICE_TIME, "write `service_time = \"20 ms\"`, or a table by class", notes))
    };
    let service_scvs = by_class(fields, &SERVICE_SCV, 1.0, 1.0, names, notes);
    // A table of visits leaves classes out that do not come.
    let visits = by_class(fields, &VISITS, 1.0, 0.0, names, notes);
    if let Some(node) = fields.node(&VISITS) {
        refuse_visits_of_routed(node, &fields.path_of(&VISITS), names, flows, notes);
    }
    let station = NetworkStation {
        name: name.to_owned(),
        kind: kind?,
        service_times: service_times?,
        service_scvs: service_scvs?,
    };
    Ok((station, visits?))
}

fn read_kind(fields: &Fields<'_>, notes: &mut Notes) -> Read<StationKind> {
    match (fields.node(&SERVERS), fields.node(&SPEEDS)) {
        (Some(_), Some(_)) => {
            let message = "a station has either `servers` or `speeds`".to_owned();
            Err(fields.conflict(&SPEEDS, message, None, notes))
        }
        (None, None) => Ok(StationKind::SINGLE),
        (Some(Node { value: Value::Text(text), .. }), None) if text == "inf" => Ok(StationKind::Delay),
        (Some(node @ Node { value: Value::Number(_), .. }), None) => {
            let path = fields.path_of(&SERVERS);
            let count = value(&SERVERS, &SERVERS.row, node, &path, notes)?;
            Servers::new(count)
                .map(StationKind::Servers)
                .map_err(|error| fields.fault(&SERVERS, Code::OUT_OF_RANGE, error.to_string(), None, notes))
        }
        (Some(node), None) => {
            let wrong = Wrong::value(node, "a whole number or \"inf\"");
            Err(notes.wrong(node, &fields.path_of(&SERVERS), wrong))
        }
        (None, Some(node)) => {
            let path = fields.path_of(&SPEEDS);
            let nodes = list_of(node, &path, "a list of numbers", notes)?;
            if nodes.is_empty() {
                let message = "the list of speeds is empty; it needs at least one".to_owned();
                return Err(fields.fault(&SPEEDS, Code::OUT_OF_RANGE, message, None, notes));
            }
            let speeds = nodes.iter().enumerate().map(|(index, node)| {
                let speed = measure(&SPEEDS.row.shape, node);
                speed.map_err(|wrong| notes.wrong(node, &format!("{path}[{index}]"), wrong))
            });
            all(speeds).map(StationKind::LoadDependent)
        }
    }
}

/// A value for all classes, or a table by class: `default` holds without either, `left_out` for a class that the table
/// leaves out.
fn by_class<T: Copy>(
    fields: &Fields<'_>,
    key: &'static Key<T>,
    default: T,
    left_out: T,
    names: &Names<'_>,
    notes: &mut Notes,
) -> Read<Vec<T>> {
    let Some(node) = fields.node(key) else { return Ok(vec![default; names.classes.len()]) };
    let path = fields.path_of(key);
    let Value::Table(table) = &node.value else {
        let value = value(key, &key.row, node, &path, notes)?;
        return Ok(vec![value; names.classes.len()]);
    };
    let given = all(table.entries.iter().map(|entry| {
        let path = join(&path, &entry.key);
        let value = value(key, &key.row, &entry.node, &path, notes);
        let class = names.class(&entry.key, &entry.key_origin, &path, notes);
        Ok((class?, value?))
    }))?;
    let mut values = vec![left_out; names.classes.len()];
    for (class, value) in given {
        values[class] = value;
    }
    Ok(values)
}

/// Visits follow from a routing or a path; both would be two sources for one number.
fn refuse_visits_of_routed(node: &Node, path: &str, names: &Names<'_>, flows: &[Option<Flow>], notes: &mut Notes) {
    let source = |index: usize| match flows.get(index) {
        Some(Some(Flow::Path(_))) => Some("path"),
        Some(Some(_)) => Some("routing"),
        _ => None,
    };
    let message = |class: &str, source: &str| format!("the visits of class `{class}` follow from its `{source}`");
    if let Value::Table(table) = &node.value {
        for entry in &table.entries {
            let index = names.classes.iter().position(|name| *name == entry.key);
            if let Some(source) = index.and_then(source) {
                let at = join(path, &entry.key);
                notes.fault(Code::CONFLICT, &entry.key_origin, &at, message(&entry.key, source), None);
            }
        }
    } else if let (Some(class), Some(source)) = (names.classes.first(), source(0))
        && flows.iter().all(Option::is_some)
    {
        notes.fault(Code::CONFLICT, &node.origin, path, message(class, source), None);
    }
}
