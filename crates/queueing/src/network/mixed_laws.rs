use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;

use super::{ClosedMethod, ClosedNetwork, MixedSolution, NetworkError, StationKind, mixed_multiclass, open_multiclass};
use crate::units::Servers;

/// What rounding and truncation leave of a chain of a thousand states.
const AGREEMENT: f64 = 1e-10;

/// Two exact ways to the same number.
const ROUNDING: f64 = 1e-11;

fn servers(count: u64) -> StationKind {
    StationKind::Servers(Servers::new(count).expect("count"))
}

fn close(one: f64, other: f64, tolerance: f64) -> bool {
    (one - other).abs() <= tolerance * other.abs()
}

fn speed(kind: &StationKind, jobs: usize) -> f64 {
    match kind {
        StationKind::Delay => jobs as f64,
        StationKind::Servers(servers) => (jobs as f64).min(servers.get() as f64),
        StationKind::LoadDependent(speeds) => speeds[jobs.min(speeds.len()) - 1],
    }
}

/// One open class that passes two stations in a row, and a closed one that goes round them without a pause.
struct Chain {
    rate: f64,
    open: [f64; 2],
    jobs: usize,
    closed: [f64; 2],
    stations: [StationKind; 2],
    /// The most open jobs at each station: the rest has no weight to count.
    most: [usize; 2],
}

impl Chain {
    /// Throughput of the closed class, its mean numbers, and those of the open one.
    fn solve(&self) -> [f64; 5] {
        let [first, second] = self.most;
        let (wide, deep) = (second + 1, (first + 1) * (second + 1));
        let states = deep * (self.jobs + 1);
        let place = |open: [usize; 2], here: usize| here * deep + open[0] * wide + open[1];
        let mut balance = DMatrix::zeros(states, states);
        let mut figures = vec![[0.0; 5]; states];
        for here in 0..=self.jobs {
            for a in 0..=first {
                for b in 0..=second {
                    let (open, closed) = ([a, b], [here, self.jobs - here]);
                    let from = place(open, here);
                    // Processor sharing at the speed of all jobs.
                    let rate = |station: usize, jobs: usize, time: f64| {
                        let all = open[station] + closed[station];
                        if jobs == 0 || time == 0.0 {
                            0.0
                        } else {
                            speed(&self.stations[station], all) * jobs as f64 / all as f64 / time
                        }
                    };
                    let mut go = |to: usize, rate: f64| {
                        balance[(to, from)] += rate;
                        balance[(from, from)] -= rate;
                    };
                    if a < first {
                        go(place([a + 1, b], here), self.rate);
                    }
                    if a > 0 && self.open[1] == 0.0 {
                        go(place([a - 1, b], here), rate(0, a, self.open[0]));
                    } else if a > 0 && b < second {
                        go(place([a - 1, b + 1], here), rate(0, a, self.open[0]));
                    }
                    if b > 0 {
                        go(place([a, b - 1], here), rate(1, b, self.open[1]));
                    }
                    if here > 0 {
                        go(place(open, here - 1), rate(0, here, self.closed[0]));
                    }
                    if closed[1] > 0 {
                        go(place(open, here + 1), rate(1, closed[1], self.closed[1]));
                    }
                    let throughput = rate(0, here, self.closed[0]);
                    figures[from] = [throughput, here as f64, closed[1] as f64, a as f64, b as f64];
                }
            }
        }
        balance.row_mut(0).fill(1.0);
        let mut right = DVector::zeros(states);
        right[0] = 1.0;
        let probabilities = balance.lu().solve(&right).expect("one steady state");
        let mut means = [0.0; 5];
        for (row, p) in figures.iter().zip(probabilities.iter()) {
            for (mean, figure) in means.iter_mut().zip(row) {
                *mean += p * figure;
            }
        }
        means
    }

    fn compare(&self) {
        let mixed = mixed_multiclass(
            &[self.rate],
            &[self.open.to_vec()],
            vec![self.jobs as u64],
            vec![0.0],
            &[self.closed.to_vec()],
            &self.stations,
            ClosedMethod::Exact,
        )
        .expect("stable");
        let got = [
            mixed.closed.throughput[0],
            mixed.closed.mean_in_system[0][0],
            mixed.closed.mean_in_system[0][1],
            mixed.open_mean_in_system[0][0],
            mixed.open_mean_in_system[0][1],
        ];
        for (index, (got, want)) in got.into_iter().zip(self.solve()).enumerate() {
            assert!(close(got, want, AGREEMENT), "{index}: {got} {want}");
        }
    }
}

#[test]
fn a_chain_of_two_servers_shared_by_both_classes_has_these_means() {
    let chain = |rate, count, jobs, other| Chain {
        rate,
        open: [1.0, 0.0],
        jobs,
        closed: [0.7, 0.4],
        stations: [servers(count), other],
        most: [160, 0],
    };
    chain(1.2, 2, 3, servers(1)).compare();
    chain(1.5, 2, 4, servers(2)).compare();
    chain(2.4, 3, 4, StationKind::Delay).compare();
    chain(4.0, 5, 2, servers(1)).compare();
    chain(0.7, 1, 4, servers(2)).compare();
}

#[test]
fn a_chain_of_two_stations_that_both_classes_visit_has_these_means() {
    Chain {
        rate: 0.3,
        open: [0.8, 0.5],
        jobs: 2,
        closed: [0.7, 0.4],
        stations: [servers(2), servers(3)],
        most: [20, 14],
    }
    .compare();
}

#[test]
fn a_chain_with_a_list_of_speeds_has_these_means() {
    for speeds in [vec![1.0, 1.7, 2.1, 2.4], vec![1.0, 0.6, 1.4, 2.0, 1.7]] {
        Chain {
            rate: 0.9,
            open: [1.0, 0.0],
            jobs: 6,
            closed: [0.9, 0.5],
            stations: [StationKind::LoadDependent(speeds), servers(2)],
            most: [110, 0],
        }
        .compare();
    }
}

/// An open class of rate 0.9 and a closed one at `c` servers and a single one.
fn solve(rate: f64, count: u64, jobs: u64, method: ClosedMethod) -> Result<MixedSolution, NetworkError> {
    let stations = [servers(count), StationKind::SINGLE];
    mixed_multiclass(&[rate], &[vec![1.0, 0.1]], vec![jobs], vec![0.5], &[vec![2.0, 0.3]], &stations, method)
}

#[test]
fn without_closed_jobs_it_is_a_queue_of_many_servers() {
    for (count, rate) in [(1, 0.9), (2, 1.5), (50, 45.0), (10_000, 9_990.0), (1_000_000, 999_000.0)] {
        let demands = vec![1.0, 1e-9];
        let stations = [servers(count), StationKind::SINGLE];
        let mixed = mixed_multiclass(
            &[rate],
            std::slice::from_ref(&demands),
            vec![0],
            vec![0.0],
            &[vec![1.0, 1.0]],
            &stations,
            ClosedMethod::Exact,
        );
        let open = open_multiclass(&[rate], &[demands], &stations).expect("stable");
        let got = mixed.expect("stable").open_residence_times[0][0];
        assert!(close(got, open.residence_times[0][0], ROUNDING), "{count}: {got} {}", open.residence_times[0][0]);
    }
}

#[test]
fn without_open_load_it_is_the_closed_network() {
    for jobs in [1, 3, 4, 5, 40] {
        let mixed = solve(0.0, 4, jobs, ClosedMethod::Exact).expect("stable");
        let stations = vec![servers(4), servers(1)];
        let closed = |jobs| {
            let network = ClosedNetwork::new(vec![jobs], vec![0.5], vec![vec![2.0, 0.3]], stations.clone());
            network.expect("valid").solve(ClosedMethod::Exact).expect("small")
        };
        assert!(close(mixed.closed.throughput[0], closed(jobs).throughput[0], ROUNDING));
        // Whoever comes from outside sees what one more closed job would see.
        let found = closed(jobs + 1).residence_times[0][0] / 2.0;
        assert!(close(mixed.open_residence_times[0][0], found, ROUNDING), "{jobs}");
    }
}

#[test]
fn enough_servers_are_a_delay() {
    let mixed = solve(0.9, 1000, 20, ClosedMethod::Exact).expect("stable");
    let stations = [StationKind::Delay, StationKind::SINGLE];
    let method = ClosedMethod::Exact;
    let delay = mixed_multiclass(&[0.9], &[vec![1.0, 0.1]], vec![20], vec![0.5], &[vec![2.0, 0.3]], &stations, method)
        .expect("stable");
    assert!(close(mixed.closed.throughput[0], delay.closed.throughput[0], ROUNDING));
    assert!(close(mixed.open_response_times[0], delay.open_response_times[0], ROUNDING));
}

#[test]
fn many_servers_nearly_full_keep_littles_law() {
    for (count, rate, jobs) in [(100, 99.999_9, 500), (10_000, 9_000.0, 2_000), (10_000, 9_999.99, 1_000)] {
        let stations = [servers(count), StationKind::SINGLE];
        let mixed = mixed_multiclass(
            &[rate],
            &[vec![1.0, 0.0]],
            vec![jobs],
            vec![1.0],
            &[vec![1.0, 1e-4]],
            &stations,
            ClosedMethod::Exact,
        )
        .expect("stable");
        let closed: f64 = mixed.closed.mean_in_system[0].iter().sum::<f64>() + mixed.closed.throughput[0];
        assert!(close(closed, jobs as f64, ROUNDING), "{count}: {closed}");
        let utilization = rate / count as f64 + mixed.closed.utilization[0][0].expect("servers");
        assert!(utilization < 1.0 + ROUNDING, "{count}: {utilization}");
    }
}

#[test]
fn seidmanns_servers_are_as_near_as_the_method_says() {
    let mut worst = 0.0_f64;
    for (count, rate) in [(2, 1.0), (2, 1.8), (4, 2.0), (8, 7.0), (16, 8.0)] {
        for jobs in [2, 10, 40] {
            let exact = solve(rate, count, jobs, ClosedMethod::Exact).expect("stable");
            for method in [ClosedMethod::Schweitzer, ClosedMethod::Linearizer] {
                let near = solve(rate, count, jobs, method).expect("stable");
                assert!(!near.closed.algorithm.is_exact());
                let closed = near.closed.throughput[0] / exact.closed.throughput[0] - 1.0;
                let open = near.open_response_times[0] / exact.open_response_times[0] - 1.0;
                let error = closed.abs().max(open.abs());
                assert!(jobs < 10 || error < 0.032, "c {count} rate {rate} N {jobs} {method:?}: {closed} {open}");
                worst = worst.max(error);
            }
        }
    }
    assert!(worst < 0.14, "{worst}");
}

#[test]
fn a_list_of_speeds_has_no_approximation() {
    let stations = [StationKind::LoadDependent(vec![1.0, 2.0])];
    let mixed =
        mixed_multiclass(&[0.5], &[vec![1.0]], vec![3], vec![1.0], &[vec![1.0]], &stations, ClosedMethod::Schweitzer);
    assert_eq!(
        mixed.expect_err("refused").to_string(),
        "an approximation does not take a station with a list of speeds; use the exact method"
    );
}

fn kind() -> impl Strategy<Value = StationKind> {
    prop_oneof![
        2 => Just(StationKind::SINGLE),
        3 => (2..9_u64).prop_map(servers),
        1 => Just(StationKind::Delay),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Everybody is somewhere; each kind of class is slower beside the other, and slower still beside more of it.
    #[test]
    fn classes_are_slower_together_and_nobody_is_lost(
        jobs in prop::collection::vec(0..6_u64, 1..3), stations in prop::collection::vec(kind(), 1..4),
        times in prop::collection::vec(0.02..1.0_f64, 12), share in 0.05..0.9_f64,
    ) {
        let count = stations.len();
        let open = vec![times[..count].to_vec(), times[2..2 + count].to_vec()];
        let closed: Vec<Vec<f64>> = (0..jobs.len()).map(|class| times[5 + class..5 + class + count].to_vec()).collect();
        let think_times = times[9..9 + jobs.len()].to_vec();
        let limit = stations.iter().enumerate().map(|(station, kind)| {
            kind.highest_speed().unwrap_or(f64::INFINITY) / (open[0][station] + open[1][station])
        }).fold(100.0, f64::min);
        let at = |share: f64| mixed_multiclass(
            &[limit * share; 2], &open, jobs.clone(), think_times.clone(), &closed, &stations, ClosedMethod::Exact,
        ).expect("stable");
        let (mixed, busier) = (at(share), at(share.midpoint(1.0)));
        let alone = open_multiclass(&[limit * share; 2], &open, &stations).expect("stable");
        let idle = ClosedNetwork::new(jobs.clone(), think_times.clone(), closed.clone(), stations.clone())
            .expect("valid").solve(ClosedMethod::Exact).expect("small");
        for class in 0..2 {
            prop_assert!(mixed.open_response_times[class] >= alone.response_times[class] * (1.0 - ROUNDING));
            prop_assert!(busier.open_response_times[class] >= mixed.open_response_times[class] * (1.0 - ROUNDING));
            let here: f64 = mixed.open_mean_in_system[class].iter().sum();
            prop_assert!(close(limit * share * mixed.open_response_times[class], here, ROUNDING));
        }
        for class in 0..jobs.len() {
            prop_assert!(mixed.closed.throughput[class] <= idle.throughput[class] * (1.0 + ROUNDING));
            let here: f64 = mixed.closed.mean_in_system[class].iter().sum();
            let all = here + mixed.closed.throughput[class] * think_times[class];
            prop_assert!((all - jobs[class] as f64).abs() < 1e-9, "{all}");
        }
        for (station, kind) in stations.iter().enumerate() {
            if kind.highest_speed().is_some() {
                let rows = mixed.open_utilization.iter().chain(&mixed.closed.utilization);
                let busy: f64 = rows.filter_map(|row| row[station]).sum();
                // Ten jobs that hardly think leave an idle share below a double's last digit: what may exceed 1 is the
                // rounding of the sum over at most four classes, and nothing else.
                prop_assert!(busy <= 1.0 + 4.0 * f64::EPSILON, "{station}: {busy}");
            }
        }
    }

    /// Whoever comes from outside stays as long as one more closed job would.
    #[test]
    fn a_job_from_outside_sees_what_one_more_closed_job_sees(
        jobs in 1..30_u64, stations in prop::collection::vec(kind(), 1..5),
        times in prop::collection::vec(0.01..1.0_f64, 9), share in 0.0..0.99_f64,
    ) {
        let count = stations.len();
        let (open, closed) = (times[..count].to_vec(), times[4..4 + count].to_vec());
        let limit = stations.iter().zip(&open).map(|(kind, demand)| {
            kind.highest_speed().unwrap_or(f64::INFINITY) / demand
        }).fold(100.0, f64::min);
        let at = |jobs: u64| mixed_multiclass(
            &[limit * share], std::slice::from_ref(&open), vec![jobs], vec![times[8]], std::slice::from_ref(&closed),
            &stations, ClosedMethod::Exact,
        ).expect("stable");
        let (mixed, more) = (at(jobs), at(jobs + 1));
        for station in 0..count {
            let got = mixed.open_residence_times[0][station] / open[station];
            let want = more.closed.residence_times[0][station] / closed[station];
            prop_assert!(close(got, want, ROUNDING), "{station}: {got} {want}");
        }
    }

    /// Two equal closed classes are one: the convolution of several classes and that of one agree.
    #[test]
    fn equal_classes_are_one(
        first in 1..6_u64, second in 1..6_u64, stations in prop::collection::vec(kind(), 1..4),
        times in prop::collection::vec(0.02..1.0_f64, 4), share in 0.0..0.95_f64,
    ) {
        let demands = times[..stations.len()].to_vec();
        let limit = stations.iter().zip(&demands).map(|(kind, demand)| {
            kind.highest_speed().unwrap_or(f64::INFINITY) / demand
        }).fold(100.0, f64::min);
        let at = |populations: Vec<u64>| {
            let classes = populations.len();
            mixed_multiclass(
                &[limit * share], std::slice::from_ref(&demands), populations, vec![times[3]; classes],
                &vec![demands.clone(); classes], &stations, ClosedMethod::Exact,
            ).expect("stable")
        };
        let (one, two) = (at(vec![first + second]), at(vec![first, second]));
        prop_assert!(close(two.closed.throughput.iter().sum(), one.closed.throughput[0], ROUNDING));
        for (got, want) in two.open_residence_times[0].iter().zip(&one.open_residence_times[0]) {
            prop_assert!(close(*got, *want, ROUNDING), "{got} {want}");
        }
    }
}
