use crate::model::System;
use crate::report::format::{MISSING, count, duration, money, percent, rate, round_duration, short};
use crate::review::{Cause, Failures, Impact, LossKind, SHORTEST_BREACH, Stage, TierLoss, Weakness};

/// The event of a scenario, in words.
pub(super) fn event(impact: &Impact) -> String {
    if impact.losses.is_empty() {
        let load = format!("{} times the usual load", short(impact.scenario.factor));
        return match impact.scenario.retries {
            0 => load,
            1 => format!("{load}, clients retry once"),
            retries => format!("{load}, clients retry {retries} times"),
        };
    }
    let lost = |loss: &TierLoss| matches!(loss.kind, LossKind::Instances | LossKind::Primary);
    let what = impact.losses.iter().map(loss_text).collect::<Vec<String>>().join(", ");
    if impact.losses.iter().any(lost) { format!("lost: {what}") } else { what }
}

fn loss_text(loss: &TierLoss) -> String {
    let TierLoss { tier, instances, of, kind } = loss;
    match kind {
        LossKind::Objects => format!("{tier} is empty"),
        LossKind::Replaced if *instances == 0 => format!("all {of} {tier} replaced, new ones first"),
        LossKind::Replaced => format!("{instances} of {of} {tier} replaced at a time"),
        LossKind::Primary if *instances > 1 => format!("{instances} of {of} {tier} with the primary"),
        LossKind::Primary => format!("the primary of {tier}"),
        LossKind::Instances if instances == of && *of == 1 => format!("the only instance of {tier}"),
        LossKind::Instances if instances == of => format!("all {of} instances of {tier}"),
        LossKind::Instances => format!("{instances} of {of} {tier}"),
    }
}

/// The tier that breaks first, in words.
pub(super) fn weakness(impact: &Impact) -> String {
    match &impact.weakness {
        None => "nothing".to_owned(),
        Some(Weakness::Unreachable { tier, share }) => {
            format!("{tier}: {} of requests fail there", percent(*share, 1))
        }
        Some(Weakness::Overloaded { tier, load }) => {
            format!("{tier}: load is {} of its capacity", percent(*load, 0))
        }
        Some(Weakness::Refuses { tier, share }) => {
            format!("{tier}: {} of requests find no connection", percent(*share, 1))
        }
        Some(Weakness::Slow { tier, utilization }) => {
            format!("{tier}: too slow at {} utilization", percent(*utilization, 0))
        }
        Some(Weakness::Nearest { tier, utilization }) if *utilization >= 1.0 => format!(
            "nothing; load of {tier} is {} of its capacity, for less than {}",
            percent(*utilization, 0),
            round_duration(SHORTEST_BREACH)
        ),
        Some(Weakness::Nearest { tier, utilization }) => {
            format!("nothing; {tier} is {} busy", percent(*utilization, 0))
        }
    }
}

/// Time in which the objectives are missed.
pub(super) fn missed(impact: &Impact) -> String {
    match impact.missed_time {
        None if !impact.held_before => "even before the fault".to_owned(),
        None => "until somebody acts".to_owned(),
        Some(0.0) => "not at all".to_owned(),
        Some(time) => duration(time),
    }
}

/// Time until the objectives hold for good.
pub(super) fn recovered(impact: &Impact) -> String {
    if impact.held_before { moment(impact.recovery_time) } else { MISSING.to_owned() }
}

/// A time after the fault.
fn moment(time: Option<f64>) -> String {
    match time {
        None => "never by itself".to_owned(),
        Some(0.0) => "at once".to_owned(),
        Some(time) => duration(time),
    }
}

/// A whole number of requests; less than one half is `< 1`, not 0.
pub(super) fn requests(number: f64) -> String {
    if number > 0.0 && number < 0.5 { "< 1".to_owned() } else { count(number.round()) }
}

fn failures(failures: &Failures) -> String {
    let Failures { cause, tier, requests: number } = failures;
    let number = requests(*number);
    match cause {
        Cause::DeadInstance => format!("{number} sent to dead instances of {tier}"),
        Cause::NoPrimary => format!("{number} while {tier} had no primary"),
        Cause::NothingLeft => format!("{number} while {tier} had no instances"),
        Cause::Refused => format!("{number} refused by {tier} without a free connection"),
        Cause::TimedOut => format!("{number} timed out while waiting for {tier}"),
    }
}

/// Failed requests of an impact, with a mark where requests fail until somebody acts.
pub(super) fn failed(impact: &Impact) -> String {
    let endless = impact.stages.last().is_some_and(|stage| stage.failed.is_none());
    let number = requests(impact.timeline.failed());
    if endless { format!("{number} and more") } else { number }
}

/// The worst p99 of a stage; without a steady state, the wait.
pub(super) fn slowest(impact: &Impact, stage: &Stage) -> String {
    /// A wait that exceeds the timeout by less than rounding equals it.
    const LONGER: f64 = 1.0 + 1e-6;
    match stage.p99 {
        Some(time) => duration(time),
        None if stage.backlog_wait > impact.scenario.timeout.get() * LONGER => {
            format!("times out after {}", round_duration(impact.scenario.timeout.get()))
        }
        None if stage.backlog_wait > 0.0 => format!("waits up to {}", duration(stage.backlog_wait)),
        None => MISSING.to_owned(),
    }
}

/// An impact in sentences.
pub fn impact_lines(impact: &Impact) -> Vec<String> {
    let mut lines = vec![format!("{}: {} ({})", impact.scenario.name, impact.verdict.name(), event(impact))];
    lines.push(format!("Breaks first: {}.", weakness(impact)));
    lines.push(match (impact.missed_time, impact.recovery_time) {
        _ if !impact.held_before => "Objectives are missed even before the fault.".to_owned(),
        (Some(0.0), _) => "Objectives hold throughout.".to_owned(),
        (Some(missed), Some(recovered)) => {
            format!(
                "Objectives are missed for {}; the system recovers after {}.",
                duration(missed),
                duration(recovered)
            )
        }
        _ => "Objectives are missed until somebody acts.".to_owned(),
    });
    if !impact.timeline.failures.is_empty() {
        let causes: Vec<String> = impact.timeline.failures.iter().map(failures).collect();
        lines.push(format!(
            "Failed requests: {} of {}: {}.",
            failed(impact),
            requests(impact.timeline.arrivals),
            causes.join(", ")
        ));
    }
    if impact.peak_backlog >= 0.5 {
        let waiting = requests(impact.peak_waiting);
        let wait = duration(impact.longest_wait);
        lines.push(if impact.peak_backlog > impact.peak_waiting * 1.01 {
            format!(
                "Up to {waiting} requests wait; with abandoned attempts the queue holds {}, {wait} of work.",
                requests(impact.peak_backlog)
            )
        } else {
            format!("Up to {waiting} requests wait, for up to {wait}.")
        });
    }
    if let Some(warm) = &impact.timeline.warm_up {
        lines.push(format!(
            "{} is warm at a hit ratio of {}; it reaches 90 % of that {}.",
            warm.tier,
            percent(warm.hit_ratio, 1),
            match warm.ninety_percent_after {
                Some(0.0) | None => moment(warm.ninety_percent_after),
                Some(time) => format!("after {}", duration(time)),
            }
        ));
    }
    for out in &impact.scale_outs {
        let enough = if out.wanted <= out.max { "enough" } else { "too few" };
        lines.push(format!(
            "{} needs {} instances instead of {} to keep its utilization; the model allows {}, which is {enough}.",
            out.tier,
            count(f64::from(out.wanted)),
            count(f64::from(out.from)),
            count(f64::from(out.max))
        ));
    }
    if let Some(rollout) = &impact.rollout {
        lines.push(match rollout.surge {
            0 => format!("The deployment takes {} and needs no extra instances.", duration(rollout.duration)),
            surge => format!(
                "The deployment takes {}; up to {} extra instances of {} cost {} USD.",
                duration(rollout.duration),
                count(f64::from(surge)),
                rollout.tier,
                money(rollout.cost)
            ),
        });
    }
    if let Some(storm) = &impact.retry_storm {
        let worst = format!(
            "If every attempt fails, retries raise the load to {} against a capacity of {}",
            rate(storm.worst_attempt_rate),
            rate(storm.capacity)
        );
        lines.push(if storm.is_vulnerable() {
            format!(
                "{worst}. An overload that outlasts the client timeout then persists until {} of the attempts are refused or \
                 the load falls below {} of the usual load.",
                percent(storm.shed_to_recover, 0),
                percent(storm.recovers_below, 0)
            )
        } else {
            format!("{worst}: the system recovers from any overload.")
        });
    }
    lines
}

/// Methods and assumptions of scenarios, in sentences.
pub fn scenario_assumptions(system: &System) -> Vec<String> {
    let check = system.reactions().health_check;
    let scaling = system.scaling();
    vec![
        "Every figure is approximate. Each situation is evaluated as a steady state (quasi-stationary); an overload is a \
         fluid without randomness, within a few per cent of a real queue once the backlog is large."
            .to_owned(),
        "A request fails when one of its visits fails; it is not retried on another instance and does not reach later tiers \
         of the model. The objectives count a failed request as too slow."
            .to_owned(),
        "An overloaded tier keeps every request waiting, because waiting requests hold their place in the other tiers. \
         Requests that their clients have abandoned are dropped, unless the scenario has retries."
            .to_owned(),
        format!(
            "A dead instance receives its share of the visits until health checks remove it, after the mean detection time: {} \
             failed probes, one every {}, with a timeout of {}.",
            check.unhealthy_threshold,
            round_duration(check.interval.get()),
            round_duration(check.timeout.get())
        ),
        format!(
            "A breach of the objectives of less than {} does not count. Figures of a stage are means, except for the worst p99, \
             the peak of the busiest tier and the number of failed requests.",
            round_duration(SHORTEST_BREACH)
        ),
        "Look-ups in lost cache nodes miss, and the other nodes load these objects only after health checks have removed the \
         lost ones. A cache refills with what is asked for (Che); on the safe side, its kept objects count as evicted at once."
            .to_owned(),
        format!(
            "A deployment follows the rule of Kubernetes: each batch takes {} until new instances accept requests, and \
             meanwhile all instances but those out of service serve.",
            round_duration(scaling.boot_time.get())
        ),
        "Lost instances are replaced when the fault is over, not before: a region that has lost a zone may have no capacity \
         to spare."
            .to_owned(),
        format!(
            "Service tiers scale out {} after the load rises, all at once, to the utilization of before; databases and caches \
             do not scale.",
            round_duration(scaling.alarm_time.get() + scaling.boot_time.get())
        ),
    ]
}
