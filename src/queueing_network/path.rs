use std::collections::BTreeSet;

use super::{PathStep, StepWork};
use capplan_queueing::network::{
    Alternative, Branch, Call, NetworkError, PathLaw, Racer, Retries, Slowest, with_alternatives,
};
use capplan_queueing::queues::VisitLaw;

/// The most combinations of certain times that one step of parallel calls may have.
const MOST_COMBINATIONS: usize = 64;

/// Mean flows of a request along its path.
#[derive(Debug, Clone, PartialEq)]
pub struct PathFlows {
    /// Mean visits to each station.
    pub visits: Vec<f64>,
    /// Probability that the path begins at each station; of parallel calls each has its own beginning.
    pub entry: Vec<f64>,
    /// Mean number of times that a request goes from one station to another.
    pub moves: Vec<Vec<f64>>,
}

impl PathFlows {
    /// Follows a path.
    pub fn new(steps: &[PathStep], stations: usize) -> Self {
        let mut flows = Self {
            visits: vec![0.0; stations],
            entry: vec![0.0; stations],
            moves: vec![vec![0.0; stations]; stations],
        };
        let start = Position { outside: 1.0, at: vec![0.0; stations] };
        flows.follow(steps, start);
        flows
    }

    /// Sends requests along the steps and returns where they are then.
    fn follow(&mut self, steps: &[PathStep], mut position: Position) -> Position {
        for step in steps {
            let taking = position.scaled(step.probability.get());
            let passing = position.scaled(1.0 - step.probability.get());
            position = match &step.work {
                StepWork::Nothing | StepWork::Visits { count: 0, .. } => position,
                StepWork::Visits { station, count } => {
                    let visits = step.attempts.mean() * f64::from(*count);
                    let requests = taking.requests();
                    self.visits[*station] += requests * visits;
                    self.entry[*station] += taking.outside;
                    for (from, share) in taking.at.iter().enumerate() {
                        self.moves[from][*station] += share;
                    }
                    // All visits of a step after the first come from the station itself.
                    self.moves[*station][*station] += requests * (visits - 1.0);
                    let mut there = taking.scaled(0.0);
                    there.at[*station] = requests;
                    passing.plus(&there)
                }
                StepWork::Parallel(calls) => {
                    let again = step.attempts.mean() - 1.0;
                    let mut ends = taking.scaled(0.0);
                    for call in calls {
                        let mut end = self.follow(call, taking.clone());
                        if again > 0.0 {
                            // Further attempts begin where the last one ended.
                            end = self.follow(call, end.scaled(again)).scaled(1.0 / again);
                        }
                        ends = ends.plus(&end.scaled(1.0 / calls.len() as f64));
                    }
                    passing.plus(&ends)
                }
            };
        }
        position
    }
}

/// Where a request was last: outside still, or at a station.
#[derive(Debug, Clone)]
struct Position {
    outside: f64,
    at: Vec<f64>,
}

impl Position {
    fn requests(&self) -> f64 {
        self.outside + self.at.iter().sum::<f64>()
    }

    fn scaled(&self, factor: f64) -> Self {
        Self { outside: factor * self.outside, at: self.at.iter().map(|share| factor * share).collect() }
    }

    fn plus(&self, other: &Self) -> Self {
        let at = self.at.iter().zip(&other.at).map(|(one, other)| one + other).collect();
        Self { outside: self.outside + other.outside, at }
    }
}

/// Returns the mean time of a path that does not depend on any station: certain times and pauses. Parallel calls have
/// none of their own.
pub fn certain_time(steps: &[PathStep]) -> f64 {
    steps
        .iter()
        .map(|step| {
            let attempts = &step.attempts;
            let (mut reached, mut paused) = (1.0, 0.0);
            for attempt in 1..attempts.most as usize {
                reached *= attempts.failure_probability.get();
                let pause = attempts.pauses.get(attempt - 1).or(attempts.pauses.last());
                paused += reached * pause.map_or(0.0, |pause| pause.get());
            }
            step.probability.get() * (attempts.mean() * step.fixed_time.get() + paused)
        })
        .sum()
}

/// The groups of calls of a path that are made at the same time.
pub fn parallel_calls(steps: &[PathStep]) -> impl Iterator<Item = &[Vec<PathStep>]> {
    steps.iter().filter_map(|step| match &step.work {
        StepWork::Parallel(calls) => Some(&calls[..]),
        StepWork::Nothing | StepWork::Visits { .. } => None,
    })
}

/// Stations that more than one of the calls made at the same time visit.
pub fn visited_together(calls: &[Vec<PathStep>]) -> BTreeSet<usize> {
    let stations = |call: &Vec<PathStep>| -> BTreeSet<usize> {
        let visited = call.iter().filter_map(|step| match step.work {
            StepWork::Visits { station, .. } => Some(station),
            StepWork::Nothing | StepWork::Parallel(_) => None,
        });
        visited.collect()
    };
    let mut seen = BTreeSet::new();
    calls.iter().flat_map(stations).filter(|station| !seen.insert(*station)).collect()
}

/// What a visit to a station takes.
#[derive(Debug, Clone, PartialEq)]
pub struct StationTime {
    /// The part of it that varies.
    pub law: VisitLaw,
    /// The part that is the same for every visit, in seconds.
    pub constant: f64,
}

/// Returns the law of the response time of requests that follow a path.
///
/// # Method
///
/// Every course that a request may take is a branch: the certain times of its steps, and how often it visits each station
/// and makes each group of parallel calls. A group whose calls have several certain times is a group for each
/// combination, so that the law of the slowest is smooth.
///
/// # Errors
///
/// [`NetworkError::TooManyCourses`] and those of [`PathLaw::new`].
pub fn path_law(steps: &[PathStep], times: &[StationTime]) -> Result<PathLaw, NetworkError> {
    let mut groups = Vec::new();
    let mut options = Vec::new();
    for step in steps {
        options.push(match &step.work {
            StepWork::Parallel(calls) => combinations(calls, times, &mut groups)?,
            StepWork::Nothing | StepWork::Visits { .. } => Vec::new(),
        });
    }
    let columns = times.len() + groups.len();
    let mut branches = vec![start(columns)];
    for (step, combinations) in steps.iter().zip(&options) {
        let alternatives = match &step.work {
            StepWork::Parallel(_) => combinations
                .iter()
                .map(|one| {
                    let mut visits = vec![0; columns];
                    visits[times.len() + one.group] = 1;
                    let call = Call { visits, fixed_time: one.certain_time + step.fixed_time.get() };
                    Alternative { probability: one.probability, call }
                })
                .collect(),
            StepWork::Nothing | StepWork::Visits { .. } => vec![plain(step, times, columns)],
        };
        branches = with_alternatives(&branches, step.probability.get(), &alternatives, &retries(step))?;
    }
    PathLaw::with_parallel(branches, times.iter().map(|time| time.law.clone()), groups)
}

fn start(columns: usize) -> Branch {
    Branch { probability: 1.0, fixed_time: 0.0, visits: vec![0; columns] }
}

fn retries(step: &PathStep) -> Retries {
    Retries {
        failure_probability: step.attempts.failure_probability.get(),
        max_attempts: step.attempts.most,
        pauses: step.attempts.pauses.iter().map(|pause| pause.get()).collect(),
    }
}

/// The one way of a step without parallel calls.
fn plain(step: &PathStep, times: &[StationTime], columns: usize) -> Alternative {
    let mut call = Call { visits: vec![0; columns], fixed_time: step.fixed_time.get() };
    if let StepWork::Visits { station, count } = step.work {
        call.visits[station] = count;
        call.fixed_time += f64::from(count) * times[station].constant;
    }
    Alternative { probability: 1.0, call }
}

/// One combination of certain times of parallel calls.
struct Combination {
    probability: f64,
    /// The largest of the certain times.
    certain_time: f64,
    /// Index of the group of what is left.
    group: usize,
}

/// The courses of one call that share their certain time.
struct Course {
    probability: f64,
    certain_time: f64,
    law: PathLaw,
}

fn combinations(
    calls: &[Vec<PathStep>],
    times: &[StationTime],
    groups: &mut Vec<Slowest>,
) -> Result<Vec<Combination>, NetworkError> {
    let courses = calls.iter().map(|call| courses(call, times)).collect::<Result<Vec<_>, _>>()?;
    let count = courses.iter().map(Vec::len).try_fold(1, usize::checked_mul);
    if count.is_none_or(|count| count > MOST_COMBINATIONS) {
        return Err(NetworkError::TooManyCourses { limit: MOST_COMBINATIONS });
    }
    // One course of each call, in every combination.
    let mut chosen: Vec<Vec<&Course>> = vec![Vec::new()];
    for courses in &courses {
        chosen = chosen
            .iter()
            .flat_map(|before| courses.iter().map(move |course| before.iter().copied().chain([course]).collect()))
            .collect();
    }
    Ok(chosen
        .into_iter()
        .map(|chosen| {
            let certain_time = chosen.iter().map(|course| course.certain_time).fold(0.0, f64::max);
            let racer = |course: &&Course| Racer { law: course.law.clone(), lead: certain_time - course.certain_time };
            groups.push(Slowest::new(chosen.iter().map(racer).collect()));
            let probability = chosen.iter().map(|course| course.probability).product();
            Combination { probability, certain_time, group: groups.len() - 1 }
        })
        .collect())
}

fn courses(call: &[PathStep], times: &[StationTime]) -> Result<Vec<Course>, NetworkError> {
    let mut branches = vec![start(times.len())];
    for step in call {
        let alternative = plain(step, times, times.len());
        branches = with_alternatives(&branches, step.probability.get(), &[alternative], &retries(step))?;
    }
    branches.sort_by(|one, other| one.fixed_time.total_cmp(&other.fixed_time));
    branches
        .chunk_by(|one, other| one.fixed_time == other.fixed_time)
        .map(|same| {
            let probability: f64 = same.iter().map(|branch| branch.probability).sum();
            let share = |branch: &Branch| Branch {
                probability: branch.probability / probability,
                fixed_time: 0.0,
                visits: branch.visits.clone(),
            };
            let law = PathLaw::new(same.iter().map(share).collect(), times.iter().map(|time| time.law.clone()))?;
            Ok(Course { probability, certain_time: same[0].fixed_time, law })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queueing_network::Attempts;
    use capplan_queueing::queues::ServiceLaw;
    use capplan_queueing::units::{Probability, Seconds};

    fn step(work: StepWork, fixed: f64, probability: f64, failure: f64, most: u32) -> PathStep {
        let share = |value| Probability::new(value).expect("share");
        PathStep {
            work,
            fixed_time: Seconds::new(fixed).expect("time"),
            probability: share(probability),
            attempts: Attempts {
                failure_probability: share(failure),
                most,
                pauses: vec![Seconds::new(0.25).expect("time")],
            },
        }
    }

    fn visit(station: usize) -> PathStep {
        step(StepWork::Visits { station, count: 1 }, 0.0, 1.0, 0.0, 1)
    }

    fn exponential(mean: f64) -> StationTime {
        StationTime { law: VisitLaw::without_waiting(ServiceLaw::Exponential { mean }), constant: 0.0 }
    }

    #[test]
    fn optional_steps_and_retries_load_the_stations() {
        let steps = [
            visit(0),
            step(StepWork::Visits { station: 1, count: 2 }, 0.0, 0.25, 0.5, 3),
            step(StepWork::Parallel(vec![vec![visit(0)], vec![visit(2), visit(2)]]), 0.0, 0.5, 0.0, 1),
        ];
        let flows = PathFlows::new(&steps, 3);
        assert_eq!(flows.visits, [1.5, 0.25 * 2.0 * 1.75, 1.0]);
        assert_eq!(flows.entry, [1.0, 0.0, 0.0]);
        assert_eq!(flows.moves[0][1], 0.25);
        assert_eq!(flows.moves[1][1], 0.25 * 2.5);
        // Half of the requests fork from where they are.
        assert_eq!(flows.moves[1][2], 0.125);
        assert_eq!(flows.moves[0][2], 0.375);
        assert_eq!(flows.moves[2][2], 0.5);
    }

    /// What comes to a station is what leaves it or ends there.
    #[test]
    fn flow_is_conserved_along_a_path() {
        let steps = [
            step(StepWork::Visits { station: 0, count: 3 }, 0.1, 0.7, 0.2, 4),
            step(StepWork::Nothing, 0.1, 1.0, 0.0, 1),
            step(StepWork::Visits { station: 1, count: 1 }, 0.0, 0.4, 0.9, 2),
            visit(0),
        ];
        let flows = PathFlows::new(&steps, 2);
        for station in 0..2 {
            let into = flows.entry[station] + flows.moves.iter().map(|row| row[station]).sum::<f64>();
            assert!((into - flows.visits[station]).abs() < 1e-14, "{station}");
            let onward: f64 = flows.moves[station].iter().sum();
            let ending = if station == 0 { 1.0 } else { 0.0 };
            assert!((onward + ending - flows.visits[station]).abs() < 1e-14, "{station}");
        }
    }

    #[test]
    fn the_mean_of_the_law_is_that_of_its_steps() {
        let steps = [
            step(StepWork::Visits { station: 0, count: 2 }, 0.1, 1.0, 0.0, 1),
            step(StepWork::Visits { station: 1, count: 1 }, 0.2, 0.3, 0.5, 3),
        ];
        let law = path_law(&steps, &[exponential(1.0), exponential(2.0)]).expect("valid");
        let flows = PathFlows::new(&steps, 2);
        let mean = flows.visits[0] + 2.0 * flows.visits[1] + certain_time(&steps);
        assert!((law.mean() - mean).abs() < 1e-13, "{} {mean}", law.mean());
        assert!((certain_time(&steps) - (0.1 + 0.3 * (1.75 * 0.2 + 0.75 * 0.25))).abs() < 1e-15);
    }

    /// Two exponential calls at the same time: the sum of an exponential of twice the rate and one of the rate.
    #[test]
    fn parallel_calls_take_as_long_as_the_slowest() {
        let calls = StepWork::Parallel(vec![vec![visit(0)], vec![visit(1)]]);
        let steps = [step(calls, 0.5, 1.0, 0.0, 1)];
        let law = path_law(&steps, &[exponential(1.0), exponential(1.0)]).expect("valid");
        assert!((law.mean() - 2.0).abs() < 1e-9);
        for time in [1.0, 2.0, 6.0_f64] {
            let within = (1.0 - (0.5 - time).exp()).powi(2);
            assert!((law.cdf(time) - within).abs() < 1e-8, "{time}");
        }
    }

    /// A call that pauses before its second attempt against one that takes a certain time.
    #[test]
    fn certain_times_of_parallel_calls_are_no_steps_in_the_inversion() {
        let retried = step(StepWork::Visits { station: 0, count: 1 }, 0.0, 1.0, 0.5, 2);
        let certain = step(StepWork::Nothing, 1.0, 1.0, 0.0, 1);
        let steps = [step(StepWork::Parallel(vec![vec![retried], vec![certain]]), 0.0, 1.0, 0.0, 1)];
        let law = path_law(&steps, &[exponential(1.0)]).expect("valid");
        let once = |time: f64| 1.0 - (-time).exp();
        let twice = |time: f64| 1.0 - (1.0 + time) * (-time).exp();
        for time in [1.0 + 1e-9, 1.1, 3.0] {
            let within = 0.5 * once(time) + 0.5 * twice(time - 0.25);
            assert!((law.cdf(time) - within).abs() < 1e-7, "{time}: {} {within}", law.cdf(time));
        }
        assert_eq!(law.cdf(0.999), 0.0);
    }

    #[test]
    fn too_many_courses_are_refused_with_the_way_out() {
        let wild = |_| vec![step(StepWork::Visits { station: 0, count: 1 }, 0.1, 0.5, 0.5, 4)];
        let calls: Vec<Vec<PathStep>> = (0..4).map(wild).collect();
        let error = path_law(&[step(StepWork::Parallel(calls), 0.0, 1.0, 0.0, 1)], &[exponential(1.0)]);
        assert_eq!(
            error.expect_err("many").to_string(),
            "a request may take more than 64 different courses; the limit is 64: have fewer optional steps, fewer \
             attempts, or the same pause before each of them"
        );
    }
}
