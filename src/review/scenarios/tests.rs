//! Properties of every impact, on the reference system.

use super::*;
use crate::evaluate::{Condition, Prepared, evaluate};
use crate::model::{Deployment, Scenario, ScenarioKind, System, Workload};
use crate::model_file::{Override, REFERENCE_MODEL, parse};
use capplan_queueing::units::{ArrivalRate, Seconds};

/// Rounding in sums of millions of requests.
const COUNTED: f64 = 1e-9;

fn system(sets: &[(&str, &str)]) -> System {
    let overrides: Vec<Override> =
        sets.iter().map(|(key, value)| Override::parse(&format!("{key}={value}")).expect("an override")).collect();
    parse("web", REFERENCE_MODEL, &overrides).expect("no faults").system
}

fn scenario(system: &System, kind: ScenarioKind) -> Scenario {
    system.scenarios().iter().find(|scenario| scenario.kind == kind).expect("one of each kind").clone()
}

/// Impacts of scenarios on the current deployment.
fn impacts(system: &System, scenarios: &[Scenario]) -> Vec<Impact> {
    let prepared = Prepared::new(system).expect("prepared");
    let deployment = system.current_deployment();
    let evaluator = ScenarioEvaluator::new(&prepared, &deployment).expect("it works");
    scenarios.iter().map(|scenario| evaluator.impact(scenario).expect("an impact")).collect()
}

/// Impact of one scenario.
fn impact(system: &System, scenario: &Scenario) -> Impact {
    impacts(system, std::slice::from_ref(scenario)).remove(0)
}

/// Share of the requests that are neither served nor failed nor waiting.
fn unaccounted(impact: &Impact) -> f64 {
    let Timeline { arrivals, served, waiting, .. } = impact.timeline;
    (arrivals - served - impact.timeline.failed() - waiting).abs() / arrivals
}

/// A system with fewer instances than the objectives need.
fn tight() -> System {
    system(&[("tiers.app.instances", "34"), ("tiers.db.instance_type", "db.m6g.large"), ("tiers.cache.instances", "2")])
}

#[test]
fn without_a_fault_every_phase_is_the_system_as_it_is() {
    let system = system(&[]);
    let prepared = Prepared::new(&system).expect("prepared");
    let known = evaluate(&prepared, &system.current_deployment(), Condition::AllUp).expect("it works");
    let spike = Scenario { factor: 1.0, ..scenario(&system, ScenarioKind::Spike) };
    let calm = impact(&system, &spike);
    assert_eq!((calm.verdict, calm.timeline.failed(), calm.recovery_time), (Verdict::Unnoticed, 0.0, Some(0.0)));
    for phase in &calm.timeline.phases {
        let here = &phase.evaluation.as_ref().expect("it works").evaluation;
        assert_eq!(here.tiers, known.tiers);
        assert_eq!(here.arrival_rate, known.arrival_rate);
        assert!(phase.holds && phase.backlog == [0.0; 2]);
    }
}

#[test]
fn what_comes_is_served_fails_or_waits() {
    let arrival_rate = ArrivalRate::new(4900.0).expect("a rate");
    for system in [tight(), system(&[]).with_workload(Workload::Arrivals { arrival_rate })] {
        let with = |retries: u32| system.scenarios().iter().map(move |one| Scenario { retries, ..one.clone() });
        let scenarios: Vec<Scenario> = with(0).chain(with(2)).collect();
        for impact in impacts(&system, &scenarios) {
            assert!(unaccounted(&impact) <= COUNTED, "{}", impact.scenario.name);
            let joined = |pair: &[Phase]| pair[0].end() == Some(pair[1].start);
            assert!(impact.timeline.phases.windows(2).all(joined), "{}", impact.scenario.name);
        }
    }
}

#[test]
fn the_same_question_has_the_same_answer() {
    let system = tight();
    let backwards: Vec<Scenario> = system.scenarios().iter().rev().cloned().collect();
    let mut again = impacts(&system, &backwards);
    again.reverse();
    assert_eq!(impacts(&system, system.scenarios()), again);
}

#[test]
fn more_loss_never_recovers_faster() {
    // As long as nobody gives up: of those who went away nobody is left to be served.
    let system = system(&[("tiers.app.instances", "40"), ("clients.timeout", "1 d")]);
    let missed = |impact: &Impact| impact.missed_time.unwrap_or(f64::INFINITY);
    let rises = |scenarios: Vec<Scenario>| {
        let impacts = impacts(&system, &scenarios);
        for pair in impacts.windows(2) {
            assert!(missed(&pair[0]) <= missed(&pair[1]), "{}", pair[0].scenario.name);
            assert!(
                pair[0].timeline.failed() <= pair[1].timeline.failed() * (1.0 + COUNTED),
                "{}",
                pair[0].scenario.name
            );
            assert!(pair[0].verdict <= pair[1].verdict, "{}", pair[0].scenario.name);
        }
    };
    let app = system.tiers().iter().position(|tier| tier.name == "app");
    let lost = scenario(&system, ScenarioKind::InstanceLost);
    rises([1, 5, 10, 20, 39].map(|instances| Scenario { instances, tier: app, ..lost.clone() }).to_vec());
    let spike = scenario(&system, ScenarioKind::Spike);
    rises([1.0, 1.4, 2.0, 4.0].map(|factor| Scenario { factor, ..spike.clone() }).to_vec());
    let seconds = |time| Some(Seconds::new(time).expect("a time"));
    rises([30.0, 100.0, 400.0].map(|time| Scenario { duration: seconds(time), ..spike.clone() }).to_vec());
}

#[test]
fn the_bottleneck_is_what_breaks_first() {
    let system = tight();
    let lost = impact(&system, &scenario(&system, ScenarioKind::CacheLost));
    assert!(matches!(&lost.weakness, Some(Weakness::Overloaded { tier, .. }) if tier == "db"), "{:?}", lost.weakness);
    assert!(lost.timeline.failures.iter().all(|failures| failures.cause == Cause::TimedOut && failures.tier == "db"));
    let zone = impact(&system, &scenario(&system, ScenarioKind::ZoneLost));
    assert!(zone.timeline.failures.iter().any(|failures| failures.cause == Cause::NoPrimary));
    assert!(
        zone.timeline.failures.iter().any(|failures| failures.cause == Cause::DeadInstance && failures.tier == "app")
    );
}

#[test]
fn a_tier_without_a_second_instance_is_down() {
    let system =
        system(&[("tiers.app.instance_type", "m7g.2xlarge"), ("workload.users", "1000"), ("tiers.app.instances", "1")]);
    let zone = impact(&system, &scenario(&system, ScenarioKind::ZoneLost));
    assert_eq!(zone.verdict, Verdict::Down);
    assert_eq!(zone.recovery_time, Some(4.0 * 3600.0));
    assert!(zone.timeline.failures.iter().any(|failures| failures.cause == Cause::NothingLeft));
}

#[test]
fn what_is_not_there_cannot_be_lost() {
    let text = "capplan = 1\nname = \"one\"\n[workload]\narrival_rate = \"10/s\"\n[tiers.app]\nkind = \"service\"\n\
                service_time = \"10 ms\"\ninstance_type = \"m7g.large\"\ninstances = 2\n";
    let system = parse("one", text, &[]).expect("no faults").system;
    let prepared = Prepared::new(&system).expect("prepared");
    let deployment: Deployment = system.current_deployment();
    let evaluator = ScenarioEvaluator::new(&prepared, &deployment).expect("it works");
    let message = |kind| evaluator.impact(&scenario(&system, kind)).expect_err("nothing to hit").to_string();
    assert_eq!(message(ScenarioKind::CacheLost), "the system has no cache");
    assert_eq!(message(ScenarioKind::DbFailover), "the system has no database");
    assert!(evaluator.impact(&scenario(&system, ScenarioKind::Deploy)).is_ok());
}

#[test]
fn a_storm_outlives_its_cause_where_retries_fill_the_capacity() {
    let arrival_rate = ArrivalRate::new(5000.0).expect("a rate");
    let system = system(&[]).with_workload(Workload::Arrivals { arrival_rate });
    let storm = Scenario { retries: 3, ..scenario(&system, ScenarioKind::RetryStorm) };
    let impact = impact(&system, &storm);
    let figures = impact.retry_storm.expect("a storm");
    assert!(figures.is_vulnerable() && figures.recovers_below > 0.49 && figures.recovers_below < 0.51);
    assert_eq!((impact.verdict, impact.recovery_time), (Verdict::Down, None));
    assert_eq!(impact.timeline.phases.last().expect("a last phase").served_rate, 0.0);
}

fn failed(impact: &Impact, cause: Cause, tier: &str) -> f64 {
    let known = impact.timeline.failures.iter().find(|failures| failures.cause == cause && failures.tier == tier);
    known.map_or(0.0, |failures| failures.requests)
}

#[test]
fn what_fails_at_a_tier_does_not_fail_at_the_next_one() {
    let system = system(&[]);
    let zone = impact(&system, &scenario(&system, ScenarioKind::ZoneLost));
    let rate = zone.before.evaluation.arrival_rate;
    // Each request visits the app once; a third of its instances is dead for 50 s.
    let unnoticed = &zone.timeline.phases[0];
    assert_eq!(unnoticed.duration, Some(50.0));
    let at_app = failed(&zone, Cause::DeadInstance, "app");
    assert!((at_app / (50.0 * unnoticed.arrival_rate / 3.0) - 1.0).abs() < COUNTED);
    assert!((unnoticed.arrival_rate / rate - 1.0).abs() < 1e-2);
    assert!(matches!(&zone.weakness, Some(Weakness::Unreachable { tier, share }) if tier == "app"
        && (share * 3.0 - 1.0).abs() < COUNTED));
    let shares = &unnoticed.evaluation.as_ref().expect("it works").shares;
    let all: f64 = shares.failing.iter().map(|share| share.total()).sum();
    assert!((shares.served + all - 1.0).abs() < COUNTED);
}

#[test]
fn visits_without_a_connection_fail() {
    let system = system(&[("tiers.db.max_connections", "12")]);
    for kind in [ScenarioKind::CacheLost, ScenarioKind::Spike] {
        let impact = impact(&system, &scenario(&system, kind));
        let refused = failed(&impact, Cause::Refused, "db");
        assert!(refused > 0.0 && impact.verdict == Verdict::Failing, "{}", impact.scenario.name);
        assert!(unaccounted(&impact) <= COUNTED, "{}", impact.scenario.name);
    }
    // One replica is overloaded 1.03 times, but nobody waits: what finds no connection fails at once.
    let lost = impact(&system, &scenario(&system, ScenarioKind::CacheLost));
    let [first, ..] = &lost.timeline.phases[..] else { unreachable!("a timeline has phases") };
    assert!(!first.holds && first.failed_rate > 0.0 && first.backlog == [0.0; 2]);
    assert!((first.failed_rate + first.served_rate - first.arrival_rate).abs() <= COUNTED * first.arrival_rate);
    // Few refusals are allowed, and none are noticed.
    let wide = self::system(&[("tiers.db.max_connections", "200")]);
    let failover = impact_of(&wide, ScenarioKind::Deploy);
    assert_eq!(failover.verdict, Verdict::Unnoticed);
}

fn impact_of(system: &System, kind: ScenarioKind) -> Impact {
    impact(system, &scenario(system, kind))
}

#[test]
fn a_database_that_refuses_too_much_breaks_the_objectives() {
    // Response times hold in the situation; what is refused does not.
    let system = system(&[("tiers.db.max_connections", "12"), ("scenarios.instance-lost.tier", "cache")]);
    let lost = impact_of(&system, ScenarioKind::InstanceLost);
    let prepared = Prepared::new(&system).expect("prepared");
    let db = system.tiers().iter().position(|tier| tier.name == "db");
    let refusing = lost.timeline.phases.iter().find(|phase| !phase.holds).expect("a phase that is missed");
    let found = refusing.evaluation.as_ref().expect("a steady state");
    assert_eq!(found.too_many_refused, db);
    assert!(!found.holds(&prepared) && found.shares.failing[db.expect("a database")].refused > 1e-4);
}

#[test]
fn hashing_decides_what_the_loss_of_a_node_costs() {
    let hit_ratios = |hashing: &str| {
        let system = system(&[("tiers.cache.hashing", hashing), ("scenarios.instance-lost.tier", "cache")]);
        let cache = system.tiers().iter().position(|tier| tier.name == "cache").expect("a cache");
        let lost = impact_of(&system, ScenarioKind::InstanceLost);
        let usual = lost.timeline.warm_up.as_ref().expect("a refill").hit_ratio;
        let of_stage = |name: &str| {
            let phase = lost.timeline.phases.iter().find(|phase| phase.name == name).expect("a stage");
            phase.hit_ratios[cache].expect("a hit ratio") / usual
        };
        [of_stage("not yet detected"), of_stage("one instance fewer")]
    };
    let (consistent, modulo) = (hit_ratios("consistent"), hit_ratios("modulo"));
    // Clients look for a third of the keys in the dead node, whatever the hashing. Then, of three nodes to two, a third of
    // the keys moves, or two thirds by the remainder; the first step of a refill has a little of that already.
    assert!((consistent[0] - 2.0 / 3.0).abs() < 1e-2 && (modulo[0] - 2.0 / 3.0).abs() < 1e-2, "{consistent:?}");
    assert!((consistent[1] - 2.0 / 3.0).abs() < 0.06 && consistent[1] > 2.0 / 3.0, "{consistent:?}");
    assert!((modulo[1] - 1.0 / 3.0).abs() < 0.12 && modulo[1] > 1.0 / 3.0, "{modulo:?}");
}

/// Rounding of a mean over phases.
const MEAN: f64 = 1e-9;

#[test]
fn an_overload_and_its_backlog_are_stages_with_their_true_load() {
    let system = system(&[]);
    let app = system.tiers().iter().position(|tier| tier.name == "app").expect("a tier");
    let storm = impact_of(&system, ScenarioKind::RetryStorm);
    let names: Vec<&str> = storm.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(names, ["more load than usual", "load is normal again, backlog drains", "as before"]);
    let [overload, drain, after] = &storm.stages[..] else { unreachable!("three stages") };
    // What breaks first is what the first stage shows at its worst.
    let Some(Weakness::Overloaded { tier, load }) = &storm.weakness else { unreachable!("an overload") };
    let (peak_tier, peak) = overload.peak_load.expect("a load");
    assert!(tier == "app" && peak_tier == app && (peak / load - 1.0).abs() < 1e-6, "{peak} {load}");
    // A tier that works off a backlog is busy all the time.
    assert!((drain.load[app].expect("a load") - 1.0).abs() < MEAN);
    assert!(!overload.holds && !drain.holds && after.holds && after.backlog_wait == 0.0 && after.p99.is_some());
    assert_eq!(storm.recovery_time, Some(after.start));
    assert!((storm.peak_backlog - overload.backlog).abs() < MEAN * overload.backlog);
}

#[test]
fn no_more_people_wait_than_there_are() {
    let system = system(&[]);
    let Workload::Users { users, .. } = system.workload() else { unreachable!("a closed workload") };
    for (factor, retries) in [(3.0, 4), (10.0, 9)] {
        let storm = Scenario { factor, retries, ..scenario(&system, ScenarioKind::RetryStorm) };
        let storm = impact(&system, &storm);
        assert!(storm.peak_waiting <= users * factor, "{}", storm.peak_waiting);
        assert!(storm.peak_backlog >= storm.peak_waiting);
        assert!(unaccounted(&storm) <= COUNTED, "{}", storm.scenario.name);
    }
}

#[test]
fn figures_of_a_stage_are_its_mean() {
    let system = tight();
    for impact in impacts(&system, system.scenarios()) {
        for stage in impact.stages.iter().filter(|stage| stage.duration.is_some_and(|time| time > 0.0)) {
            let (start, end) = (stage.start, stage.start + stage.duration.unwrap_or(0.0));
            // A phase is known by its middle: sums of durations are rounded.
            let middle = |phase: &Phase| phase.end().map(|end| f64::midpoint(phase.start, end));
            let within = |phase: &&Phase| middle(phase).is_some_and(|middle| start < middle && middle < end);
            let sum = |value: fn(&Phase) -> f64| {
                let phases = impact.timeline.phases.iter().filter(within);
                phases.fold(0.0, |sum, phase| sum + value(phase) * phase.duration.unwrap_or(0.0))
            };
            let served = 1.0 - sum(|phase| phase.failed_rate) / sum(|phase| phase.arrival_rate);
            assert!(
                (stage.served_share - served.clamp(0.0, 1.0)).abs() < 1e-6,
                "{} {}",
                impact.scenario.name,
                stage.name
            );
        }
    }
}

#[test]
fn a_breach_of_less_than_a_second_is_not_noticed() {
    let system = system(&[]);
    let cold = impact_of(&system, ScenarioKind::CacheCold);
    // An empty cache sends the database 103 % of what it can serve, for an instant.
    let (_, peak) = cold.stages[0].peak_load.expect("a load");
    assert!(peak > 1.0 && cold.verdict == Verdict::Unnoticed && cold.missed_time == Some(0.0), "{peak}");
    assert!(matches!(&cold.weakness, Some(Weakness::Nearest { utilization, .. }) if *utilization == peak));
    let seconds = |time| Some(Seconds::new(time).expect("a time"));
    let spike = scenario(&system, ScenarioKind::Spike);
    let of = |factor, time| impact(&system, &Scenario { factor, duration: seconds(time), ..spike.clone() });
    let (short, long) = (of(2.05, 0.5), of(2.05, 2.0));
    assert_eq!((short.verdict, short.recovery_time), (Verdict::Unnoticed, Some(0.0)));
    assert_eq!(long.verdict, Verdict::Degraded);
}

#[test]
fn a_primary_without_a_successor_is_missed_until_it_is_repaired() {
    let alone = system(&[("tiers.db.read_replicas", "0"), ("tiers.db.standby", "false"), ("workload.users", "20000")]);
    let failover = impact_of(&alone, ScenarioKind::DbFailover);
    let names: Vec<&str> = failover.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(names, ["no primary until it is repaired", "the primary is back"]);
    assert_eq!(failover.missed_time, failover.stages[0].duration);
}
