use std::fmt;

/// A broken rule of the system, with the key whose value breaks it.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Path of the key, such as `["tiers", "db", "instances"]`.
    pub path: Vec<String>,
    /// The rule.
    pub rule: Rule,
}

/// The rules that span several values of a system.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Rule {
    /// There is no tier.
    #[error("a system needs at least one tier")]
    NoTiers,
    /// There is no class.
    #[error("a system needs at least one request class")]
    NoClasses,
    /// The shares do not add up.
    #[error("the shares of the classes sum to {sum}, not 1")]
    SharesSum {
        /// Their sum.
        sum: f64,
    },
    /// A range of counts holds nothing.
    #[error("the count range {min} to {max} is empty")]
    EmptyCounts {
        /// Least count.
        min: u32,
        /// Largest count.
        max: u32,
    },
    /// No tier is visited.
    #[error("no request of class `{class}` visits any tier")]
    NoVisits {
        /// The class.
        class: String,
    },
    /// A tier is never visited.
    #[error("no request visits tier `{tier}`")]
    Unvisited {
        /// The tier.
        tier: String,
    },
    /// A cache in front of something that cannot answer a miss.
    #[error(
        "cache `{cache}` cannot stand in front of `{behind}`, which is a {kind}; a miss reads from a database, a service, object storage or a delay"
    )]
    BadBacking {
        /// The cache.
        cache: String,
        /// The tier behind it.
        behind: String,
        /// Its kind.
        kind: &'static str,
    },
    /// Writes to something other than a database.
    #[error("class `{class}` writes to `{tier}`, which is no database")]
    WritesElsewhere {
        /// The class.
        class: String,
        /// The tier.
        tier: String,
    },
    /// More ways through the system than are worth following.
    #[error("a request of class `{class}` has {branches} ways through the system; the limit is {limit}")]
    TooManyBranches {
        /// The class.
        class: String,
        /// Number found.
        branches: f64,
        /// Largest number allowed.
        limit: u32,
    },
    /// Connections to a database that is not there.
    #[error("tier `{tier}` has connections to a database, but no database comes after it in the file")]
    NoDatabaseBelow {
        /// The tier.
        tier: String,
    },
    /// A tier that the internet reaches although it is no load balancer.
    #[error("tier `{tier}` is a {kind} in a public subnet; only load balancers and NAT gateways are public")]
    PublicTier {
        /// The tier.
        tier: String,
        /// Its kind.
        kind: &'static str,
    },
    /// More parts of a cache than nodes to hold them.
    #[error("{shards} shards need as many nodes; there are {nodes}")]
    MoreShardsThanNodes {
        /// Number of shards.
        shards: u32,
        /// Number of nodes.
        nodes: u32,
    },
    /// A cache that holds nothing.
    #[error(
        "memory of {memory} bytes holds no object of {object} bytes with its overhead; give more memory or smaller objects"
    )]
    BelowOneObject {
        /// Memory for data.
        memory: f64,
        /// An object and what it costs beyond.
        object: f64,
    },
    /// Redundancy over a zone with one zone.
    #[error("redundancy over the loss of a zone needs at least 2 zones, the region has {zones}")]
    TooFewZones {
        /// Number of zones.
        zones: u32,
    },
    /// A probe that is still running when the next one starts.
    #[error("a health check that waits {timeout} s does not end within its interval of {interval} s")]
    SlowProbe {
        /// Time that it waits, in seconds.
        timeout: f64,
        /// Time from one to the next, in seconds.
        interval: f64,
    },
    /// A scenario that cannot happen to its tier.
    #[error("`{scenario}` does not happen to `{tier}`, which is a {kind}")]
    WrongTier {
        /// Kind of the scenario.
        scenario: &'static str,
        /// The tier.
        tier: String,
        /// Its kind.
        kind: &'static str,
    },
    /// More zones are lost than there are.
    #[error("{lost} zones cannot be lost of {zones}; give at most {zones}, which is the whole region")]
    TooManyZonesLost {
        /// Zones that are lost.
        lost: u32,
        /// Zones that there are.
        zones: u32,
    },
    /// More instances are lost than a tier runs.
    #[error("{lost} {what} of `{tier}` cannot be lost, which runs {limit}; give at most {limit}")]
    TooManyLost {
        /// The tier that is named, or the largest.
        tier: String,
        /// Instances or replicas.
        what: &'static str,
        /// Number lost.
        lost: u32,
        /// Number found.
        limit: u32,
    },
    /// More instances are lost than any tier runs.
    #[error("no tier runs {lost} instances; the largest, `{tier}`, can lose {limit}: give at most {limit}")]
    TooManyLostAnywhere {
        /// The tier of which most can be lost.
        tier: String,
        /// Number lost.
        lost: u32,
        /// Largest number that it can lose.
        limit: u32,
    },
    /// An objective twice.
    #[error("the objective p{percentile} is given twice")]
    RepeatedObjective {
        /// The percentile.
        percentile: f64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.path.join("."), self.rule)
    }
}
