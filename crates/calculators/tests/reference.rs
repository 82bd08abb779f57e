//! Known answers: every case of `data/reference/` through the stream of calculators.

use std::fs;
use std::path::Path;

use capplan_calculators::{CALCULATORS, process_line};
use serde_json::{Map, Value};

/// What a case allows, as the case says.
struct Tolerance<'a> {
    relative: f64,
    by_field: Option<&'a Map<String, Value>>,
    absolute: f64,
    absolute_by_field: Option<&'a Map<String, Value>>,
}

impl Tolerance<'_> {
    /// The tolerance below a field: its own, or that of the case.
    fn of(&self, field: &str) -> Self {
        let own = |fields: Option<&Map<String, Value>>| fields.and_then(|fields| fields.get(field)?.as_f64());
        Self {
            relative: own(self.by_field).unwrap_or(self.relative),
            absolute: own(self.absolute_by_field).unwrap_or(self.absolute),
            ..*self
        }
    }
}

/// Says where `got` does not meet `want`; a NaN meets nothing.
fn differences(path: &str, want: &Value, got: &Value, tolerance: &Tolerance) -> Vec<String> {
    match (want, got) {
        (Value::Null, _) => Vec::new(),
        (Value::Number(want), Value::Number(got)) => {
            let (want, got) = (want.as_f64().unwrap_or(f64::NAN), got.as_f64().unwrap_or(f64::NAN));
            let allowed = (tolerance.relative * want.abs()).max(tolerance.absolute);
            let met = (got - want).abs() <= allowed;
            if met { Vec::new() } else { vec![format!("{path}: {got:e} is not {want:e} within {allowed:e}")] }
        }
        (Value::Array(want), Value::Array(got)) if want.len() == got.len() => want
            .iter()
            .zip(got)
            .enumerate()
            .flat_map(|(index, (want, got))| differences(&format!("{path}[{index}]"), want, got, tolerance))
            .collect(),
        (Value::Object(want), Value::Object(got)) => want
            .iter()
            .flat_map(|(name, want)| {
                let got = got.get(name).unwrap_or(&Value::Null);
                differences(&format!("{path}.{name}"), want, got, &tolerance.of(name))
            })
            .collect(),
        (want, got) if want == got => Vec::new(),
        (want, got) => vec![format!("{path}: {got} is not {want}")],
    }
}

/// Says what is wrong with the answer to one case.
fn faults(line: &str) -> Vec<String> {
    let case: Value = serde_json::from_str(line).expect("a case is JSON");
    let reply: Value = serde_json::from_str(&process_line(line).text).expect("a reply is JSON");
    let id = case["id"].as_str().expect("a case has a name");
    assert_eq!(reply["id"], case["id"]);
    assert_eq!(reply["calculator"], case["calculator"]);
    if let Some(kind) = case.get("error") {
        return if reply["error"]["kind"] == *kind { Vec::new() } else { vec![format!("{id}: {reply} is not {kind}")] };
    }
    let expected = &case["expected"];
    assert!(expected.is_object(), "{id} has neither `expected` nor `error`");
    let absolute = case.get("abs_tol");
    let tolerance = Tolerance {
        relative: case["rel_tol"].as_f64().expect("a tolerance is a number"),
        by_field: case.get("rel_tol_by_field").and_then(Value::as_object),
        absolute: absolute.and_then(Value::as_f64).unwrap_or(0.0),
        absolute_by_field: absolute.and_then(Value::as_object),
    };
    match reply.get("result") {
        Some(result) => differences(id, expected, result, &tolerance),
        None => vec![format!("{id}: {reply}")],
    }
}

fn reference(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/reference").join(format!("{name}.jsonl"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_case_of_every_calculator_is_met() {
    let mut found = Vec::new();
    for calculator in CALCULATORS {
        let text = reference(calculator.name);
        let mut cases = 0;
        for line in text.lines() {
            cases += 1;
            found.extend(faults(line));
        }
        println!("{}: {cases} cases", calculator.name);
        assert!(cases > 0, "{} has no case", calculator.name);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_file_of_cases_has_its_calculator() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/reference");
    for entry in fs::read_dir(folder).expect("a folder of cases") {
        let path = entry.expect("a file").path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
            assert!(CALCULATORS.iter().any(|calculator| calculator.name == name), "no calculator for {name}");
        }
    }
}

#[test]
fn a_wrong_answer_is_noticed() {
    let tolerance = Tolerance { relative: 1e-9, by_field: None, absolute: 0.0, absolute_by_field: None };
    let compare = |want: &str, got: &str| {
        let parse = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
        differences("case", &parse(want), &parse(got), &tolerance).len()
    };
    assert_eq!(compare(r#"{"a": 1.0, "b": null}"#, r#"{"a": 1.0000000001, "b": 5, "c": 6}"#), 0);
    assert_eq!(compare(r#"{"a": 1.0}"#, r#"{"a": 1.00000001}"#), 1);
    assert_eq!(compare(r#"{"a": 1.0}"#, r#"{"a": null}"#), 1);
    assert_eq!(compare(r#"{"a": 1.0}"#, "{}"), 1);
    assert_eq!(compare(r#"{"a": [1, 2]}"#, r#"{"a": [1]}"#), 1);
    assert_eq!(compare(r#"{"a": true}"#, r#"{"a": false}"#), 1);
}
