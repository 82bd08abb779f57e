use crate::model::{Choice, Fleet, FleetRole, System};
use crate::plan::{Assessed, HitRatioGroup, Status};
use crate::sweep::{Feasible, Point};
use capplan_queueing::units::Bytes;

use super::table::csv_line;

/// Column names of a file of candidates.
pub fn candidate_header(system: &System, variation: &[(String, String)]) -> Vec<String> {
    let mut header = vec!["users".to_owned(), "arrival_rate_per_s".to_owned()];
    header.extend(variation.iter().map(|(key, _)| key.clone()));
    for tier in system.tiers() {
        let Some(fleet) = tier.fleet() else { continue };
        let memory = memory_is_searched(fleet).then_some("memory_gib");
        let routing = (fleet.routings.len() > 1).then_some("routing");
        for column in ["type", "instances"].into_iter().chain(memory).chain(routing).chain(["utilization"]) {
            header.push(format!("{}_{column}", tier.name));
        }
    }
    header.push("monthly_cost_usd".to_owned());
    for objective in &system.objectives().response_times {
        let scope = objective.class.map_or_else(String::new, |class| format!("{}_", system.classes()[class].name));
        header.push(format!("{scope}share_within_{}_s", objective.limit.get()));
    }
    header.extend(["availability", "unavailability", "status", "reason"].map(str::to_owned));
    header
}

fn memory_is_searched(fleet: &Fleet) -> bool {
    matches!(&fleet.role, FleetRole::Cache(cache) if !cache.behaviour.memory_of_type.is_empty())
}

/// The figures of a point that stand at the start of each of its rows.
pub fn row_prefix(users: Option<f64>, rate: f64, variation: &[(String, String)]) -> Vec<u8> {
    let mut cells = vec![users.map_or_else(String::new, |users| users.to_string()), format!("{rate:.6}")];
    cells.extend(variation.iter().map(|(_, value)| value.clone()));
    let mut bytes = csv_line(&cells);
    bytes.pop();
    bytes
}

/// Appends one candidate as a CSV line. Names of tiers and types need no quotes: the model allows none that do.
pub fn candidate_row(
    out: &mut Vec<u8>,
    prefix: &[u8],
    system: &System,
    group: &HitRatioGroup,
    picks: &[usize],
    assessed: Assessed<'_>,
) -> Feasible {
    out.extend_from_slice(prefix);
    for (tier, &pick) in group.tiers.iter().zip(picks) {
        let option = &tier.options[pick];
        let fleet = system.tiers()[tier.tier].fleet();
        let kind = fleet.map(|fleet| fleet.types[option.choice.instance_type].name.as_str());
        out.push(b',');
        out.extend_from_slice(kind.unwrap_or_default().as_bytes());
        out.push(b',');
        push_integer(out, u64::from(option.choice.count));
        out.push(b',');
        if let Some(Fleet { role: FleetRole::Cache(cache), types, .. }) = fleet
            && !cache.behaviour.memory_of_type.is_empty()
        {
            let Choice { instance_type, count, .. } = option.choice;
            let memory = cache.data_memory(instance_type, types[instance_type].memory, count);
            push_decimal(out, memory / Bytes::GIB, 3);
            out.push(b',');
        }
        if fleet.is_some_and(|fleet| fleet.routings.len() > 1) {
            out.extend_from_slice(option.choice.routing.name().as_bytes());
            out.push(b',');
        }
        if let Some(utilization) = option.utilization {
            push_decimal(out, utilization, 6);
        }
    }
    out.push(b',');
    push_decimal(out, assessed.price.monthly_usd(), 2);
    let objectives = system.objectives().response_times.len();
    for index in 0..objectives {
        out.push(b',');
        if let Some(&share) = assessed.shares.get(index) {
            push_decimal(out, share, 9);
        }
    }
    out.push(b',');
    push_decimal(out, 1.0 - assessed.unavailability, 9);
    out.push(b',');
    push_scientific(out, assessed.unavailability);
    out.push(b',');
    out.extend_from_slice(assessed.status.name().as_bytes());
    out.push(b',');
    push_reason(out, system, group, assessed);
    out.push(b'\n');
    if assessed.status == Status::Feasible { Feasible::Yes } else { Feasible::No }
}

fn push_reason(out: &mut Vec<u8>, system: &System, group: &HitRatioGroup, assessed: Assessed<'_>) {
    let name = |position: usize| system.tiers()[group.tiers[position].tier].name.as_bytes();
    match assessed.status {
        Status::Feasible => {}
        Status::Overloaded { tier, utilization } => {
            out.extend_from_slice(name(tier));
            out.extend_from_slice(b": utilization after the designed loss ");
            push_decimal(out, utilization, 3);
        }
        Status::Down { tier } => {
            out.extend_from_slice(name(tier));
            out.extend_from_slice(b": nothing left after the designed loss");
        }
        Status::Refuses { tier, share } => {
            out.extend_from_slice(name(tier));
            out.extend_from_slice(b": share of visits refused after the designed loss ");
            push_decimal(out, share, 6);
        }
        Status::TooSlow { objective } => {
            if let (Some(promised), Some(&share)) =
                (system.objectives().response_times.get(objective), assessed.shares.get(objective))
            {
                out.extend_from_slice(b"only ");
                push_decimal(out, share, 6);
                out.extend_from_slice(b" of requests within ");
                push_decimal(out, promised.limit.get(), 6);
                out.extend_from_slice(b" s after the designed loss; promised ");
                push_decimal(out, promised.percentile, 6);
            }
        }
        Status::Unavailable => out.extend_from_slice(b"availability below the objective"),
        Status::OverBudget => out.extend_from_slice(b"cost above the budget"),
        Status::NotSurvived { scenario } => {
            if let Some(scenario) = system.scenarios().get(scenario) {
                out.extend_from_slice(b"does not come through ");
                out.extend_from_slice(scenario.name.as_bytes());
            }
        }
    }
}

fn push_integer(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0_u8; 20];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[first..]);
}

/// Appends a number at least 0 with a fixed number of decimals: a full grid spends most of its time here, and the
/// general formatter takes three times as long.
fn push_decimal(out: &mut Vec<u8>, value: f64, decimals: u32) {
    let scale = 10_u64.pow(decimals);
    let scaled = value * scale as f64;
    if !(0.0..9e15).contains(&scaled) {
        out.extend_from_slice(format!("{value}").as_bytes());
        return;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked: between 0 and 9·10¹⁵")]
    let rounded = scaled.round() as u64;
    push_integer(out, rounded / scale);
    out.push(b'.');
    let mut fraction = rounded % scale;
    let start = out.len();
    out.resize(start + decimals as usize, b'0');
    for place in out[start..].iter_mut().rev() {
        *place = b'0' + u8::try_from(fraction % 10).unwrap_or(0);
        fraction /= 10;
    }
}

fn push_scientific(out: &mut Vec<u8>, value: f64) {
    use std::io::Write;
    // Writing to memory does not fail.
    let _ = write!(out, "{value:.6e}");
}

/// The rows of the candidates that a search evaluated.
pub fn evaluated_rows(point: &Point) -> Vec<u8> {
    let prefix = row_prefix(point.users, point.planned_rate, &point.variation);
    let mut out = Vec::new();
    for candidate in &point.outcome.evaluated {
        let Some(scenario) = point.outcome.groups.get(candidate.group) else { continue };
        let assessed = Assessed {
            price: candidate.price,
            unavailability: candidate.unavailability,
            status: candidate.status,
            shares: &candidate.shares,
        };
        candidate_row(&mut out, &prefix, &point.system, scenario, &candidate.picks, assessed);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(value: f64, decimals: u32) -> String {
        let mut out = Vec::new();
        push_decimal(&mut out, value, decimals);
        String::from_utf8(out).expect("ASCII")
    }

    #[test]
    fn decimals_are_those_of_the_general_formatter() {
        for value in [0.0, 0.5, 0.123_456_789, 1.0, 99.999_999_9, 6_185.472_884, 1e6] {
            assert_eq!(decimal(value, 6), format!("{value:.6}"), "{value}");
        }
        assert_eq!(decimal(0.999_999_999_6, 9), "1.000000000");
        assert_eq!(decimal(1e20, 2), "100000000000000000000");
    }
}
