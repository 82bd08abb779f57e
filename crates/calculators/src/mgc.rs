use serde::{Deserialize, Serialize};

use capplan_queueing::queues::{MgcMethod, MgcService, MgcTimes, StationFigures};
use capplan_queueing::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};

use super::calculator::{Calculator, Input, InputKind, typed_with_gaps};
use super::error::named;
use super::law_inputs::{LawFigures, TIMES, TRANSFORM_AT, law_figures};
use super::quantiles::{QUANTILES, Quantiles, keyed, quantile_probabilities};
use super::small_figures::SmallFigures;
use super::stations::{ARRIVAL_RATE, SERVERS, STATES};
use super::{CalcError, ErrorKind};

pub(super) const MGC: Calculator = Calculator {
    name: "mgc",
    summary: "M/G/c station: wait, time at the station and states; exact for constant and exponential service, else by two moments",
    inputs: &[
        SERVERS,
        ARRIVAL_RATE,
        Input::required("service_time", InputKind::Number, "mean service seconds, above 0"),
        Input::required(
            "service_scv",
            InputKind::Number,
            "squared coefficient of variation of the service, at least 0; 1 is exponential",
        ),
        Input::optional(
            "service_distribution",
            InputKind::Choice(&[
                "deterministic",
                "exponential",
                "erlang",
                "gamma",
                "hyperexponential",
                "hyperexponential balanced means",
                "lognormal",
            ]),
            "law of the service with these two moments (default: constant for an scv of 0, gamma below 1, hyperexponential above)",
        ),
        QUANTILES,
        TIMES,
        TRANSFORM_AT,
        STATES,
    ],
    formula: &[
        "a = λ·S = {arrival_rate}·{service_time} = {offered_load},  ρ = a/c = {offered_load}/{servers} = {utilization}",
        "exponential service, M/M/c: P_M = {wait_probability_mmc},  W_M = {waiting_time_mmc}",
        "constant service, M/D/c: P_D = {wait_probability_mdc},  W_D = {waiting_time_mdc}",
        "P(wait) = (1 + s)/(2s/P_M + (1 − s)/P_D),  s = {service_scv}, P_D = {wait_probability_mdc}: {wait_probability}",
        "W_q = (1 + s)/(2s/W_M + (1 − s)/W_D) for s ≤ 5 (Kimura), W_D = {waiting_time_mdc}; by Whitt above: {waiting_time}",
        "the wait of those who wait is gamma, scv that of the least of c residual services and a wait in M/G/1: {conditional_wait_scv}",
        "P(wait) = {wait_probability},  W_q = {waiting_time},  W = W_q + S = {waiting_time} + {service_time} = {sojourn_time}",
        "L_q = λ·W_q = {arrival_rate}·{waiting_time} = {mean_in_queue},  L = L_q + a = {mean_in_system}",
        "percentiles of the wait: p95 {waiting_time_p95}, p99 {waiting_time_p99}",
        "of wait and service: p50 {sojourn_time_p50}, p95 {sojourn_time_p95}, p99 {sojourn_time_p99}",
        "P(W_q > t): {waiting_time_tail},  P(W > t): {sojourn_time_tail}",
        "E e^(−s·W_q): {waiting_time_transform},  E e^(−s·W): {sojourn_time_transform}",
        "quantiles of the wait: {waiting_time_quantiles}",
        "quantiles of wait and service: {sojourn_time_quantiles}",
        "P(N = n) for n of {states}: {state_probabilities}",
    ],
    reference: "Franx 2001 and Janssen & van Leeuwaarden 2008 (M/D/c); Kimura 1986; Tijms, van Hoorn & Federgruen 1981",
    answer: |input| typed_with_gaps(&MGC_GAPS, input, mgc),
};

/// Figures that may be below the doubles.
const MGC_GAPS: [&str; 13] = [
    "utilization",
    "offered_load",
    "wait_probability",
    "mean_in_queue",
    "mean_in_system",
    "waiting_time",
    "wait_probability_mmc",
    "waiting_time_mmc",
    "waiting_time_tail",
    "sojourn_time_tail",
    "waiting_time_transform",
    "sojourn_time_transform",
    "state_probabilities",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MgcInput {
    servers: u64,
    arrival_rate: f64,
    service_time: f64,
    service_scv: f64,
    service_distribution: Option<String>,
    quantiles: Option<Vec<f64>>,
    times: Option<Vec<f64>>,
    transform_at: Option<Vec<f64>>,
    states: Option<Vec<u64>>,
}

#[derive(Serialize)]
struct MgcAnswer {
    utilization: Option<f64>,
    offered_load: Option<f64>,
    wait_probability: Option<f64>,
    mean_in_queue: Option<f64>,
    mean_in_system: Option<f64>,
    waiting_time: Option<f64>,
    sojourn_time: f64,
    wait_probability_mmc: Option<f64>,
    waiting_time_mmc: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wait_probability_mdc: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_time_mdc: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conditional_wait_scv: Option<f64>,
    waiting_time_p95: f64,
    waiting_time_p99: f64,
    sojourn_time_p50: f64,
    sojourn_time_p95: f64,
    sojourn_time_p99: f64,
    waiting_time_quantiles: Quantiles,
    sojourn_time_quantiles: Quantiles,
    #[serde(flatten)]
    laws: LawFigures,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_probabilities: Option<Vec<Option<f64>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    below_double_precision: Vec<&'static str>,
    method: &'static str,
    exact: bool,
}

fn mgc(input: &MgcInput) -> Result<MgcAnswer, CalcError> {
    let arrival_rate = named("arrival_rate", ArrivalRate::new(input.arrival_rate))?;
    let service_time = named("service_time", Seconds::new(input.service_time))?;
    let service = mgc_service(input.service_distribution.as_deref(), input.service_scv)?;
    let queue = MgcTimes::new(
        arrival_rate,
        named("service_time", ServiceRate::new(1.0 / service_time.get()))?,
        named("servers", Servers::new(input.servers))?,
        service,
    )?;
    let probability =
        |value| Probability::new(value).map_err(|error| CalcError::new(ErrorKind::OutOfRange, error.to_string()));
    let wait = |value| Ok::<f64, CalcError>(queue.waiting_time_quantile(probability(value)?)?);
    let sojourn = |value| Ok::<f64, CalcError>(queue.sojourn_time_quantile(probability(value)?)?);
    let probabilities = quantile_probabilities(input.quantiles.as_deref())?;
    let constant = queue.constant_service();
    let laws = law_figures(&queue, input.times.as_deref(), input.transform_at.as_deref())?;
    let mut small = SmallFigures::of(arrival_rate);
    laws.note(&mut small);
    let wait_probability = small.figure("wait_probability", queue.wait_probability());
    Ok(MgcAnswer {
        utilization: small.figure("utilization", queue.exponential().utilization()),
        offered_load: small.figure("offered_load", queue.exponential().offered_load()),
        wait_probability,
        mean_in_queue: small.following("mean_in_queue", queue.mean_in_queue(), wait_probability),
        mean_in_system: small.figure("mean_in_system", queue.mean_in_system()),
        waiting_time: small.following("waiting_time", queue.waiting_time(), wait_probability),
        sojourn_time: queue.sojourn_time(),
        wait_probability_mmc: small.figure("wait_probability_mmc", queue.exponential().wait_probability()),
        waiting_time_mmc: small.figure("waiting_time_mmc", queue.exponential().waiting_time()),
        wait_probability_mdc: constant.map(|constant| constant.wait_probability),
        waiting_time_mdc: constant.map(|constant| constant.waiting_time),
        conditional_wait_scv: queue.conditional_wait_scv(),
        waiting_time_p95: wait(0.95)?,
        waiting_time_p99: wait(0.99)?,
        sojourn_time_p50: sojourn(0.5)?,
        sojourn_time_p95: sojourn(0.95)?,
        sojourn_time_p99: sojourn(0.99)?,
        waiting_time_quantiles: keyed(&probabilities, |p| Ok(queue.waiting_time_quantile(p)?))?,
        sojourn_time_quantiles: keyed(&probabilities, |p| Ok(queue.sojourn_time_quantile(p)?))?,
        laws,
        state_probabilities: small.states(input.states.as_deref(), |jobs| Some(queue.state_probability(jobs))),
        below_double_precision: small.names()?,
        method: method(queue.method()),
        exact: matches!(queue.method(), MgcMethod::Exponential | MgcMethod::Constant),
    })
}

const fn method(method: MgcMethod) -> &'static str {
    match method {
        MgcMethod::Exponential => "exact: M/M/c",
        MgcMethod::Constant => "exact: M/D/c, states by Spitzer's identity and the wait from them (Franx 2001)",
        MgcMethod::OneServer => {
            "M/G/1: exact means (Pollaczek–Khinchine); laws and states are those of a service law with these two moments: a \
             mixture of Erlang laws for an scv below 1, two exponential branches with balanced means above"
        }
        MgcMethod::Interpolated => {
            "approximation: M/G/c between exact M/D/c and M/M/c (Kimura), a gamma wait (Tijms et al.); simulated errors, c = 2 \
             to 32, s up to 4: P(wait) 1 %, mean wait 4 %, p99 of the wait 6 % (lognormal of s = 4: 14 %) on average, 5, \
             19 and 34 % at worst; states 0.03 of total variation"
        }
        MgcMethod::TwoMoments => "approximation: M/G/c by two moments, Kimura's and Whitt's, with the P(wait) of M/M/c",
    }
}

fn mgc_service(name: Option<&str>, scv: f64) -> Result<MgcService, CalcError> {
    let is = |holds: bool, limit: &str, service| {
        if holds {
            Ok(service)
        } else {
            let name = name.unwrap_or_default();
            Err(CalcError::invalid(format!(
                "`service_scv` of {scv} is not {limit}, as a service that is {name} has it"
            )))
        }
    };
    let moments = MgcService::TwoMoments(scv);
    match name {
        None => Ok(if scv == 0.0 { MgcService::Deterministic } else { moments }),
        Some("deterministic") => is(scv == 0.0, "0", MgcService::Deterministic),
        Some("exponential") => is(scv == 1.0, "1", moments),
        Some("erlang" | "gamma") => is(scv > 0.0 && scv <= 1.0, "above 0 and at most 1", moments),
        Some("lognormal") => is(scv > 0.0, "above 0", MgcService::Lognormal(scv)),
        Some(_) => is(scv >= 1.0, "at least 1", moments),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::run;

    fn number(answer: &Value, field: &str) -> f64 {
        answer[field].as_f64().expect("a number")
    }

    /// M/D/4 at 75 %: with exponential service 0.509 wait.
    #[test]
    fn constant_service_is_exact() {
        let input = json!({"servers": 4, "arrival_rate": 3, "service_time": 1, "service_scv": 0, "states": [0, 4], "times": [1]});
        let answer = run("mgc", &input).expect("an answer");
        assert!((number(&answer, "wait_probability") - 0.490_437_225_081_804).abs() < 1e-12);
        assert!((number(&answer, "mean_in_queue") - 0.800_883_479_780_595).abs() < 1e-12);
        assert_eq!(answer["exact"], json!(true));
        assert_eq!(
            answer["method"],
            json!("exact: M/D/c, states by Spitzer's identity and the wait from them (Franx 2001)")
        );
        assert!(answer.get("conditional_wait_scv").is_none());
    }

    #[test]
    fn a_service_of_two_moments_is_between_the_exact_stations() {
        let ask = |scv: f64| {
            run("mgc", &json!({"servers": 4, "arrival_rate": 3, "service_time": 1, "service_scv": scv}))
                .expect("an answer")
        };
        let (constant, between, exponential) = (ask(0.0), ask(0.5), ask(1.0));
        for field in ["wait_probability", "waiting_time", "waiting_time_p99", "sojourn_time_p99"] {
            assert!(number(&constant, field) < number(&between, field), "{field}");
            assert!(number(&between, field) < number(&exponential, field), "{field}");
        }
        assert_eq!(between["wait_probability_mdc"], constant["wait_probability"]);
        assert_eq!(between["waiting_time_mmc"], exponential["waiting_time"]);
        assert_eq!(between["exact"], json!(false));
    }
}
