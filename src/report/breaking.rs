use crate::evaluate::Evaluation;
use crate::plan::Limits;
use crate::review::Review;

use super::format::{count, percent, rate};
use super::response::is_designed_for_zone_loss;

/// What breaks first, and at which load: with everything up, then after losses.
pub(super) fn breaking_lines(plan: &Review) -> Vec<String> {
    let busiest = |evaluation: &Evaluation| Some(evaluation.tiers.get(evaluation.bottleneck?)?.name.clone());
    let mut lines = Vec::new();
    if let Some(tier) = busiest(&plan.normal) {
        let limits = &plan.limits;
        lines.push(format!(
            "With everything up, the response-time objectives hold up to {}; {tier} is the bottleneck and saturates at {}{}.",
            load_limit(limits.max_users, limits.max_arrival_rate),
            load_limit(limits.saturation_users, limits.saturation_rate),
            layers_of(&plan.normal),
        ));
    }
    let mut after = |state: &str, evaluation: &Evaluation, limits: Option<Limits>| {
        if let (Some(limits), Some(tier)) = (limits, busiest(evaluation)) {
            let limit = load_limit(limits.max_users, limits.max_arrival_rate);
            lines.push(format!("{state}, they hold up to {limit}; the bottleneck is then {tier}."));
        }
    };
    if let (Ok(zone), Ok(_)) = (&plan.zone_lost, &plan.design_loss)
        && !is_designed_for_zone_loss(plan)
    {
        after("With the fullest zone lost", zone, plan.limits_zone_lost);
    }
    if let Ok(evaluation) = &plan.design_loss
        && evaluation.overall != plan.normal.overall
    {
        after("After the designed loss", evaluation, plan.limits_after_loss);
    }
    lines
}

/// Which layer of the busiest tier saturates first, where it has several.
fn layers_of(evaluation: &Evaluation) -> String {
    let Some(layers) = evaluation.bottleneck.and_then(|tier| evaluation.tiers[tier].layers) else {
        return String::new();
    };
    let share = |name: &str, load: Option<f64>| load.map(|load| format!("{name} {}", percent(load, 0)));
    let loads: Vec<String> = [
        share("servers", Some(layers.servers)),
        share("workers", layers.workers),
        share("connections", layers.connections),
    ]
    .into_iter()
    .flatten()
    .collect();
    format!("; its {} saturate first (load now: {} of capacity)", layers.first().name(), loads.join(", "))
}

fn load_limit(users: Option<f64>, arrival_rate: Option<f64>) -> String {
    match (users, arrival_rate) {
        (Some(users), _) => format!("{} users", count(users.floor())),
        (None, Some(per_second)) => format!("{} requests", rate(per_second)),
        (None, None) => "no load at all".to_owned(),
    }
}
