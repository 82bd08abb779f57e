use crate::evaluate::{
    Breakdown, Condition, Prepared, design_arrival_rate, evaluate_at, meets_response_times, objective_shares, users_at,
};
use crate::model::{Deployment, Workload};
use capplan_queueing::numeric::bisect_boundary;

/// Relative width at which a load limit is found.
const LOAD_TOLERANCE: f64 = 1e-6;

/// The largest loads of a deployment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Largest arrival rate at which the response-time objectives hold; `None` where they never do.
    pub max_arrival_rate: Option<f64>,
    /// The number of users who offer it; `None` for an open workload.
    pub max_users: Option<f64>,
    /// Arrival rate at which the first tier is busy all the time; `None` where nothing queues.
    pub saturation_rate: Option<f64>,
    /// Users beyond whom only the response time grows: `N* = λ·(Z + R)` with the response time of an idle system.
    pub saturation_users: Option<f64>,
}

/// The arrival rate at which the busiest tier is busy all the time.
///
/// Flows grow in proportion to the arrival rate, so one evaluation at a low rate gives it; where objects expire the hit
/// ratio changes with the rate, and the boundary of overload is searched.
///
/// # Errors
///
/// [`Breakdown`] when a tier is down.
pub fn saturation_rate(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    condition: Condition,
) -> Result<Option<f64>, Breakdown> {
    let mut probe = design_arrival_rate(prepared.system);
    if probe <= 0.0 {
        probe = 1.0;
    }
    loop {
        match evaluate_at(prepared, deployment, probe, condition) {
            Ok(evaluation) => {
                let busiest = evaluation.bottleneck.and_then(|tier| evaluation.tiers[tier].load());
                let estimate = busiest.filter(|&u| u > 0.0).map(|utilization| probe / utilization);
                if prepared.hits_follow_rate() {
                    return Ok(estimate.and_then(|rate| overload_boundary(prepared, deployment, condition, rate)));
                }
                return Ok(estimate);
            }
            Err(Breakdown::Overloaded { utilization, .. }) => probe *= 0.5 / utilization.max(1.0),
            Err(breakdown) => return Err(breakdown),
        }
    }
}

/// The largest rate near an estimate at which nothing is overloaded.
fn overload_boundary(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    condition: Condition,
    estimate: f64,
) -> Option<f64> {
    /// Largest factor by which misses that change with the load move the boundary.
    const REACH: f64 = 100.0;
    let carries = |rate: f64| objective_shares(prepared, deployment, rate, condition).is_ok();
    bisect_boundary(carries, estimate / REACH, estimate * REACH, LOAD_TOLERANCE / REACH)
}

/// Returns the largest loads of a deployment in a condition.
///
/// # Errors
///
/// [`Breakdown`] when a tier is down.
pub fn limits(prepared: &Prepared<'_>, deployment: &Deployment, condition: Condition) -> Result<Limits, Breakdown> {
    let saturation = saturation_rate(prepared, deployment, condition)?;
    let top = saturation.unwrap_or_else(|| 1e3 * design_arrival_rate(prepared.system).max(1.0));
    let max_arrival_rate = bisect_boundary(
        |rate| meets_response_times(prepared, deployment, rate, condition),
        top * 1e-9,
        top * (1.0 - 1e-9),
        LOAD_TOLERANCE,
    );
    let users = |rate: f64| match prepared.system.workload() {
        Workload::Users { .. } => {
            evaluate_mean(prepared, deployment, rate, condition).and_then(|mean| users_at(prepared.system, rate, mean))
        }
        Workload::Arrivals { .. } => None,
    };
    let idle = evaluate_mean(prepared, deployment, top * 1e-9, condition);
    Ok(Limits {
        max_arrival_rate,
        max_users: max_arrival_rate.and_then(users),
        saturation_rate: saturation,
        saturation_users: saturation.and_then(|rate| users_at(prepared.system, rate, idle?)),
    })
}

fn evaluate_mean(prepared: &Prepared<'_>, deployment: &Deployment, rate: f64, condition: Condition) -> Option<f64> {
    evaluate_at(prepared, deployment, rate, condition).ok().map(|evaluation| evaluation.overall.mean)
}
