//! Reads `[classes]`.

use super::fields::Fields;
use super::keys::{class, root};
use super::notes::{Basis, Notes, Read, Refused, all};
use super::tree::{Entry, Value};
use super::values::{check_name, index_of, join, value};
use crate::model::{FleetRole, RequestClass, Resource, Tier, Visits};
use capplan_queueing::units::Probability;

/// The class of a file without classes.
pub const DEFAULT_CLASS: &str = "request";

/// Reads the classes, or makes the one of a file that has none.
pub fn read_classes(
    root: &Fields<'_>,
    tier_names: &[&str],
    tiers: Result<&[Tier], &Refused>,
    notes: &mut Notes,
) -> Read<Vec<RequestClass>> {
    let Some(sections) = root.sections(&root::CLASSES, notes)? else {
        return Ok(vec![default_class(tiers.map_err(|refused| *refused)?, notes)]);
    };
    let only = sections.len() == 1;
    all(sections.iter().map(|(name, fields)| {
        let checked = check_name(name, fields.origin(), &join(root::CLASSES.row.name, name), notes);
        let share = match fields.optional(&class::SHARE, notes) {
            Ok(None) if only => {
                fields.derived(&class::SHARE, "1", notes);
                Ok(Probability::ONE)
            }
            Ok(None) => Err(fields.missing(&class::SHARE, notes)),
            given => given.and_then(|share| share.ok_or(Refused)),
        };
        let visits = read_visits(fields, tier_names, notes);
        checked?;
        Ok(RequestClass { name: (*name).to_owned(), share: share?, visits: visits? })
    }))
}

fn read_visits(fields: &Fields<'_>, tier_names: &[&str], notes: &mut Notes) -> Read<Vec<Visits>> {
    let Some((table, _)) = fields.table(&class::VISITS, notes)? else { return Err(Refused) };
    let path = fields.path_of(&class::VISITS);
    let mut visits = all(table.entries.iter().map(|entry| {
        let path = join(&path, &entry.key);
        let unknown = |name| format!("the file has no tier {name}");
        let tier = index_of(&entry.key, tier_names, unknown, &entry.key_origin, &path, notes)?;
        let (reads, writes) = read_one_visit(entry, path, notes)?;
        Ok(Visits { tier, reads, writes })
    }))?;
    // In the order of the tiers, whatever the order of the class.
    visits.sort_by_key(|visits| visits.tier);
    Ok(visits)
}

/// Reads and writes of one tier: a bare number is reads.
fn read_one_visit(entry: &Entry, path: String, notes: &mut Notes) -> Read<(f64, f64)> {
    if let Value::Table(inner) = &entry.node.value {
        let fields = Fields::new(&class::VISITS_SECTION, Some(inner), path, entry.key_origin.clone(), notes);
        let reads = fields.get(&class::READS, notes);
        let writes = fields.get(&class::WRITES, notes);
        return Ok((reads?, writes?));
    }
    value(&class::READS, &class::READS.row, &entry.node, &path, notes).map(|reads| (reads, 0.0))
}

fn default_class(tiers: &[Tier], notes: &mut Notes) -> RequestClass {
    let behind_a_cache = |index: usize| {
        tiers.iter().any(|tier| match &tier.resource {
            Resource::Fleet(fleet) => match &fleet.role {
                FleetRole::Cache(cache) => cache.in_front_of == Some(index),
                FleetRole::Service | FleetRole::Database(_) => false,
            },
            Resource::Managed(_) => false,
        })
    };
    let visited = (0..tiers.len()).filter(|index| !behind_a_cache(*index));
    let visits = visited.map(|tier| Visits { tier, reads: 1.0, writes: 0.0 }).collect();
    let source = "every tier once, except tiers behind a cache";
    notes.in_force(root::CLASSES.row.name.to_owned(), "one class `request`", Basis::Derived, source);
    RequestClass { name: DEFAULT_CLASS.to_owned(), share: Probability::ONE, visits }
}
