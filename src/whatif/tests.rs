//! What must hold of every course, on the reference system.

use super::*;
use crate::evaluate::{Condition, Prepared, evaluate};
use crate::model::{Deployment, Scenario, ScenarioKind, System, Workload};
use crate::spec::{Override, REFERENCE_MODEL, parse};
use crate::units::{ArrivalRate, Seconds};

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

/// What scenarios do to what runs today, one after the other.
fn courses(system: &System, scenarios: &[Scenario]) -> Vec<Course> {
    let prepared = Prepared::new(system).expect("prepared");
    let deployment = system.current_deployment();
    let laboratory = Laboratory::new(&prepared, &deployment).expect("it works");
    scenarios.iter().map(|scenario| laboratory.course(scenario).expect("a course")).collect()
}

/// What one scenario does.
fn course(system: &System, scenario: &Scenario) -> Course {
    courses(system, std::slice::from_ref(scenario)).remove(0)
}

/// A system that suffers: fewer instances than the objectives need.
fn tight() -> System {
    system(&[("tiers.app.instances", "34"), ("tiers.db.instance_type", "db.m6g.large"), ("tiers.cache.instances", "2")])
}

#[test]
fn without_a_fault_every_phase_is_the_system_as_it_is() {
    let system = system(&[]);
    let prepared = Prepared::new(&system).expect("prepared");
    let known = evaluate(&prepared, &system.current_deployment(), Condition::AllUp).expect("it works");
    let spike = Scenario { factor: 1.0, ..scenario(&system, ScenarioKind::Spike) };
    let calm = course(&system, &spike);
    assert_eq!((calm.verdict, calm.failed(), calm.recovery_time), (Verdict::Unnoticed, 0.0, Some(0.0)));
    for phase in &calm.phases {
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
        for course in courses(&system, &scenarios) {
            let gone = course.served + course.failed() + course.waiting;
            assert!((course.arrivals - gone).abs() <= COUNTED * course.arrivals, "{}: {gone}", course.name);
            let joined = |pair: &[Phase]| pair[0].end() == Some(pair[1].start);
            assert!(course.phases.windows(2).all(joined), "{}", course.name);
        }
    }
}

#[test]
fn the_same_question_has_the_same_answer() {
    let system = tight();
    let backwards: Vec<Scenario> = system.scenarios().iter().rev().cloned().collect();
    let mut again = courses(&system, &backwards);
    again.reverse();
    assert_eq!(courses(&system, system.scenarios()), again);
}

#[test]
fn more_loss_never_recovers_faster() {
    // As long as nobody gives up: of those who went away nobody is left to be served.
    let system = system(&[("tiers.app.instances", "40"), ("clients.timeout", "1 d")]);
    let missed = |course: &Course| course.missed_time.unwrap_or(f64::INFINITY);
    let rises = |scenarios: Vec<Scenario>| {
        let courses = courses(&system, &scenarios);
        for pair in courses.windows(2) {
            assert!(missed(&pair[0]) <= missed(&pair[1]), "{}", pair[0].name);
            assert!(pair[0].failed() <= pair[1].failed() * (1.0 + COUNTED), "{}", pair[0].name);
            assert!(pair[0].verdict <= pair[1].verdict, "{}", pair[0].name);
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
    let lost = course(&system, &scenario(&system, ScenarioKind::CacheLost));
    assert!(matches!(&lost.weakness, Some(Weakness::Overloaded { tier, .. }) if tier == "db"), "{:?}", lost.weakness);
    assert!(lost.failures.iter().all(|failures| failures.cause == Cause::TimedOut && failures.tier == "db"));
    let zone = course(&system, &scenario(&system, ScenarioKind::ZoneLost));
    assert!(zone.failures.iter().any(|failures| failures.cause == Cause::NoPrimary));
    assert!(zone.failures.iter().any(|failures| failures.cause == Cause::DeadInstance && failures.tier == "app"));
}

#[test]
fn a_tier_without_a_second_instance_is_down() {
    let system =
        system(&[("tiers.app.instance_type", "m7g.2xlarge"), ("workload.users", "1000"), ("tiers.app.instances", "1")]);
    let zone = course(&system, &scenario(&system, ScenarioKind::ZoneLost));
    assert_eq!(zone.verdict, Verdict::Down);
    assert_eq!(zone.recovery_time, Some(4.0 * 3600.0));
    assert!(zone.failures.iter().any(|failures| failures.cause == Cause::NothingLeft));
}

#[test]
fn what_is_not_there_cannot_be_lost() {
    let text = "capplan = 1\nname = \"one\"\n[workload]\narrival_rate = \"10/s\"\n[tiers.app]\nkind = \"service\"\n\
                service_time = \"10 ms\"\ninstance_type = \"m7g.large\"\ninstances = 2\n";
    let system = parse("one", text, &[]).expect("no faults").system;
    let prepared = Prepared::new(&system).expect("prepared");
    let deployment: Deployment = system.current_deployment();
    let laboratory = Laboratory::new(&prepared, &deployment).expect("it works");
    let message = |kind| laboratory.course(&scenario(&system, kind)).expect_err("nothing to hit").to_string();
    assert_eq!(message(ScenarioKind::CacheLost), "the system has no cache");
    assert_eq!(message(ScenarioKind::DbFailover), "the system has no database");
    assert!(laboratory.course(&scenario(&system, ScenarioKind::Deploy)).is_ok());
}

#[test]
fn a_storm_outlives_its_cause_where_retries_fill_the_capacity() {
    let arrival_rate = ArrivalRate::new(5000.0).expect("a rate");
    let system = system(&[]).with_workload(Workload::Arrivals { arrival_rate });
    let storm = Scenario { retries: 3, ..scenario(&system, ScenarioKind::RetryStorm) };
    let course = course(&system, &storm);
    let figures = course.storm.expect("a storm");
    assert!(figures.is_vulnerable() && figures.recovers_below > 0.49 && figures.recovers_below < 0.51);
    assert_eq!((course.verdict, course.recovery_time), (Verdict::Down, None));
    assert_eq!(course.phases.last().expect("a last phase").served_rate, 0.0);
}
