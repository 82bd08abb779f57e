use capplan_queueing::cache::{Popularity, Renewal, expiry_hit_ratio, object_lru_ttl, object_ttl};
use capplan_queueing::units::{ArrivalRate, Seconds};

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};

inputs! {
    struct CacheTtlInput {
        popularity: Popularity,
        /// requests per second to the cache, above 0
        request_rate: ArrivalRate,
        /// time to live in seconds, above 0
        ttl: Seconds,
        /// whether a hit starts the time to live again, or it is fixed from loading
        renew_on_hit: bool = false,
    }
}

pub(crate) const CACHE_TTL: Calculator = Calculator {
    name: "cache_ttl",
    summary: "hit ratio of a cache with memory for everything whose objects expire, and how many are inside",
    inputs: CacheTtlInput::INPUTS,
    formula: &[
        "y_i = p_i·rate·τ = p_i·{request_rate}·{ttl},  renewed on a hit: {renew_on_hit}",
        "fixed: h_i = y_i/(1 + y_i),  renewed: h_i = 1 − e^(−y_i)",
        "h = Σ p_i·h_i = {hit_ratio}",
        "objects inside = Σ h_i = {resident_objects}",
    ],
    reference: "Fofack et al. 2012",
    answer: |question| question.answer(cache_ttl),
};

inputs! {
    struct TtlObjectInput {
        /// requests per second for the object, at least 0
        request_rate: ArrivalRate,
        /// time to live in seconds, at least 0
        ttl: Seconds,
        /// whether a hit starts the time to live again, or it is fixed from loading
        renew_on_hit: bool = false,
    }
}

pub(crate) const TTL_OBJECT: Calculator = Calculator {
    name: "ttl_object",
    summary: "hit ratio of one object that expires, and what its origin sees",
    inputs: TtlObjectInput::INPUTS,
    formula: &[
        "λτ = {request_rate}·{ttl},  renewed on a hit: {renew_on_hit}",
        "fixed: h = λτ/(1 + λτ),  origin λ/(1 + λτ);  renewed: h = 1 − e^(−λτ),  origin λ·e^(−λτ)",
        "h = {hit_ratio},  origin {origin_rate} per second",
    ],
    reference: "Fofack et al. 2012",
    answer: |question| question.answer(ttl_object),
};

inputs! {
    struct LruTtlObjectInput {
        /// requests per second for the object, at least 0
        request_rate: ArrivalRate,
        /// seconds that the cache keeps an object nobody asks for, at least 0
        characteristic_time: Seconds,
        /// time to live in seconds, at least 0
        ttl: Seconds,
        /// whether a hit starts the time to live again, or it is fixed from loading
        renew_on_hit: bool = false,
    }
}

pub(crate) const LRU_TTL_OBJECT: Calculator = Calculator {
    name: "lru_ttl_object",
    summary: "hit ratio of one object of an LRU cache that also expires, exactly",
    inputs: LruTtlObjectInput::INPUTS,
    formula: &[
        "T = {characteristic_time} s,  τ = {ttl} s,  λT = {request_rate}·{characteristic_time},  renewed on a hit: \
         {renew_on_hit}",
        "fixed: G = ∫₀^τ P(no gap of T within t) dt,  h = λG/(1 + λG);  renewed: h = 1 − e^(−λ·min(T, τ))",
        "G = {mean_residence_time} s",
        "h = {hit_ratio}",
    ],
    reference: "Che et al. 2002; Fofack et al. 2012",
    answer: |question| question.answer(lru_ttl_object),
};

/// When the time to live begins.
pub(super) const fn renewal(renew_on_hit: bool) -> Renewal {
    if renew_on_hit { Renewal::OnHit } else { Renewal::Never }
}

fn cache_ttl(input: &CacheTtlInput) -> Result<Answer, CalcError> {
    let rate = input.request_rate.get();
    let hits = expiry_hit_ratio(&input.popularity, rate * input.ttl.get(), renewal(input.renew_on_hit))?;
    Ok(Answer::exact("exact: sum over the objects, each a renewal process with Poisson requests")
        .with("hit_ratio", hits.hit_ratio)
        .with("miss_ratio", hits.miss_ratio)
        .with("resident_objects", hits.resident_objects)
        .with("miss_rate", rate * hits.miss_ratio))
}

fn ttl_object(input: &TtlObjectInput) -> Answer {
    let hits = object_ttl(input.request_rate, input.ttl, renewal(input.renew_on_hit));
    Answer::exact("exact: renewal process with Poisson requests")
        .with("hit_ratio", hits.hit_ratio)
        .with("origin_rate", hits.origin_rate)
}

fn lru_ttl_object(input: &LruTtlObjectInput) -> Answer {
    let &LruTtlObjectInput { request_rate, characteristic_time, ttl, renew_on_hit } = input;
    let hits = object_lru_ttl(request_rate, characteristic_time, ttl, renewal(renew_on_hit));
    Answer::exact("exact: equation with delay of the first gap without a request, solved interval by interval")
        .with_some("mean_residence_time", hits.residence_time)
        .with("hit_ratio", hits.hit_ratio)
        .with("origin_rate", hits.origin_rate)
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
