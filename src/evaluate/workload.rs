use crate::model::{Resource, System, Workload};

use super::fixed_time;

/// Mean response time of a request that never waits, on the fastest instance type of every tier.
///
/// No deployment answers faster, so no number of users offers more than `N / (Z + R_floor)`. Misses are left out, which
/// only lowers it.
pub fn floor_response_time(system: &System) -> f64 {
    system
        .classes()
        .iter()
        .map(|class| {
            let of_class: f64 = class
                .visits
                .iter()
                .map(|visits| {
                    let tier = &system.tiers()[visits.tier];
                    let service = match &tier.resource {
                        Resource::Managed(managed) => managed.service_time.get(),
                        Resource::Fleet(fleet) => {
                            let fastest = fleet.types.iter().map(|kind| kind.speed).fold(0.0, f64::max);
                            fleet.service_time.get() / fastest
                        }
                    };
                    (visits.reads + visits.writes) * (service + fixed_time(tier))
                })
                .sum();
            class.share.get() * of_class
        })
        .sum()
}

/// The arrival rate that a plan must carry: the highest that the workload can offer, and the headroom beyond it.
pub fn planned_arrival_rate(system: &System) -> f64 {
    design_arrival_rate(system) * (1.0 + system.objectives().headroom)
}

/// The highest arrival rate that the workload can offer whatever the deployment; a plan is sized for it.
///
/// For `N` users it is `N / (Z + R_floor)` with [`floor_response_time`]; waiting only lowers it.
pub fn design_arrival_rate(system: &System) -> f64 {
    match system.workload() {
        Workload::Users { users, think_time } => users / (think_time.get() + floor_response_time(system)),
        Workload::Arrivals { arrival_rate } => arrival_rate.get(),
    }
}

/// The number of users who offer `arrival_rate` when the mean response time is `response_time`: `N = λ·(Z + R)`.
/// `None` for an open workload.
pub fn users_at(system: &System, arrival_rate: f64, response_time: f64) -> Option<f64> {
    match system.workload() {
        Workload::Users { think_time, .. } => Some(arrival_rate * (think_time.get() + response_time)),
        Workload::Arrivals { .. } => None,
    }
}
