//! Laws that every station keeps, and the stations that are limits of others.

use proptest::prelude::*;

use crate::numeric::integrate;
use crate::units::{ArrivalRate, Erlangs, Probability, Seconds, Servers, ServiceRate};

use crate::queues::{
    BalancedFleet, ErlangA, ExponentialVisit, Ggc, Mg1, Mgc, MgcService, MmInf, Mmc, Mmck, QueueError, RoundRobin,
    ServiceBranch, ServiceShape, StationFigures, StationLaws, erlang_b, ln_erlang_b,
};

/// Two rounded computations of one figure.
const ROUNDED: f64 = 1e-11;

fn arrivals(rate: f64) -> ArrivalRate {
    ArrivalRate::new(rate).expect("rate")
}

fn unit_rate() -> ServiceRate {
    ServiceRate::new(1.0).expect("rate")
}

fn count(servers: u64) -> Servers {
    Servers::new(servers).expect("count")
}

fn p(value: f64) -> Probability {
    Probability::new(value).expect("probability")
}

fn time(value: f64) -> Seconds {
    Seconds::new(value).expect("time")
}

fn near(got: f64, want: f64, tolerance: f64) -> bool {
    (got - want).abs() <= tolerance * want.abs()
}

fn mg1(load: f64, service: &ServiceShape) -> Mg1 {
    Mg1::new(arrivals(load), time(1.0), service).expect("stable")
}

fn two_branches() -> ServiceShape {
    // Mean 0.9·0.5 + 0.1·5.5 = 1.
    let branch = |probability, mean: f64| ServiceBranch { probability, rate: 1.0 / mean };
    ServiceShape::Hyperexponential(vec![branch(0.9, 0.5), branch(0.1, 5.5)])
}

fn shapes() -> [ServiceShape; 6] {
    [
        ServiceShape::Deterministic,
        ServiceShape::Exponential,
        ServiceShape::Erlang(3),
        two_branches(),
        ServiceShape::TwoMoments(0.3),
        ServiceShape::TwoMoments(4.0),
    ]
}

/// Single servers of unit service rate that are dealt to in turn.
fn in_turn(arrival_rate: ArrivalRate, servers: Servers) -> Result<ExponentialVisit, QueueError> {
    let fleet = BalancedFleet { arrival_rate, service_rate: unit_rate(), servers, workers: count(1) };
    RoundRobin::new(&fleet).map(|turns| turns.visit())
}

/// Stations of unit service rate with `servers` servers, or `None` for those of one server with others.
fn stations(load: f64, servers: u64) -> Vec<Result<Box<dyn StationFigures>, QueueError>> {
    fn boxed<S: StationFigures + 'static>(
        station: Result<S, QueueError>,
    ) -> Result<Box<dyn StationFigures>, QueueError> {
        station.map(|station| Box::new(station) as Box<dyn StationFigures>)
    }
    let (a, c, mu) = (arrivals(load), count(servers), unit_rate());
    vec![
        boxed(Mmc::new(a, mu, c)),
        boxed(Mmck::new(a, mu, c, 40)),
        boxed(ErlangA::new(a, mu, c, ServiceRate::new(0.3).expect("rate"))),
        boxed(ErlangA::new(a, mu, c, ServiceRate::new(50.0).expect("rate"))),
        boxed(in_turn(a, c)),
        boxed(Mgc::new(a, mu, c, MgcService::Deterministic)),
        boxed(Mgc::new(a, mu, c, MgcService::TwoMoments(4.0))),
        boxed(Mgc::new(a, mu, c, MgcService::Lognormal(1.0))),
    ]
}

fn figures(station: &dyn StationFigures) -> [f64; 4] {
    let quantile = station.waiting_time_quantile(p(0.99)).expect("below 1");
    [station.wait_probability(), station.waiting_time(), station.sojourn_time(), quantile]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn more_load_never_waits_less(servers in 1..30_u64, utilization in 0.01..0.95_f64, more in 1.001..1.05_f64) {
        let load = utilization * servers as f64;
        for (less, more) in stations(load, servers).iter().zip(stations(load * more, servers)) {
            let (less, more) = (less.as_ref().expect("stable"), more.expect("stable"));
            for (one, other) in figures(less.as_ref()).into_iter().zip(figures(more.as_ref())) {
                prop_assert!(one <= other * (1.0 + ROUNDED), "{one} {other}");
            }
        }
        for shape in shapes() {
            let (less, more) = (mg1(utilization, &shape), mg1(utilization * more, &shape));
            for (one, other) in figures(&less).into_iter().zip(figures(&more)) {
                prop_assert!(one <= other * (1.0 + ROUNDED), "{one} {other} {shape:?}");
            }
        }
    }

    #[test]
    fn one_more_server_never_waits_more(servers in 1..30_u64, utilization in 0.01..0.99_f64) {
        let load = utilization * servers as f64;
        for (fewer, more) in stations(load, servers).iter().zip(stations(load, servers + 1)) {
            let (fewer, more) = (fewer.as_ref().expect("stable"), more.expect("stable"));
            for (one, other) in figures(more.as_ref()).into_iter().zip(figures(fewer.as_ref())) {
                prop_assert!(one <= other * (1.0 + ROUNDED), "{one} {other}");
            }
        }
    }

    #[test]
    fn more_variation_never_waits_less(
        servers in 1..50_u64, utilization in 0.05..0.99_f64, arrival in 0.1..4.0_f64, service in 0.0..4.0_f64,
    ) {
        let wait = |arrival, service| {
            let load = arrivals(utilization * servers as f64);
            Ggc::new(load, unit_rate(), count(servers), arrival, service).expect("stable").allen_cunneen()
        };
        prop_assert!(wait(arrival, service) <= wait(arrival, service + 0.1));
        prop_assert!(wait(arrival, service) <= wait(arrival + 0.1, service));
    }

    #[test]
    fn jobs_are_conserved(servers in 1..2000_u64, utilization in 0.0..3.0_f64, room in 0..2000_u64, theta in 0.001..100.0_f64) {
        let a = arrivals(utilization * servers as f64);
        let queue = Mmck::new(a, unit_rate(), count(servers), servers + room).expect("in the domain");
        prop_assert!(near(queue.throughput() + a.get() * queue.blocking_probability(), a.get(), ROUNDED));
        prop_assert!(near(queue.throughput(), queue.utilization() * servers as f64, ROUNDED));
        prop_assert!(near(queue.mean_in_system(), queue.throughput() * queue.sojourn_time(), ROUNDED));
        let patience = ServiceRate::new(theta).expect("rate");
        let queue = ErlangA::new(a, unit_rate(), count(servers), patience).expect("in the domain");
        prop_assert!(near(queue.throughput() + a.get() * queue.abandonment_probability(), a.get(), ROUNDED));
        // Below the normal doubles a product is rounded to their spacing, whatever its size, and `scale` multiplies that.
        let agree = |one: f64, other: f64, tolerance: f64, scale: f64| {
            let below = one.max(other) < f64::MIN_POSITIVE;
            near(one, other, tolerance) || (below && (one - other).abs() <= scale * f64::from_bits(1))
        };
        let (lost, given_up) = (theta * queue.mean_in_queue(), a.get() * queue.abandonment_probability());
        prop_assert!(agree(lost, given_up, ROUNDED, (1.0 + theta) * (1.0 + a.get())), "{lost:e} {given_up:e}");
        let shares = queue.served_share() * queue.served_waiting_time()
            + queue.abandonment_probability() * queue.abandoned_waiting_time();
        let time = queue.time_in_queue();
        prop_assert!(agree(shares, time, 1e-10, 4.0 + 2.0 * queue.abandoned_waiting_time()), "{shares:e} {time:e}");
    }
}

/// `E T = ∫ P(T > t) dt`: means and tails come from different formulas.
#[test]
fn means_are_the_integrals_of_their_tails() {
    // In s = t/(t + mean), which ends at 1.
    let mean_of = |tail: &dyn Fn(f64) -> f64, scale: f64| {
        integrate(|s| tail(scale * s / (1.0 - s)) * scale / ((1.0 - s) * (1.0 - s)), 0.0, 0.999_9)
    };
    for (load, servers, capacity) in [(0.8, 1, 9), (3.0, 2, 7), (9.0, 10, 60), (30.0, 20, 25)] {
        let queue = Mmck::new(arrivals(load), unit_rate(), count(servers), capacity).expect("in the domain");
        let wait = mean_of(
            &|t| queue.waiting_time_tail(time(t)).or_else(QueueError::zero_below_double).expect("a tail"),
            queue.sojourn_time(),
        );
        let sojourn = mean_of(
            &|t| queue.sojourn_time_tail(time(t)).or_else(QueueError::zero_below_double).expect("a tail"),
            queue.sojourn_time(),
        );
        assert!(near(wait, queue.waiting_time(), ROUNDED), "{load} {servers} {capacity}: {wait}");
        assert!(near(sojourn, queue.sojourn_time(), ROUNDED), "{load} {servers} {capacity}: {sojourn}");
    }
    for (load, servers, theta) in [(0.8, 1, 0.1), (3.0, 2, 1.0), (9.0, 10, 20.0)] {
        let patience = ServiceRate::new(theta).expect("rate");
        let queue = ErlangA::new(arrivals(load), unit_rate(), count(servers), patience).expect("in the domain");
        let all = mean_of(&|t| queue.time_in_queue_tail(time(t)), 1.0);
        let served = mean_of(&|t| queue.served_waiting_time_tail(time(t)), 1.0);
        let sojourn = mean_of(&|t| queue.served_sojourn_time_tail(time(t)), 1.0);
        assert!(near(all, queue.time_in_queue(), ROUNDED), "{load} {servers} {theta}: {all}");
        assert!(near(served, queue.served_waiting_time(), ROUNDED), "{load} {servers} {theta}: {served}");
        assert!(near(sojourn, queue.served_waiting_time() + 1.0, ROUNDED), "{load} {servers} {theta}: {sojourn}");
    }
    for shape in shapes() {
        // The tail of a constant service has corners, which a smooth rule does not see.
        let tolerance = if shape == ServiceShape::Deterministic { 1e-6 } else { ROUNDED };
        let queue = mg1(0.7, &shape);
        let wait = mean_of(
            &|t| queue.waiting_time_tail(time(t)).or_else(QueueError::zero_below_double).expect("a tail"),
            queue.sojourn_time(),
        );
        let sojourn = mean_of(
            &|t| queue.sojourn_time_tail(time(t)).or_else(QueueError::zero_below_double).expect("a tail"),
            queue.sojourn_time(),
        );
        assert!(near(wait, queue.waiting_time(), tolerance), "{shape:?}: {wait}");
        assert!(near(sojourn, queue.sojourn_time(), tolerance), "{shape:?}: {sojourn}");
    }
}

#[test]
fn a_quantile_gives_its_probability_back() {
    for probability in [0.6, 0.9, 0.999, 1.0 - 1e-12] {
        let back = |tail: f64| (tail / (1.0 - probability) - 1.0).abs() < 1e-10;
        for shape in shapes() {
            let queue = mg1(0.8, &shape);
            let wait = queue.waiting_time_quantile(p(probability)).expect("below 1");
            assert!(
                back(queue.waiting_time_tail(time(wait)).or_else(QueueError::zero_below_double).expect("a tail")),
                "{shape:?}"
            );
            let sojourn = queue.sojourn_time_quantile(p(probability)).expect("below 1");
            assert!(
                back(queue.sojourn_time_tail(time(sojourn)).or_else(QueueError::zero_below_double).expect("a tail")),
                "{shape:?}"
            );
        }
        let queue = Mmck::new(arrivals(19.0), unit_rate(), count(20), 100).expect("in the domain");
        let sojourn = queue.sojourn_time_quantile(p(probability)).expect("below 1");
        assert!(back(queue.sojourn_time_tail(time(sojourn)).or_else(QueueError::zero_below_double).expect("a tail")));
        let queue = ErlangA::new(arrivals(19.0), unit_rate(), count(20), unit_rate()).expect("in the domain");
        let sojourn = queue.served_sojourn_time_quantile(p(probability)).expect("below 1");
        assert!(back(queue.served_sojourn_time_tail(time(sojourn))));
    }
}

#[test]
fn room_without_end_is_mmc_and_no_room_is_erlang_b() {
    for (load, servers) in [(0.5, 1), (18.0, 20), (980.0, 1000)] {
        let (a, c) = (arrivals(load), count(servers));
        let open = Mmc::new(a, unit_rate(), c).expect("stable");
        let roomy = Mmck::new(a, unit_rate(), c, 1_000_000).expect("in the domain");
        assert!(near(roomy.waiting_time(), open.waiting_time(), ROUNDED));
        assert!(near(roomy.empty_probability(), open.empty_probability(), ROUNDED));
        for t in [0.0, 0.01, 1.0, 30.0] {
            assert!(near(
                roomy.waiting_time_tail(time(t)).or_else(QueueError::zero_below_double).expect("a tail"),
                open.waiting_time_tail(time(t)).or_else(QueueError::zero_below_double).expect("a tail"),
                ROUNDED
            ));
            assert!(near(
                roomy.sojourn_time_tail(time(t)).or_else(QueueError::zero_below_double).expect("a tail"),
                open.sojourn_time_tail(time(t)).or_else(QueueError::zero_below_double).expect("a tail"),
                ROUNDED
            ));
        }
        let loss = Mmck::new(a, unit_rate(), c, servers).expect("in the domain");
        let blocking = erlang_b(c, Erlangs::new(load).expect("load")).get();
        assert!(near(loss.blocking_probability(), blocking, ROUNDED));
        assert_eq!(loss.waiting_time(), 0.0);
    }
    let ln_blocking = ln_erlang_b(count(300), Erlangs::new(60.0).expect("load"));
    let tiny = Mmck::new(arrivals(60.0), unit_rate(), count(300), 300).expect("in the domain");
    assert!(near(tiny.blocking_probability().ln(), ln_blocking, 1e-13));
}

#[test]
fn patience_without_end_is_mmc() {
    for (load, servers) in [(0.5, 1), (18.0, 20), (980.0, 1000)] {
        let (a, c) = (arrivals(load), count(servers));
        let open = Mmc::new(a, unit_rate(), c).expect("stable");
        let patient = ErlangA::new(a, unit_rate(), c, ServiceRate::new(1e-30).expect("rate")).expect("in the domain");
        assert!(near(patient.wait_probability(), open.wait_probability(), ROUNDED));
        assert!(near(patient.time_in_queue(), open.waiting_time(), ROUNDED));
        for t in [0.01, 1.0, 30.0] {
            assert!(near(
                patient.offered_wait_tail(time(t)),
                open.waiting_time_tail(time(t)).or_else(QueueError::zero_below_double).expect("a tail"),
                ROUNDED
            ));
            assert!(near(
                patient.served_sojourn_time_tail(time(t)),
                open.sojourn_time_tail(time(t)).or_else(QueueError::zero_below_double).expect("a tail"),
                ROUNDED
            ));
        }
    }
}

#[test]
fn exponential_service_at_one_server_is_mmc() {
    for load in [1e-9, 0.3, 0.999_999] {
        let open = Mmc::new(arrivals(load), unit_rate(), count(1)).expect("stable");
        for shape in [ServiceShape::Exponential, ServiceShape::Erlang(1), ServiceShape::TwoMoments(1.0)] {
            let queue = mg1(load, &shape);
            assert!(near(queue.waiting_time(), open.waiting_time(), ROUNDED));
            for t in [0.1, 3.0, 500.0] {
                assert!(
                    near(
                        queue.waiting_time_tail(time(t)).or_else(QueueError::zero_below_double).expect("a tail"),
                        open.waiting_time_tail(time(t)).or_else(QueueError::zero_below_double).expect("a tail"),
                        ROUNDED
                    ),
                    "{load} {t}"
                );
                assert!(
                    near(
                        queue.sojourn_time_tail(time(t)).or_else(QueueError::zero_below_double).expect("a tail"),
                        open.sojourn_time_tail(time(t)).or_else(QueueError::zero_below_double).expect("a tail"),
                        ROUNDED
                    ),
                    "{load} {t}"
                );
            }
        }
    }
}

#[test]
fn many_stages_come_to_a_constant() {
    let constant = mg1(0.7, &ServiceShape::Deterministic);
    for t in [0.5, 1.5, 4.0, 20.0, 200.0] {
        let limit = constant.waiting_time_tail(time(t)).or_else(QueueError::zero_below_double).expect("a tail").ln();
        let stages = mg1(0.7, &ServiceShape::Erlang(10_000))
            .waiting_time_tail(time(t))
            .or_else(QueueError::zero_below_double)
            .expect("a tail")
            .ln();
        assert!((stages / limit - 1.0).abs() < 1e-3, "{t}: {stages} {limit}");
    }
}

/// 50-digit values: Erlang's alternating sum, and the partial fractions of the transform.
#[test]
fn far_tails_of_one_server() {
    for (load, t, shape, tail) in [
        (0.5, 1.5, ServiceShape::Deterministic, 0.102_003_168_779_63),
        (0.5, 100.0, ServiceShape::Deterministic, 1.795_091_068_373_87e-55),
        (0.9, 300.0, ServiceShape::Deterministic, 9.577_387_221_559_25e-28),
        (0.5, 3.0, ServiceShape::Erlang(2), 0.063_930_441_468_359),
        (0.9, 3000.0, ServiceShape::Erlang(3), 1.171_670_493_858_11e-199),
        (0.1, 60.0, ServiceShape::Erlang(7), 5.077_398_957_357_21e-70),
    ] {
        let got = mg1(load, &shape).waiting_time_tail(time(t)).or_else(QueueError::zero_below_double).expect("a tail");
        assert!(near(got, tail, 2e-12), "{load} {t} {shape:?}: {got:e}");
    }
}

#[test]
fn the_ends_of_the_domain_have_numbers() {
    let finite = |figures: &[f64], case: &str| {
        assert!(figures.iter().all(|figure| figure.is_finite() && *figure >= 0.0), "{case}: {figures:?}");
    };
    for servers in [1, 1000, 1_000_000] {
        for utilization in [0.0, 1e-300, 1e-9, 0.999_999] {
            let load = utilization * servers as f64;
            let (a, c) = (arrivals(load), count(servers));
            for (index, station) in stations_of_any_size(a, c).into_iter().enumerate() {
                let station = station.expect("stable");
                finite(&figures(station.as_ref()), &format!("{index} {servers} {utilization:e}"));
            }
            for capacity in [servers, servers + 1, 1000 + servers] {
                for overload in [1.0, 1.0 / 0.999_999, 1e6] {
                    let queue = Mmck::new(arrivals(load * overload), unit_rate(), c, capacity).expect("in the domain");
                    let case = format!("{servers} {utilization:e} {capacity} {overload}");
                    finite(&[queue.blocking_probability(), queue.empty_probability(), queue.throughput()], &case);
                    finite(&[queue.waiting_time(), queue.mean_in_queue(), queue.wait_probability()], &case);
                    assert!(queue.blocking_probability() <= 1.0 && queue.wait_probability() <= 1.0, "{case}");
                    let tail = queue
                        .sojourn_time_tail(time(queue.sojourn_time()))
                        .or_else(QueueError::zero_below_double)
                        .expect("a tail");
                    assert!(tail > 0.0 && tail <= 1.0, "{case}: {tail}");
                }
            }
            for theta in [1e-9, 1.0, 1e9] {
                for overload in [1.0, 3.0] {
                    let patience = ServiceRate::new(theta).expect("rate");
                    let queue =
                        ErlangA::new(arrivals(load * overload), unit_rate(), c, patience).expect("in the domain");
                    let case = format!("{servers} {utilization:e} {theta} {overload}");
                    finite(&[queue.wait_probability(), queue.abandonment_probability(), queue.time_in_queue()], &case);
                    finite(&[queue.served_waiting_time(), queue.abandoned_waiting_time(), queue.throughput()], &case);
                    finite(&[queue.served_waiting_time_quantile(p(0.999)).expect("below 1")], &case);
                }
            }
        }
    }
    for load in [0.0, 1e-300, 1e-9, 0.5, 0.999_999] {
        for shape in shapes().into_iter().chain([ServiceShape::TwoMoments(1e6), ServiceShape::TwoMoments(0.999_999)]) {
            let queue = mg1(load, &shape);
            let case = format!("{load:e} {shape:?}");
            finite(&figures(&queue), &case);
            finite(
                &[
                    queue.waiting_time_tail(time(700.0)).or_else(QueueError::zero_below_double).expect("a tail"),
                    queue.sojourn_time_tail(time(1e-9)).or_else(QueueError::zero_below_double).expect("a tail"),
                ],
                &case,
            );
        }
    }
}

fn stations_of_any_size(a: ArrivalRate, c: Servers) -> [Result<Box<dyn StationFigures>, QueueError>; 3] {
    [
        Mmc::new(a, unit_rate(), c).map(|station| Box::new(station) as Box<dyn StationFigures>),
        in_turn(a, c).map(|station| Box::new(station) as Box<dyn StationFigures>),
        Mgc::new(a, unit_rate(), c, MgcService::TwoMoments(0.5))
            .map(|station| Box::new(station) as Box<dyn StationFigures>),
    ]
}

/// Probabilities of a birth-death chain by its recursion, normalized.
fn birth_death(states: u64, up: impl Fn(u64) -> f64, down: impl Fn(u64) -> f64) -> Vec<f64> {
    let mut weights = vec![1.0];
    for n in 1..=states {
        weights.push(weights[weights.len() - 1] * up(n - 1) / down(n));
    }
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

#[test]
fn states_are_those_of_the_birth_death_chain() {
    let theta = 0.4;
    for (load, servers) in [(0.3, 1), (1.7, 2), (6.5, 8), (19.0, 20), (45.0, 20)] {
        let (a, c, mu) = (arrivals(load), count(servers), unit_rate());
        let busy = |n: u64| n.min(servers) as f64;
        let close = |name: &str, states: &[f64], probability: &dyn Fn(u64) -> f64| {
            for (n, want) in states.iter().enumerate().filter(|(_, want)| **want > 1e-200) {
                let got = probability(n as u64);
                assert!(
                    (got / want - 1.0).abs() < 1e-9,
                    "{name}, a = {load}, c = {servers}, n = {n}: {got:e}, {want:e}"
                );
            }
        };
        if load < servers as f64 {
            let queue = Mmc::new(a, mu, c).expect("stable");
            // Far enough that what is left out is below the tolerance.
            let states = birth_death(1500, |_| load, busy);
            close("M/M/c", &states[..300], &|n| queue.state_probability(n));
        }
        let queue = Mmck::new(a, mu, c, 60).expect("room");
        let states = birth_death(60, |_| load, busy);
        close("M/M/c/K", &states, &|n| queue.state_probability(n));
        assert_eq!(queue.state_probability(61), 0.0);
        assert!((queue.state_probability(60) / queue.blocking_probability() - 1.0).abs() < 1e-11);
        let queue = ErlangA::new(a, mu, c, ServiceRate::new(theta).expect("rate")).expect("finite");
        let states = birth_death(600, |_| load, |n| busy(n) + n.saturating_sub(servers) as f64 * theta);
        close("Erlang A", &states, &|n| queue.state_probability(n));
        let station = MmInf::new(a, mu).expect("finite");
        let states = birth_death(600, |_| load, |n| n as f64);
        close("M/M/∞", &states[..200], &|n| station.state_probability(n));
    }
}

#[test]
fn states_far_out_and_of_idle_stations_are_finite() {
    for (load, servers) in [(0.0, 3), (1e-9, 1_000_000), (999_999.0, 1_000_000)] {
        let (a, c, mu) = (arrivals(load), count(servers), unit_rate());
        let queue = Mmc::new(a, mu, c).expect("stable");
        let finite = Mmck::new(a, mu, c, servers + 10).expect("room");
        let patient = ErlangA::new(a, mu, c, unit_rate()).expect("finite");
        for jobs in [0, 1, servers, servers + 5, servers + 200_000, u64::MAX] {
            for probability in
                [queue.state_probability(jobs), finite.state_probability(jobs), patient.state_probability(jobs)]
            {
                assert!((0.0..=1.0).contains(&probability), "{load} {servers} {jobs}: {probability}");
            }
        }
    }
}
