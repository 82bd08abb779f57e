/// A tier below, as the requests of one pool of workers or connections see it: their own calls, bounded by the pool, among
/// those of others.
///
/// # Formula
///
/// With `m` own calls under way, spread over `n` instances of `c` servers, and `M` others at an instance (M/M/c at their load):
///
/// ```text
/// D(m) = F + S + w·S·E[max(0, x + M − c)]/c,   x = 1 + (m − 1)/n·S/(F + S),
/// T(m) = D(min(m, k))·m/min(m, k)
/// ```
///
/// where `F` is a delay of each call, `k` the number of connections, each held for the delay too, and `w` fits `D(1)` with everybody among the others to the time of the open model.
///
/// # Special cases
///
/// A pool that is alone: `m` customers at `c` servers, exactly. A pool that is one of many: the time of the open model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CallStation {
    /// Calls of a request to it, on average.
    pub visits: f64,
    /// Mean time of a call on its way, in seconds.
    pub fixed_time: f64,
    /// Mean time of a call at the tier that meets nobody, in seconds.
    pub service_time: f64,
    /// Mean time of a call at the tier in the open model, in seconds.
    pub open_time: f64,
    /// Servers of an instance.
    pub servers: u64,
    /// Instances that calls are spread over.
    pub instances: f64,
    /// Busy servers of an instance, on average.
    pub load: f64,
    /// Share of that load that other pools bring.
    pub others: f64,
    /// Connections of the pool; `None` where they are not limited.
    pub connections: Option<u64>,
}

impl CallStation {
    /// Mean time of a call with 1, 2, … own calls under way, as far as `most`: without the wait for a connection, and with
    /// it.
    pub(super) fn times(&self, most: u64) -> Vec<CallTime> {
        /// A wait below this share of the time is rounding, and so would be its ratio to a tiny excess.
        const RESOLUTION: f64 = 1e-9;
        let crowd = Crowd::new(self.servers, self.load * self.others);
        let all = Crowd::new(self.servers, self.load).excess(1.0);
        let open_wait = self.open_time - self.service_time;
        let known = open_wait > RESOLUTION * self.open_time && all > f64::MIN_POSITIVE;
        let wait = if known { open_wait / all } else { self.service_time / self.servers as f64 };
        let alone = self.fixed_time + self.service_time;
        let there = if alone > 0.0 { self.service_time / alone } else { 0.0 } / self.instances.max(1.0);
        let inside = |own: f64| alone + wait * crowd.excess(1.0 + (own - 1.0) * there);
        let limit = self.connections.map_or(f64::INFINITY, |limit| limit as f64);
        let full = if limit.is_finite() { inside(limit) } else { 0.0 };
        (1..=most)
            .map(|own| own as f64)
            .map(|own| {
                let inside = if own < limit { inside(own) } else { full };
                CallTime { inside, whole: inside * own / own.min(limit) }
            })
            .collect()
    }
}

/// Mean times of a call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CallTime {
    /// On its way and at the tier.
    pub inside: f64,
    /// With the wait for a connection.
    pub whole: f64,
}

/// The others at an instance: M/M/c.
struct Crowd {
    servers: f64,
    /// Probabilities of fewer than `servers`.
    below: Vec<f64>,
    /// Probability of at least `servers`.
    full: f64,
    ratio: f64,
    mean: f64,
}

impl Crowd {
    /// `load` below `servers`.
    fn new(servers: u64, load: f64) -> Self {
        let count = servers as f64;
        let ratio = (load / count).clamp(0.0, 1.0 - 1e-12);
        let load = ratio * count;
        let mut below = Vec::new();
        // Recursion from the mode, where the largest weight is 1.
        let logarithm = |ratio_of: f64, k: f64| if k > 0.0 { (ratio_of / k).ln() } else { 0.0 };
        let mut weight = 0.0;
        for k in 0..servers {
            weight += logarithm(load, k as f64);
            below.push(weight);
        }
        let edge = weight + logarithm(load, count);
        let most = below.iter().copied().fold(edge, f64::max);
        for weight in &mut below {
            *weight = (*weight - most).exp();
        }
        let full = (edge - most).exp() / (1.0 - ratio);
        let total = full + below.iter().sum::<f64>();
        for weight in &mut below {
            *weight /= total;
        }
        let full = full / total;
        let mean =
            below.iter().enumerate().map(|(k, p)| k as f64 * p).sum::<f64>() + full * (count + ratio / (1.0 - ratio));
        Self { servers: count, below, full, ratio, mean }
    }

    /// `E[max(0, own + M − c)]`.
    fn excess(&self, own: f64) -> f64 {
        let free = self.servers - own;
        if free <= 0.0 {
            return self.mean - free;
        }
        let few = self.below.iter().enumerate().map(|(k, p)| p * (k as f64 - free).max(0.0)).sum::<f64>();
        few + self.full * (own + self.ratio / (1.0 - self.ratio))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn station(others: f64, connections: Option<u64>) -> CallStation {
        CallStation {
            visits: 1.0,
            fixed_time: 0.0,
            service_time: 1.0,
            // M/M/2 at a load of 1.2: 1/(1 − 0.6²).
            open_time: 1.0 / (1.0 - 0.36),
            servers: 2,
            instances: 1.0,
            load: 1.2,
            others,
            connections,
        }
    }

    #[test]
    fn rounding_of_the_open_time_is_no_wait() {
        let nearly_idle = CallStation { load: 1e-9, open_time: 1.0 + 4.0 * f64::EPSILON, ..station(0.0, None) };
        let times = nearly_idle.times(4);
        let whole: Vec<f64> = times.iter().map(|time| time.whole).collect();
        for (found, exact) in whole.iter().zip([1.0, 1.0, 1.5, 2.0]) {
            assert!((found - exact).abs() < 1e-8, "{whole:?}");
        }
    }

    #[test]
    fn a_pool_that_is_alone_is_the_station_itself() {
        let times = station(0.0, None).times(4);
        let whole: Vec<f64> = times.iter().map(|time| time.whole).collect();
        for (found, exact) in whole.iter().zip([1.0, 1.0, 1.5, 2.0]) {
            assert!((found - exact).abs() < 1e-12, "{whole:?}");
        }
    }

    #[test]
    fn one_pool_of_many_sees_the_open_model() {
        let first = station(1.0, None).times(1)[0];
        assert!((first.whole * 0.64 - 1.0).abs() < 1e-12, "{first:?}");
    }

    #[test]
    fn calls_beyond_the_connections_wait_for_one() {
        let times = station(0.0, Some(2)).times(4);
        assert_eq!(times.iter().map(|time| time.inside).collect::<Vec<f64>>(), [1.0; 4]);
        assert_eq!(times.iter().map(|time| time.whole).collect::<Vec<f64>>(), [1.0, 1.0, 1.5, 2.0]);
    }
}
