use crate::plan::{RULE_IN, RULE_OUT, RuleVerdict, TierThresholds};
use crate::review::Review;

use super::format::{count, percent};

/// What the lines of [`rule_lines`] are.
pub(super) const RULE_HEADING: &str = "Rule of thumb (scale out above 70 %, in below 20 %):";

/// What the rule of thumb would do to each tier that scales, and why.
pub(super) fn rule_lines(plan: &Review) -> Vec<String> {
    let line = |text: RuleText| format!("{}: {}", text.word, text.reason);
    let tiers = plan.tiers.iter().filter_map(|tier| Some((&tier.name, rule_text(tier.thresholds.as_ref()?))));
    tiers.map(|(name, text)| format!("{name}: {}", line(text))).collect()
}

/// What the rule of thumb does to a tier, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleText {
    /// `safe`, `wasteful` or `unsafe`.
    pub word: &'static str,
    /// Why.
    pub reason: String,
}

/// Says what scaling out above 70 % and in below 20 % does to a tier, and why.
pub fn rule_text(thresholds: &TierThresholds) -> RuleText {
    let (out_at, in_at) = (percent(RULE_OUT, 0), percent(RULE_IN, 0));
    let reason = match thresholds.rule {
        RuleVerdict::Safe => {
            format!("at {out_at} the objectives still hold after the designed loss, with little to spare")
        }
        RuleVerdict::Wasteful { instances, scale_in_at } => {
            let mut reasons = Vec::new();
            if instances > thresholds.count {
                reasons.push(format!(
                    "at the planned load {out_at} means {} instances where {} are enough",
                    count(f64::from(instances)),
                    count(f64::from(thresholds.count))
                ));
            }
            if let Some(threshold) = scale_in_at {
                reasons.push(format!("an instance can go at {} already, not only at {in_at}", percent(threshold, 0)));
            }
            reasons.join("; ")
        }
        RuleVerdict::Unsafe { utilization_after_loss } => match utilization_after_loss {
            Some(after) if after >= 1.0 => {
                format!("the designed loss takes it from {out_at} to {} of its capacity: overload", percent(after, 0))
            }
            Some(after) => format!(
                "the designed loss takes it from {out_at} to {} utilization: too slow for the objectives",
                percent(after, 0)
            ),
            None => "no instance is left after the designed loss".to_owned(),
        },
    };
    RuleText { word: rule_name(&thresholds.rule), reason }
}

/// One word for what the rule of thumb would do.
pub const fn rule_name(rule: &RuleVerdict) -> &'static str {
    match rule {
        RuleVerdict::Safe => "safe",
        RuleVerdict::Wasteful { .. } => "wasteful",
        RuleVerdict::Unsafe { .. } => "unsafe",
    }
}
