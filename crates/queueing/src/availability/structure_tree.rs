use std::collections::BTreeMap;

use super::poisson_binomial::{convolve, total};
use super::{AvailabilityError, Structure};

const MAX_PLACES: usize = 10_000;
const MAX_ITEMS: usize = 1_000;
const MAX_DEPTH: usize = 128;

/// The probabilities of down and up, each computed for itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) down: f64,
    pub(super) up: f64,
}

impl Part {
    pub(super) const DOWN: Self = Self { down: 1.0, up: 0.0 };
    pub(super) const UP: Self = Self { down: 0.0, up: 1.0 };

    /// Up when both are. Down is `u + v (1 − u)`, so that two tiny numbers keep their digits.
    fn and(self, other: Self) -> Self {
        Self { down: self.down + other.down * self.up, up: self.up * other.up }
    }

    /// Up when one of them is.
    fn or(self, other: Self) -> Self {
        Self { down: self.down * other.down, up: self.up + other.up * self.down }
    }
}

/// A structure whose components are numbers.
#[derive(Debug)]
pub(super) enum Gate {
    Component(usize),
    Series(Vec<Gate>),
    Parallel(Vec<Gate>),
    AtLeast(usize, Vec<Gate>),
}

impl Gate {
    /// Returns the probabilities of down and up, the components being independent.
    pub(super) fn solve(&self, parts: &[Part]) -> Part {
        match self {
            Self::Component(index) => parts[*index],
            Self::Series(items) => items.iter().fold(Part::UP, |all, item| all.and(item.solve(parts))),
            Self::Parallel(items) => items.iter().fold(Part::DOWN, |any, item| any.or(item.solve(parts))),
            Self::AtLeast(needed, items) => {
                let law = convolve(items.iter().map(|item| item.solve(parts)).map(|part| (part.down, part.up)));
                let (short, enough) = law.split_at((*needed).min(law.len()));
                Part { down: total(short), up: total(enough) }
            }
        }
    }

    /// Adds `weight · ∂U/∂u_i` of this gate to each component's place in `slopes`.
    pub(super) fn differentiate(&self, parts: &[Part], weight: f64, slopes: &mut [f64]) {
        let (Self::Series(items) | Self::Parallel(items) | Self::AtLeast(_, items)) = self else {
            if let Self::Component(index) = self {
                slopes[*index] += weight;
            }
            return;
        };
        if weight == 0.0 {
            return;
        }
        let solved: Vec<Part> = items.iter().map(|item| item.solve(parts)).collect();
        let pivotal = match self {
            Self::AtLeast(needed, _) => pivotal_at_least(*needed, &solved),
            Self::Series(_) => products_of_others(&solved, |part| part.up),
            _ => products_of_others(&solved, |part| part.down),
        };
        for (item, others) in items.iter().zip(pivotal) {
            item.differentiate(parts, weight * others, slopes);
        }
    }
}

/// Returns for each part the product of `factor` over the others.
fn products_of_others(parts: &[Part], factor: impl Fn(&Part) -> f64) -> Vec<f64> {
    let mut products = vec![1.0; parts.len()];
    let mut before = 1.0;
    for (product, part) in products.iter_mut().zip(parts) {
        *product = before;
        before *= factor(part);
    }
    let mut after = 1.0;
    for (product, part) in products.iter_mut().zip(parts).rev() {
        *product *= after;
        after *= factor(part);
    }
    products
}

/// Returns for each part the probability that exactly `needed − 1` of the others are up: it decides.
fn pivotal_at_least(needed: usize, parts: &[Part]) -> Vec<f64> {
    let Some(others_up) = needed.checked_sub(1) else { return vec![0.0; parts.len()] };
    let pair = |part: &Part| (part.down, part.up);
    let after: Vec<Vec<f64>> = (0..parts.len()).map(|i| convolve(parts[i + 1..].iter().map(pair))).collect();
    (0..parts.len())
        .map(|i| {
            let before = convolve(parts[..i].iter().map(pair));
            let terms = before
                .iter()
                .enumerate()
                .filter_map(|(up, p)| others_up.checked_sub(up).and_then(|rest| after[i].get(rest)).map(|q| p * q));
            terms.sum()
        })
        .collect()
}

/// A structure with its components numbered in order of their names.
#[derive(Debug)]
pub(super) struct Tree {
    root: Gate,
    parts: Vec<Part>,
    names: Vec<String>,
    places: Vec<usize>,
}

impl Tree {
    pub(super) fn new(structure: &Structure) -> Result<Self, AvailabilityError> {
        let mut found = BTreeMap::new();
        collect(structure, 0, &mut found)?;
        let places: Vec<usize> = found.values().map(|component| component.places).collect();
        let total: usize = places.iter().sum();
        if total > MAX_PLACES {
            return Err(too_many("places in a tree", total, MAX_PLACES));
        }
        let parts = found.values().map(|found| Part { down: found.down, up: 1.0 - found.down }).collect();
        let names: Vec<String> = found.into_keys().map(str::to_owned).collect();
        Ok(Self { root: number(structure, &names), parts, names, places })
    }

    pub(super) const fn root(&self) -> &Gate {
        &self.root
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The components that stand in the tree more than once.
    pub(super) fn repeated(&self) -> Vec<usize> {
        (0..self.places.len()).filter(|&component| self.places[component] > 1).collect()
    }

    /// The number of places that components stand in.
    pub(super) fn places(&self) -> usize {
        self.places.iter().sum()
    }

    pub(super) fn into_names(self) -> Vec<String> {
        self.names
    }
}

struct Found {
    down: f64,
    places: usize,
}

/// Notes every component below `structure`, and refuses what cannot be solved.
fn collect<'a>(
    structure: &'a Structure,
    depth: usize,
    found: &mut BTreeMap<&'a str, Found>,
) -> Result<(), AvailabilityError> {
    if depth > MAX_DEPTH {
        return Err(too_many("levels of a tree", depth, MAX_DEPTH));
    }
    let items = match structure {
        Structure::Component { name, unavailability } => {
            let down = unavailability.get();
            let component = found.entry(name).or_insert(Found { down, places: 0 });
            component.places += 1;
            if component.down == down {
                return Ok(());
            }
            return Err(AvailabilityError::Conflict { name: name.clone(), first: component.down, second: down });
        }
        Structure::AtLeast { items, .. } if items.len() > MAX_ITEMS => {
            return Err(too_many("items of a k-of-n gate", items.len(), MAX_ITEMS));
        }
        Structure::Series(items) | Structure::Parallel(items) | Structure::AtLeast { items, .. } => items,
    };
    if items.is_empty() {
        return Err(AvailabilityError::Empty("item of a gate"));
    }
    items.iter().try_for_each(|item| collect(item, depth + 1, found))
}

/// Replaces each component by the place of its name in `names`, which is sorted and holds them all.
fn number(structure: &Structure, names: &[String]) -> Gate {
    let all = |items: &[Structure]| items.iter().map(|item| number(item, names)).collect();
    match structure {
        Structure::Component { name, .. } => Gate::Component(names.partition_point(|other| other < name)),
        Structure::Series(items) => Gate::Series(all(items)),
        Structure::Parallel(items) => Gate::Parallel(all(items)),
        Structure::AtLeast { needed, items } => {
            Gate::AtLeast(usize::try_from(*needed).unwrap_or(usize::MAX), all(items))
        }
    }
}

fn too_many(what: &'static str, count: usize, limit: usize) -> AvailabilityError {
    AvailabilityError::TooMany { what, count: count as u64, limit: limit as u64 }
}
