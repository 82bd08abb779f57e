use crate::queues::QueueError;
use crate::units::{Erlangs, Servers};

use super::layered::weights_of;
use super::{CallStation, CallTimes};

/// Solves a pool of connections whose calls come at a rate: nothing bounds them but the connections.
///
/// # Formula
///
/// ```text
/// p(m) ∝ Π_{i ≤ m} ν·T(i)/i,   P(wait) = P(m ≥ k),   T(i)/i = D(k)/k for i ≥ k
/// ```
///
/// with `ν` calls a second and the times of [`CallStation`].
///
/// # Accuracy
///
/// Exact for the only pool of an M/M/c; otherwise others are there as in the open model.
///
/// # Errors
///
/// [`QueueError::Unstable`] when `ν·D(k) ≥ k`; [`QueueError::Domain`] without a number of connections.
///
/// # References
///
/// [Chandy75](crate::references#chandy75).
pub fn connection_pool(call_rate: f64, call: &CallStation) -> Result<CallTimes, QueueError> {
    let limit = call.connections.unwrap_or(0);
    let connections = Servers::new(limit).map_err(|error| QueueError::Domain {
        parameter: "connections",
        value: limit as f64,
        domain: error.domain,
    })?;
    let times = call.times(limit);
    let held = times.last().map_or(call.fixed_time + call.service_time, |time| time.inside);
    let ratio = call_rate * held / limit as f64;
    if ratio >= 1.0 {
        let busy = call_rate * held;
        let offered_load = Erlangs::new(busy).map_err(|_| QueueError::Domain {
            parameter: "load of the connections",
            value: busy,
            domain: "below 1.8e308",
        })?;
        return Err(QueueError::Unstable { offered_load, servers: connections });
    }
    let weights = weights_of(times.iter().zip(1_u64..).map(|(time, k)| call_rate * time.whole / k as f64));
    let full = weights.last().copied().unwrap_or(0.0) / (1.0 - ratio);
    let below = &weights[..weights.len() - 1];
    let total = full + below.iter().sum::<f64>();
    let inside = below.iter().enumerate().map(|(m, p)| m as f64 * p).sum::<f64>() + limit as f64 * full;
    let wait_probability = full / total;
    Ok(CallTimes {
        time: if call_rate > 0.0 { inside / total / call_rate } else { times.first().map_or(held, |time| time.inside) },
        wait_probability,
        conditional_wait: held / limit as f64 / (1.0 - ratio),
        connection_load: Some(ratio),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queues::Mmc;
    use crate::queues::StationFigures;
    use crate::units::{ArrivalRate, ServiceRate};

    fn database(servers: u64, load: f64, connections: Option<u64>) -> CallStation {
        let queue = Mmc::new(
            ArrivalRate::new(load).expect("rate"),
            ServiceRate::new(1.0).expect("rate"),
            Servers::new(servers).expect("count"),
        );
        CallStation {
            visits: 1.0,
            fixed_time: 0.0,
            service_time: 1.0,
            open_time: queue.expect("stable").sojourn_time(),
            servers,
            instances: 1.0,
            load,
            others: 0.0,
            connections,
        }
    }

    /// As many connections as the only database has servers: who waits, waits for a connection, as in M/M/c.
    #[test]
    fn a_pool_of_connections_is_the_queue_of_its_database() {
        let found = connection_pool(1.6, &database(2, 1.6, Some(2))).expect("stable");
        let queue = Mmc::new(
            ArrivalRate::new(1.6).expect("rate"),
            ServiceRate::new(1.0).expect("rate"),
            Servers::new(2).expect("count"),
        );
        let queue = queue.expect("stable");
        assert!((found.wait_probability / queue.wait_probability() - 1.0).abs() < 1e-12, "{found:?}");
        assert!((found.wait_probability * found.conditional_wait / queue.waiting_time() - 1.0).abs() < 1e-12);
        assert!((found.time - 1.0).abs() < 1e-12);
        let message = connection_pool(2.2, &database(4, 2.2, Some(2))).expect_err("unstable").to_string();
        assert_eq!(message, "offered load of 2.2 is too much for 2 servers; at least 3 are needed");
    }
}
