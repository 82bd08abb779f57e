use capplan_queueing::units::{ArrivalRate, Probability, Seconds};

use super::Reliability;

/// Where the requests come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Workload {
    /// `users` people who each wait for the answer, think, and ask again: a closed workload, `N = λ·(Z + R)`.
    Users {
        /// Number of users `N`.
        users: f64,
        /// Mean time from an answer to the next request, `Z`.
        think_time: Seconds,
    },
    /// Requests that arrive whatever the response time: an open workload.
    Arrivals {
        /// Requests per second over all classes, `λ`.
        arrival_rate: ArrivalRate,
    },
}

impl Workload {
    /// Number of users; `None` for an open workload.
    pub const fn users(self) -> Option<f64> {
        match self {
            Self::Users { users, .. } => Some(users),
            Self::Arrivals { .. } => None,
        }
    }
}

/// A kind of request: its share of the traffic and what one such request does.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestClass {
    /// Name in the model file.
    pub name: String,
    /// Share of all requests; the shares of all classes sum to 1.
    pub share: Probability,
    /// Visits to tiers, at most one entry per tier.
    pub visits: Vec<Visits>,
}

/// Visits of one request of a class to a tier.
///
/// A whole number `v` of visits is made by every request. A fraction is made by that share of the requests: 2.3 means
/// two visits always and a third one by 30 % of the requests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Visits {
    /// Index of the tier in [`System::tiers`](super::System::tiers).
    pub tier: usize,
    /// Visits that any instance of the tier can serve.
    pub reads: f64,
    /// Visits that only the primary of a database can serve; 0 for every other tier.
    pub writes: f64,
}

/// Where the system runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// Name, such as `us-east-1`.
    pub name: String,
    /// Number of availability zones over which instances are spread, 1 to 6.
    pub zones: u32,
    /// Failures and repairs of a whole zone.
    pub zone: Reliability,
    /// Probability that the region works at all.
    pub availability: Probability,
}
