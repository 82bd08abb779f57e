//! The search finds the optimum of the whole grid, and what it promises is what an evaluation finds.

use std::cell::Cell;

use capplan::evaluate::{
    Condition, Layer, Prepared, design_arrival_rate, evaluate, evaluate_at, meets_response_times, objective_shares,
};
use capplan::model::System;
use capplan::model_file::{GivenBy, Override, REFERENCE_MODEL, SHIPPED_MODELS, parse};
use capplan::plan::{Grid, HitRatioGroup, Workspace, brute_force, search};
use capplan_queueing::units::Price;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// The vector form of the search and the plain form of the evaluation differ by rounding and by the error of the
/// inversion.
const SHARE_TOLERANCE: f64 = 1e-9;

fn set(pairs: &[(&str, String)]) -> Vec<Override> {
    pairs
        .iter()
        .map(|(key, value)| Override { given_by: GivenBy::Set, key: (*key).to_owned(), value: value.clone() })
        .collect()
}

#[test]
fn every_shipped_model_is_evaluated() {
    for model in SHIPPED_MODELS {
        let loaded = parse(model.name, model.text, &[]).expect("a model without faults");
        let prepared = Prepared::new(&loaded.system).expect("prepared");
        let evaluation =
            evaluate(&prepared, &loaded.system.current_deployment(), Condition::AllUp).expect("a steady state");
        let highest = evaluation.tiers.iter().filter_map(|tier| tier.utilization).fold(0.0, f64::max);
        assert!(highest > 0.0 && highest < 1.0, "{}: {highest}", model.name);
        assert!(evaluation.overall.mean > 0.0);
        let times = evaluation.overall.percentiles;
        assert!(times.windows(2).all(|pair| pair[0] <= pair[1]), "{}: {times:?}", model.name);
    }
}

#[test]
fn the_kernel_of_the_search_agrees_with_the_evaluation() {
    let loaded = parse("web", REFERENCE_MODEL, &[]).expect("no faults");
    let prepared = Prepared::new(&loaded.system).expect("prepared");
    let rate = design_arrival_rate(&loaded.system);
    let outcome = search(&prepared, rate).expect("solved");
    let best = outcome.best.expect("a plan");
    let shares = objective_shares(&prepared, &best.deployment, rate, Condition::DesignLoss).expect("steady");
    for (kernel, plain) in best.candidate.shares.iter().zip(&shares) {
        assert!((kernel - plain).abs() < SHARE_TOLERANCE, "{kernel} {plain}");
    }
    assert!(meets_response_times(&prepared, &best.deployment, rate, Condition::DesignLoss));
    assert!(meets_response_times(&prepared, &best.deployment, rate, Condition::AllUp));
}

#[test]
fn users_obey_the_interactive_law() {
    let loaded = parse("web", REFERENCE_MODEL, &[]).expect("no faults");
    let prepared = Prepared::new(&loaded.system).expect("prepared");
    let evaluation =
        evaluate(&prepared, &loaded.system.current_deployment(), Condition::AllUp).expect("a steady state");
    let users = evaluation.arrival_rate * (20.0 + evaluation.overall.mean);
    assert!((users / 100_000.0 - 1.0).abs() < 1e-9, "{users}");
}

#[test]
fn more_load_never_answers_faster() {
    let loaded = parse("web", REFERENCE_MODEL, &[]).expect("no faults");
    let prepared = Prepared::new(&loaded.system).expect("prepared");
    let deployment = loaded.system.current_deployment();
    let mut last = [0.0; 5];
    for rate in [10.0, 1000.0, 3000.0, 5000.0, 7000.0, 9000.0] {
        let times = evaluate_at(&prepared, &deployment, rate, Condition::AllUp).expect("stable").overall.percentiles;
        for (now, before) in times.iter().zip(last) {
            assert!(*now >= before * (1.0 - 1e-8), "{rate}: {times:?}");
        }
        last = times;
    }
}

#[test]
fn a_million_users_cost_more_than_a_thousand() {
    let mut last = None;
    for users in [1000, 10_000, 100_000, 200_000] {
        let overrides =
            set(&[("workload.users", users.to_string()), ("objectives.monthly_budget", "1e9 USD".to_owned())]);
        let loaded = parse("web", REFERENCE_MODEL, &overrides).expect("no faults");
        let prepared = Prepared::new(&loaded.system).expect("prepared");
        let best = search(&prepared, design_arrival_rate(&loaded.system)).expect("solved").best.expect("a plan");
        assert!(Some(best.candidate.price) > last, "{users}");
        last = Some(best.candidate.price);
    }
}

/// A small grid of some kind.
#[derive(Debug, Clone)]
struct SmallGrid {
    users: u32,
    p99: u32,
    words: [&'static str; 8],
    /// Workers and connections of the application.
    limits: [Option<u32>; 2],
    counts: [u32; 3],
    price: u32,
    budget: u32,
}

fn small_grid(discipline: &'static str) -> impl Strategy<Value = SmallGrid> {
    let words = (
        prop::sample::select(vec!["90%", "99%", "99.9%", "99.96%"]),
        prop::sample::select(vec!["none", "instance", "zone"]),
        prop::sample::select(vec!["random", "shared_queue", "round_robin", "least_outstanding"]),
        prop::sample::select(vec!["0.5", "1.0", "3.0"]),
        prop::sample::select(vec!["1 GiB", "8 GiB", "30 GiB"]),
        Just(discipline),
        prop::sample::select(vec![
            "",
            "",
            "[\"random\", \"least_outstanding\"]",
            "[\"round_robin\", \"shared_queue\"]",
        ]),
        prop::sample::select(vec!["even", "even", "kept", "sticky"]),
    );
    let limits = (
        prop::sample::select(vec![None, None, None, None, None, Some(8), Some(40)]),
        prop::sample::select(vec![None, None, None, None, None, Some(3), Some(20)]),
    );
    let counts = (2_u32..14, 1_u32..5, 0_u32..4);
    (500_u32..30_000, 100_u32..900, words, limits, counts, 50_u32..400, 1_000_u32..6_000).prop_map(
        |(users, p99, words, limits, counts, price, budget)| SmallGrid {
            users,
            p99,
            words: words.into(),
            limits: limits.into(),
            counts: counts.into(),
            price,
            budget,
        },
    )
}

impl SmallGrid {
    fn overrides(&self) -> Vec<Override> {
        let [availability, redundancy, routing, scv, memory, discipline, candidates, spread] =
            self.words.map(str::to_owned);
        let [app, cache, replicas] = self.counts.map(|count| count.to_string());
        let mut overrides = set(&[
            ("workload.users", self.users.to_string()),
            ("tiers.app.discipline", discipline.clone()),
            ("tiers.db.discipline", discipline),
            ("objectives.response_time.p99", format!("{}ms", self.p99)),
            ("objectives.response_time.p95", format!("{}ms", self.p99 / 2)),
            ("objectives.availability", availability),
            ("objectives.monthly_budget", format!("{} USD", self.budget)),
            ("tiers.app.redundancy", redundancy),
            ("tiers.app.service_scv", scv),
            ("tiers.app.instances", "1".to_owned()),
            ("tiers.app.max_instances", app),
            ("tiers.cache.instances", "1".to_owned()),
            ("tiers.cache.max_instances", cache),
            ("tiers.cache.memory", memory),
            ("tiers.db.read_replicas", "0".to_owned()),
            ("tiers.db.max_read_replicas", replicas),
            ("instance_types.\"m7g.large\".price", format!("0.{:03} USD/h", self.price)),
        ]);
        if spread == "sticky" {
            overrides.extend(set(&[("tiers.app.sticky_sessions", "700".to_owned())]));
        } else {
            overrides.extend(set(&[
                ("tiers.app.routing", routing),
                ("tiers.lb.cross_zone", (spread == "even").to_string()),
            ]));
            if !candidates.is_empty() {
                overrides.extend(set(&[("tiers.app.candidate_routing", candidates)]));
            }
        }
        for (key, limit) in ["tiers.app.workers", "tiers.app.connections"].into_iter().zip(self.limits) {
            overrides.extend(limit.map(|limit| set(&[(key, limit.to_string())])).unwrap_or_default());
        }
        overrides
    }
}

/// Price of the optimum by the search, and by trying every candidate.
fn optima(grid: &SmallGrid) -> [Option<Price>; 2] {
    let text = format!("{REFERENCE_MODEL}\n[instance_types.\"m7g.large\"]\nprice = \"0.1 USD/h\"\n");
    let loaded = parse("web", &text, &grid.overrides()).unwrap_or_else(|faults| panic!("{faults}"));
    let prepared = Prepared::new(&loaded.system).expect("prepared");
    let rate = design_arrival_rate(&loaded.system);
    let found = search(&prepared, rate).expect("solved").best;
    let exact = brute_force(&prepared, rate).expect("solved");
    [found.map(|found| found.candidate.price), exact.map(|best| best.price)]
}

/// Small grids of every kind: the bounds never cut the optimum.
fn the_search_finds_the_optimum_of_the_whole_grid(discipline: &'static str) {
    let (with_a_plan, without) = (Cell::new(0_u32), Cell::new(0_u32));
    let mut runner = TestRunner::new(ProptestConfig::with_cases(24));
    let outcome = runner.run(&small_grid(discipline), |grid| {
        let [found, exact] = optima(&grid);
        let counter = if exact.is_some() { &with_a_plan } else { &without };
        counter.set(counter.get() + 1);
        prop_assert_eq!(found, exact);
        Ok(())
    });
    assert!(outcome.is_ok(), "{outcome:?}");
    assert!(with_a_plan.get() >= 3 && without.get() >= 3, "{with_a_plan:?} grids have a plan, {without:?} have none");
}

#[test]
fn the_search_finds_the_optimum_of_queues_in_order_of_arrival() {
    the_search_finds_the_optimum_of_the_whole_grid("fcfs");
}

#[test]
fn the_search_finds_the_optimum_of_shared_processors() {
    the_search_finds_the_optimum_of_the_whole_grid("processor_sharing");
}

/// Few connections or workers bound what waits at the tiers below, so that a tier below may be faster than an open queue
/// says; and of equal options the one behind one queue is the strongest.
#[test]
fn few_workers_do_not_mislead_the_bounds() {
    let few_connections = SmallGrid {
        users: 23_022,
        p99: 154,
        words: ["90%", "none", "random", "0.5", "1 GiB", "processor_sharing", "", "even"],
        limits: [None, Some(3)],
        counts: [3, 2, 0],
        price: 50,
        budget: 1_743,
    };
    let few_workers = SmallGrid {
        users: 28_580,
        p99: 172,
        words: [
            "90%",
            "none",
            "shared_queue",
            "3.0",
            "1 GiB",
            "processor_sharing",
            "[\"random\", \"least_outstanding\"]",
            "even",
        ],
        limits: [Some(8), None],
        counts: [5, 2, 0],
        price: 50,
        budget: 3_015,
    };
    let one_app_lost = SmallGrid {
        users: 6_159,
        p99: 526,
        words: ["90%", "instance", "random", "0.5", "8 GiB", "processor_sharing", "", "even"],
        limits: [Some(8), None],
        counts: [2, 3, 0],
        price: 50,
        budget: 1_000,
    };
    for grid in [few_connections, few_workers, one_app_lost] {
        let [found, exact] = optima(&grid);
        assert!(exact.is_some(), "{grid:?}");
        assert_eq!(found, exact, "{grid:?}");
    }
}

#[test]
fn the_layer_that_saturates_first_is_named() {
    for (workers, connections, first) in
        [("400", "400", Layer::Servers), ("4", "400", Layer::Workers), ("400", "1", Layer::Connections)]
    {
        let overrides = set(&[
            ("workload.users", "20000".to_owned()),
            ("tiers.app.workers", workers.to_owned()),
            ("tiers.app.connections", connections.to_owned()),
            ("tiers.db.round_trip", "30 ms".to_owned()),
            ("tiers.app.instances", "20".to_owned()),
        ]);
        let loaded = parse("web", REFERENCE_MODEL, &overrides).expect("no faults");
        let prepared = Prepared::new(&loaded.system).expect("prepared");
        let deployment = loaded.system.current_deployment();
        let evaluation = evaluate(&prepared, &deployment, Condition::AllUp).expect("a steady state");
        let app = evaluation.tiers.iter().find(|tier| tier.name == "app").expect("the tier");
        assert_eq!(app.layers.map(|layers| layers.first()), Some(first), "{workers} {connections}: {:?}", app.layers);
    }
}

#[test]
fn limits_that_nobody_reaches_change_nothing() {
    let plain = parse("web", REFERENCE_MODEL, &[]).expect("no faults");
    let limited = set(&[("tiers.app.workers", "5000".to_owned()), ("tiers.app.connections", "5000".to_owned())]);
    let limited = parse("web", REFERENCE_MODEL, &limited).expect("no faults");
    let times = |system: &System| {
        let prepared = Prepared::new(system).expect("prepared");
        evaluate_at(&prepared, &system.current_deployment(), 4000.0, Condition::AllUp)
            .expect("stable")
            .overall
            .percentiles
    };
    for (one, other) in times(&plain.system).into_iter().zip(times(&limited.system)) {
        assert!((one / other - 1.0).abs() < 1e-6, "{one} {other}");
    }
}

#[test]
fn fewer_workers_never_answer_faster_on_average() {
    let mut last = 0.0;
    for workers in [400, 40, 12, 8, 6] {
        let overrides = set(&[("tiers.app.workers", workers.to_string())]);
        let loaded = parse("web", REFERENCE_MODEL, &overrides).expect("no faults");
        let prepared = Prepared::new(&loaded.system).expect("prepared");
        let deployment = loaded.system.current_deployment();
        let mean = evaluate_at(&prepared, &deployment, 4000.0, Condition::AllUp).expect("stable").overall.mean;
        assert!(mean >= last * (1.0 - 1e-9), "{workers}: {mean} {last}");
        last = mean;
    }
}

#[test]
fn candidates_in_any_order_are_the_same() {
    let overrides = set(&[("tiers.app.max_instances", "60".to_owned()), ("tiers.cache.max_instances", "4".to_owned())]);
    let loaded = parse("web", REFERENCE_MODEL, &overrides).expect("no faults");
    let prepared = Prepared::new(&loaded.system).expect("prepared");
    let groups = HitRatioGroup::all(&prepared, design_arrival_rate(&loaded.system)).expect("solved");
    let grid = Grid::new(&prepared, &groups);
    let mut forward = Workspace::default();
    for number in (0..grid.points()).step_by(97) {
        let alone = grid.candidate(number, &mut Workspace::default());
        let running = grid.candidate(number, &mut forward);
        assert_eq!(alone, running, "{number}");
    }
}
