use crate::numeric::integrate;
use crate::queues::Mmc;
use crate::queues::QueueError;
use crate::units::ArrivalRate;

use super::*;

fn solve(users: u64, think: f64, mu: f64, servers: u64) -> FiniteUsers {
    let (think, mu) = (Seconds::new(think).expect("time"), ServiceRate::new(mu).expect("rate"));
    FiniteUsers::new(users, think, mu, Servers::new(servers).expect("count")).expect("solved")
}

fn at(value: f64) -> Seconds {
    Seconds::new(value).expect("time")
}

#[test]
fn one_user_never_waits() {
    let one = solve(1, 3.0, 1.0, 1);
    assert_eq!([one.throughput(), one.sojourn_time(), one.utilization()], [0.25, 1.0, 0.25]);
    assert!(one.never_waits() && one.waiting_time_tail(at(0.0)) == Ok(0.0));
    assert!(
        (one.sojourn_time_tail(at(2.0)).or_else(QueueError::zero_below_double).expect("a tail") / (-2.0_f64).exp()
            - 1.0)
            .abs()
            < 1e-14
    );
}

#[test]
fn nobody_and_too_many_are_refused() {
    let (think, mu) = (at(1.0), ServiceRate::new(1.0).expect("rate"));
    for (users, message) in
        [(0, "users of 0 is not from 1 to 10^9"), (2_000_000_000, "users of 2000000000 is not from 1 to 10^9")]
    {
        let error = FiniteUsers::new(users, think, mu, Servers::ONE).map_err(|error| error.to_string());
        assert_eq!(error, Err(message.to_owned()));
    }
    let error = FiniteUsers::new(2, at(1e200), ServiceRate::new(1e200).expect("rate"), Servers::ONE);
    assert_eq!(
        error.map_err(|error| error.to_string()),
        Err("service rate of 1e200 is not finite when multiplied by the servers and the think time".to_owned())
    );
}

#[test]
fn a_million_users_are_summed() {
    // Servers enough: X = N/(Z + S).
    let many = solve(1_000_000, 10.0, 1.0, 99_999);
    assert!((many.throughput() * 11.0 / 1e6 - 1.0).abs() < 1e-9 && (many.sojourn_time() - 1.0).abs() < 1e-6);
    // Too few: X = c·μ and the interactive law.
    let few = solve(1_000_000, 10.0, 1.0, 50_000);
    assert!((few.throughput() / 5e4 - 1.0).abs() < 1e-9 && (few.sojourn_time() - 10.0).abs() < 1e-6);
    // Two users and one server by hand: p = 1, 2/Z, 2/Z².
    let two = solve(2, 4.0, 1.0, 1);
    assert!((two.throughput() / (0.625 / 1.625) - 1.0).abs() < 1e-14, "{two:?}");
}

/// Flows balance in every state, what a request finds is the share of requests made in a state, and Little's law.
#[test]
fn the_chain_agrees() {
    for (users, think, mu, servers) in [
        (2, 4.0, 1.0, 1),
        (50, 5.0, 1.0, 12),
        (20, 1.0, 4.0, 2),
        (400, 0.0, 2.0, 3),
        (300, 40.0, 1.0, 5),
        (30, 1e9, 1.0, 2),
    ] {
        let station = solve(users, think, mu, servers);
        let p = |n: u64| station.state_probability(n);
        let busy: f64 = (0..=users).map(|n| p(n) * n.min(servers) as f64).sum();
        let number: f64 = (0..=users).map(|n| p(n) * n as f64).sum();
        let sum: f64 = (0..=users).map(p).sum();
        let case = format!("{users} {think} {mu} {servers}");
        assert!((sum - 1.0).abs() < 1e-12, "{case}: {sum}");
        assert!((busy * mu / station.throughput() - 1.0).abs() < 1e-11, "{case}: {busy}");
        assert!((number / station.mean_in_system() - 1.0).abs() < 1e-11, "{case}: {number}");
        assert_eq!(p(users + 1), 0.0);
        if think == 0.0 {
            continue;
        }
        let thinking: f64 = (0..users).map(|n| p(n) * (users - n) as f64).sum();
        for n in 0..users {
            let (up, down) = ((users - n) as f64 / think * p(n), (n + 1).min(servers) as f64 * mu * p(n + 1));
            assert!((up - down).abs() <= 1e-10 * up, "{case} {n}");
            let made = p(n) * (users - n) as f64 / thinking;
            assert!((station.found.probability(n) / made - 1.0).abs() < 1e-10, "{case} {n}");
        }
    }
}

/// 40-digit and longer sums over what a request finds: the completions of `j + 1` others, then its own service.
#[test]
fn laws_are_those_of_the_sums() {
    for (users, think, mu, servers, time, wait, response) in [
        (50, 5.0, 1.0, 12, 2.0, 8.291_353_563_902_87e-7, 0.139_266_249_116_199),
        (20, 1.0, 4.0, 2, 1.5, 0.297_162_612_540_444, 0.467_161_708_530_757),
        (2000, 10.0, 1.0, 150, 3.0, 0.010_951_363_306_471, 0.533_828_411_373_348),
        (2000, 10.0, 1.0, 190, 0.5, 0.000_256_133_479_058_552, 0.627_514_767_081_472),
        (2000, 1.0, 1.0, 1, 1900.0, 0.986_834_258_324_666, 0.987_578_683_346_828),
        (2000, 1.0, 1.0, 1, 2100.0, 0.012_189_695_812_764_6, 0.012_909_727_695_679_1),
        (2000, 3000.0, 1.0, 1, 20.0, 0.000_789_425_372_505_911, 0.001_193_791_172_646_34),
        (300, 40.0, 1.0, 5, 100.0, 1.105_520_568_096_2e-67, 6.126_696_554_569e-33),
        (1000, 1e6, 1.0, 3, 4.0, 1.021_284_473_627_35e-15, 0.018_315_638_890_250_6),
        (2000, 0.5, 1.0, 2, 1100.0, 5.323_562_092_650_29e-6, 6.584_962_430_105_9e-6),
    ] {
        let station = solve(users, think, mu, servers);
        let got = [
            station.waiting_time_tail(at(time)).or_else(QueueError::zero_below_double).expect("a tail"),
            station.sojourn_time_tail(at(time)).or_else(QueueError::zero_below_double).expect("a tail"),
        ];
        for (got, want) in got.into_iter().zip([wait, response]) {
            assert!((got / want - 1.0).abs() < 1e-11, "{users} {think} {servers} {time}: {got:e} {want:e}");
        }
    }
}

#[test]
fn means_are_the_integrals_of_their_tails_and_quantiles_give_back_their_probability() {
    for (users, think, servers) in
        [(2, 4.0, 1), (50, 5.0, 12), (20, 0.25, 2), (400, 0.0, 3), (300, 40.0, 5), (5000, 100.0, 50)]
    {
        let station = solve(users, think, 1.0, servers);
        let scale = station.sojourn_time();
        let mean_of = |tail: &dyn Fn(Seconds) -> f64| {
            let value = |s: f64| tail(at(scale * s / (1.0 - s))) * scale / ((1.0 - s) * (1.0 - s));
            [0.0, 0.2, 0.45, 0.5, 0.55, 0.8, 0.999]
                .windows(2)
                .map(|ends| integrate(value, ends[0], ends[1]))
                .sum::<f64>()
        };
        let wait =
            mean_of(&|time| station.waiting_time_tail(time).or_else(QueueError::zero_below_double).expect("a tail"));
        let response =
            mean_of(&|time| station.sojourn_time_tail(time).or_else(QueueError::zero_below_double).expect("a tail"));
        assert!((wait - station.waiting_time()).abs() < 1e-10 * scale, "{users} {think} {servers}: {wait}");
        assert!((response / scale - 1.0).abs() < 1e-10, "{users} {think} {servers}: {response}");
        for p in [0.01, 0.5, 0.99, 1.0 - 1e-12] {
            let p = Probability::new(p).expect("probability");
            let time = station.sojourn_time_quantile(p).expect("below 1");
            let back = station.sojourn_time_tail(at(time)).or_else(QueueError::zero_below_double).expect("a tail")
                / (1.0 - p.get());
            assert!((back - 1.0).abs() < 1e-9, "{users} {think} {servers} {p:?}: {back}");
            let time = station.waiting_time_quantile(p).expect("below 1");
            let back = station.waiting_time_tail(at(time)).or_else(QueueError::zero_below_double).expect("a tail")
                / (1.0 - p.get());
            assert!(time == 0.0 || (back - 1.0).abs() < 1e-9, "{users} {think} {servers} {p:?}: {back}");
        }
    }
}

#[test]
fn a_transform_is_that_of_the_tail() {
    for (users, think, servers) in
        [(1, 2.0, 1), (2, 4.0, 1), (50, 5.0, 12), (20, 0.25, 2), (40, 0.0, 3), (300, 40.0, 5)]
    {
        let station = solve(users, think, 1.0, servers);
        let scale = station.sojourn_time();
        for (re, im) in [(0.0, 0.0), (1e-6, 0.0), (0.5, 0.0), (20.0, 0.0), (0.3, 2.0)] {
            let s = Complex::new(re / scale, im / scale);
            let part = |turn: &dyn Fn(f64) -> f64| {
                let value = |u: f64| {
                    let t = scale * u / (1.0 - u);
                    (-s.re * t).exp()
                        * turn(s.im * t)
                        * station.sojourn_time_tail(at(t)).or_else(QueueError::zero_below_double).expect("a tail")
                        * scale
                        / ((1.0 - u) * (1.0 - u))
                };
                [0.0, 0.2, 0.45, 0.5, 0.55, 0.8, 0.999]
                    .windows(2)
                    .map(|ends| integrate(value, ends[0], ends[1]))
                    .sum::<f64>()
            };
            let want = 1.0 - s * Complex::new(part(&f64::cos), -part(&f64::sin));
            let got = station.sojourn_time_transform(s).expect("a value");
            assert!((got - want).norm() < 1e-10, "{users} {think} {servers} {s}: {got} {want}");
        }
    }
}

#[test]
fn users_without_end_are_a_stream() {
    let open = Mmc::new(
        ArrivalRate::new(8.0).expect("rate"),
        ServiceRate::new(1.0).expect("rate"),
        Servers::new(10).expect("count"),
    )
    .expect("stable");
    // The difference falls as 1/N.
    for (users, tolerance) in [(100_000_u64, 1e-2), (1_000_000, 1e-3), (1_000_000_000, 1e-6)] {
        let station = solve(users, users as f64 / 8.0, 1.0, 10);
        for (got, want) in [
            (station.wait_probability(), open.wait_probability()),
            (station.waiting_time(), open.waiting_time()),
            (
                station.waiting_time_tail(at(3.0)).or_else(QueueError::zero_below_double).expect("a tail"),
                open.waiting_time_tail(at(3.0)).or_else(QueueError::zero_below_double).expect("a tail"),
            ),
            (
                station.sojourn_time_tail(at(6.0)).or_else(QueueError::zero_below_double).expect("a tail"),
                open.sojourn_time_tail(at(6.0)).or_else(QueueError::zero_below_double).expect("a tail"),
            ),
            (station.state_probability(12), open.state_probability(12)),
        ] {
            assert!((got / want - 1.0).abs() < tolerance, "{users}: {got} {want}");
        }
    }
}

#[test]
fn the_ends_of_the_domain_have_numbers() {
    for users in [1, 2, 1000, 1_000_000] {
        for servers in [1, 2, 1000, 1_000_000] {
            for think in [0.0, 1e-9, 1e-3, 1.0, 1e3, 1e9] {
                let station = solve(users, think, 1.0, servers);
                let case = format!("{users} {servers} {think:e}");
                let (x, r, u) = (station.throughput(), station.sojourn_time(), station.utilization());
                assert!(x.is_finite() && r >= 1.0 && r.is_finite() && (0.0..=1.0).contains(&u), "{case}: {x} {r} {u}");
                let waits = station.at_once + station.wait_probability();
                assert!((waits - 1.0).abs() < 1e-10, "{case}: {waits}");
                let mut before = 1.0;
                for time in [1e-9, 0.3, 1.0, 2.0, 5.0, 10.0, 100.0] {
                    let tail =
                        station.sojourn_time_tail(at(time * r)).or_else(QueueError::zero_below_double).expect("a tail");
                    assert!((0.0..=before * (1.0 + 1e-9)).contains(&tail), "{case} at {time}: {tail} after {before}");
                    before = tail;
                    let tail =
                        station.waiting_time_tail(at(time * r)).or_else(QueueError::zero_below_double).expect("a tail");
                    assert!((0.0..=1.0 + 1e-12).contains(&tail), "{case} at {time}: {tail}");
                }
                let p99 = station.sojourn_time_quantile(Probability::new(0.99).expect("p")).expect("below 1");
                assert!(p99 >= r * 0.9 && p99 <= r * 6.0, "{case}: {p99}");
                let one = station.sojourn_time_transform(Complex::new(0.0, 0.0)).expect("a value");
                assert!((one - 1.0).norm() < 1e-10, "{case}: {one}");
            }
        }
    }
}
