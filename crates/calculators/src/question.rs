use std::cell::Cell;
use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

use super::{CalcError, ErrorKind};

/// An input, and where its answer goes.
pub(super) struct Question<'a>(Form<'a>);

enum Form<'a> {
    /// A checked input.
    Checked { input: Value, answer: &'a mut Value },
    /// The text of an input that fits the table, for answers by the hundred thousand.
    Text { input: &'a str, answer: &'a mut Vec<u8> },
}

/// Why a question has no answer.
pub(super) enum Unanswered {
    /// The input could not be read; the table of the calculator's inputs says what is wrong with it.
    Unread(serde_json::Error),
    /// It was read, and has no answer.
    Error(CalcError),
}

impl From<CalcError> for Unanswered {
    fn from(error: CalcError) -> Self {
        Self::Error(error)
    }
}

impl<'a> Question<'a> {
    /// A question whose input is that of the calculator's table.
    pub(super) const fn checked(input: Value, answer: &'a mut Value) -> Self {
        Self(Form::Checked { input, answer })
    }

    /// A question in JSON whose input [fits](super::glance::fits) the calculator's table; its answer is added to a text.
    pub(super) const fn text(input: &'a str, answer: &'a mut Vec<u8>) -> Self {
        Self(Form::Text { input, answer })
    }
}

/// Reads an input as `I`, computes, and writes the result as JSON.
pub(super) fn typed<I: DeserializeOwned, R: Serialize>(
    question: Question,
    compute: impl FnOnce(&I) -> Result<R, CalcError>,
) -> Result<(), Unanswered> {
    typed_with_gaps(&[], question, compute)
}

/// As [`typed`], for a result whose fields `gaps` hold `null` where a figure has no meaning.
pub(super) fn typed_with_gaps<I: DeserializeOwned, R: Serialize>(
    gaps: &[&str],
    question: Question,
    compute: impl FnOnce(&I) -> Result<R, CalcError>,
) -> Result<(), Unanswered> {
    match question.0 {
        Form::Checked { input, answer } => {
            let input: I = serde_json::from_value(input).map_err(Unanswered::Unread)?;
            *answer = finite(gaps, &compute(&input)?)?;
        }
        Form::Text { input, answer } => {
            let input: I = serde_json::from_str(input).map_err(Unanswered::Unread)?;
            write(gaps, &compute(&input)?, answer)?;
        }
    }
    Ok(())
}

/// Returns a result as JSON if all its numbers are finite.
fn finite<R: Serialize>(gaps: &[&str], result: &R) -> Result<Value, CalcError> {
    let result = serde_json::to_value(result).map_err(|error| unwritten(&error))?;
    // JSON has no NaN and no infinity: they have become `null`, which a result never holds otherwise.
    match null_in(&result, gaps) {
        Some(field) => {
            Err(CalcError::new(ErrorKind::OutOfRange, format!("`{field}` is not a finite number for this input")))
        }
        None => Ok(result),
    }
}

/// Adds a result to a text, or leaves it as it was if a number is not finite.
fn write<R: Serialize>(gaps: &[&str], result: &R, text: &mut Vec<u8>) -> Result<(), CalcError> {
    let begin = text.len();
    let nulls = Nulls { seen: Cell::new(false) };
    let written = result.serialize(&mut Serializer::with_formatter(&mut *text, &nulls));
    if written.is_err() || nulls.seen.get() {
        text.truncate(begin);
        let result = finite(gaps, result)?;
        serde_json::to_writer(text, &result).map_err(|error| unwritten(&error))?;
    }
    Ok(())
}

fn unwritten(error: &serde_json::Error) -> CalcError {
    CalcError::new(ErrorKind::OutOfRange, error.to_string())
}

/// Writes JSON without spaces and notices each `null`.
struct Nulls {
    seen: Cell<bool>,
}

impl Formatter for &Nulls {
    fn write_null<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.seen.set(true);
        writer.write_all(b"null")
    }
}

fn null_in(value: &Value, gaps: &[&str]) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Array(items) => items.iter().find_map(|item| null_in(item, gaps)),
        Value::Object(fields) => {
            fields.iter().filter(|(name, _)| !gaps.contains(&name.as_str())).find_map(|(name, value)| {
                null_in(value, gaps)
                    .map(|inner| if inner.is_empty() { name.clone() } else { format!("{name}.{inner}") })
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Serialize)]
    struct Inner {
        value: Vec<f64>,
    }

    #[derive(Serialize)]
    struct Outer {
        fine: f64,
        inner: Inner,
    }

    #[expect(clippy::unnecessary_wraps, reason = "as a calculator's function is")]
    fn outer(_: &Value) -> Result<Outer, CalcError> {
        Ok(Outer { fine: 1.0, inner: Inner { value: vec![0.0, f64::NAN] } })
    }

    fn error(result: Result<(), Unanswered>) -> CalcError {
        match result.expect_err("refused") {
            Unanswered::Error(error) => error,
            Unanswered::Unread(error) => panic!("{error}"),
        }
    }

    #[test]
    fn a_result_that_is_not_finite_is_an_error() {
        let mut answer = Value::Null;
        let mut text = b"before".to_vec();
        let questions = [Question::checked(json!({}), &mut answer), Question::text("{}", &mut text)];
        for error in questions.map(|question| error(typed(question, outer))) {
            assert_eq!(error.kind, ErrorKind::OutOfRange);
            assert_eq!(error.message, "`inner.value` is not a finite number for this input");
        }
        assert_eq!(text, b"before");
    }

    #[test]
    fn a_gap_is_no_fault() {
        let mut text = Vec::new();
        assert!(typed_with_gaps(&["inner"], Question::text("{}", &mut text), outer).is_ok());
        assert_eq!(text, br#"{"fine":1.0,"inner":{"value":[0.0,null]}}"#);
    }
}
