use capplan_queueing::queues::{Ggc, StationFigures};
use capplan_queueing::units::{ArrivalRate, Servers, ServiceRate};

use crate::CalcError;
use crate::answer::{Answer, Method};
use crate::declare::{Calculator, Inputs, inputs};

use super::details::Details;

inputs! {
    struct GgcInput {
        arrival_rate: ArrivalRate,
        service_rate: ServiceRate,
        servers: Servers,
        /// squared coefficient of variation of the time between arrivals, at least 0; 1 is Poisson
        arrival_scv: f64,
        /// squared coefficient of variation of the service, at least 0; 1 is exponential
        service_scv: f64,
        ..asked: Details,
    }
}

pub(crate) const GGC: Calculator = Calculator {
    name: "ggc",
    summary: "GI/G/c station by two moments: the mean wait by each approximation under its name, the laws by the default one",
    inputs: GgcInput::INPUTS,
    formula: &[
        "a = λ/μ = {arrival_rate}/{service_rate} = {offered_load},  ρ = a/c = {offered_load}/{servers} = {utilization}",
        "W_M = W_q(M/M/c) = {waiting_time_mmc},  A = {arrival_scv},  s = {service_scv}",
        "Allen–Cunneen: W_M·(A + s)/2 = {waiting_time_mmc}·({arrival_scv} + {service_scv})/2 = {waiting_time_allen_cunneen}",
        "g = min(0.24, (1 − ρ)(c − 1)(√(4 + 5c) − 2)/(16cρ)):  φ₁ = 1 + g = {phi1},  φ₃ = (1 − 4g)·e^(−2(1−ρ)/(3ρ)) = {phi3}",
        "Whitt, the default for c > 1: Allen–Cunneen·φ(ρ, A, s, c) = {waiting_time_allen_cunneen}·φ = {waiting_time_whitt}",
        "Kimura: W_M·(A + s)/((1 − A)·2/φ₃ + (1 − s)·2/φ₁ + 2(A + s − 1)) = {waiting_time_kimura|absent}",
        "Krämer–Langenbach-Belz, the default for c = 1: {waiting_time_kraemer_langenbach_belz|absent}",
        "Kingman's upper bound, c = 1: {waiting_time_kingman_bound|absent}",
        "W = W_q + 1/μ = {waiting_time} + 1/{service_rate} = {sojourn_time}",
        "L_q = λ·W_q = {arrival_rate}·{waiting_time} = {mean_in_queue},  L = L_q + a = {mean_in_system}",
        "P(wait), by Krämer and Langenbach-Belz for c = 1, else by Whitt: {wait_probability}",
        "the wait of those who wait is gamma, scv 2ρ − 1 + 4(1 − ρ)·E[S³]/E[S]³/(3(s + 1)²) = {conditional_wait_scv}",
        "P(W_q > t): {waiting_time_tail},  P(W > t): {sojourn_time_tail}",
        "E e^(−s·W_q): {waiting_time_transform},  E e^(−s·W): {sojourn_time_transform}",
        "quantiles of the wait: {waiting_time_quantiles}",
        "quantiles of wait and service: {sojourn_time_quantiles}",
        "P(N = n) for n of {states}: {state_probabilities}",
    ],
    reference: "Whitt 1993, (2.16)–(2.25); Kimura 1986; Bolch et al. 2006, §6.3",
    answer: |question| question.answer(ggc),
};

fn ggc(input: &GgcInput) -> Result<Answer, CalcError> {
    let queue = Ggc::new(input.arrival_rate, input.service_rate, input.servers, input.arrival_scv, input.service_scv)?;
    let answer = Answer::by(method(input)).at_rate(input.arrival_rate);
    // Figures of the wait are truly 0 where no job waits.
    let answer = if queue.never_waits() { answer.with_true_zeros() } else { answer };
    answer
        .positive("utilization", queue.exponential().utilization())
        .positive("offered_load", queue.exponential().offered_load())
        .positive("wait_probability", queue.wait_probability())
        .following("wait_probability", "mean_in_queue", queue.mean_in_queue())
        .positive("mean_in_system", queue.mean_in_system())
        .following("wait_probability", "waiting_time", queue.waiting_time())
        .with("sojourn_time", queue.waiting_time() + 1.0 / input.service_rate.get())
        .positive("waiting_time_mmc", queue.exponential().waiting_time())
        .with("phi1", queue.constant_service_factor())
        .with("phi3", queue.constant_arrivals_factor())
        .positive("waiting_time_allen_cunneen", queue.allen_cunneen())
        .positive("waiting_time_whitt", queue.whitt())
        .positive_some("waiting_time_kimura", queue.kimura())
        .positive_some("waiting_time_kraemer_langenbach_belz", queue.kraemer_langenbach_belz())
        .positive_some("waiting_time_kingman_bound", queue.kingman_bound())
        .with_some("conditional_wait_scv", queue.conditional_wait_scv())
        .station(&queue, &input.asked, |jobs| Some(queue.state_probability(jobs)))
}

fn method(input: &GgcInput) -> Method {
    if input.arrival_scv == 1.0 && input.service_scv == 1.0 {
        return Method::Exact("exact: M/M/c, all approximations agree");
    }
    if input.servers == Servers::ONE {
        return Method::Approximate(
            "approximation: GI/G/1 by two moments, Krämer and Langenbach-Belz 1976 by default (its mean is exact for \
                Poisson arrivals), a gamma wait; simulated errors of mean waits above 0.1 services: 3 to 5 % on average, \
                -30 to +28 %; p99 of the wait 3 to 9 %, -36 to +27 %; P(wait) 2 points, states 0.04 of total variation",
        );
    }
    Method::Approximate(
        "approximation: GI/G/c by two moments, Whitt 1993 by default, a gamma wait; simulated errors of mean waits above 0.1 \
     services, up to 4 servers: 3 to 14 % on average, -17 to +56 %; at 16: 9 % when 90 % busy, 47 % when 70 %; p99 of the \
     wait 6 to 18 and 11 to 46 %; P(wait) 2 to 6 points, states 0.03 to 0.07 of total variation; shorter waits: order of \
     magnitude",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::run;

    #[test]
    fn a_wait_below_the_doubles_is_a_gap_and_none_at_all_is_zero() {
        let mut input = json!({"arrival_rate": 900_000, "service_rate": 1, "servers": 1_000_000, "arrival_scv": 0.5,
                               "service_scv": 2, "quantiles": [0.5], "times": [1]});
        let answer = run("ggc", &input).expect("an answer");
        for field in ["waiting_time", "waiting_time_whitt", "waiting_time_allen_cunneen", "wait_probability"] {
            assert!(answer[field].is_null(), "{field}: {answer}");
        }
        assert!(answer["waiting_time_tail"]["1"].is_null());
        for (field, value) in [("arrival_rate", 0.5), ("servers", 1.0), ("arrival_scv", 0.0), ("service_scv", 0.0)] {
            input[field] = json!(value);
        }
        let regular = run("ggc", &input).expect("an answer");
        for field in ["waiting_time", "wait_probability", "mean_in_queue"] {
            assert_eq!(regular[field], 0.0, "{field}");
        }
        assert_eq!(regular["waiting_time_tail"]["1"], 0.0);
        assert!(regular.get("below_double_precision").is_none());
    }

    #[test]
    fn poisson_arrivals_and_exponential_service_are_mmc() {
        let asked = json!({"times": [0.5], "transform_at": [2.0], "states": [0, 7, 12]});
        let with = |more: serde_json::Value| {
            let mut input = json!({"arrival_rate": 8, "service_rate": 1, "servers": 10});
            for object in [&asked, &more] {
                for (key, value) in object.as_object().expect("an object") {
                    input[key] = value.clone();
                }
            }
            input
        };
        let general = run("ggc", &with(json!({"arrival_scv": 1, "service_scv": 1}))).expect("an answer");
        let exact = run("mmc", &with(json!({}))).expect("an answer");
        for field in [
            "wait_probability",
            "waiting_time_tail",
            "sojourn_time_tail",
            "waiting_time_transform",
            "sojourn_time_quantiles",
            "state_probabilities",
        ] {
            assert_eq!(general[field], exact[field], "{field}");
        }
        assert_eq!(general["exact"], json!(true));
    }

    /// One server and Poisson arrivals: the mean of Pollaczek and Khinchine, although the law is a fit.
    #[test]
    fn one_server_with_poisson_arrivals_has_its_exact_mean() {
        let input = json!({"arrival_rate": 0.8, "service_rate": 1, "servers": 1, "arrival_scv": 1, "service_scv": 3});
        let answer = run("ggc", &input).expect("an answer");
        assert!((answer["waiting_time"].as_f64().expect("a number") - 8.0).abs() < 1e-12);
        assert_eq!(answer["exact"], json!(false));
    }
}
