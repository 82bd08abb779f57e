use crate::evaluate::{Breakdown, FailingShare};
use crate::model::Scenario;

use super::ScenarioEvaluator;
use super::impact::{Cause, Impact, Phase, SHORTEST_BREACH, Stage, Timeline, Verdict, Weakness};
use super::scripts::Script;

/// Fewer failed requests than this share of all are rounding.
const ROUNDING: f64 = 1e-9;

/// Draws the conclusions from a timeline.
pub(super) fn summarize(
    evaluator: &ScenarioEvaluator<'_>,
    scenario: &Scenario,
    script: Script,
    mut timeline: Timeline,
) -> Impact {
    overlook_brief_breaches(&mut timeline.phases);
    timeline.failures.retain(|failures| failures.requests > ROUNDING * timeline.arrivals);
    timeline.failures.sort_by(|one, other| other.requests.total_cmp(&one.requests));
    let phases = &timeline.phases;
    let held_before = evaluator.before.holds(evaluator.prepared);
    let missed_time = sum_of(phases.iter().filter(|phase| !phase.holds).map(|phase| phase.duration));
    let missed_time = missed_time.filter(|_| held_before);
    let largest = |value: fn(&Phase) -> [f64; 2]| phases.iter().flat_map(value).fold(0.0, f64::max);
    Impact {
        scenario: scenario.clone(),
        losses: script.losses,
        scale_outs: script.scale_outs,
        retry_storm: script.retry_storm,
        rollout: script.rollout,
        before: evaluator.before.clone(),
        held_before,
        stages: phases.chunk_by(|one, other| one.name == other.name).filter_map(stage).collect(),
        recovery_time: recovery_time(phases).filter(|_| held_before),
        missed_time,
        peak_backlog: largest(|phase| phase.backlog),
        peak_waiting: largest(|phase| phase.waiting),
        longest_wait: largest(|phase| phase.backlog_wait),
        weakness: weakness(evaluator, phases),
        verdict: verdict(&timeline),
        survives: missed_time.is_some_and(|time| time <= scenario.recover_within.get()),
        timeline,
    }
}

/// Whether one impact is worse than another.
pub(super) fn is_worse(one: &Impact, other: &Impact) -> bool {
    let missed = |impact: &Impact| impact.missed_time.unwrap_or(f64::INFINITY);
    let peak = |impact: &Impact| {
        let loads = impact.timeline.phases.iter().flat_map(|phase| phase.peak_load.iter().flatten());
        loads.copied().fold(0.0, f64::max)
    };
    one.verdict
        .cmp(&other.verdict)
        .then(missed(one).total_cmp(&missed(other)))
        .then(one.timeline.failed().total_cmp(&other.timeline.failed()))
        .then(peak(one).total_cmp(&peak(other)))
        .is_gt()
}

/// The sum of durations or numbers; `None` if one of them has no end.
fn sum_of(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    values.into_iter().try_fold(0.0, |sum, value| Some(sum + value?))
}

/// Consecutive phases that miss the objectives for less than [`SHORTEST_BREACH`] altogether count as if they did not.
fn overlook_brief_breaches(phases: &mut [Phase]) {
    for run in phases.chunk_by_mut(|one, other| one.holds == other.holds) {
        if sum_of(run.iter().map(|phase| phase.duration)).is_some_and(|time| time < SHORTEST_BREACH) {
            for phase in run {
                phase.holds = true;
            }
        }
    }
}

fn recovery_time(phases: &[Phase]) -> Option<f64> {
    phases.iter().rev().find(|phase| !phase.holds).map_or(Some(0.0), Phase::end)
}

fn verdict(timeline: &Timeline) -> Verdict {
    let Timeline { phases, failures, .. } = timeline;
    // A few visits that a database refuses within the objectives are no errors to report.
    let fails = |phase: &Phase| !phase.holds && phase.failed_rate > ROUNDING * phase.arrival_rate;
    let serves_none =
        |phase: &Phase| phase.duration != Some(0.0) && phase.arrival_rate > 0.0 && phase.served_rate <= 0.0;
    if phases.iter().any(serves_none) {
        Verdict::Down
    } else if failures.iter().any(|failures| failures.cause != Cause::Refused) || phases.iter().any(fails) {
        Verdict::Failing
    } else if phases.iter().any(|phase| !phase.holds) {
        Verdict::Degraded
    } else {
        Verdict::Unnoticed
    }
}

/// The tier that fails first; if none fails, the one that is busiest at any moment.
fn weakness(evaluator: &ScenarioEvaluator<'_>, phases: &[Phase]) -> Option<Weakness> {
    let name = |tier: usize| evaluator.prepared.system.tiers()[tier].name.clone();
    for phase in phases {
        match &phase.evaluation {
            Ok(found) => {
                // Refused visits are judged by the objectives, below.
                let lost = |share: &FailingShare| share.reads + share.writes;
                let worst = largest(found.shares.failing.iter().map(lost).enumerate());
                if let Some((tier, share)) = worst.filter(|(_, share)| *share > ROUNDING) {
                    return Some(Weakness::Unreachable { tier: name(tier), share });
                }
                if let Some(tier) = found.too_many_refused {
                    let share = found.shares.failing.get(tier).map_or(0.0, |share| share.refused);
                    return Some(Weakness::Refuses { tier: name(tier), share });
                }
            }
            Err(Breakdown::Down { tier } | Breakdown::Unsolved { tier, .. }) => {
                return Some(Weakness::Unreachable { tier: tier.clone(), share: 1.0 });
            }
            Err(Breakdown::Overloaded { tier, utilization }) if !phase.holds => {
                return Some(Weakness::Overloaded { tier: tier.clone(), load: *utilization });
            }
            Err(Breakdown::Overloaded { .. }) => {}
        }
        if !phase.holds {
            let (tier, utilization) = busiest(&phase.load)?;
            return Some(Weakness::Slow { tier: name(tier), utilization });
        }
    }
    let (tier, utilization) = largest(phases.iter().filter_map(|phase| busiest(&phase.peak_load)))?;
    Some(Weakness::Nearest { tier: name(tier), utilization })
}

/// The first of the tiers with the largest value.
fn largest(values: impl Iterator<Item = (usize, f64)>) -> Option<(usize, f64)> {
    values.reduce(|one, other| if other.1 > one.1 { other } else { one })
}

fn busiest(load: &[Option<f64>]) -> Option<(usize, f64)> {
    largest(load.iter().enumerate().filter_map(|(tier, load)| load.map(|load| (tier, load))))
}

/// Combines consecutive phases.
fn stage(phases: &[Phase]) -> Option<Stage> {
    let first = phases.first()?;
    let p99 = |phase: &Phase| Some(phase.evaluation.as_ref().ok()?.evaluation.p99);
    let failed = |phase: &Phase| match phase.duration {
        Some(duration) => Some(phase.failed_rate * duration),
        None => (phase.holds || phase.failed_rate <= ROUNDING * phase.arrival_rate).then_some(0.0),
    };
    let waits = phases.iter().any(|phase| phase.backlog_wait != [0.0; 2]);
    // A phase without an end is the only one of its stage that matters.
    let weight = |phase: &Phase| phase.duration.unwrap_or(1.0);
    let sum = |value: &dyn Fn(&Phase) -> f64| phases.iter().fold(0.0, |sum, phase| sum + weight(phase) * value(phase));
    let (arrived, gone) = (sum(&|phase| phase.arrival_rate), sum(&|phase| phase.failed_rate));
    let time = sum(&|_| 1.0);
    let mean_load = |tier: usize| {
        let load = first.load[tier]?;
        Some(if time > 0.0 { sum(&|phase| phase.load[tier].unwrap_or(0.0)) / time } else { load })
    };
    let largest_p99 = || phases.iter().map(p99).try_fold(0.0, |most, time| Some(f64::max(most, time?)));
    Some(Stage {
        name: first.name.clone(),
        start: first.start,
        duration: sum_of(phases.iter().map(|phase| phase.duration)),
        failed: sum_of(phases.iter().map(failed)),
        p99: if waits { None } else { largest_p99() },
        backlog_wait: phases.iter().flat_map(|phase| phase.backlog_wait).fold(0.0, f64::max),
        served_share: if arrived > 0.0 { (1.0 - gone / arrived).clamp(0.0, 1.0) } else { 1.0 },
        load: (0..first.load.len()).map(mean_load).collect(),
        peak_load: largest(phases.iter().filter_map(|phase| busiest(&phase.peak_load))),
        backlog: phases.last().map_or(0.0, |phase| phase.backlog[1]),
        holds: phases.iter().all(|phase| phase.holds),
    })
}
