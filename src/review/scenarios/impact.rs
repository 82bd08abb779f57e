use std::sync::Arc;

use crate::evaluate::{Breakdown, InSituation};
use crate::model::{Scenario, ScenarioKind};

/// What a scenario does to a system. Times in seconds from the moment of the fault, rates per second.
#[derive(Debug, Clone, PartialEq)]
pub struct Impact {
    /// Name of the scenario.
    pub name: String,
    /// Its kind.
    pub kind: ScenarioKind,
    /// What it takes away.
    pub strikes: Vec<TierLoss>,
    /// Multiple of the usual load that it brings; 1 for a fault.
    pub load_factor: f64,
    /// Attempts of its clients after one that timed out.
    pub retries: u32,
    /// Seconds after which they give up an attempt.
    pub timeout: f64,
    /// The system before.
    pub before: Arc<InSituation>,
    /// Whether the objectives hold before; if they do not, nothing recovers them.
    pub held_before: bool,
    /// Stretches of time in which nothing changes its impact, the last without an end.
    pub phases: Vec<Phase>,
    /// The same as a person would tell it.
    pub stages: Vec<Stage>,
    /// Requests that fail, by cause.
    pub failures: Vec<Failures>,
    /// Requests that come until the last phase.
    pub arrivals: f64,
    /// Requests that are served until then.
    pub served: f64,
    /// Requests that wait then.
    pub waiting: f64,
    /// From the fault until the objectives hold for good and nothing waits; `None` when somebody has to act.
    pub recovery_time: Option<f64>,
    /// Time in which the objectives are missed; `None` without an end.
    pub missed_time: Option<f64>,
    /// Largest number of attempts that wait because of an overload, those that were given up among them.
    pub peak_backlog: f64,
    /// Largest number of requests among them that somebody still waits for.
    pub peak_waiting: f64,
    /// Longest wait in such a backlog.
    pub longest_wait: f64,
    /// What gives way first, or stands nearest to it.
    pub weakness: Option<Weakness>,
    /// What users notice.
    pub verdict: Verdict,
    /// How the cache comes back.
    pub warm_up: Option<WarmUpTime>,
    /// What an autoscaler adds.
    pub scale_outs: Vec<ScaleOut>,
    /// What retries do.
    pub storm: Option<RetryStorm>,
    /// What a deployment takes.
    pub rollout: Option<Rollout>,
    /// Whether the objectives are missed for no longer than allowed.
    pub survives: bool,
    /// Whether a review demands that.
    pub must_survive: bool,
}

impl Impact {
    /// Requests that fail.
    pub fn failed(&self) -> f64 {
        self.failures.iter().fold(0.0, |sum, failures| sum + failures.requests)
    }
}

/// Instances that a scenario takes away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierLoss {
    /// The tier.
    pub tier: String,
    /// Instances that are gone, the primary of a database among them.
    pub instances: u32,
    /// Instances that there were.
    pub of: u32,
    /// Whether the primary of a database is among them.
    pub reach: LossKind,
}

/// What of a tier is hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossKind {
    /// Instances that are like the others.
    Instances,
    /// The primary of a database, with or without replicas.
    Primary,
    /// The objects that a cache holds; its nodes stay.
    Objects,
    /// Instances that a deployment replaces.
    Replaced,
}

/// A stretch of time in which nothing changes its impact.
#[derive(Debug, Clone, PartialEq)]
pub struct Phase {
    /// What happens, in words.
    pub name: String,
    /// When it begins.
    pub start: f64,
    /// How long it lasts; `None` for ever, or until somebody acts.
    pub duration: Option<f64>,
    /// Requests that come, on average.
    pub arrival_rate: f64,
    /// Requests that are served, on average.
    pub served_rate: f64,
    /// Requests that fail, on average.
    pub failed_rate: f64,
    /// Attempts that wait because of an overload, those that were given up among them, at the beginning and at the end.
    pub backlog: [f64; 2],
    /// Requests among them that somebody still waits for.
    pub waiting: [f64; 2],
    /// The wait that the backlog means.
    pub backlog_wait: [f64; 2],
    /// By tier: what comes, retries among it, over what it can serve, on average; 1 of a tier that works off a backlog, and
    /// what gets through that tier elsewhere; `None` where nothing queues.
    pub load: Vec<Option<f64>>,
    /// The same at its worst moment.
    pub peak_load: Vec<Option<f64>>,
    /// Hit ratio of each cache.
    pub hit_ratios: Vec<Option<f64>>,
    /// The steady state that the situation would reach, or why there is none.
    pub evaluation: Result<Arc<InSituation>, Breakdown>,
    /// Whether the objectives hold: nothing waits for capacity, and failed requests count as too slow. A breach of less
    /// than [`SHORTEST_BREACH`] seconds counts as none.
    pub holds: bool,
}

/// Seconds for which the objectives have to be missed for somebody to notice.
pub const SHORTEST_BREACH: f64 = 1.0;

impl Phase {
    /// When it ends; `None` when it does not.
    pub fn end(&self) -> Option<f64> {
        self.duration.map(|duration| self.start + duration)
    }
}

/// Phases of the same name in a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// What happens, in words.
    pub name: String,
    /// When it begins.
    pub start: f64,
    /// How long it lasts; `None` for ever, or until somebody acts.
    pub duration: Option<f64>,
    /// Requests that fail; `None` where it never ends and requests fail for ever.
    pub failed: Option<f64>,
    /// Largest p99 of the served requests; `None` where a phase has no steady state.
    pub p99: Option<f64>,
    /// Longest wait for capacity.
    pub backlog_wait: f64,
    /// Share of the requests of the stage that do not fail.
    pub served_share: f64,
    /// Load of each tier over what it can serve, on average; `None` where nothing queues.
    pub load: Vec<Option<f64>>,
    /// The largest load of any tier at any moment, with the number of the tier.
    pub peak_load: Option<(usize, f64)>,
    /// Attempts that wait at its end.
    pub backlog: f64,
    /// Whether the objectives hold throughout.
    pub holds: bool,
}

/// Failed requests of one cause.
#[derive(Debug, Clone, PartialEq)]
pub struct Failures {
    /// The cause.
    pub cause: Cause,
    /// The tier at fault.
    pub tier: String,
    /// How many, until the last phase.
    pub requests: f64,
}

/// Why requests fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// They were sent to an instance that was dead but not yet noticed.
    DeadInstance,
    /// There was no primary to serve them.
    NoPrimary,
    /// Nothing of the tier was left.
    NothingLeft,
    /// They found no free connection.
    Refused,
    /// They waited for longer than their client.
    TimedOut,
}

/// What gives way.
#[derive(Debug, Clone, PartialEq)]
pub enum Weakness {
    /// Requests reach no instance.
    Unreachable {
        /// The tier.
        tier: String,
        /// Share of all requests that fails there.
        share: f64,
    },
    /// More comes than can be served.
    Overloaded {
        /// The tier.
        tier: String,
        /// What comes over what can be served.
        load: f64,
    },
    /// More visits are refused for want of connections than may be.
    Refuses {
        /// The tier.
        tier: String,
        /// Share of all requests that fails there.
        share: f64,
    },
    /// The objectives are missed, though everything is served.
    Slow {
        /// The busiest tier.
        tier: String,
        /// Its utilization.
        utilization: f64,
    },
    /// Nothing gives way; the tier that stands nearest to it.
    Nearest {
        /// The tier.
        tier: String,
        /// Its utilization.
        utilization: f64,
    },
}

/// What users notice, the mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Nothing: the objectives hold throughout and no request fails.
    Unnoticed,
    /// Answers slower than the objectives.
    Degraded,
    /// Errors.
    Failing,
    /// For a while nothing is served.
    Down,
}

impl Verdict {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unnoticed => "unnoticed",
            Self::Degraded => "degraded",
            Self::Failing => "failing",
            Self::Down => "down",
        }
    }
}

/// How a cache comes back.
#[derive(Debug, Clone, PartialEq)]
pub struct WarmUpTime {
    /// The cache.
    pub tier: String,
    /// Hit ratio when it is warm.
    pub hit_ratio: f64,
    /// From the fault until it has 90 % of that; `None` when it never gets there.
    pub ninety_percent_after: Option<f64>,
}

/// What an autoscaler adds to a tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScaleOut {
    /// The tier.
    pub tier: String,
    /// Instances before.
    pub from: u32,
    /// Instances that carry the new load as the old ones did theirs.
    pub wanted: u32,
    /// The most that the model allows.
    pub most: u32,
}

impl ScaleOut {
    /// Instances after.
    pub fn reached(&self) -> u32 {
        self.wanted.min(self.most)
    }
}

/// What a deployment takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Rollout {
    /// The tier.
    pub tier: String,
    /// Batches, one after the other.
    pub batches: u32,
    /// Most instances beside the usual number.
    pub beside: u32,
    /// Seconds from the begin to the end.
    pub length: f64,
    /// USD for the instances beside the usual number.
    pub cost: f64,
}

/// What retries do to a system.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryStorm {
    /// Requests per second that saturate the system.
    pub capacity: f64,
    /// Attempts per second when each attempt fails.
    pub worst_attempt_rate: f64,
    /// Share of the load below which the system recovers from any overload; at least 1 when it always does.
    pub recovers_below: f64,
    /// Share of the attempts to refuse for it to recover.
    pub shed_to_recover: f64,
}

impl RetryStorm {
    /// Whether retries can keep an overload alive after its cause.
    pub fn is_vulnerable(&self) -> bool {
        self.recovers_below < 1.0
    }
}

/// A scenario without an impact.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ScenarioError {
    /// The system does not even work with nothing lost.
    #[error("without any fault: {0}")]
    Before(Breakdown),
    /// A part of the model that has no answer.
    #[error(transparent)]
    Unsolved(#[from] Breakdown),
    /// There is nothing that it can happen to.
    #[error("the system has no {0}")]
    NoTarget(&'static str),
}

/// A scenario and what it does, or why it cannot happen.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioReview {
    /// The scenario.
    pub scenario: Scenario,
    /// Its impact.
    pub outcome: Result<Impact, ScenarioError>,
}
