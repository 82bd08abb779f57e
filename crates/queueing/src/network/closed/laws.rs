use proptest::prelude::*;

use crate::network::{ClosedMethod, ClosedNetwork, ClosedSolution, NetworkError, StationKind};
use crate::units::Servers;

use super::network::Core;
use super::{convolution, finite_parts, lattice, lattice_convolution, lattice_mva, single_class};

/// Two exact methods differ by their rounding only.
const AGREEMENT: f64 = 1e-11;

fn servers(count: u64) -> StationKind {
    StationKind::Servers(Servers::new(count).expect("count"))
}

fn solve(
    populations: &[u64],
    think_times: &[f64],
    demands: &[&[f64]],
    stations: &[StationKind],
    method: ClosedMethod,
) -> Result<ClosedSolution, NetworkError> {
    let demands = demands.iter().map(|row| row.to_vec()).collect();
    ClosedNetwork::new(populations.to_vec(), think_times.to_vec(), demands, stations.to_vec())?.solve(method)
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= AGREEMENT * other.abs()
}

/// A thousand servers at 90 %: the probability of an empty station is about e⁻⁹⁰⁰.
#[test]
fn a_thousand_servers_do_not_lose_their_jobs() {
    let few = solve(&[100_000], &[99.0], &[&[1.0, 1e-5]], &[servers(1000), servers(1)], ClosedMethod::Exact);
    let few = few.expect("an answer");
    // 100,000 jobs need 1000 per second of 1000: the bottleneck is full.
    assert!((few.throughput[0] / 1000.0 - 1.0).abs() < 0.02, "{}", few.throughput[0]);
    let light = solve(&[90_000], &[99.0], &[&[1.0]], &[servers(1000)], ClosedMethod::Exact).expect("an answer");
    assert!((light.throughput[0] / 900.0 - 1.0).abs() < 0.001, "{}", light.throughput[0]);
    let littles = light.throughput[0] * 99.0 + light.mean_in_system[0][0];
    assert!((littles / 90_000.0 - 1.0).abs() < 1e-11, "{littles}");
}

#[test]
fn a_million_jobs_keep_littles_law() {
    let stations = [servers(1), servers(1), StationKind::Delay];
    let solution = solve(&[1_000_000], &[100.0], &[&[9.9e-5, 1e-4, 0.5]], &stations, ClosedMethod::Exact);
    let solution = solution.expect("an answer");
    let jobs = solution.throughput[0] * 100.0 + solution.mean_in_system[0].iter().sum::<f64>();
    assert!((jobs / 1e6 - 1.0).abs() < 1e-11, "{jobs}");
}

#[test]
fn many_jobs_reach_the_bottleneck() {
    let stations = [servers(4), servers(1), servers(2)];
    let solution = solve(&[5000], &[1.0], &[&[1.0, 0.2, 0.6]], &stations, ClosedMethod::Exact).expect("an answer");
    assert!(close(solution.throughput[0], 2.0 / 0.6), "{}", solution.throughput[0]);
    assert!(close(solution.utilization[0][2].expect("servers"), 1.0));
}

#[test]
fn an_idle_class_and_an_idle_station_have_zeros() {
    let stations = [servers(1), servers(1)];
    let demands: [&[f64]; 2] = [&[1.0, 0.0], &[2.0, 0.0]];
    let solution = solve(&[0, 3], &[0.0, 0.0], &demands, &stations, ClosedMethod::Exact).expect("an answer");
    assert_eq!(solution.throughput, [0.0, 0.5]);
    assert_eq!(solution.mean_in_system, [[0.0, 0.0], [3.0, 0.0]]);
    assert_eq!(solution.response_times, [0.0, 6.0]);
}

#[test]
fn faults_say_what_and_where() {
    let message = |populations: &[u64], think_times: &[f64], demands: &[&[f64]], stations: &[StationKind]| {
        solve(populations, think_times, demands, stations, ClosedMethod::Exact).expect_err("refused").to_string()
    };
    let one = [StationKind::SINGLE];
    assert_eq!(
        message(&[], &[], &[], &one),
        "the list of populations is empty; a network needs at least one station and one class"
    );
    assert_eq!(
        message(&[1], &[0.0], &[&[]], &[]),
        "the list of stations is empty; a network needs at least one station and one class"
    );
    assert_eq!(message(&[1], &[], &[&[1.0]], &one), "think times: 0 for 1 classes");
    assert_eq!(message(&[1], &[0.0], &[&[1.0, 1.0]], &one), "service demands of a class: 2 for 1 stations");
    assert_eq!(
        message(&[1], &[0.0], &[&[-1.0]], &one),
        "a service demand of class 0 is -1; it must be finite and at least 0"
    );
    assert_eq!(
        message(&[1], &[0.0], &[&[0.0]], &one),
        "class 0 has neither think time nor service demand; its throughput would be infinite"
    );
    assert_eq!(
        message(&[1], &[0.0], &[&[1.0]], &[StationKind::LoadDependent(vec![1.0, 0.0])]),
        "a speed of station 0 is 0; it must be finite and above 0"
    );
    assert_eq!(
        message(&[1000; 6], &[1.0; 6], &[&[1.0][..]; 6], &one),
        "6036090120090036000 steps of the exact method; the limit is 5000000000: use `schweitzer` or `linearizer`, \
         or fewer jobs"
    );
    let curve = [StationKind::LoadDependent(vec![1.0, 2.0])];
    assert_eq!(
        solve(&[4], &[1.0], &[&[1.0]], &curve, ClosedMethod::Schweitzer).expect_err("refused").to_string(),
        "an approximation does not take a station with a list of speeds; use the exact method"
    );
}

/// Schweitzer's and the linearizer's published errors on throughput.
#[test]
fn approximations_are_as_near_as_they_say() {
    let demands: [&[f64]; 3] = [&[0.1, 0.2, 0.3, 0.05], &[0.3, 0.1, 0.1, 0.2], &[0.05, 0.25, 0.15, 0.1]];
    let stations = vec![StationKind::SINGLE; 4];
    let with = |method| solve(&[6, 9, 4], &[1.0, 0.5, 0.0], &demands, &stations, method).expect("an answer");
    let exact = with(ClosedMethod::Exact);
    let worst = |method| {
        let solution = with(method);
        let errors = solution.throughput.iter().zip(&exact.throughput).map(|(got, want)| (got / want - 1.0).abs());
        errors.fold(0.0, f64::max)
    };
    let (schweitzer, linearizer) = (worst(ClosedMethod::Schweitzer), worst(ClosedMethod::Linearizer));
    assert!(schweitzer < 0.05, "{schweitzer}");
    assert!(linearizer < 0.003 && linearizer < schweitzer, "{linearizer}");
}

fn kind() -> impl Strategy<Value = StationKind> {
    prop_oneof![
        3 => Just(StationKind::SINGLE),
        2 => (2..6_u64).prop_map(servers),
        1 => Just(StationKind::Delay),
        1 => prop::collection::vec(0.3..3.0_f64, 1..5).prop_map(StationKind::LoadDependent),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Everybody is somewhere, and a station's share of time is its share of jobs.
    #[test]
    fn littles_law_holds_for_every_method(
        jobs in prop::collection::vec(0..7_u64, 1..4),
        stations in prop::collection::vec(kind(), 1..5),
        times in prop::collection::vec(0.01..5.0_f64, 16),
    ) {
        let demands: Vec<Vec<f64>> =
            jobs.iter().enumerate().map(|(class, _)| times[class..class + stations.len()].to_vec()).collect();
        let think_times = times[8..8 + jobs.len()].to_vec();
        let network = ClosedNetwork::new(jobs.clone(), think_times.clone(), demands, stations.clone()).expect("valid");
        for method in [ClosedMethod::Exact, ClosedMethod::Schweitzer, ClosedMethod::Linearizer] {
            let Ok(solution) = network.solve(method) else {
                prop_assert!(stations.iter().any(|kind| matches!(kind, StationKind::LoadDependent(_))));
                continue;
            };
            for class in 0..jobs.len() {
                let here: f64 = solution.mean_in_system[class].iter().sum();
                let all = here + solution.throughput[class] * think_times[class];
                prop_assert!((all - jobs[class] as f64).abs() < 1e-9, "{method:?}: {all} {}", jobs[class]);
                let response = solution.throughput[class] * solution.response_times[class];
                prop_assert!((response - here).abs() < 1e-9);
            }
        }
    }

    /// No method lets a station work more than all the time, however many jobs there are.
    #[test]
    fn a_station_works_at_most_all_the_time(
        jobs in prop::collection::vec(1..2000_u64, 1..6), times in prop::collection::vec(0.001..0.1_f64, 60),
        count in 1..12_usize, think_time in 0.0..2.0_f64,
    ) {
        let demands: Vec<Vec<f64>> = (0..jobs.len()).map(|class| times[class * 9..class * 9 + count].to_vec()).collect();
        let stations = vec![StationKind::SINGLE; count];
        let network = ClosedNetwork::new(jobs.clone(), vec![think_time; jobs.len()], demands, stations).expect("valid");
        for method in [ClosedMethod::Schweitzer, ClosedMethod::Linearizer] {
            let solution = network.solve(method).expect("a fixed point");
            for station in 0..count {
                let busy: f64 = solution.utilization.iter().filter_map(|row| row[station]).sum();
                prop_assert!(busy <= 1.0 + 1e-12, "{method:?} {station}: {busy}");
            }
            for (class, &jobs) in jobs.iter().enumerate() {
                let here: f64 = solution.mean_in_system[class].iter().sum();
                let all = here + solution.throughput[class] * think_time;
                prop_assert!((all / jobs as f64 - 1.0).abs() < 1e-9, "{method:?} {class}: {all}");
                let littles = solution.throughput[class] * solution.response_times[class];
                prop_assert!((littles / here - 1.0).abs() < 1e-9, "{method:?} {class}: {littles}");
            }
        }
    }

    /// Convolution and mean value analysis are two ways to the same numbers, with one class and with several.
    #[test]
    fn every_exact_method_agrees(
        jobs in 2..30_usize, split in 0..30_usize, think_time in 0.0..5.0_f64,
        times in prop::collection::vec(0.01..2.0_f64, 1..5),
    ) {
        let stations: Vec<&StationKind> = times.iter().map(|_| &StationKind::SINGLE).collect();
        let one = Core {
            populations: vec![jobs], think_times: vec![think_time], demands: vec![times.clone()], stations: stations.clone(),
        };
        let mva = single_class::solve(&one, jobs);
        let first = 1 + split % (jobs - 1);
        let two = Core {
            populations: vec![first, jobs - first],
            think_times: vec![think_time; 2],
            demands: vec![times.clone(); 2],
            stations,
        };
        let means = [
            convolution::solve(&one, jobs),
            lattice_mva::solve(&one),
            lattice_convolution::solve(&one, &lattice::Lattice::new(&one.populations)),
            lattice_mva::solve(&two),
            lattice_convolution::solve(&two, &lattice::Lattice::new(&two.populations)),
        ];
        for (index, other) in means.iter().enumerate() {
            let throughput: f64 = other.throughput.iter().sum();
            prop_assert!(close(throughput, mva.throughput[0]), "{index}: {throughput} {}", mva.throughput[0]);
            for station in 0..times.len() {
                let jobs: f64 = other.mean_in_system.iter().map(|row| row[station]).sum();
                prop_assert!(close(jobs, mva.mean_in_system[0][station]), "{index}, station {station}");
            }
        }
    }

    /// A station is its finite part and a single server: the same figures as by adding stations one by one.
    #[test]
    fn finite_parts_and_convolution_agree(
        jobs in 2..400_usize, think_time in prop_oneof![Just(0.0), 0.0..50.0_f64],
        counts in prop::collection::vec(1..80_u64, 1..5), times in prop::collection::vec(0.01..2.0_f64, 5),
        rises in prop::collection::vec(0.0..0.5_f64, 1..20),
    ) {
        let mut curve = vec![0.7];
        for rise in rises {
            curve.push(curve[curve.len() - 1] + rise);
        }
        let mut kinds: Vec<StationKind> = counts.iter().map(|&count| servers(count)).collect();
        kinds.push(StationKind::LoadDependent(curve));
        let core = Core {
            populations: vec![jobs],
            think_times: vec![think_time],
            demands: vec![times[..kinds.len()].to_vec()],
            stations: kinds.iter().collect(),
        };
        let (one, other) = (finite_parts::solve(&core, jobs), convolution::solve(&core, jobs));
        prop_assert!(close(one.throughput[0], other.throughput[0]), "{} {}", one.throughput[0], other.throughput[0]);
        for station in 0..kinds.len() {
            let (got, want) = (one.mean_in_system[0][station], other.mean_in_system[0][station]);
            prop_assert!(close(got, want), "{station}: {got} {want}");
            prop_assert!(close(one.stretch[station], other.stretch[station]), "{station}: {} {}", one.stretch[station], other.stretch[station]);
        }
    }

    /// Two equal classes are one.
    #[test]
    fn identical_classes_are_one_class_at_stations_of_any_kind(
        first in 1..6_u64, second in 1..6_u64, stations in prop::collection::vec(kind(), 1..4),
        times in prop::collection::vec(0.01..2.0_f64, 4),
    ) {
        let demands = times[..stations.len()].to_vec();
        let think_time = times[3];
        let exact = |populations: Vec<u64>| {
            let classes = populations.len();
            ClosedNetwork::new(populations, vec![think_time; classes], vec![demands.clone(); classes], stations.clone())
                .expect("valid").solve(ClosedMethod::Exact).expect("small")
        };
        let (one, two) = (exact(vec![first + second]), exact(vec![first, second]));
        prop_assert!(close(two.throughput.iter().sum(), one.throughput[0]));
        for station in 0..stations.len() {
            let jobs = two.mean_in_system[0][station] + two.mean_in_system[1][station];
            prop_assert!(close(jobs, one.mean_in_system[0][station]), "{jobs} {}", one.mean_in_system[0][station]);
        }
    }
}
