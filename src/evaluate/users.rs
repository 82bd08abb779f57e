use crate::model::{Deployment, Resource, System, Workload};
use capplan_queueing::numeric::{RootError, find_root};

use super::steady_state::SteadyState;
use super::{Breakdown, Condition, Evaluation, FormulaError, Prepared, Situation, evaluate_at, fixed_time};

/// Relative width at which the arrival rate of a number of users is found.
const RATE_TOLERANCE: f64 = 1e-12;

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

/// The highest arrival rate that the workload can offer, whatever the deployment: what a plan is sized for.
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

/// Relative shortfall of users, and distance from full servers, that tells a limit without a queue from a queue.
const WALL: f64 = 1e-3;

/// The arrival rate that the workload offers to a deployment in a condition.
///
/// # Formula
///
/// Users: the root of `N = λ·(Z + R(λ))`, an open model at the rate of the closed one; it agrees with the exact
/// closed network for many users and overstates queueing near saturation for few.
///
/// # Errors
///
/// [`Breakdown`] when an open workload overloads a tier, a tier is down, or users meet a limit without a queue: the I/O of
/// a database's storage, or the requests that a managed service takes.
pub fn offered_rate(prepared: &Prepared<'_>, deployment: &Deployment, condition: Condition) -> Result<f64, Breakdown> {
    workload_rate(prepared, 1.0, |rate| {
        Situation::at(prepared, deployment, condition, rate)?.solve(prepared, deployment, rate)
    })
}

/// The arrival rate at which `factor` times the workload and what `solve` says of the system agree.
pub(super) fn workload_rate(
    prepared: &Prepared<'_>,
    factor: f64,
    solve: impl Fn(f64) -> Result<SteadyState, Breakdown>,
) -> Result<f64, Breakdown> {
    let most = design_arrival_rate(prepared.system) * factor;
    let Workload::Users { users, think_time } = prepared.system.workload() else { return Ok(most) };
    let users = users * factor;
    // A tier that is down is so at any load; a tier that is overloaded pushes back until the users wait.
    if let Err(down @ (Breakdown::Down { .. } | Breakdown::Unsolved { .. })) = solve(most * 1e-9) {
        return Err(down);
    }
    let surplus = |rate: f64| {
        if rate <= 0.0 {
            return -users;
        }
        match solve(rate) {
            Ok(steady) => rate * (think_time.get() + steady.response_time(prepared, rate)) - users,
            Err(_) => f64::INFINITY,
        }
    };
    // Requests that fail early may leave the users short even at the highest rate, which then is the offered one.
    let rate = match find_root(surplus, 0.0, most * (1.0 + 1e-9), RATE_TOLERANCE) {
        Ok(rate) => rate,
        Err(RootError::NotBracketed { .. }) => most,
        Err(error) => return Err(Breakdown::unsolved(prepared.system.name(), error)),
    };
    // Where servers are short the users wait until they fit; a limit without a queue turns them away and nobody waits.
    let (mut below, mut steady) = (rate, solve(rate));
    for _ in 0..64 {
        if !matches!(steady, Err(Breakdown::Overloaded { .. })) {
            break;
        }
        below *= 1.0 - 1e-12;
        steady = solve(below);
    }
    let busy = |steady: &SteadyState| steady.states.iter().filter_map(|state| state.utilization).fold(0.0, f64::max);
    match steady {
        Ok(steady)
            if below * (think_time.get() + steady.response_time(prepared, below)) < users * (1.0 - WALL)
                && busy(&steady) < 1.0 - WALL =>
        {
            let unsolved = || Breakdown::unsolved(prepared.system.name(), FormulaError::Users { users });
            Err(solve(most).err().unwrap_or_else(unsolved))
        }
        _ => Ok(rate),
    }
}

/// Evaluates a deployment under the system's workload.
///
/// # Errors
///
/// [`Breakdown`] when a tier is overloaded or down.
pub fn evaluate(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    condition: Condition,
) -> Result<Evaluation, Breakdown> {
    let rate = offered_rate(prepared, deployment, condition)?;
    on_the_stable_side(prepared, rate, |rate| evaluate_at(prepared, deployment, rate, condition))
}

/// Evaluates at a root that may stand on the overloaded side of its last interval.
pub(super) fn on_the_stable_side<T>(
    prepared: &Prepared<'_>,
    mut rate: f64,
    evaluate: impl Fn(f64) -> Result<T, Breakdown>,
) -> Result<T, Breakdown> {
    for _ in 0..64 {
        match evaluate(rate) {
            Err(Breakdown::Overloaded { .. }) if matches!(prepared.system.workload(), Workload::Users { .. }) => {
                rate *= 1.0 - 1e-12;
            }
            outcome => return outcome,
        }
    }
    evaluate(rate)
}
