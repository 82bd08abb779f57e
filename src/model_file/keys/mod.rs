//! The key table: every key of a model file, its type, its limits, its default and where that comes from.
//!
//! Reading, messages, the list of defaults and the JSON Schema all follow from the rows in `sections.rs`, `tiers.rs` and
//! `scenarios.rs`.

#[cfg(test)]
mod checks;
mod database;
mod network;
mod object_storage;
mod scenarios;
mod sections;
mod tiers;

pub use scenarios::{SCENARIO, used_by};
pub use sections::{CLASS, CLASS_OBJECTIVES, INSTANCE_TYPE, ROOT, VISITS};
pub use tiers::{KIND, MEMORY_LIMITS, tier_section};

use super::quantity::Dimension;
use crate::model::TierKind;

/// A table of a model file: what it is called and which keys it has.
#[derive(Debug)]
pub struct Section {
    /// What it is, with its article: `a service tier`.
    pub noun: &'static str,
    /// Its keys.
    pub keys: &'static [Key],
    /// Sets of keys of which exactly one must be given whole; empty if every key stands for itself.
    pub one_of: &'static [&'static [&'static str]],
}

impl Section {
    /// The row of a key.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// One row of the key table.
#[derive(Debug)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What its value is.
    pub shape: Shape,
    /// What holds without it.
    pub need: Need,
    /// What it means, in one line.
    pub doc: &'static str,
}

/// What the value of a key is.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A number with a unit.
    Quantity(Dimension, Limits),
    /// A bare number.
    Number(Limits),
    /// A whole number.
    Count(Limits),
    /// `true` or `false`.
    Flag,
    /// A name in letters, digits, `_` and `-`.
    Name,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of these words.
    Words(&'static [&'static str]),
    /// The name of a tier.
    TierName,
    /// The name of an instance type.
    TypeName,
    /// A list of names of instance types.
    TypeNames,
    /// The path of a file, relative to the model file.
    File,
    /// A list of numbers with a unit.
    Quantities(Dimension, Limits),
    /// A table with these keys.
    Section(&'static Section),
    /// Tables by name, each with these keys.
    Sections(&'static Section),
    /// Tables by name, each with the keys of its `kind`.
    Tiers,
    /// Durations by percentile.
    Percentiles(Limits),
    /// Visits by tier: a number, or a table with these keys.
    Visits(&'static Section),
}

/// The least and the largest value of a key, as text in the unit that one would use.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The least.
    pub least: Least,
    /// The largest, itself allowed.
    pub most: &'static str,
    /// What to do instead, if the message has more to offer than the limit.
    pub hint: Option<&'static str>,
}

/// The lower end of a range.
#[derive(Debug, Clone, Copy)]
pub enum Least {
    /// Allowed itself.
    From(&'static str),
    /// Not allowed itself.
    Above(&'static str),
}

impl Limits {
    const fn from(least: &'static str, most: &'static str) -> Self {
        Self { least: Least::From(least), most, hint: None }
    }

    const fn above(least: &'static str, most: &'static str) -> Self {
        Self { least: Least::Above(least), most, hint: None }
    }

    const fn hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }
}

/// What holds if a key is not in the file.
#[derive(Debug, Clone, Copy)]
pub enum Need {
    /// The key must be there.
    Required,
    /// This value, with a source that can be read.
    Published(&'static str, &'static str),
    /// This value, with the reason for it.
    Assumed(&'static str, &'static str),
    /// A value computed from other keys, as described.
    Derived(&'static str),
    /// Nothing, with the meaning of that.
    Unset(&'static str),
}

/// Finds the row of a dotted path; the kind of a tier is not known, so the first kind that has the key answers.
pub fn find(path: &[&str]) -> Option<&'static Key> {
    match path {
        ["tiers", _, name] => TierKind::ALL.into_iter().find_map(|kind| tier_section(kind).key(name)),
        ["instance_types", _, name] => INSTANCE_TYPE.key(name),
        ["classes", _, name] => CLASS.key(name),
        ["scenarios", _, name] => SCENARIO.key(name),
        [name] => ROOT.key(name),
        [section, name] => match ROOT.key(section)?.shape {
            Shape::Section(section) => section.key(name),
            _ => None,
        },
        _ => None,
    }
}

/// A duration.
const fn duration(limits: Limits) -> Shape {
    Shape::Quantity(Dimension::Duration, limits)
}

/// An amount of data.
const fn data(limits: Limits) -> Shape {
    Shape::Quantity(Dimension::Data, limits)
}

/// A share.
const fn ratio(limits: Limits) -> Shape {
    Shape::Quantity(Dimension::Ratio, limits)
}

/// Money per time.
const fn price() -> Shape {
    Shape::Quantity(Dimension::Price, Limits::from("0 USD/h", "1000000 USD/h"))
}

/// Money.
const fn money() -> Shape {
    Shape::Quantity(Dimension::Money, Limits::from("0 USD", "1e9 USD"))
}

/// A row.
const fn key(name: &'static str, shape: Shape, need: Need, doc: &'static str) -> Key {
    Key { name, shape, need, doc }
}
