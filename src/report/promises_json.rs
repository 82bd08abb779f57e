use serde::Serialize;

use crate::review::Recommendation;
use crate::review::{
    Alert, CheckedTier, DatabaseFailover, ErrorBudget, Known, ManagedPromise, OutageCause, OutageSource, Promises,
};

/// What a deployment lets one promise. Times are seconds unless the name says minutes, rates per second, shares of 1.
#[derive(Debug, Serialize)]
pub(super) struct PromisesJson {
    month_days: u32,
    downtime_minutes_per_month: f64,
    downtime_minutes_per_year: f64,
    assumed_outage: f64,
    months: Vec<MonthJson>,
    error_budget: Option<BudgetJson>,
    hangs_on: Vec<SourceJson>,
    health_checks: Vec<CheckJson>,
    failovers: Vec<FailoverJson>,
    managed_services: Option<ManagedJson>,
}

#[derive(Debug, Serialize)]
struct MonthJson {
    promise: f64,
    breach_probability: f64,
}

#[derive(Debug, Serialize)]
struct BudgetJson {
    promise: f64,
    minutes: f64,
    failed_requests: f64,
    spent_on_average: Option<f64>,
    breach_probability: Option<f64>,
    probability_of_no_outage: Option<f64>,
    alerts: Vec<AlertJson>,
}

#[derive(Debug, Serialize)]
struct AlertJson {
    severity: &'static str,
    burn_rate: f64,
    long_window: f64,
    short_window: f64,
    error_share: f64,
    full_outage_noticed_after: Option<f64>,
    budget_spent_by_then: Option<f64>,
}

#[derive(Debug, Serialize)]
struct SourceJson {
    cause: &'static str,
    tier: Option<String>,
    unavailability: f64,
    mean_outage: f64,
    outages_per_year: f64,
    share_of_downtime: Option<f64>,
    birnbaum: f64,
    unavailability_without: f64,
}

#[derive(Debug, Serialize)]
struct CheckJson {
    tier: String,
    interval: f64,
    timeout: f64,
    unhealthy_threshold: u32,
    healthy_threshold: u32,
    detection_mean: f64,
    detection_max: f64,
    failed_visits_mean: f64,
    failed_visits_max: f64,
    instance_failures_per_year: f64,
    failed_share: f64,
    failed_share_one_retry: f64,
    slow_probe_share: Option<f64>,
    slow_probe_share_is_bound: Option<bool>,
    false_removals_per_year: Option<f64>,
    removed_share: Option<f64>,
    all_removed: Option<f64>,
    utilization_without_one: Option<f64>,
    carries_without_one: bool,
    cascade_begins_at: Option<u32>,
}

#[derive(Debug, Serialize)]
struct FailoverJson {
    tier: String,
    successor: &'static str,
    mean_outage: f64,
    outages_per_year: f64,
    unavailability: f64,
    mean_time_to_first_outage: f64,
    with_successor: OutageJson,
    without_successor: OutageJson,
    lost_writes: Option<LostJson>,
}

#[derive(Debug, Serialize)]
struct OutageJson {
    mean_outage: f64,
    unavailability: f64,
}

#[derive(Debug, Serialize)]
struct LostJson {
    write_rate: f64,
    mean_per_failover: f64,
    any_loss_probability: f64,
    p99: u64,
    p99_lag: f64,
}

#[derive(Debug, Serialize)]
struct ManagedJson {
    tiers: Vec<String>,
    availability: f64,
    unavailability: f64,
    share_of_budget: Option<f64>,
    whole_unavailability: f64,
}

/// What a deployment lets one promise, in an answer.
pub(super) fn promises_json(plan: &Recommendation) -> PromisesJson {
    let promises: &Promises = &plan.promises;
    PromisesJson {
        month_days: 30,
        downtime_minutes_per_month: promises.minutes_per_month,
        downtime_minutes_per_year: promises.minutes_per_year,
        assumed_outage: promises.outages.assumed_length,
        months: promises
            .months
            .iter()
            .map(|month| MonthJson { promise: month.availability, breach_probability: month.breach_probability })
            .collect(),
        error_budget: promises.budget.as_ref().map(budget_json),
        hangs_on: promises.outages.sources.iter().map(|source| source_json(plan, source)).collect(),
        health_checks: promises.health_checks.iter().map(|checked| check_json(plan, checked)).collect(),
        failovers: promises.failovers.iter().map(|failover| failover_json(plan, failover)).collect(),
        managed_services: promises.managed.as_ref().map(|managed| managed_json(plan, managed)),
    }
}

fn name(plan: &Recommendation, tier: usize) -> String {
    plan.tiers[tier].name.clone()
}

/// Events per second as events a year of 365 days.
fn yearly(rate: f64) -> f64 {
    rate * 365.0 * 86_400.0
}

fn budget_json(budget: &ErrorBudget) -> BudgetJson {
    BudgetJson {
        promise: budget.promise,
        minutes: budget.minutes,
        failed_requests: budget.requests,
        spent_on_average: budget.spent,
        breach_probability: budget.breach.map(|breach| breach.breach_probability),
        probability_of_no_outage: budget.breach.map(|breach| breach.no_outage_probability),
        alerts: budget.alerts.iter().map(alert_json).collect(),
    }
}

fn alert_json(alert: &Alert) -> AlertJson {
    AlertJson {
        severity: alert.severity.name(),
        burn_rate: alert.settings.burn_rate,
        long_window: alert.long_window,
        short_window: alert.settings.short_window,
        error_share: alert.settings.error_rate_threshold,
        full_outage_noticed_after: alert.full_outage.fired.map(|fired| fired.detection),
        budget_spent_by_then: alert.full_outage.fired.map(|fired| fired.budget_spent),
    }
}

fn source_json(plan: &Recommendation, source: &OutageSource) -> SourceJson {
    let (cause, tier) = match source.cause {
        OutageCause::Region => ("region", None),
        OutageCause::Zones => ("zones", None),
        OutageCause::Managed(tier) => ("managed service", Some(tier)),
        OutageCause::Instances(tier) => ("instances", Some(tier)),
        OutageCause::Failover(tier) => ("failover", Some(tier)),
    };
    SourceJson {
        cause,
        tier: tier.map(|tier| name(plan, tier)),
        unavailability: source.unavailability,
        mean_outage: source.mean_length,
        outages_per_year: yearly(source.rate),
        share_of_downtime: source.importance.criticality,
        birnbaum: source.importance.birnbaum,
        unavailability_without: source.importance.system_when_up,
    }
}

fn check_json(plan: &Recommendation, checked: &CheckedTier) -> CheckJson {
    const DAYS: f64 = 365.0;
    let found = checked.false_removals.as_ref();
    let begins_at = checked.cascade.begins_at;
    CheckJson {
        tier: name(plan, checked.tier),
        interval: checked.rule.interval.get(),
        timeout: checked.rule.timeout.get(),
        unhealthy_threshold: checked.rule.unhealthy_threshold,
        healthy_threshold: checked.rule.healthy_threshold,
        detection_mean: checked.detection.mean,
        detection_max: checked.detection.max,
        failed_visits_mean: checked.errors.failed_per_failure_mean,
        failed_visits_max: checked.errors.failed_per_failure_max,
        instance_failures_per_year: yearly(checked.errors.failure_rate),
        failed_share: checked.errors.error_share,
        failed_share_one_retry: checked.errors.error_share_one_retry,
        slow_probe_share: found.map(|found| found.slow_share),
        slow_probe_share_is_bound: found.map(|found| found.known == Known::AtMost),
        false_removals_per_year: found.map(|found| found.removal.removals_per_day * DAYS),
        removed_share: found.map(|found| found.removal.fraction_removed),
        all_removed: found.map(|found| found.removal.all_removed),
        utilization_without_one: checked.cascade.utilization_without_one,
        carries_without_one: checked.cascade.utilization_without_one.is_some() && begins_at > 1,
        cascade_begins_at: (begins_at < checked.instances).then_some(begins_at),
    }
}

fn failover_json(plan: &Recommendation, failover: &DatabaseFailover) -> FailoverJson {
    let actual = failover.actual();
    let outage = |mean_outage: f64, unavailability: f64| OutageJson { mean_outage, unavailability };
    FailoverJson {
        tier: name(plan, failover.tier),
        successor: failover.successor.name(),
        mean_outage: actual.mean_outage,
        outages_per_year: yearly(actual.outage_rate),
        unavailability: actual.unavailability,
        mean_time_to_first_outage: actual.mean_time_to_first_outage,
        with_successor: outage(failover.replicated.mean_outage, failover.replicated.unavailability),
        without_successor: outage(failover.alone.mean_outage, failover.alone.unavailability),
        lost_writes: failover.lost_writes.map(|lost| LostJson {
            write_rate: failover.write_rate,
            mean_per_failover: lost.mean_per_failover,
            any_loss_probability: lost.any_loss_probability,
            p99: lost.p99,
            p99_lag: lost.p99_lag,
        }),
    }
}

fn managed_json(plan: &Recommendation, managed: &ManagedPromise) -> ManagedJson {
    ManagedJson {
        tiers: managed.tiers.iter().map(|&tier| name(plan, tier)).collect(),
        availability: 1.0 - managed.unavailability,
        unavailability: managed.unavailability,
        share_of_budget: managed.promise.as_ref().and_then(|promise| promise.budget_fraction),
        whole_unavailability: plan.availability.unavailability,
    }
}
