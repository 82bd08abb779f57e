//! A small simulation of a station with priorities, the measure of its laws.

use crate::queues::tests::simulation::Generator;

/// A class of simulated jobs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Jobs {
    pub arrival_rate: f64,
    pub service_time: f64,
    pub law: JobLaw,
}

/// Law of a simulated service.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum JobLaw {
    Constant,
    Exponential,
    /// Two exponential branches with balanced means.
    Hyperexponential(f64),
}

/// What an urgent job does to one in service.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Discipline {
    Nonpreemptive,
    PreemptiveResume,
}

/// A job that has left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visit {
    pub class: usize,
    /// Until its service began.
    pub wait: f64,
    /// Until it left.
    pub sojourn: f64,
}

#[derive(Debug, Clone, Copy)]
struct Present {
    class: usize,
    came: f64,
    began: Option<f64>,
    left: f64,
}

fn drawn(generator: &mut Generator, jobs: &Jobs) -> f64 {
    jobs.service_time
        * match jobs.law {
            JobLaw::Constant => 1.0,
            JobLaw::Exponential => generator.exponential(),
            JobLaw::Hyperexponential(scv) => {
                let often = 0.5 * (1.0 + ((scv - 1.0) / (scv + 1.0)).sqrt());
                let share = if generator.uniform() < often { often } else { 1.0 - often };
                0.5 / share * generator.exponential()
            }
        }
}

/// Returns the visits in the order of departure, the first tenth left out.
///
/// The jobs present stand in order of class and arrival; those in service are the first `servers` of them, or those that
/// have begun and then the first others.
pub(super) fn simulated(classes: &[Jobs], servers: usize, discipline: Discipline, count: usize) -> Vec<Visit> {
    let mut generator = Generator::new();
    let mut arrivals: Vec<f64> = classes.iter().map(|jobs| generator.exponential() / jobs.arrival_rate).collect();
    let (mut now, mut present, mut visits): (f64, Vec<Present>, Vec<Visit>) = (0.0, Vec::new(), Vec::new());
    while visits.len() < count {
        let mut serving: Vec<usize> = (0..present.len()).collect();
        if discipline == Discipline::Nonpreemptive {
            serving.sort_by_key(|&place| present[place].began.is_none());
        }
        serving.truncate(servers);
        for &place in &serving {
            present[place].began.get_or_insert(now);
        }
        let class =
            (0..classes.len()).min_by(|&one, &other| arrivals[one].total_cmp(&arrivals[other])).expect("a class");
        let next = serving.iter().copied().min_by(|&one, &other| present[one].left.total_cmp(&present[other].left));
        let end = next.map_or(f64::INFINITY, |place| now + present[place].left);
        let passed = arrivals[class].min(end) - now;
        for &place in &serving {
            present[place].left -= passed;
        }
        now += passed;
        if let Some(place) = next.filter(|_| end <= arrivals[class]) {
            let job = present.remove(place);
            let wait = job.began.expect("it was served") - job.came;
            visits.push(Visit { class: job.class, wait, sojourn: now - job.came });
        } else {
            let place = present.partition_point(|job| job.class <= class);
            let left = drawn(&mut generator, &classes[class]);
            present.insert(place, Present { class, came: now, began: None, left });
            arrivals[class] += generator.exponential() / classes[class].arrival_rate;
        }
    }
    visits.split_off(count / 10)
}
