use crate::numeric::find_root;
use crate::units::{ArrivalRate, Probability};

use super::{CacheError, Popularity};

/// How a system with an empty cache comes back, in front of a database that serves only so many misses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Restart {
    /// Load of the database over its capacity if every request went there.
    pub cold_database_utilization: f64,
    /// Share of requests served in the first moment.
    pub initial_served_share: f64,
    /// Seconds until every request is served; 0 if the database carries them all.
    pub time_to_full_service: f64,
    /// Requests served until then.
    pub requests_served: f64,
    /// Requests turned away until then.
    pub requests_shed: f64,
    /// Objects in the cache by then.
    pub objects_loaded: f64,
    /// Hit ratio by then.
    pub hit_ratio_at_full_service: f64,
    /// Seconds until the hit ratio that was asked for.
    pub time_to_target: f64,
}

/// Returns how long an empty cache, large enough for everything, takes to come back when excess requests are shed.
///
/// # Formula
///
/// After `M` served requests the next one misses with probability `m(M) = Σ p_i e^(−p_i M)`, and `D(M) = Σ (1 − e^(−p_i
/// M))` objects are loaded. While the database is the limit it loads `C` objects a second, so `M` requests take
/// `D(M)/C`; from `λ·m(M) = C` on nothing is shed and requests come at `λ`.
///
/// # Units
///
/// Rates per second, times in seconds.
///
/// # Method
///
/// `M` by a bracketed search in `ln M`.
///
/// # Accuracy
///
/// The mean of a large system under independent references: fluid, no retries, no bound on the memory. Without
/// shedding, a database that is overloaded at first may never come back, whatever the cache would do.
///
/// # Special cases
///
/// `C ≥ λ`: full service at once. Equal popularity: `M = N ln(λ/C)`.
///
/// # Errors
///
/// [`CacheError::OutOfDomain`] for a rate of 0, a database that serves nothing, or a target of 1, which takes for ever.
///
/// # References
///
/// [Fricker12](crate::references#fricker12).
pub fn restart(
    popularity: &Popularity,
    arrival_rate: ArrivalRate,
    database_rate: ArrivalRate,
    target_hit_ratio: Probability,
) -> Result<Restart, CacheError> {
    let (lambda, capacity) = (arrival_rate.get(), database_rate.get());
    for (what, value) in [("request rate", lambda), ("rate that the database serves", capacity)] {
        if value <= 0.0 {
            return Err(CacheError::OutOfDomain { what, value, domain: "above 0" });
        }
    }
    let target = target_hit_ratio.get();
    if target >= 1.0 {
        return Err(CacheError::OutOfDomain {
            what: "hit ratio to come back to",
            value: target,
            domain: "below 1, which an empty cache never reaches",
        });
    }
    let served_share = (capacity / lambda).min(1.0);
    let served = requests_until_miss_ratio(popularity, served_share)?;
    let loaded = objects_after(popularity, served);
    let time = loaded / capacity;
    let target_requests = requests_until_miss_ratio(popularity, 1.0 - target)?;
    let time_to_target = if target_requests >= served {
        time + (target_requests - served) / lambda
    } else {
        objects_after(popularity, target_requests) / capacity
    };
    Ok(Restart {
        cold_database_utilization: lambda / capacity,
        initial_served_share: served_share,
        time_to_full_service: time,
        requests_served: served,
        requests_shed: (lambda * time - served).max(0.0),
        objects_loaded: loaded,
        hit_ratio_at_full_service: 1.0 - served_share,
        time_to_target,
    })
}

fn objects_after(popularity: &Popularity, requests: f64) -> f64 {
    popularity.sum_over_objects(|p| -(-p * requests).exp_m1())
}

/// Requests after which the next one misses with probability `miss_ratio > 0`.
fn requests_until_miss_ratio(popularity: &Popularity, miss_ratio: f64) -> Result<f64, CacheError> {
    /// `e^±700` is the range of a double.
    const MAX_LN: f64 = 700.0;
    /// Width of the bracket in `ln M` over `ln M`: the last digits.
    const TOLERANCE: f64 = 1e-16;
    if miss_ratio >= 1.0 {
        return Ok(0.0);
    }
    if miss_ratio < f64::MIN_POSITIVE {
        let what = "miss ratio to come down to";
        return Err(CacheError::OutOfDomain { what, value: miss_ratio, domain: "at least 2.3e-308" });
    }
    let excess =
        |ln_requests: f64| popularity.mean_over_requests(|p| (-p * ln_requests.exp()).exp()).ln() - miss_ratio.ln();
    Ok(find_root(excess, -MAX_LN, MAX_LN, TOLERANCE)?.exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(value: f64) -> ArrivalRate {
        ArrivalRate::new(value).expect("rate")
    }

    fn target(value: f64) -> Probability {
        Probability::new(value).expect("probability")
    }

    #[test]
    fn equal_objects_have_a_closed_form() {
        let popularity = Popularity::zipf(1000, 0.0).expect("a law");
        let back = restart(&popularity, rate(500.0), rate(50.0), target(0.95)).expect("a restart");
        let served = 1000.0 * 10.0_f64.ln();
        assert!((back.requests_served / served - 1.0).abs() < 1e-12);
        assert!((back.time_to_full_service - 18.0).abs() < 1e-10);
        assert!((back.time_to_target - 18.0 - 2.0 * 2.0_f64.ln()).abs() < 1e-10);
    }

    #[test]
    fn a_database_that_carries_everything_serves_at_once() {
        let popularity = Popularity::zipf(1000, 0.9).expect("a law");
        let back = restart(&popularity, rate(100.0), rate(200.0), target(0.5)).expect("a restart");
        assert_eq!((back.time_to_full_service, back.requests_shed, back.initial_served_share), (0.0, 0.0, 1.0));
        assert!(back.time_to_target > 0.0);
    }

    #[test]
    fn a_low_target_comes_before_full_service() {
        let popularity = Popularity::zipf(10_000, 1.0).expect("a law");
        let back = restart(&popularity, rate(1000.0), rate(100.0), target(0.5)).expect("a restart");
        assert!(back.time_to_target < back.time_to_full_service);
        let same = restart(&popularity, rate(1000.0), rate(100.0), target(0.9)).expect("a restart");
        assert!((same.time_to_target / same.time_to_full_service - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_never_comes_back_is_refused() {
        let popularity = Popularity::zipf(10, 1.0).expect("a law");
        let message = |lambda, capacity, hits| {
            restart(&popularity, rate(lambda), rate(capacity), target(hits)).expect_err("refused").to_string()
        };
        assert_eq!(
            message(1.0, 1.0, 1.0),
            "hit ratio to come back to of 1 is not below 1, which an empty cache never reaches"
        );
        assert_eq!(message(1.0, 0.0, 0.5), "rate that the database serves of 0 is not above 0");
        assert_eq!(message(1e200, 1e-200, 0.5), "miss ratio to come down to of 0 is not at least 2.3e-308");
        assert_eq!(message(0.0, 1.0, 0.5), "request rate of 0 is not above 0");
    }
}
