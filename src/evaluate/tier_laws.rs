use capplan_queueing::queues::VisitLaw;

/// The laws of a visit to a tier.
#[derive(Debug, Clone, PartialEq)]
pub struct TierLaws {
    /// A visit that any instance can serve.
    pub read: VisitLaw,
    /// A visit that only the primary of a database can serve; equal to `read` elsewhere.
    pub write: VisitLaw,
}

impl TierLaws {
    /// Whether every visit takes stochastically at most as long as under `other`.
    pub fn at_most(&self, other: &Self) -> bool {
        self.read.at_most(&other.read) && self.write.at_most(&other.write)
    }
}
