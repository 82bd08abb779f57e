use crate::numeric::try_find_root;
use crate::units::Probability;

use super::{CacheError, CacheHits, MAX_EXPONENT, Popularity, lru_hit_ratio};

/// A Zipf law that gives a measured hit ratio.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated {
    /// Its exponent.
    pub exponent: f64,
    popularity: Popularity,
}

impl Calibrated {
    /// The popularity.
    pub const fn popularity(&self) -> &Popularity {
        &self.popularity
    }

    /// What an LRU cache of another size delivers.
    ///
    /// # Errors
    ///
    /// As [`lru_hit_ratio`].
    pub fn hits_at(&self, capacity_objects: f64) -> Result<CacheHits, CacheError> {
        lru_hit_ratio(&self.popularity, capacity_objects)
    }
}

/// Returns the Zipf law of so many objects with which an LRU cache has the hit ratio that was measured.
///
/// # Formula
///
/// `h(C; N, α) = h` of [`lru_hit_ratio`], solved for `α`: the hit ratio rises with the exponent.
///
/// # Method
///
/// Bracketed search over exponents from 0 to [`MAX_EXPONENT`], to 1e-14.
///
/// # Accuracy
///
/// On four real traces the miss ratio predicted for a cache two to four times as large was within 11 % in 16 of 24
/// cases, at worst 64 % too high; to leave the hit ratio unchanged would be 12 to 124 % too high. The exponent absorbs
/// what the model leaves out, such as repeats within a session: it is a fit near the measured size, not the traffic's
/// own.
///
/// # Errors
///
/// [`CacheError::NoExponent`] if no exponent gives that hit ratio: at `α = 0` it is `C/N`, and scans stay below;
/// [`CacheError::OutOfDomain`] unless `0 < C < N`; as [`Popularity::zipf`].
///
/// # References
///
/// [Che02](crate::references#che02).
pub fn calibrate(
    objects: u64,
    measured_capacity: f64,
    measured_hit_ratio: Probability,
) -> Result<Calibrated, CacheError> {
    /// Relative width of the bracket: the last digits of an exponent.
    const TOLERANCE: f64 = 1e-14;
    /// A hit ratio this close to that of equal popularity is it.
    const ROUNDING: f64 = 1e-12;
    if !(measured_capacity > 0.0 && measured_capacity < objects as f64) {
        return Err(CacheError::OutOfDomain {
            what: "measured capacity",
            value: measured_capacity,
            domain: "above 0 and below the number of objects",
        });
    }
    let hit_ratio = |exponent| -> Result<f64, CacheError> {
        Ok(lru_hit_ratio(&Popularity::zipf(objects, exponent)?, measured_capacity)?.hit_ratio)
    };
    let (least, most) = (hit_ratio(0.0)?, hit_ratio(MAX_EXPONENT)?);
    let wanted = measured_hit_ratio.get();
    if (wanted - least).abs() <= ROUNDING {
        return Ok(Calibrated { exponent: 0.0, popularity: Popularity::zipf(objects, 0.0)? });
    }
    if !(least..=most).contains(&wanted) {
        return Err(CacheError::NoExponent { hit_ratio: wanted, least, most });
    }
    let difference = |exponent| hit_ratio(exponent).map(|found| found - wanted);
    let exponent = try_find_root(difference, 0.0, MAX_EXPONENT, TOLERANCE)?;
    Ok(Calibrated { exponent, popularity: Popularity::zipf(objects, exponent)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(value: f64) -> Probability {
        Probability::new(value).expect("ratio")
    }

    #[test]
    fn the_measured_point_comes_back() {
        for (objects, capacity, hits) in [(20_000, 400.0, 0.44), (1_000_000_000, 1e6, 0.3), (100, 50.0, 0.999)] {
            let law = calibrate(objects, capacity, ratio(hits)).expect("a law");
            assert!((law.hits_at(capacity).expect("hits").hit_ratio - hits).abs() < 1e-12);
        }
    }

    #[test]
    fn the_share_that_fits_means_equal_popularity() {
        assert_eq!(calibrate(1000, 250.0, ratio(0.25)).expect("a law").exponent, 0.0);
    }

    #[test]
    fn a_hit_ratio_below_that_is_refused() {
        assert_eq!(
            calibrate(1000, 250.0, ratio(0.2)).expect_err("refused").to_string(),
            "no Zipf exponent between 0 and 10 gives a hit ratio of 0.2, only 0.2500 to 1.0000; \
             check the number of objects and the capacity, or give a histogram"
        );
        assert_eq!(
            calibrate(1000, 1000.0, ratio(0.2)).expect_err("refused").to_string(),
            "measured capacity of 1000 is not above 0 and below the number of objects"
        );
    }
}
