use capplan_queueing::queues::RoutingPolicy;

/// The choice for one fleet: instance type, number of instances and routing policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Choice {
    /// Index into [`Fleet::types`](super::Fleet::types).
    pub instance_type: usize,
    /// Number of instances that serve; for a database the primary and its read replicas, without the standby.
    pub count: u32,
    /// Routing policy of the requests.
    pub routing: RoutingPolicy,
}

/// A choice for every tier, in the order of [`System::tiers`](super::System::tiers); `None` where there is nothing to
/// choose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deployment {
    /// The choices.
    pub choices: Vec<Option<Choice>>,
}
