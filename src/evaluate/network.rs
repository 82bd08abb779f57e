use crate::model::{Capacity, ClassLoad, Flow, NetworkMethod, NetworkSystem};
use crate::network::{
    ClosedMethod, ClosedNetwork, NetworkError, Qna, QnaStation, StationKind, arrival_rates, mixed_multiclass,
    open_multiclass,
};
use crate::units::Servers;

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
    /// Mean time of a job at the stations, without think time and without the station where it thinks.
    pub response_time: f64,
    /// From one start of a job to the next, with all think time; `None` for an open class, whose jobs do not return.
    pub cycle_time: Option<f64>,
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
        "`{name}` has an scv of {scv}; any but 1 takes a network of one open class with `routing`, and stations with \
         `servers`"
    )]
    VariableNetwork {
        /// The class or station.
        name: String,
        /// Its squared coefficient of variation.
        scv: f64,
    },
}

/// Solves a network: exactly where that is possible in seconds, and by the method that it names.
///
/// # Errors
///
/// [`NetworkFailure`].
pub fn solve_network(system: &NetworkSystem) -> Result<NetworkFigures, NetworkFailure> {
    let visits = system
        .classes
        .iter()
        .map(|class| match &class.flow {
            Flow::Visits(visits) => Ok(visits.clone()),
            Flow::Routing { entry, shares } => arrival_rates(entry, shares),
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| named(system, error))?;
    if let Some((name, scv)) = variable(system) {
        return match qna(system, &visits) {
            Some(figures) => figures.map_err(|error| named(system, error)),
            None => Err(NetworkFailure::VariableNetwork { name, scv }),
        };
    }
    product_form(system, &visits).map_err(|error| named(system, error))
}

/// The first class or station whose times are not exponential.
fn variable(system: &NetworkSystem) -> Option<(String, f64)> {
    let class = system.classes.iter().find_map(|class| match class.load {
        ClassLoad::Open { arrival_scv, .. } if arrival_scv != 1.0 => Some((class.name.clone(), arrival_scv)),
        _ => None,
    });
    let station = || {
        let station = system.stations.iter().find(|station| station.service_scv != 1.0)?;
        Some((station.name.clone(), station.service_scv))
    };
    class.or_else(station)
}

fn product_form(system: &NetworkSystem, visits: &[Vec<f64>]) -> Result<NetworkFigures, NetworkError> {
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
    for (class, (given, visits)) in system.classes.iter().zip(visits).enumerate() {
        let demands: Vec<f64> = system
            .stations
            .iter()
            .zip(visits)
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
                think_times.push(think_time.get());
                closed_demands.push(demands);
                closed.push(class);
            }
        }
    }
    let mut classes = empty(system, visits);
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

fn empty(system: &NetworkSystem, visits: &[Vec<f64>]) -> Vec<SolvedClass> {
    let station = |&visits: &f64| SolvedStation { visits, utilization: None, mean_in_system: 0.0, residence_time: 0.0 };
    system
        .classes
        .iter()
        .zip(visits)
        .map(|(_, row)| SolvedClass {
            throughput: 0.0,
            response_time: 0.0,
            cycle_time: None,
            stations: row.iter().map(station).collect(),
        })
        .collect()
}

/// One open class with routing through servers, by two moments; `None` for any other network.
fn qna(system: &NetworkSystem, visits: &[Vec<f64>]) -> Option<Result<NetworkFigures, NetworkError>> {
    let [class] = &system.classes[..] else { return None };
    let ClassLoad::Open { arrival_rate, arrival_scv } = class.load else { return None };
    let Flow::Routing { entry, shares } = &class.flow else { return None };
    let servers: Vec<Servers> = system
        .stations
        .iter()
        .map(|station| match station.capacity {
            Capacity::Servers(servers) => Some(servers),
            Capacity::Unlimited | Capacity::Speeds(_) => None,
        })
        .collect::<Option<_>>()?;
    let stations: Vec<QnaStation> = system
        .stations
        .iter()
        .zip(entry)
        .zip(servers)
        .map(|((station, share), servers)| QnaStation {
            external_arrival_rate: share * arrival_rate.get(),
            // A stream split by chance tends to Poisson.
            external_scv: 1.0 + share * (arrival_scv - 1.0),
            service_time: station.service_times.first().map_or(0.0, |time| time.get()),
            service_scv: station.service_scv,
            servers,
        })
        .collect();
    let solved = match Qna::solve(&stations, shares) {
        Ok(solved) => solved,
        Err(error) => return Some(Err(error)),
    };
    let mut classes = empty(system, visits);
    for class in &mut classes {
        class.throughput = solved.throughput();
        class.response_time = solved.response_time();
        for (station, figures) in class.stations.iter_mut().zip(solved.stations()) {
            station.utilization = Some(figures.utilization);
            station.mean_in_system = figures.mean_in_system;
            station.residence_time = figures.visit_ratio * figures.sojourn_time;
        }
    }
    let method = "approximate: two moments, Whitt's queueing network analyzer";
    Some(Ok(NetworkFigures { classes, method, exact: false }))
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
