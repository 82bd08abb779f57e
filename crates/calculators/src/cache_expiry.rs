use serde::{Deserialize, Serialize};
use serde_json::Value;

use capplan_queueing::cache::{Renewal, expiry_hit_ratio, object_lru_ttl, object_ttl};
use capplan_queueing::units::{ArrivalRate, Seconds};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::named;
use super::popularity::popularity;

const RENEW_ON_HIT: Input = Input::optional(
    "renew_on_hit",
    InputKind::Switch,
    "whether a hit starts the time to live again (default false: fixed from loading)",
);

pub(super) const CACHE_TTL: Calculator = Calculator {
    name: "cache_ttl",
    summary: "hit ratio of a cache with memory for everything whose objects expire, and how many are inside",
    inputs: &[
        Input::required("popularity", InputKind::Popularity, "how often each object is asked for"),
        Input::required("request_rate", InputKind::Number, "requests per second to the cache, above 0"),
        Input::required("ttl", InputKind::Number, "time to live in seconds, above 0"),
        RENEW_ON_HIT,
    ],
    formula: &[
        "y_i = p_i·rate·τ = p_i·{request_rate}·{ttl},  renewed on a hit: {renew_on_hit|false}",
        "fixed: h_i = y_i/(1 + y_i),  renewed: h_i = 1 − e^(−y_i)",
        "h = Σ p_i·h_i = {hit_ratio}",
        "objects inside = Σ h_i = {resident_objects}",
    ],
    reference: "Fofack et al. 2012",
    answer: |input| typed(input, cache_ttl),
};

pub(super) const TTL_OBJECT: Calculator = Calculator {
    name: "ttl_object",
    summary: "hit ratio of one object that expires, and what its origin sees",
    inputs: &[
        Input::required("request_rate", InputKind::Number, "requests per second for the object, at least 0"),
        Input::required("ttl", InputKind::Number, "time to live in seconds, at least 0"),
        RENEW_ON_HIT,
    ],
    formula: &[
        "λτ = {request_rate}·{ttl},  renewed on a hit: {renew_on_hit|false}",
        "fixed: h = λτ/(1 + λτ),  origin λ/(1 + λτ);  renewed: h = 1 − e^(−λτ),  origin λ·e^(−λτ)",
        "h = {hit_ratio},  origin {origin_rate} per second",
    ],
    reference: "Fofack et al. 2012",
    answer: |input| typed(input, ttl_object),
};

pub(super) const LRU_TTL_OBJECT: Calculator = Calculator {
    name: "lru_ttl_object",
    summary: "hit ratio of one object of an LRU cache that also expires, exactly",
    inputs: &[
        Input::required("request_rate", InputKind::Number, "requests per second for the object, at least 0"),
        Input::required(
            "characteristic_time",
            InputKind::Number,
            "seconds that the cache keeps an object nobody asks for, at least 0",
        ),
        Input::required("ttl", InputKind::Number, "time to live in seconds, at least 0"),
        RENEW_ON_HIT,
    ],
    formula: &[
        "T = {characteristic_time} s,  τ = {ttl} s,  λT = {request_rate}·{characteristic_time},  renewed on a hit: \
         {renew_on_hit|false}",
        "fixed: G = ∫₀^τ P(no gap of T within t) dt,  h = λG/(1 + λG);  renewed: h = 1 − e^(−λ·min(T, τ))",
        "G = {mean_residence_time} s",
        "h = {hit_ratio}",
    ],
    reference: "Che et al. 2002; Fofack et al. 2012",
    answer: |input| typed(input, lru_ttl_object),
};

const fn renewal(renew_on_hit: Option<bool>) -> Renewal {
    match renew_on_hit {
        Some(true) => Renewal::OnHit,
        _ => Renewal::Never,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CacheTtlInput {
    popularity: Value,
    request_rate: f64,
    ttl: f64,
    renew_on_hit: Option<bool>,
}

#[derive(Serialize)]
struct CacheTtlAnswer {
    hit_ratio: f64,
    miss_ratio: f64,
    resident_objects: f64,
    miss_rate: f64,
    method: &'static str,
    exact: bool,
}

fn cache_ttl(input: &CacheTtlInput) -> Result<CacheTtlAnswer, CalcError> {
    let objects = popularity("popularity", &input.popularity)?;
    let rate = named("request_rate", ArrivalRate::new(input.request_rate))?.get();
    let life = named("ttl", Seconds::new(input.ttl))?.get();
    let hits = expiry_hit_ratio(&objects, rate * life, renewal(input.renew_on_hit))?;
    Ok(CacheTtlAnswer {
        hit_ratio: hits.hit_ratio,
        miss_ratio: hits.miss_ratio,
        resident_objects: hits.resident_objects,
        miss_rate: rate * hits.miss_ratio,
        method: "exact: sum over the objects, each a renewal process with Poisson requests",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TtlObjectInput {
    request_rate: f64,
    ttl: f64,
    renew_on_hit: Option<bool>,
}

#[derive(Serialize)]
struct TtlObjectAnswer {
    hit_ratio: f64,
    origin_rate: f64,
    method: &'static str,
    exact: bool,
}

fn ttl_object(input: &TtlObjectInput) -> Result<TtlObjectAnswer, CalcError> {
    let rate = named("request_rate", ArrivalRate::new(input.request_rate))?;
    let life = named("ttl", Seconds::new(input.ttl))?;
    let hits = object_ttl(rate, life, renewal(input.renew_on_hit));
    Ok(TtlObjectAnswer {
        hit_ratio: hits.hit_ratio,
        origin_rate: hits.origin_rate,
        method: "exact: renewal process with Poisson requests",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LruTtlObjectInput {
    request_rate: f64,
    characteristic_time: f64,
    ttl: f64,
    renew_on_hit: Option<bool>,
}

#[derive(Serialize)]
struct LruTtlObjectAnswer {
    /// Absent where it is longer than a double can say.
    #[serde(skip_serializing_if = "Option::is_none")]
    mean_residence_time: Option<f64>,
    hit_ratio: f64,
    origin_rate: f64,
    method: &'static str,
    exact: bool,
}

fn lru_ttl_object(input: &LruTtlObjectInput) -> Result<LruTtlObjectAnswer, CalcError> {
    let rate = named("request_rate", ArrivalRate::new(input.request_rate))?;
    let idle = named("characteristic_time", Seconds::new(input.characteristic_time))?;
    let life = named("ttl", Seconds::new(input.ttl))?;
    let hits = object_lru_ttl(rate, idle, life, renewal(input.renew_on_hit));
    Ok(LruTtlObjectAnswer {
        mean_residence_time: hits.residence_time,
        hit_ratio: hits.hit_ratio,
        origin_rate: hits.origin_rate,
        method: "exact: equation with delay of the first gap without a request, solved interval by interval",
        exact: true,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::run;

    #[test]
    fn a_cache_without_life_is_refused_but_an_object_may_have_none() {
        let law = json!({"type": "zipf", "n": 10, "alpha": 1});
        let error = run("cache_ttl", &json!({"popularity": law, "request_rate": 5, "ttl": 0})).expect_err("refused");
        assert_eq!(
            error.message,
            "time to live in requests of 0 is not finite and above 0; leave the cache out if nothing may be kept"
        );
        assert_eq!(run("ttl_object", &json!({"request_rate": 5, "ttl": 0})).expect("an answer")["hit_ratio"], 0.0);
    }

    #[test]
    fn a_residence_too_long_for_a_double_is_left_out() {
        let input = json!({"request_rate": 1e6, "characteristic_time": 1, "ttl": 1, "renew_on_hit": true});
        let answer = run("lru_ttl_object", &input).expect("an answer");
        assert_eq!((answer.get("mean_residence_time"), &answer["hit_ratio"]), (None, &json!(1.0)));
    }
}
