use std::collections::BTreeMap;

use crate::units::Probability;

use super::{AvailabilityError, MAX_INSTANCES, unavailability, up_probabilities};

/// The most zones: past it the states of zones of unequal size are too many to list.
const MAX_LISTED_ZONES: u64 = 16;

/// How often an instance, its zone and the region are down, each apart from the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FaultModel {
    /// Unavailability of one instance while its zone is up.
    pub instance_unavailability: Probability,
    /// Unavailability of one zone while the region is up; all its instances are down with it.
    pub zone_unavailability: Probability,
    /// Unavailability of the region; everything is down with it.
    pub region_unavailability: Probability,
}

/// What a fleet over zones delivers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZonedAvailability {
    /// Probability that enough instances are up.
    pub availability: f64,
    /// Probability that too few are up, computed for itself.
    pub unavailability: f64,
    /// The same if every instance failed on its own, with the same share of time up: what ignoring zones would claim.
    pub independent_unavailability: f64,
    /// Mean number of instances up.
    pub expected_up: f64,
    /// Whether enough instances exist outside the zone that has most of them.
    pub survives_largest_zone_loss: bool,
}

/// Returns how often `needed` instances are up when zones fail as one.
///
/// # Formula
///
/// ```text
/// U = u_r + (1 − u_r) Σ_s P(s) · P(Bin(n_s, 1 − u) < k)
/// ```
///
/// over the states `s` of the zones, where `n_s` instances are in the zones that are up, `u` is the unavailability of an
/// instance and `u_r` that of the region.
///
/// # Method
///
/// Exact. States that leave equally many instances are merged, so equal zones cost one binomial tail each.
///
/// # Accuracy
///
/// As [`unavailability`]: relative, however small `U` is.
///
/// # Errors
///
/// [`AvailabilityError::Empty`] without zones, [`AvailabilityError::TooMany`] past 16 zones or [`MAX_INSTANCES`].
///
/// # References
///
/// [Trivedi17](crate::references#trivedi17) ch. 4, common-cause failures by conditioning.
///
/// # Examples
///
/// ```
/// use capplan_queueing::availability::{FaultModel, zoned_availability};
/// use capplan_queueing::units::Probability;
///
/// let faults = FaultModel {
///     instance_unavailability: Probability::new(0.001)?,
///     zone_unavailability: Probability::new(0.0005)?,
///     region_unavailability: Probability::new(0.0)?,
/// };
/// // Five of six instances sound like a spare, but the loss of any zone takes two.
/// let fleet = zoned_availability(&[2, 2, 2], 5, faults)?;
/// assert!(!fleet.survives_largest_zone_loss);
/// assert!(fleet.unavailability > 40.0 * fleet.independent_unavailability);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn zoned_availability(
    instances_per_zone: &[u64],
    needed: u64,
    faults: FaultModel,
) -> Result<ZonedAvailability, AvailabilityError> {
    let states = instances_left(instances_per_zone, faults.zone_unavailability)?;
    let u = faults.instance_unavailability;
    let mut short = 0.0;
    let mut enough = 0.0;
    for (&left, probability) in &states {
        let down = unavailability(needed, left, u);
        short += probability * down;
        enough += probability * (1.0 - down);
    }
    let region = faults.region_unavailability.get();
    let total: u64 = instances_per_zone.iter().sum();
    let largest = instances_per_zone.iter().copied().max().unwrap_or(0);
    let up = (1.0 - u.get()) * (1.0 - faults.zone_unavailability.get());
    // 1 − (1 − u)(1 − v), written so that two tiny numbers keep their digits.
    let either = u.get() + faults.zone_unavailability.get() * (1.0 - u.get());
    let alone = unavailability(needed, total, Probability::from_computed(either)?);
    Ok(ZonedAvailability {
        availability: (1.0 - region) * enough,
        unavailability: with_region(short, region),
        independent_unavailability: with_region(alone, region),
        expected_up: (1.0 - region) * up * total as f64,
        survives_largest_zone_loss: total - largest >= needed,
    })
}

/// Returns the probabilities that exactly 0, 1, … instances are up over zones that fail as one, the region being up.
///
/// # Formula
///
/// The mixture of [`up_probabilities`] over the zone states of [`zoned_availability`].
///
/// # Errors
///
/// As [`zoned_availability`].
pub fn zoned_up_probabilities(instances_per_zone: &[u64], faults: FaultModel) -> Result<Vec<f64>, AvailabilityError> {
    let states = instances_left(instances_per_zone, faults.zone_unavailability)?;
    let mut law = Vec::new();
    // The largest state comes first, so that every later one fits.
    for (&left, probability) in states.iter().rev() {
        let conditional = up_probabilities(left, faults.instance_unavailability)?;
        law.resize(law.len().max(conditional.len()), 0.0);
        for (sum, term) in law.iter_mut().zip(conditional) {
            *sum += probability * term;
        }
    }
    Ok(law)
}

/// Returns the law of the number of instances in zones that are up.
fn instances_left(
    instances_per_zone: &[u64],
    zone_unavailability: Probability,
) -> Result<BTreeMap<u64, f64>, AvailabilityError> {
    if instances_per_zone.is_empty() {
        return Err(AvailabilityError::Empty("zone"));
    }
    let zones = instances_per_zone.len() as u64;
    if zones > MAX_LISTED_ZONES {
        return Err(AvailabilityError::TooMany { what: "zones", count: zones, limit: MAX_LISTED_ZONES });
    }
    let total = instances_per_zone.iter().fold(0_u64, |sum, &count| sum.saturating_add(count));
    if total > MAX_INSTANCES {
        return Err(AvailabilityError::TooMany { what: "instances", count: total, limit: MAX_INSTANCES });
    }
    let down = zone_unavailability.get();
    let mut law = BTreeMap::from([(0, 1.0)]);
    for &count in instances_per_zone {
        let mut next = BTreeMap::new();
        for (left, probability) in law {
            *next.entry(left).or_insert(0.0) += probability * down;
            *next.entry(left + count).or_insert(0.0) += probability * (1.0 - down);
        }
        law = next;
    }
    Ok(law)
}

fn with_region(unavailability: f64, region: f64) -> f64 {
    (region + (1.0 - region) * unavailability).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(instance: f64, zone: f64, region: f64) -> FaultModel {
        let p = |value| Probability::new(value).expect("a probability");
        FaultModel {
            instance_unavailability: p(instance),
            zone_unavailability: p(zone),
            region_unavailability: p(region),
        }
    }

    #[test]
    fn perfect_zones_leave_the_binomial_tail() {
        let u = faults(0.01, 0.0, 0.0);
        let got = zoned_availability(&[3, 3, 3], 7, u).expect("an answer");
        assert_eq!(got.unavailability, unavailability(7, 9, u.instance_unavailability));
        assert_eq!(got.unavailability, got.independent_unavailability);
    }

    #[test]
    fn a_tiny_unavailability_keeps_its_digits() {
        // Both zones down, or one down and the other's two instances, or all four instances.
        let got = zoned_availability(&[2, 2], 1, faults(1e-9, 1e-12, 0.0)).expect("an answer");
        let want = 1e-24 + 2.0 * 1e-12 * 1e-18 + 1e-36;
        assert!((got.unavailability - want).abs() < 1e-11 * want);
    }

    #[test]
    fn the_region_takes_everything_down() {
        let got = zoned_availability(&[5], 0, faults(0.5, 0.5, 0.25)).expect("an answer");
        assert_eq!(got.unavailability, 0.25);
        assert_eq!(got.availability, 0.75);
    }

    #[test]
    fn the_distribution_is_the_mixture() {
        let u = faults(0.1, 0.2, 0.0);
        let law = zoned_up_probabilities(&[1, 2], u).expect("a law");
        assert!((law.iter().sum::<f64>() - 1.0).abs() < 1e-15);
        let short: f64 = law[..2].iter().sum();
        let got = zoned_availability(&[1, 2], 2, u).expect("an answer").unavailability;
        assert!((short - got).abs() < 1e-15);
    }

    #[test]
    fn a_fleet_without_zones_is_refused() {
        assert_eq!(
            zoned_availability(&[], 1, faults(0.0, 0.0, 0.0)).expect_err("refused").to_string(),
            "no zone given; at least one is needed"
        );
    }
}
