use crate::numeric::poisson_mass;
use crate::units::{Probability, Seconds};

use super::AvailabilityError;

/// The most outages that a period may hold on average: `e^(−700)` is the least probability that is kept.
const MAX_OUTAGES: f64 = 700.0;

/// Outages shorter than the budget by more than this count as that long, with as much downtime.
const SHORTEST: f64 = 1e-4;

/// How far past its mean a Poisson number is followed, in standard deviations: `e^(−12²/2)` is 10⁻³¹.
const REACH: f64 = 12.0;

/// One kind of outage among several.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OutageKind {
    /// Mean time up from one to the next, as if there were no others.
    pub mtbf: Seconds,
    /// Mean length.
    pub mttr: Seconds,
}

/// How likely a period with outages of several kinds breaks a promise. Times in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MixedBreach {
    /// Probability that the period's downtime exceeds the budget.
    pub breach_probability: f64,
    /// Downtime that the promise allows in the period.
    pub budget: f64,
    /// Probability of a period without an outage.
    pub no_outage_probability: f64,
}

/// Returns the probability that the downtime of one period exceeds what a service-level agreement allows, with outages of
/// several kinds, such as failovers of a minute and losses of a region for hours.
///
/// # Formula
///
/// Outages of kind `i` come at rate `1/MTBF_i` while the system is up, which it is at the begin; all lengths are exponential.
/// The downtime exceeds `x = (1 − SLA)·T` when the outages of the first `T − x` of time up add up to more:
///
/// ```text
/// P(downtime in T > x) = P(X_1 + … + X_N > x),   N ~ Poisson((T − x)·Σ 1/MTBF_i)
/// ```
///
/// # Method
///
/// A length of mean `d` is a geometric number of exponential phases of the shortest mean `d_0`, with `q = d_0/d`, so that
/// the phases of the period have a compound Poisson law, by its recursion (Panjer):
///
/// ```text
/// n·g_n = Σ_j j·f_j·g_{n−j},   f_j = Σ_i (T − x)/MTBF_i·q_i·(1 − q_i)^(j−1),   g_0 = P(N = 0)
/// P = Σ_n g_n·P(M < n),   M ~ Poisson(x/d_0)
/// ```
///
/// Sums over `j` are carried on from `n − 1`, so that the cost is that of the number of phases times that of the kinds.
/// A kind shorter than 10⁻⁴ of the budget counts as that long with as much downtime.
///
/// # Accuracy
///
/// Exact under the assumptions: absolute error below 10⁻¹³. Against a simulation of a million months with outages of 4 h and
/// of 90 s, the share of time down 0.01 % each: 0.0151 for a promise of 99.9 % (0.0153 here), 0.425 for 99.99 % (0.426).
///
/// # Special cases
///
/// One kind: [`sla_breach`](super::sla_breach()). An SLA of 1: `1 − P(N = 0)`.
///
/// # Errors
///
/// [`AvailabilityError::Empty`] without a kind; [`AvailabilityError::OutOfDomain`] for an MTBF, a length or a period of 0, or
/// more than 700 outages in a period.
///
/// # References
///
/// [Takacs57](crate::references#takacs57); [Panjer81](crate::references#panjer81).
///
/// # Examples
///
/// ```
/// use capplan_queueing::availability::{OutageKind, mixed_sla_breach};
/// use capplan_queueing::units::{Probability, Seconds};
///
/// let kind = |mtbf: f64, mttr: f64| -> Result<OutageKind, Box<dyn std::error::Error>> {
///     Ok(OutageKind { mtbf: Seconds::new(mtbf)?, mttr: Seconds::new(mttr)? })
/// };
/// // Four hours every four years, and 90 s five times a year.
/// let kinds = [kind(126e6, 14_400.0)?, kind(6.3e6, 90.0)?];
/// let month = Seconds::new(2_592_000.0)?;
/// let breach = mixed_sla_breach(&kinds, Probability::new(0.999)?, month)?;
/// // Only the long ones break it: they last longer than 43.2 min five times of six.
/// assert!((breach.breach_probability - 0.0171).abs() < 1e-4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn mixed_sla_breach(
    kinds: &[OutageKind],
    sla: Probability,
    period: Seconds,
) -> Result<MixedBreach, AvailabilityError> {
    let refused = |what, value, domain| Err(AvailabilityError::OutOfDomain { what, value, domain });
    let length = period.get();
    if kinds.is_empty() {
        return Err(AvailabilityError::Empty("kind of outage"));
    }
    if length == 0.0 {
        return refused("period", length, "above 0");
    }
    for kind in kinds {
        for (what, time) in [("mean time between failures", kind.mtbf), ("length of an outage", kind.mttr)] {
            if time.get() == 0.0 {
                return refused(what, 0.0, "above 0");
            }
        }
    }
    let budget = (1.0 - sla.get()) * length;
    let up = length - budget;
    let events = |time: f64| kinds.iter().map(|kind| time / kind.mtbf.get()).sum::<f64>();
    let parts: Vec<Part> = kinds.iter().map(|kind| Part::new(*kind, up, budget)).collect();
    let counted: f64 = parts.iter().map(|part| part.events).sum();
    if counted > MAX_OUTAGES {
        return refused("mean number of outages in the period", counted, "at most 700");
    }
    Ok(MixedBreach {
        breach_probability: if budget == 0.0 { -(-events(up)).exp_m1() } else { exceeds(&parts, budget) },
        budget,
        no_outage_probability: (-events(length)).exp(),
    })
}

/// A kind within the time up of a period.
struct Part {
    /// Mean number of outages.
    events: f64,
    /// Mean length of one.
    length: f64,
}

impl Part {
    fn new(kind: OutageKind, up: f64, budget: f64) -> Self {
        let (events, length) = (up / kind.mtbf.get(), kind.mttr.get());
        let least = SHORTEST * budget;
        if length < least { Self { events: events * length / least, length: least } } else { Self { events, length } }
    }
}

/// The sums of the recursion that one kind carries on.
struct Sums {
    events: f64,
    q: f64,
    /// `Σ_j (1 − q)^(j−1)·g_{n−j}`.
    plain: f64,
    /// `Σ_j j·(1 − q)^(j−1)·g_{n−j}`.
    weighed: f64,
}

/// Probability that the outages of a period add up to more than `budget`.
fn exceeds(parts: &[Part], budget: f64) -> f64 {
    let shortest = parts.iter().map(|part| part.length).fold(f64::INFINITY, f64::min);
    let mean = budget / shortest;
    let end = mean + REACH * (mean.sqrt() + REACH);
    let mut sums: Vec<Sums> = parts
        .iter()
        .map(|part| Sums { events: part.events, q: shortest / part.length, plain: 0.0, weighed: 0.0 })
        .collect();
    let none = (-parts.iter().map(|part| part.events).sum::<f64>()).exp();
    let (mut last, mut followed, mut below, mut total) = (none, none, 0.0, 0.0);
    let mut n = 1_u64;
    while n as f64 <= end {
        let mut weight = 0.0;
        for part in &mut sums {
            part.plain = last + (1.0 - part.q) * part.plain;
            part.weighed = part.plain + (1.0 - part.q) * part.weighed;
            weight += part.events * part.q * part.weighed;
        }
        last = weight / n as f64;
        below += poisson_mass(n - 1, mean);
        total += last * below.clamp(0.0, 1.0);
        followed += last;
        n += 1;
    }
    // Past the end the budget is exceeded for certain.
    (total + (1.0 - followed).max(0.0)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::availability::sla_breach;

    const MONTH: f64 = 2_592_000.0;

    fn seconds(value: f64) -> Seconds {
        Seconds::new(value).expect("a time")
    }

    fn p(value: f64) -> Probability {
        Probability::new(value).expect("a probability")
    }

    /// A kind that is down for a share of the time.
    fn kind(share: f64, mttr: f64) -> OutageKind {
        OutageKind { mtbf: seconds(mttr * (1.0 - share) / share), mttr: seconds(mttr) }
    }

    fn breach(kinds: &[OutageKind], sla: f64) -> f64 {
        mixed_sla_breach(kinds, p(sla), seconds(MONTH)).expect("an answer").breach_probability
    }

    #[test]
    fn rare_long_outages_and_short_ones_agree_with_a_simulation() {
        // A million months drawn by a program of its own: Poisson numbers of exponential lengths.
        let simulated = [
            ([(3e-4, 14_400.0), (1.3e-5, 90.0)], [0.009_11, 0.044_18, 0.048_24, 0.078_26]),
            ([(1e-4, 14_400.0), (1e-4, 90.0)], [0.003_01, 0.015_13, 0.017_43, 0.424_91]),
            ([(1e-4, 14_400.0), (1e-4, 1_800.0)], [0.003_14, 0.049_87, 0.084_31, 0.133_01]),
            ([(3e-4, 3_600.0), (3e-4, 300.0)], [0.000_34, 0.141_73, 0.323_37, 0.792_63]),
        ];
        for (kinds, shares) in simulated {
            let kinds = kinds.map(|(share, mttr)| kind(share, mttr));
            for (sla, share) in [0.99, 0.999, 0.9995, 0.9999].into_iter().zip(shares) {
                let got = breach(&kinds, sla);
                // Four standard errors of a million draws, and what repairs take from the time up: the share down.
                let error: f64 = 4e-3 * f64::sqrt(share * (1.0 - share)) + 0.011 * share;
                assert!((got - share).abs() < error, "{sla}: {got} {share}");
            }
        }
    }

    #[test]
    fn no_budget_is_broken_by_any_outage() {
        let kinds = [kind(1e-4, 900.0), kind(1e-5, 60.0)];
        let events: f64 = kinds.iter().map(|kind| MONTH / kind.mtbf.get()).sum();
        assert!((breach(&kinds, 1.0) / (1.0 - (-events).exp()) - 1.0).abs() < 1e-14);
    }

    #[test]
    fn what_has_no_answer_is_refused() {
        let refused = |kinds: &[OutageKind], period: f64| {
            mixed_sla_breach(kinds, p(0.99), seconds(period)).expect_err("refused").to_string()
        };
        let one = kind(1e-3, 60.0);
        assert_eq!(refused(&[], 1.0), "no kind of outage given; at least one is needed");
        assert_eq!(refused(&[one], 0.0), "period of 0 is not above 0");
        assert_eq!(
            refused(&[OutageKind { mttr: seconds(0.0), ..one }], 1.0),
            "length of an outage of 0 is not above 0"
        );
        let often = OutageKind { mtbf: seconds(1.0), ..one };
        assert_eq!(refused(&[often], 1_000.0), "mean number of outages in the period of 990 is not at most 700");
    }

    proptest! {
        #[test]
        fn one_kind_is_the_breach_of_one_kind(mtbf in 1e4..1e9_f64, mttr in 30.0..1e6_f64, sla in 0.5..0.99999_f64) {
            let one = [OutageKind { mtbf: seconds(mtbf), mttr: seconds(mttr) }];
            let want = sla_breach(seconds(mtbf), seconds(mttr), p(sla), seconds(MONTH)).expect("an answer");
            prop_assert!((breach(&one, sla) - want.breach_probability).abs() < 1e-12);
            // Half of it twice is the same.
            let half = OutageKind { mtbf: seconds(2.0 * mtbf), ..one[0] };
            prop_assert!((breach(&[half, half], sla) - want.breach_probability).abs() < 1e-12);
        }

        #[test]
        fn another_kind_never_helps_and_a_looser_promise_is_never_broken_more_often(
            long in 1e-6..1e-3_f64, short in 1e-6..1e-3_f64, sla in 0.9..0.999_f64,
        ) {
            let kinds = [kind(long, 14_400.0), kind(short, 5.0)];
            let both = breach(&kinds, sla);
            prop_assert!((0.0..=1.0).contains(&both));
            prop_assert!(both >= breach(&kinds[..1], sla) - 1e-12);
            prop_assert!(both <= breach(&kinds, sla + 5e-4) + 1e-12);
        }
    }
}
