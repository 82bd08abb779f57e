//! Round trips, data transfer, object storage and subnets as they are evaluated.

use capplan::evaluate::{Breakdown, Condition, Prepared, evaluate};
use capplan::model::System;
use capplan::model_file::{Override, parse};
use capplan::plan::{Missed, brute_force, search};
use capplan::review::{Review, review_deployment};

/// Prices are rounded to a nano-dollar an hour, less than a millionth of a dollar a month.
const MONEY: f64 = 1e-5;

const MODEL: &str = r#"capplan = 1
name = "pictures"
workload = { arrival_rate = "100/s" }
region = { zones = 2 }
objectives = { response_time = { p99 = "2 s" } }

[tiers.lb]
kind = "load_balancer"
fixed_time = "1 ms"

[tiers.app]
kind = "service"
service_time = "10 ms"
instance_type = "m7g.large"
instances = 4
max_instances = 12

[tiers.db]
kind = "database"
service_time = "2 ms"
instance_type = "db.m6g.large"
read_replicas = 2
max_read_replicas = 3

[tiers.storage]
kind = "object_storage"

[network]
nat = true
nat_size = "1 kB"
"#;

fn loaded(overrides: &[&str]) -> Result<System, String> {
    let overrides: Vec<_> = overrides.iter().map(|text| Override::parse(text).expect("KEY=VALUE")).collect();
    parse("pictures.toml", MODEL, &overrides).map(|loaded| loaded.system).map_err(|faults| faults.to_string())
}

fn planned(overrides: &[&str]) -> Review {
    let system = loaded(overrides).expect("no faults");
    let prepared = Prepared::new(&system).expect("prepared");
    review_deployment(&prepared, system.current_deployment(), 100.0).expect("a steady state")
}

fn near(actual: f64, expected: f64) {
    assert!((actual - expected).abs() <= MONEY, "{actual} {expected}");
}

#[test]
fn transfer_costs_nothing_until_the_model_says_so() {
    assert_eq!(planned(&[]).network, None);
    let without = planned(&[]).price.monthly_usd();
    let with = planned(&["network.costs=true"]);
    let cost = with.network.expect("a cost");
    near(with.price.monthly_usd(), without + cost.total().monthly_usd());
    // 100 visits a second to the database of 200 B and 2 KiB, half of which cross zones, at 0.02 USD a GB.
    near(cost.across_zones.monthly_usd(), 100.0 * 2_248.0 * 0.5 * 3_600.0 * 730.0 / 1e9 * 0.02);
    // Two gateways at 0.045 USD an hour, and 1 kB a request at 0.045 USD a GB.
    near(cost.nat.monthly_usd(), 730.0 * (2.0 * 0.045 + 100.0 * 1_000.0 * 3_600.0 / 1e9 * 0.045));
    // 20 KiB a request, less than 10 TB a month.
    near(cost.internet.monthly_usd(), 100.0 * 20_480.0 * 3_600.0 * 730.0 / 1e9 * 0.09);
    let flat = planned(&["network.costs=true", "network.egress_price=0.05 USD"]).network.expect("a cost");
    near(flat.internet.monthly_usd(), 100.0 * 20_480.0 * 3_600.0 * 730.0 / 1e9 * 0.05);
}

#[test]
fn a_search_counts_data_transfer() {
    let system = loaded(&["network.costs=true"]).expect("no faults");
    let prepared = Prepared::new(&system).expect("prepared");
    let found = search(&prepared, 100.0).expect("solved").best.expect("a plan");
    let exact = brute_force(&prepared, 100.0).expect("solved").expect("a plan");
    assert_eq!(found.candidate.price, exact.price);
    let plan = review_deployment(&prepared, found.deployment, 100.0).expect("steady");
    assert_eq!(found.candidate.price, plan.price);
}

#[test]
fn visits_that_stay_in_their_zone_are_faster_and_free() {
    let stay = planned(&["network.costs=true", "network.cross_zone=false"]);
    let cross = planned(&["network.costs=true"]);
    assert_eq!(stay.network.expect("a cost").across_zones.nano_usd_per_hour(), 0);
    // Half of the visits to two tiers save 0.8 − 0.15 ms.
    let saved = cross.normal.overall.mean - stay.normal.overall.mean;
    assert!((saved - 0.000_65).abs() < 1e-9, "{saved}");
}

#[test]
fn large_objects_take_their_transfer_time_and_their_egress() {
    let plain = planned(&[]);
    let large = planned(&["tiers.storage.object_size=17 MB", "tiers.storage.egress_share=10%"]);
    let longer = large.normal.overall.mean - plain.normal.overall.mean;
    assert!((longer - 0.2).abs() < 1e-9, "{longer}");
    let dearer = large.tiers[3].price.monthly_usd() - plain.tiers[3].price.monthly_usd();
    near(dearer, 100.0 * 17e6 * 0.1 * 3_600.0 * 730.0 / 1e9 * 0.09);
}

#[test]
fn more_requests_than_the_prefixes_take_are_an_overload() {
    let state = |overrides: &[&str]| {
        let system = loaded(overrides).expect("no faults");
        let prepared = Prepared::new(&system).expect("prepared");
        (
            evaluate(&prepared, &system.current_deployment(), Condition::AllUp),
            search(&prepared, 100.0).map(|outcome| outcome.best.is_some()),
        )
    };
    let limit = "tiers.storage.requests_per_prefix=40/s";
    let (enough, plan) = state(&[limit, "tiers.storage.prefixes=4"]);
    assert_eq!(enough.expect("steady").tiers[3].load(), Some(0.625));
    assert_eq!(plan, Ok(true));
    let overloaded = Breakdown::Overloaded { tier: "storage".to_owned(), utilization: 1.25 };
    let (too_few, plan) = state(&[limit, "tiers.storage.prefixes=2"]);
    assert_eq!(too_few.expect_err("an overload"), overloaded);
    assert_eq!(plan, Err(overloaded));
}

#[test]
fn subnets_hold_the_largest_scale_out_with_a_zone_lost_and_a_deployment() {
    let plan = planned(&["network.subnets.private_prefix=28", "network.subnets.public_prefix=28"]);
    let [public, private] = plan.subnets.as_slice() else { panic!("two subnets") };
    // Eight for the load balancer, one for the gateway.
    assert_eq!((public.available, public.needed, public.fits()), (11, 9, true));
    let largest = |index: usize| {
        let tier = &plan.tiers[index];
        let most = tier.thresholds.as_ref().and_then(|found| found.max_count).or(tier.count_limit).expect("a count");
        u64::from(most.max(tier.instances.expect("a fleet")))
    };
    // All in the zone that is left: the services with a quarter more, the database with its standby.
    let needed = largest(1) + largest(1).div_ceil(4) + largest(2) + 1;
    assert_eq!((private.available, private.needed, private.fits()), (11, needed, needed <= 11));
    let wide =
        planned(&["network.subnets.private_prefix=28", "network.subnets.deploy_surge=100%", "tiers.app.instances=8"]);
    let missed = wide.missed.iter().find(|missed| missed.objective == Missed::Addresses { subnet: "private" });
    assert_eq!(missed.map(|missed| missed.limit), Some(11.0));
    assert_eq!(missed.map(|missed| missed.actual), Some(wide.subnets[0].needed as f64));
}

#[test]
fn only_load_balancers_are_public() {
    assert!(loaded(&["tiers.lb.placement=private"]).is_ok());
    let faults = loaded(&["tiers.db.placement=public"]).expect_err("refused");
    let message = "tier `db` is a database in a public subnet; only load balancers and NAT gateways are public";
    assert!(faults.lines().any(|line| line.ends_with(message)), "{faults}");
}
