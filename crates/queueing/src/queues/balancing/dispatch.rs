use crate::units::{ArrivalRate, Servers, ServiceRate};

use crate::queues::{Mgc, MgcService, QueueError};

/// How a stream of requests is shared by several instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dispatch {
    /// One queue that every free server takes from.
    SharedQueue,
    /// Each request goes to an instance chosen at random: `n` independent queues, each with an `n`-th of the load.
    Random,
}

/// What one queue of a dispatch rule carries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DispatchedLoad {
    /// Arrivals to the queue.
    pub arrival_rate: ArrivalRate,
    /// Servers that take from it.
    pub servers: Servers,
}

/// Returns the load of each queue when `instances` instances of `servers` servers share a Poisson stream.
///
/// # Errors
///
/// [`QueueError::Domain`] when one queue would have more servers than can be counted.
pub fn dispatched_load(
    arrival_rate: ArrivalRate,
    servers: Servers,
    instances: Servers,
    dispatch: Dispatch,
) -> Result<DispatchedLoad, QueueError> {
    match dispatch {
        Dispatch::SharedQueue => {
            let all = servers.get().saturating_mul(instances.get());
            let servers = Servers::new(all).map_err(|error| QueueError::Domain {
                parameter: "total of servers",
                value: error.value,
                domain: "at most 1,000,000,000",
            })?;
            Ok(DispatchedLoad { arrival_rate, servers })
        }
        Dispatch::Random => {
            let share = ArrivalRate::new(arrival_rate.get() / instances.get() as f64).unwrap_or(arrival_rate);
            Ok(DispatchedLoad { arrival_rate: share, servers })
        }
    }
}

/// Solves `instances` instances of `servers` servers each under a dispatch rule.
///
/// # Formula
///
/// A shared queue is one M/G/(n·c) queue with rate λ. A random split of a Poisson stream is `n` independent Poisson
/// streams, so `n` times M/G/c with rate λ/n. Between the two lie factors of ten to a hundred in waiting.
///
/// # Errors
///
/// Those of [`Mgc::new`]; the load and servers named are those of the queue that overflows.
pub fn dispatched(
    arrival_rate: ArrivalRate,
    service_rate: ServiceRate,
    servers: Servers,
    instances: Servers,
    service_scv: f64,
    dispatch: Dispatch,
) -> Result<Mgc, QueueError> {
    let load = dispatched_load(arrival_rate, servers, instances, dispatch)?;
    Mgc::new(load.arrival_rate, service_rate, load.servers, MgcService::TwoMoments(service_scv))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 100 instances at 95 %: a random split waits 19 service times, one queue 0.10.
    #[test]
    fn what_the_dispatch_costs() {
        let solve = |dispatch| {
            dispatched(
                ArrivalRate::new(95.0).expect("rate"),
                ServiceRate::new(1.0).expect("rate"),
                Servers::new(1).expect("count"),
                Servers::new(100).expect("count"),
                1.0,
                dispatch,
            )
            .expect("stable")
            .sojourn_law()
            .waiting_time()
        };
        assert!((solve(Dispatch::Random) - 19.0).abs() < 1e-9);
        assert!((solve(Dispatch::SharedQueue) - 0.101_291_370_782_604_11).abs() < 1e-12);
    }
}
