/// Nothing is exactly at a kink in floating point.
const AT_KINK: f64 = 1e-9;

/// Requests that come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Demand {
    /// At a rate, whatever happens to them.
    Open { rate: f64 },
    /// From people who each wait, think and ask again: `(N − q)/cycle` while `q` of them wait longer than usual.
    Closed { users: f64, cycle: f64, think_time: f64 },
}

/// What requests meet for a while.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Flow {
    pub demand: Demand,
    /// Share that does not fail at once.
    pub served: f64,
    /// Requests per second, those that fail at once among them, that saturate the system.
    pub capacity: f64,
    /// Time after which an attempt is given up.
    pub timeout: f64,
    /// Attempts after that; the system works on those given up as well. Without any, nobody works on them.
    pub retries: u32,
}

/// Requests that wait.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Queue {
    /// Attempts in the queue.
    pub backlog: f64,
    /// Requests among them that somebody still waits for.
    pub pending: f64,
}

/// A stretch of time in which nothing changes its course.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stretch {
    /// Infinite for a course that goes on for ever.
    pub length: f64,
    pub course: Direction,
    /// Requests that come, as a rate and in all; the sums are 0 for an endless stretch.
    pub arrival_rate: f64,
    /// Attempts that come, first ones and others, on average and at most.
    pub attempt_rate: f64,
    pub peak_attempt_rate: f64,
    pub arrivals: f64,
    pub served: f64,
    pub served_rate: f64,
    /// Requests per second that the system works on, in vain or not.
    pub work_rate: f64,
    pub failed_at_once: f64,
    pub timed_out: f64,
    pub after: Queue,
}

/// What the backlog does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// There is none.
    None,
    /// It grows or shrinks.
    Moves,
    /// It stands at what clients wait for; what comes beyond is given up.
    Stands,
    /// Everything that is served was given up before.
    InVain,
    /// Nothing is served.
    Down,
}

impl Flow {
    /// Requests per second that come and do not fail at once, while `backlog` wait.
    fn admitted(&self, backlog: f64) -> f64 {
        self.served
            * match self.demand {
                Demand::Open { rate } => rate,
                Demand::Closed { users, cycle, .. } => (users - backlog).max(0.0) / cycle,
            }
    }

    /// Requests per second that are served at most.
    fn throughput(&self) -> f64 {
        self.served * self.capacity
    }

    /// Attempts per second when each fails.
    pub fn worst_attempts(&self) -> f64 {
        let attempts = f64::from(self.retries) + 1.0;
        self.served
            * attempts
            * match self.demand {
                Demand::Open { rate } => rate,
                Demand::Closed { users, think_time, .. } => users / (think_time + attempts * self.timeout),
            }
    }

    /// How long to follow a backlog of users at a time, so that the means of a stretch tell its course: until half of what
    /// it still grows by is there, and without an end once it is there for all that matters.
    pub fn pace(&self, before: Queue) -> f64 {
        /// Share of the last backlog that does not matter.
        const NEARLY: f64 = 0.01;
        let Demand::Closed { users, cycle, .. } = self.demand else { return f64::INFINITY };
        let relaxation = self.served / cycle;
        let rest = users - self.throughput() / relaxation;
        let throughput = self.throughput();
        let has_room = before.backlog < self.timeout * throughput * (1.0 - AT_KINK);
        let grows = throughput > 0.0 && has_room && before.backlog < rest * (1.0 - NEARLY);
        if grows { std::f64::consts::LN_2 / relaxation } else { f64::INFINITY }
    }

    /// Follows the backlog until its course changes, at most for `longest` seconds.
    ///
    /// # Formula
    ///
    /// A fluid: with admitted requests `a(q)` and throughput `k`,
    ///
    /// ```text
    /// dq/dt = a(q) − k    while 0 < q < τk, with a(q) = λ, or (N − q)/cycle for users
    /// q = τk: the rest is given up; with r retries the attempts of those who gave up fill the queue,
    /// dq/dt = a_r − k with a_r = (r + 1)λ, or (r + 1)N/(Z + (r + 1)τ), and all that is served comes too late
    /// ```
    pub fn advance(&self, before: Queue, longest: f64) -> Stretch {
        let throughput = self.throughput();
        if throughput <= 0.0 {
            return self.down(before, longest);
        }
        let patience = self.timeout * throughput;
        let mut queue = before;
        let mut given_up = 0.0;
        let worst = self.worst_attempts();
        let at_patience = queue.backlog >= patience * (1.0 - AT_KINK) && queue.backlog > 0.0;
        if self.retries == 0 && queue.backlog > patience {
            given_up = queue.backlog - patience;
            queue = Queue { backlog: patience, pending: patience };
        }
        let storms = self.retries > 0
            && (queue.backlog > patience * (1.0 + AT_KINK)
                || (at_patience && worst > throughput && self.admitted(queue.backlog) > throughput));
        let mut stretch = if storms {
            self.in_vain(queue, patience, worst, longest)
        } else if at_patience && self.admitted(queue.backlog) > throughput {
            self.standing(queue, longest)
        } else if queue.backlog > 0.0 || self.admitted(0.0) > throughput {
            self.moving(queue, patience, longest)
        } else {
            self.idle(longest)
        };
        stretch.timed_out += given_up;
        stretch
    }

    fn stretch(&self, course: Direction, length: f64, arrival_rate: f64, after: Queue) -> Stretch {
        Stretch {
            length,
            course,
            arrival_rate,
            attempt_rate: arrival_rate,
            peak_attempt_rate: arrival_rate,
            arrivals: 0.0,
            served: 0.0,
            served_rate: 0.0,
            work_rate: arrival_rate.min(self.capacity),
            failed_at_once: 0.0,
            timed_out: 0.0,
            after,
        }
    }

    /// Fills in the sums of a stretch with an end, so that what comes is served, fails or waits.
    fn settled(&self, before: Queue, mut stretch: Stretch, arrivals: f64, timed_out: f64) -> Stretch {
        if stretch.length.is_finite() {
            stretch.arrivals = arrivals;
            stretch.failed_at_once = (1.0 - self.served) * arrivals;
            stretch.timed_out = timed_out;
            stretch.served = (before.pending + self.served * arrivals - timed_out - stretch.after.pending).max(0.0);
        }
        stretch
    }

    fn down(&self, before: Queue, longest: f64) -> Stretch {
        let rate = match self.demand {
            Demand::Open { rate } => rate,
            Demand::Closed { users, cycle, .. } => users / cycle,
        };
        let mut stretch = self.stretch(Direction::Down, longest, rate, Queue::default());
        stretch.work_rate = 0.0;
        if longest.is_finite() {
            stretch.arrivals = rate * longest;
            stretch.failed_at_once = stretch.arrivals;
        }
        stretch.timed_out = before.pending;
        stretch
    }

    fn idle(&self, longest: f64) -> Stretch {
        let rate = self.admitted(0.0) / self.served;
        let mut stretch = self.stretch(Direction::None, longest, rate, Queue::default());
        stretch.served_rate = self.admitted(0.0);
        self.settled(Queue::default(), stretch, rate * longest, 0.0)
    }

    fn moving(&self, before: Queue, patience: f64, longest: f64) -> Stretch {
        let throughput = self.throughput();
        let (backlog, length) = match self.demand {
            Demand::Open { .. } => {
                let growth = self.admitted(0.0) - throughput;
                let (goal, time) = if growth > 0.0 {
                    (patience, (patience - before.backlog) / growth)
                } else {
                    (0.0, before.backlog / -growth)
                };
                if time <= longest { (goal, time) } else { (before.backlog + growth * longest, longest) }
            }
            Demand::Closed { users, cycle, .. } => {
                let relaxation = self.served / cycle;
                let rest = users - throughput / relaxation;
                let goal = if rest > before.backlog { patience } else { 0.0 };
                let reached = (rest > before.backlog && rest > goal) || rest < 0.0;
                let time =
                    if reached { ((before.backlog - rest) / (goal - rest)).ln() / relaxation } else { f64::INFINITY };
                if time <= longest && time.is_finite() {
                    (goal, time)
                } else {
                    (rest + (before.backlog - rest) * (-relaxation * longest).exp(), longest)
                }
            }
        };
        let length = length.max(0.0);
        // What comes is what is worked off and what the backlog gains.
        let admitted = backlog - before.backlog + throughput * length;
        let arrivals = admitted.max(0.0) / self.served;
        let backlog = backlog.max(0.0);
        let pending = if self.retries == 0 { backlog } else { backlog.min(before.pending + self.served * arrivals) };
        let rate =
            if length > 0.0 && length.is_finite() { arrivals / length } else { self.admitted(backlog) / self.served };
        let mut stretch = self.stretch(Direction::Moves, length, rate, Queue { backlog, pending });
        stretch.work_rate = self.capacity;
        stretch.peak_attempt_rate = self.admitted(before.backlog).max(self.admitted(backlog)) / self.served;
        stretch.served_rate = throughput;
        self.settled(before, stretch, arrivals, 0.0)
    }

    fn standing(&self, before: Queue, longest: f64) -> Stretch {
        let rate = self.admitted(before.backlog) / self.served;
        let excess = self.served * rate - self.throughput();
        let mut stretch = self.stretch(Direction::Stands, longest, rate, before);
        stretch.work_rate = self.capacity;
        stretch.served_rate = self.throughput();
        self.settled(before, stretch, rate * longest, excess * longest)
    }

    fn in_vain(&self, before: Queue, patience: f64, attempts: f64, longest: f64) -> Stretch {
        let throughput = self.throughput();
        let growth = attempts - throughput;
        let time = if growth < 0.0 { (before.backlog - patience).max(0.0) / -growth } else { f64::INFINITY };
        let length = time.min(longest);
        let backlog = if time <= longest && time.is_finite() {
            patience * (1.0 - 2.0 * AT_KINK)
        } else if length.is_finite() {
            before.backlog + growth * length
        } else {
            before.backlog
        };
        let rate = attempts / (f64::from(self.retries) + 1.0) / self.served;
        let arrivals = if length.is_finite() { rate * length } else { 0.0 };
        let waiting = before.pending + self.served * arrivals;
        // Of users no more wait than there are; the rest of the queue was given up.
        let people = match self.demand {
            Demand::Open { .. } => f64::INFINITY,
            Demand::Closed { users, .. } => users,
        };
        let pending = backlog.min(patience).min(waiting).min(people);
        let mut stretch = self.stretch(Direction::InVain, length, rate, Queue { backlog, pending });
        stretch.work_rate = throughput.min(attempts) / self.served;
        stretch.attempt_rate = attempts / self.served;
        stretch.peak_attempt_rate = stretch.attempt_rate;
        self.settled(before, stretch, arrivals, waiting - pending)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use capplan_queueing::overload::{Degradation, Trigger, metastable_trigger, overload_backlog};
    use capplan_queueing::units::{ArrivalRate, Seconds};

    fn open(rate: f64, capacity: f64, timeout: f64, retries: u32) -> Flow {
        Flow { demand: Demand::Open { rate }, served: 1.0, capacity, timeout, retries }
    }

    /// Follows a flow to the end of a time; returns all stretches.
    fn follow(flow: &Flow, queue: &mut Queue, time: f64) -> Vec<Stretch> {
        let mut left = time;
        let mut stretches = Vec::new();
        while left > 0.0 && stretches.len() < 1000 {
            let stretch = flow.advance(*queue, left);
            left -= stretch.length;
            *queue = stretch.after;
            stretches.push(stretch);
        }
        stretches
    }

    fn rate(value: f64) -> ArrivalRate {
        ArrivalRate::new(value).expect("a rate")
    }

    #[test]
    fn a_backlog_drains_as_the_formula_says() {
        let mut queue = Queue::default();
        follow(&open(1000.0, 800.0, 1e9, 0), &mut queue, 900.0);
        let cost = overload_backlog(
            &Degradation {
                arrival_rate: rate(1000.0),
                degraded_capacity: rate(800.0),
                normal_capacity: rate(1200.0),
                length: Seconds::new(900.0).expect("a time"),
            },
            Seconds::new(1.0).expect("a time"),
        );
        let cost = cost.expect("a backlog");
        assert!((queue.backlog - cost.peak_backlog).abs() < 1e-6);
        let drain = open(1000.0, 1200.0, 1e9, 0).advance(queue, f64::INFINITY);
        assert!((drain.length - cost.drain_time).abs() < 1e-6);
        assert_eq!(drain.after, Queue::default());
    }

    #[test]
    fn waiting_users_do_not_ask() {
        // 1000 users, a cycle of 10 s, half the capacity that they need: 500 wait in the end.
        let demand = Demand::Closed { users: 1000.0, cycle: 10.0, think_time: 9.9 };
        let flow = Flow { demand, served: 1.0, capacity: 50.0, timeout: 1e9, retries: 0 };
        let end = flow.advance(Queue::default(), f64::INFINITY);
        assert_eq!((end.length, end.course), (f64::INFINITY, Direction::Moves));
        assert!((end.after.backlog - 500.0).abs() < 1e-9 && (end.arrival_rate - 50.0).abs() < 1e-9);
        let after_a_cycle = flow.advance(Queue::default(), 10.0);
        assert!((after_a_cycle.after.backlog - 500.0 * (1.0 - (-1.0_f64).exp())).abs() < 1e-9);
    }

    #[test]
    fn what_nobody_waits_for_is_given_up() {
        let mut queue = Queue::default();
        let stretches = follow(&open(100.0, 50.0, 4.0, 0), &mut queue, 10.0);
        // 200 wait after 4 s; then 50 a second are served and 50 given up.
        assert_eq!(stretches.len(), 2);
        assert_eq!((stretches[1].course, queue.backlog), (Direction::Stands, 200.0));
        assert!((stretches[1].timed_out - 300.0).abs() < 1e-9);
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
        let fluid = open(20.0, 10.0, 1e9, 0).advance(Queue::default(), 2000.0).after.backlog;
        assert!((waiting / fluid - 1.0).abs() < 0.05, "{waiting} {fluid}");
    }

    proptest! {
        #[test]
        fn what_comes_is_served_fails_or_waits(
            loads in proptest::collection::vec((0.0..300.0_f64, 0.0..200.0_f64, 0.1..1.0_f64, 0.1..50.0_f64), 1..6),
            timeout in 0.1..30.0_f64, retries in 0_u32..4, closed in proptest::bool::ANY,
        ) {
            let mut queue = Queue::default();
            let (mut arrivals, mut gone) = (0.0, 0.0);
            for (rate, capacity, served, time) in loads {
                let demand = if closed {
                    Demand::Closed { users: rate * 10.0, cycle: 10.0, think_time: 9.0 }
                } else {
                    Demand::Open { rate }
                };
                let flow = Flow { demand, served, capacity, timeout, retries };
                for stretch in follow(&flow, &mut queue, time) {
                    arrivals += stretch.arrivals;
                    gone += stretch.served + stretch.failed_at_once + stretch.timed_out;
                    prop_assert!(stretch.timed_out >= -1e-9 && stretch.served >= -1e-9);
                }
            }
            prop_assert!((arrivals - gone - queue.pending).abs() < 1e-6 * (1.0 + arrivals), "{arrivals} {gone} {queue:?}");
        }

        #[test]
        fn a_trigger_leaves_what_the_formula_says(
            load in 100.0..900.0_f64, factor in 1.5..5.0_f64, length in 1.0..200.0_f64, retries in 1_u32..4,
        ) {
            let trigger = Trigger {
                arrival_rate: rate(load),
                capacity: rate(1000.0),
                trigger_arrival_rate: rate(load * factor),
                trigger_capacity: rate(1000.0),
                length: Seconds::new(length).expect("a time"),
                timeout: Seconds::new(5.0).expect("a time"),
                max_retries: u64::from(retries),
            };
            let known = metastable_trigger(&trigger).expect("an answer");
            // At the boundary between two answers either is right.
            prop_assume!((known.waiting_time_after_trigger / 5.0 - 1.0).abs() > 1e-3);
            let mut queue = Queue::default();
            follow(&open(load * factor, 1000.0, 5.0, retries), &mut queue, length);
            prop_assert!((queue.backlog - known.backlog_after_trigger).abs() <= 1e-5 * (1.0 + queue.backlog));
            let calm = open(load, 1000.0, 5.0, retries);
            let mut recovery = 0.0;
            for _ in 0..4 {
                let stretch = calm.advance(queue, f64::INFINITY);
                if stretch.course == Direction::None {
                    break;
                }
                recovery += stretch.length;
                queue = stretch.after;
            }
            let time = known.recovery.unwrap_or(f64::INFINITY);
            let close = recovery == time || (recovery - time).abs() <= 1e-4 * (1.0 + time);
            prop_assert!(close, "{recovery} {time}");
        }
    }
}
