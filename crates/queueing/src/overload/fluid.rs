/// A backlog within this relative distance of the one that clients tolerate is that one.
const ROUNDING: f64 = 1e-9;

/// Where the requests of a [`FluidQueue`] come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FluidDemand {
    /// A constant arrival rate in requests per second, whatever happens to the requests.
    Open {
        /// `λ ≥ 0`.
        arrival_rate: f64,
    },
    /// A fixed number of users who wait, think and ask again.
    Closed {
        /// Number of users `N ≥ 0`.
        users: f64,
        /// Mean time `T > 0` in seconds from one request of a user to the next without a backlog.
        cycle_time: f64,
        /// Think time `Z ≥ 0` in seconds.
        think_time: f64,
    },
}

/// What clients do about a long wait.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FluidClients {
    /// They wait for as long as it takes.
    WaitForever,
    /// They give up after `timeout` seconds; the server drops their requests.
    GiveUp {
        /// `τ ≥ 0`.
        timeout: f64,
    },
    /// They give up an attempt after `timeout` seconds and retry at once, up to `max_retries` times; the server cannot
    /// tell and serves the abandoned attempts as well.
    Retry {
        /// `τ ≥ 0`.
        timeout: f64,
        /// Attempts `r` after the first.
        max_retries: u64,
    },
}

/// Requests in the queue of a fluid model.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FluidBacklog {
    /// Attempts in the queue, abandoned ones included.
    pub attempts: f64,
    /// Requests among them whose client still waits.
    pub pending: f64,
}

/// What the backlog of a [`FluidQueue`] does during a [`FluidInterval`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BacklogRegime {
    /// The queue is empty.
    Empty,
    /// The backlog grows or drains.
    Changing,
    /// The wait equals the timeout; clients in excess of the capacity give up.
    AtTimeout,
    /// The wait exceeds the timeout: every attempt fails, and retries arrive in its place.
    RetryStorm,
    /// Every request fails on arrival.
    Down,
}

/// A time in which a [`FluidQueue`] stays in one regime. Rates per second; sums are 0 where it has no end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FluidInterval {
    /// Length in seconds; infinite where the regime lasts for ever.
    pub duration: f64,
    /// What the backlog does.
    pub regime: BacklogRegime,
    /// Mean arrival rate of requests, retries not counted.
    pub arrival_rate: f64,
    /// Mean arrival rate of attempts, retries included.
    pub attempt_rate: f64,
    /// Largest arrival rate of attempts.
    pub peak_attempt_rate: f64,
    /// Rate of requests answered in time.
    pub served_rate: f64,
    /// Rate of attempts that the server works on, abandoned ones included.
    pub work_rate: f64,
    /// Requests that arrive.
    pub arrivals: f64,
    /// Requests answered in time.
    pub served: f64,
    /// Requests that fail on arrival.
    pub failed_on_arrival: f64,
    /// Requests that time out.
    pub timed_out: f64,
    /// The backlog at the end.
    pub after: FluidBacklog,
}

/// A queue with constant demand and capacity as a fluid: requests are a flow, and the queue is its integral.
///
/// # Formula
///
/// With `q` attempts in the queue, admitted rate `a(q)` and throughput `k` (`served_share` times `capacity`):
///
/// ```text
/// dq/dt = a(q) − k        while 0 < q < τ·k;   a(q) = λ, or (N − q)/T for users
/// q = τ·k                 clients who give up: the excess a(q) − k times out
/// dq/dt = a_r − k         clients who retry, q ≥ τ·k and a_r > k, or q > τ·k: no attempt is answered in time;
///                         a_r = (r + 1)·λ, or (r + 1)·N/(Z + (r + 1)·τ) for users
/// ```
///
/// Both demands are multiplied by `served_share`. For users the solution is the exponential
/// `q(t) = q∞ + (q₀ − q∞)·e^(−t·served_share/T)` with `q∞ = N − T·capacity`.
///
/// # Units
///
/// Rates per second, times in seconds, numbers of requests. `0 ≤ served_share ≤ 1`, `0 ≤ capacity ≤ ∞`.
///
/// # Accuracy
///
/// Exact for a fluid. A real queue waits besides, as its station says; its backlog differs from the fluid's by the
/// standard deviation of arrivals and services, within a few per cent once the backlog is large. Near the boundary of a retry
/// storm a real queue may go either way.
///
/// # References
///
/// [Kleinrock76](crate::references#kleinrock76) §2.7, fluid approximation of rush hours;
/// [Bronson21](crate::references#bronson21), retries that keep an overload alive.
///
/// # Examples
///
/// ```
/// use capplan_queueing::overload::{FluidBacklog, FluidClients, FluidDemand, FluidQueue};
///
/// // 100 requests/s meet a capacity of 50/s for 4 s: 200 wait, and drain in 4 s once 100/s can be served.
/// let rush = FluidQueue {
///     demand: FluidDemand::Open { arrival_rate: 100.0 },
///     served_share: 1.0,
///     capacity: 50.0,
///     clients: FluidClients::WaitForever,
/// };
/// let backlog = rush.advance(FluidBacklog::default(), 4.0).after;
/// assert_eq!(backlog.attempts, 200.0);
/// let calm = FluidQueue { demand: FluidDemand::Open { arrival_rate: 50.0 }, capacity: 100.0, ..rush };
/// assert_eq!(calm.advance(backlog, f64::INFINITY).duration, 4.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FluidQueue {
    /// Where requests come from.
    pub demand: FluidDemand,
    /// Share of the requests that does not fail on arrival.
    pub served_share: f64,
    /// Largest rate of requests that the server keeps up with, those that fail on arrival included.
    pub capacity: f64,
    /// What clients do about a long wait.
    pub clients: FluidClients,
}

impl FluidQueue {
    /// Admitted requests per second while `backlog` attempts wait.
    fn admitted(&self, backlog: f64) -> f64 {
        self.served_share
            * match self.demand {
                FluidDemand::Open { arrival_rate } => arrival_rate,
                FluidDemand::Closed { users, cycle_time, .. } => (users - backlog).max(0.0) / cycle_time,
            }
    }

    /// Largest rate of requests that are served.
    pub fn throughput(&self) -> f64 {
        if self.served_share > 0.0 { self.served_share * self.capacity } else { 0.0 }
    }

    /// Largest number of attempts in the queue whose clients still wait.
    pub fn tolerated_backlog(&self) -> f64 {
        match self.clients {
            FluidClients::WaitForever => f64::INFINITY,
            FluidClients::GiveUp { timeout } | FluidClients::Retry { timeout, .. } => timeout * self.throughput(),
        }
    }

    /// Attempts per second when every attempt times out.
    pub fn worst_attempt_rate(&self) -> f64 {
        let (timeout, attempts) = match self.clients {
            FluidClients::WaitForever => (f64::INFINITY, 1.0),
            FluidClients::GiveUp { timeout } => (timeout, 1.0),
            FluidClients::Retry { timeout, max_retries } => (timeout, max_retries as f64 + 1.0),
        };
        self.served_share
            * attempts
            * match self.demand {
                FluidDemand::Open { arrival_rate } => arrival_rate,
                FluidDemand::Closed { users, think_time, .. } => users / (think_time + attempts * timeout),
            }
    }

    /// Share of the attempts to refuse, `1 − k/a_r`, for a retry storm to end; 0 where it ends by itself.
    pub fn shed_to_recover(&self) -> f64 {
        (1.0 - self.throughput() / self.worst_attempt_rate()).max(0.0)
    }

    /// The backlog of users in the long run, if nobody gives up; negative where the capacity suffices.
    fn resting_backlog(&self, users: f64, relaxation: f64) -> f64 {
        users - self.throughput() / relaxation
    }

    /// Longest interval in seconds whose means still describe a growing backlog of users: half the way to its limit.
    ///
    /// Infinite for an open demand, for a draining backlog, and within 1 % of the limit.
    pub fn resolution(&self, before: FluidBacklog) -> f64 {
        /// Distance from the limit, as a share of it, that does not matter.
        const NEARLY: f64 = 0.01;
        let FluidDemand::Closed { users, cycle_time, .. } = self.demand else { return f64::INFINITY };
        let relaxation = self.served_share / cycle_time;
        let limit = self.resting_backlog(users, relaxation) * (1.0 - NEARLY);
        let grows = self.throughput() > 0.0
            && before.attempts < self.tolerated_backlog() * (1.0 - ROUNDING)
            && before.attempts < limit;
        if grows { std::f64::consts::LN_2 / relaxation } else { f64::INFINITY }
    }

    /// Follows the backlog until its regime changes, for at most `longest` seconds.
    pub fn advance(&self, before: FluidBacklog, longest: f64) -> FluidInterval {
        if self.served_share <= 0.0 {
            return self.down(before, longest);
        }
        let throughput = self.throughput();
        let tolerated = self.tolerated_backlog();
        let drops = matches!(self.clients, FluidClients::GiveUp { .. });
        let mut backlog = before;
        let mut given_up = 0.0;
        if drops && backlog.attempts > tolerated {
            given_up = backlog.attempts - tolerated;
            backlog = FluidBacklog { attempts: tolerated, pending: tolerated };
        }
        let exceeds = self.admitted(backlog.attempts) > throughput;
        let at_timeout = backlog.attempts >= tolerated * (1.0 - ROUNDING) && exceeds;
        let storms = !drops
            && (backlog.attempts > tolerated * (1.0 + ROUNDING)
                || (at_timeout && self.worst_attempt_rate() > throughput));
        let mut interval = if storms {
            self.retry_storm(backlog, longest)
        } else if at_timeout {
            self.at_timeout(backlog, longest)
        } else if backlog.attempts > 0.0 || exceeds {
            self.changing(backlog, longest)
        } else {
            self.empty(longest)
        };
        interval.timed_out += given_up;
        interval
    }

    /// Follows the backlog through all regimes of `duration` seconds; the last may have no end.
    pub fn follow(&self, before: FluidBacklog, duration: f64) -> impl Iterator<Item = FluidInterval> {
        let queue = *self;
        let mut state = (before, duration);
        std::iter::from_fn(move || {
            let (backlog, left) = state;
            let interval = (left > 0.0).then(|| queue.advance(backlog, left))?;
            state = (interval.after, if interval.duration.is_finite() { left - interval.duration } else { 0.0 });
            Some(interval)
        })
    }

    fn interval(&self, regime: BacklogRegime, duration: f64, arrival_rate: f64, after: FluidBacklog) -> FluidInterval {
        FluidInterval {
            duration,
            regime,
            arrival_rate,
            attempt_rate: arrival_rate,
            peak_attempt_rate: arrival_rate,
            served_rate: 0.0,
            work_rate: arrival_rate.min(self.capacity),
            arrivals: 0.0,
            served: 0.0,
            failed_on_arrival: 0.0,
            timed_out: 0.0,
            after,
        }
    }

    /// Fills in the sums of an interval with an end, so that each request that arrives is served, fails or waits.
    fn with_sums(
        &self,
        before: FluidBacklog,
        mut interval: FluidInterval,
        arrivals: f64,
        timed_out: f64,
    ) -> FluidInterval {
        if interval.duration.is_finite() {
            interval.arrivals = arrivals;
            interval.failed_on_arrival = (1.0 - self.served_share) * arrivals;
            interval.timed_out = timed_out;
            let admitted = self.served_share * arrivals;
            interval.served = (before.pending + admitted - timed_out - interval.after.pending).max(0.0);
        }
        interval
    }

    fn down(&self, before: FluidBacklog, longest: f64) -> FluidInterval {
        let rate = match self.demand {
            FluidDemand::Open { arrival_rate } => arrival_rate,
            FluidDemand::Closed { users, cycle_time, .. } => users / cycle_time,
        };
        let mut interval = self.interval(BacklogRegime::Down, longest, rate, FluidBacklog::default());
        interval.work_rate = 0.0;
        if longest.is_finite() {
            interval.arrivals = rate * longest;
            interval.failed_on_arrival = interval.arrivals;
        }
        interval.timed_out = before.pending;
        interval
    }

    fn empty(&self, longest: f64) -> FluidInterval {
        let rate = self.admitted(0.0) / self.served_share;
        let mut interval = self.interval(BacklogRegime::Empty, longest, rate, FluidBacklog::default());
        interval.served_rate = self.admitted(0.0);
        self.with_sums(FluidBacklog::default(), interval, rate * longest, 0.0)
    }

    fn changing(&self, before: FluidBacklog, longest: f64) -> FluidInterval {
        let throughput = self.throughput();
        let (goal, time) = self.next_goal(before.attempts);
        let (backlog, duration) = if time <= longest && time.is_finite() {
            (goal, time)
        } else {
            (self.backlog_after(before.attempts, longest), longest)
        };
        let duration = duration.max(0.0);
        // Arrivals from the balance of the queue: admitted = served + gained.
        let admitted = backlog - before.attempts + throughput * duration;
        let arrivals = admitted.max(0.0) / self.served_share;
        let attempts = backlog.max(0.0);
        let pending = match self.clients {
            FluidClients::Retry { .. } => attempts.min(before.pending + self.served_share * arrivals),
            FluidClients::WaitForever | FluidClients::GiveUp { .. } => attempts,
        };
        let rate = if duration > 0.0 && duration.is_finite() {
            arrivals / duration
        } else {
            self.admitted(attempts) / self.served_share
        };
        let after = FluidBacklog { attempts, pending };
        let mut interval = self.interval(BacklogRegime::Changing, duration, rate, after);
        interval.work_rate = self.capacity;
        interval.peak_attempt_rate = self.admitted(before.attempts).max(self.admitted(attempts)) / self.served_share;
        interval.served_rate = throughput;
        self.with_sums(before, interval, arrivals, 0.0)
    }

    /// The backlog at which the regime changes, and the time until then; infinite if it never does.
    fn next_goal(&self, before: f64) -> (f64, f64) {
        let (throughput, tolerated) = (self.throughput(), self.tolerated_backlog());
        if throughput.is_infinite() {
            return (0.0, 0.0);
        }
        match self.demand {
            FluidDemand::Open { .. } => {
                let growth = self.admitted(0.0) - throughput;
                let goal = if growth > 0.0 { tolerated } else { 0.0 };
                (goal, (goal - before) / growth)
            }
            FluidDemand::Closed { users, cycle_time, .. } => {
                let relaxation = self.served_share / cycle_time;
                let rest = self.resting_backlog(users, relaxation);
                let goal = if rest > before { tolerated } else { 0.0 };
                // The same comparison as in `advance`: rounding cannot make the two disagree.
                let reached = rest < 0.0 || (rest > before && self.admitted(tolerated) > throughput);
                let time = || ((before - rest) / (goal - rest)).ln() / relaxation;
                (goal, if reached { time() } else { f64::INFINITY })
            }
        }
    }

    /// The backlog after `time` seconds without a change of regime.
    fn backlog_after(&self, before: f64, time: f64) -> f64 {
        match self.demand {
            FluidDemand::Open { .. } => {
                let growth = self.admitted(0.0) - self.throughput();
                if growth == 0.0 { before } else { before + growth * time }
            }
            FluidDemand::Closed { users, cycle_time, .. } => {
                let relaxation = self.served_share / cycle_time;
                let rest = self.resting_backlog(users, relaxation);
                rest + (before - rest) * (-relaxation * time).exp()
            }
        }
    }

    fn at_timeout(&self, before: FluidBacklog, longest: f64) -> FluidInterval {
        let rate = self.admitted(before.attempts) / self.served_share;
        let excess = self.served_share * rate - self.throughput();
        let mut interval = self.interval(BacklogRegime::AtTimeout, longest, rate, before);
        interval.work_rate = self.capacity;
        interval.served_rate = self.throughput();
        self.with_sums(before, interval, rate * longest, excess * longest)
    }

    fn retry_storm(&self, before: FluidBacklog, longest: f64) -> FluidInterval {
        let (throughput, tolerated, attempt_rate) =
            (self.throughput(), self.tolerated_backlog(), self.worst_attempt_rate());
        let growth = attempt_rate - throughput;
        let time = if growth < 0.0 { (before.attempts - tolerated).max(0.0) / -growth } else { f64::INFINITY };
        let duration = time.min(longest);
        let attempts = if time <= longest && time.is_finite() {
            tolerated
        } else if duration.is_finite() {
            before.attempts + growth * duration
        } else {
            before.attempts
        };
        // Each request arrives once and is retried until its client has no retries left.
        let tries = match self.clients {
            FluidClients::Retry { max_retries, .. } => max_retries as f64 + 1.0,
            FluidClients::WaitForever | FluidClients::GiveUp { .. } => 1.0,
        };
        let rate = attempt_rate / tries / self.served_share;
        let arrivals = if duration.is_finite() { rate * duration } else { 0.0 };
        let waiting = before.pending + self.served_share * arrivals;
        // No more users wait than there are; the rest of the queue was abandoned.
        let people = match self.demand {
            FluidDemand::Open { .. } => f64::INFINITY,
            FluidDemand::Closed { users, .. } => users,
        };
        let pending = attempts.min(tolerated).min(waiting).min(people);
        let mut interval = self.interval(BacklogRegime::RetryStorm, duration, rate, FluidBacklog { attempts, pending });
        interval.work_rate = throughput.min(attempt_rate) / self.served_share;
        interval.attempt_rate = attempt_rate / self.served_share;
        interval.peak_attempt_rate = interval.attempt_rate;
        self.with_sums(before, interval, arrivals, waiting - pending)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GIVE_UP: FluidClients = FluidClients::GiveUp { timeout: 4.0 };

    fn open(arrival_rate: f64, capacity: f64, clients: FluidClients) -> FluidQueue {
        FluidQueue { demand: FluidDemand::Open { arrival_rate }, served_share: 1.0, capacity, clients }
    }

    /// Follows a queue to the end of a time and keeps its backlog.
    fn follow(queue: &FluidQueue, backlog: &mut FluidBacklog, time: f64) -> Vec<FluidInterval> {
        let intervals: Vec<FluidInterval> = queue.follow(*backlog, time).take(1000).collect();
        *backlog = intervals.last().map_or(*backlog, |last| last.after);
        intervals
    }

    #[test]
    fn waiting_users_send_no_requests() {
        // 1000 users, a cycle of 10 s, half the capacity that they need: 500 wait in the end.
        let demand = FluidDemand::Closed { users: 1000.0, cycle_time: 10.0, think_time: 9.9 };
        let queue = FluidQueue { demand, served_share: 1.0, capacity: 50.0, clients: FluidClients::WaitForever };
        let end = queue.advance(FluidBacklog::default(), f64::INFINITY);
        assert_eq!((end.duration, end.regime), (f64::INFINITY, BacklogRegime::Changing));
        assert!((end.after.attempts - 500.0).abs() < 1e-9 && (end.arrival_rate - 50.0).abs() < 1e-9);
        let after_a_cycle = queue.advance(FluidBacklog::default(), 10.0);
        assert!((after_a_cycle.after.attempts - 500.0 * (1.0 - (-1.0_f64).exp())).abs() < 1e-9);
        // With capacity for all of them the queue empties at once.
        let enough = FluidQueue { capacity: f64::INFINITY, ..queue };
        let drained: Vec<BacklogRegime> = enough.follow(end.after, 1.0).map(|interval| interval.regime).collect();
        assert_eq!(drained, [BacklogRegime::Changing, BacklogRegime::Empty]);
    }

    #[test]
    fn requests_that_time_out_are_dropped() {
        let mut backlog = FluidBacklog::default();
        let intervals = follow(&open(100.0, 50.0, GIVE_UP), &mut backlog, 10.0);
        // 200 wait after 4 s; then 50 a second are served and 50 time out.
        assert_eq!(intervals.len(), 2);
        assert_eq!((intervals[1].regime, backlog.attempts), (BacklogRegime::AtTimeout, 200.0));
        assert!((intervals[1].timed_out - 300.0).abs() < 1e-9);
    }

    #[test]
    fn a_server_without_capacity_times_out_from_the_start() {
        let regimes = |clients| open(100.0, 0.0, clients).advance(FluidBacklog::default(), 2.0);
        let dropped = regimes(GIVE_UP);
        assert_eq!((dropped.regime, dropped.timed_out), (BacklogRegime::AtTimeout, 200.0));
        let retried = regimes(FluidClients::Retry { timeout: 4.0, max_retries: 2 });
        assert_eq!((retried.regime, retried.after.attempts), (BacklogRegime::RetryStorm, 600.0));
        let patient = regimes(FluidClients::WaitForever);
        assert_eq!((patient.regime, patient.after.attempts), (BacklogRegime::Changing, 200.0));
    }

    #[test]
    fn a_backlog_stands_when_demand_equals_capacity() {
        let backlog = FluidBacklog { attempts: 20.0, pending: 20.0 };
        let stands = open(50.0, 50.0, FluidClients::WaitForever).advance(backlog, f64::INFINITY);
        assert_eq!((stands.duration, stands.after), (f64::INFINITY, backlog));
    }

    #[test]
    fn simulated_arrivals_leave_the_backlog_of_the_fluid() {
        // One server, exponential times from a fixed sequence, load 2 for 2000 s.
        let mut state = 1_u64;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            -(((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64).ln()
        };
        let (mut arrival, mut free, mut ends) = (0.0_f64, 0.0_f64, Vec::new());
        while arrival < 2000.0 {
            arrival += draw() / 20.0;
            free = free.max(arrival) + draw() / 10.0;
            ends.push(free);
        }
        let waiting = ends.iter().filter(|&&end| end > 2000.0).count() as f64;
        let fluid = open(20.0, 10.0, FluidClients::WaitForever).advance(FluidBacklog::default(), 2000.0);
        assert!((waiting / fluid.after.attempts - 1.0).abs() < 0.05, "{waiting} {fluid:?}");
    }

    proptest! {
        #[test]
        fn each_request_is_served_fails_or_waits(
            loads in proptest::collection::vec((0.0..300.0_f64, 0.0..200.0_f64, 0.1..1.0_f64, 0.1..50.0_f64), 1..6),
            timeout in 0.1..30.0_f64, retries in 0_u64..4, closed in proptest::bool::ANY,
        ) {
            let mut backlog = FluidBacklog::default();
            let (mut arrivals, mut gone) = (0.0, 0.0);
            let clients = match retries {
                0 => FluidClients::GiveUp { timeout },
                max_retries => FluidClients::Retry { timeout, max_retries },
            };
            for (arrival_rate, capacity, served_share, time) in loads {
                let demand = if closed {
                    FluidDemand::Closed { users: arrival_rate * 10.0, cycle_time: 10.0, think_time: 9.0 }
                } else {
                    FluidDemand::Open { arrival_rate }
                };
                let queue = FluidQueue { demand, served_share, capacity, clients };
                let intervals = follow(&queue, &mut backlog, time);
                prop_assert!(intervals.len() < 1000);
                for interval in intervals {
                    arrivals += interval.arrivals;
                    gone += interval.served + interval.failed_on_arrival + interval.timed_out;
                    prop_assert!(interval.timed_out >= -1e-9 && interval.served >= -1e-9);
                }
            }
            let error = arrivals - gone - backlog.pending;
            prop_assert!(error.abs() < 1e-6 * (1.0 + arrivals), "{arrivals} {gone} {backlog:?}");
        }

        #[test]
        fn a_fine_walk_through_time_has_the_same_backlog(
            rate in 50.0..300.0_f64, capacity in 20.0..200.0_f64, served_share in 0.1..1.0_f64,
            timeout in 0.5..20.0_f64, retries in 0_u64..4, closed in proptest::bool::ANY,
        ) {
            let clients = match retries {
                0 => FluidClients::GiveUp { timeout },
                max_retries => FluidClients::Retry { timeout, max_retries },
            };
            let demand = if closed {
                FluidDemand::Closed { users: rate * 10.0, cycle_time: 10.0, think_time: 9.0 }
            } else {
                FluidDemand::Open { arrival_rate: rate }
            };
            let queue = FluidQueue { demand, served_share, capacity, clients };
            let (throughput, tolerated) = (queue.throughput(), queue.tolerated_backlog());
            // Next to the switch between two regimes the walk may take the wrong one.
            let balance = queue.worst_attempt_rate() / throughput;
            let at_tolerated = queue.admitted(tolerated) / throughput;
            prop_assume!((balance - 1.0).abs() > 0.02 && (at_tolerated - 1.0).abs() > 0.02);
            let (mut walked, step) = (0.0_f64, 1e-3);
            for _ in 0..60_000 {
                let storms = retries > 0 && walked >= tolerated;
                let rate = if storms { queue.worst_attempt_rate() } else { queue.admitted(walked) };
                walked = (walked + (rate - throughput) * step).max(0.0);
                if retries == 0 { walked = walked.min(tolerated); }
            }
            let mut backlog = FluidBacklog::default();
            follow(&queue, &mut backlog, 60.0);
            let error = (backlog.attempts - walked).abs();
            prop_assert!(error <= 0.02 * (1.0 + tolerated.max(walked)) + rate * 5.0 * step, "{backlog:?} {walked}");
        }
    }
}
