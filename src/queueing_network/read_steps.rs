//! The path of a class in the file of a network: `[[path.CLASS]]`, step by step.

use super::read::{index_of, missing, number, out_of_range, quantity, unknown_keys, whole, wrong};
use super::{Attempts, PathStep, StepWork};
use crate::model_file::codes::Code;
use crate::model_file::notes::{Notes, Read, Refused};
use crate::model_file::quantity::Dimension;
use crate::model_file::tree::{Entry, Node, Table, Value};
use crate::model_file::values::{Wrong, join, list};
use capplan_queueing::units::{Probability, Seconds};

const STEP_KEYS: [&str; 8] =
    ["station", "visits", "parallel", "fixed_time", "probability", "failure_probability", "max_attempts", "pauses"];

/// The most visits of a step, and the most attempts.
const MOST_VISITS: f64 = 10_000.0;
const MOST_ATTEMPTS: f64 = 4096.0;

/// Whether a step may hold parallel calls.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    Path,
    Call,
}

/// Reads the steps of a class.
pub(super) fn read_path(entry: &Entry, path: &str, stations: &[String], notes: &mut Notes) -> Read<Vec<PathStep>> {
    let Value::List(nodes) = &entry.node.value else {
        let help = format!("begin each step with `[[{path}]]`");
        let fault = Wrong { help: Some(help), ..Wrong::value(&entry.node, "a list of steps") };
        return Err(wrong(&entry.node, path, fault, notes));
    };
    read_steps(nodes, &entry.node, path, Depth::Path, stations, notes)
}

fn read_steps(
    nodes: &[Node],
    all: &Node,
    path: &str,
    depth: Depth,
    stations: &[String],
    notes: &mut Notes,
) -> Read<Vec<PathStep>> {
    if nodes.is_empty() {
        return Err(out_of_range(all, path, "a path needs at least one step".to_owned(), notes));
    }
    let steps: Vec<Read<PathStep>> = nodes
        .iter()
        .enumerate()
        .map(|(index, node)| read_step(node, &format!("{path}[{index}]"), depth, stations, notes))
        .collect();
    steps.into_iter().collect()
}

fn read_step(node: &Node, path: &str, depth: Depth, stations: &[String], notes: &mut Notes) -> Read<PathStep> {
    let Value::Table(table) = &node.value else {
        let expected = "a step such as `{ station = \"db\", probability = 0.3 }`";
        return Err(wrong(node, path, Wrong::value(node, expected), notes));
    };
    unknown_keys(table, path, "a step", &STEP_KEYS, notes);
    let get = |key: &str| table.get(key).map(|entry| (entry, join(path, key)));
    let fixed_time = match get("fixed_time") {
        Some((entry, at)) => quantity(&entry.node, &at, Dimension::Duration, Seconds::new, notes),
        None => Seconds::new(0.0).map_err(|_| Refused),
    };
    let probability = get("probability").map_or(Ok(1.0), |(entry, at)| share(&entry.node, &at, notes));
    let work = read_work(node, table, path, depth, stations, notes);
    let attempts = read_attempts(table, path, notes);
    Ok(PathStep {
        work: work?,
        fixed_time: fixed_time?,
        probability: Probability::new(probability?).map_err(|_| Refused)?,
        attempts: attempts?,
    })
}

fn read_work(
    node: &Node,
    table: &Table,
    path: &str,
    depth: Depth,
    stations: &[String],
    notes: &mut Notes,
) -> Read<StepWork> {
    let get = |key: &str| table.get(key).map(|entry| (entry, join(path, key)));
    let count = match get("visits") {
        None => Ok(1),
        Some((entry, at)) => whole(&entry.node, &at, MOST_VISITS, notes),
    };
    match (get("station"), get("parallel")) {
        (Some(_), Some((entry, at))) => {
            let message = "a step has either a `station` or `parallel` calls".to_owned();
            Err(notes.fault(Code::CONFLICT, &entry.key_origin, &at, message, None))
        }
        (Some((entry, at)), None) => {
            let station = read_station(&entry.node, &at, stations, notes);
            let count = u32::try_from(count?).map_err(|_| Refused)?;
            Ok(StepWork::Visits { station: station?, count })
        }
        (None, Some((entry, at))) => {
            refuse_without(table, path, "visits", "`station`", notes)?;
            if depth == Depth::Call {
                let message = "a call of a parallel step holds no parallel calls of its own".to_owned();
                let help = Some("list all calls in one step".to_owned());
                return Err(notes.fault(Code::CONFLICT, &entry.key_origin, &at, message, help));
            }
            read_parallel(&entry.node, &at, stations, notes).map(StepWork::Parallel)
        }
        (None, None) => {
            refuse_without(table, path, "visits", "`station`", notes)?;
            if table.get("fixed_time").is_some() {
                return Ok(StepWork::Nothing);
            }
            let help = "write `station = \"NAME\"`, `parallel = [\"NAME\", \"NAME\"]` or `fixed_time = \"2 ms\"`";
            Err(missing(path, "station", "a step", help, &node.origin, notes))
        }
    }
}

/// The calls of a parallel step: each a station, a step, or a list of steps.
fn read_parallel(node: &Node, path: &str, stations: &[String], notes: &mut Notes) -> Read<Vec<Vec<PathStep>>> {
    let Value::List(calls) = &node.value else {
        return Err(wrong(node, path, Wrong::value(node, "a list of calls"), notes));
    };
    if calls.is_empty() {
        return Err(out_of_range(node, path, "a parallel step needs at least one call".to_owned(), notes));
    }
    let calls: Vec<Read<Vec<PathStep>>> = calls
        .iter()
        .enumerate()
        .map(|(index, call)| {
            let at = format!("{path}[{index}]");
            match &call.value {
                Value::Text(_) => read_station(call, &at, stations, notes).and_then(visit).map(|step| vec![step]),
                Value::List(steps) => read_steps(steps, call, &at, Depth::Call, stations, notes),
                _ => read_step(call, &at, Depth::Call, stations, notes).map(|step| vec![step]),
            }
        })
        .collect();
    calls.into_iter().collect()
}

fn visit(station: usize) -> Read<PathStep> {
    Ok(PathStep {
        work: StepWork::Visits { station, count: 1 },
        fixed_time: Seconds::new(0.0).map_err(|_| Refused)?,
        probability: Probability::new(1.0).map_err(|_| Refused)?,
        attempts: once()?,
    })
}

fn once() -> Read<Attempts> {
    let failure_probability = Probability::new(0.0).map_err(|_| Refused)?;
    Ok(Attempts { failure_probability, most: 1, pauses: Vec::new() })
}

fn read_station(node: &Node, path: &str, stations: &[String], notes: &mut Notes) -> Read<usize> {
    let Value::Text(name) = &node.value else {
        return Err(wrong(node, path, Wrong::value(node, "the name of a station"), notes));
    };
    index_of(name, &node.origin, path, "station", stations, notes)
}

fn read_attempts(table: &Table, path: &str, notes: &mut Notes) -> Read<Attempts> {
    let get = |key: &str| table.get(key).map(|entry| (entry, join(path, key)));
    let Some((entry, at)) = get("failure_probability") else {
        let attempts = refuse_without(table, path, "max_attempts", "`failure_probability`", notes);
        let pauses = refuse_without(table, path, "pauses", "`failure_probability`", notes);
        attempts.and(pauses)?;
        return once();
    };
    let failure = share(&entry.node, &at, notes);
    let most = match get("max_attempts") {
        None => {
            let help = "write `max_attempts = 3`, the first attempt included";
            Err(missing(path, "max_attempts", "a step that may fail", help, &entry.key_origin, notes))
        }
        Some((entry, at)) => whole(&entry.node, &at, MOST_ATTEMPTS, notes).and_then(|most| {
            let none = || "0 attempts; a step is tried at least once".to_owned();
            if most > 0 { Ok(most) } else { Err(out_of_range(&entry.node, &at, none(), notes)) }
        }),
    };
    let pauses = get("pauses").map_or_else(|| Ok(Vec::new()), |(entry, at)| durations(&entry.node, &at, notes));
    if let (Ok(most), Ok(pauses), Some((entry, at))) = (&most, &pauses, get("pauses"))
        && pauses.len() as u64 >= *most
    {
        let message = format!("{} pauses for {most} attempts; at most {} of them are made", pauses.len(), most - 1);
        return Err(out_of_range(&entry.node, &at, message, notes));
    }
    Ok(Attempts {
        failure_probability: Probability::new(failure?).map_err(|_| Refused)?,
        most: u32::try_from(most?).map_err(|_| Refused)?,
        pauses: pauses?,
    })
}

fn refuse_without(table: &Table, path: &str, key: &str, needed: &str, notes: &mut Notes) -> Read<()> {
    match table.get(key) {
        None => Ok(()),
        Some(entry) => {
            let message = format!("`{key}` means nothing in a step without {needed}");
            Err(notes.fault(Code::CONFLICT, &entry.key_origin, &join(path, key), message, None))
        }
    }
}

/// A list of durations.
pub(super) fn durations(node: &Node, path: &str, notes: &mut Notes) -> Read<Vec<Seconds>> {
    let Value::List(nodes) = &node.value else {
        let expected = format!("a list of durations such as {}", list(["[\"50 ms\", \"100 ms\"]"]));
        return Err(wrong(node, path, Wrong::value(node, &expected), notes));
    };
    let times: Vec<Read<Seconds>> = nodes
        .iter()
        .enumerate()
        .map(|(index, node)| quantity(node, &format!("{path}[{index}]"), Dimension::Duration, Seconds::new, notes))
        .collect();
    times.into_iter().collect()
}

/// A number from 0 to 1.
fn share(node: &Node, path: &str, notes: &mut Notes) -> Read<f64> {
    let share = number(node, path, notes)?;
    let message = || format!("{share} is above 1, so it is no probability");
    if share <= 1.0 { Ok(share) } else { Err(out_of_range(node, path, message(), notes)) }
}

#[cfg(test)]
mod tests {
    use crate::queueing_network::{Flow, StepWork, parse_network};

    const HEAD: &str = "network = 1\nname = \"n\"\n[classes.a]\narrival_rate = \"2/s\"\n[stations.s]\nservice_time = \"1 ms\"\n\
                        [stations.t]\nservice_time = \"1 ms\"\n";

    fn faults(steps: &str) -> String {
        parse_network("n.toml", &format!("{HEAD}{steps}")).expect_err("faults").to_string()
    }

    #[test]
    fn steps_keep_their_order_and_what_they_say() {
        let text = format!(
            "{HEAD}[[path.a]]\nstation = \"s\"\nvisits = 2\n[[path.a]]\nfixed_time = \"2 ms\"\n[[path.a]]\n\
             parallel = [\"s\", {{ station = \"t\", probability = 0.5 }}, [{{ station = \"s\" }}, {{ station = \"t\" }}]]\n\
             failure_probability = 0.1\nmax_attempts = 3\npauses = [\"10 ms\"]\n"
        );
        let network = parse_network("n.toml", &text).expect("valid");
        let Flow::Path(steps) = &network.classes[0].flow else { panic!("a path") };
        assert_eq!(steps[0].work, StepWork::Visits { station: 0, count: 2 });
        assert_eq!((&steps[1].work, steps[1].fixed_time.get()), (&StepWork::Nothing, 0.002));
        let StepWork::Parallel(calls) = &steps[2].work else { panic!("calls") };
        assert_eq!(calls.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 2]);
        assert_eq!(calls[1][0].probability.get(), 0.5);
        assert_eq!((steps[2].attempts.most, steps[2].attempts.pauses[0].get()), (3, 0.01));
    }

    #[test]
    fn every_fault_of_a_step_is_told_with_its_place() {
        let steps = "\
[[path.a]]
station = \"x\"
probabilty = 0.5
[[path.a]]
probability = 1.5
[[path.a]]
station = \"s\"
max_attempts = 3
[[path.a]]
station = \"s\"
failure_probability = 0.5
[[path.a]]
parallel = [{ parallel = [\"s\"] }]
visits = 2
[[path.a]]
parallel = [{ parallel = [\"s\"] }, 3, []]
[[path.b]]
station = \"s\"
[[path.a]]
station = \"s\"
failure_probability = 0.5
max_attempts = 2
pauses = [\"1 s\", \"2 s\"]
";
        assert_eq!(
            faults(steps),
            "n.toml:10:11: CAP0109: path.a[0].station: no station is called `x`; did you mean `s`?\n\
             n.toml:11:1: CAP0102: path.a[0].probabilty: a step has no key `probabilty`; did you mean `probability`?\n\
             n.toml:12:1: CAP0103: path.a[1].station: a step needs the key `station`; write `station = \"NAME\"`, \
             `parallel = [\"NAME\", \"NAME\"]` or `fixed_time = \"2 ms\"`\n\
             n.toml:13:15: CAP0106: path.a[1].probability: 1.5 is above 1, so it is no probability\n\
             n.toml:16:1: CAP0110: path.a[2].max_attempts: `max_attempts` means nothing in a step without \
             `failure_probability`\n\
             n.toml:19:1: CAP0103: path.a[3].max_attempts: a step that may fail needs the key `max_attempts`; write \
             `max_attempts = 3`, the first attempt included\n\
             n.toml:22:1: CAP0110: path.a[4].visits: `visits` means nothing in a step without `station`\n\
             n.toml:24:15: CAP0110: path.a[5].parallel[0].parallel: a call of a parallel step holds no parallel calls of \
             its own; list all calls in one step\n\
             n.toml:24:35: CAP0104: path.a[5].parallel[1]: the number 3 stands where a step such as `{ station = \
             \"db\", probability = 0.3 }` is expected\n\
             n.toml:24:38: CAP0106: path.a[5].parallel[2]: a path needs at least one step\n\
             n.toml:25:8: CAP0109: path.b: no class is called `b`; did you mean `a`?\n\
             n.toml:31:10: CAP0106: path.a[6].pauses: 2 pauses for 2 attempts; at most 1 of them are made"
        );
    }

    #[test]
    fn a_class_has_either_a_path_or_routing_or_visits() {
        let steps = "[routing.a]\nentry = { s = 1 }\n[[path.a]]\nstation = \"s\"\n";
        assert_eq!(
            faults(steps),
            "n.toml:11:8: CAP0110: path.a: class `a` has `routing`, so its path follows from that"
        );
        let text = format!("{HEAD}visits = 3\n[[path.a]]\nstation = \"s\"\n");
        let message = parse_network("n.toml", &text).expect_err("both").to_string();
        assert_eq!(message, "n.toml:9:10: CAP0110: stations.t.visits: the visits of class `a` follow from its `path`");
    }
}
