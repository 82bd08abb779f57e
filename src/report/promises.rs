use crate::review::{
    Alert, CheckedTier, DatabaseFailover, ErrorBudget, FalseRemovals, Known, ManagedPromise, OutageCause, OutageSource,
    Outages, Review, Successor,
};

use super::Grid;
use super::format::{
    availability, count, downtime_per_year, duration, per_year, percent, rate, round_duration, short, significant,
    small_percent,
};
use super::table::{Column, Unit, grid};

/// A share of the downtime below which a cause is not named.
const NAMED: f64 = 1e-3;

/// Shares below this are not told from one another.
const RARE: f64 = 1e-6;

/// What the deployment lets one promise, in sentences.
pub fn promise_lines(plan: &Review) -> Vec<String> {
    let promises = &plan.promises;
    let mut lines = vec![downtime(plan)];
    lines.extend(months(plan));
    lines.extend(promises.budget.as_ref().map(|budget| budget_line(budget, plan.normal.arrival_rate)));
    lines.extend(hangs_on(plan));
    lines.extend(promises.managed.as_ref().map(|managed| managed_line(plan, managed)));
    for checked in &promises.health_checks {
        let name = &plan.tiers[checked.tier].name;
        lines.push(detection(name, checked));
        lines.push(removal(name, checked));
    }
    lines.extend(promises.failovers.iter().map(|failover| failover_line(&plan.tiers[failover.tier].name, failover)));
    lines
}

/// The error budget in one line; `None` where no availability is promised.
pub fn budget_summary(plan: &Review) -> Option<String> {
    let budget = plan.promises.budget.as_ref()?;
    let breach = budget.breach.map_or_else(String::new, |breach| {
        format!(", and {} of months exceed it", probability(breach.breach_probability))
    });
    Some(format!(
        "Error budget: {} of downtime a month ({}); {} spent on average{breach}.",
        minutes(budget.minutes),
        availability(1.0 - budget.promise),
        minutes(plan.promises.minutes_per_month),
    ))
}

/// The alerts on how fast the budget is spent; `None` where there is no budget.
pub(super) fn alert_grid(plan: &Review) -> Option<Grid> {
    let budget = plan.promises.budget.as_ref().filter(|budget| !budget.alerts.is_empty())?;
    let columns: [Column<Alert>; 7] = [
        Column::new("alert", Unit::Words, |alert| alert.severity.name().into()),
        Column::new("burn rate", Unit::Count, |alert| short(alert.settings.burn_rate).into()),
        Column::new("long window", Unit::Count, |alert| round_duration(alert.long_window).into()),
        Column::new("short window", Unit::Count, |alert| round_duration(alert.settings.short_window).into()),
        Column::new("errors above", Unit::SmallShare, |alert| alert.settings.error_rate_threshold.into()),
        Column::new("fires in a full outage after", Unit::Seconds, |alert| {
            alert.full_outage.fired.map_or_else(|| "never".into(), |fired| fired.detection.into())
        }),
        Column::new("budget spent by then", Unit::Share(0), |alert| {
            alert.full_outage.fired.map(|fired| fired.budget_spent).into()
        }),
    ];
    Some(grid(&columns, &budget.alerts))
}

fn minutes(minutes: f64) -> String {
    duration(minutes * 60.0)
}

fn probability(probability: f64) -> String {
    match probability {
        p if p > 0.0 && p < RARE => "less than 0.0001 %".to_owned(),
        p => small_percent(p),
    }
}

fn downtime(plan: &Review) -> String {
    let promises = &plan.promises;
    format!(
        "Expected downtime: {} in a month of 30 days, {} in a year.",
        minutes(promises.minutes_per_month),
        minutes(promises.minutes_per_year)
    )
}

/// Whether the length of some outages is an assumption.
fn assumes_length(outages: &Outages) -> bool {
    outages.sources.iter().any(|source| matches!(source.cause, OutageCause::Region | OutageCause::Managed(_)))
}

fn months(plan: &Review) -> Option<String> {
    let months: Vec<String> = plan
        .promises
        .months
        .iter()
        .map(|month| format!("{} at {}", probability(month.breach_probability), availability(1.0 - month.availability)))
        .collect();
    let (last, first) = months.split_last()?;
    Some(format!("Share of months that miss a promised availability: {} and {last}.", first.join(", ")))
}

fn budget_line(budget: &ErrorBudget, arrival_rate: f64) -> String {
    let spent =
        budget.spent.map_or_else(String::new, |spent| format!("; an average month spends {} of it", share(spent)));
    let breach = budget.breach.map_or_else(String::new, |breach| {
        format!(", and {} of months exceed it", probability(breach.breach_probability))
    });
    format!(
        "Error budget at {}: {} of downtime or {} failed requests a month (at {}){spent}{breach}.",
        availability(1.0 - budget.promise),
        minutes(budget.minutes),
        short(budget.requests),
        rate(arrival_rate)
    )
}

/// A share that may be more than the whole.
fn share(share: f64) -> String {
    if share < 10.0 { percent(share, 1) } else { format!("{} times", significant(share)) }
}

pub(super) fn cause_name(plan: &Review, cause: OutageCause) -> String {
    let name = |tier: usize| plan.tiers[tier].name.as_str();
    match cause {
        OutageCause::Region => "the region".to_owned(),
        OutageCause::Zones => "losses of zones".to_owned(),
        OutageCause::Managed(tier) => name(tier).to_owned(),
        OutageCause::Instances(tier) => format!("instances of {}", name(tier)),
        OutageCause::Failover(tier) => format!("failovers of {}", name(tier)),
    }
}

fn hangs_on(plan: &Review) -> Option<String> {
    let outages = &plan.promises.outages;
    let first = outages.sources.first()?;
    let second =
        outages.sources.get(1).map_or_else(String::new, |source| format!(" and on {}", cause_name(plan, source.cause)));
    let taken = if assumes_length(outages) {
        format!(
            " The model does not say how long outages of the region and of managed services last; they are assumed to last as \
             long as those of a zone, {}.",
            duration(outages.assumed_length)
        )
    } else {
        String::new()
    };
    Some(format!("Availability depends most on {}{second}.{taken}", cause_name(plan, first.cause)))
}

/// What takes the whole down, how often and for how long; `None` where nothing does.
pub(super) fn outage_grid(plan: &Review) -> Option<Grid> {
    type Row<'a> = (&'a Review, &'a OutageSource);
    let columns: [Column<Row<'_>>; 5] = [
        Column::new("cause of outages", Unit::Words, |(plan, source)| cause_name(plan, source.cause).into()),
        Column::new("share of downtime", Unit::Share(1), |(_, source)| source.importance.criticality.into()),
        Column::new("times a year", Unit::Count, |(_, source)| per_year(source.rate).into()),
        Column::new("each lasts", Unit::Seconds, |(_, source)| source.mean_length.into()),
        Column::new("availability without it", Unit::Unavailability, |(_, source)| {
            source.importance.system_when_up.into()
        }),
    ];
    let sources = plan.promises.outages.sources.iter();
    let named = sources.filter(|source| source.importance.criticality.is_some_and(|share| share >= NAMED));
    let rows: Vec<Row<'_>> = named.map(|source| (plan, source)).collect();
    (!rows.is_empty()).then(|| grid(&columns, &rows))
}

fn managed_line(plan: &Review, managed: &ManagedPromise) -> String {
    let names: Vec<&str> = managed.tiers.iter().map(|&tier| plan.tiers[tier].name.as_str()).collect();
    let spent = managed
        .promise
        .as_ref()
        .and_then(|promise| promise.budget_fraction)
        .map_or_else(String::new, |spent| format!(", which takes {} of the error budget", share(spent)));
    let together = if names.len() == 1 { "" } else { " together" };
    format!(
        "Managed services ({}): {} available{together} by their SLAs{spent}; the whole system is {} available.",
        names.join(", "),
        availability(managed.unavailability),
        availability(plan.availability.unavailability)
    )
}

fn detection(name: &str, checked: &CheckedTier) -> String {
    let (rule, errors) = (&checked.rule, &checked.errors);
    format!(
        "{name}: health checks (every {}, timeout {}, {} failures) take a dead instance out of rotation after {} on average, {} \
         at most; {} visits fail until then, at most {}. With {} instance failures a year that is {} of all visits; with one \
         retry on another instance, {}.",
        round_duration(rule.interval.get()),
        round_duration(rule.timeout.get()),
        rule.unhealthy_threshold,
        duration(checked.detection.mean),
        duration(checked.detection.max),
        significant(errors.failed_per_failure_mean),
        significant(errors.failed_per_failure_max),
        per_year(errors.failure_rate),
        small_percent(errors.error_share),
        probability(errors.error_share_one_retry),
    )
}

fn removal(name: &str, checked: &CheckedTier) -> String {
    let left = checked.instances - 1;
    let (others, run) = if left == 1 {
        ("the other".to_owned(), "runs")
    } else {
        (format!("the other {}", count(f64::from(left))), "run")
    };
    let carried = checked.cascade.utilization_without_one.map_or_else(
        || format!("With one instance out, {others} would be overloaded"),
        |utilization| format!("With one instance out, {others} {run} at {} utilization", percent(utilization, 1)),
    );
    let begins_at = checked.cascade.begins_at;
    if begins_at == 0 {
        return format!(
            "{name}: most probes of healthy instances take longer than {}, so the checks remove them all and the balancer sends to \
             all again (fail open).",
            round_duration(checked.rule.timeout.get())
        );
    }
    let cascade = if begins_at >= checked.instances {
        "; removals do not cascade".to_owned()
    } else {
        format!(
            "; once {} of {} are out, the rest answer probes so slowly that the checks remove more (cascade), until all are out \
             and the balancer sends to all again (fail open)",
            count(f64::from(begins_at)),
            count(f64::from(checked.instances))
        )
    };
    let false_removals =
        checked.false_removals.as_ref().map_or_else(String::new, |found| false_removals(checked, found));
    format!("{name}: {false_removals}{carried}{cascade}.")
}

fn false_removals(checked: &CheckedTier, found: &FalseRemovals) -> String {
    const DAYS: f64 = 365.0;
    let timeout = round_duration(checked.rule.timeout.get());
    let yearly = found.removal.removals_per_day * DAYS;
    match found.known {
        Known::Exactly => format!(
            "{} of the probes of healthy instances take longer than {timeout}, which removes {} of them a year. ",
            small_percent(found.slow_share),
            significant(yearly)
        ),
        Known::AtMost => {
            let often = if yearly < 1e-3 {
                "less than once in 1,000 years".to_owned()
            } else {
                format!("at most {} times a year", significant(yearly))
            };
            format!("health checks remove a healthy instance {often}. ")
        }
    }
}

fn failover_line(name: &str, failover: &DatabaseFailover) -> String {
    let (actual, other) = (
        failover.actual(),
        match failover.successor {
            Successor::Standby | Successor::Replica => failover.alone,
            Successor::Nothing => failover.replicated,
        },
    );
    let what = match failover.successor {
        Successor::Standby => "the standby takes over and no acknowledged write is lost".to_owned(),
        Successor::Replica => {
            let lost = failover.lost_writes.filter(|lost| lost.mean_per_failover > 0.0).map_or_else(String::new, |lost| {
                format!(
                    " and {} acknowledged writes are lost on average, at most {} in 99 % of failovers (at {} writes and the \
                     replication lag of the model)",
                    significant(lost.mean_per_failover),
                    count(lost.p99 as f64),
                    rate(failover.write_rate)
                )
            });
            format!("a replica takes over{lost}")
        }
        Successor::Nothing => "nothing takes over".to_owned(),
    };
    let alternative = match failover.successor {
        Successor::Standby => "Without the standby",
        Successor::Replica => "Without the replica",
        Successor::Nothing => "With a standby",
    };
    format!(
        "{name}: the primary is lost {} times a year for {} on average ({} a year), first after {} on average; {what}. \
         {alternative}: {} each time, {} a year.",
        per_year(actual.outage_rate),
        duration(actual.mean_outage),
        downtime_per_year(actual.unavailability),
        duration(actual.mean_time_to_first_outage),
        duration(other.mean_outage),
        downtime_per_year(other.unavailability)
    )
}
