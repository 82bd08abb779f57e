use serde::{Deserialize, Serialize};

use capplan_queueing::queues::{StickySessions, ZoneBalance, ZoneRouting, sticky_scale_out, zone_balance};
use capplan_queueing::units::{ArrivalRate, Seconds, Servers, ServiceRate};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed, typed_with_gaps};
use super::error::named;

const TARGETS_PER_ZONE: Input = Input::required("targets_per_zone", InputKind::Counts, "targets in each zone");

const CROSS_ZONE: Input = Input::required(
    "cross_zone",
    InputKind::Switch,
    "whether every target gets the same share; if not, every zone with targets does",
);

pub(super) const STICKY_SESSIONS: Calculator = Calculator {
    name: "sticky_sessions",
    summary: "how unevenly sessions that stay on their instance load a fleet",
    inputs: &[
        Input::required("sessions", InputKind::Count, "sessions at a time, at least 1"),
        Input::required("servers", InputKind::Count, "instances, at least 1"),
        Input::optional(
            "session_rate_scv",
            InputKind::Number,
            "squared coefficient of variation of the sessions' request rates, at least 0 (default 1)",
        ),
    ],
    formula: &[
        "cv = √((n − 1)·(1 + s)/S),  n = {servers},  s = {session_rate_scv|1},  S = {sessions}:  {rms_cv_of_server_load}",
        "max/mean about 1 + cv·Φ⁻¹((n − 0.375)/(n + 0.25)) = {mean_of_max_over_mean}",
    ],
    reference: "Blom 1958",
    answer: |input| typed(input, sticky_sessions),
};

pub(super) const STICKY_SCALE_OUT: Calculator = Calculator {
    name: "sticky_scale_out",
    summary: "share of old and new instances some time after a scale-out with sticky sessions",
    inputs: &[
        Input::required("old_servers", InputKind::Count, "instances before, at least 1"),
        Input::required("added_servers", InputKind::Count, "instances added"),
        Input::required("mean_session", InputKind::Number, "mean length of a session in seconds, above 0"),
        Input::required("seconds_after", InputKind::Number, "seconds since the scale-out, at least 0"),
    ],
    formula: &[
        "n = {old_servers},  m = {added_servers},  t/L = {seconds_after}/{mean_session}",
        "old: e^(−t/L)/n + (1 − e^(−t/L))/(n + m) = {old_server_share}",
        "new: (1 − e^(−t/L))/(n + m) = {new_server_share}",
    ],
    reference: "Kleinrock 1975, §2",
    answer: |input| typed(input, scale_out),
};

pub(super) const ZONE_BALANCE: Calculator = Calculator {
    name: "zone_balance",
    summary: "utilization of targets in several zones, with and without balancing across zones",
    inputs: &[
        Input::required("arrival_rate", InputKind::Number, "requests per second, at least 0"),
        Input::required("target_rate", InputKind::Number, "requests per second that a target carries, above 0"),
        TARGETS_PER_ZONE,
        CROSS_ZONE,
    ],
    formula: &[
        "share of a target: 1/Σn if zones are crossed, else 1/(zones with targets·n_z);  crossed: {cross_zone},  n = \
         {targets_per_zone}",
        "u_z = {arrival_rate}·share/{target_rate} = {zone_utilization}",
        "largest {max_utilization}",
    ],
    reference: "AWS, Elastic Load Balancing User Guide",
    answer: |input| typed_with_gaps(&["zone_utilization"], input, balance),
};

pub(super) const ZONE_TARGET_SHARE: Calculator = Calculator {
    name: "zone_target_share",
    summary: "share of the requests that a target gets, by its zone",
    inputs: &[TARGETS_PER_ZONE, CROSS_ZONE],
    formula: &[
        "1/Σn if zones are crossed, else 1/(zones with targets·n_z);  crossed: {cross_zone},  n = {targets_per_zone}",
        "share = {share_per_target_by_zone}",
    ],
    reference: "AWS, Elastic Load Balancing User Guide",
    answer: |input| typed_with_gaps(&["share_per_target_by_zone"], input, target_share),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StickyInput {
    sessions: u64,
    servers: u64,
    session_rate_scv: Option<f64>,
}

#[derive(Serialize)]
struct StickyAnswer {
    rms_cv_of_server_load: f64,
    mean_of_max_over_mean: f64,
    method: &'static str,
    exact: bool,
}

fn sticky_sessions(input: &StickyInput) -> Result<StickyAnswer, CalcError> {
    let servers = named("servers", Servers::new(input.servers))?;
    let sticky = StickySessions::new(input.sessions, servers, input.session_rate_scv.unwrap_or(1.0))?;
    Ok(StickyAnswer {
        rms_cv_of_server_load: sticky.load_cv,
        mean_of_max_over_mean: sticky.busiest_over_mean,
        method: "approximate: exact deviation, the largest of normal loads by Blom; 0.3 to 2.2 % below simulation",
        exact: false,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScaleOutInput {
    old_servers: u64,
    added_servers: u64,
    mean_session: f64,
    seconds_after: f64,
}

#[derive(Serialize)]
struct ScaleOutAnswer {
    old_server_share: f64,
    new_server_share: f64,
    method: &'static str,
    exact: bool,
}

fn scale_out(input: &ScaleOutInput) -> Result<ScaleOutAnswer, CalcError> {
    let shares = sticky_scale_out(
        named("old_servers", Servers::new(input.old_servers))?,
        input.added_servers,
        named("mean_session", Seconds::new(input.mean_session))?,
        named("seconds_after", Seconds::new(input.seconds_after))?,
    )?;
    Ok(ScaleOutAnswer {
        old_server_share: shares.old_server_share,
        new_server_share: shares.new_server_share,
        method: "exact: exponential sessions, constant load",
        exact: true,
    })
}

const fn routing(cross_zone: bool) -> ZoneRouting {
    if cross_zone { ZoneRouting::Crossed } else { ZoneRouting::Kept }
}

/// What a balancer does, and all that it says.
const ZONE_METHOD: &str = "exact: the balancer's rule, clients spread evenly over zones";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BalanceInput {
    arrival_rate: f64,
    target_rate: f64,
    targets_per_zone: Vec<u64>,
    cross_zone: bool,
}

#[derive(Serialize)]
struct BalanceAnswer {
    /// `null` for a zone without targets.
    zone_utilization: Vec<Option<f64>>,
    zone_share: Vec<f64>,
    max_utilization: f64,
    overloaded: bool,
    method: &'static str,
    exact: bool,
}

fn balance(input: &BalanceInput) -> Result<BalanceAnswer, CalcError> {
    let zones = zone_balance(
        named("arrival_rate", ArrivalRate::new(input.arrival_rate))?,
        named("target_rate", ServiceRate::new(input.target_rate))?,
        &input.targets_per_zone,
        routing(input.cross_zone),
    )?;
    let max_utilization = zones.max_utilization();
    Ok(BalanceAnswer {
        max_utilization,
        overloaded: max_utilization >= 1.0,
        zone_utilization: zones.utilizations,
        zone_share: zones.zone_shares,
        method: ZONE_METHOD,
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetShareInput {
    targets_per_zone: Vec<u64>,
    cross_zone: bool,
}

#[derive(Serialize)]
struct TargetShareAnswer {
    /// `null` for a zone without targets.
    share_per_target_by_zone: Vec<Option<f64>>,
    method: &'static str,
    exact: bool,
}

fn target_share(input: &TargetShareInput) -> Result<TargetShareAnswer, CalcError> {
    // Shares do not depend on the rates.
    let (arrivals, rate) = (ArrivalRate::new(1.0), ServiceRate::new(1.0));
    let (arrivals, rate) = (named("arrival_rate", arrivals)?, named("target_rate", rate)?);
    let ZoneBalance { target_shares, .. } =
        zone_balance(arrivals, rate, &input.targets_per_zone, routing(input.cross_zone))?;
    Ok(TargetShareAnswer { share_per_target_by_zone: target_shares, method: ZONE_METHOD, exact: true })
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
