pub(in crate::queues) mod poisson_walk;

use crate::numeric::{Complex, integrate};
use crate::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};

use crate::queues::laws::quantile::{tail_of, time_of_tail};
use crate::queues::mdc::poisson_walk::PoissonWalk;
use crate::queues::{Mmc, QueueError, StationFigures, StationLaws};

/// The M/D/c queue: Poisson arrivals, a constant service time `D`, `c` servers, one queue in order of arrival.
///
/// # Formula
///
/// With `L` the number waiting, whatever the time, and `a = λ·D`,
///
/// ```text
/// L ~ max(L + Poisson(a) − c, 0),   N ~ L + Poisson(a)
/// P(wait) = P(N ≥ c),   L_q = E L,   W_q = L_q/λ
/// P(W_q > t) = P(L + Poisson(λ(kD − t)) ≥ k·c),   k = ⌊t/D⌋ + 1
/// ```
///
/// The last line counts from `kD` before the time `t` after an arrival: who waited then and who came until that arrival
/// are before it, and `k·c` of them have begun their service if there were as many.
///
/// # Accuracy
///
/// Exact: all sums have positive terms. Probabilities agree with those of M/G/1 to 1e-11 down to 1e-290, with the embedded
/// chain to 1e-11, for up to 10⁵ servers and a utilization of up to 0.999999; 10⁶ servers are refused between 99 and 99.9 %
/// of utilization, where the list of states is too long. The transform is an integral over the tail, right to 1e-12.
///
/// # References
///
/// [Franx01](crate::references#franx01), [Tijms03](crate::references#tijms03) §9.6,
/// [Janssen08](crate::references#janssen08).
///
/// # Examples
///
/// ```
/// use capplan_queueing::queues::{Mdc, StationFigures};
/// use capplan_queueing::units::{ArrivalRate, Seconds, Servers};
///
/// let queue = Mdc::new(ArrivalRate::new(3.0)?, Seconds::new(1.0)?, Servers::new(4)?)?;
/// assert!((queue.wait_probability() - 0.490).abs() < 5e-4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Mdc {
    exponential: Mmc,
    service_time: f64,
    servers: u64,
    walk: PoissonWalk,
}

/// Blocks of one service time after which the transform's integral goes on geometrically in any case.
const MOST_BLOCKS: u32 = 400;

impl Mdc {
    /// Solves the queue.
    ///
    /// # Errors
    ///
    /// [`QueueError::Unstable`] when `λ·D ≥ c`, [`QueueError::Domain`] for a service time of 0 and for more servers than
    /// the method takes, above 10⁵.
    pub fn new(arrival_rate: ArrivalRate, service_time: Seconds, servers: Servers) -> Result<Self, QueueError> {
        let mean = service_time.get();
        let rate = ServiceRate::new(1.0 / mean).map_err(|_| QueueError::Domain {
            parameter: "service time",
            value: mean,
            domain: "above 0",
        })?;
        let exponential = Mmc::new(arrival_rate, rate, servers)?;
        let load = arrival_rate.get() * mean;
        let count = servers.get() as f64;
        let spare = arrival_rate.get().mul_add(-mean, count) / count;
        let walk = PoissonWalk::new(load, count, spare)?;
        Ok(Self { exponential, service_time: mean, servers: servers.get(), walk })
    }

    /// The queue with exponential service of the same mean.
    pub const fn exponential(&self) -> &Mmc {
        &self.exponential
    }

    /// Busy share of each server, `ρ`.
    pub fn utilization(&self) -> f64 {
        self.exponential.utilization()
    }

    /// Mean number waiting, `L_q`.
    pub fn mean_in_queue(&self) -> f64 {
        self.walk.mean()
    }

    /// Mean number waiting or in service, `L = L_q + a`.
    pub fn mean_in_system(&self) -> f64 {
        self.mean_in_queue() + self.exponential.offered_load()
    }

    /// Probability that `jobs` are there, waiting or in service.
    pub fn state_probability(&self, jobs: u64) -> f64 {
        self.walk.with_events(jobs, self.exponential.offered_load())
    }

    fn wait_tail(&self, time: f64) -> f64 {
        let services = (time / self.service_time).floor() + 1.0;
        let load = self.exponential.offered_load();
        let events = (self.exponential.arrival_rate() * (services * self.service_time - time)).clamp(0.0, load);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates where the tail is 0")]
        let jobs = (services as u64).saturating_mul(self.servers) - 1;
        self.walk.above_with_events(jobs, events)
    }

    /// `∫₀^∞ e^(−st)·P(W_q > t) dt`, block by block of one service time until their ratio has settled.
    fn tail_transform(&self, s: Complex<f64>) -> Complex<f64> {
        let d = self.service_time;
        let part = |from: f64, part: fn(Complex<f64>) -> f64| {
            integrate(|u| part((-s * u).exp()) * self.wait_tail(from + u), 0.0, d)
        };
        let shift = (-s * d).exp();
        let (mut sum, mut before, mut damping) =
            (Complex::new(0.0, 0.0), Complex::new(0.0, 0.0), Complex::new(1.0, 0.0));
        let mut ratio_before = 0.0;
        for block in 0..MOST_BLOCKS {
            let from = f64::from(block) * d;
            let here = Complex::new(part(from, |z| z.re), part(from, |z| z.im));
            let ratio = self.wait_tail(from + d) / self.wait_tail(from);
            sum += damping * here;
            damping *= shift;
            let settled =
                (ratio / ratio_before - 1.0).abs() < 1e-13 && (here - before * ratio).norm() < 1e-13 * sum.norm();
            if settled {
                return sum + damping * here * ratio / (1.0 - shift * ratio);
            }
            if (damping * here).norm() <= 1e-18 * sum.norm() {
                return sum;
            }
            (before, ratio_before) = (here, ratio);
        }
        sum
    }
}

impl StationFigures for Mdc {
    fn wait_probability(&self) -> f64 {
        self.wait_tail(0.0)
    }

    fn waiting_time(&self) -> f64 {
        let rate = self.exponential.arrival_rate();
        if rate > 0.0 { self.mean_in_queue() / rate } else { 0.0 }
    }

    fn sojourn_time(&self) -> f64 {
        self.waiting_time() + self.service_time
    }

    fn waiting_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        let target = tail_of(probability)?;
        Ok(time_of_tail(|time| self.wait_tail(time), target, self.sojourn_time()))
    }

    fn sojourn_time_quantile(&self, probability: Probability) -> Result<f64, QueueError> {
        Ok(self.service_time + self.waiting_time_quantile(probability)?)
    }
}

impl Mdc {
    /// A tail that is above 0 at any time if anybody comes.
    fn above_zero(&self, figure: &'static str, tail: f64) -> Result<f64, QueueError> {
        if self.exponential.arrival_rate() == 0.0 {
            return Ok(tail);
        }
        QueueError::unless_below_double(figure, tail, || None)
    }
}

impl StationLaws for Mdc {
    fn waiting_time_tail(&self, time: Seconds) -> Result<f64, QueueError> {
        self.above_zero("tail of the wait", self.wait_tail(time.get()))
    }

    fn sojourn_time_tail(&self, time: Seconds) -> Result<f64, QueueError> {
        let wait = time.get() - self.service_time;
        if wait < 0.0 { Ok(1.0) } else { self.above_zero("tail of the sojourn time", self.wait_tail(wait)) }
    }

    fn waiting_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        Ok(1.0 - s * self.tail_transform(s))
    }

    fn sojourn_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError> {
        Ok(self.waiting_time_transform(s)? * (-s * self.service_time).exp())
    }
}

#[cfg(test)]
mod tests {
    use crate::numeric::ln_poisson;
    use crate::queues::{Mg1, ServerObjective, ServiceShape, least_servers, min_servers};

    use super::*;

    fn station(load: f64, servers: u64) -> Mdc {
        Mdc::new(
            ArrivalRate::new(load).expect("rate"),
            Seconds::new(1.0).expect("time"),
            Servers::new(servers).expect("count"),
        )
        .expect("stable")
    }

    fn time(value: f64) -> Seconds {
        Seconds::new(value).expect("time")
    }

    #[test]
    fn one_server_is_the_md1_queue() {
        for load in [1e-9, 0.1, 0.5, 0.64, 0.9, 0.999, 0.999_999] {
            let queue = station(load, 1);
            let rate = ArrivalRate::new(load).expect("rate");
            let exact = Mg1::new(rate, time(1.0), &ServiceShape::Deterministic).expect("stable");
            assert!((queue.waiting_time() / exact.waiting_time() - 1.0).abs() < 1e-11, "{load}");
            for t in [0.0, 0.3, 1.0, 2.7, 40.0] {
                let (got, want) = (queue.wait_tail(t), exact.wait_tail(t));
                assert!((got / want - 1.0).abs() < 1e-11 || want < 1e-290, "{load} {t}: {got:e} {want:e}");
            }
            let s = Complex::new(0.7, 2.0);
            let pollaczek = s * (1.0 - load) / (s - load + (-s).exp() * load);
            let transform = queue.waiting_time_transform(s).expect("a value");
            assert!((transform - pollaczek).norm() < 1e-12, "{load}: {transform} {pollaczek}");
        }
    }

    /// The states after one service time, from those before: a chain solved by iteration.
    #[test]
    fn states_are_those_of_the_chain_at_multiples_of_the_service() {
        for (load, servers) in [(0.4, 2), (3.0, 4), (4.5, 5), (14.0, 16)] {
            let states = 20 * servers + 60;
            let arrivals: Vec<f64> = (0..states).map(|n| ln_poisson(n as f64, load).exp()).collect();
            let mut law = vec![0.0; states];
            law[0] = 1.0;
            for _ in 0..800 {
                let mut next = vec![0.0; states];
                for (n, probability) in law.iter().enumerate() {
                    let left = n.saturating_sub(servers);
                    for (new, arrival) in next.iter_mut().skip(left).zip(&arrivals) {
                        *new += probability * arrival;
                    }
                }
                law = next;
            }
            let queue = station(load, servers as u64);
            for (n, probability) in law.iter().enumerate().take(6 * servers) {
                let got = queue.state_probability(n as u64);
                assert!((got - probability).abs() < 1e-11, "{load} {servers} {n}: {got} {probability}");
            }
            let waits: f64 = law.iter().skip(servers).sum();
            assert!((queue.wait_probability() - waits).abs() < 1e-10, "{load} {servers}");
        }
    }

    #[test]
    fn the_tail_has_the_mean_as_its_integral() {
        for (load, servers) in [(0.01, 1), (1.5, 2), (9.9, 10), (99.0, 100), (500.0, 1000), (999.9, 1000)] {
            let queue = station(load, servers);
            let integral = queue.tail_transform(Complex::new(0.0, 0.0)).re;
            let mean = queue.waiting_time();
            assert!((integral / mean - 1.0).abs() < 1e-10 || mean < 1e-300, "{load} {servers}: {integral:e} {mean:e}");
        }
    }

    #[test]
    fn the_states_sum_to_one_and_have_the_mean_of_little() {
        for (load, servers) in [(1e-3, 3), (3.0, 4), (38.0, 40), (450.0, 500)] {
            let queue = station(load, servers);
            let states = 4000;
            let sum: f64 = (0..states).map(|n| queue.state_probability(n)).sum();
            let mean: f64 = (0..states).map(|n| n as f64 * queue.state_probability(n)).sum();
            assert!((sum - 1.0).abs() < 1e-11, "{load} {servers}: {sum}");
            assert!((mean / (load * queue.sojourn_time()) - 1.0).abs() < 1e-11, "{load} {servers}: {mean}");
        }
    }

    #[test]
    fn more_load_waits_longer_and_more_servers_shorter() {
        let p99 = Probability::new(0.99).expect("probability");
        let figures = |load: f64, servers: u64| {
            let queue = station(load, servers);
            [queue.wait_probability(), queue.waiting_time(), queue.waiting_time_quantile(p99).expect("below 1")]
        };
        let mut last = [0.0; 3];
        for step in 1..200_u32 {
            let load = 0.1 * f64::from(step);
            let here = figures(load, 20);
            assert!(here.iter().zip(&last).all(|(here, last)| here >= last), "{load}: {here:?} {last:?}");
            let more = figures(load, 21);
            assert!(here.iter().zip(&more).all(|(here, more)| here >= more), "{load}: {here:?} {more:?}");
            last = here;
        }
    }

    /// Constant service waits no longer than exponential service, half as long near saturation.
    #[test]
    fn many_servers_near_saturation_wait_half_as_long_as_with_exponential_service() {
        for (load, servers) in [(0.999_999, 1), (9.999_99, 10), (999.99, 1000), (99_999.0, 100_000)] {
            let queue = station(load, servers);
            let ratio = queue.mean_in_queue() / queue.exponential().mean_in_queue();
            assert!(ratio > 0.5 - 1e-9 && ratio < 0.502, "{load} {servers}: {ratio}");
        }
    }

    #[test]
    fn no_load_and_too_much() {
        let idle = station(0.0, 3);
        assert_eq!((idle.wait_probability(), idle.waiting_time(), idle.state_probability(0)), (0.0, 0.0, 1.0));
        assert_eq!(idle.waiting_time_transform(Complex::new(1.0, 0.0)), Ok(Complex::new(1.0, 0.0)));
        let three = Servers::new(3).expect("count");
        let message = |rate: f64, mean: f64| {
            Mdc::new(ArrivalRate::new(rate).expect("rate"), time(mean), three)
                .map(|_| ())
                .map_err(|error| error.to_string())
        };
        assert_eq!(
            message(3.0, 1.0),
            Err("offered load of 3 is too much for 3 servers; at least 4 are needed".to_owned())
        );
        assert_eq!(message(3.0, 0.0), Err("service time of 0 is not above 0".to_owned()));
    }

    #[test]
    fn an_objective_has_its_least_servers() {
        let objective = ServerObjective::WaitingTimeQuantile(Probability::new(0.99).expect("probability"), time(0.5));
        let figure =
            |servers: Servers| objective.figure(&Mdc::new(ArrivalRate::new(10.0).expect("rate"), time(1.0), servers)?);
        let least = least_servers(11, objective.limit(), figure).expect("in the domain").expect("feasible");
        assert!(least.value <= 0.5);
        let fewer = Servers::new(least.servers.get() - 1).expect("count");
        assert!(figure(fewer).expect("stable") > 0.5);
        let (rate, mu) = (ArrivalRate::new(10.0).expect("rate"), ServiceRate::new(1.0).expect("rate"));
        let exponential = min_servers(rate, mu, objective).expect("in the domain").expect("feasible");
        assert!(least.servers.get() < exponential.servers.get(), "{least:?} {exponential:?}");
    }
}
