use serde::{Deserialize, Serialize};

use capplan_queueing::numeric::Complex;
use capplan_queueing::queues::{MgcPs, QueueError};
use capplan_queueing::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed_with_gaps};
use super::error::named;
use super::law_inputs::{TIMES, TRANSFORM_AT, distribution, transform};
use super::quantiles::{Keyed, QUANTILES, Quantiles, keyed, quantile_probabilities};
use super::small_figures::SmallFigures;
use super::stations::STATES;

const EXPONENTIAL: &str = "exponential";
const BALANCED: &str = "hyperexponential balanced means";
const GAMMA: &str = "gamma";

pub(super) const MG1_PS: Calculator = Calculator {
    name: "mg1_ps",
    summary: "processor-sharing station, a time-shared CPU: mean, percentiles and law of the time of a job, states, M/G/c",
    inputs: &[
        Input::required("utilization", InputKind::Number, "busy share of each server, at least 0 and below 1"),
        Input::required("service_time", InputKind::Number, "mean time of a job that is alone, in seconds, above 0"),
        Input::optional(
            "service_distribution",
            InputKind::Choice(&[EXPONENTIAL, BALANCED, GAMMA]),
            "law of the service (default by its scv: gamma below 1, exponential at 1, hyperexponential above)",
        ),
        Input::optional(
            "service_scv",
            InputKind::Number,
            "squared coefficient of variation of the service, at least 0.1 (default 1)",
        ),
        Input::optional("servers", InputKind::Count, "number of servers that the jobs share, at least 1 (default 1)"),
        QUANTILES,
        TIMES,
        TRANSFORM_AT,
        STATES,
    ],
    formula: &[
        "each of n jobs is served at the rate min(1, c/n): nobody waits, all are slowed",
        "λ = c·ρ/S = {servers|1}·{utilization}/{service_time} = {arrival_rate}",
        "C = Erlang C(c, c·ρ) = {wait_probability}, the share of jobs that find all servers busy and are slowed at once",
        "W = S + C/(c/S − λ) = {service_time} + {wait_probability}/({servers|1}/{service_time} − {arrival_rate}) = {sojourn_time}",
        "that is W of M/M/c whatever the law of the service; S/(1 − ρ) for one server",
        "L = λ·W = {arrival_rate}·{sojourn_time} = {mean_in_system}",
        "p_n are those of M/M/c with a = c·ρ, whatever the law of the service;  n = {states}: {state_probabilities}",
        "P(T > t) = Σ_j p_j·e^(−t/m_j) over {phases} phases: the spectrum of the number of other jobs while one is there",
        "P(T > t): {sojourn_time_tail}",
        "E e^(−s·T): {sojourn_time_transform}",
        "p50 = {p50},  p95 = {p95},  p99 = {p99}",
        "quantiles: {sojourn_time_quantiles}",
    ],
    reference: "Coffman, Muntz, Trotter 1970; Cohen 1979; Keilson 1979",
    answer: |input| typed_with_gaps(&MG1_PS_GAPS, input, mg1_ps),
};

/// Figures that may be below the doubles.
const MG1_PS_GAPS: [&str; 6] = [
    "arrival_rate",
    "wait_probability",
    "mean_in_system",
    "sojourn_time_tail",
    "sojourn_time_transform",
    "state_probabilities",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SharingInput {
    utilization: f64,
    service_time: f64,
    service_distribution: Option<String>,
    service_scv: Option<f64>,
    servers: Option<u64>,
    quantiles: Option<Vec<f64>>,
    times: Option<Vec<f64>>,
    transform_at: Option<Vec<f64>>,
    states: Option<Vec<u64>>,
}

#[derive(Serialize)]
struct SharingAnswer {
    arrival_rate: Option<f64>,
    sojourn_time: f64,
    p50: f64,
    p95: f64,
    p99: f64,
    sojourn_time_quantiles: Quantiles,
    #[serde(skip_serializing_if = "Option::is_none")]
    sojourn_time_cdf: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sojourn_time_tail: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sojourn_time_transform: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_probabilities: Option<Vec<Option<f64>>>,
    wait_probability: Option<f64>,
    mean_in_system: Option<f64>,
    phases: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    below_double_precision: Vec<&'static str>,
    method: &'static str,
    exact: bool,
}

fn mg1_ps(input: &SharingInput) -> Result<SharingAnswer, CalcError> {
    let scv = input.service_scv.unwrap_or(1.0);
    fits(input.service_distribution.as_deref(), scv)?;
    let service_rate = named("service_time", ServiceRate::new(1.0 / input.service_time))?;
    let servers = named("servers", Servers::new(input.servers.unwrap_or(1)))?;
    let per_server = named("utilization", ArrivalRate::new(input.utilization))?;
    let arrival_rate =
        named("utilization", ArrivalRate::new(per_server.get() * servers.get() as f64 * service_rate.get()))?;
    // In units of the mean service: rates of any size, and an unused share of one rounding.
    let (unit, load) = (named("service_time", ServiceRate::new(1.0))?, per_server.get() * servers.get() as f64);
    let station = MgcPs::new(named("utilization", ArrivalRate::new(load))?, unit, servers, scv)?;
    let (law, service) = (station.sojourn_law(), input.service_time);
    let probabilities = quantile_probabilities(input.quantiles.as_deref())?;
    let quantile =
        |p: f64| -> Result<f64, CalcError> { Ok(service * law.quantile(named("quantiles", Probability::new(p))?)?) };
    let in_services = station.exponential().sojourn_time();
    let figure = "tail of the sojourn time";
    let times = distribution(input.times.as_deref(), |time| {
        // Past the largest double nobody is left.
        let tail = Seconds::new(time.get() / service).map_or(0.0, |services| law.tail(services));
        if tail < f64::MIN_POSITIVE { Err(QueueError::BelowDouble { figure, logarithm: None }) } else { Ok(tail) }
    })?;
    let sojourn_time_transform = transform(input.transform_at.as_deref(), |s| {
        let point = s * service;
        Ok(if point.re.is_finite() { law.transform(point) } else { Complex::new(0.0, 0.0) })
    })?;
    // By the utilization: a rate may be below the doubles.
    let mut small = SmallFigures::of(per_server);
    small.note("sojourn_time_tail", times.tail.as_ref());
    small.note("sojourn_time_transform", sojourn_time_transform.as_ref());
    Ok(SharingAnswer {
        arrival_rate: small.figure("arrival_rate", arrival_rate.get()),
        sojourn_time: service * in_services,
        p50: quantile(0.5)?,
        p95: quantile(0.95)?,
        p99: quantile(0.99)?,
        sojourn_time_quantiles: keyed(&probabilities, |p| Ok(service * law.quantile(p)?))?,
        sojourn_time_cdf: times.cdf,
        sojourn_time_tail: times.tail,
        sojourn_time_transform,
        state_probabilities: small
            .states(input.states.as_deref(), |jobs| Some(station.exponential().state_probability(jobs))),
        wait_probability: small.figure("wait_probability", law.wait_probability()),
        mean_in_system: small.figure("mean_in_system", load * in_services),
        phases: law.phases().len(),
        below_double_precision: small.names()?,
        method: match (servers.get(), scv) {
            (1, 1.0) => {
                "mean exact; percentiles of M/M/1-PS (Coffman, Muntz, Trotter) by a mixture of exponentials, tail within 1e-5 to p99.9999"
            }
            (_, 1.0) => {
                "mean exact; percentiles of M/M/c-PS by the tagged job's chain as a mixture of exponentials, tail within 1e-5 to p99.9999"
            }
            (_, 1.0..) => "mean exact; percentiles: a tagged phase among exponential jobs",
            _ => "mean exact; percentiles: scale mixture, the slowdown of exponential jobs times the service",
        },
        exact: false,
    })
}

fn fits(distribution: Option<&str>, scv: f64) -> Result<(), CalcError> {
    let (needed, good) = match distribution {
        Some(EXPONENTIAL) => ("1", scv == 1.0),
        Some(BALANCED) => ("at least 1", scv >= 1.0),
        Some(GAMMA) => ("at most 1", scv <= 1.0),
        _ => return Ok(()),
    };
    if good {
        return Ok(());
    }
    let name = distribution.unwrap_or_default();
    Err(CalcError::invalid(format!("`service_scv` of {scv} is not {needed}, which `{name}` service has")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{ErrorKind, run};

    fn number(value: &Value) -> f64 {
        value.as_f64().expect("a number")
    }

    #[test]
    fn the_law_has_its_mean_and_its_quantiles() {
        for (scv, servers) in [(0.1, 1), (1.0, 1), (1.0, 4), (5.0, 2), (100.0, 1)] {
            let input = |times: Value| {
                json!({"utilization": 0.7, "service_time": 2, "service_scv": scv, "servers": servers, "times": times,
                       "transform_at": [0, 1e-6], "states": [0, 1, 9]})
            };
            let answer = run("mg1_ps", &input(json!([0]))).expect("an answer");
            assert!((number(&answer["sojourn_time_tail"]["0"]) - 1.0).abs() < 1e-12, "{scv}");
            let median = number(&answer["p50"]);
            let half = run("mg1_ps", &input(json!([median]))).expect("an answer");
            let cdf = half["sojourn_time_cdf"].as_object().expect("a map").values().map(number).sum::<f64>();
            assert!((cdf - 0.5).abs() < 1e-9, "{scv}: {cdf}");
            let slope = (1.0 - number(&answer["sojourn_time_transform"]["0.000001"])) / 1e-6;
            assert!((slope / number(&answer["sojourn_time"]) - 1.0).abs() < 2e-3, "{scv}: {slope}");
            // Insensitivity: the states of M/M/c.
            let queue = json!({"arrival_rate": 0.35 * f64::from(servers), "service_rate": 0.5, "servers": servers,
                               "states": [0, 1, 9]});
            let queue = run("mmc", &queue).expect("an answer");
            for (one, other) in [0, 1, 2].map(|i| (&answer["state_probabilities"][i], &queue["state_probabilities"][i]))
            {
                assert!((number(one) / number(other) - 1.0).abs() < 1e-12, "{scv}: {one} {other}");
            }
            assert!(answer.get("waiting_time_tail").is_none());
        }
    }

    /// 1/(1 − ρ) of the double nearest to 0.999999999: the rate of arrivals, which is rounded, does not come into it.
    #[test]
    fn next_to_saturation_the_mean_keeps_its_digits() {
        for service_time in [1.0, 0.003] {
            let input = json!({"utilization": 0.999_999_999, "service_time": service_time});
            let answer = run("mg1_ps", &input).expect("an answer");
            let want = service_time / (1.0 - 0.999_999_999);
            assert!((number(&answer["sojourn_time"]) / want - 1.0).abs() < 1e-14, "{service_time}");
            assert!((number(&answer["mean_in_system"]) * service_time / want - 1.0).abs() < 2e-9, "{service_time}");
        }
    }

    #[test]
    fn services_of_any_length_have_the_same_law() {
        let at = |unit: f64, scv: f64| {
            run("mg1_ps", &json!({"utilization": 0.8, "service_time": unit, "service_scv": scv})).expect("an answer")
        };
        for scv in [0.1, 1.0, 100.0] {
            let plain = at(1.0, scv);
            for unit in [1e-200, 1e-9, 1e200] {
                let answer = at(unit, scv);
                for name in ["p50", "p99", "sojourn_time"] {
                    let ratio = number(&answer[name]) / unit / number(&plain[name]);
                    assert!((ratio - 1.0).abs() < 1e-9, "{unit:e} {scv} {name}: {ratio}");
                }
            }
        }
    }

    #[test]
    fn servers_are_one_and_service_exponential_unless_said_otherwise() {
        let short = run("mg1_ps", &json!({"utilization": 0.8, "service_time": 0.02})).expect("an answer");
        let long = json!({"utilization": 0.8, "service_time": 0.02, "service_distribution": "exponential",
                          "service_scv": 1.0, "servers": 1});
        assert_eq!(short, run("mg1_ps", &long).expect("an answer"));
        assert_eq!(short["exact"], false);
    }

    #[test]
    fn the_method_follows_the_service() {
        for (scv, servers, method) in [
            (
                1.0,
                1,
                "mean exact; percentiles of M/M/1-PS (Coffman, Muntz, Trotter) by a mixture of exponentials, tail within \
                 1e-5 to p99.9999",
            ),
            (
                1.0,
                4,
                "mean exact; percentiles of M/M/c-PS by the tagged job's chain as a mixture of exponentials, tail within \
                 1e-5 to p99.9999",
            ),
            (4.0, 1, "mean exact; percentiles: a tagged phase among exponential jobs"),
            (0.5, 4, "mean exact; percentiles: scale mixture, the slowdown of exponential jobs times the service"),
        ] {
            let input = json!({"utilization": 0.8, "service_time": 1, "service_scv": scv, "servers": servers});
            assert_eq!(run("mg1_ps", &input).expect("an answer")["method"], method);
        }
    }

    #[test]
    fn what_has_no_answer_says_why() {
        for (input, kind, message) in [
            (
                json!({"utilization": 1.2, "service_time": 1}),
                ErrorKind::Unstable,
                "offered load of 1.2 is too much for 1 server; at least 2 are needed",
            ),
            (
                json!({"utilization": 0.5, "service_time": 1, "service_distribution": "exponential", "service_scv": 2}),
                ErrorKind::InvalidInput,
                "`service_scv` of 2 is not 1, which `exponential` service has",
            ),
            (
                json!({"utilization": 0.5, "service_time": 0}),
                ErrorKind::InvalidInput,
                "`service_time`: service rate of inf is not finite and above 0",
            ),
        ] {
            let error = run("mg1_ps", &input).expect_err("refused");
            assert_eq!((error.kind, error.message.as_str()), (kind, message));
        }
    }
}
