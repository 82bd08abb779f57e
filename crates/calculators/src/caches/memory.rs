use capplan_queueing::cache::{Entry, Memory, Popularity, hit_ratio_curve, least_capacity};
use capplan_queueing::units::{ArrivalRate, Probability, Servers};

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};

inputs! {
    struct MemoryInput {
        popularity: Popularity,
        /// memory of a node in bytes, at least 0
        node_memory_bytes: f64,
        /// mean size of a value in bytes, at least 0
        value_bytes: f64,
        /// mean size of a key in bytes, at least 0
        key_bytes: f64 = 40,
        /// bytes that the store adds to an object, at least 0; 90 is Redis with expiry
        overhead_bytes: f64 = 90,
        /// nodes that share the keys, at least 1
        nodes: Servers = 1,
        /// bytes of a node that no object can use, at least 0
        node_overhead_bytes: f64 = 0,
        /// share of the rest for objects, at most 1
        usable_share: f64 = 0.75,
        /// bytes taken for a byte used, at least 1
        fragmentation: f64 = 1.1,
        /// requests per second, for miss rates
        request_rate: Option<ArrivalRate>,
        /// hit ratio that is wanted, between 0 and 1
        target_hit_ratio: Option<Probability>,
    }
}

pub(crate) const CACHE_MEMORY: Calculator = Calculator {
    name: "cache_memory",
    summary: "objects that fit into the memory of cache nodes, the hit ratio, what more memory is worth and what a target needs",
    inputs: MemoryInput::INPUTS,
    formula: &[
        "object = {key_bytes} + {value_bytes} + {overhead_bytes} = {object_bytes} bytes",
        "usable = ({node_memory_bytes} − {node_overhead_bytes})·{usable_share}/{fragmentation} = \
         {usable_bytes_per_node} bytes of a node",
        "objects = {nodes}·⌊usable/object⌋ = {capacity_objects}",
        "LRU: Σ (1 − e^(−p_i·T)) = {capacity_objects},  h = Σ p_i·(1 − e^(−p_i·T)) = {hit_ratio}",
        "dh/dC = Σ p_i²·e^(−p_i·T)/Σ p_i·e^(−p_i·T):  {hit_ratio_per_gib} for the next usable GiB",
        "misses = {miss_rate} per second,  {miss_rate_saved_per_gib} fewer for the next usable GiB",
        "h = {target_hit_ratio} needs {target_objects} objects,  {target_nodes} nodes",
    ],
    reference: "Che et al. 2002; Fricker et al. 2012",
    answer: |question| question.answer(cache_memory),
};

/// Bytes in a GiB.
const GIB: f64 = 1_073_741_824.0;

fn cache_memory(input: &MemoryInput) -> Result<Answer, CalcError> {
    let (objects, rate) = (&input.popularity, input.request_rate.map(ArrivalRate::get));
    let entry =
        Entry { key_bytes: input.key_bytes, value_bytes: input.value_bytes, overhead_bytes: input.overhead_bytes };
    let memory = Memory {
        nodes: input.nodes.get() as f64,
        node_bytes: input.node_memory_bytes,
        node_overhead_bytes: input.node_overhead_bytes,
        usable_share: input.usable_share,
        fragmentation: input.fragmentation,
    };
    let (capacity, object_bytes) = (memory.objects(&entry)?, entry.bytes()?);
    let curve = hit_ratio_curve(objects, &[capacity])?;
    let Some(point) = curve.first() else {
        return Err(CalcError::invalid("`node_memory_bytes` gives no capacity"));
    };
    let per_gib = point.marginal_hit_ratio * GIB / object_bytes;
    let target_objects = input.target_hit_ratio.map(|target| least_capacity(objects, target)).transpose()?;
    let target_nodes = target_objects.map(|objects| memory.nodes_for(objects, &entry)).transpose()?;
    Ok(Answer::approximate("approximate: Che's characteristic time, within 0.01 % of simulation from 50 objects on")
        .with("object_bytes", object_bytes)
        .with("usable_bytes_per_node", memory.usable_bytes_per_node()?)
        .with("capacity_objects", capacity)
        .with("hit_ratio", point.hit_ratio)
        .with("miss_ratio", point.miss_ratio)
        .with("hit_ratio_per_gib", per_gib)
        .with_some("miss_rate", rate.map(|rate| rate * point.miss_ratio))
        .with_some("miss_rate_saved_per_gib", rate.map(|rate| rate * per_gib))
        .with_some("target_objects", target_objects)
        .with_some("target_usable_bytes", target_objects.map(|objects| objects * object_bytes))
        .with_some("target_nodes", target_nodes))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::run;

    #[test]
    fn memory_below_one_object_is_refused() {
        let law = json!({"type": "zipf", "n": 1000, "alpha": 0.9});
        let input = json!({"popularity": law, "node_memory_bytes": 1000, "value_bytes": 2000});
        assert_eq!(
            run("cache_memory", &input).expect_err("refused").message,
            "usable memory of 681.8181818181818 bytes a node holds no object of 2130 bytes; give larger nodes or smaller \
             objects"
        );
    }
}
