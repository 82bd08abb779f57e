use capplan_queueing::cache::{OnWrite, WarmUp};
use capplan_queueing::numeric::find_root;

use super::CacheModel;

/// A cache that starts empty, and its hit ratio as it is read.
///
/// # Formula
///
/// ```text
/// h(M) = min(h, (1 − s)·Σ p_i (1 − e^(−p_i M/(1 − s))))
/// ```
///
/// after `M` reads, with `s` the share of invalidating writes and `h` the hit ratio of the warm cache: until a cache is full
/// nothing is evicted, so that its memory does not matter until then.
///
/// # References
///
/// [Che02](capplan_queueing::references#che02), [Fricker12](capplan_queueing::references#fricker12).
#[derive(Debug, Clone)]
pub struct ColdStart {
    warm_up: WarmUp,
    /// Operations, reads and writes, for each read.
    operations: f64,
    /// Share of operations that leave a copy.
    kept: f64,
    warm: f64,
}

impl ColdStart {
    /// Relative width at which a boundary is found.
    const TOLERANCE: f64 = 1e-6;

    /// Prepares the warm-up to a hit ratio of `warm`; `None` where nothing would hit.
    pub fn new(cache: &CacheModel, warm: f64) -> Option<Self> {
        let reads = 1.0 - cache.behaviour().write_share.get();
        let kept = if cache.behaviour().on_write == OnWrite::Invalidate { reads } else { 1.0 };
        let objects = cache.popularity().objects();
        let warm_up = WarmUp::new(cache.popularity().clone(), objects).ok()?;
        (warm > 0.0 && reads > 0.0).then_some(Self { warm_up, operations: 1.0 / reads, kept, warm })
    }

    /// The hit ratio when it is warm.
    pub const fn warm(&self) -> f64 {
        self.warm
    }

    /// The hit ratio after so many reads.
    pub fn hit_ratio_after(&self, reads: f64) -> f64 {
        (self.kept * self.warm_up.hit_ratio_after(self.operations * reads)).min(self.warm)
    }

    /// Mean hit ratio of the reads between two numbers of reads, both before it is warm.
    pub fn mean_hit_ratio(&self, from: f64, to: f64) -> f64 {
        (self.kept * self.warm_up.mean_hit_ratio(self.operations * from, self.operations * to)).min(self.warm)
    }

    /// Reads until the hit ratio is `share` of the warm one; `None` where it never is.
    pub fn reads_to(&self, share: f64) -> Option<f64> {
        /// Numbers of reads are searched within `e^±60`.
        const REACH: f64 = 60.0;
        let wanted = share * self.warm;
        let excess = |ln: f64| self.kept * self.warm_up.hit_ratio_after(self.operations * ln.exp()) - wanted;
        find_root(excess, -REACH, REACH, Self::TOLERANCE).ok().map(f64::exp)
    }
}
