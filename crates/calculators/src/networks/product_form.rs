use capplan_queueing::network::{
    ClosedAlgorithm, ClosedMethod, ClosedNetwork, StationKind, mixed_multiclass, open_multiclass,
};

use crate::CalcError;
use crate::answer::{Answer, Method};
use crate::declare::{Calculator, Inputs, choices, inputs};
use crate::read::ServerCount;

inputs! {
    struct OpenInput {
        /// arrivals per second of each class
        arrival_rates: Vec<f64>,
        /// seconds of one visit, [class][station]
        service_times: Vec<Vec<f64>>,
        /// visits of one request, [class][station]
        visit_ratios: Vec<Vec<f64>>,
        /// servers of each station, or inf for a delay station (default 1 each)
        servers: Option<Vec<ServerCount>>,
    }
}

pub(crate) const OPEN_MULTICLASS: Calculator = Calculator {
    name: "open_multiclass",
    summary: "open network of several classes (BCMP): times and numbers of every class at every station",
    inputs: OpenInput::INPUTS,
    formula: &[
        "D_rk = V_rk·S_rk,  V = {visit_ratios},  S = {service_times}",
        "a_rk = λ_r·D_rk,  a_k = Σ_r a_rk,  λ = {arrival_rates}",
        "L_k = a_k + C(c_k, a_k)·a_k/(c_k − a_k),  L_rk = L_k·a_rk/a_k = {mean_in_system}",
        "V·W_rk = L_rk/λ_r = {residence_times},  R_r = Σ_k = {response_times}",
        "R = Σ L_rk/Σ λ_r = {response_time}",
    ],
    reference: "Baskett, Chandy, Muntz and Palacios 1975; Bolch et al. 2006, ch. 8",
    answer: |question| question.answer(open),
};

inputs! {
    struct ClosedInput {
        /// jobs in the network
        population: u64,
        /// seconds from an answer to the next request
        think_time: f64 = 0,
        /// visits times service time of each station, in seconds
        service_demands: Vec<f64>,
        /// servers of each station, or inf for a delay station (default 1 each)
        servers: Option<Vec<ServerCount>>,
        /// exact, schweitzer or linearizer; the last two take several servers by Seidmann's transformation
        method: ClosedMethod = "exact",
    }
}

pub(crate) const CLOSED: Calculator = Calculator {
    name: "closed",
    summary: "closed network of one class: a fixed number of jobs at several stations",
    inputs: ClosedInput::INPUTS,
    formula: &[
        "N = {population},  Z = {think_time},  D = {service_demands},  c = {servers|1}",
        "X = N/(Z + R) = {throughput}  ({method})",
        "L_k = {mean_in_system},  V·W_k = L_k/X = {residence_times}",
        "R = Σ V·W_k = {response_time}",
        "U_k = X·D_k/c_k = {utilization}",
    ],
    reference: "exact: Reiser and Lavenberg 1980, Buzen 1973; schweitzer: Schweitzer 1979; linearizer: Chandy and Neuse 1982; all in Bolch et al. 2006, ch. 8 and 9",
    answer: |question| question.answer(closed),
};

inputs! {
    struct ClosedMulticlassInput {
        /// jobs of each class
        populations: Vec<u64>,
        /// seconds from an answer to the next request, of each class (default 0)
        think_times: Option<Vec<f64>>,
        /// visits times service time in seconds, [class][station]
        service_demands: Vec<Vec<f64>>,
        /// servers of each station, or inf for a delay station (default 1 each)
        servers: Option<Vec<ServerCount>>,
        /// exact, schweitzer or linearizer; the last two take several servers by Seidmann's transformation
        method: ClosedMethod = "exact",
    }
}

pub(crate) const CLOSED_MULTICLASS: Calculator = Calculator {
    name: "closed_multiclass",
    summary: "closed network of several classes, each with its own population",
    inputs: ClosedMulticlassInput::INPUTS,
    formula: &[
        "N = {populations},  Z = {think_times|0},  D = {service_demands},  c = {servers|1}",
        "X_r = N_r/(Z_r + R_r) = {throughput}  ({method})",
        "L_rk = {mean_in_system},  R_r = Σ_k L_rk/X_r = {response_times}",
        "U_rk = X_r·D_rk/c_k = {utilization}",
    ],
    reference: "exact: Reiser and Lavenberg 1980; schweitzer: Schweitzer 1979; linearizer: Chandy and Neuse 1982; all in Bolch et al. 2006, ch. 8 and 9",
    answer: |question| question.answer(closed_multiclass),
};

inputs! {
    struct MixedInput {
        /// arrivals per second of each open class
        open_arrival_rates: Vec<f64>,
        /// their demands in seconds, [class][station]
        open_service_demands: Vec<Vec<f64>>,
        /// jobs of each class
        populations: Vec<u64>,
        /// seconds from an answer to the next request, of each class (default 0)
        think_times: Option<Vec<f64>>,
        /// demands of the closed classes in seconds, [class][station]
        closed_service_demands: Vec<Vec<f64>>,
        /// servers of each station, or inf for a delay station (default 1 each)
        servers: Option<Vec<ServerCount>>,
        /// exact, schweitzer or linearizer; the last two take several servers by Seidmann's transformation
        method: ClosedMethod = "exact",
    }
}

pub(crate) const MIXED_MULTICLASS: Calculator = Calculator {
    name: "mixed_multiclass",
    summary: "open and closed classes together, at stations of any number of servers",
    inputs: MixedInput::INPUTS,
    formula: &[
        "ρ_k = Σ λ_r·D_rk,  U_k = ρ_k/c_k = {open_utilization},  λ = {open_arrival_rates},  D = {open_service_demands}",
        "F_k(n) = Σ_m C(n+m, m)·ρ_k^m/(product of min(i, c_k) up to i = n+m),  β_k(n) = F_k(n−1)/F_k(n),  c = {servers|1};  1 − ρ_k for c_k = 1",
        "closed classes with the speeds β:  N = {populations},  Z = {think_times|0},  D = {closed_service_demands}",
        "X = {closed_throughput},  L^closed = {closed_mean_in_system}  ({method})",
        "open: V·W_rk = D_rk·E[(n + 1)/β_k(n + 1)] over the n closed jobs at k = {open_residence_times}",
        "R = {open_response_times} (open), {closed_response_times} (closed)",
    ],
    reference: "Baskett, Chandy, Muntz and Palacios 1975; Lazowska et al. 1984, §7.4; Bolch et al. 2006, ch. 8",
    answer: |question| question.answer(mixed),
};

choices! {
    ClosedMethod {
        "exact" => Self::Exact,
        "schweitzer" => Self::Schweitzer,
        "linearizer" => Self::Linearizer,
    }
}

const fn method(algorithm: ClosedAlgorithm) -> Method {
    if algorithm.is_exact() { Method::Exact(algorithm.name()) } else { Method::Approximate(algorithm.name()) }
}

fn kinds(servers: Option<&[ServerCount]>, stations: usize) -> Result<Vec<StationKind>, CalcError> {
    match servers {
        None => Ok(vec![StationKind::SINGLE; stations]),
        Some(servers) if servers.len() == stations => Ok(servers.iter().map(|servers| servers.0.clone()).collect()),
        Some(servers) => {
            Err(CalcError::invalid(format!("`servers` has {} entries for {stations} stations", servers.len())))
        }
    }
}

/// Refuses a list that is not as long as another.
fn same_length(name: &str, length: usize, what: &str, other: &str, expected: usize) -> Result<(), CalcError> {
    if length == expected {
        return Ok(());
    }
    Err(CalcError::invalid(format!("`{name}` has {length} {what}, `{other}` has {expected}; they must agree")))
}

/// Refuses a table whose rows are not one for each entry of `other`, or differ in length from `stations`.
fn table(name: &str, rows: &[Vec<f64>], other: &str, classes: usize, stations: usize) -> Result<(), CalcError> {
    same_length(name, rows.len(), "rows", other, classes)?;
    match rows.iter().position(|row| row.len() != stations) {
        None => Ok(()),
        Some(class) => Err(CalcError::invalid(format!(
            "`{name}[{class}]` has {} entries for {stations} stations; every row needs one for each station",
            rows[class].len()
        ))),
    }
}

/// Think times of `classes` classes, 0 unless given.
fn think_times(given: Option<&[f64]>, classes: usize) -> Result<Vec<f64>, CalcError> {
    let Some(given) = given else { return Ok(vec![0.0; classes]) };
    same_length("think_times", given.len(), "entries", "populations", classes)?;
    Ok(given.to_vec())
}

fn open(input: &OpenInput) -> Result<Answer, CalcError> {
    let lengths = |table: &[Vec<f64>]| table.iter().map(Vec::len).collect::<Vec<_>>();
    let (times, visits) = (lengths(&input.service_times), lengths(&input.visit_ratios));
    if times != visits {
        return Err(CalcError::invalid(format!(
            "`visit_ratios` has rows of {visits:?} entries, `service_times` of {times:?}; they must agree"
        )));
    }
    let stations = input.service_times.first().map_or(0, Vec::len);
    table("service_times", &input.service_times, "arrival_rates", input.arrival_rates.len(), stations)?;
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
    let kinds = kinds(input.servers.as_deref(), stations)?;
    let solution = open_multiclass(&input.arrival_rates, &demands, &kinds)?;
    Ok(Answer::exact("exact: open BCMP network, product form")
        .with("response_times", solution.response_times)
        .with("residence_times", solution.residence_times)
        .with("mean_in_system", solution.mean_in_system)
        .with("utilization", solution.utilization)
        .with("response_time", solution.response_time))
}

fn closed(input: &ClosedInput) -> Result<Answer, CalcError> {
    let kinds = kinds(input.servers.as_deref(), input.service_demands.len())?;
    let demands = vec![input.service_demands.clone()];
    let network = ClosedNetwork::new(vec![input.population], vec![input.think_time], demands, kinds)?;
    let solution = network.solve(input.method)?;
    Ok(Answer::by(method(solution.algorithm))
        .with("throughput", solution.throughput.iter().sum::<f64>())
        .with("response_time", solution.response_times.iter().sum::<f64>())
        .with("residence_times", solution.residence_times.concat())
        .with("mean_in_system", solution.mean_in_system.concat())
        // None for a delay station.
        .with("utilization", solution.utilization.concat())
        .with("iterations", solution.iterations))
}

fn closed_multiclass(input: &ClosedMulticlassInput) -> Result<Answer, CalcError> {
    let (classes, stations) = (input.populations.len(), input.service_demands.first().map_or(0, Vec::len));
    table("service_demands", &input.service_demands, "populations", classes, stations)?;
    let kinds = kinds(input.servers.as_deref(), stations)?;
    let think_times = think_times(input.think_times.as_deref(), classes)?;
    let network = ClosedNetwork::new(input.populations.clone(), think_times, input.service_demands.clone(), kinds)?;
    let solution = network.solve(input.method)?;
    Ok(Answer::by(method(solution.algorithm))
        .with("throughput", solution.throughput)
        .with("response_times", solution.response_times)
        .with("residence_times", solution.residence_times)
        .with("mean_in_system", solution.mean_in_system)
        .with("utilization", solution.utilization)
        .with("iterations", solution.iterations))
}

fn mixed(input: &MixedInput) -> Result<Answer, CalcError> {
    let (open, classes) = (input.open_arrival_rates.len(), input.populations.len());
    let stations = input.open_service_demands.first().map_or(0, Vec::len);
    table("open_service_demands", &input.open_service_demands, "open_arrival_rates", open, stations)?;
    table("closed_service_demands", &input.closed_service_demands, "populations", classes, stations)?;
    let kinds = kinds(input.servers.as_deref(), stations)?;
    let think_times = think_times(input.think_times.as_deref(), classes)?;
    let solution = mixed_multiclass(
        &input.open_arrival_rates,
        &input.open_service_demands,
        input.populations.clone(),
        think_times,
        &input.closed_service_demands,
        &kinds,
        input.method,
    )?;
    Ok(Answer::by(method(solution.closed.algorithm))
        .with("open_residence_times", solution.open_residence_times)
        .with("open_response_times", solution.open_response_times)
        .with("open_mean_in_system", solution.open_mean_in_system)
        .with("open_utilization", summed(&solution.open_utilization))
        .with("closed_throughput", solution.closed.throughput)
        .with("closed_residence_times", solution.closed.residence_times)
        .with("closed_mean_in_system", solution.closed.mean_in_system)
        .with("closed_response_times", solution.closed.response_times)
        .with("closed_utilization", solution.closed.utilization))
}

/// The sum of the classes at each station; `None` for a delay station.
fn summed(rows: &[Vec<Option<f64>>]) -> Vec<Option<f64>> {
    let stations = rows.first().map_or(0, Vec::len);
    (0..stations).map(|station| rows.iter().map(|row| row[station]).sum()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{ErrorKind, run};

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
        let refused = |name: &str, input| run(name, &input).expect_err("refused").message;
        assert_eq!(
            refused("open_multiclass", json!({"arrival_rates": [1, 1], "service_times": [[1]], "visit_ratios": [[1]]})),
            "`service_times` has 1 rows, `arrival_rates` has 2; they must agree"
        );
        assert_eq!(
            refused("closed_multiclass", json!({"populations": [1, 2], "service_demands": [[1], [1], [1]]})),
            "`service_demands` has 3 rows, `populations` has 2; they must agree"
        );
        assert_eq!(
            refused("closed_multiclass", json!({"populations": [1, 2], "service_demands": [[1, 1], [1]]})),
            "`service_demands[1]` has 1 entries for 2 stations; every row needs one for each station"
        );
        assert_eq!(
            refused("closed_multiclass", json!({"populations": [1], "service_demands": [[1]], "think_times": [1, 2]})),
            "`think_times` has 2 entries, `populations` has 1; they must agree"
        );
        let mut mixed = json!({"open_arrival_rates": [0.5], "open_service_demands": [[1, 1]], "populations": [2],
                               "closed_service_demands": [[1]]});
        assert_eq!(
            refused("mixed_multiclass", mixed.clone()),
            "`closed_service_demands[0]` has 1 entries for 2 stations; every row needs one for each station"
        );
        mixed["closed_service_demands"] = json!([[1, 1], [1, 1]]);
        assert_eq!(
            refused("mixed_multiclass", mixed),
            "`closed_service_demands` has 2 rows, `populations` has 1; they must agree"
        );
    }

    #[test]
    fn open_and_closed_classes_share_several_servers() {
        let mut input = json!({"open_arrival_rates": [3], "open_service_demands": [[1, 0.1]], "populations": [10],
                               "think_times": [2], "closed_service_demands": [[1, 0.05]], "servers": [8, 1]});
        let answer = run("mixed_multiclass", &input).expect("an answer");
        assert_eq!((&answer["method"], &answer["exact"]), (&json!("exact: convolution"), &json!(true)));
        assert_eq!(answer["open_utilization"][0], json!(0.375));
        input["method"] = json!("linearizer");
        let near = run("mixed_multiclass", &input).expect("an answer");
        assert_eq!(near["exact"], json!(false));
        assert_eq!(near["method"], "approximate: linearizer of Chandy and Neuse, several servers by Seidmann");
        input["open_arrival_rates"] = json!([9]);
        assert_eq!(
            run("mixed_multiclass", &input).expect_err("full").message,
            "station 0: offered load of 9 is too much for a speed of 8; lower the arrival rates, or give it more servers"
        );
    }

    #[test]
    fn a_million_jobs_at_many_servers_are_solved() {
        let input = json!({"population": 1_000_000, "service_demands": [0.5, 0.01], "servers": [1000, 4]});
        let answer = run("closed", &input).expect("an answer");
        let throughput = answer["throughput"].as_f64().expect("a number");
        assert!((throughput / 400.0 - 1.0).abs() < 1e-12, "{throughput}");
        assert_eq!(answer["exact"], json!(true));
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
