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
//! [[path.batch]]                         # or instead of both, step by step: see `steps`
//! station = "cpu"
//! ```

mod flows;
mod keys;
mod stations;
mod steps;

use flows::{read_paths, read_routing};
use keys::{ARRIVAL_RATE, ARRIVAL_SCV, CLASSES, METHOD, NAME, NETWORK, POPULATION, STATIONS, THINK_TIME, WITHIN};
use stations::read_station;
use steps::durations;

use super::{ClassLoad, Flow, NetworkClass, QueueingNetwork};
use crate::model_file::codes::Code;
use crate::model_file::diagnostic::Diagnostics;
use crate::model_file::document::merge_syntax_errors;
use crate::model_file::fields::Fields;
use crate::model_file::keys::{Key, Subtable};
use crate::model_file::notes::{Notes, Read, all};
use crate::model_file::tree::{self, Origin, Table, Value};
use crate::model_file::values::{check_name, index_of, join};

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
    let network = read(&root, &mut notes);
    merge_syntax_errors(text, &syntax_errors, &mut notes.faults);
    match network {
        Ok(network) if notes.faults.is_empty() => Ok(network),
        _ => Err(Diagnostics::new(&source_name.into(), &text.into(), &[], notes.faults)),
    }
}

/// Names of classes and stations in the order of the file.
struct Names<'a> {
    classes: Vec<&'a str>,
    stations: Vec<&'a str>,
}

impl Names<'_> {
    fn class(&self, name: &str, origin: &Origin, path: &str, notes: &mut Notes) -> Read<usize> {
        index_of(name, &self.classes, |name| format!("no class is called {name}"), origin, path, notes)
    }

    fn station(&self, name: &str, origin: &Origin, path: &str, notes: &mut Notes) -> Read<usize> {
        index_of(name, &self.stations, |name| format!("no station is called {name}"), origin, path, notes)
    }
}

fn read(root: &Table, notes: &mut Notes) -> Read<QueueingNetwork> {
    let fields = Fields::new(&keys::FILE, Some(root), String::new(), Origin::TOP, notes);
    read_version(&fields, notes);
    let name = if fields.has(&NAME) {
        fields.text(&NAME, notes)
    } else {
        Err(fields.missing_with(&NAME, "write `name = \"my-network\"`", notes))
    };
    let method = fields.get(&METHOD, notes);
    let classes = named(&fields, &CLASSES, notes);
    let stations = named(&fields, &STATIONS, notes);
    let names = Names { classes: names(&classes), stations: names(&stations) };
    let within = durations(&fields, &WITHIN, notes);
    let mut flows = read_routing(&fields, &names, notes);
    read_paths(&fields, &names, &mut flows, notes);
    let loads = all(classes.iter().flatten().map(|(_, fields)| read_load(fields, notes)));
    let read_stations =
        all(stations.iter().flatten().map(|(name, fields)| read_station(name, fields, &names, &flows, notes)));
    let (loads, read_stations) = (loads?, read_stations?);
    let class = |(index, ((&name, load), flow)): (usize, ((&&str, ClassLoad), Option<Flow>))| {
        let visits = || Flow::Visits(read_stations.iter().map(|(_, visits)| visits[index]).collect());
        NetworkClass { name: name.to_owned(), load, flow: flow.unwrap_or_else(visits), thinks_at: None }
    };
    let network_classes = names.classes.iter().zip(loads).zip(flows).enumerate().map(class).collect();
    classes?;
    stations?;
    Ok(QueueingNetwork {
        name: name?.0.to_owned(),
        method: method?,
        classes: network_classes,
        stations: read_stations.into_iter().map(|(station, _)| station).collect(),
        within: within?,
    })
}

fn read_version(fields: &Fields<'_>, notes: &mut Notes) {
    match fields.node(&NETWORK) {
        None => {
            fields.missing_with(&NETWORK, "write `network = 1` first", notes);
        }
        Some(node) if !matches!(node.value, Value::Number(1.0)) => {
            let message = format!("{} stands where version 1 of the format is expected", node.value.describe());
            fields.fault(&NETWORK, Code::VERSION, message, None, notes);
        }
        Some(_) => {}
    }
}

/// Tables by name.
type Named<'a> = Vec<(&'a str, Fields<'a>)>;

fn names<'a>(tables: &Read<Named<'a>>) -> Vec<&'a str> {
    tables.iter().flatten().map(|(name, _)| *name).collect()
}

/// The tables below `classes` or `stations`, at least one.
fn named<'a>(fields: &Fields<'a>, key: &'static Key<Subtable>, notes: &mut Notes) -> Read<Named<'a>> {
    let tables = fields.sections(key, notes)?.unwrap_or_default();
    if tables.is_empty() {
        let message = format!("`{}` is empty; a network needs at least one", key.row.name);
        let help = Some(format!("write a table `[{}.NAME]`", key.row.name));
        return Err(fields.fault(key, Code::MISSING_KEY, message, help, notes));
    }
    let checks = tables.iter().map(|(name, table)| check_name(name, table.origin(), &join(key.row.name, name), notes));
    all(checks)?;
    Ok(tables)
}

fn read_load(fields: &Fields<'_>, notes: &mut Notes) -> Read<ClassLoad> {
    match (fields.has(&POPULATION), fields.has(&ARRIVAL_RATE)) {
        (true, true) => {
            let message = "a class has either a `population` (closed) or an `arrival_rate` (open)".to_owned();
            Err(fields.conflict(&ARRIVAL_RATE, message, None, notes))
        }
        (false, false) => {
            let help = "write `population = 10` for a closed class or `arrival_rate = \"20/s\"` for an open one";
            Err(fields.missing_with(&POPULATION, help, notes))
        }
        (true, false) => {
            let population = fields.get(&POPULATION, notes);
            if fields.has(&ARRIVAL_SCV) {
                let message = "a closed class has no arrivals from outside".to_owned();
                fields.conflict(&ARRIVAL_SCV, message, None, notes);
            }
            let think_time = fields.get(&THINK_TIME, notes);
            Ok(ClassLoad::Closed { population: population?, think_time: think_time? })
        }
        (false, true) => {
            let arrival_rate = fields.get(&ARRIVAL_RATE, notes);
            if fields.has(&THINK_TIME) {
                fields.conflict(&THINK_TIME, "an open class has no think time".to_owned(), None, notes);
            }
            let arrival_scv = fields.get(&ARRIVAL_SCV, notes);
            Ok(ClassLoad::Open { arrival_rate: arrival_rate?, arrival_scv: arrival_scv? })
        }
    }
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
