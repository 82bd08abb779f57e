use crate::model::Coalescing;
use crate::review::{CacheDatabase, CacheOverload, CacheReport, HistogramFit, LossEffect};
use capplan_queueing::units::Bytes;

use super::format::{MISSING, count, duration, money, percent, rate, significant};

/// Shares of a database's load above which misses are most of it, or a good part.
const MOST: f64 = 0.5;
const PART: f64 = 0.2;

/// What each cache does for the rest, in sentences: whether it is the cache, what breaks without it, what more is worth.
pub fn cache_lines(caches: &[CacheReport]) -> Vec<String> {
    caches.iter().flat_map(lines).collect()
}

fn lines(cache: &CacheReport) -> Vec<String> {
    let mut lines = vec![headline(cache)];
    if let Some(database) = &cache.database {
        lines.push(verdict(cache, database));
        lines.push(floor(cache, database));
    }
    lines.extend(cold_start(cache));
    lines.extend(node_loss(cache));
    lines.extend(hot(cache));
    lines.extend(memory(cache));
    lines.extend(cache.fit.map(|fit| fit_line(&fit)));
    lines
}

fn headline(cache: &CacheReport) -> String {
    let source = if cache.measured { " (given in the model)" } else { "" };
    let age = cache
        .characteristic_time
        .map_or_else(String::new, |time| format!("; an unused object is evicted after {}", duration(time)));
    let short = cache.memory_wanted.filter(|&wanted| wanted > cache.memory).map_or_else(String::new, |wanted| {
        format!(
            " The model asks for {}, more than the nodes have: add nodes or choose a type with more memory.",
            gib(wanted)
        )
    });
    format!(
        "{}: {} of {} look-ups hit{source} and {} miss, with {} for data{age}.{short}",
        cache.name,
        percent(cache.hit_ratio, 2),
        rate(cache.read_rate),
        rate(cache.miss_rate),
        gib(cache.memory),
    )
}

fn verdict(cache: &CacheReport, database: &CacheDatabase) -> String {
    let load = database.miss_share_of_load();
    let answer = if load >= MOST {
        "Is it the cache? Mostly"
    } else if load >= PART {
        "Is it the cache? In part"
    } else {
        "Is it the cache? Hardly"
    };
    let times = cache.response_time_all_hit.map_or_else(String::new, |all_hit| {
        format!(
            "; misses add {} to the mean response time of {}",
            duration((cache.response_time - all_hit).max(0.0)),
            duration(cache.response_time)
        )
    });
    format!(
        "{answer}: misses are {} of the visits to {name} and {} of its load. Utilization of {name}: {} now, {} if every look-up \
         hit, {} without the cache{times}.",
        percent(database.miss_share, 1),
        percent(load, 1),
        percent(database.utilization, 1),
        percent(database.utilization_all_hit, 1),
        utilization(database.utilization_all_miss),
        name = database.name,
    )
}

fn floor(cache: &CacheReport, database: &CacheDatabase) -> String {
    let hold = match database.objectives_hold_from {
        None => "the response-time objectives do not hold".to_owned(),
        Some(0.0) => "the response-time objectives hold at any hit ratio".to_owned(),
        Some(least) => format!("the response-time objectives hold down to a hit ratio of {}", percent(least, 1)),
    };
    let carries = match database.carries_from {
        None => format!("{} is overloaded at any hit ratio", database.name),
        Some(least) if least <= 0.0 => format!("{} carries the load even if nothing hits", database.name),
        Some(least) => format!("{} is overloaded below {}", database.name, percent(least, 1)),
    };
    let doubling = if cache.hit_ratio < 1.0 && cache.hit_ratio > 0.01 {
        let more = 0.01 / (1.0 - cache.hit_ratio);
        format!(" One percentage point less hit ratio means {} more misses.", percent(more, 1))
    } else {
        String::new()
    };
    format!("At this load and with everything up, {hold}; {carries}.{doubling}")
}

fn cold_start(cache: &CacheReport) -> Option<String> {
    let warm_up = cache.warm_up.as_ref()?;
    let time = warm_up.time_to_90_percent.map_or_else(|| MISSING.to_owned(), duration);
    let fate = match (&cache.database, warm_up.survives, warm_up.shedding) {
        (None, ..) => String::new(),
        (Some(database), true, _) => {
            format!(
                "; {} carries the misses until then (utilization {})",
                database.name,
                utilization(database.utilization_all_miss)
            )
        }
        (Some(database), false, None) => {
            format!("; {} is overloaded by the misses until then", database.name)
        }
        (Some(database), false, Some(shedding)) => format!(
            " if every miss were served, but {} cannot serve them: {} of requests must be shed for {}",
            database.name,
            percent(shedding.shed_share, 1),
            duration(shedding.time_to_full_service)
        ),
    };
    Some(format!("After a cold start, 90 % of the hit ratio is back in {time}{fate}."))
}

fn node_loss(cache: &CacheReport) -> Option<String> {
    let loss = cache.losses.first()?;
    let name = cache.database.as_ref().map(|database| database.name.as_str());
    let effect = |effect: &LossEffect| {
        let times = effect.amplification.map(|times| format!("{} times as many", significant(times)));
        let busy = name
            .zip(effect.database_utilization)
            .map(|(name, utilization)| format!("{name} at {}", self::utilization(utilization)));
        let details: Vec<String> = times.into_iter().chain(busy).collect();
        let details = if details.is_empty() { String::new() } else { format!(" ({})", details.join(", ")) };
        format!("{}{details}", rate(effect.miss_rate))
    };
    Some(format!(
        "If a node is lost, misses jump to {} with consistent hashing, to {} with modulo hashing; here hashing is {}.",
        effect(&loss.consistent),
        effect(&loss.modulo),
        cache.hashing.name()
    ))
}

fn hot(cache: &CacheReport) -> Option<String> {
    let spots = cache.hot_spots?;
    let shard = if cache.shards > 1 {
        let share = percent(spots.busiest_shard_share, 1);
        format!("; the busiest of {} shards gets {share}", count(f64::from(cache.shards)))
    } else {
        String::new()
    };
    let busiest = cache
        .busiest_node_utilization
        .map_or_else(String::new, |share| format!(", its node is at {} utilization", utilization(share)));
    let stampede = cache.stampede.map_or_else(String::new, |expiry| {
        let rates = expiry.rates.map_or_else(String::new, |rates| {
            format!(", {} instead of {}", rate(rates.uncoalesced), rate(rates.coalesced))
        });
        let here = match cache.coalescing {
            Coalescing::Shared => "they do",
            Coalescing::None => "they do not",
        };
        format!(
            " When that key expires, {} reads reach the store before it is cached again, or 1 if concurrent misses share a \
             read{rates} (here {here}).",
            significant(expiry.reads_per_expiry)
        )
    });
    Some(format!(
        "The hottest key gets {} of the look-ups{shard}{busiest}.{stampede}",
        percent(spots.hottest_key_share, 2),
    ))
}

fn memory(cache: &CacheReport) -> Option<String> {
    if cache.measured {
        return Some(
            "A hit ratio alone does not say what more or less memory would do; give `measured_memory` and \
             `measured_hit_ratio` instead of `hit_ratio`."
                .to_owned(),
        );
    }
    let targets: Vec<String> = cache
        .targets
        .iter()
        .map(|target| {
            let memory = target.memory.map_or_else(|| "no memory".to_owned(), gib);
            format!("{memory} for {}", percent(target.hit_ratio, 1))
        })
        .collect();
    let value = cache.one_more_gib.map_or_else(String::new, |value| {
        format!(
            " One more GiB adds {} percentage points of hit ratio, saves {} database instances ({} USD a month) and costs {} USD.",
            significant(100.0 * value.hit_ratio_gain),
            significant(value.instances_saved),
            money(value.usd_saved),
            money(value.usd_spent)
        )
    });
    let targets = if targets.is_empty() {
        String::new()
    } else {
        format!(" Memory for a higher hit ratio: {}.", targets.join(", "))
    };
    (!targets.is_empty() || !value.is_empty()).then(|| format!("{targets}{value}").trim_start().to_owned())
}

fn fit_line(fit: &HistogramFit) -> String {
    /// Distance beyond which a histogram is no Zipf law.
    const FAR: f64 = 0.05;
    let verdict = if fit.ks_distance <= FAR { "is" } else { "is not" };
    format!(
        "Popularity comes from the histogram. The closest Zipf law has exponent {}; with a Kolmogorov-Smirnov distance of {} the \
         histogram {verdict} Zipf.",
        significant(fit.exponent),
        significant(fit.ks_distance)
    )
}

/// What a cache can do for a tier that is overloaded.
pub fn overload_line(overload: &CacheOverload) -> String {
    let (cache, database) = (&overload.cache, &overload.database);
    let now = percent(overload.hit_ratio, 1);
    overload.carries_from.map_or_else(
        || {
            format!(
                "Is it the cache? No: {cache} hits {now}, and even if every look-up hit, {database} would be overloaded."
            )
        },
        |least| {
            format!(
                "Is it the cache? {cache} hits {now}; {database} carries the load from a hit ratio of {}.",
                percent(least, 1)
            )
        },
    )
}

fn utilization(share: f64) -> String {
    if share >= 1.0 { format!("{} (overload)", percent(share, 0)) } else { percent(share, 1) }
}

fn gib(bytes: f64) -> String {
    format!("{} GiB", significant(bytes / Bytes::GIB))
}
