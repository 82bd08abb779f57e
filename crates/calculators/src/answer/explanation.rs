use serde::Serialize;
use serde_json::{Number, Value};

use crate::declare::{Calculator, Input, Need};

/// Entries of a list that a formula shows; longer lists end in `…`.
const SHOWN_ENTRIES: usize = 8;

/// Significant digits of a result in a formula: enough to check a line by hand.
const SHOWN_DIGITS: usize = 10;

/// How an answer came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The formula, line by line, with the numbers in it.
    pub formula: Vec<String>,
    /// Where the formula is from.
    pub reference: &'static str,
}

impl Calculator {
    /// Returns the formula with the numbers of one question and its answer in it.
    ///
    /// A line that names a field which neither of them has is left out: it belongs to another form of the question.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    ///
    /// let calculator = capplan_calculators::find("erlang_c")?;
    /// let input = json!({"servers": 2, "offered_load": 1});
    /// let explanation = calculator.explain(&input, &calculator.run(&input)?);
    /// assert_eq!(explanation.formula.last().map(String::as_str), Some("C(2, 1) = 0.3333333333"));
    /// # Ok::<(), capplan_calculators::CalcError>(())
    /// ```
    pub fn explain(&self, input: &Value, result: &Value) -> Explanation {
        let formula = self.formula.iter().filter_map(|line| filled(line, self.inputs, input, result)).collect();
        Explanation { formula, reference: self.reference }
    }
}

/// Puts values in the place of `{field}` and `{field|value where it is absent}`.
fn filled(line: &str, inputs: &[Input], input: &Value, result: &Value) -> Option<String> {
    let mut parts = line.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (placeholder, rest) = part.split_once('}')?;
        text.push_str(&value_of(placeholder, inputs, input, result)?);
        text.push_str(rest);
    }
    Some(text)
}

/// Returns a placeholder's value: a field of the input, or else of the result, or else the input's default; or that of the
/// one that it names.
fn value_of(placeholder: &str, inputs: &[Input], input: &Value, result: &Value) -> Option<String> {
    let (path, absent) = placeholder.split_once('|').map_or((placeholder, None), |(path, text)| (path, Some(text)));
    let given = |path| at(input, path).map(|value| shown(value, None));
    let computed = |path| at(result, path).map(|value| shown(value, Some(SHOWN_DIGITS)));
    let value = if let Some(path) = path.strip_prefix("input.") {
        given(path)
    } else if let Some(path) = path.strip_prefix("result.") {
        computed(path)
    } else {
        given(path).or_else(|| computed(path)).or_else(|| default_of(inputs, path))
    };
    value.or_else(|| absent.map(str::to_owned))
}

fn default_of(inputs: &[Input], name: &str) -> Option<String> {
    let input = inputs.iter().find(|input| input.name == name)?;
    if let Need::Default(value) = input.need { Some(value.trim_matches('"').to_owned()) } else { None }
}

/// Returns the value at a path such as `system.w`, `visit_ratios[0]` or `sojourn_time_quantiles.0.99`.
fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    if path.is_empty() {
        return Some(value).filter(|value| !value.is_null());
    }
    match value {
        Value::Array(items) => {
            let (index, rest) = path.strip_prefix('[')?.split_once(']')?;
            at(items.get(index.parse::<usize>().ok()?)?, rest.strip_prefix('.').unwrap_or(rest))
        }
        // A key may have dots itself, so the longest that fits is taken.
        Value::Object(fields) => {
            let ends = path.match_indices(['.', '[']).map(|(end, _)| end).rev();
            std::iter::once(path.len()).chain(ends).find_map(|end| {
                let (key, rest) = path.split_at(end);
                at(fields.get(key)?, rest.strip_prefix('.').unwrap_or(rest))
            })
        }
        _ => None,
    }
}

fn shown(value: &Value, digits: Option<usize>) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => shown_number(number, digits),
        Value::Array(items) => {
            let mut entries: Vec<String> = items.iter().take(SHOWN_ENTRIES).map(|item| shown(item, digits)).collect();
            if items.len() > SHOWN_ENTRIES {
                entries.push("…".to_owned());
            }
            format!("[{}]", entries.join(", "))
        }
        Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name}: {}", shown(value, digits))).collect();
            format!("({})", fields.join(", "))
        }
        Value::Null => "none".to_owned(),
        Value::Bool(_) => value.to_string(),
    }
}

fn shown_number(number: &Number, digits: Option<usize>) -> String {
    let rounded = digits
        .and_then(|digits| format!("{:.*e}", digits - 1, number.as_f64().filter(|_| number.is_f64())?).parse().ok())
        .and_then(Number::from_f64);
    let text = rounded.as_ref().unwrap_or(number).to_string();
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::CALCULATORS;

    fn line(text: &str) -> Option<String> {
        let input = json!({"servers": 2, "rates": [0.1, 2.0], "matrix": [[0, 0.5]], "empty": null, "word": "lru"});
        let result = json!({"servers": 3, "value": 1.0 / 3.0, "tiny": 2e-300, "system": {"w": 0.5},
                            "list": [1, 2, 3, 4, 5, 6, 7, 8, 9], "quantiles": {"0.99": 4.0}});
        filled(text, &[], &input, &result)
    }

    #[test]
    fn placeholders_become_values() {
        for (text, expected) in [
            ("no number", "no number"),
            ("{servers}·{result.servers} = {value}", "2·3 = 0.3333333333"),
            ("{tiny}, {system.w}, {quantiles.0.99}", "2e-300, 0.5, 4"),
            ("{rates}, {rates[1]}, {matrix[0][1]}, {word}", "[0.1, 2], 2, 0.5, lru"),
            ("{list}", "[1, 2, 3, 4, 5, 6, 7, 8, …]"),
            ("{system}", "(w: 0.5)"),
            ("{fixed_delay|0} s", "0 s"),
        ] {
            assert_eq!(line(text).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_line_without_its_field_is_left_out() {
        for text in ["{nothing}", "{empty}", "{rates[2]}", "{rates[x]}", "{input.value}", "{value.more}", "{servers"] {
            assert_eq!(line(text), None, "{text}");
        }
    }

    /// Input and answer of every case of a calculator's reference file that has an answer, asked for all that it can say.
    fn answered(calculator: &Calculator) -> Vec<(Value, Value)> {
        let path = format!("{}/data/reference/{}.jsonl", env!("CARGO_MANIFEST_DIR"), calculator.name);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        text.lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("a case is JSON")["input"].clone())
            .map(|mut input| {
                for (field, value) in [("times", json!([0.1])), ("transform_at", json!([2.0])), ("states", json!([1]))]
                {
                    if calculator.input(field).is_some() && input[field].is_null() {
                        input[field] = value;
                    }
                }
                input
            })
            .filter_map(|input| Some((input.clone(), calculator.run(&input).ok()?)))
            .collect()
    }

    #[test]
    fn every_placeholder_resolves_on_a_case_and_every_answer_has_its_method() {
        for calculator in CALCULATORS {
            let name = calculator.name;
            let cases = answered(calculator);
            for line in calculator.formula {
                let holds = line.matches('{').count() == line.matches('}').count();
                let resolves =
                    cases.iter().any(|(input, result)| filled(line, calculator.inputs, input, result).is_some());
                assert!(holds && resolves, "{name}: {line}");
            }
            assert!(!calculator.formula.is_empty() && !calculator.reference.is_empty(), "{name}");
            for (_, result) in &cases {
                let fields: Vec<&str> = result.as_object().expect("an object").keys().map(String::as_str).collect();
                assert!(fields.ends_with(&["method", "exact"]), "{name}: {fields:?}");
                let method = result["method"].as_str().expect("a word");
                let exact = result["exact"].as_bool().expect("true or false");
                let contradicted = if exact { "approximate" } else { "exact" };
                assert!(!method.is_empty() && !method.starts_with(contradicted), "{name}: {method} {exact}");
            }
        }
    }
}
