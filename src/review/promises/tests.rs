use super::*;
use crate::evaluate::{Condition, evaluate, system_availability};
use crate::model::System;
use crate::model_file::{Override, REFERENCE_MODEL, parse};

const YEAR: f64 = 365.0 * 86_400.0;

/// One machine in one zone.
const ALONE: &str = include_str!("../../../models/single-server.toml");

fn system(text: &str, changes: &[&str]) -> System {
    let overrides: Vec<Override> = changes.iter().map(|text| Override::parse(text).expect("an override")).collect();
    parse("model", text, &overrides).expect("no faults").system
}

/// What the system as it stands promises, its share of time down, and its requests per second.
fn of(text: &str, changes: &[&str]) -> (Promises, f64, f64) {
    let system = system(text, changes);
    let prepared = Prepared::new(&system).expect("prepared");
    let deployment = system.current_deployment();
    let normal = evaluate(&prepared, &deployment, Condition::AllUp).expect("a steady state");
    let hit_ratios = normal.tiers.iter().map(|tier| tier.hit_ratio).collect();
    let flows = prepared.flows(normal.arrival_rate, &hit_ratios).expect("flows");
    let down = system_availability(&system, &deployment, &flows).expect("zones").unavailability;
    (promises(&prepared, &deployment, &normal, &flows, down).expect("promises"), down, normal.arrival_rate)
}

fn close(got: f64, want: f64, tolerance: f64) -> bool {
    (got / want - 1.0).abs() < tolerance
}

fn source(promises: &Promises, cause: OutageCause) -> OutageSource {
    *promises.outages.sources.iter().find(|source| source.cause == cause).expect("the cause")
}

#[test]
fn a_budget_is_the_rest_of_the_promise() {
    let (found, down, rate) = of(REFERENCE_MODEL, &[]);
    let budget = found.budget.expect("an availability is promised");
    // A thousandth of 30 days: 0.001·43,200 min = 43.2 min, in which 2,592 s·λ requests fail.
    assert!(close(budget.minutes, 43.2, 1e-12) && close(budget.requests, 2_592.0 * rate, 1e-12));
    assert!(close(budget.spent.expect("a budget"), down / 1e-3, 1e-12));
    assert!(close(found.minutes_per_month, down * 43_200.0, 1e-12));
    assert!(close(found.minutes_per_year, down * 525_600.0, 1e-12));
    // A full outage has an error share of 1: noticed after window·B·0.001/1.
    let noticed = [3_600.0 * 14.4e-3, 21_600.0 * 6e-3, 86_400.0 * 3e-3, 259_200.0 * 1e-3];
    let spent = [0.02, 0.05, 0.1, 0.1];
    let short = [5.0, 30.0, 120.0, 360.0];
    assert_eq!(budget.alerts.len(), 4);
    for (alert, ((noticed, spent), short)) in budget.alerts.iter().zip(noticed.into_iter().zip(spent).zip(short)) {
        let fired = alert.full_outage.fired.expect("it fires");
        assert!(close(fired.detection, noticed, 1e-12) && close(fired.budget_spent, spent, 1e-12));
        assert!(close(alert.settings.short_window, short * 60.0, 1e-12));
    }
}

#[test]
fn a_promise_of_everything_leaves_no_budget() {
    let (found, ..) = of(REFERENCE_MODEL, &["objectives.availability=100%"]);
    let budget = found.budget.expect("an availability is promised");
    assert_eq!((budget.minutes, budget.requests, budget.spent, budget.alerts.len()), (0.0, 0.0, None, 0));
    // Any outage breaks it: those of 0.219·3 + 4.5 a year, 30 days of 365.
    let events: f64 = (3.0 * 1e-4 / 14_400.0 + 1.0 / 7_008_000.0) * 30.0 * 86_400.0;
    let breach = budget.breach.expect("an answer");
    assert!(close(breach.breach_probability, 1.0 - (-events).exp(), 1e-3), "{}", breach.breach_probability);
    // A loose one cannot be burnt 14.4 times too fast: that would take more errors than there are requests.
    let (loose, ..) = of(REFERENCE_MODEL, &["objectives.availability=90%"]);
    let fires: Vec<bool> =
        loose.budget.expect("promised").alerts.iter().map(|alert| alert.full_outage.fired.is_some()).collect();
    assert_eq!(fires, [false, true, true, true]);
    let (none, ..) = of(REFERENCE_MODEL.replace("availability = \"99.9%\"\n", "").as_str(), &[]);
    assert!(none.budget.is_none() && none.months.len() == 5);
}

#[test]
fn outages_have_their_rates_and_lengths() {
    let (found, down, _) = of(REFERENCE_MODEL, &[]);
    let region = source(&found, OutageCause::Region);
    // 99.99 % and 4 h at a time: 1e-4·31,536,000/14,400 = 0.219 a year.
    assert!(close(region.unavailability, 1e-4, 1e-9) && close(region.rate * YEAR, 0.219, 1e-9));
    // The primary fails with its instance, every 2,190 h, or its zone, every 17,520 h: together every 1,946.67 h.
    let failover = source(&found, OutageCause::Failover(4));
    assert!(close(failover.unavailability, 90.0 / 7_008_000.0, 1e-12) && failover.mean_length == 90.0);
    // 59.9 of 120 servers are busy: 20 instances in one zone are too few, 40 in two are enough.
    let zones = source(&found, OutageCause::Zones);
    let u: f64 = 4.0 / 17_524.0;
    assert!(close(zones.unavailability, 3.0 * u * u * (1.0 - u) + u * u * u, 1e-12));
    // Of two zones down the first is back after 2 h; in between the third may fail, after 17,520 h, for 4 h/3 more.
    assert!(close(zones.mean_length, 7_200.0 * (1.0 + 4.0 / 3.0 / 17_520.0), 1e-12));
    // In a series of all causes the whole is as unavailable as it is, and the shares add up.
    let shares: f64 = found.outages.sources.iter().filter_map(|source| source.importance.criticality).sum();
    assert!((shares - 1.0).abs() < 1e-3, "{shares}");
    assert!(close(region.importance.system_when_up, 1.0 - (1.0 - down) / (1.0 - 1e-4), 1e-6));
    let order: Vec<f64> = found.outages.sources.iter().map(|source| source.unavailability).collect();
    assert!(order.is_sorted_by(|one, other| one >= other));
}

#[test]
fn one_machine_in_one_zone_goes_with_both() {
    let (found, down, _) = of(ALONE, &[]);
    let (zone, machine) = (source(&found, OutageCause::Zones), source(&found, OutageCause::Instances(1)));
    assert!(close(zone.unavailability, 4.0 / 17_524.0, 1e-12) && close(zone.mean_length, 14_400.0, 1e-12));
    assert!(close(machine.unavailability, 5.0 / 43_205.0, 1e-12) && close(machine.mean_length, 300.0, 1e-12));
    let up = (1.0 - 4.0 / 17_524.0) * (1.0 - 5.0 / 43_205.0) * (1.0 - 1e-4);
    assert!(close(down, 1.0 - up, 1e-9));
    // One instance has nobody to take its place, and there is no database.
    assert!(found.health_checks.is_empty() && found.failovers.is_empty());
}

#[test]
fn a_zone_of_one_instance_is_a_single_kind_of_outage() {
    let only = ["region.availability=100%", "tiers.server.mttr=0 s", "region.zone_mttr=2 h", "region.zone_mtbf=1000 h"];
    let (found, ..) = of(ALONE, &only);
    assert_eq!(found.outages.sources.len(), 1);
    // Of 720 h the promise of 99 % allows 7.2 h: N ~ Poisson(712.8/1000) outages add up to more than 3.6 mean lengths.
    // P(N > M), M ~ Poisson(3.6), by the first terms of both.
    let poisson = |mean: f64, n: i32| (-mean).exp() * mean.powi(n) / (1..=n).map(f64::from).product::<f64>();
    let want: f64 = (1..40).map(|n| poisson(0.7128, n) * (0..n).map(|m| poisson(3.6, m)).sum::<f64>()).sum();
    assert!(close(found.months[0].breach_probability, want, 1e-9), "{}", found.months[0].breach_probability);
}

#[test]
fn a_system_that_never_fails_breaks_no_promise() {
    let never = ["region.availability=100%", "tiers.server.mttr=0 s", "region.zone_mttr=0 s"];
    let (found, down, _) = of(ALONE, &never);
    assert_eq!((down, found.minutes_per_year), (0.0, 0.0));
    assert!(found.months.is_empty() && found.outages.sources.is_empty());
    assert!(found.budget.is_some_and(|budget| budget.breach.is_none() && budget.spent == Some(0.0)));
    // A region that is down for no time at a time is no answer either.
    let (found, ..) = of(ALONE, &never[2..]);
    assert!(found.months.is_empty() && found.outages.sources.is_empty());
}

#[test]
fn a_primary_is_down_for_its_failover_or_for_its_repair() {
    let (found, ..) = of(REFERENCE_MODEL, &[]);
    let [with] = found.failovers[..] else { panic!("one database") };
    let mtbf = 7_008_000.0;
    // Back after 30 min of an instance in 8 failures of 9, 4 h of a zone in the other: 3,200 s.
    let repair = (8.0 * 1_800.0 + 14_400.0) / 9.0;
    assert!(close(with.alone.unavailability, repair / (mtbf + repair), 1e-12));
    assert!(close(with.alone.mean_outage, 3_200.0, 1e-12) && close(with.alone.outage_rate * YEAR, 4.498, 1e-4));
    // 90 s each time, and while a node is being replaced the other may fail until the first of both is back.
    let first_order = 90.0 / mtbf + 2.0 * repair / mtbf * (0.5 * repair) / mtbf;
    assert!(close(with.replicated.unavailability, first_order, 1e-3));
    assert!(close(with.replicated.mean_time_to_first_outage, mtbf, 1e-12));
    assert_eq!((with.successor, with.actual(), with.lost_writes), (Successor::Standby, with.replicated, None));
    // Without a standby a replica takes over, and what it lags behind is lost: 499 writes/s in 15 ms.
    let (found, ..) = of(REFERENCE_MODEL, &["tiers.db.standby=false", "tiers.db.replication_lag=15 ms"]);
    let replica = found.failovers[0];
    let lost = replica.lost_writes.expect("a lag");
    assert_eq!(replica.successor, Successor::Replica);
    assert!(close(lost.mean_per_failover, replica.write_rate * 0.015, 1e-12));
    let alone = ["tiers.db.standby=false", "tiers.db.read_replicas=0", "tiers.db.redundancy=none"];
    let (found, ..) = of(REFERENCE_MODEL, &alone);
    let nothing = found.failovers[0];
    assert_eq!((nothing.successor, nothing.actual(), nothing.lost_writes), (Successor::Nothing, nothing.alone, None));
}

#[test]
fn managed_services_promise_in_series() {
    let (found, ..) = of(REFERENCE_MODEL, &[]);
    let managed = found.managed.expect("three services");
    assert_eq!(managed.tiers, [0, 1, 5]);
    // 1·0.9999·0.9999, of a budget of 0.001.
    assert!(close(managed.unavailability, 1.0 - 0.9999 * 0.9999, 1e-9));
    assert!(close(managed.promise.expect("promised").budget_fraction.expect("a budget"), 0.199_99, 1e-9));
}
