use crate::units::{ArrivalRate, Seconds};

use super::Renewal;
use super::expiry::loaded_share;

/// How often one object is found in a cache that it leaves by age.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ObjectHits {
    /// Share of the object's requests that find it.
    pub hit_ratio: f64,
    /// Requests per second that reach the origin.
    pub origin_rate: f64,
    /// Mean time from loading to leaving in seconds; `None` where it is longer than a double can say.
    pub residence_time: Option<f64>,
}

/// Returns the hit ratio of one object of its own request rate that expires.
///
/// # Formula
///
/// ```text
/// fixed from loading:   h = λτ/(1 + λτ),   origin λ/(1 + λτ),   residence τ
/// renewed by each hit:  h = 1 − e^(−λτ),   origin λ e^(−λτ),    residence (e^(λτ) − 1)/λ
/// ```
///
/// with `λ` the `request_rate` of the object and `τ` the time to live; `τ = 0` never hits.
///
/// # Accuracy
///
/// Exact for Poisson requests: a renewal argument, one miss a cycle.
///
/// # References
///
/// [Fofack12](crate::references#fofack12).
pub fn object_ttl(request_rate: ArrivalRate, ttl: Seconds, renewal: Renewal) -> ObjectHits {
    let (lambda, life) = (request_rate.get(), ttl.get());
    let uses = lambda * life;
    match renewal {
        Renewal::Never => {
            ObjectHits { hit_ratio: loaded_share(uses), origin_rate: lambda / (1.0 + uses), residence_time: Some(life) }
        }
        Renewal::OnHit => ObjectHits {
            hit_ratio: -(-uses).exp_m1(),
            origin_rate: lambda * (-uses).exp(),
            residence_time: busy_period(lambda, life),
        },
    }
}

/// Returns the hit ratio of one object of an LRU cache that also expires.
///
/// # Formula
///
/// The object leaves at the end of the first gap of `T` without a request, or at its time to live `τ`, fixed from
/// loading or renewed:
///
/// ```text
/// renewed:  as [`object_ttl`] with min(T, τ) for τ
/// fixed:    h = λG/(1 + λG),   G = ∫₀^τ f(t) dt,   f(t) = P(no gap of T within t)
///           f(t) = 1 for t < T,   f(T) = 1 − e^(−λT),   f′(t) = −λ e^(−λT) f(t − T)
/// ```
///
/// # Method
///
/// The equation with delay is solved interval by interval of length `T`: there `f` is a short power series in the
/// values at the starts of the intervals before it, whose terms fall faster than `1/j!` because `λT e^(−λT) ≤ 1/e`. The
/// known alternating series of the first gap cancels without end; this one does not. After 40 intervals `f` is one
/// exponential to the last digit, or nothing.
///
/// # Accuracy
///
/// Exact for Poisson requests; numerically within 2e-15 of the alternating series in 400 digits.
///
/// # Special cases
///
/// `τ ≤ T`: as [`object_ttl`]. `τ → ∞`: `h = 1 − e^(−λT)`, plain LRU.
///
/// # References
///
/// [Che02](crate::references#che02), [Fofack12](crate::references#fofack12).
pub fn object_lru_ttl(
    request_rate: ArrivalRate,
    characteristic_time: Seconds,
    ttl: Seconds,
    renewal: Renewal,
) -> ObjectHits {
    let (lambda, idle, life) = (request_rate.get(), characteristic_time.get(), ttl.get());
    if renewal == Renewal::OnHit || life <= idle {
        let binding = if life <= idle { ttl } else { characteristic_time };
        return object_ttl(request_rate, binding, renewal);
    }
    if idle == 0.0 {
        return ObjectHits { hit_ratio: 0.0, origin_rate: lambda, residence_time: Some(0.0) };
    }
    let residence = idle * intervals_survived(lambda * idle, life / idle);
    let uses = lambda * residence;
    ObjectHits { hit_ratio: loaded_share(uses), origin_rate: lambda / (1.0 + uses), residence_time: Some(residence) }
}

/// Mean time until a gap longer than `gap` is over, `(e^(λ·gap) − 1)/λ`.
fn busy_period(lambda: f64, gap: f64) -> Option<f64> {
    if lambda == 0.0 {
        return Some(gap);
    }
    Some((lambda * gap).exp_m1() / lambda).filter(|time| time.is_finite())
}

/// Intervals after which what is left is one exponential.
const INTERVALS: usize = 40;

/// Terms of the series within an interval: `1/22!` is beyond a double.
const TERMS: usize = 22;

/// Returns `G/T` for `x = λT` and a time to live of `life > 1` intervals.
fn intervals_survived(x: f64, life: f64) -> f64 {
    let decay = x * (-x).exp();
    // Survival at the start of each interval, the newest last.
    let mut starts = vec![1.0, -(-x).exp_m1()];
    let mut survived = 1.0;
    let mut left = life - 1.0;
    for _ in 0..INTERVALS {
        let length = left.min(1.0);
        let (mut area, mut end) = (0.0, 0.0);
        let (mut term, mut order) = (1.0, 0.0);
        for start in starts.iter().rev().take(TERMS) {
            end += term * start;
            area += term * start * length / (order + 1.0);
            order += 1.0;
            term *= -decay * length / order;
        }
        survived += area;
        left -= length;
        // What rounding leaves of a survival that has ended is no survival.
        starts.push(end.max(0.0));
        if left <= 0.0 {
            return survived;
        }
    }
    // For x ≤ 1 survival falls by more than e an interval, and is over.
    match starts[..] {
        [.., before, last] if x > 1.0 && last > 0.0 => {
            let rate = exponential_rate(decay, last / before);
            survived + last * if rate * left == 0.0 { left } else { -(-rate * left).exp_m1() / rate }
        }
        _ => survived,
    }
}

/// The rate `r` of `f ∼ e^(−r k)`: the root of `r = decay·e^r` below 1.
fn exponential_rate(decay: f64, ratio: f64) -> f64 {
    if ratio < 0.9 {
        return -ratio.ln();
    }
    // Here the step shrinks the error tenfold; the ratio itself would have lost the digits of a small rate.
    (0..18).fold(decay, |rate, _| decay * rate.exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(lambda: f64, idle: f64, life: f64) -> ObjectHits {
        object_lru_ttl(
            ArrivalRate::new(lambda).expect("rate"),
            Seconds::new(idle).expect("time"),
            Seconds::new(life).expect("time"),
            Renewal::Never,
        )
    }

    #[test]
    fn an_endless_life_is_plain_lru() {
        for x in [1e-9, 1e-3, 0.3, 0.999, 1.0, 1.001, 2.0, 10.0, 36.0] {
            let hits = fixed(x, 1.0, 1e300);
            assert!((hits.hit_ratio / -(-x).exp_m1() - 1.0).abs() < 1e-12, "{x}: {hits:?}");
            assert!((hits.origin_rate / (x * (-x).exp()) - 1.0).abs() < 1e-9, "{x}: {hits:?}");
        }
    }

    #[test]
    fn a_life_shorter_than_the_idle_time_rules_alone() {
        let (rate, life) = (ArrivalRate::new(3.0).expect("rate"), Seconds::new(0.5).expect("time"));
        assert_eq!(fixed(3.0, 0.5, 0.5), object_ttl(rate, life, Renewal::Never));
        assert_eq!(fixed(3.0, 7.0, 0.5), object_ttl(rate, life, Renewal::Never));
    }

    /// The first two terms of the alternating series, all there is for `T < τ ≤ 2T`.
    #[test]
    fn two_intervals_by_hand() {
        for (x, y) in [(0.2_f64, 0.3_f64), (1.0, 1.9), (5.0, 8.0)] {
            let z = y - x;
            let want = y - (-x).exp() * (z * z / 2.0 + z);
            let got = fixed(1.0, x, y).residence_time.expect("a time");
            assert!((got / want - 1.0).abs() < 1e-14, "{got}, {want}");
        }
    }

    #[test]
    fn many_requests_keep_an_object_for_its_life() {
        assert_eq!(fixed(1000.0, 1.0, 3600.0).residence_time, Some(3600.0));
        let almost = fixed(30.0, 1.0, 1e6).residence_time.expect("a time");
        let rate = 30.0 * (-30.0_f64).exp();
        assert!((almost / (1e6 * (1.0 - 0.5e6 * rate)) - 1.0).abs() < 1e-9, "{almost}");
    }

    #[test]
    fn a_longer_life_never_hits_less() {
        for x in [0.1, 0.9, 1.1, 4.0] {
            let mut before = 0.0;
            for life in 1..3000 {
                let hit_ratio = fixed(x, 1.0, 0.05 * f64::from(life)).hit_ratio;
                assert!(hit_ratio >= before - 1e-15, "{x} {life}");
                before = hit_ratio;
            }
        }
    }

    #[test]
    fn no_time_and_no_requests() {
        let none = fixed(2.0, 0.0, 5.0);
        assert_eq!((none.hit_ratio, none.origin_rate, none.residence_time), (0.0, 2.0, Some(0.0)));
        assert_eq!(fixed(0.0, 1.0, 5.0).hit_ratio, 0.0);
        let rate = ArrivalRate::new(1000.0).expect("rate");
        let renewed = object_ttl(rate, Seconds::new(5.0).expect("time"), Renewal::OnHit);
        assert_eq!((renewed.hit_ratio, renewed.origin_rate, renewed.residence_time), (1.0, 0.0, None));
    }
}
