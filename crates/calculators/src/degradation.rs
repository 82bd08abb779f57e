use serde::{Deserialize, Serialize};

use capplan_queueing::availability::{
    CachedDatabase, DependencyFaults, FaultModel, MAX_INSTANCES, Overload, RepairedGroup, WhileDown,
    instance_unavailability, performability, repaired_availability, soft_dependency, up_probabilities,
    zoned_up_probabilities,
};
use capplan_queueing::queues::{Mmc, QueueError};
use capplan_queueing::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed_with_gaps};
use super::error::named;
use super::redundancy::{MAX_LISTED, down};
use super::times::{hours, seconds};

pub(super) const SOFT_DEPENDENCY: Calculator = Calculator {
    name: "soft_dependency",
    summary: "availability with a cache that the database may or may not do without",
    inputs: &[
        Input::required("read_rate", InputKind::Number, "reads per second before the cache"),
        Input::required("write_rate", InputKind::Number, "writes per second, all to the database"),
        Input::required("hit_ratio", InputKind::Number, "share of reads that the cache answers"),
        Input::required("db_servers", InputKind::Count, "parallel servers of the database, at least 1"),
        Input::required("db_service_rate", InputKind::Number, "requests per second of one of them, above 0"),
        Input::optional("db_max_utilization", InputKind::Number, "utilization up to which it serves all (default 1)"),
        Input::required("cache_availability", InputKind::Number, "availability of the cache"),
        Input::required("db_availability", InputKind::Number, "availability of the database"),
        Input::optional("other_availability", InputKind::Number, "availability of all else, in series (default 1)"),
        Input::optional(
            "overload_mode",
            InputKind::Choice(&["shed", "collapse"]),
            "what an overloaded database does: serve what fits (`shed`) or nothing (`collapse`, default)",
        ),
    ],
    formula: &[
        "limit = c·μ·ρ_max = {db_servers}·{db_service_rate}·{db_max_utilization|1}",
        "load = reads·(1 − h) + writes = {read_rate}·(1 − {hit_ratio}) + {write_rate} with the cache, \
         {read_rate} + {write_rate} without",
        "ρ with the cache {db_utilization_cache_up}, without {db_utilization_cache_down};  servers to do without it: \
         {db_servers_to_carry_cache_loss}",
        "A = A_other·A_db·(A_c·q_up + (1 − A_c)·q_down) = {request_availability},  U = {request_unavailability}",
    ],
    reference: "Trivedi and Bobbio 2017, ch. 5",
    answer: |question| typed_with_gaps(&["min_hit_ratio_with_cache_up"], question, soft),
};

pub(super) const PERFORMABILITY: Calculator = Calculator {
    name: "performability",
    summary: "share of time and of requests within a response-time objective as instances fail and come back",
    inputs: &[
        Input::optional(
            "mode",
            InputKind::Choice(&["independent", "az"]),
            "`independent` instances (default), or instances in zones that fail as one (`az`)",
        ),
        Input::optional("instances", InputKind::Count, "instances, between 1 and 10^6 (`independent`)"),
        Input::optional("mttf_hours", InputKind::Number, "mean time up of an instance in hours (`independent`)"),
        Input::optional("mttr_hours", InputKind::Number, "mean time to repair in hours (`independent`)"),
        Input::optional("crews", InputKind::Count, "repairs at the same time (`independent`, default `instances`)"),
        Input::optional("instances_per_zone", InputKind::Counts, "instances in each zone (`az`)"),
        Input::optional("instance_availability", InputKind::Number, "availability of an instance (`az`)"),
        Input::optional("zone_availability", InputKind::Number, "availability of a zone (`az`)"),
        Input::required("arrival_rate", InputKind::Number, "requests per second"),
        Input::required("service_rate", InputKind::Number, "requests per second of one instance, above 0"),
        Input::required("response_time_objective", InputKind::Number, "seconds that a response may take"),
        Input::required("percentile", InputKind::Number, "share of responses that must be in time, such as 0.99"),
    ],
    formula: &[
        "π_m = share of time with m instances up,  F_m = P(R ≤ {response_time_objective} s) of M/M/m with λ = \
         {arrival_rate}, μ = {service_rate}",
        "least m with F_m ≥ {percentile}:  {min_instances|none}",
        "time within the objective = Σ π_m·[F_m ≥ {percentile}] = {time_within_objective}",
        "requests within = Σ π_m·F_m = {requests_within_objective},  overloaded {overload_probability} of the time",
    ],
    reference: "Trivedi and Bobbio 2017, ch. 9, Markov reward models",
    answer: |question| typed_with_gaps(&["min_instances"], question, perform),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SoftInput {
    read_rate: f64,
    write_rate: f64,
    hit_ratio: f64,
    db_servers: u64,
    db_service_rate: f64,
    #[serde(default = "certain")]
    db_max_utilization: f64,
    cache_availability: f64,
    db_availability: f64,
    #[serde(default = "certain")]
    other_availability: f64,
    #[serde(default)]
    overload_mode: OverloadMode,
}

const fn certain() -> f64 {
    1.0
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum OverloadMode {
    Shed,
    #[default]
    Collapse,
}

#[derive(Serialize)]
struct SoftAnswer {
    db_utilization_cache_up: f64,
    db_utilization_cache_down: f64,
    db_carries_cache_loss: bool,
    request_availability: f64,
    request_unavailability: f64,
    time_availability_full_service: f64,
    db_servers_to_carry_cache_loss: u64,
    min_hit_ratio_with_cache_up: Option<f64>,
    method: &'static str,
    exact: bool,
}

fn soft(input: &SoftInput) -> Result<SoftAnswer, CalcError> {
    let system = CachedDatabase {
        read_rate: named("read_rate", ArrivalRate::new(input.read_rate))?,
        write_rate: named("write_rate", ArrivalRate::new(input.write_rate))?,
        hit_ratio: named("hit_ratio", Probability::new(input.hit_ratio))?,
        servers: named("db_servers", Servers::new(input.db_servers))?,
        service_rate: named("db_service_rate", ServiceRate::new(input.db_service_rate))?,
        max_utilization: named("db_max_utilization", Probability::new(input.db_max_utilization))?,
        overload: match input.overload_mode {
            OverloadMode::Shed => Overload::Shed,
            OverloadMode::Collapse => Overload::Collapse,
        },
    };
    let faults = DependencyFaults {
        cache: named("cache_availability", down(input.cache_availability))?,
        database: named("db_availability", down(input.db_availability))?,
        others: named("other_availability", down(input.other_availability))?,
    };
    let answer = soft_dependency(&system, &faults)?;
    Ok(SoftAnswer {
        db_utilization_cache_up: answer.utilization_cache_up,
        db_utilization_cache_down: answer.utilization_cache_down,
        db_carries_cache_loss: answer.carries_cache_loss,
        request_availability: answer.request_availability,
        request_unavailability: answer.request_unavailability,
        time_availability_full_service: answer.full_service_share,
        db_servers_to_carry_cache_loss: answer.servers_to_carry_cache_loss,
        min_hit_ratio_with_cache_up: answer.min_hit_ratio,
        method: "exact: conditioned on the state of the cache; overload as a flow",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PerformInput {
    #[serde(default)]
    mode: Mode,
    instances: Option<u64>,
    mttf_hours: Option<f64>,
    mttr_hours: Option<f64>,
    crews: Option<u64>,
    instances_per_zone: Option<Vec<u64>>,
    instance_availability: Option<f64>,
    zone_availability: Option<f64>,
    arrival_rate: f64,
    service_rate: f64,
    response_time_objective: f64,
    percentile: f64,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Mode {
    #[default]
    Independent,
    Az,
}

#[derive(Serialize)]
struct PerformAnswer {
    min_instances: Option<u64>,
    time_within_objective: f64,
    time_outside_objective: f64,
    requests_within_objective: f64,
    overload_probability: f64,
    mean_capacity: f64,
    /// Absent for large fleets.
    #[serde(skip_serializing_if = "Option::is_none")]
    up_probabilities: Option<Vec<f64>>,
    method: &'static str,
    exact: bool,
}

fn perform(input: &PerformInput) -> Result<PerformAnswer, CalcError> {
    let arrivals = named("arrival_rate", ArrivalRate::new(input.arrival_rate))?;
    let rate = named("service_rate", ServiceRate::new(input.service_rate))?;
    let objective = seconds("response_time_objective", input.response_time_objective)?;
    let percentile = named("percentile", Probability::new(input.percentile))?;
    let law = match input.mode {
        Mode::Independent => independent_law(input)?,
        Mode::Az => zoned_law(input)?,
    };
    let answer = performability(&law, percentile, |up| within(arrivals, rate, up, objective))?;
    Ok(PerformAnswer {
        min_instances: answer.min_instances,
        time_within_objective: answer.time_within_objective,
        time_outside_objective: answer.time_outside_objective,
        requests_within_objective: answer.requests_within_objective,
        overload_probability: answer.overload_probability,
        mean_capacity: answer.expected_up * rate.get(),
        up_probabilities: (law.len() as u64 <= MAX_LISTED + 1).then_some(law),
        method: "approximate: instances change slowly against requests; the backlog after an overload is not counted",
        exact: false,
    })
}

/// The share of requests that `up` instances answer in time; `None` for an overload.
pub(super) fn within(
    arrivals: ArrivalRate,
    rate: ServiceRate,
    up: u64,
    objective: Seconds,
) -> Result<Option<f64>, CalcError> {
    if up == 0 {
        return Ok(None);
    }
    let servers = named("instances", Servers::new(up))?;
    match Mmc::new(arrivals, rate, servers) {
        Ok(station) => Ok(Some(1.0 - station.sojourn_time_tail(objective))),
        Err(QueueError::Unstable { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn independent_law(input: &PerformInput) -> Result<Vec<f64>, CalcError> {
    let (Some(instances), Some(mttf), Some(mttr)) = (input.instances, input.mttf_hours, input.mttr_hours) else {
        return Err(CalcError::invalid("`independent` needs `instances`, `mttf_hours` and `mttr_hours`"));
    };
    if input.instances_per_zone.is_some() || input.instance_availability.is_some() || input.zone_availability.is_some()
    {
        return Err(CalcError::invalid("`instances_per_zone` and the availabilities belong to the mode `az`"));
    }
    let (mttf, mttr) = (hours("mttf_hours", mttf)?, hours("mttr_hours", mttr)?);
    if instances == 0 || instances > MAX_INSTANCES {
        return Err(CalcError::invalid(format!("`instances` of {instances} is not between 1 and {MAX_INSTANCES}")));
    }
    if let Some(crews) = input.crews {
        let group =
            RepairedGroup { instances, needed: 1, mttf, mttr, crews, dormancy: 1.0, while_down: WhileDown::Failing };
        return Ok(repaired_availability(&group)?.up_probabilities);
    }
    let u = instance_unavailability(mttf, mttr)?;
    Ok(up_probabilities(instances, named("mttr_hours", Probability::new(u))?)?)
}

fn zoned_law(input: &PerformInput) -> Result<Vec<f64>, CalcError> {
    let (Some(per_zone), Some(instance), Some(zone)) =
        (&input.instances_per_zone, input.instance_availability, input.zone_availability)
    else {
        return Err(CalcError::invalid(
            "`az` needs `instances_per_zone`, `instance_availability` and `zone_availability`",
        ));
    };
    if input.instances.is_some() || input.mttf_hours.is_some() || input.mttr_hours.is_some() || input.crews.is_some() {
        return Err(CalcError::invalid("`instances`, its times and `crews` belong to the mode `independent`"));
    }
    let faults = FaultModel {
        instance_unavailability: named("instance_availability", down(instance))?,
        zone_unavailability: named("zone_availability", down(zone))?,
        region_unavailability: named("region_availability", Probability::new(0.0))?,
    };
    Ok(zoned_up_probabilities(per_zone, faults)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::run;

    fn question(more: &serde_json::Value) -> serde_json::Value {
        let mut input = json!({"arrival_rate": 1, "service_rate": 1, "response_time_objective": 1, "percentile": 0.5});
        if let (Some(fields), Some(more)) = (input.as_object_mut(), more.as_object()) {
            fields.extend(more.clone());
        }
        input
    }

    #[test]
    fn each_mode_takes_its_own_inputs() {
        let message = |more| run("performability", &question(&more)).expect_err("refused").message;
        assert_eq!(message(json!({})), "`independent` needs `instances`, `mttf_hours` and `mttr_hours`");
        assert_eq!(
            message(json!({"mode": "az"})),
            "`az` needs `instances_per_zone`, `instance_availability` and `zone_availability`"
        );
        assert_eq!(
            message(json!({"instances": 1, "mttf_hours": 1, "mttr_hours": 1, "zone_availability": 1})),
            "`instances_per_zone` and the availabilities belong to the mode `az`"
        );
        assert_eq!(
            message(json!({"instances": 0, "mttf_hours": 1, "mttr_hours": 1})),
            "`instances` of 0 is not between 1 and 1000000"
        );
    }

    #[test]
    fn one_crew_is_never_better_than_many() {
        let time = |more| {
            let answer = run("performability", &question(&more)).expect("an answer");
            answer["time_within_objective"].as_f64().expect("a number")
        };
        let many = json!({"instances": 4, "mttf_hours": 10, "mttr_hours": 2});
        let one = json!({"instances": 4, "mttf_hours": 10, "mttr_hours": 2, "crews": 1});
        assert!(time(one) < time(many));
    }
}
