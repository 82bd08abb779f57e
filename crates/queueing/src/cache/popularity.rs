use super::{CacheError, Zipf};

/// Objects that are asked for equally often.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Group {
    /// Probability that a request asks for one given object of the group.
    pub(super) probability: f64,
    /// Number of objects. A corrected sum over ranks also has fractions and, at its ends, negative numbers.
    pub(super) objects: f64,
}

/// How often each object is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Popularity {
    groups: Vec<Group>,
    objects: f64,
    entries: usize,
    law: Option<Zipf>,
}

impl Popularity {
    /// Popularity by Zipf's law.
    ///
    /// # Errors
    ///
    /// As [`Zipf::new`].
    pub fn zipf(objects: u64, exponent: f64) -> Result<Self, CacheError> {
        Zipf::new(objects, exponent).map(|law| Self::from_zipf(&law))
    }

    /// Popularity by a Zipf law that is at hand.
    pub fn from_zipf(law: &Zipf) -> Self {
        let groups: Vec<Group> = if law.exponent() == 0.0 {
            let objects = law.objects() as f64;
            vec![Group { probability: 1.0 / objects, objects }]
        } else {
            law.weighted().map(|(probability, objects)| Group { probability, objects }).collect()
        };
        Self { groups, objects: law.objects() as f64, entries: 1, law: Some(law.clone()) }
    }

    /// Popularity in proportion to a list of weights, one for each object. An object of weight 0 is never asked for and
    /// is left out.
    ///
    /// # Errors
    ///
    /// [`CacheError::OutOfDomain`] for a negative or endless weight or sum, [`CacheError::NothingRequested`] if all are
    /// 0.
    pub fn weights(weights: &[f64]) -> Result<Self, CacheError> {
        Self::listed(weights.iter().map(|&weight| (weight, 1.0)), weights.len())
    }

    /// Popularity counted in a trace: pairs of (accesses to one object, number of objects with so many).
    ///
    /// # Errors
    ///
    /// As [`Popularity::weights`].
    pub fn histogram(pairs: &[[f64; 2]]) -> Result<Self, CacheError> {
        Self::listed(pairs.iter().map(|&[accesses, objects]| (accesses, objects)), pairs.len())
    }

    fn listed(pairs: impl Iterator<Item = (f64, f64)> + Clone, entries: usize) -> Result<Self, CacheError> {
        let domain = "finite and at least 0";
        for (weight, objects) in pairs.clone() {
            for (what, value) in [("popularity", weight), ("number of objects", objects)] {
                if !(value >= 0.0 && value.is_finite()) {
                    return Err(CacheError::OutOfDomain { what, value, domain });
                }
            }
        }
        let total: f64 = pairs.clone().map(|(weight, objects)| weight * objects).sum();
        if total == 0.0 {
            return Err(CacheError::NothingRequested);
        }
        if !total.is_finite() {
            return Err(CacheError::OutOfDomain { what: "sum of the popularities", value: total, domain: "finite" });
        }
        let groups: Vec<Group> =
            pairs.map(|(weight, objects)| Group { probability: weight / total, objects }).collect();
        let objects = groups.iter().filter(|group| group.probability > 0.0).map(|group| group.objects).sum();
        Ok(Self { groups, objects, entries, law: None })
    }

    /// The number of objects that are ever asked for.
    pub const fn objects(&self) -> f64 {
        self.objects
    }

    /// The number of entries a list of sizes has to match: 1 for a law.
    pub(super) const fn entries(&self) -> usize {
        self.entries
    }

    /// The groups in the order they were given.
    pub(super) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Returns the share of requests for the `count` most popular objects; the last may count by a fraction.
    ///
    /// It is the hit ratio of a cache that always holds exactly those: no policy without foresight does better under
    /// independent references.
    pub fn top_share(&self, count: f64) -> f64 {
        if count >= self.objects {
            return 1.0;
        }
        if let Some(law) = &self.law {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 ≤ count < 10¹²")]
            let whole = count.max(0.0) as u64;
            return law.top_share(whole) + (count.max(0.0) - whole as f64) * law.probability(whole + 1);
        }
        let mut groups: Vec<&Group> = self.groups.iter().collect();
        groups.sort_by(|one, other| other.probability.total_cmp(&one.probability));
        let (mut share, mut left) = (0.0, count.max(0.0));
        for group in groups {
            let taken = group.objects.min(left);
            share += taken * group.probability;
            left -= taken;
        }
        share.clamp(0.0, 1.0)
    }

    /// Share of requests for the most popular object.
    pub fn hottest_share(&self) -> f64 {
        self.groups.iter().filter(|group| group.objects > 0.0).map(|group| group.probability).fold(0.0, f64::max)
    }

    /// Returns `Σ f(p_i)` over all objects that are ever asked for.
    pub(super) fn sum_over_objects(&self, f: impl Fn(f64) -> f64) -> f64 {
        let asked_for = self.groups.iter().rev().filter(|group| group.probability > 0.0);
        asked_for.map(|group| group.objects * f(group.probability)).sum()
    }

    /// Returns `Σ p_i f(p_i)` over all objects: the mean of `f` over requests.
    pub(super) fn mean_over_requests(&self, f: impl Fn(f64) -> f64) -> f64 {
        self.groups.iter().rev().map(|group| group.objects * group.probability * f(group.probability)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_is_a_short_list_of_weights() {
        let listed = Popularity::weights(&[3.0, 1.0, 1.0]).expect("weights");
        let counted = Popularity::histogram(&[[3.0, 1.0], [1.0, 2.0]]).expect("a histogram");
        let square = |p: &Popularity| p.mean_over_requests(|p| p);
        assert_eq!((listed.objects(), counted.objects()), (3.0, 3.0));
        assert!((square(&listed) - square(&counted)).abs() < 1e-16);
    }

    #[test]
    fn the_most_popular_come_first_whatever_their_order() {
        let listed = Popularity::weights(&[1.0, 5.0, 0.0, 2.0, 2.0]).expect("weights");
        for (count, share) in [(0.0, 0.0), (0.5, 0.25), (1.0, 0.5), (2.5, 0.8), (4.0, 1.0), (9.0, 1.0)] {
            assert!((listed.top_share(count) - share).abs() < 1e-15, "{count}");
        }
        assert_eq!(listed.hottest_share(), 0.5);
        let law = Popularity::zipf(1000, 0.8).expect("a law");
        let weights: Vec<f64> = (1..=1000_u32).map(|rank| f64::from(rank).powf(-0.8)).collect();
        let listed = Popularity::weights(&weights).expect("weights");
        for count in [0.0, 0.25, 1.0, 17.5, 999.9] {
            assert!((law.top_share(count) - listed.top_share(count)).abs() < 1e-13, "{count}");
        }
        assert!((law.hottest_share() - listed.hottest_share()).abs() < 1e-15);
    }

    #[test]
    fn requests_of_a_law_sum_to_one() {
        for (objects, exponent) in [(10, 0.0), (500, 0.7), (1_000_000_000, 0.9), (1_000_000, 3.0)] {
            let law = Popularity::zipf(objects, exponent).expect("a law");
            assert!((law.mean_over_requests(|_| 1.0) - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn an_object_nobody_asks_for_is_left_out() {
        assert_eq!(Popularity::weights(&[1.0, 0.0]).expect("weights").objects(), 1.0);
    }

    #[test]
    fn impossible_popularities_are_refused() {
        let message = |weights: &[f64]| Popularity::weights(weights).expect_err("refused").to_string();
        assert_eq!(message(&[1.0, -2.0]), "popularity of -2 is not finite and at least 0");
        assert_eq!(message(&[]), "no object is ever asked for; at least one needs a popularity above 0");
        assert_eq!(message(&[1e308, 1e308]), "sum of the popularities of inf is not finite");
    }
}
