//! The laws of classes against a simulation with a fixed seed.

use crate::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};

use super::simulation::{Discipline, JobLaw, Jobs, Visit, simulated};
use super::{ClassLaws, PriorityClass, PriorityLaw, priority_laws_mg1, priority_laws_mmc};

/// Departures of a run.
const COUNT: usize = 1_000_000;

/// Pieces of a run whose scatter gives the standard error.
const BATCHES: usize = 40;

/// Standard errors that a share may be away: one in fifteen thousand by chance.
const ERRORS: f64 = 4.0;

fn jobs(arrival_rate: f64, service_time: f64, law: JobLaw) -> Jobs {
    Jobs { arrival_rate, service_time, law }
}

fn laws_mg1(classes: &[Jobs]) -> Vec<ClassLaws> {
    let classes: Vec<PriorityClass> = classes
        .iter()
        .map(|jobs| PriorityClass {
            arrival_rate: ArrivalRate::new(jobs.arrival_rate).expect("rate"),
            service_time: Seconds::new(jobs.service_time).expect("time"),
            service_scv: match jobs.law {
                JobLaw::Constant => 0.0,
                JobLaw::Exponential => 1.0,
                JobLaw::Hyperexponential(scv) => scv,
            },
        })
        .collect();
    priority_laws_mg1(&classes).expect("stable")
}

/// Holds the share of the class's times above a quantile, and above times between, to the tail.
fn assert_tails(visits: &[Visit], class: usize, time: fn(&Visit) -> f64, law: &PriorityLaw, what: &str) {
    let times: Vec<f64> = visits.iter().filter(|visit| visit.class == class).map(time).collect();
    let shares = [0.1, 0.5, 0.9, 0.99, 0.999].map(|p| {
        let quantile = law.quantile(Probability::new(p).expect("probability")).expect("a quantile");
        // A little beyond, not upon a step.
        1.003 * quantile
    });
    for limit in shares.into_iter().chain([0.37, 1.83].map(|share| share * law.mean())) {
        let batch = times.len() / BATCHES;
        let found: Vec<f64> = times
            .chunks_exact(batch)
            .map(|chunk| chunk.iter().filter(|&&time| time > limit).count() as f64 / batch as f64)
            .collect();
        let mean = found.iter().sum::<f64>() / found.len() as f64;
        let spread = found.iter().map(|share| (share - mean).powi(2)).sum::<f64>() / (found.len() - 1) as f64;
        let error = (spread / found.len() as f64).sqrt();
        let tail = law.tail(Seconds::new(limit).expect("time"));
        assert!(
            (mean - tail).abs() <= ERRORS * error + 1e-9,
            "{what}, class {class}, {limit}: {mean} simulated with error {error}, {tail} computed"
        );
    }
}

fn assert_station(classes: &[Jobs], servers: usize, laws: &[ClassLaws], what: &str) {
    let kept = simulated(classes, servers, Discipline::Nonpreemptive, COUNT);
    let interrupted = simulated(classes, servers, Discipline::PreemptiveResume, COUNT);
    for (class, laws) in laws.iter().enumerate() {
        assert_tails(&kept, class, |visit| visit.wait, &laws.nonpreemptive_wait, &format!("{what}: wait"));
        assert_tails(&kept, class, |visit| visit.sojourn, &laws.nonpreemptive_sojourn, &format!("{what}: sojourn"));
        let law = &laws.preemptive_resume_sojourn;
        assert_tails(&interrupted, class, |visit| visit.sojourn, law, &format!("{what}: interrupted"));
    }
}

#[test]
fn two_servers_and_three_classes_are_as_simulated() {
    let rates = [0.5, 0.6, 0.5];
    let classes = rates.map(|rate| jobs(rate, 1.0, JobLaw::Exponential));
    let rates = rates.map(|rate| ArrivalRate::new(rate).expect("rate"));
    let servers = Servers::new(2).expect("count");
    let laws = priority_laws_mmc(&rates, ServiceRate::new(1.0).expect("rate"), servers).expect("stable");
    assert_station(&classes, 2, &laws, "M/M/2");
}

#[test]
fn constant_services_are_as_simulated() {
    let classes =
        [jobs(0.3, 1.0, JobLaw::Constant), jobs(0.2, 1.7, JobLaw::Constant), jobs(0.1, 0.9, JobLaw::Constant)];
    assert_station(&classes, 1, &laws_mg1(&classes), "M/D/1");
}

#[test]
fn different_services_are_as_simulated() {
    let classes = [
        jobs(0.4, 0.5, JobLaw::Hyperexponential(4.0)),
        jobs(0.1, 2.0, JobLaw::Constant),
        jobs(0.3, 1.0, JobLaw::Hyperexponential(3.0)),
    ];
    assert_station(&classes, 1, &laws_mg1(&classes), "M/G/1");
}
