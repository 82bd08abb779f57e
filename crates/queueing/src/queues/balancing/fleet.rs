use crate::queues::{Mmc, QueueError};
use crate::units::{ArrivalRate, Servers, ServiceRate};

/// Equal instances behind a load balancer: Poisson arrivals, exponential service.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BalancedFleet {
    /// Requests per second to all of them, λ.
    pub arrival_rate: ArrivalRate,
    /// Requests per second that one busy worker completes, μ.
    pub service_rate: ServiceRate,
    /// Instances, `n`.
    pub servers: Servers,
    /// Workers of each instance, `w`.
    pub workers: Servers,
}

impl BalancedFleet {
    /// The fleet as one queue that every free worker takes from.
    ///
    /// # Errors
    ///
    /// [`QueueError::Unstable`] when `λ ≥ n·w·μ`, [`QueueError::Domain`] for more than [`Servers::MAX`] workers.
    pub fn pooled(&self) -> Result<Mmc, QueueError> {
        let all = self.servers.get().saturating_mul(self.workers.get());
        let all = Servers::new(all).map_err(|error| QueueError::Domain {
            parameter: "total of workers",
            value: error.value,
            domain: "at most 1,000,000,000",
        })?;
        Mmc::new(self.arrival_rate, self.service_rate, all)
    }

    /// One instance that gets an `n`-th of the requests at random.
    ///
    /// # Errors
    ///
    /// As [`BalancedFleet::pooled`].
    pub fn random_instance(&self) -> Result<Mmc, QueueError> {
        let share = self.arrival_rate.get() / self.servers.get() as f64;
        let share = ArrivalRate::new(share).unwrap_or(self.arrival_rate);
        Mmc::new(share, self.service_rate, self.workers)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A fleet with a service rate of 1.
    pub(in crate::queues::balancing) fn fleet(servers: u64, workers: u64, utilization: f64) -> BalancedFleet {
        BalancedFleet {
            arrival_rate: ArrivalRate::new(utilization * (servers * workers) as f64).expect("rate"),
            service_rate: ServiceRate::new(1.0).expect("rate"),
            servers: Servers::new(servers).expect("count"),
            workers: Servers::new(workers).expect("count"),
        }
    }

    #[test]
    fn a_fleet_that_is_too_large_is_refused() {
        assert_eq!(
            fleet(1_000_000, 1_000_000, 0.5).pooled().expect_err("refused").to_string(),
            "total of workers of 1000000000000 is not at most 1,000,000,000"
        );
    }
}
