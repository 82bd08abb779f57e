use crate::units::{ArrivalRate, Seconds};

use super::CacheError;

/// What the store sees of one popular key that expires again and again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stampede {
    /// Reads of the store each time the key expires, if every miss goes there.
    pub reads_per_expiry: f64,
    /// Mean of the most reads at the same time.
    pub peak_concurrent_reads: f64,
    /// Seconds from one expiry to the next.
    pub cycle_time: f64,
    /// Reads per second if every miss goes to the store.
    pub uncoalesced_rate: f64,
    /// Reads per second if concurrent misses share one load.
    pub coalesced_rate: f64,
}

/// Returns what the expiry of one key costs the store behind the cache.
///
/// # Formula
///
/// ```text
/// reads = 1 + λD,   cycle = τ + D + 1/λ,   rates reads/cycle and 1/cycle
/// ```
///
/// with `λ` reads of the key per second, `D` seconds to load it and `τ` its time to live, counted from the end of the
/// first load. The first miss comes `1/λ` after the expiry; all reads until its load ends miss too.
///
/// # Accuracy
///
/// Exact for Poisson reads and a load of fixed length; all loads of one expiry overlap at the end of the first.
///
/// # Errors
///
/// [`CacheError::OutOfDomain`] for a rate of 0: nothing is ever loaded.
///
/// # References
///
/// [Vattani15](crate::references#vattani15).
pub fn stampede(key_read_rate: ArrivalRate, load_time: Seconds, ttl: Seconds) -> Result<Stampede, CacheError> {
    let lambda = key_read_rate.get();
    if lambda <= 0.0 {
        return Err(CacheError::OutOfDomain { what: "read rate of the key", value: lambda, domain: "above 0" });
    }
    let reads = 1.0 + lambda * load_time.get();
    let cycle = ttl.get() + load_time.get() + 1.0 / lambda;
    Ok(Stampede {
        reads_per_expiry: reads,
        peak_concurrent_reads: reads,
        cycle_time: cycle,
        uncoalesced_rate: reads / cycle,
        coalesced_rate: 1.0 / cycle,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays 20,000 expiries with Poisson reads.
    #[test]
    fn a_simulated_key_agrees() {
        let (lambda, load, ttl) = (40.0, 0.05, 2.0);
        let mut state = 7_u64;
        let mut gap = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            -(((state >> 11) as f64 + 0.5) / 2.0_f64.powi(53)).ln() / lambda
        };
        let (mut now, mut reads, cycles) = (0.0, 0.0, 20_000_u32);
        for _ in 0..cycles {
            now += gap();
            let loaded = now + load;
            reads += 1.0;
            loop {
                let step = gap();
                if now + step > loaded {
                    break;
                }
                now += step;
                reads += 1.0;
            }
            // Reads until the expiry hit; without memory the wait for the next one starts anew.
            now = loaded + ttl;
        }
        let exact = stampede(
            ArrivalRate::new(lambda).expect("rate"),
            Seconds::new(load).expect("time"),
            Seconds::new(ttl).expect("time"),
        )
        .expect("a stampede");
        // Three standard errors of the count.
        assert!((reads / f64::from(cycles) - exact.reads_per_expiry).abs() < 3.0 * (2.0 / f64::from(cycles)).sqrt());
        assert!((reads / now / exact.uncoalesced_rate - 1.0).abs() < 0.02);
    }

    #[test]
    fn a_key_nobody_reads_is_refused() {
        let second = Seconds::new(1.0).expect("time");
        assert_eq!(
            stampede(ArrivalRate::new(0.0).expect("rate"), second, second).expect_err("refused").to_string(),
            "read rate of the key of 0 is not above 0"
        );
    }
}
