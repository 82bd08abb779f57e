use std::sync::Arc;

use crate::numeric::Complex;

use crate::queues::{MixedLaw, PooledLaw, ServiceLaw, SharedLaw, SojournLaw};

/// The law of the time of one visit, by the discipline of the station.
#[derive(Debug, Clone, PartialEq)]
pub enum VisitLaw {
    /// In order of arrival: a wait, then the service.
    Queued(SojournLaw),
    /// Processor sharing: service at once, slowed by the others.
    Shared(SharedLaw),
    /// A wait for a worker or a connection, then the visit.
    Pooled(Arc<PooledLaw>),
    /// One of two stations, by chance.
    Mixed(Arc<MixedLaw>),
}

impl VisitLaw {
    /// The law of a station where nobody is ever in another's way.
    pub const fn without_waiting(service: ServiceLaw) -> Self {
        Self::Queued(SojournLaw::without_waiting(service))
    }

    /// Probability that an arrival finds all servers busy.
    pub fn wait_probability(&self) -> f64 {
        match self {
            Self::Queued(law) => law.wait_probability,
            Self::Shared(law) => law.wait_probability(),
            Self::Pooled(law) => 1.0 - (1.0 - law.wait_probability) * (1.0 - law.visit.wait_probability()),
            Self::Mixed(law) => law.average(Self::wait_probability),
        }
    }

    /// Mean time lost to others, waiting or slowed.
    pub fn waiting_time(&self) -> f64 {
        match self {
            Self::Queued(law) => law.waiting_time(),
            Self::Shared(law) => law.waiting_time(),
            Self::Pooled(law) => law.pool_wait() + law.visit.waiting_time(),
            Self::Mixed(law) => law.average(Self::waiting_time),
        }
    }

    /// Mean time of a visit.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Queued(law) => law.mean(),
            Self::Shared(law) => law.mean(),
            Self::Pooled(law) => law.pool_wait() + law.visit.mean(),
            Self::Mixed(law) => law.average(Self::mean),
        }
    }

    /// Variance of the time of a visit.
    pub fn variance(&self) -> f64 {
        match self {
            Self::Queued(law) => law.variance(),
            Self::Shared(law) => law.variance(),
            Self::Pooled(law) => law.pool_variance() + law.visit.variance(),
            Self::Mixed(law) => law.variance(),
        }
    }

    /// Laplace–Stieltjes transform `E e^(−sT)`.
    pub fn transform(&self, s: Complex<f64>) -> Complex<f64> {
        match self {
            Self::Queued(law) => law.transform(s),
            Self::Shared(law) => law.transform(s),
            Self::Pooled(law) => law.transform(s),
            Self::Mixed(law) => law.transform(s),
        }
    }

    /// Exponential stages in a row that are as steep as the law.
    pub fn stages(&self) -> f64 {
        match self {
            Self::Shared(law) => law.shape(),
            Self::Pooled(law) => law.visit.stages(),
            Self::Mixed(law) => law.first.stages().max(law.second.stages()),
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
            _ => {
                let (one, other) = (self.service(), other.service());
                Self::without_waiting(if one.mean() <= other.mean() { one } else { other })
            }
        }
    }

    /// The time on an idle server; of two stations that of the first.
    pub fn service(&self) -> ServiceLaw {
        match self {
            Self::Queued(law) => law.service,
            Self::Shared(law) => law.service(),
            Self::Pooled(law) => law.visit.service(),
            Self::Mixed(law) => law.first.service(),
        }
    }

    /// Whether every time of this law is stochastically at most that of `other`: sufficient, not necessary, and never
    /// between laws of two disciplines.
    pub fn at_most(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Queued(one), Self::Queued(other)) => one.at_most(other),
            (Self::Shared(one), Self::Shared(other)) => one.at_most(other),
            (Self::Pooled(one), Self::Pooled(other)) => {
                one.wait_probability <= other.wait_probability
                    && one.conditional_wait <= other.conditional_wait
                    && one.visit.at_most(&other.visit)
            }
            (Self::Mixed(one), Self::Mixed(other)) => one.at_most(other),
            _ => false,
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
