use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::answer::Answer;
use crate::declare::{Calculator, Inputs};
use crate::{CalcError, listed_names};

use super::values::{Unknown, read_fields};
use super::{Faults, Token};

/// The input of one question.
pub(crate) struct Question<'a> {
    calculator: &'a Calculator,
    form: Form<'a>,
}

enum Form<'a> {
    Value(&'a Value),
    /// JSON that has been found to be well-formed.
    Text(&'a str),
}

/// Why a question has no answer.
pub(crate) enum Unanswered {
    /// The input could not be read.
    Unread(CalcError),
    /// It was read, and has no answer.
    Error(CalcError),
}

impl<'a> Question<'a> {
    pub(crate) const fn value(calculator: &'a Calculator, input: &'a Value) -> Self {
        Self { calculator, form: Form::Value(input) }
    }

    pub(crate) const fn text(calculator: &'a Calculator, input: &'a str) -> Self {
        Self { calculator, form: Form::Text(input) }
    }

    /// Reads the input as `I` and computes.
    pub(crate) fn answer<I: Inputs, R: Into<Result<Answer, CalcError>>>(
        self,
        compute: impl FnOnce(&I) -> R,
    ) -> Result<Answer, Unanswered> {
        let input = self.read().map_err(Unanswered::Unread)?;
        compute(&input).into().and_then(Answer::checked).map_err(Unanswered::Error)
    }

    fn read<I: Inputs>(&self) -> Result<I, CalcError> {
        let faults = Faults::default();
        let reader = InputReader::<I>(self.calculator, &faults, PhantomData);
        let read = match self.form {
            Form::Value(value @ Value::Object(_)) => value.deserialize_map(reader),
            Form::Value(value) => {
                let (name, value) = (self.calculator.name, Token::from(value));
                return Err(CalcError::invalid(format!("the input of `{name}` is {value}, not an object")));
            }
            Form::Text(text) => serde_json::Deserializer::from_str(text).deserialize_map(reader),
        };
        read.map_err(|_| faults.into_error())
    }
}

struct InputReader<'a, I>(&'a Calculator, &'a Faults, PhantomData<I>);

impl<'de, I: Inputs> Visitor<'de> for InputReader<'_, I> {
    type Value = I;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "the inputs of `{}`", self.0.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<I, A::Error> {
        let calculator = self.0;
        let name = calculator.name;
        let unknown = |field: &str| {
            let known = listed_names(calculator.inputs.iter().map(|input| input.name));
            Unknown::Whole(CalcError::invalid(format!("`{name}` has no input `{field}`; it takes {known}")))
        };
        let lacking = |missing: &[&'static str]| {
            let inputs = calculator.inputs.iter().filter(|input| missing.contains(&input.name));
            let each = inputs.map(|input| format!("`{}` ({})", input.name, input.doc)).collect::<Vec<_>>();
            Unknown::Whole(CalcError::invalid(format!("`{name}` also needs {}", each.join(", "))))
        };
        read_fields(fields, self.1, unknown, lacking)
    }
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
