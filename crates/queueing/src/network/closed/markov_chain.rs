//! Small closed networks as Markov chains, solved by linear algebra: no product form, no recursion.

use std::collections::HashMap;

use nalgebra::{DMatrix, DVector};

use crate::network::{ClosedMethod, ClosedNetwork, ClosedSolution, StationKind};
use crate::units::Servers;

/// What rounding leaves of a chain of some hundred states.
const AGREEMENT: f64 = 1e-11;

/// A network in which every job thinks, visits each station once in a row, and thinks again.
struct Cycle {
    populations: Vec<usize>,
    think_times: Vec<f64>,
    service_times: Vec<Vec<f64>>,
    stations: Vec<StationKind>,
}

/// Jobs `[class][place]`, place 0 being those who think.
type State = Vec<Vec<usize>>;

impl Cycle {
    /// Rate at which jobs of a class leave a place: processor sharing at the station's speed.
    fn rate(&self, state: &State, class: usize, place: usize) -> f64 {
        let here = state[class][place] as f64;
        if here == 0.0 {
            return 0.0;
        }
        let Some(station) = place.checked_sub(1) else { return here / self.think_times[class] };
        let all: usize = state.iter().map(|row| row[place]).sum();
        let speed = match &self.stations[station] {
            StationKind::Delay => all as f64,
            StationKind::Servers(servers) => (all as f64).min(servers.get() as f64),
            StationKind::LoadDependent(speeds) => speeds[all.min(speeds.len()) - 1],
        };
        speed * here / all as f64 / self.service_times[class][station]
    }

    /// Throughputs, and mean numbers `[class][station]`.
    fn solve(&self) -> (Vec<f64>, Vec<Vec<f64>>) {
        let places = self.stations.len() + 1;
        let start: State = self
            .populations
            .iter()
            .zip(&self.think_times)
            .map(|(&jobs, &think_time)| {
                let mut row = vec![0; places];
                row[usize::from(think_time == 0.0)] = jobs;
                row
            })
            .collect();
        let mut index = HashMap::from([(start.clone(), 0)]);
        let mut states = vec![start];
        let mut moves = Vec::new();
        let mut done = 0;
        while done < states.len() {
            let state = states[done].clone();
            for class in 0..self.populations.len() {
                for place in 0..places {
                    let rate = self.rate(&state, class, place);
                    if rate > 0.0 {
                        let mut next = state.clone();
                        let mut to = (place + 1) % places;
                        if to == 0 && self.think_times[class] == 0.0 {
                            to = 1;
                        }
                        next[class][place] -= 1;
                        next[class][to] += 1;
                        let fresh = states.len();
                        let target = *index.entry(next.clone()).or_insert(fresh);
                        if target == fresh {
                            states.push(next);
                        }
                        moves.push((done, target, rate));
                    }
                }
            }
            done += 1;
        }
        let count = states.len();
        let mut balance = DMatrix::zeros(count, count);
        for (from, to, rate) in moves {
            balance[(to, from)] += rate;
            balance[(from, from)] -= rate;
        }
        balance.row_mut(0).fill(1.0);
        let mut right = DVector::zeros(count);
        right[0] = 1.0;
        let probabilities = balance.lu().solve(&right).expect("one steady state");
        let mean = |figure: &dyn Fn(&State) -> f64| -> f64 {
            states.iter().zip(probabilities.iter()).map(|(state, p)| p * figure(state)).sum()
        };
        let classes = 0..self.populations.len();
        let last = places - 1;
        let throughput = classes.clone().map(|class| mean(&|state| self.rate(state, class, last))).collect();
        let queues =
            classes.map(|class| (1..places).map(|place| mean(&|state| state[class][place] as f64)).collect()).collect();
        (throughput, queues)
    }

    fn exact(&self) -> ClosedSolution {
        let populations = self.populations.iter().map(|&jobs| jobs as u64).collect();
        let network = ClosedNetwork::new(
            populations,
            self.think_times.clone(),
            self.service_times.clone(),
            self.stations.clone(),
        );
        network.expect("valid").solve(ClosedMethod::Exact).expect("small")
    }

    fn compare(&self) {
        let (throughput, queues) = self.solve();
        let exact = self.exact();
        for class in 0..self.populations.len() {
            let error = (exact.throughput[class] / throughput[class] - 1.0).abs();
            assert!(error < AGREEMENT, "class {class}: {} {}", exact.throughput[class], throughput[class]);
            for (station, &want) in queues[class].iter().enumerate() {
                let got = exact.mean_in_system[class][station];
                assert!((got / want - 1.0).abs() < AGREEMENT, "class {class}, station {station}: {got} {want}");
            }
        }
    }
}

fn servers(count: u64) -> StationKind {
    StationKind::Servers(Servers::new(count).expect("count"))
}

#[test]
fn one_class_at_single_servers() {
    Cycle {
        populations: vec![6],
        think_times: vec![2.0],
        service_times: vec![vec![0.5, 0.9, 0.2]],
        stations: vec![servers(1), servers(1), servers(1)],
    }
    .compare();
}

#[test]
fn one_class_at_stations_of_every_kind() {
    Cycle {
        populations: vec![7],
        think_times: vec![0.3],
        service_times: vec![vec![1.0, 0.4, 0.9, 0.5]],
        stations: vec![
            servers(3),
            servers(1),
            StationKind::LoadDependent(vec![1.0, 1.7, 2.1, 1.2, 0.8]),
            StationKind::Delay,
        ],
    }
    .compare();
    Cycle {
        populations: vec![8],
        think_times: vec![0.0],
        service_times: vec![vec![1.0, 0.7]],
        stations: vec![servers(3), StationKind::LoadDependent(vec![1.0, 1.5, 1.5, 1.9])],
    }
    .compare();
}

#[test]
fn two_classes_at_single_servers() {
    Cycle {
        populations: vec![3, 4],
        think_times: vec![1.0, 0.0],
        service_times: vec![vec![0.5, 0.9], vec![0.1, 0.4]],
        stations: vec![servers(1), servers(1)],
    }
    .compare();
}

#[test]
fn classes_at_stations_of_every_kind() {
    Cycle {
        populations: vec![4, 3],
        think_times: vec![1.0, 0.0],
        service_times: vec![vec![0.5, 0.9, 0.3], vec![0.1, 1.4, 0.8]],
        stations: vec![servers(2), servers(3), servers(1)],
    }
    .compare();
    Cycle {
        populations: vec![2, 3, 2],
        think_times: vec![0.5, 0.2, 0.0],
        service_times: vec![vec![0.5, 0.9], vec![0.1, 1.4], vec![0.6, 0.2]],
        stations: vec![StationKind::LoadDependent(vec![1.0, 1.5, 0.7]), servers(2)],
    }
    .compare();
}
