use std::sync::Arc;

use crate::units::{ArrivalRate, Servers, ServiceRate};

use super::busy_period::BusyPeriod;
use super::class_laws::ClassLaws;
use super::interrupted_sojourn::InterruptedSojourn;
use super::law::Law;
use super::mixture::WaitMixture;
use crate::queues::{Mmc, QueueError, StationFigures};

/// Returns the laws of the classes of an M/M/c queue with priorities and one service rate; the first class is the most
/// urgent.
///
/// # Formula
///
/// Non-preemptive: an arrival waits with the probability `C(c, a)` of all classes together. Of the classes up to its own a
/// geometric number `n` with ratio `σ_k` waits before it, and it waits for `n + 1` completions, each with the urgent jobs
/// that arrive meanwhile:
///
/// ```text
/// E e^(−s·W_k | wait) = (1 − σ_k)·η/(1 − σ_k·η) = cμ(1 − σ_k)(1 − η)/(s − λ_k + λ_k·η),   η = η(s) of M/M/1 with λ_a, cμ
/// ```
///
/// Preemptive: the jobs before a tagged one are a chain of their own; the less urgent do not exist for it. See the method
/// of [`PriorityLaw`](super::PriorityLaw).
///
/// # Accuracy
///
/// Exact; as [`PriorityLaw`](super::PriorityLaw).
///
/// # Errors
///
/// [`QueueError::Unstable`] when the classes together load the servers fully, [`QueueError::Domain`] for no classes.
///
/// # References
///
/// [Davis66](crate::references#davis66), [Kella85](crate::references#kella85).
///
/// # Examples
///
/// ```
/// use capplan_queueing::queues::priority_laws_mmc;
/// use capplan_queueing::units::{ArrivalRate, Probability, Servers, ServiceRate};
///
/// let rates = [ArrivalRate::new(3.0)?, ArrivalRate::new(4.0)?];
/// let classes = priority_laws_mmc(&rates, ServiceRate::new(1.0)?, Servers::new(8)?)?;
/// let p99 = Probability::new(0.99)?;
/// assert!(classes[0].nonpreemptive_wait.quantile(p99)? < classes[1].nonpreemptive_wait.quantile(p99)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn priority_laws_mmc(
    arrival_rates: &[ArrivalRate],
    service_rate: ServiceRate,
    servers: Servers,
) -> Result<Vec<ClassLaws>, QueueError> {
    let (mu, completions) = (service_rate.get(), servers.get() as f64 * service_rate.get());
    let all: f64 = arrival_rates.iter().map(|rate| rate.get()).sum();
    let all = ArrivalRate::new(all).map_err(|_| QueueError::Domain {
        parameter: "total arrival rate",
        value: all,
        domain: "below 1.8e308",
    })?;
    let wait_probability = Mmc::new(all, service_rate, servers)?.wait_probability();
    let mut urgent = 0.0;
    arrival_rates
        .iter()
        .map(|rate| {
            let own = rate.get();
            // Rounding must not lift a part above the whole.
            let together = ArrivalRate::new((urgent + own).min(all.get())).unwrap_or(all);
            let together = Mmc::new(together, service_rate, servers)?;
            let period = BusyPeriod { urgent, completions, spare: together.spare_rate() + own };
            let phases = Arc::from(period.geometric_sum(own, together.spare_share()));
            let wait = WaitMixture { wait_probability, phases, service_rate: None };
            let sojourn = WaitMixture { service_rate: Some(mu), ..wait.clone() };
            let preemptive = if urgent == 0.0 {
                Law::Alone(together.visit())
            } else {
                Law::Tagged(InterruptedSojourn::new(&together, servers.get(), period, own))
            };
            urgent += own;
            Ok(ClassLaws {
                service_time: 1.0 / mu,
                nonpreemptive_wait_probability: wait_probability,
                preemptive_wait_probability: together.wait_probability(),
                nonpreemptive_wait: Law::Mixture(wait).into(),
                nonpreemptive_sojourn: Law::Mixture(sojourn).into(),
                preemptive_resume_sojourn: preemptive.into(),
            })
        })
        .collect()
}
