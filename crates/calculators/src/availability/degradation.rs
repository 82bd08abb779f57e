use capplan_queueing::availability::{
    CachedDatabase, DependencyFaults, FaultModel, MAX_INSTANCES, Overload, RepairedGroup, WhileDown,
    instance_unavailability, performability, repaired_availability, soft_dependency, up_probabilities,
    zoned_up_probabilities,
};
use capplan_queueing::queues::{Mmc, QueueError, StationLaws};
use capplan_queueing::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, choices, inputs};

use crate::error::named;
use crate::read::{Availability, Hours};

use super::redundancy::MAX_LISTED;

inputs! {
    struct SoftInput {
        /// reads per second before the cache
        read_rate: ArrivalRate,
        /// writes per second, all to the database
        write_rate: ArrivalRate,
        /// share of reads that the cache answers
        hit_ratio: Probability,
        /// parallel servers of the database, at least 1
        db_servers: Servers,
        /// requests per second of one of them, above 0
        db_service_rate: ServiceRate,
        /// utilization up to which it serves all
        db_max_utilization: Probability = 1,
        /// availability of the cache
        cache_availability: Availability,
        /// availability of the database
        db_availability: Availability,
        /// availability of all else, in series
        other_availability: Availability = 1,
        /// what an overloaded database does: `shed` serves what fits, `collapse` nothing
        overload_mode: Overload = "collapse",
    }
}

pub(crate) const SOFT_DEPENDENCY: Calculator = Calculator {
    name: "soft_dependency",
    summary: "availability with a cache that the database may or may not do without",
    inputs: SoftInput::INPUTS,
    formula: &[
        "limit = c·μ·ρ_max = {db_servers}·{db_service_rate}·{db_max_utilization}",
        "load = reads·(1 − h) + writes = {read_rate}·(1 − {hit_ratio}) + {write_rate} with the cache, \
         {read_rate} + {write_rate} without",
        "ρ with the cache {db_utilization_cache_up}, without {db_utilization_cache_down};  servers to do without it: \
         {db_servers_to_carry_cache_loss}",
        "A = A_other·A_db·(A_c·q_up + (1 − A_c)·q_down) = {request_availability},  U = {request_unavailability}",
    ],
    reference: "Trivedi and Bobbio 2017, ch. 5",
    answer: |question| question.answer(soft),
};

inputs! {
    struct PerformInput {
        /// `independent` instances, or `az`: instances in zones that fail as one
        mode: Mode = "independent",
        /// instances, between 1 and 10^6 (`independent`)
        instances: Option<u64>,
        /// mean time up of an instance in hours (`independent`)
        mttf_hours: Option<Hours>,
        /// mean time to repair in hours (`independent`)
        mttr_hours: Option<Hours>,
        /// repairs at the same time (`independent`, default `instances`)
        crews: Option<u64>,
        /// instances in each zone (`az`)
        instances_per_zone: Option<Vec<u64>>,
        /// availability of an instance (`az`)
        instance_availability: Option<Availability>,
        /// availability of a zone (`az`)
        zone_availability: Option<Availability>,
        /// requests per second
        arrival_rate: ArrivalRate,
        /// requests per second of one instance, above 0
        service_rate: ServiceRate,
        /// seconds that a response may take
        response_time_objective: Seconds,
        /// share of responses that must be in time, such as 0.99
        percentile: Probability,
    }
}

pub(crate) const PERFORMABILITY: Calculator = Calculator {
    name: "performability",
    summary: "share of time and of requests within a response-time objective as instances fail and come back",
    inputs: PerformInput::INPUTS,
    formula: &[
        "π_m = share of time with m instances up,  F_m = P(R ≤ {response_time_objective} s) of M/M/m with λ = \
         {arrival_rate}, μ = {service_rate}",
        "least m with F_m ≥ {percentile}:  {min_instances|none}",
        "time within the objective = Σ π_m·[F_m ≥ {percentile}] = {time_within_objective}",
        "requests within = Σ π_m·F_m = {requests_within_objective},  overloaded {overload_probability} of the time",
    ],
    reference: "Trivedi and Bobbio 2017, ch. 9, Markov reward models",
    answer: |question| question.answer(perform),
};

choices! {
    Overload {
        "shed" => Self::Shed,
        "collapse" => Self::Collapse,
    }
}

choices! {
    enum Mode {
        Independent = "independent",
        Zones = "az",
    }
}

fn soft(input: &SoftInput) -> Result<Answer, CalcError> {
    let system = CachedDatabase {
        read_rate: input.read_rate,
        write_rate: input.write_rate,
        hit_ratio: input.hit_ratio,
        servers: input.db_servers,
        service_rate: input.db_service_rate,
        max_utilization: input.db_max_utilization,
        overload: input.overload_mode,
    };
    let faults = DependencyFaults {
        cache: input.cache_availability.down,
        database: input.db_availability.down,
        others: input.other_availability.down,
    };
    let answer = soft_dependency(&system, &faults)?;
    Ok(Answer::exact("exact: conditioned on the state of the cache; overload as a flow")
        .with("db_utilization_cache_up", answer.utilization_cache_up)
        .with("db_utilization_cache_down", answer.utilization_cache_down)
        .with("db_carries_cache_loss", answer.carries_cache_loss)
        .with("request_availability", answer.request_availability)
        .with("request_unavailability", answer.request_unavailability)
        .with("time_availability_full_service", answer.full_service_share)
        .with("db_servers_to_carry_cache_loss", answer.servers_to_carry_cache_loss)
        .with("min_hit_ratio_with_cache_up", answer.min_hit_ratio))
}

fn perform(input: &PerformInput) -> Result<Answer, CalcError> {
    let &PerformInput { arrival_rate, service_rate, response_time_objective, percentile, .. } = input;
    let law = match input.mode {
        Mode::Independent => independent_law(input)?,
        Mode::Zones => zoned_law(input)?,
    };
    let within = |up| within(arrival_rate, service_rate, up, response_time_objective);
    let answer = performability(&law, percentile, within)?;
    let method = "approximate: instances change slowly against requests; the backlog after an overload is not counted";
    Ok(Answer::approximate(method)
        .with("min_instances", answer.min_instances)
        .with("time_within_objective", answer.time_within_objective)
        .with("time_outside_objective", answer.time_outside_objective)
        .with("requests_within_objective", answer.requests_within_objective)
        .with("overload_probability", answer.overload_probability)
        .with("mean_capacity", answer.expected_up * service_rate.get())
        .with_some("up_probabilities", (law.len() as u64 <= MAX_LISTED + 1).then_some(law)))
}

/// The share of requests that `up` instances answer in time; `None` for an overload.
pub(crate) fn within(
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
        Ok(station) => Ok(Some(station.sojourn_time_within(objective)?)),
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
    let (mttf, mttr) = (mttf.0, mttr.0);
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
        instance_unavailability: instance.down,
        zone_unavailability: zone.down,
        region_unavailability: Probability::ZERO,
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
