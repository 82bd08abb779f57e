//! Networks of queues in order of arrival, simulated: what approximations are held against.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// A class of jobs.
pub struct SimulatedClass {
    pub arrival_rate: f64,
    pub arrival_scv: f64,
    /// Share of the jobs that begin at each station.
    pub entry: Vec<f64>,
    /// Share of the jobs leaving a station that go to another.
    pub routing: Vec<Vec<f64>>,
    pub service_times: Vec<f64>,
    pub service_scvs: Vec<f64>,
}

/// Response times of each class, sorted; `servers[k]` servers at station `k`.
pub fn simulate(classes: &[SimulatedClass], servers: &[usize], jobs: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut run = Run {
        classes,
        random: Random(seed),
        stations: servers.iter().map(|&count| Station { idle: count, queue: VecDeque::new() }).collect(),
        events: BinaryHeap::new(),
        order: 0,
    };
    for class in 0..classes.len() {
        run.arrive_later(class, 0.0);
    }
    let mut times = vec![Vec::new(); classes.len()];
    let mut done = 0;
    while let Some(Reverse(event)) = run.events.pop() {
        match event.what {
            What::Arrival(class) => {
                run.arrive_later(class, event.time);
                let station = run.random.pick(&classes[class].entry).expect("the shares sum to 1");
                run.join(Job { class, since: event.time }, station, event.time);
            }
            What::Departure(job, station) => {
                match run.stations[station].queue.pop_front() {
                    Some(next) => run.serve(next, station, event.time),
                    None => run.stations[station].idle += 1,
                }
                if let Some(next) = run.random.pick(&classes[job.class].routing[station]) {
                    run.join(job, next, event.time);
                } else {
                    done += 1;
                    // The first tenth only fills the network.
                    if done > jobs / 10 {
                        times[job.class].push(event.time - job.since);
                    }
                    if done == jobs {
                        break;
                    }
                }
            }
        }
    }
    for times in &mut times {
        times.sort_by(f64::total_cmp);
    }
    times
}

/// Mean of a list.
pub fn mean(times: &[f64]) -> f64 {
    times.iter().sum::<f64>() / times.len() as f64
}

#[derive(Clone, Copy)]
struct Job {
    class: usize,
    since: f64,
}

enum What {
    Arrival(usize),
    Departure(Job, usize),
}

struct Event {
    time: f64,
    order: u64,
    what: What,
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Event {}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Event {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.time.total_cmp(&other.time).then(self.order.cmp(&other.order))
    }
}

struct Station {
    idle: usize,
    queue: VecDeque<Job>,
}

struct Run<'a> {
    classes: &'a [SimulatedClass],
    random: Random,
    stations: Vec<Station>,
    events: BinaryHeap<Reverse<Event>>,
    order: u64,
}

impl Run<'_> {
    fn push(&mut self, time: f64, what: What) {
        self.order += 1;
        self.events.push(Reverse(Event { time, order: self.order, what }));
    }

    fn arrive_later(&mut self, class: usize, now: f64) {
        let given = &self.classes[class];
        let interval = self.random.time(1.0 / given.arrival_rate, given.arrival_scv);
        self.push(now + interval, What::Arrival(class));
    }

    fn join(&mut self, job: Job, station: usize, now: f64) {
        if self.stations[station].idle > 0 {
            self.stations[station].idle -= 1;
            self.serve(job, station, now);
        } else {
            self.stations[station].queue.push_back(job);
        }
    }

    fn serve(&mut self, job: Job, station: usize, now: f64) {
        let given = &self.classes[job.class];
        let service = self.random.time(given.service_times[station], given.service_scvs[station]);
        self.push(now + service, What::Departure(job, station));
    }
}

/// Marsaglia's xorshift, multiplied.
pub struct Random(pub u64);

impl Random {
    /// Between 0 and 1, neither of them.
    pub fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Exponential with mean 1.
    pub fn exponential(&mut self) -> f64 {
        -self.uniform().ln()
    }

    /// Erlang, exponential or two exponential phases with balanced means.
    fn time(&mut self, mean: f64, scv: f64) -> f64 {
        if scv == 0.0 {
            mean
        } else if scv < 1.0 {
            let stages = (1.0 / scv).round();
            let mut sum = 0.0;
            let mut stage = 0.0;
            while stage < stages {
                sum += self.exponential();
                stage += 1.0;
            }
            mean * sum / stages
        } else {
            let short = 0.5 * (1.0 + ((scv - 1.0) / (scv + 1.0)).sqrt());
            let share = if self.uniform() < short { short } else { 1.0 - short };
            0.5 * mean / share * self.exponential()
        }
    }

    /// One of the entries by their shares; none with what is left.
    fn pick(&mut self, shares: &[f64]) -> Option<usize> {
        let mut left = self.uniform();
        for (index, share) in shares.iter().enumerate() {
            left -= share;
            if left < 0.0 {
                return Some(index);
            }
        }
        None
    }
}
