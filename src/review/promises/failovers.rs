use crate::evaluate::{Breakdown, Flow};
use crate::model::{Choice, DatabaseRole, Deployment, Fleet, FleetRole, Reliability, Standby, System};
use capplan_queueing::availability::{
    FailoverAvailability, FailoverPair, LostWrites, ReplicationLag, failover_availability, lost_writes,
    unreplicated_availability,
};
use capplan_queueing::units::{ArrivalRate, Probability, Seconds};

/// Replacement of a failed primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Successor {
    /// A synchronous standby.
    Standby,
    /// A read replica, which lags behind.
    Replica,
    /// Nothing: the primary is restored.
    Nothing,
}

impl Successor {
    /// The name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standby => "standby",
            Self::Replica => "replica",
            Self::Nothing => "none",
        }
    }
}

/// Failover of a database whose primary fails, by itself or with its zone. Times in seconds, rates per second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DatabaseFailover {
    /// Index of the tier.
    pub tier: usize,
    /// What takes over.
    pub successor: Successor,
    /// With something that takes over, whether there is or not.
    pub replicated: FailoverAvailability,
    /// With nothing that takes over, whether there is or not.
    pub alone: FailoverAvailability,
    /// Writes per second.
    pub write_rate: f64,
    /// Writes that were acknowledged and are lost in a failover; `None` unless a replica takes over.
    pub lost_writes: Option<LostWrites>,
}

impl DatabaseFailover {
    /// As the deployment is.
    pub const fn actual(&self) -> FailoverAvailability {
        match self.successor {
            Successor::Standby | Successor::Replica => self.replicated,
            Successor::Nothing => self.alone,
        }
    }
}

/// The failover of every database of a deployment.
///
/// # Method
///
/// [`failover_availability`] with every failover covered and the whole `failover_time` of the model as its promotion;
/// a node fails with its instance or its zone, and is back after the mean of their repair times, weighed by how often each
/// fails; with both lost the first of the two is. Replication lags are exponential.
///
/// # Errors
///
/// [`Breakdown::Unsolved`] with the name of the database.
pub(super) fn failovers(
    system: &System,
    deployment: &Deployment,
    flows: &[Flow],
) -> Result<Vec<DatabaseFailover>, Breakdown> {
    let mut failovers = Vec::new();
    for (index, (tier, choice)) in system.tiers().iter().zip(&deployment.choices).enumerate() {
        let (Some(fleet), Some(choice)) = (tier.fleet(), choice) else { continue };
        if let FleetRole::Database(role) = &fleet.role {
            let found = of_database(index, fleet, role, *choice, system.region().zone, flows[index].writes);
            failovers.push(found.map_err(|error| Breakdown::unsolved(&tier.name, error))?);
        }
    }
    Ok(failovers)
}

fn of_database(
    tier: usize,
    fleet: &Fleet,
    role: &DatabaseRole,
    choice: Choice,
    zone: Reliability,
    write_rate: f64,
) -> Result<DatabaseFailover, capplan_queueing::Error> {
    let (mtbf, mttr) = node(fleet.instance, zone)?;
    let pair = FailoverPair {
        primary_mtbf: mtbf,
        replica_mtbf: mtbf,
        coverage: Probability::ONE,
        detection: Seconds::new(0.0)?,
        promotion: role.failover_time,
        manual_recovery: Seconds::new(0.0)?,
        rebuild: mttr,
        // The first of two that are being repaired.
        restore_both: Seconds::new(0.5 * mttr.get())?,
    };
    let successor = match role.standby {
        Standby::Synchronous => Successor::Standby,
        Standby::None if choice.count > 1 => Successor::Replica,
        Standby::None => Successor::Nothing,
    };
    let lag = ReplicationLag::Exponential(role.replication_lag);
    let lost = || Ok::<_, capplan_queueing::Error>(lost_writes(ArrivalRate::new(write_rate)?, lag)?);
    Ok(DatabaseFailover {
        tier,
        successor,
        replicated: failover_availability(&pair)?,
        alone: unreplicated_availability(mtbf, mttr)?,
        write_rate,
        lost_writes: (successor == Successor::Replica).then(lost).transpose()?,
    })
}

/// Mean times to failure and to repair of a node that fails by itself or with its zone.
fn node(instance: Reliability, zone: Reliability) -> Result<(Seconds, Seconds), capplan_queueing::Error> {
    let (own, common) = (1.0 / instance.mtbf(), 1.0 / zone.mtbf());
    let rate = own + common;
    let repair = (own * instance.mttr() + common * zone.mttr()) / rate;
    Ok((Seconds::new(1.0 / rate)?, Seconds::new(repair)?))
}
