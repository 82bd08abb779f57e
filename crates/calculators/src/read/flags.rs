use serde_json::{Map, Number, Value};

use crate::declare::{Input, InputKind};
use crate::{CalcError, find, listed_names};

/// Returns a calculator's input from command-line flags: pairs of a name (without its leading hyphens) and a value.
///
/// A flag has the input's name with hyphens. Lists are `1,2,3`, `1;2;3` or JSON, matrices, popularities and trees are JSON.
/// Only what a text can get wrong is checked here; [`run`](crate::run) checks the rest.
///
/// # Errors
///
/// [`ErrorKind::UnknownCalculator`](crate::ErrorKind::UnknownCalculator), and
/// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) with the flag's name.
///
/// # Examples
///
/// ```
/// use serde_json::json;
///
/// let flag = |name: &str, value: &str| (name.to_owned(), value.to_owned());
/// let input = capplan_calculators::input_from_flags("erlang_b", &[flag("servers", "3"), flag("offered-load", "1.5")])?;
/// assert_eq!(input, json!({"servers": 3, "offered_load": 1.5}));
/// # Ok::<(), capplan_calculators::CalcError>(())
/// ```
pub fn input_from_flags(name: &str, flags: &[(String, String)]) -> Result<Value, CalcError> {
    let calculator = find(name)?;
    let mut fields = Map::new();
    for (flag, text) in flags {
        let field = flag.replace('-', "_");
        let Some(input) = calculator.input(&field) else {
            let known = listed_names(calculator.inputs.iter().map(|input| format!("--{}", hyphened(input.name))));
            return Err(CalcError::invalid(format!("`{name}` has no `--{flag}`; it takes {known}")));
        };
        let value = value_of(input.kind, text).ok_or_else(|| {
            CalcError::invalid(format!("`--{}` of `{text}` is not {}", hyphened(input.name), input.kind.in_text()))
        })?;
        if fields.insert(field, value).is_some() {
            return Err(CalcError::invalid(format!("`--{}` is given twice", hyphened(input.name))));
        }
    }
    Ok(Value::Object(fields))
}

impl Input {
    /// Returns the value that a text stands for, written as for a flag of the command line.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) with the input's name.
    pub fn parse(&self, text: &str) -> Result<Value, CalcError> {
        value_of(self.kind, text)
            .ok_or_else(|| CalcError::invalid(format!("`{}` of `{text}` is not {}", self.name, self.kind.in_text())))
    }
}

fn hyphened(name: &str) -> String {
    name.replace('_', "-")
}

fn value_of(kind: InputKind, text: &str) -> Option<Value> {
    let text = text.trim();
    match kind {
        InputKind::ServerCount => server_count(text),
        InputKind::FleetSize if text == "infinite" => Some(Value::from(text)),
        InputKind::Number | InputKind::Count | InputKind::FleetSize => number(text),
        InputKind::ServerCounts if !text.starts_with('[') => split(text, server_count),
        InputKind::Switch => text.parse::<bool>().ok().map(Value::Bool),
        InputKind::Choice(_) | InputKind::Word => Some(Value::String(text.to_owned())),
        InputKind::Numbers | InputKind::Counts if !text.starts_with('[') => split(text, number),
        InputKind::Numbers
        | InputKind::Counts
        | InputKind::ServerCounts
        | InputKind::Matrix
        | InputKind::Station
        | InputKind::Popularity
        | InputKind::Histogram
        | InputKind::Tree
        | InputKind::Stage
        | InputKind::Stages => serde_json::from_str(text).ok(),
    }
}

fn split(text: &str, item: fn(&str) -> Option<Value>) -> Option<Value> {
    text.split([',', ';']).map(|part| item(part.trim())).collect::<Option<Vec<_>>>().map(Value::Array)
}

fn server_count(text: &str) -> Option<Value> {
    if text == "inf" { Some(Value::from(text)) } else { number(text) }
}

/// Reads a number: a whole one exactly, any other as a double, NaN and infinities not at all.
fn number(text: &str) -> Option<Value> {
    if let Ok(whole) = text.parse::<u64>() {
        return Some(Value::from(whole));
    }
    text.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn input(name: &str, flags: &[(&str, &str)]) -> Result<Value, String> {
        let flags: Vec<(String, String)> = flags.iter().map(|&(f, v)| (f.to_owned(), v.to_owned())).collect();
        input_from_flags(name, &flags).map_err(|error| error.message)
    }

    #[test]
    fn lists_are_split_at_commas_and_matrices_are_json() {
        assert_eq!(
            input("tandem", &[("arrival-rate", "1e0"), ("service-rates", "2, 3.5"), ("servers", "[1, 2]")]),
            Ok(json!({"arrival_rate": 1.0, "service_rates": [2, 3.5], "servers": [1, 2]}))
        );
        assert_eq!(input("tandem", &[("service-rates", "2; 3.5")]), Ok(json!({"service_rates": [2, 3.5]})));
        assert_eq!(input("jackson", &[("servers", "2,inf")]), Ok(json!({"servers": [2, "inf"]})));
        assert_eq!(input("jackson", &[("routing", "[[0, 1], [0.5, 0]]")]), Ok(json!({"routing": [[0, 1], [0.5, 0]]})));
    }

    #[test]
    fn a_text_of_one_input_is_read_alone() {
        let servers = find("erlang_b").expect("known").input("servers").expect("an input");
        assert_eq!(servers.parse(" 3 "), Ok(json!(3)));
        assert_eq!(
            servers.parse("many").map_err(|error| error.message),
            Err("`servers` of `many` is not a whole number".into())
        );
    }

    #[test]
    fn what_a_flag_cannot_hold_is_refused() {
        assert_eq!(
            input("erlang_b", &[("servers", "many")]),
            Err("`--servers` of `many` is not a whole number".into())
        );
        assert_eq!(
            input("erlang_b", &[("offered-load", "NaN")]),
            Err("`--offered-load` of `NaN` is not a number".into())
        );
        assert_eq!(
            input("erlang_b", &[("load", "1")]),
            Err("`erlang_b` has no `--load`; it takes `--servers`, `--offered-load`".into())
        );
        assert_eq!(input("erlang_b", &[("servers", "1"), ("servers", "2")]), Err("`--servers` is given twice".into()));
        assert_eq!(
            input("zones", &[("instances-per-zone", "1,,2")]),
            Err("`--instances-per-zone` of `1,,2` is not a list of numbers such as `1,2,3`".into())
        );
    }
}
