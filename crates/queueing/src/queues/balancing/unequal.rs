use crate::numeric::find_root;
use crate::queues::QueueError;
use crate::queues::laws::quantile::tail_of;
use crate::units::{ArrivalRate, Probability, ServiceRate};

/// How requests are split over instances of unequal speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// The same rate to each.
    Equal,
    /// In proportion to the speed: equal utilization.
    Proportional,
    /// With the least mean time of a visit.
    Optimal,
}

/// Instances of unequal speed, each a queue of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct UnequalSplit {
    /// Requests per second of each instance.
    pub rates: Vec<f64>,
    /// Unused rate of each, `μ_i − λ_i`; at or below 0 where an instance has no steady state.
    spare: Vec<f64>,
    arrival_rate: f64,
}

impl UnequalSplit {
    /// Whether every instance that gets requests has a steady state.
    pub fn is_stable(&self) -> bool {
        self.used().all(|(_, spare)| spare > 0.0)
    }

    /// Mean wait and service in seconds, `Σ (λ_i/λ)/(μ_i − λ_i)`; `None` without a steady state.
    pub fn mean(&self) -> Option<f64> {
        self.is_stable().then(|| self.used().map(|(rate, spare)| rate / self.arrival_rate / spare).sum())
    }

    /// Probability that a visit is longer than `seconds`; `None` without a steady state.
    pub fn tail(&self, seconds: f64) -> Option<f64> {
        let tail = || self.used().map(|(rate, spare)| rate / self.arrival_rate * (-spare * seconds).exp()).sum();
        self.is_stable().then(tail)
    }

    /// The time that a visit stays within with `probability`; `None` without a steady state.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] for a probability of 1.
    pub fn quantile(&self, probability: Probability) -> Result<Option<f64>, QueueError> {
        const TOLERANCE: f64 = 1e-14;
        let tail = tail_of(probability)?;
        if !self.is_stable() {
            return Ok(None);
        }
        if tail == 1.0 {
            return Ok(Some(0.0));
        }
        let slowest = self.used().map(|(_, spare)| spare).fold(f64::INFINITY, f64::min);
        let fastest = self.used().map(|(_, spare)| spare).fold(0.0, f64::max);
        let excess = |seconds| self.tail(seconds).unwrap_or(0.0).ln() - tail.ln();
        let (low, high) = (-tail.ln() / fastest, -tail.ln() / slowest);
        // Where all are alike both ends are the answer, and rounding decides on their signs.
        Ok(Some(find_root(excess, low, high, TOLERANCE).unwrap_or(high)))
    }

    fn used(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.rates.iter().copied().zip(self.spare.iter().copied()).filter(|&(rate, _)| rate > 0.0)
    }
}

/// Splits a Poisson stream at random over M/M/1 instances of unequal speed.
///
/// # Formula
///
/// ```text
/// equal λ/n,   proportional λμ_i/Σμ,   optimal λ_i = μ_i − √μ_i·(Σμ − λ)/Σ√μ
/// P(T > t) = Σ (λ_i/λ)·e^(−(μ_i − λ_i)t)
/// ```
///
/// where the optimal sums run over the instances fast enough to be used at all: those whose rate would be negative are
/// left out, slowest first. An equal split overloads the slowest when `λ/n ≥ min μ_i`, long before the fleet is full.
/// When the fleet is overloaded as a whole, the optimal split is the proportional one.
///
/// # Accuracy
///
/// Exact for a random split with these shares.
///
/// # Errors
///
/// [`QueueError::Domain`] without instances or without requests.
///
/// # References
///
/// [Bell83](crate::references#bell83).
pub fn split_unequal(
    service_rates: &[ServiceRate],
    arrival_rate: ArrivalRate,
    split: Split,
) -> Result<UnequalSplit, QueueError> {
    let lambda = arrival_rate.get();
    if service_rates.is_empty() {
        return Err(QueueError::Domain { parameter: "number of servers", value: 0.0, domain: "at least 1" });
    }
    if lambda <= 0.0 {
        return Err(QueueError::Domain { parameter: "arrival rate", value: lambda, domain: "above 0" });
    }
    let speeds: Vec<f64> = service_rates.iter().map(|rate| rate.get()).collect();
    let total: f64 = speeds.iter().sum();
    if !total.is_finite() {
        return Err(QueueError::Domain { parameter: "sum of service rates", value: total, domain: "finite" });
    }
    // What an instance keeps unused, computed without λ_i where that would cancel.
    let (rates, spare): (Vec<f64>, Vec<f64>) = match split {
        Split::Equal => {
            let rate = lambda / speeds.len() as f64;
            speeds.iter().map(|speed| (rate, speed - rate)).unzip()
        }
        Split::Optimal if lambda < total => optimal(&speeds, lambda),
        Split::Proportional | Split::Optimal => {
            speeds.iter().map(|speed| (lambda * (speed / total), (total - lambda) * (speed / total))).unzip()
        }
    };
    Ok(UnequalSplit { rates, spare, arrival_rate: lambda })
}

/// The square-root split for `λ < Σμ`.
fn optimal(speeds: &[f64], lambda: f64) -> (Vec<f64>, Vec<f64>) {
    let mut fastest_first = speeds.to_vec();
    fastest_first.sort_by(|one, other| other.total_cmp(one));
    let (mut total, mut roots, mut factor) = (0.0, 0.0, 0.0);
    for speed in fastest_first {
        // An instance is worth using if √μ exceeds the factor that the faster ones leave.
        if roots > 0.0 && total > lambda && speed.sqrt() <= factor {
            break;
        }
        total += speed;
        roots += speed.sqrt();
        factor = (total - lambda) / roots;
    }
    speeds
        .iter()
        .map(|speed| {
            let spare = speed.sqrt() * factor;
            if spare < *speed { (speed - spare, spare) } else { (0.0, *speed) }
        })
        .unzip()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn solved(speeds: &[f64], lambda: f64, split: Split) -> UnequalSplit {
        let rates: Vec<ServiceRate> = speeds.iter().map(|&speed| ServiceRate::new(speed).expect("rate")).collect();
        split_unequal(&rates, ArrivalRate::new(lambda).expect("rate"), split).expect("a split")
    }

    #[test]
    fn a_slow_instance_is_left_out_at_light_load() {
        let split = solved(&[1.0, 100.0], 5.0, Split::Optimal);
        assert_eq!(split.rates, [0.0, 5.0]);
        assert!((split.mean().expect("stable") - 1.0 / 95.0).abs() < 1e-15);
    }

    #[test]
    fn a_fleet_that_is_full_has_no_mean() {
        for split in [Split::Equal, Split::Proportional, Split::Optimal] {
            let full = solved(&[5.0, 10.0], 15.0, split);
            assert_eq!((full.is_stable(), full.mean(), full.tail(1.0)), (false, None, None));
            assert_eq!(full.quantile(Probability::new(0.5).expect("probability")), Ok(None));
        }
    }

    #[test]
    fn equal_instances_are_plain_queues() {
        for split in [Split::Equal, Split::Proportional, Split::Optimal] {
            let alike = solved(&[2.0, 2.0], 3.0, split);
            let median = alike.quantile(Probability::new(0.5).expect("probability")).expect("below 1").expect("stable");
            assert!((median - 2.0 * 2.0_f64.ln()).abs() < 1e-12, "{split:?}: {median}");
        }
    }

    #[test]
    fn nothing_to_split_is_refused() {
        let rate = ArrivalRate::new(0.0).expect("rate");
        let message =
            |rates: &[ServiceRate]| split_unequal(rates, rate, Split::Equal).expect_err("refused").to_string();
        assert_eq!(message(&[]), "number of servers of 0 is not at least 1");
        assert_eq!(message(&[ServiceRate::new(1.0).expect("rate")]), "arrival rate of 0 is not above 0");
    }

    proptest! {
        #[test]
        fn the_optimum_is_below_any_other_split(
            speeds in prop::collection::vec(0.1..100.0_f64, 1..8), load in 0.01..0.99_f64, moved in 0.0..1.0_f64,
        ) {
            let lambda = load * speeds.iter().sum::<f64>();
            let best = solved(&speeds, lambda, Split::Optimal);
            let mean = best.mean().expect("stable");
            prop_assert!((best.rates.iter().sum::<f64>() / lambda - 1.0).abs() < 1e-12);
            prop_assert!(mean <= solved(&speeds, lambda, Split::Proportional).mean().expect("stable") * (1.0 + 1e-12));
            if let Some(equal) = solved(&speeds, lambda, Split::Equal).mean() {
                prop_assert!(mean <= equal * (1.0 + 1e-12));
            }
            // Moving some of the first instance's rate to the last never helps.
            let (first, last) = (0, speeds.len() - 1);
            let amount = (moved * best.rates[first]).min(0.9 * (speeds[last] - best.rates[last]));
            let mut rates = best.rates.clone();
            rates[first] -= amount;
            rates[last] += amount;
            let other: f64 = rates.iter().zip(&speeds).map(|(rate, speed)| rate / lambda / (speed - rate)).sum();
            prop_assert!(mean <= other * (1.0 + 1e-9));
        }
    }
}
