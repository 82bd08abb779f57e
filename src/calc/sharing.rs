use serde::{Deserialize, Serialize};

use crate::queues::MgcPs;
use crate::units::{ArrivalRate, Probability, Servers, ServiceRate};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::named;
use super::quantiles::{QUANTILES, Quantiles, keyed, quantile_probabilities};

const EXPONENTIAL: &str = "exponential";
const BALANCED: &str = "hyperexponential balanced means";
const GAMMA: &str = "gamma";

pub(super) const MG1_PS: Calculator = Calculator {
    name: "mg1_ps",
    summary: "processor-sharing station, a time-shared CPU: mean and percentiles of the time of a job, M/G/c",
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
    ],
    formula: &[
        "each of n jobs is served at the rate min(1, c/n)",
        "λ = c·ρ/S = {arrival_rate},  ρ = {utilization}, S = {service_time}",
        "W = S + C/(c/S − λ) = {sojourn_time}, that of M/M/c whatever the law of the service; 1/(μ − λ) for one server",
        "P(T > t) = Σ_j p_j·e^(−t/m_j) over {phases} phases: the spectrum of the number of other jobs while one is there",
        "p50 = {p50},  p95 = {p95},  p99 = {p99}",
        "quantiles: {sojourn_time_quantiles}",
    ],
    reference: "Coffman, Muntz, Trotter 1970; Cohen 1979; Keilson 1979",
    answer: |input| typed(input, mg1_ps),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SharingInput {
    utilization: f64,
    service_time: f64,
    service_distribution: Option<String>,
    service_scv: Option<f64>,
    servers: Option<u64>,
    quantiles: Option<Vec<f64>>,
}

#[derive(Serialize)]
struct SharingAnswer {
    arrival_rate: f64,
    sojourn_time: f64,
    p50: f64,
    p95: f64,
    p99: f64,
    sojourn_time_quantiles: Quantiles,
    wait_probability: f64,
    mean_in_system: f64,
    phases: usize,
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
    let station = MgcPs::new(arrival_rate, service_rate, servers, scv)?;
    let law = station.sojourn_law();
    let probabilities = quantile_probabilities(input.quantiles.as_deref())?;
    let quantile = |p: f64| -> Result<f64, CalcError> { Ok(law.quantile(named("quantiles", Probability::new(p))?)?) };
    let sojourn_time = station.exponential().sojourn_time();
    Ok(SharingAnswer {
        arrival_rate: arrival_rate.get(),
        sojourn_time,
        p50: quantile(0.5)?,
        p95: quantile(0.95)?,
        p99: quantile(0.99)?,
        sojourn_time_quantiles: keyed(&probabilities, |p| Ok(law.quantile(p)?))?,
        wait_probability: law.wait_probability(),
        mean_in_system: arrival_rate.get() * sojourn_time,
        phases: law.phases().len(),
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
    use serde_json::json;

    use crate::calc::{ErrorKind, run};

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
