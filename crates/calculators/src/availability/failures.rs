use capplan_queueing::availability::{
    RepairSteps, RepairedGroup, WhileDown, instance_availability, instance_unavailability, mtbf_from_failed_share,
    nines, repaired_availability, sla_breach,
};
use capplan_queueing::units::{Probability, Seconds};

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};

use crate::read::{Availability, HOUR, Hours, MINUTE, YEAR};

use super::redundancy::MAX_LISTED;

inputs! {
    struct InstanceInput {
        /// mean time up between failures in hours, above 0
        mtbf_hours: Option<Hours>,
        /// share that fails within a year, above 0 and below 1, instead of `mtbf_hours`
        annual_failure_rate: Option<Probability>,
        /// mean time to repair in hours, with detection and warm-up
        mttr_hours: Option<Hours>,
        /// seconds until a failure is noticed, instead of `mttr_hours`
        detection: Option<Seconds>,
        /// seconds of the repair or replacement
        replacement: Option<Seconds>,
        /// seconds until the new part does full work
        warm_up: Option<Seconds>,
        /// hours of a year
        year_hours: Hours = 8760,
        /// hours of a month
        month_hours: Hours = 730,
    }
}

pub(crate) const INSTANCE_AVAILABILITY: Calculator = Calculator {
    name: "instance_availability",
    summary: "availability of one part from its times up and down",
    inputs: InstanceInput::INPUTS,
    formula: &[
        "MTBF = T/−ln(1 − q) = {year_hours}/−ln(1 − {annual_failure_rate}) = {mtbf_hours} h",
        "U = MTTR/(MTBF + MTTR) = {result.mttr_hours}/({result.mtbf_hours} + {result.mttr_hours}) = {unavailability}",
        "availability = 1 − U = {availability},  nines = −log₁₀ U = {nines|none}",
        "downtime = U·{year_hours}·60 = {downtime_minutes_per_year} min a year",
    ],
    reference: "Trivedi and Bobbio 2017, ch. 3; AWS 2021",
    answer: |question| question.answer(instance),
};

inputs! {
    struct BudgetInput {
        /// availability, between 0 and 1
        availability: Availability,
        /// length of the period in hours
        period_hours: Hours,
    }
}

pub(crate) const DOWNTIME_BUDGET: Calculator = Calculator {
    name: "downtime_budget",
    summary: "time down that an availability allows in a period",
    inputs: BudgetInput::INPUTS,
    formula: &["downtime = (1 − A)·T = (1 − {availability})·{period_hours}·3600 = {downtime_seconds} s"],
    reference: "Beyer et al. 2016, availability table",
    answer: |question| question.answer(downtime_budget),
};

inputs! {
    struct RepairInput {
        /// units, between 1 and 10^6
        n: u64,
        /// units needed, between 1 and `n`
        k: u64,
        /// mean time to failure of a working unit in hours, above 0
        mttf_hours: Hours,
        /// mean time of a repair in hours, above 0
        mttr_hours: Hours,
        /// repairs at the same time (default `n`)
        crews: Option<u64>,
        /// failure rate of a spare over that of a working unit, between 0, cold, and 1, hot
        dormancy: f64 = 1,
        /// whether units go on failing while fewer than `k` are up
        fail_while_down: bool = true,
    }
}

pub(crate) const K_OF_N_REPAIR: Calculator = Calculator {
    name: "k_of_n_repair",
    summary: "availability and outages of a group of which k of n must be up, with a limited repair crew",
    inputs: RepairInput::INPUTS,
    formula: &[
        "down_m = λ·(min(m, k) + d·(m − min(m, k))),  up_m = μ·min(n − m, crews),  π_(m−1)/π_m = down_m/up_(m−1)",
        "n = {n},  k = {k},  1/λ = {mttf_hours} h,  1/μ = {mttr_hours} h,  crews = {crews|n},  d = {dormancy}",
        "U = Σ_(m<k) π_m = {unavailability},  availability = {availability}",
        "outages = π_k·down_k = {system_failures_per_year} a year,  mean outage = U/outages = {mean_outage_hours} h",
    ],
    reference: "Trivedi and Bobbio 2017, ch. 9 and 10",
    answer: |question| question.answer(k_of_n_repair),
};

inputs! {
    struct BreachInput {
        /// mean time up between failures in hours, above 0
        mtbf_hours: Hours,
        /// mean time to repair in hours
        mttr_hours: Hours,
        /// availability promised, between 0 and 1
        sla: Probability,
        /// length of the period in hours; 730 is a month
        period_hours: Hours = 730,
    }
}

pub(crate) const SLA_BREACH: Calculator = Calculator {
    name: "sla_breach",
    summary: "probability that a month or year breaks an availability that the mean keeps",
    inputs: BreachInput::INPUTS,
    formula: &[
        "x = (1 − SLA)·T = (1 − {sla})·{period_hours} h = {budget_minutes} min",
        "P(downtime > x) = Σ_(n≥1) Poisson(n; (T − x)/MTBF)·P(Erlang(n, MTTR) > x)",
        "MTBF = {mtbf_hours} h,  MTTR = {mttr_hours} h:  P = {breach_probability}",
        "mean availability = {steady_state_availability},  mean downtime = {mean_downtime_minutes} min",
    ],
    reference: "Takács 1957; Trivedi and Bobbio 2017, ch. 3",
    answer: |question| question.answer(breach),
};

fn instance(input: &InstanceInput) -> Result<Answer, CalcError> {
    let (year, month) = (input.year_hours.0, input.month_hours.0);
    let mtbf = match (input.mtbf_hours, input.annual_failure_rate) {
        (Some(mtbf), None) => mtbf.0,
        (None, Some(share)) => mtbf_from_failed_share(share, year)?,
        _ => return Err(CalcError::invalid("`instance_availability` takes `mtbf_hours` or `annual_failure_rate`")),
    };
    let mttr = mttr(input)?;
    let unavailability = instance_unavailability(mtbf, mttr)?;
    Ok(Answer::exact("exact: long-run share of an alternating renewal process")
        .with("availability", instance_availability(mtbf, mttr)?)
        .with("unavailability", unavailability)
        .with("nines", nines(unavailability))
        .with("mtbf_hours", mtbf.get() / HOUR)
        .with("mttr_hours", mttr.get() / HOUR)
        .with("downtime_minutes_per_year", unavailability * year.get() / MINUTE)
        .with("downtime_seconds_per_month", unavailability * month.get())
        .with("failures_per_year", year.get() / (mtbf.get() + mttr.get())))
}

fn mttr(input: &InstanceInput) -> Result<Seconds, CalcError> {
    let steps = [input.detection, input.replacement, input.warm_up];
    match (input.mttr_hours, steps) {
        (Some(mttr), [None, None, None]) => Ok(mttr.0),
        (None, steps) if steps.iter().any(Option::is_some) => {
            let [detection, replacement, warm_up] = steps.map(|step| step.unwrap_or(Seconds::ZERO));
            Ok(RepairSteps { detection, replacement, warm_up }.mttr()?)
        }
        _ => Err(CalcError::invalid(
            "`instance_availability` takes `mttr_hours`, or `detection`, `replacement` and `warm_up`",
        )),
    }
}

fn downtime_budget(input: &BudgetInput) -> Answer {
    let downtime = input.availability.down.get() * input.period_hours.0.get();
    Answer::exact("exact: share of the period").with("downtime_seconds", downtime)
}

fn k_of_n_repair(input: &RepairInput) -> Result<Answer, CalcError> {
    let repaired = repaired_availability(&RepairedGroup {
        instances: input.n,
        needed: input.k,
        mttf: input.mttf_hours.0,
        mttr: input.mttr_hours.0,
        crews: input.crews.unwrap_or(input.n.max(1)),
        dormancy: input.dormancy,
        while_down: if input.fail_while_down { WhileDown::Failing } else { WhileDown::Frozen },
    })?;
    Ok(Answer::exact("exact: birth-death chain, exponential times")
        .with("availability", repaired.availability)
        .with("unavailability", repaired.unavailability)
        .with("mean_up", repaired.mean_up)
        .with("system_failures_per_year", repaired.outage_rate * YEAR)
        .with("mean_outage_hours", repaired.mean_outage / HOUR)
        .with("mean_time_between_outages_hours", repaired.mean_time_between_outages / HOUR)
        .with("mttff_hours", repaired.mean_time_to_first_outage / HOUR)
        .with_some("up_probabilities", (input.n <= MAX_LISTED).then_some(repaired.up_probabilities)))
}

fn breach(input: &BreachInput) -> Result<Answer, CalcError> {
    let answer = sla_breach(input.mtbf_hours.0, input.mttr_hours.0, input.sla, input.period_hours.0)?;
    Ok(Answer::exact("exact: exponential times up and down, up at the begin")
        .with("breach_probability", answer.breach_probability)
        .with("budget_minutes", answer.budget / MINUTE)
        .with("mean_downtime_minutes", answer.mean_downtime / MINUTE)
        .with("steady_state_availability", answer.steady_state_availability)
        .with("no_outage_probability", answer.no_outage_probability))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::run;

    fn message(name: &str, input: &serde_json::Value) -> String {
        run(name, input).expect_err("refused").message
    }

    #[test]
    fn repair_may_be_given_in_steps() {
        let input = json!({"mtbf_hours": 1.0, "detection": 50, "replacement": 180, "warm_up": 70});
        let answer = run("instance_availability", &input).expect("an answer");
        assert!(answer["unavailability"].as_f64().is_some_and(|u| (u - 300.0 / 3900.0).abs() < 1e-15));
    }

    #[test]
    fn half_a_question_is_refused() {
        let name = "instance_availability";
        assert_eq!(
            message(name, &json!({"mttr_hours": 1})),
            "`instance_availability` takes `mtbf_hours` or `annual_failure_rate`"
        );
        let steps = "`instance_availability` takes `mttr_hours`, or `detection`, `replacement` and `warm_up`";
        assert_eq!(message(name, &json!({"mtbf_hours": 1})), steps);
        assert_eq!(message(name, &json!({"mtbf_hours": 1, "mttr_hours": 1, "warm_up": 1})), steps);
        assert_eq!(
            message(name, &json!({"annual_failure_rate": 1.5, "mttr_hours": 1})),
            "`annual_failure_rate`: probability of 1.5 is not between 0 and 1"
        );
        assert_eq!(
            message(name, &json!({"mtbf_hours": -1, "mttr_hours": 1})),
            "`mtbf_hours`: time of -1 is not finite and at least 0"
        );
    }

    #[test]
    fn more_needed_than_there_is_is_refused() {
        assert_eq!(
            message("k_of_n_repair", &json!({"n": 2, "k": 3, "mttf_hours": 1, "mttr_hours": 1})),
            "number needed of 3 is above the number of instances of 2; it may be at most that"
        );
    }
}
