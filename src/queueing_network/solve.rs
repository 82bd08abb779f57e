use super::{Capacity, ClassLoad, Flow, NetworkClass, NetworkMethod, NetworkSystem};
use capplan_queueing::network::{
    ClosedMethod, ClosedNetwork, NetworkError, StationKind, mixed_multiclass, open_multiclass,
};

use super::flows::{ClassFlow, class_flows};
use super::path::{parallel_calls, visited_together};
use super::response::{Response, responses};
use super::two_moments::{TwoMoments, two_moments};

/// What a network of queues does.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkFigures {
    /// The classes, in the order of the network.
    pub classes: Vec<SolvedClass>,
    /// How the figures were found.
    pub method: &'static str,
    /// Whether they are exact.
    pub exact: bool,
}

/// What a class does.
#[derive(Debug, Clone, PartialEq)]
pub struct SolvedClass {
    /// Jobs per second that are done.
    pub throughput: f64,
    /// Mean time of a job at the stations and in the certain times of its path, without think time and without the station
    /// where it thinks.
    pub response_time: f64,
    /// From one start of a job to the next, with all think time; `None` for an open class, whose jobs do not return.
    pub cycle_time: Option<f64>,
    /// Mean number of jobs between their arrival and their end; those who think are none of them.
    pub mean_in_system: f64,
    /// The law of that time.
    pub response: Response,
    /// Its part of each station.
    pub stations: Vec<SolvedStation>,
}

/// The part of a class at a station.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SolvedStation {
    /// Visits of a job.
    pub visits: f64,
    /// Share of the station's capacity; `None` where it has no limit.
    pub utilization: Option<f64>,
    /// Mean number of jobs.
    pub mean_in_system: f64,
    /// Mean time of a job over all visits.
    pub residence_time: f64,
}

/// Why a network has no figures, with the names of what is at fault.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NetworkFailure {
    /// A network without an answer.
    #[error("{error}{subject}")]
    Unsolved {
        /// Why.
        error: NetworkError,
        /// The name of the station or class with the number in the message, or nothing.
        subject: String,
    },
    /// A squared coefficient of variation other than 1 where no method takes one.
    #[error(
        "`{name}` has an scv of {scv}; any but 1 takes open classes with `routing` or `path`, stations with `servers`, and \
         no `arrival_scv` for a class with parallel calls"
    )]
    VariableNetwork {
        /// The class or station.
        name: String,
        /// Its squared coefficient of variation.
        scv: f64,
    },
    /// Parallel calls where the law of the slowest is not to be had.
    #[error("the path of `{class}` makes parallel calls; they take an open network of stations with `servers`")]
    ParallelCalls {
        /// The class.
        class: String,
    },
    /// Calls that arrive at one queue together.
    #[error(
        "the path of `{class}` makes parallel calls that meet at `{station}`; calls that arrive at one queue together are not \
         independent: give each a station of its own"
    )]
    SharedQueue {
        /// The class.
        class: String,
        /// The station.
        station: String,
    },
}

/// Solves a network: exactly where that is possible in seconds, and by the method that it names.
///
/// # Errors
///
/// [`NetworkFailure`].
pub fn solve_network(system: &NetworkSystem) -> Result<NetworkFigures, NetworkFailure> {
    check_parallel_calls(system)?;
    let flows = class_flows(system).map_err(|error| named(system, error))?;
    if let Some((name, scv)) = variable(system) {
        return match two_moments(system, &flows) {
            Some(solved) => {
                solved.and_then(|solved| moment_figures(system, &flows, &solved)).map_err(|error| named(system, error))
            }
            None => Err(NetworkFailure::VariableNetwork { name, scv }),
        };
    }
    let mut figures = product_form(system, &flows).map_err(|error| named(system, error))?;
    if forks_among_queues(system, &flows) {
        figures.method =
            "approximate: each station of an open product form; streams after parallel calls are taken as Poisson";
        figures.exact = false;
    }
    let laws = responses(system, &flows, None).map_err(|error| named(system, error))?;
    for (((class, given), flow), response) in figures.classes.iter_mut().zip(&system.classes).zip(&flows).zip(laws) {
        class.finish(given, flow, response);
    }
    Ok(figures)
}

impl SolvedClass {
    /// Adds what is not spent at stations.
    fn finish(&mut self, given: &NetworkClass, flow: &ClassFlow, response: Response) {
        let served = self.stations.iter().enumerate().filter(|(station, _)| Some(*station) != given.thinks_at);
        self.mean_in_system = served.map(|(_, station)| station.mean_in_system).sum();
        if flow.certain_time > 0.0 {
            self.cycle_time = self.cycle_time.map(|cycle| cycle + flow.certain_time);
            self.response_time += flow.certain_time;
            self.mean_in_system += self.throughput * flow.certain_time;
        }
        if let (Response::Known(law), true) = (&response, flow.forks) {
            // Calls at the same time are not done one after the other.
            self.response_time = law.mean;
            self.mean_in_system = self.throughput * law.mean;
        }
        self.response = response;
    }
}

/// Whether jobs of a class with parallel calls meet more than one queue: what comes out of a join is no Poisson stream.
fn forks_among_queues(system: &NetworkSystem, flows: &[ClassFlow]) -> bool {
    let queues = |flow: &ClassFlow| {
        let stations = flow.visits.iter().zip(&system.stations);
        stations.filter(|(visits, station)| **visits > 0.0 && station.capacity != Capacity::Unlimited).count()
    };
    flows.iter().any(|flow| flow.forks && queues(flow) > 1)
}

/// Parallel calls need a law, and queues of their own.
fn check_parallel_calls(system: &NetworkSystem) -> Result<(), NetworkFailure> {
    let has_law = system.classes.iter().all(|class| matches!(class.load, ClassLoad::Open { .. }))
        && !system.stations.iter().any(|station| matches!(station.capacity, Capacity::Speeds(_)));
    for class in &system.classes {
        let Flow::Path(steps) = &class.flow else { continue };
        for calls in parallel_calls(steps) {
            if !has_law {
                return Err(NetworkFailure::ParallelCalls { class: class.name.clone() });
            }
            let queue = |station: &usize| !matches!(system.stations[*station].capacity, Capacity::Unlimited);
            if let Some(station) = visited_together(calls).into_iter().find(queue) {
                let station = system.stations[station].name.clone();
                return Err(NetworkFailure::SharedQueue { class: class.name.clone(), station });
            }
        }
    }
    Ok(())
}

/// The first class or station whose times are not exponential.
fn variable(system: &NetworkSystem) -> Option<(String, f64)> {
    let class = system.classes.iter().find_map(|class| match class.load {
        ClassLoad::Open { arrival_scv, .. } if arrival_scv != 1.0 => Some((class.name.clone(), arrival_scv)),
        _ => None,
    });
    let station = || {
        system.stations.iter().find_map(|station| {
            let scv = station.service_scvs.iter().find(|scv| **scv != 1.0)?;
            Some((station.name.clone(), *scv))
        })
    };
    class.or_else(station)
}

fn product_form(system: &NetworkSystem, flows: &[ClassFlow]) -> Result<NetworkFigures, NetworkError> {
    let kinds: Vec<StationKind> = system
        .stations
        .iter()
        .map(|station| match &station.capacity {
            Capacity::Servers(servers) => StationKind::Servers(*servers),
            Capacity::Unlimited => StationKind::Delay,
            Capacity::Speeds(speeds) => StationKind::LoadDependent(speeds.clone()),
        })
        .collect();
    let method = match system.method {
        NetworkMethod::Exact => ClosedMethod::Exact,
        NetworkMethod::Schweitzer => ClosedMethod::Schweitzer,
        NetworkMethod::Linearizer => ClosedMethod::Linearizer,
    };
    let (mut rates, mut open_demands, mut open) = (Vec::new(), Vec::new(), Vec::new());
    let (mut populations, mut think_times, mut closed_demands, mut closed) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (class, (given, flow)) in system.classes.iter().zip(flows).enumerate() {
        let demands: Vec<f64> = system
            .stations
            .iter()
            .zip(&flow.visits)
            .map(|(station, visits)| visits * station.service_times.get(class).map_or(0.0, |time| time.get()))
            .collect();
        match given.load {
            ClassLoad::Open { arrival_rate, .. } => {
                rates.push(arrival_rate.get());
                open_demands.push(demands);
                open.push(class);
            }
            ClassLoad::Closed { population, think_time } => {
                populations.push(population);
                // A certain time keeps no station busy: for the stations it is time to think.
                think_times.push(think_time.get() + flow.certain_time);
                closed_demands.push(demands);
                closed.push(class);
            }
        }
    }
    let mut classes = empty(flows);
    if closed.is_empty() {
        let solved = open_multiclass(&rates, &open_demands, &kinds)?;
        for (row, &class) in open.iter().enumerate() {
            let figures = Row {
                throughput: rates[row],
                residence_times: &solved.residence_times[row],
                mean_in_system: &solved.mean_in_system[row],
                utilization: &solved.utilization[row],
            };
            figures.put(&mut classes[class]);
        }
        return Ok(NetworkFigures { classes, method: "exact: open BCMP network, product form", exact: true });
    }
    let (solved, algorithm) = if open.is_empty() {
        let solved = ClosedNetwork::new(populations, think_times, closed_demands, kinds)?.solve(method)?;
        let algorithm = solved.algorithm;
        (solved, algorithm)
    } else {
        let mixed = mixed_multiclass(&rates, &open_demands, populations, think_times, &closed_demands, &kinds, method)?;
        for (row, &class) in open.iter().enumerate() {
            let figures = Row {
                throughput: rates[row],
                residence_times: &mixed.open_residence_times[row],
                mean_in_system: &mixed.open_mean_in_system[row],
                utilization: &mixed.open_utilization[row],
            };
            figures.put(&mut classes[class]);
        }
        let algorithm = mixed.closed.algorithm;
        (mixed.closed, algorithm)
    };
    for (row, &class) in closed.iter().enumerate() {
        let figures = Row {
            throughput: solved.throughput[row],
            residence_times: &solved.residence_times[row],
            mean_in_system: &solved.mean_in_system[row],
            utilization: &solved.utilization[row],
        };
        figures.put(&mut classes[class]);
    }
    for (solved, given) in classes.iter_mut().zip(&system.classes) {
        if let ClassLoad::Closed { think_time, .. } = given.load {
            solved.cycle_time = Some(solved.response_time + think_time.get());
            let served = solved.stations.iter().enumerate().filter(|(station, _)| Some(*station) != given.thinks_at);
            solved.response_time = served.map(|(_, station)| station.residence_time).sum();
        }
    }
    Ok(NetworkFigures { classes, method: algorithm.name(), exact: algorithm.is_exact() })
}

/// Figures of a class as the methods give them.
struct Row<'a> {
    throughput: f64,
    residence_times: &'a [f64],
    mean_in_system: &'a [f64],
    utilization: &'a [Option<f64>],
}

impl Row<'_> {
    fn put(&self, class: &mut SolvedClass) {
        class.throughput = self.throughput;
        class.response_time = self.residence_times.iter().sum();
        let columns = self.residence_times.iter().zip(self.mean_in_system).zip(self.utilization);
        for (station, ((&residence_time, &mean_in_system), &utilization)) in class.stations.iter_mut().zip(columns) {
            *station = SolvedStation { visits: station.visits, utilization, mean_in_system, residence_time };
        }
    }
}

fn empty(flows: &[ClassFlow]) -> Vec<SolvedClass> {
    let station = |&visits: &f64| SolvedStation { visits, utilization: None, mean_in_system: 0.0, residence_time: 0.0 };
    flows
        .iter()
        .map(|flow| SolvedClass {
            throughput: 0.0,
            response_time: 0.0,
            cycle_time: None,
            mean_in_system: 0.0,
            response: Response::NotAsked,
            stations: flow.visits.iter().map(station).collect(),
        })
        .collect()
}

fn moment_figures(
    system: &NetworkSystem,
    flows: &[ClassFlow],
    solved: &TwoMoments,
) -> Result<NetworkFigures, NetworkError> {
    let laws = responses(system, flows, Some(solved.solved.stations()))?;
    let mut classes = empty(flows);
    for (index, ((class, flow), response)) in classes.iter_mut().zip(flows).zip(laws).enumerate() {
        let (given, qna) = (&system.classes[index].load, &solved.solved.classes()[index]);
        class.throughput = match given {
            ClassLoad::Open { arrival_rate, .. } => arrival_rate.get(),
            ClassLoad::Closed { .. } => qna.throughput,
        };
        for (place, station) in class.stations.iter_mut().enumerate() {
            station.residence_time = station.visits * qna.sojourn_times[place];
            station.mean_in_system = class.throughput * station.residence_time;
            let limited = !matches!(system.stations[place].capacity, Capacity::Unlimited);
            station.utilization = limited.then(|| qna.utilization[place]);
        }
        class.response_time = class.stations.iter().map(|station| station.residence_time).sum();
        class.finish(&system.classes[index], flow, response);
    }
    Ok(NetworkFigures { classes, method: solved.method, exact: false })
}

/// Adds the name of the station or class that an error numbers.
fn named(system: &NetworkSystem, error: NetworkError) -> NetworkFailure {
    let station =
        |index: usize| system.stations.get(index).map(|station| format!(" (station {index} is `{}`)", station.name));
    let class = |index: usize| system.classes.get(index).map(|class| format!(" (class {index} is `{}`)", class.name));
    let subject = match &error {
        NetworkError::Value { station: index, .. }
        | NetworkError::Leak { station: index, .. }
        | NetworkError::Trapped { station: index, .. }
        | NetworkError::Station { station: index, .. }
        | NetworkError::Overloaded { station: index, .. } => station(*index),
        NetworkError::ClassValue { class: index, .. } | NetworkError::NoDemand { class: index } => class(*index),
        _ => None,
    };
    NetworkFailure::Unsolved { error, subject: subject.unwrap_or_default() }
}
