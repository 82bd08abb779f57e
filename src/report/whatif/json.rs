use serde::Serialize;

use crate::evaluate::TierFigures;
use crate::model::{Deployment, System};
use crate::report::json::Object;
use crate::review::{Impact, Phase, ScenarioReview, Weakness};

const SCHEMA: &str = "capplan.whatif/1";
const METHOD: &str = "quasi-stationary phases, fluid backlog";

/// The deployment of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deployed {
    /// The current one.
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

/// The answer of `capplan whatif` as `capplan.whatif/1`. Times are seconds after the fault, rates per second.
pub fn whatif_json(
    system: &System,
    users: Option<f64>,
    (deployed, deployment): (Deployed, &Deployment),
    reviewed: &[ScenarioReview],
    assumptions: &[String],
) -> impl Serialize + use<> {
    let tiers = system.tiers().iter().zip(&deployment.choices).filter_map(|(tier, choice)| {
        let (fleet, choice) = (tier.fleet()?, (*choice)?);
        let instance_type = &fleet.types[choice.instance_type].name;
        Some(
            Object::new()
                .field("name", &tier.name)
                .field("instance_type", instance_type)
                .field("instances", choice.count),
        )
    });
    let before = reviewed.iter().find_map(|one| one.outcome.as_ref().ok()).map(before);
    let phases = |impact: &Impact| impact.timeline.phases.iter().map(|one| phase(system, one)).collect();
    Object::new()
        .field("schema", SCHEMA)
        .field("model", system.name())
        .field("users", users)
        .field("deployment", deployed.name())
        .list("tiers", tiers)
        .field("before", before)
        .list("scenarios", reviewed.iter().map(|one| scenario(one, phases)))
        .field("assumptions", assumptions)
}

/// The answer of `capplan whatif` for a system without a steady state, or without a plan.
pub fn no_answer_json(model: &str, users: Option<f64>, reason: &str) -> impl Serialize + use<> {
    let answer = Object::new().field("schema", SCHEMA).field("model", model).field("users", users);
    answer.field("scenarios", None::<()>).field("reason", reason)
}

/// Scenarios without their phases, as a part of other answers.
pub(in crate::report) fn scenario_summaries(reviewed: &[ScenarioReview]) -> Vec<Object> {
    reviewed.iter().map(|one| scenario(one, |_| Vec::new())).collect()
}

/// The system before the fault.
fn before(impact: &Impact) -> Object {
    let found = &impact.before.evaluation;
    let tier = |tier: &TierFigures| {
        Object::new()
            .field("name", &tier.name)
            .field("utilization", tier.utilization)
            .field("load", tier.load())
            .field("sojourn_time", tier.sojourn_time)
            .field_if_some("hit_ratio", tier.hit_ratio)
    };
    Object::new()
        .field("arrival_rate", found.arrival_rate)
        .field("served_share", impact.before.shares.served)
        .field("p50", found.median)
        .field("p99", found.p99)
        .field("objectives_hold", impact.held_before)
        .list("tiers", found.tiers.iter().map(tier))
}

fn scenario(one: &ScenarioReview, phases: impl Fn(&Impact) -> Vec<Object>) -> Object {
    let name = Object::new().field("name", &one.scenario.name).field("kind", one.scenario.kind.name());
    match &one.outcome {
        Ok(found) => name.and(impact(found, phases(found))),
        Err(error) => name.field("reason", error.to_string()),
    }
}

fn impact(impact: &Impact, phases: Vec<Object>) -> Object {
    let timeline = &impact.timeline;
    let losses = impact.losses.iter().map(|loss| {
        let what = Object::new().field("tier", &loss.tier).field("what", loss.kind.name());
        what.field("instances", loss.instances).field("of", loss.of)
    });
    let failures = timeline.failures.iter().map(|failures| {
        let cause = Object::new().field("cause", failures.cause.name());
        cause.field("tier", &failures.tier).field("requests", failures.requests)
    });
    let warm_up = timeline.warm_up.as_ref().map(|warm| {
        let cache = Object::new().field("tier", &warm.tier).field("hit_ratio", warm.hit_ratio);
        cache.field("ninety_percent_after", warm.ninety_percent_after)
    });
    let scale_outs = impact.scale_outs.iter().map(|out| {
        let tier = Object::new().field("tier", &out.tier).field("from", out.from);
        tier.field("wanted", out.wanted).field("max_instances", out.max)
    });
    let retries = impact.retry_storm.map(|storm| {
        Object::new()
            .field("capacity", storm.capacity)
            .field("worst_attempt_rate", storm.worst_attempt_rate)
            .field("vulnerable", storm.is_vulnerable())
            .field("recovers_below", storm.recovers_below)
            .field("shed_to_recover", storm.shed_to_recover)
    });
    let rollout = impact.rollout.as_ref().map(|rollout| {
        let batches = Object::new().field("batches", rollout.batches).field("instances_beside", rollout.surge);
        batches.field("duration", rollout.duration).field("cost_usd", rollout.cost)
    });
    Object::new()
        .field("verdict", impact.verdict.name())
        .list("lost", losses)
        .field("breaks_first", impact.weakness.as_ref().map(weakness))
        .field("requests", timeline.arrivals)
        .field("requests_served", timeline.served)
        .field("requests_failed", timeline.failed())
        .field("requests_waiting", timeline.waiting)
        .list("failed", failures)
        .field("peak_backlog", impact.peak_backlog)
        .field("peak_waiting", impact.peak_waiting)
        .field("longest_wait", impact.longest_wait)
        .field("objectives_missed", impact.missed_time)
        .field("recovered_after", impact.recovery_time)
        .field("must_survive", impact.scenario.must_survive)
        .field("survives", impact.survives)
        .field_if_some("warm_up", warm_up)
        .list_if_any("scale_out", scale_outs)
        .field_if_some("retries", retries)
        .field_if_some("deployment", rollout)
        .list_if_any("phases", phases)
        .field("method", METHOD)
        .field("exact", false)
}

fn weakness(weakness: &Weakness) -> Object {
    let (tier, why, value) = match weakness {
        Weakness::Unreachable { tier, share } => (tier, "unreachable", *share),
        Weakness::Overloaded { tier, load } => (tier, "overloaded", *load),
        Weakness::Refuses { tier, share } => (tier, "refuses", *share),
        Weakness::Slow { tier, utilization } => (tier, "slow", *utilization),
        Weakness::Nearest { tier, utilization } => (tier, "holds", *utilization),
    };
    Object::new().field("tier", tier).field("why", why).field("value", value)
}

fn phase(system: &System, phase: &Phase) -> Object {
    let state = phase.evaluation.as_ref().map(|found| &found.evaluation);
    let settled = state.ok().filter(|_| phase.backlog == [0.0; 2]);
    let tiers = system.tiers().iter().enumerate().map(|(index, tier)| {
        let load = Object::new().field("name", &tier.name).field("load", phase.load[index]);
        load.field("peak_load", phase.peak_load[index]).field_if_some("hit_ratio", phase.hit_ratios[index])
    });
    Object::new()
        .field("name", &phase.name)
        .field("start", phase.start)
        .field("duration", phase.duration)
        .field("arrival_rate", phase.arrival_rate)
        .field("served_rate", phase.served_rate)
        .field("failed_rate", phase.failed_rate)
        .field("backlog", phase.backlog)
        .field("waiting", phase.waiting)
        .field("backlog_wait", phase.backlog_wait)
        .field("objectives_hold", phase.holds)
        .field("p50", settled.map(|times| times.median))
        .field("p99", settled.map(|times| times.p99))
        .field_if_some("breakdown", state.err().map(ToString::to_string))
        .list("tiers", tiers)
}
