use serde::{Deserialize, Serialize};

use capplan_queueing::availability::{
    RepairSteps, RepairedGroup, WhileDown, instance_unavailability, mtbf_from_failed_share, nines,
    repaired_availability, sla_breach,
};
use capplan_queueing::units::{Probability, Seconds};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed, typed_with_gaps};
use super::error::named;
use super::redundancy::{MAX_LISTED, down};
use super::times::{HOUR, MINUTE, YEAR, hours, seconds};

pub(super) const INSTANCE_AVAILABILITY: Calculator = Calculator {
    name: "instance_availability",
    summary: "availability of one part from its times up and down",
    inputs: &[
        Input::optional("mtbf_hours", InputKind::Number, "mean time up between failures in hours, above 0"),
        Input::optional(
            "annual_failure_rate",
            InputKind::Number,
            "share that fails within a year, above 0 and below 1, instead of `mtbf_hours`",
        ),
        Input::optional("mttr_hours", InputKind::Number, "mean time to repair in hours, with detection and warm-up"),
        Input::optional("detection", InputKind::Number, "seconds until a failure is noticed, instead of `mttr_hours`"),
        Input::optional("replacement", InputKind::Number, "seconds of the repair or replacement"),
        Input::optional("warm_up", InputKind::Number, "seconds until the new part does full work"),
        Input::optional("year_hours", InputKind::Number, "hours of a year (default 8760)"),
        Input::optional("month_hours", InputKind::Number, "hours of a month (default 730)"),
    ],
    formula: &[
        "MTBF = T/−ln(1 − q) = {year_hours|8760}/−ln(1 − {annual_failure_rate}) = {mtbf_hours} h",
        "U = MTTR/(MTBF + MTTR) = {result.mttr_hours}/({result.mtbf_hours} + {result.mttr_hours}) = {unavailability}",
        "availability = 1 − U = {availability},  nines = −log₁₀ U = {nines|none}",
        "downtime = U·{year_hours|8760}·60 = {downtime_minutes_per_year} min a year",
    ],
    reference: "Trivedi and Bobbio 2017, ch. 3; AWS 2021",
    answer: |question| typed_with_gaps(&["nines"], question, instance),
};

pub(super) const DOWNTIME_BUDGET: Calculator = Calculator {
    name: "downtime_budget",
    summary: "time down that an availability allows in a period",
    inputs: &[
        Input::required("availability", InputKind::Number, "availability, between 0 and 1"),
        Input::required("period_hours", InputKind::Number, "length of the period in hours"),
    ],
    formula: &["downtime = (1 − A)·T = (1 − {availability})·{period_hours}·3600 = {downtime_seconds} s"],
    reference: "Beyer et al. 2016, availability table",
    answer: |question| typed(question, downtime_budget),
};

pub(super) const K_OF_N_REPAIR: Calculator = Calculator {
    name: "k_of_n_repair",
    summary: "availability and outages of a group of which k of n must be up, with a limited repair crew",
    inputs: &[
        Input::required("n", InputKind::Count, "units, between 1 and 10^6"),
        Input::required("k", InputKind::Count, "units needed, between 1 and `n`"),
        Input::required("mttf_hours", InputKind::Number, "mean time to failure of a working unit in hours, above 0"),
        Input::required("mttr_hours", InputKind::Number, "mean time of a repair in hours, above 0"),
        Input::optional("crews", InputKind::Count, "repairs at the same time (default `n`)"),
        Input::optional(
            "dormancy",
            InputKind::Number,
            "failure rate of a spare over that of a working unit, 0 (cold) to 1 (hot, default)",
        ),
        Input::optional(
            "fail_while_down",
            InputKind::Switch,
            "whether units go on failing while fewer than `k` are up (default true)",
        ),
    ],
    formula: &[
        "down_m = λ·(min(m, k) + d·(m − min(m, k))),  up_m = μ·min(n − m, crews),  π_(m−1)/π_m = down_m/up_(m−1)",
        "n = {n},  k = {k},  1/λ = {mttf_hours} h,  1/μ = {mttr_hours} h,  crews = {crews|n},  d = {dormancy|1}",
        "U = Σ_(m<k) π_m = {unavailability},  availability = {availability}",
        "outages = π_k·down_k = {system_failures_per_year} a year,  mean outage = U/outages = {mean_outage_hours} h",
    ],
    reference: "Trivedi and Bobbio 2017, ch. 9 and 10",
    answer: |question| typed(question, k_of_n_repair),
};

pub(super) const SLA_BREACH: Calculator = Calculator {
    name: "sla_breach",
    summary: "probability that a month or year breaks an availability that the mean keeps",
    inputs: &[
        Input::required("mtbf_hours", InputKind::Number, "mean time up between failures in hours, above 0"),
        Input::required("mttr_hours", InputKind::Number, "mean time to repair in hours"),
        Input::required("sla", InputKind::Number, "availability promised, between 0 and 1"),
        Input::optional("period_hours", InputKind::Number, "length of the period in hours (default 730, a month)"),
    ],
    formula: &[
        "x = (1 − SLA)·T = (1 − {sla})·{period_hours|730} h = {budget_minutes} min",
        "P(downtime > x) = Σ_(n≥1) Poisson(n; (T − x)/MTBF)·P(Erlang(n, MTTR) > x)",
        "MTBF = {mtbf_hours} h,  MTTR = {mttr_hours} h:  P = {breach_probability}",
        "mean availability = {steady_state_availability},  mean downtime = {mean_downtime_minutes} min",
    ],
    reference: "Takács 1957; Trivedi and Bobbio 2017, ch. 3",
    answer: |question| typed(question, breach),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InstanceInput {
    mtbf_hours: Option<f64>,
    annual_failure_rate: Option<f64>,
    mttr_hours: Option<f64>,
    detection: Option<f64>,
    replacement: Option<f64>,
    warm_up: Option<f64>,
    #[serde(default = "year_hours")]
    year_hours: f64,
    #[serde(default = "month_hours")]
    month_hours: f64,
}

const fn year_hours() -> f64 {
    8760.0
}

pub(super) const fn month_hours() -> f64 {
    730.0
}

#[derive(Serialize)]
struct InstanceAnswer {
    availability: f64,
    unavailability: f64,
    nines: Option<f64>,
    mtbf_hours: f64,
    mttr_hours: f64,
    downtime_minutes_per_year: f64,
    downtime_seconds_per_month: f64,
    failures_per_year: f64,
    method: &'static str,
    exact: bool,
}

fn instance(input: &InstanceInput) -> Result<InstanceAnswer, CalcError> {
    let year = hours("year_hours", input.year_hours)?;
    let month = hours("month_hours", input.month_hours)?;
    let mtbf = match (input.mtbf_hours, input.annual_failure_rate) {
        (Some(mtbf), None) => hours("mtbf_hours", mtbf)?,
        (None, Some(rate)) => mtbf_from_failed_share(named("annual_failure_rate", Probability::new(rate))?, year)?,
        _ => return Err(CalcError::invalid("`instance_availability` takes `mtbf_hours` or `annual_failure_rate`")),
    };
    let mttr = mttr(input)?;
    let unavailability = instance_unavailability(mtbf, mttr)?;
    Ok(InstanceAnswer {
        availability: 0.5 * mtbf.get() / (0.5 * mtbf.get() + 0.5 * mttr.get()),
        unavailability,
        nines: nines(unavailability),
        mtbf_hours: mtbf.get() / HOUR,
        mttr_hours: mttr.get() / HOUR,
        downtime_minutes_per_year: unavailability * year.get() / MINUTE,
        downtime_seconds_per_month: unavailability * month.get(),
        failures_per_year: year.get() / (mtbf.get() + mttr.get()),
        method: "exact: long-run share of an alternating renewal process",
        exact: true,
    })
}

fn mttr(input: &InstanceInput) -> Result<Seconds, CalcError> {
    let steps = [input.detection, input.replacement, input.warm_up];
    match (input.mttr_hours, steps) {
        (Some(mttr), [None, None, None]) => hours("mttr_hours", mttr),
        (None, steps) if steps.iter().any(Option::is_some) => {
            let steps = RepairSteps {
                detection: seconds("detection", input.detection.unwrap_or(0.0))?,
                replacement: seconds("replacement", input.replacement.unwrap_or(0.0))?,
                warm_up: seconds("warm_up", input.warm_up.unwrap_or(0.0))?,
            };
            Ok(steps.mttr()?)
        }
        _ => Err(CalcError::invalid(
            "`instance_availability` takes `mttr_hours`, or `detection`, `replacement` and `warm_up`",
        )),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BudgetInput {
    availability: f64,
    period_hours: f64,
}

#[derive(Serialize)]
struct BudgetAnswer {
    downtime_seconds: f64,
    method: &'static str,
    exact: bool,
}

fn downtime_budget(input: &BudgetInput) -> Result<BudgetAnswer, CalcError> {
    let unavailability = named("availability", down(input.availability))?;
    let period = hours("period_hours", input.period_hours)?;
    Ok(BudgetAnswer {
        downtime_seconds: unavailability.get() * period.get(),
        method: "exact: share of the period",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RepairInput {
    n: u64,
    k: u64,
    mttf_hours: f64,
    mttr_hours: f64,
    crews: Option<u64>,
    dormancy: Option<f64>,
    fail_while_down: Option<bool>,
}

#[derive(Serialize)]
struct RepairAnswer {
    availability: f64,
    unavailability: f64,
    mean_up: f64,
    system_failures_per_year: f64,
    mean_outage_hours: f64,
    mean_time_between_outages_hours: f64,
    mttff_hours: f64,
    /// Absent for large groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    up_probabilities: Option<Vec<f64>>,
    method: &'static str,
    exact: bool,
}

fn k_of_n_repair(input: &RepairInput) -> Result<RepairAnswer, CalcError> {
    let repaired = repaired_availability(&RepairedGroup {
        instances: input.n,
        needed: input.k,
        mttf: hours("mttf_hours", input.mttf_hours)?,
        mttr: hours("mttr_hours", input.mttr_hours)?,
        crews: input.crews.unwrap_or(input.n.max(1)),
        dormancy: input.dormancy.unwrap_or(1.0),
        while_down: if input.fail_while_down.unwrap_or(true) { WhileDown::Failing } else { WhileDown::Frozen },
    })?;
    Ok(RepairAnswer {
        availability: repaired.availability,
        unavailability: repaired.unavailability,
        mean_up: repaired.mean_up,
        system_failures_per_year: repaired.outage_rate * YEAR,
        mean_outage_hours: repaired.mean_outage / HOUR,
        mean_time_between_outages_hours: repaired.mean_time_between_outages / HOUR,
        mttff_hours: repaired.mean_time_to_first_outage / HOUR,
        up_probabilities: (input.n <= MAX_LISTED).then_some(repaired.up_probabilities),
        method: "exact: birth-death chain, exponential times",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BreachInput {
    mtbf_hours: f64,
    mttr_hours: f64,
    sla: f64,
    #[serde(default = "month_hours")]
    period_hours: f64,
}

#[derive(Serialize)]
struct BreachAnswer {
    breach_probability: f64,
    budget_minutes: f64,
    mean_downtime_minutes: f64,
    steady_state_availability: f64,
    no_outage_probability: f64,
    method: &'static str,
    exact: bool,
}

fn breach(input: &BreachInput) -> Result<BreachAnswer, CalcError> {
    let answer = sla_breach(
        hours("mtbf_hours", input.mtbf_hours)?,
        hours("mttr_hours", input.mttr_hours)?,
        named("sla", Probability::new(input.sla))?,
        hours("period_hours", input.period_hours)?,
    )?;
    Ok(BreachAnswer {
        breach_probability: answer.breach_probability,
        budget_minutes: answer.budget / MINUTE,
        mean_downtime_minutes: answer.mean_downtime / MINUTE,
        steady_state_availability: answer.steady_state_availability,
        no_outage_probability: answer.no_outage_probability,
        method: "exact: exponential times up and down, up at the begin",
        exact: true,
    })
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
