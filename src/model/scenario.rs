use capplan_queueing::units::{Probability, Seconds};

/// A failure or a load that the system may meet.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Name; that of its kind for one that every system has.
    pub name: String,
    /// Kind of the failure or load.
    pub kind: ScenarioKind,
    /// The tier that it happens to, as an index; `None` is the worst one.
    pub tier: Option<usize>,
    /// Instances that are lost.
    pub instances: u32,
    /// Zones that are lost.
    pub zones: u32,
    /// Multiple of the load.
    pub factor: f64,
    /// Duration of the cause; `None` is the default of the kind.
    pub duration: Option<Seconds>,
    /// Share of a tier that a deployment takes out at once.
    pub batch: Probability,
    /// Attempts of a client after its first one fails.
    pub retries: u32,
    /// Time after which a client gives up an attempt.
    pub timeout: Seconds,
    /// Whether a review fails when the objectives are missed for longer than [`Scenario::recover_within`].
    pub must_survive: bool,
    /// The longest time that the objectives may be missed.
    pub recover_within: Seconds,
}

/// The kinds of failure and load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScenarioKind {
    /// The zones with the most instances of each tier fail, and with them the primary.
    ZoneLost,
    /// Instances of one tier fail.
    InstanceLost,
    /// A cache is gone: every look-up goes to what stands behind it.
    CacheLost,
    /// A cache works but is empty.
    CacheCold,
    /// The primary of a database fails.
    DbFailover,
    /// A tier is replaced in batches.
    Deploy,
    /// The load is multiplied at once.
    Spike,
    /// The load is multiplied for a moment, and clients that time out try again.
    RetryStorm,
}

impl ScenarioKind {
    /// Every kind, in the order of the reports.
    pub const ALL: [Self; 8] = [
        Self::ZoneLost,
        Self::InstanceLost,
        Self::CacheLost,
        Self::CacheCold,
        Self::DbFailover,
        Self::Deploy,
        Self::Spike,
        Self::RetryStorm,
    ];

    /// The name in a model file and in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ZoneLost => "zone-lost",
            Self::InstanceLost => "instance-lost",
            Self::CacheLost => "cache-lost",
            Self::CacheCold => "cache-cold",
            Self::DbFailover => "db-failover",
            Self::Deploy => "deploy",
            Self::Spike => "spike",
            Self::RetryStorm => "retry-storm",
        }
    }

    /// Finds a kind by its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Reactions of the system and its clients to a scenario.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reactions {
    /// The probes by which a balancer detects a dead instance.
    pub health_check: ProbeRule,
    /// Share of a tier that a deployment starts beside the old ones.
    pub deploy_surge: Probability,
}

/// The probes of a health check.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProbeRule {
    /// Time from one probe to the next.
    pub interval: Seconds,
    /// Time after which a probe has failed, at most the interval.
    pub timeout: Seconds,
    /// Failed probes in a row that remove an instance.
    pub unhealthy_threshold: u32,
    /// Good probes in a row that bring it back.
    pub healthy_threshold: u32,
}
