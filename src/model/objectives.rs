use capplan_queueing::units::{Price, Probability, Seconds};

/// The percentiles that a report shows, as probabilities.
pub const PERCENTILES: [f64; 5] = [0.5, 0.9, 0.95, 0.99, 0.999];

/// The objectives of the system.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Objectives {
    /// Promised percentiles of response time.
    pub response_times: Vec<ResponseObjective>,
    /// Promised share of time in which every tier works.
    pub availability: Option<Probability>,
    /// Promised share of time in which every tier works and every response-time objective holds.
    pub time_within: Option<Probability>,
    /// The most that it may cost.
    pub budget: Option<Price>,
    /// Load that a plan must carry beyond that of the workload, as a share of it.
    pub headroom: f64,
}

/// A share of requests that must be answered within a limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResponseObjective {
    /// The class it holds for, as an index; `None` is all requests together.
    pub class: Option<usize>,
    /// The share, such as 0.99.
    pub percentile: f64,
    /// The limit.
    pub limit: Seconds,
}

/// Parameters from which the autoscaler's numbers of a plan follow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scaling {
    /// Distance kept between the utilization after removing an instance and the scale-out point, as a share.
    pub margin: f64,
    /// Lowest load of the day as a share of the planned load; sets the least number of instances.
    pub trough: f64,
    /// Highest load to be prepared for as a multiple of the planned load; sets the largest number of instances.
    pub surge: f64,
    /// From a load that is too high to the decision to add instances.
    pub alarm_time: Seconds,
    /// From that decision to instances that take requests.
    pub boot_time: Seconds,
}
