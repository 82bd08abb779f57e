use crate::model::{Deployment, Workload};
use capplan_queueing::numeric::{RootError, find_root};

use super::steady_state::SteadyState;
use super::{Breakdown, Condition, FormulaError, Prepared, Situation, design_arrival_rate};

/// Relative width at which the arrival rate of a number of users is found.
const RATE_TOLERANCE: f64 = 1e-12;

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

impl Situation {
    /// The tiers after the loss of a condition, with the hit ratios at the rate that the workload offers.
    ///
    /// # Errors
    ///
    /// As [`Situation::at`].
    pub fn of(prepared: &Prepared<'_>, deployment: &Deployment, condition: Condition) -> Result<Self, Breakdown> {
        let arrival_rate = if prepared.hits_follow_rate() {
            offered_rate(prepared, deployment, condition)?
        } else {
            design_arrival_rate(prepared.system)
        };
        Self::at(prepared, deployment, condition, arrival_rate)
    }
}

/// The arrival rate at which `factor` times the workload agrees with the response time that `solve` gives.
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
            let unsolved = || Breakdown::Unsolved {
                tier: prepared.system.name().to_owned(),
                source: FormulaError::Users { users },
            };
            Err(solve(most).err().unwrap_or_else(unsolved))
        }
        _ => Ok(rate),
    }
}

/// Evaluates at a root that may lie on the overloaded side of its last interval.
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
