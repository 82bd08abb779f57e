use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::read::{Question, Unanswered, read_any};
use crate::{BY_NAME, CalcError, ErrorKind, run};

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

/// A line as most are: three fields, and an identifier that comes back as it stands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request<'a> {
    calculator: &'a str,
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    input: &'a RawValue,
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
/// back as it was, `null` if there was none. Other fields beside these three are ignored. A key that stands twice in one
/// object is refused: nobody can know which of the two was meant.
///
/// # Examples
///
/// ```
/// use capplan_calculators::process_line;
///
/// let line = process_line(r#"{"calculator": "erlang_b", "id": 7, "input": {"servers": 1, "offered_load": 1}}"#);
/// assert_eq!(
///     line.text,
///     "{\"id\":7,\"calculator\":\"erlang_b\",\"result\":{\"blocking_probability\":0.5,\"utilization\":0.5,\
///      \"method\":\"exact: M/M/c/c, Erlang's recursion or Temme's expansion of it\",\"exact\":true}}"
/// );
/// ```
pub fn process_line(line: &str) -> Line {
    let mut text = Vec::new();
    let status = answer_line(line, &mut text);
    match String::from_utf8(text) {
        Ok(text) => Line { text, status },
        // Not reached: JSON is UTF-8. The stream would go on even so.
        Err(_) => Line { text: "{}".to_owned(), status: LineStatus::Refused },
    }
}

/// As [`process_line`], adding the answer to `text`, for streams that keep one buffer.
///
/// # Method
///
/// The usual line is read straight into the calculator's quantities. A line with another field or a fault is read again as
/// a tree, from which the calculator's own reader says what is wrong.
pub fn answer_line(line: &str, text: &mut Vec<u8>) -> LineStatus {
    let begin = text.len();
    if let Some(status) = answer_directly(line, text) {
        return status;
    }
    text.truncate(begin);
    answer_tree(line, text)
}

/// Answers a line as most are; `None` where it is not sure to be one.
fn answer_directly(line: &str, text: &mut Vec<u8>) -> Option<LineStatus> {
    // A list would be read as the fields in their order.
    let request: Request = serde_json::from_str(line).ok().filter(|_| line.trim_ascii_start().starts_with('{'))?;
    let id = request.id.map_or("null", RawValue::get);
    let calculator = BY_NAME.get(request.calculator)?;
    if !is_plain(id) {
        return None;
    }
    let answer = match (calculator.answer)(Question::text(calculator, request.input.get())) {
        Err(Unanswered::Unread(_)) => return None,
        Err(Unanswered::Error(error)) => Err(error),
        Ok(answer) => Ok(answer),
    };
    for part in ["{\"id\":", id, ",\"calculator\":\"", calculator.name] {
        text.extend_from_slice(part.as_bytes());
    }
    let status = match answer {
        Ok(answer) => {
            text.extend_from_slice(b"\",\"result\":");
            serde_json::to_writer(&mut *text, &answer).ok()?;
            LineStatus::Answered
        }
        Err(error) => {
            text.extend_from_slice(b"\",\"error\":");
            serde_json::to_writer(&mut *text, &error).ok()?;
            LineStatus::of(&error)
        }
    };
    text.push(b'}');
    Some(status)
}

/// Whether an identifier is written the way it would be written again.
fn is_plain(id: &str) -> bool {
    // Longer numbers, decimals and escapes come out in a form of their own.
    const LONGEST: usize = 15;
    match id.as_bytes() {
        b"null" | b"true" | b"false" | b"0" => true,
        [b'"', ..] => !id.contains('\\'),
        [b'1'..=b'9', rest @ ..] => rest.len() < LONGEST && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// Answers any line.
fn answer_tree(line: &str, text: &mut Vec<u8>) -> LineStatus {
    let (request, broken) = match read_any(line) {
        Ok((request, None)) => (request, None),
        Ok((request, Some(key))) => (request, Some(format!("`{key}` stands twice in one object; write each key once"))),
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
    if serde_json::to_writer(&mut *text, &reply).is_err() {
        // Not reached: every key of a reply is a string. The stream would go on even so.
        text.extend_from_slice(b"{}");
        return LineStatus::Refused;
    }
    status
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
    use std::sync::OnceLock;

    use proptest::prelude::*;

    use super::*;
    use crate::{CALCULATORS, Calculator};

    static CASES: OnceLock<Vec<Value>> = OnceLock::new();

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
    fn a_key_that_stands_twice_is_refused() {
        for (line, key) in [
            (r#"{"calculator":"erlang_b","id":7,"input":{"servers":1,"offered_load":1,"servers":2}}"#, "servers"),
            (r#"{"calculator":"erlang_b","id":7,"input":{"servers":1.0,"offered_load":1,"servers":2}}"#, "servers"),
            (
                r#"{"calculator":"erlang_b","calculator":"erlang_b","id":7,"input":{"servers":1,"offered_load":1}}"#,
                "calculator",
            ),
            (r#"{"calculator":"erlang_b","id":7,"input":{"servers":1,"offered_load":1},"input":{}}"#, "input"),
            (r#"{"calculator":"structure","id":7,"input":{"tree":{"series":[{"id":"x","a":0.9,"a":0.8}]}}}"#, "a"),
        ] {
            let calculator = if line.contains("structure") { "structure" } else { "erlang_b" };
            let text = format!(
                "{{\"id\":7,\"calculator\":\"{calculator}\",\"error\":{{\"kind\":\"invalid_input\",\"message\":\"`{key}` \
                 stands twice in one object; write each key once\"}}}}"
            );
            assert_eq!(process_line(line), Line { text, status: LineStatus::Refused });
            both(line);
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

    /// Answers a line both ways, which must not differ.
    fn both(line: &str) -> (String, Option<LineStatus>) {
        let (mut direct, mut checked) = (Vec::new(), Vec::new());
        let status = answer_directly(line, &mut direct);
        let sure = answer_tree(line, &mut checked);
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let (direct, checked) = (text(direct), text(checked));
        if let Some(status) = status {
            assert_eq!((&direct, status), (&checked, sure), "{line}");
        }
        (checked, status)
    }

    #[test]
    fn a_line_read_directly_is_answered_like_its_tree() {
        let cases = CASES.get_or_init(cases);
        let mut direct = 0;
        for case in cases {
            let request =
                serde_json::json!({"id": case["id"], "calculator": case["calculator"], "input": case["input"]});
            direct += usize::from(both(&request.to_string()).1.is_some());
        }
        // Only questions that are refused are read as a tree.
        assert!(direct * 10 > cases.len() * 9, "{direct} of {}", cases.len());
    }

    /// Questions and answers of all reference files.
    fn cases() -> Vec<Value> {
        let text = |calculator: &Calculator| {
            let path = format!("{}/data/reference/{}.jsonl", env!("CARGO_MANIFEST_DIR"), calculator.name);
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
        };
        let lines: String = CALCULATORS.iter().map(text).collect();
        lines.lines().map(|line| serde_json::from_str(line).expect("a case is JSON")).collect()
    }

    proptest! {
        #[test]
        fn both_ways_take_a_strange_value_alike(
            place in any::<prop::sample::Index>(),
            field in any::<prop::sample::Index>(),
            strange in prop::sample::select(vec![
                "null", "0", "-1", "2", "2.0", "0.5", "1e308", "1e-300", "true", "\"\"", "\"inf\"", "\"lru\"", "[]", "[1]",
                "[0.5,0.5]", "[[0.5]]", "[null]", "[\"inf\"]", "{}", "{\"series\":[]}", "9007199254740993", "18446744073709551616",
            ]),
        ) {
            let cases = CASES.get_or_init(cases);
            let case = place.get(cases);
            let mut input = case["input"].clone();
            let fields = input.as_object_mut().expect("an input");
            let calculator = crate::find(case["calculator"].as_str().expect("a name")).expect("known");
            let name = field.get(calculator.inputs).name;
            fields.insert(name.to_owned(), serde_json::from_str(strange).expect("JSON"));
            both(&serde_json::json!({"calculator": calculator.name, "input": input}).to_string());
        }
    }

    #[test]
    fn unusual_lines_are_read_as_a_tree() {
        let input = r#"{"servers":1,"offered_load":1}"#;
        for line in [
            format!(r#"{{"calculator":"erlang_b","id":1,"input":{input},"note":1}}"#),
            format!(r#"{{"calculator":"erlang_b","id":1,"id":2,"input":{input}}}"#),
            format!(r#"{{"calculator":"erlang_b","id":1.50,"input":{input}}}"#),
            format!(r#"{{"calculator":"erlang_b","id":-0,"input":{input}}}"#),
            format!(r#"{{"calculator":"erlang_b","id":1234567890123456,"input":{input}}}"#),
            format!(r#"{{"calculator":"erlang_b","id":"\u0041","input":{input}}}"#),
            format!(r#"{{"calculator":"erlang_b","id":[1, 2],"input":{input}}}"#),
            format!(r#"{{"calculator":"erlang\u005fb","id":1,"input":{input}}}"#),
            format!(r#"{{"calculator":"erlang_x","id":1,"input":{input}}}"#),
            format!(r#"["erlang_b",1,{input}]"#),
            r#"{"calculator":"erlang_b","input":[1, 1]}"#.to_owned(),
            r#"{"calculator":"erlang_b","input":{"servers":1,"offered_load":1,"servers":2}}"#.to_owned(),
            r#"{"calculator":"erlang_b","input":{"servers":1,"load":1}}"#.to_owned(),
            r#"{"calculator":"erlang_b","input":{"servers":1}}"#.to_owned(),
            r#"{"calculator":"erlang_b","input":{"servers":1,"offered_load":1e999}}"#.to_owned(),
        ] {
            assert_eq!(both(&line).1, None, "{line}");
        }
    }

    #[test]
    fn usual_lines_are_read_directly() {
        let input = r#"{"servers":1,"offered_load":0.30000000000000004}"#;
        for id in ["null", "true", "0", "17", "\"a b\"", "\"é\""] {
            let line = format!(r#"{{"calculator":"erlang_b","id":{id},"input":{input}}}"#);
            assert_eq!(both(&line).1, Some(LineStatus::Answered), "{line}");
        }
        let line = format!(r#"{{"input":{input},"calculator":"erlang_c"}}"#);
        assert_eq!(both(&line).1, Some(LineStatus::Answered));
        let overload = r#"{"input":{"servers":1,"offered_load":2},"calculator":"erlang_c"}"#;
        assert_eq!(both(overload).1, Some(LineStatus::Unstable));
        let twice =
            r#"{"input":{"arrival_rate":1,"service_rate":2,"servers":1,"quantiles":[0.5,0.5]},"calculator":"mmc"}"#;
        assert_eq!(both(twice).1, Some(LineStatus::Answered));
    }
}
