use crate::evaluate::ColdStart;

/// Steps in which a refill is followed.
const STEPS: i32 = 8;

/// Share of the last hit ratio at which a cache counts as warm.
const WARM: f64 = 0.9;

/// Share of the last hit ratio at which a refill ends; some popularity laws never reach the whole.
const FULL: f64 = 0.999;

/// Look-ups after which a refill ends in any case.
const MOST_READS: f64 = 1e18;

/// Refill of a cache that lost objects.
///
/// # Formula
///
/// ```text
/// h(M) = (1 − f)·h₁ + f·h_cold(M)
/// ```
///
/// after `M` look-ups, where `f` is the share of lost objects, `h₁` the hit ratio at the end and `h_cold` the hit ratio of a
/// cache that was empty at first.
///
/// # Accuracy
///
/// On the safe side: the hit ratio of the objects that were kept falls to `h₁` only as they are evicted.
#[derive(Debug, Clone)]
pub(super) struct Refill {
    pub tier: usize,
    lost_share: f64,
    cold: ColdStart,
    /// Look-ups at the ends of the steps, the last when the cache is full.
    ends: Vec<f64>,
    /// Look-ups until the hit ratio is 90 % of the last one.
    nearly: f64,
}

impl Refill {
    pub fn new(tier: usize, lost_share: f64, cold: ColdStart) -> Self {
        let full = cold.reads_to(FULL).unwrap_or(MOST_READS);
        let share = (WARM - (1.0 - lost_share)) / lost_share;
        let nearly = if share > 0.0 { cold.reads_to(share).map_or(full, |reads| reads.min(full)) } else { 0.0 };
        let mut ends: Vec<f64> = (0..STEPS).map(|step| full * 4.0_f64.powi(step + 1 - STEPS)).collect();
        ends.push(nearly);
        ends.retain(|&end| end > 0.0);
        ends.sort_by(f64::total_cmp);
        ends.dedup();
        Self { tier, lost_share, cold, ends, nearly }
    }

    /// Hit ratio at the end.
    pub fn last_hit_ratio(&self) -> f64 {
        self.cold.warm()
    }

    /// Look-ups until the hit ratio is 90 % of the last one.
    pub const fn nearly(&self) -> f64 {
        self.nearly
    }

    /// Hit ratio right after so many look-ups.
    pub fn hit_ratio_after(&self, lookups: f64) -> f64 {
        let cold = self.cold.hit_ratio_after(lookups);
        ((1.0 - self.lost_share) * self.last_hit_ratio() + self.lost_share * cold).min(1.0)
    }

    /// Mean hit ratio until the end of the present step, and the look-ups until then; `None` when the refill is over.
    pub fn step(&self, lookups: f64) -> (f64, Option<f64>) {
        let end = self.ends.iter().copied().find(|&end| end > lookups * (1.0 + 1e-9));
        let Some(end) = end else { return (self.last_hit_ratio(), None) };
        let cold = self.cold.mean_hit_ratio(lookups, end);
        let hit_ratio = (1.0 - self.lost_share) * self.last_hit_ratio() + self.lost_share * cold;
        (hit_ratio.min(1.0), Some(end - lookups))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::Prepared;
    use crate::model_file::{REFERENCE_MODEL, parse};

    #[test]
    fn steps_rise_to_the_last_hit_ratio() {
        let loaded = parse("web", REFERENCE_MODEL, &[]).expect("no faults");
        let prepared = Prepared::new(&loaded.system).expect("prepared");
        let cache = (0..loaded.system.tiers().len()).find_map(|tier| prepared.cache(tier)).expect("a cache");
        let warm = cache.hit_ratio(1e9, 1.0).expect("a hit ratio");
        let cold = ColdStart::new(cache, warm).expect("a cold start");
        let refill = Refill::new(0, 1.0, cold.clone());
        let (mut lookups, mut before, mut steps) = (0.0, -1.0, 0);
        while let (hit_ratio, Some(left)) = refill.step(lookups) {
            assert!(hit_ratio > before && hit_ratio < refill.last_hit_ratio());
            (lookups, before, steps) = (lookups + left, hit_ratio, steps + 1);
        }
        assert_eq!(steps, STEPS + 1);
        assert!((cold.hit_ratio_after(lookups) / warm - FULL).abs() < 1e-5);
        assert!((cold.hit_ratio_after(refill.nearly()) / warm - WARM).abs() < 1e-5);
        // With a tenth lost, nine tenths are there from the start.
        assert_eq!(Refill::new(0, 0.1, cold).nearly(), 0.0);
    }
}
