use capplan_queueing::cache::{
    CacheHits, Expired, OnWrite, Policy, Popularity, TimeToLive, hit_ratio, lru_ttl_hit_ratio, read_hit_ratio,
    sized_lru_hit_ratio,
};
use capplan_queueing::units::{ArrivalRate, Probability, Seconds};

use crate::CalcError;
use crate::answer::{Answer, Method};
use crate::declare::{Calculator, Inputs, choices, inputs};

use super::expiry::renewal;

inputs! {
    struct CacheInput {
        popularity: Popularity,
        /// objects that fit, at least 0
        capacity_objects: Option<f64>,
        /// bytes that fit, at least 0, instead of objects
        capacity_bytes: Option<f64>,
        /// size of each weight's or histogram entry's object in bytes, or one size for all
        sizes: Option<Vec<f64>>,
        /// what leaves a full cache (default lru)
        policy: Option<Policy>,
        /// requests per second, for times and rates
        request_rate: Option<ArrivalRate>,
        /// time to live in seconds, above 0
        ttl: Option<Seconds>,
        /// whether a hit starts the time to live again (default false)
        renew_on_hit: Option<bool>,
        /// what becomes of expired objects (default removed at once)
        expired_objects: Option<Expired>,
        /// share of writes among reads and writes, below 1; `request_rate` then counts both
        write_share_of_operations: Option<Probability>,
        /// what a write does to the cached copy (default invalidate)
        on_write: Option<OnWrite>,
    }
}

pub(crate) const CACHE: Calculator = Calculator {
    name: "cache",
    summary: "hit ratio of a cache by Che's approximation: LRU, FIFO or random, with expiry, writes or sizes",
    inputs: CacheInput::INPUTS,
    formula: &[
        "LRU: Σ (1 − e^(−p_i·T)) = capacity,  h = Σ p_i·(1 − e^(−p_i·T))",
        "FIFO, random: Σ p_i·T/(1 + p_i·T) = capacity,  h = Σ p_i·p_i·T/(1 + p_i·T)",
        "sizes s_i: Σ s_i·(1 − e^(−p_i·T)) = bytes,  h of bytes = Σ s_i·p_i·(1 − e^(−p_i·T))/Σ s_i·p_i",
        "capacity = {capacity_objects} objects,  policy {policy|lru}",
        "τ = {ttl} s,  y_i = p_i·τ·rate = p_i·{ttl}·{request_rate},  renewed on a hit: {renew_on_hit|false}",
        "τ = {ttl} s renewed: h_i = 1 − e^(−min(x_i, y_i)),  x_i = p_i·T",
        "τ = {ttl} s fixed: h_i = g/(1 + g),  g = y_i up to y_i = x_i, then x_i + m·(1 − e^(−(1 − e^−x_i)·(y_i − x_i)/m)),  \
         m = e^x_i − 1 − x_i",
        "writes, share s = {write_share_of_operations}: an invalidated copy is missed, h = (1 − s)·h of LRU with \
         capacity/(1 − s); {on_write|invalidate}",
        "T = {characteristic_time_requests} requests",
        "T = {characteristic_time} s at {request_rate} requests per second",
        "h = {hit_ratio},  1 − h = {miss_ratio}",
        "h of reads = {read_hit_ratio},  1 − h = {miss_ratio}",
        "misses per second = {miss_rate}",
    ],
    reference: "Che et al. 2002; Fricker et al. 2012; Gelenbe 1973",
    answer: |question| question.answer(cache),
};

choices! {
    Policy {
        "lru" => Self::Lru,
        "fifo" => Self::Fifo,
        "random" => Self::Random,
    }
}

choices! {
    Expired {
        "removed at once" => Self::RemovedAtOnce,
        "kept until touched or evicted" => Self::KeptUntilTouched,
    }
}

choices! {
    OnWrite {
        "invalidate" => Self::Invalidate,
        "update or insert" => Self::Update,
    }
}

fn cache(input: &CacheInput) -> Result<Answer, CalcError> {
    refuse_unused(input)?;
    let (hits, byte_hit_ratio) = solve(input)?;
    let method = if everything_fits(input, &hits) {
        Method::Exact("exact: nothing is ever evicted")
    } else {
        Method::Approximate(approximation(input))
    };
    let rate = input.request_rate.map(ArrivalRate::get);
    let writes = input.write_share_of_operations;
    let reads = 1.0 - writes.map_or(0.0, Probability::get);
    let in_seconds = hits.characteristic_time.zip(rate.filter(|&rate| rate > 0.0));
    Ok(Answer::by(method)
        .with(if writes.is_some() { "read_hit_ratio" } else { "hit_ratio" }, hits.hit_ratio)
        .with_some("byte_hit_ratio", byte_hit_ratio)
        .with("miss_ratio", hits.miss_ratio)
        .with_some("characteristic_time_requests", hits.characteristic_time)
        .with_some("characteristic_time", in_seconds.map(|(requests, rate)| requests / rate))
        .with_some("miss_rate", rate.map(|rate| rate * reads * hits.miss_ratio)))
}

/// Returns the hit ratio of requests, and that of bytes where sizes are given.
fn solve(input: &CacheInput) -> Result<(CacheHits, Option<f64>), CalcError> {
    let objects = &input.popularity;
    if let (Some(capacity), Some(sizes)) = (input.capacity_bytes, &input.sizes) {
        let hits = sized_lru_hit_ratio(objects, sizes, capacity)?;
        return Ok((hits.by_request, Some(hits.byte_hit_ratio)));
    }
    if let Some(ttl) = input.ttl {
        let Some(rate) = input.request_rate else {
            return Err(CalcError::invalid("`ttl` needs `request_rate`, to count it in requests"));
        };
        let life = TimeToLive {
            requests: ttl.get() * rate.get(),
            renewal: renewal(input.renew_on_hit.unwrap_or_default()),
            expired: input.expired_objects.unwrap_or(Expired::RemovedAtOnce),
        };
        // Without a capacity the time to live alone rules.
        let capacity = input.capacity_objects.unwrap_or_else(|| objects.objects());
        return Ok((lru_ttl_hit_ratio(objects, capacity, life)?, None));
    }
    let Some(capacity) = input.capacity_objects else {
        return Err(CalcError::invalid("`cache` also needs `capacity_objects`, `capacity_bytes` or `ttl`"));
    };
    let hits = match input.write_share_of_operations {
        Some(share) => read_hit_ratio(objects, capacity, share, input.on_write.unwrap_or(OnWrite::Invalidate))?,
        None => hit_ratio(objects, capacity, input.policy.unwrap_or(Policy::Lru))?,
    };
    Ok((hits, None))
}

/// Returns whether the cache holds whatever is asked for, so that no eviction is approximated.
fn everything_fits(input: &CacheInput, hits: &CacheHits) -> bool {
    match (input.capacity_objects, input.capacity_bytes) {
        (Some(capacity), _) => capacity >= input.popularity.objects(),
        (None, Some(_)) => hits.characteristic_time.is_none(),
        (None, None) => true,
    }
}

/// Says how the hit ratio is approximated, with its error against simulation under independent references.
fn approximation(input: &CacheInput) -> &'static str {
    if input.capacity_bytes.is_some() {
        return "approximate: Che's characteristic time in bytes, within 0.03 % of simulation";
    }
    if input.ttl.is_some() {
        return "approximate: Che's characteristic time with expiry, within 0.11 % of simulation";
    }
    if input.write_share_of_operations.is_some() {
        return "approximate: Che's characteristic time with writes, within 0.14 % of simulation";
    }
    match input.policy {
        None | Some(Policy::Lru) => {
            "approximate: Che's characteristic time, within 0.01 % of simulation from 50 objects on"
        }
        Some(Policy::Fifo | Policy::Random) => {
            "approximate: characteristic time of FIFO and random, within 0.03 % of simulation from 500 objects on"
        }
    }
}

/// Refuses an input that would change nothing, and pairs of inputs for which there is no model.
fn refuse_unused(input: &CacheInput) -> Result<(), CalcError> {
    let (ttl, bytes) = (input.ttl.is_some(), input.capacity_bytes.is_some());
    let writes = input.write_share_of_operations.is_some();
    let other_policy = matches!(input.policy, Some(Policy::Fifo | Policy::Random));
    for (refused, message) in [
        (bytes && input.capacity_objects.is_some(), "give `capacity_objects` or `capacity_bytes`, not both"),
        (bytes && input.sizes.is_none(), "`capacity_bytes` needs `sizes`"),
        (!bytes && input.sizes.is_some(), "`sizes` needs `capacity_bytes`"),
        (!ttl && input.renew_on_hit.is_some(), "`renew_on_hit` needs `ttl`"),
        (!ttl && input.expired_objects.is_some(), "`expired_objects` needs `ttl`"),
        (!writes && input.on_write.is_some(), "`on_write` needs `write_share_of_operations`"),
        (ttl && writes, "there is no model of `ttl` together with `write_share_of_operations`"),
        (ttl && bytes, "there is no model of `ttl` together with `capacity_bytes`"),
        (writes && bytes, "there is no model of `write_share_of_operations` together with `capacity_bytes`"),
        (
            other_policy && (ttl || writes || bytes),
            "`ttl`, `write_share_of_operations` and `capacity_bytes` are modelled for `policy` \"lru\" only",
        ),
    ] {
        if refused {
            return Err(CalcError::invalid(message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::run;

    fn with(more: &Value) -> Result<Value, String> {
        let mut input = json!({"popularity": {"type": "zipf", "n": 100, "alpha": 1}});
        if let (Some(input), Some(more)) = (input.as_object_mut(), more.as_object()) {
            input.extend(more.clone());
        }
        run("cache", &input).map_err(|error| error.message)
    }

    #[test]
    fn a_question_without_a_model_is_refused() {
        for (more, message) in [
            (json!({}), "`cache` also needs `capacity_objects`, `capacity_bytes` or `ttl`"),
            (json!({"capacity_bytes": 5}), "`capacity_bytes` needs `sizes`"),
            (json!({"capacity_objects": 5, "ttl": 1}), "`ttl` needs `request_rate`, to count it in requests"),
            (json!({"capacity_objects": 5, "renew_on_hit": true}), "`renew_on_hit` needs `ttl`"),
            (
                json!({"capacity_objects": 5, "policy": "mru"}),
                "`policy` is \"mru\", not one of \"lru\", \"fifo\", \"random\"",
            ),
            (
                json!({"capacity_objects": 5, "ttl": 1, "request_rate": 9, "policy": "fifo"}),
                "`ttl`, `write_share_of_operations` and `capacity_bytes` are modelled for `policy` \"lru\" only",
            ),
        ] {
            assert_eq!(with(&more), Err(message.to_owned()));
        }
    }

    #[test]
    fn expiry_alone_needs_no_capacity() {
        let answer = with(&json!({"ttl": 10, "request_rate": 3})).expect("an answer");
        assert!(answer.get("characteristic_time").is_none());
        assert!(answer["hit_ratio"].as_f64().is_some_and(|h| h > 0.0 && h < 1.0));
    }

    #[test]
    fn misses_of_reads_and_writes_count_reads_only() {
        let more = json!({"capacity_objects": 1000, "write_share_of_operations": 0.25, "request_rate": 80});
        let answer = with(&more).expect("an answer");
        assert_eq!((&answer["read_hit_ratio"], &answer["miss_rate"]), (&json!(0.75), &json!(15.0)));
    }

    #[test]
    fn bytes_are_counted_beside_requests() {
        let answer = with(&json!({"capacity_bytes": 500, "sizes": [10]})).expect("an answer");
        assert!(answer["byte_hit_ratio"].as_f64().is_some_and(|h| h > 0.5 && h < 1.0));
    }
}
