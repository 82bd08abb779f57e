use capplan_queueing::availability::{Period, downtime_minutes, mixed_redundancy, unavailability, up_probabilities};

use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};
use crate::{CalcError, ErrorKind};

use crate::read::Availability;

/// The largest fleet whose distribution is listed.
pub(super) const MAX_LISTED: u64 = 1_000;

const MAX_INSTANCES: u64 = 1_000_000_000;

inputs! {
    struct KOfNInput {
        /// instances needed
        k: u64,
        /// instances, between 1 and 10^9, with `availability`
        n: Option<u64>,
        /// availability of each instance, between 0 and 1
        availability: Option<Availability>,
        /// availability of each instance where they differ
        availabilities: Option<Vec<Availability>>,
    }
}

pub(crate) const K_OF_N: Calculator = Calculator {
    name: "k_of_n",
    summary: "availability of a group that needs k of n independent instances",
    inputs: KOfNInput::INPUTS,
    formula: &[
        "U = P(fewer than k of n up) = Σ C(n, j)·A^j·(1 − A)^(n − j),  j = 0..k−1",
        "k = {k},  n = {n},  A = {input.availability}:  U = {unavailability}",
        "k = {k},  A_i = {availabilities}, each its own factor (Poisson binomial):  U = {unavailability}",
        "availability = 1 − U = {result.availability},  mean number up = Σ A_i = {expected_up}",
        "downtime = U·525600 min = {unavailability}·525600 = {downtime_minutes_per_year} min a year",
    ],
    reference: "Trivedi and Bobbio 2017, ch. 4; Loader 2000",
    answer: |question| question.answer(k_of_n),
};

fn k_of_n(input: &KOfNInput) -> Result<Answer, CalcError> {
    match (input.n, input.availability, &input.availabilities) {
        (Some(n), Some(availability), None) => equal(input.k, n, availability),
        (n, None, Some(availabilities)) => {
            let count = availabilities.len() as u64;
            if n.is_some_and(|n| n != count) {
                let message = format!("`n` does not match the {count} `availabilities`; leave it out");
                return Err(CalcError::invalid(message));
            }
            let unavailabilities: Vec<_> = availabilities.iter().map(|availability| availability.down).collect();
            let mixed = mixed_redundancy(input.k, &unavailabilities)?;
            Ok(Answer::exact("exact: independent instances, Poisson binomial law")
                .with("availability", mixed.availability)
                .with("unavailability", mixed.unavailability)
                .with("downtime_minutes_per_year", downtime_minutes(mixed.unavailability, Period::Year))
                .with("expected_up", mixed.expected_up)
                .with_some("up_probabilities", (count <= MAX_LISTED).then_some(mixed.up_probabilities)))
        }
        _ => Err(CalcError::invalid("`k_of_n` also needs `n` and `availability`, or `availabilities`")),
    }
}

fn equal(k: u64, n: u64, instance: Availability) -> Result<Answer, CalcError> {
    if n == 0 {
        return Err(CalcError::invalid("`n` of 0 is no group; it must be at least 1"));
    }
    if n > MAX_INSTANCES {
        return Err(CalcError::new(ErrorKind::OutOfRange, format!("`n` of {n} is more than {MAX_INSTANCES}")));
    }
    let short = unavailability(k, n, instance.down);
    // Enough are up when fewer than n − k + 1 are down: the same tail with the two states exchanged.
    let enough = if k > n { 0.0 } else { unavailability(n - k + 1, n, instance.up) };
    let listed = if n <= MAX_LISTED { Some(up_probabilities(n, instance.down)?) } else { None };
    Ok(Answer::exact("exact: independent instances, binomial law")
        .with("availability", enough)
        .with("unavailability", short)
        .with("downtime_minutes_per_year", downtime_minutes(short, Period::Year))
        .with("expected_up", n as f64 * instance.up.get())
        .with_some("up_probabilities", listed))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{ErrorKind, run};

    #[test]
    fn both_tails_keep_their_digits() {
        let answer = run("k_of_n", &json!({"n": 20, "k": 20, "availability": 1e-3})).expect("an answer");
        assert!(answer["availability"].as_f64().is_some_and(|a| (a - 1e-60).abs() < 1e-72));
        let answer = run("k_of_n", &json!({"n": 3, "k": 4, "availability": 0.5})).expect("an answer");
        assert_eq!((&answer["availability"], &answer["unavailability"]), (&json!(0.0), &json!(1.0)));
    }

    #[test]
    fn half_a_question_is_refused() {
        let message = |input| run("k_of_n", &input).expect_err("refused").message;
        let needs = "`k_of_n` also needs `n` and `availability`, or `availabilities`";
        assert_eq!(message(json!({"k": 1, "n": 2})), needs);
        assert_eq!(message(json!({"k": 1, "availability": 0.9, "availabilities": [0.9]})), needs);
        assert_eq!(
            message(json!({"k": 1, "n": 3, "availabilities": [0.9]})),
            "`n` does not match the 1 `availabilities`; leave it out"
        );
        assert_eq!(
            message(json!({"k": 1, "availabilities": [0.9, 1.5]})),
            "`availabilities[1]`: probability of 1.5 is not between 0 and 1"
        );
    }

    #[test]
    fn a_group_past_all_systems_is_out_of_range() {
        let error = run("k_of_n", &json!({"n": 2e9, "k": 1, "availability": 0.5})).expect_err("refused");
        assert_eq!(error.kind, ErrorKind::OutOfRange);
        assert_eq!(error.message, "`n` of 2000000000 is more than 1000000000");
    }
}
