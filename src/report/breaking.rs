use crate::evaluate::Evaluation;
use crate::review::Review;

use super::format::{count, percent, rate};

/// What breaks first, and at which load: with nothing lost, then after the loss designed for.
pub fn breaking_lines(plan: &Review) -> Vec<String> {
    let busiest = |evaluation: &Evaluation| {
        evaluation.bottleneck.and_then(|tier| evaluation.tiers.get(tier)).map(|tier| tier.name.clone())
    };
    let mut lines = Vec::new();
    if let Some(tier) = busiest(&plan.normal) {
        let limits = &plan.limits;
        lines.push(format!(
            "With nothing lost the response-time objectives hold up to {}; {tier} breaks first: it is busy all the time \
             at {}{}.",
            load_limit(limits.max_users, limits.max_arrival_rate),
            load_limit(limits.saturation_users, limits.saturation_rate),
            layers_of(&plan.normal),
        ));
    }
    if let (Ok(zone), Ok(design), Some(limits)) = (&plan.zone_lost, &plan.design_loss, plan.limits_zone_lost)
        && zone.overall != design.overall
        && let Some(tier) = busiest(zone)
    {
        lines.push(format!(
            "With the fullest zone lost they hold up to {}; {tier} is the busiest tier then.",
            load_limit(limits.max_users, limits.max_arrival_rate)
        ));
    }
    if let (Ok(evaluation), Some(limits)) = (&plan.design_loss, plan.limits_after_loss)
        && let Some(tier) = busiest(evaluation)
        && evaluation.overall != plan.normal.overall
    {
        lines.push(format!(
            "After the designed loss they hold up to {}; {tier} is the busiest tier then.",
            load_limit(limits.max_users, limits.max_arrival_rate)
        ));
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
    format!(", and its {} saturate first ({} of what each would carry now)", layers.first().name(), loads.join(", "))
}

fn load_limit(users: Option<f64>, arrival_rate: Option<f64>) -> String {
    match (users, arrival_rate) {
        (Some(users), _) => format!("{} users", count(users.floor())),
        (None, Some(per_second)) => format!("{} requests", rate(per_second)),
        (None, None) => "no load at all".to_owned(),
    }
}
