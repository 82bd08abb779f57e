//! What is found while a file is read: faults, and the defaults of keys that are not there.

use super::codes::Code;
use super::diagnostic::RawFault;
use super::named_files::NamedFiles;
use super::tree::{Node, Origin};
use super::values::Wrong;

/// A default that the system rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultInForce {
    /// Dotted path of the key that is not in the file.
    pub path: String,
    /// The value that is used instead.
    pub value: String,
    /// The kind of its grounds.
    pub basis: Basis,
    /// The source or the reason.
    pub source: String,
}

/// The grounds of a default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// A source that can be read.
    Published,
    /// A judgement, such as a planning estimate.
    Assumed,
    /// Other keys.
    Derived,
    /// The key is not set, and that has a meaning of its own.
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

/// Collects values. All of them are read before a refusal ends the collection, so that every fault is noted.
pub fn all<T>(reads: impl IntoIterator<Item = Read<T>>) -> Read<Vec<T>> {
    let reads: Vec<Read<T>> = reads.into_iter().collect();
    reads.into_iter().collect()
}

/// Faults and defaults found so far.
#[derive(Debug, Default)]
pub struct Notes {
    /// Faults.
    pub faults: Vec<RawFault>,
    /// Defaults in force.
    pub defaults: Vec<DefaultInForce>,
    /// Access to the files that values name.
    pub files: NamedFiles,
}

impl Notes {
    /// Notes a fault.
    pub fn fault(&mut self, code: Code, origin: &Origin, path: &str, message: String, help: Option<String>) -> Refused {
        self.faults.push(RawFault { code, origin: origin.clone(), path: path.to_owned(), message, help });
        Refused
    }

    /// Notes a value that cannot be used.
    pub fn wrong(&mut self, node: &Node, path: &str, wrong: Wrong) -> Refused {
        self.fault(wrong.code, &node.origin, path, wrong.message, wrong.help)
    }

    /// Notes a default.
    pub fn in_force(&mut self, path: String, value: &str, basis: Basis, source: &str) {
        self.defaults.push(DefaultInForce { path, value: value.to_owned(), basis, source: source.to_owned() });
    }
}
