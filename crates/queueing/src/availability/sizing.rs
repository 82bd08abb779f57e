use super::AvailabilityError;

/// Load that a fleet over several zones has to carry while part of it is lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZoneDemand {
    /// Requests per second at the peak, above 0.
    pub arrival_rate: f64,
    /// Requests per second that one instance completes at utilization 1, above 0.
    pub instance_capacity: f64,
    /// Highest utilization that is accepted, `0 < ρ ≤ 1`.
    pub max_utilization: f64,
    /// Zones the fleet is spread over, evenly.
    pub zones: u64,
    /// Zones that may be lost at once.
    pub zone_losses: u64,
    /// Instances that may be lost besides, anywhere.
    pub instance_losses: u64,
}

/// A fleet that carries its peak through the losses it was sized for.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ZoneSizing {
    /// Instances that carry the peak when all is well.
    pub needed: u64,
    /// Instances in each zone.
    pub instances_per_zone: u64,
    /// Instances in all zones together.
    pub instances: u64,
    /// Instances bought over instances needed.
    pub overprovision_ratio: f64,
    /// Utilization at the peak with everything up.
    pub utilization: f64,
    /// Utilization at the peak with the zones lost.
    pub utilization_zone_lost: f64,
}

/// Sizes a fleet for static stability: the zones that are left carry the peak without waiting for a new instance.
///
/// # Formula
///
/// ```text
/// needed = ⌈λ / (C ρ_max)⌉,   per zone = ⌈(needed + f) / (z − L)⌉
/// ```
///
/// with `f` `instance_losses`, `z` `zones` and `L` `zone_losses`. The ceiling forgives four roundings, so that
/// 2100/s at 1000/s and 70 % needs 3 instances and not 4.
///
/// # Special cases
///
/// Three zones of which one may be lost cost half as much again, two zones twice as much; rounding adds to that in
/// small fleets.
///
/// # Errors
///
/// [`AvailabilityError::OutOfDomain`] for a number outside the limits named at its field,
/// [`AvailabilityError::NoZoneLeft`] when `L ≥ z`.
///
/// # References
///
/// [Aws21](crate::references#aws21); the same rule is called *static stability* there.
pub fn size_zones(demand: ZoneDemand) -> Result<ZoneSizing, AvailabilityError> {
    // The quotient of three rounded numbers is off by less than this share.
    const ROUNDING: f64 = 4.0 * f64::EPSILON;
    let ZoneDemand { arrival_rate, instance_capacity, max_utilization, zones, zone_losses, instance_losses } = demand;
    positive("arrival rate", arrival_rate)?;
    positive("instance capacity", instance_capacity)?;
    if !(max_utilization > 0.0 && max_utilization <= 1.0) {
        return Err(AvailabilityError::OutOfDomain {
            what: "maximum utilization",
            value: max_utilization,
            domain: "above 0 and at most 1",
        });
    }
    let exact = arrival_rate / (instance_capacity * max_utilization);
    let needed = whole((exact * (1.0 - ROUNDING)).ceil().max(1.0))?;
    let instances_per_zone = instances_per_zone(needed, zones, zone_losses, instance_losses)?;
    let instances = instances_per_zone.checked_mul(zones).ok_or_else(|| too_many(u64::MAX))?;
    if instances > MAX_FLEET {
        return Err(too_many(instances));
    }
    let left = instances_per_zone * (zones - zone_losses);
    Ok(ZoneSizing {
        needed,
        instances_per_zone,
        instances,
        overprovision_ratio: instances as f64 / needed as f64,
        utilization: arrival_rate / (instances as f64 * instance_capacity),
        utilization_zone_lost: arrival_rate / (left as f64 * instance_capacity),
    })
}

/// Returns the instances each of `zones` equal zones needs, so that `needed` are left after the losses.
///
/// # Errors
///
/// [`AvailabilityError::NoZoneLeft`] when every zone may be lost.
pub fn instances_per_zone(
    needed: u64,
    zones: u64,
    zone_losses: u64,
    instance_losses: u64,
) -> Result<u64, AvailabilityError> {
    match zones.checked_sub(zone_losses) {
        None | Some(0) => Err(AvailabilityError::NoZoneLeft { zone_losses, zones }),
        Some(left) => Ok(needed.saturating_add(instance_losses).div_ceil(left)),
    }
}

/// The largest fleet; every count stays exact in an `f64` and far above any real system.
const MAX_FLEET: u64 = 1_000_000_000;

fn too_many(count: u64) -> AvailabilityError {
    AvailabilityError::TooMany { what: "instances", count, limit: MAX_FLEET }
}

fn whole(count: f64) -> Result<u64, AvailabilityError> {
    if count <= MAX_FLEET as f64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a ceiling between 1 and 10⁹")]
        Ok(count as u64)
    } else {
        Err(AvailabilityError::OutOfDomain {
            what: "number of instances needed",
            value: count,
            domain: "at most 1,000,000,000",
        })
    }
}

fn positive(what: &'static str, value: f64) -> Result<(), AvailabilityError> {
    if value > 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(AvailabilityError::OutOfDomain { what, value, domain: "finite and above 0" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEMAND: ZoneDemand = ZoneDemand {
        arrival_rate: 6000.0,
        instance_capacity: 1000.0,
        max_utilization: 1.0,
        zones: 3,
        zone_losses: 1,
        instance_losses: 0,
    };

    #[test]
    fn three_zones_cost_half_as_much_again() {
        let sizing = size_zones(DEMAND).expect("a fleet");
        assert_eq!((sizing.needed, sizing.instances_per_zone, sizing.instances), (6, 3, 9));
        assert_eq!((sizing.overprovision_ratio, sizing.utilization_zone_lost), (1.5, 1.0));
    }

    #[test]
    fn a_rounding_error_buys_no_instance() {
        let demand = ZoneDemand { arrival_rate: 2100.0, max_utilization: 0.7, ..DEMAND };
        assert_eq!(size_zones(demand).expect("a fleet").needed, 3);
    }

    #[test]
    fn losing_every_zone_is_refused() {
        assert_eq!(
            size_zones(ZoneDemand { zone_losses: 3, ..DEMAND }).expect_err("refused").to_string(),
            "a loss of 3 of 3 zones leaves none; at most 2 may be lost"
        );
    }

    #[test]
    fn a_load_of_nothing_is_refused() {
        assert_eq!(
            size_zones(ZoneDemand { arrival_rate: 0.0, ..DEMAND }).expect_err("refused").to_string(),
            "arrival rate of 0 is not finite and above 0"
        );
    }

    #[test]
    fn an_endless_fleet_is_refused() {
        assert_eq!(
            size_zones(ZoneDemand { arrival_rate: 1e15, ..DEMAND }).expect_err("refused").to_string(),
            "number of instances needed of 1000000000000 is not at most 1,000,000,000"
        );
    }
}
