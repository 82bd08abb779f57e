use super::{Capacity, ClassLoad, NetworkSystem};
use capplan_queueing::network::{MultiClassQna, NetworkError, QnaClass};
use capplan_queueing::units::Servers;

use super::flows::{ClassFlow, Order};

/// A network of open classes solved by two moments.
#[derive(Debug, Clone, PartialEq)]
pub struct TwoMoments {
    /// The network.
    pub solved: MultiClassQna,
    /// How the figures were found.
    pub method: &'static str,
}

/// Solves open classes with routing or paths through stations with servers or none; `None` for any other network.
pub fn two_moments(system: &NetworkSystem, flows: &[ClassFlow]) -> Option<Result<TwoMoments, NetworkError>> {
    let servers: Vec<Option<Servers>> = system
        .stations
        .iter()
        .map(|station| match station.capacity {
            Capacity::Servers(servers) => Some(Some(servers)),
            Capacity::Unlimited => Some(None),
            Capacity::Speeds(_) => None,
        })
        .collect::<Option<_>>()?;
    let mut method = "approximate: two moments, Whitt's queueing network analyzer";
    let mut classes = Vec::new();
    for (index, (class, flow)) in system.classes.iter().zip(flows).enumerate() {
        let ClassLoad::Open { arrival_rate, arrival_scv } = class.load else { return None };
        let Order::Known { entry, moves } = &flow.order else { return None };
        let rate = arrival_rate.get();
        let of_station = |figure: &dyn Fn(usize) -> f64| (0..servers.len()).map(figure).collect::<Vec<f64>>();
        let (external, routing) = if flow.forks {
            if arrival_scv != 1.0 {
                return None;
            }
            method = "approximate: two moments, Whitt's queueing network analyzer; the arrivals of classes with parallel \
                      calls are taken as Poisson at every station";
            (of_station(&|station| rate * flow.visits[station]), vec![vec![0.0; servers.len()]; servers.len()])
        } else {
            let shares = |from: usize| {
                of_station(&|to| {
                    if flow.visits[from] > 0.0 { (moves[from][to] / flow.visits[from]).min(1.0) } else { 0.0 }
                })
            };
            (of_station(&|station| rate * entry[station]), (0..servers.len()).map(shares).collect())
        };
        let time = |station: usize| system.stations[station].service_times.get(index).map_or(0.0, |time| time.get());
        let scv = |station: usize| system.stations[station].service_scvs.get(index).copied().unwrap_or(1.0);
        classes.push(QnaClass {
            external,
            external_scv: arrival_scv,
            routing,
            service_times: of_station(&time),
            service_scvs: of_station(&scv),
        });
    }
    Some(MultiClassQna::solve(&classes, &servers).map(|solved| TwoMoments { solved, method }))
}
