use serde::{Deserialize, Serialize};

use crate::queues::{Mmc, ServerObjective, erlang_b, erlang_c, min_servers};
use crate::units::{ArrivalRate, Erlangs, Probability, Seconds, Servers, ServiceRate};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::named;
use super::law_inputs::{LawFigures, TIMES, TRANSFORM_AT, law_figures};
use super::quantiles::{QUANTILES, Quantiles, keyed, quantile_probabilities};

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
        "E e^(−s·W_q): {waiting_time_transform},  E e^(−s·W): {sojourn_time_transform}",
        "quantiles of the wait: {waiting_time_quantiles}",
        "quantiles of wait and service: {sojourn_time_quantiles}",
    ],
    reference: "Bolch et al. 2006, ch. 6; Kleinrock 1975, §3.5",
    answer: |input| typed(input, mmc),
};

pub(super) const MIN_SERVERS: Calculator = Calculator {
    name: "min_servers",
    summary: "least number of servers of an M/M/c station that meets an objective",
    inputs: &[
        ARRIVAL_RATE,
        SERVICE_RATE,
        Input::required(
            "metric",
            InputKind::Word,
            "what is limited: `p_wait`, mean `wq` or `w`, or a percentile such as `wq_p95` or `w_p99_9`",
        ),
        Input::required("limit", InputKind::Number, "its limit, a probability or seconds"),
    ],
    formula: &[
        "least c > a = λ/μ = {arrival_rate}/{service_rate} with {metric}(c) ≤ {limit}, in M/M/c",
        "p_wait = C(c, a),  wq = C/(c·μ − λ),  w = wq + 1/μ,  percentiles by the law of the wait or of the sojourn",
        "c = {result.servers}:  {metric}({result.servers}) = {value} ≤ {limit}",
    ],
    reference: "Bolch et al. 2006, ch. 6; Kleinrock 1975, §3.5",
    answer: |input| typed(input, least_servers),
};

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
    let blocked = erlang_b(servers, load).get();
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

/// Returns the probabilities of the states that are asked for, in their order.
pub(super) fn state_probabilities(states: Option<&[u64]>, probability: impl Fn(u64) -> f64) -> Option<Vec<f64>> {
    states.map(|states| states.iter().map(|&jobs| probability(jobs)).collect())
}

#[derive(Serialize)]
struct MmcAnswer {
    utilization: f64,
    offered_load: f64,
    wait_probability: f64,
    empty_probability: f64,
    mean_in_queue: f64,
    mean_in_system: f64,
    waiting_time: f64,
    sojourn_time: f64,
    waiting_time_quantiles: Quantiles,
    sojourn_time_quantiles: Quantiles,
    #[serde(flatten)]
    laws: LawFigures,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_probabilities: Option<Vec<f64>>,
    method: &'static str,
    exact: bool,
}

fn mmc(input: &MmcInput) -> Result<MmcAnswer, CalcError> {
    let arrival_rate = named("arrival_rate", ArrivalRate::new(input.arrival_rate))?;
    let service_rate = named("service_rate", ServiceRate::new(input.service_rate))?;
    let servers = named("servers", Servers::new(input.servers))?;
    let queue = Mmc::new(arrival_rate, service_rate, servers)?;
    let probabilities = quantile_probabilities(input.quantiles.as_deref())?;
    Ok(MmcAnswer {
        utilization: queue.utilization(),
        offered_load: queue.offered_load(),
        wait_probability: queue.wait_probability(),
        empty_probability: queue.empty_probability(),
        mean_in_queue: queue.mean_in_queue(),
        mean_in_system: queue.mean_in_system(),
        waiting_time: queue.waiting_time(),
        sojourn_time: queue.sojourn_time(),
        waiting_time_quantiles: keyed(&probabilities, |p| Ok(queue.waiting_time_quantile(p)?))?,
        sojourn_time_quantiles: keyed(&probabilities, |p| Ok(queue.sojourn_time_quantile(p)?))?,
        laws: law_figures(&queue, input.times.as_deref(), input.transform_at.as_deref())?,
        state_probabilities: state_probabilities(input.states.as_deref(), |jobs| queue.state_probability(jobs)),
        method: "exact: M/M/c, birth-death closed form",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LeastServersInput {
    arrival_rate: f64,
    service_rate: f64,
    metric: String,
    limit: f64,
}

#[derive(Serialize)]
struct LeastServersAnswer {
    feasible: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    servers: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    method: &'static str,
    exact: bool,
}

fn least_servers(input: &LeastServersInput) -> Result<LeastServersAnswer, CalcError> {
    let arrival_rate = named("arrival_rate", ArrivalRate::new(input.arrival_rate))?;
    let service_rate = named("service_rate", ServiceRate::new(input.service_rate))?;
    let objective = objective(&input.metric, input.limit)?;
    let least = min_servers(arrival_rate, service_rate, objective)?;
    Ok(LeastServersAnswer {
        feasible: least.is_some(),
        servers: least.map(|least| least.servers.get()),
        value: least.map(|least| least.value),
        method: "exact: M/M/c closed form, search over the number of servers",
        exact: true,
    })
}

fn objective(metric: &str, limit: f64) -> Result<ServerObjective, CalcError> {
    let time = || named("limit", Seconds::new(limit));
    match metric {
        "p_wait" => return Ok(ServerObjective::WaitProbability(named("limit", Probability::new(limit))?)),
        "wq" => return Ok(ServerObjective::WaitingTime(time()?)),
        "w" => return Ok(ServerObjective::SojournTime(time()?)),
        _ => {}
    }
    let quantile = metric.split_once("_p").and_then(|(figure, percent)| Some((figure, percentile(percent)?)));
    match quantile {
        Some(("wq", probability)) => Ok(ServerObjective::WaitingTimeQuantile(probability, time()?)),
        Some(("w", probability)) => Ok(ServerObjective::SojournTimeQuantile(probability, time()?)),
        _ => Err(CalcError::invalid(format!(
            "`metric` is \"{metric}\", not `p_wait`, `wq`, `w` or a percentile such as `wq_p95` or `w_p99_9`"
        ))),
    }
}

/// Reads `95` or `99_9` as a probability above 0 and below 1.
fn percentile(text: &str) -> Option<Probability> {
    let plain = text.chars().all(|c| c.is_ascii_digit() || c == '_');
    let percent: f64 = text.replacen('_', ".", 1).parse().ok().filter(|_| plain)?;
    Probability::new(percent / 100.0).ok().filter(|p| p.get() > 0.0 && p.get() < 1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use crate::calc::{ErrorKind, run};

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

    #[test]
    fn a_metric_nobody_knows_is_refused() {
        for metric in ["p95", "w_p", "w_p0", "w_p100", "w_p+5", "wq_p9_9_9", "x_p95"] {
            let input = json!({"arrival_rate": 1, "service_rate": 1, "metric": metric, "limit": 1});
            assert_eq!(
                run("min_servers", &input).expect_err("refused").message,
                format!(
                    "`metric` is \"{metric}\", not `p_wait`, `wq`, `w` or a percentile such as `wq_p95` or `w_p99_9`"
                )
            );
        }
    }

    #[test]
    fn a_percentile_may_have_decimals() {
        let input = json!({"arrival_rate": 1, "service_rate": 1, "metric": "w_p99_9", "limit": 8});
        assert_eq!(run("min_servers", &input).expect("an answer")["feasible"], true);
    }

    proptest! {
        #[test]
        fn one_server_fewer_misses_the_objective(
            load in 0.0..3000.0_f64, rate in 0.1..100.0_f64, slack in 1.001..10.0_f64, metric in 0..5_usize,
        ) {
            let (metric, limit) = [
                ("p_wait", slack / 10.01),
                ("wq", slack / rate),
                ("w", slack / rate),
                ("wq_p95", slack / rate),
                ("w_p99", slack * 100.0_f64.ln() / rate),
            ][metric];
            let input = json!({"arrival_rate": load * rate, "service_rate": rate, "metric": metric, "limit": limit});
            let answer = run("min_servers", &input).expect("an answer");
            prop_assert_eq!(&answer["feasible"], &json!(true));
            prop_assert!(answer["value"].as_f64().is_some_and(|value| value <= limit));
            let fewer = answer["servers"].as_u64().expect("a count") - 1;
            let queue = json!({"arrival_rate": load * rate, "service_rate": rate, "servers": fewer, "quantiles": [0.95, 0.99]});
            if let Ok(queue) = run("mmc", &queue) {
                let value = match metric {
                    "p_wait" => &queue["wait_probability"],
                    "wq" => &queue["waiting_time"],
                    "w" => &queue["sojourn_time"],
                    "wq_p95" => &queue["waiting_time_quantiles"]["0.95"],
                    _ => &queue["sojourn_time_quantiles"]["0.99"],
                };
                prop_assert!(value.as_f64().is_some_and(|value| value > limit));
            }
        }
    }
}
