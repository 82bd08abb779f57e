//! The path of a class in a network file: `[[path.CLASS]]`, step by step.

use capplan_queueing::units::{Probability, Seconds};

use super::Names;
use super::keys::{
    FAILURE_PROBABILITY, FIXED_TIME, MAX_ATTEMPTS, PARALLEL, PAUSES, PROBABILITY, STEP, STEP_STATION, STEP_VISITS,
};
use crate::model_file::codes::Code;
use crate::model_file::fields::Fields;
use crate::model_file::keys::{Key, List};
use crate::model_file::notes::{Notes, Read, Refused, all};
use crate::model_file::tree::{Node, Value};
use crate::model_file::values::{Wrong, list_of, measure, table_of};
use crate::queueing_network::{Attempts, PathStep, StepWork};

/// Depth of a step: the calls of a parallel step hold no parallel calls of their own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    Path,
    Call,
}

/// Reads the steps of a class.
pub fn read_path(node: &Node, path: &str, names: &Names<'_>, notes: &mut Notes) -> Read<Vec<PathStep>> {
    if !matches!(node.value, Value::List(_)) {
        let help = Some(format!("begin each step with `[[{path}]]`"));
        return Err(notes.wrong(node, path, Wrong { help, ..Wrong::value(node, "a list of steps") }));
    }
    read_steps(node, path, Depth::Path, names, notes)
}

fn read_steps(node: &Node, path: &str, depth: Depth, names: &Names<'_>, notes: &mut Notes) -> Read<Vec<PathStep>> {
    let nodes = list_of(node, path, "a list of steps", notes)?;
    if nodes.is_empty() {
        let message = "a path needs at least one step".to_owned();
        return Err(notes.fault(Code::OUT_OF_RANGE, &node.origin, path, message, None));
    }
    let steps = nodes.iter().enumerate();
    all(steps.map(|(index, node)| read_step(node, format!("{path}[{index}]"), depth, names, notes)))
}

fn read_step(node: &Node, path: String, depth: Depth, names: &Names<'_>, notes: &mut Notes) -> Read<PathStep> {
    let table = table_of(node, &path, "a step such as `{ station = \"db\", probability = 0.3 }`", notes)?;
    let fields = Fields::new(&STEP, Some(table), path, node.origin.clone(), notes);
    let fixed_time = fields.get(&FIXED_TIME, notes);
    let probability = probability(&fields, &PROBABILITY, notes);
    let work = read_work(&fields, depth, names, notes);
    let attempts = read_attempts(&fields, notes);
    Ok(PathStep {
        work: work?,
        fixed_time: fixed_time?,
        probability: probability?.unwrap_or(Probability::ONE),
        attempts: attempts?,
    })
}

fn read_work(fields: &Fields<'_>, depth: Depth, names: &Names<'_>, notes: &mut Notes) -> Read<StepWork> {
    let count = fields.get(&STEP_VISITS, notes);
    match (fields.node(&STEP_STATION), fields.node(&PARALLEL)) {
        (Some(_), Some(_)) => {
            let message = "a step has either a `station` or `parallel` calls".to_owned();
            Err(fields.key_conflict(&PARALLEL, message, None, notes))
        }
        (Some(node), None) => {
            let station = read_station(node, &fields.path_of(&STEP_STATION), names, notes);
            Ok(StepWork::Visits { count: count?, station: station? })
        }
        (None, Some(node)) => {
            refuse_without(fields, &STEP_VISITS, "`station`", notes)?;
            if depth == Depth::Call {
                let message = "a call of a parallel step holds no parallel calls of its own".to_owned();
                let help = Some("list all calls in one step".to_owned());
                return Err(fields.key_conflict(&PARALLEL, message, help, notes));
            }
            read_parallel(node, &fields.path_of(&PARALLEL), names, notes).map(StepWork::Parallel)
        }
        (None, None) => {
            refuse_without(fields, &STEP_VISITS, "`station`", notes)?;
            if fields.has(&FIXED_TIME) {
                return Ok(StepWork::Nothing);
            }
            let help = "write `station = \"NAME\"`, `parallel = [\"NAME\", \"NAME\"]` or `fixed_time = \"2 ms\"`";
            Err(fields.missing_with(&STEP_STATION, help, notes))
        }
    }
}

/// The calls of a parallel step: each a station, a step, or a list of steps.
fn read_parallel(node: &Node, path: &str, names: &Names<'_>, notes: &mut Notes) -> Read<Vec<Vec<PathStep>>> {
    let calls = list_of(node, path, "a list of calls", notes)?;
    if calls.is_empty() {
        let message = "a parallel step needs at least one call".to_owned();
        return Err(notes.fault(Code::OUT_OF_RANGE, &node.origin, path, message, None));
    }
    all(calls.iter().enumerate().map(|(index, call)| {
        let at = format!("{path}[{index}]");
        match &call.value {
            Value::Text(_) => read_station(call, &at, names, notes).map(|station| vec![visit(station)]),
            Value::List(_) => read_steps(call, &at, Depth::Call, names, notes),
            _ => read_step(call, at, Depth::Call, names, notes).map(|step| vec![step]),
        }
    }))
}

fn visit(station: usize) -> PathStep {
    PathStep {
        work: StepWork::Visits { station, count: 1 },
        fixed_time: Seconds::ZERO,
        probability: Probability::ONE,
        attempts: Attempts::once(),
    }
}

fn read_station(node: &Node, path: &str, names: &Names<'_>, notes: &mut Notes) -> Read<usize> {
    let Value::Text(name) = &node.value else {
        return Err(notes.wrong(node, path, Wrong::value(node, "the name of a station")));
    };
    names.station(name, &node.origin, path, notes)
}

fn read_attempts(fields: &Fields<'_>, notes: &mut Notes) -> Read<Attempts> {
    let Some(failing) = fields.entry(&FAILURE_PROBABILITY) else {
        let attempts = refuse_without(fields, &MAX_ATTEMPTS, "`failure_probability`", notes);
        refuse_without(fields, &PAUSES, "`failure_probability`", notes).and(attempts)?;
        return Ok(Attempts::once());
    };
    let failure_probability = probability(fields, &FAILURE_PROBABILITY, notes);
    let most = if fields.has(&MAX_ATTEMPTS) {
        fields.get(&MAX_ATTEMPTS, notes)
    } else {
        let message = "a step that may fail needs the key `max_attempts`".to_owned();
        let help = Some("write `max_attempts = 3`, the first attempt included".to_owned());
        let path = fields.path_of(&MAX_ATTEMPTS);
        Err(notes.fault(Code::MISSING_KEY, &failing.key_origin, &path, message, help))
    };
    let pauses = durations(fields, &PAUSES, notes);
    let (failure_probability, most, pauses) = (failure_probability?, most?, pauses?);
    if pauses.len() >= most as usize {
        let made = most - 1;
        let message = format!("{} pauses for {most} attempts; at most {made} of them are made", pauses.len());
        return Err(fields.fault(&PAUSES, Code::OUT_OF_RANGE, message, None, notes));
    }
    Ok(Attempts { failure_probability: failure_probability.ok_or(Refused)?, most, pauses })
}

fn refuse_without<T>(fields: &Fields<'_>, key: &Key<T>, needed: &str, notes: &mut Notes) -> Read<()> {
    if !fields.has(key) {
        return Ok(());
    }
    let message = format!("`{}` means nothing in a step without {needed}", key.row.name);
    Err(fields.key_conflict(key, message, None, notes))
}

/// A list of durations, empty if the file has none.
pub fn durations(fields: &Fields<'_>, key: &Key<List>, notes: &mut Notes) -> Read<Vec<Seconds>> {
    let Some(node) = fields.node(key) else { return Ok(Vec::new()) };
    let path = fields.path_of(key);
    let nodes = list_of(node, &path, "a list of durations such as `[\"50 ms\", \"100 ms\"]`", notes)?;
    all(nodes.iter().enumerate().map(|(index, node)| {
        let wrong = |wrong| notes.wrong(node, &format!("{path}[{index}]"), wrong);
        let time = measure(&key.row.shape, node).map_err(wrong)?;
        Seconds::new(time).map_err(|_| Refused)
    }))
}

fn probability(fields: &Fields<'_>, key: &Key<f64>, notes: &mut Notes) -> Read<Option<Probability>> {
    let Some(node) = fields.node(key) else { return Ok(None) };
    let share = share(node, &fields.path_of(key), "probability", notes)?;
    Probability::new(share).map(Some).map_err(|_| Refused)
}

/// A number from 0 to 1.
pub fn share(node: &Node, path: &str, noun: &str, notes: &mut Notes) -> Read<f64> {
    let share = measure(&PROBABILITY.row.shape, node).map_err(|wrong| notes.wrong(node, path, wrong))?;
    if share <= 1.0 {
        return Ok(share);
    }
    let message = format!("{share} is above 1, so it is no {noun}");
    Err(notes.fault(Code::OUT_OF_RANGE, &node.origin, path, message, None))
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
