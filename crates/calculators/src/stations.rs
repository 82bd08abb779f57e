use serde::{Deserialize, Serialize};

use capplan_queueing::queues::{Mmc, erlang_b, erlang_b_above_zero, erlang_c};
use capplan_queueing::units::{ArrivalRate, Erlangs, Servers, ServiceRate};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed, typed_with_gaps};
use super::error::named;
use super::law_inputs::{LawFigures, TIMES, TRANSFORM_AT, law_figures};
use super::quantiles::{QUANTILES, Quantiles, keyed, quantile_probabilities};
use super::small_figures::SmallFigures;

pub(super) const ARRIVAL_RATE: Input =
    Input::required("arrival_rate", InputKind::Number, "arrivals per second, at least 0");
pub(super) const SERVICE_RATE: Input =
    Input::required("service_rate", InputKind::Number, "completions per second of one busy server, above 0");
pub(super) const SERVERS: Input =
    Input::required("servers", InputKind::Count, "number of parallel servers, at least 1");
pub(super) const OFFERED_LOAD: Input =
    Input::required("offered_load", InputKind::Number, "offered load in erlangs, at least 0");
pub(super) const ERLANG_B: Calculator = Calculator {
    name: "erlang_b",
    summary: "blocking probability of c servers without a queue (Erlang B)",
    inputs: &[SERVERS, OFFERED_LOAD],
    formula: &[
        "1/B(c, a) = 1 + (c/a)·1/B(c − 1, a),  1/B(0, a) = 1",
        "B({servers}, {offered_load}) = {blocking_probability}",
        "ρ = a·(1 − B)/c = {offered_load}·(1 − {blocking_probability})/{servers} = {utilization}",
    ],
    reference: "Kleinrock 1975, §3.7; Bolch et al. 2006, ch. 6; Temme 1979",
    answer: |input| typed(input, blocking),
};

pub(super) const ERLANG_C: Calculator = Calculator {
    name: "erlang_c",
    summary: "probability to wait for one of c servers (Erlang C)",
    inputs: &[SERVERS, OFFERED_LOAD],
    formula: &[
        "ρ = a/c = {offered_load}/{servers} = {utilization}",
        "C(c, a) = B(c, a)/(1 − ρ·(1 − B(c, a))),  B = Erlang B",
        "C({servers}, {offered_load}) = {wait_probability}",
    ],
    reference: "Bolch et al. 2006, ch. 6; Kleinrock 1975, §3.5",
    answer: |input| typed(input, waiting),
};

pub(super) const MMC: Calculator = Calculator {
    name: "mmc",
    summary: "M/M/c station: utilization, queue, means and quantiles of the wait and of the time at the station",
    inputs: &[ARRIVAL_RATE, SERVICE_RATE, SERVERS, QUANTILES, TIMES, TRANSFORM_AT, STATES],
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
    answer: |input| typed_with_gaps(&MMC_GAPS, input, mmc),
};

/// Figures that may be below the doubles.
const MMC_GAPS: [&str; 12] = [
    "utilization",
    "offered_load",
    "wait_probability",
    "empty_probability",
    "mean_in_queue",
    "mean_in_system",
    "waiting_time",
    "waiting_time_tail",
    "sojourn_time_tail",
    "waiting_time_transform",
    "sojourn_time_transform",
    "state_probabilities",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LoadInput {
    servers: u64,
    offered_load: f64,
}

impl LoadInput {
    fn checked(&self) -> Result<(Servers, Erlangs), CalcError> {
        let servers = named("servers", Servers::new(self.servers))?;
        Ok((servers, named("offered_load", Erlangs::new(self.offered_load))?))
    }
}

#[derive(Serialize)]
struct LossAnswer {
    blocking_probability: f64,
    utilization: f64,
    method: &'static str,
    exact: bool,
}

fn blocking(input: &LoadInput) -> Result<LossAnswer, CalcError> {
    let (servers, load) = input.checked()?;
    let blocked = erlang_b_above_zero(servers, load)?.get();
    // a·(1 − B)/c without the difference, by one step of Erlang's recursion: 1 − B = c/(c + a·B(c − 1, a)).
    let fewer = Servers::new(servers.get() - 1).map_or(1.0, |fewer| erlang_b(fewer, load).get());
    let utilization = 1.0 / (servers.get() as f64 / load.get() + fewer);
    Ok(LossAnswer {
        blocking_probability: blocked,
        utilization,
        method: "exact: M/M/c/c, Erlang's recursion or Temme's expansion of it",
        exact: true,
    })
}

#[derive(Serialize)]
struct Waiting {
    wait_probability: f64,
    utilization: f64,
    method: &'static str,
    exact: bool,
}

fn waiting(input: &LoadInput) -> Result<Waiting, CalcError> {
    let (servers, load) = input.checked()?;
    let wait_probability = erlang_c(servers, load)?.get();
    Ok(Waiting {
        wait_probability,
        utilization: load.get() / servers.get() as f64,
        method: "exact: M/M/c, Erlang C from Erlang B",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MmcInput {
    arrival_rate: f64,
    service_rate: f64,
    servers: u64,
    quantiles: Option<Vec<f64>>,
    times: Option<Vec<f64>>,
    transform_at: Option<Vec<f64>>,
    states: Option<Vec<u64>>,
}

/// The numbers of jobs whose probabilities are wanted.
pub(super) const STATES: Input =
    Input::optional("states", InputKind::Counts, "numbers of jobs at the station whose probabilities are asked for");

#[derive(Serialize)]
struct MmcAnswer {
    utilization: Option<f64>,
    offered_load: Option<f64>,
    wait_probability: Option<f64>,
    empty_probability: Option<f64>,
    mean_in_queue: Option<f64>,
    mean_in_system: Option<f64>,
    waiting_time: Option<f64>,
    sojourn_time: f64,
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

fn mmc(input: &MmcInput) -> Result<MmcAnswer, CalcError> {
    let arrival_rate = named("arrival_rate", ArrivalRate::new(input.arrival_rate))?;
    let service_rate = named("service_rate", ServiceRate::new(input.service_rate))?;
    let servers = named("servers", Servers::new(input.servers))?;
    let queue = Mmc::new(arrival_rate, service_rate, servers)?;
    let probabilities = quantile_probabilities(input.quantiles.as_deref())?;
    let laws = law_figures(&queue, input.times.as_deref(), input.transform_at.as_deref())?;
    let mut small = SmallFigures::of(arrival_rate);
    let wait_probability = small.figure("wait_probability", queue.wait_probability());
    let waiting_time = small.following("waiting_time", queue.waiting_time(), wait_probability);
    laws.note(&mut small);
    Ok(MmcAnswer {
        utilization: small.figure("utilization", queue.utilization()),
        offered_load: small.figure("offered_load", queue.offered_load()),
        wait_probability,
        empty_probability: small.figure("empty_probability", queue.empty_probability()),
        mean_in_queue: small.following("mean_in_queue", queue.mean_in_queue(), wait_probability),
        mean_in_system: small.figure("mean_in_system", queue.mean_in_system()),
        waiting_time,
        sojourn_time: queue.sojourn_time(),
        waiting_time_quantiles: keyed(&probabilities, |p| Ok(queue.waiting_time_quantile(p)?))?,
        sojourn_time_quantiles: keyed(&probabilities, |p| Ok(queue.sojourn_time_quantile(p)?))?,
        laws,
        state_probabilities: small.states(input.states.as_deref(), |jobs| Some(queue.state_probability(jobs))),
        below_double_precision: small.names()?,
        method: "exact: M/M/c, birth-death closed form",
        exact: true,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{ErrorKind, run};

    #[test]
    fn a_loss_system_far_beyond_its_load_is_busy_all_the_time() {
        for (load, servers) in [(1e12, 3_u64), (1e17, 3), (1e308, 3), (1e9, 1)] {
            let answer = run("erlang_b", &json!({"servers": servers, "offered_load": load})).expect("an answer");
            let utilization = answer["utilization"].as_f64().expect("a number");
            assert!((utilization - 1.0).abs() < 1e-8 && utilization <= 1.0, "{load}: {utilization}");
        }
        let light = run("erlang_b", &json!({"servers": 2, "offered_load": 1.0})).expect("an answer");
        assert_eq!(light["utilization"], 0.4);
    }

    #[test]
    fn a_probability_below_the_doubles_is_an_error_with_its_logarithm() {
        let load = json!({"servers": 300, "offered_load": 1});
        for (name, message) in [
            (
                "erlang_b",
                "blocking probability is below 2.2e-308, where double precision ends; its natural logarithm is \
                 -1415.9058",
            ),
            (
                "erlang_c",
                "probability to wait is below 2.2e-308, where double precision ends; its natural logarithm is \
                 -1415.9025",
            ),
        ] {
            let error = run(name, &load).expect_err("below the doubles");
            assert_eq!((error.kind, error.message.as_str()), (ErrorKind::OutOfRange, message));
        }
        for name in ["erlang_b", "erlang_c"] {
            assert!(run(name, &json!({"servers": 300, "offered_load": 0})).is_ok());
        }
    }

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
