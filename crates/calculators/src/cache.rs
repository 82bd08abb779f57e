use serde::{Deserialize, Serialize};
use serde_json::Value;

use capplan_queueing::cache::{
    CacheHits, Expired, OnWrite, Policy, Popularity, Renewal, TimeToLive, hit_ratio, lru_ttl_hit_ratio, read_hit_ratio,
    sized_lru_hit_ratio,
};
use capplan_queueing::units::{ArrivalRate, Probability, Seconds};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::named;
use super::popularity::popularity;

pub(super) const CACHE: Calculator = Calculator {
    name: "cache",
    summary: "hit ratio of a cache by Che's approximation: LRU, FIFO or random, with expiry, writes or sizes",
    inputs: &[
        Input::required("popularity", InputKind::Popularity, "how often each object is asked for"),
        Input::optional("capacity_objects", InputKind::Number, "objects that fit, at least 0"),
        Input::optional("capacity_bytes", InputKind::Number, "bytes that fit, at least 0, instead of objects"),
        Input::optional(
            "sizes",
            InputKind::Numbers,
            "size of each weight's or histogram entry's object in bytes, or one size for all",
        ),
        Input::optional(
            "policy",
            InputKind::Choice(&["lru", "fifo", "random"]),
            "what leaves a full cache (default lru)",
        ),
        Input::optional("request_rate", InputKind::Number, "requests per second, for times and rates"),
        Input::optional("ttl", InputKind::Number, "time to live in seconds, above 0"),
        Input::optional(
            "renew_on_hit",
            InputKind::Switch,
            "whether a hit starts the time to live again (default false)",
        ),
        Input::optional(
            "expired_objects",
            InputKind::Choice(&["removed at once", "kept until touched or evicted"]),
            "what becomes of expired objects (default removed at once)",
        ),
        Input::optional(
            "write_share_of_operations",
            InputKind::Number,
            "share of writes among reads and writes, below 1; `request_rate` then counts both",
        ),
        Input::optional(
            "on_write",
            InputKind::Choice(&["invalidate", "update or insert"]),
            "what a write does to the cached copy (default invalidate)",
        ),
    ],
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
    answer: |input| typed(input, cache),
};

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum PolicyInput {
    Lru,
    Fifo,
    Random,
}

#[derive(Deserialize, Clone, Copy)]
enum ExpiredInput {
    #[serde(rename = "removed at once")]
    RemovedAtOnce,
    #[serde(rename = "kept until touched or evicted")]
    KeptUntilTouched,
}

#[derive(Deserialize, Clone, Copy)]
enum OnWriteInput {
    #[serde(rename = "invalidate")]
    Invalidate,
    #[serde(rename = "update or insert")]
    Update,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CacheInput {
    popularity: Value,
    capacity_objects: Option<f64>,
    capacity_bytes: Option<f64>,
    sizes: Option<Vec<f64>>,
    policy: Option<PolicyInput>,
    request_rate: Option<f64>,
    ttl: Option<f64>,
    renew_on_hit: Option<bool>,
    expired_objects: Option<ExpiredInput>,
    write_share_of_operations: Option<f64>,
    on_write: Option<OnWriteInput>,
}

#[derive(Serialize)]
struct CacheAnswer {
    #[serde(skip_serializing_if = "Option::is_none")]
    hit_ratio: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    read_hit_ratio: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    byte_hit_ratio: Option<f64>,
    miss_ratio: f64,
    /// Absent where nothing is ever evicted.
    #[serde(skip_serializing_if = "Option::is_none")]
    characteristic_time_requests: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    characteristic_time: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    miss_rate: Option<f64>,
    method: &'static str,
    exact: bool,
}

fn cache(input: &CacheInput) -> Result<CacheAnswer, CalcError> {
    refuse_unused(input)?;
    let objects = popularity("popularity", &input.popularity)?;
    let rate = input.request_rate.map(|rate| named("request_rate", ArrivalRate::new(rate))).transpose()?;
    let reads = 1.0 - input.write_share_of_operations.unwrap_or(0.0);
    let (hits, byte_hit_ratio) = solve(input, &objects, rate)?;
    let hit_ratio = Some(hits.hit_ratio);
    let fits = everything_fits(input, &objects, &hits);
    let method = if fits { "exact: nothing is ever evicted" } else { approximation(input) };
    let positive_rate = rate.map(ArrivalRate::get).filter(|&rate| rate > 0.0);
    Ok(CacheAnswer {
        hit_ratio: hit_ratio.filter(|_| input.write_share_of_operations.is_none()),
        read_hit_ratio: hit_ratio.filter(|_| input.write_share_of_operations.is_some()),
        byte_hit_ratio,
        miss_ratio: hits.miss_ratio,
        characteristic_time_requests: hits.characteristic_time,
        characteristic_time: hits.characteristic_time.zip(positive_rate).map(|(requests, rate)| requests / rate),
        miss_rate: rate.map(|rate| rate.get() * reads * hits.miss_ratio),
        method,
        exact: fits,
    })
}

fn solve(
    input: &CacheInput,
    objects: &Popularity,
    rate: Option<ArrivalRate>,
) -> Result<(CacheHits, Option<f64>), CalcError> {
    if let (Some(capacity), Some(sizes)) = (input.capacity_bytes, &input.sizes) {
        let hits = sized_lru_hit_ratio(objects, sizes, capacity)?;
        return Ok((hits.by_request, Some(hits.byte_hit_ratio)));
    }
    if let Some(ttl) = input.ttl {
        let ttl = named("ttl", Seconds::new(ttl))?.get();
        let Some(rate) = rate else {
            return Err(CalcError::invalid("`ttl` needs `request_rate`, to count it in requests"));
        };
        let life = TimeToLive {
            requests: ttl * rate.get(),
            renewal: if input.renew_on_hit == Some(true) { Renewal::OnHit } else { Renewal::Never },
            expired: match input.expired_objects {
                None | Some(ExpiredInput::RemovedAtOnce) => Expired::RemovedAtOnce,
                Some(ExpiredInput::KeptUntilTouched) => Expired::KeptUntilTouched,
            },
        };
        // Without a capacity the time to live alone rules.
        let capacity = input.capacity_objects.unwrap_or_else(|| objects.objects());
        return Ok((lru_ttl_hit_ratio(objects, capacity, life)?, None));
    }
    let Some(capacity) = input.capacity_objects else {
        return Err(CalcError::invalid("`cache` also needs `capacity_objects`, `capacity_bytes` or `ttl`"));
    };
    let hits = if let Some(share) = input.write_share_of_operations {
        let share = named("write_share_of_operations", Probability::new(share))?;
        let on_write = match input.on_write {
            None | Some(OnWriteInput::Invalidate) => OnWrite::Invalidate,
            Some(OnWriteInput::Update) => OnWrite::Update,
        };
        read_hit_ratio(objects, capacity, share, on_write)?
    } else {
        let policy = match input.policy {
            None | Some(PolicyInput::Lru) => Policy::Lru,
            Some(PolicyInput::Fifo) => Policy::Fifo,
            Some(PolicyInput::Random) => Policy::Random,
        };
        hit_ratio(objects, capacity, policy)?
    };
    Ok((hits, None))
}

/// Returns whether the cache holds whatever is asked for, so that no eviction is approximated.
fn everything_fits(input: &CacheInput, objects: &Popularity, hits: &CacheHits) -> bool {
    match (input.capacity_objects, input.capacity_bytes) {
        (Some(capacity), _) => capacity >= objects.objects(),
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
        None | Some(PolicyInput::Lru) => {
            "approximate: Che's characteristic time, within 0.01 % of simulation from 50 objects on"
        }
        Some(PolicyInput::Fifo | PolicyInput::Random) => {
            "approximate: characteristic time of FIFO and random, within 0.03 % of simulation from 500 objects on"
        }
    }
}

/// Refuses an input that would change nothing, and pairs of inputs for which there is no model.
fn refuse_unused(input: &CacheInput) -> Result<(), CalcError> {
    let (ttl, bytes) = (input.ttl.is_some(), input.capacity_bytes.is_some());
    let writes = input.write_share_of_operations.is_some();
    let other_policy = matches!(input.policy, Some(PolicyInput::Fifo | PolicyInput::Random));
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
