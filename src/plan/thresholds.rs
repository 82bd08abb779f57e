use crate::evaluate::{Breakdown, Condition, OneTier, Prepared, meets_response_times};
use crate::model::Deployment;
use capplan_queueing::numeric::bisect_boundary;

use super::saturation_rate;

/// Relative width at which a threshold is found.
const THRESHOLD_TOLERANCE: f64 = 1e-4;

/// The most counts that a table of thresholds shows.
const MOST_ROWS: u32 = 40;

/// The rule of thumb that plans are compared with: scale out above 70 %, in below 20 %.
pub const RULE_OUT: f64 = 0.70;
/// See [`RULE_OUT`].
pub const RULE_IN: f64 = 0.20;

/// The utilizations at which a tier must scale.
#[derive(Debug, Clone, PartialEq)]
pub struct TierThresholds {
    /// Index of the tier.
    pub tier: usize,
    /// Planned count.
    pub count: u32,
    /// Scale out at this utilization: the highest at which the objectives still hold after the loss designed for.
    pub scale_out_at: Option<f64>,
    /// Scale in below this utilization.
    pub scale_in_at: Option<f64>,
    /// Least count: carries the lowest load of the day.
    pub min_count: Option<u32>,
    /// Largest count: carries the highest load to be prepared for; `None` beyond the range of the model.
    pub max_count: Option<u32>,
    /// Thresholds at other counts, rising.
    pub rows: Vec<ThresholdRow>,
    /// Verdict on the rule of thumb.
    pub rule: RuleVerdict,
}

/// Thresholds at one count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThresholdRow {
    /// Instances.
    pub count: u32,
    /// Scale out at this utilization.
    pub scale_out_at: Option<f64>,
    /// Scale in below this utilization; `None` where one instance fewer cannot carry any load.
    pub scale_in_at: Option<f64>,
    /// The largest load, as a share of the planned one.
    pub largest_load: f64,
}

/// Verdict on scaling out above 70 % and in below 20 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RuleVerdict {
    /// It keeps the objectives and wastes little.
    Safe,
    /// It keeps the objectives but runs more instances than needed.
    Wasteful {
        /// Instances that 70 % would run at the planned load, where it runs more than planned.
        instances: u32,
        /// The utilization below which removing an instance is safe, against the rule's 20 %.
        scale_in_at: Option<f64>,
    },
    /// At 70 % a loss already breaks the objectives.
    Unsafe {
        /// Utilization after the loss when it stood at 70 % before; at least 1 is overload.
        utilization_after_loss: Option<f64>,
    },
}

/// Returns the thresholds of one tier of a deployment.
///
/// # Method
///
/// First the largest load `λ*` at which the objectives hold after the loss that each tier is designed for. At that
/// load every tier stands at its scale-out point. For another count of the tier the others stay at `λ*`, and the load
/// of the tier alone is raised until the objectives break. Scale-in: the load at which one instance fewer would stand
/// at its scale-out point less the margin.
///
/// # Errors
///
/// [`Breakdown`] when the deployment has no steady state at any load.
pub fn thresholds(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    tier: usize,
    planned_rate: f64,
) -> Result<Option<TierThresholds>, Breakdown> {
    let system = prepared.system;
    let (Some(fleet), Some(choice)) = (system.tiers()[tier].fleet(), deployment.choices[tier]) else { return Ok(None) };
    let scaling = system.scaling();
    let top = saturation_rate(prepared, deployment, Condition::DesignLoss)?.unwrap_or(planned_rate * 1e3);
    let largest = bisect_boundary(
        |rate| meets_response_times(prepared, deployment, rate, Condition::DesignLoss),
        top * 1e-6,
        top * (1.0 - 1e-9),
        THRESHOLD_TOLERANCE * 1e-2,
    );
    let Some(largest) = largest else { return Ok(None) };
    let others = OneTier::new(prepared, deployment, tier, largest, Condition::DesignLoss)?;
    // The largest load of the tier with `count` instances, in units of its load at λ*.
    let scale_of = |count: u32| -> f64 {
        if count == choice.count {
            return 1.0;
        }
        let mut high = 2.0 * f64::from(count) / f64::from(choice.count);
        while others.holds(count, high) && high < 1e6 {
            high *= 2.0;
        }
        bisect_boundary(|scale| others.holds(count, scale), 1e-9, high, THRESHOLD_TOLERANCE).unwrap_or(0.0)
    };
    let row = |count: u32| -> ThresholdRow {
        let scale = scale_of(count);
        let fewer = if count > 1 { scale_of(count - 1) } else { 0.0 };
        ThresholdRow {
            count,
            scale_out_at: (scale > 0.0).then(|| others.utilization(count, scale)).flatten(),
            scale_in_at: (fewer > 0.0)
                .then(|| others.utilization(count, fewer.min(scale) * (1.0 - scaling.margin)))
                .flatten(),
            largest_load: scale * largest / planned_rate,
        }
    };
    let enough = |load: f64| {
        let target = load * planned_rate / largest;
        least_count(fleet.counts.min, fleet.counts.max, |count| scale_of(count) >= target)
    };
    let (min_count, max_count) = (enough(scaling.trough), enough(scaling.surge));
    let planned = row(choice.count);
    let first = min_count.unwrap_or(choice.count).min(choice.count);
    let last = max_count.unwrap_or(fleet.counts.max).max(choice.count);
    let step = (last - first) / MOST_ROWS + 1;
    let mut counts: Vec<u32> = (first..=last).step_by(step as usize).chain([choice.count, last]).collect();
    counts.sort_unstable();
    counts.dedup();
    let rows = counts.into_iter().map(|count| if count == choice.count { planned } else { row(count) }).collect();
    let rule = rule_of_thumb(&others, choice.count, &planned, planned_rate / largest);
    Ok(Some(TierThresholds {
        tier,
        count: choice.count,
        scale_out_at: planned.scale_out_at,
        scale_in_at: planned.scale_in_at,
        min_count,
        max_count,
        rows,
        rule,
    }))
}

/// The least count of a range for which `enough` holds; it holds for all above, or nearly: rounding over zones may
/// make one more instance lose one more.
fn least_count(min: u32, max: u32, enough: impl Fn(u32) -> bool) -> Option<u32> {
    if !enough(max) {
        return None;
    }
    let (mut low, mut high) = (min, max);
    while low < high {
        let middle = u32::midpoint(low, high);
        if enough(middle) { high = middle } else { low = middle + 1 }
    }
    Some(high)
}

fn rule_of_thumb(others: &OneTier<'_>, count: u32, planned: &ThresholdRow, planned_scale: f64) -> RuleVerdict {
    let Some(scale_out_at) = planned.scale_out_at else {
        return RuleVerdict::Unsafe { utilization_after_loss: None };
    };
    if scale_out_at < RULE_OUT {
        // Utilization is in proportion to the load; at λ* it is the scale-out point.
        let utilization_after_loss = others.utilization_after_loss(count, RULE_OUT / scale_out_at);
        return RuleVerdict::Unsafe { utilization_after_loss };
    }
    let at_plan = others.utilization(count, planned_scale).unwrap_or(scale_out_at);
    let wanted = (f64::from(count) * at_plan / RULE_OUT).ceil();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count times a ratio near 1")]
    let instances = wanted as u32;
    let late = planned.scale_in_at.is_some_and(|threshold| threshold > 1.5 * RULE_IN);
    if instances > count || late {
        RuleVerdict::Wasteful { instances, scale_in_at: planned.scale_in_at }
    } else {
        RuleVerdict::Safe
    }
}
