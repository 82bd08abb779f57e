use crate::model::{ResponseObjective, System};
use crate::review::Review;
use crate::sweep::Point;

use super::format::{availability, count, downtime_per_year, duration, money, significant, significant_percent};

/// A load in words: users and requests per second.
fn load(users: Option<f64>, arrival_rate: f64) -> String {
    let requests = format!("{} requests/s", significant(arrival_rate));
    users.map_or_else(|| requests.clone(), |users| format!("{} users, {requests}", count(users)))
}

/// What a point is about: the system, its load and what was varied.
pub(super) fn title(point: &Point) -> String {
    let values: Vec<String> = point.variation.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    let variation = if values.is_empty() { String::new() } else { format!(" with {}", values.join(", ")) };
    let rate = point.recommendation.as_ref().map_or(point.design_rate, |plan| plan.normal.arrival_rate);
    format!("{}{variation}: {}", point.system.name(), load(point.users, rate))
}

/// The recommendation of a point in a few lines.
pub(super) fn plan_lines(point: &Point, plan: &Review) -> Vec<String> {
    let search = format!(
        "cheapest of {} candidates: {} evaluated in full, the others ruled out by bounds",
        count(point.outcome.points as f64),
        count(point.outcome.evaluated.len() as f64)
    );
    [title(point)].into_iter().chain(cost_and_availability(&point.system, plan)).chain([search]).collect()
}

/// The load and the answer for a deployment that is given.
pub(super) fn evaluation_lines(system: &System, users: Option<f64>, plan: &Review) -> Vec<String> {
    let title = format!("{}: {}", system.name(), load(users, plan.normal.arrival_rate));
    [title].into_iter().chain(cost_and_availability(system, plan)).collect()
}

/// What a deployment costs, how much of the time it is up, and how much of the time it is fast enough.
fn cost_and_availability(system: &System, plan: &Review) -> Vec<String> {
    let down = plan.availability.unavailability;
    let up = format!(
        "{} USD a month, {} available ({} down a year)",
        money(plan.price.monthly_usd()),
        availability(down),
        downtime_per_year(down),
    );
    let objectives = &system.objectives().response_times;
    let within = |(objective, &within): (&ResponseObjective, &f64)| {
        let (share, limit) = (significant_percent(within), duration(objective.limit.get()));
        objective.class.is_none().then(|| format!("{share} of requests finish within {limit}"))
    };
    let requests = objectives.iter().zip(&plan.performability.requests_within).filter_map(within);
    let fast = (!objectives.is_empty()).then(|| {
        let time = availability(plan.performability.time_outside);
        let met = format!("including failures, response-time objectives are met {time} of the time");
        [met].into_iter().chain(requests).collect::<Vec<_>>().join(", ")
    });
    [up].into_iter().chain(fast).collect()
}
