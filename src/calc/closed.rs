use serde::{Deserialize, Serialize};

use crate::network::{ClosedMethod, ClosedNetwork, ClosedSolution, StationKind, mixed_multiclass, open_multiclass};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed_with_gaps};
use super::error::listed;
use super::networks::ServerCount;

const METHOD: Input = Input::optional(
    "method",
    InputKind::Choice(&["exact", "schweitzer", "linearizer"]),
    "exact, schweitzer or linearizer (default exact)",
);
const SERVERS: Input = Input::optional(
    "servers",
    InputKind::ServerCounts,
    "servers of each station, or inf for a delay station (default 1 each)",
);
const POPULATIONS: Input = Input::required("populations", InputKind::Counts, "jobs of each class");
const THINK_TIMES: Input = Input::optional(
    "think_times",
    InputKind::Numbers,
    "seconds from an answer to the next request, of each class (default 0)",
);

pub(super) const OPEN_MULTICLASS: Calculator = Calculator {
    name: "open_multiclass",
    summary: "open network of several classes (BCMP): times and numbers of every class at every station",
    inputs: &[
        Input::required("arrival_rates", InputKind::Numbers, "arrivals per second of each class"),
        Input::required("service_times", InputKind::Matrix, "seconds of one visit, [class][station]"),
        Input::required("visit_ratios", InputKind::Matrix, "visits of one request, [class][station]"),
        SERVERS,
    ],
    formula: &[
        "D_rk = V_rk·S_rk,  V = {visit_ratios},  S = {service_times}",
        "a_rk = λ_r·D_rk,  a_k = Σ_r a_rk,  λ = {arrival_rates}",
        "L_k = a_k + C(c_k, a_k)·a_k/(c_k − a_k),  L_rk = L_k·a_rk/a_k = {mean_in_system}",
        "V·W_rk = L_rk/λ_r = {residence_times},  R_r = Σ_k = {response_times}",
        "R = Σ L_rk/Σ λ_r = {response_time}",
    ],
    reference: "Baskett, Chandy, Muntz and Palacios 1975; Bolch et al. 2006, ch. 8",
    answer: |input| typed_with_gaps(&["utilization"], input, open),
};

pub(super) const CLOSED: Calculator = Calculator {
    name: "closed",
    summary: "closed network of one class: a fixed number of jobs at several stations",
    inputs: &[
        Input::required("population", InputKind::Count, "jobs in the network"),
        Input::optional("think_time", InputKind::Number, "seconds from an answer to the next request (default 0)"),
        Input::required("service_demands", InputKind::Numbers, "visits times service time of each station, in seconds"),
        SERVERS,
        METHOD,
    ],
    formula: &[
        "N = {population},  Z = {think_time|0},  D = {service_demands},  c = {servers|1}",
        "X = N/(Z + R) = {throughput}  ({method})",
        "L_k = {mean_in_system},  V·W_k = L_k/X = {residence_times}",
        "R = Σ V·W_k = {response_time}",
        "U_k = X·D_k/c_k = {utilization}",
    ],
    reference: "exact: Reiser and Lavenberg 1980, Buzen 1973; schweitzer: Schweitzer 1979; linearizer: Chandy and Neuse 1982; all in Bolch et al. 2006, ch. 8 and 9",
    answer: |input| typed_with_gaps(&["utilization"], input, closed),
};

pub(super) const CLOSED_MULTICLASS: Calculator = Calculator {
    name: "closed_multiclass",
    summary: "closed network of several classes, each with its own population",
    inputs: &[
        POPULATIONS,
        THINK_TIMES,
        Input::required("service_demands", InputKind::Matrix, "visits times service time in seconds, [class][station]"),
        SERVERS,
        METHOD,
    ],
    formula: &[
        "N = {populations},  Z = {think_times|0},  D = {service_demands},  c = {servers|1}",
        "X_r = N_r/(Z_r + R_r) = {throughput}  ({method})",
        "L_rk = {mean_in_system},  R_r = Σ_k L_rk/X_r = {response_times}",
        "U_rk = X_r·D_rk/c_k = {utilization}",
    ],
    reference: "exact: Reiser and Lavenberg 1980; schweitzer: Schweitzer 1979; linearizer: Chandy and Neuse 1982; all in Bolch et al. 2006, ch. 8 and 9",
    answer: |input| typed_with_gaps(&["utilization"], input, closed_multiclass),
};

pub(super) const MIXED_MULTICLASS: Calculator = Calculator {
    name: "mixed_multiclass",
    summary: "open and closed classes together at single servers",
    inputs: &[
        Input::required("open_arrival_rates", InputKind::Numbers, "arrivals per second of each open class"),
        Input::required("open_service_demands", InputKind::Matrix, "their demands in seconds, [class][station]"),
        POPULATIONS,
        THINK_TIMES,
        Input::required(
            "closed_service_demands",
            InputKind::Matrix,
            "demands of the closed classes in seconds, [class][station]",
        ),
        Input::optional(
            "servers",
            InputKind::ServerCounts,
            "1, or inf for a delay station, for each station (default 1 each)",
        ),
        METHOD,
    ],
    formula: &[
        "U_k = Σ λ_r·D_rk = {open_utilization},  λ = {open_arrival_rates},  D = {open_service_demands}",
        "closed classes with D' = D/(1 − U):  N = {populations},  Z = {think_times|0},  D = {closed_service_demands}",
        "X = {closed_throughput},  L^closed = {closed_mean_in_system}",
        "open: V·W_rk = D_rk·(1 + L_k^closed)/(1 − U_k) = {open_residence_times}",
        "R = {open_response_times} (open), {closed_response_times} (closed)",
    ],
    reference: "Lazowska et al. 1984, §7.4; Bolch et al. 2006, ch. 8",
    answer: |input| typed_with_gaps(&["open_utilization", "closed_utilization"], input, mixed),
};

#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "snake_case")]
enum Method {
    #[default]
    Exact,
    Schweitzer,
    Linearizer,
}

impl Method {
    const fn method(self) -> ClosedMethod {
        match self {
            Self::Exact => ClosedMethod::Exact,
            Self::Schweitzer => ClosedMethod::Schweitzer,
            Self::Linearizer => ClosedMethod::Linearizer,
        }
    }
}

fn kinds(servers: Option<&[ServerCount]>, stations: usize) -> Result<Vec<StationKind>, CalcError> {
    match servers {
        None => Ok(vec![StationKind::SINGLE; stations]),
        Some(servers) if servers.len() == stations => listed("servers", servers, ServerCount::kind),
        Some(servers) => {
            Err(CalcError::invalid(format!("`servers` has {} entries for {stations} stations", servers.len())))
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenInput {
    arrival_rates: Vec<f64>,
    service_times: Vec<Vec<f64>>,
    visit_ratios: Vec<Vec<f64>>,
    servers: Option<Vec<ServerCount>>,
}

#[derive(Serialize)]
struct OpenAnswer {
    response_times: Vec<f64>,
    residence_times: Vec<Vec<f64>>,
    mean_in_system: Vec<Vec<f64>>,
    /// `null` for a delay station.
    utilization: Vec<Vec<Option<f64>>>,
    response_time: f64,
    method: &'static str,
    exact: bool,
}

fn open(input: &OpenInput) -> Result<OpenAnswer, CalcError> {
    let lengths = |table: &[Vec<f64>]| table.iter().map(Vec::len).collect::<Vec<_>>();
    let (times, visits) = (lengths(&input.service_times), lengths(&input.visit_ratios));
    if times != visits {
        return Err(CalcError::invalid(format!(
            "`visit_ratios` has rows of {visits:?} entries, `service_times` of {times:?}; they must agree"
        )));
    }
    for (class, row) in input.visit_ratios.iter().enumerate() {
        if let Some(visits) = row.iter().find(|visits| **visits < 0.0) {
            return Err(CalcError::invalid(format!("`visit_ratios[{class}]` holds {visits}; it must be at least 0")));
        }
    }
    let demands: Vec<Vec<f64>> = input
        .service_times
        .iter()
        .zip(&input.visit_ratios)
        .map(|(times, visits)| times.iter().zip(visits).map(|(time, visits)| time * visits).collect())
        .collect();
    let kinds = kinds(input.servers.as_deref(), demands.first().map_or(0, Vec::len))?;
    let solution = open_multiclass(&input.arrival_rates, &demands, &kinds)?;
    Ok(OpenAnswer {
        response_times: solution.response_times,
        residence_times: solution.residence_times,
        mean_in_system: solution.mean_in_system,
        utilization: solution.utilization,
        response_time: solution.response_time,
        method: "exact: open BCMP network, product form",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClosedInput {
    population: u64,
    #[serde(default)]
    think_time: f64,
    service_demands: Vec<f64>,
    servers: Option<Vec<ServerCount>>,
    #[serde(default)]
    method: Method,
}

#[derive(Serialize)]
struct ClosedAnswer {
    throughput: f64,
    response_time: f64,
    residence_times: Vec<f64>,
    mean_in_system: Vec<f64>,
    /// `null` for a delay station.
    utilization: Vec<Option<f64>>,
    iterations: u32,
    method: &'static str,
    exact: bool,
}

fn closed(input: &ClosedInput) -> Result<ClosedAnswer, CalcError> {
    let kinds = kinds(input.servers.as_deref(), input.service_demands.len())?;
    let demands = vec![input.service_demands.clone()];
    let network = ClosedNetwork::new(vec![input.population], vec![input.think_time], demands, kinds)?;
    let solution = network.solve(input.method.method())?;
    let algorithm = solution.algorithm;
    Ok(ClosedAnswer {
        throughput: solution.throughput.iter().sum(),
        response_time: solution.response_times.iter().sum(),
        residence_times: solution.residence_times.concat(),
        mean_in_system: solution.mean_in_system.concat(),
        utilization: solution.utilization.concat(),
        iterations: solution.iterations,
        method: algorithm.name(),
        exact: algorithm.is_exact(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClosedMulticlassInput {
    populations: Vec<u64>,
    think_times: Option<Vec<f64>>,
    service_demands: Vec<Vec<f64>>,
    servers: Option<Vec<ServerCount>>,
    #[serde(default)]
    method: Method,
}

#[derive(Serialize)]
struct ClosedMulticlassAnswer {
    throughput: Vec<f64>,
    response_times: Vec<f64>,
    residence_times: Vec<Vec<f64>>,
    mean_in_system: Vec<Vec<f64>>,
    /// `null` for a delay station.
    utilization: Vec<Vec<Option<f64>>>,
    iterations: u32,
    method: &'static str,
    exact: bool,
}

impl ClosedMulticlassAnswer {
    fn new(solution: ClosedSolution) -> Self {
        Self {
            throughput: solution.throughput,
            response_times: solution.response_times,
            residence_times: solution.residence_times,
            mean_in_system: solution.mean_in_system,
            utilization: solution.utilization,
            iterations: solution.iterations,
            method: solution.algorithm.name(),
            exact: solution.algorithm.is_exact(),
        }
    }
}

fn closed_multiclass(input: &ClosedMulticlassInput) -> Result<ClosedMulticlassAnswer, CalcError> {
    let kinds = kinds(input.servers.as_deref(), input.service_demands.first().map_or(0, Vec::len))?;
    let think_times = input.think_times.clone().unwrap_or_else(|| vec![0.0; input.populations.len()]);
    let network = ClosedNetwork::new(input.populations.clone(), think_times, input.service_demands.clone(), kinds)?;
    Ok(ClosedMulticlassAnswer::new(network.solve(input.method.method())?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MixedInput {
    open_arrival_rates: Vec<f64>,
    open_service_demands: Vec<Vec<f64>>,
    populations: Vec<u64>,
    think_times: Option<Vec<f64>>,
    closed_service_demands: Vec<Vec<f64>>,
    servers: Option<Vec<ServerCount>>,
    #[serde(default)]
    method: Method,
}

#[derive(Serialize)]
struct MixedAnswer {
    open_residence_times: Vec<Vec<f64>>,
    open_response_times: Vec<f64>,
    open_mean_in_system: Vec<Vec<f64>>,
    /// `null` for a delay station.
    open_utilization: Vec<Option<f64>>,
    closed_throughput: Vec<f64>,
    closed_residence_times: Vec<Vec<f64>>,
    closed_mean_in_system: Vec<Vec<f64>>,
    closed_response_times: Vec<f64>,
    /// `null` for a delay station.
    closed_utilization: Vec<Vec<Option<f64>>>,
    method: &'static str,
    exact: bool,
}

fn mixed(input: &MixedInput) -> Result<MixedAnswer, CalcError> {
    let kinds = kinds(input.servers.as_deref(), input.open_service_demands.first().map_or(0, Vec::len))?;
    let think_times = input.think_times.clone().unwrap_or_else(|| vec![0.0; input.populations.len()]);
    let solution = mixed_multiclass(
        &input.open_arrival_rates,
        &input.open_service_demands,
        input.populations.clone(),
        think_times,
        &input.closed_service_demands,
        &kinds,
        input.method.method(),
    )?;
    let algorithm = solution.closed.algorithm;
    Ok(MixedAnswer {
        open_residence_times: solution.open_residence_times,
        open_response_times: solution.open_response_times,
        open_mean_in_system: solution.open_mean_in_system,
        open_utilization: summed(&solution.open_utilization),
        closed_throughput: solution.closed.throughput,
        closed_residence_times: solution.closed.residence_times,
        closed_mean_in_system: solution.closed.mean_in_system,
        closed_response_times: solution.closed.response_times,
        closed_utilization: solution.closed.utilization,
        method: algorithm.name(),
        exact: algorithm.is_exact(),
    })
}

/// The sum of the classes at each station; `None` for a delay station.
fn summed(rows: &[Vec<Option<f64>>]) -> Vec<Option<f64>> {
    let stations = rows.first().map_or(0, Vec::len);
    (0..stations).map(|station| rows.iter().map(|row| row[station]).sum()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::calc::{ErrorKind, run};

    #[test]
    fn servers_may_be_left_out() {
        let answer = run("closed", &json!({"population": 3, "service_demands": [1, 1]})).expect("an answer");
        assert_eq!(answer["throughput"], 0.75);
        assert_eq!(answer["method"], "exact: mean value analysis");
    }

    #[test]
    fn lists_of_different_lengths_are_refused() {
        let input = json!({"population": 3, "service_demands": [1, 1], "servers": [1]});
        assert_eq!(run("closed", &input).expect_err("refused").message, "`servers` has 1 entries for 2 stations");
        let input = json!({"arrival_rates": [1], "service_times": [[1, 2]], "visit_ratios": [[1]]});
        assert_eq!(
            run("open_multiclass", &input).expect_err("refused").message,
            "`visit_ratios` has rows of [1] entries, `service_times` of [2]; they must agree"
        );
    }

    #[test]
    fn a_lattice_too_large_is_out_of_range_and_says_the_way_out() {
        let input = json!({"populations": [3000, 3000, 3000], "service_demands": [[1], [1], [1]]});
        let error = run("closed_multiclass", &input).expect_err("refused");
        assert_eq!(error.kind, ErrorKind::OutOfRange);
        assert_eq!(
            error.message,
            "81081027003 steps of the exact method; the limit is 5000000000: use `schweitzer` or `linearizer`, or fewer \
             jobs"
        );
    }
}
