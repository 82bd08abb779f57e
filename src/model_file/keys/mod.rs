//! The key table: every key of a model file, its type, its limits, its default and where that comes from.
//!
//! The file of a section has its name: `[region]` is `region.rs`, a tier of the kind `cache` is `tiers/cache.rs`. Reading,
//! messages, the list of defaults and the JSON Schema all follow from the rows there.

#[cfg(test)]
mod checks;
pub mod class;
pub mod clients;
pub mod deploy;
pub mod health_check;
pub mod instance_type;
pub mod key;
pub mod network;
pub mod objectives;
pub mod region;
pub mod root;
pub mod scaling;
pub mod scenario;
pub mod tiers;
pub mod workload;

pub use key::{Key, Least, Limits, List, Make, Need, Row, Section, Shape, Subtable, Text};
pub use tiers::tier_section;

use crate::model::TierKind;

/// Finds the row of a dotted path; the kind of a tier is not known, so the first kind that has the key answers.
pub fn find(path: &[&str]) -> Option<&'static Row> {
    match path {
        ["tiers", _, name] => TierKind::ALL.into_iter().find_map(|kind| tier_section(kind).key(name)),
        [name] => root::SECTION.key(name),
        [section, inside @ ..] => match (root::SECTION.key(section)?.shape, inside) {
            (Shape::Section(section), [name]) | (Shape::Sections(section), [_, name]) => section.key(name),
            _ => None,
        },
        [] => None,
    }
}
