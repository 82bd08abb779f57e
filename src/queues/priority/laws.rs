//! What the laws of classes have to be: special cases, means, and each other.

use crate::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};

use super::super::{Mg1, Mmc, ServiceShape};
use super::{ClassLaws, PriorityClass, PriorityLaw, PriorityTimes, priority_laws_mg1, priority_laws_mmc};
use super::{priority_mg1, priority_mmc};

fn rate(value: f64) -> ArrivalRate {
    ArrivalRate::new(value).expect("rate")
}

fn seconds(value: f64) -> Seconds {
    Seconds::new(value).expect("time")
}

fn p(value: f64) -> Probability {
    Probability::new(value).expect("probability")
}

fn class(arrival_rate: f64, service_time: f64, service_scv: f64) -> PriorityClass {
    PriorityClass { arrival_rate: rate(arrival_rate), service_time: seconds(service_time), service_scv }
}

fn mmc(rates: &[f64], service_rate: f64, servers: u64) -> (Vec<ClassLaws>, Vec<PriorityTimes>) {
    let rates: Vec<ArrivalRate> = rates.iter().map(|&value| rate(value)).collect();
    let (mu, c) = (ServiceRate::new(service_rate).expect("rate"), Servers::new(servers).expect("count"));
    (priority_laws_mmc(&rates, mu, c).expect("stable"), priority_mmc(&rates, mu, c).expect("stable"))
}

fn mg1(classes: &[PriorityClass]) -> (Vec<ClassLaws>, Vec<PriorityTimes>) {
    (priority_laws_mg1(classes).expect("stable"), priority_mg1(classes).expect("stable"))
}

fn near(got: f64, want: f64, tolerance: f64) -> bool {
    (got - want).abs() <= tolerance * want.abs()
}

fn assert_means((laws, times): &(Vec<ClassLaws>, Vec<PriorityTimes>), tolerance: f64) {
    for (index, (laws, times)) in laws.iter().zip(times).enumerate() {
        for (law, mean) in [
            (&laws.nonpreemptive_wait, times.nonpreemptive_waiting_time),
            (&laws.nonpreemptive_sojourn, times.nonpreemptive_sojourn_time),
            (&laws.preemptive_resume_sojourn, times.preemptive_resume_sojourn_time),
        ] {
            assert!(near(law.mean(), mean, tolerance), "class {index}: {} {mean}", law.mean());
        }
    }
}

#[test]
fn the_means_of_the_laws_are_those_in_closed_form() {
    for servers in [1, 2, 10, 300, 10_000, 1_000_000] {
        let c = servers as f64;
        for parts in [[0.3, 0.4, 0.2], [0.9, 0.0, 0.05], [1e-9, 0.5, 0.499_999], [0.5, 1e-9, 0.499_999]] {
            let rates: Vec<f64> = parts.iter().map(|part| part * 3.0 * c).collect();
            assert_means(&mmc(&rates, 3.0, servers), 1e-9);
        }
    }
    for scvs in [[0.0, 1.0, 4.0], [0.3, 0.0, 1e-3], [20.0, 0.5, 1e4], [1.0, 1.0, 1.0]] {
        for parts in [[0.3, 0.4, 0.2], [0.9, 0.0, 0.05], [1e-9, 0.5, 0.49], [0.0, 0.0, 0.9]] {
            let times = [0.5, 3.0, 0.01];
            let classes: Vec<_> = (0..3).map(|k| class(parts[k] / times[k], times[k], scvs[k])).collect();
            assert_means(&mg1(&classes), 1e-10);
        }
    }
}

fn assert_same(one: &PriorityLaw, other: impl Fn(f64) -> f64, tolerance: f64, what: &str) {
    for share in [0.01, 0.3, 1.0, 3.0, 10.0, 40.0] {
        let time = share * one.mean();
        let (got, want) = (one.tail(seconds(time)), other(time));
        assert!(near(got, want, tolerance), "{what} at {time}: {got} {want} {:e}", got / want - 1.0);
    }
}

/// One server of exponential service is both models, by two ways of computing.
#[test]
fn both_models_meet_at_one_server() {
    for rates in [[0.2, 0.3, 0.4], [0.6, 0.05, 0.3], [0.01, 0.1, 0.02]] {
        let (one, _) = mmc(&rates, 1.0, 1);
        let (other, _) = mg1(&rates.map(|lambda| class(lambda, 1.0, 1.0)));
        for (k, (one, other)) in one.iter().zip(&other).enumerate() {
            let of = |law: &PriorityLaw| {
                let law = law.clone();
                move |time| law.tail(seconds(time))
            };
            assert_same(&one.nonpreemptive_wait, of(&other.nonpreemptive_wait), 1e-8, &format!("wait {k}"));
            assert_same(&one.nonpreemptive_sojourn, of(&other.nonpreemptive_sojourn), 1e-8, &format!("sojourn {k}"));
            let (one, other) = (&one.preemptive_resume_sojourn, &other.preemptive_resume_sojourn);
            assert_same(one, of(other), 1e-8, &format!("preemptive {k}"));
        }
    }
}

#[test]
fn one_class_has_the_law_of_the_station() {
    let (laws, _) = mmc(&[17.0], 1.0, 20);
    let plain = Mmc::new(rate(17.0), ServiceRate::new(1.0).expect("rate"), Servers::new(20).expect("count"));
    let plain = plain.expect("stable");
    assert_same(&laws[0].nonpreemptive_wait, |time| plain.waiting_time_tail(seconds(time)), 1e-12, "wait");
    assert_same(&laws[0].nonpreemptive_sojourn, |time| plain.sojourn_time_tail(seconds(time)), 1e-12, "sojourn");
    assert_same(&laws[0].preemptive_resume_sojourn, |time| plain.sojourn_time_tail(seconds(time)), 1e-12, "preemptive");
    for scv in [0.1, 0.37, 0.5, 1.0, 3.0, 50.0] {
        let (laws, _) = mg1(&[class(0.7, 1.0, scv)]);
        let plain = Mg1::new(rate(0.7), seconds(1.0), &ServiceShape::TwoMoments(scv)).expect("stable");
        let tail = |time| plain.sojourn_time_tail(seconds(time));
        let wait = |time| plain.waiting_time_tail(seconds(time));
        assert_same(&laws[0].nonpreemptive_wait, wait, 1e-6, &format!("wait {scv}"));
        assert_same(&laws[0].nonpreemptive_sojourn, tail, 1e-6, &format!("sojourn {scv}"));
        assert_same(&laws[0].preemptive_resume_sojourn, tail, 1e-6, &format!("preemptive {scv}"));
    }
}
