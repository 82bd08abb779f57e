use super::{Flow, NetworkSystem, PathStep};
use capplan_queueing::network::{NetworkError, arrival_rates};

use super::path::{PathFlows, certain_time, parallel_calls};

/// Where the jobs of a class go, per job.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassFlow {
    /// Visits to each station.
    pub visits: Vec<f64>,
    /// Time that does not depend on any station, in seconds.
    pub certain_time: f64,
    /// What is known of the order of the visits.
    pub order: Order,
    /// Whether some calls are made at the same time.
    pub forks: bool,
}

/// What is known of the order of visits.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// Nothing: only how many there are.
    Unknown,
    /// Shares of jobs that begin at each station, and mean moves from one to another.
    Known {
        /// Where jobs begin.
        entry: Vec<f64>,
        /// How often a job goes from one station to another.
        moves: Vec<Vec<f64>>,
    },
}

/// Returns the flow of each class.
///
/// # Errors
///
/// Those of [`arrival_rates`].
pub fn class_flows(system: &NetworkSystem) -> Result<Vec<ClassFlow>, NetworkError> {
    system.classes.iter().map(|class| flow(&class.flow, system.stations.len())).collect()
}

fn flow(flow: &Flow, stations: usize) -> Result<ClassFlow, NetworkError> {
    Ok(match flow {
        Flow::Visits(visits) => {
            ClassFlow { visits: visits.clone(), certain_time: 0.0, order: Order::Unknown, forks: false }
        }
        Flow::Routing { entry, shares } => {
            let visits = arrival_rates(entry, shares)?;
            let moves =
                shares.iter().zip(&visits).map(|(row, visits)| row.iter().map(|share| share * visits).collect());
            let order = Order::Known { entry: entry.clone(), moves: moves.collect() };
            ClassFlow { visits, certain_time: 0.0, order, forks: false }
        }
        Flow::Path(steps) => of_path(steps, stations),
    })
}

fn of_path(steps: &[PathStep], stations: usize) -> ClassFlow {
    let PathFlows { visits, entry, moves } = PathFlows::new(steps, stations);
    let forks = parallel_calls(steps).next().is_some();
    ClassFlow { visits, certain_time: certain_time(steps), order: Order::Known { entry, moves }, forks }
}
