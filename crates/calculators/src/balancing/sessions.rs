use capplan_queueing::queues::{StickySessions, ZoneBalance, ZoneRouting, sticky_scale_out, zone_balance};
use capplan_queueing::units::{ArrivalRate, Seconds, Servers, ServiceRate};

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};

use crate::error::named;

inputs! {
    struct StickyInput {
        /// sessions at a time, at least 1
        sessions: u64,
        /// instances, at least 1
        servers: Servers,
        /// squared coefficient of variation of the sessions' request rates, at least 0
        session_rate_scv: f64 = 1,
    }
}

pub(crate) const STICKY_SESSIONS: Calculator = Calculator {
    name: "sticky_sessions",
    summary: "how unevenly sessions that stay on their instance load a fleet",
    inputs: StickyInput::INPUTS,
    formula: &[
        "cv = √((n − 1)·(1 + s)/S),  n = {servers},  s = {session_rate_scv},  S = {sessions}:  {rms_cv_of_server_load}",
        "max/mean about 1 + cv·Φ⁻¹((n − 0.375)/(n + 0.25)) = {mean_of_max_over_mean}",
    ],
    reference: "Blom 1958",
    answer: |question| question.answer(sticky_sessions),
};

inputs! {
    struct ScaleOutInput {
        /// instances before, at least 1
        old_servers: Servers,
        /// instances added
        added_servers: u64,
        /// mean length of a session in seconds, above 0
        mean_session: Seconds,
        /// seconds since the scale-out, at least 0
        seconds_after: Seconds,
    }
}

pub(crate) const STICKY_SCALE_OUT: Calculator = Calculator {
    name: "sticky_scale_out",
    summary: "share of old and new instances some time after a scale-out with sticky sessions",
    inputs: ScaleOutInput::INPUTS,
    formula: &[
        "n = {old_servers},  m = {added_servers},  t/L = {seconds_after}/{mean_session}",
        "old: e^(−t/L)/n + (1 − e^(−t/L))/(n + m) = {old_server_share}",
        "new: (1 − e^(−t/L))/(n + m) = {new_server_share}",
    ],
    reference: "Kleinrock 1975, §2",
    answer: |question| question.answer(scale_out),
};

inputs! {
    struct BalanceInput {
        /// requests per second, at least 0
        arrival_rate: ArrivalRate,
        /// requests per second that a target carries, above 0
        target_rate: ServiceRate,
        /// targets in each zone
        targets_per_zone: Vec<u64>,
        /// whether every target gets the same share; if not, every zone with targets does
        cross_zone: bool,
    }
}

pub(crate) const ZONE_BALANCE: Calculator = Calculator {
    name: "zone_balance",
    summary: "utilization of targets in several zones, with and without balancing across zones",
    inputs: BalanceInput::INPUTS,
    formula: &[
        "share of a target: 1/Σn if zones are crossed, else 1/(zones with targets·n_z);  crossed: {cross_zone},  n = \
         {targets_per_zone}",
        "u_z = {arrival_rate}·share/{target_rate} = {zone_utilization}",
        "largest {max_utilization}",
    ],
    reference: "AWS, Elastic Load Balancing User Guide",
    answer: |question| question.answer(balance),
};

inputs! {
    struct TargetShareInput {
        /// targets in each zone
        targets_per_zone: Vec<u64>,
        /// whether every target gets the same share; if not, every zone with targets does
        cross_zone: bool,
    }
}

pub(crate) const ZONE_TARGET_SHARE: Calculator = Calculator {
    name: "zone_target_share",
    summary: "share of the requests that a target gets, by its zone",
    inputs: TargetShareInput::INPUTS,
    formula: &[
        "1/Σn if zones are crossed, else 1/(zones with targets·n_z);  crossed: {cross_zone},  n = {targets_per_zone}",
        "share = {share_per_target_by_zone}",
    ],
    reference: "AWS, Elastic Load Balancing User Guide",
    answer: |question| question.answer(target_share),
};

fn sticky_sessions(input: &StickyInput) -> Result<Answer, CalcError> {
    let sticky = StickySessions::new(input.sessions, input.servers, input.session_rate_scv)?;
    let method = "approximate: exact deviation, the largest of normal loads by Blom; 0.3 to 2.2 % below simulation";
    Ok(Answer::approximate(method)
        .with("rms_cv_of_server_load", sticky.load_cv)
        .with("mean_of_max_over_mean", sticky.busiest_over_mean))
}

fn scale_out(input: &ScaleOutInput) -> Result<Answer, CalcError> {
    let shares = sticky_scale_out(input.old_servers, input.added_servers, input.mean_session, input.seconds_after)?;
    Ok(Answer::exact("exact: exponential sessions, constant load").record(&shares))
}

const fn routing(cross_zone: bool) -> ZoneRouting {
    if cross_zone { ZoneRouting::Crossed } else { ZoneRouting::Kept }
}

/// What a balancer does, and all that it says.
const ZONE_METHOD: &str = "exact: the balancer's rule, clients spread evenly over zones";

fn balance(input: &BalanceInput) -> Result<Answer, CalcError> {
    let routing = routing(input.cross_zone);
    let zones = zone_balance(input.arrival_rate, input.target_rate, &input.targets_per_zone, routing)?;
    let max_utilization = zones.max_utilization();
    // None for a zone without targets.
    Ok(Answer::exact(ZONE_METHOD)
        .with("zone_utilization", zones.utilizations)
        .with("zone_share", zones.zone_shares)
        .with("max_utilization", max_utilization)
        .with("overloaded", max_utilization >= 1.0))
}

fn target_share(input: &TargetShareInput) -> Result<Answer, CalcError> {
    // Shares do not depend on the rates.
    let (arrivals, rate) = (ArrivalRate::new(1.0), ServiceRate::new(1.0));
    let (arrivals, rate) = (named("arrival_rate", arrivals)?, named("target_rate", rate)?);
    let ZoneBalance { target_shares, .. } =
        zone_balance(arrivals, rate, &input.targets_per_zone, routing(input.cross_zone))?;
    Ok(Answer::exact(ZONE_METHOD).with("share_per_target_by_zone", target_shares))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::run;

    #[test]
    fn a_zone_without_targets_has_no_figure() {
        let input = json!({"targets_per_zone": [1, 0], "cross_zone": false});
        let answer = run("zone_target_share", &input).expect("an answer");
        assert_eq!(answer["share_per_target_by_zone"], json!([1.0, null]));
    }

    #[test]
    fn targets_in_no_zone_are_refused() {
        let input = json!({"targets_per_zone": [], "cross_zone": true});
        assert_eq!(
            run("zone_target_share", &input).expect_err("refused").message,
            "number of targets in all zones of 0 is not at least 1"
        );
    }
}
