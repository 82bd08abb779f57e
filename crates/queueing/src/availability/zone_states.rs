use crate::units::Probability;

use super::{AvailabilityError, unavailability};

/// The most zones whose states are listed: no region has more.
pub const MAX_ZONES: usize = 6;

const MAX_STATES: usize = 1 << MAX_ZONES;

/// Which zones are up: bit `j` stands for zone `j`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ZoneState(u8);

impl ZoneState {
    /// Whether a zone, counted from 0, is up. Zones past [`MAX_ZONES`] are down.
    pub const fn is_up(self, zone: usize) -> bool {
        zone < MAX_ZONES && self.0 >> zone & 1 == 1
    }

    /// The number of zones up.
    pub const fn zones_up(self) -> u32 {
        self.0.count_ones()
    }

    /// The state's place in an array of `2^z`.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// Returns the instances in the zones that are up.
    pub fn instances_left(self, instances_per_zone: &[u64]) -> u64 {
        let up = instances_per_zone.iter().enumerate().filter(|&(zone, _)| self.is_up(zone));
        up.fold(0, |sum, (_, &count)| sum.saturating_add(count))
    }
}

/// The `2^z` states of `z` zones that fail independently, each with its probability.
///
/// Given the state, the tiers of a system are independent, so a system in series has
///
/// ```text
/// U = Σ_s P(s) · [1 − Π_tiers (1 − U_tier(s))]
/// ```
///
/// with [`conditional_unavailability`] for each tier. Listing the states once serves every candidate of a search.
///
/// # References
///
/// [Trivedi17](crate::references#trivedi17) ch. 4, common-cause failures by conditioning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZoneStates {
    zones: usize,
    probabilities: [f64; MAX_STATES],
}

impl ZoneStates {
    /// Lists the states of zones of equal unavailability.
    ///
    /// # Errors
    ///
    /// [`AvailabilityError::Empty`] without zones, [`AvailabilityError::TooMany`] past [`MAX_ZONES`].
    pub fn new(zones: usize, zone_unavailability: Probability) -> Result<Self, AvailabilityError> {
        if zones == 0 {
            return Err(AvailabilityError::Empty("zone"));
        }
        if zones > MAX_ZONES {
            return Err(AvailabilityError::TooMany { what: "zones", count: zones as u64, limit: MAX_ZONES as u64 });
        }
        let u = zone_unavailability.get();
        let mut probabilities = [0.0; MAX_STATES];
        probabilities[0] = 1.0;
        for zone in 0..zones {
            let half = 1 << zone;
            for state in 0..half {
                probabilities[half + state] = probabilities[state] * (1.0 - u);
                probabilities[state] *= u;
            }
        }
        Ok(Self { zones, probabilities })
    }

    /// The number of zones.
    pub const fn zones(&self) -> usize {
        self.zones
    }

    /// The probability of a state; 0 for one that names a zone there is not.
    pub fn probability(&self, state: ZoneState) -> f64 {
        self.probabilities.get(state.index()).copied().unwrap_or(0.0)
    }

    /// The states in order of [`ZoneState::index`], from all zones down to all zones up.
    pub fn iter(&self) -> impl Iterator<Item = (ZoneState, f64)> + '_ {
        (0_u8..).map(ZoneState).zip(self.probabilities.iter().copied()).take(1 << self.zones)
    }
}

/// Returns the probability that fewer than `needed` instances are up, given which zones are.
///
/// # Formula
///
/// The instances in the zones that are down are down; the others follow [`unavailability`].
///
/// # Accuracy
///
/// As [`unavailability`].
pub fn conditional_unavailability(
    instances_per_zone: &[u64],
    state: ZoneState,
    needed: u64,
    instance_unavailability: Probability,
) -> f64 {
    unavailability(needed, state.instances_left(instances_per_zone), instance_unavailability)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::availability::{FaultModel, zoned_availability};

    fn p(value: f64) -> Probability {
        Probability::new(value).expect("a probability")
    }

    #[test]
    fn the_states_of_two_zones_are_four() {
        let states = ZoneStates::new(2, p(0.25)).expect("two zones");
        let listed: Vec<_> = states.iter().map(|(state, probability)| (state.index(), probability)).collect();
        assert_eq!(listed, [(0, 0.0625), (1, 0.1875), (2, 0.1875), (3, 0.5625)]);
    }

    #[test]
    fn states_sum_to_one_for_every_number_of_zones() {
        for zones in 1..=MAX_ZONES {
            let states = ZoneStates::new(zones, p(0.01)).expect("few zones");
            let sum: f64 = states.iter().map(|(_, probability)| probability).sum();
            assert!((sum - 1.0).abs() < 1e-15);
            assert_eq!(states.iter().count(), 1 << zones);
        }
    }

    #[test]
    fn a_mixture_over_states_is_the_whole_formula() {
        let per_zone = [3, 2, 4];
        let states = ZoneStates::new(3, p(5e-4)).expect("three zones");
        let mixture: f64 = states
            .iter()
            .map(|(state, probability)| probability * conditional_unavailability(&per_zone, state, 5, p(1e-3)))
            .sum();
        let faults = FaultModel {
            instance_unavailability: p(1e-3),
            zone_unavailability: p(5e-4),
            region_unavailability: p(0.0),
        };
        let whole = zoned_availability(&per_zone, 5, faults).expect("an answer").unavailability;
        assert!((mixture - whole).abs() <= 1e-13 * whole);
    }

    #[test]
    fn seven_zones_are_refused() {
        assert_eq!(
            ZoneStates::new(7, p(0.0)).expect_err("refused").to_string(),
            "7 zones are more than the 6 that this formula takes"
        );
    }
}
