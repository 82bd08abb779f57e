use crate::review::Review;
use crate::review::{
    CheckedTier, DatabaseFailover, ErrorBudget, FalseRemovals, Known, ManagedPromise, OutageCause, Outages, Successor,
};

use super::Grid;
use super::format::{
    MISSING, availability, count, downtime_per_year, duration, per_year, percent, rate, round_duration, short,
    significant, small_percent,
};

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
        format!("; {} of the months break the promise", probability(breach.breach_probability))
    });
    Some(format!(
        "Error budget: a month may be down {} ({}) and is down {} on average{breach}.",
        minutes(budget.minutes),
        availability(1.0 - budget.promise),
        minutes(plan.promises.minutes_per_month),
    ))
}

/// The alerts on how fast the budget is spent; `None` where there is no budget.
pub fn alert_grid(plan: &Review) -> Option<Grid> {
    let budget = plan.promises.budget.as_ref()?;
    let mut grid = Grid::new(&[
        "alert",
        "burn rate",
        "over",
        "and over",
        "errors above",
        "full outage noticed after",
        "budget spent by then",
    ]);
    for alert in &budget.alerts {
        let fired = alert.full_outage.fired;
        grid.rows.push(vec![
            alert.severity.name().to_owned(),
            short(alert.settings.burn_rate),
            round_duration(alert.long_window),
            round_duration(alert.settings.short_window),
            small_percent(alert.settings.error_rate_threshold),
            fired.map_or_else(|| "never".to_owned(), |fired| duration(fired.detection)),
            fired.map_or_else(|| MISSING.to_owned(), |fired| percent(fired.budget_spent, 0)),
        ]);
    }
    (!grid.rows.is_empty()).then_some(grid)
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
        "On average down for {} in a month of 30 days and {} in a year.",
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
        .map(|month| format!("{}: {}", availability(1.0 - month.availability), probability(month.breach_probability)))
        .collect();
    let (last, first) = months.split_last()?;
    Some(format!("Months that break a promise of {} and {last}.", first.join(", ")))
}

fn budget_line(budget: &ErrorBudget, arrival_rate: f64) -> String {
    let spent =
        budget.spent.map_or_else(String::new, |spent| format!("; a month spends {} of that on average", share(spent)));
    let breach = budget.breach.map_or_else(String::new, |breach| {
        format!(", and {} of the months spend more than there is", probability(breach.breach_probability))
    });
    format!(
        "Error budget of {} in a month: {}, or {} failed requests at {}{spent}{breach}.",
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
            " How long outages of the region and of managed services last is not in the model; assumed is as long as those of a \
             zone, {}.",
            duration(outages.assumed_length)
        )
    } else {
        String::new()
    };
    Some(format!("The availability hangs most on {}{second}.{taken}", cause_name(plan, first.cause)))
}

/// What takes the whole down, how often and for how long; `None` where nothing does.
pub fn outage_grid(plan: &Review) -> Option<Grid> {
    let mut grid =
        Grid::new(&["goes down by", "share of the downtime", "times a year", "each time", "available without it"]);
    let sources = &plan.promises.outages.sources;
    for source in sources.iter().filter(|source| source.importance.criticality.is_some_and(|share| share >= NAMED)) {
        grid.rows.push(vec![
            cause_name(plan, source.cause),
            source.importance.criticality.map_or_else(|| MISSING.to_owned(), |share| percent(share, 1)),
            per_year(source.rate),
            duration(source.mean_length),
            availability(source.importance.system_when_up),
        ]);
    }
    (!grid.rows.is_empty()).then_some(grid)
}

fn managed_line(plan: &Review, managed: &ManagedPromise) -> String {
    let names: Vec<&str> = managed.tiers.iter().map(|&tier| plan.tiers[tier].name.as_str()).collect();
    let spent = managed
        .promise
        .as_ref()
        .and_then(|promise| promise.budget_fraction)
        .map_or_else(String::new, |spent| format!(", which takes {} of the budget", share(spent)));
    let plural = if names.len() == 1 { "is" } else { "come together to" };
    format!(
        "Managed services: {} {plural} {} available by their promises{spent}; the whole is {}.",
        names.join(", "),
        availability(managed.unavailability),
        availability(plan.availability.unavailability)
    )
}

fn detection(name: &str, checked: &CheckedTier) -> String {
    let (rule, errors) = (&checked.rule, &checked.errors);
    format!(
        "{name}: a health check every {}, answered within {} or failed, takes a dead instance out after {} failures: {} on \
         average, {} at most. Until then {} visits fail, {} at most. At {} failures of instances a year that is {} of all \
         visits, with one retry elsewhere {}.",
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
    let others = if left == 1 { "the other one".to_owned() } else { format!("the other {}", count(f64::from(left))) };
    let carried = checked.cascade.utilization_without_one.map_or_else(
        || format!("With one removed {others} would be overloaded"),
        |utilization| {
            let (is, carries) = if left == 1 { ("is", "carries") } else { ("are", "carry") };
            format!("With one removed {others} {is} {} busy and {carries} the load", percent(utilization, 1))
        },
    );
    let begins_at = checked.cascade.begins_at;
    if begins_at == 0 {
        return format!(
            "{name}: most probes of working instances exceed the timeout of {}, so health checks remove all instances and the \
             balancer uses all of them again (fail open).",
            round_duration(checked.rule.timeout.get())
        );
    }
    let cascade = if begins_at >= checked.instances {
        "; no number of removals makes the rest too slow for its health checks".to_owned()
    } else {
        format!(
            "; with {} of {} removed the rest responds so slowly that health checks remove more (cascade), until all are \
             removed and the balancer uses all of them again (fail open)",
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
            "{} of the probes of working instances exceed the timeout of {timeout}, so health checks remove {} of them a year. ",
            small_percent(found.slow_share),
            significant(yearly)
        ),
        Known::AtMost => {
            let often = if yearly < 1e-3 {
                "less than once in 1,000 years".to_owned()
            } else {
                format!("at most {} times a year", significant(yearly))
            };
            format!("health checks remove a working instance {often}. ")
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
        Successor::Standby => "the standby takes over, and no write that was acknowledged is lost".to_owned(),
        Successor::Replica => {
            let lost = failover.lost_writes.filter(|lost| lost.mean_per_failover > 0.0).map_or_else(String::new, |lost| {
                format!(
                    ", and {} acknowledged writes are lost each time on average, {} at most in 99 % of the failovers (at {} \
                     and the replication lag of the model)",
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
        "{name}: no primary for {} on average, {} times a year ({}), the first time after {}; {what}. {alternative} it would be \
         {} each time, {} a year.",
        duration(actual.mean_outage),
        per_year(actual.outage_rate),
        downtime_per_year(actual.unavailability),
        duration(actual.mean_time_to_first_outage),
        duration(other.mean_outage),
        downtime_per_year(other.unavailability)
    )
}
