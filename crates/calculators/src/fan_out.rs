use serde::{Deserialize, Serialize};

use capplan_queueing::network::{CallLaw, FanOut, ForkJoin, slow_share};
use capplan_queueing::units::{Erlangs, Probability, ServiceRate};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::named;

pub(super) const FANOUT: Calculator = Calculator {
    name: "fanout",
    summary: "the slowest of n independent calls: mean and percentiles",
    inputs: &[
        Input::required("fanout", InputKind::Count, "calls made at once, at least 1"),
        Input::required(
            "distribution",
            InputKind::Choice(&["exponential", "lognormal"]),
            "law of one call: exponential or lognormal",
        ),
        Input::optional("rate", InputKind::Number, "calls per second of the exponential law"),
        Input::optional("median", InputKind::Number, "median of the lognormal law in seconds"),
        Input::optional("sigma", InputKind::Number, "standard deviation of its logarithm"),
    ],
    formula: &[
        "n = {fanout},  P(max ≤ t) = F(t)^n,  t_q = F⁻¹(q^(1/n))",
        "exponential: E[max] = (1 + 1/2 + … + 1/n)/{rate} = {mean}",
        "lognormal: ln t_q = ln {median} + {sigma}·Φ⁻¹(q^(1/n))",
        "p50 = {p50},  p95 = {p95},  p99 = {p99}",
    ],
    reference: "Dean and Barroso 2013",
    answer: |input| typed(input, fan_out),
};

pub(super) const FANOUT_SLOW_SHARE: Calculator = Calculator {
    name: "fanout_slow_share",
    summary: "share of requests that meet at least one slow call among n",
    inputs: &[
        Input::required("fanout", InputKind::Count, "calls of one request"),
        Input::required("slow_probability", InputKind::Number, "probability that a call is slow"),
    ],
    formula: &["1 − (1 − {slow_probability})^{fanout} = {slow_request_share}"],
    reference: "Dean and Barroso 2013",
    answer: |input| typed(input, slow),
};

pub(super) const FORK_JOIN: Calculator = Calculator {
    name: "fork_join",
    summary: "requests split over n single-server queues, done when the last part is",
    inputs: &[
        Input::required("branches", InputKind::Count, "parallel queues, at least 1"),
        Input::required("utilization", InputKind::Number, "busy share of each queue, below 1"),
        Input::required("service_rate", InputKind::Number, "completions per second of a busy queue, above 0"),
        Input::optional("service", InputKind::Choice(&["exponential"]), "law of service (default exponential)"),
    ],
    formula: &[
        "n = {branches},  ρ = {utilization},  μ = {service_rate},  θ = μ·(1 − ρ)",
        "P(T ≤ t) = ∫ Φ((x − √r·z)/√(1 − r))^n·φ(z) dz,  Φ(x) = 1 − e^(−θt),  r such that E[T] = (12 − ρ)/(8θ) for n = 2",
        "E[T] = ∫ P(T > t) dt = {mean},  p50 = {p50},  p95 = {p95},  p99 = {p99}",
    ],
    reference: "Flatto and Hahn 1984; Nelson and Tantawi 1988",
    answer: |input| typed(input, fork_join),
};

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Distribution {
    Exponential,
    Lognormal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FanOutInput {
    fanout: u64,
    distribution: Distribution,
    rate: Option<f64>,
    median: Option<f64>,
    sigma: Option<f64>,
}

#[derive(Serialize)]
struct Percentiles {
    mean: f64,
    p50: f64,
    p95: f64,
    p99: f64,
    method: &'static str,
    exact: bool,
}

fn fan_out(input: &FanOutInput) -> Result<Percentiles, CalcError> {
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
    let quantile = |p| Ok::<f64, CalcError>(slowest.quantile(named("probability", Probability::new(p))?)?);
    Ok(Percentiles {
        mean: slowest.mean(),
        p50: quantile(0.5)?,
        p95: quantile(0.95)?,
        p99: quantile(0.99)?,
        method: "exact: largest of independent times",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SlowInput {
    fanout: u64,
    slow_probability: f64,
}

#[derive(Serialize)]
struct SlowAnswer {
    slow_request_share: f64,
    method: &'static str,
    exact: bool,
}

fn slow(input: &SlowInput) -> Result<SlowAnswer, CalcError> {
    let slow_probability = named("slow_probability", Probability::new(input.slow_probability))?;
    let slow_request_share = slow_share(input.fanout, slow_probability);
    Ok(SlowAnswer { slow_request_share, method: "exact: independent calls", exact: true })
}

#[derive(Deserialize)]
enum ForkService {
    #[serde(rename = "exponential")]
    Exponential,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ForkJoinInput {
    branches: u64,
    utilization: f64,
    service_rate: f64,
    #[serde(default, rename = "service")]
    _service: Option<ForkService>,
}

fn fork_join(input: &ForkJoinInput) -> Result<Percentiles, CalcError> {
    let utilization = named("utilization", Erlangs::new(input.utilization))?;
    let service_rate = named("service_rate", ServiceRate::new(input.service_rate))?;
    let queues = ForkJoin::new(input.branches, utilization, service_rate)?;
    let quantile = |p| Ok::<f64, CalcError>(queues.quantile(named("probability", Probability::new(p))?)?);
    let (method, exact) = match input.branches {
        1 => ("exact: M/M/1", true),
        2 => (
            "approximate: mean exact (Flatto and Hahn), p50 to p99 by queues joined by a normal law, within 1 % of \
             simulation",
            false,
        ),
        3..=64 => (
            "approximate: queues joined by a normal law that has the exact mean of two; within 3 % of simulation on the \
             mean and p90 to p99, 5 % on p50",
            false,
        ),
        _ => (
            "approximate: queues joined by a normal law that has the exact mean of two; up to 5 % too long against \
             simulation of 256 and 1024 queues on the mean, 7 % on p50; not measured beyond",
            false,
        ),
    };
    Ok(Percentiles {
        mean: queues.mean(),
        p50: quantile(0.5)?,
        p95: quantile(0.95)?,
        p99: quantile(0.99)?,
        method,
        exact,
    })
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
