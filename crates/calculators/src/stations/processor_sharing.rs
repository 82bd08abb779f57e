use capplan_queueing::numeric::Complex;
use capplan_queueing::queues::{MgcPs, StationFigures};
use capplan_queueing::units::{ArrivalRate, Erlangs, Probability, Seconds, Servers, ServiceRate};

use crate::CalcError;
use crate::answer::{Answer, Method};
use crate::declare::{Calculator, Inputs, choices, inputs};
use crate::error::named;
use crate::read::ServiceTime;

use super::details::{Details, above_zero};

inputs! {
    struct SharingInput {
        /// busy share of each server, at least 0 and below 1
        utilization: Erlangs,
        /// mean time of a job that is alone, in seconds, above 0
        service_time: ServiceTime,
        /// law of the service (default by its scv: gamma below 1, exponential at 1, hyperexponential above)
        service_distribution: Option<Service>,
        /// squared coefficient of variation of the service, at least 0.1
        service_scv: f64 = 1,
        /// number of servers that the jobs share, at least 1
        servers: Servers = 1,
        ..asked: Details,
    }
}

pub(crate) const MG1_PS: Calculator = Calculator {
    name: "mg1_ps",
    summary: "processor-sharing station, a time-shared CPU: mean, percentiles and law of the time of a job, states, M/G/c",
    inputs: SharingInput::INPUTS,
    formula: &[
        "each of n jobs is served at the rate min(1, c/n): nobody waits, all are slowed",
        "λ = c·ρ/S = {servers}·{utilization}/{service_time} = {arrival_rate}",
        "C = Erlang C(c, c·ρ) = {wait_probability}, the share of jobs that find all servers busy and are slowed at once",
        "W = S + C/(c/S − λ) = {service_time} + {wait_probability}/({servers}/{service_time} − {arrival_rate}) = {sojourn_time}",
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
    answer: |question| question.answer(mg1_ps),
};

choices! {
    enum Service {
        Exponential = "exponential",
        BalancedMeans = "hyperexponential balanced means",
        Gamma = "gamma",
    }
}

fn mg1_ps(input: &SharingInput) -> Result<Answer, CalcError> {
    fits(input)?;
    let (scv, servers, service) = (input.service_scv, input.servers, input.service_time.seconds);
    let load = input.utilization.get() * servers.get() as f64;
    // In units of the mean service: rates of any size, and an unused share of one rounding.
    let unit = named("service_time", ServiceRate::new(1.0))?;
    let arrivals = named("utilization", ArrivalRate::new(load))?;
    let station = MgcPs::new(arrivals, unit, servers, scv)?;
    let law = station.sojourn_law();
    let in_services = station.exponential().sojourn_time();
    let quantile = |p: Probability| law.quantile(p).map(|services| service * services);
    let Details { quantiles, times, transform_at, states } = &input.asked;
    Ok(Answer::by(method(servers, scv))
        .at_rate(arrivals)
        .positive("arrival_rate", load * input.service_time.rate.get())
        .with("sojourn_time", service * in_services)
        .percentiles(&[("p50", 0.5), ("p95", 0.95), ("p99", 0.99)], quantile)?
        .quantiles("sojourn_time_quantiles", quantiles, quantile)?
        .distribution("sojourn_time", times.as_ref(), |time| {
            // No job stays longer than the largest double.
            above_zero(Seconds::new(time.get() / service).map_or(0.0, |services| law.tail(services)))
        })?
        .transform("sojourn_time", transform_at.as_ref(), |s| {
            let point = s * service;
            Ok(if point.re.is_finite() { law.transform(point) } else { Complex::new(0.0, 0.0) })
        })?
        .states(states.as_ref(), |jobs| Some(station.exponential().state_probability(jobs)))
        .positive("wait_probability", law.wait_probability())
        .positive("mean_in_system", load * in_services)
        .with("phases", law.phases().len()))
}

fn method(servers: Servers, scv: f64) -> Method {
    Method::Approximate(match (servers.get(), scv) {
        (1, 1.0) => {
            "mean exact; percentiles of M/M/1-PS (Coffman, Muntz, Trotter) by a mixture of exponentials, tail within 1e-5 to p99.9999"
        }
        (_, 1.0) => {
            "mean exact; percentiles of M/M/c-PS by the tagged job's chain as a mixture of exponentials, tail within 1e-5 to p99.9999"
        }
        (_, 1.0..) => "mean exact; percentiles: a tagged phase among exponential jobs",
        _ => "mean exact; percentiles: scale mixture, the slowdown of exponential jobs times the service",
    })
}

/// Refuses a law of service that has another scv.
fn fits(input: &SharingInput) -> Result<(), CalcError> {
    let (Some(service), scv) = (input.service_distribution, input.service_scv) else { return Ok(()) };
    let (needed, good) = match service {
        Service::Exponential => ("1", scv == 1.0),
        Service::BalancedMeans => ("at least 1", scv >= 1.0),
        Service::Gamma => ("at most 1", scv <= 1.0),
    };
    if good {
        return Ok(());
    }
    let name = service.name();
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
                "`service_time`: time of 0 is not finite and above 0",
            ),
        ] {
            let error = run("mg1_ps", &input).expect_err("refused");
            assert_eq!((error.kind, error.message.as_str()), (kind, message));
        }
    }
}
