use std::sync::Arc;

use crate::evaluate::{Breakdown, InSituation};
use crate::model::Scenario;

/// Shortest breach of the objectives that counts, in seconds.
pub const SHORTEST_BREACH: f64 = 1.0;

/// Impact of a scenario on a deployment. Times in seconds from the fault, rates per second.
#[derive(Debug, Clone, PartialEq)]
pub struct Impact {
    /// The scenario.
    pub scenario: Scenario,
    /// Instances and objects that the scenario takes away.
    pub losses: Vec<TierLoss>,
    /// Instances that an autoscaler adds.
    pub scale_outs: Vec<ScaleOut>,
    /// Danger of a retry storm; `None` for other scenarios, and where no tier saturates.
    pub retry_storm: Option<RetryStorm>,
    /// Effort of a deployment.
    pub rollout: Option<Rollout>,
    /// Steady state before the fault.
    pub before: Arc<InSituation>,
    /// Whether the objectives hold before the fault; if not, the system cannot recover them.
    pub held_before: bool,
    /// Phases from the fault to the last steady state, with the requests in them.
    pub timeline: Timeline,
    /// Phases of the same name, combined.
    pub stages: Vec<Stage>,
    /// Time until the objectives hold for good and no request waits; `None` when somebody has to act.
    pub recovery_time: Option<f64>,
    /// Time in which the objectives are missed; `None` without an end.
    pub missed_time: Option<f64>,
    /// Largest number of attempts in the queue of an overload, abandoned ones included.
    pub peak_backlog: f64,
    /// Largest number of requests in that queue whose client still waits.
    pub peak_waiting: f64,
    /// Longest wait in that queue.
    pub longest_wait: f64,
    /// The tier that fails first; if none fails, the busiest one.
    pub weakness: Option<Weakness>,
    /// What users notice.
    pub verdict: Verdict,
    /// Whether the objectives are missed for no longer than the scenario allows.
    pub survives: bool,
}

/// Phases of a scenario, and the requests until the last phase, which has no end.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Timeline {
    /// Phases in order of time.
    pub phases: Vec<Phase>,
    /// Failed requests by cause and tier.
    pub failures: Vec<Failures>,
    /// Requests that arrive.
    pub arrivals: f64,
    /// Requests that are served.
    pub served: f64,
    /// Requests that wait when the last phase starts.
    pub waiting: f64,
    /// Refill of a cache.
    pub warm_up: Option<WarmUpTime>,
}

impl Timeline {
    /// Failed requests of all causes.
    pub fn failed(&self) -> f64 {
        self.failures.iter().fold(0.0, |sum, failures| sum + failures.requests)
    }
}

/// Part of a tier that a scenario takes away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierLoss {
    /// Name of the tier.
    pub tier: String,
    /// Lost instances, the primary of a database included.
    pub instances: u32,
    /// Instances before the loss.
    pub of: u32,
    /// Kind of the loss.
    pub kind: LossKind,
}

/// Kind of a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossKind {
    /// Interchangeable instances.
    Instances,
    /// The primary of a database, with or without replicas.
    Primary,
    /// The objects in a cache; its nodes stay.
    Objects,
    /// Instances that a deployment replaces.
    Replaced,
}

impl LossKind {
    /// The name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Instances => "instances",
            Self::Primary => "primary",
            Self::Objects => "objects",
            Self::Replaced => "replaced",
        }
    }
}

/// A time in which neither the situation nor the behaviour of the backlog changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Phase {
    /// Description.
    pub name: String,
    /// Start.
    pub start: f64,
    /// Duration; `None` if it lasts until somebody acts.
    pub duration: Option<f64>,
    /// Mean rate of requests that arrive.
    pub arrival_rate: f64,
    /// Mean rate of requests that are served.
    pub served_rate: f64,
    /// Mean rate of requests that fail.
    pub failed_rate: f64,
    /// Attempts in the queue of an overload at the start and at the end, abandoned ones included.
    pub backlog: [f64; 2],
    /// Requests in that queue whose client still waits, at the start and at the end.
    pub waiting: [f64; 2],
    /// Wait in that queue at the start and at the end.
    pub backlog_wait: [f64; 2],
    /// Mean offered load of each tier as a share of its capacity, retries included; `None` where nothing queues.
    ///
    /// It is 1 for a tier that drains a backlog, and infinite for a tier without capacity.
    pub load: Vec<Option<f64>>,
    /// Largest offered load of each tier in the phase.
    pub peak_load: Vec<Option<f64>>,
    /// Hit ratio of each cache.
    pub hit_ratios: Vec<Option<f64>>,
    /// Steady state of the situation, or why there is none.
    pub evaluation: Result<Arc<InSituation>, Breakdown>,
    /// Whether the objectives hold, with failed requests counted as too slow and no backlog.
    ///
    /// A breach of less than [`SHORTEST_BREACH`] does not count.
    pub holds: bool,
}

impl Phase {
    /// End; `None` if it has none.
    pub fn end(&self) -> Option<f64> {
        self.duration.map(|duration| self.start + duration)
    }
}

/// Consecutive phases of the same name.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Description.
    pub name: String,
    /// Start.
    pub start: f64,
    /// Duration; `None` if it lasts until somebody acts.
    pub duration: Option<f64>,
    /// Failed requests; `None` if requests fail for ever.
    pub failed: Option<f64>,
    /// Largest p99 of the served requests; `None` if a phase has no steady state.
    pub p99: Option<f64>,
    /// Longest wait in the queue of an overload.
    pub backlog_wait: f64,
    /// Share of the requests that do not fail.
    pub served_share: f64,
    /// Mean offered load of each tier as a share of its capacity; `None` where nothing queues.
    pub load: Vec<Option<f64>>,
    /// Index of the tier with the largest load at any moment, and that load.
    pub peak_load: Option<(usize, f64)>,
    /// Attempts in the queue at the end.
    pub backlog: f64,
    /// Whether the objectives hold throughout.
    pub holds: bool,
}

/// Failed requests of one cause at one tier.
#[derive(Debug, Clone, PartialEq)]
pub struct Failures {
    /// The cause.
    pub cause: Cause,
    /// Name of the tier.
    pub tier: String,
    /// Number of requests until the last phase.
    pub requests: f64,
}

/// Why requests fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The instance was dead, and no health check had noticed.
    DeadInstance,
    /// The database had no primary.
    NoPrimary,
    /// The tier had no instances.
    NothingLeft,
    /// No connection was free.
    Refused,
    /// The client gave up.
    TimedOut,
}

impl Cause {
    /// All causes, in the order of every output.
    pub const ALL: [Self; 5] = [Self::DeadInstance, Self::NoPrimary, Self::NothingLeft, Self::Refused, Self::TimedOut];

    /// The name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DeadInstance => "dead_instance",
            Self::NoPrimary => "no_primary",
            Self::NothingLeft => "nothing_left",
            Self::Refused => "refused",
            Self::TimedOut => "timed_out",
        }
    }
}

/// The tier that fails first, and how.
#[derive(Debug, Clone, PartialEq)]
pub enum Weakness {
    /// Requests reach no instance.
    Unreachable {
        /// Name of the tier.
        tier: String,
        /// Share of all requests that fail there.
        share: f64,
    },
    /// The offered load exceeds the capacity.
    Overloaded {
        /// Name of the tier.
        tier: String,
        /// Offered load as a share of the capacity.
        load: f64,
    },
    /// More visits find no free connection than the objectives allow.
    Refuses {
        /// Name of the tier.
        tier: String,
        /// Share of all requests that fail there.
        share: f64,
    },
    /// All requests are served, but too slowly.
    Slow {
        /// Name of the busiest tier.
        tier: String,
        /// Its utilization.
        utilization: f64,
    },
    /// No tier fails; this one is the busiest.
    Nearest {
        /// Name of the tier.
        tier: String,
        /// Its largest load.
        utilization: f64,
    },
}

/// What users notice, the mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The objectives hold throughout and no request fails.
    Unnoticed,
    /// Responses are slower than the objectives allow.
    Degraded,
    /// Requests fail.
    Failing,
    /// For a while no request is served.
    Down,
}

impl Verdict {
    /// The name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unnoticed => "unnoticed",
            Self::Degraded => "degraded",
            Self::Failing => "failing",
            Self::Down => "down",
        }
    }
}

/// Refill of a cache.
#[derive(Debug, Clone, PartialEq)]
pub struct WarmUpTime {
    /// Name of the cache.
    pub tier: String,
    /// Hit ratio when it is warm.
    pub hit_ratio: f64,
    /// Time until 90 % of that hit ratio; `None` if it is never reached.
    pub ninety_percent_after: Option<f64>,
}

/// Instances that an autoscaler adds to a tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScaleOut {
    /// Name of the tier.
    pub tier: String,
    /// Instances before.
    pub from: u32,
    /// Instances that are as busy under the new load as the old ones were before.
    pub wanted: u32,
    /// Largest number of instances that the model allows.
    pub max: u32,
}

impl ScaleOut {
    /// Instances after.
    pub fn reached(&self) -> u32 {
        self.wanted.min(self.max)
    }
}

/// Effort of a deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct Rollout {
    /// Name of the tier.
    pub tier: String,
    /// Number of batches.
    pub batches: u32,
    /// Most instances in excess of the usual number.
    pub surge: u32,
    /// Duration in seconds.
    pub duration: f64,
    /// Price in USD of the instances in excess of the usual number.
    pub cost: f64,
}

/// Danger of a retry storm: an overload that retries keep alive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryStorm {
    /// Requests per second that saturate the system.
    pub capacity: f64,
    /// Attempts per second when each attempt fails.
    pub worst_attempt_rate: f64,
    /// Share of the load below which the system recovers from any overload; at least 1 when it always does.
    pub recovers_below: f64,
    /// Share of the attempts to refuse for the system to recover.
    pub shed_to_recover: f64,
}

impl RetryStorm {
    /// Whether retries can keep an overload alive after its cause is gone.
    pub fn is_vulnerable(&self) -> bool {
        self.recovers_below < 1.0
    }
}

/// Why a scenario has no impact to report.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ScenarioError {
    /// The deployment has no steady state even before the fault.
    #[error("without any fault: {0}")]
    Before(Breakdown),
    /// A model has no answer.
    #[error(transparent)]
    Unsolved(#[from] Breakdown),
    /// The system has no tier that the scenario could affect.
    #[error("the system has no {0}")]
    NoTarget(&'static str),
}

/// A scenario with its impact, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioReview {
    /// The scenario.
    pub scenario: Scenario,
    /// Its impact.
    pub outcome: Result<Impact, ScenarioError>,
}
