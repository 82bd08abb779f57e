use crate::numeric::Complex;

use crate::queues::ServiceLaw;

/// The law of the time that one visit spends at a station: waiting, then service.
///
/// An arrival waits with `wait_probability`; a wait, where there is one, is gamma of `wait_shape` and `wait_scale`
/// (exponential for shape 1) and independent of the service.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SojournLaw {
    /// Probability of having to wait.
    pub wait_probability: f64,
    /// Shape of the wait of those who wait.
    pub wait_shape: f64,
    /// Scale of that wait in seconds; its mean is shape × scale.
    pub wait_scale: f64,
    /// The service.
    pub service: ServiceLaw,
}

impl SojournLaw {
    /// The law of a station where nobody ever waits.
    pub const fn without_waiting(service: ServiceLaw) -> Self {
        Self { wait_probability: 0.0, wait_shape: 1.0, wait_scale: 0.0, service }
    }

    /// Mean wait over all visits.
    pub fn waiting_time(&self) -> f64 {
        self.wait_probability * self.wait_shape * self.wait_scale
    }

    /// Mean time of a visit.
    pub fn mean(&self) -> f64 {
        self.waiting_time() + self.service.mean()
    }

    /// Variance of the time of a visit.
    pub fn variance(&self) -> f64 {
        let second_moment =
            self.wait_probability * self.wait_shape * (self.wait_shape + 1.0) * self.wait_scale * self.wait_scale;
        let mean_wait = self.waiting_time();
        second_moment - mean_wait * mean_wait + self.service.variance()
    }

    /// Laplace–Stieltjes transform `E e^(−sT)`.
    pub fn transform(&self, s: Complex<f64>) -> Complex<f64> {
        let base = 1.0 + s * self.wait_scale;
        let wait = if self.wait_shape == 1.0 { 1.0 / base } else { base.powf(-self.wait_shape) };
        ((1.0 - self.wait_probability) + self.wait_probability * wait) * self.service.transform(s)
    }

    /// A law that is stochastically at most this one and `other`.
    #[must_use]
    pub fn lower(&self, other: &Self) -> Self {
        Self {
            wait_probability: self.wait_probability.min(other.wait_probability),
            wait_shape: self.wait_shape.min(other.wait_shape),
            wait_scale: self.wait_scale.min(other.wait_scale),
            service: if self.service.mean() <= other.service.mean() { self.service } else { other.service },
        }
    }

    /// Whether every time of this law is stochastically at most that of `other`.
    ///
    /// Sufficient, not necessary: compares the probability to wait, both parameters of the wait, and service laws of
    /// the same kind.
    pub fn at_most(&self, other: &Self) -> bool {
        self.wait_probability <= other.wait_probability
            && self.wait_shape <= other.wait_shape
            && self.wait_scale <= other.wait_scale
            && service_at_most(&self.service, &other.service)
    }
}

fn service_at_most(one: &ServiceLaw, other: &ServiceLaw) -> bool {
    match (*one, *other) {
        (ServiceLaw::Instant, _) => true,
        (ServiceLaw::Exponential { mean }, ServiceLaw::Exponential { mean: longer }) => mean <= longer,
        (ServiceLaw::Gamma { shape, scale }, ServiceLaw::Gamma { shape: other_shape, scale: longer }) => {
            shape <= other_shape && scale <= longer
        }
        (
            ServiceLaw::Hyperexponential { probability, short, long },
            ServiceLaw::Hyperexponential { probability: other_probability, short: other_short, long: other_long },
        ) => probability == other_probability && short <= other_short && long <= other_long,
        _ => false,
    }
}
