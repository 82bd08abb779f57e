//! What an availability costs: six tiers over three zones, and the parts it is made of.

use capplan::evaluate::{Prepared, combined, design_arrival_rate, system_availability};
use capplan::model_file::parse;
use capplan_queueing::availability::{CanaryTest, Sides};
use capplan_queueing::availability::{
    RepairedGroup, WhileDown, ZoneStates, conditional_unavailability, exact_canary, repaired_availability,
    unavailability,
};
use capplan_queueing::units::{Probability, Seconds};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

fn p(value: f64) -> Probability {
    Probability::new(value).expect("a probability")
}

const TIERS: u32 = 6;

/// Six tiers in series, each of so many instances over three zones that fail as one, of which two thirds are needed:
/// exact; the claim: under 50 µs with 200 instances, in a tier or in each zone. Measured: 1.2 µs.
#[divan::bench(args = [6, 200, 600])]
fn six_tiers_in_three_zones(bencher: Bencher, instances: u64) {
    let per_zone = [instances.div_ceil(3), (instances + 1) / 3, instances / 3];
    bencher.bench(|| {
        let states = ZoneStates::new(3, black_box(p(5e-4))).expect("three zones");
        states.iter().fold(0.0, |sum, (state, probability)| {
            let tiers = (0..TIERS).map(|tier| {
                // Each tier needs another number, so that no two cost the same.
                let needed = instances * 2 / 3 - u64::from(tier / 2);
                conditional_unavailability(&per_zone, state, needed, black_box(p(1e-3)))
            });
            sum + probability * combined(tiers)
        })
    });
}

/// The same through a model: five services and a database of 200 instances each, flows already solved.
#[divan::bench]
fn six_tiers_of_a_model(bencher: Bencher) {
    let mut text = String::from(
        "capplan = 1\nname = \"wide\"\n[workload]\narrival_rate = \"100000/s\"\n[region]\nname = \"us-east-1\"\n\
         zones = 3\n[objectives.response_time]\np95 = \"1 s\"\n[classes.all]\nshare = 1\nvisits = { ",
    );
    let visits: Vec<String> = (0..TIERS).map(|tier| format!("t{tier} = 1")).collect();
    text.push_str(&visits.join(", "));
    text.push_str(" }\n");
    for tier in 0..TIERS {
        let section = format!(
            "[tiers.t{tier}]\nkind = \"service\"\nservice_time = \"2.4 ms\"\ninstance_type = \"m7g.large\"\n\
             instances = 200\nmax_instances = 200\nredundancy = \"zone\"\n"
        );
        text.push_str(&section);
    }
    let loaded = parse("wide", &text, &[]).expect("no faults");
    let prepared = Prepared::new(&loaded.system).expect("prepared");
    let deployment = loaded.system.current_deployment();
    let flows = prepared.flows(design_arrival_rate(&loaded.system), &vec![None; TIERS as usize]).expect("flows");
    assert!(system_availability(&loaded.system, &deployment, &flows).is_ok());
    bencher.bench_local(|| system_availability(&loaded.system, black_box(&deployment), &flows));
}

/// One binomial tail, on the side of the mean that fleets are on, and on the other.
#[divan::bench(args = [(190, 200, 1e-3), (190, 200, 0.2), (999_000, 1_000_000, 1e-3)])]
fn binomial_tail(bencher: Bencher, (needed, instances, u): (u64, u64, f64)) {
    bencher.bench(|| unavailability(black_box(needed), black_box(instances), black_box(p(u))));
}

/// A fleet of 600 with one repair crew.
#[divan::bench]
fn repair_crew(bencher: Bencher) {
    let group = RepairedGroup {
        instances: 600,
        needed: 400,
        mttf: Seconds::new(1e6).expect("a time"),
        mttr: Seconds::new(1e3).expect("a time"),
        crews: 1,
        dormancy: 1.0,
        while_down: WhileDown::Failing,
    };
    bencher.bench(|| repaired_availability(black_box(&group)));
}

/// Size and power of a canary test on half a million requests.
#[divan::bench]
fn canary_test(bencher: Bencher) {
    let test = CanaryTest {
        baseline: p(0.002),
        regressed: p(0.004),
        alpha: p(0.05),
        sides: Sides::One,
        canary: 4063,
        control: 402_237,
    };
    bencher.bench(|| exact_canary(black_box(&test)));
}
