use super::*;
use crate::evaluate::{Condition, evaluate, system_availability};
use crate::spec::{REFERENCE_MODEL, parse};

#[test]
fn show() {
    for text in [REFERENCE_MODEL, include_str!("../../../tests/data/shop.toml")] {
        let loaded = parse("web", text, &[]).expect("no faults");
        let system = &loaded.system;
        let prepared = Prepared::new(system).expect("prepared");
        let deployment = system.current_deployment();
        let normal = evaluate(&prepared, &deployment, Condition::AllUp).expect("steady");
        let hits = normal.tiers.iter().map(|tier| tier.hit_ratio).collect();
        let flows = prepared.flows(normal.arrival_rate, &hits).expect("flows");
        let availability = system_availability(system, &deployment, &flows).expect("a");
        let t = std::time::Instant::now();
        let found = promises(&prepared, &deployment, &normal, &flows, availability.unavailability).expect("p");
        println!("{:?}", t.elapsed());
        let t = std::time::Instant::now();
        health_checks::checked_tiers(&prepared, &deployment, &normal);
        println!("{:?}", t.elapsed());
        println!("{found:#?}");
    }
}
