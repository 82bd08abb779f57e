use crate::cache::WarmUp;

/// Steps in which a refill is followed.
const STEPS: i32 = 8;

/// Share of the last hit ratio at which a cache counts as warm.
const WARM: f64 = 0.9;

/// Objects of a cache that were lost and are loaded again.
///
/// # Formula
///
/// ```text
/// h(M) = (1 − f)·h₁ + f·h_cold(M)
/// ```
///
/// after `M` look-ups, where `f` is the share of the objects that is lost, `h₁` the hit ratio at the end and `h_cold` that
/// of an empty cache. The hit ratio of objects that were kept falls to `h₁` only as they are pushed out, so that this is
/// the safe side.
#[derive(Debug, Clone)]
pub(super) struct Refill {
    pub tier: usize,
    lost_share: f64,
    warm: WarmUp,
    /// Look-ups at the ends of the steps, the last when the cache is full.
    ends: Vec<f64>,
    /// Look-ups until the hit ratio is nearly the last one.
    nearly: f64,
}

impl Refill {
    pub fn new(tier: usize, lost_share: f64, warm: WarmUp) -> Self {
        let last = warm.warm().hit_ratio;
        let full = warm.requests_until_full().unwrap_or_else(|| lookups_to(&warm, 0.999 * last, 1e18));
        let nearly = {
            let kept = (1.0 - lost_share) * last;
            let cold = ((WARM * last - kept) / lost_share).max(0.0);
            lookups_to(&warm, cold, full)
        };
        let mut ends: Vec<f64> = (0..STEPS).map(|step| full * 4.0_f64.powi(step + 1 - STEPS)).collect();
        ends.push(nearly);
        ends.retain(|&end| end > 0.0);
        ends.sort_by(f64::total_cmp);
        ends.dedup();
        Self { tier, lost_share, warm, ends, nearly }
    }

    /// Hit ratio when everything is loaded.
    pub fn last_hit_ratio(&self) -> f64 {
        self.warm.warm().hit_ratio
    }

    /// Look-ups until the hit ratio is 90 % of the last one.
    pub const fn nearly(&self) -> f64 {
        self.nearly
    }

    /// Mean hit ratio from now to the end of the present step, and the look-ups until there; no end when it is over.
    pub fn step(&self, lookups: f64) -> (f64, Option<f64>) {
        let end = self.ends.iter().copied().find(|&end| end > lookups * (1.0 + 1e-9));
        let Some(end) = end else { return (self.last_hit_ratio(), None) };
        let cold = self.warm.mean_hit_ratio(lookups, end);
        let hit_ratio = (1.0 - self.lost_share) * self.last_hit_ratio() + self.lost_share * cold;
        (hit_ratio.min(1.0), Some(end - lookups))
    }
}

/// Look-ups after which an empty cache has a hit ratio, by halving; at most `most`.
fn lookups_to(warm: &WarmUp, hit_ratio: f64, most: f64) -> f64 {
    if hit_ratio <= 0.0 {
        return 0.0;
    }
    let (mut low, mut high) = (0.0_f64, most.ln_1p());
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if warm.hit_ratio_after(middle.exp_m1()) < hit_ratio { low = middle } else { high = middle }
    }
    high.exp_m1().min(most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::Popularity;

    #[test]
    fn steps_rise_to_the_last_hit_ratio() {
        let law = Popularity::zipf(100_000, 0.9).expect("a law");
        let warm = WarmUp::new(law, 5000.0).expect("a warm-up");
        let refill = Refill::new(0, 1.0, warm.clone());
        let (mut lookups, mut before, mut steps) = (0.0, -1.0, 0);
        while let (hit_ratio, Some(left)) = refill.step(lookups) {
            assert!(hit_ratio > before && hit_ratio < refill.last_hit_ratio());
            (lookups, before, steps) = (lookups + left, hit_ratio, steps + 1);
        }
        assert_eq!((steps, Some(lookups)), (STEPS + 1, warm.requests_until_full()));
        assert!((warm.hit_ratio_after(refill.nearly()) / refill.last_hit_ratio() - 0.9).abs() < 1e-6);
        // With a tenth lost, nine tenths are there from the start.
        assert_eq!(Refill::new(0, 0.1, warm).nearly(), 0.0);
    }
}
