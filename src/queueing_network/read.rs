//! The file of a network of queues: TOML in, a [`QueueingNetwork`] or every fault out.
//!
//! ```toml
//! network = 1
//! name = "central-server"
//! method = "exact"                       # or "schweitzer", "linearizer"
//!
//! [classes.batch]
//! population = 10                        # or arrival_rate = "20/s"
//! think_time = "5 s"
//!
//! [stations.cpu]
//! servers = 2                            # or "inf", or speeds = [1, 1.8, 2.2]
//! service_time = "20 ms"                 # or by class: { batch = "20 ms" }
//! visits = 3                             # or by class; 1 by default
//!
//! [routing.batch]                        # instead of visits
//! entry = { cpu = 1 }
//! cpu = { disk = 0.4 }                   # what is left of a row is done
//!
//! [[path.batch]]                         # or instead of both, step by step: see `network_steps`
//! station = "cpu"
//! ```

use std::sync::Arc;

use super::read_routing::{read_paths, read_routing};
use super::read_steps::durations;
use super::{ClassLoad, Flow, NetworkClass, NetworkStation, QueueingNetwork};
use crate::model_file::codes::Code;
use crate::model_file::diagnostic::{Diagnostics, RawFault};
use crate::model_file::notes::{Notes, Read, Refused};
use crate::model_file::quantity::{Dimension, how_to_write, parse_quantity};
use crate::model_file::suggest::{did_you_mean, nearest};
use crate::model_file::tree::{self, Entry, Node, Origin, Table, Value, shorten};
use crate::model_file::values::{Wrong, check_name, join, list};
use capplan_queueing::network::{ClosedMethod, StationKind};
use capplan_queueing::units::{ArrivalRate, Seconds, Servers, UnitError};

/// The largest whole number of jobs.
const MOST_JOBS: f64 = 1e12;

const ROOT_KEYS: [&str; 8] = ["network", "name", "method", "within", "classes", "stations", "routing", "path"];
const CLASS_KEYS: [&str; 4] = ["population", "think_time", "arrival_rate", "arrival_scv"];
const STATION_KEYS: [&str; 5] = ["servers", "speeds", "service_time", "service_scv", "visits"];
const METHODS: [(&str, ClosedMethod); 3] = [
    ("exact", ClosedMethod::Exact),
    ("schweitzer", ClosedMethod::Schweitzer),
    ("linearizer", ClosedMethod::Linearizer),
];

/// Reads the file of a network.
///
/// `source_name` is what messages call the text, usually its path.
///
/// # Errors
///
/// [`Diagnostics`] with every fault of the text.
///
/// # Examples
///
/// ```
/// let text = r#"
/// network = 1
/// name = "one"
/// [classes.web]
/// arrival_rate = "8/s"
/// [stations.app]
/// service_time = "100 ms"
/// "#;
/// let network = capplan::queueing_network::parse_network("one.toml", text)?;
/// assert_eq!(network.stations[0].name, "app");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn parse_network(source_name: &str, text: &str) -> Result<QueueingNetwork, Diagnostics> {
    let (root, syntax_errors) = tree::parse(text);
    let mut notes = Notes::default();
    let system = read(&root, &mut notes);
    if !syntax_errors.is_empty() {
        // What is missing may stand in what could not be read.
        notes.faults.retain(|fault| fault.code != Code::MISSING_KEY);
        notes.faults.extend(syntax_errors.into_iter().map(|error| RawFault {
            code: Code::SYNTAX,
            origin: Origin::File(error.span),
            path: String::new(),
            message: error.message,
            help: None,
        }));
    }
    match system {
        Ok(system) if notes.faults.is_empty() => Ok(system),
        _ => {
            let (name, text): (Arc<str>, Arc<str>) = (source_name.into(), text.into());
            Err(Diagnostics::new(&name, &text, &[], notes.faults))
        }
    }
}

fn read(root: &Table, notes: &mut Notes) -> Read<QueueingNetwork> {
    unknown_keys(root, "", "the file of a network", &ROOT_KEYS, notes);
    read_version(root, notes);
    let name = read_name(root, notes);
    let method = read_method(root, notes);
    let class_table = named_tables(root, "classes", notes);
    let station_table = named_tables(root, "stations", notes);
    let names = |tables: &Read<Vec<(&Entry, &Table)>>| -> Vec<String> {
        tables.iter().flatten().map(|(entry, _)| entry.key.clone()).collect()
    };
    let names = Names { classes: names(&class_table), stations: names(&station_table) };
    let within = root.get("within").map_or_else(|| Ok(Vec::new()), |entry| durations(&entry.node, "within", notes));
    let mut flows = read_routing(root, &names, notes);
    read_paths(root, &names, &mut flows, notes);
    let mut classes = Vec::new();
    for (index, (entry, table)) in class_table.iter().flatten().enumerate() {
        let load = read_class(entry, table, notes);
        let flow = flows.get(index).cloned().flatten();
        classes.push(load.map(|load| (entry.key.clone(), load, flow)));
    }
    let mut stations = Vec::new();
    for (entry, table) in station_table.iter().flatten() {
        stations.push(read_station(entry, table, &names, &flows, notes));
    }
    let (class_rows, stations) =
        (classes.into_iter().collect::<Read<Vec<_>>>()?, stations.into_iter().collect::<Read<Vec<_>>>()?);
    class_table?;
    station_table?;
    let classes = class_rows
        .into_iter()
        .enumerate()
        .map(|(index, (name, load, flow))| {
            let visits = || stations.iter().map(|(_, visits)| visits.get(index).copied().unwrap_or(1.0)).collect();
            NetworkClass { name, load, flow: flow.unwrap_or_else(|| Flow::Visits(visits())), thinks_at: None }
        })
        .collect();
    let stations = stations.into_iter().map(|(station, _)| station).collect();
    Ok(QueueingNetwork { name: name?, method: method?, classes, stations, within: within? })
}

/// Names of classes and stations in the order of the file.
pub(super) struct Names {
    pub classes: Vec<String>,
    pub stations: Vec<String>,
}

pub(super) fn unknown_keys(table: &Table, path: &str, noun: &str, keys: &[&str], notes: &mut Notes) {
    for entry in table.entries.iter().filter(|entry| !keys.contains(&entry.key.as_str())) {
        let message = format!("{noun} has no key `{}`", shorten(&entry.key));
        let help = did_you_mean(&entry.key, keys.iter().copied())
            .or_else(|| Some(format!("its keys are {}", list(keys.iter().copied()))));
        notes.fault(Code::UNKNOWN_KEY, &entry.key_origin, &join(path, &entry.key), message, help);
    }
}

pub(super) fn missing(path: &str, key: &str, noun: &str, help: &str, origin: &Origin, notes: &mut Notes) -> Refused {
    notes.fault(
        Code::MISSING_KEY,
        origin,
        &join(path, key),
        format!("{noun} needs the key `{key}`"),
        Some(help.to_owned()),
    )
}

pub(super) fn wrong(node: &Node, path: &str, wrong: Wrong, notes: &mut Notes) -> Refused {
    notes.fault(wrong.code, &node.origin, path, wrong.message, wrong.help)
}

pub(super) fn out_of_range(node: &Node, path: &str, message: String, notes: &mut Notes) -> Refused {
    notes.fault(Code::OUT_OF_RANGE, &node.origin, path, message, None)
}

fn read_version(root: &Table, notes: &mut Notes) {
    let Some(entry) = root.get("network") else {
        missing("", "network", "the file of a network", "write `network = 1` first", &Origin::TOP, notes);
        return;
    };
    if !matches!(entry.node.value, Value::Number(1.0)) {
        let message = format!("{} stands where version 1 of the format is expected", entry.node.value.describe());
        notes.fault(Code::VERSION, &entry.node.origin, "network", message, None);
    }
}

fn read_name(root: &Table, notes: &mut Notes) -> Read<String> {
    let Some(entry) = root.get("name") else {
        return Err(missing("", "name", "the file of a network", "write `name = \"my-network\"`", &Origin::TOP, notes));
    };
    let Value::Text(name) = &entry.node.value else {
        return Err(wrong(&entry.node, "name", Wrong::value(&entry.node, "text in quotes"), notes));
    };
    check_name(name, &entry.node.origin, "name", notes)?;
    Ok(name.clone())
}

fn read_method(root: &Table, notes: &mut Notes) -> Read<ClosedMethod> {
    let Some(entry) = root.get("method") else { return Ok(ClosedMethod::Exact) };
    let words = METHODS.map(|(word, _)| word);
    let Value::Text(text) = &entry.node.value else {
        let expected = format!("one of {}", list(words));
        return Err(wrong(&entry.node, "method", Wrong::value(&entry.node, &expected), notes));
    };
    METHODS.iter().find(|(word, _)| word == text).map(|(_, method)| *method).ok_or_else(|| {
        let help = match nearest(text, words) {
            Some(near) => format!("did you mean `{near}`? the choices are {}", list(words)),
            None => format!("the choices are {}", list(words)),
        };
        let message = format!("\"{}\" is not one of the choices", shorten(text));
        notes.fault(Code::UNKNOWN_WORD, &entry.node.origin, "method", message, Some(help))
    })
}

/// The tables below `classes` or `stations`, at least one.
fn named_tables<'a>(root: &'a Table, key: &str, notes: &mut Notes) -> Read<Vec<(&'a Entry, &'a Table)>> {
    let help = format!("write a table `[{key}.NAME]`");
    let Some(entry) = root.get(key) else {
        return Err(missing("", key, "the file of a network", &help, &Origin::TOP, notes));
    };
    let Value::Table(table) = &entry.node.value else {
        return Err(wrong(&entry.node, key, Wrong::value(&entry.node, "a table"), notes));
    };
    if table.entries.is_empty() {
        let message = format!("`{key}` is empty; a network needs at least one");
        return Err(notes.fault(Code::MISSING_KEY, &entry.key_origin, key, message, Some(help)));
    }
    let mut tables = Vec::new();
    let mut refused = false;
    for entry in &table.entries {
        let path = join(key, &entry.key);
        refused |= check_name(&entry.key, &entry.key_origin, &path, notes).is_err();
        if let Value::Table(table) = &entry.node.value {
            tables.push((entry, table));
        } else {
            wrong(&entry.node, &path, Wrong::value(&entry.node, "a table"), notes);
            refused = true;
        }
    }
    if refused { Err(Refused) } else { Ok(tables) }
}

fn read_class(entry: &Entry, table: &Table, notes: &mut Notes) -> Read<ClassLoad> {
    let path = join("classes", &entry.key);
    unknown_keys(table, &path, "a class", &CLASS_KEYS, notes);
    let get = |key: &str| table.get(key).map(|entry| (&entry.node, join(&path, key)));
    match (get("population"), get("arrival_rate")) {
        (Some(_), Some((node, at))) => {
            let message = "a class has either a `population` (closed) or an `arrival_rate` (open)".to_owned();
            Err(notes.fault(Code::CONFLICT, &node.origin, &at, message, None))
        }
        (None, None) => {
            let help = "write `population = 10` for a closed class or `arrival_rate = \"20/s\"` for an open one";
            Err(missing(&path, "population", "a class", help, &entry.key_origin, notes))
        }
        (Some((node, at)), None) => {
            let population = whole(node, &at, MOST_JOBS, notes);
            if let Some((node, at)) = get("arrival_scv") {
                let message = "a closed class has no arrivals from outside".to_owned();
                notes.fault(Code::CONFLICT, &node.origin, &at, message, None);
            }
            let think_time = match get("think_time") {
                Some((node, at)) => quantity(node, &at, Dimension::Duration, Seconds::new, notes),
                None => Seconds::new(0.0).map_err(|_| Refused),
            };
            Ok(ClassLoad::Closed { population: population?, think_time: think_time? })
        }
        (None, Some((node, at))) => {
            let arrival_rate = quantity(node, &at, Dimension::Rate, ArrivalRate::new, notes);
            if let Some((node, at)) = get("think_time") {
                let message = "an open class has no think time".to_owned();
                notes.fault(Code::CONFLICT, &node.origin, &at, message, None);
            }
            let arrival_scv = match get("arrival_scv") {
                Some((node, at)) => number(node, &at, notes),
                None => Ok(1.0),
            };
            Ok(ClassLoad::Open { arrival_rate: arrival_rate?, arrival_scv: arrival_scv? })
        }
    }
}

/// A station and the visits of each class to it.
fn read_station(
    entry: &Entry,
    table: &Table,
    names: &Names,
    flows: &[Option<Flow>],
    notes: &mut Notes,
) -> Read<(NetworkStation, Vec<f64>)> {
    let path = join("stations", &entry.key);
    unknown_keys(table, &path, "a station", &STATION_KEYS, notes);
    let get = |key: &str| table.get(key).map(|entry| (&entry.node, join(&path, key)));
    let kind = match (get("servers"), get("speeds")) {
        (Some(_), Some((node, at))) => {
            let message = "a station has either `servers` or `speeds`".to_owned();
            Err(notes.fault(Code::CONFLICT, &node.origin, &at, message, None))
        }
        (None, None) => Ok(StationKind::Servers(Servers::ONE)),
        (Some((node, at)), None) => read_servers(node, &at, notes),
        (None, Some((node, at))) => read_speeds(node, &at, notes),
    };
    let service_times = match get("service_time") {
        None => {
            let help = "write `service_time = \"20 ms\"`, or a table by class";
            Err(missing(&path, "service_time", "a station", help, &entry.key_origin, notes))
        }
        Some((node, at)) => by_class(node, &at, &names.classes, notes, |node, at, notes| {
            quantity(node, at, Dimension::Duration, Seconds::new, notes)
        }),
    };
    let nothing = Seconds::new(0.0).map_err(|_| Refused)?;
    let service_times =
        service_times.map(|times| times.into_iter().map(|time| time.unwrap_or(nothing)).collect::<Vec<_>>());
    let service_scvs = match get("service_scv") {
        None => Ok(vec![1.0; names.classes.len()]),
        Some((node, at)) => by_class(node, &at, &names.classes, notes, number)
            .map(|given| given.into_iter().map(|scv| scv.unwrap_or(1.0)).collect()),
    };
    let visits = match get("visits") {
        None => Ok(vec![None; names.classes.len()]),
        Some((node, at)) => {
            let given = by_class(node, &at, &names.classes, notes, number);
            refuse_visits_of_routed(node, &at, names, flows, notes);
            given
        }
    };
    // A table of visits leaves classes out that do not come; without one, or without a number, everybody comes once.
    let absent = if matches!(get("visits"), Some((Node { value: Value::Table(_), .. }, _))) { 0.0 } else { 1.0 };
    let visits = visits.map(|visits| visits.into_iter().map(|visits| visits.unwrap_or(absent)).collect());
    let station = NetworkStation {
        name: entry.key.clone(),
        kind: kind?,
        service_times: service_times?,
        service_scvs: service_scvs?,
    };
    Ok((station, visits?))
}

/// Visits follow from a routing or a path; both would be two sources for one number.
fn refuse_visits_of_routed(node: &Node, path: &str, names: &Names, flows: &[Option<Flow>], notes: &mut Notes) {
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

/// A value for all classes, or a table by class; `None` for a class that the table leaves out.
fn by_class<T: Copy>(
    node: &Node,
    path: &str,
    classes: &[String],
    notes: &mut Notes,
    read: impl Fn(&Node, &str, &mut Notes) -> Read<T>,
) -> Read<Vec<Option<T>>> {
    let Value::Table(table) = &node.value else {
        let value = read(node, path, notes)?;
        return Ok(vec![Some(value); classes.len()]);
    };
    let mut values = vec![None; classes.len()];
    let mut refused = false;
    for entry in &table.entries {
        let at = join(path, &entry.key);
        let value = read(&entry.node, &at, notes);
        refused |= value.is_err();
        match index_of(&entry.key, &entry.key_origin, &at, "class", classes, notes) {
            Ok(index) => values[index] = value.ok(),
            Err(Refused) => refused = true,
        }
    }
    if refused { Err(Refused) } else { Ok(values) }
}

pub(super) fn index_of(
    name: &str,
    origin: &Origin,
    path: &str,
    noun: &str,
    names: &[String],
    notes: &mut Notes,
) -> Read<usize> {
    names.iter().position(|known| known == name).ok_or_else(|| {
        let message = format!("no {noun} is called `{}`", shorten(name));
        let known = || names.iter().map(String::as_str);
        let help = did_you_mean(name, known()).or_else(|| Some(format!("there are {}", list(known()))));
        notes.fault(Code::UNKNOWN_NAME, origin, path, message, help)
    })
}

fn read_servers(node: &Node, path: &str, notes: &mut Notes) -> Read<StationKind> {
    match &node.value {
        Value::Text(text) if text == "inf" => Ok(StationKind::Delay),
        Value::Number(_) => {
            let count = whole(node, path, Servers::MAX as f64, notes)?;
            Servers::new(count)
                .map(StationKind::Servers)
                .map_err(|error| out_of_range(node, path, error.to_string(), notes))
        }
        _ => Err(wrong(node, path, Wrong::value(node, "a whole number or \"inf\""), notes)),
    }
}

fn read_speeds(node: &Node, path: &str, notes: &mut Notes) -> Read<StationKind> {
    let Value::List(nodes) = &node.value else {
        return Err(wrong(node, path, Wrong::value(node, "a list of numbers"), notes));
    };
    if nodes.is_empty() {
        return Err(out_of_range(node, path, "the list of speeds is empty; it needs at least one".to_owned(), notes));
    }
    let mut speeds = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        let at = format!("{path}[{index}]");
        speeds.push(number(node, &at, notes).and_then(|speed| {
            if speed > 0.0 { Ok(speed) } else { Err(out_of_range(node, &at, format!("{speed} is not above 0"), notes)) }
        }));
    }
    speeds.into_iter().collect::<Read<Vec<_>>>().map(StationKind::LoadDependent)
}

pub(super) fn quantity<T>(
    node: &Node,
    path: &str,
    dimension: Dimension,
    make: impl Fn(f64) -> Result<T, UnitError>,
    notes: &mut Notes,
) -> Read<T> {
    let value = match &node.value {
        Value::Text(text) => parse_quantity(dimension, text).map_err(|error| {
            let fault = Wrong { code: Code::BAD_QUANTITY, message: error.to_string(), help: Some(error.help()) };
            wrong(node, path, fault, notes)
        })?,
        Value::Number(number) => {
            let message = format!("the number {number} has no unit, so it is not {}", dimension.noun());
            let help = Some(how_to_write(dimension));
            return Err(notes.fault(Code::BAD_QUANTITY, &node.origin, path, message, help));
        }
        _ => return Err(wrong(node, path, Wrong::value(node, dimension.noun()), notes)),
    };
    make(value).map_err(|error| out_of_range(node, path, error.to_string(), notes))
}

/// A bare number of at least 0.
pub(super) fn number(node: &Node, path: &str, notes: &mut Notes) -> Read<f64> {
    match node.value {
        Value::Number(number) if number >= 0.0 && number.is_finite() => Ok(number),
        Value::Number(number) => Err(out_of_range(node, path, format!("{number} is not finite and at least 0"), notes)),
        _ => Err(wrong(node, path, Wrong::value(node, "a number without quotes"), notes)),
    }
}

/// A whole number of at least 0.
pub(super) fn whole(node: &Node, path: &str, most: f64, notes: &mut Notes) -> Read<u64> {
    let number = number(node, path, notes)?;
    if number.fract() != 0.0 {
        return Err(wrong(node, path, Wrong::value(node, "a whole number"), notes));
    }
    if number > most {
        return Err(out_of_range(node, path, format!("{number} is above the most, {most}"), notes));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and 0 to 10¹²")]
    Ok(number as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "network = 1\nname = \"n\"\n[classes.a]\npopulation = 2\n[stations.s]\nservice_time = \"1 s\"\n";

    fn faults(text: &str) -> String {
        parse_network("n.toml", text).expect_err("faults").to_string()
    }

    #[test]
    fn every_fault_is_told_in_one_run_with_line_and_key() {
        let text = "\
network = 2
name = \"a b\"
method = \"exakt\"
[classes.a]
population = 2.5
think_time = 3
[classes.b]
arrival_rate = \"2 GiB\"
popullation = 1
[stations.s]
servers = 0
service_time = { a = \"1 s\", c = \"2 s\" }
[stations.t]
speeds = [1, 0]
[routing.a]
entry = { s = 0.5 }
s = { t = 0.75, s = 0.5 }
[routing.b]
s = { x = 1 }
";
        assert_eq!(
            faults(text),
            "n.toml:1:11: CAP0111: network: the number 2 stands where version 1 of the format is expected\n\
             n.toml:2:8: CAP0114: name: \"a b\" cannot be a name; a name has 1 to 64 letters, digits, `_` and `-`, and \
             begins with a letter or digit\n\
             n.toml:3:10: CAP0107: method: \"exakt\" is not one of the choices; did you mean `exact`? the choices are \
             `exact`, `schweitzer`, `linearizer`\n\
             n.toml:5:14: CAP0104: classes.a.population: the number 2.5 stands where a whole number is expected\n\
             n.toml:6:14: CAP0105: classes.a.think_time: the number 3 has no unit, so it is not a duration; write a \
             duration such as \"12 ms\"; the units are `ns`, `us`, `ms`, `s`, `min`, `h`, `d`, `y`\n\
             n.toml:8:16: CAP0105: classes.b.arrival_rate: \"2 GiB\" is an amount of data, not a rate; write a rate such \
             as \"350/s\"; the units are `/s`, `/min`, `/h`, `/d`\n\
             n.toml:9:1: CAP0102: classes.b.popullation: a class has no key `popullation`; did you mean `population`?\n\
             n.toml:11:11: CAP0106: stations.s.servers: server count of 0 is not a whole number between 1 and \
             1,000,000,000\n\
             n.toml:12:29: CAP0109: stations.s.service_time.c: no class is called `c`; did you mean `a`?\n\
             n.toml:13:11: CAP0103: stations.t.service_time: a station needs the key `service_time`; write `service_time \
             = \"20 ms\"`, or a table by class\n\
             n.toml:14:14: CAP0106: stations.t.speeds[1]: 0 is not above 0\n\
             n.toml:16:9: CAP0106: routing.a.entry: the shares of `entry` sum to 0.5, not 1\n\
             n.toml:17:5: CAP0106: routing.a.s: `s` routes 1.25 of its jobs; shares must sum to at most 1\n\
             n.toml:18:10: CAP0103: routing.b.entry: a routing needs the key `entry`; write `entry = { STATION = 1 }`: \
             where jobs begin\n\
             n.toml:19:7: CAP0109: routing.b.s.x: no station is called `x`; did you mean `s`?"
        );
    }

    #[test]
    fn an_empty_file_needs_its_tables() {
        assert_eq!(
            faults(""),
            "n.toml:1:1: CAP0103: network: the file of a network needs the key `network`; write `network = 1` first\n\
             n.toml:1:1: CAP0103: name: the file of a network needs the key `name`; write `name = \"my-network\"`\n\
             n.toml:1:1: CAP0103: classes: the file of a network needs the key `classes`; write a table `[classes.NAME]`\n\
             n.toml:1:1: CAP0103: stations: the file of a network needs the key `stations`; write a table \
             `[stations.NAME]`"
        );
    }

    #[test]
    fn visits_and_routing_exclude_each_other() {
        let text = format!("{GOOD}visits = 2\n[routing.a]\nentry = {{ s = 1 }}\n");
        assert_eq!(
            faults(&text),
            "n.toml:7:10: CAP0110: stations.s.visits: the visits of class `a` follow from its `routing`"
        );
    }

    #[test]
    fn a_class_is_open_or_closed() {
        let text = GOOD.replace("population = 2", "population = 2\narrival_rate = \"1/s\"");
        assert_eq!(
            faults(&text),
            "n.toml:5:16: CAP0110: classes.a.arrival_rate: a class has either a `population` (closed) or an \
             `arrival_rate` (open)"
        );
    }

    #[test]
    fn classes_left_out_of_a_table_of_visits_do_not_come() {
        let text = format!("{GOOD}visits = {{ b = 3 }}\n[classes.b]\narrival_rate = \"1/s\"\n");
        let network = parse_network("n.toml", &text).expect("valid");
        let visits: Vec<&Flow> = network.classes.iter().map(|class| &class.flow).collect();
        assert_eq!(visits, [&Flow::Visits(vec![0.0]), &Flow::Visits(vec![3.0])]);
    }
}
