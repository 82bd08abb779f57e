use serde::{Deserialize, Serialize};
use serde_json::Value;

use capplan_queueing::cache::{calibrate, hit_bounds, shard_imbalance, stampede};
use capplan_queueing::units::{ArrivalRate, Probability, Seconds, Servers};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::named;
use super::popularity::popularity;

pub(super) const CACHE_BOUNDS: Calculator = Calculator {
    name: "cache_bounds",
    summary: "between what the hit ratio of policies better than LRU lies, such as W-TinyLFU and S3-FIFO",
    inputs: &[
        Input::required("popularity", InputKind::Popularity, "how often each object is asked for"),
        Input::required("capacity_objects", InputKind::Number, "objects that fit, at least 0"),
    ],
    formula: &[
        "LRU: Σ (1 − e^(−p_i·T)) = {capacity_objects},  h = Σ p_i·(1 − e^(−p_i·T)) = {lower_bound_lru}",
        "best: the {capacity_objects} most popular, h = Σ p_i = {upper_bound_static_optimum}",
        "policies that count: about LRU + 0.8·(best − LRU) = {frequency_aware_estimate}",
    ],
    reference: "Che et al. 2002; Breslau et al. 1999",
    answer: |input| typed(input, cache_bounds),
};

pub(super) const CACHE_CALIBRATE: Calculator = Calculator {
    name: "cache_calibrate",
    summary: "Zipf exponent that explains a measured hit ratio of LRU, and the hit ratio of another size",
    inputs: &[
        Input::required("objects", InputKind::Count, "number of objects, between 1 and 10^12"),
        Input::required("measured_capacity", InputKind::Number, "objects that fit while measuring, below all"),
        Input::required("measured_hit_ratio", InputKind::Number, "hit ratio measured, between 0 and 1"),
        Input::optional("new_capacity", InputKind::Number, "objects that would fit instead, at least 0"),
    ],
    formula: &[
        "h_LRU({measured_capacity}; N = {objects}, α) = {measured_hit_ratio}:  α = {alpha}",
        "h_LRU({new_capacity}; N = {objects}, α = {alpha}) = {predicted_hit_ratio}",
    ],
    reference: "Che et al. 2002",
    answer: |input| typed(input, cache_calibrate),
};

pub(super) const SHARD_IMBALANCE: Calculator = Calculator {
    name: "shard_imbalance",
    summary: "how unevenly the requests of a popularity fall on shards",
    inputs: &[
        Input::required("popularity", InputKind::Popularity, "how often each key is asked for"),
        Input::required("shards", InputKind::Count, "number of shards, at least 1"),
    ],
    formula: &[
        "mean = 1/n = 1/{shards} = {share_mean}",
        "sd = √(Σ p_i²·(1/n)·(1 − 1/n)) = {share_sd},  cv = sd/mean = {cv}",
        "hottest key p_1 = {hottest_key_share}",
        "busiest shard about max(p_1 + (1 − p_1)/n, mean + sd·Φ⁻¹((n − 0.375)/(n + 0.25))) = {busiest_shard_share}",
    ],
    reference: "Karger et al. 1997; Blom 1958",
    answer: |input| typed(input, imbalance),
};

pub(super) const STAMPEDE: Calculator = Calculator {
    name: "stampede",
    summary: "reads of the store each time a popular key expires, with and without coalescing",
    inputs: &[
        Input::required("key_read_rate", InputKind::Number, "reads of the key per second, above 0"),
        Input::required("load_time", InputKind::Number, "seconds to load the key, at least 0"),
        Input::required("ttl", InputKind::Number, "time to live in seconds from the end of the load, at least 0"),
    ],
    formula: &[
        "reads = 1 + λ·D = 1 + {key_read_rate}·{load_time} = {db_reads_per_expiry}",
        "cycle = τ + D + 1/λ = {ttl} + {load_time} + 1/{key_read_rate} = {cycle_time} s",
        "reads/cycle = {db_rate_uncoalesced} per second,  1/cycle = {db_rate_coalesced} per second if misses share a load",
    ],
    reference: "Vattani et al. 2015",
    answer: |input| typed(input, key_stampede),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BoundsInput {
    popularity: Value,
    capacity_objects: f64,
}

#[derive(Serialize)]
struct BoundsAnswer {
    lower_bound_lru: f64,
    upper_bound_static_optimum: f64,
    frequency_aware_estimate: f64,
    method: &'static str,
    exact: bool,
}

fn cache_bounds(input: &BoundsInput) -> Result<BoundsAnswer, CalcError> {
    let bounds = hit_bounds(&popularity("popularity", &input.popularity)?, input.capacity_objects)?;
    Ok(BoundsAnswer {
        lower_bound_lru: bounds.lru,
        upper_bound_static_optimum: bounds.static_optimum,
        frequency_aware_estimate: bounds.frequency_aware_estimate,
        method: "approximate: LRU by Che's characteristic time; the optimum is exact, the estimate was measured",
        exact: false,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalibrateInput {
    objects: u64,
    measured_capacity: f64,
    measured_hit_ratio: f64,
    new_capacity: Option<f64>,
}

#[derive(Serialize)]
struct CalibrateAnswer {
    alpha: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    predicted_hit_ratio: Option<f64>,
    method: &'static str,
    exact: bool,
}

fn cache_calibrate(input: &CalibrateInput) -> Result<CalibrateAnswer, CalcError> {
    let measured = named("measured_hit_ratio", Probability::new(input.measured_hit_ratio))?;
    let law = calibrate(input.objects, input.measured_capacity, measured)?;
    let predicted = input.new_capacity.map(|capacity| law.hits_at(capacity)).transpose()?;
    Ok(CalibrateAnswer {
        alpha: law.exponent,
        predicted_hit_ratio: predicted.map(|hits| hits.hit_ratio),
        method: "approximate: Zipf law fitted to one point; misses of 2 to 4 times the memory mostly within 11 %",
        exact: false,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImbalanceInput {
    popularity: Value,
    shards: u64,
}

#[derive(Serialize)]
struct ImbalanceAnswer {
    share_mean: f64,
    share_sd: f64,
    cv: f64,
    hottest_key_share: f64,
    busiest_shard_share: f64,
    method: &'static str,
    exact: bool,
}

fn imbalance(input: &ImbalanceInput) -> Result<ImbalanceAnswer, CalcError> {
    let shards = named("shards", Servers::new(input.shards))?;
    let shares = shard_imbalance(&popularity("popularity", &input.popularity)?, shards);
    Ok(ImbalanceAnswer {
        share_mean: shares.share_mean,
        share_sd: shares.share_sd,
        cv: shares.cv,
        hottest_key_share: shares.hottest_key_share,
        busiest_shard_share: shares.busiest_shard_share,
        method: "exact: mean and deviation for a uniform hash; the busiest shard is an estimate, up to 4 % low",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StampedeInput {
    key_read_rate: f64,
    load_time: f64,
    ttl: f64,
}

#[derive(Serialize)]
struct StampedeAnswer {
    db_reads_per_expiry: f64,
    peak_concurrent_db_reads: f64,
    cycle_time: f64,
    db_rate_uncoalesced: f64,
    db_rate_coalesced: f64,
    method: &'static str,
    exact: bool,
}

fn key_stampede(input: &StampedeInput) -> Result<StampedeAnswer, CalcError> {
    let reads = stampede(
        named("key_read_rate", ArrivalRate::new(input.key_read_rate))?,
        named("load_time", Seconds::new(input.load_time))?,
        named("ttl", Seconds::new(input.ttl))?,
    )?;
    Ok(StampedeAnswer {
        db_reads_per_expiry: reads.reads_per_expiry,
        peak_concurrent_db_reads: reads.peak_concurrent_reads,
        cycle_time: reads.cycle_time,
        db_rate_uncoalesced: reads.uncoalesced_rate,
        db_rate_coalesced: reads.coalesced_rate,
        method: "exact: Poisson reads, load of fixed length",
        exact: true,
    })
}
