use capplan_queueing::network::{CallLaw, FanOut, ForkJoin, NetworkError, slow_share};
use capplan_queueing::units::{Erlangs, Probability, ServiceRate};

use crate::CalcError;
use crate::answer::{Answer, Method};
use crate::declare::{Calculator, Inputs, choices, inputs};
use crate::read::ExponentialService;

inputs! {
    struct FanOutInput {
        /// calls made at once, at least 1
        fanout: u64,
        /// law of one call: exponential or lognormal
        distribution: Distribution,
        /// calls per second of the exponential law
        rate: Option<f64>,
        /// median of the lognormal law in seconds
        median: Option<f64>,
        /// standard deviation of its logarithm
        sigma: Option<f64>,
    }
}

pub(crate) const FANOUT: Calculator = Calculator {
    name: "fanout",
    summary: "the slowest of n independent calls: mean and percentiles",
    inputs: FanOutInput::INPUTS,
    formula: &[
        "n = {fanout},  P(max ≤ t) = F(t)^n,  t_q = F⁻¹(q^(1/n))",
        "exponential: E[max] = (1 + 1/2 + … + 1/n)/{rate} = {mean}",
        "lognormal: ln t_q = ln {median} + {sigma}·Φ⁻¹(q^(1/n))",
        "p50 = {p50},  p95 = {p95},  p99 = {p99}",
    ],
    reference: "Dean and Barroso 2013",
    answer: |question| question.answer(fan_out),
};

inputs! {
    struct SlowInput {
        /// calls of one request
        fanout: u64,
        /// probability that a call is slow
        slow_probability: Probability,
    }
}

pub(crate) const FANOUT_SLOW_SHARE: Calculator = Calculator {
    name: "fanout_slow_share",
    summary: "share of requests that meet at least one slow call among n",
    inputs: SlowInput::INPUTS,
    formula: &["1 − (1 − {slow_probability})^{fanout} = {slow_request_share}"],
    reference: "Dean and Barroso 2013",
    answer: |question| question.answer(slow),
};

inputs! {
    struct ForkJoinInput {
        /// parallel queues, at least 1
        branches: u64,
        /// busy share of each queue, below 1
        utilization: Erlangs,
        /// completions per second of a busy queue, above 0
        service_rate: ServiceRate,
        /// law of service
        service: ExponentialService = "exponential",
    }
}

pub(crate) const FORK_JOIN: Calculator = Calculator {
    name: "fork_join",
    summary: "requests split over n single-server queues, done when the last part is",
    inputs: ForkJoinInput::INPUTS,
    formula: &[
        "n = {branches},  ρ = {utilization},  μ = {service_rate},  θ = μ·(1 − ρ)",
        "P(T ≤ t) = ∫ Φ((x − √r·z)/√(1 − r))^n·φ(z) dz,  Φ(x) = 1 − e^(−θt),  r such that E[T] = (12 − ρ)/(8θ) for n = 2",
        "E[T] = ∫ P(T > t) dt = {mean},  p50 = {p50},  p95 = {p95},  p99 = {p99}",
    ],
    reference: "Flatto and Hahn 1984; Nelson and Tantawi 1988",
    answer: |question| question.answer(fork_join),
};

choices! {
    enum Distribution {
        Exponential = "exponential",
        Lognormal = "lognormal",
    }
}

fn fan_out(input: &FanOutInput) -> Result<Answer, CalcError> {
    let law = match (input.distribution, input.rate, input.median, input.sigma) {
        (Distribution::Exponential, Some(rate), None, None) => CallLaw::Exponential { rate },
        (Distribution::Lognormal, None, Some(median), Some(sigma)) => CallLaw::Lognormal { median, sigma },
        (Distribution::Exponential, ..) => {
            return Err(CalcError::invalid("an exponential call takes `rate`, and neither `median` nor `sigma`"));
        }
        (Distribution::Lognormal, ..) => {
            return Err(CalcError::invalid("a lognormal call takes `median` and `sigma`, and no `rate`"));
        }
    };
    let slowest = FanOut::new(input.fanout, law)?;
    percentiles(Method::Exact("exact: largest of independent times"), slowest.mean(), |p| slowest.quantile(p))
}

fn percentiles(
    method: Method,
    mean: f64,
    quantile: impl Fn(Probability) -> Result<f64, NetworkError>,
) -> Result<Answer, CalcError> {
    Answer::by(method).with("mean", mean).percentiles(&[("p50", 0.5), ("p95", 0.95), ("p99", 0.99)], quantile)
}

fn slow(input: &SlowInput) -> Answer {
    let slow_request_share = slow_share(input.fanout, input.slow_probability);
    Answer::exact("exact: independent calls").with("slow_request_share", slow_request_share)
}

fn fork_join(input: &ForkJoinInput) -> Result<Answer, CalcError> {
    let ExponentialService = input.service;
    let queues = ForkJoin::new(input.branches, input.utilization, input.service_rate)?;
    let method = match input.branches {
        1 => Method::Exact("exact: M/M/1"),
        2 => Method::Approximate(
            "approximate: mean exact (Flatto and Hahn), p50 to p99 by queues joined by a normal law, within 1 % of \
             simulation",
        ),
        3..=64 => Method::Approximate(
            "approximate: queues joined by a normal law that has the exact mean of two; within 3 % of simulation on the \
             mean and p90 to p99, 5 % on p50",
        ),
        _ => Method::Approximate(
            "approximate: queues joined by a normal law that has the exact mean of two; up to 5 % too long against \
             simulation of 256 and 1024 queues on the mean, 7 % on p50; not measured beyond",
        ),
    };
    percentiles(method, queues.mean(), |p| queues.quantile(p))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::run;

    #[test]
    fn parameters_of_another_law_are_refused() {
        let input = json!({"fanout": 3, "distribution": "exponential", "median": 1, "sigma": 1});
        assert_eq!(
            run("fanout", &input).expect_err("refused").message,
            "an exponential call takes `rate`, and neither `median` nor `sigma`"
        );
        let input = json!({"fanout": 3, "distribution": "lognormal", "rate": 1});
        assert_eq!(
            run("fanout", &input).expect_err("refused").message,
            "a lognormal call takes `median` and `sigma`, and no `rate`"
        );
    }
}
