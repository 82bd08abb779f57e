use std::collections::BTreeMap;

use capplan_queueing::availability::{
    AvailabilityError, Importance, Period, Structure, composite_sla, downtime_minutes, importance_measures,
    solve_structure,
};
use capplan_queueing::units::Probability;
use serde::de::MapAccess;
use serde_json::Map;

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, InputKind, Inputs, inputs};
use crate::read::{Availability, Faults, InputValue, Json, read_field};

inputs! {
    struct StructureInput {
        /// {"id", "a"}, {"series": [...]}, {"parallel": [...]} or {"k", "items"}
        tree: Structure,
        /// availability that the whole is to reach, between 0 and 1
        promise: Option<Probability>,
    }
}

pub(crate) const STRUCTURE: Calculator = Calculator {
    name: "structure",
    summary: "availability and importance of parts in series, parallel and k of n; one name is one part",
    inputs: StructureInput::INPUTS,
    formula: &[
        "series: A = Π A_i,  parallel: U = Π U_i,  k of n: U = P(fewer than k items up)",
        "a part named twice: U = u·U(part down) + (1 − u)·U(part up)",
        "U = {unavailability},  A = 1 − U = {availability}",
        "downtime = U·525600 min = {unavailability}·525600 = {downtime_minutes_per_year} min a year",
        "importance of a part = U(part down) − U(part up): {birnbaum_importance}",
        "its share of U = u·importance/U, what to improve first: {criticality_importance}",
    ],
    reference: "Trivedi and Bobbio 2017, ch. 4",
    answer: |question| question.answer(structure),
};

fn structure(input: &StructureInput) -> Result<Answer, CalcError> {
    let tree = &input.tree;
    let solved = solve_structure(tree)?;
    let measures = match importance_measures(tree) {
        Ok(measures) => Some(measures),
        Err(AvailabilityError::TooMany { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    // A part is left out where a measure has no value.
    let listed = |measure: fn(&Importance) -> Option<f64>| {
        let named = |(name, part): (&String, &Importance)| Some((name.clone(), measure(part)?));
        measures.as_ref().map(|measures| measures.iter().filter_map(named).collect::<BTreeMap<_, _>>())
    };
    let answer = Answer::exact("exact: independent parts, repeated ones conditioned on")
        .with("availability", solved.availability)
        .with("unavailability", solved.unavailability)
        .with("downtime_minutes_per_year", downtime_minutes(solved.unavailability, Period::Year))
        .with("downtime_minutes_per_30_days", downtime_minutes(solved.unavailability, Period::ThirtyDays))
        .with("birnbaum_importance", solved.birnbaum_importance)
        .with_some("criticality_importance", listed(|part| part.criticality))
        .with_some("risk_achievement_worth", listed(|part| part.risk_achievement))
        .with_some("risk_reduction_worth", listed(|part| part.risk_reduction));
    let Some(promise) = input.promise else { return Ok(answer) };
    let composite = composite_sla(tree, promise)?;
    // None for a part that cannot bring the whole there alone.
    let allowed = composite.allowed_unavailability.into_iter().map(|(name, u)| (name, u.map(|u| 1.0 - u)));
    Ok(answer
        .with("promise_kept", composite.is_kept)
        .with("promise_budget_fraction", composite.budget_fraction)
        .with("allowed_availability", allowed.collect::<BTreeMap<_, _>>()))
}

impl InputValue for Structure {
    const KIND: InputKind = InputKind::Tree;

    fn from_object<'de, A: MapAccess<'de>>(fields: A, faults: &Faults) -> Result<Self, A::Error> {
        const FORMS: &str = "`id` and `a`, `series`, `parallel`, or `k` and `items`";
        let Json(tree) = Json::object(fields)?;
        let mut names: Vec<&str> = tree.as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect();
        names.sort_unstable();
        match names.as_slice() {
            ["series"] => read_field(&tree, "series", faults).map(Self::Series),
            ["parallel"] => read_field(&tree, "parallel", faults).map(Self::Parallel),
            ["items", "k"] => {
                let needed = read_field(&tree, "k", faults)?;
                Ok(Self::AtLeast { needed, items: read_field(&tree, "items", faults)? })
            }
            ["a", "id"] => {
                let name = read_field(&tree, "id", faults)?;
                let Availability { down: unavailability, .. } = read_field(&tree, "a", faults)?;
                Ok(Self::Component { name, unavailability })
            }
            _ => {
                let names = names.join(", ");
                Err(faults.refuse(format!(" has the fields [{names}]; it takes {FORMS}")))
            }
        }
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
        assert_eq!(
            message(json!({"k": 1.5, "items": []})),
            "`tree.k` is `1.5`, not a whole number between 0 and 9,007,199,254,740,992"
        );
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
