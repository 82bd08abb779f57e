use capplan_queueing::cache::{AccessHistogram, Popularity, Zipf};
use serde::de::{MapAccess, SeqAccess};
use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::declare::{Calculator, InputKind, Inputs, inputs};
use crate::read::{Faults, InputValue, Json, read_field, wrong};
use crate::{CalcError, listed_names};

inputs! {
    struct ZipfInput {
        /// number of objects, between 1 and 10^12
        objects: u64,
        /// Zipf exponent, between 0 (uniform) and 10
        exponent: f64,
        /// number of most popular objects whose share is wanted
        top_k: Option<u64>,
    }
}

pub(crate) const ZIPF: Calculator = Calculator {
    name: "zipf",
    summary: "Zipf popularity: generalized harmonic number and the share of requests for the most popular objects",
    inputs: ZipfInput::INPUTS,
    formula: &[
        "H(N, α) = Σ i^−α,  i = 1..N",
        "H({objects}, {exponent}) = {harmonic_number}",
        "share of the k most popular = H(k, α)/H(N, α)",
        "H({top_k}, {exponent})/{harmonic_number} = {top_k_share}",
        "H(1, {exponent})/{harmonic_number} = {top_1_share}",
    ],
    reference: "Breslau et al. 1999",
    answer: |question| question.answer(zipf),
};

fn zipf(input: &ZipfInput) -> Result<Answer, CalcError> {
    let law = Zipf::new(input.objects, input.exponent)?;
    Ok(Answer::exact("exact: sum over the objects, its tail by Euler–Maclaurin")
        .with("harmonic_number", law.harmonic_number())
        .with_some("top_k_share", input.top_k.map(|count| law.top_share(count)))
        .with("top_1_share", law.top_share(1)))
}

impl InputValue for Popularity {
    const KIND: InputKind = InputKind::Popularity;
    const DOC: &'static str = "how often each object is asked for";

    fn from_list<'de, A: SeqAccess<'de>>(items: A, faults: &Faults) -> Result<Self, A::Error> {
        let pairs = Vec::<Pair>::from_list(items, faults)?;
        Self::histogram(&counts(pairs)).map_err(|error| faults.refuse_whole(error))
    }

    /// Reads `{"type": "zipf", …}`, `{"type": "weights", …}` or `{"type": "histogram", …}`.
    fn from_object<'de, A: MapAccess<'de>>(fields: A, faults: &Faults) -> Result<Self, A::Error> {
        let Json(value) = Json::object(fields)?;
        let kind = value.get("type").and_then(Value::as_str);
        let known: &[&str] = match kind {
            Some("zipf") => &["n", "alpha"],
            Some("weights") => &["weights"],
            Some("histogram") => &["histogram"],
            _ => {
                let given = value.get("type").unwrap_or(&Value::Null);
                let rest = wrong(&given.into(), "\"zipf\", \"weights\" or \"histogram\"");
                return Err(faults.refuse_at("type", rest));
            }
        };
        let mut names = value.as_object().into_iter().flat_map(Map::keys);
        if let Some(field) = names.find(|&field| field != "type" && !known.contains(&field.as_str())) {
            let known = listed_names(known.iter());
            return Err(faults.refuse(format!(" has no field `{field}`; it takes {known}")));
        }
        let popularity = match kind {
            Some("zipf") => Self::zipf(read_field(&value, "n", faults)?, read_field(&value, "alpha", faults)?),
            Some("weights") => Self::weights(&read_field::<Vec<f64>, _>(&value, "weights", faults)?),
            _ => Self::histogram(&counts(read_field(&value, "histogram", faults)?)),
        };
        popularity.map_err(|error| faults.refuse_whole(error))
    }
}

impl InputValue for AccessHistogram {
    const KIND: InputKind = InputKind::Histogram;

    fn from_list<'de, A: SeqAccess<'de>>(items: A, faults: &Faults) -> Result<Self, A::Error> {
        let pairs = Vec::<Pair>::from_list(items, faults)?;
        Self::from_pairs(&counts(pairs)).map_err(|error| faults.refuse_whole(error))
    }
}

/// A number of accesses, and how many objects have it.
struct Pair([f64; 2]);

fn counts(pairs: Vec<Pair>) -> Vec<[f64; 2]> {
    pairs.into_iter().map(|pair| pair.0).collect()
}

impl InputValue for Pair {
    const KIND: InputKind = InputKind::Numbers;

    fn from_list<'de, A: SeqAccess<'de>>(items: A, faults: &Faults) -> Result<Self, A::Error> {
        let numbers = Vec::from_list(items, faults)?;
        let wrong = |numbers: Vec<f64>| format!(" has {} entries, not [accesses, objects]", numbers.len());
        numbers.try_into().map(Self).map_err(|numbers| faults.refuse(wrong(numbers)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::read::read_value;

    fn read(value: &Value) -> Result<Popularity, CalcError> {
        let faults = Faults::default();
        let read = read_value(value, &faults).inspect_err(|_| faults.under(format_args!("popularity")));
        read.map_err(|_| faults.into_error())
    }

    fn message(value: &Value) -> String {
        read(value).expect_err("refused").message
    }

    #[test]
    fn each_form_is_read() {
        for value in [
            json!({"type": "zipf", "n": 3e0, "alpha": 0}),
            json!({"type": "weights", "weights": [2, 2, 2]}),
            json!({"type": "histogram", "histogram": [[7, 3]]}),
            json!([[7, 3]]),
        ] {
            let read = read(&value).expect("a popularity");
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
