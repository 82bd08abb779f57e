use crate::units::{Probability, Seconds};

use super::replacement::CacheHits;
use super::{
    CacheError, Expired, OnWrite, Policy, Popularity, Renewal, TimeToLive, checked_capacity, expiry_hit_ratio,
    hit_ratio, lru_ttl_hit_ratio,
};

/// Which object leaves a full cache, or the best that any policy without foresight can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eviction {
    /// By a policy that is modelled.
    By(Policy),
    /// Never one of the most popular: perfect LFU, an upper bound of every policy without foresight.
    Optimal,
}

/// All that decides which requests hit, besides popularity and capacity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Behaviour {
    /// Which object leaves a full cache.
    pub eviction: Eviction,
    /// How long an object may be served, and whether a hit renews that; `None` is for ever.
    pub ttl: Option<(Seconds, Renewal)>,
    /// Share of writes among all operations on the cached objects.
    pub write_share: Probability,
    /// What a write does to the cached copy.
    pub on_write: OnWrite,
}

impl Behaviour {
    /// Returns the hit ratio of reads that come at `read_rate` per second.
    ///
    /// # Formula
    ///
    /// Time is counted in operations, reads and writes together: `λ/(1 − s)` a second. Invalidating writes leave of each
    /// object's time in the cache the share that a read began:
    ///
    /// ```text
    /// invalidate: h = (1 − s)·h₀(C/(1 − s)),   update: h = h₀(C)
    /// ```
    ///
    /// with `h₀` the hit ratio of operations: LRU with or without a time to live as
    /// [`lru_ttl_hit_ratio`], FIFO and random as [`hit_ratio`], the optimum as
    /// the share of the `C` most popular objects. For the last three a time to live takes the smaller of the ratios by
    /// capacity and by age alone.
    ///
    /// # Units
    ///
    /// `capacity_objects` is a number of objects, `read_rate` reads per second; without a time to live the rate does not
    /// matter. The characteristic time is in operations.
    ///
    /// # Accuracy
    ///
    /// LRU with writes or with a time to live, one at a time: that of the functions named. A fixed time to live together
    /// with invalidating writes is up to 23 % low where both end as many stays. The minimum of two ratios is an upper
    /// bound. An updating write is taken to renew what a read renews.
    ///
    /// # Special cases
    ///
    /// No writes, no time to live: [`hit_ratio`]. A rate of 0 with a time to live: nothing hits.
    ///
    /// # Errors
    ///
    /// [`CacheError::OutOfDomain`] for a capacity outside its domain, a time to live of 0 or when everything is a write,
    /// [`CacheError::NotConverged`].
    ///
    /// # References
    ///
    /// [Che02](crate::references#che02), [Gelenbe73](crate::references#gelenbe73),
    /// [Fofack12](crate::references#fofack12).
    pub fn hits(
        &self,
        popularity: &Popularity,
        capacity_objects: f64,
        read_rate: f64,
    ) -> Result<CacheHits, CacheError> {
        let capacity = checked_capacity("cache capacity", capacity_objects)?;
        let reads = self.read_share()?;
        let kept = match self.on_write {
            OnWrite::Invalidate => reads,
            OnWrite::Update => 1.0,
        };
        let plain = self.operations(popularity, (capacity / kept).min(popularity.objects()), read_rate / reads)?;
        Ok(CacheHits { hit_ratio: kept * plain.hit_ratio, miss_ratio: (1.0 - kept) + kept * plain.miss_ratio, ..plain })
    }

    /// Share of reads among the operations.
    fn read_share(&self) -> Result<f64, CacheError> {
        let writes = self.write_share.get();
        if writes < 1.0 {
            Ok(1.0 - writes)
        } else {
            Err(CacheError::OutOfDomain { what: "share of writes", value: writes, domain: "below 1" })
        }
    }

    fn operations(&self, popularity: &Popularity, capacity: f64, rate: f64) -> Result<CacheHits, CacheError> {
        let Some((life, renewal)) = self.ttl else { return self.evicted(popularity, capacity) };
        if rate == 0.0 && life.get() > 0.0 {
            return Ok(CacheHits::EMPTY);
        }
        let life = life.get() * rate;
        if self.eviction == Eviction::By(Policy::Lru) {
            let ttl = TimeToLive { requests: life, renewal, expired: Expired::RemovedAtOnce };
            return lru_ttl_hit_ratio(popularity, capacity, ttl);
        }
        let by_age = expiry_hit_ratio(popularity, life, renewal)?;
        let by_room = self.evicted(popularity, capacity)?;
        if by_room.hit_ratio <= by_age.hit_ratio {
            return Ok(by_room);
        }
        Ok(CacheHits {
            hit_ratio: by_age.hit_ratio,
            miss_ratio: by_age.miss_ratio,
            characteristic_time: None,
            ..by_room
        })
    }

    /// Without a time to live.
    fn evicted(&self, popularity: &Popularity, capacity: f64) -> Result<CacheHits, CacheError> {
        match self.eviction {
            Eviction::By(policy) => hit_ratio(popularity, capacity, policy),
            Eviction::Optimal => {
                let share = popularity.top_share(capacity);
                Ok(CacheHits { hit_ratio: share, miss_ratio: 1.0 - share, ..CacheHits::COMPLETE })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{lru_hit_ratio, read_hit_ratio};
    use super::*;

    const ROUNDING: f64 = 1e-12;

    fn behaviour(eviction: Eviction, ttl: Option<f64>, writes: f64) -> Behaviour {
        Behaviour {
            eviction,
            ttl: ttl.map(|life| (Seconds::new(life).expect("a time"), Renewal::Never)),
            write_share: Probability::new(writes).expect("a share"),
            on_write: OnWrite::Invalidate,
        }
    }

    fn law() -> Popularity {
        Popularity::zipf(100_000, 0.9).expect("a law")
    }

    const LRU: Eviction = Eviction::By(Policy::Lru);

    #[test]
    fn one_thing_at_a_time_is_its_own_function() {
        let hits = |one: Behaviour| one.hits(&law(), 5000.0, 200.0).expect("hits").hit_ratio;
        let lru = lru_hit_ratio(&law(), 5000.0).expect("hits").hit_ratio;
        assert!((hits(behaviour(LRU, None, 0.0)) - lru).abs() < ROUNDING);
        let share = Probability::new(0.2).expect("a share");
        let written = read_hit_ratio(&law(), 5000.0, share, OnWrite::Invalidate).expect("hits").hit_ratio;
        assert!((hits(behaviour(LRU, None, 0.2)) - written).abs() < ROUNDING);
        let ttl = TimeToLive { requests: 2000.0, renewal: Renewal::Never, expired: Expired::RemovedAtOnce };
        let aged = lru_ttl_hit_ratio(&law(), 5000.0, ttl).expect("hits").hit_ratio;
        assert!((hits(behaviour(LRU, Some(10.0), 0.0)) - aged).abs() < ROUNDING);
        let best = behaviour(Eviction::Optimal, None, 0.0);
        assert!((hits(best) - law().top_share(5000.0)).abs() < ROUNDING);
    }

    #[test]
    fn nothing_ever_helps_more_than_its_absence() {
        for eviction in [LRU, Eviction::By(Policy::Fifo), Eviction::By(Policy::Random), Eviction::Optimal] {
            let hits = |ttl, writes| behaviour(eviction, ttl, writes).hits(&law(), 5000.0, 200.0).expect("hits");
            let plain = hits(None, 0.0).hit_ratio;
            for limited in [hits(Some(30.0), 0.0), hits(None, 0.3), hits(Some(30.0), 0.3)] {
                assert!(limited.hit_ratio < plain + ROUNDING, "{eviction:?}");
                assert!((limited.hit_ratio + limited.miss_ratio - 1.0).abs() < 1e-9, "{eviction:?}");
            }
        }
    }

    /// A fixed time to live with invalidating writes, unlimited memory: by the mean stay `(1 − e^(−wτ))/w`.
    #[test]
    fn a_fixed_life_with_writes_is_at_most_23_percent_low() {
        let mut worst: f64 = 0.0;
        for step in 0..60 {
            let life = 10_f64.powf(f64::from(step) / 10.0 - 3.0);
            for share in [0.05, 0.3, 0.5, 0.8, 0.95] {
                let stay = -(-share * life).exp_m1() / share * (1.0 - share);
                let exact = stay / (1.0 + stay);
                let one = Popularity::zipf(1, 0.0).expect("one object");
                let model = behaviour(LRU, Some(life), share).hits(&one, 1.0, 1.0 - share).expect("hits").hit_ratio;
                assert!(model <= exact + ROUNDING, "{life} {share}: {model} {exact}");
                worst = worst.max(1.0 - model / exact);
            }
        }
        assert!(worst < 0.23, "{worst}");
    }

    #[test]
    fn limits_are_told() {
        let message = |one: Behaviour| one.hits(&law(), 10.0, 5.0).expect_err("refused").to_string();
        assert_eq!(message(behaviour(LRU, None, 1.0)), "share of writes of 1 is not below 1");
        assert_eq!(
            message(behaviour(LRU, Some(0.0), 0.0)),
            "time to live in requests of 0 is not finite and above 0; leave the cache out if nothing may be kept"
        );
        assert_eq!(behaviour(LRU, Some(1.0), 0.0).hits(&law(), 10.0, 0.0).expect("hits").hit_ratio, 0.0);
    }
}
