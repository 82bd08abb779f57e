//! What a load balancer does in a system: policies, sticky sessions, zones, capacity units.

use capplan::evaluate::{Condition, Evaluation, Prepared, balancer_cost, evaluate_at};
use capplan::model::System;
use capplan::model_file::{GivenBy, Override, REFERENCE_MODEL, parse};
use capplan::plan::search;
use capplan::review::{Planned, review_deployment};
use capplan_queueing::queues::RoutingPolicy;

fn system(pairs: &[(&str, &str)]) -> Result<System, String> {
    let set = |&(key, value): &(&str, &str)| Override {
        given_by: GivenBy::Set,
        key: key.to_owned(),
        value: value.to_owned(),
    };
    let overrides: Vec<Override> = pairs.iter().map(set).collect();
    parse("web", REFERENCE_MODEL, &overrides).map(|loaded| loaded.system).map_err(|faults| faults.to_string())
}

fn evaluated(pairs: &[(&str, &str)], rate: f64) -> Evaluation {
    let system = system(pairs).expect("no faults");
    let prepared = Prepared::new(&system).expect("prepared");
    evaluate_at(&prepared, &system.current_deployment(), rate, Condition::AllUp).expect("a steady state")
}

fn app(evaluation: &Evaluation) -> (f64, f64) {
    let app = evaluation.tiers.iter().find(|tier| tier.name == "app").expect("the tier");
    (app.waiting_time, app.utilization.expect("it queues"))
}

/// A rate at which the application of the reference model is busy.
const RATE: f64 = 4500.0;

#[test]
fn a_balancer_that_knows_more_waits_less() {
    for discipline in ["processor_sharing", "fcfs"] {
        for scv in ["0.5", "1", "4"] {
            let wait = |routing| {
                let pairs = [
                    ("tiers.app.routing", routing),
                    ("tiers.app.discipline", discipline),
                    ("tiers.app.service_scv", scv),
                ];
                app(&evaluated(&pairs, RATE)).0
            };
            let waits = ["shared_queue", "least_outstanding", "round_robin", "random"].map(wait);
            assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]), "{discipline} {scv}: {waits:?}");
            assert!(waits[3] > 0.0);
        }
    }
}

#[test]
fn two_of_several_is_refused_for_several_servers() {
    assert_eq!(
        system(&[("tiers.app.routing", "power_of_two")]).expect_err("refused"),
        "--set tiers.app.routing=power_of_two: CAP0110: `power_of_two` has a model for instances of \
         one server only, and `m7g.large` has 2; write `least_outstanding`, which waits a little less, or `random`, \
         which waits more"
    );
    let one = |routing| {
        let pairs = [("tiers.app.routing", routing), ("tiers.app.servers", "1"), ("tiers.app.instances", "60")];
        app(&evaluated(&pairs, RATE)).0
    };
    assert!(one("least_outstanding") < one("power_of_two") && one("power_of_two") < one("round_robin"));
}

#[test]
fn sticky_sessions_leave_a_balancer_no_choice() {
    assert_eq!(
        system(&[("tiers.app.sticky_sessions", "100"), ("tiers.app.routing", "round_robin")]).expect_err("refused"),
        "--set tiers.app.routing=round_robin: CAP0110: `routing` has no choice with `sticky_sessions`: \
         a request goes to the instance of its session; remove `routing` or `sticky_sessions`"
    );
}

#[test]
fn candidates_of_routing_are_words_and_stand_once() {
    assert_eq!(
        system(&[("tiers.app.candidate_routing", "[\"random\", \"randm\", \"random\"]")]).expect_err("refused"),
        "--set tiers.app.candidate_routing=[\"random\", \"randm\", \"random\"]: CAP0107: \
         \"randm\" is not one of the choices; did you mean `random`? the choices are `shared_queue`, \
         `least_outstanding`, `power_of_two`, `round_robin`, `random`\n\
         --set tiers.app.candidate_routing=[\"random\", \"randm\", \"random\"]: CAP0110: \
         `random` is listed twice"
    );
}

#[test]
fn few_sessions_load_one_instance_more() {
    let (wait, even) = app(&evaluated(&[], RATE));
    let mut last = (wait, even);
    for sessions in ["1000000", "20000", "5000"] {
        let (wait, utilization) = app(&evaluated(&[("tiers.app.sticky_sessions", sessions)], RATE));
        assert!(wait > last.0 && utilization > last.1, "{sessions}: {wait} {utilization}");
        last = (wait, utilization);
    }
}

#[test]
fn the_zone_with_the_fewest_instances_is_the_busiest() {
    let kept = |instances, cross| {
        app(&evaluated(&[("tiers.app.instances", instances), ("tiers.lb.cross_zone", cross)], 2000.0)).1
    };
    // 30 instances are 10 a zone; of 31 two zones still have 10.
    assert!((kept("30", "false") / kept("30", "true") - 1.0).abs() < 1e-12);
    assert!((kept("31", "false") / kept("30", "true") - 1.0).abs() < 1e-12);
    assert!((kept("32", "false") / kept("32", "true") - 32.0 / 30.0).abs() < 1e-12);
}

/// 1000 requests a second of 20 KiB over connections of 10 requests: by hand from the price list.
#[test]
fn capacity_units_are_those_of_the_price_list() {
    let cost = |pairs: &[(&str, &str)]| {
        let system = system(pairs).expect("no faults");
        let tier = system.tiers().iter().find(|tier| tier.name == "lb").expect("the tier").clone();
        let cost = balancer_cost(&tier, 1000.0).expect("a load balancer");
        (cost.dimension, cost.unit_count, cost.units.monthly_usd(), cost.cross_zone.monthly_usd())
    };
    let near = |found: (&str, f64, f64, f64), wanted: (&str, f64, f64, f64)| {
        let off = [(found.1, wanted.1), (found.2, wanted.2), (found.3, wanted.3)];
        // Prices are whole nano-dollars an hour.
        found.0 == wanted.0 && off.iter().all(|(one, other)| (one - other).abs() < 1e-5 * other.max(1.0))
    };
    let size = ("tiers.lb.response_size", "20 KiB");
    let connections = ("tiers.lb.requests_per_connection", "10");
    let alb = cost(&[size, connections]);
    assert!(near(alb, ("processed bytes", 73.728, 430.571_52, 0.0)), "{alb:?}");
    let rules = cost(&[size, connections, ("tiers.lb.rules", "110")]);
    assert!(near(rules, ("rule evaluations", 100.0, 584.0, 0.0)), "{rules:?}");
    let small = ("tiers.lb.response_size", "0 B");
    let open = cost(&[small, connections, ("tiers.lb.connection_time", "10 min")]);
    assert!(near(open, ("active connections", 20.0, 116.8, 0.0)), "{open:?}");
    let new = cost(&[small, connections, ("tiers.lb.connection_time", "1 s")]);
    assert!(near(new, ("new connections", 4.0, 23.36, 0.0)), "{new:?}");
    let nlb = ("tiers.lb.balancer_type", "nlb");
    let kept = cost(&[size, connections, nlb]);
    assert!(near(kept, ("processed bytes", 73.728, 322.928_64, 0.0)), "{kept:?}");
    // 73.728 GB an hour, two thirds of them to another zone, 730 hours, 0.02 USD.
    let crossed = cost(&[size, connections, nlb, ("tiers.lb.cross_zone", "true")]);
    assert!(near(crossed, ("processed bytes", 73.728, 322.928_64, 717.619_2)), "{crossed:?}");
}

#[test]
fn the_plan_is_compared_with_every_way_of_routing() {
    let system = system(&[("tiers.app.candidate_routing", "[\"random\", \"least_outstanding\"]")]).expect("no faults");
    let prepared = Prepared::new(&system).expect("prepared");
    let rate = capplan::evaluate::design_arrival_rate(&system);
    let best = search(&prepared, rate).expect("solved").best.expect("a plan");
    let plan = review_deployment(&prepared, best.deployment, rate).expect("a steady state");
    let app = plan.policies.iter().find(|tier| tier.name == "app").expect("the tier");
    assert!(app.policies.windows(2).all(|pair| pair[0].waiting_time <= pair[1].waiting_time));
    let planned: Vec<RoutingPolicy> =
        app.policies.iter().filter(|policy| policy.planned == Planned::Yes).map(|policy| policy.routing).collect();
    // At the same price the faster wins.
    assert_eq!(planned, [RoutingPolicy::LeastOutstanding]);
}
