use capplan_queueing::queues::{Mmc, StationFigures};
use capplan_queueing::units::{ArrivalRate, Servers, ServiceRate};

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};

use super::details::Details;

inputs! {
    struct MmcInput {
        arrival_rate: ArrivalRate,
        service_rate: ServiceRate,
        servers: Servers,
        ..asked: Details,
    }
}

pub(crate) const MMC: Calculator = Calculator {
    name: "mmc",
    summary: "M/M/c station: utilization, queue, means and quantiles of the wait and of the time at the station",
    inputs: MmcInput::INPUTS,
    formula: &[
        "a = λ/μ = {arrival_rate}/{service_rate} = {offered_load},  ρ = a/c = {offered_load}/{servers} = {utilization}",
        "C = Erlang C(c, a) = C({servers}, {offered_load}) = {wait_probability}",
        "W_q = C/(c·μ − λ) = {wait_probability}/({servers}·{service_rate} − {arrival_rate}) = {waiting_time}",
        "W = W_q + 1/μ = {waiting_time} + 1/{service_rate} = {sojourn_time}",
        "L_q = λ·W_q = {arrival_rate}·{waiting_time} = {mean_in_queue}",
        "L = λ·W = {arrival_rate}·{sojourn_time} = {mean_in_system}",
        "P_0 = C·(1 − ρ)·c!/a^c = {empty_probability}",
        "P(W_q > t) = C·e^(−δt),  δ = c·μ − λ",
        "P(W > t) = (1 − C)·e^(−μt) + C·(δ·e^(−μt) − μ·e^(−δt))/(δ − μ)",
        "P(W_q > t): {waiting_time_tail},  P(W > t): {sojourn_time_tail}",
        "p_n = p_0·a^n/n! for n ≤ c,  p_(c+j) = p_c·ρ^j;  n = {states}: {state_probabilities}",
        "E e^(−s·W_q): {waiting_time_transform},  E e^(−s·W): {sojourn_time_transform}",
        "quantiles of the wait: {waiting_time_quantiles}",
        "quantiles of wait and service: {sojourn_time_quantiles}",
    ],
    reference: "Bolch et al. 2006, ch. 6; Kleinrock 1975, §3.5",
    answer: |question| question.answer(mmc),
};

fn mmc(input: &MmcInput) -> Result<Answer, CalcError> {
    let queue = Mmc::new(input.arrival_rate, input.service_rate, input.servers)?;
    Answer::exact("exact: M/M/c, birth-death closed form")
        .at_rate(input.arrival_rate)
        .positive("utilization", queue.utilization())
        .positive("offered_load", queue.offered_load())
        .positive("wait_probability", queue.wait_probability())
        .positive("empty_probability", queue.empty_probability())
        .following("wait_probability", "mean_in_queue", queue.mean_in_queue())
        .positive("mean_in_system", queue.mean_in_system())
        .following("wait_probability", "waiting_time", queue.waiting_time())
        .with("sojourn_time", queue.sojourn_time())
        .station(&queue, &input.asked, |jobs| Some(queue.state_probability(jobs)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{ErrorKind, run};

    #[test]
    fn figures_below_the_doubles_are_gaps_with_their_names() {
        let mut input =
            json!({"arrival_rate": 1, "service_rate": 1, "servers": 300, "times": [1, 3000], "states": [0, 300]});
        let answer = run("mmc", &input).expect("an answer");
        for gap in ["wait_probability", "waiting_time", "mean_in_queue"] {
            assert_eq!(answer[gap], json!(null), "{gap}");
        }
        assert_eq!(answer["sojourn_time"], 1.0);
        assert_eq!(answer["waiting_time_tail"], json!({"1": null, "3000": null}));
        assert_eq!(answer["sojourn_time_tail"]["3000"], json!(null));
        assert_eq!(answer["sojourn_time_cdf"]["3000"], 1.0);
        assert_eq!(answer["state_probabilities"][1], json!(null));
        let names = json!([
            "wait_probability",
            "waiting_time",
            "waiting_time_tail",
            "sojourn_time_tail",
            "mean_in_queue",
            "state_probabilities"
        ]);
        assert_eq!(answer["below_double_precision"], names);
        input["arrival_rate"] = json!(0);
        let answer = run("mmc", &input).expect("an answer");
        assert_eq!((&answer["wait_probability"], &answer["waiting_time"]), (&json!(0.0), &json!(0.0)));
        assert_eq!(answer["waiting_time_tail"]["1"], 0.0);
        assert_eq!(answer["below_double_precision"], json!(["sojourn_time_tail"]));
    }

    #[test]
    fn a_negative_rate_is_refused_by_name() {
        let error = run("mmc", &json!({"arrival_rate": -1, "service_rate": 1, "servers": 1})).expect_err("refused");
        assert_eq!(error.kind, ErrorKind::InvalidInput);
        assert_eq!(error.message, "`arrival_rate`: arrival rate of -1 is not finite and at least 0");
    }

    #[test]
    fn an_overloaded_station_is_unstable() {
        let error = run("mmc", &json!({"arrival_rate": 3, "service_rate": 1, "servers": 3})).expect_err("refused");
        assert_eq!(error.kind, ErrorKind::Unstable);
        assert_eq!(error.message, "offered load of 3 is too much for 3 servers; at least 4 are needed");
    }

    #[test]
    fn quantiles_are_those_asked_for_in_their_order() {
        let input = json!({"arrival_rate": 0.5, "service_rate": 1, "servers": 1, "quantiles": [0.9, 0.25]});
        let answer = run("mmc", &input).expect("an answer");
        let keys: Vec<&String> = answer["sojourn_time_quantiles"].as_object().expect("a map").keys().collect();
        assert_eq!(keys, ["0.9", "0.25"]);
    }
}
