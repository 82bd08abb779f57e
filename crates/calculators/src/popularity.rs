use serde::{Deserialize, Serialize};
use serde_json::Value;

use capplan_queueing::cache::{Popularity, Zipf};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::check::{whole, wrong};

pub(super) const ZIPF: Calculator = Calculator {
    name: "zipf",
    summary: "Zipf popularity: generalized harmonic number and the share of requests for the most popular objects",
    inputs: &[
        Input::required("objects", InputKind::Count, "number of objects, between 1 and 10^12"),
        Input::required("exponent", InputKind::Number, "Zipf exponent, between 0 (uniform) and 10"),
        Input::optional("top_k", InputKind::Count, "number of most popular objects whose share is wanted"),
    ],
    formula: &[
        "H(N, α) = Σ i^−α,  i = 1..N",
        "H({objects}, {exponent}) = {harmonic_number}",
        "share of the k most popular = H(k, α)/H(N, α)",
        "H({top_k}, {exponent})/{harmonic_number} = {top_k_share}",
        "H(1, {exponent})/{harmonic_number} = {top_1_share}",
    ],
    reference: "Breslau et al. 1999",
    answer: |input| typed(input, zipf),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ZipfInput {
    objects: u64,
    exponent: f64,
    top_k: Option<u64>,
}

#[derive(Serialize)]
struct ZipfAnswer {
    harmonic_number: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k_share: Option<f64>,
    top_1_share: f64,
    method: &'static str,
    exact: bool,
}

fn zipf(input: &ZipfInput) -> Result<ZipfAnswer, CalcError> {
    let law = Zipf::new(input.objects, input.exponent)?;
    Ok(ZipfAnswer {
        harmonic_number: law.harmonic_number(),
        top_k_share: input.top_k.map(|count| law.top_share(count)),
        top_1_share: law.top_share(1),
        method: "exact: sum over the objects, its tail by Euler–Maclaurin",
        exact: true,
    })
}

/// Reads `{"type": "zipf", …}`, `{"type": "weights", …}`, `{"type": "histogram", …}` or a bare histogram.
pub(super) fn popularity(path: &str, value: &Value) -> Result<Popularity, CalcError> {
    let Value::Object(fields) = value else { return histogram(path, value) };
    let kind = fields.get("type").and_then(Value::as_str);
    let known: &[&str] = match kind {
        Some("zipf") => &["n", "alpha"],
        Some("weights") => &["weights"],
        Some("histogram") => &["histogram"],
        _ => {
            let given = fields.get("type").unwrap_or(&Value::Null);
            return Err(wrong(&format!("{path}.type"), given, "\"zipf\", \"weights\" or \"histogram\""));
        }
    };
    if let Some(field) = fields.keys().find(|&field| field != "type" && !known.contains(&field.as_str())) {
        return Err(CalcError::invalid(format!("`{path}` has no field `{field}`; it takes `{}`", known.join("`, `"))));
    }
    let field = |name: &str| (format!("{path}.{name}"), fields.get(name).unwrap_or(&Value::Null));
    match kind {
        Some("zipf") => {
            let (path, n) = field("n");
            let objects = whole(n).ok_or_else(|| wrong(&path, n, "a whole number"))?;
            let (path, alpha) = field("alpha");
            Ok(Popularity::zipf(objects, number(&path, alpha)?)?)
        }
        Some("weights") => {
            let (path, weights) = field("weights");
            Ok(Popularity::weights(&numbers(&path, weights)?)?)
        }
        _ => {
            let (path, pairs) = field("histogram");
            histogram(&path, pairs)
        }
    }
}

fn histogram(path: &str, value: &Value) -> Result<Popularity, CalcError> {
    Ok(Popularity::histogram(&pairs(path, value)?)?)
}

/// Reads a list of `[accesses, objects]`.
pub(super) fn pairs(path: &str, value: &Value) -> Result<Vec<[f64; 2]>, CalcError> {
    let Value::Array(rows) = value else { return Err(wrong(path, value, "a list of [accesses, objects]")) };
    let pair = |(index, row): (usize, &Value)| {
        let path = format!("{path}[{index}]");
        <[f64; 2]>::try_from(numbers(&path, row)?)
            .map_err(|row| CalcError::invalid(format!("`{path}` has {} entries, not [accesses, objects]", row.len())))
    };
    rows.iter().enumerate().map(pair).collect()
}

fn numbers(path: &str, value: &Value) -> Result<Vec<f64>, CalcError> {
    let Value::Array(items) = value else { return Err(wrong(path, value, "a list of numbers")) };
    items.iter().enumerate().map(|(index, item)| number(&format!("{path}[{index}]"), item)).collect()
}

fn number(path: &str, value: &Value) -> Result<f64, CalcError> {
    value.as_f64().ok_or_else(|| wrong(path, value, "a number"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(value: &Value) -> String {
        popularity("popularity", value).expect_err("refused").message
    }

    #[test]
    fn each_form_is_read() {
        for value in [
            json!({"type": "zipf", "n": 3e0, "alpha": 0}),
            json!({"type": "weights", "weights": [2, 2, 2]}),
            json!({"type": "histogram", "histogram": [[7, 3]]}),
            json!([[7, 3]]),
        ] {
            let read = popularity("popularity", &value).expect("a popularity");
            assert!((read.objects() - 3.0).abs() < 1e-15);
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        assert_eq!(
            message(&json!({"type": "pareto"})),
            "`popularity.type` is \"pareto\", not \"zipf\", \"weights\" or \"histogram\""
        );
        assert_eq!(
            message(&json!({"type": "zipf", "objects": 3})),
            "`popularity` has no field `objects`; it takes `n`, `alpha`"
        );
        assert_eq!(message(&json!({"type": "zipf", "n": 3})), "`popularity.alpha` is `null`, not a number");
        assert_eq!(message(&json!([[1, 2], [3]])), "`popularity[1]` has 1 entries, not [accesses, objects]");
        assert_eq!(message(&json!([[1, "2"]])), "`popularity[0][1]` is \"2\", not a number");
    }
}
