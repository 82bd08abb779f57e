use capplan_queueing::network::{MultiClassQna, NetworkError, QnaClass, StationKind};
use capplan_queueing::units::Servers;

use super::flows::ClassFlow;
use super::{ClassLoad, QueueingNetwork};

/// A network of open classes solved by two moments.
#[derive(Debug, Clone, PartialEq)]
pub struct TwoMoments {
    /// The network.
    pub solved: MultiClassQna,
    /// How the figures were found.
    pub method: &'static str,
}

/// Solves open classes with routing or paths through stations with servers or none; `None` for any other network.
pub fn two_moments(network: &QueueingNetwork, flows: &[ClassFlow]) -> Option<Result<TwoMoments, NetworkError>> {
    let stations = &network.stations;
    let servers = |kind: &StationKind| match kind {
        StationKind::Servers(servers) => Some(Some(*servers)),
        StationKind::Delay => Some(None),
        StationKind::LoadDependent(_) => None,
    };
    let servers: Vec<Option<Servers>> = stations.iter().map(|station| servers(&station.kind)).collect::<Option<_>>()?;
    let mut method = "approximate: two moments, Whitt's queueing network analyzer";
    let mut classes = Vec::new();
    for (index, (class, flow)) in network.classes.iter().zip(flows).enumerate() {
        let ClassLoad::Open { arrival_rate, arrival_scv } = class.load else { return None };
        let order = flow.order.as_ref()?;
        let rates = |shares: &[f64]| shares.iter().map(|share| arrival_rate.get() * share).collect();
        let (external, routing) = if flow.forks {
            if arrival_scv != 1.0 {
                return None;
            }
            method = "approximate: two moments, Whitt's queueing network analyzer; the arrivals of classes with parallel \
                      calls are taken as Poisson at every station";
            (rates(&flow.visits), vec![vec![0.0; stations.len()]; stations.len()])
        } else {
            let share = |moves: f64, visits: f64| if visits > 0.0 { (moves / visits).min(1.0) } else { 0.0 };
            let rows = order.moves.iter().zip(&flow.visits);
            let routing = rows.map(|(row, &visits)| row.iter().map(|&moves| share(moves, visits)).collect());
            (rates(&order.entry), routing.collect())
        };
        classes.push(QnaClass {
            external,
            external_scv: arrival_scv,
            routing,
            service_times: stations.iter().map(|station| station.service_time(index)).collect(),
            service_scvs: stations.iter().map(|station| station.service_scv(index)).collect(),
        });
    }
    Some(MultiClassQna::solve(&classes, &servers).map(|solved| TwoMoments { solved, method }))
}
