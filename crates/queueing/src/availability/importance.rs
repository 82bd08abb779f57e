use std::collections::BTreeMap;

use crate::units::Probability;

use super::structure::system_of;
use super::structure_tree::{Part, Tree};
use super::{AvailabilityError, Structure, solve_structure};

/// The most steps of [`importance_measures`]: components times places times the states of repeated components.
const MAX_STEPS: u64 = 10_000_000;

/// How much one part matters to a system.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Importance {
    /// The part's own unavailability, `u`.
    pub unavailability: f64,
    /// Birnbaum's: the unavailability that the part adds by being always down instead of always up.
    pub birnbaum: f64,
    /// Unavailability of the system if the part never failed.
    pub system_when_up: f64,
    /// Unavailability of the system while the part is down.
    pub system_when_down: f64,
    /// Share of the system's unavailability that goes with the part: what to improve first. `None` for a system that is
    /// never down.
    pub criticality: Option<f64>,
    /// Risk achievement worth: how many times as unavailable the system is while the part is down. `None` likewise.
    pub risk_achievement: Option<f64>,
    /// Risk reduction worth: how many times less unavailable a perfect part makes the system. `None` when it would never
    /// be down.
    pub risk_reduction: Option<f64>,
}

/// Returns how much each part matters to a tree of parts.
///
/// # Formula
///
/// ```text
/// Birnbaum I = U(down) − U(up)     criticality u·I/U     risk achievement U(down)/U     risk reduction U/U(up)
/// ```
///
/// with `U(up)` and `U(down)` the system's unavailability with the part always up and always down.
///
/// # Method
///
/// `I` as in [`solve_structure`], `U(down) = U + (1 − u)·I`; `U(up)` is solved anew for each part, not subtracted, so
/// that it keeps its digits where one part makes up nearly all of `U`.
///
/// # Accuracy
///
/// As [`solve_structure`].
///
/// # Errors
///
/// Those of [`solve_structure`]; [`AvailabilityError::TooMany`] when components, places and repeated components come to
/// more than 10⁷ steps.
///
/// # References
///
/// [Trivedi17](crate::references#trivedi17) ch. 6, importance measures.
pub fn importance_measures(structure: &Structure) -> Result<BTreeMap<String, Importance>, AvailabilityError> {
    let tree = Tree::new(structure)?;
    let repeated = tree.repeated();
    let places = tree.places() as u64;
    let states = 1_u64 << repeated.len().min(63);
    let steps = (tree.parts().len() as u64).saturating_mul(places).saturating_mul(states);
    if steps > MAX_STEPS {
        return Err(AvailabilityError::TooMany { what: "steps of the importance", count: steps, limit: MAX_STEPS });
    }
    let solved = solve_structure(structure)?;
    let mut parts = tree.parts().to_vec();
    let mut without = Vec::with_capacity(parts.len());
    for component in 0..parts.len() {
        let part = parts[component];
        parts[component] = Part::UP;
        without.push((part.down, system_of(tree.root(), &repeated, &mut parts).down.clamp(0.0, 1.0)));
        parts[component] = part;
    }
    let system = solved.unavailability;
    let measures = tree.into_names().into_iter().zip(without).map(|(name, (u, system_when_up))| {
        let birnbaum = solved.birnbaum_importance.get(&name).copied().unwrap_or(0.0);
        let system_when_down = (system + (1.0 - u) * birnbaum).clamp(0.0, 1.0);
        let fails = system > 0.0;
        let importance = Importance {
            unavailability: u,
            birnbaum,
            system_when_up,
            system_when_down,
            criticality: fails.then(|| (u * birnbaum / system).clamp(0.0, 1.0)),
            risk_achievement: fails.then(|| system_when_down / system),
            risk_reduction: (system_when_up > 0.0).then(|| system / system_when_up),
        };
        (name, importance)
    });
    Ok(measures.collect())
}

/// What a promise asks of the parts of a system.
#[derive(Debug, Clone, PartialEq)]
pub struct CompositeSla {
    /// Availability that the parts' own promises come to.
    pub availability: f64,
    /// One minus it, computed for itself.
    pub unavailability: f64,
    /// The system's unavailability over what the promise allows; at most 1 when it is kept. `None` for a promise of 1.
    pub budget_fraction: Option<f64>,
    /// Whether the promise is kept.
    pub is_kept: bool,
    /// For each part, the largest unavailability with which the system would keep the promise, all others as they are;
    /// `None` when no improvement of this part alone is enough.
    pub allowed_unavailability: BTreeMap<String, Option<f64>>,
}

/// Returns what the promises of parts come to together, and what each part would have to deliver for another promise.
///
/// # Formula
///
/// `U` is linear in each part's own unavailability `u`, `U = U(up) + u·I`, so that a promise of `A` allows
///
/// ```text
/// u ≤ (1 − A − U(up))/I
/// ```
///
/// # Accuracy
///
/// A service-level agreement is a promise with a price, not a measurement: taken as an availability it is too low as a
/// fact and no guarantee as a maximum.
///
/// # Errors
///
/// As [`importance_measures`].
///
/// # References
///
/// [Trivedi17](crate::references#trivedi17) ch. 4; [Aws21](crate::references#aws21).
///
/// # Examples
///
/// ```
/// use capplan_queueing::availability::{Structure, composite_sla};
/// use capplan_queueing::units::Probability;
///
/// let service = |name: &str, u| -> Result<Structure, Box<dyn std::error::Error>> {
///     Ok(Structure::Component { name: name.into(), unavailability: Probability::new(u)? })
/// };
/// // 99.95 % and 99.99 % in series are 99.94 %.
/// let both = Structure::Series(vec![service("web", 5e-4)?, service("db", 1e-4)?]);
/// let composite = composite_sla(&both, Probability::new(0.9995)?)?;
/// assert!(!composite.is_kept && composite.allowed_unavailability["db"].is_none_or(|u| u < 1e-12));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn composite_sla(structure: &Structure, promise: Probability) -> Result<CompositeSla, AvailabilityError> {
    let solved = solve_structure(structure)?;
    let budget = 1.0 - promise.get();
    let allowed = |part: Importance| {
        if part.system_when_up > budget {
            None
        } else if part.birnbaum <= 0.0 {
            Some(1.0)
        } else {
            Some(((budget - part.system_when_up) / part.birnbaum).clamp(0.0, 1.0))
        }
    };
    let measures = importance_measures(structure)?;
    Ok(CompositeSla {
        availability: solved.availability,
        unavailability: solved.unavailability,
        budget_fraction: (budget > 0.0).then(|| solved.unavailability / budget),
        is_kept: solved.unavailability <= budget,
        allowed_unavailability: measures.into_iter().map(|(name, part)| (name, allowed(part))).collect(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part(name: &str, unavailability: f64) -> Structure {
        let unavailability = Probability::new(unavailability).expect("a probability");
        Structure::Component { name: name.to_owned(), unavailability }
    }

    /// A zone shared by two instances, a third elsewhere, all behind a balancer.
    fn shared(u: [f64; 5]) -> Structure {
        let in_zone = |name, u_part| Structure::Series(vec![part("zone", u[0]), part(name, u_part)]);
        Structure::Series(vec![
            part("balancer", u[1]),
            Structure::Parallel(vec![in_zone("first", u[2]), in_zone("second", u[3]), part("third", u[4])]),
        ])
    }

    fn assert_close(got: f64, want: f64) {
        assert!((got - want).abs() <= 1e-12 * want.abs() + 1e-15, "{got:e} is not {want:e}");
    }

    #[test]
    fn two_in_series_share_the_blame() {
        let measures = importance_measures(&Structure::Series(vec![part("a", 1e-3), part("b", 1e-5)]));
        let measures = measures.expect("a sound tree");
        let (a, b) = (measures["a"], measures["b"]);
        assert_close(a.criticality.expect("fails"), 1e-3 * (1.0 - 1e-5) / (1e-3 + 1e-5 - 1e-8));
        // A perfect `a` leaves `b`, to all its digits.
        assert_eq!((a.system_when_up, b.system_when_up), (1e-5, 1e-3));
        assert_close(a.risk_reduction.expect("still fails"), (1e-3 + 1e-5 - 1e-8) / 1e-5);
        assert_eq!(a.system_when_down, 1.0);
    }

    #[test]
    fn a_tiny_rest_behind_a_dominant_part_keeps_its_digits() {
        let measures = importance_measures(&Structure::Series(vec![part("a", 0.5), part("b", 1e-18)]));
        assert_close(measures.expect("a sound tree")["a"].system_when_up, 1e-18);
    }

    #[test]
    fn a_system_that_never_fails_has_no_shares() {
        let measures = importance_measures(&part("a", 0.0)).expect("a sound tree");
        let a = measures["a"];
        assert_eq!((a.criticality, a.risk_achievement, a.risk_reduction), (None, None, None));
    }

    #[test]
    fn a_part_allowed_its_share_meets_the_promise_exactly() {
        let u = [1e-3, 1e-4, 1e-2, 2e-2, 5e-2];
        let promise = Probability::new(0.9998).expect("a probability");
        let composite = composite_sla(&shared(u), promise).expect("an answer");
        assert!(composite.is_kept);
        let allowed = composite.allowed_unavailability["third"].expect("it is enough");
        let changed = solve_structure(&shared([u[0], u[1], u[2], u[3], allowed])).expect("a sound tree");
        assert!((changed.unavailability / 2e-4 - 1.0).abs() < 1e-10);
        let strict = composite_sla(&shared(u), Probability::new(0.999_95).expect("a probability")).expect("an answer");
        assert_eq!((strict.is_kept, strict.allowed_unavailability["third"]), (false, None));
    }

    #[test]
    fn more_parts_than_can_be_weighed_are_refused() {
        // 20 repeated components of 60 places: 40·60·2^20 steps.
        let name = |i: usize| part(&format!("c{}", if i < 40 { i } else { i - 40 }), 0.1);
        let tree = Structure::Series((0..60).map(name).collect());
        assert_eq!(
            importance_measures(&tree).expect_err("refused").to_string(),
            "2516582400 steps of the importance are more than the 10000000 that this formula takes"
        );
        // Many parts that stand there once are no trouble.
        let long = Structure::Series((0..300).map(|i| part(&format!("c{i}"), 1e-6)).collect());
        assert_eq!(importance_measures(&long).expect("a sound tree").len(), 300);
    }

    proptest! {
        #[test]
        fn measures_are_those_of_the_tree_with_the_part_fixed(u in prop::array::uniform5(1e-6..1.0_f64)) {
            let measures = importance_measures(&shared(u)).expect("a sound tree");
            for (place, name) in ["zone", "balancer", "first", "second", "third"].into_iter().enumerate() {
                let fixed = |value| {
                    let mut changed = u;
                    changed[place] = value;
                    solve_structure(&shared(changed)).expect("a sound tree").unavailability
                };
                let got = measures[name];
                prop_assert!((got.system_when_up - fixed(0.0)).abs() <= 1e-12 * fixed(0.0));
                prop_assert!((got.system_when_down - fixed(1.0)).abs() <= 1e-12 * fixed(1.0));
                prop_assert!((got.birnbaum - (fixed(1.0) - fixed(0.0))).abs() <= 1e-12);
            }
        }
    }
}
