use serde::{Deserialize, Serialize};

use capplan_queueing::availability::{
    FaultModel, Period, ZoneDemand, downtime_minutes, size_zones, zoned_availability, zoned_up_probabilities,
};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::named;
use super::redundancy::{MAX_LISTED, down};

pub(super) const ZONES: Calculator = Calculator {
    name: "zones",
    summary: "availability of a fleet over zones that fail as one",
    inputs: &[
        Input::required("instances_per_zone", InputKind::Counts, "instances in each zone, at most 16 zones"),
        Input::required("needed", InputKind::Count, "instances needed"),
        Input::required("instance_availability", InputKind::Number, "availability of one instance, its zone being up"),
        Input::required("zone_availability", InputKind::Number, "availability of one zone, the region being up"),
        Input::optional("region_availability", InputKind::Number, "availability of the region (default 1)"),
    ],
    formula: &[
        "U = u_r + (1 − u_r)·Σ_s P(s)·P(fewer than k of n_s up),  s = which zones are up",
        "n = {instances_per_zone},  k = {needed},  availability of the region {region_availability|1}, of a zone \
         {zone_availability}, of an instance {instance_availability}",
        "U = {unavailability},  availability = 1 − U = {availability}",
        "if instances failed each on its own: U = {independent_unavailability}",
        "downtime = U·525600 min = {unavailability}·525600 = {downtime_minutes_per_year} min a year",
    ],
    reference: "Trivedi and Bobbio 2017, ch. 4; AWS 2021",
    answer: |input| typed(input, zones),
};

pub(super) const ZONE_SIZING: Calculator = Calculator {
    name: "zone_sizing",
    summary: "instances in each zone so that the peak is carried with zones lost (static stability)",
    inputs: &[
        Input::required("arrival_rate", InputKind::Number, "requests per second at the peak, above 0"),
        Input::required(
            "instance_capacity",
            InputKind::Number,
            "requests per second of one instance at utilization 1, above 0",
        ),
        Input::optional(
            "max_utilization",
            InputKind::Number,
            "highest utilization that is accepted, above 0 and at most 1 (default 1)",
        ),
        Input::required("zones", InputKind::Count, "zones the fleet is spread over"),
        Input::optional("zone_losses", InputKind::Count, "zones that may be lost at once (default 1)"),
        Input::optional("instance_losses", InputKind::Count, "instances that may be lost besides (default 0)"),
    ],
    formula: &[
        "needed = ⌈λ/(C·ρ_max)⌉ = ⌈{arrival_rate}/({instance_capacity}·{max_utilization|1})⌉ = {needed}",
        "per zone = ⌈(needed + f)/(z − L)⌉ = ⌈({needed} + {instance_losses|0})/({zones} − {zone_losses|1})⌉ = \
         {instances_per_zone}",
        "instances = z·per zone = {zones}·{instances_per_zone} = {instances}",
        "ρ = λ/(C·instances) = {arrival_rate}/({instance_capacity}·{instances}) = {utilization}",
        "ρ with {zone_losses|1} of {zones} zones lost = {utilization_zone_lost}",
    ],
    reference: "AWS 2021, static stability",
    answer: |input| typed(input, sizing),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ZonesInput {
    instances_per_zone: Vec<u64>,
    needed: u64,
    instance_availability: f64,
    zone_availability: f64,
    #[serde(default = "certain")]
    region_availability: f64,
}

const fn certain() -> f64 {
    1.0
}

#[derive(Serialize)]
struct ZonesAnswer {
    availability: f64,
    unavailability: f64,
    downtime_minutes_per_year: f64,
    independent_unavailability: f64,
    expected_up: f64,
    survives_largest_zone_loss: bool,
    /// Absent for large fleets.
    #[serde(skip_serializing_if = "Option::is_none")]
    prob_up_given_region: Option<Vec<f64>>,
    method: &'static str,
    exact: bool,
}

fn zones(input: &ZonesInput) -> Result<ZonesAnswer, CalcError> {
    let faults = FaultModel {
        instance_unavailability: named("instance_availability", down(input.instance_availability))?,
        zone_unavailability: named("zone_availability", down(input.zone_availability))?,
        region_unavailability: named("region_availability", down(input.region_availability))?,
    };
    let fleet = zoned_availability(&input.instances_per_zone, input.needed, faults)?;
    let total: u64 = input.instances_per_zone.iter().sum();
    Ok(ZonesAnswer {
        availability: fleet.availability,
        unavailability: fleet.unavailability,
        downtime_minutes_per_year: downtime_minutes(fleet.unavailability, Period::Year),
        independent_unavailability: fleet.independent_unavailability,
        expected_up: fleet.expected_up,
        survives_largest_zone_loss: fleet.survives_largest_zone_loss,
        prob_up_given_region: if total <= MAX_LISTED {
            Some(zoned_up_probabilities(&input.instances_per_zone, faults)?)
        } else {
            None
        },
        method: "exact: sum over the states of the zones",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SizingInput {
    arrival_rate: f64,
    instance_capacity: f64,
    #[serde(default = "certain")]
    max_utilization: f64,
    zones: u64,
    zone_losses: Option<u64>,
    #[serde(default)]
    instance_losses: u64,
}

#[derive(Serialize)]
struct SizingAnswer {
    needed: u64,
    instances_per_zone: u64,
    instances: u64,
    overprovision_ratio: f64,
    utilization: f64,
    utilization_zone_lost: f64,
    method: &'static str,
    exact: bool,
}

fn sizing(input: &SizingInput) -> Result<SizingAnswer, CalcError> {
    let sized = size_zones(ZoneDemand {
        arrival_rate: input.arrival_rate,
        instance_capacity: input.instance_capacity,
        max_utilization: input.max_utilization,
        zones: input.zones,
        zone_losses: input.zone_losses.unwrap_or(1),
        instance_losses: input.instance_losses,
    })?;
    Ok(SizingAnswer {
        needed: sized.needed,
        instances_per_zone: sized.instances_per_zone,
        instances: sized.instances,
        overprovision_ratio: sized.overprovision_ratio,
        utilization: sized.utilization,
        utilization_zone_lost: sized.utilization_zone_lost,
        method: "exact: whole numbers of instances",
        exact: true,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{ErrorKind, run};

    #[test]
    fn one_zone_to_spare_is_the_default() {
        let input = json!({"arrival_rate": 600, "instance_capacity": 100, "zones": 3});
        assert_eq!(run("zone_sizing", &input).expect("an answer")["instances"], 9);
    }

    #[test]
    fn too_many_zones_are_out_of_range() {
        let input = json!({"instances_per_zone": vec![1; 17], "needed": 1, "instance_availability": 1,
                           "zone_availability": 1});
        let error = run("zones", &input).expect_err("refused");
        assert_eq!(error.kind, ErrorKind::OutOfRange);
        assert_eq!(error.message, "17 zones are more than the 16 that this formula takes");
    }

    #[test]
    fn an_availability_past_one_is_refused_as_it_was_given() {
        let input = json!({"instances_per_zone": [1], "needed": 1, "instance_availability": 1,
                           "zone_availability": 99.95});
        assert_eq!(
            run("zones", &input).expect_err("refused").message,
            "`zone_availability`: probability of 99.95 is not between 0 and 1"
        );
    }
}
