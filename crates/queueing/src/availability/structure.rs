use std::collections::BTreeMap;

use crate::units::Probability;

use super::AvailabilityError;
use super::structure_tree::{Gate, Part, Tree};

/// The most components that may stand in a tree more than once; each doubles the work.
pub const MAX_REPEATED: usize = 20;

/// How a system depends on its parts.
///
/// The same name twice is the same physical part, and is not multiplied with itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Structure {
    /// One physical part.
    Component {
        /// What it is called; equal names are one part.
        name: String,
        /// Share of time it is down.
        unavailability: Probability,
    },
    /// Up when all items are.
    Series(Vec<Self>),
    /// Up when at least one item is.
    Parallel(Vec<Self>),
    /// Up when at least `needed` items are.
    AtLeast {
        /// How many items it takes.
        needed: u64,
        /// The items to choose from.
        items: Vec<Self>,
    },
}

/// What a system of parts delivers, and which part matters.
#[derive(Debug, Clone, PartialEq)]
pub struct StructureAvailability {
    /// Probability that the system is up.
    pub availability: f64,
    /// Probability that it is down, computed for itself.
    pub unavailability: f64,
    /// Birnbaum's importance of each component: the unavailability it would add by being always down instead of always
    /// up.
    pub birnbaum_importance: BTreeMap<String, f64>,
}

/// Returns the availability of a tree of independent parts, some of which may stand in it more than once.
///
/// # Formula
///
/// ```text
/// series: A = Π A_i     parallel: U = Π U_i     k of n: U = P(fewer than k items up)
/// repeated part i: U = u_i U(i down) + (1 − u_i) U(i up)
/// importance: I_i = U(i down) − U(i up) = ∂U/∂u_i
/// ```
///
/// # Method
///
/// Repeated parts are conditioned on, up or down, in all `2^r` ways; what is left is a tree of independent parts. Every
/// gate computes the probability of up and of down side by side out of positive products, so neither is a difference
/// of the other. Importance comes from the chain rule along the tree for a part that stands in it once.
///
/// # Accuracy
///
/// Relative, however small `U` is; the importance of a repeated part is a difference and exact to some 10⁻¹⁵.
///
/// # Errors
///
/// [`AvailabilityError::Empty`] for a gate without items, [`AvailabilityError::Conflict`] when one name has two
/// unavailabilities, [`AvailabilityError::TooMany`] past [`MAX_REPEATED`] repeated components, 10,000 places, 1,000 items
/// of a k-of-n gate or 128 levels.
///
/// # References
///
/// [Trivedi17](crate::references#trivedi17) ch. 4 and 5, factoring and importance.
///
/// # Examples
///
/// ```
/// use capplan_queueing::availability::{Structure, solve_structure};
/// use capplan_queueing::units::Probability;
///
/// let part = |name: &str, u| -> Result<Structure, Box<dyn std::error::Error>> {
///     Ok(Structure::Component { name: name.into(), unavailability: Probability::new(u)? })
/// };
/// // Two instances in the same zone: the zone is one part, not two.
/// let fleet = Structure::Parallel(vec![
///     Structure::Series(vec![part("zone", 1e-3)?, part("first", 1e-2)?]),
///     Structure::Series(vec![part("zone", 1e-3)?, part("second", 1e-2)?]),
/// ]);
/// let solved = solve_structure(&fleet)?;
/// assert!((solved.unavailability - (1e-3 + 0.999 * 1e-4)).abs() < 1e-16);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn solve_structure(structure: &Structure) -> Result<StructureAvailability, AvailabilityError> {
    let tree = Tree::new(structure)?;
    let repeated = tree.repeated();
    if repeated.len() > MAX_REPEATED {
        return Err(AvailabilityError::TooMany {
            what: "repeated components",
            count: repeated.len() as u64,
            limit: MAX_REPEATED as u64,
        });
    }
    let mut parts = tree.parts().to_vec();
    let solved = expand(tree.root(), &repeated, &mut parts);
    Ok(StructureAvailability {
        availability: solved.system.up.clamp(0.0, 1.0),
        unavailability: solved.system.down.clamp(0.0, 1.0),
        birnbaum_importance: tree.into_names().into_iter().zip(solved.importance).collect(),
    })
}

/// A tree solved for one setting of the repeated components.
struct Solved {
    system: Part,
    importance: Vec<f64>,
}

/// Conditions on the first of `repeated`, then on the rest.
fn expand(root: &Gate, repeated: &[usize], parts: &mut [Part]) -> Solved {
    let Some((&component, rest)) = repeated.split_first() else {
        let mut importance = vec![0.0; parts.len()];
        root.differentiate(parts, 1.0, &mut importance);
        return Solved { system: root.solve(parts), importance };
    };
    let part = parts[component];
    parts[component] = Part::DOWN;
    let down = expand(root, rest, parts);
    parts[component] = Part::UP;
    let up = expand(root, rest, parts);
    parts[component] = part;
    let mix = |when_down: f64, when_up: f64| part.down * when_down + part.up * when_up;
    let mut importance: Vec<f64> = down.importance.iter().zip(&up.importance).map(|(&d, &u)| mix(d, u)).collect();
    importance[component] = down.system.down - up.system.down;
    let system = Part { down: mix(down.system.down, up.system.down), up: mix(down.system.up, up.system.up) };
    Solved { system, importance }
}

/// The probabilities of the system alone, conditioned likewise.
pub(super) fn system_of(root: &Gate, repeated: &[usize], parts: &mut [Part]) -> Part {
    let Some((&component, rest)) = repeated.split_first() else { return root.solve(parts) };
    let part = parts[component];
    parts[component] = Part::DOWN;
    let down = system_of(root, rest, parts);
    parts[component] = Part::UP;
    let up = system_of(root, rest, parts);
    parts[component] = part;
    Part { down: part.down * down.down + part.up * up.down, up: part.down * down.up + part.up * up.up }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, unavailability: f64) -> Structure {
        let unavailability = Probability::new(unavailability).expect("a probability");
        Structure::Component { name: name.to_owned(), unavailability }
    }

    fn solve(structure: &Structure) -> StructureAvailability {
        solve_structure(structure).expect("a sound tree")
    }

    fn assert_close(got: f64, want: f64) {
        assert!((got - want).abs() <= 1e-14 * want.abs(), "{got:e} is not {want:e}");
    }

    #[test]
    fn a_part_in_parallel_with_itself_is_one_part() {
        let solved = solve(&Structure::Parallel(vec![part("db", 0.01), part("db", 0.01)]));
        assert_eq!(solved.unavailability, 0.01);
        assert_eq!(solved.birnbaum_importance["db"], 1.0);
    }

    #[test]
    fn thirty_nines_keep_their_digits() {
        let pair = |a: &str, b: &str| Structure::Parallel(vec![part(a, 1e-15), part(b, 1e-15)]);
        let solved = solve(&Structure::Series(vec![pair("a", "b"), pair("c", "d")]));
        assert_close(solved.unavailability, 2e-30);
        assert_close(solved.birnbaum_importance["a"], 1e-15);
    }

    #[test]
    fn at_least_all_is_series_and_at_least_one_is_parallel() {
        let items = vec![part("a", 0.1), part("b", 0.2), part("c", 0.3)];
        let at_least = |needed| solve(&Structure::AtLeast { needed, items: items.clone() });
        let series = solve(&Structure::Series(items.clone()));
        let parallel = solve(&Structure::Parallel(items.clone()));
        assert_close(at_least(3).unavailability, series.unavailability);
        assert_close(at_least(1).unavailability, parallel.unavailability);
        for name in ["a", "b", "c"] {
            assert_close(at_least(3).birnbaum_importance[name], series.birnbaum_importance[name]);
            assert_close(at_least(1).birnbaum_importance[name], parallel.birnbaum_importance[name]);
        }
    }

    #[test]
    fn the_bridge_agrees_with_all_its_states() {
        let (u, names) = ([0.1, 0.2, 0.3, 0.4, 0.5], ["a", "b", "c", "d", "e"]);
        let paths = [vec![0, 3], vec![1, 4], vec![0, 2, 4], vec![1, 2, 3]];
        let series = |path: &Vec<usize>| Structure::Series(path.iter().map(|&i| part(names[i], u[i])).collect());
        let solved = solve(&Structure::Parallel(paths.iter().map(series).collect()));
        let mut want = 0.0;
        for state in 0..32_u32 {
            let up = |i: usize| state >> i & 1 == 1;
            if !paths.iter().any(|path| path.iter().all(|&i| up(i))) {
                want += (0..5).map(|i| if up(i) { 1.0 - u[i] } else { u[i] }).product::<f64>();
            }
        }
        assert_close(solved.unavailability, want);
        assert_close(solved.availability, 1.0 - want);
    }

    #[test]
    fn importance_is_the_slope() {
        let tree = |u: f64| Structure::AtLeast {
            needed: 2,
            items: vec![
                Structure::Series(vec![part("zone", 0.2), part("x", u)]),
                Structure::Series(vec![part("zone", 0.2), part("y", 0.1)]),
                part("z", 0.3),
            ],
        };
        let slope = solve(&tree(1.0)).unavailability - solve(&tree(0.0)).unavailability;
        assert_close(solve(&tree(0.25)).birnbaum_importance["x"], slope);
    }

    #[test]
    fn a_name_with_two_unavailabilities_is_refused() {
        let tree = Structure::Series(vec![part("db", 0.01), part("db", 0.02)]);
        assert_eq!(
            solve_structure(&tree).expect_err("refused").to_string(),
            "component `db` has an unavailability of 0.01 in one place and 0.02 in another"
        );
    }

    #[test]
    fn an_empty_gate_is_refused() {
        assert_eq!(
            solve_structure(&Structure::Series(Vec::new())).expect_err("refused").to_string(),
            "no item of a gate given; at least one is needed"
        );
    }

    #[test]
    fn too_many_repeated_parts_are_refused() {
        let items = (0..42).map(|i| part(&format!("c{}", i % 21), 0.1)).collect();
        assert_eq!(
            solve_structure(&Structure::Series(items)).expect_err("refused").to_string(),
            "21 repeated components are more than the 20 that this formula takes"
        );
    }
}
