use serde::{Deserialize, Serialize};
use serde_json::Value;

use capplan_queueing::queues::{Exactness, Fleet, PowerOfChoices, RoutingPolicy, Split, balanced, split_unequal};
use capplan_queueing::units::{ArrivalRate, Probability, Servers, ServiceRate};

use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::{listed, named};
use super::{CalcError, check};

pub(super) const LOAD_BALANCER: Calculator = Calculator {
    name: "load_balancer",
    summary: "times of a visit to equal instances behind a load balancer, by how it chooses one",
    inputs: &[
        Input::required(
            "policy",
            InputKind::Choice(&[
                "central_queue",
                "random",
                "round_robin",
                "least_outstanding_requests",
                "join_shortest_queue",
                "power_of_choices",
            ]),
            "which instance gets a request; the shortest queue is that with the fewest requests inside",
        ),
        Input::required("servers", InputKind::Count, "instances, at least 1"),
        Input::optional("workers_per_server", InputKind::Count, "workers of an instance, at least 1 (default 1)"),
        Input::optional("arrival_rate", InputKind::Number, "requests per second to all instances, at least 0"),
        Input::optional("service_rate", InputKind::Number, "requests per second of a busy worker, above 0"),
        Input::optional(
            "utilization",
            InputKind::Number,
            "busy share of each worker, below 1, instead of the rates; times then are in service times",
        ),
        Input::optional("choices", InputKind::Count, "instances that power_of_choices looks at (default 2)"),
        Input::optional("service", InputKind::Choice(&["exponential"]), "law of the service (default exponential)"),
    ],
    formula: &[
        "n = {servers},  w = {workers_per_server|1},  ρ = λ/(n·w·μ) = {result.utilization},  {policy}",
        "central queue: M/M/(n·w);  random: n times M/M/w with λ/n",
        "round robin: σ = (λ/(λ + w·μ·(1 − σ)))^n = {sigma},  E_n/M/w",
        "shortest queue: W_q = C(n·w)·(1/(n·w·μ − λ) + k/(w·μ)),  wait of those who wait exponential of rate w·μ·(1 − ρ^n)",
        "E[T] = {mean} s,  p50 = {p50} s,  p95 = {p95} s,  p99 = {p99} s",
        "E[T]·μ = {mean_service_times},  p99·μ = {p99_service_times}",
    ],
    reference: "Bolch et al. 2006; Takács 1962; Eryilmaz & Srikant 2012; Mitzenmacher 2001; Gast 2017",
    answer: |input| typed(input, load_balancer),
};

pub(super) const POWER_OF_D: Calculator = Calculator {
    name: "power_of_d",
    summary: "times of a visit when each request goes to the emptiest of d instances at random",
    inputs: &[
        Input::required("utilization", InputKind::Number, "busy share of each instance, below 1"),
        Input::required("choices", InputKind::Count, "instances looked at, at least 1"),
        Input::optional(
            "servers",
            InputKind::FleetSize,
            "instances of one worker, at least as many as choices (default \"infinite\": the limit of many)",
        ),
    ],
    formula: &[
        "s_i = ρ^((d^i − 1)/(d − 1)),  ρ = {utilization},  d = {choices},  n = {servers|infinite}",
        "P(T > t) = Σ_j e^(−μt)·(μt)^j/j!·s_j^d,  all times longer by ρ/(2·n·(1 − ρ)) services on average",
        "E[T]·μ = {mean_service_times},  p50 {p50_service_times},  p95 {p95_service_times},  p99 {p99_service_times}",
    ],
    reference: "Vvedenskaya et al. 1996; Mitzenmacher 2001; Gast 2017",
    answer: |input| typed(input, power_of_d),
};

pub(super) const UNEQUAL_SERVERS: Calculator = Calculator {
    name: "unequal_servers",
    summary: "a random split of requests over instances of unequal speed: equal, proportional or optimal",
    inputs: &[
        Input::required("service_rates", InputKind::Numbers, "requests per second of each instance, above 0"),
        Input::required("arrival_rate", InputKind::Number, "requests per second to all, above 0"),
        Input::optional(
            "split",
            InputKind::Choice(&["equal", "proportional", "optimal"]),
            "shares: the same, by speed, or with the least mean time (default equal)",
        ),
    ],
    formula: &[
        "equal λ/n,  proportional λ·μ_i/Σμ,  optimal μ_i − √μ_i·(Σμ − λ)/Σ√μ;  λ = {arrival_rate},  {split|equal}",
        "λ_i = {per_server_rate},  every λ_i < μ_i: {stable}",
        "E[T] = Σ (λ_i/λ)/(μ_i − λ_i) = {mean} s",
        "P(T > t) = Σ (λ_i/λ)·e^(−(μ_i − λ_i)·t):  p50 = {p50} s,  p95 = {p95} s,  p99 = {p99} s",
    ],
    reference: "Bell & Stidham 1983",
    answer: |input| typed(input, unequal_servers),
};

/// The three percentiles of an answer.
struct Percentiles {
    p50: f64,
    p95: f64,
    p99: f64,
}

impl Percentiles {
    fn of(quantile: impl Fn(Probability) -> Result<f64, CalcError>) -> Result<Self, CalcError> {
        let at = |value| quantile(named("percentile", Probability::new(value))?);
        Ok(Self { p50: at(0.5)?, p95: at(0.95)?, p99: at(0.99)? })
    }
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum PolicyInput {
    CentralQueue,
    Random,
    RoundRobin,
    #[serde(alias = "join_shortest_queue")]
    LeastOutstandingRequests,
    PowerOfChoices,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LoadBalancerInput {
    policy: PolicyInput,
    servers: u64,
    workers_per_server: Option<u64>,
    arrival_rate: Option<f64>,
    service_rate: Option<f64>,
    utilization: Option<f64>,
    choices: Option<u64>,
    #[serde(rename = "service")]
    _service: Option<String>,
}

#[derive(Serialize)]
struct LoadBalancerAnswer {
    utilization: f64,
    wait_probability: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sigma: Option<f64>,
    /// Times in seconds are absent where no rate was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    mean: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p50: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p95: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p99: Option<f64>,
    mean_service_times: f64,
    p50_service_times: f64,
    p95_service_times: f64,
    p99_service_times: f64,
    method: &'static str,
    exact: bool,
}

fn load_balancer(input: &LoadBalancerInput) -> Result<LoadBalancerAnswer, CalcError> {
    let (fleet, seconds) = fleet(input)?;
    let policy = match input.policy {
        PolicyInput::CentralQueue => RoutingPolicy::SharedQueue,
        PolicyInput::Random => RoutingPolicy::Random,
        PolicyInput::RoundRobin => RoutingPolicy::RoundRobin,
        PolicyInput::LeastOutstandingRequests => RoutingPolicy::LeastOutstanding,
        PolicyInput::PowerOfChoices => RoutingPolicy::PowerOfChoices { choices: input.choices.unwrap_or(2) },
    };
    if input.choices.is_some() && !matches!(input.policy, PolicyInput::PowerOfChoices) {
        return Err(CalcError::invalid("`choices` needs `policy` \"power_of_choices\""));
    }
    let solved = balanced(&fleet, policy)?;
    let exact = solved.exactness == Exactness::Exact;
    let mean = solved.law.mean();
    let percentiles = Percentiles::of(|p| Ok(solved.law.quantile(p)?))?;
    let mu = fleet.service_rate.get();
    Ok(LoadBalancerAnswer {
        utilization: fleet.pooled()?.utilization(),
        wait_probability: solved.law.wait_probability(),
        sigma: solved.sigma,
        mean: seconds.map(|()| mean),
        p50: seconds.map(|()| percentiles.p50),
        p95: seconds.map(|()| percentiles.p95),
        p99: seconds.map(|()| percentiles.p99),
        mean_service_times: mean * mu,
        p50_service_times: percentiles.p50 * mu,
        p95_service_times: percentiles.p95 * mu,
        p99_service_times: percentiles.p99 * mu,
        method: method(policy, solved.exactness),
        exact,
    })
}

/// Returns the fleet that an input describes, and whether its times are in seconds.
fn fleet(input: &LoadBalancerInput) -> Result<(Fleet, Option<()>), CalcError> {
    let servers = named("servers", Servers::new(input.servers))?;
    let workers = named("workers_per_server", Servers::new(input.workers_per_server.unwrap_or(1)))?;
    let (arrival_rate, service_rate, seconds) = match (input.arrival_rate, input.service_rate, input.utilization) {
        (Some(arrivals), Some(service), None) => (arrivals, service, Some(())),
        (None, service, Some(utilization)) => {
            if !(0.0..1.0).contains(&utilization) {
                let message = format!("`utilization`: utilization of {utilization} is not at least 0 and below 1");
                return Err(CalcError::invalid(message));
            }
            let rate = service.unwrap_or(1.0);
            let workers = servers.get() as f64 * workers.get() as f64;
            (utilization * workers * rate, rate, service.map(|_| ()))
        }
        _ => {
            let message = "`load_balancer` needs `arrival_rate` and `service_rate`, or `utilization`";
            return Err(CalcError::invalid(message));
        }
    };
    let fleet = Fleet {
        arrival_rate: named("arrival_rate", ArrivalRate::new(arrival_rate))?,
        service_rate: named("service_rate", ServiceRate::new(service_rate))?,
        servers,
        workers,
    };
    Ok((fleet, seconds))
}

/// Says how the answer came about, with its error against simulation.
const fn method(policy: RoutingPolicy, exactness: Exactness) -> &'static str {
    match (policy, exactness) {
        (RoutingPolicy::SharedQueue, _) => "exact: M/M/c with all workers",
        (RoutingPolicy::Random, _) => "exact: independent M/M/w, a random split of Poisson arrivals",
        (RoutingPolicy::RoundRobin, _) => "exact: E_n/M/w, root of its equation and Takács's probability to wait",
        (RoutingPolicy::LeastOutstanding, Exactness::Exact) => "exact: one instance is M/M/w",
        (RoutingPolicy::PowerOfChoices { .. }, Exactness::Exact) => "exact: one choice is a random split, M/M/1 each",
        (RoutingPolicy::LeastOutstanding, Exactness::Approximate) => {
            "approximate: one queue with a fitted loss, balanced queues; mean and p99 within 2.2 % of simulation for 50 instances"
        }
        (RoutingPolicy::PowerOfChoices { .. }, Exactness::Approximate) => POWER_METHOD,
    }
}

/// The limit of many instances, corrected for their number.
const POWER_METHOD: &str =
    "approximate: mean field with a 1/n term; mean within 2.1 % of simulation from 20 instances on, p99 within 2.7 %";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PowerInput {
    utilization: f64,
    choices: u64,
    servers: Option<Value>,
}

#[derive(Serialize)]
struct PowerAnswer {
    wait_probability: f64,
    mean_service_times: f64,
    p50_service_times: f64,
    p95_service_times: f64,
    p99_service_times: f64,
    method: &'static str,
    exact: bool,
}

fn power_of_d(input: &PowerInput) -> Result<PowerAnswer, CalcError> {
    let servers = match input.servers.as_ref().and_then(check::whole) {
        Some(count) => Some(named("servers", Servers::new(count))?),
        None => None,
    };
    let service_rate = named("service_rate", ServiceRate::new(1.0))?;
    let law = PowerOfChoices::new(input.utilization, service_rate, input.choices, servers)?;
    let percentiles = Percentiles::of(|p| Ok(law.quantile(p)?))?;
    let exact = servers.is_none() || input.choices == 1;
    Ok(PowerAnswer {
        wait_probability: law.wait_probability(),
        mean_service_times: law.mean(),
        p50_service_times: percentiles.p50,
        p95_service_times: percentiles.p95,
        p99_service_times: percentiles.p99,
        method: if exact { "exact: the limit of many instances, or one choice" } else { POWER_METHOD },
        exact,
    })
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum SplitInput {
    Equal,
    Proportional,
    Optimal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnequalInput {
    service_rates: Vec<f64>,
    arrival_rate: f64,
    split: Option<SplitInput>,
}

#[derive(Serialize)]
struct UnequalAnswer {
    per_server_rate: Vec<f64>,
    stable: bool,
    /// Times are absent where an instance has no steady state.
    #[serde(skip_serializing_if = "Option::is_none")]
    mean: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p50: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p95: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p99: Option<f64>,
    method: &'static str,
    exact: bool,
}

fn unequal_servers(input: &UnequalInput) -> Result<UnequalAnswer, CalcError> {
    let rates = listed("service_rates", &input.service_rates, ServiceRate::new)?;
    let arrival_rate = named("arrival_rate", ArrivalRate::new(input.arrival_rate))?;
    let split = match input.split {
        None | Some(SplitInput::Equal) => Split::Equal,
        Some(SplitInput::Proportional) => Split::Proportional,
        Some(SplitInput::Optimal) => Split::Optimal,
    };
    let solved = split_unequal(&rates, arrival_rate, split)?;
    let at = |value| -> Result<Option<f64>, CalcError> {
        Ok(solved.quantile(named("percentile", Probability::new(value))?)?)
    };
    Ok(UnequalAnswer {
        stable: solved.is_stable(),
        mean: solved.mean(),
        p50: at(0.5)?,
        p95: at(0.95)?,
        p99: at(0.99)?,
        per_server_rate: solved.rates,
        method: "exact: parallel M/M/1, a random split of Poisson arrivals",
        exact: true,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{ErrorKind, run};

    fn refused(name: &str, input: &Value) -> (ErrorKind, String) {
        let error = run(name, input).expect_err("refused");
        (error.kind, error.message)
    }

    #[test]
    fn an_overloaded_fleet_is_unstable_under_every_policy() {
        for policy in ["central_queue", "random", "round_robin", "join_shortest_queue", "power_of_choices"] {
            let input = json!({"policy": policy, "servers": 2, "arrival_rate": 4, "service_rate": 2});
            assert_eq!(
                refused("load_balancer", &input),
                (ErrorKind::Unstable, "offered load of 2 is too much for 2 servers; at least 3 are needed".to_owned())
            );
        }
    }

    #[test]
    fn rates_or_a_utilization_are_needed() {
        let message = "`load_balancer` needs `arrival_rate` and `service_rate`, or `utilization`";
        for more in [json!({}), json!({"arrival_rate": 1}), json!({"arrival_rate": 1, "utilization": 0.5})] {
            let mut input = json!({"policy": "random", "servers": 2});
            if let (Some(input), Some(more)) = (input.as_object_mut(), more.as_object()) {
                input.extend(more.clone());
            }
            assert_eq!(refused("load_balancer", &input), (ErrorKind::InvalidInput, message.to_owned()));
        }
        let input = json!({"policy": "random", "servers": 2, "utilization": 0.5, "choices": 3});
        assert_eq!(refused("load_balancer", &input).1, "`choices` needs `policy` \"power_of_choices\"");
        let input = json!({"policy": "random", "servers": 2, "utilization": 1});
        assert_eq!(refused("load_balancer", &input).1, "`utilization`: utilization of 1 is not at least 0 and below 1");
    }

    #[test]
    fn two_choices_by_either_name_are_one_law() {
        let fleet = json!({"policy": "power_of_choices", "servers": 30, "utilization": 0.9});
        let fleet = run("load_balancer", &fleet).expect("an answer");
        let power = json!({"utilization": 0.9, "choices": 2, "servers": 30});
        let power = run("power_of_d", &power).expect("an answer");
        assert_eq!(fleet["p99_service_times"], power["p99_service_times"]);
        assert_eq!(fleet.get("mean"), None);
    }

    #[test]
    fn the_limit_has_a_word() {
        let with = |servers: Value| json!({"utilization": 0.5, "choices": 2, "servers": servers});
        let limit = run("power_of_d", &with(json!("infinite"))).expect("an answer");
        assert_eq!(limit, run("power_of_d", &with(Value::Null)).expect("an answer"));
        assert_eq!(
            refused("power_of_d", &with(json!("many"))).1,
            "`servers` is \"many\", not a whole number of servers or \"infinite\""
        );
    }

    #[test]
    fn an_overloaded_instance_has_no_times() {
        let input = json!({"service_rates": [10, 1], "arrival_rate": 4});
        let answer = run("unequal_servers", &input).expect("an answer");
        assert_eq!((&answer["stable"], answer.get("mean"), answer.get("p99")), (&json!(false), None, None));
    }
}
