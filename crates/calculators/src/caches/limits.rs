use capplan_queueing::cache::{Popularity, calibrate, hit_bounds, shard_imbalance, stampede};
use capplan_queueing::units::{ArrivalRate, Probability, Seconds, Servers};

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};

inputs! {
    struct BoundsInput {
        popularity: Popularity,
        /// objects that fit, at least 0
        capacity_objects: f64,
    }
}

pub(crate) const CACHE_BOUNDS: Calculator = Calculator {
    name: "cache_bounds",
    summary: "between what the hit ratio of policies better than LRU lies, such as W-TinyLFU and S3-FIFO",
    inputs: BoundsInput::INPUTS,
    formula: &[
        "LRU: Σ (1 − e^(−p_i·T)) = {capacity_objects},  h = Σ p_i·(1 − e^(−p_i·T)) = {lower_bound_lru}",
        "best: the {capacity_objects} most popular, h = Σ p_i = {upper_bound_static_optimum}",
        "policies that count: about LRU + 0.8·(best − LRU) = {frequency_aware_estimate}",
    ],
    reference: "Che et al. 2002; Breslau et al. 1999",
    answer: |question| question.answer(cache_bounds),
};

inputs! {
    struct CalibrateInput {
        /// number of objects, between 1 and 10^12
        objects: u64,
        /// objects that fit while measuring, below all
        measured_capacity: f64,
        /// hit ratio measured, between 0 and 1
        measured_hit_ratio: Probability,
        /// objects that would fit instead, at least 0
        new_capacity: Option<f64>,
    }
}

pub(crate) const CACHE_CALIBRATE: Calculator = Calculator {
    name: "cache_calibrate",
    summary: "Zipf exponent that explains a measured hit ratio of LRU, and the hit ratio of another size",
    inputs: CalibrateInput::INPUTS,
    formula: &[
        "h_LRU({measured_capacity}; N = {objects}, α) = {measured_hit_ratio}:  α = {alpha}",
        "h_LRU({new_capacity}; N = {objects}, α = {alpha}) = {predicted_hit_ratio}",
    ],
    reference: "Che et al. 2002",
    answer: |question| question.answer(cache_calibrate),
};

inputs! {
    struct ImbalanceInput {
        /// how often each key is asked for
        popularity: Popularity,
        /// number of shards, at least 1
        shards: Servers,
    }
}

pub(crate) const SHARD_IMBALANCE: Calculator = Calculator {
    name: "shard_imbalance",
    summary: "how unevenly the requests of a popularity fall on shards",
    inputs: ImbalanceInput::INPUTS,
    formula: &[
        "mean = 1/n = 1/{shards} = {share_mean}",
        "sd = √(Σ p_i²·(1/n)·(1 − 1/n)) = {share_sd},  cv = sd/mean = {cv}",
        "hottest key p_1 = {hottest_key_share}",
        "busiest shard about max(p_1 + (1 − p_1)/n, mean + sd·Φ⁻¹((n − 0.375)/(n + 0.25))) = {busiest_shard_share}",
    ],
    reference: "Karger et al. 1997; Blom 1958",
    answer: |question| question.answer(imbalance),
};

inputs! {
    struct StampedeInput {
        /// reads of the key per second, above 0
        key_read_rate: ArrivalRate,
        /// seconds to load the key, at least 0
        load_time: Seconds,
        /// time to live in seconds from the end of the load, at least 0
        ttl: Seconds,
    }
}

pub(crate) const STAMPEDE: Calculator = Calculator {
    name: "stampede",
    summary: "reads of the store each time a popular key expires, with and without coalescing",
    inputs: StampedeInput::INPUTS,
    formula: &[
        "reads = 1 + λ·D = 1 + {key_read_rate}·{load_time} = {db_reads_per_expiry}",
        "cycle = τ + D + 1/λ = {ttl} + {load_time} + 1/{key_read_rate} = {cycle_time} s",
        "reads/cycle = {db_rate_uncoalesced} per second,  1/cycle = {db_rate_coalesced} per second if misses share a load",
    ],
    reference: "Vattani et al. 2015",
    answer: |question| question.answer(key_stampede),
};

fn cache_bounds(input: &BoundsInput) -> Result<Answer, CalcError> {
    let bounds = hit_bounds(&input.popularity, input.capacity_objects)?;
    let method = "approximate: LRU by Che's characteristic time; the optimum is exact, the estimate was measured";
    Ok(Answer::approximate(method)
        .with("lower_bound_lru", bounds.lru)
        .with("upper_bound_static_optimum", bounds.static_optimum)
        .with("frequency_aware_estimate", bounds.frequency_aware_estimate))
}

fn cache_calibrate(input: &CalibrateInput) -> Result<Answer, CalcError> {
    let law = calibrate(input.objects, input.measured_capacity, input.measured_hit_ratio)?;
    let predicted = input.new_capacity.map(|capacity| law.hits_at(capacity)).transpose()?;
    let method = "approximate: Zipf law fitted to one point; misses of 2 to 4 times the memory mostly within 11 %";
    Ok(Answer::approximate(method)
        .with("alpha", law.exponent)
        .with_some("predicted_hit_ratio", predicted.map(|hits| hits.hit_ratio)))
}

fn imbalance(input: &ImbalanceInput) -> Answer {
    let method = "exact: mean and deviation for a uniform hash; the busiest shard is an estimate, up to 4 % low";
    Answer::exact(method).record(&shard_imbalance(&input.popularity, input.shards))
}

fn key_stampede(input: &StampedeInput) -> Result<Answer, CalcError> {
    let reads = stampede(input.key_read_rate, input.load_time, input.ttl)?;
    Ok(Answer::exact("exact: Poisson reads, load of fixed length")
        .with("db_reads_per_expiry", reads.reads_per_expiry)
        .with("peak_concurrent_db_reads", reads.peak_concurrent_reads)
        .with("cycle_time", reads.cycle_time)
        .with("db_rate_uncoalesced", reads.uncoalesced_rate)
        .with("db_rate_coalesced", reads.coalesced_rate))
}
