use serde::Serialize;

use crate::evaluate::TierFigures;
use crate::model::{Deployment, System};
use crate::review::{Cause, Impact, LossKind, Phase, ScenarioReview, Weakness};

/// The answer of `capplan whatif` as `capplan.whatif/1`. Times are seconds after the fault, rates per second.
#[derive(Debug, Serialize)]
pub struct WhatIfJson {
    schema: &'static str,
    model: String,
    users: Option<f64>,
    deployment: &'static str,
    tiers: Vec<TierJson>,
    before: Option<BeforeJson>,
    scenarios: Vec<ScenarioJson>,
    assumptions: Vec<String>,
}

/// What was reviewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deployed {
    /// What runs today.
    Today,
    /// The recommended plan.
    Plan,
}

impl Deployed {
    const fn name(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Plan => "plan",
        }
    }
}

/// The system before the fault.
#[derive(Debug, Serialize)]
struct BeforeJson {
    arrival_rate: f64,
    served_share: f64,
    p50: f64,
    p99: f64,
    objectives_hold: bool,
    tiers: Vec<BeforeTierJson>,
}

#[derive(Debug, Serialize)]
struct BeforeTierJson {
    name: String,
    utilization: Option<f64>,
    load: Option<f64>,
    sojourn_time: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    hit_ratio: Option<f64>,
}

#[derive(Debug, Serialize)]
struct TierJson {
    name: String,
    instance_type: String,
    instances: u32,
}

#[derive(Debug, Serialize)]
pub(in crate::report) struct ScenarioJson {
    name: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(flatten)]
    impact: Option<ImpactJson>,
}

#[derive(Debug, Serialize)]
struct ImpactJson {
    verdict: &'static str,
    lost: Vec<LossJson>,
    breaks_first: Option<WeaknessJson>,
    requests: f64,
    requests_served: f64,
    requests_failed: f64,
    requests_waiting: f64,
    failed: Vec<FailedJson>,
    peak_backlog: f64,
    peak_waiting: f64,
    longest_wait: f64,
    objectives_missed: Option<f64>,
    recovered_after: Option<f64>,
    must_survive: bool,
    survives: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    warm_up: Option<WarmUpJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scale_out: Vec<ScaleOutJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retries: Option<RetryStormJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deployment: Option<RolloutJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    phases: Vec<PhaseJson>,
    method: &'static str,
    exact: bool,
}

#[derive(Debug, Serialize)]
struct LossJson {
    tier: String,
    what: &'static str,
    instances: u32,
    of: u32,
}

#[derive(Debug, Serialize)]
struct WeaknessJson {
    tier: String,
    why: &'static str,
    value: f64,
}

#[derive(Debug, Serialize)]
struct FailedJson {
    cause: &'static str,
    tier: String,
    requests: f64,
}

#[derive(Debug, Serialize)]
struct WarmUpJson {
    tier: String,
    hit_ratio: f64,
    ninety_percent_after: Option<f64>,
}

#[derive(Debug, Serialize)]
struct ScaleOutJson {
    tier: String,
    from: u32,
    wanted: u32,
    max_instances: u32,
}

#[derive(Debug, Serialize)]
struct RolloutJson {
    batches: u32,
    instances_beside: u32,
    duration: f64,
    cost_usd: f64,
}

#[derive(Debug, Serialize)]
struct RetryStormJson {
    capacity: f64,
    worst_attempt_rate: f64,
    vulnerable: bool,
    recovers_below: f64,
    shed_to_recover: f64,
}

#[derive(Debug, Serialize)]
struct PhaseJson {
    name: String,
    start: f64,
    duration: Option<f64>,
    arrival_rate: f64,
    served_rate: f64,
    failed_rate: f64,
    backlog: [f64; 2],
    waiting: [f64; 2],
    backlog_wait: [f64; 2],
    objectives_hold: bool,
    p50: Option<f64>,
    p99: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    breakdown: Option<String>,
    tiers: Vec<PhaseTierJson>,
}

#[derive(Debug, Serialize)]
struct PhaseTierJson {
    name: String,
    load: Option<f64>,
    peak_load: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hit_ratio: Option<f64>,
}

const METHOD: &str = "quasi-stationary phases, fluid backlog";

/// Makes the answer.
pub fn whatif_json(
    system: &System,
    users: Option<f64>,
    deployment: (Deployed, &Deployment),
    reviewed: &[ScenarioReview],
    assumptions: &[String],
) -> WhatIfJson {
    let (deployed, deployment) = deployment;
    let tiers = system.tiers().iter().zip(&deployment.choices).filter_map(|(tier, choice)| {
        let (fleet, choice) = (tier.fleet()?, (*choice)?);
        let instance_type = fleet.types[choice.instance_type].name.clone();
        Some(TierJson { name: tier.name.clone(), instance_type, instances: choice.count })
    });
    WhatIfJson {
        schema: "capplan.whatif/1",
        model: system.name().to_owned(),
        users,
        deployment: deployed.name(),
        tiers: tiers.collect(),
        before: reviewed.iter().find_map(|one| one.outcome.as_ref().ok()).map(before_json),
        scenarios: reviewed.iter().map(|one| scenario_json(one, |impact| phases(system, impact))).collect(),
        assumptions: assumptions.to_vec(),
    }
}

fn before_json(impact: &Impact) -> BeforeJson {
    let found = &impact.before.evaluation;
    let tier = |tier: &TierFigures| BeforeTierJson {
        name: tier.name.clone(),
        utilization: tier.utilization,
        load: tier.load(),
        sojourn_time: tier.sojourn_time,
        hit_ratio: tier.hit_ratio,
    };
    BeforeJson {
        arrival_rate: found.arrival_rate,
        served_share: impact.before.shares.served,
        p50: found.median,
        p99: found.p99,
        objectives_hold: impact.held_before,
        tiers: found.tiers.iter().map(tier).collect(),
    }
}

/// The same without phases, as a part of other answers.
pub(in crate::report) fn scenario_summaries(reviewed: &[ScenarioReview]) -> Vec<ScenarioJson> {
    reviewed.iter().map(|one| scenario_json(one, |_| Vec::new())).collect()
}

fn scenario_json(one: &ScenarioReview, phases: impl Fn(&Impact) -> Vec<PhaseJson>) -> ScenarioJson {
    let impact = one.outcome.as_ref().ok();
    ScenarioJson {
        name: one.scenario.name.clone(),
        kind: one.scenario.kind.name(),
        reason: one.outcome.as_ref().err().map(ToString::to_string),
        impact: impact.map(|impact| impact_json(impact, phases(impact))),
    }
}

fn impact_json(impact: &Impact, phases: Vec<PhaseJson>) -> ImpactJson {
    ImpactJson {
        verdict: impact.verdict.name(),
        lost: impact
            .losses
            .iter()
            .map(|loss| LossJson {
                tier: loss.tier.clone(),
                what: match loss.kind {
                    LossKind::Instances => "instances",
                    LossKind::Primary => "primary",
                    LossKind::Objects => "objects",
                    LossKind::Replaced => "replaced",
                },
                instances: loss.instances,
                of: loss.of,
            })
            .collect(),
        breaks_first: impact.weakness.as_ref().map(weakness_json),
        requests: impact.timeline.arrivals,
        requests_served: impact.timeline.served,
        requests_failed: impact.timeline.failed(),
        requests_waiting: impact.timeline.waiting,
        failed: impact
            .timeline
            .failures
            .iter()
            .map(|failures| FailedJson {
                cause: match failures.cause {
                    Cause::DeadInstance => "dead_instance",
                    Cause::NoPrimary => "no_primary",
                    Cause::NothingLeft => "nothing_left",
                    Cause::Refused => "refused",
                    Cause::TimedOut => "timed_out",
                },
                tier: failures.tier.clone(),
                requests: failures.requests,
            })
            .collect(),
        peak_backlog: impact.peak_backlog,
        peak_waiting: impact.peak_waiting,
        longest_wait: impact.longest_wait,
        objectives_missed: impact.missed_time,
        recovered_after: impact.recovery_time,
        must_survive: impact.scenario.must_survive,
        survives: impact.survives,
        warm_up: impact.timeline.warm_up.as_ref().map(|warm| WarmUpJson {
            tier: warm.tier.clone(),
            hit_ratio: warm.hit_ratio,
            ninety_percent_after: warm.ninety_percent_after,
        }),
        scale_out: impact
            .scale_outs
            .iter()
            .map(|out| ScaleOutJson {
                tier: out.tier.clone(),
                from: out.from,
                wanted: out.wanted,
                max_instances: out.max,
            })
            .collect(),
        retries: impact.retry_storm.map(|storm| RetryStormJson {
            capacity: storm.capacity,
            worst_attempt_rate: storm.worst_attempt_rate,
            vulnerable: storm.is_vulnerable(),
            recovers_below: storm.recovers_below,
            shed_to_recover: storm.shed_to_recover,
        }),
        deployment: impact.rollout.as_ref().map(|rollout| RolloutJson {
            batches: rollout.batches,
            instances_beside: rollout.surge,
            duration: rollout.duration,
            cost_usd: rollout.cost,
        }),
        phases,
        method: METHOD,
        exact: false,
    }
}

fn weakness_json(weakness: &Weakness) -> WeaknessJson {
    let (tier, why, value) = match weakness {
        Weakness::Unreachable { tier, share } => (tier, "unreachable", *share),
        Weakness::Overloaded { tier, load } => (tier, "overloaded", *load),
        Weakness::Refuses { tier, share } => (tier, "refuses", *share),
        Weakness::Slow { tier, utilization } => (tier, "slow", *utilization),
        Weakness::Nearest { tier, utilization } => (tier, "holds", *utilization),
    };
    WeaknessJson { tier: tier.clone(), why, value }
}

fn phases(system: &System, impact: &Impact) -> Vec<PhaseJson> {
    impact.timeline.phases.iter().map(|phase| phase_json(system, phase)).collect()
}

fn phase_json(system: &System, phase: &Phase) -> PhaseJson {
    let times = phase.evaluation.as_ref().ok().map(|found| &found.evaluation);
    let settled = times.filter(|_| phase.backlog == [0.0; 2]);
    PhaseJson {
        name: phase.name.clone(),
        start: phase.start,
        duration: phase.duration,
        arrival_rate: phase.arrival_rate,
        served_rate: phase.served_rate,
        failed_rate: phase.failed_rate,
        backlog: phase.backlog,
        waiting: phase.waiting,
        backlog_wait: phase.backlog_wait,
        objectives_hold: phase.holds,
        p50: settled.map(|times| times.median),
        p99: settled.map(|times| times.p99),
        breakdown: phase.evaluation.as_ref().err().map(ToString::to_string),
        tiers: system
            .tiers()
            .iter()
            .enumerate()
            .map(|(index, tier)| PhaseTierJson {
                name: tier.name.clone(),
                load: phase.load[index],
                peak_load: phase.peak_load[index],
                hit_ratio: phase.hit_ratios[index],
            })
            .collect(),
    }
}

/// The answer of `capplan whatif` where there is nothing to review.
#[derive(Debug, Serialize)]
pub struct NoAnswerJson {
    schema: &'static str,
    model: String,
    users: Option<f64>,
    scenarios: Option<()>,
    reason: String,
}

/// Makes the answer for a system that does not work, or a plan that does not exist.
pub fn no_answer_json(model: &str, users: Option<f64>, reason: &str) -> NoAnswerJson {
    NoAnswerJson {
        schema: "capplan.whatif/1",
        model: model.to_owned(),
        users,
        scenarios: None,
        reason: reason.to_owned(),
    }
}
