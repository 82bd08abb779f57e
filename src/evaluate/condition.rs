use crate::model::{Choice, Fleet, FleetRole, Redundancy, Standby};

/// The instances lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// Nothing.
    AllUp,
    /// The zone that holds the most instances of each tier.
    ZoneLost,
    /// The loss that the redundancy of each tier is designed for: nothing, one instance, or a zone.
    DesignLoss,
}

/// The instances that are left to serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Survivors {
    /// Instances that serve reads (any visit but writes to a database); 0 for a database that reads from its primary.
    pub serving: u32,
    /// Whether a database still has a primary.
    pub primary: Primary,
    /// Zones that they are spread over.
    pub zones: u32,
}

/// Whether a primary takes writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Primary {
    /// The tier has no primary: it is no database.
    NotApplicable,
    /// The primary, its standby or a promoted replica serves.
    Present,
    /// Nothing can take writes.
    Lost,
}

/// Instances in the fullest of `zones` zones over which `count` instances are spread evenly.
pub const fn largest_zone(count: u32, zones: u32) -> u32 {
    count.div_ceil(zones)
}

/// Instances in each zone when `count` are spread evenly, the fuller zones first.
pub fn per_zone(count: u32, zones: u32) -> Vec<u32> {
    (0..zones).map(|zone| count / zones + u32::from(zone < count % zones)).collect()
}

/// The instances of a choice that are left in a condition.
///
/// A database of count `n` is a primary and `n − 1` replicas. With a standby the primary survives whatever is lost;
/// without one a replica is promoted and no longer serves reads of its own.
pub fn survivors(fleet: &Fleet, choice: Choice, condition: Condition, zones: u32) -> Survivors {
    let lost_of = |count: u32| match (condition, fleet.redundancy) {
        (Condition::AllUp, _) | (Condition::DesignLoss, Redundancy::None) => 0,
        (Condition::DesignLoss, Redundancy::Instance) => 1.min(count),
        (Condition::ZoneLost, _) | (Condition::DesignLoss, Redundancy::Zone) => largest_zone(count, zones),
    };
    let zone_lost =
        matches!((condition, fleet.redundancy), (Condition::ZoneLost, _) | (Condition::DesignLoss, Redundancy::Zone));
    let zones = if zone_lost { zones.saturating_sub(1) } else { zones };
    match &fleet.role {
        FleetRole::Service | FleetRole::Cache(_) => {
            Survivors { serving: choice.count - lost_of(choice.count), primary: Primary::NotApplicable, zones }
        }
        FleetRole::Database(database) => match database.standby {
            Standby::Synchronous => {
                let replicas = choice.count.saturating_sub(1);
                Survivors { serving: replicas - lost_of(replicas), primary: Primary::Present, zones }
            }
            Standby::None => {
                let left = choice.count - lost_of(choice.count);
                let primary = if left == 0 { Primary::Lost } else { Primary::Present };
                Survivors { serving: left.saturating_sub(1), primary, zones }
            }
        },
    }
}
