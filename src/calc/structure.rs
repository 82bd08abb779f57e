use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::availability::{Period, Structure, downtime_minutes, solve_structure};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::check::{whole, wrong};
use super::error::named;
use super::redundancy::down;

pub(super) const STRUCTURE: Calculator = Calculator {
    name: "structure",
    summary: "availability and importance of parts in series, parallel and k of n; one name is one part",
    inputs: &[Input::required(
        "tree",
        InputKind::Tree,
        "{\"id\", \"a\"}, {\"series\": [...]}, {\"parallel\": [...]} or {\"k\", \"items\"}",
    )],
    formula: &[
        "series: A = Π A_i,  parallel: U = Π U_i,  k of n: U = P(fewer than k items up)",
        "a part named twice: U = u·U(part down) + (1 − u)·U(part up)",
        "U = {unavailability},  A = 1 − U = {availability}",
        "downtime = U·525600 min = {unavailability}·525600 = {downtime_minutes_per_year} min a year",
        "importance of a part = U(part down) − U(part up): {birnbaum_importance}",
    ],
    reference: "Trivedi and Bobbio 2017, ch. 4",
    answer: |input| typed(input, structure),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StructureInput {
    tree: Value,
}

#[derive(Serialize)]
struct StructureAnswer {
    availability: f64,
    unavailability: f64,
    downtime_minutes_per_year: f64,
    downtime_minutes_per_30_days: f64,
    birnbaum_importance: BTreeMap<String, f64>,
    method: &'static str,
    exact: bool,
}

fn structure(input: &StructureInput) -> Result<StructureAnswer, CalcError> {
    let solved = solve_structure(&tree("tree", &input.tree)?)?;
    Ok(StructureAnswer {
        availability: solved.availability,
        unavailability: solved.unavailability,
        downtime_minutes_per_year: downtime_minutes(solved.unavailability, Period::Year),
        downtime_minutes_per_30_days: downtime_minutes(solved.unavailability, Period::ThirtyDays),
        birnbaum_importance: solved.birnbaum_importance,
        method: "exact: independent parts, repeated ones conditioned on",
        exact: true,
    })
}

/// Reads a tree. The recursion ends with the text's nesting, which the reader of JSON limits.
fn tree(path: &str, value: &Value) -> Result<Structure, CalcError> {
    const FORMS: &str = "`id` and `a`, `series`, `parallel`, or `k` and `items`";
    let Value::Object(fields) = value else { return Err(wrong(path, value, &format!("an object with {FORMS}"))) };
    let mut names: Vec<&str> = fields.keys().map(String::as_str).collect();
    names.sort_unstable();
    match names.as_slice() {
        ["series"] => Ok(Structure::Series(items(path, fields, "series")?)),
        ["parallel"] => Ok(Structure::Parallel(items(path, fields, "parallel")?)),
        ["items", "k"] => {
            let needed = &fields["k"];
            let needed = whole(needed).ok_or_else(|| wrong(&format!("{path}.k"), needed, "a whole number"))?;
            Ok(Structure::AtLeast { needed, items: items(path, fields, "items")? })
        }
        ["a", "id"] => {
            let (id, a) = (&fields["id"], &fields["a"]);
            let name = id.as_str().ok_or_else(|| wrong(&format!("{path}.id"), id, "a word"))?;
            let up = a.as_f64().ok_or_else(|| wrong(&format!("{path}.a"), a, "a number"))?;
            let unavailability = named(&format!("{path}.a"), down(up))?;
            Ok(Structure::Component { name: name.to_owned(), unavailability })
        }
        _ => Err(CalcError::invalid(format!("`{path}` has the fields [{}]; it takes {FORMS}", names.join(", ")))),
    }
}

fn items(path: &str, fields: &Map<String, Value>, name: &str) -> Result<Vec<Structure>, CalcError> {
    let path = format!("{path}.{name}");
    match fields.get(name) {
        Some(Value::Array(items)) => {
            items.iter().enumerate().map(|(index, item)| tree(&format!("{path}[{index}]"), item)).collect()
        }
        other => Err(wrong(&path, other.unwrap_or(&Value::Null), "a list")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::calc::run;

    #[test]
    fn what_is_no_tree_is_named_with_its_place() {
        let message = |tree: serde_json::Value| run("structure", &json!({"tree": tree})).expect_err("refused").message;
        assert_eq!(
            message(json!({"series": [{"id": "db", "a": 0.9}, {"id": "web"}]})),
            "`tree.series[1]` has the fields [id]; it takes `id` and `a`, `series`, `parallel`, or `k` and `items`"
        );
        assert_eq!(message(json!({"k": 1.5, "items": []})), "`tree.k` is `1.5`, not a whole number");
        assert_eq!(
            message(json!({"parallel": [{"id": "db", "a": 99.9}]})),
            "`tree.parallel[0].a`: probability of 99.9 is not between 0 and 1"
        );
        assert_eq!(message(json!({"series": {}})), "`tree.series` is an object, not a list");
    }
}
