use crate::model::{Choice, Fleet, FleetRole, Managed, Resource, Routing, Tier};
use crate::queues::{Dispatch, Mgc, QueueError, ServiceLaw, SojournLaw, dispatched};
use crate::units::{ArrivalRate, Servers, ServiceRate};

use super::condition::Primary;
use super::{Breakdown, Method, Survivors};

/// The laws of a visit to a tier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TierLaws {
    /// A visit that any instance can serve.
    pub read: SojournLaw,
    /// A visit that only the primary of a database can serve; equal to `read` elsewhere.
    pub write: SojournLaw,
}

/// A tier under a flow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TierState {
    /// How long visits take.
    pub laws: TierLaws,
    /// Busy share of the busiest servers; `None` where nothing queues.
    pub utilization: Option<f64>,
    /// Mean wait of a read if all servers that share the load had one queue.
    pub pooled_waiting_time: Option<f64>,
    /// Servers that serve reads.
    pub servers: Option<u64>,
    /// How the figures were computed.
    pub method: Method,
}

/// Fixed time of one visit to a tier.
pub fn fixed_time(tier: &Tier) -> f64 {
    let managed = match &tier.resource {
        Resource::Managed(managed) => managed.fixed_time.get(),
        Resource::Fleet(_) => 0.0,
    };
    tier.round_trip.get() + managed
}

/// Solves one tier.
///
/// # Errors
///
/// [`Breakdown::Overloaded`] and [`Breakdown::Down`].
pub fn tier_state(
    tier: &Tier,
    choice: Option<Choice>,
    left: Survivors,
    reads: f64,
    writes: f64,
) -> Result<TierState, Breakdown> {
    match (&tier.resource, choice) {
        (Resource::Managed(managed), _) => Ok(managed_state(managed)),
        (Resource::Fleet(fleet), Some(choice)) => fleet_state(tier, fleet, choice, left, reads, writes),
        (Resource::Fleet(_), None) => Err(Breakdown::Down { tier: tier.name.clone() }),
    }
}

fn managed_state(managed: &Managed) -> TierState {
    let service = ServiceLaw::from_moments(managed.service_time.get(), managed.service_scv);
    let law = SojournLaw::without_waiting(service);
    TierState {
        laws: TierLaws { read: law, write: law },
        utilization: None,
        pooled_waiting_time: None,
        servers: None,
        method: Method::Delay,
    }
}

fn fleet_state(
    tier: &Tier,
    fleet: &Fleet,
    choice: Choice,
    left: Survivors,
    reads: f64,
    writes: f64,
) -> Result<TierState, Breakdown> {
    let down = || Breakdown::Down { tier: tier.name.clone() };
    let method = if fleet.service_scv == 1.0 { Method::Mmc } else { Method::Mgc };
    let solve = |rate: f64, instances: u32, routing: Routing| solve(tier, fleet, choice, rate, instances, routing);
    let per_instance = fleet.types[choice.instance_type].servers.get();
    let state = |read: Mgc, write: Mgc, instances: u32| {
        let pooled = solve(reads, instances, Routing::SharedQueue).ok();
        TierState {
            laws: TierLaws { read: *read.sojourn_law(), write: *write.sojourn_law() },
            utilization: Some(read.exponential().utilization().max(write.exponential().utilization())),
            pooled_waiting_time: pooled.map(|queue| queue.sojourn_law().waiting_time()),
            servers: Some(per_instance * u64::from(instances)),
            method,
        }
    };
    match left.primary {
        Primary::Lost => Err(down()),
        Primary::NotApplicable if left.serving == 0 => Err(down()),
        Primary::NotApplicable => {
            let queue = solve(reads, left.serving, fleet.routing)?;
            Ok(state(queue, queue, left.serving))
        }
        Primary::Present if left.serving == 0 => {
            let queue = solve(reads + writes, 1, Routing::SharedQueue)?;
            let mut alone = state(queue, queue, 1);
            alone.pooled_waiting_time = Some(queue.sojourn_law().waiting_time());
            Ok(alone)
        }
        Primary::Present => {
            let primary = solve(writes, 1, Routing::SharedQueue)?;
            let replicas = solve(reads, left.serving, fleet.routing)?;
            Ok(state(replicas, primary, left.serving))
        }
    }
}

fn solve(
    tier: &Tier,
    fleet: &Fleet,
    choice: Choice,
    rate: f64,
    instances: u32,
    routing: Routing,
) -> Result<Mgc, Breakdown> {
    let kind = &fleet.types[choice.instance_type];
    let unsolved = |reason: String| Breakdown::Unsolved { tier: tier.name.clone(), reason };
    let service_rate =
        ServiceRate::new(kind.speed / fleet.service_time.get()).map_err(|error| unsolved(error.to_string()))?;
    let arrivals = ArrivalRate::new(rate).map_err(|error| unsolved(error.to_string()))?;
    let instances = Servers::new(u64::from(instances)).map_err(|error| unsolved(error.to_string()))?;
    let dispatch = match routing {
        Routing::SharedQueue => Dispatch::SharedQueue,
        Routing::Random => Dispatch::Random,
    };
    dispatched(arrivals, service_rate, kind.servers, instances, fleet.service_scv, dispatch).map_err(
        |error| match error {
            QueueError::Unstable { offered_load, servers } => Breakdown::Overloaded {
                tier: tier.name.clone(),
                utilization: offered_load.get() / servers.get() as f64,
            },
            QueueError::Domain { .. } => unsolved(error.to_string()),
        },
    )
}

/// Whether a fleet is a cache, whose laws do not depend on what it holds.
impl TierLaws {
    /// Whether every visit takes stochastically at most as long as under `other`.
    pub fn at_most(&self, other: &Self) -> bool {
        self.read.at_most(&other.read) && self.write.at_most(&other.write)
    }
}

/// Least number of serving instances of a type that carries a flow: utilization below 1.
pub(super) fn least_instances(fleet: &Fleet, choice: Choice, rate: f64) -> u64 {
    let kind = &fleet.types[choice.instance_type];
    let load = rate * fleet.service_time.get() / kind.speed / kind.servers.get() as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive float; saturates")]
    let count = load.floor() as u64;
    count.saturating_add(1)
}

/// Whether a fleet is a database.
pub(super) const fn is_database(fleet: &Fleet) -> bool {
    matches!(fleet.role, FleetRole::Database(_))
}
