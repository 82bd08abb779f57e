use crate::network::{NetworkError, StationKind};

use super::lattice::Lattice;
use super::{convolution, finite_parts, lattice_convolution, lattice_mva, linearizer, schweitzer, single_class};

/// The most steps of an exact method: some ten seconds.
const MAX_STEPS: f64 = 5e9;

/// The most bytes of the tables of an exact method.
const MAX_BYTES: f64 = 2.0 * 1024.0 * 1024.0 * 1024.0;

/// The most servers of a station that an exact lattice resolves: beyond, the probability of an empty station leaves
/// the range of a double.
const MAX_LATTICE_SERVERS: usize = 700;

/// How a closed network is solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosedMethod {
    /// Exact, by mean value analysis or convolution.
    Exact,
    /// The fixed point of Bard and Schweitzer; several servers by Seidmann's transformation.
    Schweitzer,
    /// The fixed point of Chandy and Neuse; several servers by Seidmann's transformation.
    Linearizer,
}

/// The way in which a network was solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosedAlgorithm {
    /// Mean value analysis: exact.
    MeanValueAnalysis,
    /// Convolution: exact.
    Convolution,
    /// Bard and Schweitzer's fixed point.
    Schweitzer,
    /// The same, with Seidmann's transformation of stations with several servers.
    SchweitzerSeidmann,
    /// Chandy and Neuse's fixed point.
    Linearizer,
    /// The same, with Seidmann's transformation of stations with several servers.
    LinearizerSeidmann,
}

impl ClosedAlgorithm {
    /// Whether its figures are exact.
    pub const fn is_exact(self) -> bool {
        matches!(self, Self::MeanValueAnalysis | Self::Convolution)
    }

    /// The same where stations with several servers were transformed beforehand.
    pub(in crate::network) const fn with_seidmann(self) -> Self {
        match self {
            Self::Schweitzer => Self::SchweitzerSeidmann,
            Self::Linearizer => Self::LinearizerSeidmann,
            other => other,
        }
    }

    /// What reports call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MeanValueAnalysis => "exact: mean value analysis",
            Self::Convolution => "exact: convolution",
            Self::Schweitzer => "approximate: Bard-Schweitzer",
            Self::SchweitzerSeidmann => "approximate: Bard-Schweitzer, several servers by Seidmann",
            Self::Linearizer => "approximate: linearizer of Chandy and Neuse",
            Self::LinearizerSeidmann => "approximate: linearizer of Chandy and Neuse, several servers by Seidmann",
        }
    }
}

/// A closed product-form network: classes with fixed populations that share stations.
///
/// # Formula
///
/// ```text
/// π(n) = Π_k f_k(n_k) / G(N),   f_k(n) = |n|!/Π_r n_r! · Π_r D_rk^(n_r) / Π_{j ≤ |n|} μ_k(j)
/// X_r = G(N − e_r) / G(N)
/// ```
///
/// with `D_rk` the service demand (visits times service time) of class `r` at station `k` and `μ_k(j)` its relative
/// speed with `j` jobs: `min(j, c)` for `c` servers, `j` for a delay station.
///
/// Exact for exponential service in order of arrival with one mean for all classes, and for any service law with
/// processor sharing, at delay stations and with preemption by the last arrival (BCMP).
///
/// # Method
///
/// | network | method | cost |
/// |---|---|---|
/// | one class, single servers and delays | mean value analysis | `O(N·K)` |
/// | one class, several servers or speeds that never fall | mean value analysis of single servers, convolved with the finite parts of the stations | `O(N·K + (Σ√c_k)²)` |
/// | one class, speeds that fall | convolution in throughputs (see below) | `O(N·Σ c_k)` |
/// | classes, single servers and delays | mean value analysis on the lattice, one slab in memory | `O(R·K·Π(N_r + 1))` |
/// | classes, several servers or any speeds | convolution on the lattice, level by level | `O(R·Π(N_r + 1)·Σ c_k·log K)` |
///
/// Mean value analysis with several servers takes the probability of an empty station as 1 minus a sum; near
/// saturation that cancels, and the answer becomes wrong or negative. Here it is the ratio of the normalising constants
/// without and with the station, so every step adds positive numbers. A station with as many servers as there are jobs
/// is a delay.
///
/// # Accuracy
///
/// Exact methods: relative error below 1e-11 for up to a million jobs of one class (against 80-digit arithmetic, and
/// against Markov chains solved by linear algebra). [`ClosedMethod::Schweitzer`]: throughput commonly within 5 %, queues
/// within 20 %; [`ClosedMethod::Linearizer`]: within 1 % and 2 %, and never more than all the time of a station. Seidmann's transformation adds 4 to 13 % on the
/// queues of stations with several servers.
///
/// # References
///
/// [Baskett75](crate::references#baskett75), [Reiser80](crate::references#reiser80), [Buzen73](crate::references#buzen73),
/// [Reiser81](crate::references#reiser81), [Schweitzer79](crate::references#schweitzer79),
/// [Chandy82](crate::references#chandy82), [Seidmann87](crate::references#seidmann87),
/// [Bolch06](crate::references#bolch06) §8.
///
/// # Examples
///
/// ```
/// use capplan_queueing::network::{ClosedMethod, ClosedNetwork, StationKind};
///
/// let stations = vec![StationKind::SINGLE; 3];
/// let network = ClosedNetwork::new(vec![3], vec![15.0], vec![vec![0.605, 2.1, 1.35]], stations)?;
/// let solution = network.solve(ClosedMethod::Exact)?;
/// assert!((solution.throughput[0] - 0.151_516_492_347_095_55).abs() < 1e-15);
/// # Ok::<(), capplan_queueing::network::NetworkError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ClosedNetwork {
    populations: Vec<u64>,
    think_times: Vec<f64>,
    demands: Vec<Vec<f64>>,
    stations: Vec<StationKind>,
}

/// Means of a closed network in its steady state. Tables are `[class][station]`.
#[derive(Debug, Clone, PartialEq)]
pub struct ClosedSolution {
    /// Jobs of each class that complete per second.
    pub throughput: Vec<f64>,
    /// Mean time of a job of each class at the stations, without its think time.
    pub response_times: Vec<f64>,
    /// Mean time at each station over all visits.
    pub residence_times: Vec<Vec<f64>>,
    /// Mean number at each station.
    pub mean_in_system: Vec<Vec<f64>>,
    /// Share of the highest speed of a station that a class uses; `None` for a delay station.
    pub utilization: Vec<Vec<Option<f64>>>,
    /// How it was solved.
    pub algorithm: ClosedAlgorithm,
    /// Iterations of a fixed point; 0 for an exact method.
    pub iterations: u32,
    /// Largest relative change of a queue in the last iteration; 0 for an exact method.
    pub residual: f64,
}

/// A closed network and what a job from outside finds there.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::network) struct Seen {
    /// Its means.
    pub solution: ClosedSolution,
    /// Service times that the job stays at each station: `E[(n + 1)/μ(n + 1)]` over the number `n` of closed jobs there.
    /// Where there are more servers than closed jobs it is 1; with as many, only a single server is looked at.
    pub stretch: Vec<f64>,
}

/// The queueing part of a network: delays folded into think times, empty classes and idle stations left out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Core<'a> {
    /// Jobs of each class, above 0.
    pub populations: Vec<usize>,
    /// Think times with the demands at delay stations.
    pub think_times: Vec<f64>,
    /// Demands `[class][station]` at the stations below.
    pub demands: Vec<Vec<f64>>,
    /// Stations with a queue that somebody visits.
    pub stations: Vec<&'a StationKind>,
}

/// What a method returns for a [`Core`]: throughputs, and mean numbers `[class][station]`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Means {
    /// Jobs of each class per second.
    pub throughput: Vec<f64>,
    /// Mean numbers.
    pub mean_in_system: Vec<Vec<f64>>,
    /// Service times that a job from outside stays at each station, finding everybody: `E[(n + 1)/μ(n + 1)]`.
    pub stretch: Vec<f64>,
    /// Iterations.
    pub iterations: u32,
    /// Largest relative change in the last of them.
    pub residual: f64,
}

impl ClosedNetwork {
    /// Puts a network together: `demands[class][station]` in seconds, `think_times` in seconds.
    ///
    /// # Errors
    ///
    /// [`NetworkError::Empty`] without a class or a station, [`NetworkError::Lengths`] for lists of different lengths,
    /// [`NetworkError::ClassValue`] and [`NetworkError::Value`] for a negative or infinite time or speed,
    /// [`NetworkError::NoDemand`] for a class whose jobs take no time anywhere.
    pub fn new(
        populations: Vec<u64>,
        think_times: Vec<f64>,
        demands: Vec<Vec<f64>>,
        stations: Vec<StationKind>,
    ) -> Result<Self, NetworkError> {
        let classes = populations.len();
        if classes == 0 {
            return Err(NetworkError::Empty { what: "the list of populations" });
        }
        if stations.is_empty() {
            return Err(NetworkError::Empty { what: "the list of stations" });
        }
        for (what, found) in [("think times", think_times.len()), ("rows of service demands", demands.len())] {
            if found != classes {
                return Err(NetworkError::Lengths { what, found, expected: classes, of: "classes" });
            }
        }
        for (station, kind) in stations.iter().enumerate() {
            kind.check(station)?;
        }
        for (class, (row, &think_time)) in demands.iter().zip(&think_times).enumerate() {
            let domain = "finite and at least 0";
            if row.len() != stations.len() {
                let (found, expected) = (row.len(), stations.len());
                return Err(NetworkError::Lengths {
                    what: "service demands of a class",
                    found,
                    expected,
                    of: "stations",
                });
            }
            if !(think_time >= 0.0 && think_time.is_finite()) {
                return Err(NetworkError::ClassValue { what: "think time", class, value: think_time, domain });
            }
            if let Some(&value) = row.iter().find(|demand| !(**demand >= 0.0 && demand.is_finite())) {
                return Err(NetworkError::ClassValue { what: "a service demand", class, value, domain });
            }
            if think_time == 0.0 && row.iter().all(|&demand| demand == 0.0) {
                return Err(NetworkError::NoDemand { class });
            }
        }
        Ok(Self { populations, think_times, demands, stations })
    }

    /// Jobs of each class.
    pub fn populations(&self) -> &[u64] {
        &self.populations
    }

    /// Think times of each class.
    pub fn think_times(&self) -> &[f64] {
        &self.think_times
    }

    /// Solves the network.
    ///
    /// # Errors
    ///
    /// [`NetworkError::TooLarge`] when an exact method would take more than some ten seconds or two gibibytes,
    /// [`NetworkError::NotConverged`] for a fixed point that does not settle, [`NetworkError::Unsupported`] for an
    /// approximation of a station with a list of speeds.
    pub fn solve(&self, method: ClosedMethod) -> Result<ClosedSolution, NetworkError> {
        Ok(self.seen_from_outside(method)?.solution)
    }

    /// Solves the network, with what a job from outside finds there.
    pub(in crate::network) fn seen_from_outside(&self, method: ClosedMethod) -> Result<Seen, NetworkError> {
        let (core, classes, stations) = self.core()?;
        let means = if core.populations.is_empty() {
            let stretch = Vec::new();
            Means { throughput: Vec::new(), mean_in_system: Vec::new(), stretch, iterations: 0, residual: 0.0 }
        } else {
            match method {
                ClosedMethod::Exact => exact(&core)?,
                ClosedMethod::Schweitzer => schweitzer::solve(&core)?,
                ClosedMethod::Linearizer => linearizer::solve(&core)?,
            }
        };
        let single = core.stations.iter().all(|kind| kind.is_single());
        let algorithm = match (method, single) {
            (ClosedMethod::Exact, true) => ClosedAlgorithm::MeanValueAnalysis,
            (ClosedMethod::Exact, false) => ClosedAlgorithm::Convolution,
            (ClosedMethod::Schweitzer, true) => ClosedAlgorithm::Schweitzer,
            (ClosedMethod::Schweitzer, false) => ClosedAlgorithm::SchweitzerSeidmann,
            (ClosedMethod::Linearizer, true) => ClosedAlgorithm::Linearizer,
            (ClosedMethod::Linearizer, false) => ClosedAlgorithm::LinearizerSeidmann,
        };
        let solution = self.assemble(&means, algorithm, &classes, &stations);
        let found = |station: usize| solution.mean_in_system.iter().map(|row| row[station]).sum::<f64>();
        let mut stretch: Vec<f64> = self
            .stations
            .iter()
            .enumerate()
            // The only job never waits for another at a single server, but a job from outside waits for it.
            .map(|(station, kind)| if kind.is_single() { 1.0 + found(station) } else { kind.stretch_alone() })
            .collect();
        for (&station, &found) in stations.iter().zip(&means.stretch) {
            stretch[station] = found;
        }
        Ok(Seen { solution, stretch })
    }

    /// The queueing part, with the indices of its classes and stations.
    fn core(&self) -> Result<(Core<'_>, Vec<usize>, Vec<usize>), NetworkError> {
        let classes: Vec<usize> = (0..self.populations.len()).filter(|&class| self.populations[class] > 0).collect();
        let jobs: u64 = self.populations.iter().fold(0, |sum, &jobs| sum.saturating_add(jobs));
        let never_waits = |kind: &StationKind| match kind {
            StationKind::Delay => true,
            StationKind::Servers(servers) => servers.get() >= jobs,
            StationKind::LoadDependent(_) => false,
        };
        let visited = |station: usize| classes.iter().any(|&class| self.demands[class][station] > 0.0);
        let queues: Vec<usize> = (0..self.stations.len())
            .filter(|&station| !never_waits(&self.stations[station]) && visited(station))
            .collect();
        let populations = classes
            .iter()
            .map(|&class| {
                let limit = NetworkError::TooLarge { what: "a population", value: jobs as f64, limit: MAX_STEPS };
                usize::try_from(self.populations[class]).map_err(|_| limit)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let think_times = classes
            .iter()
            .map(|&class| {
                let delays = (0..self.stations.len()).filter(|&station| never_waits(&self.stations[station]));
                self.think_times[class] + delays.map(|station| self.demands[class][station]).sum::<f64>()
            })
            .collect();
        let demands =
            classes.iter().map(|&class| queues.iter().map(|&station| self.demands[class][station]).collect()).collect();
        let stations = queues.iter().map(|&station| &self.stations[station]).collect();
        Ok((Core { populations, think_times, demands, stations }, classes, queues))
    }

    fn assemble(
        &self,
        means: &Means,
        algorithm: ClosedAlgorithm,
        classes: &[usize],
        queues: &[usize],
    ) -> ClosedSolution {
        let (count, stations) = (self.populations.len(), self.stations.len());
        let mut solution = ClosedSolution {
            throughput: vec![0.0; count],
            response_times: vec![0.0; count],
            residence_times: vec![vec![0.0; stations]; count],
            mean_in_system: vec![vec![0.0; stations]; count],
            utilization: vec![self.stations.iter().map(|kind| kind.highest_speed().map(|_| 0.0)).collect(); count],
            algorithm,
            iterations: means.iterations,
            residual: means.residual,
        };
        for (row, &class) in classes.iter().enumerate() {
            let throughput = means.throughput[row];
            solution.throughput[class] = throughput;
            for station in 0..stations {
                let demand = self.demands[class][station];
                let (residence, jobs) = match queues.iter().position(|&queue| queue == station) {
                    Some(column) => {
                        let jobs = means.mean_in_system[row][column];
                        (jobs / throughput, jobs)
                    }
                    None => (demand, throughput * demand),
                };
                solution.residence_times[class][station] = residence;
                solution.mean_in_system[class][station] = jobs;
                solution.utilization[class][station] =
                    self.stations[station].highest_speed().map(|speed| share(throughput * demand / speed));
            }
            solution.response_times[class] = solution.residence_times[class].iter().sum();
        }
        solution
    }
}

/// A busy share, without what rounding adds to a full one.
fn share(busy: f64) -> f64 {
    if busy > 1.0 && busy < 1.0 + 1e-14 { 1.0 } else { busy }
}

/// Picks the cheapest exact method.
fn exact(core: &Core) -> Result<Means, NetworkError> {
    let all_single = core.stations.iter().all(|kind| kind.is_single());
    let (classes, stations) = (core.populations.len(), core.stations.len());
    if let [jobs] = core.populations[..] {
        let rises = core.stations.iter().all(|kind| convolution::rises(kind));
        let steps = if all_single {
            jobs as f64 * stations.max(1) as f64
        } else if rises {
            finite_parts::steps(core, jobs)
        } else {
            convolution::steps(core, jobs)
        };
        within(steps, MAX_STEPS, "steps of the exact method")?;
        let numbers = if rises {
            let levels = core.stations.iter().map(|kind| (kind.saturation() as f64).min(jobs as f64 + 1.0));
            2.0 * jobs as f64 + 2.0 * levels.sum::<f64>()
        } else {
            jobs as f64 * (stations as f64 + 4.0).log2()
        };
        within(8.0 * numbers, MAX_BYTES, "bytes for the exact method")?;
        return Ok(if all_single {
            single_class::solve(core, jobs)
        } else if rises {
            finite_parts::solve(core, jobs)
        } else {
            convolution::solve(core, jobs)
        });
    }
    let states: f64 = core.populations.iter().map(|&jobs| jobs as f64 + 1.0).product();
    let largest = core.populations.iter().copied().max().unwrap_or(0) as f64 + 1.0;
    if all_single {
        within(states * (classes * stations.max(1)) as f64, MAX_STEPS, "steps of the exact method")?;
        // Stations and classes are padded.
        let entries = (stations + 8 + 2 * classes) as f64;
        within(8.0 * states / largest * entries, MAX_BYTES, "bytes for the exact method")?;
        return Ok(lattice_mva::solve(core));
    }
    let jobs: usize = core.populations.iter().sum();
    let levels = |kind: &StationKind| usize::try_from(kind.saturation()).map_or(jobs, |levels| levels.min(jobs));
    let widest = core.stations.iter().map(|kind| levels(kind)).max().unwrap_or(0);
    within(widest as f64, MAX_LATTICE_SERVERS as f64, "servers of a station of an exact network of several classes")?;
    let sum: usize = core.stations.iter().map(|kind| levels(kind) + 2).sum();
    let depth = (stations as f64).log2().ceil() + 2.0;
    within(states * (sum * classes) as f64 * depth, MAX_STEPS, "steps of the exact method")?;
    let bytes = 16.0 * states * depth + 8.0 * states / largest * (widest + 3) as f64;
    within(bytes, MAX_BYTES, "bytes for the exact method")?;
    Ok(lattice_convolution::solve(core, &Lattice::new(&core.populations)))
}

fn within(value: f64, limit: f64, what: &'static str) -> Result<(), NetworkError> {
    if value <= limit { Ok(()) } else { Err(NetworkError::TooLarge { what, value, limit }) }
}
