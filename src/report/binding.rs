use crate::plan::Missed;
use crate::review::{Binding, Review, ReviewedTier};

use super::format::{count, percent};
use super::summary::shortfall_line;

/// What sets the size of each tier, a line for each that has one.
pub fn binding_lines(plan: &Review) -> Vec<String> {
    plan.tiers.iter().filter_map(|tier| Some(format!("{}: {}", tier.name, binding_text(tier)?))).collect()
}

/// What sets the size of a tier, in words.
pub(super) fn binding_text(tier: &ReviewedTier) -> Option<String> {
    let fewer = tier.instances.map_or(0, |instances| instances.saturating_sub(1));
    let (smaller, missed) = match tier.binding.as_ref()? {
        Binding::LeastAllowed => return Some("the least that the model allows".to_owned()),
        Binding::Count(missed) => (count(f64::from(fewer)), missed),
        Binding::Type { instance_type, missed } => (instance_type.clone(), missed),
    };
    let reason = match &missed.objective {
        Missed::Capacity { tier } => {
            format!("{tier} is overloaded after the designed loss, {}", percent(missed.actual, 0))
        }
        Missed::Survivors { tier } => format!("nothing of {tier} is left after the designed loss"),
        Missed::ResponseTime { .. } => format!("{} after the designed loss", shortfall_line(missed)),
        _ => shortfall_line(missed),
    };
    Some(format!("with {smaller}: {reason}"))
}
