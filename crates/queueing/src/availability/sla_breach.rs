use crate::numeric::{poisson_at_most, poisson_mass};
use crate::units::{Probability, Seconds};

use super::{AvailabilityError, instance_unavailability};

/// The most outages or repairs that a period may hold on average: the sum takes the square root of that.
const MAX_EVENTS: f64 = 1e9;

/// How far below its most likely term the sum begins, in standard deviations: `e^(−16²/2)` is 10⁻⁵⁶.
const REACH: f64 = 16.0;

/// How likely a period breaks a promise that the mean may well keep. Times in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlaBreach {
    /// Probability that the period's downtime exceeds the budget.
    pub breach_probability: f64,
    /// Downtime that the promise allows in the period.
    pub budget: f64,
    /// Mean downtime of a period that begins up.
    pub mean_downtime: f64,
    /// Long-run share of time up.
    pub steady_state_availability: f64,
    /// Probability of a period without an outage.
    pub no_outage_probability: f64,
}

/// Returns the probability that the downtime of one period exceeds what a service-level agreement allows.
///
/// # Formula
///
/// Times up and down alternate, both exponential, the period beginning up. With `x = (1 − SLA)·T`:
///
/// ```text
/// P(downtime in T > x) = Σ_{n≥1} Poisson(n; (T − x)/MTBF) · P(Erlang(n, MTTR) > x)
///                      = P(N > M),   N ~ Poisson((T − x)/MTBF), M ~ Poisson(x/MTTR)
/// mean downtime = U·(T − (1 − e^(−rT))/r),   r = 1/MTBF + 1/MTTR
/// ```
///
/// # Method
///
/// The sum of positive terms around its largest; the cumulative law of `M` grows along with it.
///
/// # Accuracy
///
/// Exact under the assumptions. Relative error below 10⁻¹³ against 40-digit sums, for probabilities down to 10⁻²⁰⁰ and up
/// to 10⁴ outages in a period; rarer probabilities lose digits and become 0 below 10⁻³⁰⁰.
///
/// # Special cases
///
/// An SLA of 1 allows nothing: `1 − e^(−T/MTBF)`. Repair without time never breaks a promise.
///
/// # Errors
///
/// [`AvailabilityError::OutOfDomain`] for an MTBF of 0, a period of 0, or more than 10⁹ outages or repairs in a period.
///
/// # References
///
/// [Trivedi17](crate::references#trivedi17) ch. 3, interval availability; [Takacs57](crate::references#takacs57).
///
/// # Examples
///
/// ```
/// use capplan_queueing::availability::sla_breach;
/// use capplan_queueing::units::{Probability, Seconds};
///
/// // 99.955 % on average breaks a monthly 99.95 % in one month of five.
/// let hours = |value: f64| Seconds::new(value * 3600.0);
/// let answer = sla_breach(hours(2000.0)?, hours(0.9)?, Probability::new(0.9995)?, hours(730.0)?)?;
/// assert!(answer.steady_state_availability > 0.9995 && answer.breach_probability > 0.2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sla_breach(
    mtbf: Seconds,
    mttr: Seconds,
    sla: Probability,
    period: Seconds,
) -> Result<SlaBreach, AvailabilityError> {
    let (up, down, length) = (mtbf.get(), mttr.get(), period.get());
    let refused = |what, value, domain| Err(AvailabilityError::OutOfDomain { what, value, domain });
    if up == 0.0 {
        return refused("mean time between failures", up, "above 0");
    }
    if length == 0.0 {
        return refused("period", length, "above 0");
    }
    let budget = (1.0 - sla.get()) * length;
    let outages = (length - budget) / up;
    if outages > MAX_EVENTS {
        return refused("mean number of outages in the period", outages, "at most 1e9");
    }
    let breach_probability = if down == 0.0 {
        0.0
    } else if budget / down > MAX_EVENTS {
        return refused("budget in units of the mean time to repair", budget / down, "at most 1e9");
    } else {
        first_exceeds(outages, budget / down)
    };
    let unavailability = instance_unavailability(mtbf, mttr)?;
    Ok(SlaBreach {
        breach_probability,
        budget,
        mean_downtime: if down == 0.0 { 0.0 } else { mean_downtime(unavailability, up, down, length) },
        steady_state_availability: 0.5 * up / (0.5 * up + 0.5 * down),
        no_outage_probability: (-length / up).exp(),
    })
}

/// `U·T·(1 − (1 − e^(−y))/y)` with `y = rT`, from its series where `y` is small.
fn mean_downtime(unavailability: f64, up: f64, down: f64, length: f64) -> f64 {
    let y = length / up + length / down;
    let factor = if y < 0.1 {
        // y/2! − y²/3! + y³/4! − …
        let mut sum = 0.0;
        let mut term = 1.0;
        for n in 2..14 {
            term *= y / f64::from(n);
            sum += if n % 2 == 0 { term } else { -term };
        }
        sum
    } else {
        1.0 + (-y).exp_m1() / y
    };
    unavailability * length * factor
}

/// Returns `P(N > M)` of two independent Poisson numbers.
fn first_exceeds(mean: f64, other: f64) -> f64 {
    if mean == 0.0 {
        return 0.0;
    }
    if other == 0.0 {
        return -(-mean).exp_m1();
    }
    // Below `other` the terms grow until n² = mean·other; past it, until n = mean.
    let peak = mean.max((mean * other).sqrt());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 1e9")]
    let first = (peak - REACH * (peak.sqrt() + 1.0)).max(1.0) as u64;
    let mut below = poisson_at_most(first - 1, other);
    let mut sum = 0.0;
    let mut n = first;
    loop {
        let term = poisson_mass(n, mean) * below;
        sum += term;
        if n as f64 > peak && term <= sum * (0.01 * f64::EPSILON) {
            return sum.clamp(0.0, 1.0);
        }
        below += poisson_mass(n, other);
        n += 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seconds(value: f64) -> Seconds {
        Seconds::new(value).expect("a time")
    }

    fn p(value: f64) -> Probability {
        Probability::new(value).expect("a probability")
    }

    fn breach(mtbf: f64, mttr: f64, sla: f64, period: f64) -> SlaBreach {
        sla_breach(seconds(mtbf), seconds(mttr), p(sla), seconds(period)).expect("an answer")
    }

    #[test]
    fn a_promise_of_everything_is_broken_by_the_first_outage() {
        let answer = breach(100.0, 1.0, 1.0, 10.0);
        assert!((answer.breach_probability + (-0.1_f64).exp_m1()).abs() < 1e-16);
        assert!((answer.breach_probability + answer.no_outage_probability - 1.0).abs() < 1e-15);
    }

    #[test]
    fn a_promise_of_nothing_is_never_broken() {
        assert_eq!(breach(100.0, 1.0, 0.0, 10.0).breach_probability, 0.0);
        assert_eq!(breach(100.0, 0.0, 0.9, 10.0).breach_probability, 0.0);
    }

    #[test]
    fn equal_means_split_what_is_not_a_tie() {
        // P(N > M) = (1 − P(N = M))/2, with P(N = M) = e^(−2m) I₀(2m).
        for mean in [0.5_f64, 4.0, 30.0] {
            let tie: f64 = (0..200).map(|n| poisson_mass(n, mean).powi(2)).sum();
            assert!((first_exceeds(mean, mean) - 0.5 * (1.0 - tie)).abs() < 1e-14);
        }
    }

    #[test]
    fn the_sum_around_its_peak_is_the_whole_sum() {
        for (mean, other) in [(0.01, 30.0), (3.0, 90.0), (500.0, 700.0), (700.0, 500.0), (2000.0, 2010.0), (1e-9, 1e-9)]
        {
            let mut below = 0.0;
            let mut whole = 0.0;
            for n in 1..4000 {
                below += poisson_mass(n - 1, other);
                whole += poisson_mass(n, mean) * below;
            }
            let got = first_exceeds(mean, other);
            assert!((got - whole).abs() <= 1e-11 * whole, "{mean} {other}: {got:e} {whole:e}");
        }
    }

    #[test]
    fn the_mean_of_a_short_period_does_not_cancel() {
        let (short, long) = (breach(1e9, 1.0, 0.5, 0.0999), breach(1e9, 1.0, 0.5, 0.1001));
        // Small y: U·T·y/2, so that the ratio is that of the squares but for a term of y/3.
        let ratio = short.mean_downtime / long.mean_downtime / (0.0999_f64 / 0.1001).powi(2);
        assert!((ratio - 1.0 - 0.0002 / 3.0).abs() < 1e-5);
    }

    #[test]
    fn what_is_no_period_is_refused() {
        let message = |mtbf: f64, mttr: f64, period: f64| {
            sla_breach(seconds(mtbf), seconds(mttr), p(0.9), seconds(period)).expect_err("refused").to_string()
        };
        assert_eq!(message(0.0, 1.0, 1.0), "mean time between failures of 0 is not above 0");
        assert_eq!(message(1.0, 1.0, 0.0), "period of 0 is not above 0");
        assert_eq!(message(1.0, 1.0, 1e10), "mean number of outages in the period of 9000000000 is not at most 1e9");
    }

    proptest! {
        #[test]
        fn a_stricter_promise_is_broken_more_often(
            mtbf in 1.0..1e4_f64, mttr in 1e-3..10.0_f64, sla in 0.5..1.0_f64, more in 0.0..1.0_f64,
        ) {
            let loose = breach(mtbf, mttr, sla, 730.0).breach_probability;
            let strict = breach(mtbf, mttr, sla + more * (1.0 - sla), 730.0).breach_probability;
            prop_assert!(loose <= strict * (1.0 + 1e-9));
        }
    }
}
