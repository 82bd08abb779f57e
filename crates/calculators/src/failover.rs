use serde::{Deserialize, Serialize};

use capplan_queueing::availability::{
    FailoverPair, Period, ReplicationLag, downtime_minutes, failover_availability, lost_writes,
    unreplicated_availability,
};
use capplan_queueing::units::{ArrivalRate, Probability};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::named;
use super::times::{HOUR, MINUTE, YEAR, hours, seconds, time};

pub(super) const FAILOVER: Calculator = Calculator {
    name: "failover",
    summary: "availability of a primary and its standby through detection, promotion, manual recovery and rebuild",
    inputs: &[
        Input::required("mtbf_primary_hours", InputKind::Number, "mean time up of the primary in hours, above 0"),
        Input::optional("mtbf_replica_hours", InputKind::Number, "the same of the standby (default: the primary's)"),
        Input::optional("coverage", InputKind::Number, "share of failures handled without a person (default 1)"),
        Input::optional("detection_time", InputKind::Number, "seconds until a failure is found (default 0)"),
        Input::optional("promotion_time", InputKind::Number, "seconds until clients use the new primary (default 0)"),
        Input::optional("manual_recovery_minutes", InputKind::Number, "minutes of a failover by hand (default 60)"),
        Input::optional("rebuild_hours", InputKind::Number, "hours until a lost node is replaced (default 1)"),
        Input::required("restore_both_hours", InputKind::Number, "hours of a restore when no node is left"),
        Input::optional("replicas", InputKind::Count, "standbys, 0 or 1 (default 1)"),
    ],
    formula: &[
        "pair up → detecting → promoting → single up → pair up; manual recovery for 1 − c; a second failure → both down",
        "1/λ_p = {mtbf_primary_hours} h,  1/λ_r = {mtbf_replica_hours|the same} h,  c = {coverage|1},  T_d = {detection_time|0} s,  \
         T_p = {promotion_time|0} s,  T_m = {manual_recovery_minutes|60} min,  T_rebuild = {rebuild_hours|1} h,  \
         T_restore = {restore_both_hours} h",
        "U = share of time without a primary = {unavailability},  availability = 1 − U = {availability}",
        "outages = λ_p·availability = {outages_per_year} a year,  mean outage = {mean_outage_seconds} s",
        "downtime = U·525600 min = {unavailability}·525600 = {downtime_minutes_per_year} min a year",
    ],
    reference: "Trivedi and Bobbio 2017, ch. 9 and 10; Grassmann, Taksar and Heyman 1985",
    answer: |question| typed(question, failover),
};

pub(super) const FAILOVER_LOST_WRITES: Calculator = Calculator {
    name: "failover_lost_writes",
    summary: "acknowledged writes that a failover to a lagging replica loses",
    inputs: &[
        Input::required("write_rate", InputKind::Number, "writes per second"),
        Input::required("replication_lag", InputKind::Number, "lag of the replica in seconds, 0 if synchronous"),
        Input::optional(
            "lag_model",
            InputKind::Choice(&["fixed", "exponential"]),
            "how the lag varies, `fixed` or `exponential` with that mean (default `exponential`)",
        ),
        Input::optional("failovers_per_year", InputKind::Number, "failovers in a year (default 1)"),
    ],
    formula: &[
        "mean = w·L = {write_rate}·{replication_lag} = {mean_lost_writes_per_failover}",
        "P(any) = 1 − e^(−wL) for a fixed lag, wL/(1 + wL) for an exponential one = {prob_any_loss}",
        "in 99 % of failovers at most {p99_lost_writes} writes are lost, at a lag of at most {p99_lag} s",
        "lost = {failovers_per_year|1}·{mean_lost_writes_per_failover} = {lost_writes_per_year} writes a year",
    ],
    reference: "Feller 1968",
    answer: |question| typed(question, lost),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FailoverInput {
    mtbf_primary_hours: f64,
    mtbf_replica_hours: Option<f64>,
    coverage: Option<f64>,
    detection_time: Option<f64>,
    promotion_time: Option<f64>,
    manual_recovery_minutes: Option<f64>,
    rebuild_hours: Option<f64>,
    restore_both_hours: f64,
    replicas: Option<u64>,
}

#[derive(Serialize)]
struct FailoverAnswer {
    availability: f64,
    unavailability: f64,
    downtime_minutes_per_year: f64,
    outages_per_year: f64,
    mean_outage_seconds: f64,
    mttff_hours: f64,
    method: &'static str,
    exact: bool,
}

fn failover(input: &FailoverInput) -> Result<FailoverAnswer, CalcError> {
    let primary_mtbf = hours("mtbf_primary_hours", input.mtbf_primary_hours)?;
    let restore_both = hours("restore_both_hours", input.restore_both_hours)?;
    let (answer, method) = match input.replicas.unwrap_or(1) {
        0 => (unreplicated_availability(primary_mtbf, restore_both)?, "exact: two states, exponential times"),
        1 => {
            let pair = FailoverPair {
                primary_mtbf,
                replica_mtbf: match input.mtbf_replica_hours {
                    Some(mtbf) => hours("mtbf_replica_hours", mtbf)?,
                    None => primary_mtbf,
                },
                coverage: named("coverage", Probability::new(input.coverage.unwrap_or(1.0)))?,
                detection: seconds("detection_time", input.detection_time.unwrap_or(0.0))?,
                promotion: seconds("promotion_time", input.promotion_time.unwrap_or(0.0))?,
                manual_recovery: time(
                    "manual_recovery_minutes",
                    input.manual_recovery_minutes.unwrap_or(60.0),
                    MINUTE,
                )?,
                rebuild: hours("rebuild_hours", input.rebuild_hours.unwrap_or(1.0))?,
                restore_both,
            };
            (failover_availability(&pair)?, "exact: six-state Markov chain, exponential times")
        }
        more => {
            return Err(CalcError::invalid(format!(
                "`replicas` of {more} is more than this chain has; it takes 0 or 1"
            )));
        }
    };
    Ok(FailoverAnswer {
        availability: answer.availability,
        unavailability: answer.unavailability,
        downtime_minutes_per_year: downtime_minutes(answer.unavailability, Period::Year),
        outages_per_year: answer.outage_rate * YEAR,
        mean_outage_seconds: answer.mean_outage,
        mttff_hours: answer.mean_time_to_first_outage / HOUR,
        method,
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LostInput {
    write_rate: f64,
    replication_lag: f64,
    #[serde(default)]
    lag_model: LagModel,
    failovers_per_year: Option<f64>,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum LagModel {
    Fixed,
    #[default]
    Exponential,
}

#[derive(Serialize)]
struct LostAnswer {
    mean_lost_writes_per_failover: f64,
    prob_any_loss: f64,
    p99_lost_writes: u64,
    p99_lag: f64,
    lost_writes_per_year: f64,
    method: &'static str,
    exact: bool,
}

fn lost(input: &LostInput) -> Result<LostAnswer, CalcError> {
    let lag = seconds("replication_lag", input.replication_lag)?;
    let (lag, method) = match input.lag_model {
        LagModel::Fixed => (ReplicationLag::Fixed(lag), "exact: Poisson writes over a fixed lag"),
        LagModel::Exponential => {
            (ReplicationLag::Exponential(lag), "exact: Poisson writes over an exponential lag, a geometric law")
        }
    };
    let failovers = input.failovers_per_year.unwrap_or(1.0);
    if !(failovers >= 0.0 && failovers.is_finite()) {
        return Err(CalcError::invalid(format!("`failovers_per_year` of {failovers} is not at least 0")));
    }
    let answer = lost_writes(named("write_rate", ArrivalRate::new(input.write_rate))?, lag)?;
    Ok(LostAnswer {
        mean_lost_writes_per_failover: answer.mean_per_failover,
        prob_any_loss: answer.any_loss_probability,
        p99_lost_writes: answer.p99,
        p99_lag: answer.p99_lag,
        lost_writes_per_year: failovers * answer.mean_per_failover,
        method,
        exact: true,
    })
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
