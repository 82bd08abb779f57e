use capplan_queueing::queues::{Mgc, MgcMethod, MgcService, StationFigures};
use capplan_queueing::units::{ArrivalRate, Servers};

use crate::CalcError;
use crate::answer::{Answer, Method};
use crate::declare::{Calculator, Inputs, choices, inputs};

use crate::read::ServiceTime;

use super::details::Details;

inputs! {
    struct MgcInput {
        servers: Servers,
        arrival_rate: ArrivalRate,
        /// mean service seconds, above 0
        service_time: ServiceTime,
        /// squared coefficient of variation of the service, at least 0; 1 is exponential
        service_scv: f64,
        /// law of the service with these two moments (default: constant for an scv of 0, gamma below 1,
        /// hyperexponential above)
        service_distribution: Option<Service>,
        ..asked: Details,
    }
}

pub(crate) const MGC: Calculator = Calculator {
    name: "mgc",
    summary: "M/G/c station: wait, time at the station and states; exact for constant and exponential service, else by two moments",
    inputs: MgcInput::INPUTS,
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
    answer: |question| question.answer(mgc),
};

choices! {
    enum Service {
        Deterministic = "deterministic",
        Exponential = "exponential",
        Erlang = "erlang",
        Gamma = "gamma",
        Hyperexponential = "hyperexponential",
        BalancedMeans = "hyperexponential balanced means",
        Lognormal = "lognormal",
    }
}

fn mgc(input: &MgcInput) -> Result<Answer, CalcError> {
    let queue = Mgc::new(input.arrival_rate, input.service_time.rate, input.servers, service(input)?)?;
    let waits = [("waiting_time_p95", 0.95), ("waiting_time_p99", 0.99)];
    let sojourns = [("sojourn_time_p50", 0.5), ("sojourn_time_p95", 0.95), ("sojourn_time_p99", 0.99)];
    let constant = queue.constant_service();
    Answer::by(method(queue.method()))
        .at_rate(input.arrival_rate)
        .positive("utilization", queue.exponential().utilization())
        .positive("offered_load", queue.exponential().offered_load())
        .positive("wait_probability", queue.wait_probability())
        .following("wait_probability", "mean_in_queue", queue.mean_in_queue())
        .positive("mean_in_system", queue.mean_in_system())
        .following("wait_probability", "waiting_time", queue.waiting_time())
        .with("sojourn_time", queue.sojourn_time())
        .positive("wait_probability_mmc", queue.exponential().wait_probability())
        .positive("waiting_time_mmc", queue.exponential().waiting_time())
        .with_some("wait_probability_mdc", constant.map(|constant| constant.wait_probability))
        .with_some("waiting_time_mdc", constant.map(|constant| constant.waiting_time))
        .with_some("conditional_wait_scv", queue.conditional_wait_scv())
        .percentiles(&waits, |p| queue.waiting_time_quantile(p))?
        .percentiles(&sojourns, |p| queue.sojourn_time_quantile(p))?
        .station(&queue, &input.asked, |jobs| Some(queue.state_probability(jobs)))
}

const fn method(method: MgcMethod) -> Method {
    match method {
        MgcMethod::Exponential => Method::Exact("exact: M/M/c"),
        MgcMethod::Constant => {
            Method::Exact("exact: M/D/c, states by Spitzer's identity and the wait from them (Franx 2001)")
        }
        MgcMethod::OneServer => Method::Approximate(
            "M/G/1: exact means (Pollaczek–Khinchine); laws and states are those of a service law with these two moments: a \
             mixture of Erlang laws for an scv below 1, two exponential branches with balanced means above",
        ),
        MgcMethod::Interpolated => Method::Approximate(
            "approximation: M/G/c between exact M/D/c and M/M/c (Kimura), a gamma wait (Tijms et al.); simulated errors, c = 2 \
             to 32, s up to 4: P(wait) 1 %, mean wait 4 %, p99 of the wait 6 % (lognormal of s = 4: 14 %) on average, 5, \
             19 and 34 % at worst; states 0.03 of total variation",
        ),
        MgcMethod::TwoMoments => {
            Method::Approximate("approximation: M/G/c by two moments, Kimura's and Whitt's, with the P(wait) of M/M/c")
        }
    }
}

fn service(input: &MgcInput) -> Result<MgcService, CalcError> {
    let scv = input.service_scv;
    let moments = MgcService::TwoMoments(scv);
    let Some(service) = input.service_distribution else {
        return Ok(if scv == 0.0 { MgcService::Deterministic } else { moments });
    };
    let (holds, limit, law) = match service {
        Service::Deterministic => (scv == 0.0, "0", MgcService::Deterministic),
        Service::Exponential => (scv == 1.0, "1", moments),
        Service::Erlang | Service::Gamma => (scv > 0.0 && scv <= 1.0, "above 0 and at most 1", moments),
        Service::Lognormal => (scv > 0.0, "above 0", MgcService::Lognormal(scv)),
        Service::Hyperexponential | Service::BalancedMeans => (scv >= 1.0, "at least 1", moments),
    };
    if holds {
        return Ok(law);
    }
    let name = service.name();
    Err(CalcError::invalid(format!("`service_scv` of {scv} is not {limit}, as a service that is {name} has it")))
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
