use capplan_queueing::cache::{Popularity, WarmUp, node_loss, remapped_keys, restart};
use capplan_queueing::units::{ArrivalRate, Probability, Servers};

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};

inputs! {
    struct ColdStartInput {
        popularity: Popularity,
        /// objects that fit, at least 0
        capacity_objects: f64,
        /// requests in a window, above 0
        window_requests: f64,
        /// number of windows, between 1 and 100,000
        windows: u64,
    }
}

pub(crate) const CACHE_COLD_START: Calculator = Calculator {
    name: "cache_cold_start",
    summary: "hit ratio of an LRU cache that starts empty, window by window",
    inputs: ColdStartInput::INPUTS,
    formula: &[
        "h(t) = Σ p_i·(1 − e^(−p_i·min(t, T))),  t in requests,  Σ (1 − e^(−p_i·T)) = {capacity_objects}",
        "full after T = {requests_until_full} requests",
        "mean of h over each window of {window_requests} requests: {window_hit_ratio}",
        "h when warm = {warm_hit_ratio}",
    ],
    reference: "Che et al. 2002; Fricker et al. 2012",
    answer: |question| question.answer(cold_start),
};

inputs! {
    struct RestartInput {
        /// requests per second, above 0
        arrival_rate: ArrivalRate,
        /// misses per second that the database serves, above 0
        db_capacity: ArrivalRate,
        /// number of objects, all of which fit, between 1 and 10^12
        items: u64,
        /// Zipf exponent, between 0 (uniform) and 10
        zipf_exponent: f64,
        /// hit ratio to come back to, below 1
        target_hit_ratio: Probability,
    }
}

pub(crate) const CACHE_RESTART: Calculator = Calculator {
    name: "cache_restart",
    summary: "how a system with an empty cache comes back when the database serves only so many misses",
    inputs: RestartInput::INPUTS,
    formula: &[
        "m(M) = Σ p_i·e^(−p_i·M),  D(M) = Σ (1 − e^(−p_i·M))  after M served requests",
        "load of the empty cache's database = {arrival_rate}/{db_capacity} = {cold_db_util}",
        "all are served from {arrival_rate}·m(M) = {db_capacity} on:  M = {requests_served_until_full}",
        "D(M) = {items_loaded_at_full} objects in D(M)/{db_capacity} = {time_to_full_service} s",
        "shed = {arrival_rate}·{time_to_full_service} − M = {requests_shed}",
        "h = {target_hit_ratio} after {time_to_target_hit_ratio} s",
    ],
    reference: "Fricker et al. 2012",
    answer: |question| question.answer(cache_restart),
};

inputs! {
    struct NodeLossInput {
        /// reads per second, at least 0
        read_rate: ArrivalRate,
        /// hit ratio before, between 0 and 1
        hit_ratio: Probability,
        /// nodes before, at least 1
        nodes: Servers,
        /// nodes lost, at most all
        lost_nodes: u64,
    }
}

pub(crate) const CACHE_NODE_LOSS: Calculator = Calculator {
    name: "cache_node_loss",
    summary: "what the store behind a cache of several nodes sees when some are lost",
    inputs: NodeLossInput::INPUTS,
    formula: &[
        "f = {lost_nodes}/{nodes} = {remapped_share}",
        "misses before = {read_rate}·(1 − {hit_ratio}) = {miss_rate_before} per second",
        "misses after = {read_rate}·(1 − {hit_ratio}·(1 − f)) = {miss_rate_after} per second",
        "{miss_rate_after}/{miss_rate_before} = {amplification}",
    ],
    reference: "Karger et al. 1997",
    answer: |question| question.answer(cache_node_loss),
};

inputs! {
    struct HashRemapInput {
        /// nodes before, at least 1
        nodes_before: Servers,
        /// nodes after, at least 1
        nodes_after: Servers,
    }
}

pub(crate) const HASH_REMAP: Calculator = Calculator {
    name: "hash_remap",
    summary: "share of keys that change their node when the number of nodes changes",
    inputs: HashRemapInput::INPUTS,
    formula: &[
        "modulo: 1 − gcd(n, m)/max(n, m),  n = {nodes_before},  m = {nodes_after}:  {moved_share_modulo}",
        "consistent: |n − m|/max(n, m) = {moved_share_consistent}",
    ],
    reference: "Karger et al. 1997",
    answer: |question| question.answer(hash_remap),
};

/// The most windows of a warm-up in one answer.
const MAX_WINDOWS: u64 = 100_000;

fn cold_start(input: &ColdStartInput) -> Result<Answer, CalcError> {
    if !(input.window_requests > 0.0 && input.window_requests.is_finite()) {
        let message = format!("`window_requests`: window of {} requests is not above 0", input.window_requests);
        return Err(CalcError::invalid(message));
    }
    if !(1..=MAX_WINDOWS).contains(&input.windows) {
        let message = format!("`windows`: {} windows are not between 1 and 100,000", input.windows);
        return Err(CalcError::invalid(message));
    }
    let cache = WarmUp::new(input.popularity.clone(), input.capacity_objects)?;
    let window = |index: u64| {
        let from = index as f64 * input.window_requests;
        cache.mean_hit_ratio(from, from + input.window_requests)
    };
    Ok(Answer::approximate("approximate: Che's characteristic time, windows within 0.7 % of simulation")
        .with("window_hit_ratio", (0..input.windows).map(window).collect::<Vec<_>>())
        .with_some("requests_until_full", cache.requests_until_full())
        .with("warm_hit_ratio", cache.warm().hit_ratio))
}

fn cache_restart(input: &RestartInput) -> Result<Answer, CalcError> {
    let back = restart(
        &Popularity::zipf(input.items, input.zipf_exponent)?,
        input.arrival_rate,
        input.db_capacity,
        input.target_hit_ratio,
    )?;
    Ok(Answer::approximate("approximate: means of a large system under independent references, without retries")
        .with("cold_db_util", back.cold_database_utilization)
        .with("initial_served_fraction", back.initial_served_share)
        .with("time_to_full_service", back.time_to_full_service)
        .with("requests_served_until_full", back.requests_served)
        .with("requests_shed", back.requests_shed)
        .with("items_loaded_at_full", back.objects_loaded)
        .with("hit_ratio_at_full", back.hit_ratio_at_full_service)
        .with("time_to_target_hit_ratio", back.time_to_target)
        .with("collapses_without_load_shedding", back.cold_database_utilization > 1.0))
}

fn cache_node_loss(input: &NodeLossInput) -> Result<Answer, CalcError> {
    let loss = node_loss(input.read_rate, input.hit_ratio, input.nodes, input.lost_nodes)?;
    Ok(Answer::exact("exact: right after the loss, for balanced nodes and consistent hashing").record(&loss))
}

fn hash_remap(input: &HashRemapInput) -> Answer {
    let moved = remapped_keys(input.nodes_before, input.nodes_after);
    Answer::exact("exact: count of residues")
        .with("moved_share_modulo", moved.modulo)
        .with("moved_share_consistent", moved.consistent)
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
