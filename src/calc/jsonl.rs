use serde::Serialize;
use serde_json::Value;

use super::{CalcError, ErrorKind, run};

/// The answer to one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// One JSON object without a line break.
    pub text: String,
    /// What became of the question.
    pub status: LineStatus,
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineStatus {
    /// It has a result.
    Answered,
    /// Its system has no steady state.
    Unstable,
    /// It was refused.
    Refused,
}

impl LineStatus {
    /// What became of a question that has this error.
    pub const fn of(error: &CalcError) -> Self {
        match error.kind {
            ErrorKind::Unstable => Self::Unstable,
            _ => Self::Refused,
        }
    }
}

/// What became of all questions of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StreamSummary {
    /// Lines with a result.
    pub answered: u64,
    /// Lines without a steady state.
    pub unstable: u64,
    /// Lines that were refused.
    pub refused: u64,
}

impl StreamSummary {
    /// Counts one line.
    pub const fn record(&mut self, status: LineStatus) {
        match status {
            LineStatus::Answered => self.answered += 1,
            LineStatus::Unstable => self.unstable += 1,
            LineStatus::Refused => self.refused += 1,
        }
    }

    /// The exit code of the stream: 0 all answered, 1 at least one unstable, 2 at least one refused.
    pub const fn exit_code(&self) -> u8 {
        if self.refused > 0 {
            2
        } else if self.unstable > 0 {
            1
        } else {
            0
        }
    }
}

#[derive(Serialize)]
struct Reply<'a> {
    id: &'a Value,
    calculator: &'a Value,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Result(Value),
    Error(CalcError),
}

/// Answers one line, `{"calculator": NAME, "id": …, "input": {…}}`, whatever it holds.
///
/// Each line gets exactly one answer, a blank one too, so that answers and questions stay side by side. `id` comes
/// back as it was, `null` if there was none. Other fields beside these three are ignored.
///
/// # Examples
///
/// ```
/// use capplan::calc::process_line;
///
/// let line = process_line(r#"{"calculator": "erlang_b", "id": 7, "input": {"servers": 1, "offered_load": 1}}"#);
/// assert_eq!(
///     line.text,
///     "{\"id\":7,\"calculator\":\"erlang_b\",\"result\":{\"blocking_probability\":0.5,\"utilization\":0.5,\
///      \"method\":\"exact: M/M/c/c, Erlang's recursion or Temme's expansion of it\",\"exact\":true}}"
/// );
/// ```
pub fn process_line(line: &str) -> Line {
    let parsed: Result<Value, _> = serde_json::from_str(line);
    let (request, broken) = match parsed {
        Ok(request) => (request, None),
        Err(error) => (Value::Null, Some(format!("the line is not JSON: {error}"))),
    };
    let field = |name: &str| request.get(name).unwrap_or(&Value::Null);
    let outcome = broken.map_or_else(|| answer(&request), |message| Err(CalcError::invalid(message)));
    let (outcome, status) = match outcome {
        Ok(result) => (Outcome::Result(result), LineStatus::Answered),
        Err(error) => {
            let status = LineStatus::of(&error);
            (Outcome::Error(error), status)
        }
    };
    let reply = Reply { id: field("id"), calculator: field("calculator"), outcome };
    match serde_json::to_string(&reply) {
        Ok(text) => Line { text, status },
        // Not reached: every key of a reply is a string. The stream would go on even so.
        Err(_) => Line { text: "{}".to_owned(), status: LineStatus::Refused },
    }
}

fn answer(request: &Value) -> Result<Value, CalcError> {
    if !request.is_object() {
        return Err(CalcError::invalid("the line is not a JSON object with `calculator` and `input`"));
    }
    let Some(name) = request.get("calculator").and_then(Value::as_str) else {
        return Err(CalcError::invalid("`calculator` is missing or not a word"));
    };
    let Some(input) = request.get("input") else {
        return Err(CalcError::invalid("`input` is missing"));
    };
    run(name, input)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calc::CALCULATORS;

    #[test]
    fn a_bad_line_gets_an_answer_of_its_own() {
        for (line, text) in [
            (
                "",
                r#"{"id":null,"calculator":null,"error":{"kind":"invalid_input","message":"the line is not JSON: EOF while parsing a value at line 1 column 0"}}"#,
            ),
            (
                "[1]",
                r#"{"id":null,"calculator":null,"error":{"kind":"invalid_input","message":"the line is not a JSON object with `calculator` and `input`"}}"#,
            ),
            (
                r#"{"id": "a"}"#,
                r#"{"id":"a","calculator":null,"error":{"kind":"invalid_input","message":"`calculator` is missing or not a word"}}"#,
            ),
            (
                r#"{"calculator": "mmc"}"#,
                r#"{"id":null,"calculator":"mmc","error":{"kind":"invalid_input","message":"`input` is missing"}}"#,
            ),
        ] {
            assert_eq!(process_line(line), Line { text: text.to_owned(), status: LineStatus::Refused });
        }
    }

    #[test]
    fn an_unknown_calculator_has_its_own_kind() {
        let line = process_line(r#"{"calculator": "mm1", "input": {}}"#);
        let known: Vec<String> = CALCULATORS.iter().map(|calculator| format!("`{}`", calculator.name)).collect();
        assert_eq!(
            line.text,
            format!(
                "{{\"id\":null,\"calculator\":\"mm1\",\"error\":{{\"kind\":\"unknown_calculator\",\"message\":\"no \
                 calculator is called `mm1`; there are {}\"}}}}",
                known.join(", ")
            )
        );
    }

    #[test]
    fn overload_is_unstable_and_sets_the_exit_code() {
        let overload = process_line(r#"{"calculator": "erlang_c", "input": {"servers": 2, "offered_load": 2}}"#);
        assert_eq!(overload.status, LineStatus::Unstable);
        let mut summary = StreamSummary::default();
        summary.record(LineStatus::Answered);
        assert_eq!(summary.exit_code(), 0);
        summary.record(overload.status);
        assert_eq!(summary.exit_code(), 1);
        summary.record(LineStatus::Refused);
        assert_eq!(summary.exit_code(), 2);
    }
}
