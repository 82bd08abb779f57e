use serde::{Deserialize, Serialize};

use capplan_queueing::network::{
    Branch, Jackson, JacksonStation, NetworkError, PathLaw, Queueing, ResponseLaw, RoutedLaw, StationKind,
    never_overtaken,
};
use capplan_queueing::queues::{Mmc, ServiceLaw, VisitLaw};
use capplan_queueing::units::{ArrivalRate, Seconds, Servers, ServiceRate, UnitError};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed, typed_with_gaps};
use super::error::{listed, named};
use super::quantiles::{QUANTILES, Quantiles, keyed, quantile_probabilities};

const SERVICE_RATES: Input = Input::required(
    "service_rates",
    InputKind::Numbers,
    "completions per second of one busy server of each station, above 0",
);
const SERVERS: Input = Input::required("servers", InputKind::Counts, "servers of each station, at least 1");

pub(super) const JACKSON: Calculator = Calculator {
    name: "jackson",
    summary: "open Jackson network: flows, queues and times of every station and of the whole",
    inputs: &[
        Input::required(
            "external_arrival_rates",
            InputKind::Numbers,
            "arrivals per second from outside at each station, at least 0",
        ),
        Input::required(
            "routing",
            InputKind::Matrix,
            "share of the jobs leaving station i that go to station j; the rest leaves the network",
        ),
        SERVICE_RATES,
        Input::required(
            "servers",
            InputKind::ServerCounts,
            "servers of each station, at least 1, or inf for a delay station without a queue",
        ),
        Input::optional(
            "quantiles",
            InputKind::Numbers,
            "probabilities of the quantiles of the response time, each below 1 (default none); delay stations are exponential",
        ),
    ],
    formula: &[
        "λ_j = γ_j + Σ_i λ_i·P_ij,  γ = {external_arrival_rates}",
        "λ = {arrival_rates},  V = λ/Σγ = {visit_ratios}",
        "each station M/M/c with its λ:  a = λ/μ,  μ = {service_rates},  c = {servers}",
        "C = Erlang C(c, a) = {wait_probability}",
        "L_q = λ·C/(c·μ − λ) = {mean_in_queue},  L = L_q + a = {mean_in_system}",
        "W = L/λ = {sojourn_time},  V·W = {residence_time}",
        "L of the network = Σ L = {system.l},  its W = L/Σγ = {system.l}/{system.throughput} = {system.w}",
        "f_i(s) = E[e^(−s·W_i)]·(1 − Σ_j P_ij + Σ_j P_ij·f_j(s)),  E[e^(−sT)] = Σ γ_i·f_i(s)/Σγ, inverted numerically",
        "quantiles of T: {response_time_quantiles|none asked for}",
    ],
    reference: "Jackson 1957; Bolch et al. 2006, ch. 7; Walrand and Varaiya 1980; Abate and Whitt 1995",
    answer: |input| typed_with_gaps(&["utilization", "bottleneck"], input, jackson),
};

pub(super) const TANDEM: Calculator = Calculator {
    name: "tandem",
    summary: "M/M/c stations one after the other: mean, variance and quantiles of the response time",
    inputs: &[
        Input::required("arrival_rate", InputKind::Number, "arrivals per second, at least 0"),
        SERVICE_RATES,
        SERVERS,
        Input::optional(
            "fixed_delay",
            InputKind::Number,
            "time added to every response, in seconds, at least 0 (default 0)",
        ),
        QUANTILES,
    ],
    formula: &[
        "each station M/M/c:  λ = {arrival_rate},  μ = {service_rates},  c = {servers}",
        "W_i = C_i/(c_i·μ_i − λ) + 1/μ_i,  d = {fixed_delay|0}",
        "E[T] = d + Σ W_i = {response_time}",
        "Var[T] = Σ Var[W_i] = {response_time_variance}",
        "E[e^(−sT)] = e^(−sd)·Π E[e^(−s·W_i)], inverted numerically",
        "quantiles of T: {response_time_quantiles}",
    ],
    reference: "Burke 1969; Bolch et al. 2006, ch. 6; Abate and Whitt 1995",
    answer: |input| typed(input, tandem),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JacksonInput {
    external_arrival_rates: Vec<f64>,
    routing: Vec<Vec<f64>>,
    service_rates: Vec<f64>,
    servers: Vec<ServerCount>,
    quantiles: Option<Vec<f64>>,
}

/// A number of servers, or `"inf"`.
#[derive(Deserialize, Clone, Copy)]
#[serde(untagged)]
pub(super) enum ServerCount {
    Finite(u64),
    Infinite(Infinite),
}

#[derive(Deserialize, Clone, Copy)]
pub(super) enum Infinite {
    #[serde(rename = "inf")]
    Inf,
}

impl ServerCount {
    pub(super) fn kind(self) -> Result<StationKind, UnitError> {
        match self {
            Self::Finite(count) => Servers::new(count).map(StationKind::Servers),
            Self::Infinite(Infinite::Inf) => Ok(StationKind::Delay),
        }
    }
}

#[derive(Serialize)]
struct JacksonAnswer {
    arrival_rates: Vec<f64>,
    visit_ratios: Vec<f64>,
    /// `null` for a delay station.
    utilization: Vec<Option<f64>>,
    wait_probability: Vec<f64>,
    mean_in_queue: Vec<f64>,
    mean_in_system: Vec<f64>,
    waiting_time: Vec<f64>,
    sojourn_time: Vec<f64>,
    residence_time: Vec<f64>,
    system: SystemAnswer,
    /// `null` when every station is a delay.
    bottleneck: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_time_quantiles: Option<Quantiles>,
    method: &'static str,
    exact: bool,
}

#[derive(Serialize)]
struct SystemAnswer {
    throughput: f64,
    l: f64,
    w: f64,
}

fn jackson(input: &JacksonInput) -> Result<JacksonAnswer, CalcError> {
    if input.external_arrival_rates.is_empty() {
        return Err(CalcError::invalid("`external_arrival_rates` is empty; a network needs at least one station"));
    }
    let service_rates = listed("service_rates", &input.service_rates, ServiceRate::new)?;
    let kinds = listed("servers", &input.servers, ServerCount::kind)?;
    let network = Jackson::solve(&input.external_arrival_rates, &input.routing, &service_rates, &kinds)?;
    let stations = network.stations();
    let each = |figure: fn(&JacksonStation) -> f64| stations.iter().map(figure).collect::<Vec<_>>();
    let (response_time_quantiles, method, exact) = match &input.quantiles {
        None => (None, "exact: open Jackson network, product form", true),
        Some(asked) => {
            let (quantiles, exact) = jackson_quantiles(input, &network, &kinds, asked)?;
            let method = if exact {
                "exact: open Jackson network, product form; quantiles of independent visits without overtaking, transform \
                 inverted numerically"
            } else {
                "exact: open Jackson network, product form; approximate: quantiles of visits taken as independent although \
                 jobs overtake (within 2 % of simulation) or return (p50 up to 24 % too long and p99 31 % too short where half of the jobs return to a queue, 39 and 59 % where nine of ten do)"
            };
            (Some(quantiles), method, exact)
        }
    };
    Ok(JacksonAnswer {
        arrival_rates: each(|station| station.arrival_rate),
        visit_ratios: each(|station| station.visit_ratio),
        utilization: stations.iter().map(JacksonStation::utilization).collect(),
        wait_probability: each(JacksonStation::wait_probability),
        mean_in_queue: each(JacksonStation::mean_in_queue),
        mean_in_system: each(JacksonStation::mean_in_system),
        waiting_time: each(JacksonStation::waiting_time),
        sojourn_time: each(JacksonStation::sojourn_time),
        residence_time: each(JacksonStation::residence_time),
        system: SystemAnswer {
            throughput: network.throughput(),
            l: network.mean_in_system(),
            w: network.response_time(),
        },
        bottleneck: network.bottleneck(),
        response_time_quantiles,
        method,
        exact,
    })
}

/// Quantiles of the response time, and whether they are exact.
fn jackson_quantiles(
    input: &JacksonInput,
    network: &Jackson,
    kinds: &[StationKind],
    asked: &[f64],
) -> Result<(Quantiles, bool), CalcError> {
    let probabilities = quantile_probabilities(Some(asked))?;
    let laws: Vec<VisitLaw> = network
        .stations()
        .iter()
        .map(|station| match &station.queue {
            Some(queue) => queue.sojourn_law().into(),
            None => VisitLaw::without_waiting(ServiceLaw::Exponential { mean: station.service_time }),
        })
        .collect();
    let entry: Vec<f64> = input.external_arrival_rates.iter().map(|rate| rate / network.throughput()).collect();
    let law = RoutedLaw::new(&entry, &input.routing, &laws)?;
    let queueing: Vec<Queueing> = kinds
        .iter()
        .map(|kind| match kind {
            StationKind::Servers(Servers::ONE) => Queueing::Single,
            StationKind::Servers(_) | StationKind::LoadDependent(_) => Queueing::Several,
            StationKind::Delay => Queueing::Delay,
        })
        .collect();
    let moves: Vec<Vec<f64>> = network
        .stations()
        .iter()
        .zip(&input.routing)
        .map(|(station, row)| row.iter().map(|share| share * station.visit_ratio).collect())
        .collect();
    let exact = never_overtaken(&moves, &moves, &queueing);
    Ok((keyed(&probabilities, |p| Ok(law.quantile(p)?))?, exact))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TandemInput {
    arrival_rate: f64,
    service_rates: Vec<f64>,
    servers: Vec<u64>,
    #[serde(default)]
    fixed_delay: f64,
    quantiles: Option<Vec<f64>>,
}

#[derive(Serialize)]
struct TandemAnswer {
    response_time: f64,
    response_time_variance: f64,
    response_time_quantiles: Quantiles,
    method: &'static str,
    exact: bool,
}

fn tandem(input: &TandemInput) -> Result<TandemAnswer, CalcError> {
    let arrival_rate = named("arrival_rate", ArrivalRate::new(input.arrival_rate))?;
    let service_rates = listed("service_rates", &input.service_rates, ServiceRate::new)?;
    let servers = listed("servers", &input.servers, Servers::new)?;
    let fixed_delay = named("fixed_delay", Seconds::new(input.fixed_delay))?;
    let count = service_rates.len();
    if count == 0 {
        return Err(CalcError::invalid("`service_rates` is empty; a path needs at least one station"));
    }
    if servers.len() != count {
        return Err(CalcError::invalid(format!("`servers` has {} entries for {count} `service_rates`", servers.len())));
    }
    let laws = service_rates
        .into_iter()
        .zip(servers)
        .enumerate()
        .map(|(station, (rate, servers))| {
            let queue =
                Mmc::new(arrival_rate, rate, servers).map_err(|source| NetworkError::Station { station, source })?;
            Ok(queue.sojourn_law())
        })
        .collect::<Result<Vec<_>, CalcError>>()?;
    let branch = Branch { probability: 1.0, fixed_time: fixed_delay.get(), visits: vec![1; count] };
    let path = PathLaw::new(vec![branch], laws)?;
    let probabilities = quantile_probabilities(input.quantiles.as_deref())?;
    // Where nobody overtakes, the times at the stations are independent: only the ends may have several servers.
    let inner = input.servers.get(1..count - 1).unwrap_or_default();
    let exact = inner.iter().all(|&servers| servers == 1);
    Ok(TandemAnswer {
        response_time: path.mean(),
        response_time_variance: path.variance(),
        response_time_quantiles: keyed(&probabilities, |p| Ok(path.quantile(p)?))?,
        method: if exact {
            "exact: independent sojourn times without overtaking, transform inverted numerically"
        } else {
            "approximate: sojourn times taken as independent although jobs overtake inside; the mean is exact"
        },
        exact,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{ErrorKind, run};

    #[test]
    fn a_network_without_stations_is_refused() {
        let input = json!({"external_arrival_rates": [], "routing": [], "service_rates": [], "servers": []});
        assert_eq!(
            run("jackson", &input).expect_err("refused").message,
            "`external_arrival_rates` is empty; a network needs at least one station"
        );
    }

    #[test]
    fn lists_of_different_lengths_are_refused() {
        let input = json!({"arrival_rate": 1, "service_rates": [2, 3], "servers": [1]});
        assert_eq!(
            run("tandem", &input).expect_err("refused").message,
            "`servers` has 1 entries for 2 `service_rates`"
        );
    }

    #[test]
    fn the_overloaded_station_is_named() {
        let input = json!({"arrival_rate": 2, "service_rates": [3, 2], "servers": [1, 1]});
        let error = run("tandem", &input).expect_err("refused");
        assert_eq!(error.kind, ErrorKind::Unstable);
        assert_eq!(error.message, "station 1: offered load of 1 is too much for 1 server; at least 2 are needed");
    }

    #[test]
    fn a_delay_station_only_takes_time() {
        let input = json!({"external_arrival_rates": [2, 0], "routing": [[0, 1], [0, 0]],
                           "service_rates": [0.5, 4], "servers": ["inf", 1]});
        let answer = run("jackson", &input).expect("an answer");
        assert_eq!(answer["utilization"], json!([null, 0.5]));
        assert_eq!(answer["sojourn_time"], json!([2.0, 0.5]));
        assert_eq!(answer["bottleneck"], 1);
        let error = run(
            "jackson",
            &json!({"external_arrival_rates": [1], "routing": [[0]], "service_rates": [1],
                                           "servers": ["many"]}),
        );
        assert_eq!(
            error.expect_err("refused").message,
            "`servers[0]` is \"many\", not a whole number of servers or \"inf\""
        );
    }

    /// Two single servers in a row: the sum of two exponential times, as `tandem` has it.
    #[test]
    fn quantiles_of_a_row_are_those_of_a_tandem() {
        let row = json!({"external_arrival_rates": [1, 0], "routing": [[0, 1], [0, 0]], "service_rates": [2, 3],
                         "servers": [1, 2], "quantiles": [0.5, 0.99]});
        let answer = run("jackson", &row).expect("an answer");
        let tandem = json!({"arrival_rate": 1, "service_rates": [2, 3], "servers": [1, 2], "quantiles": [0.5, 0.99]});
        let known = run("tandem", &tandem).expect("an answer");
        for p in ["0.5", "0.99"] {
            let [one, other] = [&answer, &known].map(|answer| answer["response_time_quantiles"][p].as_f64().expect(p));
            assert!((one / other - 1.0).abs() < 1e-7, "{p}: {one} {other}");
        }
        assert_eq!(answer["exact"], true);
    }

    #[test]
    fn quantiles_with_feedback_are_no_longer_exact() {
        let input = json!({"external_arrival_rates": [1], "routing": [[0.5]], "service_rates": [4], "servers": [1],
                           "quantiles": [0.9]});
        let answer = run("jackson", &input).expect("an answer");
        assert_eq!(answer["exact"], false);
        // Geometrically many exponential visits: ln 10 times the mean.
        let p90 = answer["response_time_quantiles"]["0.9"].as_f64().expect("a number");
        assert!((p90 - 10.0_f64.ln()).abs() < 1e-7, "{p90}");
    }

    #[test]
    fn a_share_next_to_1_is_all_jobs() {
        let input = json!({"external_arrival_rates": [1], "routing": [[0.999_999_999_999_999_9]], "service_rates": [4],
                           "servers": [1]});
        assert_eq!(
            run("jackson", &input).expect_err("refused").message,
            "jobs cannot leave the network from station 0: it routes all but 1.1e-16 of them on, which counts as rounding \
             below 1e-13, and no path from it leads out"
        );
    }

    #[test]
    fn a_bad_entry_is_named_with_its_place() {
        let input = json!({"arrival_rate": 1, "service_rates": [3, 0], "servers": [1, 1]});
        assert_eq!(
            run("tandem", &input).expect_err("refused").message,
            "`service_rates[1]`: service rate of 0 is not finite and above 0"
        );
    }
}
