use crate::queues::{Mmc, QueueError};
use crate::units::{ArrivalRate, Erlangs, Servers, ServiceRate};

use super::CallStation;
use super::call_station::CallTime;

/// Workers that are held during calls to other tiers: what one pool of them is asked to do.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkerPool {
    /// Requests that come to the pool.
    pub arrival_rate: ArrivalRate,
    /// Servers (cores) under the workers.
    pub servers: Servers,
    /// Completions per second of one busy server.
    pub service_rate: ServiceRate,
    /// Workers: requests that are inside at the same time.
    pub workers: Servers,
    /// Mean time in seconds that a request spends elsewhere while it holds its worker, whoever else is there.
    pub outside: f64,
    /// The tiers that it calls and where it queues.
    pub calls: Vec<CallStation>,
}

/// A pool of workers in its steady state.
#[derive(Debug, Clone, PartialEq)]
pub struct Layered {
    /// Probability that a request waits for a worker.
    pub wait_probability: f64,
    /// Mean wait of those who wait for a worker, in seconds.
    pub conditional_wait: f64,
    /// Mean time at the servers, queueing for them included.
    pub server_time: f64,
    /// Busy share of the servers.
    pub server_utilization: f64,
    /// Busy share of the workers.
    pub worker_utilization: f64,
    /// Each tier that it calls.
    pub calls: Vec<CallTimes>,
}

/// Mean times of a call in the steady state of its pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CallTimes {
    /// On its way and at the tier, in seconds.
    pub time: f64,
    /// Probability that it waits for a connection.
    pub wait_probability: f64,
    /// Mean wait of those who do, in seconds.
    pub conditional_wait: f64,
    /// Largest call rate that the connections carry over the present one, inverted: 1 is the end; `None` without a limit.
    pub connection_load: Option<f64>,
}

impl CallTimes {
    /// Mean time with the wait for a connection.
    pub fn mean(&self) -> f64 {
        self.time + self.wait_probability * self.conditional_wait
    }
}

/// Weight of the state with all workers held, the largest being about 1, below which it is as good as impossible and its
/// digits may be lost.
const NEVER_HELD: f64 = 1e-280;

/// Most workers whose calls are followed one by one; of more a call takes its time in the open model.
const FOLLOWED: u64 = 2048;

/// Solves workers over servers over calls to other tiers.
///
/// # Formula
///
/// With `n ≤ w` requests inside, `j` of them at the servers, `m_t` in calls to tier `t` and the rest in a delay of mean `D`,
/// the inside is a product form:
///
/// ```text
/// G(n) = Σ f(j)·Π_t g_t(m_t)·D^i/i!    over j + Σ m_t + i = n
/// f(j) = Π_{i ≤ j} 1/(μ·min(i, c)),    g_t(m) = Π_{i ≤ m} v_t·T_t(i)/i
/// ```
///
/// with the times `T_t` of [`CallStation`]. Seen from outside it is one server of the rate `X(n) = G(n − 1)/G(n)`, so
///
/// ```text
/// p(n) ∝ λⁿ·G(n)   n ≤ w,     p(n) = p(w)·(λ/X(w))^(n−w)   n > w
/// P(wait) = P(n ≥ w),   W | wait = 1/(X(w) − λ)
/// ```
///
/// # Method
///
/// Flow equivalence: the fixed point between the time that a worker is held and the number of requests that share the
/// servers and the tiers below is solved in one sum instead of iterated, so there is nothing that might not converge.
/// Weights start at the largest and fall: nothing overflows. Cost `O(w·c + w²·tiers)`. Layers above one another are solved
/// from the bottom up: in an open network the flow of each is known, and its time is part of the `outside` of the one above.
///
/// # Accuracy
///
/// Exact without a limit (`w → ∞`: M/M/c), without calls where `w ≤ c` (M/M/w), and inside for the only pool of tiers of
/// M/M/c. With requests waiting outside, departures are taken as exponential; a service and a call in a row are steadier, so
/// the wait is on the safe side. Against the exact chain of five pools of 2 to 8 workers with exponential calls: the
/// probability to wait within 3 %, the mean wait 9 to 30 % too high, the mean time at the servers within 2 %. Where other
/// pools call the same tier they are there as in the open model, whatever this pool does. Above 2048 workers a pool the
/// tiers below are as in the open model.
///
/// # Errors
///
/// [`QueueError::Unstable`] when `λ ≥ c·μ`, or when `λ ≥ X(w)`: then the load is that of the workers.
///
/// # References
///
/// [Chandy75](crate::references#chandy75), [Lazowska84](crate::references#lazowska84) §9.
pub fn layered(pool: &WorkerPool) -> Result<Layered, QueueError> {
    let servers = Mmc::new(pool.arrival_rate, pool.service_rate, pool.servers)?;
    let lambda = pool.arrival_rate.get();
    let (c, w) = (pool.servers.get(), pool.workers.get());
    let followed = if w <= FOLLOWED { &pool.calls[..] } else { &[] };
    let unfollowed: f64 =
        pool.calls[followed.len()..].iter().map(|call| call.visits * (call.fixed_time + call.open_time)).sum();
    let outside = pool.outside + unfollowed;
    if lambda == 0.0 {
        return Ok(Layered {
            wait_probability: 0.0,
            conditional_wait: 0.0,
            server_time: 1.0 / pool.service_rate.get(),
            server_utilization: 0.0,
            worker_utilization: 0.0,
            calls: pool.calls.iter().map(|call| idle(call, w)).collect(),
        });
    }
    let load = servers.offered_load();
    let count = w.saturating_add(1);
    let at_servers = weights(count, |k| load / k.min(c as f64));
    let in_delay = weights(count, |k| lambda * outside / k);
    let own = convolved(&at_servers, &in_delay, c, servers.utilization());
    let times: Vec<Vec<CallTime>> = followed.iter().map(|call| call.times(w)).collect();
    let in_calls: Vec<Vec<f64>> = followed
        .iter()
        .zip(&times)
        .map(|(call, times)| {
            let flow = lambda * call.visits;
            weights_of(times.iter().zip(1_u64..).map(|(time, k)| flow * time.whole / k as f64))
        })
        .collect();
    // Everything before each call, and everything after it.
    let mut before = vec![own];
    for calls in &in_calls {
        before.push(product(before.last().map_or(&[], Vec::as_slice), calls));
    }
    let inside = before.last().cloned().unwrap_or_default();
    let full = inside.last().copied().unwrap_or(0.0);
    let last = inside.iter().rev().nth(1).copied().unwrap_or(0.0);
    // λ/X(w), the ratio of two neighbouring states; where the workers are never all held, the servers' bound of it.
    let ratio = if full > NEVER_HELD { full / last } else { servers.utilization() };
    if ratio >= 1.0 {
        let busy = ratio * w as f64;
        let offered_load = Erlangs::new(busy).map_err(|_| QueueError::Domain {
            parameter: "load of the workers",
            value: busy,
            domain: "below 1.8e308",
        })?;
        return Err(QueueError::Unstable { offered_load, servers: pool.workers });
    }
    let below: f64 = inside[..inside.len() - 1].iter().sum();
    let waiting = full / (1.0 - ratio);
    let total = below + waiting;
    let held: f64 = inside[..inside.len() - 1].iter().enumerate().map(|(n, weight)| n as f64 * weight).sum();
    let mean_held = (held + w as f64 * waiting) / total;
    let largest_rate = lambda / ratio;
    let mut after = vec![1.0];
    let mut calls = Vec::new();
    let mut in_all_calls = 0.0;
    for number in (0..followed.len()).rev() {
        let rest = product(&before[number], &after);
        let counts = Counts { rest: &rest, own: &in_calls[number], waiting: 1.0 / (1.0 - ratio), total };
        let found = counts.call_times(&followed[number], &times[number], lambda);
        in_all_calls += found.1;
        calls.push(found.0);
        after = product(&after, &in_calls[number]);
    }
    calls.reverse();
    calls.extend(
        pool.calls[followed.len()..]
            .iter()
            .map(|call| CallTimes { time: call.fixed_time + call.open_time, ..idle(call, 1) }),
    );
    let in_calls = in_all_calls / lambda + outside;
    Ok(Layered {
        wait_probability: waiting / total,
        conditional_wait: 1.0 / (largest_rate - lambda),
        server_time: (mean_held / lambda - in_calls).max(1.0 / pool.service_rate.get()),
        server_utilization: servers.utilization(),
        worker_utilization: mean_held / w as f64,
        calls,
    })
}

/// A call that meets nobody of its pool.
fn idle(call: &CallStation, workers: u64) -> CallTimes {
    let first = call.times(workers.min(1)).first().map_or(call.fixed_time + call.service_time, |time| time.inside);
    let load = call.connections.map(|_| 0.0);
    CallTimes { time: first, wait_probability: 0.0, conditional_wait: 0.0, connection_load: load }
}

/// The joint weights of the calls to one tier and of everything else inside.
struct Counts<'a> {
    rest: &'a [f64],
    own: &'a [f64],
    /// Weight of the states with requests outside over that of the state with all workers held.
    waiting: f64,
    total: f64,
}

impl Counts<'_> {
    /// Mean times of a call, and the mean number of calls under way, waiting for connections or not.
    fn call_times(&self, call: &CallStation, times: &[CallTime], lambda: f64) -> (CallTimes, f64) {
        let most = self.own.len() - 1;
        // Sums of the rest, so that the states of each number of calls are summed at once.
        let mut sums = Vec::with_capacity(self.rest.len());
        let mut sum = 0.0;
        for weight in self.rest {
            sum += weight;
            sums.push(sum);
        }
        let probability = |m: usize| {
            let left = most - m;
            let fewer = if left > 0 { sums[left - 1] } else { 0.0 };
            self.own[m] * (fewer + self.rest[left] * self.waiting) / self.total
        };
        let limit = call.connections.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let (mut under_way, mut waiting, mut full) = (0.0, 0.0, 0.0);
        for m in 1..=most {
            let share = probability(m);
            under_way += m as f64 * share;
            if m >= limit {
                waiting += (m - limit) as f64 * share;
                full += share;
            }
        }
        let flow = lambda * call.visits;
        let wait = if flow > 0.0 { waiting / flow } else { 0.0 };
        let time = if flow > 0.0 { (under_way - waiting) / flow } else { call.fixed_time + call.service_time };
        let conditional_wait = if full > 0.0 { wait / full } else { 0.0 };
        // Connections that are all busy let one call through every D(k)/k.
        let connection_load = call.connections.map(|limit| {
            let last = usize::try_from(limit).unwrap_or(usize::MAX).min(times.len());
            let held = times[..last].last().map_or(0.0, |time| time.inside);
            flow * held / limit as f64
        });
        (CallTimes { time, wait_probability: full, conditional_wait, connection_load }, under_way)
    }
}

/// Weights of a product form of two parts, as many as the first has.
fn product(one: &[f64], other: &[f64]) -> Vec<f64> {
    (0..one.len()).map(|n| one[..=n].iter().rev().zip(other).map(|(a, b)| a * b).sum()).collect()
}

/// The first `count` weights of a product of ratios, the largest of them 1.
fn weights(count: u64, ratio: impl Fn(f64) -> f64) -> Vec<f64> {
    weights_of((1..count).map(|k| ratio(k as f64)))
}

/// The weights of a product of ratios, the largest of them 1.
pub(super) fn weights_of(ratios: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut logarithm = 0.0;
    let mut logarithms = vec![0.0];
    for ratio in ratios {
        logarithm += ratio.ln();
        logarithms.push(logarithm);
    }
    let largest = logarithms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    logarithms.into_iter().map(|value| (value - largest).exp()).collect()
}

/// Convolution of the weights at the servers, geometric from `c` on, with those in calls.
fn convolved(at_servers: &[f64], in_calls: &[f64], c: u64, rho: f64) -> Vec<f64> {
    let c = usize::try_from(c).unwrap_or(usize::MAX).min(at_servers.len());
    let edge = at_servers.get(c).copied().unwrap_or(0.0);
    let mut geometric = 0.0;
    (0..at_servers.len())
        .map(|n| {
            let few: f64 = at_servers[..c.min(n + 1)].iter().zip(in_calls[..=n].iter().rev()).map(|(a, b)| a * b).sum();
            if n >= c {
                geometric = rho * geometric + edge * in_calls[n - c];
            }
            few + geometric
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queues::StationFigures;

    fn pool(lambda: f64, servers: u64, workers: u64, outside: f64) -> WorkerPool {
        WorkerPool {
            arrival_rate: ArrivalRate::new(lambda).expect("rate"),
            servers: Servers::new(servers).expect("count"),
            service_rate: ServiceRate::new(1.0).expect("rate"),
            workers: Servers::new(workers).expect("count"),
            outside,
            calls: Vec::new(),
        }
    }

    /// Mean wait, mean time at the servers and probability that all workers are held of the exact chain: `n` requests
    /// there, `j` of them at the servers, calls exponential. States are taken away from the last to the first (Grassmann,
    /// Taksar, Heyman).
    fn exact(lambda: f64, servers: u16, workers: u16, outside: f64) -> [f64; 3] {
        let most = 100;
        let held = |n: u16| n.min(workers);
        let states: Vec<(u16, u16)> = (0..=most).flat_map(|n| (0..=held(n)).map(move |j| (n, j))).collect();
        let at = |n: u16, j: u16| states.binary_search(&(n, j)).expect("a state");
        let band = 2 * usize::from(workers) + 3;
        let mut rates = vec![vec![0.0; states.len()]; states.len()];
        for (index, &(n, j)) in states.iter().enumerate() {
            if n < most {
                // An arrival takes a worker to the servers if there is one.
                rates[index][at(n + 1, if n < workers { j + 1 } else { j })] += lambda;
            }
            if j > 0 {
                rates[index][at(n, j - 1)] += f64::from(j.min(servers));
            }
            if held(n) > j {
                // A call that ends frees a worker, whom the next request takes to the servers at once.
                let next = if n > workers { j + 1 } else { j };
                rates[index][at(n - 1, next)] += f64::from(held(n) - j) / outside;
            }
        }
        for last in (1..states.len()).rev() {
            let first = last.saturating_sub(band);
            let out: f64 = rates[last][first..last].iter().sum();
            for one in first..last {
                let share = rates[one][last] / out;
                rates[one][last] = share;
                let (before, gone) = rates.split_at_mut(last);
                for (rate, onward) in before[one][first..last].iter_mut().zip(&gone[0][first..last]) {
                    *rate += share * onward;
                }
            }
        }
        let mut weights = vec![1.0];
        while weights.len() < states.len() {
            let state = weights.len();
            let first = state.saturating_sub(band);
            weights.push((first..state).map(|one| weights[one] * rates[one][state]).sum());
        }
        let total: f64 = weights.iter().sum();
        let mean = |figure: fn(u16, u16, u16) -> u16| {
            let sum: f64 = weights.iter().zip(&states).map(|(p, &(n, j))| p * f64::from(figure(n, j, workers))).sum();
            sum / total
        };
        let waiting = mean(|n, _, w| n.saturating_sub(w));
        [waiting / lambda, mean(|_, j, _| j) / lambda, mean(|n, _, w| u16::from(n >= w))]
    }

    #[test]
    fn the_exact_chain_agrees() {
        for (lambda, servers, workers, outside) in
            [(0.5, 1, 2, 1.0), (0.5, 1, 4, 3.0), (0.7, 1, 8, 4.0), (1.2, 2, 8, 4.0), (0.8, 2, 3, 1.5)]
        {
            let found = layered(&pool(lambda, servers.into(), workers.into(), outside)).expect("stable");
            let [wait, at_servers, all_held] = exact(lambda, servers, workers, outside);
            let mean_wait = found.wait_probability * found.conditional_wait;
            let case = format!("{lambda} {servers} {workers} {outside}: {found:?}");
            assert!((found.wait_probability / all_held - 1.0).abs() < 0.03, "{case} {all_held}");
            assert!((found.server_time / at_servers - 1.0).abs() < 0.02, "{case} {at_servers}");
            // A service in stages is steadier than an exponential one: the wait is on the safe side.
            assert!((1.0..1.31).contains(&(mean_wait / wait)), "{case} {wait}");
        }
    }

    #[test]
    fn without_a_limit_it_is_the_queue_of_the_servers() {
        let found = layered(&pool(3.2, 4, 2000, 10.0)).expect("stable");
        let queue = Mmc::new(
            ArrivalRate::new(3.2).expect("rate"),
            ServiceRate::new(1.0).expect("rate"),
            Servers::new(4).expect("count"),
        )
        .expect("stable");
        assert!((found.server_time / queue.sojourn_time() - 1.0).abs() < 1e-9, "{}", found.server_time);
        assert!(found.wait_probability < 1e-9);
    }

    /// Without calls a worker beyond the servers only waits elsewhere: workers ≤ servers is M/M/w.
    #[test]
    fn without_calls_workers_are_servers() {
        let found = layered(&pool(1.5, 8, 2, 0.0)).expect("stable");
        let queue = Mmc::new(
            ArrivalRate::new(1.5).expect("rate"),
            ServiceRate::new(1.0).expect("rate"),
            Servers::new(2).expect("count"),
        )
        .expect("stable");
        assert!((found.wait_probability / queue.wait_probability() - 1.0).abs() < 1e-12);
        assert!((found.wait_probability * found.conditional_wait / queue.waiting_time() - 1.0).abs() < 1e-12);
        assert!((1.5 + 1.0 / found.conditional_wait - 2.0).abs() < 1e-12);
    }

    #[test]
    fn workers_that_wait_saturate_before_the_servers() {
        let error = layered(&pool(2.0, 4, 10, 9.0)).expect_err("ten workers of ten seconds each");
        let QueueError::Unstable { offered_load, servers } = error else { unreachable!("{error}") };
        assert_eq!(servers.get(), 10);
        assert!((offered_load.get() - 20.0).abs() < 0.1, "{offered_load:?}");
    }

    #[test]
    fn thousands_of_workers_neither_overflow_nor_vanish() {
        for (lambda, servers, workers, outside) in
            [(900.0, 1000, 20_000, 20.0), (0.9, 1, 10_000, 1e3), (1e-9, 1, 4, 1e3), (60.0, 64, 70, 0.001)]
        {
            let found = layered(&pool(lambda, servers, workers, outside)).expect("stable");
            assert!(found.wait_probability >= 0.0 && found.wait_probability < 1.0, "{found:?}");
            assert!(found.server_time >= 1.0 && found.server_time.is_finite(), "{found:?}");
        }
    }

    /// Four workers over two servers and a database of two: a closed network whose throughput is known.
    #[test]
    fn workers_over_a_database_of_their_own_are_a_closed_network() {
        let mut pool = pool(0.6, 2, 4, 0.0);
        pool.service_rate = ServiceRate::new(1.0 / 5.0).expect("rate");
        pool.arrival_rate = ArrivalRate::new(0.09).expect("rate");
        pool.calls = vec![CallStation {
            service_time: 16.0,
            open_time: 16.0 / (1.0 - 0.72 * 0.72),
            load: 1.44,
            visits: 1.0,
            fixed_time: 0.0,
            servers: 2,
            instances: 1.0,
            others: 0.0,
            connections: None,
        }];
        let found = layered(&pool).expect("stable");
        // G by hand: f(j) = 5, 12.5, 31.25, 78.125 and g(m) = 16, 128, 1024, 8192.
        let (f, g) = ([1.0, 5.0, 12.5, 31.25, 78.125], [1.0, 16.0, 128.0, 1024.0, 8192.0]);
        let sum = |n: usize| (0..=n).map(|j| f[j] * g[n - j]).sum::<f64>();
        assert!(((0.09 + 1.0 / found.conditional_wait) / (sum(3) / sum(4)) - 1.0).abs() < 1e-12, "{found:?}");
        let held = 0.09 * (found.server_time + found.calls[0].time);
        assert!((held / (4.0 * found.worker_utilization) - 1.0).abs() < 1e-12, "Little");
    }
}
