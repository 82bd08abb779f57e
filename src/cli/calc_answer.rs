//! The answer of one calculator, with its explanation if that is wanted.

use capplan::report::Grid;
use capplan_calculators::{Calculator, Explanation};
use serde::Serialize;
use serde_json::Value;

use super::Status;
use super::calc_input::{Question, question};
use super::error::CliError;
use super::options::Format;
use super::output::Output;

#[derive(Serialize)]
struct Answer<'a> {
    schema: &'static str,
    calculator: &'a str,
    input: &'a Value,
    result: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain: Option<&'a Explanation>,
}

/// Writes the answer alone.
pub fn plain(
    calculator: &Calculator,
    flags: &[(String, String)],
    format: Format,
    out: &mut Output,
) -> Result<Status, CliError> {
    let Question { input, shown } = question(calculator, flags)?;
    let result = calculator.run(&input)?;
    write(calculator, &shown, &result, None, format, out)
}

/// Writes the answer, and below it the formula with the numbers in it, the method and the reference.
pub fn explained(
    calculator: &Calculator,
    flags: &[(String, String)],
    format: Format,
    out: &mut Output,
) -> Result<Status, CliError> {
    let Question { input, shown } = question(calculator, flags)?;
    let result = calculator.run(&input)?;
    let explanation = calculator.explain(&shown, &result);
    write(calculator, &shown, &result, Some(&explanation), format, out)?;
    let method = result.get("method").and_then(Value::as_str).unwrap_or_default();
    match format {
        Format::Table => {
            let lines = explanation.formula.join("\n  ");
            let reference = explanation.reference;
            out.line(&format!("\nFormula:\n  {lines}\n\nMethod:\n  {method}\n\nReference:\n  {reference}"))?;
        }
        Format::Markdown => {
            let lines = explanation.formula.join("\n");
            out.line(&format!("\n```text\n{lines}\n```\n\nMethod: {method}\n\nReference: {}", explanation.reference))?;
        }
        Format::Json | Format::Csv => {}
    }
    Ok(Status::Answered)
}

fn write(
    calculator: &Calculator,
    input: &Value,
    result: &Value,
    explain: Option<&Explanation>,
    format: Format,
    out: &mut Output,
) -> Result<Status, CliError> {
    let mut fields = Vec::new();
    flatten(String::new(), result, &mut fields);
    let table = if format == Format::Csv {
        let (names, values): (Vec<String>, Vec<String>) = fields.into_iter().unzip();
        let mut table = Grid::new(names);
        table.row(values);
        table
    } else {
        let mut table = Grid::new(["result", "value"]);
        for (name, value) in fields {
            table.row([name, value]);
        }
        table
    };
    let answer = Answer { schema: "capplan.calc/1", calculator: calculator.name, input, result, explain };
    out.table(format, &table, &answer)?;
    Ok(Status::Answered)
}

/// Gives every number of a result its path: `system.sojourn_time`, `utilization[0]`.
fn flatten(path: String, value: &Value, fields: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                flatten(path, value, fields);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                flatten(format!("{path}[{index}]"), value, fields);
            }
        }
        Value::Null => fields.push((path, String::new())),
        Value::String(text) => fields.push((path, text.clone())),
        Value::Bool(_) | Value::Number(_) => fields.push((path, value.to_string())),
    }
}
