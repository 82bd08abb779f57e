use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use capplan_queueing::availability::{
    AvailabilityError, Importance, Period, Structure, composite_sla, downtime_minutes, importance_measures,
    solve_structure,
};
use capplan_queueing::units::Probability;

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed_with_gaps};
use super::check::{whole, wrong};
use super::error::named;
use super::redundancy::down;

pub(super) const STRUCTURE: Calculator = Calculator {
    name: "structure",
    summary: "availability and importance of parts in series, parallel and k of n; one name is one part",
    inputs: &[
        Input::required(
            "tree",
            InputKind::Tree,
            "{\"id\", \"a\"}, {\"series\": [...]}, {\"parallel\": [...]} or {\"k\", \"items\"}",
        ),
        Input::optional("promise", InputKind::Number, "availability that the whole is to reach, between 0 and 1"),
    ],
    formula: &[
        "series: A = Π A_i,  parallel: U = Π U_i,  k of n: U = P(fewer than k items up)",
        "a part named twice: U = u·U(part down) + (1 − u)·U(part up)",
        "U = {unavailability},  A = 1 − U = {availability}",
        "downtime = U·525600 min = {unavailability}·525600 = {downtime_minutes_per_year} min a year",
        "importance of a part = U(part down) − U(part up): {birnbaum_importance}",
        "its share of U = u·importance/U, what to improve first: {criticality_importance}",
    ],
    reference: "Trivedi and Bobbio 2017, ch. 4",
    answer: |question| typed_with_gaps(&["promise_budget_fraction", "allowed_availability"], question, structure),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StructureInput {
    tree: Value,
    promise: Option<f64>,
}

#[derive(Serialize)]
struct StructureAnswer {
    availability: f64,
    unavailability: f64,
    downtime_minutes_per_year: f64,
    downtime_minutes_per_30_days: f64,
    birnbaum_importance: BTreeMap<String, f64>,
    /// Absent for large trees, as those after it; a part is left out where a measure has no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    criticality_importance: Option<BTreeMap<String, f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    risk_achievement_worth: Option<BTreeMap<String, f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    risk_reduction_worth: Option<BTreeMap<String, f64>>,
    #[serde(flatten)]
    promise: Option<PromiseAnswer>,
    method: &'static str,
    exact: bool,
}

/// What a promise asks of the parts.
#[derive(Serialize)]
struct PromiseAnswer {
    promise_kept: bool,
    /// `null` for a promise of 1.
    promise_budget_fraction: Option<f64>,
    /// `null` for a part that cannot bring the whole there alone.
    allowed_availability: BTreeMap<String, Option<f64>>,
}

fn structure(input: &StructureInput) -> Result<StructureAnswer, CalcError> {
    let tree = tree("tree", &input.tree)?;
    let solved = solve_structure(&tree)?;
    let measures = match importance_measures(&tree) {
        Ok(measures) => Some(measures),
        Err(AvailabilityError::TooMany { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let listed = |measure: fn(&Importance) -> Option<f64>| {
        let named = |(name, part): (&String, &Importance)| Some((name.clone(), measure(part)?));
        measures.as_ref().map(|measures| measures.iter().filter_map(named).collect())
    };
    let promise = match input.promise {
        Some(promise) => {
            let composite = composite_sla(&tree, named("promise", Probability::new(promise))?)?;
            let allowed = composite.allowed_unavailability.into_iter();
            Some(PromiseAnswer {
                promise_kept: composite.is_kept,
                promise_budget_fraction: composite.budget_fraction,
                allowed_availability: allowed.map(|(name, u)| (name, u.map(|u| 1.0 - u))).collect(),
            })
        }
        None => None,
    };
    Ok(StructureAnswer {
        availability: solved.availability,
        unavailability: solved.unavailability,
        downtime_minutes_per_year: downtime_minutes(solved.unavailability, Period::Year),
        downtime_minutes_per_30_days: downtime_minutes(solved.unavailability, Period::ThirtyDays),
        birnbaum_importance: solved.birnbaum_importance,
        criticality_importance: listed(|part| part.criticality),
        risk_achievement_worth: listed(|part| part.risk_achievement),
        risk_reduction_worth: listed(|part| part.risk_reduction),
        promise,
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

    use crate::run;

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

    #[test]
    fn a_promise_says_what_each_part_must_deliver() {
        let tree = json!({"series": [{"id": "web", "a": 0.9995}, {"id": "db", "a": 0.9999}]});
        let answer = run("structure", &json!({"tree": tree, "promise": 0.9999})).expect("an answer");
        assert_eq!((&answer["promise_kept"], &answer["allowed_availability"]["db"]), (&json!(false), &json!(null)));
        // The database alone spends the whole budget.
        assert!(answer["allowed_availability"]["web"].as_f64().is_none_or(|a| a > 1.0 - 1e-15));
        let share = answer["criticality_importance"]["web"].as_f64().expect("a number");
        assert!((share - 5.0 / 6.0).abs() < 1e-3);
        assert_eq!(
            run("structure", &json!({"tree": tree, "promise": 99.9})).expect_err("refused").message,
            "`promise`: probability of 99.9 is not between 0 and 1"
        );
    }
}
