//! Reads the values of one table by the rows of its section, and notes every fault and every default on the way.

use super::codes::Code;
use super::keys::{Key, Need, Row, Section, Shape, Subtable, Text};
use super::notes::{Basis, Notes, Read, Refused, all};
use super::suggest::did_you_mean;
use super::tree::{Entry, Node, Origin, Table, Value, shorten};
use super::values::{Wrong, check_name, default_value, index_of, join, list, table_of, value};

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
                let names = section.keys.iter().map(|row| row.name);
                let help =
                    did_you_mean(&entry.key, names.clone()).or_else(|| Some(format!("its keys are {}", list(names))));
                notes.fault(Code::UNKNOWN_KEY, &entry.key_origin, &join(&fields.path, &entry.key), message, help);
            }
        }
        fields
    }

    /// Where the table begins.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Dotted path of a key of this table.
    pub fn path_of<T>(&self, key: &Key<T>) -> String {
        join(&self.path, key.row.name)
    }

    /// Whether tables of this kind have a key.
    pub fn knows<T>(&self, key: &Key<T>) -> bool {
        self.section.key(key.row.name).is_some()
    }

    /// Whether the file gives a key.
    pub fn has<T>(&self, key: &Key<T>) -> bool {
        self.node(key).is_some()
    }

    /// The node of a key in the file.
    pub fn node<T>(&self, key: &Key<T>) -> Option<&'a Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// The entry of a key in the file.
    pub fn entry<T>(&self, key: &Key<T>) -> Option<&'a Entry> {
        self.table?.get(key.row.name)
    }

    /// The node and the path of the key with this name.
    pub fn node_of(&self, name: &str) -> Option<(&'a Node, String)> {
        self.table?.get(name).map(|entry| (&entry.node, join(&self.path, name)))
    }

    /// The row of a key in this section, which may differ from that of the handle in its default.
    fn row<T>(&self, key: &'static Key<T>) -> &'static Row {
        debug_assert!(self.knows(key), "{} has no key `{}`", self.section.noun, key.row.name);
        self.section.key(key.row.name).unwrap_or(&key.row)
    }

    /// Notes a fault of a key at its value, or at the table if the file does not give it.
    pub fn fault<T>(
        &self,
        key: &Key<T>,
        code: Code,
        message: String,
        help: Option<String>,
        notes: &mut Notes,
    ) -> Refused {
        let origin = self.node(key).map_or(&self.origin, |node| &node.origin);
        notes.fault(code, origin, &self.path_of(key), message, help)
    }

    /// Notes a key that contradicts another.
    pub fn conflict<T>(&self, key: &Key<T>, message: String, help: Option<String>, notes: &mut Notes) -> Refused {
        self.fault(key, Code::CONFLICT, message, help, notes)
    }

    /// Notes a key that has no meaning beside another.
    pub fn key_conflict<T>(&self, key: &Key<T>, message: String, help: Option<String>, notes: &mut Notes) -> Refused {
        let origin = self.entry(key).map_or(&self.origin, |entry| &entry.key_origin);
        notes.fault(Code::CONFLICT, origin, &self.path_of(key), message, help)
    }

    /// Notes that a required key is missing.
    pub fn missing<T>(&self, key: &'static Key<T>, notes: &mut Notes) -> Refused {
        let row = self.row(key);
        let help = match row.shape {
            Shape::Quantity(dimension, _) => format!("write `{} = \"{}\"`: {}", row.name, dimension.example(), row.doc),
            Shape::Word(choices) => format!("write one of {}: {}", list(choices.words()), row.doc),
            Shape::Sections(_) => format!("write a table `[{}.NAME]`", row.name),
            _ => format!("`{}`: {}", row.name, row.doc),
        };
        self.missing_with(key, &help, notes)
    }

    /// Notes that a required key is missing, with the way out.
    pub fn missing_with<T>(&self, key: &Key<T>, help: &str, notes: &mut Notes) -> Refused {
        let message = format!("{} needs the key `{}`", self.section.noun, key.row.name);
        notes.fault(Code::MISSING_KEY, &self.origin, &self.path_of(key), message, Some(help.to_owned()))
    }

    /// Notes the value of a derived default.
    pub fn derived<T>(&self, key: &'static Key<T>, value: &str, notes: &mut Notes) {
        if let Need::Derived(source) = self.row(key).need {
            notes.in_force(self.path_of(key), value, Basis::Derived, source);
        }
    }

    /// The plain default of a key that the file does not give, noted as in force.
    fn default_text<T>(&self, key: &'static Key<T>, notes: &mut Notes) -> Read<Option<&'static str>> {
        let (value, basis, source) = match self.row(key).need {
            Need::Required => return Err(self.missing(key, notes)),
            Need::Published(value, source) => (Some(value), Basis::Published, source),
            Need::Assumed(value, source) => (Some(value), Basis::Assumed, source),
            Need::Unset(meaning) => (None, Basis::Unset, meaning),
            Need::Derived(_) => return Ok(None),
        };
        notes.in_force(self.path_of(key), value.unwrap_or("-"), basis, source);
        Ok(value)
    }

    /// The value of a key, or nothing if the file does not give it and it has no plain default.
    pub fn optional<T: Copy>(&self, key: &'static Key<T>, notes: &mut Notes) -> Read<Option<T>> {
        let row = self.row(key);
        match self.node(key) {
            Some(node) => value(key, row, node, &self.path_of(key), notes).map(Some),
            None => Ok(self.default_text(key, notes)?.and_then(|text| default_value(key, row, text))),
        }
    }

    /// The value of a key.
    pub fn get<T: Copy>(&self, key: &'static Key<T>, notes: &mut Notes) -> Read<T> {
        self.optional(key, notes)?.ok_or(Refused)
    }

    /// The value of a key, or a default that follows from other keys, with the text that stands for it.
    pub fn get_or<T: Copy>(&self, key: &'static Key<T>, derived: (T, &str), notes: &mut Notes) -> Read<T> {
        let given = self.optional(key, notes)?;
        if given.is_none() {
            self.derived(key, derived.1, notes);
        }
        Ok(given.unwrap_or(derived.0))
    }

    /// A name or any other text with its place, or nothing if the file does not give it and it has no plain default.
    pub fn optional_text(&self, key: &'static Key<Text>, notes: &mut Notes) -> Read<Option<(&'a str, Origin)>> {
        let Some(node) = self.node(key) else {
            return Ok(self.default_text(key, notes)?.map(|text| (text, self.origin.clone())));
        };
        let path = self.path_of(key);
        let Value::Text(text) = &node.value else {
            return Err(notes.wrong(node, &path, Wrong::value(node, "text in quotes")));
        };
        if matches!(self.row(key).shape, Shape::Name) {
            check_name(text, &node.origin, &path, notes)?;
        }
        Ok(Some((text, node.origin.clone())))
    }

    /// A name or any other text, with its place.
    pub fn text(&self, key: &'static Key<Text>, notes: &mut Notes) -> Read<(&'a str, Origin)> {
        self.optional_text(key, notes)?.ok_or(Refused)
    }

    /// The index of the tier that a key names.
    pub fn tier(&self, key: &'static Key<Text>, tiers: &[&str], notes: &mut Notes) -> Read<Option<usize>> {
        let Some((name, origin)) = self.optional_text(key, notes)? else { return Ok(None) };
        let unknown = |name| format!("the file has no tier {name}");
        index_of(name, tiers, unknown, &origin, &self.path_of(key), notes).map(Some)
    }

    /// The table below a key; `Ok(None)` if the file has none.
    pub fn table(&self, key: &'static Key<Subtable>, notes: &mut Notes) -> Read<Option<(&'a Table, Origin)>> {
        let Some(entry) = self.table.and_then(|table| table.get(key.row.name)) else {
            return match self.row(key).need {
                Need::Required => Err(self.missing(key, notes)),
                _ => Ok(None),
            };
        };
        let table = table_of(&entry.node, &self.path_of(key), "a table", notes)?;
        Ok(Some((table, entry.key_origin.clone())))
    }

    /// The fields of the section below a key, as if empty if the file has none.
    pub fn section(&self, key: &'static Key<Subtable>, notes: &mut Notes) -> Read<Fields<'a>> {
        let Shape::Section(section) = self.row(key).shape else { return Err(Refused) };
        let (table, origin) = self.table(key, notes)?.map_or((None, Origin::TOP), |(table, at)| (Some(table), at));
        Ok(Fields::new(section, table, self.path_of(key), origin, notes))
    }

    /// The fields of each section below a key, by name; `Ok(None)` if the file has none.
    pub fn sections(&self, key: &'static Key<Subtable>, notes: &mut Notes) -> Read<Option<Vec<(&'a str, Fields<'a>)>>> {
        let Shape::Sections(section) = self.row(key).shape else { return Err(Refused) };
        let Some((table, _)) = self.table(key, notes)? else { return Ok(None) };
        let fields = table.entries.iter().map(|entry| {
            let path = join(&self.path_of(key), &entry.key);
            let inner = table_of(&entry.node, &path, "a table", notes)?;
            let fields = Fields::new(section, Some(inner), path, entry.key_origin.clone(), notes);
            Ok((entry.key.as_str(), fields))
        });
        all(fields).map(Some)
    }
}
