use capplan_queueing::network::{Branch, Jackson, JacksonStation, NetworkError, PathLaw, ResponseLaw, StationKind};
use capplan_queueing::queues::Mmc;
use capplan_queueing::units::{ArrivalRate, Seconds, Servers, ServiceRate};

use crate::CalcError;
use crate::answer::{Answer, Figure, Method};
use crate::declare::{Calculator, Inputs, inputs};

use crate::read::ServerCount;
use crate::stations::Quantiles;

inputs! {
    struct JacksonInput {
        /// arrivals per second from outside at each station, at least 0
        external_arrival_rates: Vec<f64>,
        /// share of the jobs leaving station i that go to station j; the rest leaves the network
        routing: Vec<Vec<f64>>,
        /// completions per second of one busy server of each station, above 0
        service_rates: Vec<ServiceRate>,
        /// servers of each station, at least 1, or inf for a delay station without a queue
        servers: Vec<ServerCount>,
        /// probabilities of the quantiles of the response time, each below 1 (default none); delay stations are
        /// exponential
        quantiles: Option<Quantiles>,
    }
}

pub(crate) const JACKSON: Calculator = Calculator {
    name: "jackson",
    summary: "open Jackson network: flows, queues and times of every station and of the whole",
    inputs: JacksonInput::INPUTS,
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
    answer: |question| question.answer(jackson),
};

inputs! {
    struct TandemInput {
        arrival_rate: ArrivalRate,
        /// completions per second of one busy server of each station, above 0
        service_rates: Vec<ServiceRate>,
        /// servers of each station, at least 1
        servers: Vec<Servers>,
        /// time added to every response, in seconds, at least 0
        fixed_delay: Seconds = 0,
        quantiles: Quantiles,
    }
}

pub(crate) const TANDEM: Calculator = Calculator {
    name: "tandem",
    summary: "M/M/c stations one after the other: mean, variance and quantiles of the response time",
    inputs: TandemInput::INPUTS,
    formula: &[
        "each station M/M/c:  λ = {arrival_rate},  μ = {service_rates},  c = {servers}",
        "W_i = C_i/(c_i·μ_i − λ) + 1/μ_i,  d = {fixed_delay}",
        "E[T] = d + Σ W_i = {response_time}",
        "Var[T] = Σ Var[W_i] = {response_time_variance}",
        "E[e^(−sT)] = e^(−sd)·Π E[e^(−s·W_i)], inverted numerically",
        "quantiles of T: {response_time_quantiles}",
    ],
    reference: "Burke 1969; Bolch et al. 2006, ch. 6; Abate and Whitt 1995",
    answer: |question| question.answer(tandem),
};

fn jackson(input: &JacksonInput) -> Result<Answer, CalcError> {
    let external = &input.external_arrival_rates;
    if external.is_empty() {
        return Err(CalcError::invalid("`external_arrival_rates` is empty; a network needs at least one station"));
    }
    let kinds: Vec<StationKind> = input.servers.iter().map(|servers| servers.0.clone()).collect();
    let network = Jackson::solve(external, &input.routing, &input.service_rates, &kinds)?;
    let (quantiles, method) = match &input.quantiles {
        None => (None, Method::Exact("exact: open Jackson network, product form")),
        Some(asked) => {
            let (law, is_exact) = network.response_law(external, &input.routing, &kinds)?;
            let method = if is_exact {
                Method::Exact(
                    "exact: open Jackson network, product form; quantiles of independent visits without overtaking, \
                     transform inverted numerically",
                )
            } else {
                Method::Approximate(
                    "exact: open Jackson network, product form; approximate: quantiles of visits taken as independent \
                     although jobs overtake (within 2 % of simulation) or return (p50 up to 24 % too long and p99 31 % too \
                     short where half of the jobs return to a queue, 39 and 59 % where nine of ten do)",
                )
            };
            (Some(asked.figure(|p| law.quantile(p))?), method)
        }
    };
    let stations = network.stations();
    let each = |figure: fn(&JacksonStation) -> f64| stations.iter().map(figure).collect::<Vec<_>>();
    let system =
        [("throughput", network.throughput()), ("l", network.mean_in_system()), ("w", network.response_time())];
    Ok(Answer::by(method)
        .with("arrival_rates", each(|station| station.arrival_rate))
        .with("visit_ratios", each(|station| station.visit_ratio))
        // None for a delay station.
        .with("utilization", stations.iter().map(JacksonStation::utilization).collect::<Vec<_>>())
        .with("wait_probability", each(JacksonStation::wait_probability))
        .with("mean_in_queue", each(JacksonStation::mean_in_queue))
        .with("mean_in_system", each(JacksonStation::mean_in_system))
        .with("waiting_time", each(JacksonStation::waiting_time))
        .with("sojourn_time", each(JacksonStation::sojourn_time))
        .with("residence_time", each(JacksonStation::residence_time))
        .with("system", Figure::named(system))
        // None where every station is a delay.
        .with("bottleneck", network.bottleneck())
        .with_some("response_time_quantiles", quantiles))
}

fn tandem(input: &TandemInput) -> Result<Answer, CalcError> {
    let (rates, servers) = (&input.service_rates, &input.servers);
    let count = rates.len();
    if count == 0 {
        return Err(CalcError::invalid("`service_rates` is empty; a path needs at least one station"));
    }
    if servers.len() != count {
        return Err(CalcError::invalid(format!("`servers` has {} entries for {count} `service_rates`", servers.len())));
    }
    let station = |(station, (&rate, &servers))| {
        let queue = Mmc::new(input.arrival_rate, rate, servers);
        queue.map(|queue| queue.sojourn_law()).map_err(|source| NetworkError::Station { station, source })
    };
    let laws = rates.iter().zip(servers).enumerate().map(station).collect::<Result<Vec<_>, _>>()?;
    let branch = Branch { probability: 1.0, fixed_time: input.fixed_delay.get(), visits: vec![1; count] };
    let path = PathLaw::new(vec![branch], laws)?;
    // Where nobody overtakes, the times at the stations are independent: only the ends may have several servers.
    let inner = servers.get(1..count - 1).unwrap_or_default();
    let method = if inner.iter().all(|&servers| servers == Servers::ONE) {
        Method::Exact("exact: independent sojourn times without overtaking, transform inverted numerically")
    } else {
        Method::Approximate(
            "approximate: sojourn times taken as independent although jobs overtake inside; the mean is exact",
        )
    };
    Answer::by(method).with("response_time", path.mean()).with("response_time_variance", path.variance()).quantiles(
        "response_time_quantiles",
        &input.quantiles,
        |p| path.quantile(p),
    )
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
