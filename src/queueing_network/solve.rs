use capplan_queueing::network::{ClosedNetwork, NetworkError, StationKind, mixed_multiclass, open_multiclass};

use super::flows::{ClassFlow, class_flows};
use super::path::{parallel_calls, visited_together};
use super::response::responses;
use super::two_moments::{TwoMoments, two_moments};
use super::{
    ClassFigures, ClassLoad, Flow, NetworkClass, NetworkFailure, NetworkFigures, QueueingNetwork, Response,
    StationFigures,
};

/// Solves a network: exactly where that is possible in seconds, and by the method that it names.
///
/// # Errors
///
/// [`NetworkFailure`].
pub fn solve_network(network: &QueueingNetwork) -> Result<NetworkFigures, NetworkFailure> {
    check_parallel_calls(network)?;
    let named = |error| NetworkFailure::new(network, error);
    let flows = class_flows(network).map_err(named)?;
    let variable = variable(network);
    let moments = if variable.is_some() { two_moments(network, &flows).transpose().map_err(named)? } else { None };
    let mut figures = match (&moments, variable) {
        (Some(moments), _) => by_two_moments(network, &flows, moments),
        (None, Some((name, scv))) => return Err(NetworkFailure::VariableNetwork { name, scv }),
        (None, None) => product_form(network, &flows).map_err(named)?,
    };
    if moments.is_none() && forks_among_queues(network, &flows) {
        figures.method =
            "approximate: each station of an open product form; streams after parallel calls are taken as Poisson";
        figures.exact = false;
    }
    let laws = responses(network, &flows, moments.as_ref().map(|moments| moments.solved.stations())).map_err(named)?;
    for (((class, given), flow), response) in figures.classes.iter_mut().zip(&network.classes).zip(&flows).zip(laws) {
        class.finish(given, flow, response);
        let stations = class.stations.iter().flat_map(|one| [one.mean_in_system, one.residence_time]);
        if ![class.throughput, class.response_time].into_iter().chain(stations).all(f64::is_finite) {
            return Err(NetworkFailure::BeyondPrecision { class: given.name.clone() });
        }
    }
    Ok(figures)
}

impl ClassFigures {
    /// A class whose visits are known and nothing else.
    fn new(network: &QueueingNetwork, class: &NetworkClass, flow: &ClassFlow) -> Self {
        let station = |(station, &visits): (&super::NetworkStation, &f64)| StationFigures {
            name: station.name.clone(),
            visits,
            utilization: None,
            mean_in_system: 0.0,
            residence_time: 0.0,
        };
        Self {
            name: class.name.clone(),
            throughput: 0.0,
            response_time: 0.0,
            cycle_time: None,
            thinks_at: class.thinks_at.map(|station| network.stations[station].name.clone()),
            mean_in_system: 0.0,
            stations: network.stations.iter().zip(&flow.visits).map(station).collect(),
            response: None,
        }
    }

    /// Takes over the figures of a class in a solution.
    fn put(&mut self, throughput: f64, residence_times: &[f64], mean_in_system: &[f64], utilization: &[Option<f64>]) {
        self.throughput = throughput;
        self.response_time = residence_times.iter().sum();
        for (index, station) in self.stations.iter_mut().enumerate() {
            station.residence_time = residence_times[index];
            station.mean_in_system = mean_in_system[index];
            station.utilization = utilization[index];
        }
    }

    /// Adds think time and what else is not spent at stations.
    fn finish(&mut self, given: &NetworkClass, flow: &ClassFlow, response: Option<Response>) {
        let served = || self.stations.iter().enumerate().filter(|(station, _)| Some(*station) != given.thinks_at);
        self.mean_in_system = served().map(|(_, station)| station.mean_in_system).sum();
        if let ClassLoad::Closed { think_time, .. } = given.load {
            self.cycle_time = Some(self.response_time + think_time.get());
            self.response_time = served().map(|(_, station)| station.residence_time).sum();
        }
        if flow.certain_time > 0.0 {
            self.cycle_time = self.cycle_time.map(|cycle| cycle + flow.certain_time);
            self.response_time += flow.certain_time;
            self.mean_in_system += self.throughput * flow.certain_time;
        }
        self.response = response;
        if let Some(mean) = self.law().map(|law| law.mean).filter(|_| flow.forks) {
            // Calls at the same time are not done one after the other.
            self.response_time = mean;
            self.mean_in_system = self.throughput * mean;
        }
    }
}

/// Whether jobs of a class with parallel calls meet more than one queue: what comes out of a join is no Poisson stream.
fn forks_among_queues(network: &QueueingNetwork, flows: &[ClassFlow]) -> bool {
    let queues = |flow: &ClassFlow| {
        let stations = flow.visits.iter().zip(&network.stations);
        stations.filter(|(visits, station)| **visits > 0.0 && station.kind != StationKind::Delay).count()
    };
    flows.iter().any(|flow| flow.forks && queues(flow) > 1)
}

/// Parallel calls need a law, and queues of their own.
fn check_parallel_calls(network: &QueueingNetwork) -> Result<(), NetworkFailure> {
    let has_law = network.classes.iter().all(|class| matches!(class.load, ClassLoad::Open { .. }))
        && !network.stations.iter().any(|station| matches!(station.kind, StationKind::LoadDependent(_)));
    for class in &network.classes {
        let Flow::Path(steps) = &class.flow else { continue };
        for calls in parallel_calls(steps) {
            if !has_law {
                return Err(NetworkFailure::ParallelCalls { class: class.name.clone() });
            }
            let queue = |station: &usize| network.stations[*station].kind != StationKind::Delay;
            if let Some(station) = visited_together(calls).into_iter().find(queue) {
                let station = network.stations[station].name.clone();
                return Err(NetworkFailure::SharedQueue { class: class.name.clone(), station });
            }
        }
    }
    Ok(())
}

/// The first class or station whose times are not exponential.
fn variable(network: &QueueingNetwork) -> Option<(String, f64)> {
    let class = network.classes.iter().find_map(|class| match class.load {
        ClassLoad::Open { arrival_scv, .. } if arrival_scv != 1.0 => Some((class.name.clone(), arrival_scv)),
        _ => None,
    });
    let station = || {
        network.stations.iter().find_map(|station| {
            let scv = station.service_scvs.iter().find(|scv| **scv != 1.0)?;
            Some((station.name.clone(), *scv))
        })
    };
    class.or_else(station)
}

/// The classes of one kind of load, each with its service demands.
#[derive(Default)]
struct Loads {
    classes: Vec<usize>,
    demands: Vec<Vec<f64>>,
    /// Arrival rates of open classes.
    rates: Vec<f64>,
    populations: Vec<u64>,
    think_times: Vec<f64>,
}

/// Open and closed classes apart.
fn loads(network: &QueueingNetwork, flows: &[ClassFlow]) -> (Loads, Loads) {
    let (mut open, mut closed) = (Loads::default(), Loads::default());
    for (class, (given, flow)) in network.classes.iter().zip(flows).enumerate() {
        let loads = match given.load {
            ClassLoad::Open { arrival_rate, .. } => {
                open.rates.push(arrival_rate.get());
                &mut open
            }
            ClassLoad::Closed { population, think_time } => {
                closed.populations.push(population);
                // A certain time keeps no station busy: for the stations it is time to think.
                closed.think_times.push(think_time.get() + flow.certain_time);
                &mut closed
            }
        };
        let stations = network.stations.iter().zip(&flow.visits);
        loads.demands.push(stations.map(|(station, visits)| visits * station.service_time(class)).collect());
        loads.classes.push(class);
    }
    (open, closed)
}

fn figures(network: &QueueingNetwork, flows: &[ClassFlow], method: &'static str, exact: bool) -> NetworkFigures {
    let classes = network.classes.iter().zip(flows).map(|(class, flow)| ClassFigures::new(network, class, flow));
    NetworkFigures { network: network.name.clone(), classes: classes.collect(), method, exact }
}

fn product_form(network: &QueueingNetwork, flows: &[ClassFlow]) -> Result<NetworkFigures, NetworkError> {
    let kinds: Vec<StationKind> = network.stations.iter().map(|station| station.kind.clone()).collect();
    let (open, closed) = loads(network, flows);
    let mut all = figures(network, flows, "exact: open BCMP network, product form", true);
    let mut put = |classes: &[usize], throughput: &[f64], rows: Rows<'_>| {
        for (row, &class) in classes.iter().enumerate() {
            let (residence, jobs, utilization) = (&rows.0[row], &rows.1[row], &rows.2[row]);
            all.classes[class].put(throughput[row], residence, jobs, utilization);
        }
    };
    if closed.classes.is_empty() {
        let solved = open_multiclass(&open.rates, &open.demands, &kinds)?;
        put(&open.classes, &open.rates, (&solved.residence_times, &solved.mean_in_system, &solved.utilization));
        return Ok(all);
    }
    let Loads { classes, populations, think_times, demands, .. } = closed;
    let solved = if open.classes.is_empty() {
        ClosedNetwork::new(populations, think_times, demands, kinds)?.solve(network.method)?
    } else {
        let (rates, method) = (&open.rates, network.method);
        let mixed = mixed_multiclass(rates, &open.demands, populations, think_times, &demands, &kinds, method)?;
        let rows = (&mixed.open_residence_times[..], &mixed.open_mean_in_system[..], &mixed.open_utilization[..]);
        put(&open.classes, rates, rows);
        mixed.closed
    };
    put(&classes, &solved.throughput, (&solved.residence_times, &solved.mean_in_system, &solved.utilization));
    Ok(NetworkFigures { method: solved.algorithm.name(), exact: solved.algorithm.is_exact(), ..all })
}

/// Residence times, jobs and utilizations by class and station.
type Rows<'a> = (&'a [Vec<f64>], &'a [Vec<f64>], &'a [Vec<Option<f64>>]);

fn by_two_moments(network: &QueueingNetwork, flows: &[ClassFlow], moments: &TwoMoments) -> NetworkFigures {
    let mut all = figures(network, flows, moments.method, false);
    for ((class, given), qna) in all.classes.iter_mut().zip(&network.classes).zip(moments.solved.classes()) {
        class.throughput = match given.load {
            ClassLoad::Open { arrival_rate, .. } => arrival_rate.get(),
            ClassLoad::Closed { .. } => qna.throughput,
        };
        for (index, station) in class.stations.iter_mut().enumerate() {
            station.residence_time = station.visits * qna.sojourn_times[index];
            station.mean_in_system = class.throughput * station.residence_time;
            let limited = network.stations[index].kind != StationKind::Delay;
            station.utilization = limited.then(|| qna.utilization[index]);
        }
        class.response_time = class.stations.iter().map(|station| station.residence_time).sum();
    }
    all
}
