use crate::numeric::{Complex, find_root};
use crate::units::{ArrivalRate, Probability, Seconds};

use super::interrupted_sojourn::InterruptedSojourn;
use super::mixture::WaitMixture;
use super::passed_arrivals::arrivals_during;
use super::work::{Kind, WorkLaw};
use crate::queues::laws::quantile::{tail_of, time_of_tail};
use crate::queues::{ExponentialVisit, Mg1, QueueError, StationFigures};

/// Relative width at which a quantile of an inverted tail is found.
const QUANTILE_TOLERANCE: f64 = 1e-10;

/// Share of a tail that rounding may be before its quantile is refused.
const MOST_ROUNDING: f64 = 1e-3;

/// The law of a time that a class spends at a station with priorities.
///
/// # Method
///
/// M/M/c, non-preemptive: a mixture of exponentials, of positive terms. M/M/c, preemptive: the most urgent class has the
/// station for itself; the others by elimination of the states below `c` and inversion. M/G/1: delay cycles and inversion,
/// but for a constant service that is alone, which [`Mg1`] solves.
/// Before an inversion the tail is multiplied by `e^(αt)` with its own rate of decay, so that far tails are not lost in
/// its absolute error.
///
/// # Accuracy
///
/// Mixtures: 1e-12 relative, down to 1e-300. Inverted tails: 1e-10 absolute and 1e-8 relative down to 1e-17, measured against
/// chains, [`Mg1`] and each other; an M/G/1 quantile that rounding may hide is refused. Constant services leave steps and bends in
/// the tails of others, over which an answer is smoothed: within 0.2 % of the time of a step it lies between both sides of it, a
/// bend is off by 1e-5. Services of a squared coefficient of variation of 0.001 and more are not smoothed.
///
/// # References
///
/// [Takacs62](crate::references#takacs62), [Kleinrock76](crate::references#kleinrock76) ch. 3,
/// [Abate95](crate::references#abate95), [Trefethen06](crate::references#trefethen06).
#[derive(Debug, Clone, PartialEq)]
pub struct PriorityLaw(Law);

/// How a law is computed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Law {
    /// A sum of exponentials.
    Mixture(WaitMixture),
    /// The most urgent class of those that interrupt.
    Alone(ExponentialVisit),
    /// A tagged job among several servers.
    Tagged(InterruptedSojourn),
    /// A delay cycle at one server.
    Work(WorkLaw),
    /// A constant service that has a server for itself.
    Constant {
        /// The exact law.
        station: Mg1,
        /// The same law by its transform.
        work: WorkLaw,
    },
}

impl From<Law> for PriorityLaw {
    fn from(law: Law) -> Self {
        Self(law)
    }
}

impl PriorityLaw {
    /// Mean in seconds.
    pub fn mean(&self) -> f64 {
        match &self.0 {
            Law::Mixture(law) => law.mean(),
            Law::Alone(law) => law.sojourn_time(),
            Law::Tagged(law) => law.tail_transform(Complex::new(0.0, 0.0)).re,
            Law::Work(law) | Law::Constant { work: law, .. } => law.mean(),
        }
    }

    /// Probability of more than `time`.
    pub fn tail(&self, time: Seconds) -> f64 {
        self.tail_at(time.get())
    }

    fn tail_at(&self, time: f64) -> f64 {
        match &self.0 {
            Law::Mixture(law) => law.tail(time),
            Law::Alone(law) => law.tail(time),
            Law::Tagged(law) => law.tail(time),
            Law::Work(law) => law.tail(time).value,
            Law::Constant { station, work } => match work.kind() {
                Kind::Wait => station.wait_tail(time),
                Kind::Sojourn | Kind::Interrupted => station.sojourn_tail(time),
            },
        }
    }

    /// Whether constant services leave steps or bends in the tail over which it is smoothed.
    pub fn is_smoothed(&self) -> bool {
        matches!(&self.0, Law::Work(law) if law.has_steps())
    }

    /// Laplace–Stieltjes transform `E e^(−sT)`.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] for a point left of the imaginary axis.
    pub fn transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        if s.re >= 0.0 && s.re.is_finite() && s.im.is_finite() {
            Ok(self.transform_at(s))
        } else {
            Err(QueueError::Domain { parameter: "transform point", value: s.re, domain: "finite and at least 0" })
        }
    }

    fn transform_at(&self, s: Complex<f64>) -> Complex<f64> {
        match &self.0 {
            Law::Mixture(law) => law.transform(s),
            Law::Alone(law) => law.sojourn_law().transform(s),
            Law::Tagged(law) => 1.0 - s * law.tail_transform(s),
            Law::Work(law) | Law::Constant { work: law, .. } => law.transform(s),
        }
    }

    /// The time that is kept to with `probability`; 0 where nobody waits that often.
    ///
    /// # Method
    ///
    /// A bracket by doubling from the mean, then a root of the logarithm of the tail, to 1e-10 for an inverted tail.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] for a probability of 1, and for one at which rounding hides an inverted tail.
    pub fn quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        let target = tail_of(probability)?;
        match &self.0 {
            Law::Alone(law) => law.sojourn_time_quantile(probability),
            Law::Constant { station, work } => match work.kind() {
                Kind::Wait => station.waiting_time_quantile(probability),
                Kind::Sojourn | Kind::Interrupted => station.sojourn_time_quantile(probability),
            },
            Law::Mixture(law) => Ok(time_of_tail(|time| law.tail(time), target, self.mean())),
            Law::Tagged(law) => {
                Ok(inverted_quantile(|time| law.tail(time), 0.0, target, law.tail_transform(0.0.into()).re))
            }
            Law::Work(law) => {
                let start = law.shift();
                let time = if law.positive() <= target {
                    start
                } else {
                    inverted_quantile(|time| law.tail(time).value, start, target, law.mean() - start)
                };
                if law.tail(time).rounding > MOST_ROUNDING * target {
                    let domain = "low enough: rounding hides the inverted tail there";
                    return Err(QueueError::Domain { parameter: "probability", value: probability.get(), domain });
                }
                Ok(time)
            }
        }
    }

    /// Probability that `count` Poisson arrivals of a rate come during the time.
    ///
    /// By the distributional law of Little, with the class's own rate, that many jobs of the class wait, if this is its
    /// wait, and are at the station, if this is its time at a single server: a job leaves behind those that came after it.
    ///
    /// # Accuracy
    ///
    /// Relative 1e-9; there are `4·count + 100` evaluations of the transform.
    ///
    /// # References
    ///
    /// [Keilson88](crate::references#keilson88), [Abate92](crate::references#abate92).
    pub fn arrivals(&self, rate: ArrivalRate, count: u32) -> f64 {
        let rate = rate.get();
        if rate == 0.0 {
            return if count == 0 { 1.0 } else { 0.0 };
        }
        if let Law::Mixture(wait) = &self.0
            && wait.service_rate.is_none()
        {
            return wait.arrivals_while_waiting(rate, count);
        }
        let decay = match &self.0 {
            Law::Mixture(law) => law.decay(),
            Law::Alone(law) => law.wait_rate.min(law.service_rate),
            Law::Tagged(law) => law.decay(),
            Law::Work(law) | Law::Constant { work: law, .. } => law.decay(),
        };
        arrivals_during(|s| self.transform_at(s), rate, count, decay, self.mean())
    }
}

/// The time after `start` at which a falling tail, above `target` there, reaches it.
fn inverted_quantile(tail: impl Fn(f64) -> f64, start: f64, target: f64, guess: f64) -> f64 {
    let distance = |time: f64| tail(time).max(f64::MIN_POSITIVE).ln() - target.ln();
    let (mut low, mut high) = (start, start + guess);
    if distance(high) > 0.0 {
        while distance(high) > 0.0 && high < f64::MAX / 4.0 {
            (low, high) = (high, start + 2.0 * (high - start));
        }
    } else {
        while high - start > f64::MIN_POSITIVE {
            let middle = start + 0.25 * (high - start);
            if middle <= start || middle >= high {
                break;
            }
            if distance(middle) > 0.0 {
                low = middle;
                break;
            }
            high = middle;
        }
    }
    find_root(distance, low, high, QUANTILE_TOLERANCE).unwrap_or(high)
}
