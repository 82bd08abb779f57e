use capplan_queueing::availability::FailoverAvailability;

use crate::review::{
    Alert, CheckedTier, DatabaseFailover, ErrorBudget, Known, ManagedPromise, MonthlyPromise, OutageCause,
    OutageSource, Review,
};

use super::super::format::yearly;
use super::object::Object;

/// What a deployment lets one promise.
pub(super) fn promises(plan: &Review) -> Object {
    let promises = &plan.promises;
    let month = |month: &MonthlyPromise| {
        Object::new().field("promise", month.availability).field("breach_probability", month.breach_probability)
    };
    Object::new()
        .field("month_days", 30)
        .field("downtime_minutes_per_month", promises.minutes_per_month)
        .field("downtime_minutes_per_year", promises.minutes_per_year)
        .field("assumed_outage", promises.outages.assumed_length)
        .list("months", promises.months.iter().map(month))
        .field("error_budget", promises.budget.as_ref().map(error_budget))
        .list("hangs_on", promises.outages.sources.iter().map(|source| outage(plan, source)))
        .list("health_checks", promises.health_checks.iter().map(|tier| health_check(plan, tier)))
        .list("failovers", promises.failovers.iter().map(|database| failover(plan, database)))
        .field("managed_services", promises.managed.as_ref().map(|services| managed(plan, services)))
}

fn name(plan: &Review, tier: usize) -> &str {
    &plan.tiers[tier].name
}

fn error_budget(budget: &ErrorBudget) -> Object {
    Object::new()
        .field("promise", budget.promise)
        .field("minutes", budget.minutes)
        .field("failed_requests", budget.requests)
        .field("spent_on_average", budget.spent)
        .field("breach_probability", budget.breach.map(|breach| breach.breach_probability))
        .field("probability_of_no_outage", budget.breach.map(|breach| breach.no_outage_probability))
        .list("alerts", budget.alerts.iter().map(alert))
}

fn alert(alert: &Alert) -> Object {
    let fired = alert.full_outage.fired;
    Object::new()
        .field("severity", alert.severity.name())
        .field("burn_rate", alert.settings.burn_rate)
        .field("long_window", alert.long_window)
        .field("short_window", alert.settings.short_window)
        .field("error_share", alert.settings.error_rate_threshold)
        .field("full_outage_noticed_after", fired.map(|fired| fired.detection))
        .field("budget_spent_by_then", fired.map(|fired| fired.budget_spent))
}

fn outage(plan: &Review, source: &OutageSource) -> Object {
    let (cause, tier) = match source.cause {
        OutageCause::Region => ("region", None),
        OutageCause::Zones => ("zones", None),
        OutageCause::Managed(tier) => ("managed service", Some(tier)),
        OutageCause::Instances(tier) => ("instances", Some(tier)),
        OutageCause::Failover(tier) => ("failover", Some(tier)),
    };
    Object::new()
        .field("cause", cause)
        .field("tier", tier.map(|tier| name(plan, tier)))
        .field("unavailability", source.unavailability)
        .field("mean_outage", source.mean_length)
        .field("outages_per_year", yearly(source.rate))
        .field("share_of_downtime", source.importance.criticality)
        .field("birnbaum", source.importance.birnbaum)
        .field("unavailability_without", source.importance.system_when_up)
}

fn health_check(plan: &Review, checked: &CheckedTier) -> Object {
    const DAYS: f64 = 365.0;
    let found = checked.false_removals.as_ref();
    let (rule, errors, cascade) = (&checked.rule, &checked.errors, &checked.cascade);
    Object::new()
        .field("tier", name(plan, checked.tier))
        .field("interval", rule.interval.get())
        .field("timeout", rule.timeout.get())
        .field("unhealthy_threshold", rule.unhealthy_threshold)
        .field("healthy_threshold", rule.healthy_threshold)
        .field("detection_mean", checked.detection.mean)
        .field("detection_max", checked.detection.max)
        .field("failed_visits_mean", errors.failed_per_failure_mean)
        .field("failed_visits_max", errors.failed_per_failure_max)
        .field("instance_failures_per_year", yearly(errors.failure_rate))
        .field("failed_share", errors.error_share)
        .field("failed_share_one_retry", errors.error_share_one_retry)
        .field("slow_probe_share", found.map(|found| found.slow_share))
        .field("slow_probe_share_is_bound", found.map(|found| found.known == Known::AtMost))
        .field("false_removals_per_year", found.map(|found| found.removal.removals_per_day * DAYS))
        .field("removed_share", found.map(|found| found.removal.fraction_removed))
        .field("all_removed", found.map(|found| found.removal.all_removed))
        .field("utilization_without_one", cascade.utilization_without_one)
        .field("carries_without_one", cascade.utilization_without_one.is_some() && cascade.begins_at > 1)
        .field("cascade_begins_at", (cascade.begins_at < checked.instances).then_some(cascade.begins_at))
}

fn failover(plan: &Review, failover: &DatabaseFailover) -> Object {
    let actual = failover.actual();
    let outage = |of: &FailoverAvailability| {
        Object::new().field("mean_outage", of.mean_outage).field("unavailability", of.unavailability)
    };
    let lost = failover.lost_writes.map(|lost| {
        Object::new()
            .field("write_rate", failover.write_rate)
            .field("mean_per_failover", lost.mean_per_failover)
            .field("any_loss_probability", lost.any_loss_probability)
            .field("p99", lost.p99)
            .field("p99_lag", lost.p99_lag)
    });
    Object::new()
        .field("tier", name(plan, failover.tier))
        .field("successor", failover.successor.name())
        .field("mean_outage", actual.mean_outage)
        .field("outages_per_year", yearly(actual.outage_rate))
        .field("unavailability", actual.unavailability)
        .field("mean_time_to_first_outage", actual.mean_time_to_first_outage)
        .field("with_successor", outage(&failover.replicated))
        .field("without_successor", outage(&failover.alone))
        .field("lost_writes", lost)
}

fn managed(plan: &Review, managed: &ManagedPromise) -> Object {
    Object::new()
        .list("tiers", managed.tiers.iter().map(|&tier| name(plan, tier)))
        .field("availability", 1.0 - managed.unavailability)
        .field("unavailability", managed.unavailability)
        .field("share_of_budget", managed.promise.as_ref().and_then(|promise| promise.budget_fraction))
        .field("whole_unavailability", plan.availability.unavailability)
}
