use crate::plan::{RULE_IN, RULE_OUT, RuleVerdict, TierThresholds};

use super::format::{count, percent};

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
        RuleVerdict::Safe => format!("{out_at} keeps the objectives after a loss and wastes little"),
        RuleVerdict::Wasteful { instances, scale_in_at } => {
            let mut reasons = Vec::new();
            if instances > thresholds.count {
                reasons.push(format!(
                    "at the planned load {out_at} runs {} instances where {} are enough",
                    count(f64::from(instances)),
                    count(f64::from(thresholds.count))
                ));
            }
            if let Some(threshold) = scale_in_at {
                reasons.push(format!("it waits for {in_at} where an instance can go below {}", percent(threshold, 0)));
            }
            reasons.join("; ")
        }
        RuleVerdict::Unsafe { utilization_after_loss } => match utilization_after_loss {
            Some(after) if after >= 1.0 => {
                format!("the designed loss takes it from {out_at} to {} of its capacity: overload", percent(after, 0))
            }
            Some(after) => format!(
                "from {out_at} the designed loss leaves it {} busy, too slow for the objectives",
                percent(after, 0)
            ),
            None => "nothing is left after the designed loss".to_owned(),
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
