use crate::numeric::integrate;
use crate::units::{ArrivalRate, Erlangs, Seconds, Servers, ServiceRate};

use crate::queues::{Mmc, QueueError, StationFigures};

/// A class of jobs at an M/G/1 queue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriorityClass {
    /// Arrivals of the class per second.
    pub arrival_rate: ArrivalRate,
    /// Mean service time of the class.
    pub service_time: Seconds,
    /// Squared coefficient of variation of the service, at least 0.
    pub service_scv: f64,
}

/// Mean times of one class under both disciplines, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriorityTimes {
    /// Wait where a service once begun is finished.
    pub nonpreemptive_waiting_time: f64,
    /// Wait and service there.
    pub nonpreemptive_sojourn_time: f64,
    /// Wait and service where a more urgent job interrupts, and the service goes on later from where it was.
    pub preemptive_resume_sojourn_time: f64,
}

/// Solves an M/G/1 queue with priorities; the first class is the most urgent.
///
/// # Formula
///
/// ```text
/// σ_k = Σ_{i≤k} λ_i·S_i,   R_k = ½·Σ_{i≤k} λ_i·S_i²·(1 + s_i)
/// non-preemptive      W_q,k = R_n / ((1 − σ_(k−1))(1 − σ_k))                          (Cobham)
/// preemptive-resume   W_k = S_k/(1 − σ_(k−1)) + R_k / ((1 − σ_(k−1))(1 − σ_k))
/// ```
///
/// # Accuracy
///
/// Exact. Each `1 − σ_k` loses the digits that the sum shares with 1.
///
/// # Errors
///
/// [`QueueError::Unstable`] when the classes together load the server fully: the least urgent then wait without end.
/// [`QueueError::Domain`] for a squared coefficient of variation below 0 or infinite.
///
/// # References
///
/// [Kleinrock76](crate::references#kleinrock76) §3.6, [Cobham54](crate::references#cobham54).
pub fn priority_mg1(classes: &[PriorityClass]) -> Result<Vec<PriorityTimes>, QueueError> {
    stable_load(classes)?;
    let mut all_residual = 0.0;
    for class in classes {
        all_residual += load_and_residual(class)?.1;
    }
    let (mut spare, mut residual) = (1.0, 0.0);
    classes
        .iter()
        .map(|class| {
            let (load, own_residual) = load_and_residual(class)?;
            let before = spare;
            spare -= load;
            residual += own_residual;
            let service = class.service_time.get();
            let wait = all_residual / (before * spare);
            Ok(PriorityTimes {
                nonpreemptive_waiting_time: wait,
                nonpreemptive_sojourn_time: wait + service,
                preemptive_resume_sojourn_time: service / before + residual / (before * spare),
            })
        })
        .collect()
}

/// Returns the load of all classes together, which is below 1.
pub(super) fn stable_load(classes: &[PriorityClass]) -> Result<f64, QueueError> {
    let mut total = 0.0;
    for class in classes {
        total += load_and_residual(class)?.0;
    }
    if total >= 1.0 { Err(unstable(total, 1)) } else { Ok(total) }
}

fn load_and_residual(class: &PriorityClass) -> Result<(f64, f64), QueueError> {
    let scv = class.service_scv;
    if !(scv >= 0.0 && scv.is_finite()) {
        return Err(QueueError::Domain { parameter: "service_scv", value: scv, domain: "finite and at least 0" });
    }
    let service = class.service_time.get();
    let load = class.arrival_rate.get() * service;
    Ok((load, 0.5 * load * service * (1.0 + scv)))
}

fn unstable(load: f64, servers: u64) -> QueueError {
    match (Erlangs::new(load), Servers::new(servers)) {
        (Ok(offered_load), Ok(servers)) => QueueError::Unstable { offered_load, servers },
        _ => QueueError::Domain { parameter: "offered load", value: load, domain: "below 1.8e308" },
    }
}

/// Solves an M/M/c queue with priorities and one service rate; the first class is the most urgent.
///
/// # Formula
///
/// ```text
/// σ_k = Σ_{i≤k} λ_i/(cμ)
/// non-preemptive      W_q,k = C(c, a)/(cμ) / ((1 − σ_(k−1))(1 − σ_k))                  (Cobham)
/// preemptive-resume   W_k = 1/μ + (L_q(Λ_k) − L_q(Λ_(k−1)))/λ_k
/// ```
///
/// with `L_q(Λ)` the queue of M/M/c with the arrivals `Λ_k` of the first `k` classes alone: the others do not exist for
/// them.
///
/// # Method
///
/// The quotient is the mean slope of `L_q` between the two rates. Where they differ little it is integrated from
/// the derivative, which is positive, so that a rare class loses no digits; a class without arrivals has the slope itself.
///
/// # Accuracy
///
/// Exact, to 1e-11.
///
/// # Errors
///
/// [`QueueError::Unstable`] when the classes together load the servers fully.
///
/// # References
///
/// [Kleinrock76](crate::references#kleinrock76) §3.6, [Cobham54](crate::references#cobham54).
pub fn priority_mmc(
    arrival_rates: &[ArrivalRate],
    service_rate: ServiceRate,
    servers: Servers,
) -> Result<Vec<PriorityTimes>, QueueError> {
    let (mu, total_rate) = (service_rate.get(), servers.get() as f64 * service_rate.get());
    let all: f64 = arrival_rates.iter().map(|rate| rate.get()).sum();
    let all = ArrivalRate::new(all).map_err(|_| QueueError::Domain {
        parameter: "total arrival rate",
        value: all,
        domain: "below 1.8e308",
    })?;
    let together = Mmc::new(all, service_rate, servers)?;
    let residual = together.wait_probability() / total_rate;
    let solve = |rate: f64| -> Result<Mmc, QueueError> {
        // Rounding must not lift a part above the whole.
        Mmc::new(ArrivalRate::new(rate.min(all.get())).unwrap_or(all), service_rate, servers)
    };
    let mut before = solve(0.0)?;
    arrival_rates
        .iter()
        .map(|rate| {
            let (from, own) = (before.arrival_rate(), rate.get());
            let after = solve(from + own)?;
            let slope = if own > 0.1 * after.spare_rate().min(from) {
                (after.mean_in_queue() - before.mean_in_queue()) / own
            } else {
                // On a stretch this short the slope bends little; a stretch of no length has one slope.
                let at = |share: f64| solve(from + share * own).map_or(f64::NAN, |queue| queue_slope(&queue));
                integrate(at, 0.0, 1.0)
            };
            let spare = (before.spare_rate() / total_rate) * (after.spare_rate() / total_rate);
            before = after;
            let wait = residual / spare;
            Ok(PriorityTimes {
                nonpreemptive_waiting_time: wait,
                nonpreemptive_sojourn_time: wait + 1.0 / mu,
                preemptive_resume_sojourn_time: slope + 1.0 / mu,
            })
        })
        .collect()
}

/// `dL_q/dλ` of M/M/c.
///
/// `L_q = λ·C/δ`, `C′/C = C/B·((1 − B)/c + (1 − ρ)(c/a − 1 + B))` in the load, from `B′ = B·(c/a − 1 + B)`; every part is
/// positive.
fn queue_slope(queue: &Mmc) -> f64 {
    let (wait, spare) = (queue.wait_probability(), queue.spare_rate());
    let (a, lambda) = (queue.offered_load(), queue.arrival_rate());
    if wait == 0.0 || a == 0.0 {
        return 0.0;
    }
    let rho = queue.utilization();
    let c = a / rho;
    let free = spare / (spare + lambda);
    // 1/C = (1 − ρ)/B + ρ, hence B = (1 − ρ)·C/(1 − ρ·C) and C/B = (1 − ρ·C)/(1 − ρ).
    let blocked = free * wait / (1.0 - rho * wait);
    let relative = (1.0 - rho * wait) / free * ((1.0 - blocked) / c + free * ((c - a) / a + blocked));
    // d ln L_q/da = 1/a + 1/(c − a) + C′/C; the first two are c/(a·(c − a)).
    let in_load = 1.0 / (a * free) + relative;
    queue.mean_in_queue() * in_load * a / lambda
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(value: f64) -> ArrivalRate {
        ArrivalRate::new(value).expect("rate")
    }

    fn class(arrival_rate: f64, service_time: f64, service_scv: f64) -> PriorityClass {
        PriorityClass {
            arrival_rate: rate(arrival_rate),
            service_time: Seconds::new(service_time).expect("time"),
            service_scv,
        }
    }

    /// Work is conserved: the waits weighted by load sum to the same in every order.
    #[test]
    fn the_order_does_not_change_the_work() {
        let classes = [class(0.1, 0.5, 0.0), class(0.4, 1.5, 2.0), class(0.05, 3.0, 1.0)];
        let work = |classes: &[PriorityClass]| -> f64 {
            let times = priority_mg1(classes).expect("stable");
            classes
                .iter()
                .zip(times)
                .map(|(class, times)| {
                    class.arrival_rate.get() * class.service_time.get() * times.nonpreemptive_waiting_time
                })
                .sum()
        };
        let mut reversed = classes;
        reversed.reverse();
        assert!((work(&classes) / work(&reversed) - 1.0).abs() < 1e-14);
    }

    #[test]
    fn one_class_has_no_priority() {
        let service = ServiceRate::new(2.0).expect("rate");
        for servers in [1, 7, 300] {
            let servers = Servers::new(servers).expect("count");
            let lambda = 1.9 * servers.get() as f64;
            let plain = Mmc::new(rate(lambda), service, servers).expect("stable");
            let times = priority_mmc(&[rate(lambda)], service, servers).expect("stable");
            assert!((times[0].nonpreemptive_waiting_time / plain.waiting_time() - 1.0).abs() < 1e-12);
            assert!((times[0].preemptive_resume_sojourn_time / plain.sojourn_time() - 1.0).abs() < 1e-12);
        }
        let times = priority_mg1(&[class(0.8, 1.0, 0.5)]).expect("stable");
        assert!((times[0].preemptive_resume_sojourn_time - times[0].nonpreemptive_sojourn_time).abs() < 1e-14);
    }

    /// One server of exponential service is both models.
    #[test]
    fn both_models_meet() {
        let rates = [0.2, 0.3, 0.1];
        let general = priority_mg1(&rates.map(|lambda| class(lambda, 1.0, 1.0))).expect("stable");
        let exponential =
            priority_mmc(&rates.map(rate), ServiceRate::new(1.0).expect("rate"), Servers::new(1).expect("count"));
        for (one, other) in general.iter().zip(exponential.expect("stable")) {
            assert!((one.nonpreemptive_waiting_time / other.nonpreemptive_waiting_time - 1.0).abs() < 1e-13);
            assert!((one.preemptive_resume_sojourn_time / other.preemptive_resume_sojourn_time - 1.0).abs() < 1e-13);
        }
    }

    #[test]
    fn a_rare_class_loses_no_digits() {
        let (service, servers) = (ServiceRate::new(1.0).expect("rate"), Servers::new(20).expect("count"));
        let last = |own: f64| {
            priority_mmc(&[rate(18.0), rate(own)], service, servers).expect("stable")[1].preemptive_resume_sojourn_time
        };
        // The slope of a smooth curve: a millionth of a class hardly changes it.
        let (none, little) = (last(0.0), last(1e-12));
        assert!((none / little - 1.0).abs() < 1e-11, "{none} {little}");
        let (short, long) = (last(0.099), last(0.101));
        assert!((short / long - 1.0).abs() < 5e-3 && short < long);
        // Both ways to the quotient meet at the switch.
        let exact = |own: f64| {
            let queue = |lambda| Mmc::new(rate(lambda), service, servers).expect("stable").mean_in_queue();
            1.0 + (queue(18.0 + own) - queue(18.0)) / own
        };
        assert!((last(0.1) / exact(0.1) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn overload_is_that_of_all_classes() {
        let error = priority_mg1(&[class(0.5, 1.0, 1.0), class(0.5, 1.0, 1.0)]).expect_err("unstable");
        assert_eq!(error.to_string(), "offered load of 1 is too much for 1 server; at least 2 are needed");
    }
}
