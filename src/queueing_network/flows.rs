use super::{Flow, QueueingNetwork};
use capplan_queueing::network::{NetworkError, arrival_rates, mean_moves};

use super::path::{PathFlows, certain_time, parallel_calls};

/// Where the jobs of a class go, per job.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassFlow {
    /// Visits to each station.
    pub visits: Vec<f64>,
    /// Time that does not depend on any station, in seconds.
    pub certain_time: f64,
    /// The order of the visits; `None` if only their number is known.
    pub order: Option<VisitOrder>,
    /// Whether some calls are made at the same time.
    pub forks: bool,
}

/// In which order stations are visited.
#[derive(Debug, Clone, PartialEq)]
pub struct VisitOrder {
    /// Share of the jobs that begin at each station.
    pub entry: Vec<f64>,
    /// Mean number of times that a job goes from one station to another.
    pub moves: Vec<Vec<f64>>,
}

/// Returns the flow of each class.
///
/// # Errors
///
/// Those of [`arrival_rates`].
pub fn class_flows(network: &QueueingNetwork) -> Result<Vec<ClassFlow>, NetworkError> {
    network.classes.iter().map(|class| flow(&class.flow, network.stations.len())).collect()
}

fn flow(flow: &Flow, stations: usize) -> Result<ClassFlow, NetworkError> {
    let (visits, order, certain_time, forks) = match flow {
        Flow::Visits(visits) => (visits.clone(), None, 0.0, false),
        Flow::Routing { entry, shares } => {
            let visits = arrival_rates(entry, shares)?;
            let moves = mean_moves(&visits, shares);
            (visits, Some(VisitOrder { entry: entry.clone(), moves }), 0.0, false)
        }
        Flow::Path(steps) => {
            let PathFlows { visits, entry, moves } = PathFlows::new(steps, stations);
            let forks = parallel_calls(steps).next().is_some();
            (visits, Some(VisitOrder { entry, moves }), certain_time(steps), forks)
        }
    };
    Ok(ClassFlow { visits, certain_time, order, forks })
}
