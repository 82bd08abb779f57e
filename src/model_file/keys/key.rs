//! What the key table is made of: a row says what a key holds, a handle gives it the type of its value.

use std::fmt::Debug;

use crate::model_file::quantity::Dimension;
use capplan_queueing::units::{Bytes, Price, Probability, Seconds};

/// A table of a file: what it is called and which keys it has.
#[derive(Debug)]
pub struct Section {
    /// Its name in a sentence, with the article: `a service tier`.
    pub noun: &'static str,
    /// Its keys.
    pub keys: &'static [Row],
    /// Sets of keys of which exactly one must be given whole; empty if every key stands for itself.
    pub one_of: &'static [&'static [&'static str]],
}

impl Section {
    /// A section without sets of keys.
    pub const fn new(noun: &'static str, keys: &'static [Row]) -> Self {
        Self { noun, keys, one_of: &[] }
    }

    /// The section with sets of keys of which exactly one must be given.
    pub const fn one_of(self, one_of: &'static [&'static [&'static str]]) -> Self {
        Self { one_of, ..self }
    }

    /// The row of a key.
    pub fn key(&self, name: &str) -> Option<&'static Row> {
        self.keys.iter().find(|row| row.name == name)
    }
}

/// One row of the key table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The key.
    pub name: &'static str,
    /// What its value is.
    pub shape: Shape,
    /// What holds without it.
    pub need: Need,
    /// What it means, in one line.
    pub doc: &'static str,
}

/// A key whose value has the type `T`. Where several kinds of tier have a key of one name, one handle reads it for all of
/// them, each by the row of its own section.
#[derive(Debug)]
pub struct Key<T: 'static> {
    /// Its row.
    pub row: Row,
    /// How its value is made.
    pub value: Make<T>,
}

/// How a value is made from what the file says.
#[derive(Debug)]
pub enum Make<T: 'static> {
    /// From a number in its base unit that is within the limits of the row.
    Number(fn(f64) -> Option<T>),
    /// From one of these words; `true` and `false` are the words of a flag.
    Word(&'static [(&'static str, T)]),
    /// By the reader of the section.
    Otherwise,
}

/// The value of a key that holds text.
#[derive(Debug)]
pub enum Text {}

/// The value of a key that holds a list.
#[derive(Debug)]
pub enum List {}

/// The value of a key that holds a table.
#[derive(Debug)]
pub enum Subtable {}

/// The words that a key takes.
pub trait Words: Debug + Sync {
    /// The words in order.
    fn words(&self) -> Vec<&'static str>;
}

impl<T: Debug + Sync, const N: usize> Words for [(&'static str, T); N] {
    fn words(&self) -> Vec<&'static str> {
        self.iter().map(|(word, _)| *word).collect()
    }
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
    Word(&'static dyn Words),
    /// A list of these words.
    Words(&'static dyn Words),
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

impl Shape {
    /// The limits of a number.
    pub const fn limits(&self) -> Option<Limits> {
        match self {
            Self::Quantity(_, limits)
            | Self::Quantities(_, limits)
            | Self::Number(limits)
            | Self::Count(limits)
            | Self::Percentiles(limits) => Some(*limits),
            _ => None,
        }
    }
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

/// From `least` to `most`.
pub const fn from(least: &'static str, most: &'static str) -> Limits {
    Limits { least: Least::From(least), most, hint: None }
}

/// Above `least`, at most `most`.
pub const fn above(least: &'static str, most: &'static str) -> Limits {
    Limits { least: Least::Above(least), most, hint: None }
}

impl Limits {
    /// The limits with a way out for whoever needs more.
    pub const fn hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }
}

impl<T> Key<T> {
    /// A required key without a meaning.
    const fn new(name: &'static str, shape: Shape, value: Make<T>) -> Self {
        Self { row: Row { name, shape, need: Need::Required, doc: "" }, value }
    }

    /// Says what the key means.
    pub const fn doc(self, doc: &'static str) -> Self {
        Self { row: Row { doc, ..self.row }, ..self }
    }

    /// Gives a default with a source that can be read.
    pub const fn published(self, value: &'static str, source: &'static str) -> Self {
        self.need(Need::Published(value, source))
    }

    /// Gives a default with the reason for it.
    pub const fn assumed(self, value: &'static str, reason: &'static str) -> Self {
        self.need(Need::Assumed(value, reason))
    }

    /// Says from what the default is computed.
    pub const fn derived(self, rule: &'static str) -> Self {
        self.need(Need::Derived(rule))
    }

    /// Says what it means that the key is not set.
    pub const fn unset(self, meaning: &'static str) -> Self {
        self.need(Need::Unset(meaning))
    }

    const fn need(self, need: Need) -> Self {
        Self { row: Row { need, ..self.row }, ..self }
    }
}

/// A number with a unit.
pub const fn quantity<T>(
    name: &'static str,
    dimension: Dimension,
    limits: Limits,
    make: fn(f64) -> Option<T>,
) -> Key<T> {
    Key::new(name, Shape::Quantity(dimension, limits), Make::Number(make))
}

/// A duration.
pub const fn duration(name: &'static str, limits: Limits) -> Key<Seconds> {
    quantity(name, Dimension::Duration, limits, |value| Seconds::new(value).ok())
}

/// An amount of data.
pub const fn data(name: &'static str, limits: Limits) -> Key<Bytes> {
    quantity(name, Dimension::Data, limits, |value| Bytes::new(value).ok())
}

/// A share of at most 1.
pub const fn probability(name: &'static str, limits: Limits) -> Key<Probability> {
    quantity(name, Dimension::Ratio, limits, |value| Probability::new(value).ok())
}

/// A share that may exceed 1.
pub const fn ratio(name: &'static str, limits: Limits) -> Key<f64> {
    quantity(name, Dimension::Ratio, limits, Some)
}

/// Money per time.
pub const fn price(name: &'static str) -> Key<Price> {
    quantity(name, Dimension::Price, from("0 USD/h", "1000000 USD/h"), |value| Price::usd_per_hour(value).ok())
}

/// Money.
pub const fn money(name: &'static str) -> Key<f64> {
    quantity(name, Dimension::Money, from("0 USD", "1e9 USD"), Some)
}

/// A bare number.
pub const fn number(name: &'static str, limits: Limits) -> Key<f64> {
    Key::new(name, Shape::Number(limits), Make::Number(Some))
}

/// A whole number.
pub const fn count<T: TryFrom<u64>>(name: &'static str, limits: Limits) -> Key<T> {
    Key::new(name, Shape::Count(limits), Make::Number(whole))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and 0 to 10¹²")]
fn whole<T: TryFrom<u64>>(value: f64) -> Option<T> {
    T::try_from(value as u64).ok()
}

/// `true` or `false`, and what each of them means.
pub const fn flag<T>(name: &'static str, words: &'static [(&'static str, T); 2]) -> Key<T> {
    Key::new(name, Shape::Flag, Make::Word(words))
}

/// A flag that means just that.
pub const YES_NO: &[(&str, bool); 2] = &[("true", true), ("false", false)];

/// One of several words.
pub const fn word<T: Debug + Sync, const N: usize>(
    name: &'static str,
    words: &'static [(&'static str, T); N],
) -> Key<T> {
    Key::new(name, Shape::Word(words), Make::Word(words))
}

/// A value that the reader of the section makes.
pub const fn plain<T>(name: &'static str, shape: Shape) -> Key<T> {
    Key::new(name, shape, Make::Otherwise)
}
