//! Reads the values of one table by the rows of the key table, and notes every fault and every default on the way.

use super::codes::Code;
use super::diagnostic::RawFault;
use super::keys::{Key, Least, Limits, Need, Section, Shape};
use super::named_files::NamedFiles;
use super::quantity::{Dimension, how_to_write, parse_quantity};
use super::suggest::{did_you_mean, nearest};
use super::tree::{Node, Origin, Table, Value, shorten};

/// A default that the system rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultInForce {
    /// Dotted path of the key that is not in the file.
    pub path: String,
    /// The value in its place.
    pub value: String,
    /// What kind of grounds it has.
    pub basis: Basis,
    /// The source or the reason.
    pub source: String,
}

/// What a default rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// A source that can be read.
    Published,
    /// A judgement, such as a planning estimate.
    Assumed,
    /// Other keys.
    Derived,
    /// Nothing: the key is not set, and that has a meaning of its own.
    Unset,
}

impl Basis {
    /// The word for it in lists.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Assumed => "assumed",
            Self::Derived => "derived",
            Self::Unset => "not set",
        }
    }
}

/// A value that could not be read; the fault is already noted.
#[derive(Debug, Clone, Copy)]
pub struct Refused;

/// The result of reading a value.
pub type Read<T> = Result<T, Refused>;

/// Faults and defaults found so far.
#[derive(Debug, Default)]
pub struct Notes {
    /// What is wrong.
    pub faults: Vec<RawFault>,
    /// What holds although the file does not say it.
    pub defaults: Vec<DefaultInForce>,
    /// Where files come from that values name.
    pub files: NamedFiles,
}

impl Notes {
    /// Notes a fault.
    pub fn fault(&mut self, code: Code, origin: &Origin, path: &str, message: String, help: Option<String>) -> Refused {
        self.faults.push(RawFault { code, origin: origin.clone(), path: path.to_owned(), message, help });
        Refused
    }

    /// Notes a default.
    pub fn in_force(&mut self, path: String, value: &str, basis: Basis, source: &str) {
        self.defaults.push(DefaultInForce { path, value: value.to_owned(), basis, source: source.to_owned() });
    }
}

/// A table of the file, or the lack of it, read by the rows of its section.
#[derive(Debug)]
pub struct Fields<'a> {
    section: &'static Section,
    table: Option<&'a Table>,
    path: String,
    origin: Origin,
}

impl<'a> Fields<'a> {
    /// Begins to read a table; unknown keys are noted at once.
    pub fn new(
        section: &'static Section,
        table: Option<&'a Table>,
        path: String,
        origin: Origin,
        notes: &mut Notes,
    ) -> Self {
        let fields = Self { section, table, path, origin };
        for entry in table.into_iter().flat_map(|table| &table.entries) {
            if section.key(&entry.key).is_none() {
                let message = format!("{} has no key `{}`", section.noun, shorten(&entry.key));
                let names = section.keys.iter().map(|key| key.name);
                let help =
                    did_you_mean(&entry.key, names.clone()).or_else(|| Some(format!("its keys are {}", list(names))));
                notes.fault(Code::UNKNOWN_KEY, &entry.key_origin, &fields.path_of(&entry.key), message, help);
            }
        }
        fields
    }

    /// Dotted path of a key of this table.
    pub fn path_of(&self, key: &str) -> String {
        join(&self.path, key)
    }

    /// Whether the file gives a key.
    pub fn has(&self, key: &str) -> bool {
        self.node(key).is_some()
    }

    /// Whether tables of this kind have a key.
    pub fn knows(&self, key: &str) -> bool {
        self.section.key(key).is_some()
    }

    /// What the file gives for a key.
    pub fn node(&self, key: &str) -> Option<&'a Node> {
        self.table?.get(key).map(|entry| &entry.node)
    }

    /// Where the table begins.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    fn row(&self, key: &str) -> &'static Key {
        self.section.key(key).expect("only keys of the key table are read")
    }

    /// Notes that a required key is missing.
    pub fn missing(&self, key: &str, notes: &mut Notes) -> Refused {
        let row = self.row(key);
        let help = match row.shape {
            Shape::Quantity(dimension, _) => format!("write `{key} = \"{}\"`: {}", dimension.example(), row.doc),
            Shape::Word(words) => format!("write one of {}: {}", list(words.iter().copied()), row.doc),
            _ => format!("`{key}`: {}", row.doc),
        };
        let message = format!("{} needs the key `{key}`", self.section.noun);
        notes.fault(Code::MISSING_KEY, &self.origin, &self.path_of(key), message, Some(help))
    }

    /// Notes the value of a derived default.
    pub fn derived(&self, key: &str, value: &str, notes: &mut Notes) {
        if let Need::Derived(source) = self.row(key).need {
            notes.in_force(self.path_of(key), value, Basis::Derived, source);
        }
    }

    /// The node of a key or the text of its default; `None` if it has neither.
    fn given_or_default(&self, key: &str, notes: &mut Notes) -> Read<Option<Given<'a>>> {
        let row = self.row(key);
        if let Some(node) = self.node(key) {
            return Ok(Some(Given::Node(row, node)));
        }
        let (value, basis, source) = match row.need {
            Need::Required => return Err(self.missing(key, notes)),
            Need::Published(value, source) => (value, Basis::Published, source),
            Need::Assumed(value, source) => (value, Basis::Assumed, source),
            Need::Unset(meaning) => {
                notes.in_force(self.path_of(key), "-", Basis::Unset, meaning);
                return Ok(None);
            }
            Need::Derived(_) => return Ok(None),
        };
        notes.in_force(self.path_of(key), value, basis, source);
        Ok(Some(Given::Default(row, value)))
    }

    /// A number in its base unit, or nothing if the key has no plain default.
    pub fn number_if_set(&self, key: &str, notes: &mut Notes) -> Read<Option<f64>> {
        match self.given_or_default(key, notes)? {
            None => Ok(None),
            Some(Given::Default(row, text)) => Ok(measure_text(&row.shape, text)),
            Some(Given::Node(row, node)) => {
                measure(row, node).map(Some).map_err(|wrong| self.wrong(key, node, wrong, notes))
            }
        }
    }

    /// A number in its base unit.
    pub fn number(&self, key: &str, notes: &mut Notes) -> Read<f64> {
        self.number_if_set(key, notes)?.ok_or(Refused)
    }

    /// A whole number, or nothing if the key has no plain default.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the limits of the key hold: 0 to 10¹²"
    )]
    pub fn count_if_set(&self, key: &str, notes: &mut Notes) -> Read<Option<u64>> {
        Ok(self.number_if_set(key, notes)?.map(|number| number as u64))
    }

    /// A whole number.
    pub fn count(&self, key: &str, notes: &mut Notes) -> Read<u64> {
        self.count_if_set(key, notes)?.ok_or(Refused)
    }

    /// `true` or `false`.
    pub fn flag(&self, key: &str, notes: &mut Notes) -> Read<bool> {
        match self.given_or_default(key, notes)?.ok_or(Refused)? {
            Given::Default(_, text) => Ok(text == "true"),
            Given::Node(_, node) => match node.value {
                Value::Flag(flag) => Ok(flag),
                _ => Err(self.wrong(key, node, Wrong::value(node, "`true` or `false`"), notes)),
            },
        }
    }

    /// A name or any other text, with its place.
    pub fn text_if_set(&self, key: &str, notes: &mut Notes) -> Read<Option<(&'a str, Origin)>> {
        match self.given_or_default(key, notes)? {
            None => Ok(None),
            Some(Given::Default(_, text)) => Ok(Some((text, self.origin.clone()))),
            Some(Given::Node(row, node)) => {
                let Value::Text(text) = &node.value else {
                    return Err(self.wrong(key, node, Wrong::value(node, "text in quotes"), notes));
                };
                if matches!(row.shape, Shape::Name) {
                    check_name(text, &node.origin, &self.path_of(key), notes)?;
                }
                Ok(Some((text, node.origin.clone())))
            }
        }
    }

    /// A name or any other text, with its place.
    pub fn text(&self, key: &str, notes: &mut Notes) -> Read<(&'a str, Origin)> {
        self.text_if_set(key, notes)?.ok_or(Refused)
    }

    /// One of the words of the key's row, or nothing if the key has no plain default.
    pub fn word_if_set(&self, key: &str, notes: &mut Notes) -> Read<Option<&'static str>> {
        let words = match self.row(key).shape {
            Shape::Word(words) => words,
            _ => &[],
        };
        match self.given_or_default(key, notes)? {
            None => Ok(None),
            Some(Given::Default(_, text)) => Ok(Some(text)),
            Some(Given::Node(_, node)) => {
                let choices = list(words.iter().copied());
                let Value::Text(text) = &node.value else {
                    return Err(self.wrong(key, node, Wrong::value(node, &format!("one of {choices}")), notes));
                };
                if let Some(word) = words.iter().find(|word| *word == text) {
                    return Ok(Some(word));
                }
                let help = match nearest(text, words.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`? the choices are {choices}"),
                    None => format!("the choices are {choices}"),
                };
                let message = format!("\"{}\" is not one of the choices", shorten(text));
                Err(self.wrong(key, node, Wrong { code: Code::UNKNOWN_WORD, message, help: Some(help) }, notes))
            }
        }
    }

    /// One of the words of the key's row.
    pub fn word(&self, key: &str, notes: &mut Notes) -> Read<&'static str> {
        self.word_if_set(key, notes)?.ok_or(Refused)
    }

    /// The table below a key; `Ok(None)` if the file has none.
    pub fn table(&self, key: &str, notes: &mut Notes) -> Read<Option<(&'a Table, Origin)>> {
        let Some(entry) = self.table.and_then(|table| table.get(key)) else {
            return match self.row(key).need {
                Need::Required => Err(self.missing(key, notes)),
                _ => Ok(None),
            };
        };
        match &entry.node.value {
            Value::Table(table) => Ok(Some((table, entry.key_origin.clone()))),
            _ => Err(self.wrong(key, &entry.node, Wrong::value(&entry.node, "a table"), notes)),
        }
    }

    /// The fields of the section below a key, as if empty if the file has none.
    pub fn section(&self, key: &str, notes: &mut Notes) -> Read<Fields<'a>> {
        let Shape::Section(section) = self.row(key).shape else { return Err(Refused) };
        let (table, origin) = match self.table(key, notes)? {
            Some((table, origin)) => (Some(table), origin),
            None => (None, Origin::TOP),
        };
        Ok(Fields::new(section, table, self.path_of(key), origin, notes))
    }

    /// Notes that the value of a key is wrong.
    pub fn wrong(&self, key: &str, node: &Node, wrong: Wrong, notes: &mut Notes) -> Refused {
        notes.fault(wrong.code, &node.origin, &self.path_of(key), wrong.message, wrong.help)
    }
}

/// The value of a key: what the file says, or the text of the default.
enum Given<'a> {
    Node(&'static Key, &'a Node),
    Default(&'static Key, &'static str),
}

/// What is wrong with a value.
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

/// The number that a node holds, checked against the limits of the row.
fn measure(row: &Key, node: &Node) -> Result<f64, Wrong> {
    let number = read_number(&row.shape, node)?;
    let (Shape::Quantity(_, limits) | Shape::Number(limits) | Shape::Count(limits) | Shape::Percentiles(limits)) =
        row.shape
    else {
        return Ok(number);
    };
    check_limits(number, &row.shape, limits, node)?;
    Ok(number)
}

/// Reads a duration under a percentile.
pub fn measure_objective(limits: Limits, node: &Node) -> Result<f64, Wrong> {
    let shape = Shape::Quantity(Dimension::Duration, limits);
    let number = read_number(&shape, node)?;
    check_limits(number, &shape, limits, node)?;
    Ok(number)
}

/// Reads a bare number within the limits of a row.
pub fn measure_bare(row: &Key, node: &Node) -> Result<f64, Wrong> {
    measure(row, node)
}

fn read_number(shape: &Shape, node: &Node) -> Result<f64, Wrong> {
    match (shape, &node.value) {
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
