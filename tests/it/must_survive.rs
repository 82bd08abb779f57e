//! A plan comes through the scenarios that its model names, and is the cheapest that does.

use std::cell::Cell;

use capplan::evaluate::{Prepared, planned_arrival_rate};
use capplan::model::Deployment;
use capplan::model_file::{GivenBy, Override, REFERENCE_MODEL, parse};
use capplan::plan::{Grid, HitRatioGroup, Missed, Status, Workspace};
use capplan::review::{Binding, search_plan, survives};
use capplan::sweep::{PointInput, sweep};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

fn set(pairs: &[(&str, String)]) -> Vec<Override> {
    pairs
        .iter()
        .map(|(key, value)| Override { given_by: GivenBy::Set, key: (*key).to_owned(), value: value.clone() })
        .collect()
}

/// The cheapest candidate of the whole grid that keeps every objective and comes through, by trying all.
fn by_trying_all(prepared: &Prepared<'_>, rate: f64) -> Option<f64> {
    let groups = HitRatioGroup::all(prepared, rate).expect("solved");
    let grid = Grid::new(prepared, &groups);
    let mut workspace = Workspace::default();
    let mut feasible = Vec::new();
    for number in 0..grid.points() {
        let candidate = grid.candidate(number, &mut workspace).expect("a candidate");
        if candidate.status == Status::Feasible {
            let mut choices = vec![None; prepared.system.tiers().len()];
            for (tier, &pick) in groups[candidate.group].tiers.iter().zip(&candidate.picks) {
                choices[tier.tier] = Some(tier.options[pick].choice);
            }
            feasible.push((candidate.price, Deployment { choices }));
        }
    }
    feasible.sort_by_key(|found| found.0);
    let best = feasible.into_iter().find(|(_, deployment)| survives(prepared, deployment).is_ok());
    best.map(|(price, _)| price.monthly_usd())
}

#[derive(Debug, Clone)]
struct Case {
    users: u32,
    demanded: Vec<&'static str>,
    recover_within: &'static str,
    spike: u32,
    redundancy: &'static str,
}

fn case() -> impl Strategy<Value = Case> {
    let names = ["zone-lost", "instance-lost", "cache-lost", "cache-cold", "deploy", "spike"];
    (
        1_000_u32..6_000,
        prop::sample::subsequence(names.to_vec(), 1..=2),
        prop::sample::select(vec!["0 s", "0 s", "20 s", "5 min"]),
        2_u32..4,
        prop::sample::select(vec!["none", "instance", "zone"]),
    )
        .prop_map(|(users, demanded, recover_within, spike, redundancy)| Case {
            users,
            demanded,
            recover_within,
            spike,
            redundancy,
        })
}

impl Case {
    fn overrides(&self) -> Vec<Override> {
        let list = |words: &str| words.to_owned();
        let mut overrides = set(&[
            ("workload.users", self.users.to_string()),
            ("objectives.availability", list("90%")),
            ("objectives.headroom", list("0%")),
            ("tiers.app.redundancy", self.redundancy.to_owned()),
            ("tiers.cache.redundancy", self.redundancy.to_owned()),
            ("tiers.app.candidate_types", list("[\"m7g.large\", \"c7g.xlarge\"]")),
            ("tiers.app.instances", list("1")),
            ("tiers.app.max_instances", list("6")),
            ("tiers.cache.candidate_types", list("[\"cache.r7g.large\"]")),
            ("tiers.cache.instances", list("1")),
            ("tiers.cache.max_instances", list("3")),
            ("tiers.db.candidate_types", list("[\"db.m6g.large\", \"db.m6g.2xlarge\"]")),
            ("tiers.db.read_replicas", list("0")),
            ("tiers.db.max_read_replicas", list("2")),
        ]);
        for name in &self.demanded {
            overrides.extend(set(&[
                (&format!("scenarios.{name}.must_survive"), list("true")),
                (&format!("scenarios.{name}.recover_within"), self.recover_within.to_owned()),
            ]));
        }
        if self.demanded.contains(&"spike") {
            overrides.extend(set(&[("scenarios.spike.factor", self.spike.to_string())]));
        }
        overrides
    }
}

#[test]
fn the_plan_is_the_cheapest_that_comes_through() {
    let with_a_plan = Cell::new(0_u32);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(10));
    let outcome = runner.run(&case(), |case| {
        let parsed = |overrides: &[Override]| {
            parse("web", REFERENCE_MODEL, overrides).map_err(|faults| TestCaseError::fail(faults.to_string()))
        };
        let loaded = parsed(&case.overrides())?;
        let prepared = Prepared::new(&loaded.system).expect("prepared");
        let rate = planned_arrival_rate(&loaded.system);
        let found = search_plan(&prepared, rate).expect("solved");
        let exact = by_trying_all(&prepared, rate);
        prop_assert_eq!(found.best.as_ref().map(|found| found.candidate.price.monthly_usd()), exact);
        let plain = capplan::plan::search(&prepared, rate).expect("solved").best;
        match (&found.best, plain) {
            (Some(found), Some(plain)) => {
                with_a_plan.set(with_a_plan.get() + 1);
                prop_assert!(survives(&prepared, &found.deployment).is_ok());
                prop_assert!(found.candidate.price >= plain.candidate.price);
            }
            (None, Some(_)) => {
                let nearest = found.nearest.expect("the plan that falls");
                let is_scenario =
                    |missed: &Missed| matches!(missed, Missed::SlowRecovery { .. } | Missed::NoRecovery { .. });
                prop_assert!(matches!(&nearest.shortfalls[..], [missed] if is_scenario(&missed.objective)));
            }
            _ => {}
        }
        Ok(())
    });
    assert!(outcome.is_ok(), "{outcome:?}");
    assert!(with_a_plan.get() >= 1, "no case has a plan");
}

#[test]
fn the_report_says_which_scenario_sets_a_size() {
    let overrides = set(&[
        ("workload.users", "20000".to_owned()),
        ("scenarios.cache-lost.must_survive", "true".to_owned()),
        ("scenarios.cache-lost.recover_within", "0 s".to_owned()),
    ]);
    let system = parse("web", REFERENCE_MODEL, &overrides).expect("no faults").system;
    let inputs = vec![PointInput { system, variation: Vec::new() }];
    let points = sweep(inputs, &|| false).expect("planned");
    let plan = points[0].recommendation.as_ref().expect("a plan");
    let set_by: Vec<(&str, &Missed)> = plan
        .tiers
        .iter()
        .filter_map(|tier| match tier.binding.as_ref()? {
            Binding::Count(missed) | Binding::Type { missed, .. } => Some((tier.name.as_str(), &missed.objective)),
            Binding::LeastAllowed => None,
        })
        .collect();
    let scenario = |missed: &Missed| match missed {
        Missed::SlowRecovery { scenario } | Missed::NoRecovery { scenario } => scenario == "cache-lost",
        _ => false,
    };
    assert!(set_by.iter().any(|(tier, missed)| *tier == "db" && scenario(missed)), "{set_by:?}");
    let plain = parse("web", REFERENCE_MODEL, &overrides[..1]).expect("no faults").system;
    let plain = sweep(vec![PointInput { system: plain, variation: Vec::new() }], &|| false).expect("planned");
    let plain = plain[0].recommendation.as_ref().expect("a plan");
    assert!(plan.price > plain.price, "what must be survived costs more");
    assert!(plan.scenarios.iter().all(|reviewed| {
        !reviewed.scenario.must_survive || reviewed.outcome.as_ref().is_ok_and(|course| course.survives)
    }));
}

#[test]
fn time_within_the_objectives_can_be_promised() {
    let overrides = |promised: &str| {
        let mut overrides = set(&[("workload.users", "20000".to_owned()), ("tiers.app.redundancy", "none".to_owned())]);
        if !promised.is_empty() {
            overrides.extend(set(&[("objectives.time_within", promised.to_owned())]));
        }
        overrides
    };
    let plan = |promised: &str| {
        let system = parse("web", REFERENCE_MODEL, &overrides(promised)).expect("no faults").system;
        let points = sweep(vec![PointInput { system, variation: Vec::new() }], &|| false).expect("planned");
        points.into_iter().next().expect("a point")
    };
    let plain = plan("").recommendation.expect("a plan");
    let outside = plain.performability.time_outside;
    assert!(outside > plain.availability.unavailability && outside > 4e-4, "{:?}", plain.performability);
    let promised = plan("99.965%").recommendation.expect("a plan");
    assert!(promised.performability.time_outside <= 3.5e-4, "{:?}", promised.performability);
    assert!(promised.price > plain.price);
    let out_of_reach = plan("99.999%").outcome.nearest.expect("the nearest");
    assert!(out_of_reach.shortfalls.iter().any(|missed| missed.objective == Missed::TimeWithin), "{out_of_reach:?}");
}
