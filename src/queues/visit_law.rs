use crate::numeric::Complex;

use super::{ServiceLaw, SharedLaw, SojournLaw};

/// The law of the time of one visit, by the discipline of the station.
#[derive(Debug, Clone, PartialEq)]
pub enum VisitLaw {
    /// In order of arrival: a wait, then the service.
    Queued(SojournLaw),
    /// Processor sharing: service at once, slowed by the others.
    Shared(SharedLaw),
}

impl VisitLaw {
    /// The law of a station where nobody is ever in another's way.
    pub const fn without_waiting(service: ServiceLaw) -> Self {
        Self::Queued(SojournLaw::without_waiting(service))
    }

    /// Probability that an arrival finds all servers busy.
    pub const fn wait_probability(&self) -> f64 {
        match self {
            Self::Queued(law) => law.wait_probability,
            Self::Shared(law) => law.wait_probability(),
        }
    }

    /// Mean time lost to others, waiting or slowed.
    pub fn waiting_time(&self) -> f64 {
        match self {
            Self::Queued(law) => law.waiting_time(),
            Self::Shared(law) => law.waiting_time(),
        }
    }

    /// Mean time of a visit.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Queued(law) => law.mean(),
            Self::Shared(law) => law.mean(),
        }
    }

    /// Variance of the time of a visit.
    pub fn variance(&self) -> f64 {
        match self {
            Self::Queued(law) => law.variance(),
            Self::Shared(law) => law.variance(),
        }
    }

    /// Laplace–Stieltjes transform `E e^(−sT)`.
    pub fn transform(&self, s: Complex<f64>) -> Complex<f64> {
        match self {
            Self::Queued(law) => law.transform(s),
            Self::Shared(law) => law.transform(s),
        }
    }

    /// Exponential stages in a row that are as steep as the law.
    pub const fn stages(&self) -> f64 {
        match self {
            Self::Shared(law) => law.shape(),
            Self::Queued(law) => match law.service {
                ServiceLaw::Gamma { shape, .. } => shape,
                ServiceLaw::Instant | ServiceLaw::Exponential { .. } | ServiceLaw::Hyperexponential { .. } => 1.0,
            },
        }
    }

    /// A law that is stochastically at most this one and `other`; of two disciplines the faster service alone.
    #[must_use]
    pub fn lower(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Queued(one), Self::Queued(other)) => Self::Queued(one.lower(other)),
            (Self::Shared(one), Self::Shared(other)) => Self::Shared(one.lower(other)),
            (Self::Queued(_), Self::Shared(_)) | (Self::Shared(_), Self::Queued(_)) => {
                let (one, other) = (self.service(), other.service());
                Self::without_waiting(if one.mean() <= other.mean() { one } else { other })
            }
        }
    }

    /// The time on an idle server.
    pub fn service(&self) -> ServiceLaw {
        match self {
            Self::Queued(law) => law.service,
            Self::Shared(law) => law.service(),
        }
    }

    /// Whether every time of this law is stochastically at most that of `other`: sufficient, not necessary, and never
    /// between laws of two disciplines.
    pub fn at_most(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Queued(one), Self::Queued(other)) => one.at_most(other),
            (Self::Shared(one), Self::Shared(other)) => one.at_most(other),
            (Self::Queued(_), Self::Shared(_)) | (Self::Shared(_), Self::Queued(_)) => false,
        }
    }
}

impl From<SojournLaw> for VisitLaw {
    fn from(law: SojournLaw) -> Self {
        Self::Queued(law)
    }
}

impl From<SharedLaw> for VisitLaw {
    fn from(law: SharedLaw) -> Self {
        Self::Shared(law)
    }
}
