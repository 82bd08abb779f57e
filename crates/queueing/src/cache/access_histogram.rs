use super::{CacheError, CacheHits, MAX_OBJECTS, Popularity};

/// Objects of a trace that were asked for equally often.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Counted {
    /// Requests for each of them, above 0.
    pub(super) accesses: f64,
    /// How many there are.
    pub(super) objects: u64,
}

/// How often each object of a trace was asked for, the most popular first.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessHistogram {
    groups: Vec<Counted>,
    accesses: f64,
    objects: u64,
}

impl AccessHistogram {
    /// Counts of requests, one for each object in any order. An object that was never asked for is left out.
    ///
    /// # Errors
    ///
    /// [`CacheError::OutOfDomain`] for a negative or endless count or sum, [`CacheError::NothingRequested`] if all are
    /// 0.
    pub fn from_counts(counts: &[f64]) -> Result<Self, CacheError> {
        let mut sorted = counts.to_vec();
        sorted.sort_unstable_by(|one, other| other.total_cmp(one));
        Self::grouped(sorted.into_iter().map(|accesses| Counted { accesses, objects: 1 }))
    }

    /// Pairs of (requests for one object, number of objects with so many), in any order.
    ///
    /// # Errors
    ///
    /// As [`AccessHistogram::from_counts`], and [`CacheError::OutOfDomain`] unless the numbers of objects are whole.
    pub fn from_pairs(pairs: &[[f64; 2]]) -> Result<Self, CacheError> {
        let mut groups = Vec::with_capacity(pairs.len());
        for &[accesses, objects] in pairs {
            if !(objects.fract() == 0.0 && (0.0..=MAX_OBJECTS as f64).contains(&objects)) {
                return Err(CacheError::OutOfDomain {
                    what: "number of objects",
                    value: objects,
                    domain: "a whole number between 0 and 1,000,000,000,000",
                });
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, 0 to 10¹²")]
            groups.push(Counted { accesses, objects: objects as u64 });
        }
        groups.sort_by(|one, other| other.accesses.total_cmp(&one.accesses));
        Self::grouped(groups.into_iter())
    }

    /// Joins neighbours with the same count.
    fn grouped(sorted: impl Iterator<Item = Counted>) -> Result<Self, CacheError> {
        let mut groups: Vec<Counted> = Vec::new();
        let (mut accesses, mut objects) = (0.0, 0_u64);
        for next in sorted {
            if !(next.accesses >= 0.0 && next.accesses.is_finite()) {
                return Err(CacheError::OutOfDomain {
                    what: "count of requests",
                    value: next.accesses,
                    domain: "finite and at least 0",
                });
            }
            if next.accesses == 0.0 || next.objects == 0 {
                continue;
            }
            accesses += next.accesses * next.objects as f64;
            objects = objects.saturating_add(next.objects);
            match groups.last_mut() {
                Some(last) if last.accesses == next.accesses => last.objects += next.objects,
                _ => groups.push(next),
            }
        }
        if groups.is_empty() {
            return Err(CacheError::NothingRequested);
        }
        if !accesses.is_finite() {
            return Err(CacheError::OutOfDomain { what: "sum of the counts", value: accesses, domain: "finite" });
        }
        if objects > MAX_OBJECTS {
            return Err(CacheError::OutOfDomain {
                what: "number of objects",
                value: objects as f64,
                domain: "at most 1,000,000,000,000",
            });
        }
        Ok(Self { groups, accesses, objects })
    }

    /// Requests in all.
    pub const fn accesses(&self) -> f64 {
        self.accesses
    }

    /// Objects that were asked for.
    pub const fn objects(&self) -> u64 {
        self.objects
    }

    /// Pairs of (requests for one object, number of objects), the most popular first: as a rule far fewer than objects.
    pub fn pairs(&self) -> Vec<[f64; 2]> {
        self.groups.iter().map(|group| [group.accesses, group.objects as f64]).collect()
    }

    /// The popularity by these counts.
    ///
    /// # Errors
    ///
    /// As [`Popularity::histogram`].
    pub fn popularity(&self) -> Result<Popularity, CacheError> {
        Popularity::histogram(&self.pairs())
    }

    /// Returns the hit ratio that LRU would have had on this very trace, its first requests for each object missed.
    ///
    /// # Formula
    ///
    /// ```text
    /// h = Σ (c_i − 1)/Σc·(1 − e^(−p_i T))
    /// ```
    ///
    /// with `T` the characteristic time and `c_i` the requests for object `i`.
    ///
    /// # Accuracy
    ///
    /// That of [`lru_hit_ratio`](super::lru_hit_ratio) if the order of the trace is random. Seven real traces differed
    /// by far more, in both directions: repeats within a session hit more, scans less.
    ///
    /// # Units
    ///
    /// `hits` are those of [`lru_hit_ratio`](super::lru_hit_ratio) for the popularity of this histogram.
    pub fn hit_ratio_with_first_misses(&self, hits: &CacheHits) -> f64 {
        let time = hits.characteristic_time;
        let hit = |accesses: f64| time.map_or(1.0, |time| -(-accesses / self.accesses * time).exp_m1());
        let hits = |group: &Counted| group.objects as f64 * (group.accesses - 1.0).max(0.0) * hit(group.accesses);
        self.groups.iter().rev().map(hits).sum::<f64>() / self.accesses
    }

    pub(super) fn groups(&self) -> &[Counted] {
        &self.groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::lru_hit_ratio;

    #[test]
    fn counts_and_pairs_are_one_histogram() {
        let counted = AccessHistogram::from_counts(&[1.0, 7.0, 0.0, 1.0, 3.0]).expect("counts");
        let paired = AccessHistogram::from_pairs(&[[3.0, 1.0], [1.0, 2.0], [9.0, 0.0], [7.0, 1.0]]).expect("pairs");
        assert_eq!(counted, paired);
        assert_eq!(counted.pairs(), [[7.0, 1.0], [3.0, 1.0], [1.0, 2.0]]);
        assert_eq!((counted.accesses(), counted.objects()), (12.0, 4));
    }

    #[test]
    fn first_requests_miss_even_where_everything_fits() {
        let counted = AccessHistogram::from_counts(&[6.0, 3.0, 1.0]).expect("counts");
        let hits = |capacity| lru_hit_ratio(&counted.popularity().expect("counts"), capacity).expect("hits");
        assert!((counted.hit_ratio_with_first_misses(&hits(3.0)) - 0.7).abs() < 1e-15);
        let less = counted.hit_ratio_with_first_misses(&hits(1.5));
        assert!(less > 0.0 && less < hits(1.5).hit_ratio);
    }

    #[test]
    fn what_cannot_be_counted_is_refused() {
        let message = |counts: &[f64]| AccessHistogram::from_counts(counts).expect_err("refused").to_string();
        assert_eq!(message(&[]), "no object is ever asked for; at least one needs a popularity above 0");
        assert_eq!(message(&[0.0]), "no object is ever asked for; at least one needs a popularity above 0");
        assert_eq!(message(&[2.0, -1.0]), "count of requests of -1 is not finite and at least 0");
        assert_eq!(message(&[f64::NAN]), "count of requests of NaN is not finite and at least 0");
        assert_eq!(message(&[1e308, 1e308]), "sum of the counts of inf is not finite");
        assert_eq!(
            AccessHistogram::from_pairs(&[[1.0, 0.5]]).expect_err("refused").to_string(),
            "number of objects of 0.5 is not a whole number between 0 and 1,000,000,000,000"
        );
    }
}
