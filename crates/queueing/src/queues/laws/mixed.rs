use crate::numeric::Complex;

use crate::queues::VisitLaw;

/// A visit that goes to one of two stations, chosen by chance.
///
/// # Formula
///
/// ```text
/// E e^(−sT) = p·E e^(−sT₁) + (1 − p)·E e^(−sT₂)
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MixedLaw {
    /// Probability `p` of the first station.
    pub probability: f64,
    /// A visit to the first station.
    pub first: VisitLaw,
    /// A visit to the second station.
    pub second: VisitLaw,
}

impl MixedLaw {
    /// The mean over both stations of a figure of each.
    pub fn average(&self, figure: impl Fn(&VisitLaw) -> f64) -> f64 {
        self.probability * figure(&self.first) + (1.0 - self.probability) * figure(&self.second)
    }

    /// Variance of the time of a visit: within the stations and between them.
    pub fn variance(&self) -> f64 {
        let between = self.first.mean() - self.second.mean();
        self.average(VisitLaw::variance) + self.probability * (1.0 - self.probability) * between * between
    }

    /// Laplace–Stieltjes transform `E e^(−sT)`.
    pub fn transform(&self, s: Complex<f64>) -> Complex<f64> {
        self.first.transform(s) * self.probability + self.second.transform(s) * (1.0 - self.probability)
    }

    /// Whether every time of this law is stochastically at most that of `other`: sufficient, not necessary.
    pub fn at_most(&self, other: &Self) -> bool {
        let each = self.first.at_most(&other.first) && self.second.at_most(&other.second);
        let crossed = self.first.at_most(&other.second) && self.second.at_most(&other.first);
        each && (self.probability == other.probability || crossed)
    }
}

#[cfg(test)]
mod tests {
    use crate::queues::StationFigures;
    use std::sync::Arc;

    use super::*;
    use crate::queues::{Mmc, ServiceLaw};
    use crate::units::{ArrivalRate, Servers, ServiceRate};

    fn idle(mean: f64) -> VisitLaw {
        VisitLaw::without_waiting(ServiceLaw::from_moments(mean, 1.0))
    }

    #[test]
    fn two_exponential_stations_are_a_hyperexponential_law() {
        let mixed = MixedLaw { probability: 0.25, first: idle(2.0), second: idle(1.0) };
        let second_moment = 0.25 * 2.0 * 4.0 + 0.75 * 2.0;
        assert!((mixed.average(VisitLaw::mean) - 1.25).abs() < 1e-15);
        assert!((mixed.variance() - (second_moment - 1.25 * 1.25)).abs() < 1e-15);
        let s = Complex::new(0.5, 0.0);
        assert!((mixed.transform(s).re - (0.25 / 2.0 + 0.75 / 1.5)).abs() < 1e-15);
    }

    #[test]
    fn a_mixture_of_one_law_is_that_law() {
        let queue = Mmc::new(
            ArrivalRate::new(1.5).expect("a rate"),
            ServiceRate::new(1.0).expect("a rate"),
            Servers::new(2).expect("a count"),
        )
        .expect("stable");
        let law = idle(queue.sojourn_time());
        let mixed = VisitLaw::Mixed(Arc::new(MixedLaw { probability: 0.3, first: law.clone(), second: law.clone() }));
        assert!((mixed.mean() / law.mean() - 1.0).abs() < 1e-15);
        assert!((mixed.variance() / law.variance() - 1.0).abs() < 1e-12);
        assert!(mixed.at_most(&mixed));
    }

    #[test]
    fn a_mixture_with_faster_parts_is_faster_only_where_both_parts_are() {
        let mix = |probability: f64, first: f64, second: f64| MixedLaw {
            probability,
            first: idle(first),
            second: idle(second),
        };
        assert!(mix(0.5, 1.0, 2.0).at_most(&mix(0.5, 1.0, 2.5)));
        assert!(!mix(0.2, 1.0, 2.0).at_most(&mix(0.5, 1.0, 2.5)));
        assert!(mix(0.2, 1.0, 2.0).at_most(&mix(0.5, 2.0, 2.5)));
    }
}
