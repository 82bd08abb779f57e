use crate::model::System;
use crate::report::format::{MISSING, count, duration, money, percent, rate, round_duration, short};
use crate::review::{Cause, Failures, Impact, LossKind, SHORTEST_BREACH, Stage, TierLoss, Weakness};

/// What happens, in words.
pub(super) fn event(impact: &Impact) -> String {
    if impact.losses.is_empty() {
        let load = format!("{} times the usual load", short(impact.scenario.factor));
        return match impact.scenario.retries {
            0 => load,
            1 => format!("{load}, clients try once more"),
            retries => format!("{load}, clients try {retries} times more"),
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
        LossKind::Replaced if *instances == 0 => format!("all {of} {tier} replaced by others beside them"),
        LossKind::Replaced => format!("{instances} of {of} {tier} replaced at a time"),
        LossKind::Primary if *instances > 1 => format!("{instances} of {of} {tier} with the primary"),
        LossKind::Primary => format!("the primary of {tier}"),
        LossKind::Instances if instances == of && *of == 1 => format!("the only instance of {tier}"),
        LossKind::Instances if instances == of => format!("all {of} instances of {tier}"),
        LossKind::Instances => format!("{instances} of {of} {tier}"),
    }
}

/// What gives way first, in words.
pub(super) fn weakness(impact: &Impact) -> String {
    match &impact.weakness {
        None => "nothing".to_owned(),
        Some(Weakness::Unreachable { tier, share }) => {
            format!("{tier}: {} of requests fail there", percent(*share, 1))
        }
        Some(Weakness::Overloaded { tier, load }) => {
            format!("{tier}: {} of what it can serve", percent(*load, 0))
        }
        Some(Weakness::Refuses { tier, share }) => {
            format!("{tier}: {} of requests find no connection", percent(*share, 1))
        }
        Some(Weakness::Slow { tier, utilization }) => {
            format!("{tier}: too slow at {} busy", percent(*utilization, 0))
        }
        Some(Weakness::Nearest { tier, utilization }) if *utilization >= 1.0 => format!(
            "nothing; {tier} gets {} of what it can serve, for less than {}",
            percent(*utilization, 0),
            round_duration(SHORTEST_BREACH)
        ),
        Some(Weakness::Nearest { tier, utilization }) => {
            format!("nothing; {tier} is {} busy", percent(*utilization, 0))
        }
    }
}

/// How long the objectives are missed.
pub(super) fn missed(impact: &Impact) -> String {
    match impact.missed_time {
        None if !impact.held_before => "before the fault already".to_owned(),
        None => "until somebody acts".to_owned(),
        Some(0.0) => "not at all".to_owned(),
        Some(time) => duration(time),
    }
}

/// When the objectives hold for good.
pub(super) fn recovered(impact: &Impact) -> String {
    if impact.held_before { moment(impact.recovery_time) } else { MISSING.to_owned() }
}

/// A moment after the fault.
fn moment(time: Option<f64>) -> String {
    match time {
        None => "never by itself".to_owned(),
        Some(0.0) => "at once".to_owned(),
        Some(time) => duration(time),
    }
}

/// Numbers of requests: whole, and nothing that rounds to nothing.
pub(super) fn requests(number: f64) -> String {
    if number > 0.0 && number < 0.5 { "< 1".to_owned() } else { count(number.round()) }
}

fn failures(failures: &Failures) -> String {
    let Failures { cause, tier, requests: number } = failures;
    let number = requests(*number);
    match cause {
        Cause::DeadInstance => format!("{number} sent to dead instances of {tier}"),
        Cause::NoPrimary => format!("{number} without a primary of {tier}"),
        Cause::NothingLeft => format!("{number} with nothing left of {tier}"),
        Cause::Refused => format!("{number} refused by {tier} for want of connections"),
        Cause::TimedOut => format!("{number} given up while waiting for {tier}"),
    }
}

/// All failed requests of an impact; with a mark where more fail for as long as nobody acts.
pub(super) fn failed(impact: &Impact) -> String {
    let endless = impact.stages.last().is_some_and(|stage| stage.failed.is_none());
    let number = requests(impact.timeline.failed());
    if endless { format!("{number} and more") } else { number }
}

/// The worst p99 of a stage, or how long requests wait where there is none.
pub(super) fn slowest(impact: &Impact, stage: &Stage) -> String {
    /// A backlog as long as the clients wait is no longer than that.
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

/// What a reviewer should read about an impact, a sentence each.
pub fn impact_lines(impact: &Impact) -> Vec<String> {
    let mut lines = vec![format!("{}: {} ({})", impact.scenario.name, impact.verdict.name(), event(impact))];
    lines.push(format!("Breaks first: {}.", weakness(impact)));
    lines.push(match (impact.missed_time, impact.recovery_time) {
        _ if !impact.held_before => "Objectives are missed before the fault already.".to_owned(),
        (Some(0.0), _) => "Objectives hold throughout.".to_owned(),
        (Some(missed), Some(recovered)) => {
            format!("Objectives are missed for {}; recovered after {}.", duration(missed), duration(recovered))
        }
        _ => "Objectives are missed until somebody acts.".to_owned(),
    });
    if !impact.timeline.failures.is_empty() {
        let causes: Vec<String> = impact.timeline.failures.iter().map(failures).collect();
        lines.push(format!(
            "Requests failed: {} of {}: {}.",
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
                "Up to {waiting} requests wait; with attempts that were given up {} are in the queue, {wait} of work.",
                requests(impact.peak_backlog)
            )
        } else {
            format!("Up to {waiting} requests wait, up to {wait}.")
        });
    }
    if let Some(warm) = &impact.timeline.warm_up {
        lines.push(format!(
            "{} is warm at a hit ratio of {}; 90 % of that is back {}.",
            warm.tier,
            percent(warm.hit_ratio, 1),
            match warm.ninety_percent_after {
                Some(0.0) | None => moment(warm.ninety_percent_after),
                Some(time) => format!("after {}", duration(time)),
            }
        ));
    }
    for out in &impact.scale_outs {
        let enough = if out.wanted <= out.max { "the range suffices" } else { "more than the range allows" };
        lines.push(format!(
            "{} needs {} instances instead of {} to be as busy as before; at most {} are allowed: {enough}.",
            out.tier,
            count(f64::from(out.wanted)),
            count(f64::from(out.from)),
            count(f64::from(out.max))
        ));
    }
    if let Some(rollout) = &impact.rollout {
        lines.push(match rollout.surge {
            0 => format!("It takes {} and costs nothing beyond the usual.", duration(rollout.duration)),
            beside => format!(
                "It takes {} and costs {} USD beyond the usual, for up to {} more {} at the same time.",
                duration(rollout.duration),
                money(rollout.cost),
                count(f64::from(beside)),
                rollout.tier
            ),
        });
    }
    if let Some(storm) = &impact.retry_storm {
        lines.push(if storm.is_vulnerable() {
            format!(
                "When every attempt fails, retries bring {} against a capacity of {}: an overload that lasts longer than \
                 the clients wait stays until {} of the attempts are refused, or the load falls below {} of the usual one.",
                rate(storm.worst_attempt_rate),
                rate(storm.capacity),
                percent(storm.shed_to_recover, 0),
                percent(storm.recovers_below, 0)
            )
        } else {
            format!(
                "When every attempt fails, retries bring {} against a capacity of {}: it recovers from any overload.",
                rate(storm.worst_attempt_rate),
                rate(storm.capacity)
            )
        });
    }
    lines
}

/// What the figures of a review rest on, in sentences.
pub fn scenario_assumptions(system: &System) -> Vec<String> {
    let check = system.reactions().health_check;
    let scaling = system.scaling();
    vec![
        "Approximate throughout: each situation is evaluated as if it lasted (quasi-stationary), overloads are a fluid \
         without randomness, within a few per cent once the backlog is large."
            .to_owned(),
        "A request fails when one of its visits does; it is not tried again elsewhere and does not reach the tiers that \
         the model names later. Objectives count failed requests as too slow."
            .to_owned(),
        "More load than one tier can serve keeps every request waiting, because those that wait for it hold their place in \
         the others. Requests that their client has given up are not worked on, unless the scenario has retries."
            .to_owned(),
        format!(
            "A dead instance takes its share of the visits until a health check has its verdict, on average: {} failed \
             probes, one every {}, {} each.",
            check.unhealthy_threshold,
            round_duration(check.interval.get()),
            round_duration(check.timeout.get())
        ),
        format!(
            "A breach of the objectives of less than {} is not noticed. Figures of a stage are its mean, but for the slowest \
             p99, the peak of the busiest tier, and the sum of the requests that fail.",
            round_duration(SHORTEST_BREACH)
        ),
        "Look-ups in lost cache nodes are misses, and are loaded again only when the health check has its verdict. A cache refills with what is asked for (Che); objects that were kept count \
         as if they were pushed out at once."
            .to_owned(),
        format!(
            "A deployment follows the rule of Kubernetes: each batch takes {} until new instances take requests, and \
             meanwhile all but those out of service serve.",
            round_duration(scaling.boot_time.get())
        ),
        "What is lost is replaced when the fault is over, not before: a region that lost a zone may have no instances to \
         give."
            .to_owned(),
        format!(
            "Service tiers get new instances {} after the load rises, all at once and as many as keep them as busy as \
             before; databases and caches get none.",
            round_duration(scaling.alarm_time.get() + scaling.boot_time.get())
        ),
    ]
}
