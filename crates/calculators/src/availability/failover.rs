use capplan_queueing::availability::{
    FailoverPair, Period, ReplicationLag, downtime_minutes, failover_availability, lost_writes,
    unreplicated_availability,
};
use capplan_queueing::units::{ArrivalRate, Probability, Seconds};

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, choices, inputs};

use crate::read::{HOUR, Hours, Minutes, YEAR};

inputs! {
    struct FailoverInput {
        /// mean time up of the primary in hours, above 0
        mtbf_primary_hours: Hours,
        /// the same of the standby (default: the primary's)
        mtbf_replica_hours: Option<Hours>,
        /// share of failures handled without a person
        coverage: Probability = 1,
        /// seconds until a failure is found
        detection_time: Seconds = 0,
        /// seconds until clients use the new primary
        promotion_time: Seconds = 0,
        /// minutes of a failover by hand
        manual_recovery_minutes: Minutes = 60,
        /// hours until a lost node is replaced
        rebuild_hours: Hours = 1,
        /// hours of a restore when no node is left
        restore_both_hours: Hours,
        /// standbys, 0 or 1
        replicas: u64 = 1,
    }
}

pub(crate) const FAILOVER: Calculator = Calculator {
    name: "failover",
    summary: "availability of a primary and its standby through detection, promotion, manual recovery and rebuild",
    inputs: FailoverInput::INPUTS,
    formula: &[
        "pair up → detecting → promoting → single up → pair up; manual recovery for 1 − c; a second failure → both down",
        "1/λ_p = {mtbf_primary_hours} h,  1/λ_r = {mtbf_replica_hours|the same} h,  c = {coverage},  T_d = {detection_time} s,  \
         T_p = {promotion_time} s,  T_m = {manual_recovery_minutes} min,  T_rebuild = {rebuild_hours} h,  \
         T_restore = {restore_both_hours} h",
        "U = share of time without a primary = {unavailability},  availability = 1 − U = {availability}",
        "outages = λ_p·availability = {outages_per_year} a year,  mean outage = {mean_outage_seconds} s",
        "downtime = U·525600 min = {unavailability}·525600 = {downtime_minutes_per_year} min a year",
    ],
    reference: "Trivedi and Bobbio 2017, ch. 9 and 10; Grassmann, Taksar and Heyman 1985",
    answer: |question| question.answer(failover),
};

inputs! {
    struct LostInput {
        /// writes per second
        write_rate: ArrivalRate,
        /// lag of the replica in seconds, 0 if synchronous
        replication_lag: Seconds,
        /// how the lag varies, `fixed` or `exponential` with that mean
        lag_model: LagModel = "exponential",
        /// failovers in a year
        failovers_per_year: f64 = 1,
    }
}

pub(crate) const FAILOVER_LOST_WRITES: Calculator = Calculator {
    name: "failover_lost_writes",
    summary: "acknowledged writes that a failover to a lagging replica loses",
    inputs: LostInput::INPUTS,
    formula: &[
        "mean = w·L = {write_rate}·{replication_lag} = {mean_lost_writes_per_failover}",
        "P(any) = 1 − e^(−wL) for a fixed lag, wL/(1 + wL) for an exponential one = {prob_any_loss}",
        "in 99 % of failovers at most {p99_lost_writes} writes are lost, at a lag of at most {p99_lag} s",
        "lost = {failovers_per_year}·{mean_lost_writes_per_failover} = {lost_writes_per_year} writes a year",
    ],
    reference: "Feller 1968",
    answer: |question| question.answer(lost),
};

choices! {
    enum LagModel {
        Fixed = "fixed",
        Exponential = "exponential",
    }
}

fn failover(input: &FailoverInput) -> Result<Answer, CalcError> {
    let (primary_mtbf, restore_both) = (input.mtbf_primary_hours.0, input.restore_both_hours.0);
    let (answer, method) = match input.replicas {
        0 => (unreplicated_availability(primary_mtbf, restore_both)?, "exact: two states, exponential times"),
        1 => {
            let pair = FailoverPair {
                primary_mtbf,
                replica_mtbf: input.mtbf_replica_hours.unwrap_or(input.mtbf_primary_hours).0,
                coverage: input.coverage,
                detection: input.detection_time,
                promotion: input.promotion_time,
                manual_recovery: input.manual_recovery_minutes.0,
                rebuild: input.rebuild_hours.0,
                restore_both,
            };
            (failover_availability(&pair)?, "exact: six-state Markov chain, exponential times")
        }
        more => {
            let message = format!("`replicas` of {more} is more than this chain has; it takes 0 or 1");
            return Err(CalcError::invalid(message));
        }
    };
    Ok(Answer::exact(method)
        .with("availability", answer.availability)
        .with("unavailability", answer.unavailability)
        .with("downtime_minutes_per_year", downtime_minutes(answer.unavailability, Period::Year))
        .with("outages_per_year", answer.outage_rate * YEAR)
        .with("mean_outage_seconds", answer.mean_outage)
        .with("mttff_hours", answer.mean_time_to_first_outage / HOUR))
}

fn lost(input: &LostInput) -> Result<Answer, CalcError> {
    let (lag, method) = match input.lag_model {
        LagModel::Fixed => (ReplicationLag::Fixed(input.replication_lag), "exact: Poisson writes over a fixed lag"),
        LagModel::Exponential => (
            ReplicationLag::Exponential(input.replication_lag),
            "exact: Poisson writes over an exponential lag, a geometric law",
        ),
    };
    let failovers = input.failovers_per_year;
    if failovers < 0.0 {
        return Err(CalcError::invalid(format!("`failovers_per_year` of {failovers} is not at least 0")));
    }
    let answer = lost_writes(input.write_rate, lag)?;
    Ok(Answer::exact(method)
        .with("mean_lost_writes_per_failover", answer.mean_per_failover)
        .with("prob_any_loss", answer.any_loss_probability)
        .with("p99_lost_writes", answer.p99)
        .with("p99_lag", answer.p99_lag)
        .with("lost_writes_per_year", failovers * answer.mean_per_failover))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::run;

    #[test]
    fn two_standbys_are_refused() {
        let input = json!({"mtbf_primary_hours": 1, "restore_both_hours": 1, "replicas": 2});
        assert_eq!(
            run("failover", &input).expect_err("refused").message,
            "`replicas` of 2 is more than this chain has; it takes 0 or 1"
        );
    }

    #[test]
    fn a_negative_number_of_failovers_is_refused() {
        let input = json!({"write_rate": 1, "replication_lag": 1, "failovers_per_year": -1});
        assert_eq!(
            run("failover_lost_writes", &input).expect_err("refused").message,
            "`failovers_per_year` of -1 is not at least 0"
        );
    }
}
