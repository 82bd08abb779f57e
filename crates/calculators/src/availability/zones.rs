use capplan_queueing::availability::{
    FaultModel, Period, ZoneDemand, downtime_minutes, size_zones, zoned_availability, zoned_up_probabilities,
};

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};

use crate::read::Availability;

use super::redundancy::MAX_LISTED;

inputs! {
    struct ZonesInput {
        /// instances in each zone, at most 16 zones
        instances_per_zone: Vec<u64>,
        /// instances needed
        needed: u64,
        /// availability of one instance, its zone being up
        instance_availability: Availability,
        /// availability of one zone, the region being up
        zone_availability: Availability,
        /// availability of the region
        region_availability: Availability = 1,
    }
}

pub(crate) const ZONES: Calculator = Calculator {
    name: "zones",
    summary: "availability of a fleet over zones that fail as one",
    inputs: ZonesInput::INPUTS,
    formula: &[
        "U = u_r + (1 − u_r)·Σ_s P(s)·P(fewer than k of n_s up),  s = which zones are up",
        "n = {instances_per_zone},  k = {needed},  availability of the region {region_availability}, of a zone \
         {zone_availability}, of an instance {instance_availability}",
        "U = {unavailability},  availability = 1 − U = {availability}",
        "if instances failed each on its own: U = {independent_unavailability}",
        "downtime = U·525600 min = {unavailability}·525600 = {downtime_minutes_per_year} min a year",
    ],
    reference: "Trivedi and Bobbio 2017, ch. 4; AWS 2021",
    answer: |question| question.answer(zones),
};

inputs! {
    struct SizingInput {
        /// requests per second at the peak, above 0
        arrival_rate: f64,
        /// requests per second of one instance at utilization 1, above 0
        instance_capacity: f64,
        /// highest utilization that is accepted, above 0 and at most 1
        max_utilization: f64 = 1,
        /// zones the fleet is spread over
        zones: u64,
        /// zones that may be lost at once
        zone_losses: u64 = 1,
        /// instances that may be lost besides
        instance_losses: u64 = 0,
    }
}

pub(crate) const ZONE_SIZING: Calculator = Calculator {
    name: "zone_sizing",
    summary: "instances in each zone so that the peak is carried with zones lost (static stability)",
    inputs: SizingInput::INPUTS,
    formula: &[
        "needed = ⌈λ/(C·ρ_max)⌉ = ⌈{arrival_rate}/({instance_capacity}·{max_utilization})⌉ = {needed}",
        "per zone = ⌈(needed + f)/(z − L)⌉ = ⌈({needed} + {instance_losses})/({zones} − {zone_losses})⌉ = \
         {instances_per_zone}",
        "instances = z·per zone = {zones}·{instances_per_zone} = {instances}",
        "ρ = λ/(C·instances) = {arrival_rate}/({instance_capacity}·{instances}) = {utilization}",
        "ρ with {zone_losses} of {zones} zones lost = {utilization_zone_lost}",
    ],
    reference: "AWS 2021, static stability",
    answer: |question| question.answer(sizing),
};

fn zones(input: &ZonesInput) -> Result<Answer, CalcError> {
    let per_zone = &input.instances_per_zone;
    let faults = FaultModel {
        instance_unavailability: input.instance_availability.down,
        zone_unavailability: input.zone_availability.down,
        region_unavailability: input.region_availability.down,
    };
    let fleet = zoned_availability(per_zone, input.needed, faults)?;
    let is_listed = per_zone.iter().sum::<u64>() <= MAX_LISTED;
    let listed = if is_listed { Some(zoned_up_probabilities(per_zone, faults)?) } else { None };
    Ok(Answer::exact("exact: sum over the states of the zones")
        .with("availability", fleet.availability)
        .with("unavailability", fleet.unavailability)
        .with("downtime_minutes_per_year", downtime_minutes(fleet.unavailability, Period::Year))
        .with("independent_unavailability", fleet.independent_unavailability)
        .with("expected_up", fleet.expected_up)
        .with("survives_largest_zone_loss", fleet.survives_largest_zone_loss)
        .with_some("prob_up_given_region", listed))
}

fn sizing(input: &SizingInput) -> Result<Answer, CalcError> {
    let &SizingInput { arrival_rate, instance_capacity, max_utilization, zones, zone_losses, instance_losses } = input;
    let demand = ZoneDemand { arrival_rate, instance_capacity, max_utilization, zones, zone_losses, instance_losses };
    Ok(Answer::exact("exact: whole numbers of instances").record(&size_zones(demand)?))
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
