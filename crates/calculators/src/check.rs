use serde_json::{Map, Value};

use super::{CalcError, Calculator, InputKind, Need};

/// The largest whole number that every reader of JSON keeps exact, 2⁵³.
pub(super) const MAX_COUNT: u64 = 1 << 53;

/// Returns the input with whole numbers as integers, if its names and types are those of the calculator's table.
///
/// An input of `null` counts as left out.
pub(super) fn checked(calculator: &Calculator, input: &Value) -> Result<Value, CalcError> {
    let name = calculator.name;
    let Value::Object(fields) = input else {
        return Err(CalcError::invalid(format!("the input of `{name}` is {}, not an object", described(input))));
    };
    let mut clean = Map::new();
    for (field, value) in fields {
        let Some(input) = calculator.input(field) else {
            let known = calculator.input_names();
            return Err(CalcError::invalid(format!("`{name}` has no input `{field}`; it takes {known}")));
        };
        if !value.is_null() {
            clean.insert(field.clone(), checked_value(field, input.kind, value)?);
        }
    }
    let missing = calculator
        .inputs
        .iter()
        .filter(|input| input.need == Need::Required && !clean.contains_key(input.name))
        .map(|input| format!("`{}` ({})", input.name, input.doc))
        .collect::<Vec<_>>();
    if missing.is_empty() {
        Ok(Value::Object(clean))
    } else {
        Err(CalcError::invalid(format!("`{name}` also needs {}", missing.join(", "))))
    }
}

fn checked_value(path: &str, kind: InputKind, value: &Value) -> Result<Value, CalcError> {
    match kind {
        InputKind::Number if value.is_number() => Ok(value.clone()),
        InputKind::Number => Err(wrong(path, value, "a number")),
        InputKind::Count => whole(value)
            .map(Value::from)
            .ok_or_else(|| wrong(path, value, "a whole number between 0 and 9,007,199,254,740,992")),
        InputKind::ServerCount if value == "inf" => Ok(value.clone()),
        InputKind::ServerCount => {
            whole(value).map(Value::from).ok_or_else(|| wrong(path, value, "a whole number of servers or \"inf\""))
        }
        InputKind::FleetSize if value == "infinite" => Ok(value.clone()),
        InputKind::FleetSize => {
            whole(value).map(Value::from).ok_or_else(|| wrong(path, value, "a whole number of servers or \"infinite\""))
        }
        InputKind::Switch if value.is_boolean() => Ok(value.clone()),
        InputKind::Switch => Err(wrong(path, value, "`true` or `false`")),
        InputKind::Word if value.is_string() => Ok(value.clone()),
        InputKind::Word => Err(wrong(path, value, "a word")),
        InputKind::Choice(words) if value.as_str().is_some_and(|word| words.contains(&word)) => Ok(value.clone()),
        InputKind::Choice(words) => Err(wrong(path, value, &format!("one of {}", quoted(words)))),
        InputKind::Numbers => list(path, value, InputKind::Number),
        InputKind::Counts => list(path, value, InputKind::Count),
        InputKind::ServerCounts => list(path, value, InputKind::ServerCount),
        InputKind::Matrix | InputKind::Histogram => list(path, value, InputKind::Numbers),
        InputKind::Popularity if value.is_object() || value.is_array() => Ok(value.clone()),
        InputKind::Popularity => Err(wrong(path, value, "a popularity or a histogram")),
        InputKind::Tree if value.is_object() => Ok(value.clone()),
        InputKind::Station => station(path, value),
        InputKind::Tree => Err(wrong(path, value, "a tree of parts")),
        InputKind::Stages if value.is_array() => Ok(value.clone()),
        InputKind::Stages => Err(wrong(path, value, "a list of stages")),
    }
}

/// What a station holds, and which of it must be there.
const STATION: [(&str, InputKind, Need); 4] = [
    ("servers", InputKind::Count, Need::Required),
    ("service_time", InputKind::Number, Need::Required),
    ("distribution", InputKind::Word, Need::Optional),
    ("scv", InputKind::Number, Need::Optional),
];

fn station(path: &str, value: &Value) -> Result<Value, CalcError> {
    let Value::Object(fields) = value else {
        return Err(wrong(path, value, "a station such as `{\"servers\": 4, \"service_time\": 0.01}`"));
    };
    let mut clean = Map::new();
    for (field, value) in fields {
        let Some((_, kind, _)) = STATION.iter().find(|(name, ..)| name == field) else {
            let known = STATION.map(|(name, ..)| format!("`{name}`")).join(", ");
            return Err(CalcError::invalid(format!("`{path}` has no `{field}`; a station takes {known}")));
        };
        if !value.is_null() {
            clean.insert(field.clone(), checked_value(&format!("{path}.{field}"), *kind, value)?);
        }
    }
    match STATION.iter().find(|(name, _, need)| *need == Need::Required && !clean.contains_key(*name)) {
        Some((name, ..)) => Err(CalcError::invalid(format!("`{path}` also needs `{name}`"))),
        None => Ok(Value::Object(clean)),
    }
}

fn list(path: &str, value: &Value, kind: InputKind) -> Result<Value, CalcError> {
    let Value::Array(items) = value else { return Err(wrong(path, value, "a list")) };
    let item = |(index, item)| checked_value(&format!("{path}[{index}]"), kind, item);
    items.iter().enumerate().map(item).collect::<Result<Vec<_>, _>>().map(Value::Array)
}

/// Returns a whole number of at least 0, however it is written: `3`, `3.0` or `3e0`.
pub(super) fn whole(value: &Value) -> Option<u64> {
    let number = value.as_f64()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and at most 2⁵³")]
    ((0.0..=MAX_COUNT as f64).contains(&number) && number.fract() == 0.0).then_some(number as u64)
}

/// Says that a value is of the wrong type.
pub(super) fn wrong(path: &str, value: &Value, wanted: &str) -> CalcError {
    CalcError::invalid(format!("`{path}` is {}, not {wanted}", described(value)))
}

fn described(value: &Value) -> String {
    match value {
        Value::Null => "`null`".to_owned(),
        Value::Bool(_) | Value::Number(_) => format!("`{value}`"),
        Value::String(text) => format!("\"{}\"", text.chars().take(40).collect::<String>()),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::run;

    fn message(name: &str, input: &serde_json::Value) -> String {
        run(name, input).expect_err("refused").message
    }

    #[test]
    fn whole_numbers_may_be_written_as_decimals() {
        let answer = run("erlang_b", &json!({"servers": 1.0, "offered_load": 1})).expect("an answer");
        assert_eq!(answer["blocking_probability"], 0.5);
    }

    #[test]
    fn an_unknown_input_is_named() {
        assert_eq!(
            message("erlang_b", &json!({"servers": 1, "load": 1})),
            "`erlang_b` has no input `load`; it takes `servers`, `offered_load`"
        );
    }

    #[test]
    fn a_missing_input_is_named_with_its_meaning() {
        assert_eq!(
            message("erlang_b", &json!({"servers": 1, "offered_load": null})),
            "`erlang_b` also needs `offered_load` (offered load in erlangs, at least 0)"
        );
    }

    #[test]
    fn what_is_wrong_with_a_station_is_named_with_its_place() {
        let path = |app: serde_json::Value| {
            let db = json!({"servers": 1, "service_time": 0.01});
            message("path", &json!({"arrival_rate": 1, "hit_ratio": 0.5, "app": app, "db": db}))
        };
        assert_eq!(
            path(json!({"servers": 1, "serivce_time": 0.01})),
            "`app` has no `serivce_time`; a station takes `servers`, `service_time`, `distribution`, `scv`"
        );
        assert_eq!(path(json!({"servers": 1})), "`app` also needs `service_time`");
        assert_eq!(path(json!({"servers": 1, "service_time": "1 ms"})), "`app.service_time` is \"1 ms\", not a number");
        assert_eq!(path(json!(3)), "`app` is `3`, not a station such as `{\"servers\": 4, \"service_time\": 0.01}`");
    }

    #[test]
    fn a_wrong_type_is_named_with_its_place() {
        assert_eq!(
            message("erlang_b", &json!({"servers": 2.5, "offered_load": 1})),
            "`servers` is `2.5`, not a whole number between 0 and 9,007,199,254,740,992"
        );
        assert_eq!(
            message("erlang_b", &json!({"servers": "two", "offered_load": 1})),
            "`servers` is \"two\", not a whole number between 0 and 9,007,199,254,740,992"
        );
        assert_eq!(message("erlang_b", &json!([1, 2])), "the input of `erlang_b` is a list, not an object");
        let zones =
            json!({"instances_per_zone": [2, -1], "needed": 1, "instance_availability": 1, "zone_availability": 1});
        assert_eq!(
            message("zones", &zones),
            "`instances_per_zone[1]` is `-1`, not a whole number between 0 and 9,007,199,254,740,992"
        );
    }
}
