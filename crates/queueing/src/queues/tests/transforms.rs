//! What a transform has to do with the tail of the same law, for every station that has both.

use proptest::prelude::*;

use crate::numeric::{Complex, integrate};
use crate::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};

use crate::queues::{
    ErlangA, Mg1, MmInf, Mmc, Mmck, QueueError, ServiceBranch, ServiceShape, StationFigures, StationLaws,
};

/// Two rounded computations of one figure, of which one is an integral.
const ROUNDED: f64 = 1e-11;

/// The tail and the transform of one law, and its mean.
struct Law<'a> {
    tail: &'a dyn Fn(Seconds) -> Result<f64, QueueError>,
    transform: &'a dyn Fn(Complex<f64>) -> Result<Complex<f64>, QueueError>,
    mean: f64,
    /// A time of the size of those that are above 0.
    scale: f64,
}

/// `E e^(−sT) = 1 − s·∫ e^(−st)·P(T > t) dt`, one at 0, with a slope of minus the mean there.
fn one_law(law: &Law, tolerance: f64, case: &str) {
    let transform = |s: Complex<f64>| (law.transform)(s).expect("a value");
    let scale = law.scale;
    assert!((transform(Complex::new(0.0, 0.0)) - 1.0).norm() < 1e-13, "{case}: {}", transform(Complex::new(0.0, 0.0)));
    // E e^(−iεT) = 1 − iε·E T + …: the imaginary part is no difference.
    let step = 1e-5 / scale;
    let slope = -transform(Complex::new(0.0, step)).im / step;
    assert!((slope - law.mean).abs() <= 1e-8 * law.mean + 1e-10 * scale, "{case}: {slope} is not {}", law.mean);
    for (re, im) in [(1e-6, 0.0), (0.3, 0.0), (4.0, 0.0), (100.0, 0.0), (0.5, 2.0)] {
        let s = Complex::new(re / scale, im / scale);
        let part = |part: &dyn Fn(f64) -> f64| {
            // In u = t/(t + mean), which ends at 1.
            let value = |u: f64| {
                let t = scale * u / (1.0 - u);
                let tail = match (law.tail)(Seconds::new(t).expect("time")) {
                    Err(QueueError::BelowDouble { .. }) => 0.0,
                    tail => tail.expect("a tail"),
                };
                (-s.re * t).exp() * part(s.im * t) * tail * scale / ((1.0 - u) * (1.0 - u))
            };
            // Panels of their own, so that a steep start is seen.
            [0.0, 1e-3, 0.03, 0.3, 0.7, 0.95, 0.995, 0.999_9]
                .windows(2)
                .map(|ends| integrate(value, ends[0], ends[1]))
                .sum::<f64>()
        };
        let integral = Complex::new(part(&f64::cos), -part(&f64::sin));
        let difference = (transform(s) - (1.0 - s * integral)).norm();
        assert!(difference <= tolerance, "{case} at {s}: {} differs by {difference:e}", transform(s));
    }
}

/// Both laws of a station with these means.
fn laws(station: &dyn StationLaws, waiting_time: f64, sojourn_time: f64, tolerance: f64, case: &str) {
    let wait = Law {
        tail: &|time| station.waiting_time_tail(time),
        transform: &|s| station.waiting_time_transform(s),
        mean: waiting_time,
        scale: sojourn_time,
    };
    one_law(&wait, tolerance, &format!("wait of {case}"));
    let sojourn = Law {
        tail: &|time| station.sojourn_time_tail(time),
        transform: &|s| station.sojourn_time_transform(s),
        mean: sojourn_time,
        scale: sojourn_time,
    };
    one_law(&sojourn, tolerance, &format!("sojourn of {case}"));
}

fn arrivals(rate: f64) -> ArrivalRate {
    ArrivalRate::new(rate).expect("rate")
}

fn rate(rate: f64) -> ServiceRate {
    ServiceRate::new(rate).expect("rate")
}

fn count(servers: u64) -> Servers {
    Servers::new(servers).expect("count")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn transforms_are_those_of_the_tails(
        servers in 1..40_u64, utilization in 0.05..0.95_f64, overload in 0.5..3.0_f64, room in 0..60_u64, mu in 0.01..100.0_f64,
        theta in 0.05..20.0_f64,
    ) {
        let (c, load) = (count(servers), utilization * servers as f64);
        let queue = Mmc::new(arrivals(load * mu), rate(mu), c).expect("stable");
        laws(&queue, queue.waiting_time(), queue.sojourn_time(), ROUNDED, &format!("{queue:?}"));
        let queue = Mmck::new(arrivals(load * overload * mu), rate(mu), c, servers + room).expect("room");
        laws(&queue, queue.waiting_time(), queue.sojourn_time(), ROUNDED, &format!("{queue:?}"));
        let station = MmInf::new(arrivals(load * mu), rate(mu)).expect("finite");
        laws(&station, 0.0, station.sojourn_time(), ROUNDED, &format!("{station:?}"));
        let queue = ErlangA::new(arrivals(load * overload * mu), rate(mu), c, rate(theta * mu)).expect("finite");
        let offered = Law {
            tail: &|time| Ok(queue.offered_wait_tail(time)),
            transform: &|s| queue.offered_wait_transform(s),
            scale: queue.served_waiting_time() + 1.0 / mu,
            mean: -queue.offered_wait_transform(Complex::new(0.0, 1e-7 * mu)).expect("a value").im / (1e-7 * mu),
        };
        one_law(&offered, ROUNDED, &format!("offered wait of {queue:?}"));
        let served = Law {
            tail: &|time| Ok(queue.served_waiting_time_tail(time)),
            transform: &|s| queue.served_waiting_time_transform(s),
            mean: queue.served_waiting_time(),
            scale: queue.served_waiting_time() + 1.0 / mu,
        };
        one_law(&served, ROUNDED, &format!("served wait of {queue:?}"));
        let served = Law {
            tail: &|time| Ok(queue.served_sojourn_time_tail(time)),
            transform: &|s| queue.served_sojourn_time_transform(s),
            mean: queue.served_waiting_time() + 1.0 / mu,
            scale: queue.served_waiting_time() + 1.0 / mu,
        };
        one_law(&served, ROUNDED, &format!("served sojourn of {queue:?}"));
    }
}

fn shapes() -> [ServiceShape; 8] {
    let branch = |probability, mean: f64| ServiceBranch { probability, rate: 1.0 / mean };
    [
        ServiceShape::Deterministic,
        ServiceShape::Exponential,
        ServiceShape::Erlang(2),
        ServiceShape::Erlang(30),
        ServiceShape::Hyperexponential(vec![branch(0.9, 0.5), branch(0.1, 5.5)]),
        ServiceShape::TwoMoments(0.02),
        ServiceShape::TwoMoments(0.7),
        ServiceShape::TwoMoments(4.0),
    ]
}

fn mg1(load: f64, shape: &ServiceShape) -> Mg1 {
    Mg1::new(arrivals(load), Seconds::new(1.0).expect("time"), shape).expect("stable")
}

#[test]
fn transforms_of_one_server_are_those_of_its_tails() {
    for load in [0.01, 0.5, 0.95] {
        for shape in shapes() {
            // The tail of a constant service has corners, which a smooth rule does not see.
            let tolerance = if shape == ServiceShape::Deterministic { 1e-4 } else { ROUNDED };
            let queue = mg1(load, &shape);
            laws(&queue, queue.waiting_time(), queue.sojourn_time(), tolerance, &format!("{load} {shape:?}"));
        }
    }
}

#[test]
fn services_of_any_length_have_the_same_laws() {
    for shape in shapes() {
        if matches!(shape, ServiceShape::Hyperexponential(_)) {
            continue;
        }
        let plain = mg1(0.5, &shape);
        for unit in [1e-300, 1e-20, 1e20, 1e300] {
            let queue = Mg1::new(arrivals(0.5 / unit), Seconds::new(unit).expect("time"), &shape).expect("stable");
            for p in [0.6, 0.99] {
                let p = Probability::new(p).expect("probability");
                let one = queue.sojourn_time_quantile(p).expect("below 1") / unit;
                let other = plain.sojourn_time_quantile(p).expect("below 1");
                assert!((one / other - 1.0).abs() < 1e-12, "{unit:e} {shape:?}: {one} {other}");
            }
            let (one, other) = (queue.states().probability(3), plain.states().probability(3));
            assert!((one / other - 1.0).abs() < 1e-12, "{unit:e} {shape:?}: {one} {other}");
            let one = StationLaws::sojourn_time_transform(&queue, Complex::new(0.7 / unit, 0.0)).expect("a value").re;
            let other = StationLaws::sojourn_time_transform(&plain, Complex::new(0.7, 0.0)).expect("a value").re;
            assert!((one / other - 1.0).abs() < 1e-13, "{unit:e} {shape:?}: {one} {other}");
        }
    }
}

/// At the ends of the domain the mean comes out of the transform with its digits, where the textbook form has none left.
#[test]
fn a_transform_near_zero_has_the_mean() {
    for load in [1e-9, 0.5, 0.999_999] {
        for shape in shapes() {
            let queue = mg1(load, &shape);
            let step = 1e-7 / queue.sojourn_time();
            let value = StationLaws::waiting_time_transform(&queue, Complex::new(0.0, step)).expect("a value");
            let slope = -value.im / step;
            assert!((slope / queue.waiting_time() - 1.0).abs() < 1e-9, "{load} {shape:?}: {slope}");
        }
    }
}

#[test]
fn states_of_one_server_sum_to_one_and_to_the_mean_number() {
    for load in [1e-9, 0.03, 0.5, 0.9, 0.99] {
        for shape in shapes() {
            let queue = mg1(load, &shape);
            let states = queue.states();
            let terms = || (0..40_000_u64).map(|n| (n as f64, states.probability(n)));
            let sum: f64 = terms().map(|(_, p)| p).sum();
            let mean: f64 = terms().map(|(n, p)| n * p).sum();
            assert!((sum - 1.0).abs() < 1e-12, "{load} {shape:?}: {sum}");
            assert!((mean / queue.mean_in_system() - 1.0).abs() < 1e-10, "{load} {shape:?}: {mean}");
            assert!((states.probability(0) / (1.0 - load) - 1.0).abs() < 1e-12, "{load} {shape:?}");
        }
    }
}

/// `E z^N = E e^(−λ(1 − z)·W)`: the states against the transform, which share no formula but for branches.
#[test]
fn states_of_one_server_are_those_that_a_sojourn_leaves_behind() {
    for load in [0.1, 0.6, 0.97] {
        for shape in shapes() {
            let (queue, states) = (mg1(load, &shape), mg1(load, &shape).states());
            for z in [0.0_f64, 0.2, 0.9, 0.999] {
                let sum: f64 = (0..20_000_u32).map(|n| states.probability(u64::from(n)) * z.powf(f64::from(n))).sum();
                let point = Complex::new(load * (1.0 - z), 0.0);
                let want = StationLaws::sojourn_time_transform(&queue, point).expect("a value").re;
                assert!((sum / want - 1.0).abs() < 1e-12, "{load} {shape:?} {z}: {sum} {want}");
            }
        }
    }
}

/// The jobs left behind by one departure after another, as a chain: `π = π·P` for Poisson arrivals in a constant service.
#[test]
fn states_of_a_constant_service_are_those_of_the_embedded_chain() {
    let load: f64 = 0.7;
    let mut arrive = vec![(-load).exp()];
    for n in 1..60_u32 {
        arrive.push(arrive[arrive.len() - 1] * load / f64::from(n));
    }
    let mut now = vec![0.0; 120];
    now[0] = 1.0;
    for _ in 0..1500 {
        let mut next = vec![0.0; 120];
        for (found, share) in now.iter().enumerate() {
            let left = found.saturating_sub(1);
            for (entry, arrive) in next.iter_mut().skip(left).zip(&arrive) {
                *entry += share * arrive;
            }
        }
        now = next;
    }
    let states = mg1(load, &ServiceShape::Deterministic).states();
    for (n, want) in now.iter().enumerate().take(40) {
        let got = states.probability(n as u64);
        assert!((got - want).abs() < 1e-12, "{n}: {got} {want}");
    }
}

#[test]
fn states_of_exponential_service_are_geometric_as_far_as_doubles_go() {
    for (load, far) in [(1e-9_f64, 33), (0.5, 1000), (0.999_999, 100_000_000)] {
        let same = [ServiceShape::Exponential, ServiceShape::TwoMoments(1.0)].map(|shape| mg1(load, &shape).states());
        for states in same {
            for n in [0, 1, 7, far] {
                let want = (-load).ln_1p() + n as f64 * load.ln();
                let got = states.probability(n).ln();
                assert!((got - want).abs() < 1e-9 * want.abs().max(1e-3), "{load} {n}: {got} {want}");
            }
        }
    }
    // From two stages on the list and its geometric end meet.
    for shape in shapes() {
        let states = mg1(0.8, &shape).states();
        for n in [10, 100, 1000] {
            let ratio = |n: u64| states.probability(n + 1) / states.probability(n);
            assert!(ratio(n) > 0.0 && ratio(n) < 1.0 && (ratio(n + 1) / ratio(n) - 1.0).abs() < 1e-3, "{shape:?} {n}");
        }
    }
}

/// The sum that the closed form stands for, term by term from its smaller end.
#[test]
fn the_transform_of_much_room_is_the_sum_over_its_places() {
    for (load, servers, places) in [
        (0.5, 1, 3),
        (1.0, 1, 1000),
        (1.3, 1, 1000),
        (49.9, 50, 2000),
        (50.0, 50, 2000),
        (51.0, 50, 2000),
        (200.0, 50, 400),
    ] {
        let queue = Mmck::new(arrivals(load), rate(1.0), count(servers), servers + places).expect("room");
        let accepted = 1.0 - queue.blocking_probability();
        for s in [0.0, 1e-9, 1e-3, 0.3, 1.0, 7.0, 500.0] {
            let z = servers as f64 / (servers as f64 + s);
            let waits: f64 = (0..places)
                .map(|j| queue.state_probability(servers + j) * z.powi(i32::try_from(j).expect("few") + 1))
                .sum();
            let at_once: f64 = (0..servers).map(|n| queue.state_probability(n)).sum();
            let got = StationLaws::waiting_time_transform(&queue, Complex::new(s, 0.0)).expect("a value").re;
            let want = (at_once + waits) / accepted;
            assert!((got / want - 1.0).abs() < 1e-11, "{load} {servers} {places} {s}: {got} {want}");
        }
    }
}

#[test]
fn a_million_places_are_a_queue_without_end() {
    for (load, servers) in [(0.5, 1), (18.0, 20), (999.9, 1000)] {
        let open = Mmc::new(arrivals(load), rate(1.0), count(servers)).expect("stable");
        let roomy = Mmck::new(arrivals(load), rate(1.0), count(servers), 1_000_000).expect("room");
        for s in [Complex::new(1e-9, 0.0), Complex::new(0.2, 0.0), Complex::new(30.0, 0.0), Complex::new(0.1, 1.0)] {
            let one = open.waiting_time_transform(s).expect("a value");
            let other = roomy.waiting_time_transform(s).expect("a value");
            assert!((one - other).norm() < ROUNDED, "{load} {s}: {one} {other}");
        }
    }
}

#[test]
fn rates_and_points_of_any_size_have_a_value() {
    for unit in [1e-300, 1e-150, 1e150, 1e300] {
        let queue = Mmck::new(arrivals(1.2 * unit), rate(unit), count(2), 7).expect("room");
        let plain = Mmck::new(arrivals(1.2), rate(1.0), count(2), 7).expect("room");
        for (s, t) in [(1e-3, 0.01), (1.0, 1.0), (1e3, 30.0)] {
            let one = StationLaws::sojourn_time_transform(&queue, Complex::new(s * unit, 0.0)).expect("a value").re;
            let other = StationLaws::sojourn_time_transform(&plain, Complex::new(s, 0.0)).expect("a value").re;
            assert!((one / other - 1.0).abs() < ROUNDED, "{unit:e} {s}");
            let one = queue
                .sojourn_time_tail(Seconds::new(t / unit).expect("time"))
                .or_else(QueueError::zero_below_double)
                .expect("a tail");
            let other = plain
                .sojourn_time_tail(Seconds::new(t).expect("time"))
                .or_else(QueueError::zero_below_double)
                .expect("a tail");
            assert!((one / other - 1.0).abs() < ROUNDED, "{unit:e} {t}");
        }
        let far = StationLaws::waiting_time_transform(&queue, Complex::new(f64::MAX, 0.0)).expect("a value").re;
        assert!((0.0..=1.0).contains(&far), "{unit:e}: {far}");
        assert!(
            queue
                .waiting_time_tail(Seconds::new(f64::MAX).expect("time"))
                .or_else(QueueError::zero_below_double)
                .expect("a tail")
                < 1e-5
        );
    }
}
