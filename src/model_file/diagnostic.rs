//! What is wrong with a file: every fault with its place, rendered for people.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::codes::Code;
use super::tree::Origin;
use super::{GivenBy, Override};

/// A fault before its place is counted in lines.
#[derive(Debug)]
pub struct RawFault {
    /// Its code.
    pub code: Code,
    /// Its place.
    pub origin: Origin,
    /// Dotted path of the key; empty for syntax errors.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub help: Option<String>,
}

/// Where a fault stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the model file.
    File {
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// The bytes concerned.
        span: Range<usize>,
    },
    /// In an override.
    Override {
        /// The option that it comes from.
        given_by: GivenBy,
        /// What followed the option: `tiers.cache.memory=8Gx`.
        written: String,
    },
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of fault it is.
    pub code: Code,
    /// Where it stands.
    pub place: Place,
    /// Dotted path of the key; empty for syntax errors.
    pub path: String,
    /// What is wrong: the value and the limit.
    pub message: String,
    /// The way out, if there is one to offer.
    pub help: Option<String>,
}

/// Every fault of one file and its overrides, in the order of the file; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics {
    pub(super) source_name: Arc<str>,
    pub(super) text: Arc<str>,
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Gives the faults their lines and sorts them.
    pub(crate) fn new(
        source_name: &Arc<str>,
        text: &Arc<str>,
        overrides: &[Override],
        mut faults: Vec<RawFault>,
    ) -> Self {
        let rank = |origin: &Origin| match origin {
            Origin::File(span) => (0, span.start),
            Origin::Override(index) => (1, *index),
        };
        faults.sort_by_key(|fault| rank(&fault.origin));
        let list = faults
            .into_iter()
            .map(|fault| Diagnostic {
                code: fault.code,
                place: place(text, overrides, fault.origin),
                path: fault.path,
                message: fault.message,
                help: fault.help,
            })
            .collect();
        Self { source_name: Arc::clone(source_name), text: Arc::clone(text), list }
    }

    /// The faults in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// Number of faults.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Never true: without a fault there are no diagnostics.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One line a fault: `web.toml:12:16: CAP0105: tiers.app.service_time: … ; help`.
impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.list.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            match &diagnostic.place {
                Place::File { line, column, .. } => {
                    write!(f, "{}:{line}:{column}: {}: ", self.source_name, diagnostic.code)?;
                    if !diagnostic.path.is_empty() {
                        write!(f, "{}: ", diagnostic.path)?;
                    }
                }
                Place::Override { given_by, written } => {
                    write!(f, "{} {written}: {}: ", given_by.option(), diagnostic.code)?;
                }
            }
            write!(f, "{}", diagnostic.message)?;
            if let Some(help) = &diagnostic.help {
                write!(f, "; {help}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

fn place(text: &str, overrides: &[Override], origin: Origin) -> Place {
    match origin {
        Origin::Override(index) => match overrides.get(index) {
            Some(one) => Place::Override { given_by: one.given_by, written: one.written() },
            None => Place::Override { given_by: GivenBy::Set, written: String::new() },
        },
        Origin::File(span) => {
            let start = floor_boundary(text, span.start);
            let end = floor_boundary(text, span.end).max(start);
            let before = &text[..start];
            let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
            Place::File {
                line: before.matches('\n').count() + 1,
                column: before[line_start..].chars().count() + 1,
                span: start..end,
            }
        }
    }
}

/// The nearest place at or before `index` where a character begins: a span must not cut one in two.
fn floor_boundary(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_characters_not_bytes() {
        let text = "a = 1\nö = 22\n";
        let Place::File { line, column, .. } = place(text, &[], Origin::File(11..13)) else { panic!("in the file") };
        assert_eq!((line, column), (2, 5));
    }

    #[test]
    fn a_span_past_the_end_or_inside_a_character_is_no_panic() {
        assert_eq!(place("ö", &[], Origin::File(1..99)), Place::File { line: 1, column: 1, span: 0..2 });
    }
}
