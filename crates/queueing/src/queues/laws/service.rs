use crate::numeric::Complex;

/// The law of a service time, known by its mean and squared coefficient of variation.
///
/// | scv | law |
/// |---|---|
/// | mean 0 | a service that takes no time |
/// | below 1 | gamma of shape 1/scv |
/// | 1 | exponential |
/// | above 1 | two exponential phases with balanced means |
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ServiceLaw {
    /// No time at all.
    Instant,
    /// Exponential.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// Gamma.
    Gamma {
        /// Shape, above 1.
        shape: f64,
        /// Mean divided by the shape.
        scale: f64,
    },
    /// A mixture of two exponentials.
    Hyperexponential {
        /// Probability of the short phase.
        probability: f64,
        /// Mean of the short phase.
        short: f64,
        /// Mean of the long phase.
        long: f64,
    },
}

impl ServiceLaw {
    /// The law with `mean` seconds and squared coefficient of variation `scv`, both at least 0; an `scv` of 0 with a
    /// positive mean is not among them and is taken as the smallest positive number.
    pub fn from_moments(mean: f64, scv: f64) -> Self {
        if mean <= 0.0 {
            Self::Instant
        } else if scv == 1.0 {
            Self::Exponential { mean }
        } else if scv < 1.0 {
            let scv = scv.max(f64::MIN_POSITIVE);
            Self::Gamma { shape: 1.0 / scv, scale: mean * scv }
        } else {
            // Balanced means: each phase carries half of the work.
            let probability = 0.5 * (1.0 + ((scv - 1.0) / (scv + 1.0)).sqrt());
            Self::Hyperexponential {
                probability,
                short: 0.5 * mean / probability,
                long: 0.5 * mean / (1.0 - probability),
            }
        }
    }

    /// Mean in seconds.
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Instant => 0.0,
            Self::Exponential { mean } => mean,
            Self::Gamma { shape, scale } => shape * scale,
            Self::Hyperexponential { probability, short, long } => probability * short + (1.0 - probability) * long,
        }
    }

    /// Variance in seconds squared.
    pub fn variance(&self) -> f64 {
        match *self {
            Self::Instant => 0.0,
            Self::Exponential { mean } => mean * mean,
            Self::Gamma { shape, scale } => shape * scale * scale,
            Self::Hyperexponential { probability, short, long } => {
                let mean = self.mean();
                2.0 * (probability * short * short + (1.0 - probability) * long * long) - mean * mean
            }
        }
    }

    /// Third moment over the cube of the mean; 6 for the exponential.
    pub fn third_moment_ratio(&self) -> f64 {
        match *self {
            Self::Instant => 0.0,
            Self::Exponential { .. } => 6.0,
            Self::Gamma { shape, .. } => (1.0 + 1.0 / shape) * (1.0 + 2.0 / shape),
            Self::Hyperexponential { probability, short, long } => {
                6.0 * (probability * short.powi(3) + (1.0 - probability) * long.powi(3)) / self.mean().powi(3)
            }
        }
    }

    /// Laplace–Stieltjes transform `E e^(−sX)`.
    pub fn transform(&self, s: Complex<f64>) -> Complex<f64> {
        match *self {
            Self::Instant => Complex::new(1.0, 0.0),
            Self::Exponential { mean } => 1.0 / (1.0 + s * mean),
            Self::Gamma { shape, scale } => (1.0 + s * scale).powf(-shape),
            Self::Hyperexponential { probability, short, long } => {
                probability / (1.0 + s * short) + (1.0 - probability) / (1.0 + s * long)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_law_has_the_moments_it_was_made_from() {
        for scv in [0.1, 0.5, 1.0, 1.0001, 4.0, 100.0] {
            let law = ServiceLaw::from_moments(0.012, scv);
            assert!((law.mean() / 0.012 - 1.0).abs() < 1e-12, "{scv}");
            assert!((law.variance() / (scv * 0.012 * 0.012) - 1.0).abs() < 1e-9, "{scv}");
        }
    }

    /// `−F'(0)` is the mean, `F(0)` is 1.
    #[test]
    fn the_transform_begins_with_one_and_the_mean() {
        for scv in [0.1, 0.5, 1.0, 4.0] {
            let law = ServiceLaw::from_moments(2.0, scv);
            let step = 1e-6;
            let slope =
                (law.transform(Complex::new(step, 0.0)) - law.transform(Complex::new(-step, 0.0))) / (2.0 * step);
            assert!((law.transform(Complex::new(0.0, 0.0)).re - 1.0).abs() < 1e-15);
            assert!((slope.re + 2.0).abs() < 1e-6, "{scv}: {slope}");
        }
    }
}
