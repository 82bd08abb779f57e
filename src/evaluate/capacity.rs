use crate::model::{Choice, Fleet, Resource, Tier};

use super::Survivors;
use super::condition::Primary;

/// Returns the requests per second at which a tier is busy all the time.
///
/// # Formula
///
/// ```text
/// min over its stations of  instances·servers·speed/(S·v)
/// ```
///
/// with the service time `S` and `v` visits of a request, reads and writes apart where a database has replicas for its
/// reads.
///
/// `None` where nothing queues: a managed service, or a tier that nobody visits. 0 when nothing is left of the tier.
///
/// # Units
///
/// `reads` and `writes` are visits of a request, on average.
pub fn tier_capacity(tier: &Tier, choice: Option<Choice>, left: Survivors, reads: f64, writes: f64) -> Option<f64> {
    let Resource::Fleet(fleet) = &tier.resource else { return None };
    let choice = choice?;
    let limit = |instances: u32, visits: f64| (visits > 0.0).then(|| visit_capacity(fleet, choice, instances) / visits);
    match left.primary {
        Primary::Lost => (reads + writes > 0.0).then_some(0.0),
        Primary::NotApplicable => limit(left.serving, reads),
        Primary::Present if left.serving == 0 => limit(1, reads + writes),
        Primary::Present => match (limit(left.serving, reads), limit(1, writes)) {
            (Some(replicas), Some(primary)) => Some(replicas.min(primary)),
            (one, other) => one.or(other),
        },
    }
}

/// Visits per second that instances can serve.
fn visit_capacity(fleet: &Fleet, choice: Choice, instances: u32) -> f64 {
    let kind = &fleet.types[choice.instance_type];
    f64::from(instances) * kind.servers.get() as f64 * kind.speed / fleet.service_time.get()
}
