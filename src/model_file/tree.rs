//! What a file says, with the place of everything it says.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// Where a key or value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// These bytes of the file.
    File(Range<usize>),
    /// The override with this index.
    Override(usize),
}

impl Origin {
    /// The beginning of the file: the place of whatever should be there and is not.
    pub const TOP: Self = Self::File(0..0);
}

/// A value and its place.
#[derive(Debug, Clone)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its place.
    pub origin: Origin,
}

/// A value as TOML knows it.
#[derive(Debug, Clone)]
pub enum Value {
    /// `"12 ms"`
    Text(String),
    /// `3`; an integer past 64 bits is kept as the nearest number.
    Number(f64),
    /// `true`
    Flag(bool),
    /// A date or time, which no key takes.
    Date(String),
    /// `[…]`
    List(Vec<Node>),
    /// `{…}` or `[section]`
    Table(Table),
}

impl Value {
    /// What the value is, with its article, for messages.
    pub fn describe(&self) -> String {
        match self {
            Self::Text(text) => format!("the text \"{}\"", shorten(text)),
            Self::Number(number) => format!("the number {number}"),
            Self::Flag(flag) => format!("`{flag}`"),
            Self::Date(date) => format!("the date {date}"),
            Self::List(_) => "a list".to_owned(),
            Self::Table(_) => "a table".to_owned(),
        }
    }
}

/// Keeps a message on one readable line whatever the file holds.
pub fn shorten(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut short: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short.replace("\\\"", "\"").replace("\\'", "'")
}

/// The entries of a table in the order of the file.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// The entries.
    pub entries: Vec<Entry>,
}

/// A key with its value.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key was written.
    pub key_origin: Origin,
    /// The value.
    pub node: Node,
}

impl Table {
    /// The entry of a key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The table below a key, if there is one and it is a table.
    pub fn table(&self, key: &str) -> Option<&Table> {
        match &self.get(key)?.node.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The place of the deepest key of `path` that was written.
    pub fn locate<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> Origin {
        let mut table = Some(self);
        let mut found = Origin::TOP;
        for key in path {
            let Some(entry) = table.and_then(|table| table.get(key)) else { break };
            found = entry.key_origin.clone();
            table = match &entry.node.value {
                Value::Table(table) => Some(table),
                _ => None,
            };
        }
        found
    }
}

/// A syntax error with its place.
#[derive(Debug, Clone)]
pub struct SyntaxError {
    /// What the TOML parser says.
    pub message: String,
    /// Where.
    pub span: Range<usize>,
}

/// Reads a whole file, past every syntax error.
pub fn parse(text: &str) -> (Table, Vec<SyntaxError>) {
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut errors: Vec<SyntaxError> = errors
        .iter()
        .map(|error| SyntaxError { message: error.message().to_owned(), span: error.span().unwrap_or(0..0) })
        .collect();
    errors.sort_by_key(|error| error.span.start);
    (table(root.get_ref()), errors)
}

/// Reads the value of an override: TOML if it is some, text if not.
pub fn parse_value(text: &str, origin: &Origin) -> Node {
    let value = match DeValue::parse(text) {
        Ok(parsed) => value(parsed.get_ref()),
        Err(_) => Value::Text(text.to_owned()),
    };
    let mut node = Node { value, origin: origin.clone() };
    relocate(&mut node, origin);
    node
}

fn relocate(node: &mut Node, origin: &Origin) {
    node.origin = origin.clone();
    match &mut node.value {
        Value::List(nodes) => nodes.iter_mut().for_each(|node| relocate(node, origin)),
        Value::Table(table) => {
            for entry in &mut table.entries {
                entry.key_origin = origin.clone();
                relocate(&mut entry.node, origin);
            }
        }
        Value::Text(_) | Value::Number(_) | Value::Flag(_) | Value::Date(_) => {}
    }
}

fn table(parsed: &DeTable<'_>) -> Table {
    let mut entries: Vec<(usize, Entry)> = parsed
        .iter()
        .map(|(key, node)| {
            let entry = Entry {
                key: key.get_ref().to_string(),
                key_origin: Origin::File(key.span()),
                node: Node { value: value(node.get_ref()), origin: Origin::File(node.span()) },
            };
            (key.span().start, entry)
        })
        .collect();
    // The parser sorts by name; the order of the file is the order of tiers and classes in every report.
    entries.sort_by_key(|(start, _)| *start);
    Table { entries: entries.into_iter().map(|(_, entry)| entry).collect() }
}

fn value(parsed: &DeValue<'_>) -> Value {
    match parsed {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(integer) => Value::Number(number(integer.as_str(), integer.radix())),
        DeValue::Float(float) => Value::Number(float.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(nodes) => Value::List(
            nodes.iter().map(|node| Node { value: value(node.get_ref()), origin: Origin::File(node.span()) }).collect(),
        ),
        DeValue::Table(entries) => Value::Table(table(entries)),
    }
}

/// The nearest `f64`; counts are limited far below 2⁵³, where that is the number itself.
fn number(digits: &str, radix: u32) -> f64 {
    if radix == 10 {
        return digits.parse().unwrap_or(f64::NAN);
    }
    digits
        .chars()
        .map(|digit| digit.to_digit(radix))
        .try_fold(0.0, |number, digit| digit.map(|digit| number * f64::from(radix) + f64::from(digit)))
        .unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_keep_the_order_of_the_file() {
        let (root, errors) = parse("[tiers.web]\nx = 1\n[tiers.app]\n[classes]\n[tiers.db]\n");
        assert!(errors.is_empty());
        let tiers = root.table("tiers").expect("a table");
        let names: Vec<_> = tiers.entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(names, ["web", "app", "db"]);
    }

    #[test]
    fn every_syntax_error_is_reported_and_the_rest_is_read() {
        let (root, errors) = parse("a = 20 s\nb = 3\nc = = 1\n");
        let starts: Vec<_> = errors.iter().map(|error| error.span.start).collect();
        assert_eq!(starts, [4, 19, 21]);
        assert!(root.get("b").is_some());
    }

    #[test]
    fn integers_of_every_radix_are_read() {
        let (root, _) = parse("a = 0x1F\nb = 1_000\nc = 99999999999999999999\n");
        let numbers: Vec<_> = root
            .entries
            .iter()
            .filter_map(|entry| match entry.node.value {
                Value::Number(number) => Some(number),
                _ => None,
            })
            .collect();
        assert_eq!(numbers, [31.0, 1000.0, 1e20]);
    }
}
