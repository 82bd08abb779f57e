use crate::numeric::Complex;
use crate::queues::{ExponentialVisit, QueueError, SojournLaw, StationFigures};
use crate::units::Probability;

use super::{BalancedFleet, LeastOutstanding, PowerOfChoices, RoundRobin};

/// Which instance a load balancer gives a request to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoutingPolicy {
    /// None yet: requests wait in one queue, and a free worker takes the next.
    SharedQueue,
    /// Any instance, at random or by a hash.
    Random,
    /// Each instance in its turn.
    RoundRobin,
    /// The instance with the fewest requests inside (join the shortest queue).
    LeastOutstanding,
    /// The instance with the fewest requests inside among so many chosen at random.
    PowerOfChoices {
        /// How many it looks at.
        choices: u64,
    },
}

impl RoutingPolicy {
    /// The better of two random instances.
    pub const POWER_OF_TWO: Self = Self::PowerOfChoices { choices: 2 };

    /// The name in a file and in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SharedQueue => "shared_queue",
            Self::Random => "random",
            Self::RoundRobin => "round_robin",
            Self::LeastOutstanding => "least_outstanding",
            Self::PowerOfChoices { choices: 2 } => "power_of_two",
            Self::PowerOfChoices { .. } => "power_of_choices",
        }
    }
}

/// The law of a visit under a routing policy.
#[derive(Debug, Clone, PartialEq)]
pub enum BalancedVisit {
    /// An exponential wait, where there is one, and an exponential service.
    Exponential(ExponentialVisit),
    /// A mixture over the number of requests found.
    Stages(PowerOfChoices),
}

impl BalancedVisit {
    /// Probability to wait.
    pub fn wait_probability(&self) -> f64 {
        match self {
            Self::Exponential(visit) => visit.wait_probability(),
            Self::Stages(stages) => stages.wait_probability(),
        }
    }

    /// Mean wait and service in seconds.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Exponential(visit) => visit.sojourn_time(),
            Self::Stages(stages) => stages.mean(),
        }
    }

    /// Probability that a visit is longer than `seconds`.
    pub fn tail(&self, seconds: f64) -> f64 {
        match self {
            Self::Exponential(visit) => visit.tail(seconds),
            Self::Stages(stages) => stages.tail(seconds),
        }
    }

    /// The time that a visit stays within with `probability`.
    ///
    /// # Errors
    ///
    /// [`QueueError::Domain`] for a probability of 1.
    pub fn quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        match self {
            Self::Exponential(visit) => visit.sojourn_time_quantile(probability),
            Self::Stages(stages) => stages.quantile(probability),
        }
    }

    /// Laplace–Stieltjes transform `E e^(−sT)`.
    pub fn transform(&self, s: Complex<f64>) -> Complex<f64> {
        match self {
            Self::Exponential(visit) => visit.sojourn_law().transform(s),
            Self::Stages(stages) => stages.transform(s),
        }
    }

    /// The law in the form that sums over stations take.
    pub fn sojourn_law(&self) -> SojournLaw {
        match self {
            Self::Exponential(visit) => visit.sojourn_law(),
            Self::Stages(stages) => stages.sojourn_law(),
        }
    }
}

/// Whether a figure is that of the model or near it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exactness {
    /// Exact for Poisson arrivals and exponential service.
    Exact,
    /// An approximation, with its error where it is documented.
    Approximate,
}

/// A fleet under a routing policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Balanced {
    /// The law of a visit.
    pub law: BalancedVisit,
    /// Whether it is exact.
    pub exactness: Exactness,
    /// The root of the round robin's equation.
    pub sigma: Option<f64>,
}

/// Solves a fleet of equal instances under a routing policy.
///
/// # Formula
///
/// | policy | model |
/// |---|---|
/// | shared queue | M/M/(nw), exact |
/// | random | `n` times M/M/w with λ/n, exact |
/// | round robin | [`RoundRobin`], `E_n/M/w`, exact |
/// | least outstanding | [`LeastOutstanding`], an approximation |
/// | power of choices | [`PowerOfChoices`], for one worker an instance, an approximation |
///
/// # Errors
///
/// [`QueueError::Unstable`] when `λ ≥ n·w·μ`; the load and servers are those of the whole fleet, whatever the policy.
/// [`QueueError::Domain`] for power of choices with several workers, and as each model.
///
/// # Examples
///
/// ```
/// use capplan_queueing::queues::{BalancedFleet, RoutingPolicy, balanced};
/// use capplan_queueing::units::{ArrivalRate, Servers, ServiceRate};
///
/// let fleet = BalancedFleet {
///     arrival_rate: ArrivalRate::new(80.0)?,
///     service_rate: ServiceRate::new(10.0)?,
///     servers: Servers::new(10)?,
///     workers: Servers::new(1)?,
/// };
/// let wait = |policy| balanced(&fleet, policy).map(|balanced| balanced.law.mean());
/// assert!(wait(RoutingPolicy::SharedQueue)? < wait(RoutingPolicy::LeastOutstanding)?);
/// assert!(wait(RoutingPolicy::RoundRobin)? < wait(RoutingPolicy::Random)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn balanced(fleet: &BalancedFleet, policy: RoutingPolicy) -> Result<Balanced, QueueError> {
    let pooled = fleet.pooled()?;
    let exact = |visit| Balanced { law: BalancedVisit::Exponential(visit), exactness: Exactness::Exact, sigma: None };
    Ok(match policy {
        RoutingPolicy::SharedQueue => exact(pooled.visit()),
        RoutingPolicy::Random => exact(fleet.random_instance()?.visit()),
        RoutingPolicy::RoundRobin => {
            let turns = RoundRobin::new(fleet)?;
            Balanced { sigma: Some(turns.sigma()), ..exact(turns.visit()) }
        }
        RoutingPolicy::LeastOutstanding => {
            let visit = LeastOutstanding::new(fleet)?.visit();
            let exactness = if fleet.servers.get() == 1 { Exactness::Exact } else { Exactness::Approximate };
            Balanced { exactness, ..exact(visit) }
        }
        RoutingPolicy::PowerOfChoices { choices } => {
            if fleet.workers.get() > 1 {
                return Err(QueueError::Domain {
                    parameter: "workers per server under power of choices",
                    value: fleet.workers.get() as f64,
                    domain: "1; least outstanding is near it for several",
                });
            }
            let stages = PowerOfChoices::new(pooled.utilization(), fleet.service_rate, choices, Some(fleet.servers))?;
            let exactness = if choices == 1 { Exactness::Exact } else { Exactness::Approximate };
            Balanced { law: BalancedVisit::Stages(stages), exactness, sigma: None }
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fleet::tests::fleet;
    use super::*;

    const POLICIES: [RoutingPolicy; 5] = [
        RoutingPolicy::SharedQueue,
        RoutingPolicy::LeastOutstanding,
        RoutingPolicy::PowerOfChoices { choices: 2 },
        RoutingPolicy::RoundRobin,
        RoutingPolicy::Random,
    ];

    #[test]
    fn overload_is_that_of_the_fleet_whatever_the_policy() {
        for policy in POLICIES {
            assert_eq!(
                balanced(&fleet(4, 1, 1.25), policy).expect_err("refused").to_string(),
                "offered load of 5 is too much for 4 servers; at least 6 are needed"
            );
        }
    }

    #[test]
    fn two_choices_among_workers_have_no_model() {
        assert_eq!(
            balanced(&fleet(4, 8, 0.5), RoutingPolicy::PowerOfChoices { choices: 2 }).expect_err("refused").to_string(),
            "workers per server under power of choices of 8 is not 1; least outstanding is near it for several"
        );
    }

    proptest! {
        #[test]
        fn every_law_begins_at_one_and_its_mean_is_its_area(n in 2_u64..40, rho in 0.05..0.97_f64) {
            for policy in POLICIES {
                let law = balanced(&fleet(n, 1, rho), policy).expect("stable").law;
                prop_assert!((law.tail(0.0) - 1.0).abs() < 1e-12);
                let step = 1e-5;
                let slope = (1.0 - law.transform(Complex::new(step, 0.0)).re) / step;
                let p99 = law.quantile(Probability::new(0.99).expect("probability")).expect("below 1");
                prop_assert!((law.tail(p99) / 0.01 - 1.0).abs() < 1e-9);
                // 1 − E e^(−sT) = s·E[T] − s²·E[T²]/2 + …, and T² averages below twice p99 squared.
                prop_assert!((slope - law.mean()).abs() < step * 2.0 * p99 * p99 + 1e-6 * law.mean());
                prop_assert!((law.sojourn_law().mean() / law.mean() - 1.0).abs() < 1e-9);
            }
        }

        #[test]
        fn more_load_never_waits_less(n in 2_u64..40, rho in 0.01..0.9_f64, more in 0.001..0.09_f64) {
            for policy in POLICIES {
                let mean = |rho| balanced(&fleet(n, 1, rho), policy).expect("stable").law.mean();
                prop_assert!(mean(rho + more) >= mean(rho), "{policy:?}");
            }
        }
    }
}
