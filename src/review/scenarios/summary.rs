use crate::evaluate::{Breakdown, FailingShare};
use crate::model::{Scenario, ScenarioKind};

use super::evaluator::Record;
use super::impact::{
    Cause, Failures, Phase, RetryStorm, Rollout, SHORTEST_BREACH, ScaleOut, Stage, TierLoss, Verdict, Weakness,
};
use super::{Impact, ScenarioEvaluator};

/// Fewer failed requests than this share of all are rounding.
const ROUNDING: f64 = 1e-9;

/// What is known of a scenario without following it.
#[derive(Debug)]
pub(super) struct ScenarioSection {
    pub strikes: Vec<TierLoss>,
    pub scale_outs: Vec<ScaleOut>,
    pub storm: Option<RetryStorm>,
    pub rollout: Option<Rollout>,
}

/// Sums an impact up.
pub(super) fn summarize(
    evaluator: &ScenarioEvaluator<'_>,
    scenario: &Scenario,
    record: Record,
    told: ScenarioSection,
) -> Impact {
    let Record { mut phases, mut failures, arrivals, served, waiting, warm_up } = record;
    overlook_brief_breaches(&mut phases);
    failures.retain(|failure| failure.requests > ROUNDING * arrivals);
    failures.sort_by(|one, other| other.requests.total_cmp(&one.requests));
    let held_before = evaluator.before.holds(evaluator.prepared);
    let missed = phases.iter().filter(|phase| !phase.holds);
    let missed_time = missed.map(|phase| phase.duration).try_fold(0.0, |sum, time| Some(sum + time?));
    let missed_time = missed_time.filter(|_| held_before);
    let recovery_time = recovery_time(&phases).filter(|_| held_before);
    Impact {
        name: scenario.name.clone(),
        kind: scenario.kind,
        strikes: told.strikes,
        load_factor: match scenario.kind {
            ScenarioKind::Spike | ScenarioKind::RetryStorm => scenario.factor,
            _ => 1.0,
        },
        retries: scenario.retries,
        timeout: scenario.timeout.get(),
        before: evaluator.before.clone(),
        held_before,
        stages: stages(&phases),
        verdict: verdict(&phases, &failures),
        weakness: weakness(evaluator, &phases),
        peak_backlog: phases.iter().flat_map(|phase| phase.backlog).fold(0.0, f64::max),
        peak_waiting: phases.iter().flat_map(|phase| phase.waiting).fold(0.0, f64::max),
        longest_wait: phases.iter().flat_map(|phase| phase.backlog_wait).fold(0.0, f64::max),
        survives: missed_time.is_some_and(|time| time <= scenario.recover_within.get()),
        must_survive: scenario.must_survive,
        phases,
        failures,
        arrivals,
        served,
        waiting,
        recovery_time,
        missed_time,
        warm_up,
        scale_outs: told.scale_outs,
        storm: told.storm,
        rollout: told.rollout,
    }
}

/// Phases in a row that miss the objectives for less than [`SHORTEST_BREACH`] seconds all together count as if they did not.
fn overlook_brief_breaches(phases: &mut [Phase]) {
    for run in phases.chunk_by_mut(|one, other| one.holds == other.holds) {
        let brief = run.iter().map(|phase| phase.duration).try_fold(0.0, |sum, time| Some(sum + time?));
        if brief.is_some_and(|time| time < SHORTEST_BREACH) {
            for phase in run {
                phase.holds = true;
            }
        }
    }
}

fn recovery_time(phases: &[Phase]) -> Option<f64> {
    match phases.iter().rev().find(|phase| !phase.holds) {
        None => Some(0.0),
        Some(last) => last.end(),
    }
}

fn verdict(phases: &[Phase], failures: &[Failures]) -> Verdict {
    let lasts = |phase: &&Phase| phase.duration != Some(0.0);
    // The few visits that a database may refuse are no errors that anybody should hear of.
    let fails = |phase: &Phase| !phase.holds && phase.failed_rate > ROUNDING * phase.arrival_rate;
    let nothing = |phase: &Phase| phase.arrival_rate > 0.0 && phase.served_rate <= 0.0;
    if phases.iter().filter(lasts).any(nothing) {
        Verdict::Down
    } else if failures.iter().any(|failures| failures.cause != Cause::Refused) || phases.iter().any(fails) {
        Verdict::Failing
    } else if phases.iter().any(|phase| !phase.holds) {
        Verdict::Degraded
    } else {
        Verdict::Unnoticed
    }
}

/// The first thing to give way; if nothing does, the tier that was busiest.
fn weakness(evaluator: &ScenarioEvaluator<'_>, phases: &[Phase]) -> Option<Weakness> {
    let name = |tier: usize| evaluator.prepared.system.tiers()[tier].name.clone();
    for phase in phases {
        if let Ok(found) = &phase.evaluation {
            // What a tier may refuse is no failure of it.
            let lost = |share: &FailingShare| share.reads + share.writes;
            let shares = found.shares.failing.iter().map(lost).enumerate();
            let worst = shares.reduce(|one, other| if other.1 > one.1 { other } else { one });
            if let Some((tier, share)) = worst.filter(|(_, share)| *share > ROUNDING) {
                return Some(Weakness::Unreachable { tier: name(tier), share });
            }
            if let Some(tier) = found.too_many_refused {
                let share = found.shares.failing.get(tier).map_or(0.0, |share| share.refused);
                return Some(Weakness::Refuses { tier: name(tier), share });
            }
        }
        match &phase.evaluation {
            Err(Breakdown::Overloaded { tier, utilization }) if !phase.holds => {
                return Some(Weakness::Overloaded { tier: tier.clone(), load: *utilization });
            }
            Err(Breakdown::Down { tier } | Breakdown::Unsolved { tier, .. }) => {
                return Some(Weakness::Unreachable { tier: tier.clone(), share: 1.0 });
            }
            Err(Breakdown::Overloaded { .. }) | Ok(_) if phase.holds => {}
            _ => {
                let (tier, utilization) = busiest(&phase.load)?;
                return Some(Weakness::Slow { tier: name(tier), utilization });
            }
        }
    }
    let most =
        phases.iter().filter_map(|phase| busiest(&phase.peak_load)).max_by(|one, other| one.1.total_cmp(&other.1));
    most.map(|(tier, utilization)| Weakness::Nearest { tier: name(tier), utilization })
}

fn busiest(load: &[Option<f64>]) -> Option<(usize, f64)> {
    let known = load.iter().enumerate().filter_map(|(tier, load)| load.map(|load| (tier, load)));
    known.reduce(|one, other| if other.1 > one.1 { other } else { one })
}

/// Phases of the same name in a row, as one.
fn stages(phases: &[Phase]) -> Vec<Stage> {
    phases.chunk_by(|one, other| one.name == other.name).filter_map(stage).collect()
}

fn stage(phases: &[Phase]) -> Option<Stage> {
    let first = phases.first()?;
    let p99 = |phase: &Phase| Some(phase.evaluation.as_ref().ok()?.evaluation.p99);
    let failed = |phase: &Phase| match phase.duration {
        Some(duration) => Some(phase.failed_rate * duration),
        None => (phase.holds || phase.failed_rate <= ROUNDING * phase.arrival_rate).then_some(0.0),
    };
    let waits = phases.iter().any(|phase| phase.backlog_wait != [0.0; 2]);
    // Of a phase without an end everything is as it is then.
    let weight = |phase: &Phase| phase.duration.unwrap_or(1.0);
    let sum = |value: &dyn Fn(&Phase) -> f64| phases.iter().fold(0.0, |sum, phase| sum + weight(phase) * value(phase));
    let (come, gone) = (sum(&|phase| phase.arrival_rate), sum(&|phase| phase.failed_rate));
    let time = sum(&|_| 1.0);
    let mean_load = |tier: usize| {
        first.load[tier]?;
        let mean = sum(&|phase| phase.load[tier].unwrap_or(0.0)) / time;
        Some(if time > 0.0 { mean } else { first.load[tier]? })
    };
    let peaks = phases.iter().filter_map(|phase| busiest(&phase.peak_load));
    Some(Stage {
        name: first.name.clone(),
        start: first.start,
        duration: phases.iter().map(|phase| phase.duration).sum(),
        failed: phases.iter().map(failed).try_fold(0.0, |sum, number| Some(sum + number?)),
        p99: if waits { None } else { phases.iter().map(p99).try_fold(0.0, |most, time| Some(f64::max(most, time?))) },
        backlog_wait: phases.iter().flat_map(|phase| phase.backlog_wait).fold(0.0, f64::max),
        served_share: if come > 0.0 { (1.0 - gone / come).clamp(0.0, 1.0) } else { 1.0 },
        load: (0..first.load.len()).map(mean_load).collect(),
        peak_load: peaks.reduce(|one, other| if other.1 > one.1 { other } else { one }),
        backlog: phases.last().map_or(0.0, |phase| phase.backlog[1]),
        holds: phases.iter().all(|phase| phase.holds),
    })
}
