//! Single values: what a node holds, and what is wrong with it.

use super::codes::Code;
use super::keys::{Key, Least, Limits, Make, Row, Shape};
use super::notes::{Notes, Read, Refused};
use super::quantity::{Dimension, how_to_write, parse_quantity};
use super::suggest::{did_you_mean, nearest};
use super::tree::{Node, Origin, Table, Value, shorten};

/// A fault of a value.
#[derive(Debug)]
pub struct Wrong {
    /// The kind of fault.
    pub code: Code,
    /// The value and the limit.
    pub message: String,
    /// The way out.
    pub help: Option<String>,
}

impl Wrong {
    /// A value of the wrong type.
    pub fn value(node: &Node, expected: &str) -> Self {
        let message = format!("{} stands where {expected} is expected", node.value.describe());
        Self { code: Code::WRONG_TYPE, message, help: None }
    }
}

/// Joins a dotted path, with quotes around a part that needs them.
pub fn join(path: &str, key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    let key = if bare { key.to_owned() } else { format!("\"{}\"", shorten(key)) };
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// `` `a`, `b`, `c` ``
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// Notes a name that would break a file name, a CSV column or a dotted path.
pub fn check_name(name: &str, origin: &Origin, path: &str, notes: &mut Notes) -> Read<()> {
    if is_name(name, b"_-") {
        return Ok(());
    }
    let message = format!("\"{}\" cannot be a name", shorten(name));
    let help = "a name has 1 to 64 letters, digits, `_` and `-`, and begins with a letter or digit".to_owned();
    Err(notes.fault(Code::BAD_NAME, origin, path, message, Some(help)))
}

/// Notes a name of an instance type that would break a CSV column; unlike other names it may have dots.
pub fn check_type_name(name: &str, origin: &Origin, path: &str, notes: &mut Notes) -> Read<()> {
    if is_name(name, b"_-.") {
        return Ok(());
    }
    let message = format!("\"{}\" cannot be the name of an instance type", shorten(name));
    let help = "it has 1 to 64 letters, digits, `.`, `_` and `-`, and begins with a letter or digit".to_owned();
    Err(notes.fault(Code::BAD_NAME, origin, path, message, Some(help)))
}

fn is_name(name: &str, marks: &[u8]) -> bool {
    name.len() <= 64
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || marks.contains(&byte))
        && name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
}

/// Reads a number within the limits of its shape. For the shape of a list or a table, the node is one of its values.
pub fn measure(shape: &Shape, node: &Node) -> Result<f64, Wrong> {
    let number = read_number(shape, node)?;
    if let Some(limits) = shape.limits() {
        check_limits(number, shape, limits, node)?;
    }
    Ok(number)
}

/// Reads the value of a key from a node, within the limits of its row.
pub fn value<T: Copy>(key: &Key<T>, row: &Row, node: &Node, path: &str, notes: &mut Notes) -> Read<T> {
    match key.value {
        Make::Number(make) => {
            let number = measure(&row.shape, node).map_err(|wrong| notes.wrong(node, path, wrong))?;
            make(number).ok_or(Refused)
        }
        Make::Word(words) => match (&row.shape, &node.value) {
            (Shape::Flag, Value::Flag(flag)) => named(words, if *flag { "true" } else { "false" }).ok_or(Refused),
            (Shape::Flag, _) => Err(notes.wrong(node, path, Wrong::value(node, "`true` or `false`"))),
            (Shape::Word(choices), _) => {
                let word = one_of(&choices.words(), node).map_err(|wrong| notes.wrong(node, path, wrong))?;
                named(words, word).ok_or(Refused)
            }
            _ => Err(Refused),
        },
        Make::Otherwise => Err(Refused),
    }
}

/// Reads the value of a key from the text of its default.
pub fn default_value<T: Copy>(key: &Key<T>, row: &Row, text: &str) -> Option<T> {
    match key.value {
        Make::Number(make) => make(measure_text(&row.shape, text)?),
        Make::Word(words) => named(words, text),
        Make::Otherwise => None,
    }
}

fn named<T: Copy>(words: &[(&str, T)], word: &str) -> Option<T> {
    words.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
}

/// The word that a node holds, one of `words`.
pub fn one_of<'a>(words: &[&'a str], node: &Node) -> Result<&'a str, Wrong> {
    let Value::Text(text) = &node.value else {
        return Err(Wrong::value(node, &format!("one of {}", list(words.iter().copied()))));
    };
    words.iter().copied().find(|word| word == text).ok_or_else(|| Wrong {
        code: Code::UNKNOWN_WORD,
        message: format!("\"{}\" is not one of the choices", shorten(text)),
        help: Some(choose(text, words, "choices")),
    })
}

/// Says what to write instead of a word that is none of `words`.
pub fn choose(text: &str, words: &[&str], noun: &str) -> String {
    let near = nearest(text, words.iter().copied()).map(|near| format!("did you mean `{near}`? "));
    format!("{}the {noun} are {}", near.unwrap_or_default(), list(words.iter().copied()))
}

/// The table that a node holds.
pub fn table_of<'a>(node: &'a Node, path: &str, expected: &str, notes: &mut Notes) -> Read<&'a Table> {
    match &node.value {
        Value::Table(table) => Ok(table),
        _ => Err(notes.wrong(node, path, Wrong::value(node, expected))),
    }
}

/// The list that a node holds.
pub fn list_of<'a>(node: &'a Node, path: &str, expected: &str, notes: &mut Notes) -> Read<&'a [Node]> {
    match &node.value {
        Value::List(nodes) => Ok(nodes),
        _ => Err(notes.wrong(node, path, Wrong::value(node, expected))),
    }
}

/// Returns the index of a name. `unknown` makes the message for a name that is not in the list.
pub fn index_of(
    name: &str,
    names: &[&str],
    unknown: impl FnOnce(String) -> String,
    origin: &Origin,
    path: &str,
    notes: &mut Notes,
) -> Read<usize> {
    names.iter().position(|known| *known == name).ok_or_else(|| {
        let known = || format!("there are {}", list(names.iter().copied()));
        let help = did_you_mean(name, names.iter().copied()).or_else(|| (!names.is_empty()).then(known));
        notes.fault(Code::UNKNOWN_NAME, origin, path, unknown(format!("`{}`", shorten(name))), help)
    })
}

fn read_number(shape: &Shape, node: &Node) -> Result<f64, Wrong> {
    match (shape, &node.value) {
        (Shape::Percentiles(limits), _) => read_number(&Shape::Quantity(Dimension::Duration, *limits), node),
        (Shape::Quantities(dimension, limits), _) => read_number(&Shape::Quantity(*dimension, *limits), node),
        (Shape::Quantity(dimension, _), Value::Text(text)) => parse_quantity(*dimension, text).map_err(|error| Wrong {
            code: Code::BAD_QUANTITY,
            message: error.to_string(),
            help: Some(error.help()),
        }),
        (Shape::Quantity(Dimension::Ratio, _), Value::Number(number)) => Ok(*number),
        (Shape::Quantity(dimension, _), Value::Number(number)) => Err(Wrong {
            code: Code::BAD_QUANTITY,
            message: format!("the number {number} has no unit, so it is not {}", dimension.noun()),
            help: Some(how_to_write(*dimension)),
        }),
        (Shape::Quantity(dimension, _), _) => {
            let mut wrong = Wrong::value(node, dimension.noun());
            wrong.help = Some(how_to_write(*dimension));
            Err(wrong)
        }
        (Shape::Count(_), Value::Number(number)) if number.is_finite() && number.fract() != 0.0 => Err(Wrong {
            code: Code::WRONG_TYPE,
            message: format!("{} stands where a whole number is expected", node.value.describe()),
            help: None,
        }),
        (_, Value::Number(number)) => Ok(*number),
        (Shape::Count(_), _) => Err(Wrong::value(node, "a whole number without quotes")),
        _ => Err(Wrong::value(node, "a number without quotes")),
    }
}

fn check_limits(number: f64, shape: &Shape, limits: Limits, node: &Node) -> Result<(), Wrong> {
    let bound = |text: &str| measure_text(shape, text).unwrap_or(f64::NAN);
    let shown = match &node.value {
        Value::Text(text) => format!("\"{}\"", shorten(text)),
        _ => number.to_string(),
    };
    let message = match limits.least {
        _ if !number.is_finite() => format!("{shown} is not a finite number"),
        Least::From(least) if number < bound(least) => format!("{shown} is below the least, {least}"),
        Least::Above(least) if number <= bound(least) => format!("{shown} is not above {least}"),
        _ if number > bound(limits.most) => format!("{shown} is above the most, {}", limits.most),
        _ => return Ok(()),
    };
    Err(Wrong { code: Code::OUT_OF_RANGE, message, help: limits.hint.map(str::to_owned) })
}

/// Reads a default or a limit of the key table.
pub fn measure_text(shape: &Shape, text: &str) -> Option<f64> {
    match shape {
        Shape::Quantity(dimension, _) | Shape::Quantities(dimension, _) => parse_quantity(*dimension, text).ok(),
        Shape::Percentiles(_) => parse_quantity(Dimension::Duration, text).ok(),
        _ => text.parse().ok(),
    }
}
