use serde::{Deserialize, Serialize};
use serde_json::Value;

use capplan_queueing::cache::{Popularity, WarmUp, node_loss, remapped_keys, restart};
use capplan_queueing::units::{ArrivalRate, Probability, Servers};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::named;
use super::popularity::popularity;

/// The most windows of a warm-up in one answer.
const MAX_WINDOWS: u64 = 100_000;

pub(super) const CACHE_COLD_START: Calculator = Calculator {
    name: "cache_cold_start",
    summary: "hit ratio of an LRU cache that starts empty, window by window",
    inputs: &[
        Input::required("popularity", InputKind::Popularity, "how often each object is asked for"),
        Input::required("capacity_objects", InputKind::Number, "objects that fit, at least 0"),
        Input::required("window_requests", InputKind::Number, "requests in a window, above 0"),
        Input::required("windows", InputKind::Count, "number of windows, between 1 and 100,000"),
    ],
    formula: &[
        "h(t) = Σ p_i·(1 − e^(−p_i·min(t, T))),  t in requests,  Σ (1 − e^(−p_i·T)) = {capacity_objects}",
        "full after T = {requests_until_full} requests",
        "mean of h over each window of {window_requests} requests: {window_hit_ratio}",
        "h when warm = {warm_hit_ratio}",
    ],
    reference: "Che et al. 2002; Fricker et al. 2012",
    answer: |input| typed(input, cold_start),
};

pub(super) const CACHE_RESTART: Calculator = Calculator {
    name: "cache_restart",
    summary: "how a system with an empty cache comes back when the database serves only so many misses",
    inputs: &[
        Input::required("arrival_rate", InputKind::Number, "requests per second, above 0"),
        Input::required("db_capacity", InputKind::Number, "misses per second that the database serves, above 0"),
        Input::required("items", InputKind::Count, "number of objects, all of which fit, between 1 and 10^12"),
        Input::required("zipf_exponent", InputKind::Number, "Zipf exponent, between 0 (uniform) and 10"),
        Input::required("target_hit_ratio", InputKind::Number, "hit ratio to come back to, below 1"),
    ],
    formula: &[
        "m(M) = Σ p_i·e^(−p_i·M),  D(M) = Σ (1 − e^(−p_i·M))  after M served requests",
        "load of the empty cache's database = {arrival_rate}/{db_capacity} = {cold_db_util}",
        "all are served from {arrival_rate}·m(M) = {db_capacity} on:  M = {requests_served_until_full}",
        "D(M) = {items_loaded_at_full} objects in D(M)/{db_capacity} = {time_to_full_service} s",
        "shed = {arrival_rate}·{time_to_full_service} − M = {requests_shed}",
        "h = {target_hit_ratio} after {time_to_target_hit_ratio} s",
    ],
    reference: "Fricker et al. 2012",
    answer: |input| typed(input, cache_restart),
};

pub(super) const CACHE_NODE_LOSS: Calculator = Calculator {
    name: "cache_node_loss",
    summary: "what the store behind a cache of several nodes sees when some are lost",
    inputs: &[
        Input::required("read_rate", InputKind::Number, "reads per second, at least 0"),
        Input::required("hit_ratio", InputKind::Number, "hit ratio before, between 0 and 1"),
        Input::required("nodes", InputKind::Count, "nodes before, at least 1"),
        Input::required("lost_nodes", InputKind::Count, "nodes lost, at most all"),
    ],
    formula: &[
        "f = {lost_nodes}/{nodes} = {remapped_share}",
        "misses before = {read_rate}·(1 − {hit_ratio}) = {miss_rate_before} per second",
        "misses after = {read_rate}·(1 − {hit_ratio}·(1 − f)) = {miss_rate_after} per second",
        "{miss_rate_after}/{miss_rate_before} = {amplification}",
    ],
    reference: "Karger et al. 1997",
    answer: |input| typed(input, cache_node_loss),
};

pub(super) const HASH_REMAP: Calculator = Calculator {
    name: "hash_remap",
    summary: "share of keys that change their node when the number of nodes changes",
    inputs: &[
        Input::required("nodes_before", InputKind::Count, "nodes before, at least 1"),
        Input::required("nodes_after", InputKind::Count, "nodes after, at least 1"),
    ],
    formula: &[
        "modulo: 1 − gcd(n, m)/max(n, m),  n = {nodes_before},  m = {nodes_after}:  {moved_share_modulo}",
        "consistent: |n − m|/max(n, m) = {moved_share_consistent}",
    ],
    reference: "Karger et al. 1997",
    answer: |input| typed(input, hash_remap),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColdStartInput {
    popularity: Value,
    capacity_objects: f64,
    window_requests: f64,
    windows: u64,
}

#[derive(Serialize)]
struct ColdStartAnswer {
    window_hit_ratio: Vec<f64>,
    /// Absent where everything fits, and the cache is never full.
    #[serde(skip_serializing_if = "Option::is_none")]
    requests_until_full: Option<f64>,
    warm_hit_ratio: f64,
    method: &'static str,
    exact: bool,
}

fn cold_start(input: &ColdStartInput) -> Result<ColdStartAnswer, CalcError> {
    let objects = popularity("popularity", &input.popularity)?;
    if !(input.window_requests > 0.0 && input.window_requests.is_finite()) {
        let message = format!("`window_requests`: window of {} requests is not above 0", input.window_requests);
        return Err(CalcError::invalid(message));
    }
    if !(1..=MAX_WINDOWS).contains(&input.windows) {
        let message = format!("`windows`: {} windows are not between 1 and 100,000", input.windows);
        return Err(CalcError::invalid(message));
    }
    let cache = WarmUp::new(objects, input.capacity_objects)?;
    let window = |index: u64| {
        let from = index as f64 * input.window_requests;
        cache.mean_hit_ratio(from, from + input.window_requests)
    };
    Ok(ColdStartAnswer {
        window_hit_ratio: (0..input.windows).map(window).collect(),
        requests_until_full: cache.requests_until_full(),
        warm_hit_ratio: cache.warm().hit_ratio,
        method: "approximate: Che's characteristic time, windows within 0.7 % of simulation",
        exact: false,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RestartInput {
    arrival_rate: f64,
    db_capacity: f64,
    items: u64,
    zipf_exponent: f64,
    target_hit_ratio: f64,
}

#[derive(Serialize)]
struct RestartAnswer {
    cold_db_util: f64,
    initial_served_fraction: f64,
    time_to_full_service: f64,
    requests_served_until_full: f64,
    requests_shed: f64,
    items_loaded_at_full: f64,
    hit_ratio_at_full: f64,
    time_to_target_hit_ratio: f64,
    collapses_without_load_shedding: bool,
    method: &'static str,
    exact: bool,
}

fn cache_restart(input: &RestartInput) -> Result<RestartAnswer, CalcError> {
    let back = restart(
        &Popularity::zipf(input.items, input.zipf_exponent)?,
        named("arrival_rate", ArrivalRate::new(input.arrival_rate))?,
        named("db_capacity", ArrivalRate::new(input.db_capacity))?,
        named("target_hit_ratio", Probability::new(input.target_hit_ratio))?,
    )?;
    Ok(RestartAnswer {
        cold_db_util: back.cold_database_utilization,
        initial_served_fraction: back.initial_served_share,
        time_to_full_service: back.time_to_full_service,
        requests_served_until_full: back.requests_served,
        requests_shed: back.requests_shed,
        items_loaded_at_full: back.objects_loaded,
        hit_ratio_at_full: back.hit_ratio_at_full_service,
        time_to_target_hit_ratio: back.time_to_target,
        collapses_without_load_shedding: back.cold_database_utilization > 1.0,
        method: "approximate: means of a large system under independent references, without retries",
        exact: false,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NodeLossInput {
    read_rate: f64,
    hit_ratio: f64,
    nodes: u64,
    lost_nodes: u64,
}

#[derive(Serialize)]
struct NodeLossAnswer {
    miss_rate_before: f64,
    miss_rate_after: f64,
    /// Absent where nothing missed before.
    #[serde(skip_serializing_if = "Option::is_none")]
    amplification: Option<f64>,
    miss_rate_all_cold: f64,
    remapped_share: f64,
    method: &'static str,
    exact: bool,
}

fn cache_node_loss(input: &NodeLossInput) -> Result<NodeLossAnswer, CalcError> {
    let loss = node_loss(
        named("read_rate", ArrivalRate::new(input.read_rate))?,
        named("hit_ratio", Probability::new(input.hit_ratio))?,
        named("nodes", Servers::new(input.nodes))?,
        input.lost_nodes,
    )?;
    Ok(NodeLossAnswer {
        miss_rate_before: loss.miss_rate_before,
        miss_rate_after: loss.miss_rate_after,
        amplification: loss.amplification,
        miss_rate_all_cold: loss.miss_rate_all_cold,
        remapped_share: loss.remapped_share,
        method: "exact: right after the loss, for balanced nodes and consistent hashing",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HashRemapInput {
    nodes_before: u64,
    nodes_after: u64,
}

#[derive(Serialize)]
struct HashRemapAnswer {
    moved_share_modulo: f64,
    moved_share_consistent: f64,
    method: &'static str,
    exact: bool,
}

fn hash_remap(input: &HashRemapInput) -> Result<HashRemapAnswer, CalcError> {
    let before = named("nodes_before", Servers::new(input.nodes_before))?;
    let moved = remapped_keys(before, named("nodes_after", Servers::new(input.nodes_after))?);
    Ok(HashRemapAnswer {
        moved_share_modulo: moved.modulo,
        moved_share_consistent: moved.consistent,
        method: "exact: count of residues",
        exact: true,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::run;

    fn message(name: &str, input: &Value) -> String {
        run(name, input).expect_err("refused").message
    }

    #[test]
    fn impossible_windows_are_refused_by_name() {
        let with = |requests: f64, windows: u64| json!({"popularity": [[1, 10]], "capacity_objects": 5, "window_requests": requests, "windows": windows});
        assert_eq!(
            message("cache_cold_start", &with(0.0, 1)),
            "`window_requests`: window of 0 requests is not above 0"
        );
        assert_eq!(
            message("cache_cold_start", &with(1.0, 100_001)),
            "`windows`: 100001 windows are not between 1 and 100,000"
        );
    }

    #[test]
    fn a_cache_that_never_missed_has_no_amplification() {
        let input = json!({"read_rate": 10, "hit_ratio": 1, "nodes": 4, "lost_nodes": 1});
        let answer = run("cache_node_loss", &input).expect("an answer");
        assert_eq!((answer.get("amplification"), &answer["miss_rate_after"]), (None, &json!(2.5)));
    }
}
