//! The database as it is evaluated and searched: replicas that repeat writes, connections, storage.

use capplan::evaluate::{Breakdown, Condition, DatabaseFigures, Evaluation, Prepared, evaluate, evaluate_at};
use capplan::model::{Choice, System};
use capplan::model_file::{Override, parse};
use capplan::plan::{Missed, Status, brute_force, search};
use proptest::prelude::*;

/// Erlang's recursion is exact to rounding.
const EXACT: f64 = 1e-12;

const MODEL: &str = r#"capplan = 1
name = "orders"
workload = { arrival_rate = "1000/s" }
region = { zones = 2 }
objectives = { response_time = { p99 = "20 ms" } }

[classes.read]
share = 0.8
visits = { db = { reads = 1 } }

[classes.write]
share = 0.2
visits = { db = { writes = 1 } }

[tiers.db]
kind = "database"
service_time = "2 ms"
instance_type = "disk"
read_replicas = 2
max_read_replicas = 5
redundancy = "none"
round_trip = "0 s"

[instance_types.disk]
servers = 2
price = "0.3 USD/h"
"#;

fn system(overrides: &[&str]) -> System {
    let overrides: Vec<_> = overrides.iter().map(|text| Override::parse(text).expect("KEY=VALUE")).collect();
    parse("orders.toml", MODEL, &overrides).unwrap_or_else(|faults| panic!("{faults}")).system
}

fn evaluated(overrides: &[&str]) -> Result<Evaluation, Breakdown> {
    let system = system(overrides);
    let prepared = Prepared::new(&system).expect("prepared");
    evaluate(&prepared, &system.current_deployment(), Condition::AllUp)
}

fn database(overrides: &[&str]) -> DatabaseFigures {
    evaluated(overrides).expect("a steady state").tiers[0].database.expect("a database")
}

/// Two numbers that are the same but for rounding.
fn same(one: f64, other: f64) {
    assert!((one - other).abs() <= EXACT * other.abs(), "{one} {other}");
}

#[test]
fn every_replica_applies_every_write() {
    // 800 reads and 200 writes a second of 2 ms on two servers an instance.
    let figures = database(&[]);
    let replica = figures.replica.expect("replicas");
    same(figures.primary.utilization, 0.2);
    same(replica.utilization, (400.0 + 200.0) * 0.002 / 2.0);
    same(figures.apply_share.expect("replicas"), 200.0 / 600.0);
    let half = database(&["tiers.db.replica_apply_share=50%"]);
    same(half.replica.expect("replicas").utilization, (400.0 + 100.0) * 0.002 / 2.0);
    let none = database(&["tiers.db.replica_apply_share=0%"]);
    same(none.replica.expect("replicas").utilization, 0.4);
}

#[test]
fn more_replicas_do_not_help_against_writes() {
    let overloaded = |replicas: u32| {
        let count = format!("tiers.db.read_replicas={replicas}");
        evaluated(&[&count, "workload.arrival_rate=6000/s", "classes.read.share=0.1", "classes.write.share=0.9"])
    };
    for replicas in [1, 5] {
        assert!(matches!(overloaded(replicas), Err(Breakdown::Overloaded { .. })), "{replicas}");
    }
}

#[test]
fn reads_on_all_instances_make_them_equally_busy() {
    let figures = database(&["tiers.db.read_split=all"]);
    let expected = (800.0 / 3.0 + 200.0) * 0.002 / 2.0;
    same(figures.primary.utilization, expected);
    same(figures.replica.expect("replicas").utilization, expected);
    same(figures.reads_on_replicas, 2.0 / 3.0);
    // The same law wherever a read goes: that of one such instance.
    let split = evaluated(&["tiers.db.read_split=all"]).expect("steady");
    let alone = evaluated(&["tiers.db.read_replicas=0", "workload.arrival_rate=466.66666666666663/s"]).expect("steady");
    for (one, other) in split.overall.percentiles.iter().zip(alone.overall.percentiles) {
        assert!((one / other - 1.0).abs() < 1e-9, "{one} {other}");
    }
}

#[test]
fn a_mixture_has_the_mean_of_its_parts() {
    let overrides = ["tiers.db.read_split=all", "tiers.db.replica_apply_share=0%", "tiers.db.discipline=fcfs"];
    let evaluation = evaluated(&overrides).expect("steady");
    // M/M/2 means S/(1 − ρ²) of primary and replica, weighted by their visits.
    let mean = |rho: f64| 0.002 / (1.0 - rho * rho);
    let (primary, replica) = (466.666_666_666_666_7, 266.666_666_666_666_7);
    let expected = (primary * mean(primary * 0.001) + 2.0 * replica * mean(replica * 0.001)) / 1000.0;
    assert!((evaluation.overall.mean / expected - 1.0).abs() < 1e-9, "{} {expected}", evaluation.overall.mean);
}

#[test]
fn the_wait_of_one_queue_counts_reads_and_writes() {
    for split in ["replicas", "all"] {
        let overrides = [format!("tiers.db.read_split={split}"), "tiers.db.routing=random".to_owned()];
        for rate in [100.0, 1_000.0, 1_500.0] {
            let rate = format!("workload.arrival_rate={rate}/s");
            let tier = &evaluated(&[&overrides[0], &overrides[1], &rate]).expect("steady").tiers[0];
            let pooled = tier.pooled_waiting_time.expect("a queue");
            assert!(pooled <= tier.waiting_time * (1.0 + EXACT), "{split} {rate}: {pooled} {}", tier.waiting_time);
        }
    }
    let one_queue = &evaluated(&["tiers.db.routing=shared_queue"]).expect("steady").tiers[0];
    same(one_queue.pooled_waiting_time.expect("a queue"), one_queue.waiting_time);
}

#[test]
fn reads_are_stale_while_a_write_is_under_way() {
    let figures = database(&["tiers.db.replication_lag=5ms"]);
    same(figures.stale_reads, 1.0 - (-1.0_f64).exp());
    let of_one_object = database(&["tiers.db.replication_lag=5ms", "tiers.db.objects=1000"]);
    same(of_one_object.stale_reads, -(-0.001_f64).exp_m1());
    let split = database(&["tiers.db.replication_lag=5ms", "tiers.db.read_split=all"]);
    same(split.stale_reads, 2.0 / 3.0 * (1.0 - (-1.0_f64).exp()));
    assert_eq!(database(&["tiers.db.read_replicas=0", "workload.arrival_rate=500/s"]).stale_reads, 0.0);
}

#[test]
fn connections_refuse_as_a_full_queue_does() {
    let half = database(&["tiers.db.max_connections=4", "tiers.db.read_replicas=0", "workload.arrival_rate=500/s"]);
    let load = half.primary.connections.expect("a limit");
    // One erlang: weights 1, 1, 1/2, 1/4, 1/8.
    same(load.refused, 0.125 / 2.875);
    same(load.in_use, (1.0 + 2.0 * 0.5 + 3.0 * 0.25 + 4.0 * 0.125) / 2.875);
}

#[test]
fn the_storage_is_a_second_end() {
    let limited = ["tiers.db.ios_per_read=2", "tiers.db.ios_per_write=5", "tiers.db.iops_limit=4000/s"];
    let figures = database(&limited);
    same(figures.primary.storage.expect("I/O"), 200.0 * 5.0 / 4000.0);
    same(figures.replica.and_then(|replica| replica.storage).expect("I/O"), (400.0 * 2.0 + 200.0 * 5.0) / 4000.0);
    let evaluation = evaluated(&limited).expect("steady");
    same(evaluation.tiers[0].load().expect("a load"), 0.6);
    let mut tighter = limited.to_vec();
    tighter.push("tiers.db.io_size=1MiB");
    let error = evaluated(&tighter).expect_err("1800 MiB/s through 125");
    assert_eq!(error.to_string(), "tier `db` is overloaded: it would have to be busy 1440.0 % of the time");
}

#[test]
fn a_plan_has_as_many_replicas_as_its_connections_and_its_storage_need() {
    let replicas = |overrides: &[&str]| {
        let system = system(overrides);
        let prepared = Prepared::new(&system).expect("prepared");
        let outcome = search(&prepared, 1_000.0).expect("solved");
        let chosen = |choice: Option<Choice>| choice.map_or(0, |choice| choice.count - 1);
        outcome.best.map(|found| chosen(found.deployment.choices[0]))
    };
    let plain = ["tiers.db.read_replicas=0", "tiers.db.min_read_replicas=0"];
    let with = |more: &[&'static str]| replicas(&plain.iter().chain(more).copied().collect::<Vec<_>>());
    assert_eq!(with(&[]), Some(2));
    assert_eq!(with(&["tiers.db.ios_per_read=4", "tiers.db.iops_limit=1500/s"]), Some(3));
    assert_eq!(with(&["tiers.db.max_connections=10", "tiers.db.max_refused=0.1%"]), Some(3));
}

#[test]
fn refusals_that_no_plan_avoids_are_named() {
    let system = system(&["tiers.db.max_connections=2"]);
    let prepared = Prepared::new(&system).expect("prepared");
    let outcome = search(&prepared, 1_000.0).expect("solved");
    assert!(outcome.best.is_none());
    let nearest = outcome.nearest.expect("a candidate");
    assert!(matches!(nearest.found.candidate.status, Status::Refuses { .. }), "{:?}", nearest.found.candidate);
    let missed = &nearest.shortfalls[0];
    assert_eq!((missed.objective.clone(), missed.limit), (Missed::Refused { tier: "db".to_owned() }, 0.000_1));
}

#[derive(Debug, Clone)]
struct Flow {
    rate: u32,
    keys: Vec<String>,
}

fn flow() -> impl Strategy<Value = Flow> {
    let words = (prop::sample::select(vec!["replicas", "all"]), prop::sample::select(vec!["random", "shared_queue"]));
    let standby = prop::sample::select(vec!["true", "false"]);
    let redundancy = prop::sample::select(vec!["none", "instance", "zone"]);
    let limits = (0_u32..101, prop::sample::select(vec!["3", "6", "12", "1000"]), 0_u32..5, 20_u32..900);
    (100_u32..2_400, words, standby, redundancy, limits).prop_map(
        |(rate, (split, routing), standby, redundancy, (apply, connections, ios, price))| Flow {
            rate,
            keys: vec![
                format!("tiers.db.read_split={split}"),
                format!("tiers.db.routing={routing}"),
                format!("tiers.db.standby={standby}"),
                format!("tiers.db.redundancy={redundancy}"),
                format!("tiers.db.replica_apply_share={apply}%"),
                format!("tiers.db.max_connections={connections}"),
                format!("tiers.db.ios_per_read={ios}"),
                "tiers.db.ios_per_write=1".to_owned(),
                "tiers.db.candidate_types=[\"disk\", \"large\"]".to_owned(),
                "instance_types.large.servers=4".to_owned(),
                format!("instance_types.large.price=0.{price:03} USD/h"),
                "objectives.availability=99.9%".to_owned(),
                "tiers.db.max_refused=1%".to_owned(),
            ],
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_search_finds_the_cheapest_database(flow in flow()) {
        let mut keys: Vec<&str> = flow.keys.iter().map(String::as_str).collect();
        let rate = format!("workload.arrival_rate={}/s", flow.rate);
        keys.push(&rate);
        let system = system(&keys);
        let prepared = Prepared::new(&system).expect("prepared");
        let found = search(&prepared, f64::from(flow.rate)).expect("solved").best;
        let exact = brute_force(&prepared, f64::from(flow.rate)).expect("solved");
        prop_assert_eq!(found.as_ref().map(|found| found.candidate.price), exact.as_ref().map(|best| best.price));
        if let Some(found) = found {
            let state = evaluate_at(&prepared, &found.deployment, f64::from(flow.rate), Condition::DesignLoss);
            let database = state.expect("steady").tiers[0].database.expect("a database");
            prop_assert!(database.refused().is_none_or(|refused| refused <= 0.01));
            prop_assert!(database.storage().is_none_or(|storage| storage < 1.0));
        }
    }
}

/// Servers make users wait until they fit; a limit of the storage has no queue, so that no rate fits the users.
#[test]
fn users_at_a_limit_without_a_queue_are_an_overload() {
    let closed = |users: &str| {
        let model =
            MODEL.replace("{ arrival_rate = \"1000/s\" }", &format!("{{ users = {users}, think_time = \"10 s\" }}"));
        let overrides = ["tiers.db.ios_per_read=3", "tiers.db.ios_per_write=3", "tiers.db.iops_limit=1500/s"];
        let overrides: Vec<_> = overrides.iter().map(|text| Override::parse(text).expect("KEY=VALUE")).collect();
        let system = parse("orders.toml", &model, &overrides).unwrap_or_else(|faults| panic!("{faults}")).system;
        let prepared = Prepared::new(&system).expect("prepared");
        evaluate(&prepared, &system.current_deployment(), Condition::AllUp)
    };
    let few = closed("5000").expect("a steady state");
    // The interactive law: 5,000 users who think for 10 s.
    same(few.arrival_rate * (10.0 + few.overall.mean), 5_000.0);
    assert!(
        matches!(closed("12000"), Err(Breakdown::Overloaded { tier, utilization }) if tier == "db" && utilization > 1.4)
    );
    // Without I/O the same users only wait.
    let servers = evaluated(&["tiers.db.max_read_replicas=5"]).expect("a steady state");
    assert!(servers.overall.mean < 1.0);
}
