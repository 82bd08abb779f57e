//! What the laws of classes have to be: special cases, means, and each other.

use crate::numeric::Complex;
use crate::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};

use super::{ClassLaws, PriorityClass, PriorityLaw, PriorityTimes, priority_laws_mg1, priority_laws_mmc};
use super::{priority_mg1, priority_mmc};
use crate::queues::tests::simulation::Generator;
use crate::queues::{Mg1, Mmc, QueueError, ServiceShape, StationLaws};

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
    assert_same(
        &laws[0].nonpreemptive_wait,
        |time| plain.waiting_time_tail(seconds(time)).or_else(QueueError::zero_below_double).expect("a tail"),
        1e-12,
        "wait",
    );
    assert_same(
        &laws[0].nonpreemptive_sojourn,
        |time| plain.sojourn_time_tail(seconds(time)).or_else(QueueError::zero_below_double).expect("a tail"),
        1e-12,
        "sojourn",
    );
    assert_same(
        &laws[0].preemptive_resume_sojourn,
        |time| plain.sojourn_time_tail(seconds(time)).or_else(QueueError::zero_below_double).expect("a tail"),
        1e-12,
        "preemptive",
    );
    for scv in [0.1, 0.37, 0.5, 1.0, 3.0, 50.0] {
        let (laws, _) = mg1(&[class(0.7, 1.0, scv)]);
        let plain = Mg1::new(rate(0.7), seconds(1.0), &ServiceShape::TwoMoments(scv)).expect("stable");
        let tail =
            |time| plain.sojourn_time_tail(seconds(time)).or_else(QueueError::zero_below_double).expect("a tail");
        let wait =
            |time| plain.waiting_time_tail(seconds(time)).or_else(QueueError::zero_below_double).expect("a tail");
        assert_same(&laws[0].nonpreemptive_wait, wait, 1e-6, &format!("wait {scv}"));
        assert_same(&laws[0].nonpreemptive_sojourn, tail, 1e-6, &format!("sojourn {scv}"));
        assert_same(&laws[0].preemptive_resume_sojourn, tail, 1e-6, &format!("preemptive {scv}"));
    }
}

/// Loads over nine decades, times over three, any spread: no quantile is refused, out of order, or off its tail.
#[test]
fn usual_quantiles_have_an_answer_for_any_mix_of_classes() {
    let mut generator = Generator::new();
    let mut decades = |from: f64, to: f64| 10_f64.powf(from + (to - from) * generator.uniform());
    for round in 0..12 {
        let parts = [decades(-9.0, 0.0), decades(-3.0, 0.0), decades(-1.0, 0.0)];
        let load = (1.0 - decades(-6.0, 0.0)) / parts.iter().sum::<f64>();
        let classes: Vec<PriorityClass> = parts
            .iter()
            .enumerate()
            .map(|(k, part)| {
                let (time, scv) = (decades(-3.0, 0.0), decades(-3.0, 6.0));
                class(load * part / time, time, if (k + round) % 3 == 0 { 0.0 } else { scv })
            })
            .collect();
        for laws in mg1(&classes).0 {
            for law in [&laws.nonpreemptive_wait, &laws.nonpreemptive_sojourn, &laws.preemptive_resume_sojourn] {
                let mut before = 0.0;
                for probability in [0.5, 0.99, 0.999] {
                    let time = law.quantile(p(probability)).expect("a quantile");
                    assert!(time >= before, "{classes:?}: {time} < {before}");
                    before = time;
                    let tail = law.tail(seconds(time));
                    assert!(
                        tail <= (1.0 - probability) * (1.0 + 1e-6) || law.is_smoothed(),
                        "{classes:?} {probability}: {tail} at {time}"
                    );
                }
            }
        }
    }
}

/// Kleinrock's law: `Σ ρ_k·W_q,k` is that of service in order of arrival, whatever the order of the classes.
#[test]
fn the_work_is_conserved() {
    let rates = [4.0, 9.0, 5.0];
    let (laws, _) = mmc(&rates, 1.0, 20);
    let plain = Mmc::new(rate(18.0), ServiceRate::new(1.0).expect("rate"), Servers::new(20).expect("count"));
    let together: f64 = laws.iter().zip(rates).map(|(laws, rate)| rate * laws.nonpreemptive_wait.mean()).sum();
    assert!(near(together, plain.expect("stable").mean_in_queue(), 1e-11), "{together}");
    let order = [class(0.1, 0.5, 0.0), class(0.4, 1.5, 2.0), class(0.05, 3.0, 0.3)];
    let work = |classes: &[PriorityClass]| -> f64 {
        let load = |class: &PriorityClass| class.arrival_rate.get() * class.service_time.get();
        mg1(classes).0.iter().zip(classes).map(|(laws, class)| load(class) * laws.nonpreemptive_wait.mean()).sum()
    };
    assert!(near(work(&order), work(&[order[2], order[0], order[1]]), 1e-12));
}

/// Little's law, and the probabilities of the numbers that wait and are there.
#[test]
fn the_numbers_of_a_class_add_up_to_its_times() {
    let (general, _) = mg1(&[class(0.3, 1.0, 0.0), class(0.1, 2.0, 4.0), class(0.2, 0.5, 0.3)]);
    let (single, _) = mmc(&[0.3, 0.4], 1.0, 1);
    let (several, _) = mmc(&[1.0, 3.0], 1.0, 5);
    let laws = [
        (0.3, &general[0].nonpreemptive_wait),
        (0.1, &general[1].nonpreemptive_wait),
        (0.1, &general[1].nonpreemptive_sojourn),
        (0.2, &general[2].preemptive_resume_sojourn),
        (0.4, &single[1].nonpreemptive_sojourn),
        (0.4, &single[1].preemptive_resume_sojourn),
        (0.3, &single[0].preemptive_resume_sojourn),
        (1.0, &several[0].nonpreemptive_wait),
        (3.0, &several[1].nonpreemptive_wait),
    ];
    for (index, (arrivals, law)) in laws.into_iter().enumerate() {
        let numbers: Vec<f64> = (0..400).map(|count| law.arrivals(rate(arrivals), count)).collect();
        let total: f64 = numbers.iter().sum();
        let mean: f64 = numbers.iter().enumerate().map(|(count, probability)| count as f64 * probability).sum();
        assert!((total - 1.0).abs() < 1e-9, "{index}: {total}");
        assert!(near(mean, arrivals * law.mean(), 1e-8), "{index}: {mean} {}", arrivals * law.mean());
    }
    // The most urgent of those that interrupt is M/M/1, of which the number is geometric.
    for count in [0, 1, 5, 40, 400] {
        let got = single[0].preemptive_resume_sojourn.arrivals(rate(0.3), count);
        assert!(near(got, 0.7 * 0.3_f64.powi(count.cast_signed()), 1e-10), "{count}: {got}");
    }
    // At the station there is nobody with the share of time that the class is not.
    let idle = general[0].preemptive_resume_sojourn.arrivals(rate(0.3), 0);
    assert!(near(idle, 0.7, 1e-12), "{idle}");
    assert_eq!(general[0].nonpreemptive_wait.arrivals(rate(0.0), 0), 1.0);
}

#[test]
fn a_less_urgent_class_never_waits_less_and_more_load_never_waits_less() {
    let (laws, _) = mmc(&[6.0, 5.0, 6.0], 1.0, 20);
    let (more, _) = mmc(&[6.5, 5.0, 6.0], 1.0, 20);
    for time in [0.0, 0.1, 1.0, 5.0, 50.0] {
        let tail = |law: &PriorityLaw| law.tail(seconds(time));
        for pair in laws.windows(2) {
            assert!(tail(&pair[0].nonpreemptive_wait) <= tail(&pair[1].nonpreemptive_wait) * (1.0 + 1e-12));
            let (one, other) = (&pair[0].preemptive_resume_sojourn, &pair[1].preemptive_resume_sojourn);
            assert!(tail(one) <= tail(other) * (1.0 + 1e-9), "{time}");
        }
        for (one, other) in laws.iter().zip(&more) {
            assert!(tail(&one.nonpreemptive_wait) <= tail(&other.nonpreemptive_wait));
            let (one, other) = (&one.preemptive_resume_sojourn, &other.preemptive_resume_sojourn);
            assert!(tail(one) <= tail(other) * (1.0 + 1e-9), "{time}");
        }
    }
}

/// `T* = 1 − s·∫ e^(−st) P(T > t) dt`, the integral by the trapezoid rule in the logarithm of the time.
#[test]
fn the_transform_is_that_of_the_tail() {
    let (one, _) = mmc(&[1.0, 2.0], 1.0, 4);
    let (other, _) = mg1(&[class(0.3, 1.0, 0.5), class(0.3, 1.5, 2.0)]);
    for law in [
        &one[1].nonpreemptive_wait,
        &one[1].nonpreemptive_sojourn,
        &one[1].preemptive_resume_sojourn,
        &other[1].nonpreemptive_wait,
        &other[0].nonpreemptive_sojourn,
        &other[1].preemptive_resume_sojourn,
    ] {
        let s = 0.7;
        let step = 0.05;
        let integral: f64 = (-500..110)
            .map(|k| {
                let time = (f64::from(k) * step).exp();
                step * time * (-s * time).exp() * law.tail(seconds(time))
            })
            .sum();
        let transform = law.transform(Complex::new(s, 0.0)).expect("a value");
        assert!((transform.re - (1.0 - s * integral)).abs() < 1e-8 && transform.im == 0.0, "{transform} {integral}");
    }
    assert_eq!(
        one[0].nonpreemptive_wait.transform(Complex::new(-1.0, 0.0)).map_err(|error| error.to_string()),
        Err("transform point of -1 is not finite and at least 0".to_owned())
    );
}

#[test]
fn no_time_is_long_enough_for_certainty() {
    let (one, _) = mmc(&[1.0, 2.0], 1.0, 4);
    let (other, _) = mg1(&[class(0.3, 1.0, 0.0), class(0.3, 1.5, 2.0)]);
    for laws in one.iter().chain(&other) {
        for law in [&laws.nonpreemptive_wait, &laws.nonpreemptive_sojourn, &laws.preemptive_resume_sojourn] {
            let message = law.quantile(Probability::ONE).map_err(|error| error.to_string());
            assert_eq!(message, Err("probability of 1 is not below 1".to_owned()));
        }
    }
}
